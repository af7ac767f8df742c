//! Cases of the operations on single rows.

use gollum_core::{Batch, KvDtype, PAGE_TOKENS, PageId, SequenceSpan};

use super::parts::{GATED, NormParts, OF_HEADS, RopeParts, UNGATED, any_activation};
use super::values::{Rng, TEMPERS, Temper, activations};
use super::{Case, Failure, Subject, filled_buffer, read_rows};
use crate::{Activation, CopyHeads, HeadNorm, KernelOps, KvLayer, KvSpec, Output, QueryGrowth, RopeKind};

const WIDTHS: &[usize] = &[1, 15, 16, 17, 33, 64, 100, 576, 577, 640];
const BATCH_ROWS: &[usize] = &[1, 2, 3, 7, 8, 17];
const HEAD_DIMS: &[usize] = &[20, 32, 64, 80, 96, 100, 128, 256];

/// A width for the random form.
fn any_width(rng: &mut Rng) -> usize {
    if rng.one_in(10) { rng.between(81, 640) } else { rng.between(1, 80) }
}

pub(super) fn norm(make: &mut Subject<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(11);
    for &width in WIDTHS {
        for &temper in make.tempers() {
            for in_place in [false, true] {
                norm_case(&mut rng, width, temper, in_place).check("norm", make)?;
            }
        }
    }
    Ok(2 * WIDTHS.len() * make.tempers().len())
}

pub(super) fn random_norm(rng: &mut Rng) -> Case {
    let (width, temper, in_place) = (any_width(rng), rng.pick(TEMPERS), rng.one_in(2));
    norm_case(rng, width, temper, in_place)
}

/// A norm in place is what the reference allows and gathers need.
fn norm_case(rng: &mut Rng, width: usize, temper: Temper, in_place: bool) -> Case {
    let (rows, surplus) = (rng.pick(BATCH_ROWS), rng.below(2));
    let x = activations(rng, temper, rows * width);
    let before = activations(rng, Temper::Plain, rows * width);
    let norm = NormParts::random(rng, width);
    let output = if in_place { Output::Store } else { rng.pick(&[Output::Store, Output::Add]) };
    let name = format!("{rows} x {width}, {temper:?}, {}, {output:?}, in place: {in_place}", norm.describe());
    Case::new(name, move |ops| {
        let x = filled_buffer(ops, &x, width, surplus);
        let out = if in_place { x } else { filled_buffer(ops, &before, width, surplus) };
        let norm = norm.load(ops);
        ops.norm(x, norm, output, out, rows);
        Ok(read_rows(ops, out, rows, width))
    })
}

pub(super) fn head_norm(make: &mut Subject<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(12);
    for &head_dim in HEAD_DIMS {
        for &temper in make.tempers() {
            head_norm_case(&mut rng, head_dim, temper).check("head_norm", make)?;
        }
    }
    Ok(HEAD_DIMS.len() * make.tempers().len())
}

pub(super) fn random_head_norm(rng: &mut Rng) -> Case {
    let (head_dim, temper) = (any_width(rng).min(256), rng.pick(TEMPERS));
    head_norm_case(rng, head_dim, temper)
}

fn head_norm_case(rng: &mut Rng, head_dim: usize, temper: Temper) -> Case {
    let (rows, heads, surplus) = (rng.pick(BATCH_ROWS), rng.between(1, 8), rng.below(2));
    let x = activations(rng, temper, rows * heads * head_dim);
    let weights = if rng.one_in(3) { heads * head_dim } else { head_dim };
    let norm = NormParts::random(rng, weights);
    let name = format!("{rows} x {heads} x {head_dim}, {temper:?}, {} of {weights}", norm.describe());
    Case::new(name, move |ops| {
        let x = filled_buffer(ops, &x, heads * head_dim, surplus);
        let norm = norm.load(ops);
        ops.head_norm(x, HeadNorm { norm, heads, head_dim }, rows);
        Ok(read_rows(ops, x, rows, heads * head_dim))
    })
}

pub(super) fn gate(make: &mut Subject<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(13);
    let mut cases = 0;
    for (is_gated, activations) in [(true, GATED), (false, UNGATED)] {
        for &activation in activations {
            for &width in WIDTHS {
                for &temper in make.tempers() {
                    gate_case(&mut rng, (activation, is_gated), width, temper).check("gate", make)?;
                    cases += 1;
                }
            }
        }
    }
    Ok(cases)
}

pub(super) fn random_gate(rng: &mut Rng) -> Case {
    let is_gated = !rng.one_in(3);
    let (activation, width, temper) = (any_activation(rng, is_gated), any_width(rng), rng.pick(TEMPERS));
    gate_case(rng, (activation, is_gated), width, temper)
}

