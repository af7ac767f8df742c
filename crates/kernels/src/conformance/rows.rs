//! Cases of the operations on single rows.

use gollum_core::{Batch, KvDtype, PAGE_TOKENS, PageId, SequenceSpan};

use super::values::{Rng, TEMPERS, Temper, activations};
use super::{Case, Failure, MakeOps, filled_buffer, read_rows};
use crate::{Activation, HeadNorm, KernelOps, KvLayer, KvSpec, Norm, Output, Rope, RopeKind};

const WIDTHS: &[usize] = &[1, 15, 16, 17, 33, 64, 100, 576, 577, 640];
const BATCH_ROWS: &[usize] = &[1, 2, 3, 7, 8, 17];
const HEAD_DIMS: &[usize] = &[20, 32, 64, 80, 96, 100, 128, 256];

/// A width for the random form.
fn any_width(rng: &mut Rng) -> usize {
    if rng.one_in(10) { rng.between(81, 640) } else { rng.between(1, 80) }
}

/// Weights of a norm: ordinary, and sometimes anything.
fn norm_weights(rng: &mut Rng, n: usize) -> Vec<f32> {
    let temper = if rng.one_in(4) { rng.pick(TEMPERS) } else { Temper::Plain };
    activations(rng, temper, n)
}

pub(super) fn rms_norm(make: &mut MakeOps<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(11);
    for &width in WIDTHS {
        for &temper in TEMPERS {
            for in_place in [false, true] {
                rms_norm_case(&mut rng, width, temper, in_place).check("rms_norm", make)?;
            }
        }
    }
    Ok(2 * WIDTHS.len() * TEMPERS.len())
}

pub(super) fn random_rms_norm(rng: &mut Rng) -> Case {
    let (width, temper, in_place) = (any_width(rng), rng.pick(TEMPERS), rng.one_in(2));
    rms_norm_case(rng, width, temper, in_place)
}

/// A norm in place is what the reference allows and gathers need.
fn rms_norm_case(rng: &mut Rng, width: usize, temper: Temper, in_place: bool) -> Case {
    let (rows, surplus) = (rng.pick(BATCH_ROWS), rng.below(2));
    let x = activations(rng, temper, rows * width);
    let before = activations(rng, Temper::Plain, rows * width);
    let weight = norm_weights(rng, width);
    let output = if in_place { Output::Store } else { rng.pick(&[Output::Store, Output::Add]) };
    let eps = rng.pick(&[1e-5, 1e-6, 0.0]);
    let name = format!("{rows} x {width}, {temper:?}, eps {eps}, {output:?}, in place: {in_place}");
    Case::new(name, move |ops| {
        let x = filled_buffer(ops, &x, width, surplus);
        let out = if in_place { x } else { filled_buffer(ops, &before, width, surplus) };
        let norm = Norm { weight: ops.load_vector(&weight), eps };
        ops.rms_norm(x, norm, output, out, rows);
        Ok(read_rows(ops, out, rows, width))
    })
}

pub(super) fn head_norm(make: &mut MakeOps<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(12);
    for &head_dim in HEAD_DIMS {
        for &temper in TEMPERS {
            head_norm_case(&mut rng, head_dim, temper).check("head_norm", make)?;
        }
    }
    Ok(HEAD_DIMS.len() * TEMPERS.len())
}

pub(super) fn random_head_norm(rng: &mut Rng) -> Case {
    let (head_dim, temper) = (any_width(rng).min(256), rng.pick(TEMPERS));
    head_norm_case(rng, head_dim, temper)
}

fn head_norm_case(rng: &mut Rng, head_dim: usize, temper: Temper) -> Case {
    let (rows, heads, surplus) = (rng.pick(BATCH_ROWS), rng.between(1, 8), rng.below(2));
    let x = activations(rng, temper, rows * heads * head_dim);
    let weight = norm_weights(rng, head_dim);
    let name = format!("{rows} x {heads} x {head_dim}, {temper:?}");
    Case::new(name, move |ops| {
        let x = filled_buffer(ops, &x, heads * head_dim, surplus);
        let norm = Norm { weight: ops.load_vector(&weight), eps: 1e-6 };
        ops.head_norm(x, HeadNorm { norm, heads, head_dim }, rows);
        Ok(read_rows(ops, x, rows, heads * head_dim))
    })
}

const ACTIVATIONS: &[Activation] = &[Activation::Silu, Activation::GeluTanh];

pub(super) fn gate(make: &mut MakeOps<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(13);
    for &activation in ACTIVATIONS {
        for &width in WIDTHS {
            for &temper in TEMPERS {
                gate_case(&mut rng, activation, width, temper).check("gate", make)?;
            }
        }
    }
    Ok(ACTIVATIONS.len() * WIDTHS.len() * TEMPERS.len())
}

pub(super) fn random_gate(rng: &mut Rng) -> Case {
    let (activation, width, temper) = (rng.pick(ACTIVATIONS), any_width(rng), rng.pick(TEMPERS));
    gate_case(rng, activation, width, temper)
}

fn gate_case(rng: &mut Rng, activation: Activation, width: usize, temper: Temper) -> Case {
    let (rows, surplus) = (rng.pick(BATCH_ROWS), rng.below(2));
    let g = activations(rng, temper, rows * width);
    let other = rng.pick(TEMPERS);
    let u = activations(rng, other, rows * width);
    let in_place = rng.one_in(2);
    let name = format!("{activation:?}, {rows} x {width}, {temper:?} and {other:?}, in place: {in_place}");
    Case::new(name, move |ops| {
        let g = filled_buffer(ops, &g, width, surplus);
        let u = filled_buffer(ops, &u, width, surplus);
        let out = if in_place { g } else { ops.create_buffer(rows, width) };
        ops.gate(activation, g, u, out, rows);
        Ok(read_rows(ops, out, rows, width))
    })
}

