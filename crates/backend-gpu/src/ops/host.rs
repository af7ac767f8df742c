//! What has no kernel yet runs on the reference: its inputs come back to the host, its outputs go to the device again.
//! Slow, counted, and told once.

use std::collections::HashMap;
use std::sync::Arc;

use gollum_core::{Batch, Fallbacks};
use gollum_kernels::reference::ReferenceOps;
use gollum_kernels::{BufId, KernelOps, VectorId};

use super::GpuOps;

/// Matmuls of long batches without a matrix unit: on the device, but by the kernels for all devices.
pub(super) const MATRIX_UNITS: &str = "matrix_units";

/// Everything that is counted; all but the last run here.
const OPS: &[&str] = &["attend_whole", "cut_gates", "match_magnitude", "mix_streams", MATRIX_UNITS];

/// The reference beside the device.
pub(super) struct Host {
    ops: ReferenceOps,
    buffers: HashMap<usize, BufId>,
    vectors: HashMap<usize, VectorId>,
    /// Runs of each operation.
    pub fallbacks: Arc<Fallbacks>,
}

impl Host {
    pub fn new(backend: &'static str) -> Self {
        Self {
            ops: ReferenceOps::default(),
            buffers: HashMap::new(),
            vectors: HashMap::new(),
            fallbacks: Arc::new(Fallbacks::new(backend, OPS)),
        }
    }

    pub fn begin_step(&mut self, batch: &Batch) {
        self.ops.begin_step(batch);
    }
}

/// Ids on the host of what has ids on the device.
pub(super) struct HostIds<'a>(&'a HashMap<usize, BufId>, &'a HashMap<usize, VectorId>);

impl HostIds<'_> {
    pub fn buffer(&self, x: BufId) -> BufId {
        self.0[&x.0]
    }

    pub fn vector(&self, v: VectorId) -> VectorId {
        self.1[&v.0]
    }
}

impl GpuOps {
    /// Runs `run` on the reference, over all rows of the step.
    pub(super) fn on_host(
        &mut self,
        op: &str,
        inputs: &[BufId],
        outputs: &[BufId],
        run: impl FnOnce(&mut ReferenceOps, &HostIds<'_>),
    ) {
        let rows = self.step.batch.num_tokens();
        self.rows_on_host((op, rows), inputs, outputs, run);
    }

    /// Runs `run` on the reference, over the first `rows` rows of its buffers.
    pub(super) fn rows_on_host(
        &mut self,
        (op, rows): (&str, usize),
        inputs: &[BufId],
        outputs: &[BufId],
        run: impl FnOnce(&mut ReferenceOps, &HostIds<'_>),
    ) {
        if self.host.fallbacks.count(op) {
            tracing::warn!("GPU: there is no kernel for {op} yet: it runs on the CPU, slowly");
        }
        for &x in inputs.iter().chain(outputs) {
            let (buffer_rows, width) = (self.activations.rows(x), self.width(x));
            let ops = &mut self.host.ops;
            self.host.buffers.entry(x.0).or_insert_with(|| ops.create_buffer(buffer_rows, width));
        }
        for id in 0..self.vectors.count() {
            let (ops, vectors) = (&mut self.host.ops, &self.vectors);
            self.host.vectors.entry(id).or_insert_with(|| ops.load_vector(vectors.values(VectorId(id))));
        }
        for &x in inputs {
            let mut values = vec![0.0; rows * self.width(x)];
            self.read(x, rows, &mut values);
            self.host.ops.write(self.host.buffers[&x.0], &values);
        }
        run(&mut self.host.ops, &HostIds(&self.host.buffers, &self.host.vectors));
        for &x in outputs {
            let mut values = vec![0.0; rows * self.width(x)];
            self.host.ops.read(self.host.buffers[&x.0], rows, &mut values);
            self.write(x, &values);
        }
    }
}
