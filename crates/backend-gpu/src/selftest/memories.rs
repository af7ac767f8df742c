//! What moving the memories of recurrences on costs: by one token of one sequence, and of eight, and by a prompt.

use gollum_core::{Batch, SequenceSpan, StateId};
use gollum_kernels::{BufId, ChannelScan, DeltaNet, HeadScan, KernelOps, StateSpec, VectorId, memory_len};

use super::speeds::{Speed, best_seconds};
use crate::device::DeviceKind;
use crate::ops::{Gpu, GpuOps};
use crate::shaders::Memory;

/// Sequences, and rows of each.
const STEPS: [(usize, usize); 3] = [(1, 1), (8, 1), (1, 64)];

/// Values of all layers' memories of a sequence: more than caches hold.
const VALUES: usize = 32 << 20;

/// A memory of `heads` matrices of `n` rows by `columns`; of channels one matrix.
struct Shape {
    name: &'static str,
    of: Memory,
    heads: usize,
    n: usize,
    columns: usize,
}

/// As in Qwen3-Next, Mamba-2 2.7B and Mamba 2.8B.
const SHAPES: [Shape; 3] = [
    Shape { name: "delta_net", of: Memory::Delta, heads: 32, n: 128, columns: 128 },
    Shape { name: "head_scan", of: Memory::Heads, heads: 80, n: 128, columns: 64 },
    Shape { name: "channel_scan", of: Memory::Channels, heads: 1, n: 16, columns: 5120 },
];

/// Every shape by every step; on software drivers, of memories in one layer.
pub fn memory_speeds(gpu: &Gpu) -> Vec<Speed> {
    SHAPES.iter().flat_map(|shape| STEPS.map(|step| speed(gpu, shape, step))).collect()
}

fn batch((sequences, rows): (usize, usize)) -> Batch {
    let span = |index: usize| SequenceSpan {
        query_start: index * rows,
        query_len: rows,
        context_len: rows,
        table_start: 0,
        table_len: 0,
        state: Some(StateId(index as u32)),
    };
    // Not from the beginning, so that states are read.
    let positions = (0..sequences).flat_map(|_| 1..=rows as u32).collect();
    Batch {
        tokens: vec![0; sequences * rows],
        positions,
        sequences: (0..sequences).map(span).collect(),
        ..Batch::default()
    }
}

fn speed(gpu: &Gpu, shape: &Shape, step: (usize, usize)) -> Speed {
    let what =
        format!("{} {}x{}x{} by {}x{}", shape.name, shape.heads, shape.n, shape.columns, step.0, step.1);
    let len = memory_len(shape.heads, shape.n, shape.columns);
    let layers = if gpu.info().kind == DeviceKind::Software { 1 } else { VALUES.div_ceil(len * step.0) };
    let mut ops = GpuOps::new(gpu);
    if ops.create_states(&StateSpec { parts: vec![len; layers] }, step.0).is_err() {
        return Speed::unknown(what);
    }
    let (run, out) = layer(&mut ops, shape, step.0 * step.1);
    ops.begin_step(&batch(step));
    let all = |ops: &mut GpuOps| (0..layers).for_each(|layer| run(ops, layer * len));
    let seconds = best_seconds(&mut ops, out, all) / layers as f64;
    // Of each cell and row: decay, what is added and what is read; a delta net reads twice.
    let operations = if shape.of == Memory::Delta { 7 } else { 5 };
    Speed {
        what,
        us: seconds * 1e6,
        gb_per_s: (2 * size_of::<f32>() * len * step.0) as f64 / seconds / 1e9,
        gflops: (operations * len * step.0 * step.1) as f64 / seconds / 1e9,
    }
}

/// Runs one layer, whose memory begins there in a state.
type Run = Box<dyn Fn(&mut GpuOps, usize)>;

/// The inputs of a layer, and what runs it. Contents are of no matter to speed.
fn layer(ops: &mut GpuOps, shape: &Shape, rows: usize) -> (Run, BufId) {
    let &Shape { of, heads, n, columns, .. } = shape;
    let (gates, rates) = if of == Memory::Channels { (columns, n * columns) } else { (heads, heads) };
    let mut buffer = |width: usize| {
        let x = ops.create_buffer(rows, width);
        ops.write(x, &vec![0.01; rows * width]);
        x
    };
    let [x, out] = [heads * columns; 2].map(&mut buffer);
    let [b, c] = [n; 2].map(&mut buffer);
    let [d, write] = [gates; 2].map(&mut buffer);
    let rate: VectorId = ops.load_vector(&vec![-0.5; rates]);
    let of_gates = ops.load_vector(&vec![0.1; gates]);
    let run: Run = match of {
        Memory::Delta => {
            let f = DeltaNet {
                state: 0,
                k_heads: 1,
                heads,
                d_k: n,
                d_v: columns,
                is_tiled: false,
                q: c,
                k: b,
                v: x,
                decay: d,
                write,
                rate,
                dt_bias: of_gates,
                out,
            };
            Box::new(move |ops, state| ops.delta_net(&DeltaNet { state, ..f }))
        }
        Memory::Heads => {
            let (head_dim, groups, dt_bias, skip) = (columns, 1, of_gates, of_gates);
            let f =
                HeadScan { state: 0, heads, head_dim, groups, n, x, b, c, dt: d, dt_bias, rate, skip, out };
            Box::new(move |ops, state| ops.head_scan(&HeadScan { state, ..f }))
        }
        Memory::Channels => {
            let f = ChannelScan { state: 0, channels: columns, n, x, b, c, dt: d, rate, skip: of_gates, out };
            Box::new(move |ops, state| ops.channel_scan(&ChannelScan { state, ..f }))
        }
    };
    (run, out)
}
