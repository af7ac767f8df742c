//! The parts of one layer, and their tensors.

use gollum_kernels::{Activation, Epilogue, ExpertLinear, Linear, Norm, NormKind, Routing, VectorId};

use super::{
    BranchPlan, ExpertPool, ExpertSlice, FfnPlan, LaurelPlan, LayerMemory, MatrixSlice, MoePlan, Names,
    PartPlan, SharedPlan, StepPlan, VectorSlice,
};
use crate::arch::{Branch, ExpertClamp, Ffn, Input, Moe, NormNames, Part, SharedTensors};
use crate::hyper::{ExpertParams, LayerParams};
use crate::{HyperParams, ModelError};

/// Width inside Laurel: no key says, and all models have this one.
pub(crate) const LAUREL_RANK: usize = 64;

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
    pub(super) layer: usize,
    pub(super) memory: &'a mut LayerMemory,
    pub(super) params: LayerParams,
    pub(super) factors: Option<VectorId>,
    pub(super) slopes: Option<VectorId>,
    pub(super) prefix: String,
}

impl<'a, 'b> LayerBuilder<'a, 'b> {
    pub fn new(
        names: &'a mut Names<'b>,
        layer: usize,
        memory: &'a mut LayerMemory,
        (factors, slopes): (Option<VectorId>, Option<VectorId>),
    ) -> Self {
        let hyper = names.hyper;
        let prefix = format!("blk.{layer}.");
        let params = hyper.layers[layer];
        Self { names, hyper, layer, memory, params, factors, slopes, prefix }
    }

    /// All branches of the layer.
    pub fn branches(&mut self, kind: &[Branch]) -> Result<Vec<BranchPlan>, ModelError> {
        let mut branches = kind.iter().map(|b| self.branch(b)).collect::<Result<Vec<_>, _>>()?;
        let scale = self.names.source.scale(&format!("{}layer_output_scale.weight", self.prefix))?;
        if let (Some(scale), Some(last)) = (scale, branches.last_mut()) {
            last.stream_scale *= scale;
        }
        Ok(branches)
    }

    fn branch(&mut self, branch: &Branch) -> Result<BranchPlan, ModelError> {
        let lacks = branch.norm_optional && !branch.norm.iter().any(|n| self.has(&format!("{n}.weight")));
        let norm = if lacks { &[] } else { branch.norm };
        let first = self.step((norm, branch.part_norm), Input::Stream, &branch.part)?;
        let beside = match &branch.beside {
            Some(beside) => self.step((beside.norm, beside.part_norm), beside.input, &beside.part)?,
            None => None,
        };
        let post_norm = match first.is_some() || beside.is_some() {
            true => self.norm(branch.post_norm)?.map(|norm| {
                let eps = self.names.architecture.post_norm_eps.unwrap_or(norm.eps);
                Norm { eps, ..norm }
            }),
            false => None,
        };
        let stream_norm = self.norm(branch.stream_norm)?;
        let has_second = branch.stream_norm_2.iter().any(|n| self.has(&format!("{n}.weight")));
        let stream_norm_2 = if has_second { self.norm(branch.stream_norm_2)? } else { None };
        let stream_scale = branch.stream_scale;
        Ok(BranchPlan { first, beside, post_norm, stream_norm, stream_norm_2, stream_scale })
    }

