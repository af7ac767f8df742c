//! The answer, written: one object, or a stream of chunks.
//!
//! ```text
//! role chunks | text chunks ... | one finish chunk per answer | usage chunk, if asked for | [DONE]
//!             | ... an error object, at any point after the head                         | [DONE]
//! ```

use axum::response::Response;
use gollum_core::FinishReason;
use gollum_frontend::{Frontend, ShownToken, ToolCall};

use super::objects::{
    AnswerMessage, Call, ChatChoice, ChatChunk, ChatCompletion, ChatLogprob, ChatLogprobs, ChunkChoice,
    Delta, Function, TokenChance,
};
use super::request::Wishes;
use crate::error::ApiError;
use crate::generate::answers::{AnswerEvent, Answers};
use crate::generate::spelling::{finish_reason, spell};
use crate::generate::usage::{Timings, Usage};
use crate::generate::writer::{Choice, Writer};
use crate::generate::{Begun, reply, stream};

/// How chat answers are written.
pub struct Voice {
    id: String,
    begun: Begun,
    wishes: Wishes,
    /// Calls of each answer so far.
    calls: Vec<usize>,
}

impl Voice {
    /// A writer for one request.
    pub fn new(wishes: Wishes, begun: Begun) -> Self {
        Self { id: format!("chatcmpl-{}", begun.name), begun, wishes, calls: Vec::new() }
    }

    fn chunk<'a>(&'a self, answers: &Answers, choices: Vec<ChunkChoice<'a>>) -> ChatChunk<'a> {
        let telling = self.wishes.telling;
        ChatChunk {
            id: &self.id,
            object: "chat.completion.chunk",
            created: self.begun.created,
            model: &self.begun.model,
            system_fingerprint: reply::FINGERPRINT,
            choices,
            usage: self.wishes.include_usage.then(|| telling.usage.then(|| answers.usage())),
            timings: telling.timings.then(|| Timings::of(answers)),
        }
    }
}

impl Voice {
    fn call(&self, answer: usize, number: usize, call: ToolCall, in_stream: bool) -> Call {
        Call {
            index: in_stream.then_some(number),
            id: format!("call_{}_{answer}_{number}", self.begun.name),
            r#type: "function",
            function: Function { name: call.name, arguments: call.arguments },
        }
    }
}

/// An answer that ends by itself with calls ends for them.
fn reason_of(reason: FinishReason, calls: usize) -> &'static str {
    if calls > 0 && reason == FinishReason::Stop { "tool_calls" } else { finish_reason(reason) }
}

impl Writer for Voice {
    const CONTENT_TYPE: &'static str = stream::EVENT_STREAM;
    const KEEP_ALIVE: &'static str = stream::COMMENT;

    fn opening(&mut self, out: &mut String, answers: &Answers) {
        self.calls = vec![0; answers.count()];
        for index in 0..answers.count() {
            let delta = Delta { role: Some("assistant"), content: Some(""), ..Delta::default() };
            stream::data(out, &self.chunk(answers, vec![ChunkChoice::new(index, delta)]));
        }
    }

    fn event(&mut self, out: &mut String, answers: &Answers, event: AnswerEvent) {
        match event {
            AnswerEvent::Delta { index, thoughts, text, logprobs, .. } => {
                if !thoughts.is_empty() {
                    let delta = Delta { reasoning_content: Some(&thoughts), ..Delta::default() };
                    stream::data(out, &self.chunk(answers, vec![ChunkChoice::new(index, delta)]));
                }
                let chances = chances(answers.frontend(), &logprobs);
                if text.is_empty() && chances.is_empty() {
                    return;
                }
                let mut choice = ChunkChoice::new(index, Delta { content: Some(&text), ..Delta::default() });
                choice.logprobs =
                    self.wishes.with_logprobs.then_some(ChatLogprobs { content: chances, refusal: None });
                stream::data(out, &self.chunk(answers, vec![choice]));
            }
            AnswerEvent::Calls { index, calls } => {
                let first = self.calls[index];
                self.calls[index] += calls.len();
                let numbered = (first..).zip(calls);
                let tool_calls =
                    numbered.map(|(number, call)| self.call(index, number, call, true)).collect();
                let delta = Delta { tool_calls, ..Delta::default() };
                stream::data(out, &self.chunk(answers, vec![ChunkChoice::new(index, delta)]));
            }
            AnswerEvent::Finished { index, reason, matched_stop } => {
                let mut choice = ChunkChoice::new(index, Delta::default());
                choice.finish_reason = Some(reason_of(reason, self.calls[index]));
                choice.stop_reason = matched_stop;
                let mut chunk = self.chunk(answers, vec![choice]);
                if answers.is_over() {
                    chunk.timings = Some(Timings::of(answers));
                }
                stream::data(out, &chunk);
            }
            AnswerEvent::Failed(error) => self.failed(out, &error),
        }
    }

    fn failed(&mut self, out: &mut String, error: &ApiError) {
        stream::push(out, &error.to_json());
        stream::push(out, "[DONE]");
    }

    fn ended(&mut self, out: &mut String, answers: &Answers) {
        if self.wishes.include_usage {
            let mut chunk = self.chunk(answers, Vec::new());
            chunk.usage = Some(Some(answers.usage()));
            chunk.timings = Some(Timings::of(answers));
            stream::data(out, &chunk);
        }
        stream::push(out, "[DONE]");
    }

    fn whole(&mut self, answers: &Answers, choices: Vec<Choice>) -> Response {
        let choice = |(index, choice): (usize, Choice)| ChatChoice {
            index,
            message: AnswerMessage {
                role: "assistant",
                reasoning_content: Some(choice.thoughts).filter(|thoughts| !thoughts.is_empty()),
                content: Some(choice.text).filter(|text| choice.calls.is_empty() || !text.trim().is_empty()),
                tool_calls: (0..)
                    .zip(choice.calls.clone())
                    .map(|(number, call)| self.call(index, number, call, false))
                    .collect(),
                refusal: None,
            },
            logprobs: self.wishes.with_logprobs.then(|| ChatLogprobs {
                content: chances(answers.frontend(), &choice.logprobs),
                refusal: None,
            }),
            finish_reason: reason_of(choice.reason, choice.calls.len()),
            stop_reason: choice.matched_stop,
        };
        let usage: Usage = answers.usage();
        reply::json(&ChatCompletion {
            id: &self.id,
            object: "chat.completion",
            created: self.begun.created,
            model: &self.begun.model,
            system_fingerprint: reply::FINGERPRINT,
            choices: choices.into_iter().enumerate().map(choice).collect(),
            prompt_logprobs: answers.prompt_logprobs().pop().flatten(),
            usage,
            timings: Timings::of(answers),
        })
    }
}

fn chances(frontend: &Frontend, shown: &[ShownToken]) -> Vec<ChatLogprob> {
    let chance = |token, logprob| {
        let bytes = frontend.tokenizer().token_bytes(token).to_vec();
        TokenChance { token: spell(frontend, token), logprob, bytes }
    };
    shown
        .iter()
        .map(|entry| ChatLogprob {
            chosen: chance(entry.token, entry.logprob.expect("a chat echoes no prompt")),
            top_logprobs: entry.top.iter().map(|&(token, logprob)| chance(token, logprob)).collect(),
        })
        .collect()
}
