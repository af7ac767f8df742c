//! Words that must not come: the last token of each is not allowed where those before it have come, around an answer's own
//! constraint, if it has one.

use std::sync::Arc;

use gollum_core::{Constraint, ConstraintError, TokenConstraint, TokenId, TokenMask};
use gollum_tokenizer::{SpecialText, Tokenizer};

use crate::FrontendError;

/// Words at most.
pub const MAX_BAD_WORDS: usize = 64;
/// Bytes of one at most.
pub const MAX_BAD_WORD_BYTES: usize = 256;

/// The constraint of answers without these words, as they are spelled and behind a space.
///
/// Errors: an empty word, too many, or too long.
pub(crate) fn constraint(
    words: &[String],
    tokenizer: &dyn Tokenizer,
    vocab_size: usize,
    answer: Option<Constraint>,
) -> Result<Constraint, FrontendError> {
    if words.len() > MAX_BAD_WORDS {
        let message = format!("has {} words, the limit is {MAX_BAD_WORDS}", words.len());
        return Err(FrontendError::invalid("bad_words", message));
    }
    let mut sequences: Vec<Vec<TokenId>> = Vec::new();
    for word in words {
        if word.trim().is_empty() || word.len() > MAX_BAD_WORD_BYTES {
            let message =
                format!("each must have 1 to {MAX_BAD_WORD_BYTES} bytes, and not of white space alone");
            return Err(FrontendError::invalid("bad_words", message));
        }
        let bare = word.trim_start();
        for spelled in [bare.to_owned(), format!(" {bare}")] {
            let ids = tokenizer.encode(&spelled, SpecialText::Literal);
            if !ids.is_empty() && !sequences.contains(&ids) {
                sequences.push(ids);
            }
        }
    }
    let inner = answer.as_ref().map_or(&[][..], |answer| answer.key());
    let named = format!("without {sequences:?} {}", answer.is_some());
    let key: Arc<[u8]> =
        std::iter::once(u8::MAX - 1).chain(named.bytes()).chain([0]).chain(inner.iter().copied()).collect();
    let sequences: Arc<[Vec<TokenId>]> = sequences.into();
    Ok(Constraint::new(key, move || {
        Box::new(Without {
            sequences: Arc::clone(&sequences),
            answer: answer.as_ref().map(Constraint::begin),
            said: Vec::new(),
            mask_words: vocab_size.div_ceil(32),
        })
    }))
}

struct Without {
    sequences: Arc<[Vec<TokenId>]>,
    answer: Option<Box<dyn TokenConstraint>>,
    said: Vec<TokenId>,
    mask_words: usize,
}

impl TokenConstraint for Without {
    fn mask(&mut self) -> Result<TokenMask, ConstraintError> {
        let mut mask = match &mut self.answer {
            Some(answer) => answer.mask()?,
            None => vec![u32::MAX; self.mask_words],
        };
        for sequence in self.sequences.iter() {
            let Some((&last, before)) = sequence.split_last() else { continue };
            if let (true, Some(word)) = (self.said.ends_with(before), mask.get_mut(last as usize / 32)) {
                *word &= !(1 << (last % 32));
            }
        }
        // Nothing left to say is the form's and the words' contradiction, and no reason to choose among what is forbidden.
        if mask.iter().all(|&word| word == 0) {
            return Err(ConstraintError("`bad_words` forbid all that may come".into()));
        }
        Ok(mask)
    }

    fn accept(&mut self, token: TokenId) -> Result<(), ConstraintError> {
        self.said.push(token);
        self.answer.as_mut().map_or(Ok(()), |answer| answer.accept(token))
    }
}
