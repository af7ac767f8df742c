//! Widths of heads, of layers that see all and of those with a window, and whose K and V a layer reads.

use gollum_kernels::Window;

use super::keys::Keys;
use super::{LatentParams, MAX_HEAD_DIM};
use crate::ModelError;
use crate::arch::{Architecture, Attention, SharedTail};

/// Widths of one kind of layer.
#[derive(Clone, Copy, Debug)]
pub(super) struct HeadDims {
    /// Of q and k.
    pub head_dim: usize,
    /// Of v.
    pub value_dim: usize,
    /// Of what is rotated.
    pub rope_dims: usize,
}

impl HeadDims {
    /// Of models without heads: widths that nothing has.
    pub const NONE: Self = Self { head_dim: 2, value_dim: 2, rope_dims: 2 };

    /// Of layers that see all, and of those with a window. `shape` is the stream's width and a layer's heads.
    pub fn read(
        keys: &Keys<'_>,
        architecture: &Architecture,
        shape: (usize, usize),
        is_windowed: bool,
    ) -> Result<[Self; 2], ModelError> {
        let head_dim = head_dim(keys, shape)?;
        let value_dim = keys.optional_count("attention.value_length", 1..=MAX_HEAD_DIM)?.unwrap_or(head_dim);
        let rope_dims = keys.optional_count("rope.dimension_count", 2..=head_dim)?.unwrap_or(head_dim);
        let full = Self { head_dim, value_dim, rope_dims };
        let windowed = if is_windowed { full.windowed(keys)? } else { full };
        let rotates = architecture.rope.kind.is_some();
        let halves = if architecture.rope.full_halved { 2 } else { 1 };
        let full = Self { rope_dims: full.rope_dims / halves, ..full };
        for rope_dims in [full.rope_dims, windowed.rope_dims] {
            if rotates && (rope_dims == 0 || !rope_dims.is_multiple_of(2)) {
                return Err(keys.bad("rope.dimension_count", rope_dims, "even".to_owned()));
            }
        }
        Ok([full, windowed])
    }

    /// Those of latent rows.
    pub fn latent(latent: LatentParams, keys: &Keys<'_>) -> Result<Self, ModelError> {
        let rope_dims = even("rope.dimension_count", latent.rope_dims, keys)?;
        Ok(Self { head_dim: latent.kept_key(), value_dim: latent.kept_value(), rope_dims })
    }

    /// Those of windowed layers, as far as keys of their own say.
    fn windowed(self, keys: &Keys<'_>) -> Result<Self, ModelError> {
        let given = keys.optional_count("attention.key_length_swa", 2..=MAX_HEAD_DIM)?;
        let head_dim = even("attention.key_length_swa", given.unwrap_or(self.head_dim), keys)?;
        let value_dim = keys.optional_count("attention.value_length_swa", 1..=MAX_HEAD_DIM)?;
        let rope_dims = keys.optional_count("rope.dimension_count_swa", 2..=head_dim)?;
        Ok(Self {
            head_dim,
            value_dim: value_dim.unwrap_or(if given.is_some() { head_dim } else { self.value_dim }),
            rope_dims: rope_dims.unwrap_or(self.rope_dims.min(head_dim)),
        })
    }
}

fn head_dim(keys: &Keys<'_>, (width, heads): (usize, usize)) -> Result<usize, ModelError> {
    let head_dim = match keys.optional_count("attention.key_length", 2..=MAX_HEAD_DIM)? {
        Some(head_dim) => head_dim,
        None if width.is_multiple_of(heads) && (2..=MAX_HEAD_DIM).contains(&(width / heads)) => width / heads,
        None => {
            let expected = format!("a divisor of the width {width}, where attention.key_length is absent");
            return Err(keys.bad("attention.head_count", heads, expected));
        }
    };
    even("attention.key_length", head_dim, keys)
}

/// The rotation pairs elements.
fn even(suffix: &str, head_dim: usize, keys: &Keys<'_>) -> Result<usize, ModelError> {
    if head_dim.is_multiple_of(2) { Ok(head_dim) } else { Err(keys.bad(suffix, head_dim, "even".to_owned())) }
}

/// Of each layer, the one whose K and V it reads in place of its own. `heads` and `kv_heads` are each layer's.
pub(super) fn shared_kv(
    keys: &Keys<'_>,
    attention: Attention,
    windows: &[Window],
    (heads, kv_heads): (&[usize], &[usize]),
) -> Result<Vec<Option<usize>>, ModelError> {
    let (suffix, layers) = ("attention.shared_kv_layers", windows.len());
    let shared = match attention.shared_tail {
        SharedTail::None => 0,
        SharedTail::Key => keys.optional_count(suffix, 0..=layers)?.unwrap_or(0),
        SharedTail::KeyOrBehind(own) => match keys.raw_count(suffix)? {
            Some(shared) => keys.in_range(suffix, shared, &(0..=layers))?,
            None => layers.saturating_sub(own),
        },
    };
    let own = layers - shared;
    let source = |layer: usize| {
        let back = if windows[layer] == Window::All { 1 } else { 2 };
        // A layer without heads keeps no K and V.
        let fits = |&from: &usize| {
            heads[from] > 0 && windows[from] == windows[layer] && kv_heads[from] == kv_heads[layer]
        };
        let expected =
            || format!("{back} layers of the same kind and as many KV heads before the shared ones");
        own.checked_sub(back).filter(fits).ok_or_else(|| keys.bad(suffix, shared, expected()))
    };
    (0..layers).map(|layer| if layer < own { Ok(None) } else { source(layer).map(Some) }).collect()
}
