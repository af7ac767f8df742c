//! Attention of sequences that begin with the same pages, which a step reads once for several of them.

#![allow(clippy::unwrap_used)]

mod gpu;

use gollum_core::{Batch, KvDtype, PAGE_TOKENS, PageId, SequenceSpan};
use gollum_kernels::conformance::{Rng, Temper, activations};
use gollum_kernels::reference::ReferenceOps;
use gollum_kernels::{Attend, KernelOps, KvLayer, KvSpec, Window};

/// Tokens that all sequences begin with: two tiles of attention.
const SHARED: usize = 128;
/// Tokens of each sequence behind them.
const OWN: [usize; 6] = [2, 5, 17, 64, 70, 7];
const SHARED_PAGES: usize = SHARED / PAGE_TOKENS;
const OWN_PAGES: usize = 5;
const HEADS: usize = 4;

/// The block table of a sequence.
fn table(sequence: usize) -> Vec<PageId> {
    let own = SHARED_PAGES + sequence * OWN_PAGES;
    (0..SHARED_PAGES).chain(own..own + OWN_PAGES).map(|page| PageId(page as u32)).collect()
}

/// A step of some sequences, each with its positions from `from` to its end.
fn step(of: &[(usize, usize)]) -> Batch {
    let mut batch = Batch::default();
    for &(sequence, from) in of {
        let (table, end) = (table(sequence), SHARED + OWN[sequence]);
        batch.sequences.push(SequenceSpan {
            query_start: batch.tokens.len(),
            query_len: end - from,
            context_len: end,
            table_start: batch.block_tables.len(),
            table_len: end.div_ceil(PAGE_TOKENS),
            state: None,
        });
        batch.tokens.extend(vec![0; end - from]);
        batch.positions.extend(from as u32..end as u32);
        batch.slot_mapping.extend((from..end).map(|at| table[at / PAGE_TOKENS].slot(at % PAGE_TOKENS)));
        batch.block_tables.extend(table);
    }
    batch
}

struct Case {
    dtype: KvDtype,
    /// Of K and V: the fewer query heads have theirs in common, the more rows go together.
    kv_heads: usize,
    head_dim: usize,
    window: Window,
    soft_cap: Option<f32>,
}

/// What the last row of each sequence attends to, in steps of the sequences of `steps`.
fn attended(mut ops: Box<dyn KernelOps>, case: &Case, steps: &[&[usize]]) -> Vec<Vec<f32>> {
    let (mut rng, width, kv_width) = (Rng::new(9), HEADS * case.head_dim, case.kv_heads * case.head_dim);
    let layers = vec![KvLayer::even(case.kv_heads, case.head_dim)];
    let pages = SHARED_PAGES + OWN.len() * OWN_PAGES;
    ops.create_kv(&KvSpec { layers, dtype: case.dtype }, pages, 0).unwrap();
    let [k, v] = [(); 2].map(|()| ops.create_buffer(SHARED + OWN[0], kv_width));
    let [q, out] = [(); 2].map(|()| ops.create_buffer(OWN.len(), width));
    for sequence in 0..OWN.len() {
        let batch = step(&[(sequence, if sequence == 0 { 0 } else { SHARED })]);
        for x in [k, v] {
            ops.write(x, &activations(&mut rng, Temper::Plain, batch.num_tokens() * kv_width));
        }
        ops.begin_step(&batch);
        ops.kv_append(0, k, v);
    }
    let queries = activations(&mut rng, Temper::Plain, OWN.len() * width);
    let Case { window, soft_cap, .. } = *case;
    let attend = Attend { layer: 0, heads: HEADS, scale: 0.2, window, soft_cap, slopes: None, sinks: None };
    let mut rows = vec![Vec::new(); OWN.len()];
    for &sequences in steps {
        let of_step = sequences.iter().flat_map(|&s| &queries[s * width..(s + 1) * width]).copied();
        ops.write(q, &of_step.collect::<Vec<f32>>());
        ops.begin_step(&step(&sequences.iter().map(|&s| (s, SHARED + OWN[s] - 1)).collect::<Vec<_>>()));
        ops.attend(&attend, q, out);
        let mut read = vec![0.0; sequences.len() * width];
        ops.read(out, sequences.len(), &mut read);
        for (&sequence, row) in sequences.iter().zip(read.chunks(width)) {
            rows[sequence] = row.to_vec();
        }
    }
    rows
}

#[test]
fn rows_have_the_bits_that_they_have_alone() {
    let Some(gpu) = gpu::gpu() else { return };
    for (dtype, kv_heads, head_dim, window, soft_cap) in [
        (KvDtype::F16, 4, 72, Window::All, None),
        (KvDtype::F32, 2, 33, Window::Last(100), Some(30.0)),
        (KvDtype::Q8_0, 4, 64, Window::All, None),
        (KvDtype::F16, 1, 128, Window::Chunk(100), None),
        (KvDtype::F16, 4, 320, Window::All, None),
    ] {
        let what = format!("{dtype:?}, heads of {head_dim}, {window:?}");
        let case = Case { dtype, kv_heads, head_dim, window, soft_cap };
        let each: [&[usize]; 6] = [&[0], &[1], &[2], &[3], &[4], &[5]];
        let alone = attended(gpu::ops(&gpu), &case, &each);
        let together = attended(gpu::ops(&gpu), &case, &[&[3, 0, 5, 1, 4, 2]]);
        let in_pairs = attended(gpu::ops(&gpu), &case, &[&[3, 0], &[5, 1], &[4, 2]]);
        assert!(gpu::bits(&alone) == gpu::bits(&together), "{what}: bits of a step of all");
        assert!(gpu::bits(&alone) == gpu::bits(&in_pairs), "{what}: bits of steps of two");
        let reference = attended(Box::new(ReferenceOps::new()), &case, &each);
        let nmse = gpu::nmse(&alone, &reference);
        assert!(nmse <= 1e-9, "{what}: NMSE {nmse:e}");
    }
    assert_eq!(gpu.fault(), None);
}
