//! The first of two backends, of a model that is split between them.
//!
//! ```text
//! front    tokens -> x -> layers 0 .. n          |  host: rows of x, once a step
//! the other                                      +->  x -> layers n .. -> logits
//! ```
//! Each has the buffers, weights, K, V and states of its own layers, and nothing else crosses the border.

use gollum_kernels::{KernelOps, KvSpec, StateSpec};

use super::buffers::Buffers;

/// See the module's text.
pub(super) struct Front {
    pub ops: Box<dyn KernelOps>,
    pub buffers: Buffers,
    /// The first layers: those that run here.
    pub layers: usize,
    pub kv: KvSpec,
    pub state: StateSpec,
    /// Rows on their way.
    crossing: Vec<f32>,
}

impl Front {
    pub fn new(
        ops: Box<dyn KernelOps>,
        buffers: Buffers,
        layers: usize,
        kv: KvSpec,
        state: StateSpec,
    ) -> Self {
        Self { ops, buffers, layers, kv, state, crossing: Vec::new() }
    }

    /// Copies the stream to the other backend, and in models that have them each layer's own embeddings.
    pub fn hand_over(&mut self, rows: usize, to: &mut dyn KernelOps, buffers: &Buffers) {
        let stream = (self.buffers.x, buffers.x, buffers.width);
        let own = self.buffers.per_layer.as_ref().zip(buffers.per_layer.as_ref());
        let own = own.map(|(from, to)| (from.all, to.all, from.all_width));
        for (from, x, width) in [Some(stream), own].into_iter().flatten() {
            self.crossing.resize(rows * width, 0.0);
            self.ops.read(from, rows, &mut self.crossing);
            to.write(x, &self.crossing);
        }
    }
}
