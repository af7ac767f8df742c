//! What one line of the route table says.

use std::sync::Arc;

use axum::routing::MethodRouter;

use crate::app::App;
use crate::error::ApiError;

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody: the page that asks for the key.
    Public,
    /// Everybody, under any name: probes, which come by address.
    Probe,
    /// Holders of a key, if keys are configured. Also every path that is no route.
    Key,
}

/// One line of the table.
pub struct Route {
    /// The path as axum matches it; `{id}` stands for one segment, `{*id}` for one or more.
    pub path: &'static str,
    /// Who may use it: there is no default, so a new route cannot forget it.
    pub access: Access,
    /// How its errors are told.
    pub errors: ErrorShape,
    /// What answers.
    pub handler: fn() -> MethodRouter<Arc<App>>,
}

/// A line of a dialect that tells errors as OpenAI does.
pub const fn route(path: &'static str, access: Access, handler: fn() -> MethodRouter<Arc<App>>) -> Route {
    Route { path, access, errors: ErrorShape::OpenAi, handler }
}

/// The JSON in which a dialect tells an error. The HTTP code is the same in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorShape {
    /// `{"error": {"message", "type", "param", "code"}}`
    OpenAi,
}

impl ErrorShape {
    /// The body of an error's response; `_name` is the request's.
    pub fn write(self, error: &ApiError, _name: &str) -> String {
        match self {
            Self::OpenAi => error.to_json(),
        }
    }
}
