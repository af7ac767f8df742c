//! [`CpuOps`]: what a model calls, as tasks for the pool.

#![allow(unsafe_code)]

mod attention;
mod experts;
mod heads;
mod mapped;
mod matmul;
mod quantised;
mod recurrent;
mod rope;
mod streams;
mod whole;

use gollum_core::{Batch, KvDtype, TokenId};
use gollum_kernels::reference::rows::growth_factor;
use gollum_kernels::{
    Activation, Attend, AttendWhole, BufId, CausalConv, ChannelScan, CopyHeads, DeltaNet, ExpertFfn,
    ExpertLinear, ExpertSource, ExpertsId, Ffn, HeadNorm, HeadScan, KernelError, KernelOps, KvLayer, KvSpec,
    MatmulJob, MatrixId, MatrixSource, MixStreams, Norm, Output, PrepareAttention, QueryGrowth, Rope,
    StateSpec, VectorId, math,
};

use crate::kernels::activation::Gate;
use crate::kernels::rows::{ScaleRow, SoftCap};
use crate::memory::{Arena, HugeArray, HugeBuffer};
use crate::pack::{self, PackedMatrix};
use crate::pool::Pool;
use crate::simd::{Isa, LANES};
use attention::LayerKv;
use mapped::ExpertMatrix;
use quantised::Quantised;
use recurrent::StateRoom;
use rope::RopeTables;
use whole::WholeRoom;

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

