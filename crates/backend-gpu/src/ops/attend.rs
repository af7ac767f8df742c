//! Attention over the KV cache.

use gollum_kernels::{Attend, BufId, KvLayer, Values, Window};
use gollum_quant::K_BLOCK;

use super::GpuOps;
use super::plan::{ENTRY_WORDS, Plan, Terms, plan};
use crate::recorder::{Listed, Recorder};
use crate::shaders::{Kernel, attend_slots, block_lanes};

/// Words that all parts of a step have at most: 64 MiB.
const PARTS_WORDS: usize = 16 << 20;
/// Parts of a step at most.
const MAX_PARTS: usize = 16_384;
/// Widest value that is attended to in blocks: each piece of it makes the scores anew.
const MAX_BLOCK_DIM: usize = 256;
/// Words of a part beside its outputs: maximum and sum.
const PART_WORDS: usize = 2;

/// A plan of the step, and where its lists are.
pub(super) struct Planned {
    terms: Terms,
    plan: Plan,
    listed: [Listed; 3],
}

impl Planned {
    /// Where the lists of groups, blocks and joined rows begin, and how many words they have.
    fn lists(&mut self, recorder: &mut Recorder) -> [(u32, usize); 3] {
        let lists = [&self.plan.groups, &self.plan.blocks, &self.plan.joined];
        std::array::from_fn(|i| (recorder.list_once(&mut self.listed[i], lists[i]), lists[i].len()))
    }
}

impl GpuOps {
    /// How the step's rows are attended to: made once a step, as all layers of a kind are attended to alike.
    fn planned(&mut self, terms: Terms) -> usize {
        let known = self.step.plans.iter().position(|planned| planned.terms == terms);
        known.unwrap_or_else(|| {
            let plan = plan(&self.step.batch, terms);
            self.step.plans.push(Planned { terms, plan, listed: [Listed::default(); 3] });
            self.step.plans.len() - 1
        })
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
        let heads_each = together(a.heads / kv_heads, attend_slots(self.kv.layers[a.layer].dims));
        let rows_each = attend_slots(self.kv.layers[a.layer].dims) / heads_each;
        let planned = self.planned(Terms {
            pages: group,
            rows: rows_each,
            parts: MAX_PARTS.min(limit / head_words),
            has_blocks: value_dim <= MAX_BLOCK_DIM,
        });
        // Before the lists, which a new buffer cuts.
        let parts = self.room_of_parts(self.step.plans[planned].plan.parts * head_words);
        let [groups, blocks, joined] = self.step.plans[planned].lists(&mut self.recorder);
        let layer = &self.kv.layers[a.layer];
        let kv = self.kv_kind();
        let kernel = Kernel::Attend { kv, dims: layer.dims, wide: layer.wide };
        let head_groups = kv_heads * (a.heads / kv_heads).div_ceil(heads_each);
        let grid = [head_groups, groups.1 / (ENTRY_WORDS + rows_each)];
        let (stored, stored_dim) = match values {
            Values::Own(dim) => (&layer.values, dim),
            Values::InKey(_) => (&layer.keys, head_dim),
        };
        let [window_kind, window] = window_words(a.window);
        let (sinks, quantises) = (self.vectors.at(a.sinks), u32::from(quantise));
        let first = [q_place.at, out_place.at, a.heads, kv_heads, head_dim].map(|word| word as u32);
        let second = [
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
        let with = |list: &[u32]| [&first[..], list, &second].concat();
        let outputs =
            [("ys", &out_chunk), ("vectors", &vectors), ("parts", &parts), ("qa", &qa), ("qs", &qs)];
        let inputs = [("xs", &q_chunk), ("keys", &layer.keys), ("values", stored)];
        let buffers = [&inputs[..], &outputs].concat();
        self.recorder.dispatch(kernel, &buffers, &with(&[heads_each as u32, groups.0]), grid);
        let (lanes, pieces) = block_lanes(value_dim);
        let kernel = Kernel::AttendPrompt { kv, lanes };
        let grid = [a.heads * pieces, blocks.1 / 2];
        self.recorder.dispatch(kernel, &buffers, &with(&[pieces as u32, blocks.0]), grid);
        let [out_at, heads, dim] = [out_place.at, a.heads, value_dim].map(|word| word as u32);
        let positions = self.step.positions;
        let params = [out_at, heads, joined.0, positions, window_kind, window, sinks, quantises, dim];
        self.recorder.dispatch(Kernel::Join, &outputs, &params, [a.heads, joined.1 / 2]);
        if quantise {
            let base = self.activations.base(out);
            self.quantised.set(base, rows, a.heads * value_dim);
        }
    }
}

/// How many of the heads that have their keys in common are taken together, of so many at most: all groups nearly alike.
fn together(heads: usize, most: usize) -> usize {
    heads.div_ceil(heads.div_ceil(most))
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
