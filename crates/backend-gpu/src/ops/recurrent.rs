//! Recurrent states and what moves them on. States belong to the engine's pool; their bytes are made once, in
//! [`GpuOps::make_states`], and never leave the device.
//!
//! ```text
//! a part      one buffer: [slot][values of the part]          as a convolution or a memory has them: shaders/*.wgsl
//! a step      walks: rows, slot and snapshots of each sequence, in `lists`; loads are copies before all else
//! ```
//! A workgroup has some columns of one sequence's state and takes them through all of its rows, so nothing is shared
//! between workgroups, and a row's bits come from the rows before it alone. Of a memory a step reads and writes every value
//! once for each sequence: `2 * state_bytes / bandwidth` is the bound of decode, 0.4 ms for the 75 MB of Qwen3-Next at 400 GB/s.

use gollum_core::{Batch, StateId};
use gollum_kernels::{
    BufId, CausalConv, ChannelScan, DeltaNet, HeadScan, KernelError, MAX_TAPS, StateSpec, VectorId,
    memory_len,
};

use super::GpuOps;
use crate::memory::NONE;
use crate::recorder::Recorder;
use crate::shaders::{Kernel, MEMORY_CELLS, Memory};

/// Columns of a memory that a workgroup takes.
const COLUMNS: usize = 16;

/// Words of a state that a workgroup copies, and workgroups of a copy at most.
const COPY_WORDS: usize = 1024;
const COPY_GROUPS: usize = 4096;

struct Part {
    /// Where it begins in a state, and its values.
    start: usize,
    len: usize,
    buffer: wgpu::Buffer,
}

/// All states.
#[derive(Default)]
pub(super) struct States {
    parts: Vec<Part>,
    slots: usize,
    /// List: the walk of each sequence of the step; see `shaders/walk.wgsl`.
    walks: u32,
}

impl States {
    /// Notes what the step's sequences have, and copies what they go on from.
    pub fn begin_step(&mut self, recorder: &mut Recorder, batch: &Batch) {
        if self.parts.is_empty() {
            return;
        }
        let slot = |state: StateId| {
            assert!((state.0 as usize) < self.slots, "state {} of {}", state.0, self.slots);
            state.0
        };
        let saves = &batch.state_saves;
        let list = recorder.step_list(saves.iter().flat_map(|save| [save.row as u32, slot(save.dst)]));
        let save_at = |row: usize| list + 2 * saves.partition_point(|save| save.row < row) as u32;
        self.walks = recorder.step_list(batch.sequences.iter().flat_map(|span| {
            let end = span.query_start + span.query_len;
            let own = slot(span.state.expect("a sequence of a model with states has one"));
            let is_new = u32::from(batch.positions[span.query_start] == 0);
            [span.query_start as u32, end as u32, is_new, own, save_at(span.query_start), save_at(end)]
        }));
        for load in &batch.state_loads {
            assert_ne!(load.src, load.dst, "a state is loaded from another one");
            for part in &self.parts {
                let [from, to, words] =
                    [slot(load.src) as usize * part.len, slot(load.dst) as usize * part.len, part.len];
                let groups = words.div_ceil(COPY_WORDS).min(COPY_GROUPS);
                let params = [from, to, words].map(|word| word as u32);
                recorder.dispatch(Kernel::CopyState, &[("states", &part.buffer)], &params, [groups, 1]);
            }
        }
    }

    /// The part that begins at `start`, which must have `len` values.
    fn part(&self, start: usize, len: usize) -> &Part {
        let found = self.parts.binary_search_by_key(&start, |part| part.start);
        let part = &self.parts[found.unwrap_or_else(|_| panic!("no part of the states begins at {start}"))];
        assert_eq!(part.len, len, "values of the part of the states at {start}");
        part
    }
}

/// Numbers of a memory's kernel, and what it reads: rows of inputs and vectors.
struct MemoryRun {
    of: Memory,
    state: usize,
    heads: usize,
    columns: usize,
    n: usize,
    groups: usize,
    is_tiled: bool,
    x: BufId,
    b: BufId,
    c: BufId,
    /// Decay or step, as wide as `heads`, or of channels as `columns`.
    d: BufId,
    write: Option<BufId>,
    out: BufId,
    bias: Option<VectorId>,
    rate: VectorId,
    skip: Option<VectorId>,
}

impl GpuOps {
    pub(super) fn make_states(&mut self, spec: &StateSpec, slots: usize) -> Result<(), KernelError> {
        let device = &self.recorder.device;
        let mut start = 0;
        for &len in &spec.parts {
            let bytes = len.saturating_mul(slots).saturating_mul(size_of::<f32>());
            // Kernels count in 32 bits.
            let countable = Some(bytes).filter(|&bytes| bytes / size_of::<f32>() <= u32::MAX as usize);
            let buffer = countable.and_then(|bytes| device.try_buffer("states", bytes as u64)).ok_or(
                KernelError::OutOfMemory { what: "a part of all recurrent states on the GPU", bytes },
            )?;
            self.states.parts.push(Part { start, len, buffer });
            start += len;
        }
        // Parts of no values are never asked for.
        self.states.parts.retain(|part| part.len > 0);
        self.states.slots = slots;
        Ok(())
    }

