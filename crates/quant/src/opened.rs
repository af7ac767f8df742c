//! A block opened into integer weights and finished scales, and the two loops over such blocks.
//!
//! For formats without a minimum: the file of each says how a block opens, and nothing else differs.

use crate::{K_BLOCK, Q8Row, QuantError, blocks_of, integer_dot};

/// An opened block: `weight[i] = scales[i / (W / S)] * quants[i]`. A scale covers 32 or 16 weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened<const W: usize, const S: usize> {
    /// The integer weights.
    pub quants: [i8; W],
    /// `d_w`, rounded once.
    pub scales: [f32; S],
}

/// Decodes whole blocks.
pub(crate) fn decode_row<const BYTES: usize, const W: usize, const S: usize>(
    row: &[u8],
    out: &mut [f32],
    open: fn(&[u8; BYTES]) -> Opened<W, S>,
) -> Result<(), QuantError> {
    let blocks = blocks_of::<BYTES>(row, W, out.len())?;
    for (block, weights) in blocks.iter().zip(out.as_chunks_mut::<W>().0) {
        let opened = open(block);
        for (i, (weight, q)) in weights.iter_mut().zip(opened.quants).enumerate() {
            *weight = opened.scales[i / (W / S)] * f32::from(q);
        }
    }
    Ok(())
}

/// The crate's dot, for one or two scales per K-block.
pub(crate) fn dot_row<const BYTES: usize, const W: usize, const S: usize>(
    row: &[u8],
    x: Q8Row<'_>,
    open: fn(&[u8; BYTES]) -> Opened<W, S>,
) -> f32 {
    const { assert!(W / S == K_BLOCK || 2 * (W / S) == K_BLOCK) };
    let k_blocks = W / K_BLOCK;
    let mut acc = 0.0f32;
    for (b, block) in row.as_chunks::<BYTES>().0.iter().enumerate() {
        let opened = open(block);
        for (k, q) in opened.quants.as_chunks::<K_BLOCK>().0.iter().enumerate() {
            let a = x.block(k_blocks * b + k);
            if W / S == K_BLOCK {
                acc = (integer_dot(q, a.q) as f32).mul_add(opened.scales[k] * a.scale, acc);
            } else {
                let [first, second] =
                    [0, 16].map(|at| integer_dot(&q[at..at + 16], &a.q[at..at + 16]) as f32);
                let part = second.mul_add(opened.scales[2 * k + 1], first * opened.scales[2 * k]);
                acc = part.mul_add(a.scale, acc);
            }
        }
    }
    acc
}
