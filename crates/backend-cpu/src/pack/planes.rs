//! The quant planes of a panel block: writing codes at pack time, reading groups in kernels. See the
//! drawing in the module above.

use crate::simd::{LANES, Simd};

/// Bytes of one plane vector.
pub(super) const VECTOR: usize = 64;

/// The 32 codes of a K-block of one row, four to a little-endian word: word `g` is group `g`. Packing works on
/// words, because a model's weights go through here once at every start.
pub(super) type Codes = [u32; 8];

/// Word `i` of little-endian bytes.
pub(super) fn word(bytes: &[u8], i: usize) -> u32 {
    let (words, _) = bytes.as_chunks::<4>();
    u32::from_le_bytes(words[i])
}

/// One bit per byte of a word.
pub(super) const ONES: u32 = 0x0101_0101;

/// Spreads bits `0..4` over the four bytes of a word.
pub(super) fn spread_bits(bits: u32) -> u32 {
    ((bits & 15) * 0x0020_4081) & ONES
}

/// Writes a lane's word of vector `v`.
fn write_word(word: u32, v: usize, lane: usize, plane: &mut [u8]) {
    plane[v * VECTOR + lane * 4..][..4].copy_from_slice(&word.to_le_bytes());
}

/// Writes 32 codes of one row to an 8-bit plane of 8 vectors.
pub(super) fn write_bytes(codes: &Codes, lane: usize, plane: &mut [u8]) {
    for (v, &group) in codes.iter().enumerate() {
        write_word(group, v, lane, plane);
    }
}

/// Writes bits 0..4 of 32 codes of one row to a 4-bit plane of 4 vectors.
pub(super) fn write_nibbles(codes: &Codes, lane: usize, plane: &mut [u8]) {
    for v in 0..4 {
        write_word(codes[v] & (15 * ONES) | (codes[4 + v] & (15 * ONES)) << 4, v, lane, plane);
    }
}

/// Writes bits `shift..shift + 2` of 32 codes of one row to a 2-bit plane of 2 vectors.
pub(super) fn write_pairs(codes: &Codes, shift: u32, lane: usize, plane: &mut [u8]) {
    for (v, groups) in codes.as_chunks::<4>().0.iter().enumerate() {
        let pairs = groups.map(|group| group >> shift & (3 * ONES));
        write_word(pairs[0] | pairs[1] << 2 | pairs[2] << 4 | pairs[3] << 6, v, lane, plane);
    }
}

/// Writes bit `shift` of 32 codes of one row to a 1-bit plane of one vector.
pub(super) fn write_bits(codes: &Codes, shift: u32, lane: usize, plane: &mut [u8]) {
    let bits = codes.iter().enumerate().fold(0, |bits, (i, &group)| bits | (group >> shift & ONES) << i);
    write_word(bits, 0, lane, plane);
}

/// `[value for 0, value for 1, ...]`, each spelled out: `std::array::from_fn` takes a closure, and one that is not inlined
/// has no vector instructions, so that each of its intrinsics becomes a call.
macro_rules! each {
    (4, $i:ident => $value:expr) => {
        $crate::pack::planes::each!([0 1 2 3] $i => $value)
    };
    (8, $i:ident => $value:expr) => {
        $crate::pack::planes::each!([0 1 2 3 4 5 6 7] $i => $value)
    };
    ([$($at:literal)*] $i:ident => $value:expr) => {
        [$({
            let $i: usize = $at;
            $value
        }),*]
    };
}
pub(super) use each;

/// Reads the eight groups of a 4-bit plane.
#[inline(always)]
pub(super) unsafe fn nibbles<S: Simd>(p: *const u8) -> [S::B; 8] {
    // SAFETY: the caller's plane has four vectors.
    unsafe {
        let v = [S::load_b(p), S::load_b(p.add(64)), S::load_b(p.add(128)), S::load_b(p.add(192))];
        let low = |i: usize| S::and_b(v[i], 15);
        let high = |i: usize| S::and_b(S::shr_b::<4>(v[i]), 15);
        [low(0), low(1), low(2), low(3), high(0), high(1), high(2), high(3)]
    }
}

/// Reads the eight groups of an 8-bit plane.
#[inline(always)]
pub(super) unsafe fn bytes<S: Simd>(p: *const u8) -> [S::B; 8] {
    // SAFETY: the caller's plane has eight vectors.
    unsafe { each!(8, i => S::load_b(p.add(i * VECTOR))) }
}

/// Reads the eight groups of a 2-bit plane, each pair of bits moved to bits `4..6`.
#[inline(always)]
pub(super) unsafe fn pairs_at_4<S: Simd>(p: *const u8) -> [S::B; 8] {
    // SAFETY: the caller's plane has two vectors.
    unsafe {
        let (a, b) = (S::load_b(p), S::load_b(p.add(64)));
        [
            S::and_b(S::shl_b::<4>(a), 0x30),
            S::and_b(S::shl_b::<2>(a), 0x30),
            S::and_b(a, 0x30),
            S::and_b(S::shr_b::<2>(a), 0x30),
            S::and_b(S::shl_b::<4>(b), 0x30),
            S::and_b(S::shl_b::<2>(b), 0x30),
            S::and_b(b, 0x30),
            S::and_b(S::shr_b::<2>(b), 0x30),
        ]
    }
}

/// Reads the eight groups of a 2-bit plane, in bits `0..2`.
#[inline(always)]
pub(super) unsafe fn pairs<S: Simd>(p: *const u8) -> [S::B; 8] {
    // SAFETY: the caller's plane has two vectors.
    unsafe {
        let (a, b) = (S::load_b(p), S::load_b(p.add(64)));
        [
            S::and_b(a, 3),
            S::and_b(S::shr_b::<2>(a), 3),
            S::and_b(S::shr_b::<4>(a), 3),
            S::and_b(S::shr_b::<6>(a), 3),
            S::and_b(b, 3),
            S::and_b(S::shr_b::<2>(b), 3),
            S::and_b(S::shr_b::<4>(b), 3),
            S::and_b(S::shr_b::<6>(b), 3),
        ]
    }
}

