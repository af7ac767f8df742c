//! Vocabularies from strangers: each way to be wrong has its error, and none makes encoding slow.
#![allow(clippy::unwrap_used)]

mod clock;

use std::sync::Arc;

use clock::time_on_cpu;
use gollum_tokenizer::{
    LONGEST_TOKEN, MAX_VOCABULARY_BYTES, SpecialIds, SpecialText, Tokenizer, VocabSource, from_source,
};
use proptest::prelude::*;

const NORMAL: u32 = 1;
const CONTROL: u32 = 3;
const BYTE: u32 = 6;

/// The kinds that look for tokens in a text.
const MATCHING: [&str; 4] = ["bert", "t5", "rwkv", "plamo2"];

/// What a file of some kind could hold.
struct Made {
    model: &'static str,
    tokens: Vec<String>,
    kinds: Vec<u32>,
    scores: Vec<f32>,
    charsmap: Option<Vec<u8>>,
}

impl Made {
    /// These tokens behind three control tokens, and the bytes that some kinds need.
    fn new(model: &'static str, tokens: impl IntoIterator<Item = String>) -> Self {
        let mut all: Vec<String> = ["<unk>", "<s>", "</s>"].map(str::to_owned).into();
        let mut kinds = vec![CONTROL; 3];
        if matches!(model, "plamo2" | "gemma4") {
            all.extend((0..256).map(|byte| format!("<0x{byte:02X}>")));
            kinds.resize(all.len(), BYTE);
        }
        all.extend(tokens);
        kinds.resize(all.len(), NORMAL);
        let scores = vec![-1.0; all.len()];
        Self { model, tokens: all, kinds, scores, charsmap: None }
    }

