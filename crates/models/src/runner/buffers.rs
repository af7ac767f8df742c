//! Activation buffers of a model, made once.
//!
//! ```text
//! x, start          [max_batch_tokens, width]          the residual stream; as it was before the layer, if a part asks
//! scratch, sum      [max_batch_tokens, width]          normed rows; results before a post-norm
//! q k v attended    [max_batch_tokens, heads * dim]    a view for each width that layers have; so the gate of attention
//! gate up           [max_batch_tokens, ffn width]      likewise
//! router            [max_batch_tokens, experts]
//! expert_gate/up    [max_batch_tokens * used, expert width]
//! expert_down       [max_batch_tokens * used, width]
//! part              [max_batch_tokens, width]          a part's result before a norm of its own
//! per_layer         [max_batch_tokens, layers * P]     each layer's own embeddings; of one layer; gated
//! laurel            [max_batch_tokens, 64]             a detour's low rank
//! tail, tail_start  [max_batch_tokens, width]          rows that logits are wanted of
//! logits            [<= MAX_LOGITS_ROWS, vocab_size]
//! ```

use gollum_kernels::{BufId, KernelOps};

use super::MAX_LOGITS_ROWS;
use super::latent::LatentBuffers;
use super::recurrent::RecurrentBuffers;
use super::streams::StreamBuffers;
use super::walker::Stream;
use crate::hyper::LayerParams;
use crate::plan::{LAUREL_RANK, PartPlan, PerLayerPlan, Plan, StepPlan};
use crate::{HyperParams, LoadOptions};

/// Buffers of several widths over one memory.
pub(super) struct Widths {
    views: Vec<(usize, BufId)>,
}

impl Widths {
    pub fn new(ops: &mut dyn KernelOps, rows: usize, widths: impl Iterator<Item = usize>) -> Self {
        let mut all: Vec<usize> = widths.filter(|&width| width > 0).collect();
        all.sort_unstable_by(|a, b| b.cmp(a));
        all.dedup();
        let mut views: Vec<(usize, BufId)> = Vec::with_capacity(all.len());
        for width in all {
            let id = match views.first() {
                Some(&(_, widest)) => ops.create_view(widest, width),
                None => ops.create_buffer(rows, width),
            };
            views.push((width, id));
        }
        Self { views }
    }

    /// Buffers of other widths: views where they fit, with a memory of their own where they are wider.
    pub fn viewed(&self, ops: &mut dyn KernelOps, rows: usize, widths: impl Iterator<Item = usize>) -> Self {
        let all: Vec<usize> = widths.collect();
        match self.views.first() {
            Some(&(width, widest)) if all.iter().all(|&w| w <= width) => {
                let mut views = Vec::new();
                for width in all {
                    if views.iter().all(|&(w, _)| w != width) && width > 0 {
                        views.push((width, ops.create_view(widest, width)));
                    }
                }
                Self { views }
            }
            _ => Self::new(ops, rows, all.into_iter()),
        }
    }

    /// The buffer of this width, one of those it was made for.
    pub fn of(&self, width: usize) -> BufId {
        let found = self.views.iter().find(|&&(w, _)| w == width);
        found.expect("made for all widths of the plan").1
    }
}

/// Each layer's own embeddings.
pub(super) struct PerLayerBuffers {
    /// `[rows, layers * width]`.
    pub all: BufId,
    /// Those of the layer that runs.
    pub one: BufId,
    /// Of rows that logits are wanted of.
    pub tail: BufId,
    pub gate: BufId,
    pub width: usize,
    /// Of `all`.
    pub all_width: usize,
}

impl PerLayerBuffers {
    fn new(ops: &mut dyn KernelOps, rows: usize, plan: &PerLayerPlan) -> Self {
        let width = plan.width;
        Self {
            all: ops.create_buffer(rows, plan.norm.heads * width),
            one: ops.create_buffer(rows, width),
            tail: ops.create_buffer(rows, width),
            gate: ops.create_buffer(rows, width),
            width,
            all_width: plan.norm.heads * width,
        }
    }
}

/// See the module's text.
pub(super) struct Buffers {
    pub x: BufId,
    pub start: Option<BufId>,
    pub scratch: BufId,
    pub sum: BufId,
    pub q: Widths,
    pub k: Widths,
    pub v: Widths,
    pub attended: Widths,
    /// Rows of what was attended that are wanted; where q is as wide, q is free by then.
    pub kept: Widths,
    pub latent: Option<LatentBuffers>,
    pub attention_gate: Widths,
    pub recurrent: RecurrentBuffers,
    pub gate: Widths,
    pub up: Widths,
    pub router: Option<BufId>,
    pub expert_gate: Widths,
    pub expert_up: Widths,
    pub expert_down: Option<BufId>,
    /// `[max_batch_tokens, 1]`.
    pub shared_gate: Option<BufId>,
    pub router_input: Option<BufId>,
    pub part: Option<BufId>,
    pub per_layer: Option<PerLayerBuffers>,
    pub laurel: Option<BufId>,
    pub streams: Option<StreamBuffers>,
    /// Of the stream.
    pub width: usize,
    pub tail: BufId,
    pub tail_start: Option<BufId>,
    pub logits: BufId,
    /// Rows of `logits`.
    pub logits_rows: usize,
}

