//! Mixture-of-experts facts from metadata.

use gollum_gguf::require;
use gollum_kernels::{ExpertGroups, Gating};

use super::keys::Keys;
use super::{MAX_EXPERTS, MAX_EXPERTS_USED, MAX_WIDTH};
use crate::ModelError;
use crate::arch::{ExpertClamp, ExpertWidth, Moe, Normalise, SharedWidth};

/// The numbers of a model's experts.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpertParams {
    /// Experts of a layer.
    pub count: usize,
    /// Experts a token uses, per layer.
    pub used: Vec<usize>,
    /// Inner width of an expert, per layer.
    pub width: Vec<usize>,
    /// Small experts that groups of experts share, in architectures that have them.
    pub adjugate: Option<AdjugateParams>,
    /// Inner width of the shared expert, in files that have one.
    pub shared_width: usize,
    /// From router logits to scores.
    pub gating: Gating,
    /// Groups, if there are any.
    pub groups: Option<ExpertGroups>,
    /// Whether the weights of the chosen are made to add up to 1.
    pub normalise: bool,
    /// Multiplies weights.
    pub weights_scale: f32,
    /// Limit of experts' activations, per layer; 0 is none.
    pub clamp: Option<Vec<f32>>,
}

/// The numbers of experts that groups of experts share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdjugateParams {
    /// Experts of a group; divides the experts of a layer.
    pub group: usize,
    /// Inner width of one; `None` is that of a head.
    pub width: Option<usize>,
    /// Multiplies their sum.
    pub scale: f32,
}

impl AdjugateParams {
    fn read(keys: &Keys<'_>, experts: usize) -> Result<Self, ModelError> {
        let (per_group, scale) = ("experts_per_group", "expert_group_scale");
        let group = keys.count(per_group, 1..=experts)?;
        if !experts.is_multiple_of(group) {
            return Err(keys.bad(per_group, group, format!("a divisor of {experts} experts")));
        }
        let width = keys.optional_count("expert_chunk_feed_forward_length", 1..=MAX_WIDTH)?;
        Ok(Self { group, width, scale: require(&keys.name(scale), keys.finite(scale)?)? })
    }
}

impl ExpertParams {
    /// `None` in files without experts. `ffn_width` is per layer.
    pub(super) fn read(
        keys: &Keys<'_>,
        moe: Option<&Moe>,
        layers: usize,
        ffn_width: Option<&[usize]>,
    ) -> Result<Option<Self>, ModelError> {
        let Some(moe) = moe else { return Ok(None) };
        let Some(count) = keys.optional_count("expert_count", 1..=MAX_EXPERTS)? else {
            return Ok(None);
        };
        let most = count.min(MAX_EXPERTS_USED);
        let used = keys.counts_per_layer("expert_used_count", layers, 0..=most)?.unwrap_or_default();
        if used.len() != layers || used.contains(&0) {
            return Err(keys.bad("expert_used_count", "0", format!("1 to {most} a layer")));
        }
        let width = width(keys, moe, (layers, &used), ffn_width)?;
        let shared_width = shared_width(keys, moe, width[layers - 1], ffn_width)?;
        Ok(Some(Self {
            count,
            used,
            width,
            adjugate: moe.adjugate.then(|| AdjugateParams::read(keys, count)).transpose()?,
            shared_width,
            gating: gating(keys, moe)?,
            groups: groups(keys, count)?,
            normalise: match (moe.normalise, keys.flag("expert_weights_norm")?) {
                (Normalise::Always, _) => true,
                (Normalise::Never, _) => false,
                (Normalise::Key(default), given) => given.unwrap_or(default),
            },
            weights_scale: keys.positive("expert_weights_scale")?.unwrap_or(1.0),
            clamp: match moe.clamp {
                ExpertClamp::None => None,
                _ => keys.numbers_per_layer("swiglu_clamp_exp", layers)?,
            },
        }))
    }
}

fn width(
    keys: &Keys<'_>,
    moe: &Moe,
    (layers, used): (usize, &[usize]),
    ffn_width: Option<&[usize]>,
) -> Result<Vec<usize>, ModelError> {
    let suffix = "expert_feed_forward_length";
    if let Some(given) = keys.counts_per_layer(suffix, layers, 0..=MAX_WIDTH)?.filter(|w| !w.contains(&0)) {
        return Ok(given);
    }
    let missing = || keys.bad(suffix, "absent", "the inner width of an expert".to_owned());
    let ffn_width = ffn_width.ok_or_else(missing)?;
    let per_layer = ffn_width.iter().zip(used).map(|(&width, &used)| match moe.width {
        ExpertWidth::FfnKey => width,
        ExpertWidth::FfnKeyOverUsed => width / used,
    });
    let widths: Vec<usize> = per_layer.collect();
    if widths.contains(&0) { Err(missing()) } else { Ok(widths) }
}

fn shared_width(
    keys: &Keys<'_>,
    moe: &Moe,
    expert_width: usize,
    ffn_width: Option<&[usize]>,
) -> Result<usize, ModelError> {
    let count = keys.optional_count("expert_shared_count", 1..=MAX_EXPERTS)?.unwrap_or(1);
    let given = keys.optional_count("expert_shared_feed_forward_length", 1..=MAX_WIDTH)?;
    let by_rule = match moe.shared_width {
        SharedWidth::PerSharedExpert | SharedWidth::KeyPerSharedExpert => expert_width.saturating_mul(count),
        SharedWidth::FfnKey => ffn_width.map_or(expert_width, |w| w[w.len() - 1]),
    };
    let width = match moe.shared_width {
        SharedWidth::KeyPerSharedExpert => given.map(|width| width.saturating_mul(count)),
        SharedWidth::PerSharedExpert | SharedWidth::FfnKey => given,
    };
    let width = width.unwrap_or(by_rule);
    keys.in_range("expert_shared_feed_forward_length", width, &(1..=MAX_WIDTH))
}

fn gating(keys: &Keys<'_>, moe: &Moe) -> Result<Gating, ModelError> {
    let default = moe.gating;
    match keys.raw_count("expert_gating_func")? {
        None | Some(0) => Ok(default),
        Some(2) if default == Gating::SigmoidOfChosen => Ok(default),
        Some(1) => Ok(Gating::Softmax),
        Some(2) => Ok(Gating::Sigmoid),
        Some(3) => Ok(Gating::SoftmaxOfChosen),
        Some(other) => Err(keys.unsupported("expert_gating_func", other)),
    }
}

fn groups(keys: &Keys<'_>, experts: usize) -> Result<Option<ExpertGroups>, ModelError> {
    let count = keys.optional_count("expert_group_count", 1..=experts)?;
    let used = keys.raw_count("expert_group_used_count")?;
    let Some(count) = count.filter(|&n| n > 1) else { return Ok(None) };
    if !experts.is_multiple_of(count) {
        return Err(keys.bad("expert_group_count", count, format!("a divisor of {experts} experts")));
    }
    let used = keys.in_range("expert_group_used_count", used.unwrap_or(0), &(1..=count))?;
    Ok(Some(ExpertGroups { count, used }))
}
