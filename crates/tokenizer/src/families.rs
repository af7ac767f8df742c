//! The pre-tokenizers of BPE by the names that `tokenizer.ggml.pre` has for them.
//!
//! One line per behaviour. To add a family: its names, its stages, and a row of truth in
//! `golden/tokenizer/pretokenize.json`.

use crate::pretokenize::{AfterSymbols, Letters, LineEnds, Set, Stage, UNBOUNDED, Words};

/// How one family of BPE vocabularies cuts and merges.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Family {
    /// Values of `tokenizer.ggml.pre`.
    pub names: &'static [&'static str],
    /// The expressions, applied one after the other.
    pub stages: &'static [Stage],
    /// What merges begin with.
    pub alphabet: Alphabet,
    /// What stays whole although merges would not build it.
    pub whole: Whole,
    /// Whether BOS is added.
    pub add_bos: AddBos,
    /// The separator goes between the two texts of a pair where the file does not say.
    pub add_sep: bool,
}

/// What the texts of tokens and merges are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alphabet {
    /// GPT-2's: one printable character per byte.
    Bytes,
    /// Characters, a space as U+2581. What is no token is spelled with `<0x00>` to `<0xFF>`.
    EscapedCharacters,
    /// Characters as they are, and the same way out.
    Characters,
}

/// Words that are not merged if they are tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whole {
    None,
    /// Every word.
    Tokens,
    /// Runs of newlines.
    Newlines,
}

/// Whether BOS is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AddBos {
    /// If the file says so.
    IfSaid,
    /// Unless the file says no.
    UnlessDenied,
    /// Always: files of the family say no, wrongly.
    Always,
}

const fn family(names: &'static [&'static str], stages: &'static [Stage]) -> Family {
    Family {
        names,
        stages,
        alphabet: Alphabet::Bytes,
        whole: Whole::None,
        add_bos: AddBos::IfSaid,
        add_sep: false,
    }
}

const DIGIT: Stage = Stage::Runs { of: Set::Number, longest: 1 };
const DIGIT_TRIPLE: Stage = Stage::Runs { of: Set::Number, longest: 3 };
const NUMBER: Stage = Stage::Runs { of: Set::Number, longest: UNBOUNDED };
const LINE_END: Stage = Stage::Runs { of: Set::LineEnd, longest: 1 };
const CHINESE_JAPANESE: Stage = Stage::Runs { of: Set::ChineseJapanese, longest: UNBOUNDED };
const DEEPSEEK_SCRIPTS: Stage = Stage::Runs { of: Set::DeepSeekScripts, longest: UNBOUNDED };

/// Falcon's expressions in the form llama.cpp gives them: what a file without a name was made for.
const DEFAULT: Family = family(
    &["default"],
    &[
        Stage::Runs { of: Set::DefaultPunctuation, longest: UNBOUNDED },
        Stage::Gpt2,
        NUMBER,
        Stage::AsciiTriples,
    ],
);

const GPT2: Family = family(
    &[
        "gpt-2",
        "gpt2",
        "phi-2",
        "jina-es",
        "jina-de",
        "gigachat",
        "jina-v2-es",
        "jina-v2-de",
        "a.x-4.0",
        "mellum",
        "modern-bert",
        "exaone4",
        "mpt",
        "olmo",
        "jais",
        "trillion",
        "granite-docling",
    ],
    &[Stage::Gpt2],
);

const SMOLLM: Family = family(
    &["smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b", "mellum2"],
    &[DIGIT, Stage::Gpt2],
);

const LLAMA3: Family = Family {
    whole: Whole::Tokens,
    add_bos: AddBos::UnlessDenied,
    ..family(
        &[
            "llama-bpe",
            "llama3",
            "llama-v3",
            "falcon3",
            "falcon-h1",
            "pixtral",
            "midm-2.0",
            "lfm2",
            "jina-v5-nano",
        ],
        &[Stage::Words(Words::LLAMA3)],
    )
};

/// Ling's expression takes one newline after whitespace and possessive runs, which cut the same.
const QWEN2: Family = family(
    &[
        "qwen2",
        "deepseek-r1-qwen",
        "kormo",
        "f2llmv2",
        "megrez",
        "stablelm2",
        "hunyuan",
        "solar-open",
        "grok-2",
        "bailingmoe",
        "bailingmoe2",
        "llada-moe",
    ],
    &[Stage::Words(Words::QWEN2)],
);