impl Buffers {
    pub fn new(ops: &mut dyn KernelOps, plan: &Plan, hyper: &HyperParams, o: LoadOptions) -> Self {
        let rows = o.max_batch_tokens;
        let layers = || hyper.layers.iter();
        let q_widths = || layers().map(|l| l.heads * l.head_dim);
        let out_widths = || layers().map(|l| l.heads * l.value_dim);
        // What leaves attention: of latent rows, what is made of them.
        let result_dim = |l: &LayerParams| hyper.latent.map_or(l.value_dim, |latent| latent.value_dim);
        let result_widths = || layers().map(|l| l.heads * result_dim(l));
        let heads = layers().map(|l| l.heads).max().unwrap_or(0);
        let k_widths = || layers().map(|l| l.kv_heads * l.head_dim);
        let v_widths = || layers().map(|l| l.kv_heads * l.value_dim);
        let used = hyper.experts.iter().flat_map(|e| e.used.iter().copied()).max().unwrap_or(0);
        let logits_rows = o.max_batch_sequences.min(MAX_LOGITS_ROWS);
        let width = hyper.width;
        let start = |ops: &mut dyn KernelOps| plan.keeps_layer_start.then(|| ops.create_buffer(rows, width));
        let (first_start, tail_start) = (start(ops), start(ops));
        let q = Widths::new(ops, rows, q_widths());
        let parts_norm = steps(plan).any(|step| step.part_norm.is_some());
        let routers_norm =
            steps(plan).any(|step| matches!(&step.part, PartPlan::Moe(moe) if moe.router_norm.is_some()));
        let has_laurel = steps(plan).any(|step| matches!(step.part, PartPlan::Laurel(_)));
        Self {
            x: ops.create_buffer(rows, width),
            start: first_start,
            scratch: ops.create_buffer(rows, width),
            sum: ops.create_buffer(rows, width),
            k: Widths::new(ops, rows, k_widths()),
            v: Widths::new(ops, rows, v_widths()),
            attended: Widths::new(ops, rows, out_widths()),
            kept: q.viewed(ops, rows, result_widths()),
            latent: hyper.latent.map(|dims| LatentBuffers::new(ops, rows, heads, dims)),
            q,
            attention_gate: Widths::new(ops, rows, gate_widths(plan)),
            recurrent: RecurrentBuffers::new(ops, plan, rows),
            gate: Widths::new(ops, rows, ffn_widths(plan)),
            up: Widths::new(ops, rows, ffn_widths(plan)),
            router: hyper.experts.as_ref().map(|e| ops.create_buffer(rows, e.count)),
            expert_gate: Widths::new(ops, rows * used, expert_widths(plan)),
            expert_up: Widths::new(ops, rows * used, expert_widths(plan)),
            expert_down: (used > 0).then(|| ops.create_buffer(rows * used, width)),
            shared_gate: (used > 0).then(|| ops.create_buffer(rows, 1)),
            router_input: routers_norm.then(|| ops.create_buffer(rows, width)),
            part: parts_norm.then(|| ops.create_buffer(rows, width)),
            per_layer: plan.per_layer.as_ref().map(|of| PerLayerBuffers::new(ops, rows, of)),
            laurel: has_laurel.then(|| ops.create_buffer(rows, LAUREL_RANK)),
            streams: (hyper.streams > 1).then(|| StreamBuffers::new(ops, rows, (hyper.streams, width))),
            width,
            tail: ops.create_buffer(rows, width),
            tail_start,
            logits: ops.create_buffer(logits_rows, hyper.vocab_size),
            logits_rows,
        }
    }
}

impl Buffers {
    /// The stream of a step's rows, at its beginning.
    pub fn stream(&self, rows: usize) -> Stream {
        let per_layer = self.per_layer.as_ref().map(|of| of.one);
        Stream { x: self.x, start: self.start, per_layer, side: 0, rows }
    }
}

/// All parts of all layers.
fn steps(plan: &Plan) -> impl Iterator<Item = &StepPlan> {
    let branches = plan.layers.iter().flatten();
    branches.flat_map(|branch| [&branch.first, &branch.beside]).flatten()
}

/// Inner widths of all dense feed-forwards, shared experts included.
fn ffn_widths(plan: &Plan) -> impl Iterator<Item = usize> {
    steps(plan).filter_map(|step| match &step.part {
        PartPlan::Ffn(ffn) => Some(ffn.width),
        PartPlan::Moe(moe) => moe.shared.as_ref().map(|shared| shared.ffn.width),
        _ => None,
    })
}

/// Inner widths of the experts of all pools.
fn expert_widths(plan: &Plan) -> impl Iterator<Item = usize> {
    let mixtures = steps(plan).filter_map(|step| match &step.part {
        PartPlan::Moe(moe) => Some(moe),
        _ => None,
    });
    mixtures.flat_map(|moe| moe.pools.iter().map(|pool| pool.width))
}

/// Widths of what gated attention attends to.
fn gate_widths(plan: &Plan) -> impl Iterator<Item = usize> {
    steps(plan).filter_map(|step| match &step.part {
        PartPlan::Attention(a) => a.gate.map(|gate| gate.width),
        _ => None,
    })
}
