//! Recurrences, a row at a time. States lie here as the formulas have them, without padding.

use super::ReferenceOps;
use crate::{CausalConv, ChannelScan, DeltaNet, HeadScan, math};

/// Partial sums of a memory's rows: term `i` goes to sum `i % 4`.
pub const SUM_PARTS: usize = 4;

/// The four partial sums as one.
fn joined(parts: [f32; SUM_PARTS]) -> f32 {
    (parts[0] + parts[2]) + (parts[1] + parts[3])
}

/// One row through a convolution. `history` is `[taps - 1, channels]`, oldest first; `weight` `[taps, channels]`.
pub fn conv_row(
    (weight, bias): (&[f32], Option<&[f32]>),
    silu: bool,
    history: &mut [f32],
    x: &[f32],
    out: &mut [f32],
) {
    let channels = x.len();
    let past = history.len() / channels;
    for c in 0..channels {
        let mut y = bias.map_or(0.0, |bias| bias[c]);
        for j in 0..past {
            y = f32::mul_add(weight[j * channels + c], history[j * channels + c], y);
        }
        y = f32::mul_add(weight[past * channels + c], x[c], y);
        out[c] = if silu { math::activate(crate::Activation::Silu, y) } else { y };
    }
    history.copy_within(channels.., 0);
    history[(past - 1) * channels..].copy_from_slice(x);
}

/// One row of one head of the delta rule. `s` is `[k.len(), v.len()]`.
pub fn delta_row(
    s: &mut [f32],
    q: &[f32],
    k: &[f32],
    v: &[f32],
    (decay, write): (f32, f32),
    out: &mut [f32],
) {
    let d_v = v.len();
    for j in 0..d_v {
        let mut parts = [0.0f32; SUM_PARTS];
        for (i, &k) in k.iter().enumerate() {
            let cell = &mut s[i * d_v + j];
            *cell *= decay;
            parts[i % SUM_PARTS] = f32::mul_add(k, *cell, parts[i % SUM_PARTS]);
        }
        let delta = (v[j] - joined(parts)) * write;
        let mut parts = [0.0f32; SUM_PARTS];
        for (i, (&k, &q)) in k.iter().zip(q).enumerate() {
            let cell = &mut s[i * d_v + j];
            *cell = f32::mul_add(k, delta, *cell);
            parts[i % SUM_PARTS] = f32::mul_add(q, *cell, parts[i % SUM_PARTS]);
        }
        out[j] = joined(parts);
    }
}

/// Decay and write strength of a head at a row.
pub fn delta_gates(decay: f32, write: f32, rate: f32, dt_bias: f32) -> (f32, f32) {
    (math::exp(rate * math::softplus(decay + dt_bias)), math::sigmoid(write))
}

/// The decay of a row of a memory, in a column.
type Decay<'a> = &'a dyn Fn(usize, usize) -> f32;

