//! [`KernelOps`] on a GPU.

mod attend;
mod attention;
mod best;
mod experts;
mod matmul;
mod plan;
mod recurrent;
mod rows;
mod streams;
mod whole;

use std::sync::Arc;

use gollum_core::{Batch, BestLogits, Fallbacks, TokenId};
use gollum_kernels::{
    Activation, Attend, AttendWhole, BestOf, BufId, CausalConv, ChannelScan, CopyHeads, DeltaNet, ExpertFfn,
    ExpertLinear, ExpertsId, Ffn, HeadNorm, HeadScan, KernelError, KernelOps, KvLayer, KvSpec, MatmulJob,
    MatrixId, MatrixSource, MixStreams, Norm, Output, PrepareAttention, QueryGrowth, Rope, StateSpec,
    VectorId,
};
use gollum_quant::K_BLOCK;

use crate::device::Device;
use crate::memory::{Activations, Place, Vectors};
use crate::pipelines::Pipelines;
use crate::recorder::Recorder;
use crate::shaders::MatrixUnit;
use crate::weights::{Layout, Matrix, Weights};
pub use attention::max_kv_pages;
use attention::{Kv, Step};
use best::Pairs;
use matmul::{MATRIX_UNITS, Quantised};
use recurrent::States;

/// A device and its compiled kernels: what models on one GPU share.
#[derive(Clone)]
pub struct Gpu {
    pub(crate) device: Device,
    pub(crate) pipelines: Pipelines,
    /// What multiplies long batches of quantised rows, if not the kernels for all devices.
    pub(crate) unit: Option<MatrixUnit>,
}

impl Gpu {
    /// Kernels compiled as releases have them.
    pub fn new(device: Device) -> Self {
        Self { device, pipelines: Pipelines::new(false), unit: None }
    }

    /// Kernels that check every index and start from zeroed workgroup memory: for tests.
    pub fn checked(device: Device) -> Self {
        Self { device, pipelines: Pipelines::new(true), unit: None }
    }

    /// The same with the kernels of matrix units. [`selftest::with_matrix_unit`](crate::selftest::with_matrix_unit) says
    /// whether a device's own can be trusted.
    pub fn with_unit(&self, unit: MatrixUnit) -> Self {
        Self { unit: Some(unit), ..self.clone() }
    }

    /// What multiplies long batches of quantised rows, if not the kernels for all devices.
    pub fn unit(&self) -> Option<MatrixUnit> {
        self.unit
    }

    /// What it is.
    pub fn info(&self) -> &crate::device::DeviceInfo {
        &self.device.info
    }

    /// See [`Device::free_bytes`].
    pub fn free_bytes(&self) -> Option<u64> {
        self.device.free_bytes()
    }

    /// The first fault of the device, if there was one; it has no more results then.
    pub fn fault(&self) -> Option<String> {
        self.device.fault.get()
    }
}

/// The GPU backend.
pub struct GpuOps {
    name: &'static str,
    /// Multiply codes by integer instructions: fast where they exist, slow on Apple's GPUs. The bits are the same.
    dp4a: bool,
    unit: Option<MatrixUnit>,
    recorder: Recorder,
    activations: Activations,
    vectors: Vectors,
    weights: Weights,
    matrices: Vec<Matrix>,
    experts: Vec<Matrix>,
    quantised: Quantised,
    /// Parts of rows whose segments are attended to side by side.
    parts: Option<wgpu::Buffer>,
    has_int_weights: bool,
    routes: Option<wgpu::Buffer>,
    /// Pairs of row and expert, sorted by expert.
    sorted: Option<wgpu::Buffer>,
    /// Heads, rows, and the expert of each row: its head.
    head_routes: Option<(usize, usize, wgpu::Buffer)>,
    kv: Kv,
    step: Step,
    states: States,
    /// Runs of what has a better kernel on other devices.
    fallbacks: Arc<Fallbacks>,
    pairs: Pairs,
}

impl GpuOps {
    /// A backend without weights.
    pub fn new(gpu: &Gpu) -> Self {
        let is_metal = gpu.device.info.api == "metal";
        let name = if is_metal { "gpu-metal" } else { "gpu-vulkan" };
        let recorder = Recorder::new(gpu.device.clone(), gpu.pipelines.clone());
        Self {
            name,
            dp4a: !is_metal,
            unit: gpu.unit,
            recorder,
            activations: Activations::default(),
            vectors: Vectors::default(),
            weights: Weights::default(),
            matrices: Vec::new(),
            experts: Vec::new(),
            quantised: Quantised::default(),
            parts: None,
            has_int_weights: false,
            routes: None,
            sorted: None,
            head_routes: None,
            kv: Kv::default(),
            step: Step::default(),
            states: States::default(),
            fallbacks: Arc::new(Fallbacks::new(name, &[MATRIX_UNITS])),
            pairs: Pairs::default(),
        }
    }

