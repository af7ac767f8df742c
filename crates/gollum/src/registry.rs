//! The models that the server can ask: found in a folder, loaded at the first request, kept while there is
//! room.
//!
//! ```text
//! get(id):  loaded? -> that one
//!           one loader at a time; the others wait for it, a bounded number of them for a bounded time
//!           no room -> the least recently used model without requests goes
//! ```

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use gollum_frontend::{
    AboutModel, Capability, Frontend, HostError, ModelCard, ModelHost, ModelState, PullStep,
};

use crate::advice;
use crate::cli::{EachArgs, Presets, ServeArgs};
use crate::load::{self, TOY_ID};
use crate::machine;
use crate::sampling::{self, FileSampling};
use crate::store::{self, Found, Scan, Shelf};

mod life;

pub use life::SWEEP_EVERY;

/// How long a request waits for another model's load before it is told to come back.
const LOAD_WAIT: Duration = Duration::from_secs(120);
/// Requests that wait for a load at most.
const LOAD_WAITERS_MAX: usize = 64;
/// An evicted model has no requests; this is only the time its thread takes to end.
const EVICT_DEADLINE: Duration = Duration::from_secs(5);

/// See the module.
pub struct Registry {
    shelf: Shelf,
    /// The model named at start, under the name it is served by.
    first: Option<Found>,
    /// How each model runs, and what some have of their own.
    each: EachArgs,
    presets: Presets,
    any_model_name: bool,
    models_max: usize,
    models_dir: PathBuf,
    /// Clients may pull and delete models.
    manages: bool,
    state: Mutex<State>,
    load_ended: Condvar,
}

#[derive(Default)]
struct State {
    /// Most recently used last.
    loaded: Vec<Loaded>,
    /// The model that is being loaded.
    loading: Option<Loading>,
    waiters: usize,
    closed: bool,
}

struct Loading {
    id: String,
    /// The share of its weights that are there, from 0 to 1.
    progress: f32,
}

struct Loaded {
    id: String,
    card: ModelCard,
    frontend: Arc<Frontend>,
    last_used: Instant,
    /// How long it stays after that; `None`: for ever.
    stay: Option<Duration>,
}

impl Registry {
    /// Looks at the folder; loads nothing. Errors: `--model` names nothing.
    pub fn new(args: &ServeArgs) -> anyhow::Result<Self> {
        let shelf = Shelf::new(&args.models.models_dir);
        let first = match args.model.as_deref() {
            None => None,
            Some(TOY_ID) => Some(toy()),
            Some(name) => {
                let scan = shelf.scan()?;
                // An alias is as good a name here as in a request.
                let name = named(&scan, &args.presets, name).map_or(name, |found| found.id.as_str());
                let mut found = shelf.resolve(name)?;
                if let Some(id) = &args.served_model_name {
                    let shown = id.escape_debug();
                    anyhow::ensure!(store::is_id(id), "`{shown}` {}", store::NOT_AN_ID);
                    found.id.clone_from(id);
                }
                Some(found)
            }
        };
        // Unreadable folders are told at start rather than at the first request.
        shelf.scan()?;
        let registry = Self {
            shelf,
            first,
            each: args.each.clone(),
            presets: args.presets.clone(),
            any_model_name: args.any_model_name,
            models_max: args.models_max.max(1),
            models_dir: args.models.models_dir.clone(),
            manages: args.manage_models,
            state: Mutex::new(State::default()),
            load_ended: Condvar::new(),
        };
        registry.tell_presets();
        Ok(registry)
    }

    /// Presets that do nothing are told: nearly always a name is mistyped. A model that is pulled later may need one.
    fn tell_presets(&self) {
        let scan = self.scan();
        let dir = self.models_dir.display();
        for place in self.presets.idle(&scan.models) {
            tracing::warn!("{place} is no model of {dir}: its settings are for none");
        }
        let mut told = BTreeSet::new();
        for (model, alias) in scan.models.iter().flat_map(|m| self.presets.aliases(m).map(move |a| (m, a))) {
            let owner = named(&scan, &self.presets, alias).filter(|owner| owner.id != model.id);
            if let Some(owner) = owner.filter(|_| told.insert(alias)) {
                tracing::warn!("the alias `{alias}` of {} means {}", model.id, owner.id);
            }
        }
    }

    /// Every model there is, the default one first: `--model`, else the first of the folder, else the toy.
    fn scan(&self) -> Scan {
        let mut scan = self.shelf.scan().unwrap_or_else(|e| {
            tracing::warn!("{e:#}");
            Scan::default()
        });
        if let Some(first) = &self.first {
            scan.models.retain(|f| f.id != first.id && f.path != first.path);
            scan.models.insert(0, first.clone());
        }
        if scan.models.is_empty() {
            scan.models.push(toy());
        }
        scan
    }

