//! OpenAI's older text completion: `POST /v1/completions`.

mod answer;
mod chances;
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
use crate::route::{Access, Route, route};
use answer::Voice;

/// What its routes take.
pub const FORMS: &[Form] =
    &[form("/v1/completions", &[generating!(r#""prompt": "x""#)], |body| request::parse(body).map(|_| ()))];

/// Its lines of the route table.
pub const ROUTES: &[Route] = &[route("/v1/completions", Access::Key, || post(completions)).streams()];

/// Continues one or several texts.
async fn completions(State(app): State<Arc<App>>, request: Request) -> Result<Response, ApiError> {
    generate::respond(&app, request, request::parse, Voice::new).await
}
