//! Streams side by side, and gates cut by how they are spread.

use super::ops::ReferenceOps;
use super::rows::{square_distances, sum, sum_of_squares};
use crate::streams::{Coefficients, MAGNITUDE_FLOOR, MAX_STREAMS, MixStreams};
use crate::{BufId, math};

/// One row of a mix; see [`MixStreams`]. `base` may be empty, and `coefficients` is `[streams * terms]`.
pub fn mix(
    width: usize,
    base: &[f32],
    terms: &[f32],
    coefficients: &[f32],
    weight: Option<&[f32]>,
    out: &mut [f32],
) {
    let count = terms.len() / width;
    for (i, out) in out.iter_mut().enumerate() {
        let (stream, column) = (i / width, i % width);
        let mut sum = base.get(i).copied();
        for (c, term) in coefficients[stream * count..].iter().zip(terms.chunks_exact(width)) {
            sum = Some(sum.map_or(c * term[column], |sum| c.mul_add(term[column], sum)));
        }
        let sum = sum.expect("there is at least one term");
        *out = weight.map_or(sum, |weight| sum * weight[column]);
    }
}

/// What makes `x` as large as `like`: the root of the mean of squares of the one over that of the other, which counts as
/// [`MAGNITUDE_FLOOR`] at least.
pub fn magnitude_factor(x: &[f32], like: &[f32]) -> f32 {
    let wanted = (sum_of_squares(like) / like.len() as f32).sqrt();
    wanted / math::max(MAGNITUDE_FLOOR, sum_of_squares(x) / x.len() as f32).sqrt()
}

/// The value `deviations` standard deviations above the mean, of a sample: squares over `n - 1`.
pub fn cut(x: &[f32], deviations: f32) -> f32 {
    let mean = sum(x) / x.len() as f32;
    let variance = square_distances(x, mean) / (x.len() - 1).max(1) as f32;
    deviations.mul_add(variance.sqrt(), mean)
}

impl ReferenceOps {
    pub(super) fn run_mix(&mut self, f: &MixStreams, rows: usize) {
        let (terms, base) = (self.rows_of(f.terms, rows), f.base.map(|base| self.rows_of(base, rows)));
        let (terms_width, out_width) = (self.buffers[f.terms.0].width, self.buffers[f.out.0].width);
        let (count, streams) = (terms_width / f.width, out_width / f.width);
        assert!(
            (1..=MAX_STREAMS).contains(&count) && (1..=MAX_STREAMS).contains(&streams),
            "{streams} streams of {count}"
        );
        let of_rows = match f.coefficients {
            Coefficients::OfRows(of) => self.rows_of(of, rows),
            Coefficients::Same(all) => self.vectors[all.0].repeat(rows),
        };
        let weight = f.weight.map(|weight| self.vectors[weight.0].clone());
        for (row, c) in of_rows.chunks_exact(streams * count).enumerate() {
            let base = base.as_ref().map_or(&[][..], |base| &base[row * out_width..][..out_width]);
            let out = &mut self.buffers[f.out.0].values[row * out_width..][..out_width];
            mix(f.width, base, &terms[row * terms_width..][..terms_width], c, weight.as_deref(), out);
        }
    }

    pub(super) fn match_rows(&mut self, x: BufId, like: BufId, rows: usize) {
        let (like_width, width) = (self.buffers[like.0].width, self.buffers[x.0].width);
        let like = self.rows_of(like, rows);
        let x = self.buffers[x.0].values[..rows * width].chunks_exact_mut(width);
        for (x, like) in x.zip(like.chunks_exact(like_width)) {
            for head in x.chunks_exact_mut(like_width) {
                let factor = magnitude_factor(head, like);
                head.iter_mut().for_each(|v| *v *= factor);
            }
        }
    }

    pub(super) fn cut_rows(&mut self, x: BufId, deviations: f32, rows: usize) {
        let buffer = &mut self.buffers[x.0];
        for row in buffer.values[..rows * buffer.width].chunks_exact_mut(buffer.width) {
            let cut = cut(row, deviations);
            row.iter_mut().for_each(|v| *v = math::max(0.0, *v - cut));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mix_is_a_small_matrix_over_streams() {
        let (terms, base) = ([1.0, 2.0, 10.0, 20.0], [100.0, 200.0, 300.0, 400.0]);
        let mut out = [0.0; 4];
        mix(2, &base, &terms, &[1.0, 2.0, 3.0, 4.0], None, &mut out);
        assert_eq!(out, [121.0, 242.0, 343.0, 486.0]);
        mix(2, &[], &terms, &[0.0, 1.0, 1.0, 0.0], Some(&[2.0, 3.0]), &mut out);
        assert_eq!(out, [20.0, 60.0, 2.0, 6.0]);
    }

    #[test]
    fn what_is_matched_is_as_large_and_nothing_is_made_of_nothing() {
        let (x, like) = ([3.0, -4.0], [30.0, 40.0]);
        assert!((magnitude_factor(&x, &like) - 10.0).abs() < 1e-5);
        assert_eq!(magnitude_factor(&[0.0; 2], &[0.0; 2]), 0.0);
        assert!(magnitude_factor(&[0.0; 2], &like).is_finite());
        assert!(magnitude_factor(&[f32::NAN; 2], &like).is_nan());
    }

    #[test]
    fn a_cut_counts_deviations_of_a_sample() {
        // Mean 5, squares 20 over 3.
        let x = [2.0, 4.0, 6.0, 8.0];
        assert_eq!(cut(&x, 0.0), 5.0);
        assert!((cut(&x, 1.5) - (5.0 + 1.5 * (20.0f32 / 3.0).sqrt())).abs() < 1e-5);
        assert_eq!(cut(&[7.0], 1.5), 7.0);
    }
}
