//! What a client asks of the engine, and what it is told at the end. Everything is in token ids.

use std::sync::Arc;

use crate::{Constraint, RequestId, TokenId};

/// How the next token is chosen. Validated at the edge; the engine trusts the ranges given here.
#[derive(Clone, Debug, PartialEq)]
pub struct SamplingParams {
    /// `0.0` is greedy; else `> 0`, finite.
    pub temperature: f32,
    /// Keep the k most likely tokens; `0` keeps all.
    pub top_k: u32,
    /// Keep the smallest set of tokens whose probabilities reach this sum; `(0, 1]`, `1.0` keeps all.
    pub top_p: f32,
    /// Drop tokens less likely than this fraction of the most likely one; `[0, 1]`, `0.0` keeps all.
    pub min_p: f32,
    /// Divides positive and multiplies negative logits of tokens seen; `> 0`, `1.0` is off.
    pub repetition_penalty: f32,
    /// Subtracted once from the logits of tokens already generated; `[-2, 2]`.
    pub presence_penalty: f32,
    /// Subtracted per occurrence from the logits of tokens already generated; `[-2, 2]`.
    pub frequency_penalty: f32,
    /// The three penalties look at this many of the latest tokens, the prompt's included; `None`: at all.
    pub repeat_last_n: Option<u32>,
    /// Keep the tokens whose surprise is closest to what is expected, up to this sum of probabilities; `(0, 1]`, `1.0`
    /// keeps all.
    pub typical_p: f32,
    /// Keep tokens within this many standard deviations of the best logit; `0.0` keeps all.
    pub top_n_sigma: f32,
    /// Penalises tokens that would make a repetition longer.
    pub dry: Option<Dry>,
    /// Now and then excludes the top choices.
    pub xtc: Option<Xtc>,
    /// A temperature that follows the entropy.
    pub dynamic_temperature: Option<DynamicTemperature>,
    /// Holds the surprise of the answer at a target; then of the filters only temperature counts.
    pub mirostat: Option<Mirostat>,
    /// Which steps to take and in which order, each once at most; `None` is the usual order. Without
    /// [`SamplingStep::Temperature`] `temperature` is `1.0`.
    pub order: Option<Arc<[SamplingStep]>>,
    /// Added to the logits of single tokens, sorted by id, each id once and below the vocabulary size.
    pub logit_bias: Vec<(TokenId, f32)>,
    /// Makes a sampled answer repeatable. `None`: the engine draws one.
    pub seed: Option<u64>,
    /// Report this many alternatives beside each chosen token; `None` reports nothing.
    pub logprobs: Option<u8>,
    /// The same for each token of the prompt but the first: what the model would have said it with. Rows that are asked for are computed, whatever a cache
    /// holds.
    pub prompt_logprobs: Option<u8>,
}

impl Default for SamplingParams {
    fn default() -> Self {
        Self {
            temperature: 1.0,
            top_k: 0,
            top_p: 1.0,
            min_p: 0.0,
            repetition_penalty: 1.0,
            presence_penalty: 0.0,
            frequency_penalty: 0.0,
            repeat_last_n: None,
            typical_p: 1.0,
            top_n_sigma: 0.0,
            dry: None,
            xtc: None,
            dynamic_temperature: None,
            mirostat: None,
            order: None,
            logit_bias: Vec::new(),
            seed: None,
            logprobs: None,
            prompt_logprobs: None,
        }
    }
}

impl SamplingParams {
    /// True if the same request always has the same answer: greedy, or sampled with a given seed.
    pub fn is_deterministic(&self) -> bool {
        self.temperature == 0.0 || self.seed.is_some()
    }
}

