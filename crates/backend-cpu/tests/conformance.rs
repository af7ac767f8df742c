//! Every operation, format and instruction set of this machine against the scalar reference, bit for bit.

#![allow(clippy::print_stdout)] // a skipped path and a count of cases are worth a line

use gollum_backend_cpu::{CpuConfig, CpuOps, Isa};

use gollum_kernels::conformance;

fn check(isa: Isa, threads: usize) {
    if !isa.is_available() {
        println!("skipped: this CPU has no {}", isa.name());
        return;
    }
    let config = CpuConfig { threads, isa: Some(isa) };
    check_ops(&format!("{} on {threads} threads", isa.name()), &|| CpuOps::new(&config).expect("available"));
}

fn check_ops(what: &str, make: &dyn Fn() -> CpuOps) {
    match conformance::run_all(&mut || Box::new(make())) {
        Ok(report) => println!("{what}: {report:?}"),
        Err(failure) => panic!("{what}: {failure}"),
    }
}

#[test]
fn scalar_equals_the_reference() {
    check(Isa::Scalar, 1);
}

#[test]
fn avx2_equals_the_reference() {
    check(Isa::Avx2, 1);
}

#[test]
fn avxvnni_equals_the_reference() {
    check(Isa::AvxVnni, 1);
}

#[test]
fn avx512_equals_the_reference() {
    check(Isa::Avx512, 1);
}

#[test]
fn neon_equals_the_reference() {
    check(Isa::Neon, 1);
}

#[test]
fn neon_i8mm_equals_the_reference() {
    check(Isa::NeonI8mm, 1);
}

#[test]
fn threads_do_not_show() {
    check(Isa::detect(), 2);
    check(Isa::detect(), 3);
}

#[test]
fn experts_that_stay_in_their_file_do_not_show() {
    let config = CpuConfig { threads: 2, isa: None };
    check_ops("mapped experts", &|| {
        let mut ops = CpuOps::new(&config).expect("available");
        ops.keep_experts_mapped(0.3);
        ops
    });
}
