//! Small vocabularies of every kind beside llama.cpp's ids: `golden/tokenizer/small_*.json`, written by
//! `tools/make_vocabularies.py` and `tools/compare_tokenizer.py`.

use std::{path::PathBuf, sync::Arc};

use gollum_gguf::{Array, Gguf, StringArray, Value, Writer};
use gollum_tokenizer::{Detokenizer, SpecialText, Tokenizer, from_gguf};
use serde_json::Value as Json;

fn golden(name: &str) -> Json {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../golden/tokenizer").join(name);
    let text = std::fs::read_to_string(path).expect("golden files are in the repository");
    serde_json::from_str(&text).expect("golden files are JSON")
}

/// The value of a key in a file, by the types that files have.
fn value(key: &str, json: &Json) -> Value {
    let bytes = |text: &str| -> Vec<u8> {
        let digits = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).expect("ASCII"));
        digits.map(|pair| u8::from_str_radix(pair, 16).expect("hexadecimal")).collect()
    };
    match (key, json) {
        ("precompiled_charsmap", Json::String(text)) => Value::Array(Array::U8(bytes(text))),
        (_, Json::String(text)) => Value::String(text.clone()),
        (_, Json::Bool(flag)) => Value::Bool(*flag),
        (_, Json::Number(number)) => Value::U32(number.as_u64().expect("an id") as u32),
        ("scores", Json::Array(items)) => Value::Array(Array::F32(
            items.iter().map(|item| item.as_f64().expect("a score") as f32).collect(),
        )),
        ("token_type", Json::Array(items)) => {
            Value::Array(Array::I32(items.iter().map(|item| item.as_i64().expect("a type") as i32).collect()))
        }
        (_, Json::Array(items)) => {
            let mut texts = StringArray::default();
            items.iter().for_each(|item| texts.push(item.as_str().expect("a text")));
            Value::Array(Array::String(texts))
        }
        (key, other) => panic!("{key} is {other}"),
    }
}

/// The tokenizer of a file with this vocabulary.
fn build(vocabulary: &Json) -> Arc<dyn Tokenizer> {
    let mut writer = Writer::new().meta("general.architecture", Value::String("llama".into()));
    for (key, json) in vocabulary.as_object().expect("keys") {
        writer = writer.meta(format!("tokenizer.ggml.{key}"), value(key, json));
    }
    let id = (std::process::id(), std::thread::current().id());
    let path = std::env::temp_dir().join(format!("gollum-golden-vocabulary-{}-{:?}.gguf", id.0, id.1));
    std::fs::write(&path, writer.to_bytes().expect("the file can be written")).expect("a folder for it");
    let gguf = Gguf::open(&path);
    std::fs::remove_file(&path).expect("it was there");
    from_gguf(gguf.expect("the file is valid").metadata()).expect("the vocabulary is valid")
}

fn check(name: &str) -> Arc<dyn Tokenizer> {
    let golden = golden(name);
    let tokenizer = build(&golden["vocabulary"]);
    let rows = golden["rows"].as_array().expect("rows");
    assert!(rows.len() >= 250, "only {} rows", rows.len());
    for row in rows {
        let text = row[0].as_str().expect("a text");
        let special = if row[1] == true { SpecialText::Parse } else { SpecialText::Literal };
        let ids = tokenizer.encode(text, special);
        assert_eq!(serde_json::json!(ids), row[2], "{name}: {text:?} {special:?}");
        let mut detokenizer = Detokenizer::new();
        let mut joined: String = ids.iter().map(|&id| detokenizer.push(&*tokenizer, id)).collect();
        joined += &detokenizer.finish();
        assert_eq!(joined, String::from_utf8_lossy(&tokenizer.decode(&ids)), "{name}: {text:?}");
    }
    tokenizer
}

#[test]
fn gemma4_has_the_peers_ids() {
    let tokenizer = check("small_gemma4.json");
    let special = tokenizer.special();
    assert!(special.add_bos && special.bos == Some(1));
    let ids = tokenizer.encode("naïve  Привет\n\n🏴 x", SpecialText::Literal);
    assert_eq!(tokenizer.decode(&ids), "naïve  Привет\n\n🏴 x".as_bytes());
}

#[test]
fn whitespace_has_the_peers_ids() {
    let tokenizer = check("small_whitespace.json");
    let ids = tokenizer.encode(" the \t中文 分词", SpecialText::Literal);
    assert_eq!(tokenizer.decode(&ids), "the中文分词".as_bytes());
}

#[test]
fn hybriddna_has_the_peers_ids() {
    let tokenizer = check("small_hybriddna.json");
    let encode = |text: &str| tokenizer.encode(text, SpecialText::Literal);
    let [open, unknown, close] = encode("<dna>??????</dna>")[..] else { panic!("three tokens") };
    assert_eq!(tokenizer.token_bytes(unknown), b"<oov>");
    // Words on either side; a tag that is not closed; one that opens nothing.
    assert_eq!(tokenizer.decode(&encode("the <dna>")), b"the <dna>");
    assert_eq!(encode("<dna></dna><dna>?"), [open, close, open, unknown]);
    assert!(!encode("</dna>").contains(&close));
    // The token after `<oov>` is a word of the letters of the one after that.
    let kmer = String::from_utf8(tokenizer.token_bytes(unknown + 1).to_vec()).expect("letters");
    let ids = encode(&format!("<dna>{}", kmer.to_lowercase()));
    assert_eq!(ids, [open, unknown + 2]);
    assert_eq!(tokenizer.decode(&ids), format!("<dna>{kmer}").as_bytes());
}

#[test]
fn bert_has_the_peers_ids() {
    let tokenizer = check("small_bert.json");
    let special = tokenizer.special();
    assert_eq!((special.bos, special.eos, special.sep, special.unk), (Some(2), Some(3), Some(3), Some(1)));
    assert!(special.add_bos && special.add_eos && special.add_sep && !tokenizer.keeps_text());
    let ids = tokenizer.encode("NAÏVE\u{ad}, café", SpecialText::Literal);
    assert_eq!(tokenizer.decode(&ids), b" naive , cafe");
}

#[test]
fn t5_has_the_peers_ids() {
    let tokenizer = check("small_t5.json");
    let special = tokenizer.special();
    assert_eq!((special.bos, special.eos, special.unk), (None, Some(1), Some(2)));
    assert!(!special.add_bos && special.add_eos && tokenizer.adds_space_prefix());
    // By the rules of its charsmap, and with one space before each word.
    let ids = tokenizer.encode("  \u{3000}tokenize\u{200b}r\t①…", SpecialText::Literal);
    assert_eq!(ids, tokenizer.encode("tokenizer 1...", SpecialText::Literal));
}

#[test]
fn rwkv_has_the_peers_ids() {
    let tokenizer = check("small_rwkv.json");
    for text in ["naïve \0\u{7f}\\x41 漢字", "\r\n\t'\""] {
        let ids = tokenizer.encode(text, SpecialText::Literal);
        assert_eq!(tokenizer.decode(&ids), text.as_bytes());
    }
}

#[test]
fn plamo2_has_the_peers_ids() {
    let tokenizer = check("small_plamo2.json");
    let special = tokenizer.special();
    assert_eq!((special.bos, special.eos, special.unk, special.pad), (Some(1), Some(2), Some(0), Some(3)));
    assert_eq!(special.end_of_generation, [2], "`</s>` is text beside `<|plamo:eos|>`");
    let ids = tokenizer.encode("\u{feff}naïve 漢字 </s>", SpecialText::Literal);
    assert_eq!(tokenizer.decode(&ids), "naïve 漢字 </s>".as_bytes());
}
