//! The response object, and the items of its output.

use gollum_frontend::ToolCall;
use serde_json::{Value, json};

use crate::generate::usage::Usage;

/// Thoughts, as an item.
pub fn reasoning(id: &str, thoughts: Option<&str>) -> Value {
    let parts: Vec<Value> = thoughts.map(reasoning_part).into_iter().collect();
    json!({"id": id, "type": "reasoning", "status": status(thoughts.is_some()), "summary": [], "content": parts})
}

/// Thoughts, as a part of their item.
pub fn reasoning_part(text: &str) -> Value {
    json!({"type": "reasoning_text", "text": text})
}

/// A message, as an item; without text it has only begun.
pub fn message(id: &str, text: Option<&str>) -> Value {
    let parts: Vec<Value> = text.map(text_part).into_iter().collect();
    json!({"id": id, "type": "message", "status": status(text.is_some()), "role": "assistant", "content": parts})
}

/// Text, as a part of its message.
pub fn text_part(text: &str) -> Value {
    json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []})
}

/// A call, as an item; `is_whole` with its arguments.
pub fn call(id: &str, call: &ToolCall, is_whole: bool) -> Value {
    let arguments = if is_whole { call.arguments.as_str() } else { "" };
    let call_id = id.replacen("fc_", "call_", 1);
    json!({"id": id, "type": "function_call", "status": status(is_whole), "call_id": call_id,
        "name": call.name, "arguments": arguments})
}

fn status(is_whole: bool) -> &'static str {
    if is_whole { "completed" } else { "in_progress" }
}

/// The counts by this dialect's names.
pub fn usage(usage: &Usage) -> Value {
    json!({
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {"cached_tokens": usage.prompt_tokens_details.cached_tokens},
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.completion_tokens_details.reasoning_tokens},
        "total_tokens": usage.total_tokens,
    })
}
