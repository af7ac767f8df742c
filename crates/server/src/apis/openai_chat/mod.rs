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
use crate::generate::asked::{Form, form, generating};
use crate::generate::messages;
use crate::route::{Access, Route, route};
use answer::Voice;

/// What its routes take.
pub const FORMS: &[Form] = &[form(
    "/v1/chat/completions",
    &[generating!(r#""messages": [{"role": "user", "content": "x"}]"#), messages::EXAMPLES],
    |body| request::parse(body).map(|_| ()),
)];

/// Its lines of the route table.
pub const ROUTES: &[Route] =
    &[route("/v1/chat/completions", Access::Key, || post(chat_completions)).streams()];

/// Answers a conversation.
async fn chat_completions(State(app): State<Arc<App>>, request: Request) -> Result<Response, ApiError> {
    generate::respond(&app, request, request::parse, Voice::new).await
}
