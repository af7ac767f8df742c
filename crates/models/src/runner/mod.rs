//! [`Transformer`]: a loaded model as a [`ModelRunner`].
//!
//! Rows without logits are of use only to the KV cache. So once the last layer has attended, only the rows
//! in `logits_rows` go on: no row depends on another outside attention, so this changes no bit.

mod buffers;
mod front;
mod latent;
mod mamba;
mod pooled;
mod recurrent;
mod streams;
mod walker;

use std::sync::Arc;

use gollum_core::{Batch, EmbeddingSpec, Fallbacks, Logits, ModelRunner, ModelSpec, RunnerError, WindowSpec};
use gollum_kernels::{BestOf, KernelError, KernelOps, KvGroup, KvSpec, MatmulJob, Output, StateSpec};

use crate::arch::Ranking;
use crate::plan::{Kept, Plan};
use crate::{HyperParams, LoadOptions};
use buffers::Buffers;
use front::Front;
use pooled::Pooled;
use walker::{Stream, Walker};

/// Logits rows computed at once; more are done in turns. Costs `4 * vocab_size` bytes each: 64 MiB for the
/// largest vocabulary in use.
pub const MAX_LOGITS_ROWS: usize = 64;

/// A model on a backend, or split between two.
pub struct Transformer {
    /// The entry and the first layers, if another backend has these.
    front: Option<Front>,
    ops: Box<dyn KernelOps>,
    plan: Plan,
    hyper: HyperParams,
    kv: KvSpec,
    spec: ModelSpec,
    buffers: Buffers,
    /// `0, 1, 2, ..`: slices of it name rows.
    row_numbers: Vec<usize>,
    /// As many zeros: types of tokens.
    zeros: Vec<u32>,
    pooled: Pooled,
}

impl Transformer {
    pub(crate) fn new(
        front: Option<Box<dyn KernelOps>>,
        mut ops: Box<dyn KernelOps>,
        plan: Plan,
        hyper: HyperParams,
        o: LoadOptions,
        ranking: Ranking,
    ) -> Result<Self, KernelError> {
        assert!(
            o.max_batch_tokens > 0 && o.max_batch_sequences > 0,
            "a step of {} tokens and {} sequences",
            o.max_batch_tokens,
            o.max_batch_sequences
        );
        let kv_of = |kept: &Kept| KvSpec { layers: kept.kv_layers.clone(), dtype: o.kv_dtype };
        let kv = kv_of(&plan.kept);
        let buffers = Buffers::new(ops.as_mut(), &plan, &hyper, o);
        let mut front = front.zip(plan.front.as_ref()).map(|(mut ops, (layers, kept))| {
            let buffers = Buffers::new(ops.as_mut(), &plan, &hyper, o);
            Front::new(ops, buffers, *layers, kv_of(kept), kept.state.clone())
        });
        let page_bytes =
            |group| kv.page_bytes(group) + front.as_ref().map_or(0, |front| front.kv.page_bytes(group));
        let state_bytes = plan.kept.state.bytes() + front.as_ref().map_or(0, |front| front.state.bytes());
        let spec = ModelSpec {
            vocab_size: hyper.vocab_size,
            context_len: match hyper.whole_input {
                true => hyper.context_len.min(o.max_batch_tokens),
                false => hyper.context_len,
            },
            page_bytes: if hyper.whole_input { 0 } else { page_bytes(KvGroup::Full) },
            window: hyper
                .window_tokens()
                .map(|tokens| WindowSpec { page_bytes: page_bytes(KvGroup::Window), tokens }),
            state_bytes,
            max_batch_tokens: o.max_batch_tokens,
            max_batch_sequences: o.max_batch_sequences,
        };
        if hyper.whole_input {
            ops.create_whole(&kv.layers, o.max_batch_tokens, o.max_batch_sequences)?;
            if let Some(Front { ops, kv, .. }) = &mut front {
                ops.create_whole(&kv.layers, o.max_batch_tokens, o.max_batch_sequences)?;
            }
        }
        let pooled = Pooled::new(ops.as_mut(), &plan.pooled, &hyper, ranking, o.max_batch_sequences);
        let row_numbers = (0..o.max_batch_tokens).collect();
        let zeros = vec![0; if plan.token_types.is_some() { o.max_batch_tokens } else { 0 }];
        Ok(Self { front, ops, plan, hyper, kv, spec, buffers, row_numbers, zeros, pooled })
    }

