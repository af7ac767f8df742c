//! Reads `tokenizer.ggml.*` out of a model file's metadata.

use std::sync::Arc;

use gollum_core::TokenId;
use gollum_gguf::{Array, GgufError, Metadata, Value};

use crate::{SpecialIds, Tokenizer, TokenizerError, VocabSource, from_source};

/// Builds the tokenizer of a model file.
///
/// Errors: [`TokenizerError`], for missing keys, wrong types, and vocabularies that contradict themselves.
pub fn from_gguf(meta: &Metadata) -> Result<Arc<dyn Tokenizer>, TokenizerError> {
    from_source(&read_source(meta)?)
}

fn read_source(meta: &Metadata) -> Result<VocabSource<'_>, TokenizerError> {
    let model_key = "tokenizer.ggml.model";
    let tokens_key = "tokenizer.ggml.tokens";
    let model = meta.string(model_key)?.ok_or(TokenizerError::Missing { key: model_key })?;
    let tokens = meta.strings(tokens_key)?.ok_or(TokenizerError::Missing { key: tokens_key })?;
    Ok(VocabSource {
        architecture: meta.string("general.architecture")?,
        name: meta.string("general.name")?,
        model,
        pre: meta.string("tokenizer.ggml.pre")?,
        tokens: tokens.iter().collect(),
        scores: meta.f32s("tokenizer.ggml.scores")?,
        kinds: meta.u32s("tokenizer.ggml.token_type")?,
        merges: meta.strings("tokenizer.ggml.merges")?.map(|merges| merges.iter().collect()),
        ids: read_ids(meta, tokens.len())?,
        add_bos: meta.bool("tokenizer.ggml.add_bos_token")?,
        add_eos: meta.bool("tokenizer.ggml.add_eos_token")?,
        add_sep: meta.bool("tokenizer.ggml.add_sep_token")?,
        add_space_prefix: meta.bool("tokenizer.ggml.add_space_prefix")?,
        remove_extra_whitespaces: meta.bool("tokenizer.ggml.remove_extra_whitespaces")?,
        charsmap: read_bytes(meta, "tokenizer.ggml.precompiled_charsmap")?,
        lowercase: meta.bool("tokenizer.ggml.normalizer.lowercase")?,
        strip_accents: meta.bool("tokenizer.ggml.normalizer.strip_accents")?,
    })
}

/// An array of bytes, signed in some files.
fn read_bytes(meta: &Metadata, key: &'static str) -> Result<Option<Vec<u8>>, TokenizerError> {
    match meta.get(key) {
        None => Ok(None),
        Some(Value::Array(Array::U8(bytes))) => Ok(Some(bytes.clone())),
        Some(Value::Array(Array::I8(bytes))) => {
            Ok(Some(bytes.iter().map(|&byte| byte.cast_unsigned()).collect()))
        }
        Some(other) => Err(GgufError::WrongType {
            key: key.to_owned(),
            expected: "array of u8",
            found: other.type_name(),
        }
        .into()),
    }
}

fn read_ids(meta: &Metadata, tokens: usize) -> Result<SpecialIds, TokenizerError> {
    let id = |key: &'static str| -> Result<Option<TokenId>, TokenizerError> {
        match meta.i64(key)? {
            // Signed files write -1 for "none".
            None | Some(-1) => Ok(None),
            Some(id) => match TokenId::try_from(id) {
                Ok(id) => Ok(Some(id)),
                Err(_) => Err(TokenizerError::SpecialTokenOutOfRange { key, id, tokens }),
            },
        }
    };
    Ok(SpecialIds {
        bos: id("tokenizer.ggml.bos_token_id")?,
        eos: id("tokenizer.ggml.eos_token_id")?,
        eot: id("tokenizer.ggml.eot_token_id")?,
        eom: id("tokenizer.ggml.eom_token_id")?,
        unk: id("tokenizer.ggml.unknown_token_id")?,
        sep: id("tokenizer.ggml.seperator_token_id")?,
        pad: id("tokenizer.ggml.padding_token_id")?,
        fim_pad: id("tokenizer.ggml.fim_pad_token_id")?,
        fim_rep: id("tokenizer.ggml.fim_rep_token_id")?,
        fim_sep: id("tokenizer.ggml.fim_sep_token_id")?,
        // The older names are those of the first models that had them.
        fim_pre: id("tokenizer.ggml.fim_pre_token_id")?.or(id("tokenizer.ggml.prefix_token_id")?),
        fim_suf: id("tokenizer.ggml.fim_suf_token_id")?.or(id("tokenizer.ggml.suffix_token_id")?),
        fim_mid: id("tokenizer.ggml.fim_mid_token_id")?.or(id("tokenizer.ggml.middle_token_id")?),
    })
}
