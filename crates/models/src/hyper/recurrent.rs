//! Facts of recurrent layers from metadata.

use gollum_gguf::require;
use gollum_kernels::MAX_TAPS;

use super::keys::Keys;
use super::{MAX_HEAD_DIM, MAX_HEADS, MAX_WIDTH};
use crate::ModelError;
use crate::arch::{Architecture, Mamba1, Part, Pick, RecurrentLayers};

/// Widths of recurrent layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecurrentParams {
    /// Inputs that a convolution's output sees.
    pub taps: usize,
    /// Values of a token inside.
    pub inner: usize,
    /// Rows of a head's memory.
    pub state: usize,
    /// Groups of heads: those with a key of their own.
    pub groups: usize,
    /// Heads; of Mamba-1 each channel is one.
    pub heads: usize,
    /// Values that step lengths are made of; 0 where they come out of the projection.
    pub rank: usize,
    /// Whether those, b and c are normed, with or without weights.
    pub is_normed: bool,
}

/// PLaMo 2's rank: the width over this, and at least that.
const PLAMO_RANK: (usize, usize) = (16, 64);

impl RecurrentParams {
    /// `None` for architectures without such layers.
    pub(super) fn read(
        keys: &Keys<'_>,
        architecture: &Architecture,
        width: usize,
    ) -> Result<Option<Self>, ModelError> {
        let taps = |suffix: &str| keys.count(suffix, 2..=MAX_TAPS);
        match architecture.recurrent() {
            None => Ok(None),
            Some(Part::ShortConv) => {
                let taps = taps("shortconv.l_cache")?;
                let one =
                    Self { groups: 1, heads: 1, taps, inner: width, state: 0, rank: 0, is_normed: false };
                Ok(Some(one))
            }
            Some(&Part::Mamba1(kind)) => Self::mamba1(keys, kind, taps("ssm.conv_kernel")?, width).map(Some),
            Some(_) => {
                let params = Self {
                    taps: taps("ssm.conv_kernel")?,
                    inner: keys.count("ssm.inner_size", 1..=MAX_WIDTH)?,
                    state: keys.count("ssm.state_size", 1..=MAX_HEAD_DIM)?,
                    groups: keys.optional_count("ssm.group_count", 1..=MAX_HEADS)?.unwrap_or(1),
                    heads: keys.count("ssm.time_step_rank", 1..=MAX_HEADS)?,
                    rank: 0,
                    is_normed: false,
                };
                if !params.heads.is_multiple_of(params.groups) {
                    let expected = format!("a divisor of {} heads", params.heads);
                    return Err(keys.bad("ssm.group_count", params.groups, expected));
                }
                for (suffix, n) in [("ssm.time_step_rank", params.heads), ("ssm.group_count", params.groups)]
                {
                    if !params.inner.is_multiple_of(n) {
                        return Err(keys.bad(
                            suffix,
                            n,
                            format!("a divisor of ssm.inner_size {}", params.inner),
                        ));
                    }
                }
                Ok(Some(params))
            }
        }
    }
}

impl RecurrentParams {
    fn mamba1(keys: &Keys<'_>, kind: Mamba1, taps: usize, width: usize) -> Result<Self, ModelError> {
        let inner = keys.count("ssm.inner_size", 1..=MAX_WIDTH)?;
        let rank = "ssm.time_step_rank";
        // One group, which writers give as 0.
        keys.optional_count("ssm.group_count", 1..=1)?;
        let is_normed = keys.flag("ssm.dt_b_c_rms")?.unwrap_or(false);
        let (heads, rank) = match kind {
            Mamba1::Channels => (inner, keys.count(rank, 1..=MAX_WIDTH)?),
            Mamba1::Heads => {
                let heads = keys.count(rank, 1..=MAX_HEADS)?;
                if !inner.is_multiple_of(heads) {
                    return Err(keys.bad(rank, heads, format!("a divisor of ssm.inner_size {inner}")));
                }
                let (part, least) = PLAMO_RANK;
                (heads, (width / part).max(least))
            }
        };
        let state = keys.count("ssm.state_size", 1..=MAX_HEAD_DIM)?;
        Ok(Self { taps, inner, state, groups: 1, heads, rank, is_normed })
    }
}

/// Which layers are recurrent.
pub(super) fn recurrent_layers(
    keys: &Keys<'_>,
    pick: Pick,
    (kv_heads, ffn_width): (&[usize], &[usize]),
) -> Result<Vec<bool>, ModelError> {
    let layers = kv_heads.len();
    let Pick::Recurrent(rule) = pick else { return Ok(vec![false; layers]) };
    match rule {
        RecurrentLayers::WithoutKvHeads => Ok(kv_heads.iter().map(|&n| n == 0).collect()),
        RecurrentLayers::WithoutKvHeadsAndFfn => {
            Ok(kv_heads.iter().zip(ffn_width).map(|(&kv, &ffn)| kv == 0 && ffn == 0).collect())
        }
        RecurrentLayers::All => Ok(vec![true; layers]),
        RecurrentLayers::Interval(default) => {
            let suffix = "full_attention_interval";
            let interval = keys.optional_count(suffix, 1..=layers.max(default))?.unwrap_or(default);
            let given = keys.flags_per_layer("attention.recurrent_layers", layers)?;
            Ok(given.unwrap_or_else(|| (1..=layers).map(|n| !n.is_multiple_of(interval)).collect()))
        }
    }
}

/// The parameters that the plan of a recurrent part asks for.
pub(crate) fn required(params: Option<RecurrentParams>) -> Result<RecurrentParams, ModelError> {
    Ok(require("ssm.conv_kernel", params)?)
}
