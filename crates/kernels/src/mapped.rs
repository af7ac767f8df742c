//! Experts' weights that stay in a mapped file.

use std::sync::Arc;

use gollum_quant::FormatId;

use crate::MatrixSource;

/// The weights of some experts, for as long as this is held.
pub trait MappedExperts: Send + Sync {
    /// One expert's rows of blocks.
    fn bytes(&self, expert: usize) -> &[u8];
    /// Says that an expert's bytes will not be read again soon. A hint.
    fn release(&self, expert: usize);
}

/// The matrices of all experts as a file holds them: each of `rows` rows of `cols` inputs.
#[derive(Clone)]
pub struct ExpertSource {
    /// Block format of the bytes.
    pub format: FormatId,
    /// Outputs of an expert.
    pub rows: usize,
    /// Inputs.
    pub cols: usize,
    /// Experts.
    pub experts: usize,
    /// Their bytes.
    pub weights: Arc<dyn MappedExperts>,
}

impl ExpertSource {
    /// Bytes of all experts.
    pub fn len(&self) -> usize {
        (0..self.experts).map(|expert| self.weights.bytes(expert).len()).sum()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All experts' bytes, one behind the other.
    pub fn joined(&self) -> Vec<u8> {
        (0..self.experts).flat_map(|expert| self.weights.bytes(expert)).copied().collect()
    }

    /// The matrices of all experts, of `bytes` that [`joined`](Self::joined) gave.
    pub fn matrices<'a>(&self, bytes: &'a [u8]) -> MatrixSource<'a> {
        MatrixSource { format: self.format, rows: self.rows, cols: self.cols, bytes }
    }
}
