//! Arctic: a dense feed-forward as wide as the stream, and beside it experts that read the layer's input.
//! Source: Snowflake 2024; HF `ArcticForCausalLM`. Golden: `golden/arch/arctic.json`.

use super::{Architecture, Branch, Ffn, FfnWidth, Moe, Part, RopeRule};

/// See the file's head.
pub const ARCTIC: Architecture = Architecture {
    gguf_name: "arctic",
    models: "Snowflake Arctic",
    kinds: &[&[
        Branch::new(&["attn_norm"], Part::GQA),
        Branch::new(&["ffn_norm"], Part::Ffn(Ffn { width: FfnWidth::Stream, ..Ffn::SWIGLU }))
            .beside_from_start(&["ffn_norm_exps"], Part::Moe(Moe::SOFTMAX)),
    ]],
    rope: RopeRule::INTERLEAVED,
    ..Architecture::DECODER
};
