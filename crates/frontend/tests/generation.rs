//! From request to text through the real engine and the toy model.

use std::sync::Arc;

use gollum_backend_toy::{Fault, FaultKind, ToyConfig, ToyModel, ToyRunner};
use gollum_core::{FinishReason, SamplingParams, Timing, TokenId};
use gollum_engine::{Engine, EngineConfig, EngineError, EngineHandle, SubmitError};
use gollum_frontend::{
    ChatRequest, CompletionRequest, Frontend, FrontendError, FrontendParts, GenerateOptions, Generation,
    MAX_TEMPLATE_KWARGS, Message, Prompt, TextEvent, check_template_kwargs,
};
use gollum_tokenizer::{SpecialText, Tokenizer, WhitespaceTokenizer};

struct Toy {
    frontend: Frontend,
    model: ToyModel,
}

/// A frontend over the toy model; `change` edits the runner and the engine.
fn toy_with(change: impl FnOnce(&mut ToyConfig, &mut EngineConfig)) -> Toy {
    let tokenizer = WhitespaceTokenizer::new();
    let end = tokenizer.special().end_of_generation[0];
    let mut config = ToyConfig::toy_1(tokenizer.vocab_size(), tokenizer.word_count(), end);
    config.step_delay = std::time::Duration::ZERO;
    let mut engine = EngineConfig { kv_pages: 256, ..EngineConfig::default() };
    change(&mut config, &mut engine);
    let model = config.model.clone();
    let engine = Engine::start(Box::new(ToyRunner::new(config)), engine).expect("starts");
    Toy { frontend: frontend_of(engine, tokenizer, None), model }
}

fn frontend_of(engine: EngineHandle, tokenizer: WhitespaceTokenizer, template: Option<&str>) -> Frontend {
    let frontend = Frontend::new(FrontendParts {
        model_id: "toy-1".into(),
        tokenizer: Arc::new(tokenizer),
        chat_template: template.map(str::to_owned),
        architecture: "toy".into(),
        engine,
        default_sampling: SamplingParams::default(),
    });
    frontend.expect("fits")
}

fn toy() -> Toy {
    toy_with(|_, _| {})
}

fn greedy() -> GenerateOptions {
    let sampling = SamplingParams { temperature: 0.0, ..SamplingParams::default() };
    GenerateOptions { sampling, max_tokens: Some(60), ..GenerateOptions::default() }
}

fn completion(prompt: &str, options: GenerateOptions) -> CompletionRequest {
    CompletionRequest { prompt: Prompt::Text(prompt.into()), echo: false, options }
}

/// All that came of one answer.
#[derive(Debug, Default, PartialEq)]
struct Answer {
    text: String,
    tokens: Vec<TokenId>,
    ends: Vec<TextEvent>,
}

impl Answer {
    fn reason(&self) -> FinishReason {
        match self.ends.as_slice() {
            [TextEvent::Finished { reason, .. }] => *reason,
            other => panic!("not one good end: {other:?}"),
        }
    }
}

fn collect(mut generation: Generation, n: usize) -> Vec<Answer> {
    let mut answers: Vec<Answer> = (0..n).map(|_| Answer::default()).collect();
    while let Some(event) = generation.blocking_next() {
        let answer = &mut answers[event.index()];
        assert!(answer.ends.is_empty(), "{event:?} after the end");
        match event {
            TextEvent::Delta { text, tokens, .. } => {
                assert!(!(text.is_empty() && tokens.is_empty()), "an empty delta");
                answer.text += &text;
                answer.tokens.extend(tokens);
            }
            end => answer.ends.push(end),
        }
    }
    assert!(generation.blocking_next().is_none(), "the end stays the end");
    answers
}

fn one(generation: Generation) -> Answer {
    collect(generation, 1).remove(0)
}

