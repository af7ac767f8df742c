//! NeoBERT: Llama's block without a causal mask; q, k and v in one matrix, gate and up in another.
//!
//! Source: Le Breton et al. 2025; HF `NeoBERT`. Golden: `golden/arch/neo-bert.json`.

use super::{Architecture, Head, Norms, RopeRule};

/// See the file's head.
pub const NEO_BERT: Architecture = Architecture {
    gguf_name: "neo-bert",
    models: "NeoBERT",
    norms: Norms::Rms,
    rope: RopeRule::INTERLEAVED,
    head: Head { norm: "enc.output_norm", ..Head::PLAIN },
    ..Architecture::ENCODER
};
