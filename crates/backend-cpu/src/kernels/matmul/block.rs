//! One K-block of 32 inputs: its integer dots with some activation rows, scaled and added to their accumulators.
//!
//! The arithmetic is `gollum_quant`'s, written down in its root.

#![allow(unsafe_code)]

use std::ops::Range;

use super::{Activations, RowBlock};
use crate::pack::{Block, Codes, IntFormat, Min};
use crate::simd::Simd;

/// Adds K-block `k` of rows `row..row + R`, `R <= 8`, to their accumulators of 16 outputs.
#[inline(always)]
pub(super) unsafe fn accumulate_rows<S: Simd, T: IntFormat, const R: usize>(
    block: &Block<S>,
    x: &Activations,
    row: usize,
    k: usize,
    acc: &mut [S::F; R],
) {
    // Rows are spelled out: a loop of eight long turns stays one, with its accumulators in memory.
    macro_rules! each_pair {
        ($w:ident, $($r:literal)*) => {$(
            if R > $r + 1 {
                let pair = accumulate_pair::<S, T>(block, &$w, x, row + $r, k, [acc[$r], acc[$r + 1]]);
                [acc[$r], acc[$r + 1]] = pair;
            } else if R > $r {
                acc[$r] = accumulate::<S, T>(block, x, row + $r, k, acc[$r]);
            }
        )*};
    }
    macro_rules! each {
        ($($r:literal)*) => {$(
            if R > $r {
                acc[$r] = accumulate::<S, T>(block, x, row + $r, k, acc[$r]);
            }
        )*};
    }
    const { assert!(R <= 8) };
    // SAFETY: the rows and block `k` are within the activations.
    unsafe {
        if S::PAIRS {
            let w = S::pair_groups(&block.w);
            each_pair!(w, 0 2 4 6);
        } else {
            each!(0 1 2 3 4 5 6 7);
        }
    }
}

/// Adds K-block `k` of row `r`.
#[inline(always)]
unsafe fn accumulate<S: Simd, T: IntFormat>(
    block: &Block<S>,
    x: &Activations,
    r: usize,
    k: usize,
    acc: S::F,
) -> S::F {
    // SAFETY: row `r` and block `k` are within the activations.
    unsafe {
        let a = &*x.block(r, k);
        let q = a.q.as_ptr().cast::<i32>();
        if T::HALVES {
            let low = dot::<S, T>(block, q, 0..4, a.neg_half_sums[0]);
            let high = dot::<S, T>(block, q, 4..8, a.neg_half_sums[1]);
            add_halves::<S, T>(block, a, [low, high], acc)
        } else {
            add_whole::<S, T>(block, a, dot::<S, T>(block, q, 0..8, a.neg_sum), acc)
        }
    }
}

/// Adds K-block `k` of rows `r` and `r + 1`. `w` is the block's weights, paired.
#[inline(always)]
unsafe fn accumulate_pair<S: Simd, T: IntFormat>(
    block: &Block<S>,
    w: &[S::B; 8],
    x: &Activations,
    r: usize,
    k: usize,
    acc: [S::F; 2],
) -> [S::F; 2] {
    // SAFETY: both rows and block `k` are within the activations.
    unsafe {
        let a = [&*x.block(r, k), &*x.block(r + 1, k)];
        let q = [a[0].q.as_ptr().cast::<i32>(), a[1].q.as_ptr().cast::<i32>()];
        if T::HALVES {
            let low = [start::<S, T>(a[0].neg_half_sums[0]), start::<S, T>(a[1].neg_half_sums[0])];
            let low = S::dot_pair(low, w, q, 0..4);
            let high = [start::<S, T>(a[0].neg_half_sums[1]), start::<S, T>(a[1].neg_half_sums[1])];
            let high = S::dot_pair(high, w, q, 4..8);
            [
                add_halves::<S, T>(block, a[0], [low[0], high[0]], acc[0]),
                add_halves::<S, T>(block, a[1], [low[1], high[1]], acc[1]),
            ]
        } else {
            let dots = S::dot_pair([start::<S, T>(a[0].neg_sum), start::<S, T>(a[1].neg_sum)], w, q, 0..8);
            [add_whole::<S, T>(block, a[0], dots[0], acc[0]), add_whole::<S, T>(block, a[1], dots[1], acc[1])]
        }
    }
}

