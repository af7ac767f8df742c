//! Branches on a backend: each first computes what its parts read of the stream, then adds the parts to it.

use gollum_kernels::{
    Activation, Attend, AttendWhole, BufId, Coefficients, CopyHeads, ExpertFfn, Ffn, KernelOps, Linear,
    MatmulJob, Norm, Output, PrepareAttention, PrepareKeys,
};

use super::buffers::Buffers;
use crate::plan::{AttentionPlan, BranchPlan, FfnPlan, KeysPlan, MoePlan, PartPlan, PerLayerPart, StepPlan};

/// The rows in flight: the residual stream, what it was before the layer if a part asks, and how many rows.
#[derive(Clone, Copy)]
pub(super) struct Stream {
    pub x: BufId,
    pub start: Option<BufId>,
    /// The layer's own embeddings, in models that have them.
    pub per_layer: Option<BufId>,
    /// Which of two buffers holds all streams, in models that have several.
    pub side: usize,
    pub rows: usize,
}

/// Where results go.
#[derive(Clone, Copy)]
pub(super) struct Target {
    pub out: BufId,
    pub output: Output,
}

/// See the module's text.
pub(super) struct Walker<'a> {
    pub ops: &'a mut dyn KernelOps,
    pub buffers: &'a Buffers,
    pub row_numbers: &'a [usize],
}

