//! The objects of the answer; their fields say what they are by OpenAI's own names.
#![allow(missing_docs)]

use serde::Serialize;

use crate::generate::prompt_logprobs::PromptLogprobs;
use crate::generate::usage::{Timings, Usage};

/// `chat.completion`.
#[derive(Serialize)]
pub struct ChatCompletion<'a> {
    pub id: &'a str,
    pub object: &'static str,
    pub created: u64,
    pub model: &'a str,
    pub system_fingerprint: &'static str,
    pub choices: Vec<ChatChoice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_logprobs: Option<PromptLogprobs>,
    pub usage: Usage,
    pub timings: Timings,
}

/// One answer.
#[derive(Serialize)]
pub struct ChatChoice {
    pub index: usize,
    pub message: AnswerMessage,
    pub logprobs: Option<ChatLogprobs>,
    pub finish_reason: &'static str,
    pub stop_reason: Option<String>,
}

/// The assistant's message.
#[derive(Serialize)]
pub struct AnswerMessage {
    pub role: &'static str,
    /// What the model thought before, where there is any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_content: Option<String>,
    /// `null` where there are calls and no text.
    pub content: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<Call>,
    pub refusal: Option<&'static str>,
}

/// `chat.completion.chunk`.
#[derive(Serialize)]
pub struct ChatChunk<'a> {
    pub id: &'a str,
    pub object: &'static str,
    pub created: u64,
    pub model: &'a str,
    pub system_fingerprint: &'static str,
    pub choices: Vec<ChunkChoice<'a>>,
    /// Absent without `include_usage`; else `null` but in the last chunk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<Option<Usage>>,
    /// In the chunk with which the last answer ends, and in the one with the usage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timings: Option<Timings>,
}

/// What one chunk adds to one answer.
#[derive(Serialize)]
pub struct ChunkChoice<'a> {
    pub index: usize,
    pub delta: Delta<'a>,
    pub logprobs: Option<ChatLogprobs>,
    pub finish_reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_reason: Option<String>,
}

impl<'a> ChunkChoice<'a> {
    /// A choice that says only `delta`.
    pub fn new(index: usize, delta: Delta<'a>) -> Self {
        Self { index, delta, logprobs: None, finish_reason: None, stop_reason: None }
    }
}

/// New text of an answer; the first one carries the role.
#[derive(Default, Serialize)]
pub struct Delta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<Call>,
}

/// A call of a tool.
#[derive(Serialize)]
pub struct Call {
    /// In streams only: which call of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
    pub id: String,
    pub r#type: &'static str,
    pub function: Function,
}

/// What is called.
#[derive(Serialize)]
pub struct Function {
    pub name: String,
    /// JSON in a string.
    pub arguments: String,
}

/// Log-probabilities of chat answers.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ChatLogprobs {
    pub content: Vec<ChatLogprob>,
    pub refusal: Option<()>,
}

/// One generated token's.
#[derive(Clone, Debug, Serialize)]
pub struct ChatLogprob {
    #[serde(flatten)]
    pub chosen: TokenChance,
    pub top_logprobs: Vec<TokenChance>,
}

/// A token, its bytes, and its log-probability.
#[derive(Clone, Debug, Serialize)]
pub struct TokenChance {
    pub token: String,
    pub logprob: f32,
    pub bytes: Vec<u8>,
}
