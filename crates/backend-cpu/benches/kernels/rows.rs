//! What lies between the matrices: norms, rotation, activations, embeddings.

use gollum_backend_cpu::CpuOps;
use gollum_core::{Batch, PageId, SequenceSpan};
use gollum_kernels::conformance::{Blocks, Rng, matrix_bytes};
use gollum_kernels::{Activation, KernelOps, MatrixSource, Norm, NormKind, Output, Rope, RopeKind};
use gollum_quant::FormatId;

use crate::{Wish, best_of};

/// Values in a row, and rows: a decode, a batch, a prefill chunk.
const SHAPES: &[(usize, usize)] = &[(2048, 1), (2048, 16), (576, 512), (2048, 512)];
const CALLS: usize = 64;
/// Rows of the embedding table.
const TOKENS: usize = 1024;

pub fn run(wish: &Wish) {
    println!("\n{:10} {:>6} {:>5} {:>12} {:>12}", "rows", "width", "rows", "us per call", "ns per value");
    for &(width, rows) in SHAPES {
        let mut bench = Bench::new(wish, width, rows);
        bench.report("rms norm", |b| b.ops.norm(b.x, b.norm, Output::Store, b.y, b.rows));
        let layer = Norm { kind: NormKind::Layer, bias: bench.norm.weight, ..bench.norm };
        bench.report("layer norm", |b| b.ops.norm(b.x, layer, Output::Store, b.y, b.rows));
        bench.report("rope", |b| b.ops.rope(b.x, b.width / 64, 64, &b.rope, b.rows));
        bench.report("silu gate", |b| b.ops.gate(Activation::Silu, b.x, Some(b.y), b.z, b.rows));
        bench.report("gelu gate", |b| b.ops.gate(Activation::GeluTanh, b.x, Some(b.y), b.z, b.rows));
        bench.report("embed", |b| b.ops.embed(b.table, &b.tokens, 1.0, Output::Store, b.z));
    }
}

struct Bench {
    ops: CpuOps,
    x: gollum_kernels::BufId,
    y: gollum_kernels::BufId,
    z: gollum_kernels::BufId,
    norm: Norm,
    rope: Rope,
    table: gollum_kernels::MatrixId,
    tokens: Vec<u32>,
    width: usize,
    rows: usize,
}

impl Bench {
    fn new(wish: &Wish, width: usize, rows: usize) -> Self {
        let mut ops = CpuOps::new(&wish.config).unwrap();
        let mut rng = Rng::new(1);
        let mut buffer = || {
            let buffer = ops.create_buffer(rows, width);
            ops.write(buffer, &(0..rows * width).map(|_| rng.unit()).collect::<Vec<f32>>());
            buffer
        };
        let (x, y, z) = (buffer(), buffer(), buffer());
        let format = FormatId::Q8_0;
        let bytes = matrix_bytes(&mut Rng::new(2), format.format(), Blocks::Plain, TOKENS, width);
        let table =
            ops.load_matrix(MatrixSource { format, rows: TOKENS, cols: width, bytes: &bytes }).unwrap();
        let weight = ops.load_vector(&vec![1.0; width]);
        let span = SequenceSpan {
            query_start: 0,
            query_len: rows,
            context_len: rows,
            table_start: 0,
            table_len: 1,
            state: None,
        };
        ops.begin_step(&Batch {
            tokens: vec![0; rows],
            positions: (0..rows as u32).collect(),
            slot_mapping: vec![0; rows],
            sequences: vec![span],
            block_tables: vec![PageId(0)],
            ..Batch::default()
        });
        Self {
            ops,
            x,
            y,
            z,
            norm: Norm { kind: NormKind::Rms, weight: Some(weight), bias: None, eps: 1e-5 },
            rope: Rope {
                kind: RopeKind::Neox,
                dims: 64,
                freq_base: 1e4,
                freq_scale: 1.0,
                factors: None,
                yarn: None,
                magnitude: 1.0,
            },
            table,
            tokens: (0..rows).map(|row| (row * 7 % TOKENS) as u32).collect(),
            width,
            rows,
        }
    }

    fn report(&mut self, name: &str, call: impl Fn(&mut Self)) {
        let seconds = best_of(5, || (0..CALLS).for_each(|_| call(self))) / CALLS as f64;
        let (width, rows) = (self.width, self.rows);
        let per_value = seconds * 1e9 / (width * rows) as f64;
        println!("{name:10} {width:>6} {rows:>5} {:>12.2} {per_value:>12.3}", seconds * 1e6);
    }
}
