//! Weights re-packed for kernels, and where they lie on the device.
//!
//! ```text
//! panel        16 output rows x all inputs; the last panel of a matrix is padded with zero rows
//! piece        panels of a matrix that lie in one buffer: [main planes][extra planes][scales], panel after panel each
//! main plane   [K-block][vec4][row]    8 bits: groups 0..4, 4..8 of four codes;  4 bits: group g low, g + 4 high
//!                                      f32: 8 vec4 of weights;  f16, bf16: 4 vec4 of two weights a word
//! extra plane  [K-block][word][row]    1 bit: bit g of byte i is of weight 4 g + i;  2 bits, two words: likewise, of 16;
//!                                      3 bits: the two words of the lower two, and that of the third
//! scales       f16: [K-block][row / 2] two to a word;  two f16: [K-block][row];  bytes: [K-block][row / 4] four to a word;
//!              of 256: [256 weights][word 0..3 or 0..5][row]
//! ```
//! Rows lie side by side, so that the 16 threads that share a K-block read 256 bytes in one go.

pub mod layout;
mod open;
mod pack;

use gollum_kernels::MatrixSource;
use gollum_quant::K_BLOCK;

use crate::device::Device;
pub use layout::{Codes, LAYOUTS, Layout, Levels, Scale};
pub use pack::PANEL;
use pack::{Sections, pack_panel};

/// Bytes that are gathered before a buffer is made of them: small matrices share one, so that one binding serves
/// several jobs.
const CHUNK_BYTES: usize = 128 << 20;

/// Threads that pack.
const PACK_THREADS: usize = 16;

/// Rows of a matrix that lie in one buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Index of the buffer.
    pub chunk: usize,
    /// Where the main plane begins, in `vec4`.
    pub main_at: u32,
    /// Where the extra plane begins, in words.
    pub extra_at: u32,
    /// Where the scales begin, in words.
    pub scale_at: u32,
    /// First row.
    pub first_row: usize,
    /// Rows.
    pub rows: usize,
}

/// A matrix on the device, or several of one shape, each of whole panels.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// How it is packed.
    pub layout: Layout,
    /// Outputs of one.
    pub rows: usize,
    /// Inputs.
    pub cols: usize,
    /// K-blocks of a row, the last perhaps ragged.
    pub blocks: usize,
    /// Where it lies; rows of several matrices are numbered on, each in whole panels.
    pub pieces: Vec<Piece>,
}

/// All weights of a backend.
#[derive(Default)]
pub struct Weights {
    chunks: Vec<wgpu::Buffer>,
    /// Words of the chunk that is being filled.
    pending: Vec<u32>,
    bytes: u64,
}

impl Weights {
    /// Packs `count` matrices, one behind the other in the source, whose size was checked. `None` if memory ends.
    pub fn load(&mut self, device: &Device, s: &MatrixSource<'_>, count: usize) -> Option<Matrix> {
        let layout = Layout::of(s.format);
        let blocks = s.cols.div_ceil(K_BLOCK);
        let row_bytes = s.bytes.len() / (s.rows * count).max(1);
        let panels_each = s.rows.div_ceil(PANEL);
        let panels = panels_each * count;
        let panel_bytes = Sections::new(layout, blocks, 1).panel_words() * 4;
        let limit = device.info.max_binding_bytes.min(device.info.max_buffer_bytes).min(u64::from(u32::MAX));
        let per_piece = (limit as usize / panel_bytes.max(1)).max(1);
        let mut matrix = Matrix { layout, rows: s.rows, cols: s.cols, blocks, pieces: Vec::new() };
        let mut first = 0;
        while first < panels {
            let here = per_piece.min(panels - first);
            let sections = Sections::new(layout, blocks, here);
            let at = self.room(device, sections.panel_words() * here, limit as usize)?;
            let out = &mut self.pending[at..];
            pack(s, (first, here, panels_each), row_bytes, &sections, out);
            let (extra, scale) = sections.starts();
            let rows = if count > 1 { here * PANEL } else { (s.rows - first * PANEL).min(here * PANEL) };
            matrix.pieces.push(Piece {
                chunk: self.chunks.len(),
                main_at: (at / 4) as u32,
                extra_at: (at + extra) as u32,
                scale_at: (at + scale) as u32,
                first_row: first * PANEL,
                rows,
            });
            first += here;
        }
        Some(matrix)
    }

