//! Mamba-1 and Mamba-2 on a backend.

use gollum_kernels::{Activation, BufId, ChannelScan, HeadScan, Norm};

use super::recurrent::store;
use super::walker::Walker;
use crate::plan::{Mamba1Plan, Mamba2Plan, Scan};

impl Walker<'_> {
    pub(super) fn mamba1(&mut self, p: &Mamba1Plan, from: (Option<Norm>, BufId), rows: usize) -> BufId {
        let (inner, heads, n) = (p.params.inner, p.params.heads, p.params.state);
        let buffers = &self.buffers.recurrent;
        let (before, behind, z) = (buffers.before.of(inner), buffers.behind.of(inner), buffers.z.of(inner));
        let (b, c) = (buffers.first.of(n), buffers.second.of(n));
        let (low, dt) = (buffers.low.of(p.params.rank), buffers.decay.of(heads));
        self.project_all(from, &[store(p.z, z), store(p.x, before)], rows);
        self.convolve(&p.conv, before, behind);
        self.ops.matmul(behind, &[store(p.low, low), store(p.b, b), store(p.c, c)], rows);
        if let Some(norms) = p.norms {
            for (buffer, norm) in [low, b, c].into_iter().zip(norms) {
                self.ops.head_norm(buffer, norm, rows);
            }
        }
        self.ops.matmul(low, &[store(p.dt, dt)], rows);
        let (state, x, rate, skip, out) = (p.state, behind, p.rate, p.skip, before);
        match p.scan {
            Scan::Channels => {
                self.ops.channel_scan(&ChannelScan {
                    state,
                    channels: inner,
                    n,
                    x,
                    b,
                    c,
                    dt,
                    rate,
                    skip,
                    out,
                });
            }
            Scan::Heads { dt_bias } => {
                let (head_dim, groups) = (inner / heads, 1);
                let scan =
                    HeadScan { state, heads, head_dim, groups, n, x, b, c, dt, dt_bias, rate, skip, out };
                self.ops.head_scan(&scan);
            }
        }
        self.ops.gate(Activation::Silu, z, Some(before), z, rows);
        z
    }

    pub(super) fn mamba2(&mut self, p: &Mamba2Plan, from: (Option<Norm>, BufId), rows: usize) -> BufId {
        let (inner, shared, heads) = (p.params.inner, p.params.groups * p.params.state, p.params.heads);
        let buffers = &self.buffers.recurrent;
        let (before, behind, z) = (buffers.before.of(inner), buffers.behind.of(inner), buffers.z.of(inner));
        let (b_before, b) = (buffers.first_before.of(shared), buffers.first.of(shared));
        let (c_before, c) = (buffers.second_before.of(shared), buffers.second.of(shared));
        let dt = buffers.decay.of(heads);
        let jobs =
            [store(p.z, z), store(p.x, before), store(p.b, b_before), store(p.c, c_before), store(p.dt, dt)];
        self.project_all(from, &jobs, rows);
        for (conv, x, out) in
            [(&p.convs[0], before, behind), (&p.convs[1], b_before, b), (&p.convs[2], c_before, c)]
        {
            self.convolve(conv, x, out);
        }
        self.ops.head_scan(&HeadScan {
            state: p.state,
            heads,
            head_dim: inner / heads,
            groups: p.params.groups,
            n: p.params.state,
            x: behind,
            b,
            c,
            dt,
            dt_bias: p.dt_bias,
            rate: p.rate,
            skip: p.skip,
            out: before,
        });
        self.ops.gate(Activation::Silu, z, Some(before), z, rows);
        if let Some(norm) = p.out_norm {
            self.ops.head_norm(z, norm, rows);
        }
        z
    }
}
