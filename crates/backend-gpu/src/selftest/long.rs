//! Is attention to long sequences right: by blocks of rows or few, whose segments one workgroup walks or several, side by side.

use gollum_core::{Batch, KvDtype, PAGE_TOKENS, PageId, SequenceSpan};
use gollum_kernels::conformance::{Rng, Temper, activations};
use gollum_kernels::reference::ReferenceOps;
use gollum_kernels::{Attend, KernelOps, KvLayer, KvSpec, Window};

use crate::ops::{Gpu, GpuOps};

/// Largest normalised mean squared error.
const NMSE_BOUND: f64 = 1e-9;

/// Two segments and a part of a third.
const LEN: usize = 1300;
/// The rows that are looked at: across the border of segments at 1,024, more than a step of few rows has.
const ROWS: std::ops::Range<usize> = 1010..1050;
/// One of them.
const POISONED: usize = 1030;
const KV_HEADS: usize = 2;

/// What is attended to, and how.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// How K and V are stored.
    pub dtype: KvDtype,
    /// Width of a head.
    pub head_dim: usize,
    /// Query heads for each head of K and V.
    pub shared_by: usize,
    /// Which positions a row sees.
    pub window: Window,
    /// With sinks, and with slopes.
    pub has_sinks: bool,
    /// See [`has_sinks`](Self::has_sinks).
    pub has_slopes: bool,
    /// Cap of scores.
    pub soft_cap: Option<f32>,
}

/// A step of positions of one sequence, whose pages lie backwards.
fn step(from: usize, rows: usize) -> Batch {
    let end = from + rows;
    let pages = LEN.div_ceil(PAGE_TOKENS);
    let table: Vec<PageId> = (0..pages).rev().map(|page| PageId(page as u32)).collect();
    Batch {
        tokens: vec![0; rows],
        positions: (from as u32..end as u32).collect(),
        slot_mapping: (from..end).map(|at| table[at / PAGE_TOKENS].slot(at % PAGE_TOKENS)).collect(),
        sequences: vec![SequenceSpan {
            query_start: 0,
            query_len: rows,
            context_len: end,
            table_start: 0,
            table_len: end.div_ceil(PAGE_TOKENS),
            state: None,
        }],
        block_tables: table,
        ..Batch::default()
    }
}

/// What the rows attend to, in steps of so many; `poison` is added to K and V of position [`POISONED`].
fn attended(
    mut ops: Box<dyn KernelOps>,
    case: &Case,
    rows_each: usize,
    poison: f32,
) -> Result<Vec<f32>, String> {
    let &Case { dtype, head_dim, shared_by, window, has_sinks, has_slopes, soft_cap } = case;
    let heads = KV_HEADS * shared_by;
    let (mut rng, width, kv_width) = (Rng::new(21), heads * head_dim, KV_HEADS * head_dim);
    let layers = vec![KvLayer::even(KV_HEADS, head_dim)];
    ops.create_kv(&KvSpec { layers, dtype }, LEN.div_ceil(PAGE_TOKENS), 0).map_err(|e| e.to_string())?;
    let [k, v] = [(); 2].map(|()| ops.create_buffer(LEN, kv_width));
    let [q, out] = [(); 2].map(|()| ops.create_buffer(ROWS.len(), width));
    for x in [k, v] {
        let mut values = activations(&mut rng, Temper::Plain, LEN * kv_width);
        values[POISONED * kv_width..][..kv_width].iter_mut().for_each(|value| *value += poison);
        ops.write(x, &values);
    }
    ops.begin_step(&step(0, LEN));
    ops.kv_append(0, k, v);
    let queries = activations(&mut rng, Temper::Plain, ROWS.len() * width);
    let attend = Attend {
        layer: 0,
        heads,
        scale: 0.2,
        window,
        soft_cap,
        slopes: has_slopes.then(|| ops.load_vector(&[0.01, 0.002, 0.0, 0.1].repeat(4)[..heads])),
        sinks: has_sinks.then(|| ops.load_vector(&[1.5, -2.0].repeat(8)[..heads])),
    };
    let mut rows = Vec::new();
    for first in (0..ROWS.len()).step_by(rows_each) {
        let here = rows_each.min(ROWS.len() - first);
        ops.write(q, &queries[first * width..(first + here) * width]);
        ops.begin_step(&step(ROWS.start + first, here));
        ops.attend(&attend, q, out);
        let mut read = vec![0.0; here * width];
        ops.read(out, here, &mut read);
        rows.extend(read);
    }
    Ok(rows)
}

/// Cases of every kernel: each storage, width and window, with all that changes scores.
pub fn long_cases() -> Vec<Case> {
    let case = |dtype, head_dim, shared_by, window| {
        let (has_sinks, has_slopes, soft_cap) = (false, false, None);
        Case { dtype, head_dim, shared_by, window, has_sinks, has_slopes, soft_cap }
    };
    vec![
        case(KvDtype::F16, 64, 4, Window::All),
        Case { has_sinks: true, ..case(KvDtype::F16, 72, 5, Window::Last(600)) },
        Case { has_sinks: true, has_slopes: true, ..case(KvDtype::F32, 40, 1, Window::All) },
        Case { soft_cap: Some(5.0), ..case(KvDtype::Q8_0, 128, 2, Window::Chunk(700)) },
        Case { has_slopes: true, ..case(KvDtype::F16, 33, 7, Window::Last(20)) },
        // Too wide for blocks: one workgroup walks all segments of a longer step.
        case(KvDtype::F16, 320, 3, Window::All),
        case(KvDtype::F16, 256, 2, Window::Last(530)),
    ]
}

/// Rows in steps of any length have the same bits, near the reference; and those before a NaN do not know of it.
pub fn long_attention(gpu: &Gpu, case: &Case) -> Result<(), String> {
    let run = |rows_each, poison| attended(Box::new(GpuOps::new(gpu)), case, rows_each, poison);
    let is_same = |a: &[f32], b: &[f32]| a.iter().map(|v| v.to_bits()).eq(b.iter().map(|v| v.to_bits()));
    let together = run(ROWS.len(), 0.0)?;
    for rows_each in [1, 7, 16] {
        if !is_same(&together, &run(rows_each, 0.0)?) {
            return Err(format!("{case:?}: rows have other bits in steps of {rows_each}"));
        }
    }
    let reference = attended(Box::new(ReferenceOps::new()), case, ROWS.len(), 0.0)?;
    let square = |value: f32| f64::from(value).powi(2);
    let error: f64 = together.iter().zip(&reference).map(|(a, b)| square(a - b)).sum();
    let nmse = error / reference.iter().map(|&b| square(b)).sum::<f64>();
    if nmse.is_nan() || nmse > NMSE_BOUND {
        return Err(format!("{case:?}: NMSE {nmse:e}"));
    }
    let before = (POISONED - ROWS.start) * together.len() / ROWS.len();
    for rows_each in [ROWS.len(), 7] {
        let poisoned = run(rows_each, f32::NAN)?;
        if !is_same(&together[..before], &poisoned[..before]) || !poisoned[before].is_nan() {
            return Err(format!(
                "{case:?}: NaN of a position does not stay where it is seen, in steps of {rows_each}"
            ));
        }
    }
    Ok(())
}
