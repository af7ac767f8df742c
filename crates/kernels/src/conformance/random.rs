//! The suite in a random form: for each operation any number of cases, shapes and values drawn from a seed.
//!
//! Shapes are small, so that 50,000 cases of an operation take a minute, not an hour: what breaks kernels is
//! a width modulo 16, a row modulo a tile, a value at the end of its range, not size.

use super::values::Rng;
use super::{
    Case, Failure, MakeOps, Report, attention, experts, matrices, recurrent, rows, same, streams, whole,
};
use crate::KernelOps;
use crate::reference::ReferenceOps;

/// Cases that share a backend one after the other, so that what a case leaves behind (scratch, caches) is
/// met by the next; bounded, because a backend keeps every buffer it made.
const CASES_PER_BACKEND: usize = 50;

/// An operation's random cases.
struct Generator {
    op: &'static str,
    case: fn(&mut Rng) -> Case,
    /// Creates a KV cache, which a backend has one of.
    needs_kv: bool,
}

const fn on_shared(op: &'static str, case: fn(&mut Rng) -> Case) -> Generator {
    Generator { op, case, needs_kv: false }
}

const fn with_kv(op: &'static str, case: fn(&mut Rng) -> Case) -> Generator {
    Generator { op, case, needs_kv: true }
}

const GENERATORS: &[Generator] = &[
    on_shared("load_matrix", matrices::random_load),
    on_shared("embed", matrices::random_embed),
    on_shared("matmul", matrices::random_matmul),
    on_shared("matmul of several jobs", matrices::random_jobs),
    on_shared("norm_matmul", matrices::random_norm_matmul),
    on_shared("ffn", matrices::random_ffn),
    on_shared("load_experts", experts::random_load),
    on_shared("expert_ffn", experts::random_expert_ffn),
    on_shared("matmul_heads", experts::random_matmul_heads),
    on_shared("create_view", rows::random_view),
    on_shared("norm", rows::random_norm),
    on_shared("head_norm", rows::random_head_norm),
    on_shared("gate", rows::random_gate),
    on_shared("gate_heads", rows::random_gate_heads),
    on_shared("copy_heads", rows::random_copy_heads),
    on_shared("soft_cap", rows::random_soft_cap),
    on_shared("mix_streams", streams::random_mix),
    on_shared("match_magnitude", streams::random_match),
    on_shared("cut_gates", streams::random_cut),
    on_shared("gather", rows::random_gather),
    with_kv("rope", rows::random_rope),
    with_kv("grow", rows::random_grow),
    with_kv("prepare_attention", attention::random_prepare),
    with_kv("attend", attention::random_attend),
    with_kv("attend_whole", whole::random_attend_whole),
    with_kv("recurrences", recurrent::random_recurrence),
];

/// Runs `cases_per_op` random cases of every operation; ends at the first difference. Equal seeds give equal
/// cases.
pub fn run_random(make: &mut MakeOps<'_>, seed: u64, cases_per_op: usize) -> Result<Report, Failure> {
    for (number, generator) in GENERATORS.iter().enumerate() {
        let mut rng = Rng::new(Rng::new(seed).bits() ^ number as u64);
        let mut backend: Option<Box<dyn KernelOps>> = None;
        for i in 0..cases_per_op {
            let Case { name, run } = (generator.case)(&mut rng);
            let want = run(&mut ReferenceOps::new());
            if generator.needs_kv || i.is_multiple_of(CASES_PER_BACKEND) {
                backend = None;
            }
            let got = run(backend.get_or_insert_with(&mut *make).as_mut());
            same(generator.op, || format!("case {i} of seed {seed}: {name}"), &got, &want)?;
        }
    }
    Ok(Report { checks: GENERATORS.len(), cases: GENERATORS.len() * cases_per_op })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_conforms_to_itself() {
        let report = run_random(&mut || Box::new(ReferenceOps::new()), 1, 20).expect("the same arithmetic");
        assert_eq!(report.cases, 20 * report.checks);
    }

    #[test]
    fn every_check_of_the_fixed_form_has_a_random_form() {
        for check in super::super::CHECKS {
            // Plans are drawn by `attend` here.
            let op = check.op.split(", any ").next().expect("a split has a first part");
            assert!(GENERATORS.iter().any(|g| g.op == op), "{op}");
        }
    }
}
