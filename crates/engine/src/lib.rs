//! The heart: one thread that owns the running requests, the KV pages and the caches, and takes no lock.
//!
//! ```text
//!  EngineHandle --commands-->  drain | schedule | forward | sample | commit | deliver  --events--> EventStream
//! ```
//! Only token ids enter here: no text, no tensor, no backend.
// The engine thread, which uses the inner side of all this, lands next.
#![allow(dead_code)]

mod config;
mod event;
mod explain;
mod handle;
mod stats;

pub use config::{EngineConfig, EngineLimits, Policy};
pub use event::{EngineError, Event, SubmitError};
pub use explain::{Explanation, KvSnapshot, PageState, Phase, PrefixMatch, SequenceSnapshot, TreeNode};
pub use handle::{EngineHandle, EventStream, NewRequest};
pub use stats::{
    EngineStats, HistogramSnapshot, INTER_TOKEN_BOUNDS_S, REQUEST_BOUNDS_S, REQUEST_TOKENS_BOUNDS,
    STEP_BOUNDS, TTFT_BOUNDS_S,
};
