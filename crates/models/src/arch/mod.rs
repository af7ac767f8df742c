//! Architectures as data: each is one file with one constant, listed in [`ARCHITECTURES`].
//!
//! Every architecture here is a decoder with this skeleton; the constants fill it in:
//!
//! ```text
//! x = token_embd[token] * embedding_scale
//! for each layer, for each branch of `layer`:
//!     x += post_norm(part(norm(x)))
//! logits = soft_cap(output . output_norm(x))        output is token_embd where the file has no output.weight
//! ```

mod gemma3;
mod llama;

use gollum_kernels::{Activation, RopeKind};

pub use gemma3::GEMMA3;
pub use llama::LLAMA;

/// Every architecture that can be loaded.
pub const ARCHITECTURES: &[Architecture] = &[GEMMA3, LLAMA];

/// One family of models.
#[derive(Clone, Copy, Debug)]
pub struct Architecture {
    /// `general.architecture` in the file, and the prefix of its metadata keys.
    pub gguf_name: &'static str,
    /// What an embedding is multiplied by.
    pub embedding_scale: EmbeddingScale,
    /// The parts of a layer, in order.
    pub layer: &'static [Branch],
    /// Which positions a layer attends to.
    pub windows: Windows,
    /// Tensor that holds the rope's per-pair divisors, in files that have it.
    pub rope_factors: Option<&'static str>,
}

/// One residual branch: `x += post_norm(part(norm(x)))`. Norms are named as tensors, without `blk.N.` and
/// `.weight`.
#[derive(Clone, Copy, Debug)]
pub struct Branch {
    /// RMS norm of the input.
    pub norm: &'static str,
    /// What is computed.
    pub part: Part,
    /// RMS norm of the result.
    pub post_norm: Option<&'static str>,
}

/// What a branch computes.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// Grouped-query attention: tensors `attn_q`, `attn_k`, `attn_v`, `attn_output`.
    Attention(Attention),
    /// `down . (activation(gate . x) * (up . x))`: tensors `ffn_gate`, `ffn_up`, `ffn_down`.
    GatedFfn(Activation),
}

/// Grouped-query attention.
#[derive(Clone, Copy, Debug)]
pub struct Attention {
    /// Pairing of the rotation.
    pub rope: RopeKind,
    /// Norm of each head before the rotation: tensors `attn_q_norm`, `attn_k_norm`.
    pub qk_norm: QkNorm,
    /// What multiplies q . k.
    pub scale: AttentionScale,
}

/// Norms of q and k.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QkNorm {
    /// None.
    None,
    /// An RMS norm over each head.
    PerHead,
}

/// What multiplies q . k, unless the metadata says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttentionScale {
    /// `1 / sqrt(head_dim)`.
    HeadDim,
    /// `1 / sqrt(width / heads)` in models of this many layers, else `1 / sqrt(head_dim)`: files do not say
    /// which, so the depth has to.
    WidthPerHeadAtDepth(usize),
}

/// What an embedding is multiplied by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmbeddingScale {
    /// 1.
    One,
    /// `sqrt(width)`.
    SqrtWidth,
}

/// Which positions the layers attend to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Windows {
    /// All of them, in every layer.
    Full,
    /// A sliding window, but for every n-th layer, which sees all. Files without a window have none.
    LastOfEvery {
        /// Period where the metadata has none.
        period: usize,
        /// Rope base of the layers with a window, where the metadata has none. They are never rope-scaled.
        local_freq_base: f32,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_in_the_table() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/arch");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .expect("the folder of this file")
            .map(|entry| entry.expect("readable").path())
            .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
            .filter(|name| name != "mod")
            .collect();
        files.sort();
        let table: Vec<&str> = ARCHITECTURES.iter().map(|a| a.gguf_name).collect();
        assert_eq!(files, table, "one file and one line per architecture, in alphabetical order");
    }
}
