//! The toy's "model": the next token is a hash of all tokens before it.

use std::ops::Range;

use gollum_core::TokenId;

/// Hash of the empty prefix.
const EMPTY: u64 = 0x6A09_E667_F3BC_C908;
/// An odd constant with well-spread bits.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
/// Logit of the token that greedy decoding takes.
const BEST_LOGIT: f32 = 6.0;
/// Other answers lie in `0.0..OTHER_LOGITS`.
const OTHER_LOGITS: f32 = 4.0;
/// Tokens that are no answer: never drawn, yet finite.
const NEVER_LOGIT: f32 = -40.0;

/// A token that ends an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndToken {
    /// Its id.
    pub token: TokenId,
    /// It is the best token after one in this many prefixes; at least 1.
    pub one_in: u32,
}

/// Which tokens the toy says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToyModel {
    /// Width of a logits row.
    pub vocab_size: usize,
    /// Ids it answers with; not empty.
    pub answers: Range<TokenId>,
    /// How its answers end; `None`: they do not.
    pub end: Option<EndToken>,
}

impl ToyModel {
    /// Answers with any token, and never ends.
    pub fn plain(vocab_size: usize) -> Self {
        Self { vocab_size, answers: 0..vocab_size as TokenId, end: None }
    }

    /// What greedy decoding must say after `prompt`: `n` tokens, or fewer if the end token comes first (it is
    /// then the last).
    pub fn oracle(&self, prompt: &[TokenId], n: usize) -> Vec<TokenId> {
        let mut hash = hash_of(prompt);
        let mut tokens = Vec::with_capacity(n);
        while tokens.len() < n {
            let token = self.best(hash);
            tokens.push(token);
            if self.end.is_some_and(|end| end.token == token) {
                break;
            }
            hash = extend(hash, token);
        }
        tokens
    }

    /// The logits after `prefix`, `[vocab_size]`: what any sampler must have seen there.
    pub fn logits(&self, prefix: &[TokenId]) -> Vec<f32> {
        let mut row = vec![0.0; self.vocab_size];
        self.write_logits(hash_of(prefix), &mut row);
        row
    }

    /// The token with the largest logit.
    pub(crate) fn best(&self, hash: u64) -> TokenId {
        let choice = extend(hash, TokenId::MAX);
        if let Some(end) = self.end
            && (choice >> 32).is_multiple_of(u64::from(end.one_in))
        {
            return end.token;
        }
        let answers = self.answers.end - self.answers.start;
        self.answers.start + (choice as u32) % answers
    }

    pub(crate) fn write_logits(&self, hash: u64, row: &mut [f32]) {
        let (start, end) = (self.answers.start as usize, self.answers.end as usize);
        row[..start].fill(NEVER_LOGIT);
        row[end..].fill(NEVER_LOGIT);
        let seed = (hash ^ hash >> 32) as u32;
        for (i, logit) in row[start..end].iter_mut().enumerate() {
            // Murmur's 32-bit finaliser, shortened: it vectorises, and a row is only the sampler's input.
            let mut x = (seed ^ i as u32).wrapping_mul(0x85EB_CA6B);
            x ^= x >> 13;
            x = x.wrapping_mul(0xC2B2_AE35);
            *logit = (x >> 8) as f32 * (OTHER_LOGITS / (1 << 24) as f32);
        }
        row[self.best(hash) as usize] = BEST_LOGIT;
    }
}

/// The hash of a prefix with one more token: half of a 128-bit product folded on the other.
pub(crate) fn extend(hash: u64, token: TokenId) -> u64 {
    let product = u128::from(hash ^ u64::from(token).wrapping_mul(SPREAD)) * u128::from(SPREAD);
    (product as u64) ^ (product >> 64) as u64 ^ SPREAD
}

/// The hash of a whole prefix.
pub(crate) fn hash_of(tokens: &[TokenId]) -> u64 {
    tokens.iter().fold(EMPTY, |hash, &token| extend(hash, token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_of_the_prefix_matters() {
        let model = ToyModel::plain(1 << 20);
        let prompt: Vec<TokenId> = (0..200).map(|i| i * 37 % 101).collect();
        let expected = model.oracle(&prompt, 4);
        for at in 0..prompt.len() {
            let mut other = prompt.clone();
            other[at] += 1;
            assert_ne!(model.oracle(&other, 4), expected, "token {at} changed nothing");
        }
        assert_ne!(model.oracle(&prompt[1..], 4), expected);
    }

    #[test]
    fn the_best_logit_is_the_oracles_token_and_the_only_one() {
        let end = Some(EndToken { token: 99, one_in: 8 });
        let model = ToyModel { vocab_size: 100, answers: 10..60, end };
        let mut ends = 0;
        for seed in 0..2000 {
            let prefix = [seed, 5, seed * 3];
            let row = model.logits(&prefix);
            let best = model.oracle(&prefix, 1)[0];
            let largest: Vec<usize> = (0..100).filter(|&t| row[t] >= BEST_LOGIT).collect();
            assert_eq!(largest, [best as usize]);
            assert!(best == 99 || model.answers.contains(&best));
            ends += u32::from(best == 99);
        }
        assert!((150..350).contains(&ends), "{ends} of 2000 ended, where 250 were expected");
    }

    #[test]
    fn choices_are_spread_over_the_answers() {
        let model = ToyModel::plain(32);
        let mut counts = [0u32; 32];
        for token in model.oracle(&[1, 2, 3], 32_000) {
            counts[token as usize] += 1;
        }
        let chi: f64 = counts.iter().map(|&n| (f64::from(n) - 1000.0).powi(2) / 1000.0).sum();
        // 31 degrees of freedom: the 0.1 % quantile is 61.1.
        assert!(chi < 61.1, "chi-square {chi}");
    }
}
