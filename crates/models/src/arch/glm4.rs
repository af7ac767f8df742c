//! GLM 4 of 2025: norms before and after each part, half of each head rotated, biases on q, k and v, the gate in
//! the first rows of `ffn_up`.
//!
//! Its rotation pairs neighbours, but halves in files of models that see images.
//! Source: HF `Glm4ForCausalLM`, `Glm4vForConditionalGeneration`. Golden: `golden/arch/glm4.json`.

use gollum_kernels::RopeKind;

use super::{Architecture, Attention, Branch, Ffn, RopeRule};

/// See the file's head.
pub const GLM4: Architecture = Architecture {
    gguf_name: "glm4",
    models: "GLM-4-0414, GLM-Z1, GLM-OCR (text)",
    kinds: &[&[
        Branch::attention(Attention::GQA).post_norm(&["post_attention_norm"]),
        Branch::ffn(Ffn::SWIGLU).post_norm(&["post_ffw_norm"]),
    ]],
    rope: RopeRule { kind_with_sections: Some(RopeKind::Neox), ..RopeRule::INTERLEAVED },
    ..Architecture::DECODER
};