    /// `None` where the layer lacks this part.
    fn step(
        &mut self,
        (norm, part_norm): (NormNames, NormNames),
        input: Input,
        part: &Part,
    ) -> Result<Option<StepPlan>, ModelError> {
        let is_moe = self.has("ffn_gate_inp.weight");
        let absent = match part {
            Part::Attention(_) | Part::Latent(_) => self.params.heads == 0,
            Part::Ffn(_) => self.params.ffn_width == 0,
            Part::FfnOrMoe(..) => self.params.ffn_width == 0 && !is_moe,
            Part::PerLayer => self.hyper.per_layer_width == 0,
            Part::Moe(_) | Part::Laurel => false,
            Part::ShortConv | Part::DeltaNet(_) | Part::Mamba1(_) | Part::Mamba2(_) => false,
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
            Part::Latent(_) => PartPlan::Latent(self.latent()?),
            Part::Ffn(ffn) => PartPlan::Ffn(self.ffn(&DENSE, ffn, self.params.ffn_width, 1.0)?),
            Part::FfnOrMoe(ffn, _) if !is_moe => {
                PartPlan::Ffn(self.ffn(&DENSE, ffn, self.params.ffn_width, 1.0)?)
            }
            Part::Moe(moe) | Part::FfnOrMoe(_, moe) => PartPlan::Moe(self.moe(moe)?),
            Part::PerLayer => PartPlan::PerLayer(self.per_layer()?),
            Part::Laurel => PartPlan::Laurel(self.laurel()?),
            Part::ShortConv => PartPlan::Recurrent(self.short_conv()?),
            Part::DeltaNet(delta) => PartPlan::Recurrent(self.delta_net(delta)?),
            Part::Mamba1(kind) => PartPlan::Recurrent(self.mamba1(*kind)?),
            Part::Mamba2(rule) => PartPlan::Recurrent(self.mamba2(rule)?),
        };
        let part_norm = self.norm(part_norm)?;
        Ok(Some(StepPlan { norm, from_start: input == Input::LayerStart, part, part_norm }))
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
            activation: self
                .params
                .ffn_activation
                .unwrap_or_else(|| clamped(ffn.activation, ExpertClamp::Silu, self.params.ffn_clamp)),
            gate_deviations: self.params.gate_deviations,
            sub_norm: if ffn.sub_norm {
                self.names.norm(&self.prefix, &["ffn_sub_norm"], inner)?
            } else {
                None
            },
        })
    }

    fn laurel(&mut self) -> Result<LaurelPlan, ModelError> {
        let width = self.hyper.width;
        Ok(LaurelPlan {
            down: self.linear("laurel_l", LAUREL_RANK, width)?,
            up: self.linear("laurel_r", width, LAUREL_RANK)?,
            one: self.names.source.computed(&[1.0]),
        })
    }

    /// True if `up` holds the gate too, in its first rows.
    fn fused(&self, names: &FfnNames, inner: usize) -> bool {
        let up = format!("{}{}.weight", self.prefix, names.up);
        !self.has(&format!("{}.weight", names.gate)) && self.names.source.has_rows(&up, 2 * inner)
    }

    fn moe(&mut self, moe: &Moe) -> Result<MoePlan, ModelError> {
        let experts = self.hyper.experts.as_ref().ok_or_else(|| ModelError::MissingExperts {
            name: format!("{}ffn_gate_inp.weight", self.prefix),
            key: format!("{}.expert_count", self.names.architecture.gguf_name),
        })?;
        let (width, count) = (self.hyper.width, experts.count);
        let limit = experts.clamp.as_ref().map_or(0.0, |limits| limits[self.layer]);
        let activation = clamped(moe.activation, moe.clamp, limit);
        let router = match moe.router_norm {
            // Its `.scale` is the norm's weights.
            true => {
                let name = format!("{}ffn_gate_inp.weight", self.prefix);
                let matrix = self.names.source.matrix(&MatrixSlice::whole(&name, count, width))?;
                Linear { matrix, epilogue: Epilogue::NONE }
            }
            false => self.linear("ffn_gate_inp", count, width)?,
        };
        let routing = self.routing(experts)?;
        let shared = self.shared(moe, experts.shared_width)?;
        let scale = shared.as_ref().map_or(1.0, |_| moe.scale_with_shared) * self.hyper.residual_scale;
        let inner = experts.width[self.layer];
        let mut pools = vec![self.pool("exps", moe.gated, (routing, inner), scale)?];
        if let Some(adjugate) = experts.adjugate {
            let inner = adjugate.width.unwrap_or(self.params.head_dim);
            let routing = Routing { sharing: adjugate.group, ..routing };
            pools.push(self.pool("chexps", moe.gated, (routing, inner), adjugate.scale * scale)?);
        }
        Ok(MoePlan {
            router,
            router_from_start: moe.router_input == Input::LayerStart,
            router_norm: if moe.router_norm { Some(self.router_norm()?) } else { None },
            pools,
            weigh: moe.weigh,
            activation,
            shared,
        })
    }

    /// The matrices of one pool, those whose names end in `suffix`: `inner` wide inside, and as many as `routing` tells
    /// apart.
    fn pool(
        &mut self,
        suffix: &str,
        gated: bool,
        (routing, inner): (Routing, usize),
        scale: f32,
    ) -> Result<ExpertPool, ModelError> {
        let (width, count) = (self.hyper.width, routing.experts / routing.sharing);
        let name = |part: &str| format!("ffn_{part}_{suffix}");
        let (fused, shape) = (name("gate_up"), (count, inner));
        let (gate, up) = if !gated {
            (self.experts(&name("up"), shape, 0..inner, width)?, None)
        } else if self.has(&format!("{fused}.weight")) {
            let shape = (count, 2 * inner);
            let gate = self.experts(&fused, shape, 0..inner, width)?;
            (gate, Some(self.experts(&fused, shape, inner..2 * inner, width)?))
        } else {
            let gate = self.experts(&name("gate"), shape, 0..inner, width)?;
            (gate, Some(self.experts(&name("up"), shape, 0..inner, width)?))
        };
        let down = self.experts(&name("down"), (count, width), 0..width, inner)?;
        Ok(ExpertPool { routing, width: inner, gate, up, down, scale })
    }

    fn router_norm(&mut self) -> Result<Norm, ModelError> {
        let width = self.hyper.width;
        let mut weight = VectorSlice::whole(&format!("{}ffn_gate_inp.scale", self.prefix), width);
        weight.scale = 1.0 / (width as f32).sqrt();
        let weight = Some(self.names.source.vector(&weight)?);
        Ok(Norm { kind: NormKind::Rms, weight, bias: None, eps: self.hyper.eps })
    }

    fn routing(&mut self, experts: &ExpertParams) -> Result<Routing, ModelError> {
        Ok(Routing {
            experts: experts.count,
            sharing: 1,
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

/// SiLU with its input or its result limited, where the metadata asks for it.
fn clamped(activation: Activation, clamp: ExpertClamp, limit: f32) -> Activation {
    match clamp {
        ExpertClamp::Gate if limit > 0.0 => Activation::ClampedSilu { limit },
        ExpertClamp::Silu if limit > 0.0 => Activation::SiluClamped { limit },
        _ => activation,
    }
}
