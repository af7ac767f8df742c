//! The nouns every crate shares, and the one trait the engine sees of compute.
//!
//! ```text
//! Request  ->  (engine) Sequence  ->  Batch  ->  ModelRunner::forward  ->  Logits  ->  token
//! ```
//! Nothing here does work: this crate is the vocabulary, and depends on no other crate of ours.

mod batch;
mod embedding;
mod ids;
mod request;
mod runner;

pub use batch::{Batch, PageCopy, SequenceSpan, StateLoad, StateSave};
pub use embedding::{EmbeddingSpec, Pooling};
pub use ids::{PAGE_TOKENS, PageId, RequestId, StateId, TokenId};
pub use request::{FinishReason, Limits, Request, SamplingParams, TokenLogprob, Usage};
pub use runner::{KvDtype, Logits, ModelRunner, ModelSpec, RunnerError};
