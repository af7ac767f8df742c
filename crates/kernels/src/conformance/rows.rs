//! Cases of the operations on single rows.

use gollum_core::{Batch, KvDtype, PAGE_TOKENS, PageId, SequenceSpan};

use super::values::{Rng, TEMPERS, Temper, activations};
use super::{Failure, MakeOps, compare, filled_buffer, read_rows};
use crate::{Activation, HeadNorm, KernelOps, KvLayer, KvSpec, Norm, Output, Rope, RopeKind};

const WIDTHS: &[usize] = &[1, 15, 16, 17, 33, 64, 100, 576, 577, 640];
const BATCH_ROWS: &[usize] = &[1, 2, 3, 7, 8, 17];
const HEAD_DIMS: &[usize] = &[20, 32, 64, 80, 96, 100, 128, 256];

pub(super) fn rms_norm(make: &mut MakeOps<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(11);
    for &width in WIDTHS {
        for &temper in TEMPERS {
            let rows = rng.pick(BATCH_ROWS);
            let x = activations(&mut rng, temper, rows * width);
            let before = activations(&mut rng, Temper::Plain, rows * width);
            let weight = activations(&mut rng, Temper::Plain, width);
            let output = rng.pick(&[Output::Store, Output::Add]);
            let case = || format!("{rows} x {width}, {temper:?}, {output:?}");
            compare("rms_norm", case, make, |ops| {
                let x = filled_buffer(ops, &x, width, 1);
                let out = filled_buffer(ops, &before, width, 1);
                let norm = Norm { weight: ops.load_vector(&weight), eps: 1e-5 };
                ops.rms_norm(x, norm, output, out, rows);
                Ok(read_rows(ops, out, rows, width))
            })?;
            // A norm in place is what the reference allows and gathers need.
            compare(
                "rms_norm",
                || format!("in place, {rows} x {width}, {temper:?}"),
                make,
                |ops| {
                    let x = filled_buffer(ops, &x, width, 0);
                    let norm = Norm { weight: ops.load_vector(&weight), eps: 1e-6 };
                    ops.rms_norm(x, norm, Output::Store, x, rows);
                    Ok(read_rows(ops, x, rows, width))
                },
            )?;
        }
    }
    Ok(2 * WIDTHS.len() * TEMPERS.len())
}

pub(super) fn head_norm(make: &mut MakeOps<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(12);
    for &head_dim in HEAD_DIMS {
        for &temper in TEMPERS {
            let (rows, heads) = (rng.pick(BATCH_ROWS), rng.between(1, 8));
            let x = activations(&mut rng, temper, rows * heads * head_dim);
            let weight = activations(&mut rng, Temper::Plain, head_dim);
            let case = || format!("{rows} x {heads} x {head_dim}, {temper:?}");
            compare("head_norm", case, make, |ops| {
                let x = filled_buffer(ops, &x, heads * head_dim, 1);
                let norm = Norm { weight: ops.load_vector(&weight), eps: 1e-6 };
                ops.head_norm(x, HeadNorm { norm, heads, head_dim }, rows);
                Ok(read_rows(ops, x, rows, heads * head_dim))
            })?;
        }
    }
    Ok(HEAD_DIMS.len() * TEMPERS.len())
}

pub(super) fn gate(make: &mut MakeOps<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(13);
    let activation_kinds = [Activation::Silu, Activation::GeluTanh];
    for activation in activation_kinds {
        for &width in WIDTHS {
            for &temper in TEMPERS {
                let rows = rng.pick(BATCH_ROWS);
                let g = activations(&mut rng, temper, rows * width);
                let other = rng.pick(TEMPERS);
                let u = activations(&mut rng, other, rows * width);
                let in_place = rng.one_in(2);
                let case = || format!("{activation:?}, {rows} x {width}, {temper:?}, in place: {in_place}");
                compare("gate", case, make, |ops| {
                    let g = filled_buffer(ops, &g, width, 1);
                    let u = filled_buffer(ops, &u, width, 1);
                    let out = if in_place { g } else { ops.create_buffer(rows, width) };
                    ops.gate(activation, g, u, out, rows);
                    Ok(read_rows(ops, out, rows, width))
                })?;
            }
        }
    }
    Ok(activation_kinds.len() * WIDTHS.len() * TEMPERS.len())
}

