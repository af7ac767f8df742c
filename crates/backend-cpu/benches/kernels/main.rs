//! Single kernels beside the ceilings of this machine.
//!
//! ```text
//! cargo bench -p gollum-backend-cpu                      everything
//! cargo bench -p gollum-backend-cpu -- roofline          the ceilings only
//! cargo bench -p gollum-backend-cpu -- matmul Q4_K       one format; without names, all of them
//! cargo bench -p gollum-backend-cpu -- experts Q4_K      mixtures of experts
//! cargo bench -p gollum-backend-cpu -- attention recurrent rows    the other kernels
//! ```
//! Further arguments: `quick` (few cases), `warm` (weights from a cache), `threads=N`, `isa=NAME`. Each figure is
//! the best of several runs, because other work on a machine only ever slows a kernel down: GB/s of weights or K
//! and V read, G op/s of additions and multiplications, and both as a share of the ceiling.

#![allow(clippy::print_stdout, clippy::unwrap_used)] // a benchmark's output and its aborts

mod attention;
mod experts;
mod matmul;
mod recurrent;
mod rows;

use std::time::Instant;

use gollum_backend_cpu::{Ceilings, CpuConfig, Isa, ceilings};

/// What was asked for.
struct Wish {
    words: Vec<String>,
    config: CpuConfig,
    ceilings: Ceilings,
}

impl Wish {
    fn has(&self, word: &str) -> bool {
        self.words.iter().any(|w| w == word)
    }
}

/// Seconds of the fastest of several calls.
fn best_of(runs: usize, mut f: impl FnMut()) -> f64 {
    let timed = |_| {
        let begin = Instant::now();
        f();
        begin.elapsed().as_secs_f64()
    };
    (0..runs).map(timed).fold(f64::INFINITY, f64::min)
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let value = |key: &str| words.iter().find_map(|a| a.strip_prefix(key));
    let isa: Isa = value("isa=").map_or_else(Isa::detect, |name| name.parse().unwrap());
    let threads = value("threads=").map_or(2, |n| n.parse().unwrap());
    let ceilings = ceilings(isa, threads).unwrap();
    println!(
        "{} on {threads} threads: read {:.1} GB/s, int8 {:.0} G op/s, f32 FMA {:.0} G op/s",
        isa.name(),
        ceilings.read_gb_s,
        ceilings.int8_gop_s,
        ceilings.fma_gop_s,
    );
    let wish = Wish { words, config: CpuConfig { threads, isa: Some(isa) }, ceilings };
    if wish.has("roofline") {
        return;
    }
    let is_all = !["matmul", "experts", "attention", "recurrent", "rows"].iter().any(|part| wish.has(part));
    if is_all || wish.has("matmul") {
        matmul::run(&wish);
    }
    if is_all || wish.has("experts") {
        experts::run(&wish);
    }
    if is_all || wish.has("attention") {
        attention::run(&wish);
    }
    if is_all || wish.has("recurrent") {
        recurrent::run(&wish);
    }
    if is_all || wish.has("rows") {
        rows::run(&wish);
    }
}
