//! How a dialect writes answers: the one trait that each implements.

use axum::response::Response;
use gollum_core::{FinishReason, TokenId};
use gollum_frontend::{ShownToken, ToolCall};

use super::answers::{AnswerEvent, Answers};
use crate::error::ApiError;

/// Writes the answers to one request in one dialect, as a stream or whole.
///
/// A stream's methods append complete pieces of its body: see [`super::stream::data`] and its siblings.
pub trait Writer: Send + 'static {
    /// The stream's media type.
    const CONTENT_TYPE: &'static str;
    /// Sent while there is nothing to say, so that proxies keep the connection; empty where the dialect has nothing.
    const KEEP_ALIVE: &'static str;

    /// Before any event.
    fn opening(&mut self, out: &mut String, answers: &Answers);
    /// New text of an answer, or its end. Failures go to [`Writer::failed`].
    fn event(&mut self, out: &mut String, answers: &Answers, event: AnswerEvent);
    /// The last words of a stream that broke off.
    fn failed(&mut self, out: &mut String, error: &ApiError);
    /// The last words of a stream that went well.
    fn ended(&mut self, out: &mut String, answers: &Answers);
    /// All answers in one response.
    fn whole(&mut self, answers: &Answers, choices: Vec<Choice>) -> Response;
}

/// One complete answer.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What the model thought before, where that is told apart.
    pub thoughts: String,
    /// Its text.
    pub text: String,
    /// The tools it calls.
    pub calls: Vec<ToolCall>,
    /// All its tokens, the stop id included.
    pub tokens: Vec<TokenId>,
    /// Of these, those whose text is shown, if log-probabilities were asked for.
    pub logprobs: Vec<ShownToken>,
    /// Why it ended.
    pub reason: FinishReason,
    /// The stop string that ended it.
    pub matched_stop: Option<String>,
}

impl Choice {
    /// An answer that has not begun.
    pub fn empty() -> Self {
        Self {
            thoughts: String::new(),
            text: String::new(),
            calls: Vec::new(),
            tokens: Vec::new(),
            logprobs: Vec::new(),
            reason: FinishReason::Stop,
            matched_stop: None,
        }
    }
}

/// Reads answers to their end. Errors: the first failure.
pub async fn collect(answers: &mut Answers) -> Result<Vec<Choice>, ApiError> {
    let mut choices: Vec<Choice> = std::iter::repeat_with(Choice::empty).take(answers.count()).collect();
    while let Some(event) = answers.next().await {
        match event {
            AnswerEvent::Delta { index, thoughts, text, tokens, logprobs } => {
                let choice = &mut choices[index];
                choice.thoughts += &thoughts;
                choice.text += &text;
                choice.tokens.extend(tokens);
                choice.logprobs.extend(logprobs);
            }
            AnswerEvent::Calls { index, calls } => choices[index].calls.extend(calls),
            AnswerEvent::Finished { index, reason, matched_stop } => {
                choices[index].reason = reason;
                choices[index].matched_stop = matched_stop;
            }
            AnswerEvent::Failed(error) => return Err(error),
        }
    }
    Ok(choices)
}
