//! The parts of one layer, and their tensors.

use gollum_kernels::{
    Activation, Epilogue, ExpertLinear, HeadNorm, Linear, Norm, Reach, Rope, Routing, VectorId, Window,
};

use super::{
    AttentionPlan, BranchPlan, ExpertSlice, FfnPlan, MatrixSlice, MoePlan, Names, PartPlan, SharedPlan,
    StepPlan, VectorSlice,
};
use crate::arch::{
    Attention, Branch, Ffn, Input, Moe, NormNames, OutputGate, Part, QkNorm, QkNormOver, SharedTensors,
};
use crate::hyper::{ExpertParams, LayerParams};
use crate::{HyperParams, ModelError};

/// Above this many experts Llama 4 leaves the norms of q and k out: Maverick.
const LLAMA4_NORMED_EXPERTS: usize = 127;

/// Names of a dense feed-forward's matrices.
struct FfnNames {
    gate: &'static str,
    up: &'static str,
    down: &'static str,
}

const DENSE: FfnNames = FfnNames { gate: "ffn_gate", up: "ffn_up", down: "ffn_down" };
const SHARED: FfnNames = FfnNames { gate: "ffn_gate_shexp", up: "ffn_up_shexp", down: "ffn_down_shexp" };

/// Asks for the tensors of one layer.
pub(super) struct LayerBuilder<'a, 'b> {
    pub(super) names: &'a mut Names<'b>,
    pub(super) hyper: &'b HyperParams,
    layer: usize,
    kv_layer: usize,
    /// Values of the states of all parts so far.
    pub(super) state_floats: usize,
    params: LayerParams,
    factors: Option<VectorId>,
    slopes: Option<VectorId>,
    pub(super) prefix: String,
}

impl<'a, 'b> LayerBuilder<'a, 'b> {
    pub fn new(
        names: &'a mut Names<'b>,
        (layer, kv_layer, state_floats): (usize, usize, usize),
        (factors, slopes): (Option<VectorId>, Option<VectorId>),
    ) -> Self {
        let hyper = names.hyper;
        let prefix = format!("blk.{layer}.");
        let params = hyper.layers[layer];
        Self { names, hyper, layer, kv_layer, state_floats, params, factors, slopes, prefix }
    }

    /// Values of the states of this layer and those before it.
    pub fn state_floats(&self) -> usize {
        self.state_floats
    }

    pub fn branch(&mut self, branch: &Branch) -> Result<BranchPlan, ModelError> {
        let lacks = branch.norm_optional && !branch.norm.iter().any(|n| self.has(&format!("{n}.weight")));
        let norm = if lacks { &[] } else { branch.norm };
        let first = self.step(norm, Input::Stream, &branch.part)?;
        let beside = match &branch.beside {
            Some(beside) => self.step(beside.norm, beside.input, &beside.part)?,
            None => None,
        };
        let post_norm = match first.is_some() || beside.is_some() {
            true => self.norm(branch.post_norm)?,
            false => None,
        };
        let stream_norm = self.norm(branch.stream_norm)?;
        let has_second = branch.stream_norm_2.iter().any(|n| self.has(&format!("{n}.weight")));
        let stream_norm_2 = if has_second { self.norm(branch.stream_norm_2)? } else { None };
        Ok(BranchPlan { first, beside, post_norm, stream_norm, stream_norm_2 })
    }

    /// `None` where the layer lacks this part.
    fn step(&mut self, norm: NormNames, input: Input, part: &Part) -> Result<Option<StepPlan>, ModelError> {
        let is_moe = self.has("ffn_gate_inp.weight");
        let absent = match part {
            Part::Attention(_) => self.params.heads == 0,
            Part::Ffn(_) => self.params.ffn_width == 0,
            Part::FfnOrMoe(..) => self.params.ffn_width == 0 && !is_moe,
            Part::Moe(_) | Part::ShortConv | Part::DeltaNet(_) | Part::Mamba1(_) | Part::Mamba2(_) => false,
        };
        if absent {
            return Ok(None);
        }
        let norm = self.norm(norm)?;
        let part = match part {
            Part::Attention(_) if self.params.kv_heads == 0 => {
                let width = self.hyper.width;
                PartPlan::Linear(self.residual_linear("attn_output", width, width, 1.0)?)
            }
            Part::Attention(attention) => PartPlan::Attention(self.attention(attention)?),
            Part::Ffn(ffn) => PartPlan::Ffn(self.ffn(&DENSE, ffn, self.params.ffn_width, 1.0)?),
            Part::FfnOrMoe(ffn, _) if !is_moe => {
                PartPlan::Ffn(self.ffn(&DENSE, ffn, self.params.ffn_width, 1.0)?)
            }
            Part::Moe(moe) | Part::FfnOrMoe(_, moe) => PartPlan::Moe(self.moe(moe)?),
            Part::ShortConv => PartPlan::Recurrent(self.short_conv()?),
            Part::DeltaNet(delta) => PartPlan::Recurrent(self.delta_net(delta)?),
            Part::Mamba1(kind) => PartPlan::Recurrent(self.mamba1(*kind)?),
            Part::Mamba2(rule) => PartPlan::Recurrent(self.mamba2(rule)?),
        };
        Ok(Some(StepPlan { norm, from_start: input == Input::LayerStart, part }))
    }

