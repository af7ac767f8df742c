//! DRY: tokens that would make a repetition longer.
//!
//! ```text
//! window   a b c X ... a b c        the end repeats what stood before X: n = 3
//! logits                     X  -= multiplier * base ^ (3 - allowed_length)
//! ```
//! How far the end repeats each earlier place is the Z-function of the reversed window: O(window) a token. Breakers, such
//! as line ends, are borders that no repetition reaches over. Source: the sampler of that name in llama.cpp.

use gollum_core::{Dry, SamplingParams, TokenId};

/// The tokens that DRY looks at.
#[derive(Clone, Debug, Default)]
pub struct Repetitions {
    /// Oldest first; empty where nobody asks.
    window: Vec<TokenId>,
}

impl Repetitions {
    pub fn new(params: &SamplingParams, prompt: &[TokenId]) -> Self {
        let Some(dry) = &params.dry else { return Self::default() };
        let first = dry.last_n.map_or(0, |n| prompt.len().saturating_sub(n));
        Self { window: prompt[first..].to_vec() }
    }

    pub fn accept(&mut self, dry: Option<&Dry>, token: TokenId) {
        let Some(dry) = dry else { return };
        self.window.push(token);
        // Twice the window before it is cut, so that cutting costs nothing on the whole.
        if let Some(last_n) = dry.last_n
            && self.window.len() >= 2 * last_n.max(64)
        {
            self.window.drain(..self.window.len() - last_n);
        }
    }

    /// Lowers logits. Old values are appended to `replaced`.
    pub fn penalise(&self, dry: &Dry, logits: &mut [f32], replaced: &mut Vec<(TokenId, f32)>) {
        let last_n = dry.last_n.unwrap_or(usize::MAX).min(self.window.len());
        let reversed: Vec<TokenId> = self.window.iter().rev().take(last_n).copied().collect();
        let limit = reach(dry, &reversed);
        if limit < dry.allowed_length {
            return;
        }
        // Longest repetition that each token would prolong.
        let mut longest: Vec<(TokenId, usize)> = Vec::new();
        for (at, &length) in z_function(&reversed).iter().enumerate().skip(1) {
            let length = length.min(limit);
            if length >= dry.allowed_length {
                longest.push((reversed[at - 1], length));
            }
        }
        longest.sort_unstable_by_key(|&(token, length)| (token, std::cmp::Reverse(length)));
        longest.dedup_by_key(|&mut (token, _)| token);
        for (token, length) in longest {
            let Some(logit) = logits.get_mut(token as usize) else { continue };
            replaced.push((token, *logit));
            let power = (length - dry.allowed_length) as f64;
            let penalty = f64::from(dry.multiplier) * libm::pow(f64::from(dry.base), power);
            *logit -= penalty.min(f64::from(f32::MAX) / 4.0) as f32;
        }
    }
}

/// Tokens from the end up to the latest breaker: no repetition is longer.
fn reach(dry: &Dry, reversed: &[TokenId]) -> usize {
    for (at, token) in reversed.iter().enumerate() {
        let first = dry.breakers.partition_point(|(head, _)| head < token);
        let tails = dry.breakers[first..].iter().take_while(|(head, _)| head == token);
        // What follows a token stands before it here.
        let fits = |tail: &[TokenId]| {
            tail.len() <= at && tail.iter().zip(reversed[..at].iter().rev()).all(|(a, b)| a == b)
        };
        if let Some(length) = tails.filter(|(_, tail)| fits(tail)).map(|(_, tail)| tail.len()).max() {
            return at - length;
        }
    }
    reversed.len()
}

