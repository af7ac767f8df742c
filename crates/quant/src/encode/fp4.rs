//! MXFP4: the power of two under the largest magnitude, and the nearest of sixteen levels.

use super::largest;
use crate::K_BLOCK;
use crate::mxfp4::{LEVELS, half_of_e8m0};

pub(super) fn mxfp4(x: &[f32; K_BLOCK], row: &mut Vec<u8>) {
    let e = exponent(largest(x).abs());
    let scale = half_of_e8m0(e);
    let q = x.map(|v| nearest_level(v, scale));
    row.push(e);
    row.extend(super::pack_nibbles(&q));
}

/// The largest level is 6 or 1.5 times 4: so the exponent of `amax`, less 2.
fn exponent(amax: f32) -> u8 {
    if amax == 0.0 {
        return 0;
    }
    // In f32 on purpose: a value right below a power of two may have the logarithm of that power, as ggml's has. What
    // is below the smallest exponent saturates.
    let log2 = f64::from(amax).log2() as f32;
    (log2.floor() - 2.0 + 127.0) as u8
}

/// The first of the levels that are nearest.
fn nearest_level(v: f32, scale: f32) -> u8 {
    let error = |level: i8| (f32::from(level) * scale - v).abs();
    let mut best = 0;
    for (code, &level) in LEVELS.iter().enumerate() {
        if error(level) < error(LEVELS[best]) {
            best = code;
        }
    }
    best as u8
}