    pub(super) fn has(&self, part: &str) -> bool {
        self.names.source.has(&format!("{}{part}", self.prefix))
    }

    fn norm(&mut self, names: NormNames) -> Result<Option<Norm>, ModelError> {
        self.names.norm(&self.prefix, names, self.hyper.width)
    }

    pub(super) fn linear(&mut self, part: &str, rows: usize, cols: usize) -> Result<Linear, ModelError> {
        self.linear_slice(part, rows, 0..rows, cols)
    }

    pub(super) fn linear_slice(
        &mut self,
        part: &str,
        file_rows: usize,
        rows: std::ops::Range<usize>,
        cols: usize,
    ) -> Result<Linear, ModelError> {
        let name = format!("{}{part}", self.prefix);
        let slice = MatrixSlice { name: format!("{name}.weight"), file_rows, period: file_rows, rows, cols };
        self.names.linear(&name, &slice)
    }

    /// The same rows of each stretch of `period` rows.
    pub(super) fn linear_stretches(
        &mut self,
        part: &str,
        (file_rows, period): (usize, usize),
        rows: std::ops::Range<usize>,
        cols: usize,
    ) -> Result<Linear, ModelError> {
        let name = format!("{}{part}", self.prefix);
        let slice = MatrixSlice { name: format!("{name}.weight"), file_rows, period, rows, cols };
        self.names.linear(&name, &slice)
    }

    /// A matrix whose result is a branch's, times `scale`.
    pub(super) fn residual_linear(
        &mut self,
        part: &str,
        rows: usize,
        cols: usize,
        scale: f32,
    ) -> Result<Linear, ModelError> {
        let linear = self.linear(part, rows, cols)?;
        let scale = scale * self.hyper.residual_scale;
        Ok(Linear { epilogue: Epilogue { scale, ..linear.epilogue }, ..linear })
    }

    fn attention(&mut self, a: &Attention) -> Result<AttentionPlan, ModelError> {
        let LayerParams { heads, kv_heads, head_dim, .. } = self.params;
        let (q_width, kv_width) = (heads * head_dim, kv_heads * head_dim);
        let ([q, k, v], gate) = match a.gate {
            OutputGate::None => (self.qkv(q_width, kv_width)?, None),
            OutputGate::InQ => {
                let (width, shape) = (self.hyper.width, (2 * q_width, 2 * head_dim));
                let q = self.linear_stretches("attn_q", shape, 0..head_dim, width)?;
                let gate = self.linear_stretches("attn_q", shape, head_dim..2 * head_dim, width)?;
                let k = self.linear("attn_k", kv_width, width)?;
                ([q, k, self.linear("attn_v", kv_width, width)?], Some(gate))
            }
        };
        let sinks = match self.has("attn_sinks.weight") {
            true => {
                let name = format!("{}attn_sinks.weight", self.prefix);
                Some(self.names.source.vector(&VectorSlice::whole(&name, heads))?)
            }
            false => None,
        };
        Ok(AttentionPlan {
            kv_layer: self.kv_layer,
            heads,
            kv_heads,
            head_dim,
            q,
            k,
            v,
            output: self.residual_linear("attn_output", self.hyper.width, q_width, 1.0)?,
            gate,
            q_norm: self.head_norm(a.qk_norm, "attn_q_norm", heads)?,
            k_norm: self.head_norm(a.qk_norm, "attn_k_norm", kv_heads)?,
            norm_place: a.qk_norm.place,
            rope: self.params.rope.map(|rope| Rope { factors: self.factors, ..rope }),
            growth: self.params.growth,
            scale: self.params.attention_scale,
            window: self.params.window,
            whole: self.hyper.whole_input.then_some(match self.params.window {
                // Encoders with other windows than symmetric ones were refused.
                Window::Last(n) | Window::Chunk(n) => Reach::Within(n / 2),
                Window::All => Reach::All,
            }),
            soft_cap: self.hyper.score_soft_cap,
            slopes: self.slopes,
            sinks,
        })
    }

