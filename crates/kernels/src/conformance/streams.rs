//! Cases of mixed streams, and of gates cut by how they are spread.

use super::values::{Rng, TEMPERS, Temper, activations};
use super::{Case, Failure, Subject, filled_buffer, parts, read_rows};
use crate::streams::{Coefficients, MAX_STREAMS, MixStreams};

const WIDTHS: &[usize] = &[1, 15, 16, 17, 40, 64, 577];
const BATCH_ROWS: &[usize] = &[1, 2, 3, 17];

fn any_width(rng: &mut Rng) -> usize {
    rng.between(1, 80)
}

/// All widths, in each temper.
fn of_widths(
    make: &mut Subject<'_>,
    (op, seed): (&'static str, u64),
    case: fn(&mut Rng, usize, Temper) -> Case,
) -> Result<usize, Failure> {
    let mut rng = Rng::new(seed);
    for &width in WIDTHS {
        for &temper in make.tempers() {
            case(&mut rng, width, temper).check(op, make)?;
        }
    }
    Ok(WIDTHS.len() * make.tempers().len())
}

pub(super) fn mix_streams(make: &mut Subject<'_>) -> Result<usize, Failure> {
    let mut cases = 0;
    for seed in 0..4 {
        cases += of_widths(make, ("mix_streams", 70 + seed), mix_case)?;
    }
    Ok(cases)
}

pub(super) fn random_mix(rng: &mut Rng) -> Case {
    let (width, temper) = (any_width(rng), rng.pick(TEMPERS));
    mix_case(rng, width, temper)
}

/// Any number of terms to any number of streams, in place or not.
fn mix_case(rng: &mut Rng, width: usize, temper: Temper) -> Case {
    let (rows, surplus) = (rng.pick(BATCH_ROWS), rng.below(2));
    let (streams, terms) = (rng.between(1, MAX_STREAMS), rng.between(1, MAX_STREAMS));
    let (has_base, in_place, same) = (!rng.one_in(3), rng.one_in(2), rng.one_in(2));
    let other = rng.pick(TEMPERS);
    let x = activations(rng, temper, rows * terms * width);
    let base = activations(rng, other, rows * streams * width);
    let coefficients = activations(rng, Temper::Plain, if same { 1 } else { rows } * streams * terms);
    let weight = rng.one_in(3).then(|| parts::vector(rng, width));
    let name = format!(
        "{rows} x {terms} x {width} to {streams}, {temper:?}, base: {has_base} of {other:?}, in place: {in_place}, \
         same coefficients: {same}, weight: {}",
        weight.is_some()
    );
    Case::new(name, move |ops| {
        let terms_buffer = filled_buffer(ops, &x, terms * width, surplus);
        let base = filled_buffer(ops, &base, streams * width, surplus);
        let out = if in_place { base } else { ops.create_buffer(rows, streams * width) };
        let coefficients = match same {
            true => Coefficients::Same(ops.load_vector(&coefficients)),
            false => Coefficients::OfRows(filled_buffer(ops, &coefficients, streams * terms, surplus)),
        };
        let weight = parts::load(ops, weight.as_ref());
        let base = has_base.then_some(base);
        ops.mix_streams(&MixStreams { width, base, terms: terms_buffer, coefficients, weight, out }, rows);
        Ok(read_rows(ops, out, rows, streams * width))
    })
}

pub(super) fn match_magnitude(make: &mut Subject<'_>) -> Result<usize, Failure> {
    of_widths(make, ("match_magnitude", 80), match_case)
}

pub(super) fn random_match(rng: &mut Rng) -> Case {
    let (width, temper) = (any_width(rng), rng.pick(TEMPERS));
    match_case(rng, width, temper)
}

fn match_case(rng: &mut Rng, width: usize, temper: Temper) -> Case {
    let (rows, surplus, heads) = (rng.pick(BATCH_ROWS), rng.below(2), rng.between(1, 4));
    let other = rng.pick(TEMPERS);
    let x = activations(rng, temper, rows * heads * width);
    let like = activations(rng, other, rows * width);
    Case::new(format!("{rows} x {heads} x {width}, {temper:?} as {other:?}"), move |ops| {
        let x = filled_buffer(ops, &x, heads * width, surplus);
        let like = filled_buffer(ops, &like, width, surplus);
        ops.match_magnitude(x, like, rows);
        Ok(read_rows(ops, x, rows, heads * width))
    })
}

pub(super) fn cut_gates(make: &mut Subject<'_>) -> Result<usize, Failure> {
    of_widths(make, ("cut_gates", 90), cut_case)
}

pub(super) fn random_cut(rng: &mut Rng) -> Case {
    let (width, temper) = (any_width(rng), rng.pick(TEMPERS));
    cut_case(rng, width, temper)
}

fn cut_case(rng: &mut Rng, width: usize, temper: Temper) -> Case {
    let (rows, surplus, deviations) =
        (rng.pick(BATCH_ROWS), rng.below(2), rng.pick(&[1.644_853_4, 0.3, 2.0]));
    let x = activations(rng, temper, rows * width);
    Case::new(format!("{deviations}, {rows} x {width}, {temper:?}"), move |ops| {
        let x = filled_buffer(ops, &x, width, surplus);
        ops.cut_gates(x, deviations, rows);
        Ok(read_rows(ops, x, rows, width))
    })
}
