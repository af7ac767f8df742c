//! What the engine is told at start, and the limits that follow from it.

use gollum_core::{EmbeddingSpec, ModelSpec, PAGE_TOKENS};

use crate::EngineError;
use crate::pager::windows;

/// Which waiting request runs next, among those of equal priority.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Policy {
    /// First come, first served.
    #[default]
    Fcfs,
    /// Longest cached prefix first. A request that has waited [`EngineConfig::lpm_max_age_us`] goes first.
    Lpm,
}

/// Settings of one engine. Every queue and cache has its bound here.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Sequences that run at the same time; at least 1, capped by the runner and by
    /// `max_num_batched_tokens`.
    pub max_num_seqs: usize,
    /// Rows of one step, decodes and prompt chunks together; capped by the runner.
    pub max_num_batched_tokens: usize,
    /// Prompt rows of one step that also decodes: the stall that a long prompt may cause to running
    /// streams. Capped by `max_num_batched_tokens`.
    pub max_prefill_beside_decodes: usize,
    /// Time that a step may take because of prompt rows, microseconds: chunks are cut to the measured speed.
    pub max_prefill_step_us: u64,
    /// The same for a step that also decodes.
    pub max_prefill_beside_decodes_us: u64,
    /// Prompt plus answer at most, in tokens; `0` takes the model's context length.
    pub max_model_len: usize,
    /// Pages of the KV pool; at least 2.
    pub kv_pages: usize,
    /// Pages of the window group's pool, for models that have one; more than `kv_pages` are of no use. Running sequences
    /// have what they need guaranteed, so the fewer there are, the fewer sequences may run: one must always fit. Without
    /// meaning for other models.
    pub window_pages: usize,
    /// Recurrent states, for models that have one: running sequences and snapshots together; at least 2. One is always
    /// left for a snapshot, so fewer sequences may run than `max_num_seqs`. Without meaning for other models.
    pub state_slots: usize,
    /// Requests that wait at most.
    pub max_waiting_requests: usize,
    /// Prompt tokens of all waiting requests at most (one request alone is always let in).
    pub max_waiting_tokens: usize,
    /// The order of the waiting queue.
    pub policy: Policy,
    /// Age at which [`Policy::Lpm`] stops passing a request over, microseconds.
    pub lpm_max_age_us: u64,
    /// Keep and share the pages of common prefixes.
    pub prefix_cache: bool,
    /// Bytes of stored answers; `0` turns the prompt cache off.
    pub prompt_cache_bytes: usize,
    /// Names the weights and everything else of the model that affects an answer; part of each prompt
    /// cache key.
    pub model_digest: u64,
    /// From which requests without a seed get theirs.
    pub seed: u64,
    /// Explanations kept of finished requests.
    pub explained_requests: usize,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            max_num_seqs: 64,
            max_num_batched_tokens: 512,
            max_prefill_beside_decodes: 256,
            max_prefill_step_us: 500_000,
            max_prefill_beside_decodes_us: 120_000,
            max_model_len: 0,
            kv_pages: 1024,
            window_pages: 1024,
            state_slots: 128,
            max_waiting_requests: 1024,
            max_waiting_tokens: 4 << 20,
            policy: Policy::Fcfs,
            lpm_max_age_us: 2_000_000,
            prefix_cache: true,
            prompt_cache_bytes: 16 << 20,
            model_digest: 0,
            seed: 0,
            explained_requests: 256,
        }
    }
}

/// What a request may ask for: constant for the life of an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EngineLimits {
    /// Context length in force: prompt plus answer, tokens.
    pub max_model_len: usize,
    /// The same, capped by what the KV pool can hold: `(kv_pages - 1) * 16`, as one page is kept for the
    /// copy of a shared tail.
    pub max_servable_tokens: usize,
    /// Ids are below this.
    pub vocab_size: usize,
    /// Sequences that run at the same time.
    pub max_num_seqs: usize,
    /// Rows of one step.
    pub max_num_batched_tokens: usize,
    /// Prompt rows of one step that also decodes.
    pub max_prefill_beside_decodes: usize,
    /// Pages of the KV pool.
    pub kv_pages: usize,
    /// Tokens of a page.
    pub page_tokens: usize,
    /// Bytes of a page over all layers but those of the window group.
    pub page_bytes: usize,
    /// Pages of the window group; 0 for models without one.
    pub window_pages: usize,
    /// Bytes of a page over the layers of the window group.
    pub window_page_bytes: usize,
    /// Tokens that a row sees through the window, at most [`Self::max_model_len`]; 0 for models without a window group.
    pub window_tokens: usize,
    /// Recurrent states; 0 for models without one.
    pub state_slots: usize,
    /// Bytes of a recurrent state over all layers.
    pub state_bytes: usize,
    /// Requests that wait at most.
    pub max_waiting_requests: usize,
    /// Prompt tokens of all waiting requests at most.
    pub max_waiting_tokens: usize,
    /// True if pages of common prefixes are shared.
    pub prefix_cache: bool,
    /// Bytes of stored answers at most.
    pub prompt_cache_bytes: usize,
    /// What the model can do with whole inputs.
    pub embedding: Option<EmbeddingSpec>,
}