const GLM4: Family =
    Family { whole: Whole::Tokens, ..family(&["glm4", "glm5"], &[Stage::Words(Words::LLAMA3)]) };

const TEKKEN: Family = Family {
    whole: Whole::Tokens,
    add_bos: AddBos::UnlessDenied,
    ..family(&["tekken"], &[Stage::CasedWords(Words::TEKKEN)])
};

const GPT4O: Family =
    family(&["gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2"], &[Stage::CasedWords(Words::GPT4O)]);

const DEEPSEEK3: Family = family(
    &["deepseek-v3", "hunyuan-dense", "joyai-llm", "hy_v4"],
    &[DIGIT_TRIPLE, CHINESE_JAPANESE, Stage::Code(LineEnds::Joined)],
);

const KIMI: Family =
    family(&["kimi-k2"], &[Stage::CasedWords(Words { letters: Letters::HanApart, ..Words::LLAMA3 })]);

/// BPE over the text of a SentencePiece vocabulary.
pub(crate) const GEMMA4: Family = Family {
    alphabet: Alphabet::EscapedCharacters,
    whole: Whole::Newlines,
    add_bos: AddBos::Always,
    ..family(&["gemma4", "granite-embed-multi-311m"], &[Stage::Lines])
};

/// Families whose expressions no other has.
const SINGLES: &[Family] = &[
    Family { add_sep: true, ..family(&["jina-v1-en", "jina-v2-code", "roberta-bpe"], &[Stage::Gpt2]) },
    family(&["dbrx", "smaug-bpe", "chatglm-bpe"], &[Stage::Words(Words::LLAMA3)]),
    family(&["qwen35"], &[Stage::Words(Words::QWEN35)]),
    family(&["ufakzeka"], &[Stage::Words(Words { contractions: false, ..Words::QWEN2 })]),
    family(&["laguna"], &[Stage::Lines, Stage::Words(Words::QWEN2)]),
    Family {
        whole: Whole::Tokens,
        ..family(
            &["minicpm5"],
            &[DIGIT_TRIPLE, Stage::Words(Words { longest_number: UNBOUNDED, ..Words::LLAMA3 })],
        )
    },
    family(&["seed-coder"], &[Stage::Words(Words { after_symbols: AfterSymbols::Nothing, ..Words::QWEN2 })]),
    family(
        &["exaone-moe"],
        &[Stage::Words(Words {
            letters: Letters::OverSpaces,
            after_symbols: AfterSymbols::OneLineEndOrSlash,
            ..Words::QWEN2
        })],
    ),
    family(&["jais-2"], &[Stage::Words(Words::LLAMA3), Stage::WhitespaceSteps]),
    Family {
        whole: Whole::Tokens,
        ..family(&["granite-embed-multi-97m"], &[Stage::CasedWords(Words::GPT4O)])
    },
    family(&["tiny_aya", "cohere2moe"], &[Stage::NumbersFromRight, Stage::CasedWords(Words::GPT4O)]),
    Family {
        whole: Whole::Tokens,
        ..family(
            &["youtu"],
            &[
                Stage::RunsOfAny(&[
                    Set::Hangul,
                    Set::EastAsianPunctuation,
                    Set::Bopomofo,
                    Set::ChineseJapanese,
                ]),
                Stage::CasedWords(Words { longest_number: 1, ..Words::GPT4O }),
            ],
        )
    },
    family(&["spark2_5"], &[DIGIT_TRIPLE, CHINESE_JAPANESE, Stage::Code(LineEnds::Single), DIGIT]),
    family(
        &["deepseek-llm"],
        &[
            LINE_END,
            Stage::SpacedRuns(Set::DeepSeekCased),
            Stage::SpacedRuns(Set::DeepSeekPunctuation),
            Stage::TrailingWhitespace,
            DEEPSEEK_SCRIPTS,
            NUMBER,
        ],
    ),
    family(
        &["deepseek-coder"],
        &[
            LINE_END,
            Stage::SpacedRuns(Set::Letter),
            Stage::SpacedRuns(Set::Punctuation),
            DEEPSEEK_SCRIPTS,
            DIGIT,
        ],
    ),
    family(
        &["afmoe"],
        &[
            Stage::NumbersFromRight,
            Stage::Runs { of: Set::Unspaced, longest: UNBOUNDED },
            Stage::Code(LineEnds::Joined),
        ],
    ),
    family(
        &["falcon"],
        &[Stage::Runs { of: Set::FalconPunctuation, longest: UNBOUNDED }, Stage::Gpt2, Stage::AsciiTriples],
    ),
    family(&["bloom", "poro-chat", "gpt3-finnish"], &[Stage::RunsWithout(Set::SentencePunctuation)]),
    family(&["viking"], &[Stage::RunsWithout(Set::SentencePunctuation), DIGIT]),
    family(&["superbpe"], &[NUMBER, Stage::TriplesAhead]),
    Family {
        add_bos: AddBos::UnlessDenied,
        ..family(
            &["chameleon"],
            &[
                Stage::Sentinels,
                Stage::ImageCodes,
                Stage::Indents,
                DIGIT,
                Stage::Runs { of: Set::ChameleonPunctuation, longest: 1 },
                Stage::Gpt2,
            ],
        )
    },
    Family { alphabet: Alphabet::EscapedCharacters, ..family(&["sarvam-moe"], &[Stage::Lines]) },
    Family {
        alphabet: Alphabet::Characters,
        ..family(&["whitespace"], &[Stage::Runs { of: Set::Visible, longest: UNBOUNDED }])
    },
];

