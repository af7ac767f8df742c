//! Where a plan gets its weights.

use std::ops::Range;

use gollum_kernels::{ExpertsId, MatrixId, VectorId};

use crate::ModelError;

/// Rows of a matrix in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MatrixSlice {
    pub name: String,
    /// Rows that the file's matrix must have: stretches of `period` rows.
    pub file_rows: usize,
    pub period: usize,
    /// Those that are meant of each stretch.
    pub rows: Range<usize>,
    pub cols: usize,
}

impl MatrixSlice {
    pub fn whole(name: &str, rows: usize, cols: usize) -> Self {
        Self { name: name.to_owned(), file_rows: rows, period: rows, rows: 0..rows, cols }
    }

    /// Rows that are meant, of all stretches.
    pub fn len(&self) -> usize {
        self.rows.len() * (self.file_rows / self.period.max(1))
    }
}

/// Some channels of a convolution's weights, a file's `[channels][taps]`, as `[taps, channels]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConvSlice {
    pub name: String,
    /// Channels that the file's weights must have.
    pub file_channels: usize,
    pub channels: Range<usize>,
    pub taps: usize,
}

impl ConvSlice {
    /// The whole tensor as a vector.
    pub fn all(&self) -> VectorSlice {
        let shape = (self.file_channels, self.taps);
        VectorSlice { name: self.name.clone(), shape, range: 0..self.taps, scale: 1.0 }
    }
}

/// Rows of each of a stack of matrices: a file's `[experts][file_rows][cols]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExpertSlice {
    /// The stack's name; files of old have a tensor per expert instead, see [`single`](Self::single).
    pub name: String,
    pub experts: usize,
    /// Rows that each of the file's matrices must have.
    pub file_rows: usize,
    /// Those that are meant.
    pub rows: Range<usize>,
    pub cols: usize,
}

impl ExpertSlice {
    /// True of experts, of which a row wants a few.
    pub fn is_chosen_from(&self) -> bool {
        self.name.ends_with("exps.weight")
    }

    /// The name of one expert's matrix in old files: `blk.0.ffn_up.3.weight` for `blk.0.ffn_up_exps.weight`.
    pub fn single(&self, expert: usize) -> String {
        self.name.replace("_exps.weight", &format!(".{expert}.weight"))
    }
}

/// The same part of each of several equal stretches of a vector in a file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct VectorSlice {
    pub name: String,
    /// Stretches, and values of each, that the file's vector, of however many dimensions, must have.
    pub shape: (usize, usize),
    /// What is meant of each stretch.
    pub range: Range<usize>,
    /// Multiplies the values.
    pub scale: f32,
}

impl VectorSlice {
    pub fn whole(name: &str, len: usize) -> Self {
        Self { name: name.to_owned(), shape: (1, len), range: 0..len, scale: 1.0 }
    }
}

/// What asks for tensors next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The way from tokens to the stream.
    Entry,
    /// A layer.
    Layer(usize),
    /// The way from the stream to logits or results.
    Head,
}

/// Where the plan gets its weights.
pub(crate) trait TensorSource {
    /// Tells what asks next; at first it is the entry.
    fn enter(&mut self, _: Place) {}
    /// The first layer on the second of two backends.
    fn border(&self) -> Option<usize> {
        None
    }
    /// Rows of a weight matrix.
    fn matrix(&mut self, slice: &MatrixSlice) -> Result<MatrixId, ModelError>;
    /// Rows of the weight matrices of all experts.
    fn experts(&mut self, slice: &ExpertSlice) -> Result<ExpertsId, ModelError>;
    /// A weight vector.
    fn vector(&mut self, slice: &VectorSlice) -> Result<VectorId, ModelError>;
    /// A convolution's weights.
    fn conv(&mut self, slice: &ConvSlice) -> Result<VectorId, ModelError>;
    /// A single number, if the file has it.
    fn scale(&mut self, name: &str) -> Result<Option<f32>, ModelError>;
    /// A vector that the metadata determines.
    fn computed(&mut self, values: &[f32]) -> VectorId;
    /// True if the file has this tensor.
    fn has(&self, name: &str) -> bool;
    /// Rows of the file's matrix; `None` if the source does not know.
    fn rows(&self, name: &str) -> Option<usize>;
    /// True if the file's matrix has this many rows, where it may have fewer.
    fn has_rows(&self, name: &str, rows: usize) -> bool;
}

/// A tensor that a plan asks for: name, and dimensions in ggml's order, the contiguous one first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Its name.
    pub name: String,
    /// Its dimensions.
    pub dims: Vec<usize>,
}

/// Writes down what a plan asks for, and loads nothing. Optional tensors are there if `present` says so; a matrix that is
/// never optional has the larger of two forms if it says so.
pub(crate) struct Recorder<'a> {
    pub present: &'a dyn Fn(&str) -> bool,
    pub asked: Vec<Asked>,
}

impl Recorder<'_> {
    fn ask(&mut self, name: &str, dims: Vec<usize>) {
        if self.asked.iter().all(|asked| asked.name != name) {
            self.asked.push(Asked { name: name.to_owned(), dims });
        }
    }
}

impl TensorSource for Recorder<'_> {
    fn matrix(&mut self, s: &MatrixSlice) -> Result<MatrixId, ModelError> {
        self.ask(&s.name, vec![s.cols, s.file_rows]);
        Ok(MatrixId(0))
    }

    fn experts(&mut self, s: &ExpertSlice) -> Result<ExpertsId, ModelError> {
        if (self.present)(&s.single(0)) {
            (0..s.experts).for_each(|expert| self.ask(&s.single(expert), vec![s.cols, s.file_rows]));
        } else {
            self.ask(&s.name, vec![s.cols, s.file_rows, s.experts]);
        }
        Ok(ExpertsId(0))
    }

    fn vector(&mut self, s: &VectorSlice) -> Result<VectorId, ModelError> {
        let (stretches, len) = s.shape;
        self.ask(&s.name, if stretches == 1 { vec![len] } else { vec![len, stretches] });
        Ok(VectorId(0))
    }

    fn conv(&mut self, s: &ConvSlice) -> Result<VectorId, ModelError> {
        self.vector(&s.all())
    }

    fn scale(&mut self, name: &str) -> Result<Option<f32>, ModelError> {
        if !self.has(name) {
            return Ok(None);
        }
        self.ask(name, vec![1]);
        Ok(Some(1.0))
    }

    fn computed(&mut self, _: &[f32]) -> VectorId {
        VectorId(0)
    }

    fn has(&self, name: &str) -> bool {
        (self.present)(name)
    }

    fn rows(&self, _: &str) -> Option<usize> {
        None
    }

    fn has_rows(&self, name: &str, _: usize) -> bool {
        (self.present)(name)
    }
}
