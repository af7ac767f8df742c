//! The suite every backend must pass: operation x format x shape, bit for bit against
//! [`ReferenceOps`](crate::reference::ReferenceOps).
//!
//! A case is one function from a backend to numbers; it runs on the reference and on the backend under
//! test, and the results are compared as bits (every NaN equals every NaN). Data is pseudo-random from a
//! fixed seed, so a failure repeats. Shapes are chosen to hurt: odd widths, ragged tiles, mixed batches,
//! scattered pages, blocks at the ends of the integer range, NaN and infinity.
//!
//! GPUs keep the contract within themselves, and are near the reference: [`run_near`] compares by distance, and the cases
//! that compare a backend with itself bit for bit.
//!
//! A backend's whole test is `conformance::run_all(&mut || Box::new(MyOps::new()))`, and as many random cases
//! as there is time for: [`run_random`].

mod attention;
mod experts;
mod matrices;
mod parts;
mod random;
mod recurrent;
mod rows;
mod streams;
mod values;
mod whole;

pub use random::run_random;
pub use values::{BLOCKS, Blocks, ORDINARY, Rng, TEMPERS, Temper, activations, matrix_bytes};

use crate::reference::ReferenceOps;
use crate::{KernelError, KernelOps};

/// Makes a fresh backend: a case never sees what another left behind.
pub type MakeOps<'a> = dyn FnMut() -> Box<dyn KernelOps> + 'a;

/// One group of cases.
pub struct Check {
    /// The operation, as in [`KernelOps`].
    pub op: &'static str,
    /// Runs the group and returns the number of cases.
    pub run: fn(&mut Subject<'_>) -> Result<usize, Failure>,
}

/// What is tested, and how its results are compared.
pub struct Subject<'a> {
    make: &'a mut MakeOps<'a>,
    /// Largest distance to the reference; `None` compares bits.
    nmse_bound: Option<f64>,
    /// Largest distance so far.
    worst_nmse: f64,
    /// Cases not compared.
    extreme: usize,
}

impl<'a> Subject<'a> {
    /// A backend that must equal the reference bit for bit.
    pub fn exact(make: &'a mut MakeOps<'a>) -> Self {
        Self { make, nmse_bound: None, worst_nmse: 0.0, extreme: 0 }
    }

    /// A backend that may be `nmse_bound` away from the reference: see [`run_near`].
    pub fn near(make: &'a mut MakeOps<'a>, nmse_bound: f64) -> Self {
        Self { make, nmse_bound: Some(nmse_bound), worst_nmse: 0.0, extreme: 0 }
    }

    /// How near the backend was in the `cases` cases of a group.
    pub fn nearness(&self, op: &'static str, cases: usize) -> Nearness {
        Nearness { op, cases, extreme: self.extreme, worst_nmse: self.worst_nmse }
    }

    /// What activations look like. By distance, nothing is compared whose sums may overflow.
    fn tempers(&self) -> &'static [Temper] {
        if self.nmse_bound.is_some() { ORDINARY } else { TEMPERS }
    }

    fn ops(&mut self) -> Box<dyn KernelOps> {
        (self.make)()
    }
}

/// All groups. [`run_all`] runs them in this order.
pub const CHECKS: &[Check] = &[
    Check { op: "load_matrix", run: matrices::load_matrix },
    Check { op: "embed", run: matrices::embed },
    Check { op: "matmul", run: matrices::matmul },
    Check { op: "matmul of several jobs", run: matrices::jobs },
    Check { op: "norm_matmul", run: matrices::norm_matmul },
    Check { op: "ffn", run: matrices::ffn },
    Check { op: "load_experts", run: experts::load_experts },
    Check { op: "expert_ffn", run: experts::expert_ffn },
    Check { op: "matmul_heads", run: experts::matmul_heads },
    Check { op: "create_view", run: rows::create_view },
    Check { op: "norm", run: rows::norm },
    Check { op: "head_norm", run: rows::head_norm },
    Check { op: "gate", run: rows::gate },
    Check { op: "gate_heads", run: rows::gate_heads },
    Check { op: "copy_heads", run: rows::copy_heads },
    Check { op: "soft_cap", run: rows::soft_cap },
    Check { op: "mix_streams", run: streams::mix_streams },
    Check { op: "match_magnitude", run: streams::match_magnitude },
    Check { op: "cut_gates", run: streams::cut_gates },
    Check { op: "gather", run: rows::gather },
    Check { op: "rope", run: rows::rope },
    Check { op: "grow", run: rows::grow },
    Check { op: "prepare_attention", run: attention::prepare_attention },
    Check { op: "attend", run: attention::attend },
    Check { op: "attend, any plan", run: attention::any_plan },
    Check { op: "attend_whole", run: whole::attend_whole },
    Check { op: "attend_whole, any mates", run: whole::any_mates },
    Check { op: "recurrences", run: recurrent::recurrences },
    Check { op: "recurrences, any cut", run: recurrent::any_cut },
];

