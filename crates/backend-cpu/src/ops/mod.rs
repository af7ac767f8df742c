//! [`CpuOps`]: what a model calls, as tasks for the pool.

#![allow(unsafe_code)]

mod attention;
mod matmul;
mod quantised;
mod rope;

use gollum_core::{Batch, KvDtype, TokenId};
use gollum_kernels::{
    Activation, Attend, BufId, GatedFfn, HeadNorm, KernelError, KernelOps, KvSpec, MatmulJob, MatrixId,
    MatrixSource, Norm, Output, PrepareAttention, Rope, VectorId,
};

use crate::kernels::rows::{Gate, RmsNorm, SoftCap};
use crate::memory::{Arena, HugeArray, HugeBuffer};
use crate::pack::{self, PackedMatrix};
use crate::pool::Pool;
use crate::simd::{Isa, LANES};
use attention::LayerKv;
use quantised::Quantised;
use rope::RopeTables;

/// Values a single thread handles before a row operation is worth waking another for: some 2 microseconds.
const INLINE_VALUES: usize = 8192;

/// How to run.
#[derive(Clone, Debug)]
pub struct CpuConfig {
    /// Compute threads, the calling one included; at least 1.
    pub threads: usize,
    /// Instruction set; `None` takes the widest this CPU has.
    pub isa: Option<Isa>,
}

/// What can go wrong at start.
#[derive(Debug, thiserror::Error)]
pub enum CpuError {
    /// The CPU lacks the instruction set that was asked for.
    #[error("this CPU has no {}", .0.name())]
    IsaUnavailable(Isa),
    /// Threads could not be started.
    #[error("cannot start {threads} compute threads")]
    Threads {
        /// How many were asked for.
        threads: usize,
        /// Why.
        source: std::io::Error,
    },
    /// Threads could not be pinned.
    #[error("cannot pin the compute threads to the CPUs {cpus:?}")]
    Pin {
        /// Where they were to run.
        cpus: Vec<usize>,
        /// Why.
        source: std::io::Error,
    },
}

/// An activation buffer, `[rows, width]`.
struct Buffer {
    width: usize,
    rows: usize,
    values: HugeBuffer,
}

impl Buffer {
    fn ptr(&self) -> Ptr<f32> {
        Ptr(self.values.as_raw().cast())
    }
}

/// A pointer that tasks share. Tasks of one job write disjoint parts; each use says why.
#[derive(Clone, Copy)]
struct Ptr<T>(*mut T);

// SAFETY: see the type's text.
unsafe impl<T> Send for Ptr<T> {}
// SAFETY: see the type's text.
unsafe impl<T> Sync for Ptr<T> {}

impl<T> Ptr<T> {
    /// The pointer, moved by `count` values. A method, so that closures capture the whole `Ptr`.
    fn at(self, count: usize) -> *mut T {
        // Within an allocation by every caller's index arithmetic; wrapping makes the method safe.
        self.0.wrapping_add(count)
    }
}

/// The CPU backend.
pub struct CpuOps {
    isa: Isa,
    name: String,
    pool: Pool,
    arena: Arena,
    buffers: Vec<Buffer>,
    matrices: Vec<PackedMatrix>,
    vectors: Vec<HugeArray<f32>>,
    quantised: Quantised,
    kv: Vec<LayerKv>,
    kv_dtype: KvDtype,
    batch: Batch,
    ropes: RopeTables,
}

impl CpuOps {
    /// Starts the threads.
    pub fn new(config: &CpuConfig) -> Result<Self, CpuError> {
        let isa = config.isa.unwrap_or_else(Isa::detect);
        if !isa.is_available() {
            return Err(CpuError::IsaUnavailable(isa));
        }
        let threads = config.threads.max(1);
        let pool = Pool::new(threads).map_err(|source| CpuError::Threads { threads, source })?;
        Ok(Self {
            isa,
            name: format!("cpu-{}", isa.name()),
            pool,
            arena: Arena::default(),
            buffers: Vec::new(),
            matrices: Vec::new(),
            vectors: Vec::new(),
            quantised: Quantised::default(),
            kv: Vec::new(),
            kv_dtype: KvDtype::default(),
            batch: Batch::default(),
            ropes: RopeTables::default(),
        })
    }

    /// Pins compute thread `i` to `cpus[i % cpus.len()]`; thread 0 is whichever calls the operations. `cpus` is not
    /// empty.
    pub fn pin(&mut self, cpus: &[usize]) -> Result<(), CpuError> {
        self.pool.pin(cpus).map_err(|source| CpuError::Pin { cpus: cpus.to_vec(), source })
    }

