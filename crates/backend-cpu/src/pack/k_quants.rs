//! Q2_K to Q6_K: blocks of 256 whose sub-scales stay as compact as in the file.
//!
//! ```text
//! Q4_K [d 32 B][dmin 32 B][8 x (scale, min) of 6 bits 192 B][8 x 4-bit plane 256 B]
//! Q5_K [d][dmin][8 x (scale, min)][8 x 1-bit plane 64 B][8 x 4-bit plane 256 B]
//! Q6_K [d 32 B][16 scales x 16 B][8 x 2-bit plane 128][8 x 4-bit plane 256]
//! Q3_K [d 32 B][8 x (scale, scale) of 6 bits 192 B][8 x 1-bit plane 64][8 x 2-bit plane 128]
//! Q2_K [d 32 B][dmin 32 B][16 x (scale | min << 4) x 16 B][8 x 2-bit plane 128]
//! ```
//! Pairs of 6 bits: see `planes::write_six_bit_pairs`.

use super::planes::{self, ONES, word};
use super::{Block, Codes, IntFormat, Min};
use crate::simd::{LANES, Simd};

const HEADER: usize = 32;
/// 4-bit plane of one K-block.
const NIBBLES: usize = 256;
/// 2-bit plane of one K-block.
const PAIRS: usize = 128;
/// 1-bit plane of one K-block.
const BITS: usize = 64;

#[derive(Clone, Copy)]
pub(crate) struct Q2K;
#[derive(Clone, Copy)]
pub(crate) struct Q3K;
#[derive(Clone, Copy)]
pub(crate) struct Q4K;
#[derive(Clone, Copy)]
pub(crate) struct Q5K;
#[derive(Clone, Copy)]
pub(crate) struct Q6K;

/// Offsets of the header that Q4_K and Q5_K share.
const SCALES: usize = 2 * HEADER;
const AFTER_SCALES: usize = SCALES + planes::SIX_BIT_PAIRS;
const Q5_CODES: usize = AFTER_SCALES + 8 * BITS;
const _: () = assert!(AFTER_SCALES + 8 * NIBBLES == 16 * 144 && Q5_CODES + 8 * NIBBLES == 16 * 176);

/// Unpacks the 12 bytes of Q4_K and Q5_K: eight 6-bit scales and eight 6-bit minimums. Scales and minimums
/// 0 to 3 are the low six bits of bytes 0 to 3 and 4 to 7; 4 to 7 have their low four bits in bytes 8 to
/// 11, their high two bits on top of bytes 0 to 7.
fn scales_and_mins(s: &[u8]) -> ([u8; 8], [u8; 8]) {
    let scale = |j: usize| if j < 4 { s[j] & 63 } else { s[j + 4] & 15 | s[j - 4] >> 6 << 4 };
    let min = |j: usize| if j < 4 { s[j + 4] & 63 } else { s[j + 4] >> 4 | s[j] >> 6 << 4 };
    (std::array::from_fn(scale), std::array::from_fn(min))
}

/// Writes `d`, `dmin`, scales and minimums: the first 16 bytes of a Q4_K or Q5_K block.
fn pack_header45(src: &[u8], lane: usize, dst: &mut [u8]) {
    planes::write_u16([src[0], src[1]], lane, dst);
    planes::write_u16([src[2], src[3]], lane, &mut dst[HEADER..]);
    let (scales, mins) = scales_and_mins(&src[4..16]);
    planes::write_six_bit_pairs(&scales, &mins, lane, &mut dst[SCALES..]);
}

/// Group `g` of K-block `sub` of a Q4_K nibble array: 32 bytes hold two K-blocks, low bits first.
fn nibbles45(qs: &[u8], sub: usize, g: usize) -> u32 {
    word(qs, sub / 2 * 8 + g) >> (4 * (sub % 2)) & (15 * ONES)
}

#[inline(always)]
unsafe fn block45<S: Simd>(p: *const u8, sub: usize, w: [S::B; 8]) -> Block<S> {
    // SAFETY: the caller's block has the shared header.
    unsafe {
        let [scale, min] = planes::six_bit_pair::<S>(p.add(SCALES), sub);
        let scale = S::mul(S::load_f16(p.cast()), scale);
        Block::whole(w, scale, S::mul(S::load_f16(p.add(HEADER).cast()), min))
    }
}

impl IntFormat for Q4K {
    const BLOCK: usize = 256;
    const BYTES: usize = 144;
    const CODES: Codes = Codes::Unsigned;
    const MIN: Min = Min::Subtract;

