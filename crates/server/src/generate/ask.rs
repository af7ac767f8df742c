//! A valid request of any dialect: what every parser makes, and the only thing that is run.

use gollum_core::SamplingParams;
use gollum_frontend::{
    ChatRequest, CompletionRequest, Frontend, GenerateOptions, Generation, InfillRequest, Message, Prompt,
    Reasoning, SpecialText,
};
use serde_json::Value;

use super::messages::PromptEnd;
use super::settings::Common;
use super::tools::Tools;
use crate::app::Caller;
use crate::error::ApiError;

/// What a client asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// How to generate.
    pub common: Common,
    /// From what.
    pub input: Input,
    /// Names of fields that nobody defines.
    pub ignored: Vec<String>,
}

/// From what an answer is made.
#[expect(clippy::large_enum_variant, reason = "one to a request")]
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A conversation, through the model's template.
    Chat(Conversation),
    /// Places in texts to fill in; their options are those of the ask.
    Infill(Vec<InfillRequest>),
    /// Texts or ids, as they are.
    Prompts {
        /// At least one; times `n` at most [`crate::limits::MAX_N`].
        prompts: Vec<Prompt>,
        /// Repeat the prompt before the answer, with its log-probabilities if any are asked for.
        echo: bool,
    },
}

/// A conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversation {
    /// At least one message.
    pub messages: Vec<Message>,
    /// What may be called.
    pub tools: Tools,
    /// Variables for the template.
    pub template_kwargs: serde_json::Map<String, Value>,
    /// How the model may think.
    pub reasoning: Reasoning,
    /// How the prompt ends.
    pub end: PromptEnd,
}

impl Conversation {
    /// The same for the frontend. `content_text` says how control tokens' text in messages is read.
    pub fn request(self, content_text: SpecialText, options: GenerateOptions) -> ChatRequest {
        ChatRequest {
            add_generation_prompt: self.end == PromptEnd::AnswerOpened,
            continue_final_message: self.end == PromptEnd::MessageOpen,
            reasoning: self.reasoning,
            template_kwargs: self.template_kwargs,
            tools: self.tools.list,
            tool_choice: self.tools.choice,
            parallel_tool_calls: self.tools.parallel,
            content_text,
            ..ChatRequest::new(self.messages, options)
        }
    }
}

impl Ask {
    /// Renders, tokenises and submits: one generation per prompt. A worker's job.
    ///
    /// Errors: those of template, tokenizer and queue. What was submitted before is aborted.
    pub fn start(
        self,
        frontend: &Frontend,
        caller: Caller,
        content_text: SpecialText,
    ) -> Result<Vec<Generation>, ApiError> {
        let defaults: &SamplingParams = frontend.default_sampling();
        let options = self.common.options(defaults, &caller);
        match self.input {
            Input::Chat(conversation) => {
                let request = conversation.request(content_text, options);
                let generation =
                    frontend.chat(request).map_err(|error| ApiError::from(error).about_messages())?;
                Ok(vec![generation])
            }
            Input::Infill(places) => places
                .into_iter()
                .map(|place| Ok(frontend.infill(InfillRequest { options: options.clone(), ..place })?))
                .collect(),
            Input::Prompts { prompts, echo } => prompts
                .into_iter()
                .map(|prompt| {
                    let options = options.clone();
                    Ok(frontend.complete(CompletionRequest { prompt, echo, options })?)
                })
                .collect(),
        }
    }
}
