//! Weights `exp((logit - max) / temperature)`, their filters, and the draw.
//!
//! Sums are f64 in a fixed order; `exp` is a fixed sequence of IEEE operations, written without FMA so that it
//! vectorises on every x86-64 and has the same bits on every machine.

use gollum_core::{TokenId, TokenLogprob};

use crate::Scratch;
use crate::select::{best_k, rank_of, token_of};

/// Weights per block sum of [`weigh_all`].
const BLOCK: usize = 512;
/// Partial sums within a block.
const LANES: usize = 8;

/// How logits become weights.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// The largest logit; its weight is 1.
    pub max: f32,
    /// Above 0.
    pub temperature: f32,
}

impl Scale {
    fn weight(self, logit: f32) -> f32 {
        // A division, because the reciprocal of a tiny temperature is infinite and 0 * infinity is NaN.
        exp((logit - self.max) / self.temperature)
    }
}

/// `e^x` for `x <= 0` within 2 ulp; 0 below -87.
pub fn exp(x: f32) -> f32 {
    /// Adding and subtracting 1.5 * 2^23 rounds to the nearest integer.
    const ROUND: f32 = 12_582_912.0;
    /// ln 2 in two parts; the first has few bits, so `n * LN2_HI` is exact.
    const LN2_HI: f32 = 0.693_359_4;
    const LN2_LO: f32 = -2.121_944_4e-4;
    let clamped = if x > -87.0 { x } else { -87.0 };
    let shifted = clamped * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (clamped - n * LN2_HI) - n * LN2_LO;
    let mut p = 1.984_127e-4;
    for c in [1.388_888_9e-3, 8.333_334e-3, 4.166_666_8e-2, 1.666_666_7e-1, 0.5, 1.0, 1.0] {
        p = p * r + c;
    }
    // The low bits of `shifted` are n in two's complement; n is in -126..=0, so n + 127 is a valid exponent.
    let power = f32::from_bits((shifted.to_bits().wrapping_add(127)) << 23);
    if x > -87.0 { p * power } else { 0.0 }
}

/// Sum of weights: lane `i` adds elements `i, i + 8, ...`, then the lanes in order.
fn block_sum(weights: &[f32]) -> f64 {
    let mut lanes = [0.0f64; LANES];
    for chunk in weights.chunks(LANES) {
        for (lane, &w) in lanes.iter_mut().zip(chunk) {
            *lane += f64::from(w);
        }
    }
    lanes.iter().sum()
}

/// Fills `scratch.weights` for the whole row.
pub fn weigh_all(logits: &[f32], scale: Scale, scratch: &mut Scratch) {
    scratch.weights.clear();
    scratch.weights.extend(logits.iter().map(|&logit| scale.weight(logit)));
}

/// Draws from `scratch.weights` in id order, without those below `min_p` of the best.
pub fn draw_from_all(min_p: f32, u: f64, scratch: &mut Scratch) -> TokenId {
    if min_p > 0.0 {
        // The best weight is exactly 1.
        scratch.weights.iter_mut().for_each(|w| *w = if *w >= min_p { *w } else { 0.0 });
    }
    scratch.block_sums.clear();
    scratch.block_sums.extend(scratch.weights.chunks(BLOCK).map(block_sum));
    let target = u * scratch.block_sums.iter().sum::<f64>();
    let mut below = 0.0;
    let mut last = 0;
    for (index, &sum) in scratch.block_sums.iter().enumerate() {
        if sum == 0.0 {
            continue;
        }
        let start = index * BLOCK;
        let end = scratch.weights.len().min(start + BLOCK);
        if below + sum > target || index + 1 == scratch.block_sums.len() {
            let mut cumulative = below;
            for (token, &w) in (start..end).zip(&scratch.weights[start..end]) {
                if w > 0.0 {
                    last = token;
                    cumulative += f64::from(w);
                    if cumulative > target {
                        return token as TokenId;
                    }
                }
            }
            // The lanes rounded up what this order did not reach: the block's last token is the one.
            return last as TokenId;
        }
        below += sum;
        last = start + scratch.weights[start..end].iter().rposition(|&w| w > 0.0).unwrap_or(0);
    }
    last as TokenId
}

/// Leaves the best `k` tokens and their weights in `scratch.ranked`, best first.
pub fn rank(logits: &[f32], k: usize, scale: Scale, scratch: &mut Scratch) {
    best_k(logits, k, &mut scratch.keys);
    let tokens = scratch.keys.iter().map(|&key| token_of(key));
    scratch.ranked.clear();
    scratch.ranked.extend(tokens.map(|token| (token, scale.weight(logits[token as usize]))));
}

