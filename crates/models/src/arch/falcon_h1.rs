//! Falcon-H1: attention and Mamba-2 side by side, of the same norm.
//!
//! Converters fold the multipliers of all branches into the weights.
//! Source: TII 2025; HF `FalconH1ForCausalLM`. Golden: `golden/arch/falcon-h1.json`.

use super::{Architecture, Attention, Branch, Ffn, Mamba2, Part};

/// See the file's head.
pub const FALCON_H1: Architecture = Architecture {
    gguf_name: "falcon-h1",
    models: "Falcon-H1 0.5B to 34B",
    kinds: &[&[
        Branch::attention(Attention::GQA)
            .beside(&["attn_norm"], Part::Mamba2(Mamba2 { norm_optional: true })),
        Branch::ffn(Ffn::SWIGLU),
    ]],
    ..Architecture::DECODER
};
