//! Cases of the operations that read weight matrices.

use gollum_quant::{FORMATS, Format};

use super::values::{BLOCKS, Blocks, Rng, TEMPERS, Temper, activations, matrix_bytes};
use super::{Failure, MakeOps, compare, filled_buffer, read_rows};
use crate::{Activation, GatedFfn, KernelError, KernelOps, MatmulJob, MatrixId, MatrixSource, Norm, Output};

/// A matrix as a file would hold it.
#[derive(Clone)]
struct Weights {
    format: &'static Format,
    rows: usize,
    cols: usize,
    bytes: Vec<u8>,
}

impl Weights {
    fn random(rng: &mut Rng, format: &'static Format, blocks: Blocks, (rows, cols): (usize, usize)) -> Self {
        Self { format, rows, cols, bytes: matrix_bytes(rng, format, blocks, rows, cols) }
    }

    fn load(&self, ops: &mut dyn KernelOps) -> Result<MatrixId, KernelError> {
        let source =
            MatrixSource { format: self.format.id, rows: self.rows, cols: self.cols, bytes: &self.bytes };
        ops.load_matrix(source)
    }

    fn describe(&self) -> String {
        format!("{} {}x{}", self.format.name, self.rows, self.cols)
    }
}

/// Column counts a format allows: few blocks, many blocks, and for the float formats ragged ones.
fn columns(format: &Format) -> Vec<usize> {
    let block = format.block_weights;
    if block == 1 {
        vec![1, 7, 32, 77, 100, 576]
    } else {
        vec![block, 3 * block, 96.max(block) / block * 5 * block]
    }
}

const MATRIX_ROWS: &[usize] = &[1, 5, 15, 16, 17, 33, 64, 70];
const BATCH_ROWS: &[usize] = &[1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17];

pub(super) fn load_matrix(make: &mut MakeOps<'_>) -> Result<usize, Failure> {
    let mut cases = 0;
    let mut rng = Rng::new(1);
    for format in FORMATS {
        let good = Weights::random(&mut rng, format, Blocks::Plain, (3, 2 * format.block_weights));
        let mut short = good.clone();
        short.bytes.pop();
        let long = Weights { bytes: [good.bytes.as_slice(), &[0]].concat(), ..good.clone() };
        let huge = Weights { rows: usize::MAX / 2, ..good.clone() };
        let empty = Weights { cols: 0, bytes: Vec::new(), ..good.clone() };
        let ragged = Weights { cols: good.cols + format.block_weights / 2, ..good.clone() };
        for w in [good, short, long, huge, empty, ragged] {
            compare("load_matrix", || w.describe(), make, |ops| w.load(ops).map(|_| Vec::new()))?;
            cases += 1;
        }
    }
    Ok(cases)
}

pub(super) fn embed(make: &mut MakeOps<'_>) -> Result<usize, Failure> {
    let mut cases = 0;
    let mut rng = Rng::new(2);
    for format in FORMATS {
        for cols in columns(format) {
            let blocks = rng.pick(BLOCKS);
            let rows = rng.pick(MATRIX_ROWS);
            let w = Weights::random(&mut rng, format, blocks, (rows, cols));
            let tokens: Vec<u32> = (0..rng.pick(BATCH_ROWS)).map(|_| rng.below(rows) as u32).collect();
            let scale = rng.pick(&[1.0, 25.298_221, 0.1]);
            let case = || format!("{} {blocks:?} {} tokens x {scale}", w.describe(), tokens.len());
            compare("embed", case, make, |ops| {
                let table = w.load(ops)?;
                let out = ops.create_buffer(tokens.len() + 1, cols);
                ops.embed(table, &tokens, scale, out);
                Ok(read_rows(ops, out, tokens.len(), cols))
            })?;
            cases += 1;
        }
    }
    Ok(cases)
}

/// One matrix, every format, block kind and temper.
pub(super) fn matmul(make: &mut MakeOps<'_>) -> Result<usize, Failure> {
    let mut cases = 0;
    let mut rng = Rng::new(3);
    for format in FORMATS {
        for cols in columns(format) {
            for &blocks in BLOCKS {
                for &temper in TEMPERS {
                    let shape = (rng.pick(MATRIX_ROWS), cols);
                    let w = Weights::random(&mut rng, format, blocks, shape);
                    let rows = rng.pick(BATCH_ROWS);
                    let x = activations(&mut rng, temper, rows * cols);
                    let output = rng.pick(&[Output::Store, Output::Add]);
                    check_matmul(make, "matmul", (&x, rows, temper), &[(&w, output)])?;
                    cases += 1;
                }
            }
        }
        // Wide enough for several tiles of rows and of outputs, and for work split over threads.
        let w = Weights::random(&mut rng, format, Blocks::Plain, (257, 512));
        let x = activations(&mut rng, Temper::Plain, 35 * 512);
        check_matmul(make, "matmul", (&x, 35, Temper::Plain), &[(&w, Output::Store)])?;
        cases += 1;
    }
    Ok(cases)
}