    fn source(&self) -> VocabSource<'_> {
        VocabSource {
            model: self.model,
            tokens: self.tokens.iter().map(String::as_str).collect(),
            kinds: Some(self.kinds.clone()),
            scores: Some(&self.scores),
            merges: Some(Vec::new()),
            charsmap: self.charsmap.clone(),
            ids: SpecialIds {
                unk: Some(0),
                bos: Some(1),
                eos: Some(2),
                sep: Some(2),
                ..SpecialIds::default()
            },
            ..VocabSource::default()
        }
    }

    fn build(&self) -> Arc<dyn Tokenizer> {
        from_source(&self.source()).unwrap()
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// Refused, and with the values in the message.
fn check_refused(source: &VocabSource<'_>, message: &str) {
    match from_source(source) {
        Ok(_) => panic!("accepted: {message}"),
        Err(error) => assert_eq!(error.to_string(), message),
    }
}

#[test]
fn lists_that_are_missing_or_short_are_refused() {
    for model in ["t5", "plamo2"] {
        let made = Made::new(model, words(&["a"]));
        let tokens = made.tokens.len();
        let found = tokens - 1;
        check_refused(
            &VocabSource { scores: None, ..made.source() },
            "the model file has no tokenizer.ggml.scores",
        );
        check_refused(
            &VocabSource { scores: Some(&made.scores[1..]), ..made.source() },
            &format!("tokenizer.ggml.scores has {found} entries for {tokens} tokens"),
        );
        for (score, shown) in [(f32::NAN, "NaN"), (f32::INFINITY, "inf"), (f32::NEG_INFINITY, "-inf")] {
            let mut made = Made::new(model, words(&["a"]));
            made.scores[1] = score;
            check_refused(&made.source(), &format!("the score of token 1 is {shown}"));
        }
    }
    for model in MATCHING {
        let made = Made::new(model, words(&["a"]));
        let tokens = made.tokens.len();
        check_refused(
            &VocabSource { kinds: Some(vec![1; 2]), ..made.source() },
            &format!("tokenizer.ggml.token_type has 2 entries for {tokens} tokens"),
        );
        check_refused(
            &VocabSource { tokens: Vec::new(), kinds: None, ..made.source() },
            "the vocabulary is empty",
        );
        let ids = SpecialIds { sep: Some(tokens as u32), ..SpecialIds::default() };
        check_refused(
            &VocabSource { ids, ..made.source() },
            &format!("tokenizer.ggml.seperator_token_id is {tokens}, but the vocabulary has {tokens} tokens"),
        );
    }
    let gemma4 = Made::new("gemma4", words(&["a"]));
    check_refused(
        &VocabSource { merges: None, ..gemma4.source() },
        "the model file has no tokenizer.ggml.merges",
    );
    check_refused(
        &VocabSource { merges: Some(vec!["ab"]), ..gemma4.source() },
        "merge 0 is not a pair: \"ab\"",
    );
}

#[test]
fn what_a_kind_needs_is_told() {
    let mut plamo2 = Made::new("plamo2", words(&["a"]));
    plamo2.tokens[3 + 0x41] = "<0x42 >".to_owned();
    plamo2.kinds[3 + 0x41] = NORMAL;
    check_refused(&plamo2.source(), "no token stands for the byte 0x41");
    let t5 = Made::new("t5", []);
    let tokens = t5.source().tokens[..2].to_vec();
    let short = VocabSource { tokens, kinds: None, ids: SpecialIds::default(), ..t5.source() };
    check_refused(&short, "the model file has no tokenizer.ggml.unknown_token_id");
}

#[test]
fn giant_tokens_are_refused() {
    for model in ["gpt2", "llama", "gemma4", "bert", "t5", "rwkv", "plamo2", "whitespace", "hybriddna"] {
        let made = Made::new(model, ["a".repeat(LONGEST_TOKEN), "b".repeat(LONGEST_TOKEN + 1)]);
        let giant = made.tokens.len() - 1;
        check_refused(&made.source(), &format!("token {giant} has 2049 bytes, the limit is 2048"));
        from_source(&Made::new(model, ["a".repeat(LONGEST_TOKEN)]).source()).unwrap();
    }
    let token = "a".repeat(LONGEST_TOKEN);
    let tokens = vec![token.as_str(); MAX_VOCABULARY_BYTES / LONGEST_TOKEN + 1];
    check_refused(
        &VocabSource { model: "rwkv", tokens, ..VocabSource::default() },
        "the tokens have 67110912 bytes, the limit is 67108864",
    );
}

/// One unit of a double array.
fn unit(base: u32, label: u8, is_leaf: bool) -> u32 {
    base << 10 | u32::from(is_leaf) << 8 | u32::from(label)
}

/// A charsmap of these units, with `replacements` behind them.
fn charsmap(units: &[u32], replacements: &[u8]) -> Vec<u8> {
    let size = 4 * units.len() as u32;
    let words = std::iter::once(size).chain(units.iter().copied());
    words.flat_map(u32::to_le_bytes).chain(replacements.iter().copied()).collect()
}

/// Units that rewrite `A` to what is at `value`: the root's child by `A` is a leaf, whose value is one unit on.
fn one_rule(value: u32) -> Vec<u32> {
    let mut units = vec![0; 128];
    let child = u32::from(b'A');
    units[0] = unit(0, 0, false);
    units[child as usize] = unit(1, b'A', true);
    units[(child ^ 1) as usize] = 1 << 31 | value;
    units
}

fn with_charsmap(charsmap: Vec<u8>) -> Made {
    Made { charsmap: Some(charsmap), ..Made::new("t5", words(&["a", "bc", "A"])) }
}

#[test]
fn a_charsmap_rewrites() {
    for (value, expected) in [(0, "a"), (2, "bc"), (3, "c"), (4, "")] {
        let tokenizer = with_charsmap(charsmap(&one_rule(value), b"a\0bc\0")).build();
        let bytes = tokenizer.decode(&tokenizer.encode("A", SpecialText::Literal));
        let expected = if expected == "c" { "<unk>" } else { expected };
        assert_eq!(bytes, expected.as_bytes(), "{value}");
    }
    let none = Made::new("t5", words(&["A"])).build();
    assert_eq!(none.encode("A", SpecialText::Literal), [3]);
}

#[test]
fn malformed_charsmaps_are_refused() {
    // A node that leads to itself by each byte: keys without end.
    let mut circle = vec![0; 256];
    circle[0] = unit(0, 0, false);
    circle[65] = unit(0, b'A', false);
    // 65 ^ base ^ 'A' == 65 takes a base of 65.
    circle[65] |= 65 << 10;
    // Every node has two children and shares them with its neighbour: keys double with each byte.
    let mut doubling = vec![0; 4096];
    for depth in 0..16_u32 {
        let children = depth * 256;
        for label in [1_u8, 2] {
            let at = children + u32::from(label);
            doubling[at as usize] = unit(at ^ (children + 256), label, false);
        }
    }
    doubling[15 * 256 + 1] = unit(0, 1, false) | (15 * 256 + 1) << 10;
    let mut outside = one_rule(0);
    outside[65] = unit(4096, b'A', true);
    let replacements = b"a\0";
    for (blob, reason) in [
        (vec![0], "it has no size"),
        (vec![0; 4], "its array ends behind it"),
        (charsmap(&one_rule(0), b""), "its array ends behind it"),
        (charsmap(&one_rule(0), b"\xff\0"), "a replacement is not UTF-8"),
        (charsmap(&one_rule(0), b"a"), "a replacement does not end"),
        (charsmap(&one_rule(2), replacements), "a value is outside the replacements"),
        (charsmap(&one_rule(1 << 30), replacements), "a value is outside the replacements"),
        (charsmap(&one_rule(1), "é\0".as_bytes()), "a value is outside the replacements"),
        (charsmap(&outside, replacements), "a value is outside its array"),
        (
            charsmap(&one_rule(0), &[&[b'a'; 17][..], b"\0"].concat()),
            "a replacement is much longer than what it replaces",
        ),
        (charsmap(&circle, replacements), "a key is too long"),
    ] {
        let message = format!("tokenizer.ggml.precompiled_charsmap is malformed: {reason}");
        check_refused(&with_charsmap(blob).source(), &message);
    }
    assert!(from_source(&with_charsmap(charsmap(&doubling, replacements)).source()).is_err());
    // Sixteen bytes for one are allowed.
    with_charsmap(charsmap(&one_rule(0), &[&[b'a'; 16][..], b"\0"].concat())).build();
}

#[test]
fn the_longest_tokens_keep_their_bound() {
    // Each place of the text begins a walk of LONGEST_TOKEN bytes that ends nowhere.
    let trap = format!("{}b", "a".repeat(LONGEST_TOKEN - 1));
    // And each has many tokens to choose from.
    let nested = (1..=128).map(|len| "a".repeat(len));
    for model in MATCHING {
        let mut tokens: Vec<String> = nested.clone().collect();
        tokens.extend([trap.clone(), "\u{2581}".to_owned(), "\u{2581}a".to_owned()]);
        let tokenizer = Made::new(model, tokens).build();
        for unit in ["a", "a b", "é", " "] {
            let text = unit.repeat((64 << 10) / unit.len());
            let start = time_on_cpu();
            let ids = tokenizer.encode(&text, SpecialText::Parse);
            let spent = time_on_cpu() - start;
            // WordPiece may spell a mark with two tokens: the space before it, and itself.
            assert!(ids.len() <= 2 * text.len() + 1, "{model}: {unit:?} has {} ids", ids.len());
            // 64 Ki walks of 2 Ki steps take half a second; one walk to the end of the text from each place would
            // take sixteen times as long.
            assert!(spent.as_secs() < 5, "{model}: {unit:?} took {spent:?}");
        }
    }
}

#[test]
fn a_mebibyte_of_anything_is_no_burden() {
    let tokens =
        words(&["a", "ab", "\u{2581}", "\u{2581}a", "\u{2581}ab", "b", " ", "é", "\n", "<", "\\n\\n"]);
    for model in ["bert", "t5", "rwkv", "plamo2", "gemma4", "whitespace", "hybriddna"] {
        let made = Made::new(model, tokens.clone());
        let mut source = made.source();
        source.merges = Some(vec!["a b", "b a", "\u{2581} a", "a a", "aa aa", "\n \n"]);
        let tokenizer = from_source(&source).unwrap();
        for unit in ["ab", " ", "é", "😀", "<s>", ".", "a \u{3000}"] {
            let text = unit.repeat((1 << 20) / unit.len());
            let start = time_on_cpu();
            let ids = tokenizer.encode(&text, SpecialText::Parse);
            let spent = time_on_cpu() - start;
            // WordPiece may spell a mark with two tokens: the space before it, and itself.
            assert!(ids.len() <= 2 * text.len() + 1, "{model}: {unit:?} has {} ids", ids.len());
            assert!(spent.as_secs() < 5, "{model}: {unit:?} took {spent:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Bytes flipped in a good charsmap, or the end cut off: refused, or harmless.
    #[test]
    fn any_charsmap_works_or_is_refused(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
        text in "[A-C aé]{0,12}",
    ) {
        let mut blob = charsmap(&one_rule(2), b"a\0bc\0");
        for (at, byte) in flips {
            let at = at.index(blob.len());
            blob[at] ^= byte;
        }
        if let Some(cut) = cut {
            blob.truncate(cut.index(blob.len()));
        }
        if let Ok(tokenizer) = from_source(&with_charsmap(blob).source()) {
            let ids = tokenizer.encode(&text, SpecialText::Literal);
            prop_assert!(ids.iter().all(|&id| (id as usize) < tokenizer.vocab_size()));
        }
    }
}
