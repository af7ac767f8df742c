//! Several residual streams side by side in a row, `[rows, streams * width]`: AltUp.

use crate::{BufId, VectorId};

/// Streams that a mix reads or makes at most; kernels hold one vector of each in registers. Models have 4.
pub const MAX_STREAMS: usize = 8;
/// Least mean of squares that [`match_magnitude`](crate::KernelOps::match_magnitude) divides by the root of.
pub const MAGNITUDE_FLOOR: f32 = 1e-5;

/// `out[r][i] = (base[r][i] + sum over j of c[i][j] * terms[r][j]) * weight`, element by element of streams i and j.
///
/// Sums begin with the base, or without one with the product of the first term, and go on in FMAs in ascending j. How many
/// streams there are, the widths of `out` and `terms` say; [`MAX_STREAMS`] at most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MixStreams {
    /// Elements of a stream.
    pub width: usize,
    /// As wide as `out`.
    pub base: Option<BufId>,
    /// What is mixed.
    pub terms: BufId,
    /// c.
    pub coefficients: Coefficients,
    /// `[width]`; `None` is all ones.
    pub weight: Option<VectorId>,
    /// Destination; it may be the base, and not the terms.
    pub out: BufId,
}

/// The coefficients of a mix: for each stream of the result one for each term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coefficients {
    /// Each row's own, `[rows, streams * terms]`.
    OfRows(BufId),
    /// The same for all rows, `[streams * terms]`.
    Same(VectorId),
}
