//! Attention of decodes and of prompt chunks, over as many layers as do not fit a cache.

use gollum_backend_cpu::CpuOps;
use gollum_core::{Batch, KvDtype, PAGE_TOKENS, PageId, SequenceSpan};
use gollum_kernels::conformance::Rng;
use gollum_kernels::{Attend, KernelOps, KvGroup, KvLayer, KvSpec, Window};

use crate::{Wish, best_of};

/// Query heads, KV heads, width of a head: SmolLM2 135M, Llama 1B, Gemma 3 270M.
const SHAPES: &[(usize, usize, usize)] = &[(9, 3, 64), (32, 8, 64), (4, 1, 256)];
/// Sequences, tokens of each, and how many of these are new.
const CASES: &[(usize, usize, usize)] =
    &[(1, 1024, 1), (16, 256, 1), (64, 256, 1), (1, 512, 512), (1, 4096, 512)];
const DTYPES: &[KvDtype] = &[KvDtype::F16, KvDtype::Q8_0];
/// K and V of all layers together.
const WORKING_SET_BYTES: usize = 128 << 20;

pub fn run(wish: &Wish) {
    let cases = if wish.has("quick") { &CASES[..2] } else { CASES };
    println!(
        "\n{:9} {:>8} {:>5} {:>6} {:>5} {:>6} {:>9} {:>7} {:>9} {:>7}",
        "attention", "heads", "kv", "seqs", "ctx", "new", "GB/s", "share", "G op/s", "share"
    );
    for &shape in SHAPES {
        for &case in cases {
            for &dtype in DTYPES {
                report(wish, shape, case, dtype);
            }
        }
    }
}

fn report(wish: &Wish, shape: (usize, usize, usize), case: (usize, usize, usize), dtype: KvDtype) {
    let ((heads, kv_heads, head_dim), (sequences, context, new)) = (shape, case);
    let layer = KvLayer::even(kv_heads, head_dim);
    let page_bytes = KvSpec { layers: vec![layer], dtype }.page_bytes(KvGroup::Full);
    let pages = sequences * context.div_ceil(PAGE_TOKENS);
    let layers = WORKING_SET_BYTES.div_ceil(pages * page_bytes);
    let mut ops = CpuOps::new(&wish.config).unwrap();
    ops.create_kv(&KvSpec { layers: vec![layer; layers], dtype }, pages, 0).unwrap();
    let rows = sequences * new;
    let (q, out) = (ops.create_buffer(rows, heads * head_dim), ops.create_buffer(rows, heads * head_dim));
    let (k, v) = (ops.create_buffer(rows, kv_heads * head_dim), ops.create_buffer(rows, kv_heads * head_dim));
    let mut rng = Rng::new(1);
    for (buffer, width) in [(q, heads * head_dim), (k, kv_heads * head_dim), (v, kv_heads * head_dim)] {
        ops.write(buffer, &(0..rows * width).map(|_| rng.unit()).collect::<Vec<f32>>());
    }
    for start in (0..context).step_by(new) {
        ops.begin_step(&batch(sequences, context, start, new));
        (0..layers).for_each(|layer| ops.kv_append(layer, k, v));
    }
    let calls = layers.min(64);
    let seconds = best_of(5, || {
        for layer in 0..calls {
            let attend = Attend {
                layer,
                heads,
                scale: 0.1,
                window: Window::All,
                soft_cap: None,
                slopes: None,
                sinks: None,
            };
            ops.attend(&attend, q, out);
        }
    }) / calls as f64;
    let read = (pages * page_bytes) as f64 / seconds / 1e9;
    // Keys that the new rows see, on average; a multiply and an addition each for the score and for the value.
    let keys = context as f64 - (new as f64 - 1.0) / 2.0;
    let rate = 4.0 * (rows * heads * head_dim) as f64 * keys / seconds / 1e9;
    let c = &wish.ceilings;
    println!(
        "{:9} {:>8} {:>5} {sequences:>6} {context:>5} {new:>6} {read:>9.2} {:>6.0}% {rate:>9.1} {:>6.0}%",
        format!("{dtype:?}"),
        format!("{heads}x{head_dim}"),
        kv_heads,
        100.0 * read / c.read_gb_s,
        100.0 * rate / c.fma_gop_s,
    );
}

/// The step that appends tokens `start .. start + new` of every sequence.
fn batch(sequences: usize, context: usize, start: usize, new: usize) -> Batch {
    let pages_each = context.div_ceil(PAGE_TOKENS);
    let mut batch = Batch::default();
    for sequence in 0..sequences {
        let page = |index: usize| PageId((sequence * pages_each + index) as u32);
        batch.sequences.push(SequenceSpan {
            query_start: batch.tokens.len(),
            query_len: new,
            context_len: start + new,
            table_start: batch.block_tables.len(),
            table_len: (start + new).div_ceil(PAGE_TOKENS),
            state: None,
        });
        batch.block_tables.extend((0..(start + new).div_ceil(PAGE_TOKENS)).map(page));
        for position in start..start + new {
            batch.tokens.push(0);
            batch.positions.push(position as u32);
            batch.slot_mapping.push(page(position / PAGE_TOKENS).slot(position % PAGE_TOKENS));
        }
    }
    batch
}
