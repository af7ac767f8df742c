//! TQ1_0: 256 weights of -1, 0 or 1 share one f16 scale, five of them a byte, 1.6875 bits per weight.
//!
//! ```text
//! byte 0                48              52       54
//!      +----------------+---------------+--------+
//!      | 32 + 16 bytes, | 4 bytes,      | d: f16 |    weight[i] = d * (digit[i] - 1)
//!      | 5 digits each  | 4 digits each |        |
//!      +----------------+---------------+--------+
//!      a run of N bytes: byte j holds digits j, N + j, 2N + j ... of the run; runs are of 32, 16 and 4 bytes
//! ```
//! A byte is the number with the digits to base 3, first one highest, as a fraction of 3^5, rounded up to a 256th: so
//! digit n is the whole part of three times the fraction that is left after n multiplications by 3. Any byte has digits
//! of 0, 1 and 2. The dot: one scale per K-block, the same for all eight.
//!
//! Source: ggml `block_tq1_0`. Golden rows: `golden/quant/tq1_0.json`.

use crate::opened::{self, Opened};
use crate::{Dot, Format, FormatId, Q8Row, QuantError, SUPER_BLOCK, f16_le};

/// Bytes per block.
pub const BLOCK_BYTES: usize = 32 + 16 + 4 + 2;
const _: () = assert!(BLOCK_BYTES == 54);

/// First weight, first byte and bytes of each run.
pub(crate) const RUNS: [(usize, usize, usize); 3] = [(0, 0, 32), (160, 32, 16), (240, 48, 4)];

pub(crate) const FORMAT: Format = Format {
    id: FormatId::TQ1_0,
    name: "TQ1_0",
    block_weights: SUPER_BLOCK,
    block_bytes: BLOCK_BYTES,
    decode_row,
    dot: Dot::Int(dot_row),
};

/// The integer weights, -1..=1, and the scale of each K-block.
pub fn open(block: &[u8; BLOCK_BYTES]) -> Opened<SUPER_BLOCK, 8> {
    Opened { quants: digits(block).map(|digit| digit as i8 - 1), scales: [f16_le([block[52], block[53]]); 8] }
}

/// The digits, 0 to 2.
pub fn digits(block: &[u8; BLOCK_BYTES]) -> [u8; SUPER_BLOCK] {
    std::array::from_fn(|i| {
        let &(weight, byte, bytes) = RUNS.iter().rfind(|run| i >= run.0).expect("the first run starts at 0");
        let at = i - weight;
        let fraction = block[byte + at % bytes].wrapping_mul([1, 3, 9, 27, 81][at / bytes]);
        ((u16::from(fraction) * 3) >> 8) as u8
    })
}

fn decode_row(row: &[u8], out: &mut [f32]) -> Result<(), QuantError> {
    opened::decode_row(row, out, open)
}

fn dot_row(row: &[u8], x: Q8Row<'_>) -> f32 {
    opened::dot_row(row, x, open)
}