fn gate_case(
    rng: &mut Rng,
    (activation, is_gated): (Activation, bool),
    width: usize,
    temper: Temper,
) -> Case {
    let (rows, surplus) = (rng.pick(BATCH_ROWS), rng.below(2));
    let g = activations(rng, temper, rows * width);
    let other = rng.pick(TEMPERS);
    let u = is_gated.then(|| activations(rng, other, rows * width));
    let in_place = rng.one_in(2);
    let name = format!(
        "{activation:?}, {rows} x {width}, {temper:?} and {:?}, in place: {in_place}",
        is_gated.then_some(other)
    );
    Case::new(name, move |ops| {
        let g = filled_buffer(ops, &g, width, surplus);
        let u = u.as_ref().map(|u| filled_buffer(ops, u, width, surplus));
        let out = if in_place { g } else { ops.create_buffer(rows, width) };
        ops.gate(activation, g, u, out, rows);
        Ok(read_rows(ops, out, rows, width))
    })
}

pub(super) fn gate_heads(make: &mut Subject<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(17);
    for &width in WIDTHS {
        for &temper in make.tempers() {
            gate_heads_case(&mut rng, width, temper).check("gate_heads", make)?;
        }
    }
    Ok(WIDTHS.len() * make.tempers().len())
}

pub(super) fn random_gate_heads(rng: &mut Rng) -> Case {
    let (width, temper) = (any_width(rng), rng.pick(TEMPERS));
    gate_heads_case(rng, width, temper)
}

fn gate_heads_case(rng: &mut Rng, width: usize, temper: Temper) -> Case {
    let (rows, surplus, other) = (rng.pick(BATCH_ROWS), rng.below(2), rng.pick(TEMPERS));
    let (heads, activation) = (rng.pick(&[1, 1, 2, 3]), rng.pick(OF_HEADS));
    let x = activations(rng, temper, rows * heads * width);
    let gates = activations(rng, other, rows * heads);
    let name = format!("{activation:?}, {rows} x {heads} x {width}, {temper:?} by {other:?}");
    Case::new(name, move |ops| {
        let x = filled_buffer(ops, &x, heads * width, surplus);
        let gate = filled_buffer(ops, &gates, heads, surplus);
        ops.gate_heads(activation, x, gate, rows);
        Ok(read_rows(ops, x, rows, heads * width))
    })
}

pub(super) fn copy_heads(make: &mut Subject<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(18);
    for &temper in make.tempers() {
        for _ in 0..8 {
            copy_case(&mut rng, temper).check("copy_heads", make)?;
        }
    }
    Ok(8 * make.tempers().len())
}

pub(super) fn random_copy_heads(rng: &mut Rng) -> Case {
    let temper = rng.pick(TEMPERS);
    copy_case(rng, temper)
}

/// Of some heads to some, or of one to all; or in place, with a factor.
fn copy_case(rng: &mut Rng, temper: Temper) -> Case {
    let (rows, heads, width) = (rng.pick(BATCH_ROWS), rng.between(1, 4), any_width(rng));
    let (x_gap, out_gap) = (rng.between(0, 3), rng.between(0, 3));
    let in_place = rng.one_in(4);
    let x_stride = if rng.one_in(4) && !in_place { 0 } else { width + x_gap };
    let (x_first, out_first) = (rng.below(x_gap + 1), rng.below(out_gap + 1));
    let (x_width, out_width) = (heads * (width + x_gap), heads * (width + out_gap));
    let scale = rng.pick(&[1.0, 0.3, -2.5]);
    let (x, old) = (activations(rng, temper, rows * x_width), activations(rng, temper, rows * out_width));
    let name = format!(
        "{rows} x {heads} x {width}, from {x_first} each {x_stride} of {x_width}, to {out_first} of {out_width}, times \
         {scale}, {temper:?}, in place: {in_place}"
    );
    Case::new(name, move |ops| {
        let x = filled_buffer(ops, &x, x_width, 1);
        let (out, out_stride) = (x, x_stride);
        let mut f =
            CopyHeads { x, x_first, x_stride, out, out_first: x_first, out_stride, heads, width, scale };
        let mut wide = x_width;
        if !in_place {
            f.out = filled_buffer(ops, &old, out_width, 1);
            (f.out_first, f.out_stride, wide) = (out_first, width + out_gap, out_width);
        }
        ops.copy_heads(&f, rows);
        Ok(read_rows(ops, f.out, rows, wide))
    })
}

