//! Anthropic's API: `POST /v1/messages` and `/v1/messages/count_tokens`.

mod answer;
mod blocks;
mod objects;
mod request;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::post;
use gollum_frontend::GenerateOptions;
use serde_json::json;

use crate::app::App;
use crate::error::ApiError;
use crate::generate::ask::Input;
use crate::generate::asked::{Form, form};
use crate::generate::{self, reply};
use crate::route::{Access, ErrorShape, Route, route};
use answer::Voice;

/// The examples of both routes.
const EXAMPLES: &[&[&str]] = &[
    &[r#"{"max_tokens": 1, "messages": [{"role": "user", "content": "x"}]}"#],
    &[r#"{"max_tokens": 1, "messages": [
            {"role": "user", "content": [{"type": "text", "text": "x"}]},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "x"}, {"type": "tool_use", "id": "x", "name": "x", "input": {}}]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "x", "content": [{"type": "text", "text": "x"}]}]}],
            "system": [{"type": "text", "text": "x"}],
            "tools": [{"name": "x", "input_schema": {}}], "tool_choice": {"type": "tool", "name": "x"},
            "thinking": {"type": "enabled", "budget_tokens": 1}, "output_config": {"effort": "low"}}"#],
];

/// What its routes take.
pub const FORMS: &[Form] = &[
    form("/v1/messages", EXAMPLES, |body| request::parse(body).map(|_| ())),
    form("/v1/messages/count_tokens", EXAMPLES, |body| request::parse_count(body).map(|_| ())),
];

/// Its lines of the route table.
pub const ROUTES: &[Route] = &[
    route("/v1/messages", Access::Key, || post(messages)).errors(ErrorShape::Anthropic).streams(),
    route("/v1/messages/count_tokens", Access::Key, || post(count_tokens)).errors(ErrorShape::Anthropic),
];

/// Answers a conversation.
async fn messages(State(app): State<Arc<App>>, request: Request) -> Result<Response, ApiError> {
    generate::respond(&app, request, request::parse, Voice::new).await
}

/// How many tokens a conversation has, as the model will see it.
async fn count_tokens(State(app): State<Arc<App>>, request: Request) -> Result<Response, ApiError> {
    let admitted = generate::admit(&app, request, request::parse_count).await?;
    let ask = admitted.body;
    let model = app.model(ask.common.model.as_deref()).await?;
    let content_text = app.config.content_text;
    let counted = app.workers.run(move || {
        let Input::Chat(conversation) = ask.input else {
            return Err(ApiError::internal("a conversation was parsed"));
        };
        let request = conversation.request(content_text, GenerateOptions::default());
        let prompt = model.chat_prompt(&request).map_err(|error| ApiError::from(error).about_messages())?;
        Ok(prompt.tokens.len())
    });
    let response = reply::json(&json!({ "input_tokens": counted.await? }));
    drop(admitted.in_flight);
    Ok(response)
}
