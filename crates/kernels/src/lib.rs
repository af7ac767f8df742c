//! What a model asks of a machine: the trait [`KernelOps`], and the scalar [`reference`](mod@reference) that defines
//! the bits of every operation.
//!
//! ```text
//! load        create_buffer, load_matrix, load_vector, create_kv        all memory, once
//! each step   begin_step(batch)
//!               embed -> [norm_matmul -> prepare_attention -> attend -> matmul] per layer ... -> gather -> matmul
//!             read(logits)
//! ```
//! A model names buffers and weights by id and never sees their bytes, so one model text runs on every
//! backend. Activations are f32, row-major, one row per token of the step.

mod attention;
pub mod conformance;
mod mapped;
pub mod math;
mod recurrent;
pub mod reference;
mod streams;
mod types;
mod whole;

pub use attention::{
    Attend, KvGroup, KvLayer, KvSpec, NormPlace, PrepareAttention, PrepareKeys, Values, Window,
};
pub use mapped::{ExpertSource, MappedExperts};
pub use recurrent::{CausalConv, ChannelScan, DeltaNet, HeadScan, MAX_TAPS, StateSpec, memory_len};
pub use streams::{Coefficients, MAGNITUDE_FLOOR, MAX_STREAMS, MixStreams};
pub use types::{
    Activation, BestOf, BufId, CopyHeads, Epilogue, ExpertFfn, ExpertGroups, ExpertLinear, ExpertsId, Ffn,
    Gating, HeadNorm, KernelError, Linear, MatmulJob, MatrixId, MatrixSource, Norm, NormKind, Output,
    QueryGrowth, Rope, RopeKind, Routing, VectorId, WeighAt, YarnRamp,
};
pub use whole::{AttendWhole, Reach};

use std::sync::Arc;

use gollum_core::{Batch, BestLogits, Fallbacks, TokenId};

/// The operations of a transformer on one device.
///
/// Contract: every output row depends on the same row of the inputs (for [`attend`](Self::attend) and
/// [`attend_whole`](Self::attend_whole): on the row's own sequence) and on nothing else, with the arithmetic of [`reference`](mod@reference) bit for bit on CPUs and
/// within a written error on GPUs.
///
/// Ids come from this object's own `create_*` and `load_*`; using another's is a bug and may panic. `rows`
/// never exceeds the rows a buffer was created with.
pub trait KernelOps: Send {
    /// Short name for logs and metrics: `cpu-avx512`, `reference`, `gpu`.
    fn name(&self) -> &str;

    /// What went wrong on the device, if anything did: results since then mean nothing. Operations have no errors of
    /// their own, because a device tells late; so whoever has read the results of a step asks.
    fn fault(&self) -> Option<String> {
        None
    }

    /// Runs of what this backend left to something slower; `None` of backends that never do.
    fn fallbacks(&self) -> Option<Arc<Fallbacks>> {
        None
    }

    /// A new activation buffer, `[rows, width]` f32, zeroed.
    fn create_buffer(&mut self, rows: usize, width: usize) -> BufId;

    /// A buffer of another width over the memory of `of`, for layers of different widths: as many rows, `[rows, width]`,
    /// at most as wide. Writing to one leaves the other undefined.
    fn create_view(&mut self, of: BufId, width: usize) -> BufId;

