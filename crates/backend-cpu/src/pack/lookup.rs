//! IQ1, IQ2 and IQ3: an index picks a row of a grid, four or eight weights at once.
//!
//! A row of four weights is a group of one output row, so sixteen indices of sixteen output rows bring one vector of
//! groups with one gather; a row of eight brings two. What the grid has are levels of two or three bits. Beside them
//! stands a flip at bit 3, and one lookup in sixteen bytes makes both the weight, as in IQ4_NL.
//!
//! ```text
//! IQ2_XXS [d 32 B][8 x step of 4 bits 64 B][8 x (4 rows x 16 B, flips 64 B)]
//! IQ2_XS  [d][8 x (step, step) 128][8 x 4 high bits of rows 64][8 x (4 rows, flips)]
//! IQ2_S   [d][8 x (step, step) 128][8 x 8 high bits of rows 128][8 x (4 rows, flips)]
//! IQ3_XXS [d][8 x step 64][8 x (8 rows x 16 B, flips 64 B)]
//! IQ3_S   [d][8 x step 64][8 x 8 high bits of rows 128][8 x (8 rows, flips)]
//! IQ1_S   [d][8 x (word of 16 bits 32, 4 rows 64)]              the word as in the file: high bits, step and flip
//! IQ1_M   [d][8 x (step, step) 128][8 x (4 nibbles 32, 4 rows 64)]       a nibble as in the file: high bits and flip
//! ```
//! Signs of which the file keeps seven are kept as eight, and the d of IQ1_M in one piece: four bytes a block more, two for
//! IQ1_M. Levels spelled out for each weight would be half as much again, and cost no gather: `docs/kernels.md` weighs the two.

use gollum_quant::lookup::{Lookup, Parts};
use gollum_quant::{iq1_m, iq1_s, iq2_s, iq2_xs, iq2_xxs, iq3_s, iq3_xxs};

use super::planes::{self, each};
use super::{Block, Codes, IntFormat};
use crate::simd::{LANES, Simd};

const HEADER: usize = 32;
/// Eight steps of 4 bits.
const STEPS: usize = 4 * LANES;
/// Sixteen of them, or another byte per K-block.
const BYTE_EACH: usize = 8 * LANES;
/// Flips of a K-block: a 1-bit plane.
const FLIPS: usize = 64;
/// Low bytes of the four rows of eight of a K-block.
const EIGHTS: usize = 4 * LANES;
/// Low bytes of the eight rows of four of a K-block.
const FOURS: usize = 8 * LANES;
/// Two bytes per K-block.
const WORD: usize = 2 * LANES;

#[derive(Clone, Copy)]
pub(crate) struct Iq1S;
#[derive(Clone, Copy)]
pub(crate) struct Iq1M;
#[derive(Clone, Copy)]
pub(crate) struct Iq2Xxs;
#[derive(Clone, Copy)]
pub(crate) struct Iq2Xs;
#[derive(Clone, Copy)]
pub(crate) struct Iq2S;
#[derive(Clone, Copy)]
pub(crate) struct Iq3Xxs;
#[derive(Clone, Copy)]
pub(crate) struct Iq3S;

/// Writes one byte of a row for each of consecutive fields of 16 bytes.
fn write_each(bytes: impl IntoIterator<Item = u8>, lane: usize, field: &mut [u8]) {
    for (i, byte) in bytes.into_iter().enumerate() {
        field[i * LANES + lane] = byte;
    }
}

/// Bytes of two nibbles, the first one low.
fn paired(nibbles: &[u8]) -> impl Iterator<Item = u8> {
    nibbles.as_chunks::<2>().0.iter().map(|[low, high]| low | high << 4)
}

/// Writes, for each K-block, the low bytes of its rows and its plane of flips.
fn write_rows<const ROWS: usize, const N: usize>(parts: &Parts<ROWS, N>, lane: usize, field: &mut [u8]) {
    let per_block = ROWS / 8;
    let blocks = field.chunks_exact_mut(per_block * LANES + FLIPS);
    for ((rows, flips), field) in parts.rows.chunks(per_block).zip(parts.flips.chunks(4)).zip(blocks) {
        write_each(rows.iter().map(|&row| row as u8), lane, field);
        let bits = planes::word(flips, 0);
        let codes = std::array::from_fn(|g| planes::spread_bits(bits >> (4 * g)));
        planes::write_bits(&codes, 0, lane, &mut field[per_block * LANES..]);
    }
}

