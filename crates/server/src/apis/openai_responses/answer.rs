//! The answer, written: one response, or numbered events about it.
//!
//! ```text
//! created, in_progress
//!   per item  output_item.added | content_part.added, deltas, done, content_part.done | output_item.done
//!                               | function_call_arguments.delta, .done                |
//! completed, incomplete or failed, with the whole response
//! ```

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use axum::response::Response;
use gollum_core::FinishReason;
use gollum_frontend::{Message, ToolCall};
use serde_json::{Map, Value, json};

use super::object;
use super::request::Wishes;
use crate::app::App;
use crate::error::ApiError;
use crate::generate::answers::{AnswerEvent, Answers};
use crate::generate::writer::{Choice, Writer};
use crate::generate::{Begun, reply, stream};
use crate::stored::Kept;

/// How answers are written, and kept.
pub struct Voice {
    app: Arc<App>,
    tenant: Option<usize>,
    id: String,
    begun: Begun,
    wishes: Wishes,
    /// Events so far.
    number: u64,
    /// Items that are complete.
    output: Vec<Value>,
    /// The item that is open, and its text so far.
    open: Option<(Kind, String)>,
    /// The answer as the next request's template sees it.
    said: Message,
    reason: FinishReason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Thoughts,
    Text,
}

impl Voice {
    /// A writer for one request.
    pub fn new(app: Arc<App>, tenant: Option<usize>, wishes: Wishes, begun: Begun) -> Self {
        // Keyed anew each time, so nobody guesses the name of another's answer.
        let part = || RandomState::new().hash_one(&begun.name);
        Self {
            app,
            tenant,
            id: format!("resp_{:016x}{:016x}", part(), part()),
            begun,
            wishes,
            number: 0,
            output: Vec::new(),
            open: None,
            said: Message::new("assistant", ""),
            reason: FinishReason::Stop,
        }
    }

    /// What clients call the answer by.
    pub fn id(&self) -> &str {
        &self.id
    }

    fn object(&self, answers: &Answers, status: &str) -> Map<String, Value> {
        let sampling = self.wishes.sampling.over(answers.frontend().default_sampling());
        let object = json!({
            "id": self.id,
            "object": "response",
            "created_at": self.begun.created,
            "status": status,
            "background": self.wishes.background,
            "error": null,
            "incomplete_details": null,
            "instructions": self.wishes.instructions,
            "model": self.begun.model,
            "output": self.output,
            "previous_response_id": self.wishes.previous_response_id,
            "store": self.wishes.store,
            "temperature": as_written(sampling.temperature),
            "top_p": as_written(sampling.top_p),
            "truncation": "disabled",
            "usage": null,
        });
        let Value::Object(mut object) = object else { return Map::new() };
        object.extend(self.wishes.echoed.clone());
        object
    }

    /// The response while it is made.
    pub fn running(&self, answers: &Answers) -> Value {
        self.object(answers, "in_progress").into()
    }

    /// The response at its end; kept, if it is to be.
    fn end(&mut self, answers: &Answers) -> Value {
        let is_cut = self.reason == FinishReason::Length;
        let mut object = self.object(answers, if is_cut { "incomplete" } else { "completed" });
        if is_cut {
            object.insert("incomplete_details".to_owned(), json!({"reason": "max_output_tokens"}));
        }
        object.insert("usage".to_owned(), object::usage(&answers.usage()));
        self.keep(&object);
        object.into()
    }

    /// The response that broke off; kept, if it is to be.
    pub fn failed_object(&mut self, answers: &Answers, error: &ApiError) -> Value {
        let mut object = self.object(answers, "failed");
        let code = if error.status() == 429 { "rate_limit_exceeded" } else { "server_error" };
        object.insert("error".to_owned(), json!({"code": code, "message": error.message()}));
        self.keep(&object);
        object.into()
    }

    fn keep(&self, object: &Map<String, Value>) {
        if !self.wishes.store {
            return;
        }
        let mut messages = self.wishes.messages.clone();
        messages.push(self.said.clone());
        let json = Value::Object(object.clone()).to_string();
        let (id, tenant) = (self.id.clone(), self.tenant);
        let kept = Kept { id, tenant, messages, json, running: None };
        if self.wishes.background {
            // Unless somebody has cancelled it, or forgotten it.
            self.app.stored.settle(kept);
        } else {
            self.app.stored.put(kept);
        }
    }

    /// Takes a whole answer in, and gives the response.
    pub fn complete(&mut self, answers: &Answers, choices: Vec<Choice>) -> Value {
        let choice = choices.into_iter().next().unwrap_or_else(Choice::empty);
        self.reason = choice.reason;
        let mut unseen = String::new();
        if !choice.thoughts.is_empty() {
            self.add(&mut unseen, Kind::Thoughts, &choice.thoughts);
        }
        if choice.calls.is_empty() || !choice.text.trim().is_empty() {
            self.add(&mut unseen, Kind::Text, &choice.text);
        }
        self.close(&mut unseen);
        choice.calls.iter().for_each(|call| self.call(&mut unseen, call));
        self.end(answers)
    }

    fn push(&mut self, out: &mut String, name: &str, mut event: Value) {
        event["type"] = json!(name);
        event["sequence_number"] = json!(self.number);
        self.number += 1;
        stream::named(out, name, &event);
    }

    fn item_id(&self, kind: &str) -> String {
        format!("{kind}_{}_{}", &self.id["resp_".len()..], self.output.len())
    }

    fn item(&self, kind: Kind, text: Option<&str>) -> Value {
        match kind {
            Kind::Thoughts => object::reasoning(&self.item_id("rs"), text),
            Kind::Text => object::message(&self.item_id("msg"), text),
        }
    }