fn text_of(toy: &Toy, tokens: &[TokenId]) -> String {
    let shown: Vec<TokenId> =
        tokens.iter().copied().filter(|&t| !toy.frontend.tokenizer().is_control(t)).collect();
    toy.frontend.detokenize(&shown)
}

#[test]
fn a_chat_is_answered_as_the_oracle_says() {
    let toy = toy();
    let mut ended = 0;
    for i in 0..30 {
        let request = ChatRequest::new(vec![Message::new("user", format!("Hello number {i}"))], greedy());
        let prompt = toy.frontend.chat_prompt(&request).expect("renders");
        assert_eq!(prompt.text, format!("<|user|>Hello number {i}<|end|><|assistant|>"));
        let expected = toy.model.oracle(&prompt.tokens, 60);
        let generation = toy.frontend.chat(request).expect("accepted");
        assert_eq!(generation.prompt(), prompt.tokens);
        let answer = one(generation);
        assert_eq!(answer.tokens, expected);
        assert_eq!(answer.text, text_of(&toy, &expected));
        assert!(!answer.text.contains("<|end|>"));
        let stopped = expected.len() < 60 || expected.last() == toy.model.end.map(|e| e.token).as_ref();
        assert_eq!(answer.reason(), if stopped { FinishReason::Stop } else { FinishReason::Length });
        ended += u32::from(stopped);
    }
    assert!(ended > 10, "{ended} of 30 ended by themselves");
}

