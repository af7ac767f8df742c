//! The nouns every crate shares, and the one trait the engine sees of compute.
//!
//! ```text
//! Request  ->  (engine) Sequence  ->  Batch  ->  ModelRunner::forward  ->  Logits  ->  token
//! ```
//! Nothing here does work: this crate is the vocabulary, and depends on no other crate of ours.

mod batch;
mod constraint;
mod embedding;
mod fallbacks;
mod ids;
mod request;
mod runner;

pub use batch::{Batch, PageCopy, SequenceSpan, StateLoad, StateSave};
pub use constraint::{Constraint, ConstraintError, TokenConstraint, TokenMask};
pub use embedding::{EmbeddingSpec, Pooling};
pub use fallbacks::{Fallback, Fallbacks};
pub use ids::{PAGE_TOKENS, PageId, RequestId, StateId, TokenId};
pub use request::{
    Dry, DynamicTemperature, FinishReason, Limits, Mirostat, Request, SamplingParams, SamplingStep, Timing,
    TokenLogprob, Usage, Xtc,
};
pub use runner::{BestLogits, KvDtype, Logits, ModelRunner, ModelSpec, RunnerError, WindowSpec};
