//! The vocabularies of real models, where their files are at hand: `GOLLUM_TEST_MODELS` or `models/`.
//!
//! Golden ids: `golden/tokenizer/*.json`, llama.cpp's, written by `tools/compare_tokenizer.py`.
#![allow(clippy::print_stderr)] // a skipped test says so

mod clock;

use std::{path::PathBuf, sync::Arc, time::Duration};

use clock::time_on_cpu;
use gollum_gguf::Gguf;
use gollum_tokenizer::{Detokenizer, SpecialText, Tokenizer, from_gguf};

const SMOLLM2: &str = "SmolLM2-135M-Instruct.Q4_1.gguf";
const GEMMA3: &str = "gemma-3-270m-Q4_K_M.gguf";

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn load(name: &str) -> Option<Arc<dyn Tokenizer>> {
    let folder = std::env::var_os("GOLLUM_TEST_MODELS").map_or(repository().join("models"), PathBuf::from);
    let path = folder.join(name);
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    }
    let gguf = Gguf::open(&path).expect("the model file is valid");
    Some(from_gguf(gguf.metadata()).expect("the vocabulary is valid"))
}

fn both() -> Vec<Arc<dyn Tokenizer>> {
    [SMOLLM2, GEMMA3].into_iter().filter_map(load).collect()
}

/// A stream of numbers that is the same on every run.
struct Stream(u64);

