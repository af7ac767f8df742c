//! Small vocabularies made by hand: what they encode, and how broken ones are refused.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use gollum_gguf::{Array, Gguf, StringArray, Value, Writer};
use gollum_tokenizer::{
    MODELS, SpecialIds, SpecialText, Tokenizer, TokenizerError, VocabSource, from_gguf, from_source,
};
use proptest::prelude::*;

const NORMAL: u32 = 1;
const UNKNOWN: u32 = 2;
const CONTROL: u32 = 3;
const USER_DEFINED: u32 = 4;
const BYTE: u32 = 6;

fn bpe() -> VocabSource<'static> {
    let tokens = vec!["<|end|>", "a", "b", "Ġ", "ab", "Ġab", "<tool>", "Ċ", "abab", "<|", "end", "|>"];
    let kinds = tokens.iter().map(|&text| match text {
        "<|end|>" => CONTROL,
        "<tool>" => USER_DEFINED,
        _ => NORMAL,
    });
    VocabSource {
        model: "gpt2",
        pre: Some("gpt-2"),
        kinds: Some(kinds.collect()),
        merges: Some(vec!["a b", "Ġ ab", "ab ab", "x y"]),
        ids: SpecialIds { eos: Some(0), ..SpecialIds::default() },
        tokens,
        ..VocabSource::default()
    }
}

const SPM_SCORES: &[f32] = &[0.0, 0.0, 0.0, -1.0, -2.0, -3.0, -1.5, -0.5, 0.0, 0.0, -0.25];

fn spm() -> VocabSource<'static> {
    let tokens = vec!["<unk>", "<s>", "</s>", "▁", "a", "b", "ab", "▁ab", "<0xC3>", "<0xA9>", "ba"];
    let kinds = vec![UNKNOWN, CONTROL, CONTROL, NORMAL, NORMAL, NORMAL, NORMAL, NORMAL, BYTE, BYTE, NORMAL];
    VocabSource {
        model: "llama",
        tokens,
        kinds: Some(kinds),
        scores: Some(SPM_SCORES),
        ..VocabSource::default()
    }
}

fn pieces(tokenizer: &dyn Tokenizer, text: &str, special: SpecialText) -> Vec<String> {
    let ids = tokenizer.encode(text, special);
    ids.iter().map(|&id| String::from_utf8_lossy(tokenizer.token_bytes(id)).into_owned()).collect()
}

#[test]
fn bpe_merges_the_lowest_rank_first() {
    let tokenizer = from_source(&bpe()).unwrap();
    for (text, special, expected) in [
        ("ababa", SpecialText::Parse, &["abab", "a"][..]),
        (" ab", SpecialText::Parse, &[" ab"]),
        ("b a\nab", SpecialText::Parse, &["b", " ", "a", "\n", "ab"]),
        ("a<|end|>b<tool>", SpecialText::Parse, &["a", "<|end|>", "b", "<tool>"]),
        // No byte of `<|end|>` is a token of its own here, so nothing can stand for it.
        ("a<|end|>b<tool>", SpecialText::Literal, &["a", "b", "<tool>"]),
        ("", SpecialText::Parse, &[]),
    ] {
        assert_eq!(pieces(&*tokenizer, text, special), expected, "{text:?}");
    }
}

#[test]
fn a_whole_word_beats_the_merges_where_its_family_says_so() {
    let merges = Some(vec!["b a"]);
    let by_merges = from_source(&VocabSource { merges: merges.clone(), ..bpe() }).unwrap();
    assert_eq!(pieces(&*by_merges, "ab", SpecialText::Parse), ["a", "b"]);
    let ids = SpecialIds { bos: Some(0), ..SpecialIds::default() };
    let whole = from_source(&VocabSource { merges, pre: Some("llama-bpe"), ids, ..bpe() }).unwrap();
    assert_eq!(pieces(&*whole, "ab", SpecialText::Parse), ["ab"]);
    assert!(whole.special().add_bos, "Llama 3 files may leave the flag out");
}

#[test]
fn families_say_what_stays_whole_and_what_is_added() {
    let ids = SpecialIds { bos: Some(0), ..SpecialIds::default() };
    for (pre, ab, add_bos, add_sep) in [
        ("glm4", "ab", false, false),
        ("glm5", "ab", false, false),
        ("youtu", "ab", false, false),
        ("granite-embed-multi-97m", "ab", false, false),
        ("chatglm-bpe", "a+b", false, false),
        ("chameleon", "a+b", true, false),
        ("roberta-bpe", "a+b", false, true),
        ("jina-v2-code", "a+b", false, true),
    ] {
        let source = VocabSource { pre: Some(pre), merges: Some(vec!["b a"]), ids, ..bpe() };
        let tokenizer = from_source(&source).unwrap();
        assert_eq!(pieces(&*tokenizer, "ab", SpecialText::Parse).join("+"), ab, "{pre}");
        let special = tokenizer.special();
        assert_eq!((special.add_bos, special.add_sep), (add_bos, add_sep), "{pre}");
    }
}

