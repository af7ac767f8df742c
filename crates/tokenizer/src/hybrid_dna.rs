//! BPE with DNA in it, `tokenizer.ggml.model = "hybriddna"`: models that read genes and words.
//!
//! ```text
//! text    <dna> ACGTACGG </dna> text       between the tags: a token for every six letters, the last filled up with A
//! BPE     <dna> ACGTAC GGAAAA </dna> BPE   six letters that are no token are <oov>, spaces and line ends among them
//! ```
//! Tokens of six letters end in U+E000 in the file, because words may have the same letters; it is no part of what they
//! spell. Without the tags as tokens, or with tags that text must not become, all is BPE. Source: llama.cpp, whose ids
//! these are.

use gollum_core::TokenId;

use crate::{
    TokenizerError, VocabSource,
    bpe::{self, Bpe},
    kind::Kind,
    vocab::{DNA_MARK, Vocab},
};

/// `tokenizer.ggml.model`
pub(crate) const MODEL: &str = "hybriddna";

const OPEN: &str = "<dna>";
const CLOSE: &str = "</dna>";
const UNKNOWN: &str = "<oov>";
/// Letters of a token between the tags.
const KMER_BYTES: usize = 6;
/// Fills up the last one.
const FILLER: u8 = b'A';

/// A BPE vocabulary with DNA.
#[derive(Debug)]
pub(crate) struct HybridDna {
    bpe: Bpe,
    dna: Option<DnaTokens>,
}

#[derive(Clone, Copy, Debug)]
struct DnaTokens {
    open: TokenId,
    close: TokenId,
    unknown: TokenId,
}

impl HybridDna {
    pub(crate) fn new(source: &VocabSource<'_>) -> Result<Self, TokenizerError> {
        let bpe = Bpe::new(source)?;
        let vocab = bpe.vocab();
        let tags = (vocab.text_token(OPEN), vocab.text_token(CLOSE), vocab.id(UNKNOWN));
        let dna = match tags {
            (Some(open), Some(close), Some(unknown)) => Some(DnaTokens { open, close, unknown }),
            _ => None,
        };
        Ok(Self { bpe, dna })
    }

    /// What is between the tags; lower case is upper case.
    fn encode_dna(&self, letters: &str, unknown: TokenId, ids: &mut Vec<TokenId>) {
        let mut text = [FILLER; KMER_BYTES + DNA_MARK.len()];
        text[KMER_BYTES..].copy_from_slice(DNA_MARK.as_bytes());
        for kmer in letters.as_bytes().chunks(KMER_BYTES) {
            text[..KMER_BYTES].fill(FILLER);
            text[..kmer.len()].copy_from_slice(kmer);
            text[..kmer.len()].make_ascii_uppercase();
            // A character that is cut in two is in no token.
            let token = std::str::from_utf8(&text).ok().and_then(|text| self.bpe.vocab().text_token(text));
            ids.push(token.unwrap_or(unknown));
        }
    }
}

impl Kind for HybridDna {
    type Scratch = bpe::Scratch;

    fn vocab(&self) -> &Vocab {
        self.bpe.vocab()
    }

    /// DNA comes back in upper case and in sixes.
    fn keeps_text(&self) -> bool {
        self.dna.is_none()
    }

    fn encode_text(&self, text: &str, scratch: &mut bpe::Scratch, ids: &mut Vec<TokenId>) {
        let Some(dna) = self.dna else { return self.bpe.encode_text(text, scratch, ids) };
        let mut rest = text;
        while let Some((words, behind)) = rest.split_once(OPEN) {
            self.bpe.encode_text(words, scratch, ids);
            ids.push(dna.open);
            let (letters, after) = behind.split_once(CLOSE).map_or((behind, None), |(l, a)| (l, Some(a)));
            self.encode_dna(letters, dna.unknown, ids);
            let Some(after) = after else { return };
            ids.push(dna.close);
            rest = after;
        }
        self.bpe.encode_text(rest, scratch, ids);
    }
}
