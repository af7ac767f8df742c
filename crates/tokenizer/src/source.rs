//! A vocabulary as a model file has it, before anything in it has been checked.

use gollum_core::TokenId;

/// The lists and flags under `tokenizer.ggml.*`. [`crate::from_source`] checks them and builds a tokenizer.
#[derive(Clone, Debug, Default)]
pub struct VocabSource<'f> {
    /// `model`: `gpt2` is byte-level BPE, `llama` is SPM.
    pub model: &'f str,
    /// `pre`: how BPE text is cut into words.
    pub pre: Option<&'f str>,
    /// `tokens`: the text of each id.
    pub tokens: Vec<&'f str>,
    /// `scores`, one per token; SPM merges the highest first.
    pub scores: Option<&'f [f32]>,
    /// `token_type`, one per token; see [`crate::TokenKind`]. All are normal where it is absent.
    pub kinds: Option<Vec<u32>>,
    /// `merges`: pairs with a space between, most urgent first; BPE only.
    pub merges: Option<Vec<&'f str>>,
    /// The ids the file gives a meaning to.
    pub ids: SpecialIds,
    /// `add_bos_token`
    pub add_bos: Option<bool>,
    /// `add_eos_token`
    pub add_eos: Option<bool>,
    /// `add_space_prefix`; SPM only.
    pub add_space_prefix: Option<bool>,
}

/// Special token ids by role, as the file has them.
#[derive(Clone, Copy, Debug, Default)]
pub struct SpecialIds {
    /// `bos_token_id`
    pub bos: Option<TokenId>,
    /// `eos_token_id`
    pub eos: Option<TokenId>,
    /// `eot_token_id`
    pub eot: Option<TokenId>,
    /// `eom_token_id`
    pub eom: Option<TokenId>,
    /// `unknown_token_id`
    pub unk: Option<TokenId>,
    /// `padding_token_id`
    pub pad: Option<TokenId>,
    /// `fim_pad_token_id`
    pub fim_pad: Option<TokenId>,
    /// `fim_rep_token_id`
    pub fim_rep: Option<TokenId>,
    /// `fim_sep_token_id`
    pub fim_sep: Option<TokenId>,
}
