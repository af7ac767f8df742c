//! Embeddings, however a dialect asks for them.

use std::sync::Arc;

use gollum_frontend::{EmbeddingOptions, Embeddings, Frontend};

use crate::app::{App, Caller, becomes_true};
use crate::error::ApiError;

/// The frontend's options of a request of this caller's.
pub fn options(priority: i32, caller: &Caller) -> EmbeddingOptions {
    let cache_salt = caller.tenant.map(|key| format!("key {key}"));
    EmbeddingOptions { priority, cache_salt, timeout: None }
}

/// Starts embeddings on a worker and waits for all of them: the model, tokens of all inputs, and the results in order.
///
/// Errors: those of model and `start`; the first input's that fails, and the others are aborted; 503 at the server's last
/// moment.
pub async fn results(
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