/// What [`run_all`] or [`run_random`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// Groups of [`CHECKS`], or operations of the random form.
    pub checks: usize,
    /// Cases over all groups.
    pub cases: usize,
}

/// A backend does not conform.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// One value differs.
    #[error(
        "{op}, {case}: value {index} of {len} is {got:e} ({:#010x}), the reference has {want:e} ({:#010x})",
        got.to_bits(), want.to_bits()
    )]
    Value {
        /// Operation.
        op: &'static str,
        /// Shape and data.
        case: String,
        /// Index of the first value that differs.
        index: usize,
        /// Values compared.
        len: usize,
        /// The backend's.
        got: f32,
        /// The reference's.
        want: f32,
    },
    /// A case is too far from the reference.
    #[error(
        "{op}, {case}: NMSE {nmse:e} is above {bound:e}; value {index} of {len} is {got:e}, the reference has {want:e}"
    )]
    Far {
        /// Operation.
        op: &'static str,
        /// Shape and data.
        case: String,
        /// Normalised mean squared error; NaN if the backend has no number where the reference has one.
        nmse: f64,
        /// What was allowed.
        bound: f64,
        /// Index of the value furthest away.
        index: usize,
        /// Values compared.
        len: usize,
        /// The backend's.
        got: f32,
        /// The reference's.
        want: f32,
    },
    /// Backend and reference return different errors, or one of them returns none.
    #[error("{op}, {case}: {got:?}, and the reference has {want:?}")]
    Outcome {
        /// Operation.
        op: &'static str,
        /// Shape and data.
        case: String,
        /// The backend's.
        got: Option<KernelError>,
        /// The reference's.
        want: Option<KernelError>,
    },
}

/// Runs every group of [`CHECKS`]; ends at the first difference.
pub fn run_all<'a>(make: &'a mut MakeOps<'a>) -> Result<Report, Failure> {
    let mut subject = Subject::exact(make);
    let mut cases = 0;
    for check in CHECKS {
        cases += (check.run)(&mut subject)?;
    }
    Ok(Report { checks: CHECKS.len(), cases })
}

/// How near a backend is to the reference in one group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nearness {
    /// The operation.
    pub op: &'static str,
    /// Cases.
    pub cases: usize,
    /// Cases of them that were too extreme to be compared.
    pub extreme: usize,
    /// Largest normalised mean squared error of a case, `sum (got - want)^2 / sum want^2`.
    pub worst_nmse: f64,
}

/// Runs every group of [`CHECKS`] on a backend that may be `nmse_bound` away from the reference; ends at the first case
/// that is further.
///
/// Cases whose reference has infinities, NaN or values beyond [`EXTREME`] are run and not compared: sums near the end of
/// f32 overflow or not by their order, and devices differ in what infinity becomes.
pub fn run_near(
    make: &mut dyn FnMut() -> Box<dyn KernelOps>,
    nmse_bound: f64,
) -> Result<Vec<Nearness>, Failure> {
    let mut all = Vec::with_capacity(CHECKS.len());
    for check in CHECKS {
        let mut make = || make();
        let mut subject = Subject::near(&mut make, nmse_bound);
        let cases = (check.run)(&mut subject)?;
        all.push(subject.nearness(check.op, cases));
    }
    Ok(all)
}

/// The result of one case on one backend.
type Outcome = Result<Vec<f32>, KernelError>;

/// What a case computes on a backend.
type Run = dyn Fn(&mut dyn KernelOps) -> Outcome;

/// A case whose data is drawn: what it is, and what it computes on any backend.
struct Case {
    name: String,
    run: Box<Run>,
}

impl Case {
    fn new(name: String, run: impl Fn(&mut dyn KernelOps) -> Outcome + 'static) -> Self {
        Self { name, run: Box::new(run) }
    }

    /// Runs the case on the reference and on a fresh backend.
    fn check(self, op: &'static str, subject: &mut Subject<'_>) -> Result<(), Failure> {
        compare(op, || self.name, subject, &self.run)
    }
}

