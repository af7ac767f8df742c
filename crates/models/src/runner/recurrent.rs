//! Recurrent parts on a backend.
//!
//! ```text
//! short conv   b, c, x = in(x);            y = c * conv(b * x)
//! delta net    q, k, v, z, gates = in(x);  y = norm(delta(norm(conv q), norm(conv k), conv v)) * silu(z)
//! Mamba-1      z, x = in(x);  b, c, dt = of(conv x);  y = scan(conv x, b, c, dt) * silu(z)        see mamba.rs
//! Mamba-2      z, x, b, c, dt = in(x);     y = norm(scan(conv x, conv b, conv c, dt) * silu(z))
//! ```

use gollum_kernels::{Activation, BufId, CausalConv, DeltaNet, KernelOps, Linear, MatmulJob, Norm, Output};

use super::buffers::Widths;
use super::walker::Walker;
use crate::plan::{ConvPlan, DeltaPlan, PartPlan, Plan, RecurrentKind, RecurrentPlan, ShortConvPlan};

/// Buffers of recurrent parts.
pub(super) struct RecurrentBuffers {
    /// `[max_batch_tokens, inner]`: before and behind the convolution, and the gate, which becomes the result.
    pub before: Widths,
    pub behind: Widths,
    pub z: Widths,
    /// `[max_batch_tokens, groups * state]`: q or b, and k or c.
    pub first_before: Widths,
    pub first: Widths,
    pub second_before: Widths,
    pub second: Widths,
    /// `[max_batch_tokens, heads]`.
    pub decay: Widths,
    write: Widths,
    /// `[max_batch_tokens, rank]`.
    pub low: Widths,
}

impl RecurrentBuffers {
    pub fn new(ops: &mut dyn KernelOps, plan: &Plan, rows: usize) -> Self {
        let parts = || {
            let branches = plan.layers.iter().flatten();
            branches.flat_map(|b| [&b.first, &b.beside]).flatten().filter_map(|step| match &step.part {
                PartPlan::Recurrent(recurrent) => Some(recurrent),
                _ => None,
            })
        };
        let params = || {
            parts().filter_map(|part| match &part.kind {
                RecurrentKind::ShortConv(_) => None,
                RecurrentKind::Delta(delta) => Some(delta.params),
                RecurrentKind::Mamba1(mamba) => Some(mamba.params),
                RecurrentKind::Mamba2(mamba) => Some(mamba.params),
            })
        };
        let inner = || parts().map(|part| part.inner);
        let shared = || params().map(|p| p.groups * p.state);
        let heads = || params().map(|p| p.heads);
        Self {
            before: Widths::new(ops, rows, inner()),
            behind: Widths::new(ops, rows, inner()),
            z: Widths::new(ops, rows, inner()),
            first_before: Widths::new(ops, rows, shared()),
            first: Widths::new(ops, rows, shared()),
            second_before: Widths::new(ops, rows, shared()),
            second: Widths::new(ops, rows, shared()),
            decay: Widths::new(ops, rows, heads()),
            write: Widths::new(ops, rows, params().filter(|p| p.rank == 0).map(|p| p.heads)),
            low: Widths::new(ops, rows, params().map(|p| p.rank)),
        }
    }

    /// A buffer that is free once a part has its result.
    pub fn spare(&self, inner: usize) -> BufId {
        self.behind.of(inner)
    }
}

pub(super) fn store(linear: Linear, out: BufId) -> MatmulJob {
    MatmulJob { matrix: linear.matrix, out, output: Output::Store, epilogue: linear.epilogue }
}

impl Walker<'_> {
    /// Runs a recurrent part over all rows; returns what `output` is multiplied with.
    pub(super) fn recur(&mut self, part: &RecurrentPlan, norm: Option<Norm>, x: BufId, rows: usize) -> BufId {
        match &part.kind {
            RecurrentKind::ShortConv(conv) => self.short_conv(conv, part.inner, (norm, x), rows),
            RecurrentKind::Delta(delta) => self.delta_net(delta, (norm, x), rows),
            RecurrentKind::Mamba1(mamba) => self.mamba1(mamba, (norm, x), rows),
            RecurrentKind::Mamba2(mamba) => self.mamba2(mamba, (norm, x), rows),
        }
    }

    pub(super) fn project_all(&mut self, (norm, x): (Option<Norm>, BufId), jobs: &[MatmulJob], rows: usize) {
        match norm {
            Some(norm) => self.ops.norm_matmul(x, norm, self.buffers.scratch, jobs, rows),
            None => self.ops.matmul(x, jobs, rows),
        }
    }

    pub(super) fn convolve(&mut self, conv: &ConvPlan, x: BufId, out: BufId) {
        let &ConvPlan { state, channels, taps, weight, bias, silu } = conv;
        self.ops.causal_conv(&CausalConv { state, channels, taps, weight, bias, silu, x, out });
    }

    fn short_conv(
        &mut self,
        p: &ShortConvPlan,
        inner: usize,
        from: (Option<Norm>, BufId),
        rows: usize,
    ) -> BufId {
        let b = &self.buffers.recurrent;
        let (before, behind, z) = (b.before.of(inner), b.behind.of(inner), b.z.of(inner));
        self.project_all(from, &[store(p.b, before), store(p.x, behind), store(p.c, z)], rows);
        self.ops.gate(Activation::Identity, before, Some(behind), before, rows);
        self.convolve(&p.conv, before, behind);
        self.ops.gate(Activation::Identity, z, Some(behind), z, rows);
        z
    }

    fn delta_net(&mut self, p: &DeltaPlan, from: (Option<Norm>, BufId), rows: usize) -> BufId {
        let (inner, keys, heads) = (p.params.inner, p.params.groups * p.params.state, p.params.heads);
        let b = &self.buffers.recurrent;
        let (before, behind, z) = (b.before.of(inner), b.behind.of(inner), b.z.of(inner));
        let (q_before, q) = (b.first_before.of(keys), b.first.of(keys));
        let (k_before, k) = (b.second_before.of(keys), b.second.of(keys));
        let (decay, write) = (b.decay.of(heads), b.write.of(heads));
        let jobs = [
            store(p.q, q_before),
            store(p.k, k_before),
            store(p.v, before),
            store(p.z, z),
            store(p.decay, decay),
            store(p.write, write),
        ];
        self.project_all(from, &jobs, rows);
        for (conv, x, out) in
            [(&p.convs[0], q_before, q), (&p.convs[1], k_before, k), (&p.convs[2], before, behind)]
        {
            self.convolve(conv, x, out);
        }
        self.ops.head_norm(q, p.q_norm, rows);
        self.ops.head_norm(k, p.k_norm, rows);
        self.ops.delta_net(&DeltaNet {
            state: p.state,
            k_heads: p.params.groups,
            heads,
            d_k: p.params.state,
            d_v: inner / heads,
            is_tiled: p.is_tiled,
            q,
            k,
            v: behind,
            decay,
            write,
            rate: p.rate,
            dt_bias: p.dt_bias,
            out: before,
        });
        self.ops.head_norm(before, p.out_norm, rows);
        self.ops.gate(Activation::Silu, z, Some(before), z, rows);
        z
    }
}