    fn pack(src: &[u8], lane: usize, dst: &mut [u8]) {
        pack_header45(src, lane, dst);
        for sub in 0..8 {
            let codes = std::array::from_fn(|g| nibbles45(&src[16..], sub, g));
            planes::write_nibbles(&codes, lane, &mut dst[AFTER_SCALES + sub * NIBBLES..]);
        }
    }

    #[inline(always)]
    unsafe fn unpack<S: Simd>(p: *const u8, sub: usize) -> Block<S> {
        // SAFETY: the trait's.
        unsafe { block45::<S>(p, sub, planes::nibbles::<S>(p.add(AFTER_SCALES + sub * NIBBLES))) }
    }
}

impl IntFormat for Q5K {
    const BLOCK: usize = 256;
    const BYTES: usize = 176;
    const CODES: Codes = Codes::Unsigned;
    const MIN: Min = Min::Subtract;

    fn pack(src: &[u8], lane: usize, dst: &mut [u8]) {
        pack_header45(src, lane, dst);
        for sub in 0..8 {
            let (qh, qs) = (&src[16..48], &src[48..]);
            let codes = std::array::from_fn(|g| nibbles45(qs, sub, g) | (word(qh, g) >> sub & ONES) << 4);
            planes::write_bits(&codes, 4, lane, &mut dst[AFTER_SCALES + sub * BITS..]);
            planes::write_nibbles(&codes, lane, &mut dst[Q5_CODES + sub * NIBBLES..]);
        }
    }

    #[inline(always)]
    unsafe fn unpack<S: Simd>(p: *const u8, sub: usize) -> Block<S> {
        // SAFETY: the trait's.
        unsafe {
            let high = planes::bits_at_4::<S>(p.add(AFTER_SCALES + sub * BITS));
            let low = planes::nibbles::<S>(p.add(Q5_CODES + sub * NIBBLES));
            block45::<S>(p, sub, planes::or::<S>(low, high))
        }
    }
}

const Q6_SCALES: usize = HEADER;
const Q6_PAIRS: usize = Q6_SCALES + 16 * LANES;
const Q6_NIBBLES: usize = Q6_PAIRS + 8 * PAIRS;
const _: () = assert!(Q6_NIBBLES + 8 * NIBBLES == 16 * 210);

/// Group `g` of K-block `sub`: each half of 128 weights has 64 bytes of low bits (K-blocks 0 and 1 in the low
/// nibbles, 2 and 3 in the high) and 32 bytes of high bits (two per K-block).
fn codes6(ql: &[u8], qh: &[u8], sub: usize, g: usize) -> u32 {
    let (half, quarter) = (sub / 4, sub % 4);
    let low = word(ql, half * 16 + quarter % 2 * 8 + g) >> (4 * (quarter / 2)) & (15 * ONES);
    low | (word(qh, half * 8 + g) >> (2 * quarter) & (3 * ONES)) << 4
}

impl IntFormat for Q6K {
    const BLOCK: usize = 256;
    const BYTES: usize = 210;
    const CODES: Codes = Codes::Offset;
    const OFFSET_SHIFT: i32 = 5;
    const HALVES: bool = true;

    fn pack(src: &[u8], lane: usize, dst: &mut [u8]) {
        planes::write_u16([src[208], src[209]], lane, dst);
        for (j, &scale) in src[192..208].iter().enumerate() {
            dst[Q6_SCALES + j * LANES + lane] = scale;
        }
        for sub in 0..8 {
            let codes = std::array::from_fn(|g| codes6(&src[..128], &src[128..192], sub, g));
            planes::write_pairs(&codes, 4, lane, &mut dst[Q6_PAIRS + sub * PAIRS..]);
            planes::write_nibbles(&codes, lane, &mut dst[Q6_NIBBLES + sub * NIBBLES..]);
        }
    }

    #[inline(always)]
    unsafe fn unpack<S: Simd>(p: *const u8, sub: usize) -> Block<S> {
        // SAFETY: the trait's.
        unsafe {
            let high = planes::pairs_at_4::<S>(p.add(Q6_PAIRS + sub * PAIRS));
            let low = planes::nibbles::<S>(p.add(Q6_NIBBLES + sub * NIBBLES));
            let half = |h: usize| S::to_f32(S::load_i8(p.add(Q6_SCALES + (2 * sub + h) * LANES).cast()));
            let d = S::load_f16(p.cast());
            Block {
                w: planes::or::<S>(low, high),
                scales: [S::mul(d, half(0)), S::mul(d, half(1))],
                mins: [S::splat(0.0); 2],
            }
        }
    }
}

const Q3_SCALES: usize = HEADER;
const Q3_BITS: usize = Q3_SCALES + planes::SIX_BIT_PAIRS;
const Q3_PAIRS: usize = Q3_BITS + 8 * BITS;
const _: () = assert!(Q3_PAIRS + 8 * PAIRS == 16 * 110);

