//! Attention over whole inputs: every row of an input is in the step, so K and V need no pages.

use crate::VectorId;

/// Which keys of its input a query sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// All of them, those behind it too.
    All,
    /// Those at most this far away, before it or behind it.
    Within(usize),
}

impl Reach {
    /// The first and the last position that a query at `position` sees, in an input of `len` positions.
    pub fn range(self, position: usize, len: usize) -> (usize, usize) {
        match self {
            Self::All => (0, len - 1),
            Self::Within(n) => (position.saturating_sub(n), position.saturating_add(n).min(len - 1)),
        }
    }
}

/// Attention of one layer over whole inputs. See [`KernelOps::attend_whole`](crate::KernelOps::attend_whole).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttendWhole {
    /// Query heads; a multiple of `kv_heads`.
    pub heads: usize,
    /// KV heads.
    pub kv_heads: usize,
    /// Width of a head.
    pub head_dim: usize,
    /// Multiplies q . k.
    pub scale: f32,
    /// Which keys a query sees.
    pub reach: Reach,
    /// `s = cap * tanh(s / cap)` on scores.
    pub soft_cap: Option<f32>,
    /// ALiBi, after the cap: `s = fma(slope, -|query position - key position|, s)`; `[heads]`.
    pub slopes: Option<VectorId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reach_ends_with_the_input() {
        assert_eq!(Reach::All.range(3, 9), (0, 8));
        assert_eq!(Reach::Within(2).range(3, 9), (1, 5));
        assert_eq!(Reach::Within(2).range(0, 2), (0, 1));
        assert_eq!(Reach::Within(0).range(4, 9), (4, 4));
        assert_eq!(Reach::Within(usize::MAX).range(4, 9), (0, 8));
    }
}