/// At each place, how many tokens from there equal those from the start.
fn z_function(tokens: &[TokenId]) -> Vec<usize> {
    let mut z = vec![0; tokens.len()];
    let (mut left, mut right) = (0, 0);
    for at in 1..tokens.len() {
        let known = if at < right { z[at - left].min(right - at) } else { 0 };
        let more = tokens[at + known..].iter().zip(&tokens[known..]).take_while(|(a, b)| a == b).count();
        z[at] = known + more;
        if at + z[at] > right {
            (left, right) = (at, at + z[at]);
        }
    }
    z
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lowered(dry: &Dry, window: &[TokenId]) -> Vec<(usize, f32)> {
        let params = SamplingParams { dry: Some(dry.clone()), ..SamplingParams::default() };
        let repetitions = Repetitions::new(&params, window);
        let (mut logits, mut replaced) = ([0.0; 16], Vec::new());
        repetitions.penalise(dry, &mut logits, &mut replaced);
        assert!(replaced.iter().all(|&(_, old)| old == 0.0));
        let changed = logits.iter().enumerate().filter(|&(_, &logit)| logit != 0.0);
        changed.map(|(token, &logit)| (token, logit)).collect()
    }

    fn dry(breakers: &[(TokenId, Vec<TokenId>)]) -> Dry {
        Dry { multiplier: 1.0, base: 2.0, allowed_length: 2, last_n: None, breakers: breakers.into() }
    }

    #[test]
    fn what_would_prolong_a_repetition_is_lowered_by_its_length() {
        assert_eq!(lowered(&dry(&[]), &[1, 2, 3, 9, 1, 2, 3]), [(9, -2.0)]);
        assert_eq!(lowered(&dry(&[]), &[1, 2, 9, 5, 1, 2]), [(9, -1.0)]);
        assert_eq!(lowered(&dry(&[]), &[2, 9, 5, 1, 2]), [], "one token is free");
        // The longer of two earlier places counts.
        assert_eq!(lowered(&dry(&[]), &[1, 2, 3, 9, 7, 2, 3, 9, 1, 2, 3]), [(9, -2.0)]);
        assert_eq!(lowered(&dry(&[]), &[4, 4, 4, 4]), [(4, -2.0)]);
        assert_eq!(lowered(&Dry { last_n: Some(6), ..dry(&[]) }, &[1, 2, 3, 9, 1, 2, 3]), [(9, -1.0)]);
        assert_eq!(lowered(&Dry { last_n: Some(0), ..dry(&[]) }, &[1, 2, 3, 9, 1, 2, 3]), []);
    }

    #[test]
    fn repetitions_end_at_breakers() {
        assert_eq!(lowered(&dry(&[(1, vec![])]), &[1, 2, 3, 9, 1, 2, 3]), [(9, -1.0)]);
        assert_eq!(lowered(&dry(&[(2, vec![])]), &[1, 2, 3, 9, 1, 2, 3]), []);
        assert_eq!(
            lowered(&dry(&[(1, vec![2])]), &[1, 2, 3, 9, 1, 2, 3]),
            [],
            "the tail belongs to the breaker"
        );
        assert_eq!(lowered(&dry(&[(1, vec![7])]), &[1, 2, 3, 9, 1, 2, 3]), [(9, -2.0)], "another tail");
    }

    #[test]
    fn the_z_function_is_the_naive_one() {
        for seed in 0..200u64 {
            let random = |i: u64| (crate::uniform(seed, i) * 3.0) as TokenId;
            let tokens: Vec<TokenId> = (0..40).map(random).collect();
            let naive = |at: usize| tokens[at..].iter().zip(&tokens).take_while(|(a, b)| a == b).count();
            let expected: Vec<usize> = (0..40).map(|at| if at == 0 { 0 } else { naive(at) }).collect();
            assert_eq!(z_function(&tokens), expected);
        }
    }

    #[test]
    fn a_long_window_is_cut_and_keeps_its_end() {
        let dry = Dry { last_n: Some(4), ..dry(&[]) };
        let params = SamplingParams { dry: Some(dry.clone()), ..SamplingParams::default() };
        let mut repetitions = Repetitions::new(&params, &[]);
        for token in 0..1000 {
            repetitions.accept(Some(&dry), token);
            assert!(repetitions.window.len() < 128 && repetitions.window.last() == Some(&token));
        }
    }
}