    /// The instruction set in use.
    pub fn isa(&self) -> Isa {
        self.isa
    }

    /// Compute threads, the calling one included.
    pub fn threads(&self) -> usize {
        self.pool.threads()
    }

    fn width(&self, x: BufId) -> usize {
        self.buffers[x.0].width
    }

    /// Checks that `rows` rows of `width` values fit a buffer, and returns its start.
    fn ptr(&self, x: BufId, rows: usize, width: usize) -> Ptr<f32> {
        let buffer = &self.buffers[x.0];
        assert!(
            rows <= buffer.rows && width == buffer.width,
            "{rows} x {width} in {} x {}",
            buffer.rows,
            buffer.width
        );
        buffer.ptr()
    }

    /// Runs `f(row)` for each row, on all threads when there is enough to do.
    fn for_rows(&self, rows: usize, values_per_row: usize, f: &(dyn Fn(usize) + Sync)) {
        if rows * values_per_row <= INLINE_VALUES {
            (0..rows).for_each(f);
        } else {
            self.pool.for_each(rows, f);
        }
    }
}

impl KernelOps for CpuOps {
    fn name(&self) -> &str {
        &self.name
    }

    fn create_buffer(&mut self, rows: usize, width: usize) -> BufId {
        let bytes = rows * width * size_of::<f32>();
        let values = self.arena.zeroed(bytes).expect("the address space holds the activation buffers");
        self.buffers.push(Buffer { width, rows, values });
        self.quantised.reserve(rows, width);
        BufId(self.buffers.len() - 1)
    }

    fn load_matrix(&mut self, source: MatrixSource<'_>) -> Result<MatrixId, KernelError> {
        let mut matrix = PackedMatrix::allocate(&mut self.arena, &source)?;
        let (row_bytes, panel_bytes) = (source.bytes.len() / source.rows.max(1), matrix.panel_bytes);
        let panels = matrix.panels();
        let target = Ptr(matrix.panels_mut().as_mut_ptr());
        self.pool.for_each(panels, &|panel| {
            let rows = source.bytes.chunks(row_bytes * LANES).nth(panel).expect("a panel has rows");
            // SAFETY: each task has a panel of its own.
            let dst = unsafe { std::slice::from_raw_parts_mut(target.at(panel * panel_bytes), panel_bytes) };
            pack::pack_panel(source.format, row_bytes, rows, dst);
        });
        self.matrices.push(matrix);
        Ok(MatrixId(self.matrices.len() - 1))
    }

    fn load_vector(&mut self, values: &[f32]) -> VectorId {
        self.vectors.push(HugeArray::copy_of(&mut self.arena, values));
        VectorId(self.vectors.len() - 1)
    }

    fn create_kv(&mut self, spec: &KvSpec, pages: usize) -> Result<(), KernelError> {
        self.kv_dtype = spec.dtype;
        for (index, layer) in spec.layers.iter().enumerate() {
            self.kv.push(LayerKv::allocate(&mut self.arena, spec.dtype, (index, *layer), pages)?);
        }
        Ok(())
    }

    fn begin_step(&mut self, batch: &Batch) {
        self.batch.clone_from(batch);
        self.ropes.start_step();
        for copy in &self.batch.page_copies {
            for layer in &mut self.kv {
                layer.copy_page(copy.src, copy.dst);
            }
        }
    }

    fn embed(&mut self, table: MatrixId, tokens: &[TokenId], scale: f32, out: BufId) {
        let width = self.matrices[table.0].cols;
        let target = self.ptr(out, tokens.len(), width);
        let matrix = &self.matrices[table.0];
        let rows = matrix.rows;
        self.pool.for_each(tokens.len(), &|row| {
            let token = tokens[row] as usize;
            assert!(token < rows, "token {token} of {rows}");
            // SAFETY: each task has a row of its own.
            let values = unsafe { std::slice::from_raw_parts_mut(target.at(row * width), width) };
            matrix.decode_row(token, values);
            values.iter_mut().for_each(|v| *v *= scale);
        });
    }

    fn rms_norm(&mut self, x: BufId, norm: Norm, output: Output, out: BufId, rows: usize) {
        let width = self.width(x);
        self.norm_rows((x, out), norm, output, (rows, 1, width));
    }

    fn matmul(&mut self, x: BufId, jobs: &[MatmulJob], rows: usize) {
        self.quantise_for(x, jobs, rows);
        self.run_matmul(x, jobs, rows);
    }