/// [`rank`] with as many tokens as `top_p` of the whole row needs. The cut does not depend on how many were
/// ranked to find it: it adds weights in rank order.
pub fn rank_top_p(logits: &[f32], top_p: f32, scale: Scale, scratch: &mut Scratch) {
    weigh_all(logits, scale, scratch);
    let total: f64 = scratch.weights.chunks(BLOCK).map(block_sum).sum();
    let mut k = 256.min(logits.len());
    loop {
        rank(logits, k, scale, scratch);
        if cut_top_p(top_p, total, &mut scratch.ranked) || k == logits.len() {
            return;
        }
        k = logits.len().min(k * 16);
    }
}

/// Keeps the shortest prefix whose weights reach `top_p` of `total`, at least one token; false if all of them
/// do not reach it.
pub fn cut_top_p(top_p: f32, total: f64, ranked: &mut Vec<(TokenId, f32)>) -> bool {
    let wanted = f64::from(top_p) * total;
    let mut sum = 0.0;
    for (index, &(_, weight)) in ranked.iter().enumerate() {
        sum += f64::from(weight);
        if sum >= wanted {
            ranked.truncate(index + 1);
            return true;
        }
    }
    false
}

/// Drops tokens with less than `min_p` of the best one's weight.
pub fn cut_min_p(min_p: f32, ranked: &mut Vec<(TokenId, f32)>) {
    let kept = ranked.partition_point(|&(_, weight)| weight >= min_p);
    ranked.truncate(kept.max(1));
}

/// Draws from tokens in rank order.
pub fn draw_ranked(u: f64, ranked: &[(TokenId, f32)]) -> TokenId {
    let total: f64 = ranked.iter().map(|&(_, w)| f64::from(w)).sum();
    let target = u * total;
    let mut cumulative = 0.0;
    for &(token, weight) in ranked {
        cumulative += f64::from(weight);
        if cumulative > target {
            return token;
        }
    }
    // Not reached: u < 1, so the full sum, in this very order, is above the target. The best is a safe answer.
    ranked[0].0
}

/// The log-probability of `token` and of the `top` best tokens under the model's own logits. The row has
/// passed [`arg_max`](crate::select::arg_max) with penalties and bias applied, which change finite to finite.
pub fn logprob(logits: &[f32], token: TokenId, top: u8, keys: &mut Vec<u64>) -> TokenLogprob {
    best_k(logits, usize::from(top).max(1), keys);
    let max = keys.first().map_or(0.0, |&key| logits[token_of(key) as usize]);
    let scale = Scale { max, temperature: 1.0 };
    let mut weights = [0.0; BLOCK];
    let mut sum = 0.0;
    for block in logits.chunks(BLOCK) {
        let weights = &mut weights[..block.len()];
        weights.iter_mut().zip(block).for_each(|(w, &logit)| *w = scale.weight(logit));
        sum += block_sum(weights);
    }
    let log_sum = f64::from(max) + libm::log(sum);
    let of = |token: TokenId| (f64::from(logits[token as usize]) - log_sum) as f32;
    let best = keys.iter().take(usize::from(top)).map(|&key| token_of(key));
    let top = best.map(|t| (t, of(t))).collect();
    TokenLogprob { token, logprob: of(token), rank: rank_of(logits, token), top }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_within_two_ulp_and_ends_at_zero() {
        let mut worst = 0.0f64;
        for i in 0..1_000_000 {
            let x = -87.0 * (i as f32 / 1_000_000.0);
            let exact = f64::from(x).exp();
            worst = worst.max(((f64::from(exp(x)) - exact) / exact).abs());
        }
        assert!(worst < 2.4e-7, "relative error {worst}");
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(exp(f32::NEG_INFINITY), 0.0);
        assert_eq!(exp(-88.0), 0.0);
    }

    #[test]
    fn zero_weights_are_never_drawn() {
        for len in [1, 511, 512, 513, 1500] {
            for only in [0, len / 2, len - 1] {
                let mut scratch = Scratch::default();
                for u in [0.0, 0.5, 1.0 - f64::EPSILON / 2.0] {
                    scratch.weights = vec![0.0; len];
                    scratch.weights[only] = 1.0;
                    assert_eq!(draw_from_all(0.0, u, &mut scratch), only as u32, "u {u}, len {len}");
                }
            }
        }
    }
}