#[test]
fn a_stop_string_ends_the_answer_before_it_and_the_numbers_are_those_of_the_text() {
    let toy = toy_with(|toy, _| toy.model.end = None);
    let all = one(toy.frontend.complete(completion("once upon", greedy())).expect("accepted"));
    let words: Vec<&str> = all.text.split_whitespace().collect();
    for at in [3, 10, 40] {
        // Across a token border: the end of one word and the start of the next.
        let stop = format!("{} {}", &words[at][words[at].len() - 1..], &words[at + 1][..1]);
        let cut = all.text.find(&stop).expect("it is there");
        let options = GenerateOptions { stop: vec!["never said".into(), stop.clone()], ..greedy() };
        let answer = one(toy.frontend.complete(completion("once upon", options)).expect("accepted"));
        assert_eq!(answer.text, all.text[..cut]);
        assert_eq!(answer.tokens, all.tokens[..answer.tokens.len()]);
        let shown = toy.frontend.detokenize(&answer.tokens);
        assert!(
            shown.contains(&stop)
                && !toy.frontend.detokenize(&answer.tokens[..answer.tokens.len() - 1]).contains(&stop)
        );
        match answer.ends.as_slice() {
            [
                TextEvent::Finished {
                    reason: FinishReason::Stop, matched_stop: Some(matched), usage, ..
                },
            ] => {
                assert_eq!(matched, &stop);
                assert_eq!(usage.completion_tokens, answer.tokens.len());
                assert_eq!(
                    usage.prompt_tokens,
                    toy.frontend.tokenize("once upon", true, SpecialText::Parse).len()
                );
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_engine_stops_when_a_stop_string_has_matched() {
    let toy = toy_with(|toy, engine| {
        toy.model.end = None;
        toy.step_delay = std::time::Duration::from_millis(1);
        engine.prompt_cache_bytes = 0;
    });
    let options = GenerateOptions { stop: vec![" ".into()], max_tokens: None, ..greedy() };
    let answer = one(toy.frontend.complete(completion("once upon", options)).expect("accepted"));
    assert_eq!((answer.text.as_str(), answer.tokens.len()), ("", 1));
    settled(&toy, 1);
    let generated = toy.frontend.engine().stats().generation_tokens_total;
    assert!(generated < 100, "{generated} tokens for one");
}

/// Waits until nothing runs, nothing is held and `aborted` requests were aborted.
fn settled(toy: &Toy, aborted: u64) {
    let start = std::time::Instant::now();
    loop {
        let stats = toy.frontend.engine().stats();
        if (stats.requests_running, stats.pages_held, stats.finished_aborted_total) == (0, 0, aborted) {
            return;
        }
        assert!(start.elapsed().as_secs() < 5, "{stats:?}");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[test]
fn several_answers_share_the_prompt_and_differ() {
    let toy = toy();
    let sampling = SamplingParams { seed: Some(7), ..SamplingParams::default() };
    let options = GenerateOptions { sampling, n: 4, max_tokens: Some(12), ignore_eos: true, ..greedy() };
    let run = || collect(toy.frontend.complete(completion("tell me", options.clone())).expect("accepted"), 4);
    let answers = run();
    for (i, a) in answers.iter().enumerate() {
        assert_eq!((a.reason(), a.tokens.len()), (FinishReason::Length, 12));
        assert!(answers[..i].iter().all(|b| a.tokens != b.tokens), "answers {i} and before are equal");
    }
    assert_eq!(run(), answers.into_iter().map(replayed).collect::<Vec<_>>());
    // The first of several is the only one of one.
    let single = GenerateOptions { n: 1, ..options.clone() };
    let alone = one(toy.frontend.complete(completion("tell me", single)).expect("accepted"));
    assert_eq!(alone.tokens, run()[0].tokens);
}

/// The same answer out of the prompt cache.
fn replayed(mut answer: Answer) -> Answer {
    for end in &mut answer.ends {
        if let TextEvent::Finished { usage, prompt_cache_hit, timing, .. } = end {
            usage.cached_tokens = usage.prompt_tokens;
            (*prompt_cache_hit, *timing) = (true, Timing::default());
        }
    }
    answer
}

#[test]
fn echo_begins_each_answer_with_the_prompt() {
    let toy = toy();
    let mut request = completion("the cat", GenerateOptions { n: 2, max_tokens: Some(3), ..greedy() });
    let plain = collect(toy.frontend.complete(request.clone()).expect("accepted"), 2);
    request.echo = true;
    let mut generation = toy.frontend.complete(request).expect("accepted");
    let mut texts = [String::new(), String::new()];
    while let Some(event) = generation.blocking_next() {
        if let TextEvent::Delta { index, text, .. } = event {
            texts[index] += &text;
        }
    }
    for (text, plain) in texts.iter().zip(plain) {
        assert_eq!(*text, format!("the cat{}", plain.text));
    }
}

#[test]
fn control_tokens_are_shown_on_request_and_stop_ids_never() {
    let toy = toy_with(|toy, _| toy.model.end = None);
    let prompt = "count with me";
    let all = one(toy.frontend.complete(completion(prompt, greedy())).expect("accepted"));
    // A word as stop id: reported, not shown.
    let id = all.tokens[9];
    let first = all.tokens.iter().position(|&t| t == id).expect("it is there");
    let options = GenerateOptions { stop_token_ids: vec![id], ..greedy() };
    let answer = one(toy.frontend.complete(completion(prompt, options.clone())).expect("accepted"));
    assert_eq!(answer.tokens, all.tokens[..=first]);
    assert_eq!(answer.text, text_of(&toy, &all.tokens[..first]));
    assert_eq!(answer.reason(), FinishReason::Stop);
    // Before min_tokens it is not even said.
    let options = GenerateOptions { min_tokens: 30, max_tokens: Some(20), ..options };
    assert!(matches!(
        toy.frontend.complete(completion(prompt, options.clone())),
        Err(FrontendError::Invalid { param, .. }) if param == "min_tokens"
    ));
    let options = GenerateOptions { min_tokens: 20, max_tokens: Some(20), ..options };
    let answer = one(toy.frontend.complete(completion(prompt, options)).expect("accepted"));
    assert_eq!((answer.tokens.len(), answer.reason()), (20, FinishReason::Length));
    assert!(!answer.tokens[..19].contains(&id));
    assert_eq!(answer.text, text_of(&toy, &answer.tokens));

    let end = toy.frontend.tokenizer().special().end_of_generation[0];
    let bias = vec![(end, 100.0)];
    let sampling = SamplingParams { logit_bias: bias, ..greedy().sampling };
    for (show, expected) in [(false, ""), (true, "<|end|><|end|>")] {
        let options = GenerateOptions {
            sampling: sampling.clone(),
            ignore_eos: true,
            max_tokens: Some(2),
            show_control_tokens: show,
            ..greedy()
        };
        let answer = one(toy.frontend.complete(completion(prompt, options)).expect("accepted"));
        assert_eq!((answer.text.as_str(), answer.tokens.len()), (expected, 2));
    }
}

#[test]
fn logprobs_cover_what_is_shown() {
    let toy = toy();
    let sampling = SamplingParams { logprobs: Some(3), ..greedy().sampling };
    let options = GenerateOptions { sampling, ..greedy() };
    let mut generation = toy.frontend.complete(completion("why is it", options)).expect("accepted");
    let (mut shown, mut joined) = (String::new(), Vec::new());
    while let Some(event) = generation.blocking_next() {
        if let TextEvent::Delta { text, logprobs, .. } = event {
            shown += &text;
            for l in logprobs {
                assert_eq!((l.top.len(), l.top[0].0), (3, l.token));
                let logprob = l.logprob.expect("a generated token has one");
                assert!(logprob <= 0.0 && (logprob - l.top[0].1).abs() < 1e-6);
                joined.extend_from_slice(toy.frontend.tokenizer().token_bytes(l.token));
            }
        }
    }
    assert_eq!(String::from_utf8(joined).expect("words"), shown);
}

#[test]
fn a_failure_is_the_one_end_after_the_good_text() {
    let faults = vec![Fault { step: 6, kind: FaultKind::NanRow(0) }];
    let toy = toy_with(|toy, _| (toy.model.end, toy.faults) = (None, faults));
    let answer = one(toy.frontend.complete(completion("go on", greedy())).expect("accepted"));
    let expected = toy.model.oracle(&toy.frontend.tokenize("go on", true, SpecialText::Parse), 5);
    assert_eq!(answer.tokens, expected);
    assert_eq!(answer.text, text_of(&toy, &expected));
    let failed = |e: &TextEvent| {
        matches!(e, TextEvent::Failed { error: FrontendError::Engine(EngineError::NumericError { .. }), .. })
    };
    assert!(failed(&answer.ends[0]), "{:?}", answer.ends);

    let faults = vec![Fault { step: 3, kind: FaultKind::Panic }];
    // All three answers must be in before the third step.
    let step_delay = std::time::Duration::from_millis(20);
    let toy = toy_with(|toy, _| (toy.model.end, toy.faults, toy.step_delay) = (None, faults, step_delay));
    let options = GenerateOptions { n: 3, ..greedy() };
    for answer in collect(toy.frontend.complete(completion("go on", options)).expect("accepted"), 3) {
        let panicked = FrontendError::Engine(EngineError::RunnerPanicked);
        assert!(matches!(&answer.ends[..], [TextEvent::Failed { error, .. }] if *error == panicked));
    }
    let refused = toy.frontend.complete(completion("go on", greedy())).err();
    assert_eq!(refused, Some(FrontendError::Submit(SubmitError::Stopped)));
}

#[test]
fn what_cannot_fit_is_refused_with_the_numbers() {
    let toy = toy_with(|toy, _| toy.context_len = 64);
    let by_tokens = toy.frontend.complete(completion(&" the".repeat(64), greedy())).err();
    assert_eq!(by_tokens, Some(FrontendError::PromptTooLong { prompt_tokens: 64, exact: true, limit: 64 }));
    // Refused by its bytes alone: `exact` is false, the tokenizer has not run.
    let by_bytes = toy.frontend.complete(completion(&"x".repeat(8 << 20), greedy())).err();
    assert!(matches!(by_bytes, Some(FrontendError::PromptTooLong { exact: false, limit: 64, .. })));
    let empty = toy.frontend.complete(completion("", greedy())).err();
    assert!(matches!(empty, Some(FrontendError::Invalid { param, .. }) if param == "prompt"));
    let tokens = CompletionRequest { prompt: Prompt::Tokens(vec![1 << 30]), echo: true, options: greedy() };
    assert!(matches!(toy.frontend.complete(tokens), Err(FrontendError::Invalid { .. })));
    // Without max_tokens the context is the limit.
    let options = GenerateOptions { max_tokens: None, ignore_eos: true, ..greedy() };
    let answer = one(toy.frontend.complete(completion(" the".repeat(60).as_str(), options)).expect("fits"));
    assert_eq!((answer.tokens.len(), answer.reason()), (4, FinishReason::Length));
}

#[test]
fn salts_separate_and_the_same_salt_shares() {
    let toy = toy();
    let prompt = "the quick dog ".repeat(20);
    let cached = |salt: Option<&str>| {
        let options = GenerateOptions {
            cache_salt: salt.map(Into::into),
            use_prompt_cache: false,
            max_tokens: Some(2),
            ..greedy()
        };
        match one(toy.frontend.complete(completion(&prompt, options)).expect("accepted")).ends.remove(0) {
            TextEvent::Finished { usage, .. } => usage.cached_tokens,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(cached(None), 0);
    assert!(cached(None) > 50);
    assert_eq!(cached(Some("a")), 0);
    assert!(cached(Some("a")) > 50);
    assert_eq!(cached(Some("b")), 0);
}

#[test]
fn dropping_a_generation_frees_everything() {
    let toy = toy_with(|toy, _| {
        toy.model.end = None;
        toy.step_delay = std::time::Duration::from_millis(1);
    });
    let options = GenerateOptions { n: 3, max_tokens: None, ..greedy() };
    let mut generation = toy.frontend.complete(completion("on and on", options)).expect("accepted");
    assert!(matches!(generation.blocking_next(), Some(TextEvent::Delta { .. })));
    drop(generation);
    settled(&toy, 3);
}

#[test]
fn a_template_gets_the_models_variables_where_a_request_sets_none() {
    let template = "{{ messages[0].content }} {{ mood }} {{ enable_thinking }}";
    let tokenizer = WhitespaceTokenizer::new();
    let config = ToyConfig::plain(tokenizer.vocab_size());
    let engine = EngineConfig { kv_pages: 64, ..EngineConfig::default() };
    let engine = Engine::start(Box::new(ToyRunner::new(config)), engine).expect("starts");
    let object = |value: serde_json::Value| value.as_object().expect("an object").clone();
    let frontend = frontend_of(engine, tokenizer, Some(template))
        .with_template_kwargs(object(serde_json::json!({"mood": "calm", "enable_thinking": false})));
    let mut r = ChatRequest::new(vec![Message::new("user", "Hi")], GenerateOptions::default());
    let prompt = |r: &ChatRequest| frontend.chat_prompt(r).expect("renders").text;
    assert_eq!(prompt(&r), "Hi calm False");
    r.template_kwargs.insert("mood".into(), "glad".into());
    assert_eq!(prompt(&r), "Hi glad False");
    let asked = frontend.chat(r.clone()).expect("runs").prompt().to_vec();
    assert_eq!(asked, frontend.chat_prompt(&r).expect("renders").tokens, "what runs is what is shown");

    let many = (0..=MAX_TEMPLATE_KWARGS).map(|at| (at.to_string(), 0.into())).collect();
    assert!(check_template_kwargs(&many).is_err());
    assert!(check_template_kwargs(&object(serde_json::json!({"messages": 1}))).is_err());
    assert!(check_template_kwargs(&object(serde_json::json!({"mood": [1, {"a": null}]}))).is_ok());
}
