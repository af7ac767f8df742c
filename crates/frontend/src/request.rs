//! What clients ask for, in text.

use std::time::Duration;

use gollum_core::{SamplingParams, TokenId};
use gollum_tokenizer::SpecialText;
use serde_json::{Map, Value};

use crate::{Grammar, Reasoning, ToolChoice};

/// One message of a conversation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message {
    /// `system`, `user`, `assistant`, `tool`, or what the template knows.
    pub role: String,
    /// The text; parts are joined.
    pub content: String,
    /// Name of the speaker or of the tool.
    pub name: Option<String>,
    /// Calls that an assistant made, as OpenAI spells them. `function.arguments` may be JSON in a string: the
    /// template sees the value.
    pub tool_calls: Option<Value>,
    /// The call that a tool message answers.
    pub tool_call_id: Option<String>,
    /// Reasoning of an assistant; the template sees it as `reasoning_content`.
    pub reasoning_content: Option<String>,
}

impl Message {
    /// A message of text.
    pub fn new(role: impl Into<String>, content: impl Into<String>) -> Self {
        Self { role: role.into(), content: content.into(), ..Self::default() }
    }
}

/// A conversation that the model shall continue.
#[derive(Clone, Debug, PartialEq)]
pub struct ChatRequest {
    /// Oldest first; not empty.
    pub messages: Vec<Message>,
    /// A list of tools as OpenAI spells them.
    pub tools: Option<Value>,
    /// Whether they may be called.
    pub tool_choice: ToolChoice,
    /// Several calls in an answer that must have one.
    pub parallel_tool_calls: bool,
    /// How the model may think before it answers.
    pub reasoning: Reasoning,
    /// Variables for the template. Names that the template already has are refused.
    pub template_kwargs: Map<String, Value>,
    /// End the prompt with the opening of an assistant's turn. Nearly always true.
    pub add_generation_prompt: bool,
    /// End the prompt with the last message's text, for the answer to go on from there. Not together with
    /// `add_generation_prompt`.
    pub continue_final_message: bool,
    /// How the text of control tokens is read inside messages and tools; the template's own is always the token.
    pub content_text: SpecialText,
    /// The rest.
    pub options: GenerateOptions,
}

impl ChatRequest {
    /// A conversation without tools, to be answered.
    pub fn new(messages: Vec<Message>, options: GenerateOptions) -> Self {
        Self {
            messages,
            tools: None,
            tool_choice: ToolChoice::Auto,
            parallel_tool_calls: false,
            reasoning: Reasoning::default(),
            template_kwargs: Map::new(),
            add_generation_prompt: true,
            continue_final_message: false,
            content_text: SpecialText::Literal,
            options,
        }
    }
}

/// A prompt as it stands, without a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// Text; BOS is added if the model wants one.
    Text(String),
    /// Token ids, taken as they are.
    Tokens(Vec<TokenId>),
}

/// A text that the model shall continue.
#[derive(Clone, Debug, PartialEq)]
pub struct CompletionRequest {
    /// What to continue.
    pub prompt: Prompt,
    /// Begin each answer with the prompt's text, and with its log-probabilities if `sampling.logprobs` asks for any.
    /// Then `max_tokens` may be 0.
    pub echo: bool,
    /// The rest.
    pub options: GenerateOptions,
}

/// How to generate.
#[derive(Clone, Debug, PartialEq)]
pub struct GenerateOptions {
    /// How tokens are chosen. `logit_bias` need not be sorted here, and DRY's breakers come from `dry_breakers`.
    pub sampling: SamplingParams,
    /// Texts at which DRY's repetitions end; `None`: line ends and a few marks. At most 16, of 1 to 64 bytes.
    pub dry_breakers: Option<Vec<String>>,
    /// What each answer must look like, and the field that says so, for errors.
    pub grammar: Option<(Grammar, String)>,
    /// Words that must not come. At most 64, of 1 to 256 bytes.
    pub bad_words: Vec<String>,
    /// Tokens of each answer at most; `None`: as many as fit the context.
    pub max_tokens: Option<usize>,
    /// Tokens of each answer before which no stop id counts.
    pub min_tokens: usize,
    /// Texts that end an answer, and are not part of it. At most 16, of 1 to 256 bytes.
    pub stop: Vec<String>,
    /// Ids that end an answer, beside those of the model. At most 64.
    pub stop_token_ids: Vec<TokenId>,
    /// Do not end at the model's own end-of-generation tokens.
    pub ignore_eos: bool,
    /// Answers to the same prompt, 1 to 16.
    pub n: usize,
    /// Larger runs earlier; 0 is the default.
    pub priority: i32,
    /// Separates tenants in every cache: prefixes are shared between equal salts only.
    pub cache_salt: Option<String>,
    /// May be answered from, and stored in, the prompt cache.
    pub use_prompt_cache: bool,
    /// Show control tokens' text, such as `<|im_end|>`, in the answer.
    pub show_control_tokens: bool,
    /// The request fails when it is not done after this.
    pub timeout: Option<Duration>,
}

impl Default for GenerateOptions {
    fn default() -> Self {
        Self {
            sampling: SamplingParams::default(),
            dry_breakers: None,
            grammar: None,
            bad_words: Vec::new(),
            max_tokens: None,
            min_tokens: 0,
            stop: Vec::new(),
            stop_token_ids: Vec::new(),
            ignore_eos: false,
            n: 1,
            priority: 0,
            cache_salt: None,
            use_prompt_cache: true,
            show_control_tokens: false,
            timeout: None,
        }
    }
}
