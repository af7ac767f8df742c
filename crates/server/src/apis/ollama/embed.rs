//! `/api/embed`, and `/api/embeddings` for one text.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::response::Response;
use gollum_frontend::{EmbeddingRequest, MAX_INPUTS, Prompt};
use serde_json::json;

use super::request::keep_alive;
use crate::app::App;
use crate::error::ApiError;
use crate::generate::fields::Fields;
use crate::generate::settings::Keep;
use crate::generate::{self, Admitted, Parse, embed, reply};
use crate::limits;

/// What is to be embedded.
pub struct Body {
    model: Option<String>,
    inputs: Vec<Prompt>,
    dimensions: Option<usize>,
    keep: Option<Keep>,
    ignored: Vec<String>,
}

/// Parses a body whose texts are in `field`. Errors: 400 naming the field.
pub fn parse(body: &[u8], field: &str) -> Result<Body, ApiError> {
    let mut fields = Fields::parse(body)?;
    let model = fields.string("model", limits::MAX_NAME_BYTES)?.filter(|model| !model.is_empty());
    let texts = fields.string_or_strings(field, MAX_INPUTS, 0..=usize::MAX)?;
    let texts = texts.ok_or_else(|| fields.missing(field))?;
    let inputs: Vec<Prompt> = texts.into_iter().map(Prompt::Text).collect();
    if inputs.is_empty() {
        return Err(fields.invalid(field, "must not be empty"));
    }
    // Too long an input is an error here, whatever this says: nothing is cut off.
    let mut ignored = Vec::new();
    if fields.boolean("truncate")? == Some(true) {
        ignored.push("truncate".to_owned());
    }
    let dimensions = fields.integer("dimensions", 1..=limits::MAX_TOKENS)?;
    let dimensions = dimensions.and_then(|n| usize::try_from(n).ok());
    let keep = keep_alive(&mut fields)?;
    fields.ignored_into(&mut ignored);
    Ok(Body { model, inputs, dimensions, keep, ignored })
}

/// Embeds one or several texts.
pub async fn embed(State(app): State<Arc<App>>, request: Request) -> Result<Response, ApiError> {
    let began = Instant::now();
    let (model, tokens, results, ignored) = run(&app, request, |body| parse(body, "input")).await?;
    let total = u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX);
    let mut response = reply::json(&json!({"model": model, "embeddings": results, "total_duration": total,
        "load_duration": 0, "prompt_eval_count": tokens}));
    reply::annotate(&mut response, false, &ignored);
    Ok(response)
}

/// Embeds one text.
pub async fn embeddings(State(app): State<Arc<App>>, request: Request) -> Result<Response, ApiError> {
    let (_, _, results, ignored) = run(&app, request, |body| parse(body, "prompt")).await?;
    let mut response = reply::json(&json!({ "embedding": results.into_iter().next().unwrap_or_default() }));
    reply::annotate(&mut response, false, &ignored);
    Ok(response)
}

type Done = (String, usize, Vec<Vec<f32>>, Vec<String>);

async fn run(app: &Arc<App>, request: Request, parse: Parse<Body>) -> Result<Done, ApiError> {
    let Admitted { body, context, in_flight: _in_flight } = generate::admit(app, request, parse).await?;
    let Body { model, inputs, dimensions, keep, ignored } = body;
    let (frontend, tokens, results) =
        embed::results(app, model.as_deref(), context.caller, move |frontend, caller| {
            let options = embed::options(0, &caller);
            Ok(frontend.embed(EmbeddingRequest { inputs, dimensions, options })?)
        })
        .await?;
    if let Some(keep) = keep {
        app.host.keep(frontend.model_id(), keep.stay());
    }
    Ok((frontend.model_id().to_owned(), tokens, results, ignored))
}
