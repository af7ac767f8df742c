//! Activations as int8: 32 values share one f32 scale, with their sums beside them.
//!
//! ```text
//! q      i8  [rows][width]           q[i] = round_ties_even(x[i] * (127 / amax))
//! scale  f32 [rows][width / 32]      amax / 127
//! sums   i16 [rows][width / 16]      sum of 16 q's; two per scale
//! ```
//! `amax` is the largest `|x|`, compared as bit patterns (`x & 0x7fff_ffff`), so that NaN counts as largest.
//! A block that holds a NaN or an infinity gets `scale = NaN` and `q = 0`: the poison reaches exactly the
//! rows that depend on it. `amax` so small that `127 / amax` overflows (below 3.7e-37): scale 0, q 0.

use crate::K_BLOCK;

/// Weights covered by one entry of `sums`.
pub const SUM_BLOCK: usize = 16;

/// One quantised activation row, borrowed.
#[derive(Clone, Copy, Debug)]
pub struct Q8Row<'a> {
    /// `[width]`.
    pub q: &'a [i8],
    /// `[width / 32]`.
    pub scale: &'a [f32],
    /// `[width / 16]`.
    pub sums: &'a [i16],
}

/// The 32 activations that meet one K-block of weights.
#[derive(Clone, Copy, Debug)]
pub struct Q8Block<'a> {
    /// The values.
    pub q: &'a [i8; K_BLOCK],
    /// Their scale, `d_a`.
    pub scale: f32,
    /// Sums of the first and the last 16 values.
    pub sums: [i32; 2],
}

impl Q8Block<'_> {
    /// The sum of all 32 values.
    pub fn sum(&self) -> i32 {
        self.sums[0] + self.sums[1]
    }
}

impl<'a> Q8Row<'a> {
    /// K-block `k` of the row, which must have one.
    pub fn block(&self, k: usize) -> Q8Block<'a> {
        Q8Block {
            q: self.q[k * K_BLOCK..][..K_BLOCK].try_into().expect("32 values were sliced"),
            scale: self.scale[k],
            sums: [i32::from(self.sums[2 * k]), i32::from(self.sums[2 * k + 1])],
        }
    }
}

/// Quantised activation rows, owned: the reference's and the tests' container.
#[derive(Clone, Debug, Default)]
pub struct Q8Rows {
    width: usize,
    q: Vec<i8>,
    scale: Vec<f32>,
    sums: Vec<i16>,
}

impl Q8Rows {
    /// Quantises `[rows * width]` values; `width` must be a multiple of 32.
    pub fn quantise(x: &[f32], width: usize) -> Self {
        assert!(
            width.is_multiple_of(K_BLOCK) && x.len().is_multiple_of(width),
            "{} values, width {width}",
            x.len()
        );
        let mut rows = Self {
            width,
            q: vec![0; x.len()],
            scale: vec![0.0; x.len() / K_BLOCK],
            sums: vec![0; x.len() / SUM_BLOCK],
        };
        for (b, block) in x.as_chunks::<K_BLOCK>().0.iter().enumerate() {
            let q: &mut [i8; K_BLOCK] =
                (&mut rows.q[b * K_BLOCK..(b + 1) * K_BLOCK]).try_into().expect("32 values");
            rows.scale[b] = quantise_block(block, q);
            for half in 0..2 {
                rows.sums[2 * b + half] =
                    q[half * SUM_BLOCK..][..SUM_BLOCK].iter().map(|&v| i16::from(v)).sum();
            }
        }
        rows
    }

    /// One row.
    pub fn row(&self, row: usize) -> Q8Row<'_> {
        let (w, b, s) = (self.width, self.width / K_BLOCK, self.width / SUM_BLOCK);
        Q8Row {
            q: &self.q[row * w..(row + 1) * w],
            scale: &self.scale[row * b..(row + 1) * b],
            sums: &self.sums[row * s..(row + 1) * s],
        }
    }
}

/// Quantises one block and returns its scale. This is the definition; see the module text.
pub fn quantise_block(x: &[f32; K_BLOCK], q: &mut [i8; K_BLOCK]) -> f32 {
    let amax_bits = x.iter().map(|v| v.to_bits() & 0x7fff_ffff).max().expect("32 values");
    let amax = f32::from_bits(amax_bits);
    if !amax.is_finite() {
        q.fill(0);
        return f32::NAN;
    }
    // Divided once: a multiply per value, as every SIMD kernel does. Below 127 / f32::MAX, some 3.7e-37,
    // this is infinite, and machines differ in the integer that infinity becomes: so amax counts as zero.
    let inverse = 127.0 / amax;
    if !inverse.is_finite() {
        q.fill(0);
        return 0.0;
    }
    for (q, &x) in q.iter_mut().zip(x) {
        *q = (x * inverse).round_ties_even() as i8;
    }
    amax / 127.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(x: [f32; K_BLOCK], scale: f32, first: i8) {
        let mut q = [99; K_BLOCK];
        let got = quantise_block(&x, &mut q);
        assert!(
            got.to_bits() == scale.to_bits() || (got.is_nan() && scale.is_nan()),
            "{got} against {scale}"
        );
        assert_eq!(q[0], first);
    }

    #[test]
    fn the_largest_value_becomes_127() {
        let mut x = [0.0; K_BLOCK];
        x[0] = -2.0;
        check(x, 2.0 / 127.0, -127);
    }

    #[test]
    fn zeros_stay_zero() {
        check([0.0; K_BLOCK], 0.0, 0);
        check([f32::from_bits(1); K_BLOCK], 0.0, 0);
    }

    #[test]
    fn values_too_small_to_scale_count_as_zero() {
        check([f32::MIN_POSITIVE; K_BLOCK], 0.0, 0);
        check([3.7e-37; K_BLOCK], 0.0, 0);
        check([3.8e-37; K_BLOCK], 3.8e-37 / 127.0, 127);
    }

    #[test]
    fn nan_and_infinity_poison_the_scale() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut x = [1.0; K_BLOCK];
            x[31] = bad;
            check(x, f32::NAN, 0);
        }
    }

    #[test]
    fn halves_go_to_the_even_neighbour() {
        let mut x = [0.0; K_BLOCK];
        x[..5].copy_from_slice(&[127.0, 0.5, 1.5, -2.5, -3.5]);
        let mut q = [99; K_BLOCK];
        assert_eq!(quantise_block(&x, &mut q), 1.0);
        assert_eq!(q[..5], [127, 0, 2, -2, -4]);
    }

    #[test]
    fn sums_count_sixteen_each() {
        let x: Vec<f32> = (0..64).map(|i| if i < 16 { 1.0 } else { -1.0 }).collect();
        let rows = Q8Rows::quantise(&x, 64);
        assert_eq!(rows.row(0).sums, [127 * 16, -127 * 16, -127 * 16, -127 * 16]);
    }
}
