//! The models that the server can ask: found in a folder, loaded at the first request, kept while there is
//! room.
//!
//! ```text
//! get(id):  loaded? -> that one
//!           one loader at a time; the others wait for it, a bounded number of them for a bounded time
//!           no room -> the least recently used model without requests goes
//! ```

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use gollum_frontend::{Frontend, HostError, ModelCard, ModelHost};

use crate::cli::{EngineArgs, ServeArgs};
use crate::load::{self, TOY_ID};
use crate::store::{self, Found};

/// How long a request waits for another model's load before it is told to come back.
const LOAD_WAIT: Duration = Duration::from_secs(120);
/// Requests that wait for a load at most.
const LOAD_WAITERS_MAX: usize = 64;
/// An evicted model has no requests; this is only the time its thread takes to end.
const EVICT_DEADLINE: Duration = Duration::from_secs(5);

/// See the module.
pub struct Registry {
    dir: PathBuf,
    /// The model named at start, under the name it is served by.
    first: Option<Found>,
    engine: EngineArgs,
    models_max: usize,
    state: Mutex<State>,
    load_ended: Condvar,
}

#[derive(Default)]
struct State {
    /// Most recently used last.
    loaded: Vec<Loaded>,
    loading: bool,
    waiters: usize,
    closed: bool,
}

struct Loaded {
    id: String,
    card: ModelCard,
    frontend: Arc<Frontend>,
}

impl Registry {
    /// Looks at the folder; loads nothing. Errors: `--model` names nothing.
    pub fn new(args: &ServeArgs) -> anyhow::Result<Self> {
        let dir = args.models.models_dir.clone();
        let first = match args.model.as_deref() {
            None => None,
            Some(TOY_ID) => Some(toy()),
            Some(name) => {
                let mut found = store::resolve(&dir, name)?;
                if let Some(id) = &args.served_model_name {
                    anyhow::ensure!(store::is_id(id), "`{id}` cannot be a model's name (A-Z a-z 0-9 . _ -)");
                    found.id.clone_from(id);
                }
                Some(found)
            }
        };
        // Unreadable folders are told at start rather than at the first request.
        store::scan(&dir)?;
        Ok(Self {
            dir,
            first,
            engine: args.engine.clone(),
            models_max: args.models_max.max(1),
            state: Mutex::new(State::default()),
            load_ended: Condvar::new(),
        })
    }

    /// Every model there is, the default one first: `--model`, else the first of the folder, else the toy.
    fn found(&self) -> Vec<Found> {
        let mut found = store::scan(&self.dir).unwrap_or_else(|e| {
            tracing::warn!("{e:#}");
            Vec::new()
        });
        if let Some(first) = &self.first {
            found.retain(|f| f.id != first.id);
            found.insert(0, first.clone());
        }
        if found.is_empty() {
            found.push(toy());
        }
        found
    }

    /// True if no model but the toy is there.
    pub fn has_only_the_toy(&self) -> bool {
        self.found().iter().all(is_toy)
    }

    /// Ids of all models, the default one first.
    pub fn ids(&self) -> Vec<String> {
        self.found().into_iter().map(|f| f.id).collect()
    }

    /// Refuses loads from now on. Returns at once.
    pub fn close(&self) {
        self.lock().closed = true;
        self.load_ended.notify_all();
    }

    /// Closes, and ends the loaded models within `deadline`. Returns at once.
    pub fn drain(&self, deadline: Duration) {
        self.close();
        for frontend in self.loaded() {
            frontend.engine().drain(deadline);
        }
    }

