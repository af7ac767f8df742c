//! R21: whatever the tokens, the deltas joined are the text, and no part of a stop string gets out.

use std::sync::Arc;

use gollum_core::{FinishReason, Timing, TokenId, Usage};
use gollum_sampler::uniform;
use gollum_tokenizer::{Tokenizer, WhitespaceTokenizer};

use super::{Assembler, Presentation};
use crate::generation::TextEvent;

/// Runs tokens through an assembler: the deltas, the tokens they carry, the matched stop.
fn assemble(
    tokenizer: &Arc<dyn Tokenizer>,
    tokens: &[TokenId],
    presentation: Presentation,
) -> (Vec<String>, Vec<TokenId>, Option<String>) {
    let mut assembler = Assembler::new(0, Arc::clone(tokenizer), presentation);
    let mut events: Vec<TextEvent> = tokens.iter().filter_map(|&t| assembler.push(t, None)).collect();
    events.extend(assembler.finish(FinishReason::Length, Usage::default(), false, Timing::default()));
    let (mut deltas, mut carried, mut matched) = (Vec::new(), Vec::new(), None);
    for event in events {
        match event {
            TextEvent::Delta { text, tokens, .. } => {
                deltas.push(text);
                carried.extend(tokens);
            }
            TextEvent::Finished { matched_stop, .. } => matched = matched_stop,
            TextEvent::Failed { .. } => unreachable!("nothing fails here"),
        }
    }
    (deltas, carried, matched)
}

/// The text up to the first stop string to end, the longest of those that end together.
fn naive_cut<'a>(text: &'a str, stops: &[String]) -> (&'a str, Option<usize>) {
    for end in 1..=text.len() {
        let ending = (0..stops.len()).filter(|&i| text.as_bytes()[..end].ends_with(stops[i].as_bytes()));
        if let Some(stop) = ending.max_by_key(|&i| (stops[i].len(), usize::MAX - i)) {
            return (&text[..end - stops[stop].len()], Some(stop));
        }
    }
    (text, None)
}

/// `cases` random sequences: half of them any tokens, half of them short bytes-like ones, where characters are
/// cut at every place.
fn check(tokenizer: &Arc<dyn Tokenizer>, cases: u64) {
    let vocab = tokenizer.vocab_size() as f64;
    let short: Vec<TokenId> =
        (0..vocab as TokenId).filter(|&id| tokenizer.token_bytes(id).len() <= 2).collect();
    let mut stopped = 0;
    for case in 0..cases {
        let draw = |i: u64| uniform(case, i);
        let tokens: Vec<TokenId> = (0..(draw(0) * 40.0) as u64)
            .map(|i| match case % 2 {
                0 => (draw(100 + i) * vocab) as TokenId,
                _ => short[(draw(100 + i) * short.len() as f64) as usize],
            })
            .collect();
        let shown: Vec<TokenId> = tokens.iter().copied().filter(|&t| !tokenizer.is_control(t)).collect();
        let whole = String::from_utf8_lossy(&tokenizer.decode(&shown)).into_owned();

        let (deltas, carried, _) = assemble(tokenizer, &tokens, Presentation::default());
        assert_eq!(deltas.concat(), whole, "case {case}");
        assert_eq!(carried, tokens, "case {case}");

        // Stop strings out of the text itself, and near misses.
        let chars: Vec<char> = whole.chars().collect();
        let mut stops = Vec::new();
        for i in 0..(draw(1) * 4.0) as u64 {
            let start = (draw(10 + i) * chars.len() as f64) as usize;
            let len = 1 + (draw(20 + i) * 6.0) as usize;
            let mut stop: String = chars.iter().skip(start).take(len).collect();
            if draw(30 + i) < 0.5 {
                stop.push('~');
            }
            if !stop.is_empty() {
                stops.push(stop);
            }
        }
        let (expected, stop) = naive_cut(&whole, &stops);
        let presentation = Presentation { stops: stops.clone(), ..Presentation::default() };
        let (deltas, carried, matched) = assemble(tokenizer, &tokens, presentation);
        assert_eq!(deltas.concat(), expected, "case {case}: {whole:?} with stops {stops:?}");
        assert_eq!(matched.as_ref(), stop.map(|stop| &stops[stop]), "case {case}");
        assert!(tokens.starts_with(&carried), "case {case}");
        stopped += u64::from(matched.is_some());
    }
    assert!(stopped * 10 > cases, "only {stopped} of {cases} met a stop string");
}

#[test]
fn random_tokens_of_the_toy_vocabulary() {
    check(&(Arc::new(WhitespaceTokenizer::new()) as Arc<dyn Tokenizer>), 20_000);
}

#[test]
#[allow(clippy::print_stderr)] // how a skipped test says so
fn random_tokens_of_the_real_vocabularies() {
    let models = std::env::var("GOLLUM_TEST_MODELS")
        .unwrap_or_else(|_| format!("{}/../../models", env!("CARGO_MANIFEST_DIR")));
    for name in ["SmolLM2-135M-Instruct.Q4_1.gguf", "gemma-3-270m-Q4_K_M.gguf"] {
        let path = std::path::Path::new(&models).join(name);
        if !path.exists() {
            eprintln!("skipped: {} is not there", path.display());
            continue;
        }
        let gguf = gollum_gguf::Gguf::open(&path).expect("a model file");
        let tokenizer = gollum_tokenizer::from_gguf(gguf.metadata()).expect("a vocabulary");
        check(&tokenizer, 20_000);
    }
}

#[test]
fn each_token_is_in_one_delta_and_the_last_stop_id_is_hidden() {
    let tokenizer: Arc<dyn Tokenizer> = Arc::new(WhitespaceTokenizer::new());
    let presentation = Presentation { stop_ids: vec![5], ..Presentation::default() };
    for (tokens, reason, hidden) in [
        (vec![1, 5], FinishReason::Stop, 1),
        (vec![1, 5], FinishReason::Length, 0),
        (vec![5, 5, 2], FinishReason::Length, 0),
        (vec![5], FinishReason::Stop, 1),
    ] {
        let mut assembler = Assembler::new(0, Arc::clone(&tokenizer), presentation.clone());
        let mut events: Vec<TextEvent> = tokens.iter().filter_map(|&t| assembler.push(t, None)).collect();
        events.extend(assembler.finish(reason, Usage::default(), false, Timing::default()));
        let (mut text, mut carried) = (String::new(), Vec::new());
        for event in events {
            if let TextEvent::Delta { text: t, tokens, .. } = event {
                text += &t;
                carried.extend(tokens);
            }
        }
        assert_eq!(carried, tokens);
        let shown = &tokens[..tokens.len() - hidden];
        assert_eq!(text.as_bytes(), tokenizer.decode(shown), "{tokens:?} {reason:?}");
    }
}