pub(super) fn soft_cap(make: &mut Subject<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(14);
    for &width in WIDTHS {
        for &temper in make.tempers() {
            soft_cap_case(&mut rng, width, temper).check("soft_cap", make)?;
        }
    }
    Ok(WIDTHS.len() * make.tempers().len())
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

pub(super) fn gather(make: &mut Subject<'_>) -> Result<usize, Failure> {
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

pub(super) fn create_view(make: &mut Subject<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(18);
    for &width in WIDTHS {
        view_case(&mut rng, width).check("create_view", make)?;
    }
    Ok(WIDTHS.len())
}

pub(super) fn random_view(rng: &mut Rng) -> Case {
    let width = any_width(rng);
    view_case(rng, width)
}

/// A view is a buffer like any other, and the buffer it looks at is one again afterwards.
fn view_case(rng: &mut Rng, width: usize) -> Case {
    let (rows, narrow) = (rng.between(1, 9), rng.between(1, width));
    let wide = activations(rng, Temper::Plain, rows * width);
    let values = activations(rng, Temper::Special, rows * narrow);
    Case::new(format!("{rows} x {narrow} over {width}"), move |ops| {
        let buffer = filled_buffer(ops, &wide, width, 0);
        let view = ops.create_view(buffer, narrow);
        ops.write(view, &values);
        ops.soft_cap(view, 30.0, rows);
        let copy = ops.create_buffer(rows, narrow);
        ops.gather(view, &(0..rows).collect::<Vec<usize>>(), copy);
        let mut out = read_rows(ops, copy, rows, narrow);
        ops.write(buffer, &wide);
        out.extend(read_rows(ops, buffer, rows, width));
        Ok(out)
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
            state: None,
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

pub(super) fn rope(make: &mut Subject<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(16);
    for kind in [RopeKind::Interleaved, RopeKind::Neox] {
        for &head_dim in HEAD_DIMS {
            for &temper in make.tempers() {
                let dims = if rng.one_in(3) { head_dim / 4 * 2 } else { head_dim };
                rope_case(&mut rng, kind, (dims, head_dim), temper).check("rope", make)?;
            }
        }
    }
    Ok(2 * HEAD_DIMS.len() * make.tempers().len())
}

pub(super) fn random_rope(rng: &mut Rng) -> Case {
    let head_dim = rng.between(2, 100);
    let dims = 2 * rng.between(1, head_dim / 2);
    let (kind, temper) = (rng.pick(&[RopeKind::Interleaved, RopeKind::Neox]), rng.pick(TEMPERS));
    rope_case(rng, kind, (dims, head_dim), temper)
}

/// A few sequences at any positions.
fn any_batch(rng: &mut Rng) -> (Batch, String) {
    let spans: Vec<(usize, usize)> = (0..rng.between(1, 3))
        .map(|_| (rng.pick(&[0, 1, 15, 4095, 131_000]) + rng.below(9), rng.between(1, 5)))
        .collect();
    (batch_at(&spans, 8), format!("{spans:?}"))
}

fn rope_case(rng: &mut Rng, kind: RopeKind, (dims, head_dim): (usize, usize), temper: Temper) -> Case {
    let (batch, spans) = any_batch(rng);
    let (rows, heads, surplus) = (batch.num_tokens(), rng.between(1, 4), rng.below(2));
    let x = activations(rng, temper, rows * heads * head_dim);
    let rope = RopeParts::random(rng, kind, dims);
    let name = format!("{} of {head_dim}, {heads} heads, {spans}, {temper:?}", rope.describe());
    Case::new(name, move |ops| {
        start(ops, &batch)?;
        let x = filled_buffer(ops, &x, heads * head_dim, surplus);
        let rope = rope.load(ops);
        ops.rope(x, heads, head_dim, &rope, rows);
        Ok(read_rows(ops, x, rows, heads * head_dim))
    })
}

pub(super) fn grow(make: &mut Subject<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(19);
    for &width in WIDTHS {
        for &temper in make.tempers() {
            grow_case(&mut rng, width, temper).check("grow", make)?;
        }
    }
    Ok(WIDTHS.len() * make.tempers().len())
}

pub(super) fn random_grow(rng: &mut Rng) -> Case {
    let (width, temper) = (any_width(rng), rng.pick(TEMPERS));
    grow_case(rng, width, temper)
}

/// Any growth, of positions before and after its first step.
pub(super) fn any_growth(rng: &mut Rng) -> QueryGrowth {
    QueryGrowth {
        scale: rng.pick(&[0.1, 1.0, -0.3]),
        length: rng.pick(&[1, 8, 4096, 8192]),
        offset: rng.pick(&[0, 1, 4095, u32::MAX]),
    }
}

fn grow_case(rng: &mut Rng, width: usize, temper: Temper) -> Case {
    let (batch, spans) = any_batch(rng);
    let (rows, surplus, growth) = (batch.num_tokens(), rng.below(2), any_growth(rng));
    let x = activations(rng, temper, rows * width);
    let name = format!("{growth:?}, {rows} x {width}, {spans}, {temper:?}");
    Case::new(name, move |ops| {
        start(ops, &batch)?;
        let x = filled_buffer(ops, &x, width, surplus);
        ops.grow(x, growth, rows);
        Ok(read_rows(ops, x, rows, width))
    })
}

fn start(ops: &mut dyn KernelOps, batch: &Batch) -> Result<(), crate::KernelError> {
    let layers = vec![KvLayer::even(1, 32)];
    ops.create_kv(&KvSpec { layers, dtype: KvDtype::F32 }, 8, 0)?;
    ops.begin_step(batch);
    Ok(())
}
