//! Models by name.

use std::sync::Arc;
use std::time::Duration;

use gollum_core::SamplingParams;

use crate::{Capability, Frontend};

/// A model as lists show it.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelCard {
    /// Name that requests use.
    pub id: String,
    /// Other names that mean it.
    pub aliases: Vec<String>,
    /// When its file was last changed, seconds since 1970.
    pub created_unix: u64,
    /// Whether it answers without loading first.
    pub state: ModelState,
    /// When it goes if nobody asks for it, seconds since 1970; `None` where it stays.
    pub expires_unix: Option<u64>,
    /// Size of its files.
    pub bytes: u64,
    /// Prompt plus answer at most, in tokens; known once it is loaded, or from its metadata.
    pub max_model_len: Option<usize>,
    /// What it can be asked for.
    pub capabilities: Vec<Capability>,
    /// What its file says of itself, without loading it; `None` where there is no file.
    pub about: Option<AboutModel>,
    /// How its tokens are chosen where a request does not say.
    pub default_sampling: SamplingParams,
}

impl ModelCard {
    /// True if `name` is its id or one of its aliases.
    pub fn is_called(&self, name: &str) -> bool {
        self.id == name || self.aliases.iter().any(|alias| alias == name)
    }
}

/// Whether a model is in memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ModelState {
    /// Its first request loads it.
    Unloaded,
    /// It is on its way.
    Loading {
        /// The share of its weights that are there, from 0 to 1; never goes back.
        progress: f32,
    },
    /// It answers at once.
    Loaded,
}

/// What a model's file says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AboutModel {
    /// `general.architecture`.
    pub architecture: String,
    /// Weights in all tensors.
    pub weights: u64,
    /// The type that most of its bytes have, such as `Q4_K`.
    pub quantization: String,
    /// Longest context it was trained for, in tokens.
    pub context_length: usize,
}

/// Why there is no model to ask.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// No such model.
    #[error("the model `{id}` does not exist; there are: {}", .available.join(", "))]
    NotFound {
        /// The name asked for.
        id: String,
        /// The names there are.
        available: Vec<String>,
    },
    /// The model exists and cannot be loaded.
    #[error("the model `{id}` cannot be loaded: {message}")]
    Load {
        /// Its name.
        id: String,
        /// Why, with the chain of causes.
        message: String,
    },
    /// The model would not fit into memory.
    #[error("the model `{id}` needs some {needed_bytes} bytes of memory, and {free_bytes} are free")]
    NoRoom {
        /// Its name.
        id: String,
        /// What its weights take.
        needed_bytes: u64,
        /// What could be had.
        free_bytes: u64,
    },
    /// Clients may not change which models there are.
    #[error("this server lets no client pull or delete models; `gollum serve --manage-models` does")]
    NotManaged,
    /// Another model is being loaded, or there is no room for one more.
    #[error("another model is being loaded; try again")]
    Busy,
}

/// How far a pull has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PullStep<'s> {
    /// The file that is fetched.
    pub file: &'s str,
    /// Its digest, if the source says.
    pub sha256: Option<&'s str>,
    /// Bytes of it that are there.
    pub done: u64,
    /// Bytes in all, if the source says.
    pub total: Option<u64>,
}

/// Where the server gets its models; the binary implements it.
pub trait ModelHost: Send + Sync {
    /// Every model there is, the default one first.
    fn list(&self) -> Vec<ModelCard>;

    /// The model of that name, `None` for the default one. May load it: call it where blocking is allowed.
    fn get(&self, id: Option<&str>) -> Result<Arc<Frontend>, HostError>;

    /// The command that fetches a better model, where all there are is a toy or for trying things out.
    fn advice(&self) -> Option<String> {
        None
    }

    /// The model of that id if it is in memory, which is thereby used. Never blocks.
    fn get_loaded(&self, id: &str) -> Option<Arc<Frontend>> {
        self.loaded().into_iter().find(|model| model.model_id() == id)
    }

    /// Keeps a loaded model for this long after its last request; `None`: for ever. Never blocks.
    fn keep(&self, _id: &str, _stay: Option<Duration>) {}

    /// Lets go of a model; requests that run may finish. False if it was not in memory. Blocks.
    ///
    /// Errors: no such model.
    fn unload(&self, _id: &str) -> Result<bool, HostError> {
        Err(HostError::NotManaged)
    }

    /// Removes a model's file. Blocks. Errors: no such model; not allowed.
    fn delete(&self, _id: &str) -> Result<(), HostError> {
        Err(HostError::NotManaged)
    }

    /// Fetches a model; `told` hears how far it has come, and says whether to go on. Blocks.
    ///
    /// Errors: not allowed; what went wrong.
    fn pull(&self, _source: &str, _told: &mut dyn FnMut(PullStep<'_>) -> bool) -> Result<(), HostError> {
        Err(HostError::NotManaged)
    }

    /// The models in memory. Never blocks.
    fn loaded(&self) -> Vec<Arc<Frontend>>;
}
