//! The answer, written: one message, or the events of a stream.
//!
//! ```text
//! message_start | content_block_start | content_block_delta ... | content_block_stop | message_delta | message_stop
//!               | error, at any point
//! ```

use axum::response::Response;
use gollum_core::FinishReason;
use gollum_frontend::ToolCall;
use serde_json::{Value, json};

use super::objects::{Answer, Block, Delta, Ending, Event, Usage};
use super::request::Wishes;
use crate::error::ApiError;
use crate::generate::answers::{AnswerEvent, Answers};
use crate::generate::writer::{Choice, Writer};
use crate::generate::{Begun, reply, stream};
use crate::route::ErrorShape;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Thoughts,
    Text,
}

/// How answers are written.
pub struct Voice {
    id: String,
    begun: Begun,
    reason: FinishReason,
    matched_stop: Option<String>,
    /// The block that is open, if it is of thoughts or text, and the number of the next block.
    open: Option<Open>,
    next_block: usize,
    calls: usize,
}

impl Voice {
    /// A writer for one request.
    pub fn new(_: Wishes, begun: Begun) -> Self {
        let id = format!("msg_{}", begun.name);
        Self {
            id,
            begun,
            reason: FinishReason::Stop,
            matched_stop: None,
            open: None,
            next_block: 0,
            calls: 0,
        }
    }

    fn answer<'a>(&'a self, content: Vec<Block<'a>>, ending: Ending, usage: Usage) -> Answer<'a> {
        Answer {
            id: &self.id,
            r#type: "message",
            role: "assistant",
            model: &self.begun.model,
            content,
            stop_reason: ending.stop_reason,
            stop_sequence: ending.stop_sequence,
            usage,
        }
    }

    /// The next call's block.
    fn call<'a>(&mut self, call: &ToolCall, input: Value) -> Block<'a> {
        self.calls += 1;
        let id = format!("toolu_{}_{}", self.begun.name, self.calls - 1);
        Block::ToolUse { id, name: call.name.clone(), input }
    }

    fn close(&mut self, out: &mut String) {
        let index = self.next_block;
        let Some(open) = self.open.take() else { return };
        if open == Open::Thoughts {
            let delta = Delta::Signature { signature: "" };
            push(out, &Event::ContentBlockDelta { index, delta });
        }
        push(out, &Event::ContentBlockStop { index });
        self.next_block += 1;
    }

    /// More of a block, which begins with it if another, or none, is open.
    fn add(&mut self, out: &mut String, open: Open, delta: Delta<'_>) {
        if self.open != Some(open) {
            self.close(out);
            self.open = Some(open);
            let content_block = match open {
                Open::Thoughts => Block::Thinking { thinking: "", signature: "" },
                Open::Text => Block::Text { text: "" },
            };
            push(out, &Event::ContentBlockStart { index: self.next_block, content_block });
        }
        push(out, &Event::ContentBlockDelta { index: self.next_block, delta });
    }

    fn ending(&self) -> Ending {
        let stop_reason = match (self.reason, &self.matched_stop) {
            (FinishReason::Length, _) => "max_tokens",
            (_, Some(_)) => "stop_sequence",
            (_, None) if self.calls > 0 => "tool_use",
            (_, None) => "end_turn",
        };
        Ending { stop_reason: Some(stop_reason), stop_sequence: self.matched_stop.clone() }
    }
}

fn usage(answers: &Answers) -> Usage {
    let usage = answers.usage();
    let cached = usage.prompt_tokens_details.cached_tokens;
    Usage {
        input_tokens: usage.prompt_tokens.saturating_sub(cached),
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: cached,
        output_tokens: usage.completion_tokens,
    }
}

fn push(out: &mut String, event: &Event<'_>) {
    stream::named(out, event.name(), event);
}

impl Writer for Voice {
    const CONTENT_TYPE: &'static str = stream::EVENT_STREAM;
    const KEEP_ALIVE: &'static str = "event: ping\ndata: {\"type\": \"ping\"}\n\n";

    fn opening(&mut self, out: &mut String, answers: &Answers) {
        let open = Ending { stop_reason: None, stop_sequence: None };
        push(out, &Event::MessageStart { message: self.answer(Vec::new(), open, usage(answers)) });
    }

    fn event(&mut self, out: &mut String, _: &Answers, event: AnswerEvent) {
        match event {
            AnswerEvent::Delta { thoughts, text, .. } => {
                if !thoughts.is_empty() {
                    self.add(out, Open::Thoughts, Delta::Thinking { thinking: &thoughts });
                }
                // White space before a call would be a block that no client wants.
                if !text.is_empty() && (self.open == Some(Open::Text) || !text.trim().is_empty()) {
                    self.add(out, Open::Text, Delta::Text { text: &text });
                }
            }
            AnswerEvent::Calls { calls, .. } => {
                self.close(out);
                for call in calls {
                    let index = self.next_block;
                    let delta = Delta::InputJson { partial_json: &call.arguments };
                    let begun = self.call(&call, json!({}));
                    push(out, &Event::ContentBlockStart { index, content_block: begun });
                    push(out, &Event::ContentBlockDelta { index, delta });
                    push(out, &Event::ContentBlockStop { index });
                    self.next_block += 1;
                }
            }
            AnswerEvent::Finished { reason, matched_stop, .. } => {
                (self.reason, self.matched_stop) = (reason, matched_stop);
            }
            AnswerEvent::Failed(error) => self.failed(out, &error),
        }
    }

    fn failed(&mut self, out: &mut String, error: &ApiError) {
        out.push_str("event: error\n");
        stream::push(out, &ErrorShape::Anthropic.write(error, &self.begun.name));
    }

    fn ended(&mut self, out: &mut String, answers: &Answers) {
        self.close(out);
        push(out, &Event::MessageDelta { delta: self.ending(), usage: usage(answers) });
        push(out, &Event::MessageStop);
    }

    fn whole(&mut self, answers: &Answers, choices: Vec<Choice>) -> Response {
        let (mut thoughts, mut text, mut calls) = (String::new(), String::new(), Vec::new());
        if let Some(choice) = choices.into_iter().next() {
            (self.reason, self.matched_stop) = (choice.reason, choice.matched_stop);
            (thoughts, text, calls) = (choice.thoughts, choice.text, choice.calls);
        }
        let mut content: Vec<Block<'_>> = Vec::new();
        if !thoughts.is_empty() {
            content.push(Block::Thinking { thinking: &thoughts, signature: "" });
        }
        if self.calls == 0 && calls.is_empty() || !text.trim().is_empty() {
            content.push(Block::Text { text: &text });
        }
        for call in calls {
            let input = serde_json::from_str(&call.arguments).unwrap_or_default();
            content.push(self.call(&call, input));
        }
        reply::json(&self.answer(content, self.ending(), usage(answers)))
    }
}
