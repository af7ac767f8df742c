//! Models by name.

use std::sync::Arc;

use gollum_core::SamplingParams;

use crate::{Capability, Frontend};

/// A model as lists show it.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelCard {
    /// Name that requests use.
    pub id: String,
    /// When its file was last changed, seconds since 1970.
    pub created_unix: u64,
    /// True if it answers without loading first.
    pub loaded: bool,
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

/// What a model's file says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AboutModel {
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
    /// Another model is being loaded, or there is no room for one more.
    #[error("another model is being loaded; try again")]
    Busy,
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

    /// The models in memory. Never blocks.
    fn loaded(&self) -> Vec<Arc<Frontend>>;
}