/// Group `g` of K-block `sub` of a Q2_K, Q3_K or TQ2_0 array of two bits: 32 bytes hold four K-blocks.
pub(super) fn pairs23(qs: &[u8], sub: usize, g: usize) -> u32 {
    word(qs, sub / 4 * 8 + g) >> (2 * (sub % 4)) & (3 * ONES)
}

impl IntFormat for Q3K {
    const BLOCK: usize = 256;
    const BYTES: usize = 110;
    const CODES: Codes = Codes::Offset;
    const OFFSET_SHIFT: i32 = 2;
    const HALVES: bool = true;

    fn pack(src: &[u8], lane: usize, dst: &mut [u8]) {
        let (hmask, qs, s) = (&src[..32], &src[32..96], &src[96..108]);
        planes::write_u16([src[108], src[109]], lane, dst);
        // 16 scales of 6 bits: low nibbles in bytes 0 to 7 (0 to 7 low, 8 to 15 high), pairs in 8 to 11.
        let scale = |j: usize| {
            let low = s[j % 8] >> (4 * (j / 8)) & 15;
            low | (s[8 + j % 4] >> (2 * (j / 4)) & 3) << 4
        };
        let halves = |h: usize| std::array::from_fn(|sub| scale(2 * sub + h));
        planes::write_six_bit_pairs(&halves(0), &halves(1), lane, &mut dst[Q3_SCALES..]);
        for sub in 0..8 {
            let codes = std::array::from_fn(|g| pairs23(qs, sub, g) | (word(hmask, g) >> sub & ONES) << 2);
            planes::write_bits(&codes, 2, lane, &mut dst[Q3_BITS + sub * BITS..]);
            planes::write_pairs(&codes, 0, lane, &mut dst[Q3_PAIRS + sub * PAIRS..]);
        }
    }

    #[inline(always)]
    unsafe fn unpack<S: Simd>(p: *const u8, sub: usize) -> Block<S> {
        // SAFETY: the trait's.
        unsafe {
            let high = planes::bits_at_2::<S>(p.add(Q3_BITS + sub * BITS));
            let low = planes::pairs::<S>(p.add(Q3_PAIRS + sub * PAIRS));
            let [first, second] = planes::six_bit_pair::<S>(p.add(Q3_SCALES), sub);
            let (d, offset) = (S::load_f16(p.cast()), S::splat(32.0));
            Block {
                w: planes::or::<S>(low, high),
                scales: [S::mul(d, S::sub(first, offset)), S::mul(d, S::sub(second, offset))],
                mins: [S::splat(0.0); 2],
            }
        }
    }
}

const Q2_SCALES: usize = 2 * HEADER;
const Q2_PAIRS: usize = Q2_SCALES + 16 * LANES;
const _: () = assert!(Q2_PAIRS + 8 * PAIRS == 16 * 84);

impl IntFormat for Q2K {
    const BLOCK: usize = 256;
    const BYTES: usize = 84;
    const CODES: Codes = Codes::Unsigned;
    const MIN: Min = Min::Subtract;
    const HALVES: bool = true;

    fn pack(src: &[u8], lane: usize, dst: &mut [u8]) {
        planes::write_u16([src[80], src[81]], lane, dst);
        planes::write_u16([src[82], src[83]], lane, &mut dst[HEADER..]);
        for (j, &scale) in src[..16].iter().enumerate() {
            dst[Q2_SCALES + j * LANES + lane] = scale;
        }
        for sub in 0..8 {
            let codes = std::array::from_fn(|g| pairs23(&src[16..80], sub, g));
            planes::write_pairs(&codes, 0, lane, &mut dst[Q2_PAIRS + sub * PAIRS..]);
        }
    }

    #[inline(always)]
    unsafe fn unpack<S: Simd>(p: *const u8, sub: usize) -> Block<S> {
        // SAFETY: the trait's.
        unsafe {
            let code = |h: usize| S::load_u8(p.add(Q2_SCALES + (2 * sub + h) * LANES));
            let (a, b) = (code(0), code(1));
            let (d, dmin) = (S::load_f16(p.cast()), S::load_f16(p.add(HEADER).cast()));
            let scale = |code: S::I| S::mul(d, S::to_f32(S::and_i(code, 15)));
            let min = |code: S::I| S::mul(dmin, S::to_f32(S::shr_i::<4>(code)));
            Block {
                w: planes::pairs::<S>(p.add(Q2_PAIRS + sub * PAIRS)),
                scales: [scale(a), scale(b)],
                mins: [min(a), min(b)],
            }
        }
    }
}
