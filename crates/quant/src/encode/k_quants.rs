//! Q2_K to Q6_K: a scale, and for some a minimum, is searched for each stretch of 16 or 32 weights; the scales of a block
//! are then rounded to few bits, and the codes found anew under what the rounded ones say.

use super::{SMALLEST_AMAX, as_f16, f16, inverse, largest, nearest};
use crate::SUPER_BLOCK;

/// A stretch of weights as `scale * code - min`.
struct Affine<const N: usize> {
    scale: f32,
    min: f32,
    codes: [u8; N],
}

/// How a scale and a minimum are searched.
struct Search {
    /// The largest code.
    top: i32,
    /// The scale is first stretched so that the range takes `top + first` codes, then by 0.1 more each time.
    first: f32,
    steps: u32,
    /// What is weighted and summed up: the difference or its square.
    error: fn(f32) -> f32,
}

impl Search {
    /// The best of some fits by weighted least squares, each starting from the codes of another stretched range.
    fn fit<const N: usize>(&self, x: &[f32; N], weights: &[f32; N]) -> Affine<N> {
        let low = x.iter().copied().fold(x[0], f32::min).min(0.0);
        let high = x.iter().copied().fold(x[0], f32::max);
        if high == low {
            return Affine { scale: 0.0, min: -low, codes: [0; N] };
        }
        let sum_w = weights.iter().fold(0.0, |sum, w| sum + w);
        let sum_x = x.iter().zip(weights).fold(0.0, |sum, (x, w)| sum + w * x);
        let codes = |inverse: f32, min: f32| x.map(|v| nearest(inverse * (v - min), 0, self.top) as u8);
        let error = |scale: f32, min: f32, codes: &[u8; N]| {
            let each = x.iter().zip(weights).zip(codes);
            each.fold(0.0, |sum, ((x, w), &q)| sum + w * (self.error)(scale * f32::from(q) + min - x))
        };
        let inverse = self.top as f32 / (high - low);
        let first = codes(inverse, low);
        let mut best = Affine { scale: 1.0 / inverse, min: low, codes: first };
        let mut least = error(best.scale, best.min, &best.codes);
        for step in 0..=self.steps {
            // From the best minimum so far.
            let stretched = self.first + 0.1 * step as f32 + self.top as f32;
            let codes = codes(stretched / (high - best.min), best.min);
            let Some((scale, min)) = line(x, weights, &codes, [sum_w, sum_x]) else { continue };
            let error = error(scale, min, &codes);
            if error < least {
                (best, least) = (Affine { scale, min, codes }, error);
            }
        }
        Affine { min: -best.min, ..best }
    }
}

/// Scale and minimum, at most 0, of the weighted least squares between values and codes.
fn line<const N: usize>(
    x: &[f32; N],
    weights: &[f32; N],
    codes: &[u8; N],
    [sum_w, sum_x]: [f32; 2],
) -> Option<(f32, f32)> {
    let (mut sum_q, mut sum_qq, mut sum_xq) = (0.0f32, 0.0f32, 0.0f32);
    for ((&x, &w), &q) in x.iter().zip(weights).zip(codes) {
        let q = f32::from(q);
        sum_q += w * q;
        sum_qq += w * q * q;
        sum_xq += w * q * x;
    }
    let determinant = sum_w * sum_qq - sum_q * sum_q;
    if determinant <= 0.0 || determinant.is_nan() {
        return None;
    }
    let min = (sum_qq * sum_x - sum_q * sum_xq) / determinant;
    if min > 0.0 {
        return Some((sum_xq / sum_qq, 0.0));
    }
    Some(((sum_w * sum_xq - sum_x * sum_q) / determinant, min))
}

/// The codes of a stretch under a rounded scale and minimum; those found first if the scale is zero.
fn recoded<const N: usize>(
    x: &[f32; N],
    first: [u8; N],
    [d, min]: [f32; 2],
    [low, high]: [i32; 2],
) -> [u8; N] {
    if d == 0.0 { first } else { x.map(|v| (nearest((v + min) / d, low, high) - low) as u8) }
}

/// 256 codes of two bits, four of a half of 128 to a byte.
fn pack_pairs(codes: &[u8; SUPER_BLOCK], row: &mut Vec<u8>) {
    for half in codes.as_chunks::<128>().0 {
        row.extend((0..32).map(|j| (0..4).fold(0, |byte, n| byte | (half[32 * n + j] & 3) << (2 * n))));
    }
}

/// 256 codes of four bits, two of 64 to a byte.
fn pack_nibbles(codes: &[u8; SUPER_BLOCK], row: &mut Vec<u8>) {
    for pair in codes.as_chunks::<64>().0 {
        row.extend((0..32).map(|j| pair[j] & 15 | pair[32 + j] << 4));
    }
}

/// One bit of each code: byte `j` holds those of codes `j`, `j + 32`, `j + 64` ..., lowest bit first.
fn plane(codes: &[u8; SUPER_BLOCK], bit: u32) -> impl Iterator<Item = u8> {
    (0..32).map(move |j| (0..8).fold(0, |byte, k| byte | (codes[32 * k + j] >> bit & 1) << k))
}

