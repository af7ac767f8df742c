//! How fast attention is: over pages, of sequences that decode and of a prompt; and over whole inputs.

use gollum_core::{Batch, KvDtype, PAGE_TOKENS, PageId, SequenceSpan};
use gollum_kernels::conformance::{Rng, Temper, activations};
use gollum_kernels::{Attend, AttendWhole, KernelOps, KvLayer, KvSpec, Reach, Window};

use super::speeds::{Speed, best_seconds};
use crate::device::DeviceKind;
use crate::ops::{Gpu, GpuOps};

/// Sequences, positions of each, and rows of each, the last ones.
type Step = (usize, usize, usize);

/// One long sequence, several, and a prompt.
const STEPS: [Step; 3] = [(1, 16_384, 1), (32, 2048, 1), (1, 1024, 1024)];
/// Likewise, for software drivers.
const SOFTWARE_STEPS: [Step; 3] = [(1, 2048, 1), (4, 256, 1), (1, 128, 128)];

/// All that is measured. A software driver has less to do.
pub fn attention_speeds(gpu: &Gpu) -> Vec<Speed> {
    let is_software = gpu.info().kind == DeviceKind::Software;
    let steps = if is_software { SOFTWARE_STEPS } else { STEPS };
    let whole = if is_software { [(8, 16), (1, 128)] } else { [(64, 16), (2, 512)] };
    let over_pages = steps.into_iter().map(|step| paged_speed(gpu, step));
    over_pages.chain(whole.into_iter().map(|(inputs, len)| whole_speed(gpu, inputs, len))).collect()
}

/// Sequences side by side in pages of their own.
fn batch((sequences, len, rows): Step) -> Batch {
    let pages = len.div_ceil(PAGE_TOKENS);
    let span = |index: usize| SequenceSpan {
        query_start: index * rows,
        query_len: rows,
        context_len: len,
        table_start: index * pages,
        table_len: pages,
        state: None,
    };
    Batch {
        tokens: vec![0; sequences * rows],
        positions: (0..sequences).flat_map(|_| (len - rows) as u32..len as u32).collect(),
        sequences: (0..sequences).map(span).collect(),
        block_tables: (0..(sequences * pages) as u32).map(PageId).collect(),
        ..Batch::default()
    }
}

/// Attention over pages, heads as in Llama 3 8B, f16: bytes are those of K and V of each sequence once.
fn paged_speed(gpu: &Gpu, step: Step) -> Speed {
    const HEADS: usize = 32;
    const KV_HEADS: usize = 8;
    const HEAD_DIM: usize = 128;
    let (sequences, len, rows) = step;
    let what = format!("attention, {sequences} sequences of {len}, {rows} rows each");
    let batch = batch(step);
    let all_rows = batch.num_tokens();
    let mut ops = GpuOps::new(gpu);
    let spec = KvSpec { layers: vec![KvLayer::even(KV_HEADS, HEAD_DIM)], dtype: KvDtype::F16 };
    if ops.create_kv(&spec, batch.block_tables.len(), 0).is_err() {
        return Speed::unknown(what);
    }
    let [q, out] = [(); 2].map(|()| ops.create_buffer(all_rows, HEADS * HEAD_DIM));
    ops.write(q, &activations(&mut Rng::new(6), Temper::Plain, all_rows * HEADS * HEAD_DIM));
    ops.begin_step(&batch);
    let attend = Attend {
        layer: 0,
        heads: HEADS,
        scale: 0.1,
        window: Window::All,
        soft_cap: None,
        slopes: None,
        sinks: None,
    };
    let best = best_seconds(&mut ops, out, |ops| ops.attend(&attend, q, out));
    let seen: f64 = batch.positions.iter().map(|&position| f64::from(position) + 1.0).sum();
    Speed {
        what,
        us: best * 1e6,
        gb_per_s: (2 * 2 * sequences * len * KV_HEADS * HEAD_DIM) as f64 / best / 1e9,
        gflops: 4.0 * seen * (HEADS * HEAD_DIM) as f64 / best / 1e9,
    }
}

/// Attention over whole inputs, heads as in BERT: bytes are those of K and V.
fn whole_speed(gpu: &Gpu, inputs: usize, len: usize) -> Speed {
    const HEADS: usize = 12;
    const HEAD_DIM: usize = 64;
    let (rows, width) = (inputs * len, HEADS * HEAD_DIM);
    let mut ops = GpuOps::new(gpu);
    let [q, k, v, out] = [(); 4].map(|()| ops.create_buffer(rows, width));
    let values = activations(&mut Rng::new(5), Temper::Plain, rows * width);
    for x in [q, k, v] {
        ops.write(x, &values);
    }
    let mut batch = Batch::default();
    (0..inputs).for_each(|_| batch.push_whole(&vec![0; len]));
    ops.begin_step(&batch);
    let attend = AttendWhole {
        heads: HEADS,
        kv_heads: HEADS,
        head_dim: HEAD_DIM,
        scale: 0.125,
        reach: Reach::All,
        soft_cap: None,
        slopes: None,
    };
    let best = best_seconds(&mut ops, out, |ops| ops.attend_whole(&attend, [q, k, v], out));
    Speed {
        what: format!("attention, {inputs} inputs of {len}"),
        us: best * 1e6,
        gb_per_s: (2 * rows * width * 4) as f64 / best / 1e9,
        gflops: (4 * rows * len * width) as f64 / best / 1e9,
    }
}