    /// Dispatches and submissions so far.
    pub fn counts(&self) -> (u64, u64) {
        (self.recorder.dispatched, self.recorder.submissions)
    }

    /// Runs everything recorded, and copies the first values of a buffer out: for measurements.
    pub(crate) fn read_some(&mut self, x: BufId, out: &mut [f32]) {
        let (place, chunk) = self.source(x, 1);
        self.recorder.read(&chunk, place.at as u64 * 4, out);
    }

    fn width(&self, x: BufId) -> usize {
        self.activations.width(x)
    }

    /// Where rows of a buffer that is about to be read lie.
    fn source(&mut self, x: BufId, rows: usize) -> (Place, wgpu::Buffer) {
        let width = self.width(x);
        let place = self.activations.place(&self.recorder, x, rows, width);
        (place, self.activations.chunk(place).clone())
    }

    /// Where rows of a buffer that is about to be written lie. What was quantised of it is no longer true.
    fn target(&mut self, x: BufId, rows: usize) -> (Place, wgpu::Buffer) {
        self.quantised.forget(self.activations.base(x));
        self.source(x, rows)
    }
}

fn size_error(s: &MatrixSource<'_>) -> KernelError {
    KernelError::MatrixSize { format: s.format, rows: s.rows, cols: s.cols, bytes: s.bytes.len() }
}

/// True if the bytes are `count` matrices of the shape.
fn has_size(s: &MatrixSource<'_>, count: usize) -> bool {
    let row_bytes = s.format.format().row_bytes(s.cols).filter(|&b| b > 0);
    let rows = s.rows.checked_mul(count);
    row_bytes.zip(rows).and_then(|(b, rows)| b.checked_mul(rows)) == Some(s.bytes.len())
}

impl KernelOps for GpuOps {
    fn name(&self) -> &str {
        self.name
    }

    fn fault(&self) -> Option<String> {
        self.recorder.device.fault.get()
    }

    fn fallbacks(&self) -> Option<Arc<Fallbacks>> {
        Some(Arc::clone(&self.fallbacks))
    }

    fn create_buffer(&mut self, rows: usize, width: usize) -> BufId {
        self.activations.create(rows, width)
    }

    fn create_view(&mut self, of: BufId, width: usize) -> BufId {
        self.activations.view(of, width)
    }

    fn load_matrix(&mut self, source: MatrixSource<'_>) -> Result<MatrixId, KernelError> {
        if !has_size(&source, 1) {
            return Err(size_error(&source));
        }
        self.has_int_weights |= Layout::of(source.format).is_int();
        let packed = self.weights.load(&self.recorder.device, &source, 1);
        self.matrices.push(packed.ok_or(KernelError::OutOfMemory {
            what: "packed weights on the GPU",
            bytes: source.bytes.len(),
        })?);
        Ok(MatrixId(self.matrices.len() - 1))
    }

    fn load_experts(&mut self, source: MatrixSource<'_>, experts: usize) -> Result<ExpertsId, KernelError> {
        if experts == 0 || !has_size(&source, experts) {
            let MatrixSource { format, rows, cols, bytes } = source;
            return Err(KernelError::ExpertsSize { format, experts, rows, cols, bytes: bytes.len() });
        }
        let packed = self.weights.load(&self.recorder.device, &source, experts);
        self.experts.push(packed.ok_or(KernelError::OutOfMemory {
            what: "packed experts on the GPU",
            bytes: source.bytes.len(),
        })?);
        Ok(ExpertsId(self.experts.len() - 1))
    }

    fn load_vector(&mut self, values: &[f32]) -> VectorId {
        self.vectors.load(values)
    }

    fn create_kv(&mut self, spec: &KvSpec, pages: usize, window_pages: usize) -> Result<(), KernelError> {
        self.make_kv(spec, pages, window_pages)
    }

    fn create_states(&mut self, spec: &StateSpec, slots: usize) -> Result<(), KernelError> {
        self.make_states(spec, slots)
    }

    fn begin_step(&mut self, batch: &Batch) {
        self.start_step(batch);
    }

    fn embed(&mut self, table: MatrixId, rows: &[TokenId], scale: f32, output: Output, out: BufId) {
        self.decode_rows(table, rows, scale, output, out);
    }

    fn norm(&mut self, x: BufId, norm: Norm, output: Output, out: BufId, rows: usize) {
        self.norm_rows((x, out), norm, output, rows, false);
    }

    fn matmul(&mut self, x: BufId, jobs: &[MatmulJob], rows: usize) {
        self.run_matmul(x, jobs, rows);
    }

    fn head_norm(&mut self, x: BufId, norm: HeadNorm, rows: usize) {
        self.norm_heads_of(x, norm, rows);
    }

    fn rope(&mut self, x: BufId, heads: usize, head_dim: usize, rope: &Rope, rows: usize) {
        self.rotate(x, (heads, head_dim), rope, rows);
    }

