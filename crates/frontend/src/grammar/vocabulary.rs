//! A vocabulary as llguidance takes it: the bytes of each token in a trie, control tokens apart from text.

use std::sync::Arc;

use gollum_core::TokenId;
use gollum_tokenizer::Tokenizer;
use llguidance::toktrie::{ApproximateTokEnv, TokEnv, TokRxInfo, TokTrie};

/// The environment of grammars. `vocab_size` is the width of the model's logits: tokens without a name are never allowed.
///
/// Errors: a vocabulary without a token that ends an answer, for which no answer could be complete.
pub fn environment(tokenizer: &dyn Tokenizer, vocab_size: usize) -> Result<TokEnv, String> {
    let ends = &tokenizer.special().end_of_generation;
    let Some(&end) = ends.first() else {
        return Err("is not possible: the model's vocabulary has no token that ends an answer".to_owned());
    };
    let size = u32::try_from(vocab_size).map_err(|_| "is not possible: the vocabulary is too large")?;
    let bytes_of = |id: TokenId| {
        let bytes = tokenizer.token_bytes(id);
        if bytes.is_empty() || !tokenizer.is_control(id) && !ends.contains(&id) {
            return bytes.to_vec();
        }
        // So marked, it is never part of text, whatever its name.
        std::iter::once(TokTrie::SPECIAL_TOKEN_MARKER).chain(bytes.iter().copied()).collect()
    };
    let words: Vec<Vec<u8>> = (0..size).map(bytes_of).collect();
    let trie = TokTrie::from(&TokRxInfo::new(size, end), &words).with_eos_tokens(ends);
    Ok(Arc::new(ApproximateTokEnv::new(trie)))
}
