//! Kernels: what variants there are, and what each fills into its text.

mod filling;
mod text;

use crate::weights::{LAYOUTS, Layout};
use filling::kv_flag;
use text::Filling;
pub use text::{bindings, param_words};

/// Bytes of parameters a kernel may take: what the smallest drivers have for immediates.
pub const MAX_PARAM_BYTES: usize = 128;

/// Threads of a workgroup in kernels that do not say otherwise.
const WORKGROUP: usize = 64;

/// How K and V are stored, as kernels see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KvKind {
    /// A word a value.
    F32,
    /// Two values a word.
    F16,
    /// Four codes a word, and a scale for 32.
    Q8,
}

/// What [`Kernel::Rows`] does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RowOp {
    /// Rows by a list.
    Gather,
    /// Times a factor of the row.
    Grow,
    /// Times the activation of each head's gate.
    GateHeads,
    /// `cap * tanh(x / cap)`.
    SoftCap,
}

impl RowOp {
    fn flag(self) -> &'static str {
        match self {
            Self::Gather => "gather",
            Self::Grow => "grow",
            Self::GateHeads => "gate_heads",
            Self::SoftCap => "soft_cap",
        }
    }
}

/// Batch sizes that matmuls are made for.
pub const MATMUL_COLS: &[usize] = &[1, 2, 4, 8, 16];

/// What multiplies in [`Kernel::UnitMatmul`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MatrixUnit {
    /// A unit with tiles of 8 x 8, as Apple's.
    Tiles8,
    /// A unit with tiles of 16 x 16.
    Tiles16,
    /// Loops in place of a unit: so that tests run all the rest of the kernel anywhere.
    Emulated,
}

impl MatrixUnit {
    const ALL: [Self; 3] = [Self::Tiles8, Self::Tiles16, Self::Emulated];

    fn tile(self) -> usize {
        if self == Self::Tiles16 { 16 } else { 8 }
    }
}

/// Rows of activations that a workgroup of [`Kernel::UnitMatmul`] takes.
pub const UNIT_ROWS: usize = 64;

/// What [`Kernel::Memory`] moves on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Memory {
    /// The gated delta rule.
    Delta,
    /// Mamba-2.
    Heads,
    /// Mamba-1.
    Channels,
}

impl Memory {
    const ALL: [Self; 3] = [Self::Delta, Self::Heads, Self::Channels];

    fn flag(self) -> &'static str {
        match self {
            Self::Delta => "delta",
            Self::Heads => "heads",
            Self::Channels => "channels",
        }
    }
}

/// Cells of a memory's column that a thread of [`Kernel::Memory`] has in registers, a quarter of its rows.
pub const MEMORY_CELLS: &[usize] = &[4, 8, 16, 32, 64];

/// Rows whose inputs a thread of [`Kernel::Conv`] asks for together.
const CONV_BLOCK: usize = 8;

/// Multiples of 64 dimensions that attention is made for.
pub const ATTEND_DIMS: &[usize] = &[1, 2, 4, 8, 16];

/// Pairs of row and query head that a kernel of attention takes together, of so many dimensions a thread: as many as
/// registers hold the outputs of.
pub fn attend_slots(dims: usize) -> usize {
    if dims <= 4 { 4 } else { 2 }
}

/// Threads that share a row's output in attention of blocks of rows, four elements each.
pub const BLOCK_LANES: &[usize] = &[8, 16, 32];

/// Rows that attention of blocks takes together.
pub const BLOCK_ROWS: usize = 16;

/// Lanes for values of so many elements, and pieces they are cut into.
pub fn block_lanes(value_dim: usize) -> (usize, usize) {
    let widest = BLOCK_LANES[BLOCK_LANES.len() - 1];
    let lanes = BLOCK_LANES.iter().copied().find(|lanes| lanes * 4 >= value_dim).unwrap_or(widest);
    (lanes, value_dim.div_ceil(lanes * 4))
}

/// Experts that routers are made for, and how many of them a row may use.
pub const MAX_EXPERTS: usize = 1024;
/// See [`MAX_EXPERTS`].
pub const MAX_EXPERTS_USED: usize = 64;