pub(super) fn soft_cap(make: &mut MakeOps<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(14);
    for &width in WIDTHS {
        for &temper in TEMPERS {
            let (rows, cap) = (rng.pick(BATCH_ROWS), rng.pick(&[30.0, 50.0, 0.5]));
            let x = activations(&mut rng, temper, rows * width);
            compare(
                "soft_cap",
                || format!("{cap}, {rows} x {width}, {temper:?}"),
                make,
                |ops| {
                    let x = filled_buffer(ops, &x, width, 1);
                    ops.soft_cap(x, cap, rows);
                    Ok(read_rows(ops, x, rows, width))
                },
            )?;
        }
    }
    Ok(WIDTHS.len() * TEMPERS.len())
}

pub(super) fn gather(make: &mut MakeOps<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(15);
    for &width in WIDTHS {
        let rows = rng.between(1, 17);
        let x = activations(&mut rng, Temper::Special, rows * width);
        let picked: Vec<usize> = (0..rows).filter(|_| rng.one_in(2)).collect();
        compare(
            "gather",
            || format!("{picked:?} of {rows} x {width}"),
            make,
            |ops| {
                let x = filled_buffer(ops, &x, width, 0);
                let out = ops.create_buffer(rows, width);
                ops.gather(x, &picked, out);
                Ok(read_rows(ops, out, picked.len(), width))
            },
        )?;
    }
    Ok(WIDTHS.len())
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
    let mut cases = 0;
    for kind in [RopeKind::Interleaved, RopeKind::Neox] {
        for &head_dim in HEAD_DIMS {
            for &temper in TEMPERS {
                let dims = if rng.one_in(3) { head_dim / 4 * 2 } else { head_dim };
                let spans: Vec<(usize, usize)> = (0..rng.between(1, 3))
                    .map(|_| (rng.pick(&[0, 1, 15, 4095, 131_000]) + rng.below(9), rng.between(1, 5)))
                    .collect();
                let batch = batch_at(&spans, 8);
                let (rows, heads) = (batch.num_tokens(), rng.between(1, 4));
                let x = activations(&mut rng, temper, rows * heads * head_dim);
                let factors: Option<Vec<f32>> =
                    rng.one_in(2).then(|| (0..dims / 2).map(|_| 1.0 + 7.0 * rng.unit().abs()).collect());
                let (freq_base, freq_scale) =
                    (rng.pick(&[1e4, 1e5, 5e5, 1e6]), rng.pick(&[1.0, 0.125, 0.25]));
                let case = || format!("{kind:?} {dims} of {head_dim}, {heads} heads, {spans:?}, {temper:?}");
                compare("rope", case, make, |ops| {
                    start(ops, &batch)?;
                    let x = filled_buffer(ops, &x, heads * head_dim, 1);
                    let factors = factors.as_ref().map(|f| ops.load_vector(f));
                    let rope = Rope { kind, dims, freq_base, freq_scale, factors };
                    ops.rope(x, heads, head_dim, &rope, rows);
                    Ok(read_rows(ops, x, rows, heads * head_dim))
                })?;
                cases += 1;
            }
        }
    }
    Ok(cases)
}

fn start(ops: &mut dyn KernelOps, batch: &Batch) -> Result<(), crate::KernelError> {
    let layers = vec![KvLayer { kv_heads: 1, head_dim: 32 }];
    ops.create_kv(&KvSpec { layers, dtype: KvDtype::F32 }, 8)?;
    ops.begin_step(batch);
    Ok(())
}
