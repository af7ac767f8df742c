//! What a request becomes before it is run, by vLLM's routes: the prompt's text, where a template makes it, and its ids.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::post;
use gollum_frontend::{Frontend, GenerateOptions, Prompt, SpecialText};
use serde_json::{Value, json};

use crate::app::App;
use crate::error::ApiError;
use crate::generate::ask::{Conversation, Input};
use crate::generate::asked::{Form, form};
use crate::generate::fields::Fields;
use crate::generate::messages::{self, PromptEnd};
use crate::generate::prompts::prompts;
use crate::generate::{self, Admitted, Parse, reply, thinking, tools};
use crate::limits;
use crate::route::{Access, Route, route};

/// What its routes take.
pub const FORMS: &[Form] = &[
    form("/v1/chat/completions/render", &[messages::EXAMPLES], |body| parse_chat(body).map(|_| ())),
    form("/v1/completions/render", &[&[r#"{"prompt": "x"}"#]], |body| parse_completions(body).map(|_| ())),
];

/// Its lines of the route table.
pub const ROUTES: &[Route] = &[
    route("/v1/chat/completions/render", Access::Key, || post(chat)),
    route("/v1/completions/render", Access::Key, || post(completions)),
];

struct Body {
    model: Option<String>,
    input: Input,
    ignored: Vec<String>,
}

/// Fields of how to generate are no part of a prompt: they are ignored, and named.
fn parse_chat(body: &[u8]) -> Result<Body, ApiError> {
    let mut fields = Fields::parse(body)?;
    let mut ignored = Vec::new();
    let model = fields.string("model", limits::MAX_NAME_BYTES)?.filter(|model| !model.is_empty());
    let mut template_kwargs = messages::template_kwargs(&mut fields)?;
    let reasoning = thinking::read(&mut fields, &mut template_kwargs)?;
    let tools = tools::tools(&mut fields, &mut ignored)?;
    let messages = messages::messages(&mut fields, &mut ignored)?;
    let end = PromptEnd::read(&mut fields, &messages)?;
    fields.ignored_into(&mut ignored);
    let input = Input::Chat(Conversation { messages, tools, reasoning, template_kwargs, end });
    Ok(Body { model, input, ignored })
}

fn parse_completions(body: &[u8]) -> Result<Body, ApiError> {
    let mut fields = Fields::parse(body)?;
    let mut ignored = Vec::new();
    let model = fields.string("model", limits::MAX_NAME_BYTES)?.filter(|model| !model.is_empty());
    let prompts = prompts(&mut fields)?;
    fields.ignored_into(&mut ignored);
    Ok(Body { model, input: Input::Prompts { prompts, echo: false }, ignored })
}

async fn chat(State(app): State<Arc<App>>, request: Request) -> Result<Response, ApiError> {
    render(&app, request, parse_chat).await
}

async fn completions(State(app): State<Arc<App>>, request: Request) -> Result<Response, ApiError> {
    render(&app, request, parse_completions).await
}

async fn render(app: &Arc<App>, request: Request, parse: Parse<Body>) -> Result<Response, ApiError> {
    let Admitted { body, in_flight: _in_flight, .. } = generate::admit(app, request, parse).await?;
    let Body { model, input, ignored } = body;
    let model = app.model(model.as_deref()).await?;
    let content_text = app.config.content_text;
    let object = app.workers.run(move || rendered(&model, input, content_text)).await?;
    let mut response = reply::json(&object);
    reply::annotate(&mut response, false, &ignored);
    Ok(response)
}

fn rendered(model: &Frontend, input: Input, content_text: SpecialText) -> Result<Value, ApiError> {
    match input {
        Input::Chat(conversation) => {
            let request = conversation.request(content_text, GenerateOptions::default());
            let prompt =
                model.chat_prompt(&request).map_err(|error| ApiError::from(error).about_messages())?;
            Ok(json!({"model": model.model_id(), "prompt": prompt.text, "token_ids": prompt.tokens}))
        }
        Input::Prompts { prompts, .. } => {
            let ids = |prompt| match prompt {
                Prompt::Text(text) => model.tokenize(&text, true, SpecialText::Parse),
                Prompt::Tokens(ids) => ids,
            };
            let each = |prompt| json!({"model": model.model_id(), "token_ids": ids(prompt)});
            Ok(prompts.into_iter().map(each).collect())
        }
        Input::Infill(_) => Err(ApiError::internal("no route parses this")),
    }
}
