//! Conformance with guard pages around every buffer, on every instruction set this machine has: the fixed
//! suite, and random cases.
//!
//! The random cases come in a short form, and a long one by an environment variable: cases per operation and
//! instruction set, half of them with each placement of the buffers. Best in release:
//!
//! ```text
//! GOLLUM_CONFORMANCE_CASES=50000 cargo test --release -p gollum-backend-cpu --lib random_cases -- --nocapture
//! ```

#![allow(clippy::print_stdout)] // a skipped path and a count of cases are worth a line

use std::time::Instant;

use gollum_kernels::conformance;

use crate::memory::guard::{Placement, guarded};
use crate::{CpuConfig, CpuOps, Isa};

/// Random cases per operation without the environment variable: some seconds per instruction set.
const CASES_PER_OP: usize = 400;

/// Prints the reason if the set is missing.
fn is_available(isa: Isa) -> bool {
    if !isa.is_available() {
        println!("skipped: this CPU has no {}", isa.name());
    }
    isa.is_available()
}

fn backend(isa: Isa) -> Box<dyn gollum_kernels::KernelOps> {
    Box::new(CpuOps::new(&CpuConfig { threads: 1, isa: Some(isa) }).expect("the set is available"))
}

fn check_suite(isa: Isa, placement: Placement) {
    if !is_available(isa) {
        return;
    }
    match guarded(placement, || conformance::run_all(&mut || backend(isa))) {
        Ok(report) => println!("{}, bytes at the {placement:?}: {report:?}", isa.name()),
        Err(failure) => panic!("{}, bytes at the {placement:?}: {failure}", isa.name()),
    }
}

fn cases_per_op() -> usize {
    match std::env::var("GOLLUM_CONFORMANCE_CASES") {
        Ok(text) => text.parse().expect("GOLLUM_CONFORMANCE_CASES is a number"),
        Err(_) => CASES_PER_OP,
    }
}

fn check_random(isa: Isa) {
    if !is_available(isa) {
        return;
    }
    let half = cases_per_op().div_ceil(2);
    for (seed, placement) in [(1, Placement::End), (2, Placement::Start)] {
        let begin = Instant::now();
        let result = guarded(placement, || conformance::run_random(&mut || backend(isa), seed, half));
        match result {
            Ok(report) => println!(
                "{}, seed {seed}, bytes at the {placement:?}: {report:?}, {:.1} s",
                isa.name(),
                begin.elapsed().as_secs_f64()
            ),
            Err(failure) => panic!("{}, seed {seed}, bytes at the {placement:?}: {failure}", isa.name()),
        }
    }
}

#[test]
fn suite_between_guard_pages_scalar() {
    check_suite(Isa::Scalar, Placement::Start);
    check_suite(Isa::Scalar, Placement::End);
}

#[test]
fn suite_between_guard_pages_avx2() {
    check_suite(Isa::Avx2, Placement::Start);
    check_suite(Isa::Avx2, Placement::End);
}

#[test]
fn suite_between_guard_pages_avxvnni() {
    check_suite(Isa::AvxVnni, Placement::Start);
    check_suite(Isa::AvxVnni, Placement::End);
}

#[test]
fn suite_between_guard_pages_avx512() {
    check_suite(Isa::Avx512, Placement::Start);
    check_suite(Isa::Avx512, Placement::End);
}

#[test]
fn suite_between_guard_pages_neon() {
    check_suite(Isa::Neon, Placement::Start);
    check_suite(Isa::Neon, Placement::End);
}

#[test]
fn suite_between_guard_pages_neon_i8mm() {
    check_suite(Isa::NeonI8mm, Placement::Start);
    check_suite(Isa::NeonI8mm, Placement::End);
}

#[test]
fn random_cases_scalar() {
    check_random(Isa::Scalar);
}

#[test]
fn random_cases_avx2() {
    check_random(Isa::Avx2);
}

#[test]
fn random_cases_avxvnni() {
    check_random(Isa::AvxVnni);
}

#[test]
fn random_cases_avx512() {
    check_random(Isa::Avx512);
}

#[test]
fn random_cases_neon() {
    check_random(Isa::Neon);
}

#[test]
fn random_cases_neon_i8mm() {
    check_random(Isa::NeonI8mm);
}
