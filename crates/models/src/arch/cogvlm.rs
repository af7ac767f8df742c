//! CogVLM, the text half: Llama's block with halves paired, q, k and v in one matrix. Rows of images go through
//! matrices of their own, which text does not touch.
//!
//! Source: CogVLM report 2023; HF `CogVLMForCausalLM`. Golden: `golden/arch/cogvlm.json`.

use super::Architecture;

/// See the file's head.
pub const COGVLM: Architecture = Architecture {
    gguf_name: "cogvlm",
    models: "CogVLM, CogVLM2 (text)",
    unread_tensors: &[
        "vis_attn_qkv.weight",
        "vis_attn_output.weight",
        "vis_gate.weight",
        "vis_down.weight",
        "vis_up.weight",
    ],
    ..Architecture::DECODER
};