    pub(super) fn run_conv(&mut self, f: &CausalConv) {
        let (rows, channels) = (self.step.batch.num_tokens(), f.channels);
        assert!((2..=MAX_TAPS).contains(&f.taps), "{} taps", f.taps);
        assert_ne!(
            self.activations.base(f.x),
            self.activations.base(f.out),
            "a convolution reads rows that it has written already"
        );
        assert_eq!([f.x, f.out].map(|x| self.width(x)), [channels; 2], "channels of a convolution");
        assert_eq!(self.vectors.len(f.weight), f.taps * channels, "weights of a convolution");
        assert!(f.bias.is_none_or(|bias| self.vectors.len(bias) >= channels), "a bias for each channel");
        let (x, x_chunk) = self.source(f.x, rows);
        let (y, y_chunk) = self.target(f.out, rows);
        let vectors = self.vectors.buffer(&mut self.recorder);
        let part = self.states.part(f.state, CausalConv::state_len(channels, f.taps));
        let params = [
            x.at as u32,
            y.at as u32,
            channels as u32,
            f.taps as u32,
            self.vectors.at(Some(f.weight)),
            self.vectors.at(f.bias),
            u32::from(f.silu),
            self.states.walks,
            part.len as u32,
        ];
        let buffers = [("xs", &x_chunk), ("ys", &y_chunk), ("vectors", &vectors), ("states", &part.buffer)];
        let grid = [channels.div_ceil(64), self.step.batch.sequences.len()];
        self.recorder.dispatch(Kernel::Conv, &buffers, &params, grid);
    }

    pub(super) fn run_delta(&mut self, f: &DeltaNet) {
        self.run_memory(&MemoryRun {
            of: Memory::Delta,
            state: f.state,
            heads: f.heads,
            columns: f.d_v,
            n: f.d_k,
            groups: f.k_heads,
            is_tiled: f.is_tiled,
            x: f.v,
            b: f.k,
            c: f.q,
            d: f.decay,
            write: Some(f.write),
            out: f.out,
            bias: Some(f.dt_bias),
            rate: f.rate,
            skip: None,
        });
    }

    pub(super) fn run_head_scan(&mut self, f: &HeadScan) {
        self.run_memory(&MemoryRun {
            of: Memory::Heads,
            state: f.state,
            heads: f.heads,
            columns: f.head_dim,
            n: f.n,
            groups: f.groups,
            is_tiled: false,
            x: f.x,
            b: f.b,
            c: f.c,
            d: f.dt,
            write: None,
            out: f.out,
            bias: Some(f.dt_bias),
            rate: f.rate,
            skip: Some(f.skip),
        });
    }

    pub(super) fn run_channel_scan(&mut self, f: &ChannelScan) {
        self.run_memory(&MemoryRun {
            of: Memory::Channels,
            state: f.state,
            heads: 1,
            columns: f.channels,
            n: f.n,
            groups: 1,
            is_tiled: false,
            x: f.x,
            b: f.b,
            c: f.c,
            d: f.dt,
            write: None,
            out: f.out,
            bias: None,
            rate: f.rate,
            skip: Some(f.skip),
        });
    }

    /// Asserts everything that the kernel relies on.
    fn check_memory(&self, m: &MemoryRun) {
        let is_channels = m.of == Memory::Channels;
        assert!(m.n > 0 && m.columns > 0 && m.groups > 0 && m.heads.is_multiple_of(m.groups), "{:?}", m.of);
        assert_eq!([m.x, m.out].map(|x| self.width(x)), [m.heads * m.columns; 2], "columns of a memory");
        assert_eq!([m.b, m.c].map(|x| self.width(x)), [m.groups * m.n; 2], "rows of a memory");
        // Gates, and their vectors, are of heads, or of channels and each row.
        let (gates, rates) = if is_channels { (m.columns, m.n * m.columns) } else { (m.heads, m.heads) };
        assert!(m.write.into_iter().chain([m.d]).all(|x| self.width(x) == gates), "gates of a memory");
        assert_eq!(self.vectors.len(m.rate), rates, "rates of a memory");
        let mut vectors = m.bias.into_iter().chain(m.skip);
        assert!(vectors.all(|v| self.vectors.len(v) == gates), "vectors of a memory");
    }

    fn run_memory(&mut self, m: &MemoryRun) {
        self.check_memory(m);
        let rows = self.step.batch.num_tokens();
        // A kernel without a use for strength binds the steps in its place.
        let inputs = [m.x, m.b, m.c, m.d, m.write.unwrap_or(m.d)].map(|x| self.source(x, rows));
        let (y, y_chunk) = self.target(m.out, rows);
        let vectors = self.vectors.buffer(&mut self.recorder);
        let part = self.states.part(m.state, memory_len(m.heads, m.n, m.columns));
        let numbers = [y.at, m.heads, m.columns, m.n, m.groups, usize::from(m.is_tiled)];
        let at = |vector: Option<VectorId>| vector.map_or(NONE, |vector| self.vectors.at(Some(vector)));
        let rest = [at(m.bias), at(Some(m.rate)), at(m.skip), self.states.walks, part.len as u32];
        let places = inputs.iter().map(|(place, _)| place.at);
        let params: Vec<u32> = places.chain(numbers).map(|word| word as u32).chain(rest).collect();
        let names = ["xs", "bs", "cs", "ds", "gs"];
        let buffers: Vec<(&str, &wgpu::Buffer)> = names
            .into_iter()
            .zip(inputs.iter().map(|(_, chunk)| chunk))
            .chain([("ys", &y_chunk), ("vectors", &vectors), ("states", &part.buffer)])
            .collect();
        let cells = MEMORY_CELLS.iter().copied().find(|cells| cells * 4 >= m.n).unwrap_or(0);
        let grid = [m.heads * m.columns.div_ceil(COLUMNS), self.step.batch.sequences.len()];
        self.recorder.dispatch(Kernel::Memory { of: m.of, cells }, &buffers, &params, grid);
    }
}
