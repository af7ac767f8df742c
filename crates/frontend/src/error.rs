//! Everything that can go wrong between a request and its text, and between a name and its model.

use gollum_engine::{EngineError, SubmitError};

use crate::template::TemplateError;

/// Why a request ends without, or in the middle of, its text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrontendError {
    /// A field of the request is out of its range. Nothing was computed.
    #[error("{param}: {message}")]
    Invalid {
        /// Name of the field as clients spell it, such as `stop` or `messages[2].role`.
        param: String,
        /// What it must be.
        message: String,
    },
    /// The chat template failed. [`TemplateError::is_request_fault`] tells whose fault it is.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The prompt can never fit. Nothing was computed.
    #[error("the prompt has {at_least}{prompt_tokens} tokens, and at most {limit} fit with at least one of answer",
        at_least = if *.exact { "" } else { "at least " })]
    PromptTooLong {
        /// Tokens of the prompt.
        prompt_tokens: usize,
        /// False if `prompt_tokens` is a lower bound, from the prompt's bytes alone.
        exact: bool,
        /// Tokens of prompt and answer together, at most.
        limit: usize,
    },
    /// An input of an embedding is longer than the model takes. Nothing was computed.
    #[error(
        "input {index} has {input_tokens} tokens, which exceeds the available context size of {limit} tokens"
    )]
    InputTooLong {
        /// Which of them.
        index: usize,
        /// Its tokens.
        input_tokens: usize,
        /// Tokens at most.
        limit: usize,
    },
    /// The engine did not take the request: full, draining, stopped.
    #[error(transparent)]
    Submit(SubmitError),
    /// The engine took the request and it failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl FrontendError {
    pub(crate) fn invalid(param: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid { param: param.into(), message: message.into() }
    }
}

impl From<SubmitError> for FrontendError {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::TooLong { prompt_tokens, limit, .. } => {
                Self::PromptTooLong { prompt_tokens, exact: true, limit }
            }
            SubmitError::InputTooLong { input_tokens, limit } => {
                Self::InputTooLong { index: 0, input_tokens, limit }
            }
            SubmitError::CannotGenerate | SubmitError::CannotEmbed => {
                Self::invalid("model", error.to_string())
            }
            SubmitError::EmptyPrompt => Self::invalid("prompt", "the prompt has no tokens"),
            SubmitError::NoTokensAsked => Self::invalid("max_tokens", "must be at least 1"),
            SubmitError::TokenOutOfRange { .. } => Self::invalid("prompt", error.to_string()),
            SubmitError::QueueFull { .. } | SubmitError::Draining | SubmitError::Stopped => {
                Self::Submit(error)
            }
        }
    }
}