/// The high bits of the rows, `bits` of each, lowest ones first: bytes of eight.
fn high_bits(rows: &[u16], bits: usize) -> impl Iterator<Item = u8> {
    rows.chunks(8 / bits).map(move |rows| {
        rows.iter().enumerate().fold(0, |byte, (i, &row)| byte | ((row >> 8) << (i * bits)) as u8)
    })
}

/// `d * (2 * step + 1) * unit`: exact, as the steps have five bits and the unit one.
#[inline(always)]
unsafe fn scale<S: Simd>(d: *const u8, step: S::I, lookup: &Lookup) -> S::F {
    // SAFETY: the caller's header holds 16 f16 values.
    unsafe {
        let factor = S::fma(S::to_f32(step), S::splat(2.0 * lookup.unit), S::splat(lookup.unit));
        S::mul(S::load_f16(d.cast()), factor)
    }
}

/// Nibble `i` of a field with two of them per byte.
#[inline(always)]
unsafe fn nibble<S: Simd>(field: *const u8, i: usize) -> S::I {
    // SAFETY: the caller's field holds it.
    unsafe { S::and_i(S::shr_by(S::load_u8(field.add(i / 2 * LANES)), 4 * (i % 2)), 15) }
}

/// A block with the scale of step `sub` of a field of nibbles.
#[inline(always)]
unsafe fn whole<S: Simd>(p: *const u8, sub: usize, lookup: &Lookup, w: [S::B; 8]) -> Block<S> {
    // SAFETY: the caller's block has the scale and the steps.
    unsafe {
        let step = nibble::<S>(p.add(HEADER), sub);
        Block::whole(w, scale::<S>(p, step, lookup), S::splat(0.0))
    }
}

/// A block with the scales of both nibbles of byte `sub` of a field of steps.
#[inline(always)]
unsafe fn halves<S: Simd>(p: *const u8, sub: usize, lookup: &Lookup, w: [S::B; 8]) -> Block<S> {
    // SAFETY: the caller's block has the scale and the steps.
    unsafe {
        let steps = S::load_u8(p.add(HEADER + sub * LANES));
        let (low, high) = (S::and_i(steps, 15), S::shr_i::<4>(steps));
        Block {
            w,
            scales: [scale::<S>(p, low, lookup), scale::<S>(p, high, lookup)],
            mins: [S::splat(0.0); 2],
        }
    }
}

/// The weights of codes whose bit 3 is the flip.
#[inline(always)]
unsafe fn weights<S: Simd>(levels: [S::B; 8], flips: [S::B; 8], lookup: &Lookup) -> [S::B; 8] {
    // SAFETY: no pointers.
    unsafe {
        let codes = planes::or::<S>(levels, flips);
        each!(8, i => S::lookup_signed(codes[i], &lookup.levels))
    }
}

/// The row whose low byte is at `low` and whose high bits, `MASK` of them, are the lowest of `high`.
#[inline(always)]
unsafe fn row<S: Simd>(low: *const u8, high: S::I, mask: i32) -> S::I {
    // SAFETY: the caller's field holds 16 bytes.
    unsafe { S::or_i(S::load_u8(low), S::shl_i::<8>(S::and_i(high, mask))) }
}

/// The levels of four rows of eight.
#[inline(always)]
unsafe fn levels_of_eights<S: Simd>(rows: [S::I; 4], lookup: &Lookup) -> [S::B; 8] {
    // SAFETY: the rows are within the grid: they have as many bits as it needs.
    unsafe {
        let words = each!(4, r => S::gather(lookup.grid.as_ptr(), rows[r]));
        each!(8, g => {
            let word = words[g / 2];
            if g.is_multiple_of(2) { S::and_b(word, 3) } else { S::and_b(S::shr_b::<2>(word), 3) }
        })
    }
}

/// The levels of eight rows of four.
#[inline(always)]
unsafe fn levels_of_fours<S: Simd>(rows: [S::I; 8], lookup: &Lookup) -> [S::B; 8] {
    // SAFETY: as above.
    unsafe { each!(8, r => S::gather(lookup.grid.as_ptr(), rows[r])) }
}

