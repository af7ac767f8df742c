//! DeepSeek-OCR, its text half: DeepSeek 2's mixture behind plain attention, without latents, rotated as NeoX.
//!
//! Files may name a window, which llama.cpp does not apply: all layers see all.
//! Source: Wei et al. 2025; HF `DeepseekOCRForCausalLM`. Golden: `golden/arch/deepseek2-ocr.json`.

use super::{Architecture, Branch, Ffn, Moe, Normalise, Part};

/// See the file's head.
pub const DEEPSEEK2_OCR: Architecture = Architecture {
    gguf_name: "deepseek2-ocr",
    models: "DeepSeek-OCR (text)",
    kinds: &[&[
        Branch::new(&["attn_norm"], Part::GQA),
        Branch::new(
            &["ffn_norm"],
            Part::FfnOrMoe(Ffn::SWIGLU, Moe { normalise: Normalise::Key(false), ..Moe::SOFTMAX }),
        ),
    ]],
    unread_keys: &["attention.sliding_window"],
    ..Architecture::DECODER
};
