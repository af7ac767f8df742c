//! TQ1_0, TQ2_0, Q1_0, Q2_0: one scale, the largest magnitude or for Q1_0 the mean one, and the nearest of few codes.

use super::{f16, inverse, largest};
use crate::SUPER_BLOCK;
use crate::tq1_0::RUNS;

/// The nearest integer to `v * id`, halves away from zero, plus one.
fn code(v: f32, id: f32) -> i32 {
    (v * id).round() as i32 + 1
}

pub(super) fn tq2_0(x: &[f32; SUPER_BLOCK], row: &mut Vec<u8>) {
    let d = largest(x).abs();
    let id = inverse(d);
    for half in x.as_chunks::<128>().0 {
        let byte = |j: usize| (0..4).fold(0, |byte, n| byte | (code(half[32 * n + j], id) & 3) << (2 * n));
        row.extend((0..32).map(|j| byte(j) as u8));
    }
    row.extend(f16(d));
}

pub(super) fn tq1_0(x: &[f32; SUPER_BLOCK], row: &mut Vec<u8>) {
    let d = largest(x).abs();
    let id = inverse(d);
    for (weight, _, bytes) in RUNS {
        let digits = if bytes == 4 { 4 } else { 5 };
        for j in 0..bytes {
            let number = (0..digits).fold(0, |n, i| 3 * n + code(x[weight + bytes * i + j], id) as u16);
            // Four digits stand as high as five do.
            let number = if digits == 4 { 3 * number } else { number };
            row.push((number * 256).div_ceil(243) as u8);
        }
    }
    row.extend(f16(d));
}

pub(super) fn q1_0(x: &[f32; 128], row: &mut Vec<u8>) {
    let sum = x.iter().fold(0.0f32, |sum, v| sum + v.abs());
    row.extend(f16(sum / 128.0));
    for eight in x.as_chunks::<8>().0 {
        row.push(eight.iter().rev().fold(0, |byte, &v| byte << 1 | u8::from(v >= 0.0)));
    }
}

pub(super) fn q2_0(x: &[f32; 64], row: &mut Vec<u8>) {
    let d = largest(x).abs();
    let id = inverse(d);
    row.extend(f16(d));
    for four in x.as_chunks::<4>().0 {
        row.push(four.iter().rev().fold(0, |byte, &v| byte << 2 | code(v, id).clamp(0, 3) as u8));
    }
}
