//! The conformance suite finds every fault planted here: a suite that cannot fail proves nothing.

use gollum_core::{Batch, TokenId};
use gollum_kernels::conformance::CHECKS;
use gollum_kernels::reference::ReferenceOps;
use gollum_kernels::{
    Activation, Attend, BufId, HeadNorm, KernelError, KernelOps, KvSpec, MatmulJob, MatrixId, MatrixSource,
    Norm, Output, PrepareAttention, Rope, VectorId,
};

/// One mistake a backend could make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    AcceptsShortMatrix,
    IgnoresEmbeddingScale,
    LosesLastBitOfMatmul,
    StoresInsteadOfAdding,
    OneRowTooFew,
    SkipsSecondJob,
    NormsWithoutEps,
    SkipsNormInFusion,
    SkipsHeadNormOfOneRow,
    WrongActivation,
    CapsNothing,
    GathersFirstRow,
    IgnoresRopeFactors,
    RotatesWholeHead,
    ForgetsKeyNorm,
    ForgetsPageCopies,
    WindowOffByOne,
    AttendIgnoresCap,
    AppendsToWrongSlot,
    ReadsFirstPageOnly,
    AcceptsRaggedQ8Heads,
}

/// Each fault, and the group of cases that must find it.
const FAULTS: &[(Fault, &str)] = &[
    (Fault::AcceptsShortMatrix, "load_matrix"),
    (Fault::IgnoresEmbeddingScale, "embed"),
    (Fault::LosesLastBitOfMatmul, "matmul"),
    (Fault::StoresInsteadOfAdding, "matmul"),
    (Fault::OneRowTooFew, "matmul"),
    (Fault::SkipsSecondJob, "matmul of several jobs"),
    (Fault::NormsWithoutEps, "rms_norm"),
    (Fault::SkipsNormInFusion, "norm_matmul"),
    (Fault::SkipsHeadNormOfOneRow, "head_norm"),
    (Fault::WrongActivation, "gate"),
    (Fault::CapsNothing, "soft_cap"),
    (Fault::GathersFirstRow, "gather"),
    (Fault::IgnoresRopeFactors, "rope"),
    (Fault::RotatesWholeHead, "rope"),
    (Fault::ForgetsKeyNorm, "prepare_attention"),
    (Fault::ForgetsPageCopies, "attend"),
    (Fault::WindowOffByOne, "attend"),
    (Fault::AttendIgnoresCap, "attend"),
    (Fault::AppendsToWrongSlot, "attend"),
    (Fault::ReadsFirstPageOnly, "attend"),
    (Fault::AcceptsRaggedQ8Heads, "attend"),
];

/// The reference with one fault.
struct Faulty {
    inner: ReferenceOps,
    fault: Fault,
    widths: Vec<usize>,
    batch: Batch,
}

impl Faulty {
    fn has(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn change_rows(&mut self, x: BufId, rows: usize, change: impl Fn(&mut f32)) {
        let mut values = vec![0.0; rows * self.widths[x.0]];
        self.inner.read(x, rows, &mut values);
        values.iter_mut().for_each(change);
        self.inner.write(x, &values);
    }
}

impl KernelOps for Faulty {
    fn name(&self) -> &str {
        "faulty"
    }

    fn create_buffer(&mut self, rows: usize, width: usize) -> BufId {
        self.widths.push(width);
        self.inner.create_buffer(rows, width)
    }

    fn load_matrix(&mut self, source: MatrixSource<'_>) -> Result<MatrixId, KernelError> {
        match self.inner.load_matrix(source) {
            Err(_) if self.has(Fault::AcceptsShortMatrix) => Ok(MatrixId(0)),
            result => result,
        }
    }

    fn load_vector(&mut self, values: &[f32]) -> VectorId {
        self.inner.load_vector(values)
    }

    fn create_kv(&mut self, spec: &KvSpec, pages: usize) -> Result<(), KernelError> {
        match self.inner.create_kv(spec, pages) {
            Err(_) if self.has(Fault::AcceptsRaggedQ8Heads) => Ok(()),
            result => result,
        }
    }

    fn begin_step(&mut self, batch: &Batch) {
        let mut batch = batch.clone();
        if self.has(Fault::ForgetsPageCopies) {
            batch.page_copies.clear();
        }
        if self.has(Fault::ReadsFirstPageOnly) {
            for span in &batch.sequences {
                let first = batch.block_tables[span.table_start];
                batch.block_tables[span.table_start..span.table_start + span.table_len].fill(first);
            }
        }
        if self.has(Fault::AppendsToWrongSlot) && batch.slot_mapping.len() > 16 {
            batch.slot_mapping.swap(0, 1);
        }
        self.inner.begin_step(&batch);
        self.batch = batch;
    }

