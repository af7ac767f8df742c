//! Rotation from metadata: base, scaling, YaRN, longrope.

use gollum_kernels::{Rope, RopeKind, YarnRamp};

use super::keys::Keys;
use crate::ModelError;
use crate::arch::{LogMultiplier, RopeRule};

/// Which factor tensor a model rotates by, where its file has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RopeFactors {
    /// `rope_freqs`.
    Freqs,
    /// `rope_factors_short`: the context that is configured fits the original one.
    Short,
    /// `rope_factors_long`.
    Long,
}

impl RopeFactors {
    /// The tensor's name.
    pub fn tensor(self) -> &'static str {
        match self {
            Self::Freqs => "rope_freqs.weight",
            Self::Short => "rope_factors_short.weight",
            Self::Long => "rope_factors_long.weight",
        }
    }
}

/// Scaling, as the metadata has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scaling {
    /// 1 / factor.
    pub freq_scale: f32,
    /// `beta_fast`, `beta_slow` and the original context, of YaRN.
    pub yarn: Option<(f32, f32, usize)>,
    /// Multiplies cosine and sine.
    pub magnitude: f32,
    /// L: see [`LogMultiplier`].
    log_multiplier: f32,
}

impl Scaling {
    pub const NONE: Self = Self { freq_scale: 1.0, yarn: None, magnitude: 1.0, log_multiplier: 0.0 };

    pub fn read(keys: &Keys<'_>, context_len: usize, rule: &RopeRule) -> Result<Self, ModelError> {
        let kind = keys.text("rope.scaling.type")?.unwrap_or("linear");
        if !matches!(kind, "none" | "" | "linear" | "yarn" | "longrope") {
            return Err(keys.unsupported("rope.scaling.type", kind));
        }
        let factor = match keys.positive("rope.scaling.factor")? {
            Some(factor) => Some(factor),
            None => keys.positive("rope.scale_linear")?,
        };
        let attn_factor = keys.positive("rope.scaling.attn_factor")?.unwrap_or(1.0);
        if matches!(kind, "none" | "") {
            return Ok(Self { magnitude: attn_factor, ..Self::NONE });
        }
        let factor = factor.unwrap_or(1.0);
        let mut scaling = Self { freq_scale: 1.0 / factor, magnitude: attn_factor, ..Self::NONE };
        if kind == "yarn" {
            let given = keys.finite("rope.scaling.yarn_log_multiplier")?.unwrap_or(0.0);
            scaling.log_multiplier = match rule.log_multiplier {
                LogMultiplier::Plain => given,
                LogMultiplier::Tenth | LogMultiplier::TenthUnscaled => given / 0.1,
            };
            scaling.yarn = Some(yarn_betas(keys, context_len)?);
            scaling.magnitude *= match rule.log_multiplier {
                LogMultiplier::TenthUnscaled if given != 0.0 => 1.0,
                _ => yarn_magnitude(keys, factor, scaling.log_multiplier)?,
            };
        }
        Ok(scaling)
    }

    /// The rotation's magnitude times `1 + 0.1 L ln(factor)`.
    pub fn score_magnitude(&self) -> f32 {
        let log = if self.yarn.is_some() { (1.0 / self.freq_scale).ln() } else { 0.0 };
        self.magnitude * (1.0 + 0.1 * self.log_multiplier * log)
    }

    /// The rotation of a layer.
    pub fn rope(&self, kind: RopeKind, dims: usize, freq_base: f32) -> Rope {
        let ramp = |(fast, slow, original)| yarn_ramp(dims, freq_base, (fast, slow), original);
        Rope {
            kind,
            dims,
            freq_base,
            freq_scale: self.freq_scale,
            factors: None,
            yarn: self.yarn.map(ramp),
            magnitude: self.magnitude,
        }
    }
}

/// The configured base, with Hunyuan's `alpha` if the architecture has it.
pub(super) fn freq_base(keys: &Keys<'_>, rule: &RopeRule, head_dim: usize) -> Result<f32, ModelError> {
    let base = keys.strictly_positive("rope.freq_base")?.unwrap_or(10_000.0);
    if !rule.alpha {
        return Ok(base);
    }
    let Some(alpha) = keys.positive("rope.scaling.alpha")? else { return Ok(base) };
    let dim = head_dim as f32;
    Ok(base * alpha.powf(dim / (dim - 2.0)))
}

/// The factor tensor of a model whose context is `max_context` tokens, its own `context_len` unless configured.
pub(super) fn factors(original: usize, max_context: usize) -> RopeFactors {
    if max_context > original { RopeFactors::Long } else { RopeFactors::Short }
}

/// The context before scaling.
pub(super) fn original_context(keys: &Keys<'_>, context_len: usize) -> Result<usize, ModelError> {
    let suffix = "rope.scaling.original_context_length";
    Ok(keys.optional_count(suffix, 1..=super::MAX_CONTEXT)?.unwrap_or(context_len))
}

fn yarn_betas(keys: &Keys<'_>, context_len: usize) -> Result<(f32, f32, usize), ModelError> {
    match keys.finite("rope.scaling.yarn_ext_factor")? {
        None | Some(1.0) | Some(-1.0) => {}
        Some(other) => return Err(keys.unsupported("rope.scaling.yarn_ext_factor", other)),
    }
    let fast = keys.positive("rope.scaling.yarn_beta_fast")?.unwrap_or(32.0);
    let slow = keys.positive("rope.scaling.yarn_beta_slow")?.unwrap_or(1.0);
    Ok((fast, slow, original_context(keys, context_len)?))
}

/// `mscale(f, 1)`, or with a log multiplier L `mscale(f, 1) / mscale(f, L)`; `mscale(f, a) = 1 + 0.1 a ln f`. A file may
/// give the number itself, as Olmo 3 does; writers that have none to give write 1.
fn yarn_magnitude(keys: &Keys<'_>, factor: f32, log_multiplier: f32) -> Result<f32, ModelError> {
    match keys.positive("rope.scaling.yarn_attn_factor")? {
        Some(given) if given != 1.0 => return Ok(given),
        _ => {}
    }
    let mscale = |a: f32| if factor <= 1.0 { 1.0 } else { 1.0 + 0.1 * a * factor.ln() };
    if log_multiplier == 0.0 {
        return Ok(mscale(1.0));
    }
    Ok(mscale(1.0) / mscale(log_multiplier))
}

/// The pairs that turn `beta` times within the original context, fast and slow.
fn yarn_ramp(dims: usize, base: f32, (fast, slow): (f32, f32), original: usize) -> YarnRamp {
    let pair = |beta: f32| {
        let turns = f64::from(beta) * std::f64::consts::TAU;
        dims as f64 * (original as f64 / turns).ln() / (2.0 * f64::from(base).ln())
    };
    YarnRamp {
        low: pair(fast).floor().max(0.0) as f32,
        high: pair(slow).ceil().min(dims as f64 - 1.0) as f32,
    }
}