/// Several matrices of mixed formats on one input.
pub(super) fn jobs(make: &mut MakeOps<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(4);
    let cases = 4 * FORMATS.len();
    for case in 0..cases {
        let first = &FORMATS[case % FORMATS.len()];
        let weights: Vec<(Weights, Output)> = (0..rng.between(2, 3))
            .map(|i| {
                let format = if i == 0 { first } else { &FORMATS[rng.below(FORMATS.len())] };
                let shape = (rng.pick(MATRIX_ROWS), 512);
                let output = rng.pick(&[Output::Store, Output::Add]);
                (Weights::random(&mut rng, format, Blocks::Plain, shape), output)
            })
            .collect();
        let jobs: Vec<(&Weights, Output)> = weights.iter().map(|(w, o)| (w, *o)).collect();
        let (rows, temper) = (rng.pick(BATCH_ROWS), rng.pick(TEMPERS));
        let x = activations(&mut rng, temper, rows * 512);
        check_matmul(make, "matmul of several jobs", (&x, rows, temper), &jobs)?;
    }
    Ok(cases)
}

fn check_matmul(
    make: &mut MakeOps<'_>,
    op: &'static str,
    (x, rows, temper): (&[f32], usize, Temper),
    jobs: &[(&Weights, Output)],
) -> Result<(), Failure> {
    let case = || {
        let jobs: Vec<String> = jobs.iter().map(|(w, o)| format!("{} {o:?}", w.describe())).collect();
        format!("{rows} rows, {temper:?}: {}", jobs.join(" and "))
    };
    compare(op, case, make, |ops| {
        let width = x.len() / rows;
        let x = filled_buffer(ops, x, width, 2);
        let loaded = load_jobs(ops, jobs, rows)?;
        ops.matmul(x, &loaded, rows);
        Ok(read_jobs(ops, jobs, &loaded, rows))
    })
}

/// Loads the matrices and makes their outputs, filled with ones for the additions.
fn load_jobs(
    ops: &mut dyn KernelOps,
    jobs: &[(&Weights, Output)],
    rows: usize,
) -> Result<Vec<MatmulJob>, KernelError> {
    jobs.iter()
        .map(|(w, output)| {
            let matrix = w.load(ops)?;
            let out = filled_buffer(ops, &vec![1.0; rows * w.rows], w.rows, 1);
            Ok(MatmulJob { matrix, out, output: *output })
        })
        .collect()
}

fn read_jobs(
    ops: &mut dyn KernelOps,
    jobs: &[(&Weights, Output)],
    loaded: &[MatmulJob],
    rows: usize,
) -> Vec<f32> {
    jobs.iter().zip(loaded).flat_map(|((w, _), job)| read_rows(ops, job.out, rows, w.rows)).collect()
}

pub(super) fn norm_matmul(make: &mut MakeOps<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(5);
    let mut cases = 0;
    for format in FORMATS {
        for &temper in TEMPERS {
            let other = &FORMATS[rng.below(FORMATS.len())];
            let (a, b) = (rng.pick(MATRIX_ROWS), rng.pick(MATRIX_ROWS));
            let a = Weights::random(&mut rng, format, Blocks::Plain, (a, 512));
            let b = Weights::random(&mut rng, other, Blocks::Plain, (b, 512));
            let jobs = [(&a, Output::Store), (&b, rng.pick(&[Output::Store, Output::Add]))];
            let rows = rng.pick(BATCH_ROWS);
            let x = activations(&mut rng, temper, rows * 512);
            let weight = activations(&mut rng, Temper::Plain, 512);
            let case = || format!("{rows} rows, {temper:?}: {} and {}", a.describe(), b.describe());
            compare("norm_matmul", case, make, |ops| {
                let x = filled_buffer(ops, &x, 512, 1);
                let scratch = ops.create_buffer(rows, 512);
                let norm = Norm { weight: ops.load_vector(&weight), eps: 1e-5 };
                let loaded = load_jobs(ops, &jobs, rows)?;
                ops.norm_matmul(x, norm, scratch, &loaded, rows);
                let mut out = read_jobs(ops, &jobs, &loaded, rows);
                // The input is the residual stream: it must survive.
                out.extend(read_rows(ops, x, rows, 512));
                Ok(out)
            })?;
            cases += 1;
        }
    }
    Ok(cases)
}

pub(super) fn gated_ffn(make: &mut MakeOps<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(6);
    let mut cases = 0;
    for format in FORMATS {
        for case in 0..8 {
            let other = if case < 4 { format } else { &FORMATS[rng.below(FORMATS.len())] };
            let (width, inner) = (rng.pick(&[256, 512, 768]), rng.pick(MATRIX_ROWS));
            let gate = Weights::random(&mut rng, format, Blocks::Plain, (inner, width));
            let up = Weights::random(&mut rng, other, Blocks::Plain, (inner, width));
            let activation = rng.pick(&[Activation::Silu, Activation::GeluTanh]);
            let (rows, temper) = (rng.pick(BATCH_ROWS), rng.pick(TEMPERS));
            let x = activations(&mut rng, temper, rows * width);
            let weight = activations(&mut rng, Temper::Plain, width);
            let case = || {
                format!("{rows} rows, {temper:?} {activation:?}: {} and {}", gate.describe(), up.describe())
            };
            compare("gated_ffn", case, make, |ops| {
                let ffn = GatedFfn {
                    x: filled_buffer(ops, &x, width, 3),
                    norm: Norm { weight: ops.load_vector(&weight), eps: 1e-6 },
                    scratch: ops.create_buffer(rows, width),
                    gate: gate.load(ops)?,
                    up: up.load(ops)?,
                    gate_out: ops.create_buffer(rows, inner),
                    up_out: ops.create_buffer(rows, inner),
                    activation,
                };
                ops.gated_ffn(&ffn, rows);
                let mut out = read_rows(ops, ffn.gate_out, rows, inner);
                out.extend(read_rows(ops, ffn.x, rows, width));
                Ok(out)
            })?;
            cases += 1;
        }
    }
    Ok(cases)
}
