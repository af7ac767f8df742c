//! OpenAI's Responses: `POST /v1/responses`, whole, streamed or in the background, and what was answered before.

mod answer;
mod input;
mod object;
mod request;

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value, json};

use crate::app::{App, Context};
use crate::error::ApiError;
use crate::generate::ask::{Ask, Input};
use crate::generate::asked::{Form, form};
use crate::generate::writer::collect;
use crate::generate::{self, Admitted, Begun, reply};
use crate::route::{Access, Route, route};
use crate::stored::Kept;
use answer::Voice;
use request::Wishes;

/// What its routes take.
pub const FORMS: &[Form] = &[form(
    "/v1/responses",
    &[
        &[r#"{"input": "x"}"#],
        &[
            r#"{"input": [{"role": "user", "content": [{"type": "input_text", "text": "x"}]},
                {"type": "reasoning", "summary": []}, {"type": "function_call", "call_id": "x", "name": "x",
                "arguments": "{}"}, {"type": "function_call_output", "call_id": "x", "output": "x"}],
                "tools": [{"type": "function", "name": "x"}], "tool_choice": {"type": "function", "name": "x"},
                "text": {"format": {"type": "json_schema", "schema": {}}}, "reasoning": {"effort": "low"}}"#,
            r#"{"input": "x", "tools": [{"type": "function", "name": "x"}], "tool_choice": {"type": "allowed_tools",
                "mode": "auto", "tools": [{"type": "function", "name": "x"}]}}"#,
        ],
    ],
    |body| request::parse(body).map(|_| ()),
)];

/// Its lines of the route table.
pub const ROUTES: &[Route] = &[
    route("/v1/responses", Access::Key, || post(create)).streams(),
    route("/v1/responses/{id}", Access::Key, || get(one).delete(delete)).bodiless(&["get", "delete"]),
    route("/v1/responses/{id}/cancel", Access::Key, || post(cancel)).bodiless(&["post"]),
];

/// Answers, after what `previous_response_id` names.
async fn create(State(app): State<Arc<App>>, request: Request) -> Result<Response, ApiError> {
    let mut admitted = generate::admit(&app, request, request::parse).await?;
    continue_previous(&app, &mut admitted)?;
    let tenant = admitted.context.caller.tenant;
    if admitted.body.1.background {
        return in_background(&app, admitted).await;
    }
    let host = Arc::clone(&app);
    generate::answer(&app, admitted, move |wishes, begun| Voice::new(host, tenant, wishes, begun)).await
}

/// Puts the earlier conversation before the new input, behind the instructions.
fn continue_previous(app: &App, admitted: &mut Admitted<(Ask, Wishes)>) -> Result<(), ApiError> {
    let tenant = admitted.context.caller.tenant;
    let (ask, wishes) = &mut admitted.body;
    let Some(id) = &wishes.previous_response_id else { return Ok(()) };
    let kept = app.stored.get(id, tenant).filter(|kept| kept.running.is_none()).ok_or_else(|| {
        let message = format!("`previous_response_id`: there is no response `{id}`, or no longer");
        ApiError::invalid("previous_response_id", message)
    })?;
    wishes.messages.splice(0..0, kept.messages);
    if let Input::Chat(conversation) = &mut ask.input {
        conversation.messages = input::with_instructions(wishes.instructions.as_deref(), &wishes.messages);
    }
    Ok(())
}

/// Answers while the client is gone: what it gets at once says so.
async fn in_background(app: &Arc<App>, admitted: Admitted<(Ask, Wishes)>) -> Result<Response, ApiError> {
    let Admitted { body: (mut ask, wishes), context, in_flight } = admitted;
    let ignored = std::mem::take(&mut ask.ignored);
    let (name, tenant) = (context.name.clone(), context.caller.tenant);
    let mut answers = generate::start(app, ask, context, in_flight).await?;
    let begun = Begun { name, model: answers.frontend().model_id().to_owned(), created: reply::now_unix() };
    let mut voice = Voice::new(Arc::clone(app), tenant, wishes, begun);
    let json = voice.running(&answers);
    let (id, kept) = (voice.id().to_owned(), json.to_string());
    let (begin, begun) = tokio::sync::oneshot::channel::<()>();
    let task = tokio::spawn(async move {
        // Not before the entry is there, which the end replaces.
        let _ = begun.await;
        match collect(&mut answers).await {
            Ok(choices) => voice.complete(&answers, choices),
            Err(error) => voice.failed_object(&answers, &error),
        };
    });
    let running = Some(task.abort_handle());
    app.stored.put(Kept { id, tenant, messages: Vec::new(), json: kept, running });
    let _ = begin.send(());
    let mut response = reply::json(&json);
    reply::annotate(&mut response, false, &ignored);
    Ok(response)
}

fn kept(app: &App, id: &str, context: &Context) -> Result<Kept, ApiError> {
    let missing = || ApiError::not_found(format!("there is no response `{id}`, or no longer"));
    app.stored.get(id, context.caller.tenant).ok_or_else(missing)
}

fn stored_json(kept: &Kept) -> Result<Value, ApiError> {
    serde_json::from_str(&kept.json).map_err(|_| ApiError::internal("a kept response cannot be read"))
}

/// What was answered. Errors: 404.
async fn one(
    State(app): State<Arc<App>>,
    Extension(context): Extension<Context>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    Ok(reply::json(&stored_json(&kept(&app, &id, &context)?)?))
}

/// Forgets it. Errors: 404.
async fn delete(
    State(app): State<Arc<App>>,
    Extension(context): Extension<Context>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    kept(&app, &id, &context)?;
    app.stored.remove(&id, context.caller.tenant);
    Ok(reply::json(&json!({"id": id, "object": "response", "deleted": true})))
}

/// Ends an answer that is made in the background. Errors: 404; 400 for one that is complete.
async fn cancel(
    State(app): State<Arc<App>>,
    Extension(context): Extension<Context>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let complete = || ApiError::invalid("id", format!("`{id}` is not running, so it cannot be cancelled"));
    let mut kept = kept(&app, &id, &context)?;
    let running = kept.running.take().ok_or_else(complete)?;
    let mut object = stored_json(&kept)?;
    object["status"] = json!("cancelled");
    kept.json = object.to_string();
    // An answer that is complete by now stays so.
    if !app.stored.settle(kept) {
        return Err(complete());
    }
    running.abort();
    Ok(reply::json(&object))
}
