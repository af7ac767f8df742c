//! `POST /v1/embeddings`, OpenAI's: [`wire`] parses and writes, [`base64`] packs; and `/v1/rerank`, which is computed likewise.

mod base64;
mod rerank;
mod wire;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::post;
use gollum_frontend::{EmbeddingRequest, Embeddings, Frontend};

use crate::app::{App, Caller, becomes_true};
use crate::error::ApiError;
use crate::generate::{self, Admitted, reply};
use crate::route::{Access, Route, route};
use wire::EmbeddingBody;

/// Its lines of the route table.
pub const ROUTES: &[Route] = &[
    route("/v1/embeddings", Access::Key, || post(embeddings)),
    route("/v1/rerank", Access::Key, || post(rerank::rerank)),
    route("/v1/reranking", Access::Key, || post(rerank::rerank)),
];

/// Embeds one or several inputs.
async fn embeddings(State(app): State<Arc<App>>, request: Request) -> Result<Response, ApiError> {
    let admitted = generate::admit(&app, request, EmbeddingBody::parse).await?;
    let Admitted { mut body, context, in_flight: _in_flight } = admitted;
    let ignored = std::mem::take(&mut body.ignored);
    let encoding = body.encoding;
    let model = body.model.take();
    let (frontend, input_tokens, results) =
        results(&app, model.as_deref(), context.caller, move |frontend, caller| {
            let options = wire::options(body.priority, &caller);
            let request = EmbeddingRequest { inputs: body.inputs, dimensions: body.dimensions, options };
            Ok(frontend.embed(request)?)
        })
        .await?;
    // A few megabytes of numbers take some ten milliseconds to write.
    let written = app
        .workers
        .run(move || Ok(reply::json(&wire::answer(frontend.model_id(), &results, encoding, input_tokens))));
    let mut response = written.await?;
    reply::annotate(&mut response, false, &ignored);
    Ok(response)
}

/// Starts embeddings on a worker and waits for all of them: the model, tokens of all inputs, and the results in order.
///
/// Errors: those of model and `start`; the first input's that fails, and the others are aborted; 503 at the server's last
/// moment.
async fn results(
    app: &Arc<App>,
    model: Option<&str>,
    caller: Caller,
    start: impl FnOnce(&Frontend, Caller) -> Result<Embeddings, ApiError> + Send + 'static,
) -> Result<(Arc<Frontend>, usize, Vec<Vec<f32>>), ApiError> {
    let computing = async {
        let frontend = app.model(model).await?;
        let starting = Arc::clone(&frontend);
        let mut embeddings = app.workers.run(move || start(&starting, caller)).await?;
        let mut results = Vec::with_capacity(embeddings.len());
        while let Some(result) = embeddings.next().await {
            results.push(result?);
        }
        Ok((frontend, embeddings.input_tokens(), results))
    };
    let mut cut = app.cut.subscribe();
    tokio::select! {
        done = computing => done,
        () = becomes_true(&mut cut) => Err(ApiError::draining()),
    }
}
