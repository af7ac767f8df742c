//! Several residual streams on a backend: the layers' parts see one of them, which enters and leaves here.
//!
//! ```text
//! pair      2 x [rows, streams * width]       a prediction goes from one to the other
//! others    2 x [rows, (streams - 1) * width] views of the pair: all streams but the first
//! router, correct, predict                    [rows, streams], the same, [rows, streams * streams]
//! ```

use gollum_kernels::{BufId, Coefficients, CopyHeads, KernelOps, MixStreams, Output};

use super::walker::{Stream, Target, Walker};
use crate::plan::{StreamsLayer, StreamsPlan};

/// See the module's text.
pub(super) struct StreamBuffers {
    pub pair: [BufId; 2],
    others: [BufId; 2],
    router: BufId,
    correct: BufId,
    predict: BufId,
}

impl StreamBuffers {
    pub fn new(ops: &mut dyn KernelOps, rows: usize, (count, width): (usize, usize)) -> Self {
        let pair = [(); 2].map(|()| ops.create_buffer(rows, count * width));
        Self {
            pair,
            others: pair.map(|all| ops.create_view(all, (count - 1) * width)),
            router: ops.create_buffer(rows, count),
            correct: ops.create_buffer(rows, count),
            predict: ops.create_buffer(rows, count * count),
        }
    }
}

impl Walker<'_> {
    fn streams(&self) -> &StreamBuffers {
        self.buffers.streams.as_ref().expect("made for models with several streams")
    }

    /// From the stream at the start to all of them.
    pub fn enter(&mut self, plan: &StreamsPlan, stream: Stream) {
        let StreamBuffers { pair: [all, _], others: [spread, made], .. } = *self.streams();
        let (width, others, rows) = (self.buffers.width, plan.count - 1, stream.rows);
        let to_others = CopyHeads { heads: others, ..CopyHeads::stretch(stream.x, 0, spread, width) };
        self.ops.copy_heads(&CopyHeads { x_stride: 0, ..to_others }, rows);
        self.ops.matmul_heads(spread, plan.enter, made, rows);
        self.ops.match_magnitude(made, stream.x, rows);
        self.ops.copy_heads(&CopyHeads::stretch(stream.x, 0, all, width), rows);
        let behind_first = CopyHeads { x: made, x_stride: width, out: all, out_first: width, ..to_others };
        self.ops.copy_heads(&behind_first, rows);
    }

    /// From all streams to the one that logits are made of.
    pub fn leave(&mut self, plan: &StreamsPlan, stream: Stream) {
        let StreamBuffers { pair, others, .. } = *self.streams();
        let (all, made, taken) = (pair[stream.side], others[stream.side], others[1 - stream.side]);
        let (width, count, rows) = (self.buffers.width, plan.count - 1, stream.rows);
        self.ops.copy_heads(&CopyHeads::stretch(all, 0, stream.x, width), rows);
        let behind_first = CopyHeads { heads: count, ..CopyHeads::stretch(all, width, taken, width) };
        self.ops.copy_heads(&behind_first, rows);
        self.ops.matmul_heads(taken, plan.leave, made, rows);
        self.ops.match_magnitude(made, stream.x, rows);
        self.mix((Some(stream.x), made, stream.x), Coefficients::Same(plan.of_others), rows);
        self.scale_stream(1.0 / plan.count as f32, stream);
    }

    /// What a layer expects of all streams; the first of them runs through it.
    pub fn predict(&mut self, layer: &StreamsLayer, stream: Stream) -> Stream {
        let StreamBuffers { pair, predict, .. } = *self.streams();
        let (before, rows) = (pair[stream.side], stream.rows);
        let stream = Stream { side: 1 - stream.side, ..stream };
        let after = pair[stream.side];
        self.ops.copy_heads(&CopyHeads::stretch(before, 0, stream.x, self.buffers.width), rows);
        self.route(layer, stream);
        let (router, target) = (self.streams().router, Target { out: predict, output: Output::Store });
        self.project(router, layer.predict, target, rows);
        self.mix((Some(before), before, after), Coefficients::OfRows(predict), rows);
        self.ops.copy_heads(&CopyHeads::stretch(after, 0, stream.x, self.buffers.width), rows);
        stream
    }

    /// Corrects what was expected of all streams by what became of the first; then the others take in the layer's own
    /// embedding.
    pub fn correct(&mut self, plan: &StreamsPlan, layer: &StreamsLayer, stream: Stream) {
        let StreamBuffers { pair, router, correct, .. } = *self.streams();
        let (all, rows) = (pair[stream.side], stream.rows);
        let (sum, scratch) = (self.buffers.sum, self.buffers.scratch);
        self.route(layer, stream);
        self.project(router, layer.correct, Target { out: correct, output: Output::Store }, rows);
        self.mix((Some(stream.x), all, sum), Coefficients::Same(plan.minus_first), rows);
        self.mix((Some(all), sum, all), Coefficients::OfRows(correct), rows);
        let first = MixStreams {
            width: self.buffers.width,
            base: None,
            terms: all,
            coefficients: Coefficients::Same(plan.first),
            weight: Some(layer.correct_scale),
            out: scratch,
        };
        self.ops.mix_streams(&first, rows);
        self.take_in(&layer.own, scratch, stream);
        self.give_out(&layer.own, Target { out: sum, output: Output::Store }, rows);
        self.ops.norm(sum, layer.own_norm, Output::Store, sum, rows);
        self.mix((Some(all), sum, all), Coefficients::Same(plan.to_others), rows);
    }

    /// The router's view of the stream that runs.
    fn route(&mut self, layer: &StreamsLayer, stream: Stream) {
        let router = self.streams().router;
        self.ops.norm(stream.x, layer.router_norm, Output::Store, self.buffers.scratch, stream.rows);
        let target = Target { out: router, output: Output::Store };
        self.project(self.buffers.scratch, layer.router, target, stream.rows);
        // A cap of 1 is tanh.
        self.ops.soft_cap(router, 1.0, stream.rows);
    }

    pub(super) fn mix(
        &mut self,
        (base, terms, out): (Option<BufId>, BufId, BufId),
        coefficients: Coefficients,
        rows: usize,
    ) {
        let width = self.buffers.width;
        self.ops.mix_streams(&MixStreams { width, base, terms, coefficients, weight: None, out }, rows);
    }
}
