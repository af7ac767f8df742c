//! What a client asks of the engine, and what it is told at the end. Everything is in token ids.

use std::sync::Arc;

use crate::{RequestId, TokenId};

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
    /// Added to the logits of single tokens, sorted by id, each id once and below the vocabulary size.
    pub logit_bias: Vec<(TokenId, f32)>,
    /// Makes a sampled answer repeatable. `None`: the engine draws one.
    pub seed: Option<u64>,
    /// Report this many alternatives beside each chosen token; `None` reports nothing.
    pub logprobs: Option<u8>,
    /// The same for each token of the prompt but the first. Rows that are asked for are computed, whatever a cache
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
    /// The best tokens, most likely first.
    pub top: Vec<(TokenId, f32)>,
}