    /// Reserves words in the chunk that is being filled, or in a new one; returns their start, aligned to a `vec4`.
    fn room(&mut self, device: &Device, words: usize, limit: usize) -> Option<usize> {
        let at = self.pending.len().next_multiple_of(4);
        if at > 0 && (at + words) * 4 > CHUNK_BYTES.min(limit) {
            self.seal(device)?;
            return self.room(device, words, limit);
        }
        self.pending.resize((at + words).next_multiple_of(4), 0);
        Some(at)
    }

    /// Puts what was gathered on the device. `None` if memory ends.
    pub fn seal(&mut self, device: &Device) -> Option<()> {
        if self.pending.is_empty() {
            return Some(());
        }
        let bytes = bytemuck::cast_slice::<u32, u8>(&self.pending);
        let buffer = device.try_buffer("weights", bytes.len() as u64)?;
        device.queue.write_buffer(&buffer, 0, bytes);
        device.queue.submit([]);
        self.bytes += bytes.len() as u64;
        self.chunks.push(buffer);
        self.pending = Vec::new();
        Some(())
    }

    /// The buffer of a piece; sealed before.
    pub fn chunk(&self, chunk: usize) -> &wgpu::Buffer {
        &self.chunks[chunk]
    }

    /// Bytes on the device.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// Packs panels `first..first + here` of all matrices, on several threads.
fn pack(
    s: &MatrixSource<'_>,
    (first, here, panels_each): (usize, usize, usize),
    row_bytes: usize,
    sections: &Sections,
    out: &mut [u32],
) {
    let rows_of = |panel: usize| {
        let (matrix, panel) = (panel / panels_each, panel % panels_each);
        let row = panel * PANEL;
        let rows = PANEL.min(s.rows - row);
        &s.bytes[(matrix * s.rows + row) * row_bytes..][..rows * row_bytes]
    };
    // Sections of a panel lie apart, so threads pack panels of their own memory, which is then copied.
    let single = Sections { panels: 1, ..*sections };
    let code_of = Layout::of(s.format).levels.codes();
    let threads = PACK_THREADS.min(std::thread::available_parallelism().map_or(1, usize::from)).min(here);
    let packed_by = |thread: usize| {
        let mine = here * thread / threads..here * (thread + 1) / threads;
        let mut words = vec![0; mine.len() * single.panel_words()];
        for (panel, words) in mine.clone().zip(words.chunks_exact_mut(single.panel_words().max(1))) {
            pack_panel(s.format, &code_of, rows_of(first + panel), row_bytes, &single, words);
        }
        (mine, words)
    };
    let mut parts: Vec<(std::ops::Range<usize>, Vec<u32>)> = Vec::new();
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|thread| scope.spawn(move || packed_by(thread))).collect();
        parts.extend(running.into_iter().map(|part| part.join().expect("packing does not panic")));
    });
    let (extra_start, scale_start) = sections.starts();
    for (panels, words) in parts {
        for (panel, words) in panels.zip(words.chunks_exact(single.panel_words().max(1))) {
            let (main, rest) = words.split_at(single.main);
            let (extra, scale) = rest.split_at(single.extra);
            out[panel * single.main..][..single.main].copy_from_slice(main);
            out[extra_start + panel * single.extra..][..single.extra].copy_from_slice(extra);
            out[scale_start + panel * single.scale..][..single.scale].copy_from_slice(scale);
        }
    }
}
