//! Recurrences: a decode reads and writes the whole state of a layer for each token, a prefill keeps it in a cache.
//!
//! Bound of a decode: twice the state's bytes over the bandwidth. Bound of a prefill: the operations on each value of the
//! state, over the rate of f32 FMAs.

use gollum_backend_cpu::CpuOps;
use gollum_core::{Batch, SequenceSpan, StateId};
use gollum_kernels::conformance::Rng;
use gollum_kernels::{BufId, ChannelScan, DeltaNet, HeadScan, KernelOps, StateSpec, VectorId, memory_len};

use crate::{Wish, best_of};

/// Bytes of state that a call goes through: more than any cache holds.
const WORKING_SET_BYTES: usize = 256 << 20;
/// Sequences, and new rows of each: a decode alone, with others, a prefill.
const CASES: &[(usize, usize)] = &[(1, 1), (16, 1), (1, 256)];

/// A layer of a known shape.
#[derive(Clone, Copy)]
enum Layer {
    /// Qwen3.5-35B-A3B: value heads and key heads, 128 x 128 each.
    Delta { heads: usize, k_heads: usize, dim: usize },
    /// Nemotron 3 Nano: heads of a width, over `n` rows, in groups.
    Heads { heads: usize, dim: usize, n: usize, groups: usize },
    /// Falcon-Mamba: channels over `n` rows.
    Channels { channels: usize, n: usize },
}

const LAYERS: &[(&str, Layer)] = &[
    ("delta", Layer::Delta { heads: 32, k_heads: 16, dim: 128 }),
    ("mamba-2", Layer::Heads { heads: 64, dim: 64, n: 128, groups: 8 }),
    ("mamba-1", Layer::Channels { channels: 8192, n: 16 }),
];

impl Layer {
    /// Values of its memory.
    fn floats(self) -> usize {
        match self {
            Self::Delta { heads, dim, .. } => memory_len(heads, dim, dim),
            Self::Heads { heads, dim, n, .. } => memory_len(heads, n, dim),
            Self::Channels { channels, n } => memory_len(1, n, channels),
        }
    }

    /// Additions and multiplications for each value of the memory and row: the delta rule fades it, reads it twice and
    /// adds to it; the scans fade it, add to it and read it once.
    fn operations(self) -> f64 {
        match self {
            Self::Delta { .. } => 7.0,
            Self::Heads { .. } | Self::Channels { .. } => 5.0,
        }
    }
}

pub fn run(wish: &Wish) {
    println!(
        "\n{:9} {:>8} {:>5} {:>5} {:>9} {:>9} {:>7} {:>9} {:>7}",
        "recurrent", "KiB", "seqs", "new", "us", "GB/s", "share", "G op/s", "share"
    );
    for &(name, layer) in LAYERS {
        for &case in CASES {
            report(wish, name, layer, case);
        }
    }
}

fn report(wish: &Wish, name: &str, layer: Layer, (sequences, new): (usize, usize)) {
    let bytes = layer.floats() * size_of::<f32>();
    let layers = (WORKING_SET_BYTES / (bytes * sequences)).max(1);
    let rows = sequences * new;
    let mut ops = CpuOps::new(&wish.config).unwrap();
    ops.create_states(&StateSpec { parts: vec![layer.floats(); layers] }, sequences).unwrap();
    ops.begin_step(&batch(sequences, new));
    let mut room = Room { rng: Rng::new(1), ops: &mut ops, rows };
    let scan = room.scan(layer);
    let seconds = best_of(5, || (0..layers).for_each(|at| scan.run(&mut ops, at * layer.floats())));
    let seconds = seconds / layers as f64;
    let moved = (2 * bytes * sequences) as f64 / seconds / 1e9;
    let rate = layer.operations() * (layer.floats() * rows) as f64 / seconds / 1e9;
    let c = &wish.ceilings;
    println!(
        "{name:9} {:>8} {sequences:>5} {new:>5} {:>9.1} {moved:>9.2} {:>6.0}% {rate:>9.1} {:>6.0}%",
        bytes >> 10,
        seconds * 1e6,
        100.0 * moved / c.read_gb_s,
        100.0 * rate / c.fma_gop_s,
    );
}

enum Scan {
    Delta(DeltaNet),
    Heads(HeadScan),
    Channels(ChannelScan),
}

impl Scan {
    fn run(&self, ops: &mut CpuOps, state: usize) {
        match *self {
            Self::Delta(f) => ops.delta_net(&DeltaNet { state, ..f }),
            Self::Heads(f) => ops.head_scan(&HeadScan { state, ..f }),
            Self::Channels(f) => ops.channel_scan(&ChannelScan { state, ..f }),
        }
    }
}

struct Room<'a> {
    rng: Rng,
    ops: &'a mut CpuOps,
    rows: usize,
}

impl Room<'_> {
    fn buffer(&mut self, width: usize) -> BufId {
        let buffer = self.ops.create_buffer(self.rows, width);
        let values: Vec<f32> = (0..self.rows * width).map(|_| 0.1 * self.rng.unit()).collect();
        self.ops.write(buffer, &values);
        buffer
    }

    fn vector(&mut self, len: usize) -> VectorId {
        self.ops.load_vector(&vec![-0.5; len])
    }

    fn scan(&mut self, layer: Layer) -> Scan {
        match layer {
            Layer::Delta { heads, k_heads, dim } => Scan::Delta(DeltaNet {
                state: 0,
                k_heads,
                heads,
                d_k: dim,
                d_v: dim,
                is_tiled: true,
                q: self.buffer(k_heads * dim),
                k: self.buffer(k_heads * dim),
                v: self.buffer(heads * dim),
                decay: self.buffer(heads),
                write: self.buffer(heads),
                rate: self.vector(heads),
                dt_bias: self.vector(heads),
                out: self.buffer(heads * dim),
            }),
            Layer::Heads { heads, dim, n, groups } => Scan::Heads(HeadScan {
                state: 0,
                heads,
                head_dim: dim,
                groups,
                n,
                x: self.buffer(heads * dim),
                b: self.buffer(groups * n),
                c: self.buffer(groups * n),
                dt: self.buffer(heads),
                dt_bias: self.vector(heads),
                rate: self.vector(heads),
                skip: self.vector(heads),
                out: self.buffer(heads * dim),
            }),
            Layer::Channels { channels, n } => Scan::Channels(ChannelScan {
                state: 0,
                channels,
                n,
                x: self.buffer(channels),
                b: self.buffer(n),
                c: self.buffer(n),
                dt: self.buffer(channels),
                rate: self.vector(n * channels),
                skip: self.vector(channels),
                out: self.buffer(channels),
            }),
        }
    }
}

/// The step that applies `new` rows to each sequence's state, from its beginning on.
fn batch(sequences: usize, new: usize) -> Batch {
    let mut batch = Batch::default();
    for sequence in 0..sequences {
        batch.sequences.push(SequenceSpan {
            query_start: batch.tokens.len(),
            query_len: new,
            // Not the beginning: the state is read, too.
            context_len: 16 + new,
            table_start: 0,
            table_len: 0,
            state: Some(StateId(sequence as u32)),
        });
        batch.tokens.extend(vec![0; new]);
        batch.positions.extend(16..16 + new as u32);
    }
    batch
}
