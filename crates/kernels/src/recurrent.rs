//! Recurrences: what a layer remembers of its sequence is a state of fixed size, not a row per token.
//!
//! ```text
//! state of a sequence   [ conv of layer 0 | memory of layer 0 | conv of layer 1 | ... ]     f32, the parts of `StateSpec`
//! ```
//! An operation names where its part begins; how values lie inside is the backend's, and so is where parts lie. Every row
//! is applied on its own, in order, with the arithmetic of one step. So the state after a row depends on the sequence's
//! tokens up to it, and on nothing else: not on how a prompt was cut, nor on which snapshots were taken or loaded.

use crate::{BufId, VectorId};

/// Vectors' lanes: memories are padded to whole ones.
const LANES: usize = crate::math::LANES;
/// Taps of a convolution at most: 2 to this many.
pub const MAX_TAPS: usize = 4;

/// The state of one sequence: the parts of its operations, one behind the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StateSpec {
    /// f32 values of each part.
    pub parts: Vec<usize>,
}

impl StateSpec {
    /// Adds a part of `len` values; returns where it begins.
    pub fn push(&mut self, len: usize) -> usize {
        let start = self.floats();
        self.parts.push(len);
        start
    }

    /// f32 values of all parts.
    pub fn floats(&self) -> usize {
        self.parts.iter().sum()
    }

    /// Its bytes.
    pub fn bytes(&self) -> usize {
        self.floats() * size_of::<f32>()
    }
}

/// A causal convolution of each channel alone: `out[t][c] = act(bias[c] + sum over j of weight[j][c] * x[t - taps + 1 +
/// j][c])`, FMAs in ascending `j`, starting from the bias or 0; inputs before the sequence are 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CausalConv {
    /// Where its state begins: the last `taps - 1` inputs.
    pub state: usize,
    /// Channels.
    pub channels: usize,
    /// Inputs that an output sees: `2..=MAX_TAPS`.
    pub taps: usize,
    /// `[taps, channels]`.
    pub weight: VectorId,
    /// `[channels]`.
    pub bias: Option<VectorId>,
    /// SiLU of the result.
    pub silu: bool,
    /// `[rows, channels]`.
    pub x: BufId,
    /// `[rows, channels]`; not `x`.
    pub out: BufId,
}

impl CausalConv {
    /// Values of its state.
    pub fn state_len(channels: usize, taps: usize) -> usize {
        (taps - 1) * channels.next_multiple_of(LANES)
    }
}

/// Values of a memory of `heads` matrices of `rows` by `cols`.
pub fn memory_len(heads: usize, rows: usize, cols: usize) -> usize {
    heads * rows * cols.next_multiple_of(LANES)
}

/// The gated delta rule. Per value head, with a memory S of `[d_k, d_v]`:
/// ```text
/// S *= exp(rate * softplus(decay + dt_bias))
/// S += k (sigmoid(write) * (v - S^T k))^T
/// out = S^T q
/// ```
/// Sums over `d_k` have [`SUM_PARTS`](crate::reference::recurrent::SUM_PARTS) parts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeltaNet {
    /// Where its memory begins.
    pub state: usize,
    /// Heads of q and k; divides `heads`.
    pub k_heads: usize,
    /// Heads of v.
    pub heads: usize,
    /// Width of a head of q and k.
    pub d_k: usize,
    /// Width of a head of v.
    pub d_v: usize,
    /// Value head `h` reads key head `h % k_heads`; else `h / (heads / k_heads)`.
    pub is_tiled: bool,
    /// `[rows, k_heads * d_k]`, normed and scaled.
    pub q: BufId,
    /// `[rows, k_heads * d_k]`, normed.
    pub k: BufId,
    /// `[rows, heads * d_v]`.
    pub v: BufId,
    /// `[rows, heads]`.
    pub decay: BufId,
    /// `[rows, heads]`.
    pub write: BufId,
    /// `[heads]`, below 0.
    pub rate: VectorId,
    /// `[heads]`.
    pub dt_bias: VectorId,
    /// `[rows, heads * d_v]`.
    pub out: BufId,
}

impl DeltaNet {
    /// The key head of a value head.
    pub fn k_head(&self, head: usize) -> usize {
        if self.is_tiled { head % self.k_heads } else { head / (self.heads / self.k_heads) }
    }
}

/// Mamba-2. Per head, with a memory S of `[n, head_dim]` and `dt' = softplus(dt + dt_bias)`:
/// ```text
/// S[i] = exp(dt' * rate) * S[i] + b[i] * (dt' * x)
/// out = sum over i of c[i] * S[i], + skip * x
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeadScan {
    /// Where its memory begins.
    pub state: usize,
    /// Heads.
    pub heads: usize,
    /// Width of a head.
    pub head_dim: usize,
    /// Groups of heads that share b and c; divides `heads`.
    pub groups: usize,
    /// Rows of a memory.
    pub n: usize,
    /// `[rows, heads * head_dim]`.
    pub x: BufId,
    /// `[rows, groups * n]`.
    pub b: BufId,
    /// `[rows, groups * n]`.
    pub c: BufId,
    /// `[rows, heads]`.
    pub dt: BufId,
    /// `[heads]`.
    pub dt_bias: VectorId,
    /// `[heads]`, below 0.
    pub rate: VectorId,
    /// `[heads]`.
    pub skip: VectorId,
    /// `[rows, heads * head_dim]`; not `x`.
    pub out: BufId,
}

/// Mamba-1: as [`HeadScan`], but every channel is a head of its own, with a rate for each of the `n` rows of its memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChannelScan {
    /// Where its memory begins.
    pub state: usize,
    /// Channels.
    pub channels: usize,
    /// Rows of the memory.
    pub n: usize,
    /// `[rows, channels]`.
    pub x: BufId,
    /// `[rows, n]`.
    pub b: BufId,
    /// `[rows, n]`.
    pub c: BufId,
    /// `[rows, channels]`, with its bias.
    pub dt: BufId,
    /// `[n, channels]`, below 0.
    pub rate: VectorId,
    /// `[channels]`.
    pub skip: VectorId,
    /// `[rows, channels]`; not `x`.
    pub out: BufId,
}
