//! Matrices of each format times 1, 16 and 512 rows.

use gollum_backend_cpu::CpuOps;
use gollum_kernels::conformance::{Blocks, Rng, matrix_bytes};
use gollum_kernels::{BufId, Epilogue, KernelOps, MatmulJob, MatrixSource, Output};
use gollum_quant::{FORMATS, Format};

use crate::{Wish, best_of};

/// Outputs x inputs: those of a 135M and of a 1B model.
const SHAPES: &[(usize, usize)] = &[(1536, 576), (576, 576), (576, 1536), (2048, 2048), (8192, 2048)];
/// Activation rows: one decode, a batch, a prefill chunk.
const ROWS: &[usize] = &[1, 16, 512];
/// Copies of a matrix, so that one row is read from memory rather than from a cache.
const WORKING_SET_BYTES: usize = 192 << 20;
/// Calls of a run with `warm`.
const WARM_CALLS: usize = 64;

pub fn run(wish: &Wish) {
    let shapes = if wish.has("quick") { &SHAPES[..1] } else { SHAPES };
    let chosen: Vec<_> = FORMATS.iter().filter(|f| wish.has(f.name)).collect();
    let formats = if chosen.is_empty() { FORMATS.iter().collect() } else { chosen };
    println!(
        "\n{:8} {:>11} {:>5} {:>9} {:>7} {:>9} {:>7}",
        "matmul", "shape", "rows", "GB/s", "share", "G op/s", "share"
    );
    for format in formats {
        for &shape in shapes.iter().filter(|s| s.1.is_multiple_of(format.block_weights)) {
            let mut bench = Bench::new(wish, format, shape);
            for &rows in ROWS {
                bench.report(wish, rows);
            }
        }
    }
}

struct Bench {
    ops: CpuOps,
    jobs: Vec<MatmulJob>,
    x: BufId,
    name: &'static str,
    shape: (usize, usize),
    matrix_bytes: usize,
}

impl Bench {
    fn new(wish: &Wish, format: &Format, shape: (usize, usize)) -> Self {
        let mut ops = CpuOps::new(&wish.config).unwrap();
        let mut rng = Rng::new(1);
        let bytes = matrix_bytes(&mut rng, format, Blocks::Plain, shape.0, shape.1);
        let (x, out) = (ops.create_buffer(512, shape.1), ops.create_buffer(512, shape.0));
        let values: Vec<f32> = (0..512 * shape.1).map(|_| rng.unit()).collect();
        ops.write(x, &values);
        let source = MatrixSource { format: format.id, rows: shape.0, cols: shape.1, bytes: &bytes };
        let mut job = || MatmulJob {
            matrix: ops.load_matrix(source).unwrap(),
            out,
            output: Output::Store,
            epilogue: Epilogue::NONE,
        };
        let jobs = if wish.has("warm") {
            vec![job(); WARM_CALLS]
        } else {
            (0..WORKING_SET_BYTES.div_ceil(bytes.len())).map(|_| job()).collect()
        };
        Self { ops, jobs, x, name: format.name, shape, matrix_bytes: bytes.len() }
    }

    fn report(&mut self, wish: &Wish, rows: usize) {
        let calls = self.jobs.len().min(4 + 4096 / rows);
        let seconds = best_of(5, || {
            for job in &self.jobs[..calls] {
                self.ops.matmul(self.x, std::slice::from_ref(job), rows);
            }
        }) / calls as f64;
        let read = self.matrix_bytes as f64 / seconds / 1e9;
        let rate = (2 * rows * self.shape.0 * self.shape.1) as f64 / seconds / 1e9;
        let shape = format!("{}x{}", self.shape.0, self.shape.1);
        let c = &wish.ceilings;
        println!(
            "{:8} {shape:>11} {rows:>5} {read:>9.2} {:>6.0}% {rate:>9.1} {:>6.0}%",
            self.name,
            100.0 * read / c.read_gb_s,
            100.0 * rate / c.int8_gop_s,
        );
    }
}
