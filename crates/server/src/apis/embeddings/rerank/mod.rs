//! `POST /v1/rerank`: how well documents fit a query, by models with a classifier. The dialect of Jina and Cohere, which
//! llama-server and vLLM speak too.

mod wire;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use gollum_frontend::RerankRequest;

use crate::app::App;
use crate::error::ApiError;
use crate::generate::{self, Admitted, embed, reply};
use wire::RerankBody;

/// Scores documents, the best first.
pub async fn rerank(State(app): State<Arc<App>>, request: Request) -> Result<Response, ApiError> {
    let admitted = generate::admit(&app, request, RerankBody::parse).await?;
    let Admitted { mut body, context, in_flight: _in_flight } = admitted;
    let ignored = std::mem::take(&mut body.ignored);
    let (model, top_n) = (body.model.take(), body.top_n);
    let shown = body.return_documents.then(|| body.documents.clone());
    let (frontend, input_tokens, results) =
        embed::results(&app, model.as_deref(), context.caller, move |frontend, caller| {
            let options = embed::options(body.priority, &caller);
            let request = RerankRequest { query: body.query, documents: body.documents, options };
            Ok(frontend.rerank(&request)?)
        })
        .await?;
    let scores: Vec<f32> = results.iter().map(|scores| scores.first().copied().unwrap_or(0.0)).collect();
    let mut response =
        reply::json(&wire::answer(frontend.model_id(), &scores, top_n, shown.as_deref(), input_tokens));
    reply::annotate(&mut response, false, &ignored);
    Ok(response)
}