#[test]
fn gemma4_always_has_bos_and_keeps_runs_of_newlines() {
    let mut source =
        VocabSource { model: "gemma4", pre: Some("llama-bpe"), merges: Some(vec!["a b"]), ..bpe() };
    source.tokens.extend(["\n", "\n\n\n", "\u{2581}", "<0xC3>", "<0xA9>"]);
    source.kinds.as_mut().unwrap().extend([NORMAL, NORMAL, NORMAL, BYTE, BYTE]);
    source.ids = SpecialIds { bos: Some(0), ..SpecialIds::default() };
    source.add_bos = Some(false);
    let tokenizer = from_source(&source).unwrap();
    assert!(tokenizer.special().add_bos);
    // Two newlines are no token; the merges do not build three.
    assert_eq!(
        pieces(&*tokenizer, "ab ab\n\n\na\n\n", SpecialText::Parse),
        ["ab", " ", "ab", "\n\n\n", "a", "\n", "\n"]
    );
    assert_eq!(tokenizer.encode("é", SpecialText::Parse), [15, 16]);
    assert_eq!(tokenizer.decode(&[15, 16]), "é".as_bytes());
}

#[test]
fn special_tokens_of_some_models_strip_whitespace() {
    let mut source = spm();
    source.tokens.extend(["<|user|>", "<|end|>", "<mask>"]);
    source.kinds.as_mut().unwrap().extend([CONTROL, CONTROL, CONTROL]);
    let scores = vec![-1.0; source.tokens.len()];
    source.scores = Some(&scores);
    let encode = |source: &VocabSource<'_>, text: &str| {
        let tokenizer = from_source(source).unwrap();
        pieces(&*tokenizer, text, SpecialText::Parse).concat()
    };
    let text = "<s> a<|user|> \n\t a<|end|>\n a <mask> a";
    let phi = VocabSource { name: Some("Phi-3 Mini"), ..source.clone() };
    assert_eq!(encode(&phi, text), "<s>  a<|user|> a<|end|> a <mask> a");
    let jina = VocabSource { architecture: Some("jina-bert-v3"), ..source.clone() };
    assert!(encode(&jina, text).ends_with("a<mask>  a"));
    assert!(encode(&source, text).ends_with("a <mask>  a"));
}

#[test]
fn spm_merges_the_best_score_first_and_falls_back_to_bytes() {
    let tokenizer = from_source(&spm()).unwrap();
    let ids = |text| tokenizer.encode(text, SpecialText::Parse);
    // "ba" has a better score than "▁ab" and "ab".
    assert_eq!(ids("aba"), [3, 4, 10]);
    assert_eq!(ids("ab"), [7]);
    assert_eq!(ids("é"), [3, 8, 9]);
    // Neither a token nor bytes: unknown, once per byte.
    assert_eq!(ids("ö"), [3, 8, 0]);
    // A space goes before text after each special token too.
    assert_eq!(ids("<s>ab</s>"), [1, 7, 2]);
    assert_eq!(tokenizer.decode(&ids("ab")), b" ab");
    assert!(tokenizer.adds_space_prefix());
    let plain = from_source(&VocabSource { add_space_prefix: Some(false), ..spm() }).unwrap();
    assert_eq!(plain.encode("ab ab", SpecialText::Parse), [6, 7]);
    assert!(!plain.adds_space_prefix());
}

#[test]
fn a_hidden_token_never_spells_a_byte() {
    let mut source = spm();
    source.kinds.as_mut().unwrap()[8] = CONTROL;
    let tokenizer = from_source(&source).unwrap();
    assert_eq!(tokenizer.encode("é", SpecialText::Literal), [3, 0, 9]);
}

#[test]
fn special_tokens_have_defaults_by_kind() {
    let spm = from_source(&spm()).unwrap();
    let special = spm.special();
    assert_eq!((special.bos, special.eos, special.unk), (Some(1), Some(2), Some(0)));
    assert!(special.add_bos && !special.add_eos);
    assert_eq!(special.end_of_generation, [2]);
    let bpe = from_source(&bpe()).unwrap();
    assert_eq!((bpe.special().bos, bpe.special().eot), (None, Some(0)));
    assert_eq!(bpe.special().end_of_generation, [0]);
    assert!(bpe.is_control(0) && !bpe.is_control(6));
}

