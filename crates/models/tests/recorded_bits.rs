//! The same bits on every machine: logits of whole models, hashed, against hashes recorded here. x86 and ARM,
//! and every instruction set of them, have to arrive at the same; `scripts/test_arm.sh` runs this file as ARM
//! code.
//!
//! A change of arithmetic that is meant changes the hashes: the failure prints the new ones as table lines.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod tiny;

use gollum_backend_cpu::{CpuConfig, CpuOps, Isa};
use gollum_core::{KvDtype, TokenId};
use gollum_gguf::{GgmlType, Gguf};
use gollum_kernels::KernelOps;
use gollum_kernels::conformance::{Blocks, Rng, matrix_bytes};
use gollum_kernels::reference::ReferenceOps;
use gollum_models::{LoadOptions, load};
use gollum_quant::FORMATS;
use gollum_quant::FormatId::{self, *};
use tiny::cases::cases;
use tiny::{Config, File, Session, in_order, real_model};

/// Tokens of a tiny model: three pages, the last one begun.
const TINY_TOKENS: usize = 37;
/// Rows of a step, so that prefill tiles and leftover rows both run: few, and enough to unpack weights once for all.
const TINY_CHUNKS: [usize; 2] = [17, 37];
/// What a real model is asked; few, because under emulation a token takes seconds.
const REAL_TOKENS: [TokenId; 4] = [1, 504, 3575, 282];

#[rustfmt::skip]
const TINY: &[(&str, FormatId, KvDtype, u64)] = &[
    ("gemma3", F32, KvDtype::F16, 0xf92f4a6fcab2db7a),
    ("gemma3", F16, KvDtype::F32, 0xff4e701d7494038e),
    ("gemma3", Q4_0, KvDtype::Q8_0, 0x5d7fd3be6164d868),
    ("gemma3", Q4_1, KvDtype::F16, 0xfd482945d9b1735f),
    ("gemma3", Q5_0, KvDtype::F32, 0x8730c4e68d8affd1),
    ("gemma3", Q5_1, KvDtype::Q8_0, 0x9af8e33e443258aa),
    ("gemma3", Q8_0, KvDtype::F16, 0xc41823b1bc23e95d),
    ("gemma3", Q2_K, KvDtype::F32, 0x7491be38941f2d31),
    ("gemma3", Q3_K, KvDtype::Q8_0, 0xd6162f10efda0295),
    ("gemma3", Q4_K, KvDtype::F16, 0xc581d8971470e9c9),
    ("gemma3", Q5_K, KvDtype::F32, 0x11ad808cd7ee84f2),
    ("gemma3", Q6_K, KvDtype::Q8_0, 0x78f3c7ba2022e8de),
    ("gemma3", IQ2_XXS, KvDtype::F16, 0x0d5e7e7217650e75),
    ("gemma3", IQ2_XS, KvDtype::F32, 0x27be6b9fe8234028),
    ("gemma3", IQ3_XXS, KvDtype::Q8_0, 0x6fc174a34518b651),
    ("gemma3", IQ1_S, KvDtype::F16, 0x2da6a88bcaa2cff3),
    ("gemma3", IQ4_NL, KvDtype::F16, 0x41bf566c088539b7),
    ("gemma3", IQ3_S, KvDtype::F32, 0x7a9e74f6d5e68191),
    ("gemma3", IQ2_S, KvDtype::Q8_0, 0x12766d3e78801534),
    ("gemma3", IQ4_XS, KvDtype::F32, 0x378f3c7872c0c262),
    ("gemma3", IQ1_M, KvDtype::F32, 0x653bed594513de07),
    ("gemma3", BF16, KvDtype::Q8_0, 0x6d42e7972fcca3b9),
    ("gemma3", TQ1_0, KvDtype::F16, 0x055121bc925e54cf),
    ("gemma3", TQ2_0, KvDtype::F32, 0x62370e9beabcfa95),
    ("gemma3", MXFP4, KvDtype::Q8_0, 0x64e32bc33df95069),
    ("gemma3", NVFP4, KvDtype::F16, 0x988e486d918ab272),
    ("gemma3", Q1_0, KvDtype::F32, 0x013ef57440db70f9),
    ("gemma3", Q2_0, KvDtype::Q8_0, 0xb9193eba36920163),
    ("llama", F32, KvDtype::F16, 0xd470af18ee4efe0d),
    ("llama", F16, KvDtype::F32, 0x483bbba9c07179e7),
    ("llama", Q4_0, KvDtype::Q8_0, 0x5ea36737973f7493),
    ("llama", Q4_1, KvDtype::F16, 0x9aa7e441dfd8fce1),
    ("llama", Q5_0, KvDtype::F32, 0xd191963e0ff12bfc),
    ("llama", Q5_1, KvDtype::Q8_0, 0xab2dfbfa5d953550),
    ("llama", Q8_0, KvDtype::F16, 0x820023619e6e4585),
    ("llama", Q2_K, KvDtype::F32, 0x3f47af163f537259),
    ("llama", Q3_K, KvDtype::Q8_0, 0xd857980ad0652490),
    ("llama", Q4_K, KvDtype::F16, 0xe943492edfffdeed),
    ("llama", Q5_K, KvDtype::F32, 0x4097b06e43e4d730),
    ("llama", Q6_K, KvDtype::Q8_0, 0xe336691407dc0300),
    ("llama", IQ2_XXS, KvDtype::F16, 0xfadbd599e9ff0e4a),
    ("llama", IQ2_XS, KvDtype::F32, 0x6db4390ceebdd333),
    ("llama", IQ3_XXS, KvDtype::Q8_0, 0x108d586958fa5b88),
    ("llama", IQ1_S, KvDtype::F16, 0x523a49c1077be205),
    ("llama", IQ4_NL, KvDtype::F16, 0xafa2ccd2c8193c3b),
    ("llama", IQ3_S, KvDtype::F32, 0xe5d0df54e3697efa),
    ("llama", IQ2_S, KvDtype::Q8_0, 0x8811b4dffd020400),
    ("llama", IQ4_XS, KvDtype::F32, 0x76d0f33f1336d553),
    ("llama", IQ1_M, KvDtype::F32, 0xd10ec3a94dd38010),
    ("llama", BF16, KvDtype::Q8_0, 0xff74f99ab17987a2),
    ("llama", TQ1_0, KvDtype::F16, 0x1c6c7f888da9fe3c),
    ("llama", TQ2_0, KvDtype::F32, 0x1afdbcf3f8f4b3b1),
    ("llama", MXFP4, KvDtype::Q8_0, 0xdb85b37bdcb8369b),
    ("llama", NVFP4, KvDtype::F16, 0xfc67fbb99283656e),
    ("llama", Q1_0, KvDtype::F32, 0x2c84f2d212de7192),
    ("llama", Q2_0, KvDtype::Q8_0, 0xda232bf00dc7ce2b),
];

