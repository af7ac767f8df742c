//! Activation buffers and vectors on the device.
//!
//! Buffers are asked for one by one while a model loads, and made together when first used: so they lie in one device
//! buffer (or few, where a binding cannot cover all), and one binding serves kernels with several outputs.

use gollum_kernels::{BufId, VectorId};

use crate::recorder::Recorder;

/// Elements that buffers are aligned to.
const ALIGN: usize = 64;

/// Where a buffer lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Index of the device buffer.
    pub chunk: usize,
    /// First element.
    pub at: usize,
}

#[derive(Clone, Copy, Debug)]
struct Buffer {
    rows: usize,
    width: usize,
    /// The buffer whose memory it is: itself, or that it is a view of.
    base: usize,
    place: Option<Place>,
}

/// All activation buffers.
#[derive(Default)]
pub(crate) struct Activations {
    buffers: Vec<Buffer>,
    chunks: Vec<wgpu::Buffer>,
}

impl Activations {
    pub fn create(&mut self, rows: usize, width: usize) -> BufId {
        let base = self.buffers.len();
        self.buffers.push(Buffer { rows, width, base, place: None });
        BufId(base)
    }

    pub fn view(&mut self, of: BufId, width: usize) -> BufId {
        let viewed = self.buffers[of.0];
        assert!(width <= viewed.width, "a view {width} wide over {}", viewed.width);
        self.buffers.push(Buffer { rows: viewed.rows, width, base: viewed.base, place: None });
        BufId(self.buffers.len() - 1)
    }

    pub fn width(&self, x: BufId) -> usize {
        self.buffers[x.0].width
    }

    pub fn rows(&self, x: BufId) -> usize {
        self.buffers[x.0].rows
    }

    /// Which memory a buffer has: equal for views of one buffer.
    pub fn base(&self, x: BufId) -> usize {
        self.buffers[x.0].base
    }

    /// Checks that `rows` rows of `width` values fit, and tells where they lie.
    pub fn place(&mut self, recorder: &Recorder, x: BufId, rows: usize, width: usize) -> Place {
        let buffer = self.buffers[x.0];
        assert!(
            rows <= buffer.rows && width == buffer.width,
            "{rows} x {width} in {} x {}",
            buffer.rows,
            buffer.width
        );
        if self.buffers[buffer.base].place.is_none() {
            self.make(recorder);
        }
        self.buffers[buffer.base].place.expect("just made")
    }

    pub fn chunk(&self, place: Place) -> &wgpu::Buffer {
        &self.chunks[place.chunk]
    }

    /// Puts all buffers that have no place yet into new device buffers.
    fn make(&mut self, recorder: &Recorder) {
        let info = &recorder.device.info;
        let limit = (info.max_binding_bytes.min(info.max_buffer_bytes).min(u64::from(u32::MAX)) / 4) as usize;
        let mut filled = 0;
        for index in 0..self.buffers.len() {
            let buffer = self.buffers[index];
            if buffer.base != index || buffer.place.is_some() {
                continue;
            }
            let len = (buffer.rows * buffer.width).next_multiple_of(ALIGN).max(ALIGN);
            if filled + len > limit && filled > 0 {
                self.chunks.push(recorder.device.buffer("activations", filled as u64 * 4));
                filled = 0;
            }
            self.buffers[index].place = Some(Place { chunk: self.chunks.len(), at: filled });
            filled += len;
        }
        self.chunks.push(recorder.device.buffer("activations", filled as u64 * 4));
    }
}

/// All vectors, in one device buffer that is made anew when one was added.
#[derive(Default)]
pub(crate) struct Vectors {
    values: Vec<f32>,
    starts: Vec<(usize, usize)>,
    buffer: Option<wgpu::Buffer>,
}

/// No vector, to kernels.
pub(crate) const NONE: u32 = u32::MAX;

impl Vectors {
    pub fn load(&mut self, values: &[f32]) -> VectorId {
        self.starts.push((self.values.len(), values.len()));
        self.values.extend_from_slice(values);
        self.buffer = None;
        VectorId(self.starts.len() - 1)
    }

    /// Where a vector begins; [`NONE`] without one.
    pub fn at(&self, id: Option<VectorId>) -> u32 {
        id.map_or(NONE, |id| self.starts[id.0].0 as u32)
    }

    pub fn len(&self, id: VectorId) -> usize {
        self.starts[id.0].1
    }

    pub fn values(&self, id: VectorId) -> &[f32] {
        let (at, len) = self.starts[id.0];
        &self.values[at..at + len]
    }

    pub fn buffer(&mut self, recorder: &mut Recorder) -> wgpu::Buffer {
        if let Some(buffer) = &self.buffer {
            return buffer.clone();
        }
        let buffer = recorder.device.buffer("vectors", self.values.len() as u64 * 4);
        recorder.write(&buffer, 0, bytemuck::cast_slice(&self.values));
        self.buffer = Some(buffer.clone());
        buffer
    }
}
