//! Models come and go: loaded, let go, pulled, deleted.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::SystemTime;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use gollum_frontend::PullStep;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::models::parse_name;
use super::request::Life;
use crate::app::App;
use crate::error::ApiError;
use crate::generate::fields::Fields;
use crate::generate::settings::Keep;
use crate::generate::{self, reply};
use crate::limits;
use crate::route::ErrorShape;

/// Steps of a pull that wait for their reader; further ones are left out.
const STEPS: usize = 16;
/// Bytes between two steps that are told.
const STEP_BYTES: u64 = 1 << 20;

/// Loads a model, or lets it go where it shall not stay; there is nothing to answer.
pub async fn live(app: &Arc<App>, life: Life, is_chat: bool) -> Result<Response, ApiError> {
    let (id, reason) = match (life.keep, life.model) {
        (Some(Keep::For(time)), Some(id)) if time.is_zero() => {
            let (host, named) = (Arc::clone(&app.host), id.clone());
            app.loaders.run(move || Ok(host.unload(&named)?)).await?;
            (id, "unload")
        }
        (keep, id) => {
            let model = app.model(id.as_deref()).await?;
            if let Some(keep) = keep {
                app.host.keep(model.model_id(), keep.stay());
            }
            (model.model_id().to_owned(), "load")
        }
    };
    let mut line = json!({"model": id, "created_at": reply::rfc3339(SystemTime::now()), "done": true,
        "done_reason": reason});
    match is_chat {
        true => line["message"] = json!({"role": "assistant", "content": ""}),
        false => line["response"] = json!(""),
    }
    Ok(reply::json(&line))
}

/// Removes a model's file. Errors: 403 where the operator has not said that clients may; 404.
pub async fn remove(State(app): State<Arc<App>>, request: Request) -> Result<Response, ApiError> {
    let admitted = generate::admit(&app, request, parse_name).await?;
    let (host, id) = (Arc::clone(&app.host), admitted.body);
    app.loaders.run(move || Ok(host.delete(&id)?)).await?;
    Ok(reply::json(&json!({})))
}

/// The steps of a pull as a body.
struct Steps(mpsc::Receiver<Result<Bytes, std::convert::Infallible>>);

impl futures_core::Stream for Steps {
    type Item = Result<Bytes, std::convert::Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context)
    }
}

/// What is to be fetched.
pub struct Pull {
    source: String,
    stream: bool,
}

/// Parses a body of `/api/pull`. Errors: 400 naming the field.
pub fn parse_pull(body: &[u8]) -> Result<Pull, ApiError> {
    let mut fields = Fields::parse(body)?;
    let name = fields.string("model", limits::MAX_NAME_BYTES)?;
    let name = name.or(fields.string("name", limits::MAX_NAME_BYTES)?);
    let stream = fields.boolean("stream")?.unwrap_or(true);
    Ok(Pull { source: name.ok_or_else(|| fields.missing("model"))?, stream })
}

/// Fetches a model, and tells how far it has come. Errors: 403 where the operator has not said that clients may.
pub async fn pull(State(app): State<Arc<App>>, request: Request) -> Result<Response, ApiError> {
    let admitted = generate::admit(&app, request, parse_pull).await?;
    let Pull { source, stream } = admitted.body;
    let (steps, told) = mpsc::channel::<Result<Bytes, std::convert::Infallible>>(STEPS);
    let host = Arc::clone(&app.host);
    let pulling = async move {
        let _in_flight = admitted.in_flight;
        let say = steps.clone();
        let mut last = 0;
        let fetching = app.loaders.run(move || {
            let mut heard = |step: PullStep<'_>| {
                let is_news =
                    step.done < last || step.done - last >= STEP_BYTES || Some(step.done) == step.total;
                if is_news {
                    last = step.done;
                    let _ = say.try_send(Ok(line(&of_step(&step))));
                }
                // A reader that has gone wants no more of it.
                !say.is_closed()
            };
            Ok(host.pull(&source, &mut heard)?)
        });
        let outcome = fetching.await;
        let last = match &outcome {
            Ok(()) => line(&json!({"status": "success"})),
            Err(error) => Bytes::from(ErrorShape::Ollama.write(error, "") + "\n"),
        };
        let _ = steps.send(Ok(last)).await;
        outcome
    };
    if !stream {
        // Held until the end, so that the pull goes on; its steps are left out.
        let _told = told;
        pulling.await?;
        return Ok(reply::json(&json!({"status": "success"})));
    }
    tokio::spawn(pulling);
    let mut response = Response::new(Body::from_stream(Steps(told)));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    Ok(response)
}

fn of_step(step: &PullStep<'_>) -> Value {
    json!({
        "status": format!("pulling {}", step.file),
        "digest": step.sha256.map(|digest| format!("sha256:{digest}")),
        "total": step.total,
        "completed": step.done,
    })
}

fn line(object: &Value) -> Bytes {
    Bytes::from(format!("{object}\n"))
}
