//! Grouped-query attention of one layer, and its tensors.

use gollum_kernels::{Activation, Epilogue, HeadNorm, KvLayer, Linear, Norm, NormKind, Reach, Rope, Window};

use super::layer::LayerBuilder;
use super::{AttentionPlan, GatePlan, KeysPlan, VectorSlice};
use crate::ModelError;
use crate::arch::{Attention, GateOver, OutputGate, QkNorm, QkNormOver};
use crate::hyper::LayerParams;

/// Above this many experts Llama 4 leaves the norms of q and k out: Maverick.
const LLAMA4_NORMED_EXPERTS: usize = 127;

impl LayerBuilder<'_, '_> {
    pub(super) fn attention(&mut self, a: &Attention) -> Result<AttentionPlan, ModelError> {
        let LayerParams { heads, kv_heads, head_dim, value_dim, .. } = self.params;
        let (q_width, out_width) = (heads * head_dim, heads * value_dim);
        let (q, k, v) = match a.gate {
            OutputGate::InQ => {
                let shape = (2 * q_width, 2 * head_dim);
                let q = self.linear_stretches("attn_q", shape, 0..head_dim, self.hyper.width)?;
                let [k, v] = self.own_keys(a)?;
                (q, k, v)
            }
            _ => self.qkv(a, q_width)?,
        };
        let keys = match k {
            Some(k) => Some(KeysPlan {
                kv_heads,
                k,
                v,
                k_norm: self.head_norm(a.qk_norm, "attn_k_norm", kv_heads)?,
                v_norm: a.v_norm.then_some(HeadNorm {
                    norm: Norm { kind: NormKind::Rms, weight: None, bias: None, eps: self.hyper.eps },
                    heads: kv_heads,
                    head_dim: value_dim,
                }),
            }),
            None => None,
        };
        let sinks = match self.has("attn_sinks.weight") {
            true => {
                let name = format!("{}attn_sinks.weight", self.prefix);
                Some(self.names.source.vector(&VectorSlice::whole(&name, heads))?)
            }
            false => None,
        };
        let rule = &self.names.architecture.rope;
        let factors = self.factors.filter(|_| !rule.factors_of_full || self.params.window == Window::All);
        Ok(AttentionPlan {
            kv_layer: self.kv_layer(),
            heads,
            head_dim,
            value_dim,
            q,
            keys,
            output: self.residual_linear(
                "attn_output",
                self.hyper.width,
                out_width,
                self.hyper.value_scale,
            )?,
            gate: self.gate(a.gate)?,
            q_norm: self.head_norm(a.qk_norm, "attn_q_norm", heads)?,
            norm_place: a.qk_norm.place,
            rope: self.params.rope.map(|rope| Rope { factors, ..rope }),
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
            sub_norm: match a.sub_norm {
                true => self.names.norm(&self.prefix, &["attn_sub_norm"], out_width)?,
                false => None,
            },
        })
    }

    /// The layer of the KV cache that this layer reads.
    pub(super) fn kv_layer(&mut self) -> usize {
        if let Some(kv) = self.params.kv() {
            let group = self.hyper.kv_group(self.params.window);
            self.memory.keep(self.layer, KvLayer { group, ..kv });
        }
        self.memory.kv_layer_of[&self.params.kv_from.unwrap_or(self.layer)]
    }

    /// q, k and v: three matrices, or the rows of one; k and v are absent where another layer's are read.
    fn qkv(
        &mut self,
        a: &Attention,
        q_width: usize,
    ) -> Result<(Linear, Option<Linear>, Option<Linear>), ModelError> {
        let LayerParams { kv_heads, head_dim, value_dim, .. } = self.params;
        let (width, clamp) = (self.hyper.width, self.hyper.qkv_clamp);
        let clamped = |l: Linear| Linear { epilogue: Epilogue { clamp, ..l.epilogue }, ..l };
        if !self.has("attn_qkv.weight") {
            let q = clamped(self.linear("attn_q", q_width, width)?);
            let [k, v] = self.own_keys(a)?;
            return Ok((q, k.map(clamped), v.map(clamped)));
        }
        let (k_width, v_width) = (kv_heads * head_dim, kv_heads * value_dim);
        let all = q_width + k_width + v_width;
        let mut part = |rows: std::ops::Range<usize>, alone: &str| {
            let len = rows.len();
            let mut linear = self.linear_slice("attn_qkv", all, rows, width)?;
            if linear.epilogue.bias.is_none() {
                // Some files keep the biases of fused weights apart.
                linear.epilogue.bias = self.names.bias(&format!("{}{alone}", self.prefix), len)?;
            }
            Ok::<Linear, ModelError>(clamped(linear))
        };
        let q = part(0..q_width, "attn_q")?;
        let k = part(q_width..q_width + k_width, "attn_k")?;
        let v = part(q_width + k_width..all, "attn_v")?;
        let has_own = self.params.kv_from.is_none();
        Ok((q, Some(k).filter(|_| has_own), Some(v).filter(|_| has_own)))
    }

    /// k and v as matrices of their own, if the layer has K and V of its own.
    fn own_keys(&mut self, a: &Attention) -> Result<[Option<Linear>; 2], ModelError> {
        let LayerParams { kv_heads, head_dim, value_dim, kv_from, .. } = self.params;
        if kv_from.is_some() {
            return Ok([None, None]);
        }
        let width = self.hyper.width;
        let k = self.linear("attn_k", kv_heads * head_dim, width)?;
        let is_k = a.k_as_v && head_dim == value_dim && !self.has("attn_v.weight");
        let v = if is_k { None } else { Some(self.linear("attn_v", kv_heads * value_dim, width)?) };
        Ok([Some(k), v])
    }

    fn gate(&mut self, gate: OutputGate) -> Result<Option<GatePlan>, ModelError> {
        let LayerParams { heads, head_dim, value_dim, .. } = self.params;
        let (width, name) = (self.hyper.width, "attn_gate");
        let (linear, outputs, activation) = match gate {
            OutputGate::None => return Ok(None),
            OutputGate::OwnIfPresent(_) if !self.has("attn_gate.weight") => return Ok(None),
            OutputGate::InQ => {
                let shape = (2 * heads * head_dim, 2 * head_dim);
                let gate = self.linear_stretches("attn_q", shape, head_dim..2 * head_dim, width)?;
                (gate, heads * head_dim, Activation::Sigmoid)
            }
            OutputGate::OwnIfPresent(activation) => (self.linear(name, heads, width)?, heads, activation),
            OutputGate::Own(activation, over) => {
                let elements = heads * value_dim;
                let outputs = match over {
                    GateOver::Head => heads,
                    GateOver::Element => elements,
                    GateOver::Either => {
                        let name = format!("{}{name}.weight", self.prefix);
                        if self.names.source.has_rows(&name, elements) { elements } else { heads }
                    }
                };
                (self.linear(name, outputs, width)?, outputs, activation)
            }
        };
        Ok(Some(GatePlan { linear, width: outputs, activation }))
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
}
