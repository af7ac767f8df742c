//! How long models stay: those that nobody asks go after a time, or when they are told to, and their files if the operator
//! lets clients have that.

use std::time::{Duration, Instant};

use anyhow::Context;
use gollum_frontend::{HostError, PullStep};

use super::{EVICT_DEADLINE, Loaded, Registry};
use crate::pull;

/// How often is looked whether a model's time is over.
pub const SWEEP_EVERY: Duration = Duration::from_secs(1);
/// Time that requests on their way to a model get even where it shall not stay.
const LEAST_STAY: Duration = Duration::from_secs(1);
/// Requests that run get so long to finish when their model is told to go.
const UNLOAD_DEADLINE: Duration = Duration::from_secs(30);

impl Loaded {
    pub(super) fn is_busy(&self) -> bool {
        let stats = self.frontend.engine().stats();
        stats.requests_running > 0 || stats.requests_waiting > 0
    }

    fn is_over(&self, now: Instant) -> bool {
        self.stay.is_some_and(|stay| now.duration_since(self.last_used) >= stay.max(LEAST_STAY))
    }

    /// Ends the model; requests that run get `deadline`.
    pub(super) fn end(&self, deadline: Duration) {
        self.frontend.engine().drain(deadline);
        self.frontend.engine().wait_stopped(deadline + EVICT_DEADLINE);
    }
}

impl Registry {
    /// Lets go of the models whose time is over. Blocks until they have ended.
    pub fn sweep(&self) {
        let now = Instant::now();
        let mut over = Vec::new();
        let mut state = self.lock();
        for loaded in state.loaded.iter_mut().filter(|loaded| loaded.is_busy()) {
            loaded.last_used = now;
        }
        while let Some(at) = state.loaded.iter().position(|loaded| loaded.is_over(now)) {
            over.push(state.loaded.remove(at));
        }
        drop(state);
        for loaded in over {
            tracing::info!(model = loaded.id, "unloaded: nobody asked for it");
            loaded.end(EVICT_DEADLINE);
        }
    }

    pub(super) fn unload_model(&self, id: &str) -> Result<bool, HostError> {
        let wanted = self.wanted(Some(id))?;
        let mut state = self.lock();
        let Some(at) = state.loaded.iter().position(|loaded| loaded.id == wanted.id) else {
            return Ok(false);
        };
        let loaded = state.loaded.remove(at);
        drop(state);
        tracing::info!(model = loaded.id, "unloaded, as asked");
        loaded.end(UNLOAD_DEADLINE);
        Ok(true)
    }

    fn check_manages(&self) -> Result<(), HostError> {
        if self.manages { Ok(()) } else { Err(HostError::NotManaged) }
    }

    pub(super) fn delete_model(&self, id: &str) -> Result<(), HostError> {
        self.check_manages()?;
        let found = self.wanted(Some(id))?;
        let failed = |message: String| HostError::Load { id: found.id.clone(), message };
        let lies_here = self.models_dir.canonicalize().is_ok_and(|dir| found.path.starts_with(dir));
        let is_alone = found.path.metadata().is_ok_and(|file| file.len() == found.bytes);
        if !found.has_file() || !lies_here || !is_alone {
            return Err(failed("it is no single file of the models folder: remove it by hand".to_owned()));
        }
        self.unload_model(&found.id)?;
        std::fs::remove_file(&found.path).map_err(|error| failed(error.to_string()))?;
        tracing::info!(model = found.id, "deleted, as asked");
        Ok(())
    }

    pub(super) fn pull_model(
        &self,
        source: &str,
        told: &mut dyn FnMut(PullStep<'_>) -> bool,
    ) -> Result<(), HostError> {
        self.check_manages()?;
        pull::for_server(source, &self.models_dir, told)
            .with_context(|| format!("cannot pull `{source}`"))
            .map_err(|error| HostError::Load { id: source.to_owned(), message: format!("{error:#}") })
    }
}
