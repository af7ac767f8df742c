//! `POST /v1/embeddings`, OpenAI's: [`wire`] parses and writes, [`base64`] packs; and `/v1/rerank`, which is computed likewise.

mod base64;
mod rerank;
mod wire;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::post;
use gollum_frontend::EmbeddingRequest;

use crate::app::App;
use crate::error::ApiError;
use crate::generate::asked::{Form, form};
use crate::generate::{self, Admitted, embed, reply};
use crate::route::{Access, Route, route};
use wire::EmbeddingBody;

/// The examples of both names of the reranker.
const RERANK: &[&[&str]] = &[&[
    r#"{"query": "x", "documents": ["x"]}"#,
    r#"{"query": "x", "documents": [{"text": "x"}]}"#,
    r#"{"query": "x", "texts": ["x", {"text": "x"}]}"#,
]];

/// What its routes take.
pub const FORMS: &[Form] = &[
    form("/v1/embeddings", &[&[r#"{"input": "x"}"#]], |body| EmbeddingBody::parse(body).map(|_| ())),
    form("/v1/rerank", RERANK, |body| rerank::RerankBody::parse(body).map(|_| ())),
    form("/v1/reranking", RERANK, |body| rerank::RerankBody::parse(body).map(|_| ())),
];

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
        embed::results(&app, model.as_deref(), context.caller, move |frontend, caller| {
            let options = embed::options(body.priority, &caller);
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
