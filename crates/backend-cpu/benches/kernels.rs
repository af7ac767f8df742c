//! Single kernels beside the ceilings of this machine.
//!
//! `cargo bench -p gollum-backend-cpu` prints the ceilings, then for each format and number of rows the best
//! of several runs: GB/s of weights read, G op/s of multiply-adds, and both as a share of the ceiling.
//! Arguments: `roofline` (ceilings only), `quick` (one shape), a format's name (that format only),
//! `threads=N`, `isa=NAME`.

#![allow(clippy::print_stdout, clippy::unwrap_used)] // a benchmark's output and its aborts

use std::time::Instant;

use gollum_backend_cpu::{Ceilings, CpuConfig, CpuOps, Isa, ceilings};
use gollum_kernels::conformance::{Blocks, Rng, matrix_bytes};
use gollum_kernels::{KernelOps, MatmulJob, MatrixSource, Output};
use gollum_quant::FORMATS;

/// Outputs x inputs of the benchmarked matrices.
const SHAPES: &[(usize, usize)] = &[(1536, 576), (576, 576), (576, 1536), (2048, 2048), (8192, 2048)];
/// Activation rows: one decode, a batch, a prefill chunk.
const ROWS: &[usize] = &[1, 16, 512];
/// Copies of a matrix, so that one row is read from memory rather than from a cache.
const WORKING_SET_BYTES: usize = 192 << 20;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let value = |key: &str| args.iter().find_map(|a| a.strip_prefix(key));
    let isa: Isa = value("isa=").map_or_else(Isa::detect, |name| name.parse().unwrap());
    let threads = value("threads=").map_or(2, |n| n.parse().unwrap());
    let has = |name: &str| args.iter().any(|a| a == name);
    let c = ceilings(isa, threads).unwrap();
    println!(
        "{} on {threads} threads: read {:.1} GB/s, int8 {:.0} G op/s",
        isa.name(),
        c.read_gb_s,
        c.int8_gop_s
    );
    if has("roofline") {
        return;
    }
    let shapes = if has("quick") { &SHAPES[..1] } else { SHAPES };
    let chosen: Vec<_> = FORMATS.iter().filter(|f| has(f.name)).collect();
    let formats = if chosen.is_empty() { FORMATS.iter().collect() } else { chosen };
    println!(
        "{:8} {:>11} {:>5} {:>9} {:>7} {:>9} {:>7}",
        "format", "shape", "rows", "GB/s", "share", "G op/s", "share"
    );
    for format in formats {
        for &(outputs, inputs) in shapes.iter().filter(|s| s.1.is_multiple_of(format.block_weights)) {
            let mut bench = Bench::new(&CpuConfig { threads, isa: Some(isa) }, format, (outputs, inputs));
            if has("warm") {
                bench.jobs.truncate(1);
                bench.jobs = bench.jobs.iter().cycle().take(64).copied().collect();
            }
            for &rows in ROWS {
                bench.report(rows, c);
            }
        }
    }
}

struct Bench {
    ops: CpuOps,
    jobs: Vec<MatmulJob>,
    x: gollum_kernels::BufId,
    name: &'static str,
    shape: (usize, usize),
    matrix_bytes: usize,
}

impl Bench {
    fn new(config: &CpuConfig, format: &gollum_quant::Format, shape: (usize, usize)) -> Self {
        let mut ops = CpuOps::new(config).unwrap();
        let mut rng = Rng::new(1);
        let bytes = matrix_bytes(&mut rng, format, Blocks::Plain, shape.0, shape.1);
        let (x, out) = (ops.create_buffer(512, shape.1), ops.create_buffer(512, shape.0));
        let values: Vec<f32> = (0..512 * shape.1).map(|_| rng.unit()).collect();
        ops.write(x, &values);
        let copies = WORKING_SET_BYTES.div_ceil(bytes.len());
        let source = MatrixSource { format: format.id, rows: shape.0, cols: shape.1, bytes: &bytes };
        let job = |matrix| MatmulJob { matrix, out, output: Output::Store };
        let jobs = (0..copies).map(|_| job(ops.load_matrix(source).unwrap())).collect();
        Self { ops, jobs, x, name: format.name, shape, matrix_bytes: bytes.len() }
    }

    fn report(&mut self, rows: usize, c: Ceilings) {
        let calls = self.jobs.len().min(4 + 4096 / rows);
        let mut seconds = f64::INFINITY;
        for _ in 0..5 {
            let begin = Instant::now();
            for job in &self.jobs[..calls] {
                self.ops.matmul(self.x, std::slice::from_ref(job), rows);
            }
            seconds = seconds.min(begin.elapsed().as_secs_f64() / calls as f64);
        }
        let read = self.matrix_bytes as f64 / seconds / 1e9;
        let rate = (2 * rows * self.shape.0 * self.shape.1) as f64 / seconds / 1e9;
        let shape = format!("{}x{}", self.shape.0, self.shape.1);
        let (read_share, rate_share) = (100.0 * read / c.read_gb_s, 100.0 * rate / c.int8_gop_s);
        println!(
            "{:8} {shape:>11} {rows:>5} {read:>9.2} {read_share:>6.0}% {rate:>9.1} {rate_share:>6.0}%",
            self.name
        );
    }
}