/// `bpe()` with the tags of DNA, `<oov>`, and a token of six letters that is a word too.
fn dna() -> VocabSource<'static> {
    let mut source = bpe();
    source.tokens.extend(["<dna>", "</dna>", "<oov>", "AAAAAA", "AAAAAA\u{e000}"]);
    source.kinds.as_mut().unwrap().extend([NORMAL; 5]);
    VocabSource { model: "hybriddna", ..source }
}

#[test]
fn letters_between_tags_are_dna() {
    let tokenizer = from_source(&dna()).unwrap();
    for (text, expected) in [
        ("ab<dna>aaaaaaaA</dna> ab", &[4, 12, 16, 16, 13, 5][..]),
        ("<dna>AAAAAAC", &[12, 16, 14]),
        ("<dna>é\u{e000}é</dna>", &[12, 14, 14, 13]),
        ("<tool><dna><tool></dna>", &[6, 12, 6, 1]),
    ] {
        assert_eq!(tokenizer.encode(text, SpecialText::Literal), expected, "{text}");
    }
    assert_eq!(tokenizer.decode(&[12, 16, 13]), b"<dna>AAAAAA</dna>");
    assert!(!tokenizer.keeps_text());
}

#[test]
fn without_tags_that_text_may_become_there_is_no_dna() {
    for (at, kind) in [(12, CONTROL), (13, UNKNOWN)] {
        let mut source = dna();
        source.kinds.as_mut().unwrap()[at] = kind;
        let tokenizer = from_source(&source).unwrap();
        assert_eq!(tokenizer.encode("<dna>ab</dna>", SpecialText::Literal), [1, 4, 1], "{at}");
    }
    let mut source = dna();
    source.tokens[14] = "<other>";
    let tokenizer = from_source(&source).unwrap();
    assert_eq!(tokenizer.encode("<dna>ab</dna>", SpecialText::Literal), [1, 4, 1]);
    assert!(tokenizer.keeps_text());
}

#[test]
fn a_known_text_is_control_whatever_its_type() {
    let kinds = Some(vec![NORMAL; 12]);
    let tokenizer = from_source(&VocabSource { kinds, ids: SpecialIds::default(), ..bpe() }).unwrap();
    assert!(tokenizer.is_control(0));
    assert_eq!(tokenizer.encode("<|end|>", SpecialText::Parse), [0]);
    assert_eq!(tokenizer.special().end_of_generation, [0]);
}

#[test]
fn the_ends_of_gpt_oss_leave_end_to_the_middle() {
    let mut source = bpe();
    source.tokens.extend(["<|return|>", "<|call|>", "<|channel|>"]);
    source.kinds.as_mut().unwrap().extend([CONTROL; 3]);
    source.ids.eos = Some(12);
    let tokenizer = from_source(&source).unwrap();
    assert_eq!(tokenizer.special().end_of_generation, [12, 13]);
    assert!(!tokenizer.is_control(0) && !tokenizer.is_control(14));
}

/// Refused, and with the values in the message.
fn check_refused(source: &VocabSource<'_>, message: &str) {
    match from_source(source) {
        Ok(_) => panic!("accepted: {message}"),
        Err(error) => assert_eq!(error.to_string(), message),
    }
}

