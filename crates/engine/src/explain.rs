//! Why a request took its time, and what the KV memory holds: for `/debug`, in token ids.

use gollum_core::{FinishReason, PageId, RequestId, SamplingParams, TokenId, Usage};

/// Where a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// In the waiting queue.
    Queued,
    /// Waiting for the pages of another request that is computing the same prefix.
    Following,
    /// Its prompt is being computed.
    Prefill,
    /// Generating.
    Decode,
    /// Its pages were taken; it waits to be resumed.
    Preempted,
    /// Ended.
    Finished(FinishReason),
    /// Ended by an error.
    Failed,
}

/// Where a request's prefix came from, at its first admission.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrefixMatch {
    /// Prompt tokens found in the prefix cache, which were not computed again.
    pub matched_tokens: usize,
    /// Prompt tokens that the cache knew: more than were matched where a recurrent state had to be taken up at an
    /// earlier snapshot, or window pages were gone.
    pub known_tokens: usize,
    /// Of these, tokens in shared full pages.
    pub shared_tokens: usize,
    /// Of these, tokens copied from the page of another sequence.
    pub copied_tokens: usize,
    /// The request that computed the last matched page, if it is known.
    pub from: Option<RequestId>,
    /// What the cache had after the known tokens: the first token where the prefix parted. `None`: the
    /// cache had nothing longer.
    pub cached_token: Option<TokenId>,
    /// What the prompt has there instead.
    pub prompt_token: Option<TokenId>,
}

/// The life of one request. Times are microseconds; those since start count from the engine's start.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The request.
    pub id: RequestId,
    /// Where it is now.
    pub phase: Phase,
    /// When it was submitted.
    pub submitted_us: u64,
    /// Submit to first admission.
    pub queue_us: Option<u64>,
    /// Of the queue time, how long it waited for another request's prefix.
    pub followed: Option<RequestId>,
    /// First admission to first token.
    pub prefill_us: Option<u64>,
    /// First token to the end.
    pub decode_us: Option<u64>,
    /// Submit to first token.
    pub ttft_us: Option<u64>,
    /// Submit to the end.
    pub total_us: Option<u64>,
    /// What the prefix cache gave; `None` before the first admission.
    pub prefix: Option<PrefixMatch>,
    /// Rows of each prompt chunk, in order, re-computation after preemption included; the first 256.
    pub chunks: Vec<usize>,
    /// Times its pages were taken.
    pub preemptions: u32,
    /// Steps it took part in.
    pub steps: u64,
    /// Sequences in its steps, itself included: the most, and the sum (divide by `steps` for the mean).
    pub batch_sequences_max: usize,
    /// See `batch_sequences_max`.
    pub batch_sequences_sum: u64,
    /// Token counts so far.
    pub usage: Usage,
    /// True if a stored answer was replayed.
    pub prompt_cache_hit: bool,
    /// How tokens are chosen.
    pub sampling: SamplingParams,
    /// The seed in force, drawn or given.
    pub seed: u64,
}

/// State of one page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PageState {
    /// Holds nothing.
    Free,
    /// In a block table.
    Held,
    /// In the tree, held by no one, evictable.
    Cached,
}

/// One node of the prefix tree: one page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeNode {
    /// The page.
    pub page: PageId,
    /// The page before it in the prefix; `None` at the top.
    pub parent: Option<PageId>,
    /// Which tenant's tree.
    pub salt: u64,
    /// Tokens of the page, `1..=16`.
    pub tokens: Vec<TokenId>,
    /// Block tables that hold it.
    pub ref_count: u32,
    /// The window page of the same tokens, if it is still there; for models with a window group.
    pub window: Option<PageId>,
}

/// One sequence in flight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequenceSnapshot {
    /// The request.
    pub id: RequestId,
    /// Where it is.
    pub phase: Phase,
    /// Tokens, prompt and generated.
    pub tokens: usize,
    /// Tokens whose K and V are computed.
    pub computed: usize,
    /// Its pages.
    pub block_table: Vec<PageId>,
    /// Its pages of the window group, those that it has passed left out.
    pub window_table: Vec<PageId>,
}

/// The pager and the tree at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KvSnapshot {
    /// Tokens of a page.
    pub page_tokens: usize,
    /// State of each page, by id.
    pub pages: Vec<PageState>,
    /// State of each page of the window group, by id; empty for models without one.
    pub window_pages: Vec<PageState>,
    /// The tree, parents before children; the first 65,536 nodes.
    pub tree: Vec<TreeNode>,
    /// Nodes left out of `tree`.
    pub tree_left_out: usize,
    /// Sequences in flight, running first.
    pub sequences: Vec<SequenceSnapshot>,
}