/// One row of one head, or of all channels, of a scan. `s` is `[b.len(), x.len()]`; `decay` gives that of a row of the
/// memory and a column.
pub fn scan_row(
    s: &mut [f32],
    (b, c): (&[f32], &[f32]),
    (x, skip): (&[f32], &dyn Fn(usize) -> f32),
    (dt, decay): (&dyn Fn(usize) -> f32, Decay<'_>),
    out: &mut [f32],
) {
    let width = x.len();
    for j in 0..width {
        let mut parts = [0.0f32; SUM_PARTS];
        let input = dt(j) * x[j];
        for (i, (&b, &c)) in b.iter().zip(c).enumerate() {
            let cell = &mut s[i * width + j];
            *cell = f32::mul_add(b, input, *cell * decay(i, j));
            parts[i % SUM_PARTS] = f32::mul_add(c, *cell, parts[i % SUM_PARTS]);
        }
        out[j] = f32::mul_add(skip(j), x[j], joined(parts));
    }
}

impl ReferenceOps {
    /// Walks the step's rows in order with the `len` values of each sequence's state from `start` on.
    fn over_states(&mut self, start: usize, len: usize, mut f: impl FnMut(&Self, usize, &mut [f32])) {
        for index in 0..self.batch.sequences.len() {
            let span = self.batch.sequences[index].clone();
            let own = span.state.expect("a sequence of a model with states has one").0 as usize;
            let at = |slot: usize| slot * self.state_floats + start..slot * self.state_floats + start + len;
            let mut state = match self.batch.positions[span.query_start] {
                0 => vec![0.0; len],
                _ => self.states[at(own)].to_vec(),
            };
            for row in span.query_start..span.query_start + span.query_len {
                f(self, row, &mut state);
                if let Some(save) = self.batch.state_saves.iter().find(|save| save.row == row) {
                    let dst = save.dst.0 as usize;
                    self.states[dst * self.state_floats + start..][..len].copy_from_slice(&state);
                }
            }
            self.states[own * self.state_floats + start..][..len].copy_from_slice(&state);
        }
    }

    pub(super) fn run_conv(&mut self, f: &CausalConv) {
        let (rows, channels) = (self.batch.num_tokens(), f.channels);
        let mut out = vec![0.0; rows * channels];
        self.over_states(f.state, (f.taps - 1) * channels, |ops, row, history| {
            let x = ops.row(f.x, row, channels);
            let bias = f.bias.map(|b| ops.vectors[b.0].as_slice());
            let out = &mut out[row * channels..(row + 1) * channels];
            conv_row((&ops.vectors[f.weight.0], bias), f.silu, history, x, out);
        });
        self.buffers[f.out.0].values[..out.len()].copy_from_slice(&out);
    }

    pub(super) fn run_delta(&mut self, f: &DeltaNet) {
        let (rows, width) = (self.batch.num_tokens(), f.heads * f.d_v);
        let mut out = vec![0.0; rows * width];
        let memory = f.d_k * f.d_v;
        self.over_states(f.state, f.heads * memory, |ops, row, state| {
            let q = ops.row(f.q, row, f.k_heads * f.d_k);
            let k = ops.row(f.k, row, f.k_heads * f.d_k);
            let v = ops.row(f.v, row, width);
            let (decay, write) = (ops.row(f.decay, row, f.heads), ops.row(f.write, row, f.heads));
            for head in 0..f.heads {
                let (rate, dt_bias) = (ops.vectors[f.rate.0][head], ops.vectors[f.dt_bias.0][head]);
                let of_k = f.k_head(head) * f.d_k..(f.k_head(head) + 1) * f.d_k;
                let of_v = head * f.d_v..(head + 1) * f.d_v;
                delta_row(
                    &mut state[head * memory..(head + 1) * memory],
                    &q[of_k.clone()],
                    &k[of_k],
                    &v[of_v.clone()],
                    delta_gates(decay[head], write[head], rate, dt_bias),
                    &mut out[row * width..][of_v],
                );
            }
        });
        self.buffers[f.out.0].values[..out.len()].copy_from_slice(&out);
    }

    pub(super) fn run_head_scan(&mut self, f: &HeadScan) {
        let (rows, width) = (self.batch.num_tokens(), f.heads * f.head_dim);
        let mut out = vec![0.0; rows * width];
        let memory = f.n * f.head_dim;
        self.over_states(f.state, f.heads * memory, |ops, row, state| {
            let x = ops.row(f.x, row, width);
            let (b, c) = (ops.row(f.b, row, f.groups * f.n), ops.row(f.c, row, f.groups * f.n));
            let dt = ops.row(f.dt, row, f.heads);
            for head in 0..f.heads {
                let group = head / (f.heads / f.groups);
                let of_group = group * f.n..(group + 1) * f.n;
                let of_head = head * f.head_dim..(head + 1) * f.head_dim;
                let dt = math::softplus(dt[head] + ops.vectors[f.dt_bias.0][head]);
                let decay = math::exp(dt * ops.vectors[f.rate.0][head]);
                let skip = ops.vectors[f.skip.0][head];
                scan_row(
                    &mut state[head * memory..(head + 1) * memory],
                    (&b[of_group.clone()], &c[of_group]),
                    (&x[of_head.clone()], &|_| skip),
                    (&|_| dt, &|_, _| decay),
                    &mut out[row * width..][of_head],
                );
            }
        });
        self.buffers[f.out.0].values[..out.len()].copy_from_slice(&out);
    }

    pub(super) fn run_channel_scan(&mut self, f: &ChannelScan) {
        let (rows, width) = (self.batch.num_tokens(), f.channels);
        let mut out = vec![0.0; rows * width];
        self.over_states(f.state, f.n * width, |ops, row, state| {
            let (b, c) = (ops.row(f.b, row, f.n), ops.row(f.c, row, f.n));
            let dt: Vec<f32> = ops.row(f.dt, row, width).iter().map(|&dt| math::softplus(dt)).collect();
            let (rate, skip) = (&ops.vectors[f.rate.0], &ops.vectors[f.skip.0]);
            scan_row(
                state,
                (b, c),
                (ops.row(f.x, row, width), &|j| skip[j]),
                (&|j| dt[j], &|i, j| math::exp(dt[j] * rate[i * width + j])),
                &mut out[row * width..(row + 1) * width],
            );
        });
        self.buffers[f.out.0].values[..out.len()].copy_from_slice(&out);
    }
}
