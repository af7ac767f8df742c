//! What a client is told: events of a stream, and why a request was refused or failed.

use gollum_core::{ConstraintError, FinishReason, Timing, TokenId, TokenLogprob, Usage};

/// One thing that happened to a request. A stream is any number of `PromptTokens`, then any number of `Token`, then
/// exactly one of `Finished` and `Failed`. That of an embedding is one `Embedding` and `Finished`, or `Failed`.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The next tokens of the prompt with their log-probabilities, the prompt's second token first, if
    /// [`gollum_core::SamplingParams::prompt_logprobs`] asked for them. At least one.
    PromptTokens(Vec<TokenLogprob>),
    /// One generated token, the stop id included.
    Token {
        /// Its id.
        token: TokenId,
        /// Its log-probability, if [`gollum_core::SamplingParams::logprobs`] asked for it.
        logprob: Option<TokenLogprob>,
    },
    /// The result of a [`NewEmbedding`](crate::NewEmbedding): a pooled row, scores, or with no pooling one row after the
    /// other.
    Embedding(Vec<f32>),
    /// The request ended well.
    Finished {
        /// Why.
        reason: FinishReason,
        /// Its token counts.
        usage: Usage,
        /// True if the stored answer of an equal request was replayed. `usage.cached_tokens` is then the
        /// whole prompt.
        prompt_cache_hit: bool,
        /// Where its time went.
        timing: Timing,
    },
    /// The request ended badly; its batch mates go on.
    Failed(EngineError),
}

impl Event {
    /// True for the last event of a stream.
    pub fn is_terminal(&self) -> bool {
        !matches!(self, Event::Token { .. } | Event::PromptTokens(_) | Event::Embedding(_))
    }
}

/// Why a request failed after it was accepted, or why an engine did not start.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The model gave a logits row with NaN, or nothing to choose from. Only this request ends.
    #[error("numeric error: what the model made of token {position} of the sequence is not finite")]
    NumericError {
        /// Position in the sequence of the token that could not be chosen.
        position: usize,
    },
    /// The request's constraint cannot go on, and nothing is generated without it.
    #[error("the grammar: {0}")]
    Constraint(ConstraintError),
    /// The model's code panicked. The engine is dead.
    #[error("the model's code panicked; the engine has stopped")]
    RunnerPanicked,
    /// The backend gave up on a step; every request in it ends with this.
    #[error("the step failed: {0}")]
    Backend(String),
    /// The engine is going away, and its drain deadline has passed.
    #[error("the engine is shutting down")]
    ShuttingDown,
    /// The request's own time limit has passed.
    #[error("the request's time limit of {limit_ms} ms has passed")]
    DeadlineExceeded {
        /// The limit it was submitted with.
        limit_ms: u64,
    },
    /// A setting that cannot work (at start only).
    #[error("engine configuration: {0}")]
    Config(String),
}

/// Why a request was not accepted. Nothing was computed and nothing is held.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// The waiting queue is full, by requests or by tokens.
    #[error(
        "the queue is full: {waiting_requests} requests with {waiting_tokens} prompt tokens are waiting, \
         try again in {retry_after_s} s"
    )]
    QueueFull {
        /// An estimate of when there is room, seconds, `1..=60`.
        retry_after_s: u32,
        /// Requests waiting.
        waiting_requests: usize,
        /// Their prompt tokens.
        waiting_tokens: usize,
    },
    /// The engine takes no new requests; those in flight are being finished.
    #[error("the engine is draining")]
    Draining,
    /// Prompt plus one token can never fit.
    #[error(
        "the prompt has {prompt_tokens} tokens; with at least one token of answer at most {limit} fit \
         (context {max_model_len}, KV memory for {kv_tokens})"
    )]
    TooLong {
        /// Tokens of the prompt.
        prompt_tokens: usize,
        /// Answer tokens asked for.
        max_tokens: usize,
        /// Prompt and answer together, at most: the smaller of the next two.
        limit: usize,
        /// Context length in force.
        max_model_len: usize,
        /// Tokens that the KV pool can hold for one request.
        kv_tokens: usize,
    },
    /// An input of an embedding is longer than the model takes.
    #[error("the input has {input_tokens} tokens, and the available context size is {limit} tokens")]
    InputTooLong {
        /// Tokens of the input.
        input_tokens: usize,
        /// Tokens at most.
        limit: usize,
    },
    /// The model gives embeddings, and was asked for tokens.
    #[error("this model gives embeddings and cannot generate text")]
    CannotGenerate,
    /// The model generates, and was asked for an embedding.
    #[error(
        "this model generates text and gives no embeddings: its file names no pooling, and --pooling was not given"
    )]
    CannotEmbed,
    /// The prompt has no tokens.
    #[error("the prompt is empty")]
    EmptyPrompt,
    /// `max_tokens` is 0.
    #[error("max_tokens must be at least 1")]
    NoTokensAsked,
    /// A prompt id or logit-bias id outside the vocabulary.
    #[error("token {token} is outside the vocabulary of {vocab_size}")]
    TokenOutOfRange {
        /// The id.
        token: TokenId,
        /// Ids are below this.
        vocab_size: usize,
    },
    /// The engine has stopped: after a drain, or because the model's code panicked.
    #[error("the engine has stopped")]
    Stopped,
}