/// Defines a reader of a 1-bit plane that moves each bit to the place that `$mask` has; the shifts are those of the eight
/// groups, group `i` having bit `i`.
macro_rules! bits_at {
    ($(#[$doc:meta])* $name:ident, $mask:literal, [$($shift:ident $by:literal),*]) => {
        $(#[$doc])*
        #[inline(always)]
        pub(super) unsafe fn $name<S: Simd>(p: *const u8) -> [S::B; 8] {
            // SAFETY: the caller's plane has one vector.
            unsafe {
                let v = S::load_b(p);
                [$(S::and_b(S::$shift::<$by>(v), $mask)),*]
            }
        }
    };
}

bits_at! {
    /// Reads the eight groups of a 1-bit plane, each bit moved to bit 1.
    bits_at_1, 2, [shl_b 1, shl_b 0, shr_b 1, shr_b 2, shr_b 3, shr_b 4, shr_b 5, shr_b 6]
}
bits_at! {
    /// Reads the eight groups of a 1-bit plane, each bit moved to bit 2.
    bits_at_2, 4, [shl_b 2, shl_b 1, shl_b 0, shr_b 1, shr_b 2, shr_b 3, shr_b 4, shr_b 5]
}
bits_at! {
    /// Reads the eight groups of a 1-bit plane, each bit moved to bit 3.
    bits_at_3, 8, [shl_b 3, shl_b 2, shl_b 1, shl_b 0, shr_b 1, shr_b 2, shr_b 3, shr_b 4]
}
bits_at! {
    /// Reads the eight groups of a 1-bit plane, each bit moved to bit 4.
    bits_at_4, 16, [shl_b 4, shl_b 3, shl_b 2, shl_b 1, shl_b 0, shr_b 1, shr_b 2, shr_b 3]
}

/// `a[i] | b[i]` of all groups.
#[inline(always)]
pub(super) unsafe fn or<S: Simd>(a: [S::B; 8], b: [S::B; 8]) -> [S::B; 8] {
    // SAFETY: no pointers.
    unsafe { each!(8, i => S::or_b(a[i], b[i])) }
}

/// Copies a little-endian 16-bit header field of one row to its lane.
pub(super) fn write_u16(bytes: [u8; 2], lane: usize, field: &mut [u8]) {
    field[lane * 2..lane * 2 + 2].copy_from_slice(&bytes);
}

/// Bytes of the 6-bit pairs of a block of 256.
pub(super) const SIX_BIT_PAIRS: usize = 12 * LANES;
/// Where their high bits start.
const PAIRS_HIGH: usize = 8 * LANES;

/// Two 6-bit values for each of eight K-blocks of one row (scale and minimum, or the scales of both
/// halves): vector `sub` holds the low four bits of the first below those of the second; behind them, the
/// two high bits of both, four bits a K-block, two K-blocks a byte.
pub(super) fn write_six_bit_pairs(first: &[u8; 8], second: &[u8; 8], lane: usize, field: &mut [u8]) {
    for (sub, (&a, &b)) in first.iter().zip(second).enumerate() {
        field[sub * LANES + lane] = a & 15 | b << 4;
        let high = a >> 4 & 3 | (b >> 4 & 3) << 2;
        field[PAIRS_HIGH + sub / 2 * LANES + lane] |= high << (4 * (sub % 2));
    }
}

/// Reads the pair of K-block `sub` of all rows.
#[inline(always)]
pub(super) unsafe fn six_bit_pair<S: Simd>(field: *const u8, sub: usize) -> [S::F; 2] {
    // SAFETY: the caller's field has `SIX_BIT_PAIRS` bytes, and `sub < 8`.
    unsafe {
        let low = S::load_u8(field.add(sub * LANES));
        let high = S::shr_by(S::load_u8(field.add(PAIRS_HIGH + sub / 2 * LANES)), 4 * (sub % 2));
        let first = S::or_i(S::and_i(low, 15), S::and_i(S::shl_i::<4>(high), 0x30));
        let second = S::or_i(S::shr_i::<4>(low), S::and_i(S::shl_i::<2>(high), 0x30));
        [S::to_f32(first), S::to_f32(second)]
    }
}

/// Eight 6-bit scales of one row: the low four bits two K-blocks a byte, then the high two bits four
/// K-blocks a byte.
pub(super) fn write_six_bit(scales: &[u8; 8], lane: usize, field: &mut [u8]) {
    for (sub, &scale) in scales.iter().enumerate() {
        field[sub / 2 * LANES + lane] |= (scale & 15) << (4 * (sub % 2));
        field[(4 + sub / 4) * LANES + lane] |= (scale >> 4 & 3) << (2 * (sub % 4));
    }
}

/// Reads the scale of K-block `sub` of all rows.
#[inline(always)]
pub(super) unsafe fn six_bit<S: Simd>(field: *const u8, sub: usize) -> S::F {
    // SAFETY: the caller's field has `6 * LANES` bytes, and `sub < 8`.
    unsafe {
        let low = S::shr_by(S::load_u8(field.add(sub / 2 * LANES)), 4 * (sub % 2));
        let high = S::shr_by(S::load_u8(field.add((4 + sub / 4) * LANES)), 2 * (sub % 4));
        S::to_f32(S::or_i(S::and_i(low, 15), S::and_i(S::shl_i::<4>(high), 0x30)))
    }
}
