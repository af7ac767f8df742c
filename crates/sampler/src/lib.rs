//! Logits to a token: pure, given its random numbers.
//!
//! ```text
//! logits -> repetition, presence, frequency penalties, DRY -> bias -> [greedy: arg max]
//!        -> temperature -> top-k -> top-p -> min-p -> one token by (seed, index)
//!        -> or the steps of `chain`, where a request asks for more than these, or for another order
//! ```
//! The result is a function of (parameters, prompt, tokens accepted so far, seed, logits) and of nothing else:
//! every sum has a fixed order, ties go to the lowest id, and the random number of the i-th generated token
//! comes from `(seed, i)` alone. So a sequence that is preempted, replayed or moved to another batch draws
//! the same tokens.

mod chain;
mod dry;
mod history;
mod rng;
mod select;
mod softmax;

use gollum_core::{BestLogits, SamplingParams, SamplingStep, TokenId, TokenLogprob};

use dry::Repetitions;
use history::History;
pub use rng::{derive_seed, uniform};

/// Why no token could be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SampleError {
    /// The row holds NaN or +infinity, or nothing above -infinity, or is empty.
    #[error("the logits hold no usable maximum: NaN, +infinity, or nothing above -infinity")]
    NonFinite,
}

/// A chosen token.
#[derive(Clone, Debug, PartialEq)]
pub struct Sampled {
    /// The token.
    pub token: TokenId,
    /// Present if [`SamplingParams::logprobs`] asks for it: from the logits as the model gave them, before
    /// penalties, bias and temperature.
    pub logprob: Option<TokenLogprob>,
}

/// Memory that [`Sampler::sample`] reuses from call to call; one per engine is enough.
#[derive(Debug, Default)]
pub struct Scratch {
    /// Probabilities of a whole row, unnormalised.
    weights: Vec<f32>,
    /// Sums of blocks of `weights`.
    block_sums: Vec<f64>,
    /// Packed (logit, id) keys; see [`select`].
    keys: Vec<u64>,
    /// Best tokens with their weights, most likely first.
    ranked: Vec<(TokenId, f32)>,
    /// A row without the tokens that a mask forbids.
    masked: Vec<f32>,
    /// Logits that penalties and bias replaced, to be put back.
    replaced: Vec<(TokenId, f32)>,
}

/// The log-probability of a given `token`, and of the `top` best ones, by a row of logits, `[vocab_size]`: the bits
/// that [`Sampler::sample`] would report had it chosen that token.
pub fn score(
    logits: &[f32],
    token: TokenId,
    top: u8,
    scratch: &mut Scratch,
) -> Result<TokenLogprob, SampleError> {
    select::arg_max(logits).ok_or(SampleError::NonFinite)?;
    Ok(softmax::logprob(logits, token, top, &mut scratch.keys))
}

/// Bit `i` alone, for each `i`: lanes that hold them test a word without shifts of different lengths.
const BITS: [u32; 32] = {
    let mut bits = [0; 32];
    let mut i = 0;
    while i < 32 {
        bits[i] = 1 << i;
        i += 1;
    }
    bits
};

/// A row without the tokens that the mask does not allow. NaN stays, to be found.
fn apply_mask(mask: &[u32], logits: &[f32], masked: &mut Vec<f32>) {
    masked.clear();
    for (index, tokens) in logits.chunks(32).enumerate() {
        let word = mask.get(index).copied().unwrap_or(0);
        if word == u32::MAX {
            masked.extend_from_slice(tokens);
            continue;
        }
        masked.extend(
            tokens.iter().zip(&BITS).map(|(&logit, bit)| {
                if word & bit != 0 || logit.is_nan() { logit } else { f32::NEG_INFINITY }
            }),
        );
    }
}

/// The sampling state of one sequence.
#[derive(Clone, Debug)]
pub struct Sampler {
    params: SamplingParams,
    history: History,
    repetitions: Repetitions,
    seed: u64,
    generated: u64,
    /// Mirostat's state, and what it becomes with the token that was chosen last.
    surprise: f32,
    next_surprise: f32,
}

/// Makes the seed of XTC's own random numbers.
const XTC_SEED: u64 = 0x7874_635f_6472_6177;

impl Sampler {
    /// A sampler for a sequence that starts with `prompt`. `seed` is used even where `params.seed` is `None`:
    /// the caller has drawn one.
    pub fn new(params: &SamplingParams, prompt: &[TokenId], seed: u64) -> Self {
        let surprise = params.mirostat.map_or(0.0, |mirostat| 2.0 * mirostat.tau);
        Self {
            history: History::new(params, prompt),
            repetitions: Repetitions::new(params, prompt),
            params: params.clone(),
            seed,
            generated: 0,
            surprise,
            next_surprise: surprise,
        }
    }

    /// Chooses the next token from one row of logits, `[vocab_size]`. Does not remember it: call
    /// [`accept`](Self::accept). The row is changed while this runs and has its old values afterwards.
    ///
    /// Cost at 262,144 logits: one pass for greedy, two for sampling, one more for log-probabilities.
    pub fn sample(&mut self, logits: &mut [f32], scratch: &mut Scratch) -> Result<Sampled, SampleError> {
        self.sample_masked(logits, None, scratch)
    }

