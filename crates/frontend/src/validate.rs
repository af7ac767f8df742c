//! The one place where ranges are checked, for every way in, before any template or tokenizer runs.
//!
//! Counts are bounded first, contents after, so that a list of a million entries costs nothing.

use gollum_core::{SamplingParams, TokenId};

use crate::{ChatRequest, FrontendError, GenerateOptions};

/// Answers to one prompt at most: each is a running sequence.
pub const MAX_N: usize = 16;
/// Stop strings at most.
pub const MAX_STOPS: usize = 16;
/// Bytes of one stop string at most: what a stream holds back.
pub const MAX_STOP_BYTES: usize = 256;
/// Stop ids of one request at most.
pub const MAX_STOP_IDS: usize = 64;
/// Alternatives beside each token at most.
pub const MAX_TOP_LOGPROBS: u8 = 20;
/// Biased tokens at most.
pub const MAX_LOGIT_BIAS: usize = 1024;
/// Messages of a conversation at most.
pub const MAX_MESSAGES: usize = 4096;
/// Tools at most.
pub const MAX_TOOLS: usize = 128;
/// Variables for the template at most.
pub const MAX_TEMPLATE_KWARGS: usize = 64;
/// Texts at which DRY's repetitions end, at most: each is looked for in every token.
pub const MAX_BREAKERS: usize = 16;
/// Bytes of one of them at most.
pub const MAX_BREAKER_BYTES: usize = 64;
/// Bytes of `cache_salt` at most.
pub const MAX_SALT_BYTES: usize = 256;

fn check(ok: bool, param: &str, message: impl FnOnce() -> String) -> Result<(), FrontendError> {
    if ok { Ok(()) } else { Err(FrontendError::invalid(param, message())) }
}

fn at_most(count: usize, limit: usize, param: &str) -> Result<(), FrontendError> {
    check(count <= limit, param, || format!("has {count} entries, at most {limit} are allowed"))
}

/// Checks everything but prompt and messages. Returns the options with `logit_bias` sorted.
pub fn options(mut o: GenerateOptions, vocab_size: usize) -> Result<GenerateOptions, FrontendError> {
    check((1..=MAX_N).contains(&o.n), "n", || format!("is {}, must be 1 to {MAX_N}", o.n))?;
    check(o.max_tokens != Some(0), "max_tokens", || "must be at least 1".into())?;
    let max_tokens = o.max_tokens.unwrap_or(usize::MAX);
    check(o.min_tokens <= max_tokens, "min_tokens", || {
        format!("is {}, more than max_tokens, which is {max_tokens}", o.min_tokens)
    })?;
    check(o.min_tokens == 0 || o.grammar.is_none(), "min_tokens", || {
        "cannot go together with a grammar, which says when an answer is complete".into()
    })?;
    at_most(o.stop.len(), MAX_STOPS, "stop")?;
    for stop in &o.stop {
        check((1..=MAX_STOP_BYTES).contains(&stop.len()), "stop", || {
            format!("has an entry of {} bytes, each must have 1 to {MAX_STOP_BYTES}", stop.len())
        })?;
    }
    at_most(o.stop_token_ids.len(), MAX_STOP_IDS, "stop_token_ids")?;
    o.stop_token_ids.iter().try_for_each(|&id| in_vocabulary(id, vocab_size, "stop_token_ids"))?;
    let salt = o.cache_salt.as_deref().unwrap_or("-");
    check((1..=MAX_SALT_BYTES).contains(&salt.len()), "cache_salt", || {
        format!("has {} bytes, must have 1 to {MAX_SALT_BYTES}", salt.len())
    })?;
    let breakers = o.dry_breakers.as_deref().unwrap_or_default();
    at_most(breakers.len(), MAX_BREAKERS, "dry_sequence_breakers")?;
    for text in breakers {
        check((1..=MAX_BREAKER_BYTES).contains(&text.len()), "dry_sequence_breakers", || {
            format!("has an entry of {} bytes, each must have 1 to {MAX_BREAKER_BYTES}", text.len())
        })?;
    }
    sampling(&mut o.sampling, vocab_size)?;
    more_sampling(&o.sampling)?;
    Ok(o)
}

fn in_vocabulary(id: TokenId, vocab_size: usize, param: &str) -> Result<(), FrontendError> {
    check((id as usize) < vocab_size, param, || {
        format!("has token {id}, outside the vocabulary of {vocab_size}")
    })
}

