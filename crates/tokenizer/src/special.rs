//! Tokens with a meaning beyond text, and how their text is read in input.

use gollum_core::TokenId;

use crate::{TokenKind, TokenizerError, VocabSource, hash::FoldMap, partition::Strip};

/// What the text of a control token, such as `<|im_end|>`, means inside input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpecialText {
    /// It becomes the control token: for text that comes out of a chat template.
    Parse,
    /// It is text like any other: for text from users, who must not be able to end their own turn.
    Literal,
}

/// True if `guards`, ascending, keep the text at `start..end` from being a control token: see
/// [`Tokenizer::encode_guarded`](crate::Tokenizer::encode_guarded).
pub(crate) fn is_guarded(guards: &[usize], text: &str, start: usize, end: usize) -> bool {
    let from = guards.partition_point(|&guard| guard < start);
    let near = guards[from..].iter().take_while(|&&guard| guard <= end);
    let (mut first, mut last) = (false, false);
    for &guard in near {
        if start < guard && guard < end {
            return true;
        }
        first |= guard == start;
        last |= guard == end;
    }
    first && last && text[start..end].chars().nth(1).is_none()
}

/// The ids that join what stands around a place to fill in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FillInMiddle {
    /// Before what stands before.
    pub prefix: TokenId,
    /// Before what stands behind.
    pub suffix: TokenId,
    /// Before the text that is wanted.
    pub middle: TokenId,
    /// Before the name of a repository.
    pub repository: Option<TokenId>,
    /// Before the name of a file.
    pub file: Option<TokenId>,
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
    /// Ends each of the texts of an embedding model, `[SEP]`.
    pub sep: Option<TokenId>,
    /// The model was trained with `bos` before each sequence.
    pub add_bos: bool,
    /// The model was trained with `eos` after each prompt; `[SEP]` in the vocabularies of BERT.
    pub add_eos: bool,
    /// The model was trained with `sep` between the two texts of a pair.
    pub add_sep: bool,
    /// Every id that ends an answer, sorted, each once; `eos` and `eot` are among them.
    pub end_of_generation: Vec<TokenId>,
    /// For filling in the middle, of models that were trained to.
    pub fill_in_middle: Option<FillInMiddle>,
}

/// What a kind of vocabulary means where the file says nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Defaults {
    pub bos: Option<TokenId>,
    pub eos: Option<TokenId>,
    pub unk: Option<TokenId>,
    pub sep: Option<TokenId>,
    pub pad: Option<TokenId>,
    pub add_bos: bool,
    pub add_eos: bool,
    pub add_sep: bool,
}

/// An id of 2^32 - 1 is how some writers say "none": -1, stored without its sign.
const NO_TOKEN: TokenId = TokenId::MAX;

/// Texts of tokens that end a turn, the likeliest first: the first that is in a vocabulary without an
/// `eot_token_id` is its EOT. Source of this and the following lists: llama.cpp, `llama_vocab::impl::load`.
const ENDS_OF_TURN: &[&str] = &[
    "<|eot_id|>",
    "<|im_end|>",
    "<|end|>",
    "<end_of_turn>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<EOT>",
    "_<EOT>",
    "[EOT]",
    "<｜end▁of▁sentence｜>",
    "<end_of_utterance>",
];

/// Ends a message that calls a tool.
const END_OF_MESSAGE: &[&str] = &["<|eom_id|>"];

/// Structure of fill-in-the-middle prompts. A model that writes one of the first three lists has left its answer.
const MIDDLE_PAD: &[&str] = &["<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]"];
const MIDDLE_REPOSITORY: &[&str] = &["<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>"];
const MIDDLE_SEPARATOR: &[&str] = &["<|file_sep|>"];
const MIDDLE_PREFIX: &[&str] = &[
    "<|fim_prefix|>",
    "<fim-prefix>",
    "<fim_prefix>",
    "<｜fim▁begin｜>",
    "<PRE>",
    "▁<PRE>",
    "<|code_prefix|>",
    "<|prefix|>",
];
const MIDDLE_SUFFIX: &[&str] = &[
    "<|fim_suffix|>",
    "<fim-suffix>",
    "<fim_suffix>",
    "<｜fim▁hole｜>",
    "<SUF>",
    "▁<SUF>",
    "<|code_suffix|>",
    "<|suffix|>",
];
const MIDDLE_MIDDLE: &[&str] = &[
    "<|fim_middle|>",
    "<fim-middle>",
    "<fim_middle>",
    "<｜fim▁end｜>",
    "<MID>",
    "▁<MID>",
    "<|code_middle|>",
    "<|middle|>",
];

