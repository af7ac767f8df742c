//! [`Transformer`]: a loaded model as a [`ModelRunner`].
//!
//! ```text
//! buffers, f32   x        [max_batch_tokens, width]           the residual stream
//!                scratch  [max_batch_tokens, width]           normed rows, and results before a post-norm
//!                q k v    [max_batch_tokens, heads * dim]     attended -> same width as q
//!                gate up  [max_batch_tokens, ffn_width]
//!                tail     [max_batch_tokens, width]           rows that logits are wanted of
//!                logits   [<= MAX_LOGITS_ROWS, vocab_size]
//! ```
//! Rows without logits are of use only to the KV cache. So once the last layer has attended, only the rows
//! in `logits_rows` go on: no row depends on another outside attention, so this changes no bit.

use gollum_core::{Batch, Logits, ModelRunner, ModelSpec, RunnerError};
use gollum_kernels::{
    Attend, BufId, GatedFfn, HeadNorm, KernelError, KernelOps, KvLayer, KvSpec, MatmulJob, MatrixId, Norm,
    Output, PrepareAttention,
};

use crate::plan::{AttentionPlan, BranchPlan, PartPlan, Plan};
use crate::{HyperParams, LoadOptions};

/// Logits rows computed at once; more are done in turns. Costs `4 * vocab_size` bytes each: 64 MiB for the
/// largest vocabulary in use.
pub const MAX_LOGITS_ROWS: usize = 64;

struct Buffers {
    x: BufId,
    scratch: BufId,
    q: BufId,
    k: BufId,
    v: BufId,
    attended: BufId,
    gate: BufId,
    up: BufId,
    tail: BufId,
    logits: BufId,
}

/// A model on a backend.
pub struct Transformer {
    ops: Box<dyn KernelOps>,
    plan: Plan,
    hyper: HyperParams,
    kv: KvSpec,
    spec: ModelSpec,
    buffers: Buffers,
    logits_turn: usize,
    /// `0, 1, 2, ..`: slices of it name the rows of a turn of logits.
    row_numbers: Vec<usize>,
}

/// The rows in flight: the residual stream, and how many rows of it.
#[derive(Clone, Copy)]
struct Stream {
    x: BufId,
    rows: usize,
}

impl Transformer {
    pub(crate) fn new(mut ops: Box<dyn KernelOps>, plan: Plan, hyper: HyperParams, o: LoadOptions) -> Self {
        assert!(
            o.max_batch_tokens > 0 && o.max_batch_sequences > 0,
            "a step of {} tokens and {} sequences",
            o.max_batch_tokens,
            o.max_batch_sequences
        );
        let layer = KvLayer { kv_heads: hyper.kv_heads, head_dim: hyper.head_dim };
        let kv = KvSpec { layers: vec![layer; hyper.layers], dtype: o.kv_dtype };
        let logits_turn = o.max_batch_sequences.min(MAX_LOGITS_ROWS);
        let mut buffer = |width| ops.create_buffer(o.max_batch_tokens, width);
        let (q_width, kv_width) = (hyper.heads * hyper.head_dim, hyper.kv_heads * hyper.head_dim);
        let buffers = Buffers {
            x: buffer(hyper.width),
            scratch: buffer(hyper.width),
            q: buffer(q_width),
            k: buffer(kv_width),
            v: buffer(kv_width),
            attended: buffer(q_width),
            gate: buffer(hyper.ffn_width),
            up: buffer(hyper.ffn_width),
            tail: buffer(hyper.width),
            logits: ops.create_buffer(logits_turn, hyper.vocab_size),
        };
        let spec = ModelSpec {
            vocab_size: hyper.vocab_size,
            context_len: hyper.context_len,
            page_bytes: kv.page_bytes(),
            max_batch_tokens: o.max_batch_tokens,
            max_batch_sequences: o.max_batch_sequences,
        };
        let row_numbers = (0..o.max_batch_tokens).collect();
        Self { ops, plan, hyper, kv, spec, buffers, logits_turn, row_numbers }
    }

    /// The model's numbers.
    pub fn hyper(&self) -> &HyperParams {
        &self.hyper
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

    /// One step up to the last norm; returns the rows that logits are wanted of.
    fn layers(&mut self, batch: &Batch) -> Stream {
        let mut stream = Stream { x: self.buffers.x, rows: batch.num_tokens() };
        let last_layer = self.plan.layers.len() - 1;
        for (index, layer) in self.plan.layers.iter().enumerate() {
            for branch in layer {
                let walker = Walker { ops: self.ops.as_mut(), hyper: &self.hyper, buffers: &self.buffers };
                let wanted = (index == last_layer).then_some(batch.logits_rows.as_slice());
                stream = walker.branch(branch, stream, wanted);
                if stream.rows == 0 {
                    return stream;
                }
            }
        }
        stream
    }

    fn logits(&mut self, stream: Stream, logits: &mut Logits) {
        let vocab_size = self.spec.vocab_size;
        let job = MatmulJob { matrix: self.plan.output, out: self.buffers.logits, output: Output::Store };
        // Whichever of the two the rows are not in.
        let spare = if stream.x == self.buffers.x { self.buffers.tail } else { self.buffers.x };
        let targets = logits.all_mut().chunks_mut(self.logits_turn * vocab_size);
        for (rows, target) in self.row_numbers[..stream.rows].chunks(self.logits_turn).zip(targets) {
            let mut x = stream.x;
            if rows.len() < stream.rows {
                x = spare;
                self.ops.gather(stream.x, rows, x);
            }
            self.ops.norm_matmul(x, self.plan.output_norm, self.buffers.scratch, &[job], rows.len());
            if let Some(cap) = self.hyper.logit_soft_cap {
                self.ops.soft_cap(self.buffers.logits, cap, rows.len());
            }
            self.ops.read(self.buffers.logits, rows.len(), target);
        }
    }
}

impl ModelRunner for Transformer {
    fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    fn allocate_kv(&mut self, pages: usize) -> Result<(), RunnerError> {
        self.ops.create_kv(&self.kv, pages).map_err(|error| match error {
            KernelError::OutOfMemory { .. } => {
                RunnerError::KvAllocation { pages, page_bytes: self.spec.page_bytes }
            }
            other => RunnerError::Backend(other.to_string()),
        })
    }