    /// Takes a weight matrix in, re-packed as the backend likes it. The source may be unmapped afterwards.
    fn load_matrix(&mut self, source: MatrixSource<'_>) -> Result<MatrixId, KernelError>;

    /// Takes in the matrices of `experts` experts, one behind the other in `source.bytes`; `source.rows` are those of
    /// one expert.
    fn load_experts(&mut self, source: MatrixSource<'_>, experts: usize) -> Result<ExpertsId, KernelError>;

    /// True if experts' weights should come by [`map_experts`](Self::map_experts).
    fn keeps_experts_mapped(&self) -> bool {
        false
    }

    /// As [`load_experts`](Self::load_experts), of weights that the backend may leave where they are and read when they
    /// are chosen, without a change to any bit.
    fn map_experts(&mut self, source: &ExpertSource) -> Result<ExpertsId, KernelError> {
        let bytes = source.joined();
        self.load_experts(source.matrices(&bytes), source.experts)
    }

    /// Takes a vector in: a norm's weights, a rope's factors.
    fn load_vector(&mut self, values: &[f32]) -> VectorId;

    /// Allocates `pages` KV pages over the layers of the full group, and `window_pages` over those of the window group.
    /// Called once.
    fn create_kv(&mut self, spec: &KvSpec, pages: usize, window_pages: usize) -> Result<(), KernelError>;

    /// Allocates `slots` recurrent states. Called once, for models that have one.
    fn create_states(&mut self, spec: &StateSpec, slots: usize) -> Result<(), KernelError>;

    /// Starts a step: takes positions, slots and block tables in, makes the batch's page copies and loads its states.
    fn begin_step(&mut self, batch: &Batch);

    /// `out[r] (=|+=) table[rows[r]] * scale`: tokens, and with positions for rows, learned positions.
    fn embed(&mut self, table: MatrixId, rows: &[TokenId], scale: f32, output: Output, out: BufId);

    /// `out[r] (=|+=) norm(x[r])`; `out` may be `x`.
    fn norm(&mut self, x: BufId, norm: Norm, output: Output, out: BufId, rows: usize);

    /// Each job: `out[r] (=|+=) epilogue(matrix . x[r])`. Quantises `x` once for all jobs.
    fn matmul(&mut self, x: BufId, jobs: &[MatmulJob], rows: usize);

    /// Norm each head of `x` `[rows, heads * head_dim]` in place.
    fn head_norm(&mut self, x: BufId, norm: HeadNorm, rows: usize);

    /// Rotates each head of `x` in place by the position of its row in the step's batch.
    fn rope(&mut self, x: BufId, heads: usize, head_dim: usize, rope: &Rope, rows: usize);

    /// Writes the step's K and V rows to their slots; `v` is not read by layers whose values are in their keys.
    fn kv_append(&mut self, layer: usize, k: BufId, v: BufId);

    /// Attention of every row of the step over its sequence's pages; `q` is `[rows, heads * head_dim]`, `out`
    /// `[rows, heads * value width]`.
    fn attend(&mut self, attend: &Attend, q: BufId, out: BufId);

    /// Makes room for attention over whole inputs in any of `layers`: `rows` rows a step in `inputs` inputs at most.
    /// Called once, in place of [`create_kv`](Self::create_kv), for models that take whole inputs.
    fn create_whole(&mut self, layers: &[KvLayer], rows: usize, inputs: usize) -> Result<(), KernelError>;

    /// Attention of every row of the step over all rows of its own sequence, which must all be in the step, at positions
    /// 0, 1, 2, ...; `qkv` are `[rows, heads * head_dim]` and twice `[rows, kv_heads * head_dim]`, `out` is as wide as
    /// q. K and V are read in f32.
    fn attend_whole(&mut self, attend: &AttendWhole, qkv: [BufId; 3], out: BufId);

    /// A causal convolution over each sequence of the step, on from its state, which moves on. As with all recurrences:
    /// the batch's snapshots are taken of the operation's part of the state.
    fn causal_conv(&mut self, f: &CausalConv);

    /// The gated delta rule over each sequence of the step.
    fn delta_net(&mut self, f: &DeltaNet);

    /// Mamba-2's scan over each sequence of the step.
    fn head_scan(&mut self, f: &HeadScan);

    /// Mamba-1's scan over each sequence of the step.
    fn channel_scan(&mut self, f: &ChannelScan);

    /// Multiplies each query, a row of `x`, by its [`QueryGrowth`] at the position of its row in the step's batch.
    fn grow(&mut self, x: BufId, growth: QueryGrowth, rows: usize);

    /// `out = activation(gate, up)`, element by element; `out` may be `gate`. Without `up`, `activation(gate)`.
    fn gate(&mut self, activation: Activation, gate: BufId, up: Option<BufId>, out: BufId, rows: usize);

    /// `x[r][h] *= activation(gate[r][h])` for each head h, all elements of which have one gate: `x` is
    /// `[rows, heads * width]`, `gate` `[rows, heads]`. No gate is xIELU.
    fn gate_heads(&mut self, activation: Activation, x: BufId, gate: BufId, rows: usize);

    /// See [`CopyHeads`].
    fn copy_heads(&mut self, f: &CopyHeads, rows: usize);

    /// Each head by a matrix of its own: `out[r][h] = matrix h . x[r][h]`, where `x` is `[rows, heads * in]` and `out`
    /// `[rows, heads * out]`.
    fn matmul_heads(&mut self, x: BufId, matrices: ExpertLinear, out: BufId, rows: usize);

    /// A mixture of experts: chooses each row's experts by its router logits, runs them, and adds up their outputs in the
    /// order of choice. A row's result depends on that row alone, however rows are grouped.
    fn expert_ffn(&mut self, f: &ExpertFfn, rows: usize);

    /// `x = cap * tanh(x / cap)`, element by element.
    fn soft_cap(&mut self, x: BufId, cap: f32, rows: usize);

    /// See [`MixStreams`].
    fn mix_streams(&mut self, f: &MixStreams, rows: usize);

    /// Makes each head of `x`, `[rows, heads * width]`, as large as `like`, `[rows, width]`: `x *= rms(like) / rms(x)`, the
    /// divisor of a mean square of [`MAGNITUDE_FLOOR`] at least.
    fn match_magnitude(&mut self, x: BufId, like: BufId, rows: usize);

    /// `x = max(0, x - cut)`, the cut so many standard deviations above the mean of the row: of normally distributed gates,
    /// the largest share stays (Gaussian top-k).
    fn cut_gates(&mut self, x: BufId, deviations: f32, rows: usize);

    /// `out[i] = x[rows[i]]`; `out` is not `x`.
    fn gather(&mut self, x: BufId, rows: &[usize], out: BufId);

    /// Copies the first `rows` rows of a buffer out, `[rows * width]`.
    fn read(&mut self, x: BufId, rows: usize, out: &mut [f32]);

    /// The best of each of the first `rows` rows of logits, if this backend finds them more cheaply than it copies rows
    /// out; `None` if not, or if they are too many.
    fn best(&mut self, _x: BufId, _rows: usize, _of: &BestOf) -> Option<Vec<BestLogits>> {
        None
    }

    /// Overwrites the first rows of a buffer: for tests and benchmarks.
    fn write(&mut self, x: BufId, values: &[f32]);

    /// Fused norm and matmul; the normed rows are left in `scratch` or nowhere.
    fn norm_matmul(&mut self, x: BufId, norm: Norm, scratch: BufId, jobs: &[MatmulJob], rows: usize) {
        self.norm(x, norm, Output::Store, scratch, rows);
        self.matmul(scratch, jobs, rows);
    }

    /// Fused head norms, rotation and cache append, between the q/k/v matmul and attention.
    fn prepare_attention(&mut self, p: &PrepareAttention, rows: usize) {
        self.prepare_heads(p, rows);
        if let Some(keys) = p.keys {
            self.kv_append(keys.layer, keys.k, keys.v);
        }
    }

    /// [`prepare_attention`](Self::prepare_attention) without the append, before attention over whole inputs.
    fn prepare_heads(&mut self, p: &PrepareAttention, rows: usize) {
        if p.norm_place == NormPlace::BeforeRope {
            self.norm_heads(p, rows);
        }
        if let Some(rope) = &p.rope {
            self.rope(p.q, p.heads, p.head_dim, rope, rows);
            if let Some(keys) = &p.keys {
                self.rope(keys.k, keys.kv_heads, p.head_dim, rope, rows);
            }
        }
        if p.norm_place == NormPlace::AfterRope {
            self.norm_heads(p, rows);
        }
        if let Some(growth) = p.growth {
            self.grow(p.q, growth, rows);
        }
        if let Some((v, norm)) = p.keys.and_then(|keys| Some((keys.v, keys.v_norm?))) {
            self.head_norm(v, norm, rows);
        }
    }

    /// The head norms of [`prepare_attention`](Self::prepare_attention).
    fn norm_heads(&mut self, p: &PrepareAttention, rows: usize) {
        let of_keys = p.keys.and_then(|keys| Some((keys.k, keys.k_norm?)));
        for (x, norm) in p.q_norm.map(|norm| (p.q, norm)).into_iter().chain(of_keys) {
            self.head_norm(x, norm, rows);
        }
    }

    /// Fused first half of a feed-forward: norm, gate and up matmuls, activation; the result is left in `gate_out`.
    fn ffn(&mut self, f: &Ffn, rows: usize) {
        let job = |linear: Linear, out| MatmulJob {
            matrix: linear.matrix,
            out,
            output: Output::Store,
            epilogue: linear.epilogue,
        };
        let jobs = [Some(job(f.gate, f.gate_out)), f.up.map(|up| job(up, f.up_out))];
        let jobs: Vec<MatmulJob> = jobs.into_iter().flatten().collect();
        match f.norm {
            Some(norm) => self.norm_matmul(f.x, norm, f.scratch, &jobs, rows),
            None => self.matmul(f.x, &jobs, rows),
        }
        self.gate(f.activation, f.gate_out, f.up.map(|_| f.up_out), f.gate_out, rows);
    }
}