/// A kernel and what it is made for.
#[allow(missing_docs)] // fields are told with their variants
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kernel {
    /// Norm of rows, or of heads; of 256 or 64 threads.
    Norm { wide: bool },
    /// Activation.
    Gate,
    /// Rows to int8.
    Quantise,
    /// See [`RowOp`].
    Rows(RowOp),
    /// Rotation.
    Rope,
    /// K and V to their slots.
    Append(KvKind),
    /// Heads of q and k made ready, K and V to their slots; heads of up to `64 * dims`.
    Heads { kv: KvKind, dims: usize },
    /// Pages to pages.
    CopyPage,
    /// Causal convolution.
    Conv,
    /// Memories of recurrences; of up to `4 * cells` rows, or where `cells` is 0 of any number.
    Memory { of: Memory, cells: usize },
    /// A part of a state to another.
    CopyState,
    /// Attention, of values of up to `64 * dims`, and keys as wide, or with `wide` twice as wide.
    Attend { kv: KvKind, dims: usize, wide: bool },
    /// Attended segments put together.
    Join,
    /// Attention of neighbours in a prompt, of pieces of values of up to `4 * lanes`.
    AttendPrompt { kv: KvKind, lanes: usize },
    /// Attention over whole inputs, of pieces likewise.
    AttendWhole { lanes: usize },
    /// Streams mixed by small matrices.
    MixStreams,
    /// Heads made as large as a row.
    MatchMagnitude,
    /// Gates cut by how they are spread.
    CutGates,
    /// Stretches of rows to other places.
    CopyHeads,
    /// Rows of weights.
    Embed(Layout),
    /// Weights times rows. `ragged`: inputs are not whole K-blocks; of float layouts only.
    Matmul { layout: Layout, cols: usize, dp4a: bool, ragged: bool },
    /// Weights times rows on matrix units, or of tiles of one expert; of integer layouts only.
    UnitMatmul { layout: Layout, unit: MatrixUnit, of_experts: bool },
    /// Weights of experts times tiles of their rows; of one column, times rows in any order.
    ExpertMatmul { layout: Layout, cols: usize, dp4a: bool, ragged: bool },
    /// Rows of experts into tiles of one expert.
    SortPairs,
    /// Experts of each row.
    Route,
    /// The best of each 1024 logits, or pairs of logits and tokens: one, or more.
    Best { of_pairs: bool, one: bool },
    /// Rows, weighed, to their experts.
    Spread,
    /// Rows from their experts.
    Collect,
}

impl Kernel {
    /// Every kernel there is.
    pub fn all() -> Vec<Self> {
        let mut all = vec![
            Self::Norm { wide: true },
            Self::Norm { wide: false },
            Self::Gate,
            Self::Quantise,
            Self::Rows(RowOp::Gather),
            Self::Rows(RowOp::Grow),
            Self::Rows(RowOp::GateHeads),
            Self::Rows(RowOp::SoftCap),
            Self::Rope,
            Self::CopyPage,
            Self::Conv,
            Self::CopyState,
            Self::Join,
            Self::CopyHeads,
            Self::MixStreams,
            Self::MatchMagnitude,
            Self::CutGates,
            Self::Route,
            Self::SortPairs,
            Self::Spread,
            Self::Collect,
        ];
        let flags = [false, true];
        all.extend(flags.into_iter().flat_map(|of_pairs| flags.map(|one| Self::Best { of_pairs, one })));
        all.extend(BLOCK_LANES.iter().map(|&lanes| Self::AttendWhole { lanes }));
        for of in Memory::ALL {
            all.extend([0].iter().chain(MEMORY_CELLS).map(|&cells| Self::Memory { of, cells }));
        }
        for kv in [KvKind::F32, KvKind::F16, KvKind::Q8] {
            all.push(Self::Append(kv));
            all.extend(BLOCK_LANES.iter().map(|&lanes| Self::AttendPrompt { kv, lanes }));
            for wide in [false, true] {
                all.extend(ATTEND_DIMS.iter().map(|&dims| Self::Attend { kv, dims, wide }));
            }
            all.extend(ATTEND_DIMS.iter().map(|&dims| Self::Heads { kv, dims }));
        }
        for &layout in LAYOUTS {
            all.push(Self::Embed(layout));
            for flag in [false, true] {
                let (dp4a, ragged) = (layout.is_int() && flag, !layout.is_int() && flag);
                let of_cols = |&cols: &usize| Self::Matmul { layout, cols, dp4a, ragged };
                all.extend(MATMUL_COLS.iter().map(of_cols));
                let of_experts = |&cols: &usize| Self::ExpertMatmul { layout, cols, dp4a, ragged };
                all.extend(MATMUL_COLS.iter().map(of_experts));
            }
            for of_experts in flags.into_iter().filter(|_| layout.is_int()) {
                all.extend(MatrixUnit::ALL.map(|unit| Self::UnitMatmul { layout, unit, of_experts }));
            }
        }
        all
    }