fn largest_of(values: impl Iterator<Item = f32>) -> f32 {
    values.fold(0.0, f32::max)
}

pub(super) fn q2_k(x: &[f32; SUPER_BLOCK], row: &mut Vec<u8>) {
    const TOP: f32 = 15.0;
    let search = Search { top: 3, first: -0.5, steps: 15, error: f32::abs };
    let stretches = x.as_chunks::<16>().0;
    let fits: Vec<Affine<16>> = stretches.iter().map(|x| search.fit(x, &x.map(f32::abs))).collect();
    let largest = [largest_of(fits.iter().map(|f| f.scale)), largest_of(fits.iter().map(|f| f.min))];
    let step = |value: f32, largest: f32| {
        if largest > 0.0 { nearest(TOP / largest * value, 0, 15) as u8 } else { 0 }
    };
    let steps: Vec<[u8; 2]> =
        fits.iter().map(|f| [step(f.scale, largest[0]), step(f.min, largest[1])]).collect();
    let d = largest.map(|largest| as_f16(largest / TOP));
    let mut codes = [0; SUPER_BLOCK];
    for (((codes, x), fit), step) in
        codes.as_chunks_mut::<16>().0.iter_mut().zip(stretches).zip(&fits).zip(&steps)
    {
        *codes = recoded(x, fit.codes, [0, 1].map(|i| d[i] * f32::from(step[i])), [0, 3]);
    }
    row.extend(steps.iter().map(|[scale, min]| scale | min << 4));
    pack_pairs(&codes, row);
    row.extend(largest.into_iter().flat_map(|largest| f16(largest / TOP)));
}

/// Scales and minimums of 6 bits, and codes, of a Q4_K or Q5_K block; writes the first 16 bytes.
fn q45(x: &[f32; SUPER_BLOCK], search: &Search, row: &mut Vec<u8>) -> [u8; SUPER_BLOCK] {
    const TOP: f32 = 63.0;
    let stretches = x.as_chunks::<32>().0;
    let fits: Vec<Affine<32>> = stretches
        .iter()
        .map(|x| {
            let mean = (x.iter().fold(0.0, |sum, v| sum + v * v) / 32.0).sqrt();
            search.fit(x, &x.map(|v| mean + v.abs()))
        })
        .collect();
    let largest = [largest_of(fits.iter().map(|f| f.scale)), largest_of(fits.iter().map(|f| f.min))];
    let inverse = largest.map(|largest| if largest > 0.0 { TOP / largest } else { 0.0 });
    let steps: [[u8; 2]; 8] = std::array::from_fn(|k| {
        [nearest(inverse[0] * fits[k].scale, 0, 63) as u8, nearest(inverse[1] * fits[k].min, 0, 63) as u8]
    });
    let d = largest.map(|largest| as_f16(largest / TOP));
    let mut codes = [0; SUPER_BLOCK];
    for (((codes, x), fit), step) in
        codes.as_chunks_mut::<32>().0.iter_mut().zip(stretches).zip(&fits).zip(&steps)
    {
        *codes = recoded(x, fit.codes, [0, 1].map(|i| d[i] * f32::from(step[i])), [0, search.top]);
    }
    row.extend(largest.into_iter().flat_map(|largest| f16(largest / TOP)));
    // The layout that `q4_k` draws: the last four scales and minimums are cut in two.
    for which in [0, 1] {
        row.extend((0..4).map(|k| steps[k][which] | steps[4 + k][which] >> 4 << 6));
    }
    row.extend((4..8).map(|k| steps[k][0] & 15 | steps[k][1] << 4));
    codes
}

pub(super) fn q4_k(x: &[f32; SUPER_BLOCK], row: &mut Vec<u8>) {
    let codes = q45(x, &Search { top: 15, first: -1.0, steps: 20, error: |e| e * e }, row);
    pack_nibbles(&codes, row);
}

pub(super) fn q5_k(x: &[f32; SUPER_BLOCK], row: &mut Vec<u8>) {
    let codes = q45(x, &Search { top: 31, first: -0.5, steps: 15, error: |e| e * e }, row);
    row.extend(plane(&codes, 4));
    pack_nibbles(&codes, row);
}

/// The sums of w x q and w q q, with w the square of x.
fn weighted_sums(each: impl Iterator<Item = (f32, f32)>) -> [f32; 2] {
    each.fold([0.0; 2], |[with_x, with_q], (x, q)| {
        let w = x * x;
        [with_x + w * x * q, with_q + w * q * q]
    })
}

