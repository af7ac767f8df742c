//! The objects of the answer; their fields say what they are by Anthropic's own names.
#![allow(missing_docs)]

use serde::Serialize;
use serde_json::Value;

/// A whole answer, or what a stream begins with.
#[derive(Serialize)]
pub struct Answer<'a> {
    pub id: &'a str,
    pub r#type: &'static str,
    pub role: &'static str,
    pub model: &'a str,
    pub content: Vec<Block<'a>>,
    pub stop_reason: Option<&'static str>,
    pub stop_sequence: Option<String>,
    pub usage: Usage,
}

/// A block of content.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Block<'a> {
    /// `signature` proves nothing here: thoughts that come back are read as they are.
    Thinking {
        thinking: &'a str,
        signature: &'static str,
    },
    Text {
        text: &'a str,
    },
    ToolUse {
        id: String,
        name: String,
        input: Value,
    },
}

/// `input_tokens` are those that no cache gave, as Anthropic counts them.
#[derive(Clone, Copy, Serialize)]
pub struct Usage {
    pub input_tokens: usize,
    pub cache_creation_input_tokens: usize,
    pub cache_read_input_tokens: usize,
    pub output_tokens: usize,
}

/// One event of a stream; its name is its type.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event<'a> {
    MessageStart { message: Answer<'a> },
    ContentBlockStart { index: usize, content_block: Block<'a> },
    ContentBlockDelta { index: usize, delta: Delta<'a> },
    ContentBlockStop { index: usize },
    MessageDelta { delta: Ending, usage: Usage },
    MessageStop,
}

impl Event<'_> {
    /// What stands after `event:`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::MessageStart { .. } => "message_start",
            Self::ContentBlockStart { .. } => "content_block_start",
            Self::ContentBlockDelta { .. } => "content_block_delta",
            Self::ContentBlockStop { .. } => "content_block_stop",
            Self::MessageDelta { .. } => "message_delta",
            Self::MessageStop => "message_stop",
        }
    }
}

/// What is added to a block.
#[derive(Serialize)]
#[serde(tag = "type")]
pub enum Delta<'a> {
    #[serde(rename = "thinking_delta")]
    Thinking { thinking: &'a str },
    #[serde(rename = "signature_delta")]
    Signature { signature: &'static str },
    #[serde(rename = "text_delta")]
    Text { text: &'a str },
    #[serde(rename = "input_json_delta")]
    InputJson { partial_json: &'a str },
}

/// Why the answer ended.
#[derive(Serialize)]
pub struct Ending {
    pub stop_reason: Option<&'static str>,
    pub stop_sequence: Option<String>,
}
