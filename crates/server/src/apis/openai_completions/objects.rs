//! The objects of the answer; their fields say what they are by OpenAI's own names.
#![allow(missing_docs)]

use serde::{Serialize, Serializer};

use crate::generate::prompt_logprobs::PromptLogprobs;
use crate::generate::usage::{Timings, Usage};

/// `text_completion`, whole or a chunk of a stream.
#[derive(Serialize)]
pub struct Completion<'a> {
    pub id: &'a str,
    pub object: &'static str,
    pub created: u64,
    pub model: &'a str,
    pub system_fingerprint: &'static str,
    pub choices: Vec<CompletionChoice<'a>>,
    /// Absent in chunks without `include_usage`; `null` in those with it, but for the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<Option<Usage>>,
    /// As llama-server tells them: in whole answers, and where a stream ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timings: Option<Timings>,
}

/// One answer, or what a chunk adds to it.
#[derive(Serialize)]
pub struct CompletionChoice<'a> {
    pub index: usize,
    pub text: String,
    pub logprobs: Option<CompletionLogprobs>,
    /// The same in each answer to a prompt, as in vLLM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_logprobs: Option<&'a PromptLogprobs>,
    pub finish_reason: Option<&'static str>,
    pub stop_reason: Option<String>,
}

impl CompletionChoice<'_> {
    /// A choice that says only `text`.
    pub fn new(index: usize, text: String) -> Self {
        Self { index, text, logprobs: None, prompt_logprobs: None, finish_reason: None, stop_reason: None }
    }
}

/// Log-probabilities in the shape of the older API: four lists of equal length.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CompletionLogprobs {
    pub tokens: Vec<String>,
    /// `null` for the first token of an echoed prompt, like its entry in the next list.
    pub token_logprobs: Vec<Option<f32>>,
    pub top_logprobs: Vec<Option<TopLogprobs>>,
    /// Characters before each token, in the answer's text; of a token inside a character, before that character.
    pub text_offset: Vec<usize>,
}

/// The chosen token and the best ones at its place, by their text: an object, most likely first. Keys are unique.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopLogprobs(pub Vec<(String, f32)>);

impl Serialize for TopLogprobs {
    fn serialize<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        writer.collect_map(self.0.iter().map(|(text, logprob)| (text, logprob)))
    }
}