impl Walker<'_> {
    /// Copies the stream for parts that read it as it was before the layer, and brings the layer's own embeddings.
    pub fn begin_layer(&mut self, layer: usize, stream: Stream) {
        if let Some(start) = stream.start {
            self.ops.gather(stream.x, &self.row_numbers[..stream.rows], start);
        }
        if let Some(per_layer) = &self.buffers.per_layer {
            let width = per_layer.width;
            let copy = CopyHeads::stretch(per_layer.all, layer * width, per_layer.one, width);
            self.ops.copy_heads(&copy, stream.rows);
        }
    }

    /// One residual branch. With `wanted` (in the last layer), only those rows leave attention.
    pub fn branch(&mut self, branch: &BranchPlan, stream: Stream, wanted: Option<&[usize]>) -> Stream {
        let mut stream = stream;
        let steps = [branch.first.as_ref(), branch.beside.as_ref()];
        // What reads other rows does so before those that nobody wants are dropped.
        let mut attended = steps.map(|step| step.and_then(|step| self.remember(step, stream)));
        if attended.iter().any(Option::is_some) {
            if let Some(wanted) = wanted
                && wanted.len() < stream.rows
            {
                stream = self.keep(wanted, stream);
                for (step, attended) in steps.into_iter().zip(&mut attended) {
                    if let (Some(step), Some(of)) = (step, *attended) {
                        *attended = Some(self.keep_attended(step, of, wanted));
                    }
                }
            }
            if stream.rows == 0 {
                return stream;
            }
        }
        steps.into_iter().flatten().for_each(|step| self.prepare(step, stream));
        let target = match branch.post_norm {
            Some(_) => Target { out: self.buffers.sum, output: Output::Store },
            None => Target { out: stream.x, output: Output::Add },
        };
        let mut next = target;
        for (step, attended) in steps.into_iter().zip(attended) {
            if let Some(step) = step {
                self.add(step, attended, next, stream);
                next.output = Output::Add;
            }
        }
        if let Some(norm) = branch.post_norm {
            self.ops.norm(self.buffers.sum, norm, Output::Add, stream.x, stream.rows);
        }
        self.norm_stream(branch, stream);
        if branch.stream_scale != 1.0 {
            self.scale_stream(branch.stream_scale, stream);
        }
        stream
    }

    pub(super) fn scale_stream(&mut self, scale: f32, stream: Stream) {
        let copy = CopyHeads { scale, ..CopyHeads::stretch(stream.x, 0, stream.x, self.buffers.width) };
        self.ops.copy_heads(&copy, stream.rows);
    }

    /// The norms that replace the stream, in models that have them.
    fn norm_stream(&mut self, branch: &BranchPlan, stream: Stream) {
        let Some(norm) = branch.stream_norm else { return };
        match (branch.stream_norm_2, stream.start) {
            (Some(second), Some(start)) => {
                // Nothing else reads the layer's start in models that have this.
                self.ops.norm(stream.x, norm, Output::Add, start, stream.rows);
                self.ops.norm(start, second, Output::Store, stream.x, stream.rows);
            }
            _ => self.ops.norm(stream.x, norm, Output::Store, stream.x, stream.rows),
        }
    }

    /// Moves the wanted rows of the stream to the front of other buffers.
    pub fn keep(&mut self, wanted: &[usize], stream: Stream) -> Stream {
        let b = self.buffers;
        self.ops.gather(stream.x, wanted, b.tail);
        if let (Some(start), Some(tail)) = (stream.start, b.tail_start) {
            self.ops.gather(start, wanted, tail);
        }
        let per_layer = b.per_layer.as_ref().map(|of| {
            self.ops.gather(of.one, wanted, of.tail);
            of.tail
        });
        let mut side = stream.side;
        if let Some(streams) = &b.streams {
            side = 1 - side;
            self.ops.gather(streams.pair[stream.side], wanted, streams.pair[side]);
        }
        Stream { x: b.tail, start: b.tail_start, per_layer, side, rows: wanted.len() }
    }

    /// Moves the wanted rows of what was attended, or remembered, to a buffer that is free by then; q is, after
    /// attention, and as wide.
    fn keep_attended(&mut self, step: &StepPlan, attended: BufId, wanted: &[usize]) -> BufId {
        let kept = match &step.part {
            PartPlan::Attention(a) => self.buffers.kept.of(a.heads * a.value_dim),
            PartPlan::Latent(a) => self.buffers.kept.of(a.heads * a.dims.value_dim),
            PartPlan::Recurrent(part) => self.buffers.recurrent.spare(part.inner),
            _ => unreachable!("only attention attends"),
        };
        self.ops.gather(attended, wanted, kept);
        kept
    }

    /// Everything that a part which reads other rows does up to its output: returns what was attended.
    fn remember(&mut self, step: &StepPlan, stream: Stream) -> Option<BufId> {
        let from = step_input(step, stream);
        match &step.part {
            PartPlan::Attention(attention) => Some(self.attend(attention, step.norm, from, stream.rows)),
            PartPlan::Latent(attention) => Some(self.attend_latent(attention, step.norm, from, stream.rows)),
            PartPlan::Recurrent(part) => Some(self.recur(part, step.norm, from, stream.rows)),
            PartPlan::Ffn(_) | PartPlan::Linear(_) | PartPlan::Moe(_) => None,
            PartPlan::PerLayer(_) | PartPlan::Laurel(_) => None,
        }
    }

    /// Everything that any other part does with the stream. Normed rows of a mixture, a detour or a linear part stay in
    /// `scratch`, so such a part is the last of its branch.
    fn prepare(&mut self, step: &StepPlan, stream: Stream) {
        let from = step_input(step, stream);
        match &step.part {
            PartPlan::Attention(_) | PartPlan::Latent(_) | PartPlan::Recurrent(_) => {}
            PartPlan::Ffn(ffn) => self.ffn(ffn, step.norm, from, stream.rows),
            PartPlan::PerLayer(part) => self.take_in(part, from, stream),
            PartPlan::Linear(_) | PartPlan::Moe(_) | PartPlan::Laurel(_) => {
                let scratch = self.buffers.scratch;
                match step.norm {
                    Some(norm) => self.ops.norm(from, norm, Output::Store, scratch, stream.rows),
                    None => self.ops.gather(from, &self.row_numbers[..stream.rows], scratch),
                }
            }
        }
    }

    /// The layer's own embedding, gated by the stream; left in the gate's buffer.
    pub(super) fn take_in(&mut self, part: &PerLayerPart, from: BufId, stream: Stream) {
        let gate = self.buffers.per_layer.as_ref().expect("made for models with such parts").gate;
        self.project(from, part.gate, Target { out: gate, output: Output::Store }, stream.rows);
        self.ops.gate(Activation::GeluTanh, gate, stream.per_layer, gate, stream.rows);
    }

    /// Adds a part's result, behind its own norm if it has one, to the target.
    fn add(&mut self, step: &StepPlan, attended: Option<BufId>, target: Target, stream: Stream) {
        let Some(norm) = step.part_norm else { return self.add_raw(step, attended, target, stream) };
        let out = self.buffers.part.expect("made for parts with norms of their own");
        self.add_raw(step, attended, Target { out, output: Output::Store }, stream);
        self.ops.norm(out, norm, target.output, target.out, stream.rows);
        if let PartPlan::Laurel(laurel) = &step.part {
            let mixed = (Some(target.out), self.buffers.scratch, target.out);
            self.mix(mixed, Coefficients::Same(laurel.one), stream.rows);
        }
    }

    /// What became of the layer's own embedding.
    pub(super) fn give_out(&mut self, part: &PerLayerPart, target: Target, rows: usize) {
        let gate = self.buffers.per_layer.as_ref().expect("made for models with such parts").gate;
        self.project(gate, part.output, target, rows);
    }

    fn add_raw(&mut self, step: &StepPlan, attended: Option<BufId>, target: Target, stream: Stream) {
        let (b, rows) = (self.buffers, stream.rows);
        match &step.part {
            PartPlan::Attention(a) => {
                let attended = attended.expect("prepared");
                self.norm_in_place(a.sub_norm, attended, rows);
                self.project(attended, a.output, target, rows);
            }
            PartPlan::Latent(a) => self.project(attended.expect("prepared"), a.output, target, rows),
            PartPlan::Recurrent(part) => {
                self.project(attended.expect("prepared"), part.output, target, rows);
            }
            PartPlan::Linear(linear) => self.project(b.scratch, *linear, target, rows),
            PartPlan::Ffn(ffn) => {
                let inner = b.gate.of(ffn.width);
                self.norm_in_place(ffn.sub_norm, inner, rows);
                self.project(inner, ffn.down, target, rows);
            }
            PartPlan::Moe(moe) => self.moe(moe, target, stream),
            PartPlan::PerLayer(part) => self.give_out(part, target, rows),
            PartPlan::Laurel(laurel) => {
                let low = b.laurel.expect("made for models with such parts");
                self.project(b.scratch, laurel.down, Target { out: low, output: Output::Store }, rows);
                self.project(low, laurel.up, target, rows);
            }
        }
    }

    fn norm_in_place(&mut self, norm: Option<Norm>, x: BufId, rows: usize) {
        if let Some(norm) = norm {
            self.ops.norm(x, norm, Output::Store, x, rows);
        }
    }

    pub(super) fn project(&mut self, input: BufId, linear: Linear, target: Target, rows: usize) {
        self.ops.matmul(input, &[job(linear, target)], rows);
    }

    fn attend(&mut self, a: &AttentionPlan, norm: Option<Norm>, x: BufId, rows: usize) -> BufId {
        let b = self.buffers;
        let q = b.q.of(a.heads * a.head_dim);
        let store = |linear, out| job(linear, Target { out, output: Output::Store });
        let mut jobs = vec![store(a.q, q)];
        let keys = a.keys.as_ref().map(|keys| {
            let k = b.k.of(keys.kv_heads * a.head_dim);
            let v = b.v.of(keys.kv_heads * a.value_dim);
            jobs.push(store(keys.k, k));
            jobs.extend(keys.v.map(|linear| store(linear, v)));
            let (k_norm, v_norm) = (keys.k_norm, keys.v_norm);
            PrepareKeys { layer: a.kv_layer, k, v, kv_heads: keys.kv_heads, k_norm, v_norm }
        });
        let gate = a.gate.map(|gate| (gate, b.attention_gate.of(gate.width)));
        jobs.extend(gate.map(|(gate, out)| store(gate.linear, out)));
        match norm {
            Some(norm) => self.ops.norm_matmul(x, norm, b.scratch, &jobs, rows),
            None => self.ops.matmul(x, &jobs, rows),
        }
        if let (Some(KeysPlan { v: None, .. }), Some(keys)) = (&a.keys, &keys) {
            self.ops.gather(keys.k, &self.row_numbers[..rows], keys.v);
        }
        let prepare = PrepareAttention {
            q,
            heads: a.heads,
            head_dim: a.head_dim,
            q_norm: a.q_norm,
            norm_place: a.norm_place,
            rope: a.rope,
            growth: a.growth,
            keys,
        };
        let attended = b.attended.of(a.heads * a.value_dim);
        if let (Some(reach), Some(keys)) = (a.whole, keys) {
            self.ops.prepare_heads(&prepare, rows);
            let attend = AttendWhole {
                heads: a.heads,
                kv_heads: keys.kv_heads,
                head_dim: a.head_dim,
                scale: a.scale,
                reach,
                soft_cap: a.soft_cap,
                slopes: a.slopes,
            };
            self.ops.attend_whole(&attend, [q, keys.k, keys.v], attended);
            return attended;
        }
        self.ops.prepare_attention(&prepare, rows);
        let attend = Attend {
            layer: a.kv_layer,
            heads: a.heads,
            scale: a.scale,
            window: a.window,
            soft_cap: a.soft_cap,
            slopes: a.slopes,
            sinks: a.sinks,
        };
        self.ops.attend(&attend, q, attended);
        match gate {
            None => attended,
            Some((plan, gate)) if plan.width == a.heads * a.value_dim => {
                self.ops.gate(plan.activation, gate, Some(attended), gate, rows);
                gate
            }
            Some((plan, gate)) => {
                self.ops.gate_heads(plan.activation, attended, gate, rows);
                attended
            }
        }
    }

    /// `activation(gate . x, up . x)`, left in the gate buffer.
    fn ffn(&mut self, ffn: &FfnPlan, norm: Option<Norm>, x: BufId, rows: usize) {
        let b = self.buffers;
        if ffn.gate_deviations > 0.0 {
            return self.sparse_ffn(ffn, norm, x, rows);
        }
        let ffn = Ffn {
            x,
            norm,
            scratch: b.scratch,
            gate: ffn.gate,
            up: ffn.up,
            gate_out: b.gate.of(ffn.width),
            up_out: b.up.of(ffn.width),
            activation: ffn.activation,
        };
        self.ops.ffn(&ffn, rows);
    }

    /// The same of gates that are cut first.
    fn sparse_ffn(&mut self, ffn: &FfnPlan, norm: Option<Norm>, x: BufId, rows: usize) {
        let (gate, up) = (self.buffers.gate.of(ffn.width), self.buffers.up.of(ffn.width));
        let store = |linear, out| job(linear, Target { out, output: Output::Store });
        let mut jobs = vec![store(ffn.gate, gate)];
        jobs.extend(ffn.up.map(|linear| store(linear, up)));
        match norm {
            Some(norm) => self.ops.norm_matmul(x, norm, self.buffers.scratch, &jobs, rows),
            None => self.ops.matmul(x, &jobs, rows),
        }
        self.ops.cut_gates(gate, ffn.gate_deviations, rows);
        self.ops.gate(ffn.activation, gate, ffn.up.map(|_| up), gate, rows);
    }

    /// The normed rows are in `scratch`.
    fn moe(&mut self, moe: &MoePlan, target: Target, stream: Stream) {
        let (b, rows) = (self.buffers, stream.rows);
        let router_logits = b.router.expect("made for models with experts");
        let router_input = match (moe.router_norm, moe.router_from_start) {
            (Some(norm), _) => {
                let out = b.router_input.expect("made for such routers");
                self.ops.norm(stream.x, norm, Output::Store, out, rows);
                out
            }
            (None, true) => stream.start.expect("kept for such parts"),
            (None, false) => b.scratch,
        };
        self.project(router_input, moe.router, Target { out: router_logits, output: Output::Store }, rows);
        let mut output = target.output;
        for pool in &moe.pools {
            let experts = ExpertFfn {
                x: b.scratch,
                router_logits,
                routing: pool.routing,
                weigh: moe.weigh,
                gate: pool.gate,
                up: pool.up,
                down: pool.down,
                activation: moe.activation,
                gate_out: b.expert_gate.of(pool.width),
                up_out: b.expert_up.of(pool.width),
                down_out: b.expert_down.expect("made for models with experts"),
                out: target.out,
                output,
                scale: pool.scale,
            };
            self.ops.expert_ffn(&experts, rows);
            output = Output::Add;
        }
        let Some(shared) = &moe.shared else { return };
        self.ffn(&shared.ffn, None, b.scratch, rows);
        let inner = b.gate.of(shared.ffn.width);
        if let Some(gate) = shared.gate {
            let out = b.shared_gate.expect("made for models with experts");
            self.project(b.scratch, gate, Target { out, output: Output::Store }, rows);
            self.ops.gate_heads(Activation::Sigmoid, inner, out, rows);
        }
        self.project(inner, shared.ffn.down, Target { output: Output::Add, ..target }, rows);
    }
}

fn step_input(step: &StepPlan, stream: Stream) -> BufId {
    if step.from_start { stream.start.expect("kept for such parts") } else { stream.x }
}

fn job(linear: Linear, target: Target) -> MatmulJob {
    MatmulJob { matrix: linear.matrix, out: target.out, output: target.output, epilogue: linear.epilogue }
}