    /// A short name, of which there is one for each kernel.
    pub fn name(&self) -> String {
        match self {
            Self::Norm { wide: true } => "norm".to_owned(),
            Self::Norm { wide: false } => "norm_heads".to_owned(),
            Self::Gate => "gate".to_owned(),
            Self::Quantise => "quantise".to_owned(),
            Self::Rows(op) => format!("{op:?}").to_lowercase(),
            Self::Rope => "rope".to_owned(),
            Self::Append(kv) => format!("append_{kv:?}").to_lowercase(),
            Self::Heads { kv, dims } => format!("heads_{kv:?}_{}", dims * 64).to_lowercase(),
            Self::CopyPage => "copy_page".to_owned(),
            Self::Conv => "conv".to_owned(),
            Self::Memory { of, cells: 0 } => format!("memory_{}_any", of.flag()),
            Self::Memory { of, cells } => format!("memory_{}_{}", of.flag(), cells * 4),
            Self::CopyState => "copy_state".to_owned(),
            Self::Attend { kv, dims, wide } => {
                let keys = if *wide { "_wide" } else { "" };
                format!("attend_{kv:?}_{}{keys}", dims * 64).to_lowercase()
            }
            Self::Join => "join".to_owned(),
            Self::AttendPrompt { kv, lanes } => format!("attend_prompt_{kv:?}_{}", lanes * 4).to_lowercase(),
            Self::AttendWhole { lanes } => format!("attend_whole_{}", lanes * 4),
            Self::MixStreams => "mix_streams".to_owned(),
            Self::MatchMagnitude => "match_magnitude".to_owned(),
            Self::CutGates => "cut_gates".to_owned(),
            Self::CopyHeads => "copy_heads".to_owned(),
            Self::Embed(layout) => format!("embed_{}", layout.name()),
            Self::Matmul { layout, cols, dp4a, ragged } => {
                format!("matmul_{}_x{cols}{}", layout.name(), oddity(*dp4a, *ragged))
            }
            Self::UnitMatmul { layout, unit, of_experts } => {
                let of = if *of_experts { "expert_" } else { "" };
                format!("{of}matmul_{}_{unit:?}", layout.name()).to_lowercase()
            }
            Self::ExpertMatmul { layout, cols, dp4a, ragged } => {
                format!("expert_matmul_{}_x{cols}{}", layout.name(), oddity(*dp4a, *ragged))
            }
            Self::SortPairs => "sort_pairs".to_owned(),
            Self::Route => "route".to_owned(),
            Self::Best { of_pairs, one } => {
                let (what, of) =
                    (if *one { "best" } else { "best_many" }, if *of_pairs { "_pairs" } else { "" });
                format!("{what}{of}")
            }
            Self::Spread => "spread".to_owned(),
            Self::Collect => "collect".to_owned(),
        }
    }

    /// Threads of a workgroup, of kernels that ask.
    fn workgroup(&self) -> usize {
        match self {
            Self::Norm { wide: true }
            | Self::Rows(_)
            | Self::CopyHeads
            | Self::CopyState
            | Self::MixStreams
            | Self::MatchMagnitude
            | Self::CutGates
            | Self::Spread
            | Self::Collect
            | Self::SortPairs
            | Self::Matmul { .. }
            | Self::ExpertMatmul { .. } => 256,
            Self::UnitMatmul { .. } => 128,
            _ => WORKGROUP,
        }
    }

    /// The WGSL text.
    pub fn source(&self) -> String {
        let mut f = Filling::new(self.workgroup());
        let file = match *self {
            Self::CopyPage
            | Self::CopyState
            | Self::CopyHeads
            | Self::MixStreams
            | Self::MatchMagnitude
            | Self::CutGates => return f.fill_file(&self.name()),
            Self::Norm { .. } => "norm",
            Self::Gate => "gate",
            Self::Quantise => "quantise_rows",
            Self::Rows(op) => {
                f.flags.push(op.flag());
                "rows"
            }
            Self::Rope => "rope",
            Self::Append(kv) => {
                f.flags.push(kv_flag(kv));
                "append"
            }
            Self::Heads { kv, dims } => {
                f.flags.push(kv_flag(kv));
                f.set("query_len", &(dims * 64));
                "heads"
            }
            Self::Conv => {
                f.set("block", &CONV_BLOCK);
                "conv"
            }
            Self::Memory { of, cells } => f.memory(of, cells),
            Self::Attend { kv, dims, wide } => f.attend(kv, dims, wide),
            Self::Join => f.join(),
            Self::AttendPrompt { kv, lanes } => f.block(Some(kv), lanes),
            Self::AttendWhole { lanes } => f.block(None, lanes),
            Self::Embed(layout) => {
                f.layout(layout);
                "embed"
            }
            Self::Matmul { layout, cols, dp4a, ragged } => {
                f.flags.push("dense");
                f.matmul(layout, cols, dp4a, ragged)
            }
            Self::UnitMatmul { layout, unit, of_experts } => {
                f.flags.push(if of_experts { "experts" } else { "dense" });
                f.unit_matmul(layout, unit)
            }
            Self::ExpertMatmul { layout, cols, dp4a, ragged } => {
                f.flags.extend(["experts", if cols == 1 { "each" } else { "in_tiles" }]);
                f.set("routes_binding", &(if layout.is_int() { 8 } else { 5 }));
                f.matmul(layout, cols, dp4a, ragged)
            }
            Self::Route | Self::SortPairs => {
                f.set("max_experts", &MAX_EXPERTS);
                f.set("max_used", &MAX_EXPERTS_USED);
                if *self == Self::Route { "route" } else { "sort_pairs" }
            }
            Self::Best { of_pairs, one } => {
                f.flags.extend([if of_pairs { "pairs" } else { "values" }, if one { "one" } else { "many" }]);
                "best"
            }
            Self::Spread | Self::Collect => {
                f.flags.push(if *self == Self::Spread { "spread" } else { "collect" });
                "experts"
            }
        };
        f.fill_file(file)
    }
}

fn oddity(dp4a: bool, ragged: bool) -> &'static str {
    match (dp4a, ragged) {
        (true, _) => "_dp4a",
        (_, true) => "_ragged",
        _ => "",
    }
}
