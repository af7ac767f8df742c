//! Rows of a file's blocks to panels. See the drawing in the module above.

use gollum_quant::{FormatId, K_BLOCK};

use super::layout::{Codes, Layout, Scale};
use super::open::{KBlock, open};

/// Rows of a panel.
pub const PANEL: usize = 16;

/// Sections of one piece, in words from its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sections {
    /// Words of the main plane of one panel.
    pub main: usize,
    /// Of the extra plane.
    pub extra: usize,
    /// Of the scales.
    pub scale: usize,
    /// Panels.
    pub panels: usize,
}

impl Sections {
    /// Of `panels` panels of `blocks` K-blocks.
    pub fn new(layout: Layout, blocks: usize, panels: usize) -> Self {
        Self {
            main: blocks * layout.main_vectors() * 4 * PANEL,
            extra: blocks * layout.extra_words() * PANEL,
            scale: layout.scale_words(blocks),
            panels,
        }
    }

    /// Words of one panel over all sections.
    pub fn panel_words(&self) -> usize {
        self.main + self.extra + self.scale
    }

    /// First word of the extra planes and of the scales.
    pub fn starts(&self) -> (usize, usize) {
        (self.main * self.panels, (self.main + self.extra) * self.panels)
    }
}

/// Packs the rows of one panel, `bytes` of up to 16 rows, into its words, which are zero: main plane, extra plane, scales.
/// `code_of` are the codes of the layout's levels.
pub fn pack_panel(
    format: FormatId,
    code_of: &[u8; 256],
    bytes: &[u8],
    row_bytes: usize,
    s: &Sections,
    out: &mut [u32],
) {
    let layout = Layout::of(format);
    let (main, rest) = out.split_at_mut(s.main);
    let (extra, scales) = rest.split_at_mut(s.extra);
    for (r, row) in bytes.chunks_exact(row_bytes).enumerate() {
        if !layout.is_int() {
            pack_floats(layout.codes, row, r, main);
            continue;
        }
        let mut b = 0;
        for block in row.chunks_exact(format.format().block_bytes) {
            open(format, code_of, block, &mut |k| {
                pack_codes(layout.codes, &k.codes, (b, r), main, extra);
                pack_scale(layout.scale, &k, (b, r), scales);
                b += 1;
            });
        }
    }
}

/// Float weights, `vec4` by `vec4`: `[block][vector][row]`.
fn pack_floats(codes: Codes, row: &[u8], r: usize, main: &mut [u32]) {
    for (vector, bytes) in row.chunks(16).enumerate() {
        for (i, word) in bytes.chunks(4).enumerate() {
            let mut padded = [0; 4];
            padded[..word.len()].copy_from_slice(word);
            main[(vector * PANEL + r) * 4 + i] = u32::from_le_bytes(padded);
        }
    }
    debug_assert!(matches!(codes, Codes::F32 | Codes::F16 | Codes::Bf16));
}

/// Group `g` of four codes as a word.
fn group(codes: &[u8; K_BLOCK], g: usize) -> u32 {
    u32::from_le_bytes([codes[4 * g], codes[4 * g + 1], codes[4 * g + 2], codes[4 * g + 3]])
}

const ONES: u32 = 0x0101_0101;

fn pack_codes(
    kind: Codes,
    codes: &[u8; K_BLOCK],
    (b, r): (usize, usize),
    main: &mut [u32],
    extra: &mut [u32],
) {
    match kind {
        Codes::Bits8 => {
            for g in 0..8 {
                main[((b * 2 + g / 4) * PANEL + r) * 4 + g % 4] = group(codes, g);
            }
        }
        Codes::Bits4 | Codes::Bits5 | Codes::Bits6 => {
            for g in 0..4 {
                let (low, high) = (group(codes, g) & (15 * ONES), group(codes, g + 4) & (15 * ONES));
                main[(b * PANEL + r) * 4 + g] = low | high << 4;
            }
        }
        Codes::Bits3 | Codes::Bits2 | Codes::F32 | Codes::F16 | Codes::Bf16 => {}
    }
    let pairs = |half: usize, shift: u32| {
        (0..4).fold(0, |word, i| word | (group(codes, 4 * half + i) >> shift & (3 * ONES)) << (2 * i))
    };
    let bits = |shift: u32| (0..8).fold(0, |word, g| word | (group(codes, g) >> shift & ONES) << g);
    match kind {
        Codes::Bits5 => extra[b * PANEL + r] = bits(4),
        Codes::Bits3 => {
            for (plane, word) in [pairs(0, 0), pairs(1, 0), bits(2)].into_iter().enumerate() {
                extra[(b * 3 + plane) * PANEL + r] = word;
            }
        }
        Codes::Bits6 | Codes::Bits2 => {
            let shift = if kind == Codes::Bits6 { 4 } else { 0 };
            for half in 0..2 {
                extra[(b * 2 + half) * PANEL + r] = pairs(half, shift);
            }
        }
        _ => {}
    }
}

fn pack_scale(kind: Scale, k: &KBlock, (b, r): (usize, usize), scales: &mut [u32]) {
    match kind {
        Scale::None => {}
        Scale::F16 => scales[b * 8 + r / 2] |= k.a << (16 * (r % 2)),
        Scale::F16Min | Scale::F16Halves => scales[b * PANEL + r] = k.a,
        Scale::Exponent => scales[b * 4 + r / 4] |= k.a << (8 * (r % 4)),
        Scale::Super => {
            let at = b / 8 * 48 + r;
            scales[at] = k.a;
            scales[at + (1 + b % 8 / 4) * PANEL] |= k.b << (8 * (b % 4));
        }
        Scale::SuperMin | Scale::SuperHalves | Scale::SuperMinHalves => {
            let at = b / 8 * 80 + r;
            scales[at] = k.a;
            scales[at + (1 + b % 8 / 2) * PANEL] |= k.b << (16 * (b % 2));
        }
    }
}
