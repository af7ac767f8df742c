//! A vocabulary as a model file has it, before anything in it has been checked.

use gollum_core::TokenId;

/// The lists and flags under `tokenizer.ggml.*`. [`crate::from_source`] checks them and builds a tokenizer.
#[derive(Clone, Debug, Default)]
pub struct VocabSource<'f> {
    /// `general.architecture`, which a few rules about special tokens go by.
    pub architecture: Option<&'f str>,
    /// `general.name`, likewise.
    pub name: Option<&'f str>,
    /// `model`: `gpt2` is byte-level BPE, `llama` is SPM; see [`crate::MODELS`].
    pub model: &'f str,
    /// `pre`: how BPE text is cut into words.
    pub pre: Option<&'f str>,
    /// `tokens`: the text of each id.
    pub tokens: Vec<&'f str>,
    /// `scores`, one per token: SPM merges the highest first, Unigram takes the path with the highest sum.
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
    /// `add_sep_token`
    pub add_sep: Option<bool>,
    /// `add_space_prefix`; SPM and Unigram.
    pub add_space_prefix: Option<bool>,
    /// `remove_extra_whitespaces`; Unigram only.
    pub remove_extra_whitespaces: Option<bool>,
    /// `precompiled_charsmap`; Unigram only. See `charsmap.rs`.
    pub charsmap: Option<Vec<u8>>,
    /// `normalizer.lowercase`; WordPiece only.
    pub lowercase: Option<bool>,
    /// `normalizer.strip_accents`; WordPiece only.
    pub strip_accents: Option<bool>,
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
    /// `seperator_token_id`
    pub sep: Option<TokenId>,
    /// `padding_token_id`
    pub pad: Option<TokenId>,
    /// `fim_pad_token_id`
    pub fim_pad: Option<TokenId>,
    /// `fim_rep_token_id`
    pub fim_rep: Option<TokenId>,
    /// `fim_sep_token_id`
    pub fim_sep: Option<TokenId>,
    /// `fim_pre_token_id`
    pub fim_pre: Option<TokenId>,
    /// `fim_suf_token_id`
    pub fim_suf: Option<TokenId>,
    /// `fim_mid_token_id`
    pub fim_mid: Option<TokenId>,
}
