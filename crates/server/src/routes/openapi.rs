//! `GET /openapi.json`: the routes that take a body, and its fields, as their parsers ask for them.

use axum::response::Response;
use serde_json::{Map, Value, json};

use crate::apis;
use crate::error::ApiError;
use crate::generate::asked::{Fate, Form};
use crate::generate::reply;

/// The description. A parser reads values by rules that a schema cannot say in full, so fields are named and not typed; each
/// route has a body that is valid as its example.
pub async fn openapi() -> Result<Response, ApiError> {
    let mut paths = Map::new();
    for form in apis::FORMS.iter().copied().flatten() {
        paths.insert(form.path.to_owned(), json!({ "post": operation(form)? }));
    }
    Ok(reply::json(&json!({
        "openapi": "3.1.0",
        "info": {"title": "GoLLuM", "version": env!("CARGO_PKG_VERSION")},
        "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
        "security": [{}, {"key": []}],
        "paths": paths,
    })))
}

fn operation(form: &Form) -> Result<Value, ApiError> {
    let example: Value = serde_json::from_str(form.example)
        .map_err(|error| ApiError::internal(format!("an example is no JSON: {error}")))?;
    let fields = form.fields()?;
    let honoured = fields.iter().filter(|(_, fate)| **fate == Fate::Honoured);
    let properties: Map<String, Value> = honoured.map(|(name, _)| (name.clone(), json!({}))).collect();
    let schema = json!({"type": "object", "properties": properties});
    Ok(json!({
        "requestBody": {"required": true, "content": {"application/json": {"schema": schema, "example": example}}},
        "responses": {
            "200": {"description": "The answer, as an object or a stream."},
            "4XX": {"description": "What is wrong with the request; the field is named."},
            "5XX": {"description": "What is wrong here, or that it is too much at once."},
        },
    }))
}
