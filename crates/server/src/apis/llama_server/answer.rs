//! The answer, written: one object, a list of them for several prompts, or events of which the last of each answer has
//! `stop: true` and the numbers. No `[DONE]` ends the stream, as llama-server has none here.

use axum::response::Response;
use gollum_core::{FinishReason, TokenId};
use gollum_frontend::{Frontend, ShownToken};
use serde_json::{Map, Value, json};

use super::request::Wishes;
use crate::error::ApiError;
use crate::generate::answers::{AnswerEvent, Answers};
use crate::generate::spelling::spell;
use crate::generate::usage::Timings;
use crate::generate::writer::{Choice, Writer};
use crate::generate::{Begun, reply, stream};
use crate::route::ErrorShape;

/// How answers are written.
pub struct Voice {
    begun: Begun,
    wishes: Wishes,
    /// Tokens of each answer so far.
    predicted: Vec<usize>,
}

impl Voice {
    /// A writer for one request.
    pub fn new(wishes: Wishes, begun: Begun) -> Self {
        Self { begun, wishes, predicted: Vec::new() }
    }

    fn shown(&self, text: String) -> String {
        if self.wishes.only_reads { String::new() } else { text }
    }

    fn end(
        &self,
        answers: &Answers,
        index: usize,
        choice: Choice,
        probs: Option<Value>,
    ) -> Map<String, Value> {
        let usage = answers.usage();
        let stopping_word = choice.matched_stop.clone().unwrap_or_default();
        let stop_type = match (choice.reason, &choice.matched_stop) {
            (FinishReason::Length, _) => "limit",
            (FinishReason::Stop, Some(_)) => "word",
            (FinishReason::Stop, None) => "eos",
            (FinishReason::Aborted, _) => "none",
        };
        let predicted = if self.wishes.only_reads { 0 } else { choice.tokens.len() };
        let tokens: &[TokenId] = if self.wishes.with_tokens { &choice.tokens } else { &[] };
        let mut object = json!({
            "index": index,
            "content": self.shown(choice.text),
            "tokens": tokens,
            "stop": true,
            "model": self.begun.model,
            "tokens_predicted": predicted,
            "tokens_evaluated": usage.prompt_tokens,
            "tokens_cached": usage.prompt_tokens_details.cached_tokens,
            "truncated": false,
            "stop_type": stop_type,
            "stopping_word": stopping_word,
            "timings": Timings::of(answers),
        });
        if let Some(probs) = probs {
            object["completion_probabilities"] = probs;
        }
        let Value::Object(mut fields) = object else { return Map::new() };
        if !self.wishes.response_fields.is_empty() {
            fields.retain(|name, _| self.wishes.response_fields.contains(name));
        }
        fields
    }
}

impl Writer for Voice {
    const CONTENT_TYPE: &'static str = stream::EVENT_STREAM;
    const KEEP_ALIVE: &'static str = stream::COMMENT;

    fn opening(&mut self, _: &mut String, answers: &Answers) {
        self.predicted = vec![0; answers.count()];
    }

    fn event(&mut self, out: &mut String, answers: &Answers, event: AnswerEvent) {
        match event {
            AnswerEvent::Delta { index, text, tokens, logprobs, .. } => {
                self.predicted[index] += tokens.len();
                if self.wishes.only_reads || text.is_empty() && tokens.is_empty() {
                    return;
                }
                let mut object = json!({
                    "index": index,
                    "content": text,
                    "tokens": tokens,
                    "stop": false,
                    "tokens_predicted": self.predicted[index],
                    "tokens_evaluated": answers.usage().prompt_tokens,
                });
                if self.wishes.with_timings {
                    object["timings"] = json!(Timings::of(answers));
                }
                if self.wishes.with_probs {
                    object["completion_probabilities"] = probabilities(answers.frontend(), &logprobs);
                }
                stream::data(out, &object);
            }
            AnswerEvent::Finished { index, reason, matched_stop } => {
                let choice = Choice { reason, matched_stop, ..Choice::empty() };
                let mut end = self.end(answers, index, choice, None);
                if let Some(predicted) = end.get_mut("tokens_predicted") {
                    *predicted = json!(if self.wishes.only_reads { 0 } else { self.predicted[index] });
                }
                stream::data(out, &end);
            }
            // No tools are on offer here.
            AnswerEvent::Calls { .. } => {}
            AnswerEvent::Failed(error) => self.failed(out, &error),
        }
    }

    fn failed(&mut self, out: &mut String, error: &ApiError) {
        stream::push(out, &ErrorShape::LlamaServer.write(error, &self.begun.name));
    }

    fn ended(&mut self, _: &mut String, _: &Answers) {}

    fn whole(&mut self, answers: &Answers, choices: Vec<Choice>) -> Response {
        let end = |(index, choice): (usize, Choice)| {
            let probs = self.wishes.with_probs.then(|| probabilities(answers.frontend(), &choice.logprobs));
            self.end(answers, index, choice, probs)
        };
        let mut ends: Vec<Map<String, Value>> = choices.into_iter().enumerate().map(end).collect();
        match ends.len() {
            1 => reply::json(&ends.remove(0)),
            _ => reply::json(&ends),
        }
    }
}

fn probabilities(frontend: &Frontend, shown: &[ShownToken]) -> Value {
    let chance = |token: TokenId, logprob: f32| {
        let bytes = frontend.tokenizer().token_bytes(token).to_vec();
        json!({"id": token, "token": spell(frontend, token), "bytes": bytes, "logprob": logprob})
    };
    let entry = |entry: &ShownToken| {
        let mut shown = chance(entry.token, entry.logprob.unwrap_or(0.0));
        let top = entry.top.iter().map(|&(token, logprob)| chance(token, logprob));
        shown["top_logprobs"] = top.collect::<Vec<Value>>().into();
        shown
    };
    shown.iter().map(entry).collect::<Vec<Value>>().into()
}
