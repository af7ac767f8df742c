//! Attention over latent rows (MLA), and its tensors. See [`LatentParams`] for the two forms of it.
//!
//! ```text
//! q = [key part | rotated part] of each head            attn_q, or attn_q_b . norm(attn_q_a . x)
//! c, r = latent row and rotated part, of the token       attn_kv_a_mqa . x, norm on c
//! absorbed    q' = [attn_k_b of the head . q's key part | rope(q's rotated part)]    k = [c | rope(r)], v = c
//!             out = attn_v_b of the head . attended
//! expanded    k = [attn_kv_b's key part of the head . c | rope(r)]                   v = its value part . c
//! ```

use gollum_kernels::{ExpertLinear, Linear, Norm, QueryGrowth, Rope, Window};

use super::ExpertSlice;
use super::layer::LayerBuilder;
use crate::ModelError;
use crate::hyper::LatentParams;

/// See the file's head.
pub(crate) struct LatentPlan {
    /// Index into the KV cache's layers.
    pub kv_layer: usize,
    pub heads: usize,
    pub dims: LatentParams,
    /// The latent row of queries and its norm, where there is one.
    pub q_latent: Option<(Linear, Norm)>,
    pub q_key: Linear,
    pub q_rotated: Linear,
    pub latent: Linear,
    pub latent_norm: Norm,
    pub rotated: Linear,
    pub up: LatentUp,
    pub rope: Option<Rope>,
    pub growth: Option<QueryGrowth>,
    pub scale: f32,
    pub window: Window,
    pub output: Linear,
}

/// From latent rows to heads.
pub(crate) enum LatentUp {
    /// A matrix a head, for queries and for what was attended.
    Absorbed { key: ExpertLinear, value: ExpertLinear },
    /// For keys and values, all heads in one.
    Expanded { key: Linear, value: Linear },
}

impl LayerBuilder<'_, '_> {
    pub(super) fn latent(&mut self) -> Result<LatentPlan, ModelError> {
        let (width, heads) = (self.hyper.width, self.params.heads);
        let dims = self.hyper.latent.expect("read for architectures with latent attention");
        let LatentParams { q_rank, kv_rank, key_dim, rope_dims, value_dim, is_absorbed } = dims;
        let q_latent = match q_rank {
            Some(rank) => Some((self.linear("attn_q_a", rank, width)?, self.norm_of("attn_q_a_norm", rank)?)),
            None => None,
        };
        let (q_name, q_width) = q_rank.map_or(("attn_q", width), |rank| ("attn_q_b", rank));
        let period = key_dim + rope_dims;
        let shape = (heads * period, period);
        let q_key = self.linear_stretches(q_name, shape, 0..key_dim, q_width)?;
        let q_rotated = self.linear_stretches(q_name, shape, key_dim..period, q_width)?;
        let rows = kv_rank + rope_dims;
        let latent = self.linear_slice("attn_kv_a_mqa", rows, 0..kv_rank, width)?;
        let rotated = self.linear_slice("attn_kv_a_mqa", rows, kv_rank..rows, width)?;
        let up = match is_absorbed {
            true => LatentUp::Absorbed {
                key: self.of_heads("attn_k_b", (kv_rank, key_dim))?,
                value: self.of_heads("attn_v_b", (value_dim, kv_rank))?,
            },
            false => {
                let period = key_dim + value_dim;
                let shape = (heads * period, period);
                LatentUp::Expanded {
                    key: self.linear_stretches("attn_kv_b", shape, 0..key_dim, kv_rank)?,
                    value: self.linear_stretches("attn_kv_b", shape, key_dim..period, kv_rank)?,
                }
            }
        };
        Ok(LatentPlan {
            kv_layer: self.kv_layer(),
            heads,
            dims,
            q_latent,
            q_key,
            q_rotated,
            latent,
            latent_norm: self.norm_of("attn_kv_a_norm", kv_rank)?,
            rotated,
            up,
            rope: self.params.rope.map(|rope| Rope { factors: self.factors, ..rope }),
            growth: self.params.growth,
            scale: self.params.attention_scale,
            window: self.params.window,
            output: self.residual_linear("attn_output", width, heads * value_dim, 1.0)?,
        })
    }

    fn norm_of(&mut self, part: &str, len: usize) -> Result<Norm, ModelError> {
        let name = format!("{}{part}", self.prefix);
        self.names.weighted_norm(self.hyper.norm_kind, &name, (1, len))
    }

    /// A matrix for each head.
    fn of_heads(&mut self, part: &str, (rows, cols): (usize, usize)) -> Result<ExpertLinear, ModelError> {
        let name = format!("{}{part}.weight", self.prefix);
        let slice = ExpertSlice { name, experts: self.params.heads, file_rows: rows, rows: 0..rows, cols };
        Ok(ExpertLinear { experts: self.names.source.experts(&slice)?, bias: None, scales: None })
    }
}