    /// [`Sampler::sample`] of the tokens that a mask allows: token `t` is bit `t % 32` of word `t / 32`. What is reported
    /// about chances is the model's own, as if there were no mask.
    pub fn sample_masked(
        &mut self,
        logits: &mut [f32],
        mask: Option<&[u32]>,
        scratch: &mut Scratch,
    ) -> Result<Sampled, SampleError> {
        scratch.replaced.clear();
        if self.takes(SamplingStep::Penalties) {
            self.history.penalise(&self.params, logits, &mut scratch.replaced);
        }
        if let Some(dry) = self.params.dry.as_ref().filter(|_| self.takes(SamplingStep::Dry)) {
            self.repetitions.penalise(dry, logits, &mut scratch.replaced);
        }
        self.add_bias(logits, &mut scratch.replaced);
        let chosen = match mask {
            None => self.choose(logits, scratch),
            Some(mask) => {
                let mut masked = std::mem::take(&mut scratch.masked);
                apply_mask(mask, logits, &mut masked);
                let chosen = self.choose(&masked, scratch);
                scratch.masked = masked;
                chosen
            }
        };
        // In reverse, because a token may have been replaced twice.
        for &(token, logit) in scratch.replaced.iter().rev() {
            logits[token as usize] = logit;
        }
        let token = chosen?;
        let logprob = self.params.logprobs.map(|top| softmax::logprob(logits, token, top, &mut scratch.keys));
        Ok(Sampled { token, logprob })
    }

    /// How many of a row's best logits decide what [`sample`](Self::sample) chooses and tells, the same as all of them would;
    /// `None` if all count. One more than top-k keeps, so that it has something to drop, as in the whole row.
    pub fn deciding(&self) -> Option<usize> {
        let p = &self.params;
        let changes_logits = !p.logit_bias.is_empty()
            || self.takes(SamplingStep::Penalties) && self.history.is_active()
            || self.takes(SamplingStep::Dry) && p.dry.is_some();
        if changes_logits || p.logprobs.is_some() {
            return None;
        }
        if p.temperature == 0.0 {
            return Some(1);
        }
        let keeps_best = if chain::is_needed(p) { chain::keeps_best(p) } else { p.top_k > 0 };
        keeps_best.then_some(p.top_k as usize + 1)
    }

    /// [`Sampler::sample`] from as many of a row's best logits as [`deciding`](Self::deciding) says, or more: the token that
    /// the whole row would give.
    pub fn sample_best(
        &mut self,
        mut best: BestLogits,
        scratch: &mut Scratch,
    ) -> Result<Sampled, SampleError> {
        // Tokens ascend, so that places among them break ties as ids do.
        let sampled = self.sample(&mut best.logits, scratch)?;
        Ok(Sampled { token: best.tokens[sampled.token as usize], ..sampled })
    }

    /// Appends a generated token: counts it for the penalties and moves on to the next random number.
    pub fn accept(&mut self, token: TokenId) {
        self.generated += 1;
        self.surprise = self.next_surprise;
        self.history.accept(token);
        self.repetitions.accept(self.params.dry.as_ref(), token);
    }

    /// Tokens accepted so far.
    pub fn generated(&self) -> u64 {
        self.generated
    }

    fn takes(&self, step: SamplingStep) -> bool {
        self.params.order.as_ref().is_none_or(|order| order.contains(&step))
    }

    fn add_bias(&self, logits: &mut [f32], replaced: &mut Vec<(TokenId, f32)>) {
        for &(token, bias) in &self.params.logit_bias {
            if let Some(logit) = logits.get_mut(token as usize) {
                replaced.push((token, *logit));
                *logit += bias;
            }
        }
    }

    fn choose(&mut self, logits: &[f32], scratch: &mut Scratch) -> Result<TokenId, SampleError> {
        let p = &self.params;
        let (best, max) = select::arg_max(logits).ok_or(SampleError::NonFinite)?;
        let u = uniform(self.seed, self.generated);
        if p.temperature == 0.0 {
            return Ok(best);
        }
        if chain::is_needed(p) {
            let draws = chain::Draws { token: u, xtc: uniform(self.seed ^ XTC_SEED, self.generated) };
            let (token, surprise) = chain::choose(p, logits, draws, self.surprise, &mut scratch.keys);
            self.next_surprise = surprise;
            return Ok(token);
        }
        if p.top_k == 1 {
            return Ok(best);
        }
        let scale = softmax::Scale { max, temperature: p.temperature };
        let top_k = if p.top_k == 0 { logits.len() } else { logits.len().min(p.top_k as usize) };
        if top_k == logits.len() && p.top_p >= 1.0 {
            softmax::weigh_all(logits, scale, scratch);
            return Ok(softmax::draw_from_all(p.min_p, u, scratch));
        }
        if top_k < logits.len() {
            softmax::rank(logits, top_k, scale, scratch);
            let total = scratch.ranked.iter().map(|&(_, w)| f64::from(w)).sum();
            softmax::cut_top_p(p.top_p, total, &mut scratch.ranked);
        } else {
            softmax::rank_top_p(logits, p.top_p, scale, scratch);
        }
        softmax::cut_min_p(p.min_p, &mut scratch.ranked);
        Ok(softmax::draw_ranked(u, &scratch.ranked))
    }
}
