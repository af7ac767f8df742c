//! A plan's tensors, loaded onto a backend one after the other.

use std::ops::Range;
use std::sync::Arc;

use gollum_gguf::{Gguf, SharedTensor, TensorInfo};
use gollum_kernels::{
    ExpertSource, ExpertsId, KernelError, KernelOps, MappedExperts, MatrixId, MatrixSource, VectorId,
};
use gollum_quant::FormatId;

use super::LoadProgress;
use super::find::{find, find_any, find_experts, find_vector, has_rows};
use crate::ModelError;
use crate::plan::{ConvSlice, ExpertSlice, MatrixSlice, Place, TensorSource, VectorSlice};

/// Loads tensors onto a backend, or onto the two that a model is split between.
pub(super) struct Loader<'a> {
    pub gguf: &'a Gguf,
    pub ops: &'a mut dyn KernelOps,
    /// The backend of the entry and of the first layers, and how many these are.
    pub front: Option<&'a mut (Box<dyn KernelOps>, usize)>,
    /// What asks.
    pub place: Place,
    pub progress: &'a mut dyn FnMut(LoadProgress<'_>),
    pub done_bytes: u64,
    pub total_bytes: u64,
}

impl Loader<'_> {
    /// The backend of what asks.
    fn here(&mut self) -> &mut dyn KernelOps {
        let Some((front, layers)) = self.front.as_deref_mut() else { return self.ops };
        let is_front = match self.place {
            Place::Entry => true,
            Place::Layer(layer) => layer < *layers,
            Place::Head => false,
        };
        if is_front { front.as_mut() } else { self.ops }
    }

    fn tell(&mut self, tensor: &TensorInfo) {
        self.gguf.release(tensor);
        // A split model has a tied table, and factors of rotations, twice.
        self.done_bytes = (self.done_bytes + tensor.byte_len as u64).min(self.total_bytes);
        let (done_bytes, total_bytes) = (self.done_bytes, self.total_bytes);
        (self.progress)(LoadProgress { tensor: &tensor.name, done_bytes, total_bytes });
    }
}

impl Loader<'_> {
    /// The rows that are meant of all experts, one behind the other: of fused stacks, and of tensors of their own. One
    /// stack of one layer at a time.
    fn join(&self, tensors: &[&TensorInfo], s: &ExpertSlice) -> Vec<u8> {
        let mut joined = Vec::new();
        for tensor in tensors {
            let bytes = self.gguf.bytes(tensor);
            let row_bytes = bytes.len() * tensors.len() / (s.experts * s.file_rows);
            for expert in bytes.chunks_exact(s.file_rows * row_bytes) {
                joined.extend_from_slice(&expert[s.rows.start * row_bytes..s.rows.end * row_bytes]);
            }
        }
        joined
    }

    /// Leaves the experts where they are.
    fn map_experts(
        &mut self,
        tensors: &[&TensorInfo],
        format: FormatId,
        s: &ExpertSlice,
    ) -> Result<ExpertsId, ModelError> {
        let shared = tensors.iter().map(|tensor| self.gguf.share(tensor)).collect();
        let slices = ExpertSlices { tensors: shared, slice: s.clone() };
        let (rows, cols, experts) = (s.rows.len(), s.cols, s.experts);
        let source = ExpertSource { format, rows, cols, experts, weights: Arc::new(slices) };
        let id = self.here().map_experts(&source).map_err(|error| kernel_error(&s.name, error))?;
        if s.rows.end == s.file_rows {
            tensors.iter().for_each(|tensor| self.tell(tensor));
        }
        Ok(id)
    }

    /// Values of a vector's slice. Bytes fit dims and type: the reader checked them.
    fn values(&self, s: &VectorSlice) -> Result<Vec<f32>, ModelError> {
        let (tensor, format) = find_vector(self.gguf, s)?;
        let mut values = vec![0.0; s.shape.0 * s.shape.1];
        let row = tensor.dims.first().copied().unwrap_or(1);
        let bytes = self.gguf.bytes(tensor);
        let row_bytes = bytes.len() / values.len().div_ceil(row.max(1)).max(1);
        for (bytes, values) in bytes.chunks(row_bytes.max(1)).zip(values.chunks_mut(row.max(1))) {
            (format.decode_row)(bytes, values).expect("the reader checked that bytes fit dims and type");
        }
        let stretches = values.chunks(s.shape.1.max(1));
        let meant = stretches.flat_map(|stretch| &stretch[s.range.clone()]);
        Ok(meant.map(|value| value * s.scale).collect())
    }
}

/// The rows that are meant of all experts, in stacks or in tensors of their own.
struct ExpertSlices {
    tensors: Vec<SharedTensor>,
    slice: ExpertSlice,
}