    /// The model's numbers.
    pub fn hyper(&self) -> &HyperParams {
        &self.hyper
    }

    /// The KV cache of its layers; of a model that is split, of those that are not on the front.
    pub fn kv(&self) -> &KvSpec {
        &self.kv
    }

    /// The part of what a sequence keeps that lies on the front, 0 to 1; `None` of a model on one backend.
    pub fn front_share(&self) -> Option<f64> {
        let front = self.front.as_ref()?;
        let of = |kv: &KvSpec, state: &StateSpec| {
            let pages: usize =
                [KvGroup::Full, KvGroup::Window].into_iter().map(|group| kv.page_bytes(group)).sum();
            (pages + state.bytes()) as f64
        };
        let here = of(&front.kv, &front.state);
        Some(here / (here + of(&self.kv, &self.plan.kept.state)).max(1.0))
    }

    /// The backend's name, for logs.
    pub fn backend(&self) -> &str {
        self.ops.name()
    }

    fn check_batch(&self, batch: &Batch) {
        let (rows, sequences) = (batch.num_tokens(), batch.sequences.len());
        let spec = &self.spec;
        assert!(
            (1..=spec.max_batch_tokens).contains(&rows) && sequences <= spec.max_batch_sequences,
            "a step of {rows} tokens and {sequences} sequences, against {} and {}",
            spec.max_batch_tokens,
            spec.max_batch_sequences
        );
        assert!(
            batch.tokens.iter().all(|&t| (t as usize) < spec.vocab_size),
            "a token beyond the vocabulary of {}",
            spec.vocab_size
        );
    }

    /// Fails the step if the device did: what it gave means nothing then.
    fn check_device(&self) -> Result<(), RunnerError> {
        let of_front = self.front.as_ref().and_then(|front| front.ops.fault());
        self.ops.fault().or(of_front).map_or(Ok(()), |fault| Err(RunnerError::Backend(fault)))
    }

    /// Takes a step in, and its tokens' embeddings.
    fn begin(&mut self, batch: &Batch) {
        self.ops.begin_step(batch);
        if let Some(front) = &mut self.front {
            front.ops.begin_step(batch);
        }
        self.embed(batch);
    }

    fn embed(&mut self, batch: &Batch) {
        let (ops, buffers) = match &mut self.front {
            Some(front) => (front.ops.as_mut(), &front.buffers),
            None => (self.ops.as_mut(), &self.buffers),
        };
        let (x, rows) = (buffers.x, batch.num_tokens());
        let scale = self.hyper.embedding_scale;
        ops.embed(self.plan.token_embd, &batch.tokens, scale, Output::Store, x);
        if let Some(types) = self.plan.token_types {
            ops.embed(types, &self.zeros[..rows], 1.0, Output::Add, x);
        }
        if let Some(positions) = self.plan.position_embd {
            ops.embed(positions, &batch.positions, 1.0, Output::Add, x);
        }
        if let Some(norm) = self.plan.embedding_norm {
            ops.norm(x, norm, Output::Store, x, rows);
        }
        if let (Some(plan), Some(buffers)) = (&self.plan.per_layer, &buffers.per_layer) {
            let (matrix, epilogue) = (plan.projection.matrix, plan.projection.epilogue);
            let job = MatmulJob { matrix, out: buffers.all, output: Output::Store, epilogue };
            ops.matmul(x, &[job], rows);
            ops.head_norm(buffers.all, plan.norm, rows);
            ops.embed(plan.table, &batch.tokens, plan.table_scale, Output::Add, buffers.all);
        }
    }

