//! Widths of attention over latent rows (MLA).
//!
//! ```text
//! absorbed    kept of a token: [latent | rotated], one row for all heads; values are its latent part
//! expanded    kept of each head: [key | rotated] and its value, made of the latent row; old files, MiniCPM 3, PLM
//! ```

use super::keys::Keys;
use super::{MAX_HEAD_DIM, MAX_WIDTH};
use crate::ModelError;

/// See the file's head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LatentParams {
    /// Width of the latent row of queries; `None` where they are made of the stream.
    pub q_rank: Option<usize>,
    /// Width of the latent row of keys and values.
    pub kv_rank: usize,
    /// Width of a head's key, the part that is not rotated.
    pub key_dim: usize,
    /// Width of the part that is, one for all heads.
    pub rope_dims: usize,
    /// Width of a head's value.
    pub value_dim: usize,
    /// See the file's head.
    pub is_absorbed: bool,
}

impl LatentParams {
    pub(super) fn read(keys: &Keys<'_>) -> Result<Self, ModelError> {
        let length = |suffix: &str| keys.optional_count(suffix, 1..=MAX_HEAD_DIM);
        let of_mla = (length("attention.key_length_mla")?, length("attention.value_length_mla")?);
        let (key_name, value_name) = ("attention.key_length", "attention.value_length");
        let plain = (length(key_name)?, length(value_name)?);
        let (is_absorbed, (key, value)) = match of_mla {
            (Some(key), Some(value)) => (true, (key, value)),
            _ => {
                let missing = |name| move || keys.bad(name, "absent", "the width of a head".to_owned());
                let key = plain.0.ok_or_else(missing(key_name))?;
                (false, (key, plain.1.ok_or_else(missing(value_name))?))
            }
        };
        let rope_dims = keys.count("rope.dimension_count", 2..=MAX_HEAD_DIM)?;
        let Some(key_dim) = key.checked_sub(rope_dims).filter(|&dim| dim > 0) else {
            let name = if is_absorbed { "attention.key_length_mla" } else { key_name };
            return Err(keys.bad(name, key, format!("more than the {rope_dims} that are rotated")));
        };
        let kv_rank = keys.count("attention.kv_lora_rank", 1..=MAX_HEAD_DIM)?;
        if is_absorbed && kv_rank + rope_dims > MAX_HEAD_DIM {
            return Err(keys.bad(
                "attention.kv_lora_rank",
                kv_rank,
                format!("at most {MAX_HEAD_DIM} in all"),
            ));
        }
        let q_rank = keys.optional_count("attention.q_lora_rank", 0..=MAX_WIDTH)?.filter(|&rank| rank > 0);
        Ok(Self { q_rank, kv_rank, key_dim, rope_dims, value_dim: value, is_absorbed })
    }

    /// Width of the row that a query head is compared with.
    pub fn kept_key(&self) -> usize {
        self.rope_dims + if self.is_absorbed { self.kv_rank } else { self.key_dim }
    }

    /// Width of what a query head attends to.
    pub fn kept_value(&self) -> usize {
        if self.is_absorbed { self.kv_rank } else { self.value_dim }
    }
}