    /// The model that `id` means; `None` is the one that is loaded, if it is the only one, else the default one.
    fn wanted(&self, id: Option<&str>) -> Result<Found, HostError> {
        let scan = self.scan();
        let found = match id {
            None if self.first.is_some() => scan.models.first(),
            None => {
                let loaded = self.only_loaded();
                scan.models.iter().find(|f| Some(&f.id) == loaded.as_ref()).or(scan.models.first())
            }
            Some(id) => named(&scan, &self.presets, id)
                .or_else(|| scan.models.first().filter(|_| self.takes_any_name(&scan))),
        };
        found.cloned().ok_or_else(|| {
            let id = id.unwrap_or_default().to_owned();
            match scan.why_not(&id) {
                Some(skipped) => HostError::Load { id, message: skipped.reason.clone() },
                None => {
                    HostError::NotFound { id, available: scan.models.into_iter().map(|f| f.id).collect() }
                }
            }
        })
    }

    /// The id of the loaded model, if one alone is loaded.
    fn only_loaded(&self) -> Option<String> {
        match self.lock().loaded.as_slice() {
            [one] => Some(one.id.clone()),
            _ => None,
        }
    }

    /// True if a name that nobody has means the only model there is.
    fn takes_any_name(&self, scan: &Scan) -> bool {
        self.any_model_name && scan.models.len() == 1
    }

    /// Every model there is, the default one first.
    pub fn models(&self) -> Vec<Found> {
        self.scan().models
    }

    /// Refuses loads from now on. Returns at once.
    pub fn close(&self) {
        self.lock().closed = true;
        self.load_ended.notify_all();
    }

    fn load_one(&self, found: &Found, told: &mut dyn FnMut(f32)) -> anyhow::Result<Loaded> {
        let each = self.presets.over(&self.each, found);
        let served = if found.has_file() {
            load::serve(found, &each.model, told).with_context(|| found.path.display().to_string())?
        } else {
            load::toy(&each.model)?
        };
        let card = ModelCard {
            state: ModelState::Loaded,
            max_model_len: Some(served.kv.max_model_len),
            capabilities: served.frontend.capabilities(),
            ..self.card(found, &self.scan())
        };
        let stay = each.models_idle.filter(|&seconds| seconds > 0).map(Duration::from_secs);
        let last_used = Instant::now();
        let frontend = Arc::new(served.frontend);
        Ok(Loaded { id: found.id.clone(), card, frontend, last_used, stay })
    }

    fn card(&self, found: &Found, scan: &Scan) -> ModelCard {
        let each = self.presets.over(&self.each, found);
        let silent = FileSampling::default();
        let file = found.about.as_ref().map_or(&silent, |about| &about.sampling);
        ModelCard {
            id: found.id.clone(),
            aliases: self.aliases(found, scan),
            created_unix: found.modified_unix,
            state: ModelState::Unloaded,
            expires_unix: None,
            bytes: found.bytes,
            max_model_len: None,
            capabilities: capabilities(found, &each),
            about: found.about.as_ref().map(|about| AboutModel {
                architecture: about.architecture.clone(),
                weights: about.weights,
                quantization: about.quantization.to_owned(),
                context_length: about.context_length,
            }),
            default_sampling: sampling::defaults(&each.model.sampling, file),
        }
    }

    /// What a model can be asked for, as its header and the settings say.
    pub fn capabilities(&self, found: &Found) -> Vec<Capability> {
        capabilities(found, &self.presets.over(&self.each, found))
    }