#[test]
fn broken_vocabularies_are_refused() {
    check_refused(&VocabSource { tokens: Vec::new(), kinds: None, ..bpe() }, "the vocabulary is empty");
    check_refused(
        &VocabSource { model: "t6", ..bpe() },
        "tokenizer model \"t6\" is not supported (supported: gpt2, llama, gemma4, bert, t5, rwkv, plamo2, whitespace, hybriddna)",
    );
    check_refused(&VocabSource { merges: None, ..bpe() }, "the model file has no tokenizer.ggml.merges");
    check_refused(
        &VocabSource { kinds: Some(vec![1; 11]), ..bpe() },
        "tokenizer.ggml.token_type has 11 entries for 12 tokens",
    );
    check_refused(
        &VocabSource { scores: Some(&SPM_SCORES[1..]), ..spm() },
        "tokenizer.ggml.scores has 10 entries for 11 tokens",
    );
    check_refused(&VocabSource { kinds: Some(vec![7; 12]), ..bpe() }, "token 0 has the unknown type 7");
    check_refused(
        &VocabSource { scores: Some(&[f32::NAN; 11]), ..spm() },
        "the score of token 0 is not a number",
    );
    let mut twice = bpe();
    twice.tokens[5] = "ab";
    check_refused(&twice, "tokens 4 and 5 are both \"ab\"");
    for merge in ["ab", "", " b", "a "] {
        check_refused(
            &VocabSource { merges: Some(vec!["a b", merge]), ..bpe() },
            &format!("merge 1 is not a pair: {merge:?}"),
        );
    }
    for text in ["<0x-1>", "<0xZZ>", "<0x+1>", "<0x1>", "<0x100>", "0xAA", "", "<0xé>"] {
        let mut source = spm();
        source.tokens[8] = text;
        check_refused(&source, &format!("token 8 is a byte token, but its text is {text:?}"));
    }
    for id in [12, 1 << 31, u32::MAX - 1] {
        let ids = SpecialIds { eot: Some(id), ..SpecialIds::default() };
        let message = format!("tokenizer.ggml.eot_token_id is {id}, but the vocabulary has 12 tokens");
        check_refused(&VocabSource { ids, ..bpe() }, &message);
    }
    check_refused(
        &VocabSource { add_bos: Some(true), ..bpe() },
        "tokenizer.ggml.add_bos_token is true, but the model file has no tokenizer.ggml.bos_token_id",
    );
}

#[test]
fn merges_may_name_texts_that_are_no_tokens() {
    // "x y" in the vocabulary above; here a chain through such a text to a token.
    let merges = Some(vec!["b Ġ", "bĠ a", "a bĠa"]);
    let mut source = VocabSource { merges, ..bpe() };
    source.tokens[8] = "abĠa";
    let tokenizer = from_source(&source).unwrap();
    // Merged over the whole text, were it one word; the pre-tokenizer keeps the words apart.
    assert_eq!(tokenizer.encode("ab a", SpecialText::Parse), [1, 2, 3, 1]);
    // What stays a text that is no token comes out as its bytes.
    let merges = Some(vec!["b a"]);
    let tokenizer = from_source(&VocabSource { merges, ..bpe() }).unwrap();
    assert_eq!(tokenizer.encode("ba", SpecialText::Parse), [2, 1]);
}