/// Runs one case on the reference and on a fresh backend.
fn compare(
    op: &'static str,
    case: impl FnOnce() -> String,
    subject: &mut Subject<'_>,
    run: impl Fn(&mut dyn KernelOps) -> Outcome,
) -> Result<(), Failure> {
    let want = run(&mut ReferenceOps::new());
    let got = run(subject.ops().as_mut());
    match (subject.nmse_bound, &got, &want) {
        (Some(bound), Ok(got), Ok(want)) => near(op, case, (subject, bound), got, want),
        _ => same(op, case, &got, &want),
    }
}

/// Largest magnitude that is compared by distance.
pub const EXTREME: f32 = 1e30;

/// Differences below this are none: results near the smallest numbers are zero on devices without denormals.
const NOTHING: f64 = 1e-30;

fn near(
    op: &'static str,
    case: impl FnOnce() -> String,
    (subject, bound): (&mut Subject<'_>, f64),
    got: &[f32],
    want: &[f32],
) -> Result<(), Failure> {
    assert_eq!(got.len(), want.len(), "a case returns one shape");
    if want.iter().any(|w| !w.is_finite() || w.abs() > EXTREME) {
        subject.extreme += 1;
        return Ok(());
    }
    let (mut error, mut energy, mut furthest) = (0.0, 0.0, (0.0, 0));
    for (index, (&g, &w)) in got.iter().zip(want).enumerate() {
        let d = (f64::from(g) - f64::from(w)).abs();
        if d > NOTHING || d.is_nan() {
            error += d * d;
        }
        energy += f64::from(w) * f64::from(w);
        if d > furthest.0 || d.is_nan() {
            furthest = (if d.is_nan() { f64::INFINITY } else { d }, index);
        }
    }
    let nmse = if error == 0.0 { 0.0 } else { error / energy.max(NOTHING * NOTHING) };
    if nmse <= bound {
        subject.worst_nmse = subject.worst_nmse.max(nmse);
        return Ok(());
    }
    let index = furthest.1;
    Err(Failure::Far {
        op,
        case: case(),
        nmse,
        bound,
        index,
        len: want.len(),
        got: got[index],
        want: want[index],
    })
}

fn same(
    op: &'static str,
    case: impl FnOnce() -> String,
    got: &Outcome,
    want: &Outcome,
) -> Result<(), Failure> {
    let (Ok(got), Ok(want)) = (got, want) else {
        let (got, want) = (got.as_ref().err().cloned(), want.as_ref().err().cloned());
        return if got == want { Ok(()) } else { Err(Failure::Outcome { op, case: case(), got, want }) };
    };
    assert_eq!(got.len(), want.len(), "a case returns one shape");
    let differs = |(g, w): (&f32, &f32)| g.to_bits() != w.to_bits() && !(g.is_nan() && w.is_nan());
    match got.iter().zip(want).position(differs) {
        None => Ok(()),
        Some(index) => {
            let (got, want, len) = (got[index], want[index], want.len());
            Err(Failure::Value { op, case: case(), index, len, got, want })
        }
    }
}

/// A buffer of `rows + surplus` rows with `values` in its first rows and NaN below them, so that a kernel
/// that reads past its rows is found out.
fn filled_buffer(ops: &mut dyn KernelOps, values: &[f32], width: usize, surplus: usize) -> crate::BufId {
    let rows = values.len() / width;
    let buffer = ops.create_buffer(rows + surplus, width);
    let mut all = values.to_vec();
    all.resize((rows + surplus) * width, f32::NAN);
    ops.write(buffer, &all);
    buffer
}

fn read_rows(ops: &mut dyn KernelOps, buffer: crate::BufId, rows: usize, width: usize) -> Vec<f32> {
    let mut out = vec![0.0; rows * width];
    ops.read(buffer, rows, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::ReferenceOps;

    #[test]
    fn the_reference_conforms_to_itself() {
        let report = run_all(&mut || Box::new(ReferenceOps::new())).expect("the same arithmetic");
        assert_eq!(report.checks, CHECKS.len());
        assert!(report.cases > 500, "{report:?}");
    }

    #[test]
    fn one_bit_is_a_difference() {
        let (got, want) = (Ok(vec![1.0, f32::NAN, 0.0]), Ok(vec![1.0, -f32::NAN, -0.0]));
        let failure = same("op", || "case".to_owned(), &got, &want).expect_err("0.0 is not -0.0");
        assert!(matches!(failure, Failure::Value { index: 2, .. }), "{failure}");
        assert!(same("op", || "case".to_owned(), &want, &want).is_ok());
    }

    #[test]
    fn a_missing_error_is_a_difference() {
        let error = KernelError::KvHeadDim { layer: 0, head_dim: 8 };
        assert!(same("op", String::new, &Ok(vec![]), &Err(error)).is_err());
    }
}
