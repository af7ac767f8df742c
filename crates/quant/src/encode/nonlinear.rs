//! IQ4_NL and IQ4_XS: the scale under which unevenly spaced levels come nearest to 32 weights, large ones counting more.

use super::{SMALLEST_AMAX, f16, inverse, largest, nearest, pack_nibbles};
use crate::iq4_nl::LEVELS;
use crate::{K_BLOCK, SUPER_BLOCK};

/// Scales tried to each side of the one that makes the largest weight the lowest level.
const TRIES: i32 = 7;

pub(super) fn iq4_nl(x: &[f32; K_BLOCK], row: &mut Vec<u8>) {
    let d = best_scale(x);
    row.extend(f16(d));
    row.extend(pack_nibbles(&codes(x, inverse(d))));
}

pub(super) fn iq4_xs(x: &[f32; SUPER_BLOCK], row: &mut Vec<u8>) {
    let stretches = x.as_chunks::<K_BLOCK>().0;
    let scales: Vec<f32> = stretches.iter().map(best_scale).collect();
    let d = -largest(&scales) / 32.0;
    let id = inverse(d);
    let steps: Vec<i32> = scales.iter().map(|scale| nearest(id * scale, -32, 31)).collect();
    let bits = |k: usize| (steps[k] + 32) as u16;
    row.extend(f16(d));
    row.extend((0..8).fold(0, |high, k| high | bits(k) >> 4 << (2 * k)).to_le_bytes());
    row.extend((0..4).map(|j| (bits(2 * j) & 15 | (bits(2 * j + 1) & 15) << 4) as u8));
    for (x, &step) in stretches.iter().zip(&steps) {
        // By the scale before it is rounded to f16.
        row.extend(pack_nibbles(&codes(x, inverse(d * step as f32))));
    }
}

fn codes(x: &[f32; K_BLOCK], inverse_scale: f32) -> [u8; K_BLOCK] {
    x.map(|v| nearest_level(inverse_scale * v))
}

/// The code of the nearest level, of two equally near ones the higher.
fn nearest_level(v: f32) -> u8 {
    let level = |code: usize| f32::from(LEVELS[code]);
    let above = LEVELS.partition_point(|&level| f32::from(level) <= v);
    match above {
        0 => 0,
        16 => 15,
        _ if v - level(above - 1) < level(above) - v => above as u8 - 1,
        _ => above as u8,
    }
}

/// Least squares, weighted with the squares of the weights themselves.
fn best_scale(x: &[f32; K_BLOCK]) -> f32 {
    let max = largest(x);
    if max.abs() < SMALLEST_AMAX {
        return 0.0;
    }
    // Sums of w q x and w q q over the levels q that `id` leads to.
    let sums = |id: f32| {
        x.iter().fold((0.0f32, 0.0f32), |(with_x, with_q), &v| {
            let q = f32::from(LEVELS[usize::from(nearest_level(id * v))]);
            let w = v * v;
            (with_x + w * q * v, with_q + w * q * q)
        })
    };
    let lowest = f32::from(LEVELS[0]);
    let (with_x, with_q) = sums(1.0 / (-max / lowest));
    let mut d = if with_q > 0.0 { with_x / with_q } else { 0.0 };
    let mut best = d * with_x;
    for attempt in -TRIES..=TRIES {
        let (with_x, with_q) = sums((attempt as f32 + lowest) / max);
        if with_q > 0.0 && with_x * with_x > best * with_q {
            d = with_x / with_q;
            best = d * with_x;
        }
    }
    d
}
