//! Q8_0, Q4_0, Q4_1, Q5_0, Q5_1: scale from the block's largest magnitude, or from its range where there is a minimum;
//! values by the *unrounded* scale's inverse; the scale to f16 at the end.

use super::{f16, inverse, largest, pack_nibbles};
use crate::K_BLOCK;

/// Rounds each `x * id + zero` to the nearest integer, halves up, into `0..=top`.
///
/// `as u8` saturates, and truncates what the added half has made a floor: nothing is below -0.5 here.
fn unsigned(x: &[f32; K_BLOCK], id: f32, zero: f32, top: u8) -> [u8; K_BLOCK] {
    x.map(|v| ((v * id + (zero + 0.5)) as u8).min(top))
}

pub(super) fn q8_0(x: &[f32; K_BLOCK], row: &mut Vec<u8>) {
    let d = largest(x).abs() / 127.0;
    let id = inverse(d);
    row.extend(f16(d));
    // `as u8` of an i8 reinterprets on purpose: the file stores two's-complement bytes.
    row.extend(x.map(|v| (v * id).round() as i8 as u8));
}

pub(super) fn q4_0(x: &[f32; K_BLOCK], row: &mut Vec<u8>) {
    // The value of largest magnitude becomes -8 exactly: the range reaches further on that side.
    let d = largest(x) / -8.0;
    row.extend(f16(d));
    row.extend(pack_nibbles(&unsigned(x, inverse(d), 8.0, 15)));
}

pub(super) fn q4_1(x: &[f32; K_BLOCK], row: &mut Vec<u8>) {
    let q = from_minimum(x, 15, row);
    row.extend(pack_nibbles(&q));
}

pub(super) fn q5_1(x: &[f32; K_BLOCK], row: &mut Vec<u8>) {
    let q = from_minimum(x, 31, row);
    row.extend(fifth_bits(&q));
    row.extend(pack_nibbles(&q));
}

/// Codes of the range between the smallest and the largest value; writes scale and minimum.
fn from_minimum(x: &[f32; K_BLOCK], top: u8, row: &mut Vec<u8>) -> [u8; K_BLOCK] {
    let min = x.iter().copied().fold(f32::INFINITY, f32::min);
    let max = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let d = (max - min) / f32::from(top);
    row.extend(f16(d));
    row.extend(f16(min));
    unsigned(&x.map(|v| v - min), inverse(d), 0.0, top)
}

/// Bit `i` is the fifth of code `i`.
fn fifth_bits(q: &[u8; K_BLOCK]) -> [u8; 4] {
    q.iter().enumerate().fold(0u32, |bits, (i, &q)| bits | u32::from(q >> 4) << i).to_le_bytes()
}

pub(super) fn q5_0(x: &[f32; K_BLOCK], row: &mut Vec<u8>) {
    let d = largest(x) / -16.0;
    let q = unsigned(x, inverse(d), 16.0, 31);
    row.extend(f16(d));
    row.extend(fifth_bits(&q));
    row.extend(pack_nibbles(&q));
}
