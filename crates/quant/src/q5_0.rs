//! Q5_0: 32 weights of 5 bits share one f16 scale, 5.5 bits per weight.
//!
//! ```text
//! byte 0        2         6                          22
//!      +--------+---------+--------------------------+
//!      | d: f16 | qh: u32 | ql: 16 bytes, 2 x 4 bits |    weight[i] = d * (q[i] - 16)
//!      +--------+---------+--------------------------+
//!      byte j of ql holds the low four bits of q[j] (low half) and of q[j + 16] (high half);
//!      bit i of qh is the fifth bit of q[i]
//! ```
//! Source: ggml `block_q5_0`. Golden rows: `golden/quant/q5_0.json`.

use crate::{Dot, Format, FormatId, K_BLOCK, Q8Row, QuantError, blocks_of, f16_le, integer_dot, nibbles};

/// Bytes per block.
pub const BLOCK_BYTES: usize = 2 + 4 + K_BLOCK / 2;
const _: () = assert!(BLOCK_BYTES == 22);

pub(crate) const FORMAT: Format = Format {
    id: FormatId::Q5_0,
    name: "Q5_0",
    block_weights: K_BLOCK,
    block_bytes: BLOCK_BYTES,
    decode_row,
    dot: Dot::Int(dot_row),
};

/// The 5-bit values of a block's last 20 bytes (`qh`, `ql`), 0..=31. Q5_1 has the same tail.
pub(crate) fn five_bit(qh_ql: &[u8; 4 + K_BLOCK / 2]) -> [u8; K_BLOCK] {
    let qh = u32::from_le_bytes(qh_ql[..4].try_into().expect("4 bytes"));
    let low = nibbles(qh_ql[4..].try_into().expect("16 bytes"));
    std::array::from_fn(|i| low[i] | ((qh >> i & 1) as u8) << 4)
}

/// The integer weights, -16..=15.
pub fn quants(block: &[u8; BLOCK_BYTES]) -> [i8; K_BLOCK] {
    let packed = block[2..].try_into().expect("20 bytes after the scale");
    five_bit(packed).map(|q| q as i8 - 16)
}

/// The scale, `d`.
pub fn scale(block: &[u8; BLOCK_BYTES]) -> f32 {
    f16_le([block[0], block[1]])
}

fn decode_row(row: &[u8], out: &mut [f32]) -> Result<(), QuantError> {
    let blocks = blocks_of::<BLOCK_BYTES>(row, K_BLOCK, out.len())?;
    for (block, weights) in blocks.iter().zip(out.as_chunks_mut::<K_BLOCK>().0) {
        let d = scale(block);
        for (weight, q) in weights.iter_mut().zip(quants(block)) {
            *weight = d * f32::from(q);
        }
    }
    Ok(())
}

fn dot_row(row: &[u8], x: Q8Row<'_>) -> f32 {
    let mut acc = 0.0f32;
    for (k, block) in row.as_chunks::<BLOCK_BYTES>().0.iter().enumerate() {
        let a = x.block(k);
        let idot = integer_dot(&quants(block), a.q);
        acc = (idot as f32).mul_add(scale(block) * a.scale, acc);
    }
    acc
}
