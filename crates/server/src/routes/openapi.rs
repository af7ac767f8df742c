//! `GET /openapi.json`: the routes, and the fields of their bodies, as their parsers ask for them.

use axum::response::Response;
use serde_json::{Map, Value, json};

use crate::apis;
use crate::error::{ApiError, BODY_CODES, CODES};
use crate::generate::asked::Form;
use crate::generate::reply;
use crate::route::{Access, ErrorShape, Route};

const ABOUT: &str = "Fields that are absent and fields that are `null` are the same. Lengths of strings are in bytes of \
    UTF-8. Fields that nobody defines are ignored and named in the header `x-gollum-ignored`. A field that \
    is not supported is described by the values that change nothing; any other is refused.";

/// The description: all routes but the page's own files.
pub async fn openapi() -> Result<Response, ApiError> {
    let mut paths = Map::new();
    for route in super::all().filter(|route| route.access != Access::Public) {
        let mut item = Map::new();
        match apis::FORMS.iter().copied().flatten().find(|form| form.path == route.path) {
            Some(form) => {
                item.insert(form.method.to_owned(), operation(route, form.method, Some(form))?);
            }
            None => {
                for method in route.bodiless {
                    item.insert((*method).to_owned(), operation(route, method, None)?);
                }
            }
        }
        paths.insert(shown(route.path), item.into());
    }
    let shapes = [ErrorShape::OpenAi, ErrorShape::Ollama, ErrorShape::Anthropic, ErrorShape::LlamaServer];
    let errors: Map<String, Value> = shapes.iter().map(|shape| (name_of(*shape), shape.schema())).collect();
    Ok(reply::json(&json!({
        "openapi": "3.1.0",
        "info": {"title": "GoLLuM", "version": env!("CARGO_PKG_VERSION"), "description": ABOUT},
        "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}, "schemas": errors},
        "security": [{}, {"key": []}],
        "paths": paths,
    })))
}

/// OpenAPI has one kind of parameter in paths; ours may hold slashes.
fn shown(path: &str) -> String {
    path.replace("{*id}", "{id}")
}

fn name_of(shape: ErrorShape) -> String {
    format!("{shape:?}Error")
}

fn operation(route: &Route, method: &str, form: Option<&Form>) -> Result<Value, ApiError> {
    let words = route.path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let id: Vec<&str> = std::iter::once(method).chain(words).collect();
    let mut operation = json!({ "operationId": id.join("_"), "responses": responses(route, form.is_some()) });
    if route.path.ends_with("id}") || route.path.contains("{id}/") {
        operation["parameters"] =
            json!([{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}]);
    }
    if let Some(form) = form {
        let content = json!({"application/json": {"schema": form.schema()?, "example": form.example()?}});
        operation["requestBody"] = json!({"required": true, "content": content});
    }
    Ok(operation)
}

fn responses(route: &Route, has_body: bool) -> Value {
    let content: Map<String, Value> =
        route.media.iter().map(|media| ((*media).to_owned(), json!({"schema": {}}))).collect();
    let mut responses = json!({"200": {"description": "The answer.", "content": content}});
    let error = json!({"description": "What is wrong.", "content": {"application/json": {
        "schema": {"$ref": format!("#/components/schemas/{}", name_of(route.errors))}}}});
    let of_bodies = BODY_CODES.iter().filter(|_| has_body);
    for code in CODES.iter().chain(of_bodies) {
        responses[code.to_string()] = error.clone();
    }
    responses
}