/// The weights of a K-block of rows of eight at `p`, whose `bits` high bits are the lowest of `high`.
#[inline(always)]
unsafe fn eights<S: Simd>(p: *const u8, high: S::I, bits: usize, lookup: &Lookup) -> [S::B; 8] {
    // SAFETY: the caller's field holds rows and flips.
    unsafe {
        let mask = (1 << bits) - 1;
        let rows = each!(4, r => row::<S>(p.add(r * LANES), S::shr_by(high, r * bits), mask));
        weights::<S>(levels_of_eights::<S>(rows, lookup), planes::bits_at_3::<S>(p.add(EIGHTS)), lookup)
    }
}

/// The weights of a K-block of rows of four at `p`, whose `bits` high bits are the lowest of `high`.
#[inline(always)]
unsafe fn fours<S: Simd>(p: *const u8, high: S::I, bits: usize, lookup: &Lookup) -> [S::B; 8] {
    // SAFETY: the caller's field holds rows and flips.
    unsafe {
        let mask = (1 << bits) - 1;
        let rows = each!(8, r => row::<S>(p.add(r * LANES), S::shr_by(high, r * bits), mask));
        weights::<S>(levels_of_fours::<S>(rows, lookup), planes::bits_at_3::<S>(p.add(FOURS)), lookup)
    }
}

const XXS2_ROWS: usize = HEADER + STEPS;
const _: () = assert!(XXS2_ROWS + 8 * (EIGHTS + FLIPS) == LANES * Iq2Xxs::BYTES);

impl IntFormat for Iq2Xxs {
    const RARE: bool = true;
    const BLOCK: usize = 256;
    const BYTES: usize = iq2_xxs::BLOCK_BYTES + 4;
    const FILE_BYTES: usize = iq2_xxs::BLOCK_BYTES;
    const CODES: Codes = Codes::Signed;

    fn pack(src: &[u8], lane: usize, dst: &mut [u8]) {
        let parts = iq2_xxs::parts(src.try_into().expect("a block of the file"));
        planes::write_u16(parts.d, lane, dst);
        write_each(paired(&parts.steps), lane, &mut dst[HEADER..]);
        write_rows(&parts, lane, &mut dst[XXS2_ROWS..]);
    }

    #[inline(always)]
    unsafe fn unpack<S: Simd>(p: *const u8, sub: usize) -> Block<S> {
        // SAFETY: the trait's.
        unsafe {
            let rows = p.add(XXS2_ROWS + sub * (EIGHTS + FLIPS));
            let w = eights::<S>(rows, S::splat_i(0), 0, &iq2_xxs::LOOKUP);
            whole::<S>(p, sub, &iq2_xxs::LOOKUP, w)
        }
    }
}

const XS2_HIGH: usize = HEADER + BYTE_EACH;
const XS2_ROWS: usize = XS2_HIGH + STEPS;
const _: () = assert!(XS2_ROWS + 8 * (EIGHTS + FLIPS) == LANES * Iq2Xs::BYTES);

impl IntFormat for Iq2Xs {
    const RARE: bool = true;
    const BLOCK: usize = 256;
    const BYTES: usize = iq2_xs::BLOCK_BYTES + 4;
    const FILE_BYTES: usize = iq2_xs::BLOCK_BYTES;
    const CODES: Codes = Codes::Signed;
    const HALVES: bool = true;

    fn pack(src: &[u8], lane: usize, dst: &mut [u8]) {
        let parts = iq2_xs::parts(src.try_into().expect("a block of the file"));
        planes::write_u16(parts.d, lane, dst);
        write_each(paired(&parts.steps), lane, &mut dst[HEADER..]);
        write_each(high_bits(&parts.rows, 1), lane, &mut dst[XS2_HIGH..]);
        write_rows(&parts, lane, &mut dst[XS2_ROWS..]);
    }

    #[inline(always)]
    unsafe fn unpack<S: Simd>(p: *const u8, sub: usize) -> Block<S> {
        // SAFETY: the trait's.
        unsafe {
            let rows = p.add(XS2_ROWS + sub * (EIGHTS + FLIPS));
            let w = eights::<S>(rows, nibble::<S>(p.add(XS2_HIGH), sub), 1, &iq2_xs::LOOKUP);
            halves::<S>(p, sub, &iq2_xs::LOOKUP, w)
        }
    }
}

