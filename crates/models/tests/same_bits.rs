//! Same bits, always: logits do not depend on chunks, pages, batch mates, page copies, or on which other
//! rows' logits are wanted.

#![allow(clippy::unwrap_used)]

mod tiny;

use gollum_core::KvDtype;
use gollum_gguf::Gguf;
use gollum_kernels::conformance::Rng;
use gollum_quant::FormatId;
use tiny::cases::cases;
use tiny::{Chunk, Config, File, Session, in_order, load_with};

const PAGES: u32 = 24;

fn random_tokens(rng: &mut Rng, vocab: usize) -> Vec<Vec<u32>> {
    [49, 33, 16].map(|len| (0..len).map(|_| rng.below(vocab) as u32).collect()).to_vec()
}

fn assert_same(what: &str, got: &[f32], want: &[f32]) {
    assert!(want.iter().all(|v| v.is_finite()), "{what}: logits must be numbers");
    let bits = |v: &[f32]| v.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(got), bits(want), "{what}");
}

/// A sequence and the logits of all its positions.
type Known = (Vec<u32>, Vec<Vec<f32>>);

/// Runs all sequences in random mixed steps over scattered pages, some tails copied, logits of random rows;
/// returns how many rows were compared.
fn check_random_plan(rng: &mut Rng, what: &str, (gguf, kv): (&Gguf, KvDtype), want: &[Known]) -> usize {
    let mut pages = in_order(PAGES);
    rng.shuffle(&mut pages);
    let mut session = Session::new(load_with(gguf, kv).unwrap(), want.len(), pages);
    let (mut rows, mut copies) = (0, 0);
    loop {
        let mut open: Vec<usize> = (0..want.len()).filter(|&s| session.done(s) < want[s].0.len()).collect();
        if open.is_empty() {
            break;
        }
        rng.shuffle(&mut open);
        open.truncate(rng.between(1, open.len()));
        let odd = rng.below(4);
        let wanted = |position: usize| match odd {
            0 => false,
            1 => true,
            _ => position % 3 == odd - 2,
        };
        let chunks: Vec<Chunk<'_>> = open
            .iter()
            .map(|&sequence| {
                let tokens = want[sequence].0.as_slice();
                let len = rng.between(1, (tokens.len() - session.done(sequence)).min(20));
                let copy_tail = copies < 6 && rng.one_in(2);
                copies += usize::from(copy_tail);
                Chunk { sequence, tokens, len, copy_tail, wanted: &wanted }
            })
            .collect();
        for (sequence, position, row) in session.step(&chunks) {
            assert_same(&format!("{what}, position {position}"), &row, &want[sequence].1[position]);
            rows += 1;
        }
    }
    rows
}

fn check(c: &Config, format: FormatId, kv: KvDtype) {
    let what = format!("{} {format:?} {kv:?}", c.name);
    let gguf = File::new(c, format).gguf();
    let mut rng = Rng::new(5);
    let run_alone = |tokens: &[u32], chunk_len: usize| {
        Session::new(load_with(&gguf, kv).unwrap(), 1, in_order(PAGES)).run_alone(0, tokens, chunk_len)
    };
    let whole: Vec<Known> = random_tokens(&mut rng, c.vocab)
        .into_iter()
        .map(|tokens| {
            let logits = run_alone(&tokens, 64);
            (tokens, logits)
        })
        .collect();
    for (tokens, want) in &whole {
        for (got, want) in run_alone(tokens, 1).iter().zip(want) {
            assert_same(&format!("{what}, token by token"), got, want);
        }
    }
    let compared: usize = (0..4)
        .map(|plan| check_random_plan(&mut rng, &format!("{what}, plan {plan}"), (&gguf, kv), &whole))
        .sum();
    assert!(compared > 50, "{what}: {compared} rows compared");
}

#[test]
fn llama_of_every_group_size() {
    for group in 1..=8 {
        let c =
            Config { rope_freqs: group % 2 == 0, tied: group % 3 == 0, ..Config::new("llama", group, 1, 10) };
        check(&c, FormatId::F32, KvDtype::F32);
    }
    check(&Config { width: 77, ..Config::new("llama", 6, 3, 8) }, FormatId::F16, KvDtype::F16);
}

#[test]
fn gemma3_of_every_group_size_and_window() {
    for (group, window) in (1..=8).zip([0, 1, 5, 15, 16, 17, 31, 100]) {
        let c = Config { window, pattern: 2, layers: 3, ..Config::new("gemma3", group, 1, 10) };
        check(&c, FormatId::F32, KvDtype::F32);
    }
    check(&Config { window: 7, pattern: 1, ..Config::new("gemma3", 4, 2, 12) }, FormatId::BF16, KvDtype::F16);
}

#[test]
fn quantised_weights_and_caches() {
    for arch in ["llama", "gemma3"] {
        for format in [FormatId::Q8_0, FormatId::Q4_0, FormatId::Q4_1, FormatId::Q5_0] {
            for kv in [KvDtype::F32, KvDtype::F16, KvDtype::Q8_0] {
                let (window, pattern) = if arch == "gemma3" { (9, 2) } else { (0, 0) };
                let c = Config { ffn: 96, window, pattern, ..Config::new(arch, 4, 2, 32) };
                check(&c, format, kv);
            }
        }
    }
}

#[test]
fn every_architecture() {
    for c in cases() {
        check(&c, FormatId::F32, KvDtype::F32);
    }
}

#[test]
fn different_tokens_have_different_logits() {
    let c = Config::new("llama", 4, 2, 8);
    let gguf = File::new(&c, FormatId::F32).gguf();
    let run = |tokens: &[u32]| {
        Session::new(load_with(&gguf, KvDtype::F32).unwrap(), 1, in_order(4)).run_alone(0, tokens, 64)
    };
    let (a, b) = (run(&[1, 2, 3, 4]), run(&[2, 1, 3, 4]));
    assert_ne!(a[3], b[3], "the order of the prefix counts");
    assert_ne!(a[2], a[3]);
}