    /// One step up to the last norm; returns the `wanted` rows.
    fn layers(&mut self, batch: &Batch, wanted: &[usize]) -> Stream {
        let rows = batch.num_tokens();
        let first_layer = self.front.as_ref().map_or(0, |front| front.layers);
        if let Some(front) = &mut self.front {
            let mut stream = front.buffers.stream(rows);
            let (ops, buffers) = (front.ops.as_mut(), &front.buffers);
            let mut walker = Walker { ops, buffers, row_numbers: &self.row_numbers };
            for (index, layer) in self.plan.layers[..first_layer].iter().enumerate() {
                walker.begin_layer(index, stream);
                stream = layer.iter().fold(stream, |stream, branch| walker.branch(branch, stream, None));
            }
            front.hand_over(rows, self.ops.as_mut(), &self.buffers);
        }
        let mut walker =
            Walker { ops: self.ops.as_mut(), buffers: &self.buffers, row_numbers: &self.row_numbers };
        let mut stream = self.buffers.stream(rows);
        let streams = self.plan.streams.as_ref();
        if let Some(plan) = streams {
            walker.enter(plan, stream);
        }
        let last_layer = self.plan.layers.len() - 1;
        for (index, layer) in self.plan.layers.iter().enumerate().skip(first_layer) {
            if let Some(plan) = streams {
                stream = walker.predict(&plan.layers[index], stream);
            }
            walker.begin_layer(index, stream);
            for branch in layer {
                stream = walker.branch(branch, stream, (index == last_layer).then_some(wanted));
                if stream.rows == 0 {
                    return stream;
                }
            }
            if let Some(plan) = streams {
                walker.correct(plan, &plan.layers[index], stream);
            }
        }
        if let Some(plan) = streams {
            walker.leave(plan, stream);
        }
        // A last layer without attention has dropped none.
        if stream.x == self.buffers.x && wanted.len() < stream.rows {
            walker.keep(wanted, stream)
        } else {
            stream
        }
    }

    /// How many of the best logits of these rows are enough, if whole rows are not wanted of any.
    fn best_of(&self, batch: &Batch, rows: &[usize]) -> Option<BestOf> {
        let mut counts =
            rows.iter().map(|&row| batch.best_wanted.get(row).copied().filter(|&count| count > 0));
        let count = counts.try_fold(0, |most, count| Some(count?.max(most)))?;
        Some(BestOf { count, silent: self.hyper.silent_tokens.clone() })
    }

    fn logits(&mut self, batch: &Batch, stream: Stream, logits: &mut Logits) {
        let (vocab_size, turn) = (self.spec.vocab_size, self.buffers.logits_rows);
        let (Some(norm), Some(output)) = (self.plan.output_norm, self.plan.output) else {
            panic!("logits of a model that has none: the engine asks such models for embeddings only")
        };
        let job = MatmulJob {
            matrix: output.matrix,
            out: self.buffers.logits,
            output: Output::Store,
            epilogue: output.epilogue,
        };
        // Whichever of the two the rows are not in.
        let spare = if stream.x == self.buffers.x { self.buffers.tail } else { self.buffers.x };
        for rows in self.row_numbers[..stream.rows].chunks(turn) {
            let mut x = stream.x;
            if rows.len() < stream.rows {
                x = spare;
                self.ops.gather(stream.x, rows, x);
            }
            self.ops.norm_matmul(x, norm, self.buffers.scratch, &[job], rows.len());
            if let Some(cap) = self.hyper.logit_soft_cap {
                self.ops.soft_cap(self.buffers.logits, cap, rows.len());
            }
            let best =
                self.best_of(batch, rows).and_then(|of| self.ops.best(self.buffers.logits, rows.len(), &of));
            if let Some(best) = best {
                rows.iter().zip(best).for_each(|(&row, best)| logits.set_best(row, best));
                continue;
            }
            let target = &mut logits.all_mut()[rows[0] * vocab_size..][..rows.len() * vocab_size];
            self.ops.read(self.buffers.logits, rows.len(), target);
            for row in target.chunks_mut(vocab_size) {
                row[self.hyper.silent_tokens.clone()].fill(f32::MIN);
            }
        }
    }
}

