//! The best logits of rows, in place of all of them: what goes to the host is some pairs a row.

use gollum_core::{BestLogits, TokenId};
use gollum_kernels::{BestOf, BufId};

use super::GpuOps;
use crate::device::Device;
use crate::shaders::Kernel;

/// Pairs that one workgroup takes.
const GROUP: usize = 1024;

/// Most of a row's logits that can be asked for: of a group's pairs so few stay that passes get shorter by 16 times.
pub(super) const MAX_BEST: usize = 64;

/// A pair's words: the logit as ordered bits, and the token.
const PAIR_WORDS: usize = 2;

/// Where passes leave their pairs, in turns.
#[derive(Default)]
pub(super) struct Pairs {
    buffers: Option<[wgpu::Buffer; 2]>,
    capacity: usize,
}

impl Pairs {
    fn buffers(&mut self, device: &Device, pairs: usize) -> [wgpu::Buffer; 2] {
        if pairs > self.capacity || self.buffers.is_none() {
            self.capacity = pairs;
            self.buffers = Some([(); 2].map(|()| device.buffer("best", (pairs * PAIR_WORDS * 4) as u64)));
        }
        self.buffers.clone().expect("just made")
    }
}

/// The number of ordered bits; see `shaders/best.wgsl`.
fn value_of(ordered: u32) -> f32 {
    f32::from_bits(if ordered >> 31 == 1 { ordered & 0x7fff_ffff } else { !ordered })
}

impl GpuOps {
    /// `None` if more are asked for than kernels keep.
    pub(super) fn find_best(&mut self, x: BufId, rows: usize, of: &BestOf) -> Option<Vec<BestLogits>> {
        let width = self.width(x);
        let kept = of.count.min(width);
        if kept > MAX_BEST {
            return None;
        }
        let (place, chunk) = self.source(x, rows);
        let first_groups = width.div_ceil(GROUP);
        let [mut to, mut from] = self.pairs.buffers(&self.recorder.device, rows * first_groups * kept);
        let mut left = width;
        let mut is_first = true;
        while is_first || left > kept {
            let groups = left.div_ceil(GROUP);
            let params = [place.at, left, kept, of.silent.start, of.silent.end].map(|word| word as u32);
            let buffers = [("xs", &chunk), ("from_pairs", &from), ("to_pairs", &to)];
            let kernel = Kernel::Best { of_pairs: !is_first, one: kept == 1 };
            self.recorder.dispatch(kernel, &buffers, &params, [groups, rows]);
            (to, from) = (from, to);
            (left, is_first) = (groups * kept, false);
        }
        let mut words = vec![0.0; rows * kept * PAIR_WORDS];
        self.recorder.read(&from, 0, &mut words);
        Some(words.chunks(kept * PAIR_WORDS).map(row_of).collect())
    }
}

/// The pairs of a row by ascending ids, without those that stand for nothing.
fn row_of(words: &[f32]) -> BestLogits {
    let pairs = words.chunks_exact(PAIR_WORDS).map(|pair| (pair[1].to_bits(), value_of(pair[0].to_bits())));
    let mut row: Vec<(TokenId, f32)> = pairs.filter(|&(token, _)| token != TokenId::MAX).collect();
    row.sort_unstable_by_key(|&(token, _)| token);
    let (tokens, logits) = row.into_iter().unzip();
    BestLogits { tokens, logits }
}
