//! OpenAI's chat: `POST /v1/chat/completions`.

mod answer;
mod objects;
mod request;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::post;

use crate::app::App;
use crate::error::ApiError;
use crate::generate;
use crate::generate::asked::Form;
use crate::route::{Access, Route, route};
use answer::Voice;

/// What its routes take.
pub const FORMS: &[Form] = &[Form {
    path: "/v1/chat/completions",
    example: r#"{"messages": [{"role": "user", "content": "x"}]}"#,
    read: |body| request::parse(body).map(|_| ()),
}];

/// Its lines of the route table.
pub const ROUTES: &[Route] = &[route("/v1/chat/completions", Access::Key, || post(chat_completions))];

/// Answers a conversation.
async fn chat_completions(State(app): State<Arc<App>>, request: Request) -> Result<Response, ApiError> {
    generate::respond(&app, request, request::parse, Voice::new).await
}