    /// An event about the content of the open item.
    fn about(&mut self, out: &mut String, name: &str, kind: Kind, more: Value) {
        let id = self.item_id(if kind == Kind::Thoughts { "rs" } else { "msg" });
        let mut event = json!({"item_id": id, "output_index": self.output.len(), "content_index": 0});
        if let (Value::Object(event), Value::Object(more)) = (&mut event, more) {
            event.extend(more);
        }
        self.push(out, name, event);
    }

    /// More of an item, which begins with it if another, or none, is open.
    fn add(&mut self, out: &mut String, kind: Kind, text: &str) {
        if self.open.as_ref().is_none_or(|(open, _)| *open != kind) {
            self.close(out);
            let event = json!({"output_index": self.output.len(), "item": self.item(kind, None)});
            self.push(out, "response.output_item.added", event);
            let part = part(kind, "");
            self.about(out, "response.content_part.added", kind, json!({ "part": part }));
            self.open = Some((kind, String::new()));
        }
        if let Some((_, so_far)) = &mut self.open {
            so_far.push_str(text);
        }
        if text.is_empty() {
            return;
        }
        match kind {
            Kind::Thoughts => {
                self.about(out, "response.reasoning_text.delta", kind, json!({ "delta": text }));
            }
            Kind::Text => {
                let more = json!({"delta": text, "logprobs": []});
                self.about(out, "response.output_text.delta", kind, more);
            }
        }
    }

    fn close(&mut self, out: &mut String) {
        let Some((kind, text)) = self.open.take() else { return };
        match kind {
            Kind::Thoughts => {
                self.about(out, "response.reasoning_text.done", kind, json!({ "text": text }));
            }
            Kind::Text => {
                let more = json!({"text": text, "logprobs": []});
                self.about(out, "response.output_text.done", kind, more);
            }
        }
        let part = part(kind, &text);
        self.about(out, "response.content_part.done", kind, json!({ "part": part }));
        let item = self.item(kind, Some(&text));
        match kind {
            Kind::Thoughts => self.said.reasoning_content = Some(text),
            Kind::Text => self.said.content += &text,
        }
        self.item_done(out, item);
    }

    fn item_done(&mut self, out: &mut String, item: Value) {
        let event = json!({"output_index": self.output.len(), "item": item});
        self.push(out, "response.output_item.done", event);
        self.output.push(item);
    }

    fn call(&mut self, out: &mut String, call: &ToolCall) {
        let id = self.item_id("fc");
        let index = self.output.len();
        let event = json!({"output_index": index, "item": object::call(&id, call, false)});
        self.push(out, "response.output_item.added", event);
        let event = json!({"item_id": id, "output_index": index, "delta": call.arguments});
        self.push(out, "response.function_call_arguments.delta", event);
        let event =
            json!({"item_id": id, "output_index": index, "name": call.name, "arguments": call.arguments});
        self.push(out, "response.function_call_arguments.done", event);
        let item = object::call(&id, call, true);
        let function = json!({"name": call.name, "arguments": call.arguments});
        let said = json!({"id": item["call_id"], "type": "function", "function": function});
        match &mut self.said.tool_calls {
            Some(Value::Array(calls)) => calls.push(said),
            calls => *calls = Some(json!([said])),
        }
        self.item_done(out, item);
    }
}

/// The shortest number that means the same.
fn as_written(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}

fn part(kind: Kind, text: &str) -> Value {
    match kind {
        Kind::Thoughts => object::reasoning_part(text),
        Kind::Text => object::text_part(text),
    }
}

impl Writer for Voice {
    const CONTENT_TYPE: &'static str = stream::EVENT_STREAM;
    const KEEP_ALIVE: &'static str = stream::COMMENT;

    fn opening(&mut self, out: &mut String, answers: &Answers) {
        let response = self.running(answers);
        self.push(out, "response.created", json!({ "response": response }));
        self.push(out, "response.in_progress", json!({ "response": response }));
    }

    fn event(&mut self, out: &mut String, _: &Answers, event: AnswerEvent) {
        match event {
            AnswerEvent::Delta { thoughts, text, .. } => {
                if !thoughts.is_empty() {
                    self.add(out, Kind::Thoughts, &thoughts);
                }
                let is_open = matches!(self.open, Some((Kind::Text, _)));
                // White space before a call would be an item that no client wants.
                if !text.is_empty() && (is_open || !text.trim().is_empty()) {
                    self.add(out, Kind::Text, &text);
                }
            }
            AnswerEvent::Calls { calls, .. } => {
                self.close(out);
                calls.iter().for_each(|call| self.call(out, call));
            }
            AnswerEvent::Finished { reason, .. } => self.reason = reason,
            AnswerEvent::Failed(error) => self.failed(out, &error),
        }
    }

    fn failed(&mut self, out: &mut String, error: &ApiError) {
        let event = json!({"code": "server_error", "message": error.message(), "param": error.param()});
        self.push(out, "error", event);
    }

    fn ended(&mut self, out: &mut String, answers: &Answers) {
        self.close(out);
        if self.output.is_empty() {
            self.add(out, Kind::Text, "");
            self.close(out);
        }
        let response = self.end(answers);
        let name = if self.reason == FinishReason::Length { "incomplete" } else { "completed" };
        self.push(out, &format!("response.{name}"), json!({ "response": response }));
    }

    fn whole(&mut self, answers: &Answers, choices: Vec<Choice>) -> Response {
        reply::json(&self.complete(answers, choices))
    }
}
