//! The heart: one thread that owns the running requests, the KV pages and the caches, and takes no lock.
//!
//! ```text
//!  EngineHandle --commands-->  drain | schedule | forward | sample | commit | deliver  --events--> EventStream
//!                                       |                              |
//!                                   Scheduler  <->  KvPager = BlockPool + RadixTree       PromptCache
//! ```
//! Only token ids enter here: no text, no tensor, no backend.

mod client;
mod config;
mod cuts;
mod embedding;
mod engine;
mod event;
mod explain;
mod handle;
mod masks;
mod pace;
pub mod pager;
mod prompt_cache;
pub mod scheduler;
mod sequence;
mod stats;
mod step;

pub use config::{EngineConfig, EngineLimits, Policy};
pub use embedding::NewEmbedding;
pub use engine::{Engine, ManualEngine, Turn};
pub use event::{EngineError, Event, SubmitError};
pub use explain::{Explanation, KvSnapshot, PageState, Phase, PrefixMatch, SequenceSnapshot, TreeNode};
pub use handle::{EngineHandle, EventStream, NewRequest};
pub use sequence::{Following, Rank, Sequence, Slot};
pub use stats::{
    EngineStats, HistogramSnapshot, INTER_TOKEN_BOUNDS_S, REQUEST_BOUNDS_S, REQUEST_TOKENS_BOUNDS,
    STEP_BOUNDS, TTFT_BOUNDS_S,
};