    /// Three matrices, or the rows of one.
    fn qkv(&mut self, q_width: usize, kv_width: usize) -> Result<[Linear; 3], ModelError> {
        let width = self.hyper.width;
        let clamp = self.hyper.qkv_clamp;
        let all = q_width + 2 * kv_width;
        let linears = if self.has("attn_qkv.weight") {
            let mut part = |rows, alone: &str| {
                let mut linear = self.linear_slice("attn_qkv", all, rows, width)?;
                if linear.epilogue.bias.is_none() {
                    // Some files keep the biases of fused weights apart.
                    let len = if alone == "attn_q" { q_width } else { kv_width };
                    linear.epilogue.bias = self.names.bias(&format!("{}{alone}", self.prefix), len)?;
                }
                Ok::<Linear, ModelError>(linear)
            };
            [
                part(0..q_width, "attn_q")?,
                part(q_width..q_width + kv_width, "attn_k")?,
                part(q_width + kv_width..all, "attn_v")?,
            ]
        } else {
            [
                self.linear("attn_q", q_width, width)?,
                self.linear("attn_k", kv_width, width)?,
                self.linear("attn_v", kv_width, width)?,
            ]
        };
        Ok(linears.map(|l| Linear { epilogue: Epilogue { clamp, ..l.epilogue }, ..l }))
    }

    fn head_norm(&mut self, rule: QkNorm, part: &str, heads: usize) -> Result<Option<HeadNorm>, ModelError> {
        let head_dim = self.params.head_dim;
        let eps = rule.eps.unwrap_or(self.hyper.eps);
        let whole =
            HeadNorm { norm: Norm { kind: rule.kind, weight: None, bias: None, eps }, heads, head_dim };
        let (shape, heads, head_dim) = match rule.over {
            QkNormOver::Nothing => return Ok(None),
            QkNormOver::RotatedHeadUnweighted => {
                let few = self.hyper.experts.as_ref().is_none_or(|e| e.count <= LLAMA4_NORMED_EXPERTS);
                return Ok((few && self.params.rope.is_some()).then_some(whole));
            }
            QkNormOver::Head => ((1, head_dim), heads, head_dim),
            QkNormOver::HeadOwnWeights => ((heads, head_dim), heads, head_dim),
            QkNormOver::Row => ((1, heads * head_dim), 1, heads * head_dim),
        };
        if rule.optional && !self.has(&format!("{part}.weight")) {
            return Ok(None);
        }
        let name = format!("{}{part}", self.prefix);
        let norm = self.names.weighted_norm(rule.kind, &name, shape)?;
        Ok(Some(HeadNorm { norm: Norm { eps, ..norm }, heads, head_dim }))
    }

    fn ffn(&mut self, names: &FfnNames, ffn: &Ffn, inner: usize, scale: f32) -> Result<FfnPlan, ModelError> {
        let width = self.hyper.width;
        let fused = self.fused(names, inner);
        let lacks_gate = ffn.gate_optional && !fused && !self.has(&format!("{}.weight", names.gate));
        let (gate, up) = if !ffn.gated || lacks_gate {
            (self.linear(names.up, inner, width)?, None)
        } else if fused {
            let gate = self.linear_slice(names.up, 2 * inner, 0..inner, width)?;
            (gate, Some(self.linear_slice(names.up, 2 * inner, inner..2 * inner, width)?))
        } else {
            (self.linear(names.gate, inner, width)?, Some(self.linear(names.up, inner, width)?))
        };
        Ok(FfnPlan {
            width: inner,
            gate,
            up,
            down: self.residual_linear(names.down, width, inner, scale)?,
            activation: ffn.activation,
        })
    }

    /// True if `up` holds the gate too, in its first rows.
    fn fused(&self, names: &FfnNames, inner: usize) -> bool {
        let up = format!("{}{}.weight", self.prefix, names.up);
        !self.has(&format!("{}.weight", names.gate)) && self.names.source.is_fused(&up, inner)
    }

