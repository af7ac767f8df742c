//! Messages to token ids, token ids to text: for HTTP and the terminal alike.
//!
//! ```text
//! ChatRequest -> validate -> guard -> template -> tokenizer -> EngineHandle::submit (n times)
//! engine events -> detokenizer -> stop strings -> TextEvent
//! ```
//! Nothing here knows HTTP; nothing below here knows text.

mod assembler;
mod bad_words;
mod breakers;
mod echo;
mod embeddings;
mod error;
mod frontend;
mod generation;
mod grammar;
mod guard;
mod host;
mod infill;
mod reader;
mod reasoning;
mod request;
mod stop;
mod template;
mod tools;
mod validate;

pub use bad_words::{MAX_BAD_WORD_BYTES, MAX_BAD_WORDS};
pub use embeddings::{
    Capability, EmbeddingOptions, EmbeddingRequest, Embeddings, MAX_IN_FLIGHT, MAX_INPUTS, MAX_VALUES,
    RerankRequest,
};
pub use error::FrontendError;
pub use frontend::{ChatPrompt, Frontend, FrontendParts};
pub use generation::{Generation, ShownToken, TextEvent};
pub use gollum_tokenizer::SpecialText;
pub use grammar::{Grammar, MAX_CHOICES, MAX_GRAMMAR_BYTES};
pub use host::{AboutModel, HostError, ModelCard, ModelHost, ModelState, PullStep};
pub use infill::{InfillRequest, MAX_FILES};
pub use reasoning::{Marks, REASONING_MARKS, Reasoning, Thoughts};
pub use request::{ChatRequest, CompletionRequest, GenerateOptions, Message, Prompt};
pub use template::{
    BASE_FUEL, BASE_OUTPUT_BYTES, BYTES_PER_FUEL, ChatTemplate, MAX_SOURCE_BYTES, MESSAGE_FUEL, RenderCost,
    TemplateError, TemplateTokens, check_template_kwargs,
};
pub use tools::{TOOL_DIALECTS, ToolCall, ToolChoice, ToolDialect};
pub use validate::{
    MAX_BREAKER_BYTES, MAX_BREAKERS, MAX_LOGIT_BIAS, MAX_MESSAGES, MAX_N, MAX_SALT_BYTES, MAX_STOP_BYTES,
    MAX_STOP_IDS, MAX_STOPS, MAX_TEMPLATE_KWARGS, MAX_TOOLS, MAX_TOP_LOGPROBS,
};
