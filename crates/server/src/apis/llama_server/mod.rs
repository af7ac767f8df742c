//! llama-server's own API, for its own clients: `/completion`, `/infill`, `/apply-template`, `/props`, `/slots`.

mod answer;
mod request;
mod state;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};

use crate::app::App;
use crate::error::ApiError;
use crate::generate;
use crate::generate::asked::{Form, form, generating};
use crate::generate::messages;
use crate::route::{Access, ErrorShape, Route};
use answer::Voice;

const fn route(path: &'static str, handler: fn() -> MethodRouter<Arc<App>>) -> Route {
    crate::route::route(path, Access::Key, handler).errors(ErrorShape::LlamaServer)
}

/// What its routes take.
pub const FORMS: &[Form] = &[
    form("/completion", &[generating!(r#""prompt": "x""#)], |body| request::parse(body).map(|_| ())),
    form(
        "/infill",
        &[
            generating!(r#""input_prefix": "x", "input_suffix": "x""#),
            &[r#"{"input_prefix": "x", "input_suffix": "x", "input_extra": [{"text": "x"}]}"#],
        ],
        |body| request::parse_infill(body).map(|_| ()),
    ),
    form("/apply-template", &[messages::EXAMPLES], |body| state::parse(body).map(|_| ())),
];

/// Its lines of the route table.
pub const ROUTES: &[Route] = &[
    route("/completion", || post(completion)).streams(),
    route("/infill", || post(infill)).streams(),
    route("/apply-template", || post(state::apply_template)),
    route("/props", || get(state::props)),
    route("/slots", || get(state::slots)),
];

/// Fills in a text.
async fn infill(State(app): State<Arc<App>>, request: Request) -> Result<Response, ApiError> {
    generate::respond(&app, request, request::parse_infill, Voice::new).await
}

/// Continues one or several texts.
async fn completion(State(app): State<Arc<App>>, request: Request) -> Result<Response, ApiError> {
    generate::respond(&app, request, request::parse, Voice::new).await
}
