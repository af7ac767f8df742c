//! The one trait the engine sees of compute.

use std::sync::Arc;

use crate::{Batch, EmbeddingSpec, Fallbacks, TokenId};

/// How K and V are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum KvDtype {
    /// 4 bytes a value.
    F32,
    /// 2 bytes a value, the default.
    #[default]
    F16,
    /// 32 values share an f16 scale, 8.5 bits a value.
    Q8_0,
}

/// The layers that see a window only: their K and V lie in pages of a group of their own, which the pager frees when no
/// row to come sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowSpec {
    /// Bytes of one page over these layers.
    pub page_bytes: usize,
    /// Tokens that a row sees at most, itself included: that at position `p` sees none before `p + 1 - tokens`. Of windows
    /// of several lengths the longest; a chunk of `c` tokens counts as a window of `c`. At least 1.
    pub tokens: usize,
}

/// What the engine needs to know of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelSpec {
    /// Width of a logits row.
    pub vocab_size: usize,
    /// The model's trained context length in tokens.
    pub context_len: usize,
    /// Bytes of one KV page over all layers but those of `window`.
    pub page_bytes: usize,
    /// The group of the windowed layers; `None` for models that have no such group.
    pub window: Option<WindowSpec>,
    /// Bytes of one sequence's recurrent state over all layers; 0 for models without one.
    pub state_bytes: usize,
    /// Rows a single [`ModelRunner::forward`] takes at most.
    pub max_batch_tokens: usize,
    /// Sequences a single [`ModelRunner::forward`] takes at most.
    pub max_batch_sequences: usize,
}

/// Logits rows, reused from step to step. Row `i` belongs to `batch.logits_rows[i]`.
#[derive(Debug, Default)]
pub struct Logits {
    values: Vec<f32>,
    vocab_size: usize,
    /// In place of single rows, their best.
    best: Vec<Option<BestLogits>>,
}

/// The largest logits of a row, by ascending ids. Ties at the border are cut in favour of lower ids, and NaN counts as
/// larger than all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BestLogits {
    /// Their tokens.
    pub tokens: Vec<TokenId>,
    /// The logits, as many.
    pub logits: Vec<f32>,
}

impl Logits {
    /// Makes room for `rows` rows of `vocab_size`, all of them whole; old values stay in place and are meaningless.
    pub fn resize(&mut self, rows: usize, vocab_size: usize) {
        self.vocab_size = vocab_size;
        self.values.resize(rows * vocab_size, 0.0);
        self.best.clear();
        self.best.resize(rows, None);
    }

    /// Rows held.
    pub fn rows(&self) -> usize {
        self.values.len().checked_div(self.vocab_size).unwrap_or(0)
    }

    /// One row, `[vocab_size]`.
    pub fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.vocab_size..(row + 1) * self.vocab_size]
    }

    /// One row to write, `[vocab_size]`.
    pub fn row_mut(&mut self, row: usize) -> &mut [f32] {
        &mut self.values[row * self.vocab_size..(row + 1) * self.vocab_size]
    }

    /// Puts a row's best in its place. The whole row is undefined then.
    pub fn set_best(&mut self, row: usize, best: BestLogits) {
        assert_eq!(best.tokens.len(), best.logits.len(), "a logit a token");
        self.best[row] = Some(best);
    }

    /// Takes out what stands in place of a row, if it is not whole.
    pub fn take_best(&mut self, row: usize) -> Option<BestLogits> {
        self.best.get_mut(row)?.take()
    }

    /// All rows, `[rows * vocab_size]`.
    pub fn all_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }
}

/// A whole step failed; every sequence in it ends with this error.
#[derive(Debug, thiserror::Error)]
pub enum RunnerError {
    /// KV memory could not be had.
    #[error("cannot allocate {pages} KV pages of {page_bytes} bytes")]
    KvAllocation {
        /// Pages asked for.
        pages: usize,
        /// Bytes of one page.
        page_bytes: usize,
    },
    /// Memory for recurrent states could not be had.
    #[error("cannot allocate {slots} recurrent states of {state_bytes} bytes")]
    StateAllocation {
        /// States asked for.
        slots: usize,
        /// Bytes of one state.
        state_bytes: usize,
    },
    /// The backend gave up.
    #[error("the backend failed: {0}")]
    Backend(String),
}

/// A model that can run batches. Pages and states belong to the pager, their bytes to the runner: both are allocated
/// once, by [`ModelRunner::allocate_kv`] and [`ModelRunner::allocate_states`], before the first step.
///
/// Contract, *same bits*: a logits row depends on the tokens of its own sequence only, not on batch mates,
/// chunk borders, page ids, or what was computed when.
pub trait ModelRunner: Send {
    /// The model's numbers; constant.
    fn spec(&self) -> &ModelSpec;

    /// Allocates the pool of `pages` KV pages, and that of `window_pages` pages of the window group: 0 for models
    /// without one. Called once. Page contents are undefined until written.
    fn allocate_kv(&mut self, pages: usize, window_pages: usize) -> Result<(), RunnerError>;

    /// Allocates `slots` recurrent states. Called once, for models that have one. Their contents are undefined until
    /// written.
    fn allocate_states(&mut self, slots: usize) -> Result<(), RunnerError> {
        assert_eq!(slots, 0, "states of a model without any");
        Ok(())
    }

    /// Runs one step: page copies and state loads first, then appends K and V of every row, then writes one logits row per
    /// entry of `batch.logits_rows`, or the best of it where `batch.best_wanted` allows that. A row may hold NaN; the engine
    /// ends that request alone.
    ///
    /// Shapes are the engine's promise and may be asserted: `batch` is never empty and within the limits of
    /// [`ModelSpec`].
    fn forward(&mut self, batch: &Batch, logits: &mut Logits) -> Result<(), RunnerError>;

    /// What its backend counts of operations without a kernel; `None` of backends that have all of them.
    fn fallbacks(&self) -> Option<Arc<Fallbacks>> {
        None
    }

    /// What it can do with whole inputs; constant. `None` of models that only generate.
    fn embedding(&self) -> Option<EmbeddingSpec> {
        None
    }

    /// Runs whole inputs, one per sequence of `batch`, which has no pages and no slots; tells one result each, in order.
    /// Only for models of [`EmbeddingSpec::whole_input`]. The same-bits contract holds for results too.
    fn embed_whole(&mut self, batch: &Batch) -> Result<Vec<Vec<f32>>, RunnerError> {
        Err(RunnerError::Backend(format!("no embeddings of {} tokens by this model", batch.num_tokens())))
    }

    /// As [`forward`](Self::forward), but where `is_hidden[i]` is true, the i-th of `batch.logits_rows` gets the row that
    /// logits are made from, in `hidden`, and its logits are undefined.
    fn forward_hidden(
        &mut self,
        batch: &Batch,
        is_hidden: &[bool],
        logits: &mut Logits,
        hidden: &mut Logits,
    ) -> Result<(), RunnerError> {
        let wanted = is_hidden.iter().filter(|&&hidden| hidden).count();
        if wanted > 0 {
            return Err(RunnerError::Backend(format!("{wanted} embedding rows of a model without them")));
        }
        hidden.resize(0, self.spec().vocab_size);
        self.forward(batch, logits)
    }

    /// What a pooled row becomes behind the pooling: projections, a classifier.
    fn finish_pooled(&mut self, pooled: Vec<f32>) -> Result<Vec<f32>, RunnerError> {
        Ok(pooled)
    }
}