fn sampling(p: &mut SamplingParams, vocab_size: usize) -> Result<(), FrontendError> {
    let range = |value: f32, ok: bool, param: &str, must: &str| {
        check(ok && value.is_finite(), param, || format!("is {value}, must be {must}"))
    };
    range(p.temperature, (0.0..=100.0).contains(&p.temperature), "temperature", "0 to 100")?;
    range(p.top_p, p.top_p > 0.0 && p.top_p <= 1.0, "top_p", "above 0 and at most 1")?;
    range(p.min_p, (0.0..=1.0).contains(&p.min_p), "min_p", "0 to 1")?;
    let penalty = p.repetition_penalty;
    range(penalty, penalty > 0.0 && penalty <= 100.0, "repetition_penalty", "above 0 and at most 100")?;
    range(p.presence_penalty, p.presence_penalty.abs() <= 2.0, "presence_penalty", "-2 to 2")?;
    range(p.frequency_penalty, p.frequency_penalty.abs() <= 2.0, "frequency_penalty", "-2 to 2")?;
    let top = p.prompt_logprobs.unwrap_or(0);
    check(top <= MAX_TOP_LOGPROBS, "prompt_logprobs", || {
        format!("is {top}, must be 0 to {MAX_TOP_LOGPROBS}")
    })?;
    let top = p.logprobs.unwrap_or(0);
    check(top <= MAX_TOP_LOGPROBS, "top_logprobs", || format!("is {top}, must be 0 to {MAX_TOP_LOGPROBS}"))?;
    at_most(p.logit_bias.len(), MAX_LOGIT_BIAS, "logit_bias")?;
    p.logit_bias.sort_by_key(|&(id, _)| id);
    for (index, &(id, bias)) in p.logit_bias.iter().enumerate() {
        in_vocabulary(id, vocab_size, "logit_bias")?;
        range(bias, bias.abs() <= 100.0, "logit_bias", "-100 to 100 for each token")?;
        let twice = index > 0 && p.logit_bias[index - 1].0 == id;
        check(!twice, "logit_bias", || format!("has token {id} twice"))?;
    }
    Ok(())
}

/// The samplers that few requests use.
fn more_sampling(p: &SamplingParams) -> Result<(), FrontendError> {
    let range = |value: f32, ok: bool, param: &str, must: &str| {
        check(ok && value.is_finite(), param, || format!("is {value}, must be {must}"))
    };
    range(p.typical_p, p.typical_p > 0.0 && p.typical_p <= 1.0, "typical_p", "above 0 and at most 1")?;
    range(p.top_n_sigma, p.top_n_sigma >= 0.0, "top_n_sigma", "0 or more")?;
    if let Some(dry) = &p.dry {
        range(dry.multiplier, dry.multiplier > 0.0, "dry_multiplier", "above 0")?;
        range(dry.base, dry.base >= 1.0, "dry_base", "1 or more")?;
        check(dry.allowed_length > 0, "dry_allowed_length", || "is 0, must be 1 or more".into())?;
    }
    if let Some(xtc) = &p.xtc {
        range(xtc.probability, xtc.probability > 0.0 && xtc.probability <= 1.0, "xtc_probability", "0 to 1")?;
        range(xtc.threshold, (0.0..=1.0).contains(&xtc.threshold), "xtc_threshold", "0 to 1")?;
    }
    if let Some(dynamic) = &p.dynamic_temperature {
        range(dynamic.range, dynamic.range > 0.0 && dynamic.range <= 100.0, "dynatemp_range", "0 to 100")?;
        range(dynamic.exponent, dynamic.exponent > 0.0, "dynatemp_exponent", "above 0")?;
    }
    if let Some(mirostat) = &p.mirostat {
        range(mirostat.tau, mirostat.tau >= 0.0, "mirostat_tau", "0 or more")?;
        range(mirostat.eta, mirostat.eta >= 0.0, "mirostat_eta", "0 or more")?;
    }
    Ok(())
}

/// Checks the shape of a conversation.
pub fn chat(r: &ChatRequest) -> Result<(), FrontendError> {
    check(!r.messages.is_empty(), "messages", || "is empty".into())?;
    at_most(r.messages.len(), MAX_MESSAGES, "messages")?;
    for (index, message) in r.messages.iter().enumerate() {
        if message.role.is_empty() {
            return Err(FrontendError::invalid(format!("messages[{index}].role"), "is empty"));
        }
    }
    check(!(r.continue_final_message && r.add_generation_prompt), "continue_final_message", || {
        "cannot go together with `add_generation_prompt`".into()
    })?;
    template_kwargs(&r.template_kwargs)?;
    match &r.tools {
        None | Some(serde_json::Value::Null) => Ok(()),
        Some(serde_json::Value::Array(tools)) => at_most(tools.len(), MAX_TOOLS, "tools"),
        Some(_) => Err(FrontendError::invalid("tools", "must be a list")),
    }
}