/// Scales the dot of a K-block and adds it and the minimum's share.
#[inline(always)]
unsafe fn add_whole<S: Simd, T: IntFormat>(block: &Block<S>, a: &RowBlock, dot: S::I, acc: S::F) -> S::F {
    // SAFETY: no pointers.
    unsafe {
        let factor = S::mul(block.scales[0], S::splat(a.scale));
        let acc = S::fma(S::to_f32(dot), factor, acc);
        match T::MIN {
            Min::None => acc,
            Min::Add => S::fma(block.mins[0], S::splat(a.scaled_sum), acc),
            Min::Subtract => S::fnma(block.mins[0], S::splat(a.scaled_sum), acc),
        }
    }
}

/// As [`add_whole`], for formats with a scale, and perhaps a minimum, per half: the halves' shares are added up
/// before the activations' scale, which saves a multiplication.
#[inline(always)]
unsafe fn add_halves<S: Simd, T: IntFormat>(
    block: &Block<S>,
    a: &RowBlock,
    [low, high]: [S::I; 2],
    acc: S::F,
) -> S::F {
    // SAFETY: no pointers.
    unsafe {
        let mut part = S::mul(S::to_f32(low), block.scales[0]);
        part = S::fma(S::to_f32(high), block.scales[1], part);
        const { assert!(!(T::HALVES && matches!(T::MIN, Min::Add)), "no format of halves adds a minimum") };
        if T::MIN == Min::Subtract {
            for half in 0..2 {
                // The sums are negated, so what is to be subtracted is added.
                let neg_sum = S::to_f32(S::splat_i(a.neg_half_sums[half]));
                part = S::fma(block.mins[half], neg_sum, part);
            }
        }
        S::fma(part, S::splat(a.scale), acc)
    }
}

/// The value that an integer dot starts from, given minus the sum of the activations' codes.
#[inline(always)]
unsafe fn start<S: Simd, T: IntFormat>(neg_sum: i32) -> S::I {
    // SAFETY: no pointers.
    unsafe {
        match T::CODES {
            Codes::Unsigned => S::splat_i(0),
            Codes::Offset => match T::OFFSET_SHIFT {
                0 => S::splat_i(neg_sum),
                2 => S::splat_shl::<2>(neg_sum),
                3 => S::splat_shl::<3>(neg_sum),
                4 => S::splat_shl::<4>(neg_sum),
                _ => S::splat_shl::<5>(neg_sum),
            },
            Codes::Signed => S::start_signed(neg_sum),
        }
    }
}

/// The integer dot of some groups; exact, so any order will do.
#[inline(always)]
unsafe fn dot<S: Simd, T: IntFormat>(
    block: &Block<S>,
    q: *const i32,
    groups: Range<usize>,
    neg_sum: i32,
) -> S::I {
    // SAFETY: `q` has eight groups of four codes.
    unsafe {
        // Two chains for a whole block, because each dot waits for the one before: 3 to 5 % with 512 rows. Halves
        // have a chain each anyway.
        let mut sums = [start::<S, T>(neg_sum), S::splat_i(0)];
        for group in groups {
            let a = q.add(group).read_unaligned();
            let sum = &mut sums[if T::HALVES { 0 } else { group % 2 }];
            *sum = match T::CODES {
                Codes::Signed => S::dot_signed(*sum, block.w[group], a),
                _ => S::dot_unsigned(*sum, block.w[group], a),
            };
        }
        if T::HALVES { sums[0] } else { S::add_i(sums[0], sums[1]) }
    }
}