    fn embed(&mut self, table: MatrixId, tokens: &[TokenId], scale: f32, out: BufId) {
        let scale = if self.has(Fault::IgnoresEmbeddingScale) { 1.0 } else { scale };
        self.inner.embed(table, tokens, scale, out);
    }

    fn rms_norm(&mut self, x: BufId, norm: Norm, output: Output, out: BufId, rows: usize) {
        let eps = if self.has(Fault::NormsWithoutEps) { 0.0 } else { norm.eps };
        self.inner.rms_norm(x, Norm { eps, ..norm }, output, out, rows);
    }

    fn matmul(&mut self, x: BufId, jobs: &[MatmulJob], rows: usize) {
        let mut jobs = jobs.to_vec();
        if self.has(Fault::SkipsSecondJob) {
            jobs.truncate(1);
        }
        if self.has(Fault::StoresInsteadOfAdding) {
            jobs.iter_mut().for_each(|job| job.output = Output::Store);
        }
        let done = if self.has(Fault::OneRowTooFew) && rows > 8 { rows - 1 } else { rows };
        self.inner.matmul(x, &jobs, done);
        if self.has(Fault::LosesLastBitOfMatmul) {
            for job in jobs {
                self.change_rows(job.out, rows, |v| *v = f32::from_bits(v.to_bits() & !1));
            }
        }
    }

    fn head_norm(&mut self, x: BufId, norm: HeadNorm, rows: usize) {
        if self.has(Fault::SkipsHeadNormOfOneRow) && rows == 1 {
            return;
        }
        self.inner.head_norm(x, norm, rows);
    }

    fn rope(&mut self, x: BufId, heads: usize, head_dim: usize, rope: &Rope, rows: usize) {
        let mut rope = *rope;
        if self.has(Fault::IgnoresRopeFactors) {
            rope.factors = None;
        }
        if self.has(Fault::RotatesWholeHead) && rope.factors.is_none() {
            rope.dims = head_dim;
        }
        self.inner.rope(x, heads, head_dim, &rope, rows);
    }

    fn kv_append(&mut self, layer: usize, k: BufId, v: BufId) {
        self.inner.kv_append(layer, k, v);
    }

    fn attend(&mut self, attend: &Attend, q: BufId, out: BufId) {
        let mut attend = *attend;
        if self.has(Fault::WindowOffByOne) {
            attend.window = attend.window.map(|w| w + 1);
        }
        if self.has(Fault::AttendIgnoresCap) {
            attend.soft_cap = None;
        }
        self.inner.attend(&attend, q, out);
    }

    fn gate(&mut self, activation: Activation, gate: BufId, up: BufId, out: BufId, rows: usize) {
        let activation = if self.has(Fault::WrongActivation) { Activation::Silu } else { activation };
        self.inner.gate(activation, gate, up, out, rows);
    }

    fn soft_cap(&mut self, x: BufId, cap: f32, rows: usize) {
        if !self.has(Fault::CapsNothing) {
            self.inner.soft_cap(x, cap, rows);
        }
    }

    fn gather(&mut self, x: BufId, rows: &[usize], out: BufId) {
        let first = vec![0; rows.len()];
        self.inner.gather(x, if self.has(Fault::GathersFirstRow) { &first } else { rows }, out);
    }

    fn read(&mut self, x: BufId, rows: usize, out: &mut [f32]) {
        self.inner.read(x, rows, out);
    }

    fn write(&mut self, x: BufId, values: &[f32]) {
        self.inner.write(x, values);
    }

    fn norm_matmul(&mut self, x: BufId, norm: Norm, scratch: BufId, jobs: &[MatmulJob], rows: usize) {
        if self.has(Fault::SkipsNormInFusion) {
            self.matmul(x, jobs, rows);
        } else {
            self.inner.norm_matmul(x, norm, scratch, jobs, rows);
        }
    }

    fn prepare_attention(&mut self, p: &PrepareAttention, rows: usize) {
        let k_norm = if self.has(Fault::ForgetsKeyNorm) { None } else { p.k_norm };
        self.inner.prepare_attention(&PrepareAttention { k_norm, ..*p }, rows);
    }
}

#[test]
fn every_planted_fault_is_found() {
    for &(fault, op) in FAULTS {
        let check = CHECKS.iter().find(|check| check.op == op).expect("a group of that name");
        let mut make = || -> Box<dyn KernelOps> {
            Box::new(Faulty {
                inner: ReferenceOps::new(),
                fault,
                widths: Vec::new(),
                batch: Batch::default(),
            })
        };
        assert!((check.run)(&mut make).is_err(), "{fault:?} must be found in {op}");
    }
}