#[test]
fn no_token_is_written_as_minus_one() {
    let strings = |texts: &[&str]| {
        let mut array = StringArray::default();
        texts.iter().for_each(|text| array.push(text));
        Value::Array(Array::String(array))
    };
    let build = |bos: Value, kinds: Value| -> Result<Arc<dyn Tokenizer>, TokenizerError> {
        let bytes = Writer::new()
            .meta("general.architecture", Value::String("llama".into()))
            .meta("tokenizer.ggml.model", Value::String("gpt2".into()))
            .meta("tokenizer.ggml.pre", Value::String("no-such-thing".into()))
            .meta("tokenizer.ggml.tokens", strings(&["a", "b", "ab"]))
            .meta("tokenizer.ggml.merges", strings(&["a b"]))
            .meta("tokenizer.ggml.token_type", kinds)
            .meta("tokenizer.ggml.bos_token_id", bos)
            .to_bytes()
            .unwrap();
        let path = std::env::temp_dir().join(format!(
            "gollum-tokenizer-{}-{:?}.gguf",
            std::process::id(),
            std::thread::current().id()
        ));
        std::fs::write(&path, bytes).unwrap();
        let gguf = Gguf::open(&path);
        std::fs::remove_file(&path).unwrap();
        from_gguf(gguf.unwrap().metadata())
    };
    let kinds = || Value::Array(Array::I32(vec![1, 1, 1]));
    for none in [Value::I32(-1), Value::U32(u32::MAX), Value::I64(-1)] {
        let tokenizer = build(none, kinds()).unwrap();
        assert_eq!(tokenizer.special().bos, None);
        assert_eq!(tokenizer.encode("abab", SpecialText::Parse), [2, 2]);
    }
    for (bos, message) in [
        (Value::I32(-2), "tokenizer.ggml.bos_token_id is -2, but the vocabulary has 3 tokens"),
        (Value::U32(1 << 31), "tokenizer.ggml.bos_token_id is 2147483648, but the vocabulary has 3 tokens"),
        (
            Value::U64(1 << 40),
            "tokenizer.ggml.bos_token_id is 1099511627776, but the vocabulary has 3 tokens",
        ),
    ] {
        assert_eq!(build(bos, kinds()).err().unwrap().to_string(), message);
    }
    for (bos, kinds) in [
        (Value::String("1".into()), kinds()),
        (Value::U64(u64::MAX), kinds()),
        (Value::U32(0), Value::Array(Array::F32(vec![1.0; 3]))),
        (Value::U32(0), Value::Array(Array::I32(vec![1, -1, 1]))),
        (Value::U32(0), strings(&["1", "1", "1"])),
    ] {
        assert!(matches!(build(bos, kinds), Err(TokenizerError::Metadata(_))));
    }
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ab<|>ĠĊ▁\n ]{0,4}",
        Just("<|end|>".to_owned()),
        Just("</s>".to_owned()),
        Just("<0x0A>".to_owned()),
        "\\PC{0,3}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    /// A vocabulary from a stranger either is refused or works: no panic, ids in range, literal text stays text.
    #[test]
    fn any_vocabulary_works_or_is_refused(
        model in prop::sample::select(MODELS.iter().map(|model| model.name).collect::<Vec<_>>()),
        tokens in prop::collection::btree_set(any_text(), 0..24).prop_map(Vec::from_iter).prop_shuffle(),
        kinds in prop::option::of(prop::collection::vec(prop_oneof![99 => 0u32..6, 1 => 6u32..8], 0..24)),
        scores in prop::option::of(prop::collection::vec(prop::num::f32::NORMAL | prop::num::f32::ZERO, 0..24)),
        merges in prop::collection::vec(prop_oneof![99 => "[ab<|>ĠĊ]{1,3} [ab<|>ĠĊ ]{1,3}", 1 => "[ab ]{0,2}"], 0..12),
        pre in prop::option::of(prop_oneof![Just("llama-bpe"), Just("qwen2"), Just("smollm"), Just("?"), Just("default")]),
        ids in prop::array::uniform4(prop::option::of(prop_oneof![40 => 0u32..4, 1 => any::<u32>()])),
        flags in prop::array::uniform8(any::<Option<bool>>()),
        charsmap in prop::option::of(prop::collection::vec(prop_oneof![Just(0u8), any::<u8>()], 0..40)),
        text in "([ab<|>\n ▁]|<\\|end\\|>|</s>|\\PC){0,30}",
    ) {
        // What PLaMo's vocabularies always have.
        let bytes: Vec<String> = (0..256).map(|byte| format!("<0x{byte:02X}>")).collect();
        let mut tokens = tokens;
        if model == "plamo2" {
            tokens.retain(|text| !bytes.contains(text));
            tokens.extend(bytes);
        }
        // Lists of the right length, so that most vocabularies pass the first checks.
        let default = |text: &str| if model == "plamo2" && text.starts_with("<0x") { BYTE } else { NORMAL };
        let kinds = kinds.or(Some(Vec::new()));
        let fit = |kinds: Vec<u32>| {
            tokens.iter().enumerate().map(|(at, text)| *kinds.get(at).unwrap_or(&default(text))).collect()
        };
        let mut scores = scores;
        if let Some(scores) = &mut scores {
            scores.resize(tokens.len(), 0.5);
        }
        let source = VocabSource {
            model,
            pre,
            tokens: tokens.iter().map(String::as_str).collect(),
            scores: scores.as_deref(),
            kinds: kinds.map(fit),
            merges: Some(merges.iter().map(String::as_str).collect()),
            ids: SpecialIds { bos: ids[0], eos: ids[1], unk: ids[2], pad: ids[3], ..SpecialIds::default() },
            add_bos: flags[0],
            add_eos: flags[1],
            add_space_prefix: flags[2],
            remove_extra_whitespaces: flags[3],
            lowercase: flags[4],
            strip_accents: flags[5],
            add_sep: flags[6],
            name: flags[7].map(|is_phi| if is_phi { "Phi-3 mini" } else { "modern-bert" }),
            charsmap,
            ..VocabSource::default()
        };
        let Ok(tokenizer) = from_source(&source) else { return Ok(()) };
        for special in [SpecialText::Parse, SpecialText::Literal] {
            let ids = tokenizer.encode(&text, special);
            prop_assert!(ids.iter().all(|&id| (id as usize) < tokenizer.vocab_size()));
            // Most may still answer with the unknown token, which is their sign for text they cannot spell.
            let unknown = tokenizer.special().unk.filter(|_| model != "gpt2");
            prop_assert!(
                special == SpecialText::Parse
                    || ids.iter().all(|&id| !tokenizer.is_control(id) || Some(id) == unknown)
            );
            tokenizer.decode(&ids);
        }
        prop_assert!(tokenizer.token_bytes(tokenizer.vocab_size() as u32).is_empty());
    }
}
