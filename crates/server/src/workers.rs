//! CPU work off the event loop: parsing, templates, tokenizing. As many at once as there are cores, a bounded
//! number waiting, and the rest told to come back.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;

use crate::error::ApiError;

/// A bounded pool on top of the runtime's blocking threads.
pub struct Workers {
    permits: Arc<Semaphore>,
    waiting: AtomicUsize,
    max_waiting: usize,
    name: &'static str,
}

impl Workers {
    /// `at_once` jobs run, `max_waiting` wait. `name` appears in the error when both are full.
    pub fn new(name: &'static str, at_once: usize, max_waiting: usize) -> Self {
        let permits = Arc::new(Semaphore::new(at_once.max(1)));
        Self { permits, waiting: AtomicUsize::new(0), max_waiting, name }
    }

    /// Runs `job`. Dropping the future before the job starts cancels it; afterwards its result is dropped.
    ///
    /// Errors: 503 when too many wait; 500 when the job panics; else the job's own.
    pub async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let permit = {
            let _waiting = Waiting::enter(&self.waiting, self.max_waiting)
                .ok_or_else(|| ApiError::overloaded(format!("too many requests wait for {}", self.name)))?;
            let permit = Arc::clone(&self.permits).acquire_owned().await;
            permit.map_err(|_| ApiError::draining())?
        };
        let outcome = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            job()
        });
        outcome.await.unwrap_or_else(|error| {
            tracing::error!(%error, "a worker panicked");
            Err(ApiError::internal("the request could not be processed"))
        })
    }
}

struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn enter(count: &'a AtomicUsize, max: usize) -> Option<Self> {
        let entered = Self(count);
        (count.fetch_add(1, Ordering::Relaxed) < max).then_some(entered)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
