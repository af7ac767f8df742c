//! The answer, written: one object, or a stream of chunks.
//!
//! ```text
//! role chunks | text chunks ... | one finish chunk per answer | usage chunk, if asked for | [DONE]
//!             | ... an error object, at any point after the head                         | [DONE]
//! ```

use axum::response::Response;
use gollum_frontend::{Frontend, ShownToken};

use super::objects::{
    AnswerMessage, ChatChoice, ChatChunk, ChatCompletion, ChatLogprob, ChatLogprobs, ChunkChoice, Delta,
    TokenChance,
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
}

impl Voice {
    /// A writer for one request.
    pub fn new(wishes: Wishes, begun: Begun) -> Self {
        Self { id: format!("chatcmpl-{}", begun.name), begun, wishes }
    }

    fn chunk<'a>(&'a self, choices: Vec<ChunkChoice<'a>>) -> ChatChunk<'a> {
        ChatChunk {
            id: &self.id,
            object: "chat.completion.chunk",
            created: self.begun.created,
            model: &self.begun.model,
            system_fingerprint: reply::FINGERPRINT,
            choices,
            usage: self.wishes.include_usage.then_some(None),
            timings: None,
        }
    }
}

impl Writer for Voice {
    const CONTENT_TYPE: &'static str = stream::EVENT_STREAM;
    const KEEP_ALIVE: &'static str = stream::COMMENT;

    fn opening(&mut self, out: &mut String, answers: &Answers) {
        for index in 0..answers.count() {
            let delta = Delta { role: Some("assistant"), content: Some("") };
            stream::data(out, &self.chunk(vec![ChunkChoice::new(index, delta)]));
        }
    }

    fn event(&mut self, out: &mut String, answers: &Answers, event: AnswerEvent) {
        match event {
            AnswerEvent::Delta { index, text, logprobs, .. } => {
                let chances = chances(answers.frontend(), &logprobs);
                if text.is_empty() && chances.is_empty() {
                    return;
                }
                let mut choice = ChunkChoice::new(index, Delta { role: None, content: Some(&text) });
                choice.logprobs =
                    self.wishes.with_logprobs.then_some(ChatLogprobs { content: chances, refusal: None });
                stream::data(out, &self.chunk(vec![choice]));
            }
            AnswerEvent::Finished { index, reason, matched_stop } => {
                let mut choice = ChunkChoice::new(index, Delta::default());
                choice.finish_reason = Some(finish_reason(reason));
                choice.stop_reason = matched_stop;
                let mut chunk = self.chunk(vec![choice]);
                chunk.timings = answers.is_over().then(|| Timings::of(answers));
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
            let mut chunk = self.chunk(Vec::new());
            chunk.usage = Some(Some(answers.usage()));
            chunk.timings = Some(Timings::of(answers));
            stream::data(out, &chunk);
        }
        stream::push(out, "[DONE]");
    }

    fn whole(&mut self, answers: &Answers, choices: Vec<Choice>) -> Response {
        let choice = |(index, choice): (usize, Choice)| ChatChoice {
            index,
            message: AnswerMessage { role: "assistant", content: choice.text, refusal: None },
            logprobs: self.wishes.with_logprobs.then(|| ChatLogprobs {
                content: chances(answers.frontend(), &choice.logprobs),
                refusal: None,
            }),
            finish_reason: finish_reason(choice.reason),
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