/// Texts of tokens that end an answer wherever they exist, beside those of [`ENDS_OF_TURN`].
const ENDS_OF_GENERATION: &[&str] = &[
    "<|return|>",
    "<|call|>",
    "<|flush|>",
    "<|calls|>",
    "</s>",
    "<|eom_id|>",
    "[EOS]",
    "<eos>",
    "<turn|>",
    "<|tool_response>",
    "[e~[",
];

/// Shown to the reader of an answer although the file calls them control tokens: the channels of gpt-oss.
const ALWAYS_TEXT: &[&str] = &["<|channel|>", "<|message|>", "<|start|>", "<|constrain|>"];

/// Finds the special tokens and corrects `kinds` where a text is known to be control.
pub(crate) fn resolve(
    source: &VocabSource<'_>,
    defaults: Defaults,
    by_text: &FoldMap<Box<str>, TokenId>,
    kinds: &mut [TokenKind],
) -> Result<SpecialTokens, TokenizerError> {
    let mut finder = Finder { by_text, kinds };
    let ids = &source.ids;
    let bos = finder.given("tokenizer.ggml.bos_token_id", ids.bos)?.or(finder.existing(defaults.bos));
    let eos = finder.given("tokenizer.ggml.eos_token_id", ids.eos)?.or(finder.existing(defaults.eos));
    let unk = finder.given("tokenizer.ggml.unknown_token_id", ids.unk)?.or(finder.existing(defaults.unk));
    let sep = finder.given("tokenizer.ggml.seperator_token_id", ids.sep)?.or(finder.existing(defaults.sep));
    let pad = finder.given("tokenizer.ggml.padding_token_id", ids.pad)?.or(finder.existing(defaults.pad));
    let eot = finder.given_or_control("tokenizer.ggml.eot_token_id", ids.eot, ENDS_OF_TURN)?;
    let eom = finder.given_or_control("tokenizer.ggml.eom_token_id", ids.eom, END_OF_MESSAGE)?;
    let prefix = finder.given_or_control("tokenizer.ggml.fim_pre_token_id", ids.fim_pre, MIDDLE_PREFIX)?;
    let suffix = finder.given_or_control("tokenizer.ggml.fim_suf_token_id", ids.fim_suf, MIDDLE_SUFFIX)?;
    let middle = finder.given_or_control("tokenizer.ggml.fim_mid_token_id", ids.fim_mid, MIDDLE_MIDDLE)?;
    let repository =
        finder.given_or_control("tokenizer.ggml.fim_rep_token_id", ids.fim_rep, MIDDLE_REPOSITORY)?;
    let file = finder.given_or_control("tokenizer.ggml.fim_sep_token_id", ids.fim_sep, MIDDLE_SEPARATOR)?;
    let fill_in_middle = match (prefix, suffix, middle) {
        (Some(prefix), Some(suffix), Some(middle)) => {
            Some(FillInMiddle { prefix, suffix, middle, repository, file })
        }
        _ => None,
    };
    let mut ends: Vec<TokenId> = [
        finder.given_or_control("tokenizer.ggml.fim_pad_token_id", ids.fim_pad, MIDDLE_PAD)?,
        repository,
        file,
        eos,
        eot,
        eom,
    ]
    .into_iter()
    .flatten()
    .collect();
    for text in ENDS_OF_TURN.iter().chain(ENDS_OF_GENERATION) {
        ends.extend(finder.first_control(&[text]));
    }
    finder.correct(&mut ends);
    ends.sort_unstable();
    ends.dedup();
    let add_bos = add_flag(
        source.add_bos,
        defaults.add_bos,
        bos,
        ["tokenizer.ggml.add_bos_token", "tokenizer.ggml.bos_token_id"],
    )?;
    let add_eos = add_flag(
        source.add_eos,
        defaults.add_eos,
        eos,
        ["tokenizer.ggml.add_eos_token", "tokenizer.ggml.eos_token_id"],
    )?;
    let add_sep = source.add_sep.unwrap_or(defaults.add_sep);
    let end_of_generation = ends;
    Ok(SpecialTokens {
        bos,
        eos,
        eot,
        pad,
        unk,
        sep,
        add_bos,
        add_eos,
        add_sep,
        end_of_generation,
        fill_in_middle,
    })
}