    fn head_norm(&mut self, x: BufId, h: HeadNorm, rows: usize) {
        self.norm_rows((x, x), h.norm, Output::Store, (rows, h.heads, h.head_dim));
    }

    fn rope(&mut self, x: BufId, heads: usize, head_dim: usize, rope: &Rope, rows: usize) {
        self.rotate(x, (heads, head_dim), rope, rows);
    }

    fn kv_append(&mut self, layer: usize, k: BufId, v: BufId) {
        self.append(layer, k, v);
    }

    fn attend(&mut self, a: &Attend, q: BufId, out: BufId) {
        self.run_attention(a, q, out);
    }

    fn gate(&mut self, activation: Activation, gate: BufId, up: BufId, out: BufId, rows: usize) {
        let width = self.width(gate);
        let (g, u, o) = (self.ptr(gate, rows, width), self.ptr(up, rows, width), self.ptr(out, rows, width));
        let isa = self.isa;
        self.for_rows(rows, width * 8, &|row| {
            let at = row * width;
            isa.run(Gate { activation, gate: g.at(at), up: u.at(at), out: o.at(at), n: width });
        });
    }

    fn soft_cap(&mut self, x: BufId, cap: f32, rows: usize) {
        let width = self.width(x);
        let (p, isa) = (self.ptr(x, rows, width), self.isa);
        self.for_rows(rows, width * 8, &|row| isa.run(SoftCap { x: p.at(row * width), cap, n: width }));
    }

    fn gather(&mut self, x: BufId, rows: &[usize], out: BufId) {
        let width = self.width(x);
        let highest = rows.iter().max().map_or(0, |r| r + 1);
        let (from, to) = (self.ptr(x, highest, width), self.ptr(out, rows.len(), width));
        assert_ne!(x, out, "gather within one buffer");
        for (i, &row) in rows.iter().enumerate() {
            // SAFETY: both rows exist, in different buffers.
            unsafe { std::ptr::copy_nonoverlapping(from.at(row * width), to.at(i * width), width) };
        }
    }

    fn read(&mut self, x: BufId, rows: usize, out: &mut [f32]) {
        let width = self.width(x);
        let from = self.ptr(x, rows, width);
        let out = &mut out[..rows * width];
        // SAFETY: `rows` rows exist, and `out` is as long.
        unsafe { std::ptr::copy_nonoverlapping(from.at(0), out.as_mut_ptr(), out.len()) };
    }

    fn write(&mut self, x: BufId, values: &[f32]) {
        let width = self.width(x);
        assert!(values.len().is_multiple_of(width), "{} values in rows of {width}", values.len());
        let to = self.ptr(x, values.len() / width, width);
        // SAFETY: the rows exist.
        unsafe { std::ptr::copy_nonoverlapping(values.as_ptr(), to.at(0), values.len()) };
    }

    fn norm_matmul(&mut self, x: BufId, norm: Norm, scratch: BufId, jobs: &[MatmulJob], rows: usize) {
        self.norm_and_quantise(x, norm, scratch, jobs, rows);
        self.run_matmul(scratch, jobs, rows);
    }

    fn prepare_attention(&mut self, p: &PrepareAttention, rows: usize) {
        self.prepare_rows(p, rows);
    }

    fn gated_ffn(&mut self, f: &GatedFfn, rows: usize) {
        let jobs = [
            MatmulJob { matrix: f.gate, out: f.gate_out, output: Output::Store },
            MatmulJob { matrix: f.up, out: f.up_out, output: Output::Store },
        ];
        self.norm_and_quantise(f.x, f.norm, f.scratch, &jobs, rows);
        self.run_gated(f, rows);
    }
}

impl CpuOps {
    /// Norms `heads` stretches of `width` values in each row of `(from, to)`.
    fn norm_rows(
        &mut self,
        (x, out): (BufId, BufId),
        norm: Norm,
        output: Output,
        shape: (usize, usize, usize),
    ) {
        let (rows, heads, width) = shape;
        let (from, to) = (self.ptr(x, rows, heads * width), self.ptr(out, rows, heads * width));
        let weight = &self.vectors[norm.weight.0];
        assert_eq!(weight.len(), width, "norm weights");
        let (weight, isa, eps) = (Ptr(weight.as_ptr().cast_mut()), self.isa, norm.eps);
        self.for_rows(rows, heads * width, &|row| {
            let at = row * heads * width;
            isa.run(RmsNorm {
                x: from.at(at),
                weight: weight.at(0),
                out: to.at(at),
                width,
                heads,
                eps,
                output,
            });
        });
    }
}
