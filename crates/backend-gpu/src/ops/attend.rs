//! Attention over the KV cache.

use gollum_kernels::{Attend, BufId, KvLayer, Values, Window};
use gollum_quant::K_BLOCK;

use super::GpuOps;
use super::attention::PlanKey;
use super::plan::{ENTRY_WORDS, Plan, plan};
use crate::shaders::{Kernel, attend_rows};

/// Words that all parts of a step have at most: 64 MiB.
const PARTS_WORDS: usize = 16 << 20;
/// Parts of a step at most.
const MAX_PARTS: usize = 16_384;
/// Words of a part beside its outputs: maximum and sum.
const PART_WORDS: usize = 2;

impl GpuOps {
    /// How the step's rows are attended to: made once a step, as all layers of a kind are attended to alike.
    fn plan(&mut self, key: PlanKey) -> Plan {
        if let Some((_, known)) = self.step.plans.iter().find(|(k, _)| *k == key) {
            return known.clone();
        }
        let (group, rows, max_parts) = key;
        let made = plan(&self.step.batch, group, rows, max_parts);
        self.step.plans.push((key, made.clone()));
        made
    }

    /// A buffer for so many words of parts.
    fn room_of_parts(&mut self, words: usize) -> wgpu::Buffer {
        let known = self.parts.take().filter(|parts| parts.size() >= words as u64 * 4);
        let parts = known.unwrap_or_else(|| {
            self.recorder.forget_buffers();
            self.recorder.device.buffer("parts", words.next_power_of_two().max(64) as u64 * 4)
        });
        self.parts.insert(parts).clone()
    }

    pub(super) fn run_attention(&mut self, a: &Attend, q: BufId, out: BufId) {
        let rows = self.step.batch.num_tokens();
        let KvLayer { kv_heads, head_dim, values, group } = self.kv.layers[a.layer].shape;
        let value_dim = values.dim();
        let (q_place, q_chunk) = self.source(q, rows);
        let (out_place, out_chunk) = self.target(out, rows);
        let vectors = self.vectors.buffer(&mut self.recorder);
        // What follows is nearly always a matmul of quantised weights, if there are any.
        let quantise = self.has_int_weights && value_dim.is_multiple_of(K_BLOCK);
        let (qa, qs) = match quantise {
            true => self.quantised_room(out),
            false => self.quantised.buffers(&mut self.recorder, 0),
        };
        let head_words = a.heads * (value_dim + PART_WORDS);
        let limit = PARTS_WORDS.min(self.recorder.device.info.max_binding_bytes as usize / 4);
        let rows_each = attend_rows(self.kv.layers[a.layer].dims);
        let plan = self.plan((group, rows_each, MAX_PARTS.min(limit / head_words)));
        let parts = self.room_of_parts(plan.parts * head_words);
        let layer = &self.kv.layers[a.layer];
        let kernel = Kernel::Attend { kv: self.kv_kind(), dims: layer.dims, wide: layer.wide };
        let (stored, stored_dim) = match values {
            Values::Own(dim) => (&layer.values, dim),
            Values::InKey(_) => (&layer.keys, head_dim),
        };
        let [window_kind, window] = window_words(a.window);
        let (out_at, sinks, quantises) = (out_place.at as u32, self.vectors.at(a.sinks), u32::from(quantise));
        let params = [
            q_place.at as u32,
            out_at,
            a.heads as u32,
            kv_heads as u32,
            head_dim as u32,
            self.recorder.list(plan.groups.iter().copied()),
            self.step.positions,
            self.step.pages(group).tables,
            window_kind,
            window,
            a.scale.to_bits(),
            a.soft_cap.unwrap_or(0.0).to_bits(),
            self.vectors.at(a.slopes),
            sinks,
            quantises,
            value_dim as u32,
            stored_dim as u32,
        ];
        let outputs =
            [("ys", &out_chunk), ("vectors", &vectors), ("parts", &parts), ("qa", &qa), ("qs", &qs)];
        let inputs = [("xs", &q_chunk), ("keys", &layer.keys), ("values", stored)];
        let count = plan.groups.len() / (ENTRY_WORDS + rows_each);
        self.recorder.dispatch(kernel, &[&inputs[..], &outputs].concat(), &params, [a.heads, count]);
        let joined = self.recorder.list(plan.joined.iter().copied());
        let params = [
            out_at,
            a.heads as u32,
            joined,
            self.step.positions,
            window_kind,
            window,
            sinks,
            quantises,
            value_dim as u32,
        ];
        self.recorder.dispatch(Kernel::Join, &outputs, &params, [a.heads, plan.joined.len() / 2]);
        if quantise {
            let base = self.activations.base(out);
            self.quantised.set(base, rows, a.heads * value_dim);
        }
    }
}

/// Kind (0 none, 1 the last, 2 chunks) and length.
fn window_words(window: Window) -> [u32; 2] {
    let (kind, len) = match window {
        Window::All => (0, 0),
        Window::Last(len) => (1, len),
        Window::Chunk(len) => (2, len),
    };
    [kind, u32::try_from(len).unwrap_or(u32::MAX)]
}