/// Checks how many variables a template is given.
pub fn template_kwargs(kwargs: &serde_json::Map<String, serde_json::Value>) -> Result<(), FrontendError> {
    at_most(kwargs.len(), MAX_TEMPLATE_KWARGS, "chat_template_kwargs")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Message;

    fn param_of<T: std::fmt::Debug>(result: Result<T, FrontendError>) -> String {
        match result.expect_err("out of range") {
            FrontendError::Invalid { param, .. } => param,
            other => panic!("{other:?}"),
        }
    }

    /// `change` at its limit passes, beyond it is an error that names `param`.
    fn bounds(param: &str, at: impl Fn(&mut GenerateOptions), beyond: impl Fn(&mut GenerateOptions)) {
        let (mut inside, mut outside) = (GenerateOptions::default(), GenerateOptions::default());
        at(&mut inside);
        beyond(&mut outside);
        assert!(options(inside, 2000).is_ok(), "{param} at its limit");
        assert_eq!(param_of(options(outside, 2000)), param);
    }

    #[test]
    fn every_bound_holds_and_names_its_field() {
        bounds("n", |o| o.n = 16, |o| o.n = 17);
        bounds("n", |o| o.n = 1, |o| o.n = 0);
        bounds("max_tokens", |o| o.max_tokens = Some(1), |o| o.max_tokens = Some(0));
        bounds(
            "min_tokens",
            |o| (o.max_tokens, o.min_tokens) = (Some(4), 4),
            |o| {
                (o.max_tokens, o.min_tokens) = (Some(4), 5);
            },
        );
        bounds("stop", |o| o.stop = vec!["x".repeat(256); 16], |o| o.stop = vec!["x".into(); 17]);
        bounds("stop", |o| o.stop = vec!["x".into()], |o| o.stop = vec!["x".repeat(257)]);
        bounds("stop", |o| o.stop = vec![], |o| o.stop = vec![String::new()]);
        bounds("stop_token_ids", |o| o.stop_token_ids = vec![1999; 64], |o| o.stop_token_ids = vec![2000]);
        bounds("stop_token_ids", |o| o.stop_token_ids = vec![], |o| o.stop_token_ids = vec![1; 65]);
        bounds(
            "cache_salt",
            |o| o.cache_salt = Some("s".repeat(256)),
            |o| {
                o.cache_salt = Some("s".repeat(257));
            },
        );
        bounds("cache_salt", |o| o.cache_salt = None, |o| o.cache_salt = Some(String::new()));
        bounds("top_logprobs", |o| o.sampling.logprobs = Some(20), |o| o.sampling.logprobs = Some(21));
        bounds(
            "prompt_logprobs",
            |o| o.sampling.prompt_logprobs = Some(20),
            |o| o.sampling.prompt_logprobs = Some(21),
        );
        let biases = |count: u32| (0..count).rev().map(|id| (id, 1.0)).collect::<Vec<_>>();
        bounds(
            "logit_bias",
            |o| o.sampling.logit_bias = biases(1024),
            |o| {
                o.sampling.logit_bias = biases(1025);
            },
        );
        bounds(
            "logit_bias",
            |o| o.sampling.logit_bias = vec![(0, -100.0)],
            |o| {
                o.sampling.logit_bias = vec![(0, 1.0), (0, 1.0)];
            },
        );
        bounds(
            "logit_bias",
            |o| o.sampling.logit_bias = vec![(1999, 100.0)],
            |o| {
                o.sampling.logit_bias = vec![(2000, 100.0)];
            },
        );
    }

    #[test]
    fn numbers_must_be_finite_and_in_range() {
        type Field = (&'static str, fn(&mut SamplingParams) -> &mut f32, f32, f32);
        let fields: [Field; 6] = [
            ("temperature", |p| &mut p.temperature, 0.0, -0.1),
            ("top_p", |p| &mut p.top_p, 1.0, 0.0),
            ("min_p", |p| &mut p.min_p, 1.0, 1.01),
            ("repetition_penalty", |p| &mut p.repetition_penalty, 0.5, 0.0),
            ("presence_penalty", |p| &mut p.presence_penalty, -2.0, 2.1),
            ("frequency_penalty", |p| &mut p.frequency_penalty, 2.0, -2.1),
        ];
        for (param, field, inside, outside) in fields {
            for bad in [outside, f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                bounds(param, |o| *field(&mut o.sampling) = inside, |o| *field(&mut o.sampling) = bad);
            }
        }
    }

    #[test]
    fn logit_bias_comes_back_sorted() {
        let mut o = GenerateOptions::default();
        o.sampling.logit_bias = vec![(7, 1.0), (2, -1.0)];
        assert_eq!(options(o, 10).expect("valid").sampling.logit_bias, [(2, -1.0), (7, 1.0)]);
    }

    #[test]
    fn conversations_have_a_shape() {
        let chat_of = |messages| ChatRequest::new(messages, GenerateOptions::default());
        let hello = Message::new("user", "hello");
        assert!(chat(&chat_of(vec![hello.clone(); 4096])).is_ok());
        assert_eq!(param_of(chat(&chat_of(vec![hello.clone(); 4097]))), "messages");
        assert_eq!(param_of(chat(&chat_of(vec![]))), "messages");
        assert_eq!(param_of(chat(&chat_of(vec![hello.clone(), Message::new("", "x")]))), "messages[1].role");
        let mut request = chat_of(vec![hello]);
        request.tools = Some(serde_json::json!({}));
        assert_eq!(param_of(chat(&request)), "tools");
        request.tools = Some(serde_json::json!(vec![1; 129]));
        assert_eq!(param_of(chat(&request)), "tools");
        request.tools = Some(serde_json::json!(vec![1; 128]));
        assert!(chat(&request).is_ok());
    }
}
