//! A plan's tensors in a file: looked up, with shapes and formats checked, and nothing loaded.

use std::collections::HashSet;

use gollum_gguf::{Gguf, TensorInfo};
use gollum_kernels::{ExpertsId, MatrixId, VectorId};
use gollum_quant::{Format, format_of};

use crate::ModelError;
use crate::plan::{ConvSlice, ExpertSlice, MatrixSlice, TensorSource, VectorSlice};

/// Looks tensors up and loads nothing.
pub(super) struct Checker<'a> {
    pub gguf: &'a Gguf,
    pub known: HashSet<String>,
    /// Bytes of experts that were asked for.
    pub expert_bytes: u64,
}

impl TensorSource for Checker<'_> {
    fn matrix(&mut self, s: &MatrixSlice) -> Result<MatrixId, ModelError> {
        find(self.gguf, &s.name, &[s.cols, s.file_rows])?;
        self.known.insert(s.name.clone());
        Ok(MatrixId(0))
    }

    fn experts(&mut self, s: &ExpertSlice) -> Result<ExpertsId, ModelError> {
        let (tensors, _) = find_experts(self.gguf, s)?;
        if s.is_chosen_from() && s.rows.end == s.file_rows {
            self.expert_bytes += tensors.iter().map(|t| t.byte_len as u64).sum::<u64>();
        }
        self.known.extend(tensors.iter().map(|t| t.name.clone()));
        Ok(ExpertsId(0))
    }

    fn vector(&mut self, s: &VectorSlice) -> Result<VectorId, ModelError> {
        find_vector(self.gguf, s)?;
        self.known.insert(s.name.clone());
        Ok(VectorId(0))
    }

    fn conv(&mut self, s: &ConvSlice) -> Result<VectorId, ModelError> {
        self.vector(&s.all())
    }

    fn scale(&mut self, name: &str) -> Result<Option<f32>, ModelError> {
        if self.has(name) {
            self.vector(&VectorSlice::whole(name, 1))?;
            return Ok(Some(1.0));
        }
        Ok(None)
    }

    fn computed(&mut self, _: &[f32]) -> VectorId {
        VectorId(0)
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

pub(super) fn has_rows(gguf: &Gguf, name: &str, rows: usize) -> bool {
    gguf.tensor(name).is_some_and(|tensor| tensor.dims.get(1) == Some(&rows))
}

/// The tensor of this name, if its shape and format fit; `shape` is in ggml's order.
pub(super) fn find<'a>(
    gguf: &'a Gguf,
    name: &str,
    shape: &[usize],
) -> Result<(&'a TensorInfo, &'static Format), ModelError> {
    let tensor = find_any(gguf, name)?;
    // Files may drop or keep trailing dimensions of 1.
    let longest = tensor.dims.len().max(shape.len());
    let dim = |dims: &[usize], i: usize| dims.get(i).copied().unwrap_or(1);
    if (0..longest).any(|i| dim(&tensor.dims, i) != dim(shape, i)) {
        return Err(shape_error(tensor, shape));
    }
    Ok((tensor, format_for(tensor)?))
}

pub(super) fn find_any<'a>(gguf: &'a Gguf, name: &str) -> Result<&'a TensorInfo, ModelError> {
    gguf.tensor(name).ok_or_else(|| ModelError::MissingTensor { name: name.to_owned() })
}

fn shape_error(tensor: &TensorInfo, expected: &[usize]) -> ModelError {
    let (name, dims, expected) = (tensor.name.clone(), tensor.dims.clone(), expected.to_vec());
    ModelError::TensorShape { name, dims, expected }
}

fn format_for(tensor: &TensorInfo) -> Result<&'static Format, ModelError> {
    format_of(tensor.ggml_type.number()).ok_or_else(|| ModelError::TensorType {
        name: tensor.name.clone(),
        type_name: tensor.ggml_type.name().to_owned(),
    })
}

/// As [`find`], for a vector, however its values are cut into dimensions.
pub(super) fn find_vector<'a>(
    gguf: &'a Gguf,
    slice: &VectorSlice,
) -> Result<(&'a TensorInfo, &'static Format), ModelError> {
    let tensor = find_any(gguf, &slice.name)?;
    let (stretches, len) = slice.shape;
    if tensor.weight_count() != stretches * len {
        let shape = if stretches == 1 { vec![len] } else { vec![len, stretches] };
        return Err(shape_error(tensor, &shape));
    }
    Ok((tensor, format_for(tensor)?))
}

/// The stack of experts, or the tensors of each in order.
pub(super) fn find_experts<'a>(
    gguf: &'a Gguf,
    slice: &ExpertSlice,
) -> Result<(Vec<&'a TensorInfo>, &'static Format), ModelError> {
    if gguf.tensor(&slice.name).is_some() || gguf.tensor(&slice.single(0)).is_none() {
        let (tensor, format) = find(gguf, &slice.name, &[slice.cols, slice.file_rows, slice.experts])?;
        return Ok((vec![tensor], format));
    }
    let mut found: Option<&'static Format> = None;
    let mut tensors = Vec::with_capacity(slice.experts);
    for expert in 0..slice.experts {
        let name = slice.single(expert);
        let (tensor, format) = find(gguf, &name, &[slice.cols, slice.file_rows])?;
        if found.is_some_and(|first| first.id != format.id) {
            let type_name = tensor.ggml_type.name().to_owned();
            return Err(ModelError::MixedExperts { name, type_name });
        }
        found = Some(format);
        tensors.push(tensor);
    }
    Ok((tensors, found.expect("there is at least one expert")))
}
