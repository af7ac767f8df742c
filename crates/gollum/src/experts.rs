//! Whether experts' weights stay in their file, and how many of them memory holds.

use gollum_models::ModelDescription;

use crate::quantities::show_bytes;

/// Part of the free memory that weights take at most before experts stay in their file. The rest is for K and V, buffers,
/// and the file's own pages.
const WEIGHT_SHARE: f64 = 0.75;

/// What stays in the file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MappedExperts {
    /// Part of each layer's experts that memory holds.
    pub share: f64,
    /// Bytes of those, and of all.
    pub kept: u64,
    /// See `kept`.
    pub all: u64,
}

impl MappedExperts {
    /// `None` if all experts are to be loaded: they fit, there are none, or `wish` is as large as they are. `free` is the
    /// free memory before anything is loaded.
    pub fn plan(d: &ModelDescription, wish: Option<u64>, free: u64) -> Option<Self> {
        let experts = d.hyper.experts.as_ref()?;
        let used = experts.used.iter().copied().max().unwrap_or(1);
        let least = used as f64 / experts.count as f64;
        Self::of((d.tensor_bytes - d.expert_bytes, d.expert_bytes), least, wish, free)
    }

    fn of((dense, all): (u64, u64), least: f64, wish: Option<u64>, free: u64) -> Option<Self> {
        let room = (free as f64 * WEIGHT_SHARE) as u64;
        let kept = wish.unwrap_or_else(|| room.saturating_sub(dense));
        if kept >= all {
            return None;
        }
        // Fewer than a token chooses would be packed anew for each.
        let share = (kept as f64 / all as f64).max(least).min(1.0);
        Some(Self { share, kept: (all as f64 * share) as u64, all })
    }

    /// For people.
    pub fn shown(&self) -> String {
        format!(
            "memory holds {} of {} of experts, the others are read from the file when they are chosen, which is slow",
            show_bytes(self.kept),
            show_bytes(self.all)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    #[test]
    fn experts_stay_in_their_file_if_memory_is_short_or_if_asked_to() {
        let of = |wish, free| MappedExperts::of((2 * GIB, 16 * GIB), 0.125, wish, free);
        assert_eq!(of(None, 24 * GIB), None, "18 of 24 GiB");
        let kept = of(None, 16 * GIB).expect("18 GiB do not fit 16");
        assert_eq!((kept.kept, kept.share), (10 * GIB, 0.625));
        assert_eq!(of(None, GIB).expect("far too little").kept, 2 * GIB, "what a token chooses");
        assert_eq!(of(Some(4 * GIB), 64 * GIB).expect("asked for").share, 0.25);
        assert_eq!(of(Some(16 * GIB), GIB), None, "all were asked for");
    }
}
