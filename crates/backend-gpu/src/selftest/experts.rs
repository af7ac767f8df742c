//! How fast a mixture of experts is: of a row, of as many as decode side by side, and of a prompt.

use gollum_kernels::conformance::{Blocks, Rng, Temper, activations, matrix_bytes};
use gollum_kernels::{
    Activation, ExpertFfn, ExpertLinear, Gating, KernelOps, MatrixSource, Output, Routing, WeighAt,
};
use gollum_quant::FormatId;

use super::speeds::{Speed, best_seconds};
use crate::device::DeviceKind;
use crate::ops::{Gpu, GpuOps};

/// Width of the model, of an expert, and how many there are.
type Shape = (usize, usize, usize);

/// As in Qwen3-30B-A3B.
const SHAPE: Shape = (2048, 768, 128);
const SOFTWARE_SHAPE: Shape = (256, 256, 16);
const USED: usize = 8;
const FORMAT: FormatId = FormatId::Q4_K;

/// Every number of rows that is measured.
pub fn expert_speeds(gpu: &Gpu) -> Vec<Speed> {
    let is_software = gpu.info().kind == DeviceKind::Software;
    let (shape, rows) = if is_software { (SOFTWARE_SHAPE, [1, 8, 64]) } else { (SHAPE, [1, 32, 512]) };
    rows.map(|rows| speed(gpu, shape, rows)).to_vec()
}

/// Bytes are those of the weights of all experts once, or of those of the one row.
fn speed(gpu: &Gpu, (width, inside, experts): Shape, rows: usize) -> Speed {
    let what = format!("{FORMAT:?} {experts} experts of {width}x{inside}, {USED} for each of {rows} rows");
    let mut rng = Rng::new(7);
    let mut ops = GpuOps::new(gpu);
    // The content of weights is of no matter to speed: one row, many times.
    let mut load = |rows: usize, cols: usize| {
        let bytes = matrix_bytes(&mut rng, FORMAT.format(), Blocks::Plain, 1, cols).repeat(rows * experts);
        let source = MatrixSource { format: FORMAT, rows, cols, bytes: &bytes };
        let loaded = ops.load_experts(source, experts).ok()?;
        Some((ExpertLinear { experts: loaded, bias: None, scales: None }, bytes.len()))
    };
    let loaded = (load(inside, width), load(inside, width), load(width, inside));
    let (Some((gate, bytes)), Some((up, _)), Some((down, _))) = loaded else {
        return Speed::unknown(what);
    };
    let pairs = rows * USED;
    let (x, out) = (ops.create_buffer(rows, width), ops.create_buffer(rows, width));
    let router_logits = ops.create_buffer(rows, experts);
    let [gate_out, up_out] = [(); 2].map(|()| ops.create_buffer(pairs, inside));
    let down_out = ops.create_buffer(pairs, width);
    ops.write(x, &activations(&mut rng, Temper::Plain, rows * width));
    ops.write(router_logits, &activations(&mut rng, Temper::Plain, rows * experts));
    let routing = Routing {
        experts,
        sharing: 1,
        used: USED,
        gating: Gating::Softmax,
        selection_bias: None,
        groups: None,
        normalise: true,
        scale: 1.0,
    };
    let f = ExpertFfn {
        x,
        router_logits,
        routing,
        weigh: WeighAt::Output,
        gate,
        up: Some(up),
        down,
        activation: Activation::Silu,
        gate_out,
        up_out,
        down_out,
        out,
        output: Output::Store,
        scale: 1.0,
    };
    let best = best_seconds(&mut ops, out, |ops| ops.expert_ffn(&f, rows));
    let read = 3 * bytes / experts * experts.min(pairs);
    Speed {
        what,
        us: best * 1e6,
        gb_per_s: read as f64 / best / 1e9,
        gflops: 6.0 * (pairs * width * inside) as f64 / best / 1e9,
    }
}
