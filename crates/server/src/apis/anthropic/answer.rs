//! The answer, written: one message, or the events of a stream.
//!
//! ```text
//! message_start | content_block_start | content_block_delta ... | content_block_stop | message_delta | message_stop
//!               | error, at any point
//! ```

use axum::response::Response;
use gollum_core::FinishReason;

use super::objects::{Answer, Block, Delta, Ending, Event, Usage};
use super::request::Wishes;
use crate::error::ApiError;
use crate::generate::answers::{AnswerEvent, Answers};
use crate::generate::writer::{Choice, Writer};
use crate::generate::{Begun, reply, stream};
use crate::route::ErrorShape;

/// How answers are written.
pub struct Voice {
    id: String,
    begun: Begun,
    reason: FinishReason,
    matched_stop: Option<String>,
}

impl Voice {
    /// A writer for one request.
    pub fn new(_: Wishes, begun: Begun) -> Self {
        let id = format!("msg_{}", begun.name);
        Self { id, begun, reason: FinishReason::Stop, matched_stop: None }
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

    fn ending(&self) -> Ending {
        let stop_reason = match (self.reason, &self.matched_stop) {
            (FinishReason::Length, _) => "max_tokens",
            (_, Some(_)) => "stop_sequence",
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
        push(out, &Event::ContentBlockStart { index: 0, content_block: Block::Text { text: "" } });
    }

    fn event(&mut self, out: &mut String, _: &Answers, event: AnswerEvent) {
        match event {
            AnswerEvent::Delta { text, .. } if text.is_empty() => {}
            AnswerEvent::Delta { text, .. } => {
                let delta = Delta::TextDelta { text: &text };
                push(out, &Event::ContentBlockDelta { index: 0, delta });
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
        push(out, &Event::ContentBlockStop { index: 0 });
        push(out, &Event::MessageDelta { delta: self.ending(), usage: usage(answers) });
        push(out, &Event::MessageStop);
    }

    fn whole(&mut self, answers: &Answers, choices: Vec<Choice>) -> Response {
        let mut text = String::new();
        if let Some(choice) = choices.into_iter().next() {
            (self.reason, self.matched_stop) = (choice.reason, choice.matched_stop);
            text = choice.text;
        }
        let content = vec![Block::Text { text: &text }];
        reply::json(&self.answer(content, self.ending(), usage(answers)))
    }
}
