//! The answer, written: lines of JSON, of which the last has `done` and the numbers, or that last one alone.

use axum::response::Response;
use gollum_core::FinishReason;
use gollum_frontend::ToolCall;
use serde::Serialize;
use serde_json::{Value, json};

use super::request::Wishes;
use crate::error::ApiError;
use crate::generate::answers::{AnswerEvent, Answers};
use crate::generate::writer::{Choice, Writer};
use crate::generate::{Begun, reply, stream};
use crate::route::ErrorShape;

/// How answers are written.
pub struct Voice {
    begun: Begun,
    wishes: Wishes,
    reason: FinishReason,
}

#[derive(Serialize)]
struct Line<'a> {
    model: &'a str,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    thinking: &'a str,
    done: bool,
    #[serde(flatten)]
    end: Option<End>,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    thinking: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Value>,
}

/// Durations are nanoseconds.
#[derive(Serialize)]
struct End {
    done_reason: &'static str,
    total_duration: u64,
    load_duration: u64,
    prompt_eval_count: usize,
    prompt_eval_duration: u64,
    eval_count: usize,
    eval_duration: u64,
}

impl Voice {
    /// A writer for one request.
    pub fn new(wishes: Wishes, begun: Begun) -> Self {
        Self { begun, wishes, reason: FinishReason::Stop }
    }

    fn line<'a>(&'a self, thoughts: &'a str, text: &'a str, end: Option<End>) -> Line<'a> {
        let is_chat = self.wishes.is_chat;
        let message =
            Message { role: "assistant", content: text, thinking: thoughts, tool_calls: Vec::new() };
        Line {
            model: &self.begun.model,
            created_at: reply::rfc3339(std::time::SystemTime::now()),
            message: is_chat.then_some(message),
            response: (!is_chat).then_some(text),
            thinking: if is_chat { "" } else { thoughts },
            done: end.is_some(),
            end,
        }
    }

    fn end(&self, answers: &Answers) -> End {
        let (usage, timing) = (answers.usage(), answers.timing());
        let total_us = timing.queue_us + timing.prefill_us + timing.decode_us;
        End {
            done_reason: match self.reason {
                FinishReason::Length => "length",
                FinishReason::Stop | FinishReason::Aborted => "stop",
            },
            total_duration: total_us * 1000,
            load_duration: 0,
            prompt_eval_count: usage.prompt_tokens,
            prompt_eval_duration: timing.prefill_us * 1000,
            eval_count: usage.completion_tokens,
            eval_duration: timing.decode_us * 1000,
        }
    }
}

impl Writer for Voice {
    const CONTENT_TYPE: &'static str = "application/x-ndjson";
    // Its clients read every line as JSON.
    const KEEP_ALIVE: &'static str = "";

    fn opening(&mut self, _: &mut String, _: &Answers) {}

    fn event(&mut self, out: &mut String, _: &Answers, event: AnswerEvent) {
        match event {
            AnswerEvent::Delta { thoughts, text, .. } if thoughts.is_empty() && text.is_empty() => {}
            AnswerEvent::Delta { thoughts, text, .. } => {
                stream::line(out, &self.line(&thoughts, &text, None));
            }
            AnswerEvent::Calls { calls, .. } => {
                let mut line = self.line("", "", None);
                if let Some(message) = &mut line.message {
                    message.tool_calls = calls.iter().map(call_of).collect();
                }
                stream::line(out, &line);
            }
            AnswerEvent::Finished { reason, .. } => self.reason = reason,
            AnswerEvent::Failed(error) => self.failed(out, &error),
        }
    }

    fn failed(&mut self, out: &mut String, error: &ApiError) {
        out.push_str(&ErrorShape::Ollama.write(error, &self.begun.name));
        out.push('\n');
    }

    fn ended(&mut self, out: &mut String, answers: &Answers) {
        stream::line(out, &self.line("", "", Some(self.end(answers))));
    }

    fn whole(&mut self, answers: &Answers, choices: Vec<Choice>) -> Response {
        let choice = choices.into_iter().next().unwrap_or_else(Choice::empty);
        self.reason = choice.reason;
        let mut line = self.line(&choice.thoughts, &choice.text, Some(self.end(answers)));
        if let Some(message) = &mut line.message {
            message.tool_calls = choice.calls.iter().map(call_of).collect();
        }
        reply::json(&line)
    }
}

/// Arguments are an object here, not its text.
fn call_of(call: &ToolCall) -> Value {
    let arguments: Value = serde_json::from_str(&call.arguments).unwrap_or_default();
    json!({"function": {"name": call.name, "arguments": arguments}})
}
