//! Tokens with a meaning beyond text, and how their text is read in input.

use gollum_core::TokenId;

/// What the text of a control token, such as `<|im_end|>`, means inside input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpecialText {
    /// It becomes the control token: for text that comes out of a chat template.
    Parse,
    /// It is text like any other: for text from users, who must not be able to end their own turn.
    Literal,
}

/// The ids with a meaning beyond text, and which of them the model wants around a prompt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpecialTokens {
    /// Begins a sequence.
    pub bos: Option<TokenId>,
    /// Ends a sequence.
    pub eos: Option<TokenId>,
    /// Ends a turn of a chat.
    pub eot: Option<TokenId>,
    /// Fills rows of unequal length; never generated on purpose.
    pub pad: Option<TokenId>,
    /// Stands for text the vocabulary cannot spell.
    pub unk: Option<TokenId>,
    /// The model was trained with `bos` before each sequence.
    pub add_bos: bool,
    /// The model was trained with `eos` after each prompt.
    pub add_eos: bool,
    /// Every id that ends an answer, sorted, each once; `eos` and `eot` are among them.
    pub end_of_generation: Vec<TokenId>,
}