const S2_HIGH: usize = HEADER + BYTE_EACH;
const S2_ROWS: usize = S2_HIGH + BYTE_EACH;
const _: () = assert!(S2_ROWS + 8 * (EIGHTS + FLIPS) == LANES * Iq2S::BYTES);

impl IntFormat for Iq2S {
    const RARE: bool = true;
    const BLOCK: usize = 256;
    const BYTES: usize = iq2_s::BLOCK_BYTES;
    const CODES: Codes = Codes::Signed;
    const HALVES: bool = true;

    fn pack(src: &[u8], lane: usize, dst: &mut [u8]) {
        let parts = iq2_s::parts(src.try_into().expect("a block of the file"));
        planes::write_u16(parts.d, lane, dst);
        write_each(paired(&parts.steps), lane, &mut dst[HEADER..]);
        write_each(high_bits(&parts.rows, 2), lane, &mut dst[S2_HIGH..]);
        write_rows(&parts, lane, &mut dst[S2_ROWS..]);
    }

    #[inline(always)]
    unsafe fn unpack<S: Simd>(p: *const u8, sub: usize) -> Block<S> {
        // SAFETY: the trait's.
        unsafe {
            let rows = p.add(S2_ROWS + sub * (EIGHTS + FLIPS));
            let high = S::load_u8(p.add(S2_HIGH + sub * LANES));
            halves::<S>(p, sub, &iq2_s::LOOKUP, eights::<S>(rows, high, 2, &iq2_s::LOOKUP))
        }
    }
}

const XXS3_ROWS: usize = HEADER + STEPS;
const _: () = assert!(XXS3_ROWS + 8 * (FOURS + FLIPS) == LANES * Iq3Xxs::BYTES);

impl IntFormat for Iq3Xxs {
    const RARE: bool = true;
    const BLOCK: usize = 256;
    const BYTES: usize = iq3_xxs::BLOCK_BYTES + 4;
    const FILE_BYTES: usize = iq3_xxs::BLOCK_BYTES;
    const CODES: Codes = Codes::Signed;

    fn pack(src: &[u8], lane: usize, dst: &mut [u8]) {
        let parts = iq3_xxs::parts(src.try_into().expect("a block of the file"));
        planes::write_u16(parts.d, lane, dst);
        write_each(paired(&parts.steps), lane, &mut dst[HEADER..]);
        write_rows(&parts, lane, &mut dst[XXS3_ROWS..]);
    }

    #[inline(always)]
    unsafe fn unpack<S: Simd>(p: *const u8, sub: usize) -> Block<S> {
        // SAFETY: the trait's.
        unsafe {
            let rows = p.add(XXS3_ROWS + sub * (FOURS + FLIPS));
            let w = fours::<S>(rows, S::splat_i(0), 0, &iq3_xxs::LOOKUP);
            whole::<S>(p, sub, &iq3_xxs::LOOKUP, w)
        }
    }
}

const S3_HIGH: usize = HEADER + STEPS;
const S3_ROWS: usize = S3_HIGH + BYTE_EACH;
const _: () = assert!(S3_ROWS + 8 * (FOURS + FLIPS) == LANES * Iq3S::BYTES);

impl IntFormat for Iq3S {
    const RARE: bool = true;
    const BLOCK: usize = 256;
    const BYTES: usize = iq3_s::BLOCK_BYTES;
    const CODES: Codes = Codes::Signed;

    fn pack(src: &[u8], lane: usize, dst: &mut [u8]) {
        let parts = iq3_s::parts(src.try_into().expect("a block of the file"));
        planes::write_u16(parts.d, lane, dst);
        write_each(paired(&parts.steps), lane, &mut dst[HEADER..]);
        write_each(high_bits(&parts.rows, 1), lane, &mut dst[S3_HIGH..]);
        write_rows(&parts, lane, &mut dst[S3_ROWS..]);
    }

    #[inline(always)]
    unsafe fn unpack<S: Simd>(p: *const u8, sub: usize) -> Block<S> {
        // SAFETY: the trait's.
        unsafe {
            let rows = p.add(S3_ROWS + sub * (FOURS + FLIPS));
            let high = S::load_u8(p.add(S3_HIGH + sub * LANES));
            whole::<S>(p, sub, &iq3_s::LOOKUP, fours::<S>(rows, high, 1, &iq3_s::LOOKUP))
        }
    }
}

