//! Attention to long sequences, by blocks of rows or few, whose segments one workgroup walks or several, side by side: with the
//! same bits.

#![allow(clippy::unwrap_used)]

mod gpu;

use gollum_core::{Batch, KvDtype, PAGE_TOKENS, PageId, SequenceSpan};
use gollum_kernels::conformance::{Rng, Temper, activations};
use gollum_kernels::reference::ReferenceOps;
use gollum_kernels::{Attend, KernelOps, KvLayer, KvSpec, Window};

/// Two segments and a part of a third.
const LEN: usize = 1300;
/// The rows that are looked at: across the border of segments at 1,024, more than a step of few rows has.
const ROWS: std::ops::Range<usize> = 1010..1050;
const KV_HEADS: usize = 2;

struct Case {
    dtype: KvDtype,
    head_dim: usize,
    /// Query heads for each head of K and V.
    shared_by: usize,
    window: Window,
    has_sinks: bool,
    has_slopes: bool,
    soft_cap: Option<f32>,
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

/// What the rows attend to, in steps of so many.
fn attended(mut ops: Box<dyn KernelOps>, case: &Case, rows_each: usize) -> Vec<Vec<f32>> {
    let &Case { dtype, head_dim, shared_by, window, has_sinks, has_slopes, soft_cap } = case;
    let heads = KV_HEADS * shared_by;
    let (mut rng, width, kv_width) = (Rng::new(21), heads * head_dim, KV_HEADS * head_dim);
    let layers = vec![KvLayer::even(KV_HEADS, head_dim)];
    ops.create_kv(&KvSpec { layers, dtype }, LEN.div_ceil(PAGE_TOKENS), 0).unwrap();
    let [k, v] = [(); 2].map(|()| ops.create_buffer(LEN, kv_width));
    let [q, out] = [(); 2].map(|()| ops.create_buffer(ROWS.len(), width));
    for x in [k, v] {
        ops.write(x, &activations(&mut rng, Temper::Plain, LEN * kv_width));
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
        rows.extend(read.chunks(width).map(<[f32]>::to_vec));
    }
    rows
}

#[test]
fn segments_side_by_side_have_the_bits_of_one_after_the_other() {
    let Some(gpu) = gpu::gpu() else { return };
    let case = |dtype, head_dim, shared_by, window| {
        let (has_sinks, has_slopes, soft_cap) = (false, false, None);
        Case { dtype, head_dim, shared_by, window, has_sinks, has_slopes, soft_cap }
    };
    for case in [
        case(KvDtype::F16, 64, 4, Window::All),
        Case { has_sinks: true, ..case(KvDtype::F16, 72, 5, Window::Last(600)) },
        Case { has_sinks: true, has_slopes: true, ..case(KvDtype::F32, 40, 1, Window::All) },
        Case { soft_cap: Some(5.0), ..case(KvDtype::Q8_0, 128, 2, Window::Chunk(700)) },
        Case { has_slopes: true, ..case(KvDtype::F16, 33, 7, Window::Last(20)) },
        // Too wide for blocks.
        case(KvDtype::F16, 320, 3, Window::All),
        case(KvDtype::F16, 256, 2, Window::Last(530)),
    ] {
        let what =
            format!("{:?}, {} heads of {}, {:?}", case.dtype, case.shared_by, case.head_dim, case.window);
        let together = attended(gpu::ops(&gpu), &case, ROWS.len());
        for rows_each in [1, 7, 16] {
            let apart = attended(gpu::ops(&gpu), &case, rows_each);
            assert!(gpu::bits(&together) == gpu::bits(&apart), "{what}: bits of steps of {rows_each}");
        }
        let nmse = gpu::nmse(&together, &attended(Box::new(ReferenceOps::new()), &case, ROWS.len()));
        assert!(nmse <= 1e-9, "{what}: NMSE {nmse:e}");
    }
    assert_eq!(gpu.fault(), None);
}