impl EngineLimits {
    /// True of models that give embeddings or scores and never tokens.
    pub fn only_embeds(&self) -> bool {
        self.embedding.is_some_and(|spec| spec.whole_input)
    }

    /// Joins settings and model. Errors: [`EngineError::Config`] for a setting that cannot work.
    pub fn new(config: &EngineConfig, spec: &ModelSpec) -> Result<Self, EngineError> {
        let zero = |name| Err(EngineError::Config(format!("{name} must not be 0")));
        if config.max_num_seqs == 0 || spec.max_batch_sequences == 0 {
            return zero("max_num_seqs");
        }
        if config.max_num_batched_tokens == 0 || spec.max_batch_tokens == 0 {
            return zero("max_num_batched_tokens");
        }
        if spec.vocab_size == 0 || spec.context_len < 2 {
            return zero("vocab_size or context_len");
        }
        if config.kv_pages < 2 || u32::try_from(config.kv_pages * PAGE_TOKENS).is_err() {
            return Err(EngineError::Config(format!(
                "kv_pages is {}, must be 2..={}",
                config.kv_pages,
                u32::MAX as usize / PAGE_TOKENS
            )));
        }
        let state_slots = if spec.state_bytes == 0 { 0 } else { config.state_slots };
        let most_seqs = match state_slots {
            0 => usize::MAX,
            1 => return Err(EngineError::Config("state_slots is 1, must be at least 2".into())),
            slots => slots - 1,
        };
        if u32::try_from(state_slots).is_err() {
            return Err(EngineError::Config(format!("state_slots is {state_slots}, more than u32 can name")));
        }
        if spec.state_bytes > 0 && state_slots == 0 {
            return zero("state_slots");
        }
        let max_num_batched_tokens = config.max_num_batched_tokens.min(spec.max_batch_tokens);
        let max_model_len = match config.max_model_len {
            0 => spec.context_len,
            len => len.min(spec.context_len),
        };
        let max_servable_tokens = max_model_len.min((config.kv_pages - 1) * PAGE_TOKENS);
        // No row sees more than the context, whatever the window.
        let window_tokens = spec.window.map_or(0, |window| window.tokens.clamp(1, max_model_len));
        let window_pages = if window_tokens == 0 { 0 } else { config.window_pages.min(config.kv_pages) };
        let one = Need { window_tokens, tokens: max_servable_tokens, rows: max_num_batched_tokens };
        check_windows(one, window_pages, config.kv_pages)?;
        Ok(Self {
            max_model_len,
            max_servable_tokens,
            vocab_size: spec.vocab_size,
            max_num_seqs: config
                .max_num_seqs
                .min(spec.max_batch_sequences)
                .min(max_num_batched_tokens)
                .min(most_seqs),
            max_num_batched_tokens,
            max_prefill_beside_decodes: config.max_prefill_beside_decodes.clamp(1, max_num_batched_tokens),
            kv_pages: config.kv_pages,
            page_tokens: PAGE_TOKENS,
            page_bytes: spec.page_bytes,
            window_pages,
            window_page_bytes: spec.window.map_or(0, |window| window.page_bytes),
            window_tokens,
            state_slots,
            state_bytes: spec.state_bytes,
            max_waiting_requests: config.max_waiting_requests.max(1),
            max_waiting_tokens: config.max_waiting_tokens,
            prefix_cache: config.prefix_cache,
            prompt_cache_bytes: config.prompt_cache_bytes,
            embedding: None,
        })
    }
}

/// What one sequence and one step need of the window group.
#[derive(Clone, Copy)]
struct Need {
    window_tokens: usize,
    /// Of the sequence, at most.
    tokens: usize,
    /// Of the step, at most.
    rows: usize,
}

/// One sequence must always fit.
fn check_windows(one: Need, window_pages: usize, kv_pages: usize) -> Result<(), EngineError> {
    let Need { window_tokens, tokens, rows } = one;
    if window_tokens == 0 {
        return Ok(());
    }
    let reserved = windows::reservation(window_tokens, tokens);
    match windows::fits(reserved, rows, window_pages, kv_pages) {
        true => Ok(()),
        false => Err(EngineError::Config(format!(
            "window_pages is {window_pages}, must be at least {}: a sequence that sees {window_tokens} tokens, and steps \
             of {rows} rows",
            reserved + rows / PAGE_TOKENS
        ))),
    }
}