/// The weights of a K-block of rows of eight with a flip each: low bytes at `p`, the high bits of row `r` from bit
/// `bits * r` of `words` on, its flip in bit 3 of `flips[r]`.
#[inline(always)]
unsafe fn shifted<S: Simd>(p: *const u8, words: S::I, bits: usize, flips: [S::I; 4]) -> [S::B; 8] {
    // SAFETY: the caller's field holds the rows.
    unsafe {
        let rows = each!(4, r => row::<S>(p.add(r * LANES), S::shr_by(words, r * bits), 7));
        let flips = each!(4, r => S::splat_bytes(S::and_i(flips[r], 8)));
        let flips = each!(8, g => flips[g / 2]);
        weights::<S>(levels_of_eights::<S>(rows, &iq1_s::LOOKUP), flips, &iq1_s::LOOKUP)
    }
}

/// Two bytes per lane, the low ones first.
#[inline(always)]
unsafe fn words<S: Simd>(p: *const u8) -> S::I {
    // SAFETY: the caller's field holds them.
    unsafe { S::or_i(S::load_u8(p), S::shl_i::<8>(S::load_u8(p.add(LANES)))) }
}

const _: () = assert!(HEADER + 8 * (WORD + EIGHTS) == LANES * Iq1S::BYTES);

impl IntFormat for Iq1S {
    const RARE: bool = true;
    const BLOCK: usize = 256;
    const BYTES: usize = iq1_s::BLOCK_BYTES;
    const CODES: Codes = Codes::Signed;

    fn pack(src: &[u8], lane: usize, dst: &mut [u8]) {
        planes::write_u16([src[0], src[1]], lane, dst);
        let (rows, words) = src[2..].split_at(32);
        for (sub, field) in dst[HEADER..].chunks_exact_mut(WORD + EIGHTS).enumerate() {
            write_each(words[2 * sub..2 * sub + 2].iter().copied(), lane, field);
            write_each(rows[4 * sub..4 * sub + 4].iter().copied(), lane, &mut field[WORD..]);
        }
    }

    #[inline(always)]
    unsafe fn unpack<S: Simd>(p: *const u8, sub: usize) -> Block<S> {
        // SAFETY: the trait's.
        unsafe {
            let field = p.add(HEADER + sub * (WORD + EIGHTS));
            let word = words::<S>(field);
            let w = shifted::<S>(field.add(WORD), word, 3, [S::shr_i::<12>(word); 4]);
            let step = S::and_i(S::shr_i::<12>(word), 7);
            Block::whole(w, scale::<S>(p, step, &iq1_s::LOOKUP), S::splat(0.0))
        }
    }
}

const M1_ROWS: usize = HEADER + BYTE_EACH;
const _: () = assert!(M1_ROWS + 8 * (WORD + EIGHTS) == LANES * Iq1M::BYTES);

impl IntFormat for Iq1M {
    const RARE: bool = true;
    const BLOCK: usize = 256;
    const BYTES: usize = iq1_m::BLOCK_BYTES + 2;
    const FILE_BYTES: usize = iq1_m::BLOCK_BYTES;
    const CODES: Codes = Codes::Signed;
    const HALVES: bool = true;

    fn pack(src: &[u8], lane: usize, dst: &mut [u8]) {
        let parts = iq1_m::parts(src.try_into().expect("a block of the file"));
        planes::write_u16(parts.d, lane, dst);
        write_each(paired(&parts.steps), lane, &mut dst[HEADER..]);
        for (sub, field) in dst[M1_ROWS..].chunks_exact_mut(WORD + EIGHTS).enumerate() {
            write_each(src[32 + 2 * sub..34 + 2 * sub].iter().copied(), lane, field);
            write_each(src[4 * sub..4 * sub + 4].iter().copied(), lane, &mut field[WORD..]);
        }
    }

    #[inline(always)]
    unsafe fn unpack<S: Simd>(p: *const u8, sub: usize) -> Block<S> {
        // SAFETY: the trait's.
        unsafe {
            let field = p.add(M1_ROWS + sub * (WORD + EIGHTS));
            let word = words::<S>(field);
            let flips = each!(4, r => S::shr_by(word, 4 * r));
            let w = shifted::<S>(field.add(WORD), word, 4, flips);
            halves::<S>(p, sub, &iq1_s::LOOKUP, w)
        }
    }
}
