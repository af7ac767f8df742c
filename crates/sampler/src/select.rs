//! The best logit, and the best k, in one pass over the row.
//!
//! Order everywhere: larger logit first, then lower id. A `(logit, id)` pair packs into one u64 whose plain
//! order is that order:
//!
//! ```text
//! bit 63                      32 31                0
//!     | logit as ordered bits   | !id              |
//! ```

use gollum_core::TokenId;

/// Logits per block of [`arg_max`]: 4 KiB, so that finding the index within the best block is in L1.
const BLOCK: usize = 1024;
/// Independent maxima within a block; one or more SIMD registers.
const LANES: usize = 16;

/// The best token and its logit; `None` if the row holds NaN or +infinity, or nothing above -infinity.
pub fn arg_max(logits: &[f32]) -> Option<(TokenId, f32)> {
    let (mut best_block, mut max) = (0, f32::NEG_INFINITY);
    for (index, block) in logits.chunks(BLOCK).enumerate() {
        let (block_max, usable) = block_max(block);
        if !usable {
            return None;
        }
        // Strictly: a tie stays with the earlier block.
        if block_max > max {
            (best_block, max) = (index, block_max);
        }
    }
    if max == f32::NEG_INFINITY {
        return None;
    }
    let start = best_block * BLOCK;
    let at = logits[start..].iter().position(|&v| v == max).expect("the block's maximum is in the block");
    Some(((start + at) as TokenId, max))
}

/// The maximum, and whether every value is below +infinity (NaN is not).
fn block_max(block: &[f32]) -> (f32, bool) {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let mut unusable = [0u32; LANES];
    let (chunks, tail) = block.as_chunks::<LANES>();
    for chunk in chunks {
        for i in 0..LANES {
            let v = chunk[i];
            lanes[i] = if v > lanes[i] { v } else { lanes[i] };
            unusable[i] |= u32::from(!below_infinity(v));
        }
    }
    for (i, &v) in tail.iter().enumerate() {
        lanes[i] = if v > lanes[i] { v } else { lanes[i] };
        unusable[i] |= u32::from(!below_infinity(v));
    }
    let max = lanes.iter().fold(f32::NEG_INFINITY, |m, &v| if v > m { v } else { m });
    (max, unusable.iter().all(|&u| u == 0))
}

/// False for +infinity and for NaN.
fn below_infinity(v: f32) -> bool {
    v < f32::INFINITY
}

/// Packs a pair; `logit` is not NaN. -0 counts as +0.
fn key(logit: f32, token: usize) -> u64 {
    let bits = (logit + 0.0).to_bits();
    let ordered = if bits >> 31 == 0 { bits | 1 << 31 } else { !bits };
    u64::from(ordered) << 32 | u64::from(!(token as u32))
}

/// The id in a packed pair.
pub fn token_of(key: u64) -> TokenId {
    !(key as u32)
}

/// The place of `token` in the order of the whole row, from 1. The row holds no NaN.
pub fn rank_of(logits: &[f32], token: TokenId) -> u32 {
    let logit = logits[token as usize];
    let better: u32 = logits.iter().map(|&other| u32::from(other > logit)).sum();
    let ties_before: u32 = logits[..token as usize].iter().map(|&other| u32::from(other == logit)).sum();
    better + ties_before + 1
}

/// Leaves in `keys` the best `k` tokens above -infinity (fewer if there are fewer), best first. One pass; the
/// buffer holds at most `2 k + 64` pairs.
pub fn best_k(logits: &[f32], k: usize, keys: &mut Vec<u64>) {
    let capacity = 2 * k + 64;
    keys.clear();
    let mut threshold = f32::NEG_INFINITY;
    for (token, &logit) in logits.iter().enumerate() {
        // Strictly: ids ascend, so a tie with the k-th best so far is never better than it.
        if logit > threshold {
            keys.push(key(logit, token));
            if keys.len() == capacity {
                keep_best(k, keys);
                threshold = logits[token_of(keys[k - 1]) as usize];
            }
        }
    }
    if keys.len() > k {
        keep_best(k, keys);
    }
    keys.sort_unstable_by(|a, b| b.cmp(a));
}

/// Cuts `keys` to its best `k`, the k-th at index `k - 1`, the others in any order.
fn keep_best(k: usize, keys: &mut Vec<u64>) {
    keys.select_nth_unstable_by(k - 1, |a, b| b.cmp(a));
    keys.truncate(k);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::uniform;

    fn random_row(len: usize, seed: u64, levels: f64) -> Vec<f32> {
        (0..len as u64).map(|i| (uniform(seed, i) * levels).floor() as f32 - 3.0).collect()
    }

    #[test]
    fn arg_max_is_the_lowest_id_of_the_largest() {
        for len in [1, 2, 15, 16, 17, 1023, 1024, 1025, 5000] {
            for levels in [1.0, 3.0, 1e6] {
                let row = random_row(len, len as u64, levels);
                let max = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                let expected = row.iter().position(|&v| v == max).expect("not empty");
                assert_eq!(arg_max(&row), Some((expected as u32, max)), "len {len}, levels {levels}");
            }
        }
    }

    #[test]
    fn unusable_values_are_found_wherever_they_stand() {
        for len in [1, 16, 17, 1024, 1030, 3000] {
            for bad in [f32::NAN, -f32::NAN, f32::INFINITY] {
                for at in [0, len / 2, len - 1] {
                    let mut row = vec![1.0; len];
                    row[at] = bad;
                    assert_eq!(arg_max(&row), None, "{bad} at {at} of {len}");
                }
            }
        }
        assert_eq!(arg_max(&[f32::NEG_INFINITY; 40]), None);
        assert_eq!(arg_max(&[]), None);
        assert_eq!(arg_max(&[f32::NEG_INFINITY, -1e38]), Some((1, -1e38)));
    }

    #[test]
    fn best_k_equals_a_full_sort() {
        for len in [1, 10, 200, 5000] {
            for levels in [1.0, 4.0, 1e9] {
                let mut row = random_row(len, 3, levels);
                if len > 9 {
                    row[7] = f32::NEG_INFINITY;
                    row[8] = -0.0;
                    row[9] = 0.0;
                }
                let mut expected: Vec<u32> =
                    (0..len as u32).filter(|&t| row[t as usize] > f32::NEG_INFINITY).collect();
                expected.sort_by(|&a, &b| {
                    let (x, y) = (row[a as usize], row[b as usize]);
                    y.partial_cmp(&x).expect("no NaN").then(a.cmp(&b))
                });
                for (index, &token) in expected.iter().enumerate() {
                    assert_eq!(rank_of(&row, token) as usize, index + 1, "len {len}, levels {levels}");
                }
                for k in [1, 2, 40, len] {
                    let mut keys = Vec::new();
                    best_k(&row, k, &mut keys);
                    let got: Vec<u32> = keys.iter().map(|&key| token_of(key)).collect();
                    assert_eq!(got, expected[..k.min(expected.len())], "len {len}, levels {levels}, k {k}");
                }
            }
        }
    }
}