/// Every family. A test checks that no name is in two of them.
pub(crate) fn all() -> impl Iterator<Item = &'static Family> {
    const SHARED: &[Family] =
        &[DEFAULT, GPT2, SMOLLM, LLAMA3, QWEN2, GLM4, TEKKEN, GPT4O, DEEPSEEK3, KIMI, GEMMA4];
    SHARED.iter().chain(SINGLES)
}

/// Parts of unknown names, and the family whose expressions are closest. The first that occurs decides.
const NEAREST: &[(&str, Family)] = &[
    ("qwen", QWEN2),
    ("smol", SMOLLM),
    ("coder", SMOLLM),
    ("exaone", SMOLLM),
    ("llama", LLAMA3),
    ("gpt-4", GPT4O),
    ("tekken", TEKKEN),
    ("deepseek", DEEPSEEK3),
    ("glm", GLM4),
    ("kimi", KIMI),
    ("gemma", GEMMA4),
    ("gpt", GPT2),
];

/// The family of a `tokenizer.ggml.pre`, and whether it is that family's own name.
pub(crate) fn find(pre: Option<&str>) -> (Family, Match) {
    let Some(pre) = pre else { return (DEFAULT, Match::Missing) };
    if let Some(found) = all().find(|family| family.names.contains(&pre)) {
        return (*found, Match::Exact);
    }
    let lower = pre.to_lowercase();
    let nearest = NEAREST.iter().find(|(part, _)| lower.contains(part));
    (nearest.map_or(GPT2, |(_, family)| *family), Match::Nearest)
}

/// How a family was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Match {
    /// By one of its names.
    Exact,
    /// The name is unknown; ids may differ from those the model was trained with.
    Nearest,
    /// The file names none.
    Missing,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_in_two_families() {
        let mut names: Vec<&str> = all().flat_map(|family| family.names).copied().collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn unknown_names_get_the_nearest_family() {
        for (pre, names, how) in [
            (Some("qwen2"), QWEN2.names, Match::Exact),
            (Some("gpt2"), GPT2.names, Match::Exact),
            (Some("Qwen99-next"), QWEN2.names, Match::Nearest),
            (Some("llama9"), LLAMA3.names, Match::Nearest),
            (Some("deepseek-v9"), DEEPSEEK3.names, Match::Nearest),
            (Some("glm9"), GLM4.names, Match::Nearest),
            (Some("gpt-4.1"), GPT4O.names, Match::Nearest),
            (Some("who-knows"), GPT2.names, Match::Nearest),
            (Some(""), GPT2.names, Match::Nearest),
            (None, DEFAULT.names, Match::Missing),
        ] {
            let (family, found) = find(pre);
            assert_eq!((family.names, found), (names, how), "{pre:?}");
        }
    }
}
