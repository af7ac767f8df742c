//! Architectures as data, and weights to a runnable model.
//!
//! ```text
//! GGUF -> architecture_of -> HyperParams -> Plan (checked, then loaded) -> Transformer: ModelRunner
//!         arch/*.rs          hyper/         plan/, load.rs                runner/
//! ```
//! A model file that loads is understood: a tensor that the architecture does not know, or a setting that asks
//! for arithmetic that is not built, is an error that names it. Leaving it out would quietly be another model.

pub mod arch;
mod error;
mod hyper;
mod load;
mod plan;
mod runner;

pub use arch::{ARCHITECTURES, Architecture};
pub use error::ModelError;
pub use hyper::{
    AdjugateParams, ExpertParams, HyperParams, LayerParams, MAX_CONTEXT, MAX_EXPERTS, MAX_EXPERTS_USED,
    MAX_HEAD_DIM, MAX_HEADS, MAX_LAYERS, MAX_WIDTH, RopeFactors, architecture_of,
};
pub use load::{
    LoadOptions, LoadProgress, MAX_WHOLE_ROWS, ModelDescription, TypeShare, check_border, describe, load,
    load_split, tensors_of,
};
pub use plan::Asked;
pub use runner::{MAX_LOGITS_ROWS, Transformer};