    fn kv_append(&mut self, layer: usize, k: BufId, v: BufId) {
        self.append(layer, k, v);
    }

    fn attend(&mut self, attend: &Attend, q: BufId, out: BufId) {
        self.run_attention(attend, q, out);
    }

    /// Nothing: K and V of whole inputs are read where the matmuls left them.
    fn create_whole(&mut self, _: &[KvLayer], _: usize, _: usize) -> Result<(), KernelError> {
        Ok(())
    }

    fn attend_whole(&mut self, attend: &AttendWhole, qkv: [BufId; 3], out: BufId) {
        self.run_whole(attend, qkv, out);
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

    fn grow(&mut self, x: BufId, growth: QueryGrowth, rows: usize) {
        self.grow_rows(x, growth, rows);
    }

    fn gate(&mut self, activation: Activation, gate: BufId, up: Option<BufId>, out: BufId, rows: usize) {
        self.activate(activation, (gate, up, out), rows, false);
    }

    fn gate_heads(&mut self, activation: Activation, x: BufId, gate: BufId, rows: usize) {
        self.gate_each_head(activation, x, gate, rows);
    }

    fn copy_heads(&mut self, f: &CopyHeads, rows: usize) {
        self.copy_stretches(f, rows);
    }

    fn matmul_heads(&mut self, x: BufId, matrices: ExpertLinear, out: BufId, rows: usize) {
        self.multiply_heads(x, matrices, out, rows);
    }

    fn expert_ffn(&mut self, f: &ExpertFfn, rows: usize) {
        self.mix_experts(f, rows);
    }

    fn soft_cap(&mut self, x: BufId, cap: f32, rows: usize) {
        self.cap_rows(x, cap, rows);
    }

    fn mix_streams(&mut self, f: &MixStreams, rows: usize) {
        self.mix(f, rows);
    }

    fn match_magnitude(&mut self, x: BufId, like: BufId, rows: usize) {
        self.match_heads(x, like, rows);
    }

    fn cut_gates(&mut self, x: BufId, deviations: f32, rows: usize) {
        self.cut(x, deviations, rows);
    }

    fn gather(&mut self, x: BufId, rows: &[usize], out: BufId) {
        self.gather_rows(x, rows, out);
    }

    fn read(&mut self, x: BufId, rows: usize, out: &mut [f32]) {
        let len = rows * self.width(x);
        let (place, chunk) = self.source(x, rows);
        self.recorder.read(&chunk, place.at as u64 * 4, &mut out[..len]);
    }

    fn best(&mut self, x: BufId, rows: usize, of: &BestOf) -> Option<Vec<BestLogits>> {
        self.find_best(x, rows, of)
    }

    fn write(&mut self, x: BufId, values: &[f32]) {
        let width = self.width(x);
        assert!(values.len().is_multiple_of(width), "{} values in rows of {width}", values.len());
        let (place, chunk) = self.target(x, values.len() / width);
        self.recorder.write(&chunk, place.at as u64 * 4, bytemuck::cast_slice(values));
    }

    fn norm_matmul(&mut self, x: BufId, norm: Norm, scratch: BufId, jobs: &[MatmulJob], rows: usize) {
        let quantise = self.needs_quantised(jobs);
        self.norm_rows((x, scratch), norm, Output::Store, rows, quantise);
        self.run_matmul(scratch, jobs, rows);
    }

    fn prepare_attention(&mut self, p: &PrepareAttention, rows: usize) {
        let norms = [p.q_norm, p.keys.and_then(|keys| keys.k_norm)];
        if norms.into_iter().flatten().all(|norm| norm.head_dim == p.head_dim) {
            self.prepare(p, rows);
        } else {
            // Norms of whole rows reach over heads, which have a workgroup each.
            self.prepare_heads(p, rows);
            if let Some(keys) = p.keys {
                self.append(keys.layer, keys.k, keys.v);
            }
        }
    }

    fn ffn(&mut self, f: &Ffn, rows: usize) {
        let job = |linear: gollum_kernels::Linear, out| MatmulJob {
            matrix: linear.matrix,
            out,
            output: Output::Store,
            epilogue: linear.epilogue,
        };
        let jobs: Vec<MatmulJob> =
            [Some(job(f.gate, f.gate_out)), f.up.map(|up| job(up, f.up_out))].into_iter().flatten().collect();
        match f.norm {
            Some(norm) => self.norm_matmul(f.x, norm, f.scratch, &jobs, rows),
            None => self.run_matmul(f.x, &jobs, rows),
        }
        // What follows is a matmul of the same kind of weights.
        let quantise = self.needs_quantised(&jobs) && self.width(f.gate_out).is_multiple_of(K_BLOCK);
        self.activate(f.activation, (f.gate_out, f.up.map(|_| f.up_out), f.gate_out), rows, quantise);
    }
}
