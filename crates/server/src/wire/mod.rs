//! What goes over the wire: requests parsed into valid values or refused by name, answers as serde structs.

// Answer structs mirror documented JSON objects; their fields say what they are by OpenAI's own names.
#[allow(missing_docs)]
pub mod chat;
#[allow(missing_docs)]
pub mod completions;
pub mod fields;
pub mod generation;
pub mod known;

use serde::Serialize;

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
