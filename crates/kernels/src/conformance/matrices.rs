//! Cases of the operations that read weight matrices.

use gollum_quant::{FORMATS, Format};

use super::parts::{EpilogueParts, NormParts, any_activation};
use super::values::{BLOCKS, Blocks, Rng, TEMPERS, Temper, activations, matrix_bytes};
use super::{Case, Failure, Subject, compare, filled_buffer, read_rows};
use crate::{Ffn, KernelError, KernelOps, Linear, MatmulJob, MatrixId, MatrixSource, Output};

const STORE_OR_ADD: &[Output] = &[Output::Store, Output::Add];

/// A matrix as a file would hold it.
#[derive(Clone)]
pub(super) struct Weights {
    pub format: &'static Format,
    pub rows: usize,
    pub cols: usize,
    pub bytes: Vec<u8>,
}

impl Weights {
    pub fn random(
        rng: &mut Rng,
        format: &'static Format,
        blocks: Blocks,
        (rows, cols): (usize, usize),
    ) -> Self {
        Self { format, rows, cols, bytes: matrix_bytes(rng, format, blocks, rows, cols) }
    }

    pub fn source(&self) -> MatrixSource<'_> {
        MatrixSource { format: self.format.id, rows: self.rows, cols: self.cols, bytes: &self.bytes }
    }

    fn load(&self, ops: &mut dyn KernelOps) -> Result<MatrixId, KernelError> {
        ops.load_matrix(self.source())
    }

    pub fn describe(&self) -> String {
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
const BATCH_ROWS: &[usize] = &[1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 34];

pub(super) fn load_matrix(make: &mut Subject<'_>) -> Result<usize, Failure> {
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

/// Rows, columns and a format for the random form: few blocks, and for the float formats ragged columns.
fn any_shape(rng: &mut Rng) -> (&'static Format, (usize, usize)) {
    let format = &FORMATS[rng.below(FORMATS.len())];
    let cols = match format.block_weights {
        1 => rng.between(1, 100),
        256 => 256 * rng.between(1, 2),
        block => block * rng.between(1, 6),
    };
    (format, (any_rows(rng), cols))
}

/// Matrix rows for the random form: up to three panels, seldom more.
fn any_rows(rng: &mut Rng) -> usize {
    if rng.one_in(20) { rng.between(41, 90) } else { rng.between(1, 40) }
}

/// Batch rows for the random form: one tile, seldom more, hardly ever enough to unpack weights once for all.
fn any_batch(rng: &mut Rng) -> usize {
    match rng.below(50) {
        0 => rng.between(128, 139),
        1..5 => rng.between(8, 19),
        _ => rng.between(1, 7),
    }
}

/// Any size and any number of bytes; what loads is read back row by row.
pub(super) fn random_load(rng: &mut Rng) -> Case {
    let (format, (rows, cols)) = any_shape(rng);
    let blocks = rng.pick(BLOCKS);
    let mut w = Weights::random(rng, format, blocks, (rows, cols));
    match rng.below(8) {
        0 => w.bytes.truncate(rng.below(w.bytes.len())),
        1 => w.bytes.resize(w.bytes.len() + rng.between(1, 40), 0),
        2 => w.rows = rng.bits() as usize,
        3 => w.cols = rng.bits() as usize,
        4 => w.rows = rng.below(2 * rows),
        5 => w.cols = rng.below(2 * cols),
        _ => {}
    }
    let name = format!("{} {blocks:?} from {} bytes", w.describe(), w.bytes.len());
    Case::new(name, move |ops| {
        let table = w.load(ops)?;
        let tokens: Vec<u32> = (0..w.rows as u32).collect();
        let out = ops.create_buffer(w.rows.max(1), w.cols);
        ops.embed(table, &tokens, 1.0, Output::Store, out);
        Ok(read_rows(ops, out, w.rows, w.cols))
    })
}

pub(super) fn embed(make: &mut Subject<'_>) -> Result<usize, Failure> {
    let mut cases = 0;
    let mut rng = Rng::new(2);
    for format in FORMATS {
        for cols in columns(format) {
            let rows = rng.pick(MATRIX_ROWS);
            embed_case(&mut rng, format, (rows, cols)).check("embed", make)?;
            cases += 1;
        }
    }
    Ok(cases)
}

pub(super) fn random_embed(rng: &mut Rng) -> Case {
    let (format, shape) = any_shape(rng);
    embed_case(rng, format, shape)
}

fn embed_case(rng: &mut Rng, format: &'static Format, (rows, cols): (usize, usize)) -> Case {
    let blocks = rng.pick(BLOCKS);
    let w = Weights::random(rng, format, blocks, (rows, cols));
    let tokens: Vec<u32> = (0..rng.pick(BATCH_ROWS)).map(|_| rng.below(rows) as u32).collect();
    let (scale, surplus) = (rng.pick(&[1.0, 25.298_221, 0.1]), rng.below(2));
    let output = rng.pick(STORE_OR_ADD);
    let before = activations(rng, Temper::Plain, tokens.len() * cols);
    let name = format!("{} {blocks:?} {} tokens x {scale}, {output:?}", w.describe(), tokens.len());
    Case::new(name, move |ops| {
        let table = w.load(ops)?;
        let out = filled_buffer(ops, &before, cols, surplus);
        ops.embed(table, &tokens, scale, output, out);
        Ok(read_rows(ops, out, tokens.len(), cols))
    })
}

/// One matrix, every format, block kind and temper.
pub(super) fn matmul(make: &mut Subject<'_>) -> Result<usize, Failure> {
    let mut cases = 0;
    let mut rng = Rng::new(3);
    for format in FORMATS {
        for cols in columns(format) {
            for &blocks in BLOCKS {
                for &temper in make.tempers() {
                    let shape = (rng.pick(MATRIX_ROWS), cols);
                    let w = Weights::random(&mut rng, format, blocks, shape);
                    let rows = rng.pick(BATCH_ROWS);
                    matmul_case(&mut rng, vec![w], rows, temper).check("matmul", make)?;
                    cases += 1;
                }
            }
        }
        // Wide enough for several tiles of rows and of outputs, and for work split over threads.
        let w = Weights::random(&mut rng, format, Blocks::Plain, (257, 512));
        matmul_case(&mut rng, vec![w], 35, Temper::Plain).check("matmul", make)?;
        cases += 1;
        // Rows enough to be cut into blocks for several threads, the last of them ragged, and to unpack weights once for all.
        for &blocks in BLOCKS {
            let w = Weights::random(&mut rng, format, blocks, (40, 256));
            matmul_case(&mut rng, vec![w], 291, Temper::Plain).check("matmul", make)?;
            cases += 1;
        }
        // Inputs wide enough to be quantised many blocks at once, with some left over, and all that they may hold.
        for &temper in make.tempers() {
            let w = Weights::random(&mut rng, format, Blocks::Plain, (17, 768));
            matmul_case(&mut rng, vec![w], 3, temper).check("matmul", make)?;
            cases += 1;
        }
    }
    Ok(cases)
}

pub(super) fn random_matmul(rng: &mut Rng) -> Case {
    let (format, shape) = any_shape(rng);
    let blocks = rng.pick(BLOCKS);
    let w = Weights::random(rng, format, blocks, shape);
    let (rows, temper) = (any_batch(rng), rng.pick(TEMPERS));
    matmul_case(rng, vec![w], rows, temper)
}

/// Several matrices of mixed formats on one input.
pub(super) fn jobs(make: &mut Subject<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(4);
    let cases = 4 * FORMATS.len();
    for case in 0..cases {
        let weights = (0..rng.between(2, 3))
            .map(|i| {
                let number = if i == 0 { case } else { rng.bits() as usize };
                let shape = (rng.pick(MATRIX_ROWS), 512);
                Weights::random(&mut rng, &FORMATS[number % FORMATS.len()], Blocks::Plain, shape)
            })
            .collect();
        let (rows, temper) = (rng.pick(BATCH_ROWS), rng.pick(make.tempers()));
        matmul_case(&mut rng, weights, rows, temper).check("matmul of several jobs", make)?;
    }
    Ok(cases)
}

pub(super) fn random_jobs(rng: &mut Rng) -> Case {
    let weights = (0..rng.between(2, 3)).map(|_| any_weights(rng, 256)).collect();
    let (rows, temper) = (rng.between(1, 5), rng.pick(TEMPERS));
    matmul_case(rng, weights, rows, temper)
}

/// A matrix of any format and kind of block, few rows.
fn any_weights(rng: &mut Rng, cols: usize) -> Weights {
    let (format, blocks) = (&FORMATS[rng.below(FORMATS.len())], rng.pick(BLOCKS));
    let rows = rng.between(1, 24);
    Weights::random(rng, format, blocks, (rows, cols))
}

/// A matrix, what happens to its product, and where that goes.
struct Job {
    weights: Weights,
    epilogue: EpilogueParts,
    output: Output,
}

impl Job {
    fn random(rng: &mut Rng, weights: Weights, outputs: &[Output]) -> Self {
        let epilogue = EpilogueParts::random(rng, weights.rows);
        Self { weights, epilogue, output: rng.pick(outputs) }
    }

    fn describe(&self) -> String {
        format!("{} {:?} {}", self.weights.describe(), self.output, self.epilogue.describe())
    }
}

/// One input times each of `weights`, stored or added.
fn matmul_case(rng: &mut Rng, weights: Vec<Weights>, rows: usize, temper: Temper) -> Case {
    let width = weights[0].cols;
    let x = activations(rng, temper, rows * width);
    let jobs: Vec<Job> = weights.into_iter().map(|w| Job::random(rng, w, STORE_OR_ADD)).collect();
    let surplus = rng.below(3);
    let described: Vec<String> = jobs.iter().map(Job::describe).collect();
    let name = format!("{rows} rows, {temper:?}: {}", described.join(" and "));
    Case::new(name, move |ops| {
        let x = filled_buffer(ops, &x, width, surplus);
        let loaded = load_jobs(ops, &jobs, rows)?;
        ops.matmul(x, &loaded, rows);
        Ok(read_jobs(ops, &jobs, &loaded, rows))
    })
}

/// Loads the matrices and makes their outputs, filled with ones for the additions.
fn load_jobs(ops: &mut dyn KernelOps, jobs: &[Job], rows: usize) -> Result<Vec<MatmulJob>, KernelError> {
    jobs.iter()
        .enumerate()
        .map(|(i, job)| {
            let width = job.weights.rows;
            let (matrix, epilogue) = (job.weights.load(ops)?, job.epilogue.load(ops));
            let out = filled_buffer(ops, &vec![1.0; rows * width], width, i % 2);
            Ok(MatmulJob { matrix, out, output: job.output, epilogue })
        })
        .collect()
}

fn read_jobs(ops: &mut dyn KernelOps, jobs: &[Job], loaded: &[MatmulJob], rows: usize) -> Vec<f32> {
    let read = |(job, loaded): (&Job, &MatmulJob)| read_rows(ops, loaded.out, rows, job.weights.rows);
    jobs.iter().zip(loaded).flat_map(read).collect()
}

pub(super) fn norm_matmul(make: &mut Subject<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(5);
    for format in FORMATS {
        for &temper in make.tempers() {
            let other = &FORMATS[rng.below(FORMATS.len())];
            let (a, b) = (rng.pick(MATRIX_ROWS), rng.pick(MATRIX_ROWS));
            let a = Weights::random(&mut rng, format, Blocks::Plain, (a, 512));
            let b = Weights::random(&mut rng, other, Blocks::Plain, (b, 512));
            let rows = rng.pick(BATCH_ROWS);
            norm_matmul_case(&mut rng, [a, b], rows, temper).check("norm_matmul", make)?;
        }
    }
    Ok(FORMATS.len() * make.tempers().len())
}

pub(super) fn random_norm_matmul(rng: &mut Rng) -> Case {
    let weights = [any_weights(rng, 256), any_weights(rng, 256)];
    let (rows, temper) = (rng.between(1, 5), rng.pick(TEMPERS));
    norm_matmul_case(rng, weights, rows, temper)
}

fn norm_matmul_case(rng: &mut Rng, [a, b]: [Weights; 2], rows: usize, temper: Temper) -> Case {
    let width = a.cols;
    let x = activations(rng, temper, rows * width);
    let norm = NormParts::random(rng, width);
    let surplus = rng.below(2);
    let jobs = [Job::random(rng, a, &[Output::Store]), Job::random(rng, b, STORE_OR_ADD)];
    let described = [jobs[0].describe(), jobs[1].describe()].join(" and ");
    let name = format!("{rows} rows, {temper:?}, {}: {described}", norm.describe());
    Case::new(name, move |ops| {
        let x = filled_buffer(ops, &x, width, surplus);
        let scratch = ops.create_buffer(rows, width);
        let norm = norm.load(ops);
        let loaded = load_jobs(ops, &jobs, rows)?;
        ops.norm_matmul(x, norm, scratch, &loaded, rows);
        let mut out = read_jobs(ops, &jobs, &loaded, rows);
        // The input is the residual stream: it must survive.
        out.extend(read_rows(ops, x, rows, width));
        Ok(out)
    })
}

pub(super) fn ffn(make: &mut Subject<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(6);
    for format in FORMATS {
        for case in 0..10 {
            let other = if case < 4 { format } else { &FORMATS[rng.below(FORMATS.len())] };
            let (width, inner) = (rng.pick(&[256, 512, 768]), rng.pick(MATRIX_ROWS));
            let gate = Weights::random(&mut rng, format, Blocks::Plain, (inner, width));
            let up = (case % 3 != 2).then(|| Weights::random(&mut rng, other, Blocks::Plain, (inner, width)));
            let (rows, temper) = (rng.pick(BATCH_ROWS), rng.pick(make.tempers()));
            ffn_case(&mut rng, (gate, up), rows, temper).check("ffn", make)?;
        }
        // Rows enough to be cut into blocks for several threads.
        let [gate, up] = [(); 2].map(|()| Weights::random(&mut rng, format, Blocks::Plain, (40, 256)));
        ffn_case(&mut rng, (gate, Some(up)), 291, Temper::Plain).check("ffn", make)?;
    }
    Ok(FORMATS.len() * 11)
}

pub(super) fn random_ffn(rng: &mut Rng) -> Case {
    let gate = any_weights(rng, 256);
    let (format, blocks) = (&FORMATS[rng.below(FORMATS.len())], rng.pick(BLOCKS));
    let up = (!rng.one_in(3)).then(|| Weights::random(rng, format, blocks, (gate.rows, 256)));
    let (rows, temper) = (rng.between(1, 5), rng.pick(TEMPERS));
    ffn_case(rng, (gate, up), rows, temper)
}

fn ffn_case(rng: &mut Rng, (gate, up): (Weights, Option<Weights>), rows: usize, temper: Temper) -> Case {
    let (inner, width) = (gate.rows, gate.cols);
    let activation = any_activation(rng, up.is_some());
    let x = activations(rng, temper, rows * width);
    let norm = (!rng.one_in(4)).then(|| NormParts::random(rng, width));
    let surplus = rng.below(2);
    let gate = Job::random(rng, gate, &[Output::Store]);
    let up = up.map(|up| Job::random(rng, up, &[Output::Store]));
    let name = format!(
        "{rows} rows, {temper:?}, {:?}, {activation:?}: {} and {:?}",
        norm.as_ref().map(NormParts::describe),
        gate.describe(),
        up.as_ref().map(Job::describe)
    );
    Case::new(name, move |ops| {
        let mut linear = |job: &Job| -> Result<Linear, KernelError> {
            Ok(Linear { matrix: job.weights.load(ops)?, epilogue: job.epilogue.load(ops) })
        };
        let (gate, up) = (linear(&gate)?, up.as_ref().map(linear).transpose()?);
        let ffn = Ffn {
            x: filled_buffer(ops, &x, width, surplus),
            norm: norm.as_ref().map(|norm| norm.load(ops)),
            scratch: ops.create_buffer(rows, width),
            gate,
            up,
            gate_out: ops.create_buffer(rows, inner),
            up_out: ops.create_buffer(rows, inner),
            activation,
        };
        ops.ffn(&ffn, rows);
        let mut out = read_rows(ops, ffn.gate_out, rows, inner);
        out.extend(read_rows(ops, ffn.x, rows, width));
        Ok(out)
    })
}
