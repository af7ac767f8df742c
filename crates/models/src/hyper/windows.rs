//! Which layers have a window, and which are rotated.

use gollum_kernels::Window;

use super::keys::Keys;
use super::{MAX_CONTEXT, MAX_LAYERS};
use crate::ModelError;
use crate::arch::{Period, Span, Unrotated, Windows};

const PATTERN: &str = "attention.sliding_window_pattern";

/// The window of each layer; `None` in files without windowed layers.
pub(super) fn windows(
    keys: &Keys<'_>,
    windows: &Windows,
    layers: usize,
) -> Result<Option<Vec<Window>>, ModelError> {
    // A pattern of windows that are not there says nothing.
    keys.name(PATTERN);
    let Some(window) = window(keys, windows.span)? else { return Ok(None) };
    let local = local_layers(keys, windows.period, layers)?;
    Ok(Some(local.into_iter().map(|local| if local { window } else { Window::All }).collect()))
}

fn window(keys: &Keys<'_>, span: Span) -> Result<Option<Window>, ModelError> {
    if span == Span::All {
        return Ok(None);
    }
    let suffix = "attention.sliding_window";
    let given = keys.raw_count(suffix)?.filter(|&n| n != u32::MAX as usize);
    if let Some(n) = given {
        keys.in_range(suffix, n, &(0..=MAX_CONTEXT))?;
    }
    Ok(match (span, given) {
        (Span::All, _) | (Span::Key | Span::FixedIfKey(_), None) => None,
        (Span::KeyOr(n), None | Some(0)) => Some(Window::Last(n)),
        (_, Some(0)) => None,
        (Span::Key | Span::KeyOr(_), Some(n)) => Some(Window::Last(n)),
        (Span::FixedIfKey(n), Some(_)) => Some(Window::Last(n)),
        (Span::ChunkUnlessZero(n), _) => Some(Window::Chunk(n)),
    })
}

/// True for layers with a window.
fn local_layers(keys: &Keys<'_>, period: Period, layers: usize) -> Result<Vec<bool>, ModelError> {
    let suffix = PATTERN;
    if let Some(flags) = keys.flags_per_layer(suffix, layers)? {
        return Ok(flags);
    }
    let given = keys.optional_count(suffix, 1..=MAX_LAYERS)?;
    match period {
        Period::Given => match given {
            Some(n) => Ok((0..layers).map(|layer| layer % n != n - 1).collect()),
            None => Err(keys.bad(suffix, "absent", "a flag a layer, true for a window".to_owned())),
        },
        Period::LastOf(n) => {
            let n = given.unwrap_or(n);
            Ok((0..layers).map(|layer| layer % n != n - 1).collect())
        }
        Period::FirstOf(n) => {
            let n = given.unwrap_or(n);
            Ok((0..layers).map(|layer| layer % n != 0).collect())
        }
    }
}

/// True for layers that are rotated.
pub(super) fn rotated_layers(
    keys: &Keys<'_>,
    rule: Unrotated,
    windows: Option<&[Window]>,
    layers: usize,
) -> Result<Vec<bool>, ModelError> {
    let each = |rotated: &dyn Fn(usize) -> bool| (0..layers).map(rotated).collect();
    let sees_all = |layer: usize| windows.is_none_or(|w| w[layer] == Window::All);
    Ok(match rule {
        Unrotated::None => vec![true; layers],
        Unrotated::LastOf(n) => each(&|layer| layer % n != n - 1),
        Unrotated::LastOfIfWindowed(n) => each(&|layer| windows.is_none() || layer % n != n - 1),
        Unrotated::FirstOfIfWindowed(n) => each(&|layer| windows.is_none() || layer % n != 0),
        Unrotated::Full => each(&|layer| windows.is_none() || !sees_all(layer)),
        Unrotated::FullAlways => each(&|layer| !sees_all(layer)),
        Unrotated::FullBehindLead => {
            let lead = keys.raw_count("leading_dense_block_count")?.unwrap_or(0);
            each(&|layer| windows.is_none() || !sees_all(layer) || layer < lead)
        }
        Unrotated::UnlessFinetuned => {
            let finetuned = keys.flag("rope.scaling.finetuned")?.unwrap_or(true);
            vec![finetuned; layers]
        }
        Unrotated::Pattern => {
            keys.flags_per_layer("attention.rope_pattern", layers)?.unwrap_or_else(|| vec![true; layers])
        }
    })
}