/// "Don't repeat yourself": a token that would prolong a repetition of `n` tokens loses
/// `multiplier * base ^ (n - allowed_length)` of its logit, for `n >= allowed_length`.
#[derive(Clone, Debug, PartialEq)]
pub struct Dry {
    /// `> 0`, finite.
    pub multiplier: f32,
    /// `>= 1`, finite.
    pub base: f32,
    /// Repetitions shorter than this are free; at least 1.
    pub allowed_length: usize,
    /// Tokens to look at, the prompt's included; `None`: all.
    pub last_n: Option<usize>,
    /// Repetitions do not reach over these: a token, and those that must follow it. Sorted.
    pub breakers: Arc<[(TokenId, Vec<TokenId>)]>,
}

/// "Exclude top choices": of the tokens that reach `threshold` all but the least likely are dropped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Xtc {
    /// How often, `(0, 1]`.
    pub probability: f32,
    /// Above `0.5` it never applies.
    pub threshold: f32,
}

/// The temperature runs from `temperature - range` where the model is certain to `temperature + range` where it has no
/// idea.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DynamicTemperature {
    /// `> 0`, finite.
    pub range: f32,
    /// The power of the normalised entropy; `> 0`, finite.
    pub exponent: f32,
}

/// Mirostat, whose second version is the simpler one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mirostat {
    /// The first or the second version.
    pub is_second: bool,
    /// The surprise to hold, in bits.
    pub tau: f32,
    /// How fast to learn.
    pub eta: f32,
}

/// One step of choosing a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SamplingStep {
    /// Repetition, presence and frequency penalties.
    Penalties,
    /// [`Dry`]
    Dry,
    /// `top_n_sigma`
    TopNSigma,
    /// `top_k`
    TopK,
    /// `typical_p`
    TypicalP,
    /// `top_p`
    TopP,
    /// `min_p`
    MinP,
    /// [`Xtc`]
    Xtc,
    /// `temperature`, and [`DynamicTemperature`]
    Temperature,
}

/// When a request ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Tokens to generate at most; at least 1. The context length caps it further.
    pub max_tokens: usize,
    /// Tokens before which no stop id counts.
    pub min_tokens: usize,
    /// Ids that end the answer, sorted; they are reported as generated, and their text is not shown.
    pub stop_ids: Vec<TokenId>,
}

/// One request, immutable once submitted.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Unique id, made by the engine handle.
    pub id: RequestId,
    /// Prompt ids, not empty.
    pub prompt: Arc<[TokenId]>,
    /// How tokens are chosen.
    pub sampling: SamplingParams,
    /// When it ends.
    pub limits: Limits,
    /// Larger runs earlier; 0 is the default.
    pub priority: i32,
    /// Separates tenants in every cache: prefixes are shared between equal salts only.
    pub cache_salt: u64,
    /// May be answered from, and stored in, the prompt cache.
    pub use_prompt_cache: bool,
    /// What restricts its tokens.
    pub constraint: Option<Constraint>,
}

/// Why a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FinishReason {
    /// A stop id was generated (or, in the frontend, a stop string).
    Stop,
    /// `max_tokens` or the context length was reached.
    Length,
    /// The client went away or aborted.
    Aborted,
}

/// Token counts of one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Prompt tokens.
    pub prompt_tokens: usize,
    /// Prompt tokens whose K and V were found in a cache rather than computed.
    pub cached_tokens: usize,
    /// Generated tokens.
    pub completion_tokens: usize,
}

/// Where the time of one request went, microseconds. All zero for a replayed answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// From its arrival to its first step.
    pub queue_us: u64,
    /// From its first step to its first token.
    pub prefill_us: u64,
    /// From its first token to its end.
    pub decode_us: u64,
}

/// The log-probability of a chosen token and of its best alternatives, natural logarithm.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenLogprob {
    /// The chosen token.
    pub token: TokenId,
    /// Its log-probability under the model, before temperature and filters.
    pub logprob: f32,
    /// Its place among all tokens, 1 for the most likely; of equally likely ones the lower id stands first, as in `top`.
    pub rank: u32,
    /// The best tokens, most likely first.
    pub top: Vec<(TokenId, f32)>,
}
