//! Same bits under the engine on the GPU: alone, in crowds, in chunks, from the prefix cache, after preemption.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod gpu;
#[path = "../../models/tests/serving/mod.rs"]
mod serving;
#[path = "../../models/tests/tiny/mod.rs"]
mod tiny;

use gollum_backend_cpu::{CpuConfig, CpuOps};
use gollum_models::load_split;
use gollum_quant::FormatId;
use serving::REQUESTS;
use tiny::cases::cases;
use tiny::{Config, File};

#[test]
fn answers_are_the_same_however_they_are_served() {
    let Some(gpu) = gpu::gpu() else { return };
    let c = Config { ffn: 96, vocab: 499, ..Config::new("llama", 4, 2, 32) };
    for format in [FormatId::Q8_0, FormatId::Q4_0, FormatId::F16] {
        let gguf = File::new(&c, format).gguf();
        serving::check(&format!("{format:?}"), &gguf, &|_| gpu::ops(&gpu), REQUESTS);
    }
    assert_eq!(gpu.fault(), None);
}

/// One of each sort of recurrence: requests go on from snapshots, which never leave the device.
#[test]
fn answers_of_models_with_states_are_the_same_however_they_are_served() {
    let Some(gpu) = gpu::gpu() else { return };
    for name in ["falcon-h1-0", "jamba-0", "lfm2-0", "qwen35-0"] {
        let case = cases().into_iter().find(|case| case.name == name).unwrap();
        let gguf = File::new(&case, FormatId::F32).gguf();
        serving::check(name, &gguf, &|_| gpu::ops(&gpu), REQUESTS);
    }
    assert_eq!(gpu.fault(), None);
}

/// A vocabulary of several groups, so that the best go through more than one pass.
#[test]
fn tokens_are_those_of_whole_rows() {
    let Some(gpu) = gpu::gpu() else { return };
    let c = Config { ffn: 96, vocab: 2_500, ..Config::new("llama", 4, 2, 32) };
    let gguf = File::new(&c, FormatId::Q8_0).gguf();
    let best = serving::check_best("best", &gguf, &|_| gpu::ops(&gpu), REQUESTS);
    assert_eq!(best, (REQUESTS * serving::ANSWER_TOKENS) as u64, "every token was chosen from the best");
    assert_eq!(gpu.fault(), None);
}

#[test]
fn answers_are_the_same_however_a_split_model_is_served() {
    let Some(gpu) = gpu::gpu() else { return };
    let c = Config { ffn: 96, vocab: 499, layers: 3, ..Config::new("llama", 4, 2, 32) };
    let gguf = File::new(&c, FormatId::Q8_0).gguf();
    for border in [1, 2] {
        let make: serving::MakeRunner<'_> = &|threads, options| {
            let cpu = CpuOps::new(&CpuConfig { threads, isa: None }).unwrap();
            load_split(&gguf, (Box::new(cpu), border), gpu::ops(&gpu), options, &mut |_| {}).unwrap()
        };
        serving::check_runner(&format!("split before {border}"), make, REQUESTS);
    }
    assert_eq!(gpu.fault(), None);
}