    fn moe(&mut self, moe: &Moe) -> Result<MoePlan, ModelError> {
        let experts = self.hyper.experts.as_ref().ok_or_else(|| ModelError::MissingExperts {
            name: format!("{}ffn_gate_inp.weight", self.prefix),
            key: format!("{}.expert_count", self.names.architecture.gguf_name),
        })?;
        let (width, inner, count) = (self.hyper.width, experts.width[self.layer], experts.count);
        let activation = limited(moe.activation, experts.clamp.as_ref().map(|c| c[self.layer]));
        let router = self.linear("ffn_gate_inp", count, width)?;
        let routing = self.routing(experts)?;
        let shared = self.shared(moe, experts.shared_width)?;
        let (gate, up) = if !moe.gated {
            (self.experts("ffn_up_exps", (count, inner), 0..inner, width)?, None)
        } else if self.has("ffn_gate_up_exps.weight") {
            let (name, shape) = ("ffn_gate_up_exps", (count, 2 * inner));
            let gate = self.experts(name, shape, 0..inner, width)?;
            (gate, Some(self.experts(name, shape, inner..2 * inner, width)?))
        } else {
            let shape = (count, inner);
            let gate = self.experts("ffn_gate_exps", shape, 0..inner, width)?;
            (gate, Some(self.experts("ffn_up_exps", shape, 0..inner, width)?))
        };
        Ok(MoePlan {
            router,
            router_from_start: moe.router_input == Input::LayerStart,
            routing,
            weigh: moe.weigh,
            width: inner,
            gate,
            up,
            down: self.experts("ffn_down_exps", (count, width), 0..width, inner)?,
            activation,
            scale: shared.as_ref().map_or(1.0, |_| moe.scale_with_shared) * self.hyper.residual_scale,
            shared,
        })
    }

    fn routing(&mut self, experts: &ExpertParams) -> Result<Routing, ModelError> {
        Ok(Routing {
            experts: experts.count,
            used: experts.used[self.layer],
            gating: experts.gating,
            selection_bias: self.selection_bias(experts.count)?,
            groups: experts.groups,
            normalise: experts.normalise,
            scale: experts.weights_scale,
        })
    }

    /// `exp_probs_b.bias`, or in files of Hunyuan 3 `exp_probs_b`.
    fn selection_bias(&mut self, experts: usize) -> Result<Option<VectorId>, ModelError> {
        let name = format!("{}exp_probs_b", self.prefix);
        if self.names.source.has(&name) {
            return self.names.source.vector(&VectorSlice::whole(&name, experts)).map(Some);
        }
        self.names.bias(&name, experts)
    }

    /// Rows of the matrices of all experts, with the parts of their biases, and their scales.
    fn experts(
        &mut self,
        part: &str,
        (count, file_rows): (usize, usize),
        rows: std::ops::Range<usize>,
        cols: usize,
    ) -> Result<ExpertLinear, ModelError> {
        let name = format!("{}{part}", self.prefix);
        let slice = ExpertSlice {
            name: format!("{name}.weight"),
            experts: count,
            file_rows,
            rows: rows.clone(),
            cols,
        };
        let experts = self.names.source.experts(&slice)?;
        let bias = self.names.bias_slice(&name, (count, file_rows), rows)?;
        let scales = format!("{name}.scale");
        let scales = match self.names.source.has(&scales) {
            true => Some(self.names.source.vector(&VectorSlice::whole(&scales, count))?),
            false => None,
        };
        Ok(ExpertLinear { experts, bias, scales })
    }

    fn shared(&mut self, moe: &Moe, inner: usize) -> Result<Option<SharedPlan>, ModelError> {
        let names = match moe.shared {
            SharedTensors::Shexp => &SHARED,
            SharedTensors::Dense => &DENSE,
        };
        if !self.has(&format!("{}.weight", names.up)) {
            return Ok(None);
        }
        let ffn = Ffn { activation: moe.activation, gated: moe.gated, ..Ffn::SWIGLU };
        let ffn = self.ffn(names, &ffn, inner, moe.scale_with_shared)?;
        let gate = match self.has("ffn_gate_inp_shexp.weight") {
            true => Some(self.linear("ffn_gate_inp_shexp", 1, self.hyper.width)?),
            false => None,
        };
        Ok(Some(SharedPlan { ffn, gate }))
    }
}

/// SiLU with its inputs limited, where the metadata asks for it.
fn limited(activation: Activation, limit: Option<f32>) -> Activation {
    match limit {
        Some(limit) if limit > 0.0 => Activation::ClampedSilu { limit },
        _ => activation,
    }
}