/// The scale of least weighted squares for codes of `-32..=31`, and those codes plus 32.
fn fit_6(x: &[f32; 16]) -> (f32, [u8; 16]) {
    const TOP: f32 = 32.0;
    let max = largest(x);
    if max.abs() < SMALLEST_AMAX {
        return (0.0, [0; 16]);
    }
    let quants = |inverse: f32| x.map(|v| nearest(inverse * v, -32, 31));
    let sums = |q: &[i32; 16]| weighted_sums(x.iter().zip(q).map(|(&x, &q)| (x, q as f32)));
    let mut chosen = quants(-TOP / max);
    let [with_x, with_q] = sums(&chosen);
    let mut scale = if with_q == 0.0 { 0.0 } else { with_x / with_q };
    let mut best = scale * with_x;
    for step in (-9..=9).filter(|&step| step != 0) {
        let q = quants(-(TOP + 0.1 * step as f32) / max);
        let [with_x, with_q] = sums(&q);
        if with_q > 0.0 && with_x * with_x > best * with_q {
            (chosen, scale) = (q, with_x / with_q);
            best = scale * with_x;
        }
    }
    (scale, chosen.map(|q| (q + 32) as u8))
}

pub(super) fn q6_k(x: &[f32; SUPER_BLOCK], row: &mut Vec<u8>) {
    let stretches = x.as_chunks::<16>().0;
    let fits: Vec<(f32, [u8; 16])> = stretches.iter().map(fit_6).collect();
    let max = largest(&fits.iter().map(|fit| fit.0).collect::<Vec<f32>>());
    if max.abs() < SMALLEST_AMAX {
        row.extend([0; crate::q6_k::BLOCK_BYTES]);
        return;
    }
    let inverse = -128.0 / max;
    let steps: Vec<i8> = fits.iter().map(|fit| nearest(inverse * fit.0, -128, 127) as i8).collect();
    let d = as_f16(1.0 / inverse);
    let mut codes = [0; SUPER_BLOCK];
    for (((codes, x), fit), &step) in
        codes.as_chunks_mut::<16>().0.iter_mut().zip(stretches).zip(&fits).zip(&steps)
    {
        *codes = recoded(x, fit.1, [d * f32::from(step), 0.0], [-32, 31]);
    }
    for half in codes.as_chunks::<128>().0 {
        // Quarters 0 and 1 in the low, 2 and 3 in the high nibbles.
        row.extend((0..64).map(|j| half[j] & 15 | half[64 + j] << 4));
    }
    pack_pairs(&codes.map(|q| q >> 4), row);
    row.extend(steps.iter().map(|&step| step as u8));
    row.extend(f16(1.0 / inverse));
}

/// Rounds of single changes to the codes of a stretch of Q3_K.
const ROUNDS: usize = 5;

/// The scale of least weighted squares for codes of `-4..=3`, found by changing one code at a time, and those codes
/// plus 4.
fn fit_3(x: &[f32; 16]) -> (f32, [u8; 16]) {
    let max = largest(x);
    if max.abs() < SMALLEST_AMAX {
        return (0.0, [0; 16]);
    }
    let mut q = x.map(|v| nearest(-4.0 / max * v, -4, 3) as f32);
    let mut sums = weighted_sums(x.iter().copied().zip(q));
    for _ in 0..ROUNDS {
        let mut is_changed = false;
        for (&x, q) in x.iter().zip(&mut q) {
            let w = x * x;
            let others = [sums[0] - w * x * *q, sums[1] - w * *q * *q];
            if others[0] <= 0.0 {
                continue;
            }
            let new = nearest(x * others[1] / others[0], -4, 3) as f32;
            let all = [others[0] + w * x * new, others[1] + w * new * new];
            if new != *q && all[1] > 0.0 && all[0] * all[0] * sums[1] > sums[0] * sums[0] * all[1] {
                (*q, sums) = (new, all);
                is_changed = true;
            }
        }
        if !is_changed {
            break;
        }
    }
    let scale = if sums[1] > 0.0 { sums[0] / sums[1] } else { 0.0 };
    (scale, q.map(|q| (q + 4.0) as u8))
}

pub(super) fn q3_k(x: &[f32; SUPER_BLOCK], row: &mut Vec<u8>) {
    let stretches = x.as_chunks::<16>().0;
    let fits: Vec<(f32, [u8; 16])> = stretches.iter().map(fit_3).collect();
    let max = largest(&fits.iter().map(|fit| fit.0).collect::<Vec<f32>>());
    // A block of zeros has steps of 0, which as stored mean -32, under a scale of 0.
    let inverse_d = if max == 0.0 { 0.0 } else { -32.0 / max };
    let stored: [u8; 16] = std::array::from_fn(|s| {
        if max == 0.0 { 0 } else { (nearest(inverse_d * fits[s].0, -32, 31) + 32) as u8 }
    });
    let d = as_f16(inverse(inverse_d));
    let mut codes = [0; SUPER_BLOCK];
    for (((codes, x), fit), &stored) in
        codes.as_chunks_mut::<16>().0.iter_mut().zip(stretches).zip(&fits).zip(&stored)
    {
        *codes = recoded(x, fit.1, [d * (f32::from(stored) - 32.0), 0.0], [-4, 3]);
    }
    row.extend(plane(&codes, 2));
    pack_pairs(&codes, row);
    row.extend((0..8).map(|j| stored[j] & 15 | stored[8 + j] << 4));
    row.extend((0..4).map(|j| (0..4).fold(0, |byte, n| byte | stored[4 * n + j] >> 4 << (2 * n))));
    row.extend(f16(inverse(inverse_d)));
}
