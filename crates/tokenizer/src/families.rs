//! The pre-tokenizers by the names that `tokenizer.ggml.pre` has for them.
//!
//! One line per behaviour. To add a family: its names, its stages, and a row of truth in
//! `golden/tokenizer/pretokenize.json`.

use crate::pretokenize::{Stage, UNBOUNDED, Words};

/// How one family of byte-level vocabularies cuts and merges.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Family {
    /// Values of `tokenizer.ggml.pre`.
    pub names: &'static [&'static str],
    /// The expressions, applied one after the other.
    pub stages: &'static [Stage],
    /// A word that is a token stays whole, even if the merges would not build it.
    pub ignore_merges: bool,
    /// BOS is added where the file does not say.
    pub add_bos: bool,
}

const fn family(names: &'static [&'static str], stages: &'static [Stage]) -> Family {
    Family { names, stages, ignore_merges: false, add_bos: false }
}

const DIGIT: Stage = Stage::Numbers { longest: 1 };

/// Falcon's expressions in the form llama.cpp gives them: what a file without a name was made for.
const DEFAULT: Family = family(
    &["default"],
    &[Stage::Punctuation, Stage::Gpt2, Stage::Numbers { longest: UNBOUNDED }, Stage::AsciiTriples],
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
        "jina-v1-en",
        "jina-v2-code",
        "roberta-bpe",
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
    names: &[
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
    stages: &[Stage::Words(Words::LLAMA3)],
    ignore_merges: true,
    add_bos: true,
};

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
    ],
    &[Stage::Words(Words::QWEN2)],
);

const TEKKEN: Family = Family {
    names: &["tekken"],
    stages: &[Stage::CasedWords(Words::TEKKEN)],
    ignore_merges: true,
    add_bos: true,
};

const GPT4O: Family =
    family(&["gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2"], &[Stage::CasedWords(Words::LLAMA3)]);

/// Every family. A test checks that no name is in two of them.
pub(crate) const FAMILIES: &[Family] = &[
    DEFAULT,
    GPT2,
    SMOLLM,
    LLAMA3,
    QWEN2,
    family(&["dbrx", "smaug-bpe", "glm4", "chatglm-bpe"], &[Stage::Words(Words::LLAMA3)]),
    family(&["qwen35"], &[Stage::Words(Words::QWEN35)]),
    family(&["ufakzeka"], &[Stage::Words(Words { contractions: false, ..Words::QWEN2 })]),
    family(&["laguna"], &[Stage::Lines, Stage::Words(Words::QWEN2)]),
    TEKKEN,
    GPT4O,
    Family {
        names: &["minicpm5"],
        stages: &[
            Stage::Numbers { longest: 3 },
            Stage::Words(Words { longest_number: UNBOUNDED, ..Words::LLAMA3 }),
        ],
        ignore_merges: true,
        add_bos: false,
    },
];

/// Parts of unknown names, and the family whose expressions are closest. The first that occurs decides.
const NEAREST: &[(&str, Family)] = &[
    ("qwen", QWEN2),
    ("smol", SMOLLM),
    ("coder", SMOLLM),
    ("exaone", SMOLLM),
    ("llama", LLAMA3),
    ("gpt-4", GPT4O),
    ("tekken", TEKKEN),
    ("deepseek", Family { ignore_merges: false, add_bos: false, ..LLAMA3 }),
    ("gpt", GPT2),
];

/// The family of a `tokenizer.ggml.pre`, and whether it is that family's own name.
pub(crate) fn find(pre: Option<&str>) -> (Family, Match) {
    let Some(pre) = pre else { return (DEFAULT, Match::Missing) };
    if let Some(found) = FAMILIES.iter().find(|family| family.names.contains(&pre)) {
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
        let mut names: Vec<&str> = FAMILIES.iter().flat_map(|family| family.names).copied().collect();
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