    fn forward(&mut self, batch: &Batch, logits: &mut Logits) -> Result<(), RunnerError> {
        self.check_batch(batch);
        logits.resize(batch.logits_rows.len(), self.spec.vocab_size);
        self.ops.begin_step(batch);
        let scale = self.hyper.embedding_scale;
        self.ops.embed(self.plan.token_embd, &batch.tokens, scale, self.buffers.x);
        let stream = self.layers(batch);
        self.logits(stream, logits);
        Ok(())
    }
}

/// Runs branches on a backend.
struct Walker<'a> {
    ops: &'a mut dyn KernelOps,
    hyper: &'a HyperParams,
    buffers: &'a Buffers,
}

impl Walker<'_> {
    /// One residual branch. With `wanted` (in the last layer), only those rows leave attention.
    fn branch(mut self, branch: &BranchPlan, stream: Stream, wanted: Option<&[usize]>) -> Stream {
        match &branch.part {
            PartPlan::Attention(attention) => {
                self.attend(attention, branch.norm, stream);
                let (stream, attended) = match wanted {
                    Some(wanted) if wanted.len() < stream.rows => self.keep(wanted, stream),
                    _ => (stream, self.buffers.attended),
                };
                self.project(attended, attention.output, branch.post_norm, stream);
                stream
            }
            PartPlan::GatedFfn { gate, up, down, activation } => {
                let ffn = GatedFfn {
                    x: stream.x,
                    norm: branch.norm,
                    scratch: self.buffers.scratch,
                    gate: *gate,
                    up: *up,
                    gate_out: self.buffers.gate,
                    up_out: self.buffers.up,
                    activation: *activation,
                };
                self.ops.gated_ffn(&ffn, stream.rows);
                self.project(self.buffers.gate, *down, branch.post_norm, stream);
                stream
            }
        }
    }

    fn attend(&mut self, a: &AttentionPlan, norm: Norm, stream: Stream) {
        let (b, hyper) = (self.buffers, self.hyper);
        let job = |matrix, out| MatmulJob { matrix, out, output: Output::Store };
        let jobs = [job(a.q, b.q), job(a.k, b.k), job(a.v, b.v)];
        self.ops.norm_matmul(stream.x, norm, b.scratch, &jobs, stream.rows);
        let head_norm =
            |norm: Option<Norm>, heads| norm.map(|norm| HeadNorm { norm, heads, head_dim: hyper.head_dim });
        let prepare = PrepareAttention {
            layer: a.layer,
            q: b.q,
            k: b.k,
            v: b.v,
            heads: hyper.heads,
            kv_heads: hyper.kv_heads,
            head_dim: hyper.head_dim,
            q_norm: head_norm(a.q_norm, hyper.heads),
            k_norm: head_norm(a.k_norm, hyper.kv_heads),
            rope: Some(a.rope),
        };
        self.ops.prepare_attention(&prepare, stream.rows);
        let attend = Attend {
            layer: a.layer,
            heads: hyper.heads,
            scale: hyper.attention_scale,
            window: a.window,
            soft_cap: None,
        };
        self.ops.attend(&attend, b.q, b.attended);
    }

    /// Moves the wanted rows of the stream, and of what was attended, to the front of other buffers.
    fn keep(&mut self, wanted: &[usize], stream: Stream) -> (Stream, BufId) {
        let b = self.buffers;
        self.ops.gather(stream.x, wanted, b.tail);
        // q is free after attention, and as wide.
        self.ops.gather(b.attended, wanted, b.q);
        (Stream { x: b.tail, rows: wanted.len() }, b.q)
    }

    /// `x += post_norm(matrix . input)`.
    fn project(&mut self, input: BufId, matrix: MatrixId, post_norm: Option<Norm>, stream: Stream) {
        if stream.rows == 0 {
            return;
        }
        let scratch = self.buffers.scratch;
        match post_norm {
            None => {
                let job = MatmulJob { matrix, out: stream.x, output: Output::Add };
                self.ops.matmul(input, &[job], stream.rows);
            }
            Some(norm) => {
                let job = MatmulJob { matrix, out: scratch, output: Output::Store };
                self.ops.matmul(input, &[job], stream.rows);
                self.ops.rms_norm(scratch, norm, Output::Add, stream.x, stream.rows);
            }
        }
    }
}