    /// The aliases by which requests reach this model.
    fn aliases(&self, found: &Found, scan: &Scan) -> Vec<String> {
        let reaches = |alias: &&str| named(scan, &self.presets, alias).is_some_and(|m| m.id == found.id);
        self.presets.aliases(found).filter(reaches).map(str::to_owned).collect()
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
        if state.loading.is_some() && state.waiters >= LOAD_WAITERS_MAX {
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
            if state.loading.is_none() {
                state.loading = Some(Loading { id: id.to_owned(), progress: 0.0 });
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
        self.make_room(found)?;
        let loaded = self.load_one(found, &mut |progress| self.note_progress(progress)).map_err(|e| {
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

    fn note_progress(&self, progress: f32) {
        if let Some(loading) = &mut self.lock().loading {
            loading.progress = progress;
        }
    }

    /// Lets go of the least recently used models that nobody asks, if all places are taken, or memory is short.
    ///
    /// Errors: all are asked; the model would not fit even so.
    fn make_room(&self, found: &Found) -> Result<(), HostError> {
        let mut evicted = Vec::new();
        let mut state = self.lock();
        while state.loaded.len() >= self.models_max {
            let idle = state.loaded.iter().position(|l| !l.is_busy()).ok_or(HostError::Busy)?;
            evicted.push(state.loaded.remove(idle));
        }
        // Others may ask for loaded models while this one goes.
        drop(state);
        loop {
            for model in evicted.drain(..) {
                tracing::info!(model = model.id, "unloaded, to make room");
                model.end(EVICT_DEADLINE);
            }
            let free_bytes = machine::free_bytes();
            if found.bytes <= free_bytes {
                return Ok(());
            }
            let mut state = self.lock();
            let Some(idle) = state.loaded.iter().position(|l| !l.is_busy()) else {
                return Err(HostError::NoRoom {
                    id: found.id.clone(),
                    needed_bytes: found.bytes,
                    free_bytes,
                });
            };
            evicted.push(state.loaded.remove(idle));
        }
    }
}

impl State {
    /// The loaded model of that id or alias, marked as used. One whose engine has died is forgotten, so that the
    /// request loads it anew.
    fn use_loaded(&mut self, name: &str) -> Option<Arc<Frontend>> {
        let of_id = self.loaded.iter().position(|l| l.id == name);
        let at = of_id.or_else(|| self.loaded.iter().position(|l| l.card.is_called(name)))?;
        let mut loaded = self.loaded.remove(at);
        if loaded.frontend.engine().has_panicked() {
            return None;
        }
        loaded.last_used = Instant::now();
        let frontend = Arc::clone(&loaded.frontend);
        self.loaded.push(loaded);
        Some(frontend)
    }
}

/// Gives the right to load back, also when loading panics.
struct LoadEnds<'a>(&'a Registry);

impl Drop for LoadEnds<'_> {
    fn drop(&mut self) {
        self.0.lock().loading = None;
        self.0.load_ended.notify_all();
    }
}

/// The toy has no file.
fn toy() -> Found {
    Found::without_file(TOY_ID)
}

/// The model of that name, else the first with that alias: what a model is called by itself goes first.
fn named<'s>(scan: &'s Scan, presets: &Presets, name: &str) -> Option<&'s Found> {
    let has_alias = |model: &&Found| presets.aliases(model).any(|alias| alias == name);
    scan.find(name).or_else(|| scan.models.iter().find(has_alias))
}

fn capabilities(found: &Found, each: &EachArgs) -> Vec<Capability> {
    let about = found.about.as_ref();
    let pooling = each.model.engine.pooling.map(Into::into).or(about.and_then(|about| about.pooling));
    Capability::of(pooling, about.is_some_and(|about| about.only_embeds))
}

impl ModelHost for Registry {
    fn list(&self) -> Vec<ModelCard> {
        let scan = self.scan();
        let state = self.lock();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let loaded = |f: &Found| {
            let l = state.loaded.iter().find(|l| l.id == f.id)?;
            let left = l.stay.map(|stay| stay.saturating_sub(l.last_used.elapsed()).as_secs());
            let aliases = self.aliases(f, &scan);
            Some(ModelCard { expires_unix: left.map(|left| now + left), aliases, ..l.card.clone() })
        };
        let other = |f: &Found| match &state.loading {
            Some(Loading { id, progress }) if *id == f.id => {
                ModelCard { state: ModelState::Loading { progress: *progress }, ..self.card(f, &scan) }
            }
            _ => self.card(f, &scan),
        };
        scan.models.iter().map(|f| loaded(f).unwrap_or_else(|| other(f))).collect()
    }

    fn advice(&self) -> Option<String> {
        advice::pull_command(&self.models(), machine::free_bytes())
    }

    fn get(&self, id: Option<&str>) -> Result<Arc<Frontend>, HostError> {
        if let Some(id) = id
            && let Some(frontend) = self.lock().use_loaded(id)
        {
            return Ok(frontend);
        }
        let wanted = self.wanted(id)?;
        match self.begin_load(&wanted.id)? {
            Some(frontend) => Ok(frontend),
            None => self.load(&wanted),
        }
    }

    fn get_loaded(&self, id: &str) -> Option<Arc<Frontend>> {
        self.lock().use_loaded(id)
    }

    fn keep(&self, id: &str, stay: Option<Duration>) {
        let mut state = self.lock();
        if let Some(loaded) = state.loaded.iter_mut().find(|loaded| loaded.id == id) {
            loaded.stay = stay;
        }
    }

    fn unload(&self, id: &str) -> Result<bool, HostError> {
        self.unload_model(id)
    }

    fn delete(&self, id: &str) -> Result<(), HostError> {
        self.delete_model(id)
    }

    fn pull(&self, source: &str, told: &mut dyn FnMut(PullStep<'_>) -> bool) -> Result<(), HostError> {
        self.pull_model(source, told)
    }

    fn loaded(&self) -> Vec<Arc<Frontend>> {
        self.lock().loaded.iter().map(|l| Arc::clone(&l.frontend)).collect()
    }
}

#[cfg(test)]
#[path = "registry_tests.rs"]
mod tests;