    /// Blocks until all engines have stopped, `timeout` at most.
    pub fn wait_stopped(&self, timeout: Duration) {
        let deadline = Instant::now() + timeout;
        for frontend in self.loaded() {
            frontend.engine().wait_stopped(deadline.saturating_duration_since(Instant::now()));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic while loading leaves nothing half done: the list changes in one push.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the right to load. `Ok(None)`: it is ours. `Ok(Some(model))`: another request loaded it.
    fn begin_load(&self, id: &str) -> Result<Option<Arc<Frontend>>, HostError> {
        let deadline = Instant::now() + LOAD_WAIT;
        let mut state = self.lock();
        if state.loading && state.waiters >= LOAD_WAITERS_MAX {
            return Err(HostError::Busy);
        }
        state.waiters += 1;
        let outcome = loop {
            if let Some(frontend) = state.use_loaded(id) {
                break Ok(Some(frontend));
            }
            if state.closed {
                break Err(HostError::Busy);
            }
            if !state.loading {
                state.loading = true;
                break Ok(None);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break Err(HostError::Busy);
            }
            state = self.load_ended.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        };
        state.waiters -= 1;
        outcome
    }

    /// Makes room, loads, and lists the model. The right to load is ours and ends here.
    fn load(&self, found: &Found) -> Result<Arc<Frontend>, HostError> {
        let ended = LoadEnds(self);
        self.make_room()?;
        let loaded = load_one(found, &self.engine).map_err(|e| {
            tracing::error!(model = found.id, "cannot load: {e:#}");
            HostError::Load { id: found.id.clone(), message: format!("{e:#}") }
        })?;
        let frontend = Arc::clone(&loaded.frontend);
        let mut state = self.lock();
        if state.closed {
            frontend.engine().drain(Duration::ZERO);
            return Err(HostError::Busy);
        }
        state.loaded.push(loaded);
        drop(state);
        drop(ended);
        Ok(frontend)
    }

    /// Lets go of the least recently used model that nobody asks, if all places are taken.
    fn make_room(&self) -> Result<(), HostError> {
        let mut evicted = Vec::new();
        let mut state = self.lock();
        while state.loaded.len() >= self.models_max {
            let is_idle = |l: &Loaded| {
                let stats = l.frontend.engine().stats();
                stats.requests_running == 0 && stats.requests_waiting == 0
            };
            let idle = state.loaded.iter().position(is_idle).ok_or(HostError::Busy)?;
            evicted.push(state.loaded.remove(idle));
        }
        // Others may ask for loaded models while this one goes.
        drop(state);
        for model in evicted {
            tracing::info!(model = model.id, "unloaded, to make room");
            model.frontend.engine().drain(EVICT_DEADLINE);
            model.frontend.engine().wait_stopped(EVICT_DEADLINE);
        }
        Ok(())
    }
}

impl State {
    /// The loaded model of that id, marked as used. One whose engine has died is forgotten, so that the
    /// request loads it anew.
    fn use_loaded(&mut self, id: &str) -> Option<Arc<Frontend>> {
        let at = self.loaded.iter().position(|l| l.id == id)?;
        let loaded = self.loaded.remove(at);
        if loaded.frontend.engine().has_panicked() {
            return None;
        }
        let frontend = Arc::clone(&loaded.frontend);
        self.loaded.push(loaded);
        Some(frontend)
    }
}

/// Gives the right to load back, also when loading panics.
struct LoadEnds<'a>(&'a Registry);

impl Drop for LoadEnds<'_> {
    fn drop(&mut self) {
        self.0.lock().loading = false;
        self.0.load_ended.notify_all();
    }
}

fn load_one(found: &Found, engine: &EngineArgs) -> anyhow::Result<Loaded> {
    let served = if is_toy(found) {
        load::toy(engine)?
    } else {
        load::serve(found, &found.id, engine).with_context(|| found.path.display().to_string())?
    };
    let card = ModelCard { loaded: true, max_model_len: Some(served.kv.max_model_len), ..card(found) };
    Ok(Loaded { id: found.id.clone(), card, frontend: Arc::new(served.frontend) })
}

fn card(found: &Found) -> ModelCard {
    ModelCard {
        id: found.id.clone(),
        created_unix: found.modified_unix,
        loaded: false,
        bytes: found.bytes,
        max_model_len: None,
    }
}

/// The toy has no file.
fn toy() -> Found {
    Found { id: TOY_ID.to_owned(), path: PathBuf::new(), bytes: 0, modified_unix: 0 }
}

fn is_toy(found: &Found) -> bool {
    found.path.as_os_str().is_empty()
}

impl ModelHost for Registry {
    fn list(&self) -> Vec<ModelCard> {
        let found = self.found();
        let state = self.lock();
        let known = |f: &Found| state.loaded.iter().find(|l| l.id == f.id).map(|l| l.card.clone());
        found.iter().map(|f| known(f).unwrap_or_else(|| card(f))).collect()
    }

    fn get(&self, id: Option<&str>) -> Result<Arc<Frontend>, HostError> {
        if let Some(id) = id
            && let Some(frontend) = self.lock().use_loaded(id)
        {
            return Ok(frontend);
        }
        let found = self.found();
        let wanted = match id {
            None => found.first(),
            Some(id) => found.iter().find(|f| f.id == id),
        };
        let Some(wanted) = wanted else {
            let id = id.unwrap_or_default().to_owned();
            return Err(HostError::NotFound { id, available: found.into_iter().map(|f| f.id).collect() });
        };
        match self.begin_load(&wanted.id)? {
            Some(frontend) => Ok(frontend),
            None => self.load(wanted),
        }
    }

    fn loaded(&self) -> Vec<Arc<Frontend>> {
        self.lock().loaded.iter().map(|l| Arc::clone(&l.frontend)).collect()
    }
}