/// An activation buffer, `[rows, width]`, or a view of one.
#[derive(Clone, Copy)]
struct Buffer {
    width: usize,
    rows: usize,
    /// Index into [`CpuOps::memory`]; views share it.
    memory: usize,
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
    memory: Vec<HugeBuffer>,
    buffers: Vec<Buffer>,
    matrices: Vec<PackedMatrix>,
    experts: Vec<ExpertMatrix>,
    expert_share: Option<f64>,
    vectors: Vec<HugeArray<f32>>,
    quantised: Quantised,
    /// Inputs of float matrices by heads, head by head.
    gathered: HugeArray<f32>,
    kv: Vec<LayerKv>,
    kv_dtype: KvDtype,
    whole: Option<WholeRoom>,
    states: Option<StateRoom>,
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
            memory: Vec::new(),
            buffers: Vec::new(),
            matrices: Vec::new(),
            experts: Vec::new(),
            expert_share: None,
            vectors: Vec::new(),
            quantised: Quantised::default(),
            gathered: HugeArray::default(),
            kv: Vec::new(),
            kv_dtype: KvDtype::default(),
            whole: None,
            states: None,
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
        Ptr(self.memory[buffer.memory].as_raw().cast())
    }

    /// True of a buffer and itself, and of views of one buffer.
    fn share_memory(&self, a: BufId, b: BufId) -> bool {
        self.buffers[a.0].memory == self.buffers[b.0].memory
    }

    /// A vector's values; null if it is absent.
    fn vector_ptr(&self, vector: Option<VectorId>) -> Ptr<f32> {
        Ptr(vector.map_or(std::ptr::null_mut(), |v| self.vectors[v.0].as_ptr().cast_mut()))
    }

    /// Packs `count` matrices, one behind the other in the source, on all threads.
    fn pack(&mut self, source: &MatrixSource<'_>, count: usize) -> Result<PackedMatrix, KernelError> {
        let mut matrix = PackedMatrix::allocate(&mut self.arena, source, count)?;
        let (panels, panel_bytes) = (matrix.panels(), matrix.panel_bytes);
        let row_bytes = source.bytes.len() / (count * source.rows).max(1);
        let target = Ptr(matrix.panels_mut().as_mut_ptr());
        self.pool.for_each(count * panels, &|task| {
            let (matrix, first) = (task / panels, task % panels * LANES);
            let rows = LANES.min(source.rows - first);
            let bytes = &source.bytes[(matrix * source.rows + first) * row_bytes..][..rows * row_bytes];
            // SAFETY: each task has a panel of its own.
            let dst = unsafe { std::slice::from_raw_parts_mut(target.at(task * panel_bytes), panel_bytes) };
            pack::pack_panel(source.format, row_bytes, bytes, dst);
        });
        Ok(matrix)
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
        self.memory.push(values);
        self.buffers.push(Buffer { width, rows, memory: self.memory.len() - 1 });
        self.quantised.reserve(rows, width);
        BufId(self.buffers.len() - 1)
    }

    fn create_view(&mut self, of: BufId, width: usize) -> BufId {
        let viewed = self.buffers[of.0];
        assert!(width <= viewed.width, "a view {width} wide over {}", viewed.width);
        self.buffers.push(Buffer { width, ..viewed });
        BufId(self.buffers.len() - 1)
    }

    fn load_matrix(&mut self, source: MatrixSource<'_>) -> Result<MatrixId, KernelError> {
        let matrix = self.pack(&source, 1)?;
        self.matrices.push(matrix);
        Ok(MatrixId(self.matrices.len() - 1))
    }

    fn load_experts(&mut self, source: MatrixSource<'_>, experts: usize) -> Result<ExpertsId, KernelError> {
        let size_error = KernelError::ExpertsSize {
            format: source.format,
            experts,
            rows: source.rows,
            cols: source.cols,
            bytes: source.bytes.len(),
        };
        if experts == 0 {
            return Err(size_error);
        }
        let packed = self.pack(&source, experts).map_err(|error| match error {
            KernelError::MatrixSize { .. } => size_error,
            other => other,
        })?;
        self.experts.push(ExpertMatrix::whole(packed));
        Ok(ExpertsId(self.experts.len() - 1))
    }

    fn keeps_experts_mapped(&self) -> bool {
        self.expert_share.is_some()
    }

    fn map_experts(&mut self, source: &ExpertSource) -> Result<ExpertsId, KernelError> {
        let Some(share) = self.expert_share else {
            let bytes = source.joined();
            return self.load_experts(source.matrices(&bytes), source.experts);
        };
        let matrix = self.map_matrix(source, share)?;
        self.experts.push(matrix);
        Ok(ExpertsId(self.experts.len() - 1))
    }

    fn load_vector(&mut self, values: &[f32]) -> VectorId {
        self.vectors.push(HugeArray::copy_of(&mut self.arena, values));
        VectorId(self.vectors.len() - 1)
    }

    fn create_kv(&mut self, spec: &KvSpec, pages: usize, window_pages: usize) -> Result<(), KernelError> {
        self.kv_dtype = spec.dtype;
        for (index, layer) in spec.layers.iter().enumerate() {
            let pages = [pages, window_pages];
            self.kv.push(LayerKv::allocate(&mut self.arena, spec.dtype, (index, *layer), pages)?);
        }
        Ok(())
    }

    fn create_states(&mut self, spec: &StateSpec, slots: usize) -> Result<(), KernelError> {
        self.make_state_room(spec, slots)
    }

    fn causal_conv(&mut self, f: &CausalConv) {
        self.run_conv(f);
    }

    fn delta_net(&mut self, f: &DeltaNet) {
        self.run_delta(f);
    }

    fn head_scan(&mut self, f: &HeadScan) {
        self.run_head_scan(f);
    }

    fn channel_scan(&mut self, f: &ChannelScan) {
        self.run_channel_scan(f);
    }

    fn begin_step(&mut self, batch: &Batch) {
        self.batch.clone_from(batch);
        self.ropes.start_step();
        self.load_states();
        for layer in &mut self.kv {
            layer.copy_pages(&self.batch);
        }
    }

    fn embed(&mut self, table: MatrixId, rows: &[TokenId], scale: f32, output: Output, out: BufId) {
        let width = self.matrices[table.0].cols;
        let target = self.ptr(out, rows.len(), width);
        let matrix = &self.matrices[table.0];
        let table_rows = matrix.rows;
        self.pool.for_each(rows.len(), &|row| {
            let index = rows[row] as usize;
            assert!(index < table_rows, "row {index} of {table_rows}");
            // SAFETY: each task has a row of its own.
            let values = unsafe { std::slice::from_raw_parts_mut(target.at(row * width), width) };
            match output {
                Output::Store => {
                    matrix.decode_row(index, values);
                    values.iter_mut().for_each(|v| *v *= scale);
                }
                Output::Add => {
                    let mut decoded = vec![0.0; width];
                    matrix.decode_row(index, &mut decoded);
                    values.iter_mut().zip(decoded).for_each(|(v, d)| *v += d * scale);
                }
            }
        });
    }

    fn norm(&mut self, x: BufId, norm: Norm, output: Output, out: BufId, rows: usize) {
        let width = self.width(x);
        self.norm_rows((x, out), norm, output, (rows, 1, width));
    }

    fn matmul(&mut self, x: BufId, jobs: &[MatmulJob], rows: usize) {
        if self.needs_quantised(jobs) {
            self.quantise(x, rows);
        }
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

    fn create_whole(&mut self, layers: &[KvLayer], rows: usize, inputs: usize) -> Result<(), KernelError> {
        self.make_whole_room(layers, rows, inputs)
    }

    fn attend_whole(&mut self, a: &AttendWhole, qkv: [BufId; 3], out: BufId) {
        self.run_whole(a, qkv, out);
    }

    fn grow(&mut self, x: BufId, growth: QueryGrowth, rows: usize) {
        let width = self.width(x);
        let (x, isa, positions) = (self.ptr(x, rows, width), self.isa, &self.batch.positions);
        self.for_rows(rows, width, &|row| {
            let factor = growth_factor(growth, positions[row]);
            let x = x.at(row * width);
            isa.run(ScaleRow { x, factor, out: x, n: width });
        });
    }

    fn gate(&mut self, activation: Activation, gate: BufId, up: Option<BufId>, out: BufId, rows: usize) {
        let width = self.width(gate);
        let (g, o) = (self.ptr(gate, rows, width), self.ptr(out, rows, width));
        let up = up.map(|up| self.ptr(up, rows, width));
        let isa = self.isa;
        self.for_rows(rows, width * 8, &|row| {
            let at = row * width;
            let up = up.map_or(std::ptr::null(), |up| up.at(at).cast_const());
            isa.run(Gate { activation, gate: g.at(at), up, out: o.at(at), n: width });
        });
    }

    fn gate_heads(&mut self, activation: Activation, x: BufId, gate: BufId, rows: usize) {
        let (width, heads) = (self.width(x), self.width(gate));
        let (x, gate, isa) = (self.ptr(x, rows, width), self.ptr(gate, rows, heads), self.isa);
        let n = width / heads;
        self.for_rows(rows, width, &|row| {
            for head in 0..heads {
                // SAFETY: the row exists, and nobody writes to the gates.
                let factor = math::activate(activation, unsafe { *gate.at(row * heads + head) });
                let x = x.at(row * width + head * n);
                isa.run(ScaleRow { x, factor, out: x, n });
            }
        });
    }

    fn copy_heads(&mut self, f: &CopyHeads, rows: usize) {
        self.copy_stretches(f, rows);
    }

    fn matmul_heads(&mut self, x: BufId, matrices: ExpertLinear, out: BufId, rows: usize) {
        self.run_heads(x, &matrices, out, rows);
    }

    fn expert_ffn(&mut self, f: &ExpertFfn, rows: usize) {
        self.mix_experts(f, rows);
    }

    fn soft_cap(&mut self, x: BufId, cap: f32, rows: usize) {
        let width = self.width(x);
        let (p, isa) = (self.ptr(x, rows, width), self.isa);
        self.for_rows(rows, width * 8, &|row| isa.run(SoftCap { x: p.at(row * width), cap, n: width }));
    }

    fn mix_streams(&mut self, f: &MixStreams, rows: usize) {
        self.run_mix_streams(f, rows);
    }

    fn match_magnitude(&mut self, x: BufId, like: BufId, rows: usize) {
        self.match_rows(x, like, rows);
    }

    fn cut_gates(&mut self, x: BufId, deviations: f32, rows: usize) {
        self.cut_rows(x, deviations, rows);
    }

    fn gather(&mut self, x: BufId, rows: &[usize], out: BufId) {
        let width = self.width(x);
        let highest = rows.iter().max().map_or(0, |r| r + 1);
        let (from, to) = (self.ptr(x, highest, width), self.ptr(out, rows.len(), width));
        assert!(!self.share_memory(x, out), "gather within one buffer");
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
        self.norm_and_quantise((x, scratch), norm, self.needs_quantised(jobs), rows);
        self.run_matmul(scratch, jobs, rows);
    }

    fn prepare_attention(&mut self, p: &PrepareAttention, rows: usize) {
        self.prepare_rows(p, rows);
    }

    fn ffn(&mut self, f: &Ffn, rows: usize) {
        self.run_ffn(f, rows);
    }
}

impl CpuOps {
    /// Norms `heads` stretches of `width` values in each row of `(from, to)`.
    fn norm_rows(
        &mut self,
        (x, out): (BufId, BufId),
        norm: Norm,
        output: Output,
        (rows, heads, width): (usize, usize, usize),
    ) {
        let (from, to) = (self.ptr(x, rows, heads * width), self.ptr(out, rows, heads * width));
        let (vectors, isa) = (self.norm_vectors(norm, heads, width), self.isa);
        self.for_rows(rows, heads * width, &|row| {
            let at = row * heads * width;
            isa.run(vectors.row(from.at(at), to.at(at), output));
        });
    }
}
