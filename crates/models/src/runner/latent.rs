//! Attention over latent rows, on a backend.
//!
//! ```text
//! q_latent          [rows, rank of queries]
//! q_key, q_rotated  [rows, heads * key part], [rows, heads * rotated part]
//! latent, rotated   [rows, rank], [rows, rotated part]
//! spread            [rows, heads * (rank | key part)]      queries in the latent space, or keys of each head
//! out               [rows, heads * value]                  of the absorbed form
//! ```
//! The rows that attention compares, keeps and makes are q, k, v and attended of [`Buffers`](super::buffers::Buffers).

use gollum_kernels::{
    Attend, BufId, CopyHeads, KernelOps, Linear, MatmulJob, Norm, NormPlace, Output, PrepareAttention,
    PrepareKeys,
};

use super::walker::Walker;
use crate::hyper::LatentParams;
use crate::plan::{LatentPlan, LatentUp};

/// See the module's text.
pub(super) struct LatentBuffers {
    q_latent: Option<BufId>,
    q_key: BufId,
    q_rotated: BufId,
    latent: BufId,
    rotated: BufId,
    spread: BufId,
    out: Option<BufId>,
}

impl LatentBuffers {
    pub fn new(ops: &mut dyn KernelOps, rows: usize, heads: usize, dims: LatentParams) -> Self {
        let LatentParams { q_rank, kv_rank, key_dim, rope_dims, value_dim, is_absorbed } = dims;
        Self {
            q_latent: q_rank.map(|rank| ops.create_buffer(rows, rank)),
            q_key: ops.create_buffer(rows, heads * key_dim),
            q_rotated: ops.create_buffer(rows, heads * rope_dims),
            latent: ops.create_buffer(rows, kv_rank),
            rotated: ops.create_buffer(rows, rope_dims),
            spread: ops.create_buffer(rows, heads * if is_absorbed { kv_rank } else { key_dim }),
            out: is_absorbed.then(|| ops.create_buffer(rows, heads * value_dim)),
        }
    }
}

impl Walker<'_> {
    /// Returns what was attended, `[rows, heads * value]`.
    pub(super) fn attend_latent(
        &mut self,
        a: &LatentPlan,
        norm: Option<Norm>,
        x: BufId,
        rows: usize,
    ) -> BufId {
        let b = self.buffers.latent.as_ref().expect("made for models with latent attention");
        let (heads, dims) = (a.heads, a.dims);
        self.project_latent(a, b, norm, (x, rows));
        let (kv_heads, v) = match &a.up {
            LatentUp::Absorbed { key, .. } => {
                self.ops.matmul_heads(b.q_key, *key, b.spread, rows);
                // Values are in the keys: nobody reads this.
                (1, b.latent)
            }
            LatentUp::Expanded { key, value } => {
                let v = self.buffers.v.of(heads * dims.value_dim);
                self.ops.matmul(b.latent, &[store(*key, b.spread), store(*value, v)], rows);
                (heads, v)
            }
        };
        let (q, k) = self.join_latent(a, b, kv_heads, rows);
        let prepare = PrepareAttention {
            q,
            heads,
            head_dim: dims.kept_key(),
            q_norm: None,
            norm_place: NormPlace::BeforeRope,
            rope: None,
            growth: a.growth,
            keys: Some(PrepareKeys { layer: a.kv_layer, k, v, kv_heads, k_norm: None, v_norm: None }),
        };
        self.ops.prepare_attention(&prepare, rows);
        let attended = self.buffers.attended.of(heads * dims.kept_value());
        let attend = Attend {
            layer: a.kv_layer,
            heads,
            scale: a.scale,
            window: a.window,
            soft_cap: None,
            slopes: None,
            sinks: None,
        };
        self.ops.attend(&attend, q, attended);
        match (&a.up, b.out) {
            (LatentUp::Absorbed { value, .. }, Some(out)) => {
                self.ops.matmul_heads(attended, *value, out, rows);
                out
            }
            _ => attended,
        }
    }

    /// Both parts of queries, the latent row, and the rotated part of keys; the latter two of all heads.
    fn project_latent(
        &mut self,
        a: &LatentPlan,
        b: &LatentBuffers,
        norm: Option<Norm>,
        (x, rows): (BufId, usize),
    ) {
        let of_queries = [store(a.q_key, b.q_key), store(a.q_rotated, b.q_rotated)];
        let mut jobs = vec![store(a.latent, b.latent), store(a.rotated, b.rotated)];
        match (&a.q_latent, b.q_latent) {
            (Some((linear, _)), Some(out)) => jobs.push(store(*linear, out)),
            _ => jobs.extend(of_queries),
        }
        match norm {
            Some(norm) => self.ops.norm_matmul(x, norm, self.buffers.scratch, &jobs, rows),
            None => self.ops.matmul(x, &jobs, rows),
        }
        if let (Some((_, norm)), Some(q)) = (&a.q_latent, b.q_latent) {
            self.ops.norm(q, *norm, Output::Store, q, rows);
            self.ops.matmul(q, &of_queries, rows);
        }
        self.ops.norm(b.latent, a.latent_norm, Output::Store, b.latent, rows);
        if let Some(rope) = &a.rope {
            self.ops.rope(b.q_rotated, a.heads, a.dims.rope_dims, rope, rows);
            self.ops.rope(b.rotated, 1, a.dims.rope_dims, rope, rows);
        }
    }

    /// `[latent or key | rotated]` of each head of q and of k; the rotated part of k is one for all heads.
    fn join_latent(
        &mut self,
        a: &LatentPlan,
        b: &LatentBuffers,
        kv_heads: usize,
        rows: usize,
    ) -> (BufId, BufId) {
        let (kept, rotated) = (a.dims.kept_key(), a.dims.rope_dims);
        let first = kept - rotated;
        let (of_q, of_k) = if a.dims.is_absorbed { (b.spread, b.latent) } else { (b.q_key, b.spread) };
        let q = self.buffers.q.of(a.heads * kept);
        let k = self.buffers.k.of(kv_heads * kept);
        let parts = [
            ((of_q, first), (q, 0), a.heads, first),
            ((b.q_rotated, rotated), (q, first), a.heads, rotated),
            ((of_k, first), (k, 0), kv_heads, first),
            ((b.rotated, 0), (k, first), kv_heads, rotated),
        ];
        for ((x, x_stride), (out, out_first), heads, width) in parts {
            let (x_first, out_stride, scale) = (0, kept, 1.0);
            let copy = CopyHeads { x, x_first, x_stride, out, out_first, out_stride, heads, width, scale };
            self.ops.copy_heads(&copy, rows);
        }
        (q, k)
    }
}

fn store(linear: Linear, out: BufId) -> MatmulJob {
    MatmulJob { matrix: linear.matrix, out, output: Output::Store, epilogue: linear.epilogue }
}