impl Stream {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

fn check_golden(model: &str, golden: &str) {
    let Some(tokenizer) = load(model) else { return };
    let path = repository().join("golden/tokenizer").join(golden);
    let text = std::fs::read_to_string(&path).expect("golden files are in the repository");
    let golden: serde_json::Value = serde_json::from_str(&text).expect("golden files are JSON");
    assert_eq!(golden["model"], model);
    let rows = golden["rows"].as_array().expect("rows");
    assert!(rows.len() >= 300, "only {} rows", rows.len());
    for row in rows {
        let text = row[0].as_str().expect("a text");
        let parse = row[1].as_bool().expect("a flag");
        let special = if parse { SpecialText::Parse } else { SpecialText::Literal };
        let ids = tokenizer.encode(text, special);
        assert_eq!(serde_json::json!(ids), row[2], "{text:?} {special:?}");
    }
}

#[test]
fn smollm2_has_the_peers_ids() {
    check_golden(SMOLLM2, "smollm2.json");
}

#[test]
fn gemma3_has_the_peers_ids() {
    check_golden(GEMMA3, "gemma3.json");
}

/// A WordPiece vocabulary, with `[CLS]` and `[SEP]` about each text.
#[test]
fn minilm_has_the_peers_ids() {
    let Some(tokenizer) = load("all-MiniLM-L6-v2.F32.gguf") else { return };
    let path = repository().join("golden/embed/minilm.json");
    let text = std::fs::read_to_string(&path).expect("golden files are in the repository");
    let golden: serde_json::Value = serde_json::from_str(&text).expect("golden files are JSON");
    let special = tokenizer.special();
    assert!(special.add_bos && special.add_eos);
    for case in golden["cases"].as_array().expect("cases") {
        let text = case["text"].as_str().expect("a text");
        let mut ids = tokenizer.encode(text, SpecialText::Literal);
        ids.insert(0, special.bos.expect("[CLS]"));
        ids.push(special.eos.expect("[SEP]"));
        assert_eq!(serde_json::json!(ids), case["tokens"], "{text:?}");
    }
}

#[test]
fn special_tokens_are_found() {
    if let Some(tokenizer) = load(SMOLLM2) {
        let special = tokenizer.special();
        assert_eq!(
            (special.bos, special.eos, special.unk, special.pad),
            (Some(1), Some(2), Some(0), Some(2))
        );
        assert_eq!(special.eot, Some(2), "<|im_end|> ends a turn, though <|endoftext|> is there too");
        assert_eq!(special.end_of_generation, [0, 2, 4]);
        assert!(!special.add_bos && !special.add_eos && !tokenizer.adds_space_prefix());
    }
    if let Some(tokenizer) = load(GEMMA3) {
        let special = tokenizer.special();
        assert_eq!(
            (special.bos, special.eos, special.unk, special.pad),
            (Some(2), Some(1), Some(3), Some(0))
        );
        assert_eq!(special.eot, Some(106));
        assert_eq!(special.end_of_generation, [1, 106, 212]);
        assert!(special.add_bos && !special.add_eos && !tokenizer.adds_space_prefix());
        assert!(tokenizer.is_control(106) && !tokenizer.is_control(108));
    }
}

#[test]
fn literal_text_never_becomes_a_control_token() {
    for tokenizer in both() {
        let controls: Vec<u32> =
            (0..tokenizer.vocab_size() as u32).filter(|&id| tokenizer.is_control(id)).collect();
        assert!(controls.len() > 10);
        for &control in &controls {
            let text =
                String::from_utf8(tokenizer.token_bytes(control).to_vec()).expect("control text is UTF-8");
            assert_eq!(tokenizer.encode(&text, SpecialText::Parse), [control], "{text}");
            let literal = tokenizer.encode(&text, SpecialText::Literal);
            assert!(!literal.iter().any(|&id| tokenizer.is_control(id)), "{text}");
            assert_eq!(tokenizer.decode(&literal), text.as_bytes());
        }
    }
}

#[test]
fn pieces_joined_equal_the_lossy_whole() {
    for tokenizer in both() {
        let mut stream = Stream(7);
        // The ids whose bytes are no whole characters on their own: at random they would be rare.
        let partial: Vec<u32> = (0..tokenizer.vocab_size() as u32)
            .filter(|&id| std::str::from_utf8(tokenizer.token_bytes(id)).is_err())
            .collect();
        assert!(!partial.is_empty());
        for _ in 0..20_000 {
            let ids: Vec<u32> = (0..1 + stream.below(20))
                .map(|_| match stream.below(3) {
                    0 => stream.below(tokenizer.vocab_size()) as u32,
                    _ => partial[stream.below(partial.len())],
                })
                .collect();
            let mut detokenizer = Detokenizer::new();
            let mut joined: String = ids.iter().map(|&id| detokenizer.push(&*tokenizer, id)).collect();
            joined += &detokenizer.finish();
            assert_eq!(joined, String::from_utf8_lossy(&tokenizer.decode(&ids)), "{ids:?}");
        }
    }
}

const MIB: usize = 1 << 20;

fn repeat_to(unit: &str, bytes: usize) -> String {
    unit.repeat(bytes.div_ceil(unit.len()))
}

#[test]
fn a_mebibyte_of_anything_takes_a_second_at_most() {
    let units = [
        "a", " ", "\n", "1", "!", "é", "漢", "\u{301}", "😀", "\0", "aB", " a", "\r\n ", "<", "'s",
        "ab\n\n\n",
    ];
    let special = ["<|im_start|>", "<|im_end|>x", "<start_of_turn>", "<unused1>"];
    for tokenizer in both() {
        let all_controls: String = (0..tokenizer.vocab_size() as u32)
            .filter(|&id| tokenizer.is_control(id))
            .map(|id| String::from_utf8_lossy(tokenizer.token_bytes(id)).into_owned())
            .collect();
        for unit in units.into_iter().chain(special).chain([all_controls.as_str()]) {
            let text = repeat_to(unit, MIB);
            let start = time_on_cpu();
            let ids = tokenizer.encode(&text, SpecialText::Parse);
            let spent = time_on_cpu() - start;
            assert_eq!(tokenizer.decode(&ids).is_empty(), ids.is_empty());
            let shown: String = unit.chars().take(20).collect();
            eprintln!("{shown:?}: {spent:?}");
            assert!(spent < Duration::from_secs(1), "{shown:?} took {spent:?}");
        }
    }
}