pub(super) fn soft_cap(make: &mut MakeOps<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(14);
    for &width in WIDTHS {
        for &temper in TEMPERS {
            soft_cap_case(&mut rng, width, temper).check("soft_cap", make)?;
        }
    }
    Ok(WIDTHS.len() * TEMPERS.len())
}

pub(super) fn random_soft_cap(rng: &mut Rng) -> Case {
    let (width, temper) = (any_width(rng), rng.pick(TEMPERS));
    soft_cap_case(rng, width, temper)
}

fn soft_cap_case(rng: &mut Rng, width: usize, temper: Temper) -> Case {
    let (rows, cap, surplus) = (rng.pick(BATCH_ROWS), rng.pick(&[30.0, 50.0, 0.5]), rng.below(2));
    let x = activations(rng, temper, rows * width);
    let name = format!("{cap}, {rows} x {width}, {temper:?}");
    Case::new(name, move |ops| {
        let x = filled_buffer(ops, &x, width, surplus);
        ops.soft_cap(x, cap, rows);
        Ok(read_rows(ops, x, rows, width))
    })
}

pub(super) fn gather(make: &mut MakeOps<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(15);
    for &width in WIDTHS {
        gather_case(&mut rng, width).check("gather", make)?;
    }
    Ok(WIDTHS.len())
}

pub(super) fn random_gather(rng: &mut Rng) -> Case {
    let width = any_width(rng);
    gather_case(rng, width)
}

fn gather_case(rng: &mut Rng, width: usize) -> Case {
    let rows = rng.between(1, 17);
    let x = activations(rng, Temper::Special, rows * width);
    let picked: Vec<usize> = (0..rows).filter(|_| rng.one_in(2)).collect();
    let name = format!("{picked:?} of {rows} x {width}");
    Case::new(name, move |ops| {
        let x = filled_buffer(ops, &x, width, 0);
        let out = ops.create_buffer(rows, width);
        ops.gather(x, &picked, out);
        Ok(read_rows(ops, out, picked.len(), width))
    })
}

/// A batch whose sequences stand at any position; only its positions matter.
fn batch_at(spans: &[(usize, usize)], pages: usize) -> Batch {
    let mut batch = Batch::default();
    for &(first, query_len) in spans {
        let context_len = first + query_len;
        batch.sequences.push(SequenceSpan {
            query_start: batch.tokens.len(),
            query_len,
            context_len,
            table_start: batch.block_tables.len(),
            table_len: context_len.div_ceil(PAGE_TOKENS),
        });
        let table: Vec<PageId> =
            (0..context_len.div_ceil(PAGE_TOKENS)).map(|i| PageId((i % pages) as u32)).collect();
        for position in first..context_len {
            batch.tokens.push(0);
            batch.positions.push(position as u32);
            batch.slot_mapping.push(table[position / PAGE_TOKENS].slot(position % PAGE_TOKENS));
        }
        batch.block_tables.extend(table);
    }
    batch
}

pub(super) fn rope(make: &mut MakeOps<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(16);
    for kind in [RopeKind::Interleaved, RopeKind::Neox] {
        for &head_dim in HEAD_DIMS {
            for &temper in TEMPERS {
                let dims = if rng.one_in(3) { head_dim / 4 * 2 } else { head_dim };
                rope_case(&mut rng, kind, (dims, head_dim), temper).check("rope", make)?;
            }
        }
    }
    Ok(2 * HEAD_DIMS.len() * TEMPERS.len())
}

pub(super) fn random_rope(rng: &mut Rng) -> Case {
    let head_dim = rng.between(2, 100);
    let dims = 2 * rng.between(1, head_dim / 2);
    let (kind, temper) = (rng.pick(&[RopeKind::Interleaved, RopeKind::Neox]), rng.pick(TEMPERS));
    rope_case(rng, kind, (dims, head_dim), temper)
}

fn rope_case(rng: &mut Rng, kind: RopeKind, (dims, head_dim): (usize, usize), temper: Temper) -> Case {
    let spans: Vec<(usize, usize)> = (0..rng.between(1, 3))
        .map(|_| (rng.pick(&[0, 1, 15, 4095, 131_000]) + rng.below(9), rng.between(1, 5)))
        .collect();
    let batch = batch_at(&spans, 8);
    let (rows, heads, surplus) = (batch.num_tokens(), rng.between(1, 4), rng.below(2));
    let x = activations(rng, temper, rows * heads * head_dim);
    let factors: Option<Vec<f32>> =
        rng.one_in(2).then(|| (0..dims / 2).map(|_| 1.0 + 7.0 * rng.unit().abs()).collect());
    let (freq_base, freq_scale) = (rng.pick(&[1e4, 1e5, 5e5, 1e6]), rng.pick(&[1.0, 0.125, 0.25]));
    let name = format!("{kind:?} {dims} of {head_dim}, {heads} heads, {spans:?}, {temper:?}");
    Case::new(name, move |ops| {
        start(ops, &batch)?;
        let x = filled_buffer(ops, &x, heads * head_dim, surplus);
        let factors = factors.as_ref().map(|f| ops.load_vector(f));
        let rope = Rope { kind, dims, freq_base, freq_scale, factors };
        ops.rope(x, heads, head_dim, &rope, rows);
        Ok(read_rows(ops, x, rows, heads * head_dim))
    })
}

fn start(ops: &mut dyn KernelOps, batch: &Batch) -> Result<(), crate::KernelError> {
    let layers = vec![KvLayer { kv_heads: 1, head_dim: 32 }];
    ops.create_kv(&KvSpec { layers, dtype: KvDtype::F32 }, 8)?;
    ops.begin_step(batch);
    Ok(())
}
