//! Recurrences as jobs: a task is one sequence and some columns of one head's state, all of its rows.

#![allow(unsafe_code)]

use std::ops::Range;

use gollum_core::StateId;
use gollum_kernels::reference::recurrent::delta_gates;
use gollum_kernels::{
    CausalConv, ChannelScan, DeltaNet, HeadScan, KernelError, MAX_TAPS, StateSpec, math, memory_len,
};

use super::{CpuOps, Ptr};
use crate::kernels::recurrent::{ChannelWalk, Conv, Delta, HeadWalk, Save, Walk};
use crate::memory::HugeBuffer;
use crate::simd::LANES;

/// Values that a task handles at least, rows times columns of a state's chunk: some microseconds.
const TASK_VALUES: usize = 4096;

/// All states.
pub(super) struct StateRoom {
    memory: HugeBuffer,
    floats: usize,
}

impl StateRoom {
    fn state(&self, state: StateId) -> *mut f32 {
        self.memory.as_raw().cast::<f32>().wrapping_add(state.0 as usize * self.floats)
    }
}

/// How chunks of 16 columns of some heads are cut into tasks, for each sequence.
struct Cut {
    heads: usize,
    chunks: usize,
    per_task: usize,
}

impl Cut {
    /// Of `heads` heads of `columns` columns; a row of one chunk costs `values` values.
    fn new(heads: usize, columns: usize, values: usize, rows: usize) -> Self {
        let chunks = columns.div_ceil(LANES);
        Self { heads, chunks, per_task: (TASK_VALUES / (values * rows).max(1)).clamp(1, chunks) }
    }

    fn tasks(&self) -> usize {
        self.heads * self.chunks.div_ceil(self.per_task)
    }

    /// Head and chunks of a task.
    fn task(&self, task: usize) -> (usize, Range<usize>) {
        let runs = self.chunks.div_ceil(self.per_task);
        let start = task % runs * self.per_task;
        (task / runs, start..self.chunks.min(start + self.per_task))
    }
}

/// Snapshots, which tasks write disjoint parts of.
#[derive(Clone, Copy)]
struct Shared<'a>(&'a [Save]);

// SAFETY: each task writes the columns that are its own.
unsafe impl Sync for Shared<'_> {}

impl<'a> Shared<'a> {
    /// Those of some rows. A method, so that closures capture the whole.
    fn of(self, rows: Range<usize>) -> &'a [Save] {
        let from = self.0.partition_point(|save| save.row < rows.start);
        let to = self.0.partition_point(|save| save.row < rows.end);
        &self.0[from..to]
    }
}

impl CpuOps {
    pub(super) fn make_state_room(&mut self, spec: &StateSpec, slots: usize) -> Result<(), KernelError> {
        let bytes = spec.bytes().saturating_mul(slots);
        let what = "recurrent states";
        let memory = self.arena.zeroed(bytes).ok_or(KernelError::OutOfMemory { what, bytes })?;
        self.states = Some(StateRoom { memory, floats: spec.floats() });
        Ok(())
    }

    pub(super) fn load_states(&mut self) {
        let Some(room) = &self.states else { return };
        for load in &self.batch.state_loads {
            assert_ne!(load.src, load.dst, "a state is loaded from another one");
            // SAFETY: both are whole states of the room, and not the same.
            unsafe { room.state(load.dst).copy_from_nonoverlapping(room.state(load.src), room.floats) };
        }
    }

