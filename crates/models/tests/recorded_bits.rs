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
    ("afmoe-0", 0xa4c23348e2dfd35a),
    ("apertus-0", 0x6440cdbe2765620d),
    ("apertus-1", 0xc1d222989508be50),
    ("arcee-0", 0xd8fb2c1f9c0b865c),
    ("arcee-1", 0x5c16f50b516c4e51),
    ("arctic-0", 0x955e79c6e916a0f8),
    ("baichuan-0", 0x20a8181ae1ee381a),
    ("baichuan-1", 0x878b4a47db651573),
    ("bailingmoe-0", 0xfb842740de522713),
    ("bailingmoe-1", 0x4d5441733eab041a),
    ("bailingmoe2-0", 0x35d1eaebe435bca3),
    ("bailingmoe2-1", 0xf7e1d0ef4ea24a11),
    ("bitnet-0", 0xc31bc660e9c3693d),
    ("bitnet-1", 0x2367d7aab46c0874),
    ("bloom-0", 0x50fe1a2232f47109),
    ("chameleon-0", 0xd98cb90ed5d0b4f0),
    ("chameleon-1", 0x524c4841c46d6155),
    ("chatglm-0", 0xdb8e3d95fcf08ecd),
    ("codeshell-0", 0x78e763f7f264b793),
    ("cogvlm-0", 0xbf91a92397f768da),
    ("cohere2-0", 0x46c94fd10080b6bd),
    ("cohere2moe-0", 0xc4a0dc78d8df738c),
    ("cohere2moe-1", 0x368691f11981c7d0),
    ("command-r-0", 0x0059e19e2358e4ed),
    ("command-r-1", 0x08c44740620fb695),
    ("dbrx-0", 0x9134c3986320d9e0),
    ("deci-0", 0x58027a82836366c7),
    ("deepseek-0", 0x0b84685c1ee02f14),
    ("deepseek2-0", 0x4e486f2f7b998f50),
    ("deepseek2-1", 0x9bda146c9c4c53fe),
    ("deepseek2-2", 0x3babb7a0eb9d7eb6),
    ("deepseek2-3", 0x09b9df10dd73c2e6),
    ("deepseek2-ocr-0", 0xedd12e96c0eafb98),
    ("deepseek2-ocr-1", 0xe5e8bd3b4af8761c),
    ("dots1-0", 0xf397d73520e6f666),
    ("ernie4_5-0", 0xbf19bf71583f632c),
    ("ernie4_5-moe-0", 0xd20b8e2d920e0968),
    ("ernie4_5-moe-1", 0xd45daaab1a2d85e2),
    ("exaone-0", 0xcf1bfb7b20c82119),
    ("exaone-moe-0", 0xe628aeb575afa57a),
    ("exaone-moe-1", 0x787acdfee5bd1596),
    ("exaone4-0", 0xaf8b324b52673708),
    ("exaone4-1", 0xaf7bfee4d5bf54a9),
    ("falcon-0", 0x4a50cc74da315d35),
    ("falcon-1", 0x67319e0e311827d0),
    ("falcon-h1-0", 0xf684a057d726751f),
    ("falcon-h1-1", 0x8cf7d182e00cb9aa),
    ("gemma-0", 0xeca3db6dde7b44f2),
    ("gemma2-0", 0x17ac86ede11cd394),
    ("gemma2-1", 0xa5b23376fbe84b9d),
    ("gemma3-0", 0xac425d2dd2626a05),
    ("gemma3n-0", 0x30dc7c8706ba1a87),
    ("gemma3n-1", 0xf8beaee63f8a750d),
    ("gemma4-0", 0x4ef1659435382357),
    ("gemma4-1", 0xa0736e4dd2f3417e),
    ("gemma4-2", 0x5b1511ee7fbebd8f),
    ("glm4-0", 0x82413d2b7674fc77),
    ("glm4-1", 0x382d2c455f1a609b),
    ("glm4moe-0", 0x5d6a7896ba8ca7ed),
    ("glm4moe-1", 0x38ce5fd0e9316ca2),
    ("gpt-oss-0", 0xe8512e7963a0d9f2),
    ("gpt-oss-1", 0xb2c50efe7b191394),
    ("gpt2-0", 0x640d2f2e245b5d07),
    ("gptneox-0", 0xb441059c09081119),
    ("gptneox-1", 0x78e763f7f264b793),
    ("granite-0", 0x92c6a09ebd874250),
    ("granite-1", 0x7cf0dbc0bf9a836c),
    ("granite_swa-0", 0x26e3b096836e3793),
    ("granite_swa-1", 0x491ac457d14c2734),
    ("granitehybrid-0", 0x0946ef4c895816f7),
    ("granitehybrid-1", 0x7793e1d73788835a),
    ("granitemoe-0", 0x2ecaf73f502cd77e),
    ("granitemoe-1", 0xe8babc716e85aa55),
    ("grok-0", 0x02a92d338ab905a4),
    ("grok-1", 0x2a7c6088a022dcdf),
    ("grovemoe-0", 0xaa11a77334157567),
    ("grovemoe-1", 0x750c0712fc3764b3),
    ("hunyuan-dense-0", 0x599625845b689fe5),
    ("hunyuan-moe-0", 0x7b031be2b4ce2dce),
    ("hunyuan-moe-1", 0x599cb9e497c93477),
    ("hunyuan_vl-0", 0x684dd35ce4a8cfc6),
    ("hy_v3-0", 0x1dfd83071c359ac6),
    ("hy_v3-1", 0x299ad7787ef035e8),
    ("internlm2-0", 0x8457804327a56146),
    ("jais-0", 0xd9ef10587aaf6f3f),
    ("jais2-0", 0x61d1807a8438b3dd),
    ("jamba-0", 0xf9e9b5af298172ff),
    ("laguna-0", 0x1ccaa651e8098307),
    ("laguna-1", 0xda3680ebe37ee709),
    ("lfm2-0", 0x907c14e8127bbc74),
    ("lfm2-1", 0xc5c6104c6c0b9626),
    ("lfm2moe-0", 0x9c68be4d0b8dbc1f),
    ("llama-0", 0xfab5792609773182),
    ("llama-1", 0xb8382dc0835c4519),
    ("llama4-0", 0x4d538143d755bc2a),
    ("llama4-1", 0x429d69df07ee4e49),
    ("maincoder-0", 0x9a867fe3f7105057),
    ("mamba-0", 0xc190e0a8b4cfcf8f),
    ("mamba-1", 0x2e55ac1ee06cd75f),
    ("mamba2-0", 0xe5d2dbafef5fd45c),
    ("maple-0", 0x68cb48ea56b7a29d),
    ("mellum-0", 0x7b6e5c6bbf3812d6),
    ("mellum-1", 0xf1535cbda52eef49),
    ("mimo2-0", 0x39f517a2e903f711),
    ("mimo2-1", 0xe92f7e7ee29c01bb),
    ("minicpm-0", 0x9e3e113b628e237b),
    ("minicpm-1", 0x68a9b9b785c8b3e1),
    ("minicpm3-0", 0x41672310d93236e6),
    ("minimax-m2-0", 0xa9c148b8aaed5518),
    ("mistral3-0", 0xc5d832cdd863eb0e),
    ("mistral3-1", 0xfb7ef6b4c7b95da8),
    ("mistral4-0", 0x9bda146c9c4c53fe),
    ("mpt-0", 0x78e3d166c0ba2e04),
    ("mpt-1", 0xa0226a569a224a3d),
    ("muse-glimmer-0", 0xdd88f6a3f9d7188f),
    ("nemotron-0", 0x971e5887edfc061a),
    ("nemotron_h-0", 0x04f61a27bd9ef3ad),
    ("nemotron_h_moe-0", 0xad1623478413933d),
    ("olmo-0", 0x12108b6b47691dd0),
    ("olmo-1", 0x251a11d27d88a769),
    ("olmo2-0", 0x8dec4e00a406dfa9),
    ("olmo2-1", 0x64409765d29f082b),
    ("olmoe-0", 0x576120bb3b760d5c),
    ("openelm-0", 0x8c40a16e01beffd3),
    ("orion-0", 0x0fd169eb478d3ebf),
    ("paddleocr-0", 0x0fb699ef2f8868f4),
    ("pangu-embedded-0", 0x463a283ae6cae5e1),
    ("phi2-0", 0x4ff35ac70f31ec90),
    ("phi3-0", 0x5c08edab480d5bd4),
    ("phi3-1", 0x02ffb4520cec0240),
    ("phimoe-0", 0xad7a1184071d00dd),
    ("phimoe-1", 0x8b8e3a6db1857f66),
    ("plamo-0", 0x5f8134dd217333f7),
    ("plamo2-0", 0xb9b6ae908cef50bc),
    ("plamo3-0", 0x7d4171f26a11349d),
    ("plamo3-1", 0x28294798f751fe03),
    ("plm-0", 0x292c49f6808b05b3),
    ("qwen-0", 0x8f7486d27b7a45fc),
    ("qwen2-0", 0x17db13d839d67c0b),
    ("qwen2-1", 0x9c759cb2cf072293),
    ("qwen2-2", 0x1e2c3a5890c98d1c),
    ("qwen2moe-0", 0x8722b3cb0e557516),
    ("qwen2moe-1", 0x0a414cf5e16b3766),
    ("qwen2vl-0", 0xfbb416f7722067b3),
    ("qwen3-0", 0xa4346fe60530de75),
    ("qwen3-1", 0xd6601e84b05b5fe5),
    ("qwen35-0", 0x21a7e96bc0c0ab95),
    ("qwen35-1", 0xa7573552b8d4e4ef),
    ("qwen35moe-0", 0x991e0e03eabd2333),
    ("qwen3moe-0", 0x6bf7d21781e23e3f),
    ("qwen3moe-1", 0x8e5961881a714483),
    ("qwen3next-0", 0x38218b03abf92fc3),
    ("qwen3vl-0", 0x489e37f76f0a45aa),
    ("qwen3vlmoe-0", 0x0b13c4497120bcff),
    ("refact-0", 0x5161a8d5f88355a4),
    ("seed_oss-0", 0xb51c818cba2b8c24),
    ("smallthinker-0", 0x8e4470096f4b6374),
    ("smallthinker-1", 0xac903b076e1b553c),
    ("smollm3-0", 0xefd636acb9aeb798),
    ("spark2_5-0", 0x3ab2cd344c0b3c3a),
    ("stablelm-0", 0xea4a7586bf6b20fc),
    ("stablelm-1", 0x6b308c9362dce4d6),
    ("starcoder-0", 0x44e9136eebd4055f),
    ("starcoder2-0", 0x25eee7445cb53393),
    ("step35-0", 0xb5d91ef9ee1fb026),
    ("step35-1", 0x1b49a1ad110fe7a0),
    ("xverse-0", 0x8457804327a56146),
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
