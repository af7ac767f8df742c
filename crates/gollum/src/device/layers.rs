//! How many of a model's layers a GPU takes: the last ones, as llama.cpp counts them, and with the first of these the way to
//! logits.

use std::str::FromStr;

use gollum_models::{ModelDescription, check_border};

/// Part of a card's free memory that weights take at most; the rest is for K and V, and buffers.
const WEIGHT_SHARE: f64 = 0.75;

/// `--gpu-layers`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GpuLayers {
    /// All, or as many as the card's memory holds.
    #[default]
    Auto,
    /// So many of the last; all if the model has no more.
    Count(usize),
}

/// A word that is no number of layers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither auto, all nor a number of layers")]
pub struct UnknownLayers(String);

impl FromStr for GpuLayers {
    type Err = UnknownLayers;

    fn from_str(word: &str) -> Result<Self, UnknownLayers> {
        match word {
            "auto" => Ok(Self::Auto),
            "all" => Ok(Self::Count(usize::MAX)),
            number => number.parse().map(Self::Count).map_err(|_| UnknownLayers(word.to_owned())),
        }
    }
}

impl GpuLayers {
    /// Layers on the GPU. `free` is what its memory has free, of those that have their own; `growth`, how many times their bytes
    /// in the file weights take there.
    pub fn of(self, model: &ModelDescription, free: Option<u64>, growth: f64) -> usize {
        let layers = model.layer_bytes.len();
        match (self, free) {
            (Self::Count(count), _) => count.min(layers),
            (Self::Auto, None) => layers,
            (Self::Auto, Some(free)) => {
                let room = (free as f64 * WEIGHT_SHARE / growth) as u64;
                let can_split = |count: usize| check_border(&model.hyper, layers - count).is_ok();
                fitting(&model.layer_bytes, model.tensor_bytes, room, can_split)
            }
        }
    }
}

/// The most of the last layers whose weights fit `room`. Of the tensors outside of layers all are counted, and so those of the
/// entry, which stay on the CPU.
fn fitting(layer_bytes: &[u64], all: u64, room: u64, can_split: impl Fn(usize) -> bool) -> usize {
    let outside = all - layer_bytes.iter().sum::<u64>();
    let mut left = room.checked_sub(outside);
    let fits = layer_bytes.iter().rev().take_while(|&&bytes| {
        left = left.and_then(|left| left.checked_sub(bytes));
        left.is_some()
    });
    (0..=fits.count()).rev().find(|&count| count == 0 || can_split(count)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_auto_are_read() {
        assert_eq!("auto".parse(), Ok(GpuLayers::Auto));
        assert_eq!("12".parse(), Ok(GpuLayers::Count(12)));
        assert_eq!("all".parse(), Ok(GpuLayers::Count(usize::MAX)));
        assert_eq!("-1".parse::<GpuLayers>(), Err(UnknownLayers("-1".to_owned())));
    }

    #[test]
    fn the_last_layers_that_fit_are_taken() {
        let fit = |room| fitting(&[10, 20, 30, 40], 105, room, |_| true);
        assert_eq!([0, 4, 44, 45, 74, 75, 104, 105, 999].map(fit), [0, 0, 0, 1, 1, 2, 3, 4, 4]);
        let shared = |count: usize| count != 2 && count != 1;
        assert_eq!(fitting(&[10, 20, 30, 40], 105, 80, shared), 0, "a split that keys do not allow");
        assert_eq!(fitting(&[10, 20, 30, 40], 105, 97, shared), 3);
    }
}