/// Cases of `tiny/cases`, K and V in f16.
#[rustfmt::skip]
const ARCHITECTURE_BITS: &[(&str, u64)] = &[
];

/// File, and the hash with K and V in f16.
const REAL: [(&str, u64); 2] = [
    ("SmolLM2-135M-Instruct.Q4_1.gguf", 0xc550_cdd1_60a4_0293),
    ("gemma-3-270m-Q4_K_M.gguf", 0x8b8a_19cd_15a2_aaad),
];

/// FNV-1a over the bits, low byte first.
fn fnv1a(rows: &[Vec<f32>]) -> u64 {
    let bytes = rows.iter().flatten().flat_map(|v| v.to_bits().to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

fn hash(gguf: &Gguf, ops: Box<dyn KernelOps>, kv_dtype: KvDtype, tokens: &[TokenId], chunk: usize) -> u64 {
    let options = LoadOptions { kv_dtype, max_batch_tokens: 64, max_batch_sequences: 1, max_context: None };
    let runner = load(gguf, ops, options, &mut |_| {}).unwrap();
    let rows = Session::new(runner, 1, in_order(4)).run_alone(0, tokens, chunk);
    assert!(rows.iter().flatten().all(|v| v.is_finite()), "logits must be numbers");
    fnv1a(&rows)
}

/// Each instruction set of this machine, on two threads; other counts are for `backends.rs`.
fn backends() -> Vec<(&'static str, Box<dyn KernelOps>)> {
    let sets = Isa::ALL.into_iter().filter(|isa| isa.is_available());
    sets.map(|isa| {
        let ops = CpuOps::new(&CpuConfig { threads: 2, isa: Some(isa) }).unwrap();
        (isa.name(), Box::new(ops) as Box<dyn KernelOps>)
    })
    .collect()
}

/// Weights encoded in the oldest formats, in the others blocks of random bits, which have every code.
fn tiny_model(arch: &str, format: FormatId) -> Gguf {
    let c = Config {
        ffn: 256,
        window: if arch == "gemma3" { 9 } else { 0 },
        pattern: if arch == "gemma3" { 2 } else { 0 },
        softcap: if arch == "gemma3" { 9.0 } else { 0.0 },
        rope_freqs: arch == "llama",
        ..Config::new(arch, 4, 2, 64)
    };
    if matches!(format, F32 | F16 | BF16 | Q8_0 | Q4_0 | Q4_1 | Q5_0) {
        return File::new(&c, format).gguf();
    }
    let mut file = File::new(&c, F32);
    let mut rng = Rng::new(11);
    for (_, dims, ggml_type, bytes) in file.tensors.iter_mut().filter(|t| t.1.len() == 2) {
        *ggml_type = GgmlType::from_number(format as u32).unwrap();
        *bytes = matrix_bytes(&mut rng, format.format(), Blocks::Plain, dims[1], dims[0]);
    }
    file.gguf()
}

/// The type of the KV cache that goes with a format: each with a third of them.
fn kv_of(format: FormatId) -> KvDtype {
    match format {
        F32 | Q4_1 | Q8_0 | Q4_K | IQ4_NL | IQ2_XXS | IQ1_S | TQ1_0 | NVFP4 => KvDtype::F16,
        F16 | Q5_0 | Q2_K | Q5_K | IQ4_XS | IQ2_XS | IQ3_S | IQ1_M | TQ2_0 | Q1_0 => KvDtype::F32,
        Q4_0 | Q5_1 | Q3_K | Q6_K | BF16 | IQ2_S | IQ3_XXS | MXFP4 | Q2_0 => KvDtype::Q8_0,
    }
}

/// Two architectures in every format.
fn tiny_cases() -> Vec<(&'static str, FormatId, KvDtype)> {
    let archs = ["gemma3", "llama"].into_iter();
    archs.flat_map(|arch| FORMATS.iter().map(move |format| (arch, format.id, kv_of(format.id)))).collect()
}

/// The hash of every architecture's cases, in F32, whole-row chunks and not.
#[test]
fn architectures() {
    let mut wrong = Vec::new();
    let cases = cases();
    for (at, c) in cases.iter().enumerate() {
        let gguf = File::new(c, F32).gguf();
        let mut rng = Rng::new(13);
        let tokens: Vec<TokenId> = (0..TINY_TOKENS).map(|_| rng.below(29) as TokenId).collect();
        let reference: (_, Box<dyn KernelOps>) = ("reference", Box::new(ReferenceOps::new()));
        let chunks = TINY_CHUNKS.into_iter().cycle();
        for ((name, ops), chunk) in [reference].into_iter().chain(backends()).zip(chunks) {
            let got = hash(&gguf, ops, KvDtype::F16, &tokens, chunk);
            if ARCHITECTURE_BITS.get(at) != Some(&(c.name.as_str(), got)) {
                wrong.push(format!("    (\"{}\", {got:#018x}), // {name}", c.name));
            }
        }
    }
    assert!(wrong.is_empty(), "other bits than recorded:\n{}", wrong.join("\n"));
    assert_eq!(ARCHITECTURE_BITS.len(), cases.len(), "a line of the table is of no case");
}

#[test]
fn tiny_models() {
    let mut wrong = Vec::new();
    for (at, (arch, format, kv)) in tiny_cases().into_iter().enumerate() {
        let gguf = tiny_model(arch, format);
        let mut rng = Rng::new(12);
        let tokens: Vec<TokenId> = (0..TINY_TOKENS).map(|_| rng.below(31) as TokenId).collect();
        let reference: (_, Box<dyn KernelOps>) = ("reference", Box::new(ReferenceOps::new()));
        let chunks = TINY_CHUNKS.into_iter().cycle();
        for ((name, ops), chunk) in [reference].into_iter().chain(backends()).chain(backends()).zip(chunks) {
            let got = hash(&gguf, ops, kv, &tokens, chunk);
            let line = (arch, format, kv, got);
            if TINY.get(at) != Some(&line) {
                wrong.push(format!("    (\"{arch}\", {format:?}, KvDtype::{kv:?}, {got:#018x}), // {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "other bits than recorded:\n{}", wrong.join("\n"));
    assert_eq!(TINY.len(), tiny_cases().len(), "a line of the table is of no case");
}

fn check_real((file, want): (&str, u64)) {
    let Some(gguf) = real_model(file) else { return };
    for (name, ops) in backends() {
        let started = std::time::Instant::now();
        let got = hash(&gguf, ops, KvDtype::F16, &REAL_TOKENS, 3);
        println!("{file} on {name}: {got:#018x} in {:.1} s", started.elapsed().as_secs_f64());
        assert_eq!(got, want, "{file} on {name}: {got:#018x}, recorded {want:#018x}");
    }
}

#[test]
fn smollm2() {
    check_real(REAL[0]);
}

#[test]
fn gemma3() {
    check_real(REAL[1]);
}