impl ModelRunner for Transformer {
    fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    fn allocate_kv(&mut self, pages: usize, window_pages: usize) -> Result<(), RunnerError> {
        assert!(window_pages == 0 || self.spec.window.is_some(), "window pages of a model without the group");
        let on_front = match &mut self.front {
            Some(front) => front.ops.create_kv(&front.kv, pages, window_pages),
            None => Ok(()),
        };
        let created = on_front.and_then(|()| self.ops.create_kv(&self.kv, pages, window_pages));
        created.map_err(|error| match error {
            KernelError::OutOfMemory { .. } => {
                RunnerError::KvAllocation { pages, page_bytes: self.spec.page_bytes }
            }
            other => RunnerError::Backend(other.to_string()),
        })
    }

    fn allocate_states(&mut self, slots: usize) -> Result<(), RunnerError> {
        let of_front = self.front.as_mut().filter(|front| front.state.floats() > 0);
        let on_front = match of_front {
            Some(front) => front.ops.create_states(&front.state, slots),
            None => Ok(()),
        };
        let spec = &self.plan.kept.state;
        let created = match spec.floats() {
            0 => on_front,
            _ => on_front.and_then(|()| self.ops.create_states(spec, slots)),
        };
        created.map_err(|error| match error {
            KernelError::OutOfMemory { .. } => {
                RunnerError::StateAllocation { slots, state_bytes: self.spec.state_bytes }
            }
            other => RunnerError::Backend(other.to_string()),
        })
    }

    fn forward(&mut self, batch: &Batch, logits: &mut Logits) -> Result<(), RunnerError> {
        self.check_batch(batch);
        logits.resize(batch.logits_rows.len(), self.spec.vocab_size);
        self.begin(batch);
        let stream = self.layers(batch, &batch.logits_rows);
        self.logits(batch, stream, logits);
        self.check_device()
    }

    fn fallbacks(&self) -> Option<Arc<Fallbacks>> {
        self.ops.fallbacks()
    }

    fn embedding(&self) -> Option<EmbeddingSpec> {
        Some(EmbeddingSpec {
            pooling: self.pooled.pooling,
            rows: self.pooled.rule(),
            width: self.result_width(),
            whole_input: self.hyper.whole_input,
        })
    }

    fn embed_whole(&mut self, batch: &Batch) -> Result<Vec<Vec<f32>>, RunnerError> {
        self.check_batch(batch);
        self.begin(batch);
        let wanted = self.pooled_rows(batch);
        let stream = self.layers(batch, &wanted);
        let rows = self.hidden(stream);
        let pooled = self.pool(batch, &rows);
        let finished = self.finish(pooled);
        self.check_device().map(|()| finished)
    }

    fn forward_hidden(
        &mut self,
        batch: &Batch,
        is_hidden: &[bool],
        logits: &mut Logits,
        hidden: &mut Logits,
    ) -> Result<(), RunnerError> {
        self.check_batch(batch);
        logits.resize(batch.logits_rows.len(), self.spec.vocab_size);
        hidden.resize(batch.logits_rows.len(), self.hyper.width);
        self.begin(batch);
        let stream = self.layers(batch, &batch.logits_rows);
        if is_hidden.contains(&true) {
            let rows = self.hidden(stream);
            hidden.all_mut().copy_from_slice(&rows);
        }
        if is_hidden.contains(&false) {
            self.logits(batch, stream, logits);
        }
        self.check_device()
    }

    fn finish_pooled(&mut self, pooled: Vec<f32>) -> Result<Vec<f32>, RunnerError> {
        let mut done = self.finish(vec![pooled]);
        Ok(done.pop().unwrap_or_default())
    }
}
