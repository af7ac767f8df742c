//! Mixtures of experts: only chosen weights are read, each once a step.

use gollum_backend_cpu::CpuOps;
use gollum_kernels::conformance::{Blocks, Rng, matrix_bytes};
use gollum_kernels::{
    Activation, ExpertFfn, ExpertLinear, Gating, KernelOps, MatrixSource, Output, Routing, WeighAt,
};
use gollum_quant::{FORMATS, Format};

use crate::{Wish, best_of};

/// Experts, used, width, width inside: a Qwen3-like model of 2B, and one layer of Qwen3 30B-A3B.
const SHAPES: &[(usize, usize, usize, usize)] = &[(32, 4, 1024, 768), (128, 8, 2048, 768)];
/// Activation rows: one decode, a batch, a prefill chunk.
const ROWS: &[usize] = &[1, 16, 256];
/// Formats without further words.
const USUAL: &[&str] = &["Q4_K", "Q8_0"];
/// Weights of all layers together, so that a decode reads from memory rather than from a cache.
const WORKING_SET_BYTES: usize = 192 << 20;

pub fn run(wish: &Wish) {
    let shapes = if wish.has("quick") { &SHAPES[..1] } else { SHAPES };
    let chosen: Vec<_> = FORMATS.iter().filter(|f| wish.has(f.name)).collect();
    let usual = || FORMATS.iter().filter(|f| USUAL.contains(&f.name)).collect();
    println!(
        "\n{:8} {:>16} {:>5} {:>7} {:>12} {:>9} {:>7} {:>9} {:>7}",
        "experts", "shape", "rows", "chosen", "us per call", "GB/s", "share", "G op/s", "share"
    );
    for format in if chosen.is_empty() { usual() } else { chosen } {
        for &shape in shapes {
            let mut bench = Bench::new(wish, format, shape);
            for &rows in ROWS {
                bench.report(wish, rows);
            }
        }
    }
}

struct Bench {
    ops: CpuOps,
    layers: Vec<ExpertFfn>,
    name: &'static str,
    shape: (usize, usize, usize, usize),
    expert_bytes: usize,
    logits: Vec<f32>,
}

impl Bench {
    fn new(wish: &Wish, format: &'static Format, shape: (usize, usize, usize, usize)) -> Self {
        let (experts, used, width, inner) = shape;
        let mut ops = CpuOps::new(&wish.config).unwrap();
        let mut rng = Rng::new(1);
        let most = *ROWS.last().unwrap();
        let x = ops.create_buffer(most, width);
        ops.write(x, &(0..most * width).map(|_| rng.unit()).collect::<Vec<f32>>());
        let logits: Vec<f32> = (0..most * experts).map(|_| rng.unit()).collect();
        let router_logits = ops.create_buffer(most, experts);
        ops.write(router_logits, &logits);
        let [gate_out, up_out, down_out] =
            [inner, inner, width].map(|width| ops.create_buffer(most * used, width));
        let out = ops.create_buffer(most, width);
        let bytes = matrix_bytes(&mut rng, format, Blocks::Plain, experts * inner, width);
        let mut load = |rows: usize, cols: usize| {
            let source = MatrixSource { format: format.id, rows, cols, bytes: &bytes };
            ExpertLinear { experts: ops.load_experts(source, experts).unwrap(), bias: None, scales: None }
        };
        let mut layer = || ExpertFfn {
            x,
            router_logits,
            routing: Routing {
                experts,
                sharing: 1,
                used,
                gating: Gating::Softmax,
                selection_bias: None,
                groups: None,
                normalise: true,
                scale: 1.0,
            },
            weigh: WeighAt::Output,
            gate: load(inner, width),
            up: Some(load(inner, width)),
            down: load(width, inner),
            activation: Activation::Silu,
            gate_out,
            up_out,
            down_out,
            out,
            output: Output::Store,
            scale: 1.0,
        };
        let layers = (0..WORKING_SET_BYTES.div_ceil(3 * bytes.len())).map(|_| layer()).collect();
        Self { ops, layers, name: format.name, shape, expert_bytes: 3 * bytes.len() / experts, logits }
    }

    /// Experts that some of the rows choose.
    fn chosen(&self, rows: usize) -> usize {
        let (experts, used, ..) = self.shape;
        let mut is_chosen = vec![false; experts];
        for logits in self.logits.chunks_exact(experts).take(rows) {
            let mut order: Vec<usize> = (0..experts).collect();
            order.sort_by(|&a, &b| logits[b].total_cmp(&logits[a]));
            order[..used].iter().for_each(|&expert| is_chosen[expert] = true);
        }
        is_chosen.into_iter().filter(|&is| is).count()
    }

    fn report(&mut self, wish: &Wish, rows: usize) {
        let (experts, used, width, inner) = self.shape;
        let seconds = best_of(7, || {
            for layer in &self.layers {
                self.ops.expert_ffn(layer, rows);
            }
        }) / self.layers.len() as f64;
        let chosen = self.chosen(rows);
        let read = (chosen * self.expert_bytes) as f64 / seconds / 1e9;
        let rate = (2 * rows * used * 3 * width * inner) as f64 / seconds / 1e9;
        let c = &wish.ceilings;
        println!(
            "{:8} {:>16} {rows:>5} {chosen:>7} {:>12.1} {read:>9.2} {:>6.0}% {rate:>9.1} {:>6.0}%",
            self.name,
            format!("{used}/{experts} {width}x{inner}"),
            seconds * 1e6,
            100.0 * read / c.read_gb_s,
            100.0 * rate / c.int8_gop_s,
        );
    }
}
