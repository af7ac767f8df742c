//! The answer, written: one object, or a stream of the same object in pieces, and `[DONE]`.

use axum::response::Response;

use super::chances;
use super::objects::{Completion, CompletionChoice};
use super::request::Wishes;
use crate::error::ApiError;
use crate::generate::answers::{AnswerEvent, Answers};
use crate::generate::spelling::finish_reason;
use crate::generate::usage::Timings;
use crate::generate::writer::{Choice, Writer};
use crate::generate::{Begun, reply, stream};

/// How completions are written.
pub struct Voice {
    id: String,
    begun: Begun,
    wishes: Wishes,
}

impl Voice {
    /// A writer for one request.
    pub fn new(wishes: Wishes, begun: Begun) -> Self {
        Self { id: format!("cmpl-{}", begun.name), begun, wishes }
    }

    fn object<'a>(&'a self, answers: &Answers, choices: Vec<CompletionChoice<'a>>) -> Completion<'a> {
        let telling = self.wishes.telling;
        Completion {
            id: &self.id,
            object: "text_completion",
            created: self.begun.created,
            model: &self.begun.model,
            system_fingerprint: reply::FINGERPRINT,
            choices,
            usage: self.wishes.include_usage.then(|| telling.usage.then(|| answers.usage())),
            timings: telling.timings.then(|| Timings::of(answers)),
        }
    }
}

impl Writer for Voice {
    const CONTENT_TYPE: &'static str = stream::EVENT_STREAM;
    const KEEP_ALIVE: &'static str = stream::COMMENT;

    fn opening(&mut self, _: &mut String, _: &Answers) {}

    fn event(&mut self, out: &mut String, answers: &Answers, event: AnswerEvent) {
        match event {
            AnswerEvent::Delta { index, text, logprobs, .. } => {
                if text.is_empty() && logprobs.is_empty() {
                    return;
                }
                let mut choice = CompletionChoice::new(index, text);
                choice.logprobs =
                    self.wishes.with_logprobs.then(|| chances::lists(answers.frontend(), &logprobs));
                stream::data(out, &self.object(answers, vec![choice]));
            }
            AnswerEvent::Finished { index, reason, matched_stop } => {
                let mut choice = CompletionChoice::new(index, String::new());
                choice.finish_reason = Some(finish_reason(reason));
                choice.stop_reason = matched_stop;
                let mut object = self.object(answers, vec![choice]);
                if answers.is_over() {
                    object.timings = Some(Timings::of(answers));
                }
                stream::data(out, &object);
            }
            // No tools are on offer here.
            AnswerEvent::Calls { .. } => {}
            AnswerEvent::Failed(error) => self.failed(out, &error),
        }
    }

    fn failed(&mut self, out: &mut String, error: &ApiError) {
        stream::push(out, &error.to_json());
        stream::push(out, "[DONE]");
    }

    fn ended(&mut self, out: &mut String, answers: &Answers) {
        if self.wishes.include_usage {
            let mut object = self.object(answers, Vec::new());
            object.usage = Some(Some(answers.usage()));
            object.timings = Some(Timings::of(answers));
            stream::data(out, &object);
        }
        stream::push(out, "[DONE]");
    }

    fn whole(&mut self, answers: &Answers, choices: Vec<Choice>) -> Response {
        let told = answers.prompt_logprobs();
        let per_prompt = choices.len() / told.len();
        let choice = |(index, choice): (usize, Choice)| CompletionChoice {
            index,
            prompt_logprobs: told[index / per_prompt].as_ref(),
            text: choice.text,
            logprobs: self.wishes.with_logprobs.then(|| chances::lists(answers.frontend(), &choice.logprobs)),
            finish_reason: Some(finish_reason(choice.reason)),
            stop_reason: choice.matched_stop,
        };
        let mut object = self.object(answers, choices.into_iter().enumerate().map(choice).collect());
        object.usage = Some(Some(answers.usage()));
        object.timings = Some(Timings::of(answers));
        reply::json(&object)
    }
}
