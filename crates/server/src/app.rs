//! The state that all requests share: where models come from, the settings, the counts, what is in progress. It knows
//! no route: `service` stands above it, and the routes between them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use gollum_core::RequestId;
use gollum_frontend::{Frontend, ModelHost};
use tokio::sync::{Semaphore, watch};

use crate::ServerConfig;
use crate::error::ApiError;
use crate::limits;
use crate::metrics::Counters;
use crate::spans::TraceParent;
use crate::stored::Stored;
use crate::workers::Workers;

/// Who sends a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Index of the API key, if there are several.
    pub tenant: Option<usize>,
    /// Counts requests.
    pub serial: u64,
}

/// Everything that handlers share.
pub struct App {
    /// Where models come from.
    pub host: Arc<dyn ModelHost>,
    /// The settings.
    pub config: ServerConfig,
    /// What we count.
    pub counters: Counters,
    /// Parses, renders, tokenizes.
    pub workers: Workers,
    /// Waits for models to load.
    pub loaders: Workers,
    /// Bytes of bodies that may be held at once.
    pub body_bytes: Arc<Semaphore>,
    /// True at the server's last moment: what still streams must end now.
    pub cut: watch::Sender<bool>,
    /// Answers that clients may come back to.
    pub stored: Stored,
    draining: watch::Sender<bool>,
    in_flight: watch::Sender<usize>,
    remembered: Mutex<VecDeque<Remembered>>,
}

/// Which engine requests an `x-request-id` became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// The `x-request-id`.
    pub name: String,
    /// The model that answered.
    pub model: String,
    /// Its engine's ids.
    pub ids: Vec<RequestId>,
    /// Whose request it was.
    pub tenant: Option<usize>,
}

/// What the way in has found out about a request.
#[derive(Clone, Debug)]
pub struct Context {
    /// The `x-request-id`, the client's own or ours.
    pub name: String,
    /// Who asks.
    pub caller: Caller,
    /// When it came.
    pub started: Instant,
    /// The trace that it is part of.
    pub parent: Option<TraceParent>,
}

/// A generation in progress: the server drains until there are none.
pub struct InFlight(Arc<App>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.send_modify(|count| *count -= 1);
    }
}

impl App {
    /// The state of a server that has just started.
    pub fn new(host: Arc<dyn ModelHost>, config: ServerConfig) -> Arc<Self> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Arc::new(Self {
            host,
            counters: Counters::default(),
            workers: Workers::new("a worker", cores, limits::MAX_WAITING_FOR_WORKER),
            loaders: Workers::new(
                "models to load",
                limits::MAX_WAITING_FOR_LOAD,
                limits::MAX_WAITING_FOR_LOAD,
            ),
            body_bytes: Arc::new(Semaphore::new(limits::MAX_BODY_BYTES_IN_FLIGHT)),
            cut: watch::Sender::new(false),
            stored: Stored::new(limits::MAX_STORED_BYTES, limits::MAX_STORED),
            draining: watch::Sender::new(false),
            in_flight: watch::Sender::new(0),
            remembered: Mutex::new(VecDeque::new()),
            config,
        })
    }

    /// Counts a generation as in progress. Errors: 503 once the server drains.
    pub fn admit(self: &Arc<Self>) -> Result<InFlight, ApiError> {
        self.in_flight.send_modify(|count| *count += 1);
        let admitted = InFlight(Arc::clone(self));
        if self.is_draining() { Err(ApiError::draining()) } else { Ok(admitted) }
    }

    /// Generations in progress.
    pub fn generations(&self) -> usize {
        *self.in_flight.borrow()
    }

    /// True once the server takes no new work.
    pub fn is_draining(&self) -> bool {
        *self.draining.borrow()
    }

    /// Takes no new work from now on.
    pub fn start_draining(&self) {
        self.draining.send_replace(true);
    }

    /// Returns when no generation is in progress.
    pub async fn idle(&self) {
        let mut count = self.in_flight.subscribe();
        // The sender lives in `self`, so waiting cannot fail.
        let _ = count.wait_for(|count| *count == 0).await;
    }

    /// The model of that name, loaded if need be.
    pub async fn model(self: &Arc<Self>, id: Option<&str>) -> Result<Arc<Frontend>, ApiError> {
        if let Some(id) = id
            && let Some(loaded) = self.host.get_loaded(id)
        {
            return Ok(loaded);
        }
        let (host, id) = (Arc::clone(&self.host), id.map(str::to_owned));
        self.loaders.run(move || Ok(host.get(id.as_deref())?)).await
    }

    /// Remembers which engine requests a request became.
    pub fn remember(&self, entry: Remembered) {
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() == limits::MAX_REMEMBERED_REQUESTS {
            remembered.pop_front();
        }
        remembered.push_back(entry);
    }

    /// The tenant's latest requests, newest first, `most` of them.
    pub fn recent(&self, tenant: Option<usize>, most: usize) -> Vec<Remembered> {
        let remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        remembered.iter().rev().filter(|entry| entry.tenant == tenant).take(most).cloned().collect()
    }

    /// The tenant's latest request of that name.
    pub fn recall(&self, name: &str, tenant: Option<usize>) -> Option<Remembered> {
        let remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        remembered.iter().rev().find(|entry| entry.name == name && entry.tenant == tenant).cloned()
    }
}

/// Returns once the flag is true, or its sender is gone.
pub async fn becomes_true(flag: &mut watch::Receiver<bool>) {
    let _ = flag.wait_for(|flag| *flag).await;
}
