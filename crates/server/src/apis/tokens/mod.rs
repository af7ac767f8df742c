//! `POST /tokenize` and `/detokenize`, with the field names of vLLM and of llama-server.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::post;
use gollum_core::TokenId;
use gollum_frontend::{Frontend, GenerateOptions, SpecialText};
use serde::Serialize;

use crate::app::App;
use crate::error::ApiError;
use crate::generate::ask::Conversation;
use crate::generate::asked::{Form, form};
use crate::generate::fields::Fields;
use crate::generate::messages::{self, PromptEnd};
use crate::generate::settings::token_ids;
use crate::generate::{self, Admitted, reply, thinking, tools};
use crate::limits;
use crate::route::{Access, Route, route};

/// What its routes take.
pub const FORMS: &[Form] = &[
    form("/tokenize", &[&[r#"{"prompt": "x"}"#], messages::EXAMPLES], |body| {
        TokenizeBody::parse(body).map(|_| ())
    }),
    form("/detokenize", &[&[r#"{"tokens": [1]}"#]], |body| DetokenizeBody::parse(body).map(|_| ())),
];

/// Its lines of the route table.
pub const ROUTES: &[Route] = &[
    route("/tokenize", Access::Key, || post(tokenize)),
    route("/detokenize", Access::Key, || post(detokenize)),
];

struct TokenizeBody {
    model: Option<String>,
    source: Source,
    /// vLLM: list the tokens' text beside the ids.
    with_strings: bool,
    /// llama-server: make each token an object of id and text.
    with_pieces: bool,
    ignored: Vec<String>,
}

#[expect(clippy::large_enum_variant, reason = "one to a request")]
enum Source {
    Text { text: String, add_special: bool, special: SpecialText },
    Chat(Conversation),
}

impl TokenizeBody {
    fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let mut fields = Fields::parse(body)?;
        let mut ignored = Vec::new();
        let model = fields.string("model", limits::MAX_NAME_BYTES)?.filter(|model| !model.is_empty());
        let prompt = fields.string("prompt", usize::MAX)?;
        // llama-server adds BOS only when told to; vLLM unless told not to.
        let bos_by_default = prompt.is_some();
        let text = prompt.or(fields.string("content", usize::MAX)?);
        let add_special = fields.boolean("add_special_tokens")?.or(fields.boolean("add_special")?);
        let parse_special = fields.boolean("parse_special")?.unwrap_or(true);
        let source = match text {
            Some(text) => Source::Text {
                text,
                add_special: add_special.unwrap_or(bos_by_default),
                special: if parse_special { SpecialText::Parse } else { SpecialText::Literal },
            },
            None => {
                let messages =
                    messages::messages(&mut fields, &mut ignored).map_err(|error| match error.param() {
                        Some("messages") => ApiError::missing("prompt"),
                        _ => error,
                    })?;
                let tools = tools::tools(&mut fields, &mut ignored)?;
                let mut template_kwargs = messages::template_kwargs(&mut fields)?;
                let reasoning = thinking::read(&mut fields, &mut template_kwargs)?;
                let end = PromptEnd::read(&mut fields, &messages)?;
                Source::Chat(Conversation { messages, tools, reasoning, template_kwargs, end })
            }
        };
        let with_strings = fields.boolean("return_token_strs")?.unwrap_or(false);
        let with_pieces = fields.boolean("with_pieces")?.unwrap_or(false);
        fields.ignored_into(&mut ignored);
        Ok(Self { model, source, with_strings, with_pieces, ignored })
    }
}

#[derive(Serialize)]
struct Tokens {
    tokens: Ids,
    count: usize,
    max_model_len: usize,
    token_strs: Option<Vec<String>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Ids {
    Plain(Vec<TokenId>),
    WithText(Vec<Piece>),
}

#[derive(Serialize)]
struct Piece {
    id: TokenId,
    piece: String,
}

/// Ids of a text or of a conversation.
async fn tokenize(State(app): State<Arc<App>>, request: Request) -> Result<Response, ApiError> {
    let Admitted { mut body, in_flight: _in_flight, .. } =
        generate::admit(&app, request, TokenizeBody::parse).await?;
    let ignored = std::mem::take(&mut body.ignored);
    let model = app.model(body.model.as_deref()).await?;
    let content_text = app.config.content_text;
    let tokens = app.workers.run(move || encode(&model, body, content_text)).await?;
    let mut response = reply::json(&tokens);
    reply::annotate(&mut response, false, &ignored);
    Ok(response)
}

fn encode(model: &Frontend, body: TokenizeBody, content_text: SpecialText) -> Result<Tokens, ApiError> {
    let ids = match body.source {
        Source::Text { text, add_special, special } => model.tokenize(&text, add_special, special),
        Source::Chat(conversation) => {
            let request = conversation.request(content_text, GenerateOptions::default());
            model.chat_prompt(&request).map_err(|error| ApiError::from(error).about_messages())?.tokens
        }
    };
    let spell = |&id: &TokenId| String::from_utf8_lossy(model.tokenizer().token_bytes(id)).into_owned();
    let token_strs = body.with_strings.then(|| ids.iter().map(spell).collect());
    let count = ids.len();
    let tokens = if body.with_pieces {
        Ids::WithText(ids.iter().map(|id| Piece { id: *id, piece: spell(id) }).collect())
    } else {
        Ids::Plain(ids)
    };
    Ok(Tokens { tokens, count, max_model_len: model.engine().limits().max_model_len, token_strs })
}

struct DetokenizeBody {
    model: Option<String>,
    tokens: Vec<TokenId>,
    ignored: Vec<String>,
}

impl DetokenizeBody {
    fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let mut fields = Fields::parse(body)?;
        let model = fields.string("model", limits::MAX_NAME_BYTES)?.filter(|model| !model.is_empty());
        let tokens = token_ids(&mut fields, "tokens", limits::MAX_PROMPT_IDS)?;
        let tokens = tokens.ok_or_else(|| fields.missing("tokens"))?;
        let mut ignored = Vec::new();
        fields.ignored_into(&mut ignored);
        Ok(Self { model, tokens, ignored })
    }
}

#[derive(Serialize)]
struct Text {
    /// vLLM's name.
    prompt: String,
    /// llama-server's name for the same.
    content: String,
}

/// The text of ids. Errors: 400 for an id outside the vocabulary.
async fn detokenize(State(app): State<Arc<App>>, request: Request) -> Result<Response, ApiError> {
    let Admitted { body, in_flight: _in_flight, .. } =
        generate::admit(&app, request, DetokenizeBody::parse).await?;
    let model = app.model(body.model.as_deref()).await?;
    let tokens = body.tokens;
    let text = app.workers.run(move || {
        let vocab_size = model.tokenizer().vocab_size();
        if let Some(id) = tokens.iter().find(|&&id| id as usize >= vocab_size) {
            let message = format!("`tokens` has {id}, outside the vocabulary of {vocab_size}");
            return Err(ApiError::invalid("tokens", message));
        }
        Ok(model.detokenize(&tokens))
    });
    let text = text.await?;
    let mut response = reply::json(&Text { prompt: text.clone(), content: text });
    reply::annotate(&mut response, false, &body.ignored);
    Ok(response)
}