    /// Runs `f(walk, head, chunks)` for every sequence of the step and every task of the cut.
    fn for_states(&self, end: usize, cut: &Cut, f: &(dyn Fn(Walk<'_>, usize, Range<usize>) + Sync)) {
        let room = self.states.as_ref().expect("`create_states` was called");
        assert!(end <= room.floats, "values up to {end} of a state of {}", room.floats);
        let saves: Vec<Save> = self
            .batch
            .state_saves
            .iter()
            .map(|save| Save { row: save.row, state: room.state(save.dst) })
            .collect();
        let (spans, tasks) = (&self.batch.sequences, cut.tasks());
        let saves = Shared(&saves);
        self.pool.for_each(spans.len() * tasks, &|task| {
            let span = &spans[task / tasks];
            let walk = Walk {
                first_row: span.query_start,
                rows: span.query_len,
                is_new: self.batch.positions[span.query_start] == 0,
                state: room.state(span.state.expect("a sequence of a model with states has one")),
                saves: saves.of(span.query_start..span.query_start + span.query_len),
            };
            let (head, chunks) = cut.task(task % tasks);
            f(walk, head, chunks);
        });
    }

    /// Rows that a sequence of the step has on average, for the size of tasks.
    fn rows_each(&self) -> usize {
        self.batch.num_tokens() / self.batch.sequences.len().max(1)
    }

    pub(super) fn run_conv(&mut self, f: &CausalConv) {
        assert!((2..=MAX_TAPS).contains(&f.taps), "{} taps", f.taps);
        assert!(!self.share_memory(f.x, f.out), "a convolution reads rows that it has written already");
        let (rows, channels) = (self.batch.num_tokens(), f.channels);
        let (x, out) = (self.ptr(f.x, rows, channels), self.ptr(f.out, rows, channels));
        assert_eq!(self.vectors[f.weight.0].len(), f.taps * channels, "weights of a convolution");
        let (weight, bias) = (self.vector_ptr(Some(f.weight)), self.bias_ptr(f.bias, channels));
        let cut = Cut::new(1, channels, f.taps * LANES, self.rows_each());
        let isa = self.isa;
        let end = f.state + CausalConv::state_len(channels, f.taps);
        self.for_states(end, &cut, &|walk, _, chunks| {
            isa.run(Conv {
                walk,
                at: f.state,
                chunks,
                channels,
                taps: f.taps,
                weight: weight.at(0),
                bias: bias.at(0),
                silu: f.silu,
                x: x.at(0),
                out: out.at(0),
            });
        });
    }

    /// A pair of numbers for each row and head.
    fn gates(
        &self,
        rows: usize,
        heads: usize,
        f: &(dyn Fn(usize, usize) -> (f32, f32) + Sync),
    ) -> Vec<(f32, f32)> {
        let mut gates = vec![(0.0, 0.0); rows * heads];
        let target = Ptr(gates.as_mut_ptr());
        // Two transcendental functions each.
        self.for_rows(rows, heads * 32, &|row| {
            // SAFETY: each task has a row of its own.
            let of_row = unsafe { std::slice::from_raw_parts_mut(target.at(row * heads), heads) };
            of_row.iter_mut().enumerate().for_each(|(head, gate)| *gate = f(row, head));
        });
        gates
    }

    pub(super) fn run_delta(&mut self, f: &DeltaNet) {
        let rows = self.batch.num_tokens();
        let (k_width, v_width) = (f.k_heads * f.d_k, f.heads * f.d_v);
        let (q, k) = (self.ptr(f.q, rows, k_width), self.ptr(f.k, rows, k_width));
        let (v, out) = (self.ptr(f.v, rows, v_width), self.ptr(f.out, rows, v_width));
        let (decay, write) = (self.ptr(f.decay, rows, f.heads), self.ptr(f.write, rows, f.heads));
        let (rate, dt_bias) = (&self.vectors[f.rate.0], &self.vectors[f.dt_bias.0]);
        assert_eq!((rate.len(), dt_bias.len()), (f.heads, f.heads), "gates of a delta net");
        let gates = self.gates(rows, f.heads, &|row, head| {
            // SAFETY: the row exists.
            let (decay, write) =
                unsafe { (*decay.at(row * f.heads + head), *write.at(row * f.heads + head)) };
            delta_gates(decay, write, rate[head], dt_bias[head])
        });
        let gates = Ptr(gates.as_ptr().cast_mut());
        let cut = Cut::new(f.heads, f.d_v, f.d_k * LANES, self.rows_each());
        let (isa, memory) = (self.isa, memory_len(1, f.d_k, f.d_v));
        let end = f.state + memory_len(f.heads, f.d_k, f.d_v);
        self.for_states(end, &cut, &|walk, head, chunks| {
            isa.run(Delta {
                walk,
                at: f.state + head * memory,
                chunks,
                d_k: f.d_k,
                d_v: f.d_v,
                q: q.at(f.k_head(head) * f.d_k),
                k: k.at(f.k_head(head) * f.d_k),
                k_stride: k_width,
                v: v.at(head * f.d_v),
                out: out.at(head * f.d_v),
                v_stride: v_width,
                gates: gates.at(head),
                gate_stride: f.heads,
            });
        });
    }

    pub(super) fn run_head_scan(&mut self, f: &HeadScan) {
        let rows = self.batch.num_tokens();
        let (width, shared) = (f.heads * f.head_dim, f.groups * f.n);
        let (x, out) = (self.ptr(f.x, rows, width), self.ptr(f.out, rows, width));
        let (b, c) = (self.ptr(f.b, rows, shared), self.ptr(f.c, rows, shared));
        let dt = self.ptr(f.dt, rows, f.heads);
        let [rate, dt_bias, skip] = [f.rate, f.dt_bias, f.skip].map(|v| &self.vectors[v.0]);
        assert!([rate, dt_bias, skip].iter().all(|v| v.len() == f.heads), "a value for each head");
        let gates = self.gates(rows, f.heads, &|row, head| {
            // SAFETY: the row exists.
            let dt = unsafe { math::softplus(*dt.at(row * f.heads + head) + dt_bias[head]) };
            (math::exp(dt * rate[head]), dt)
        });
        let gates = Ptr(gates.as_ptr().cast_mut());
        let cut = Cut::new(f.heads, f.head_dim, f.n * LANES, self.rows_each());
        let (isa, memory) = (self.isa, memory_len(1, f.n, f.head_dim));
        let end = f.state + memory_len(f.heads, f.n, f.head_dim);
        self.for_states(end, &cut, &|walk, head, chunks| {
            let group = head / (f.heads / f.groups) * f.n;
            isa.run(HeadWalk {
                walk,
                at: f.state + head * memory,
                chunks,
                n: f.n,
                head_dim: f.head_dim,
                b: b.at(group),
                c: c.at(group),
                b_stride: shared,
                x: x.at(head * f.head_dim),
                out: out.at(head * f.head_dim),
                x_stride: width,
                gates: gates.at(head),
                gate_stride: f.heads,
                skip: skip[head],
            });
        });
    }

    pub(super) fn run_channel_scan(&mut self, f: &ChannelScan) {
        let (rows, width) = (self.batch.num_tokens(), f.channels);
        let (x, out) = (self.ptr(f.x, rows, width), self.ptr(f.out, rows, width));
        let (b, c) = (self.ptr(f.b, rows, f.n), self.ptr(f.c, rows, f.n));
        let (rate, skip) = (&self.vectors[f.rate.0], &self.vectors[f.skip.0]);
        assert_eq!((rate.len(), skip.len()), (f.n * width, width), "rates of a scan");
        let dt = self.ptr(f.dt, rows, width);
        let cut = Cut::new(1, width, 4 * f.n * LANES, self.rows_each());
        let isa = self.isa;
        let (rate, skip) = (Ptr(rate.as_ptr().cast_mut()), Ptr(skip.as_ptr().cast_mut()));
        self.for_states(f.state + memory_len(1, f.n, width), &cut, &|walk, _, chunks| {
            isa.run(ChannelWalk {
                walk,
                at: f.state,
                chunks,
                n: f.n,
                channels: width,
                b: b.at(0),
                c: c.at(0),
                x: x.at(0),
                out: out.at(0),
                dt: dt.at(0),
                rate: rate.at(0),
                skip: skip.at(0),
            });
        });
    }
}
