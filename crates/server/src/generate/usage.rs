//! Token counts of an answer, and where its time went.

use serde::Serialize;

use super::answers::Answers;

/// `usage`, in all dialects of OpenAI's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// Tokens of the prompt, counted once however many answers share it.
    pub prompt_tokens: usize,
    /// Tokens of all answers.
    pub completion_tokens: usize,
    /// The sum.
    pub total_tokens: usize,
    /// What the caches gave.
    pub prompt_tokens_details: PromptTokensDetails,
    /// What was thought.
    pub completion_tokens_details: CompletionTokensDetails,
}

/// Part of [`Usage`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CompletionTokensDetails {
    /// Generated tokens that were thoughts, or their marks.
    pub reasoning_tokens: usize,
}

/// Part of [`Usage`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PromptTokensDetails {
    /// Prompt tokens that were found in a cache rather than computed.
    pub cached_tokens: usize,
    /// True if the whole answer was replayed from the prompt cache; absent otherwise.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub prompt_cache_hit: bool,
}

/// Where the time went, by llama-server's names. Zero for what took no time: a replayed answer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Timings {
    /// Prompt tokens that a cache gave.
    pub cache_n: usize,
    /// Prompt tokens that were computed.
    pub prompt_n: usize,
    /// From the first step to the first token.
    pub prompt_ms: f64,
    /// The same for one token of the prompt.
    pub prompt_per_token_ms: f64,
    /// Tokens of the prompt in a second.
    pub prompt_per_second: f64,
    /// Tokens generated.
    pub predicted_n: usize,
    /// From the first token to the end.
    pub predicted_ms: f64,
    /// The same for one token.
    pub predicted_per_token_ms: f64,
    /// Tokens generated in a second, all answers together.
    pub predicted_per_second: f64,
}

impl Timings {
    /// Those of complete answers.
    pub fn of(answers: &Answers) -> Self {
        let (usage, timing) = (answers.usage(), answers.timing());
        let (prompt_ms, predicted_ms) = (timing.prefill_us as f64 / 1e3, timing.decode_us as f64 / 1e3);
        let cache_n = usage.prompt_tokens_details.cached_tokens;
        let prompt_n = usage.prompt_tokens.saturating_sub(cache_n);
        Self {
            cache_n,
            prompt_n,
            prompt_ms,
            prompt_per_token_ms: ratio(prompt_ms, prompt_n as f64),
            prompt_per_second: ratio(1e3 * prompt_n as f64, prompt_ms),
            predicted_n: usage.completion_tokens,
            predicted_ms,
            predicted_per_token_ms: ratio(predicted_ms, usage.completion_tokens as f64),
            predicted_per_second: ratio(1e3 * usage.completion_tokens as f64, predicted_ms),
        }
    }
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 0.0 } else { part / whole }
}