fn add_flag(
    given: Option<bool>,
    default: bool,
    token: Option<TokenId>,
    [flag, key]: [&'static str; 2],
) -> Result<bool, TokenizerError> {
    match (given, token) {
        (Some(true), None) => Err(TokenizerError::MissingSpecialToken { flag, key }),
        (_, token) => Ok(given.unwrap_or(default) && token.is_some()),
    }
}

/// What special tokens strip beside them. No file says: llama.cpp goes by the names of models, and so does this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strips {
    Nothing,
    /// Whitespace before the token with this text.
    Before(&'static str),
    /// Whitespace behind every special token but a few: Phi-3, whose templates write line ends there.
    Phi3,
}

impl Strips {
    pub(crate) fn of(source: &VocabSource<'_>) -> Self {
        let any = |text: Option<&str>, parts: &[&str]| {
            text.is_some_and(|text| parts.iter().any(|part| text.contains(part)))
        };
        let name = source.name.map(str::to_lowercase);
        if any(source.pre, &["jina-v2-de", "jina-v2-es", "jina-v2-code"])
            || any(source.architecture, &["nomic-bert-moe", "jina-bert-v3"])
        {
            Self::Before("<mask>")
        } else if any(name.as_deref(), &["phi-3", "phi3"]) {
            Self::Phi3
        } else if any(name.as_deref(), &["modern-bert"]) {
            Self::Before("[MASK]")
        } else {
            Self::Nothing
        }
    }

    pub(crate) fn strip(self, text: &str) -> Strip {
        match self {
            Self::Before(token) if token == text => Strip::Left,
            Self::Phi3 if !matches!(text, "<unk>" | "<s>" | "<|endoftext|>") => Strip::Right,
            _ => Strip::None,
        }
    }
}

struct Finder<'v> {
    by_text: &'v FoldMap<Box<str>, TokenId>,
    kinds: &'v mut [TokenKind],
}

impl Finder<'_> {
    /// The id a file gives, checked.
    fn given(&self, key: &'static str, id: Option<TokenId>) -> Result<Option<TokenId>, TokenizerError> {
        let tokens = self.kinds.len();
        match id {
            Some(NO_TOKEN) => Ok(None),
            Some(id) if id as usize >= tokens => {
                Err(TokenizerError::SpecialTokenOutOfRange { key, id: id.into(), tokens })
            }
            id => Ok(id),
        }
    }

    /// A default, if the vocabulary is large enough to have it.
    fn existing(&self, default: Option<TokenId>) -> Option<TokenId> {
        default.filter(|&id| (id as usize) < self.kinds.len())
    }

    /// The id a file gives, or the first of `texts` that is a token, which is then a control token.
    fn given_or_control(
        &mut self,
        key: &'static str,
        id: Option<TokenId>,
        texts: &[&str],
    ) -> Result<Option<TokenId>, TokenizerError> {
        Ok(self.given(key, id)?.or_else(|| self.first_control(texts)))
    }

    fn first_control(&mut self, texts: &[&str]) -> Option<TokenId> {
        let id = texts.iter().find_map(|text| self.id(text))?;
        self.kinds[id as usize] = TokenKind::Control;
        Some(id)
    }

    fn id(&self, text: &str) -> Option<TokenId> {
        self.by_text.get(text).copied()
    }

    /// Takes back what is wrong for some families: gpt-oss and Solar end with `<|return|>` and `<|call|>` and use
    /// `<|end|>` between messages; Gemma 4 and PLaMo have `</s>` as a tag of their text.
    fn correct(&mut self, ends: &mut Vec<TokenId>) {
        for text in ALWAYS_TEXT {
            if let Some(id) = self.id(text) {
                self.kinds[id as usize] = TokenKind::UserDefined;
            }
        }
        let has = |text: &str| self.id(text).is_some_and(|id| ends.contains(&id));
        let has_call = has("<|call|>") || has("<|calls|>");
        let end_is_inner = has_call && (has("<|return|>") || has("<|flush|>"));
        let s_is_text = has("<|tool_response>") || has("<|plamo:eos|>");
        for (text, kind, applies) in
            [("<|end|>", TokenKind::UserDefined, end_is_inner), ("</s>", TokenKind::Normal, s_is_text)]
        {
            if let (true, Some(id)) = (applies, self.id(text)) {
                ends.retain(|&end| end != id);
                self.kinds[id as usize] = kind;
            }
        }
    }
}