impl ExpertSlices {
    /// An expert's tensor, and its bytes there.
    fn place(&self, expert: usize) -> (&SharedTensor, Range<usize>) {
        let s = &self.slice;
        let each = s.experts / self.tensors.len();
        let tensor = &self.tensors[expert / each];
        let row_bytes = tensor.bytes().len() / (each * s.file_rows);
        let first = expert % each * s.file_rows;
        (tensor, (first + s.rows.start) * row_bytes..(first + s.rows.end) * row_bytes)
    }
}

impl MappedExperts for ExpertSlices {
    fn bytes(&self, expert: usize) -> &[u8] {
        let (tensor, range) = self.place(expert);
        &tensor.bytes()[range]
    }

    fn release(&self, expert: usize) {
        let (tensor, range) = self.place(expert);
        tensor.release(range);
    }
}

impl TensorSource for Loader<'_> {
    fn enter(&mut self, place: Place) {
        self.place = place;
    }

    fn border(&self) -> Option<usize> {
        self.front.as_ref().map(|front| front.1)
    }

    fn matrix(&mut self, s: &MatrixSlice) -> Result<MatrixId, ModelError> {
        let (tensor, format) = find(self.gguf, &s.name, &[s.cols, s.file_rows])?;
        let bytes = self.gguf.bytes(tensor);
        let row_bytes = bytes.len() / s.file_rows.max(1);
        let of = |stretch: &[u8]| s.rows.start * row_bytes..stretch.len().min(s.rows.end * row_bytes);
        let joined: Vec<u8>;
        let bytes = if s.period == s.file_rows {
            &bytes[of(bytes)]
        } else {
            let stretches = bytes.chunks(s.period * row_bytes);
            joined = stretches.flat_map(|stretch| &stretch[of(stretch)]).copied().collect();
            &joined
        };
        let source = MatrixSource { format: format.id, rows: s.len(), cols: s.cols, bytes };
        let loaded = self.here().load_matrix(source);
        let id = loaded.map_err(|error| kernel_error(&s.name, error))?;
        if s.rows.end == s.period {
            self.tell(tensor);
        }
        Ok(id)
    }

    fn conv(&mut self, s: &ConvSlice) -> Result<VectorId, ModelError> {
        let values = self.values(&s.all())?;
        let tap = |j: usize| s.channels.clone().map(move |channel| channel * s.taps + j);
        let transposed: Vec<f32> = (0..s.taps).flat_map(tap).map(|at| values[at]).collect();
        let id = self.here().load_vector(&transposed);
        if s.channels.end == s.file_channels {
            self.tell(find_any(self.gguf, &s.name)?);
        }
        Ok(id)
    }

    fn experts(&mut self, s: &ExpertSlice) -> Result<ExpertsId, ModelError> {
        let (tensors, format) = find_experts(self.gguf, s)?;
        // Other stacks, such as a matrix for each head, are read whole each step.
        if self.here().keeps_experts_mapped() && s.is_chosen_from() {
            return self.map_experts(&tensors, format.id, s);
        }
        let whole = s.rows.len() == s.file_rows && tensors.len() == 1;
        let joined = if whole { Vec::new() } else { self.join(&tensors, s) };
        let bytes = if whole { self.gguf.bytes(tensors[0]) } else { &joined };
        let source = MatrixSource { format: format.id, rows: s.rows.len(), cols: s.cols, bytes };
        let loaded = self.here().load_experts(source, s.experts);
        let id = loaded.map_err(|error| kernel_error(&s.name, error))?;
        if s.rows.end == s.file_rows {
            tensors.iter().for_each(|tensor| self.tell(tensor));
        }
        Ok(id)
    }

    fn vector(&mut self, s: &VectorSlice) -> Result<VectorId, ModelError> {
        let values = self.values(s)?;
        let id = self.here().load_vector(&values);
        if s.range.end == s.shape.1 {
            self.tell(find_any(self.gguf, &s.name)?);
        }
        Ok(id)
    }

    fn scale(&mut self, name: &str) -> Result<Option<f32>, ModelError> {
        if !self.has(name) {
            return Ok(None);
        }
        let value = self.values(&VectorSlice::whole(name, 1))?[0];
        self.tell(find_any(self.gguf, name)?);
        Ok(Some(value))
    }

    fn computed(&mut self, values: &[f32]) -> VectorId {
        self.here().load_vector(values)
    }

    fn has(&self, name: &str) -> bool {
        self.gguf.tensor(name).is_some()
    }

    fn rows(&self, name: &str) -> Option<usize> {
        self.gguf.tensor(name).map(|tensor| tensor.dims.get(1).copied().unwrap_or(1))
    }

    fn has_rows(&self, name: &str, rows: usize) -> bool {
        has_rows(self.gguf, name, rows)
    }
}

fn kernel_error(name: &str, error: KernelError) -> ModelError {
    ModelError::Kernel { what: format!("tensor {name}"), error }
}
