//! The fields that generating requests share: how tokens are chosen, when to stop, who asks.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use gollum_core::{SamplingParams, TokenId};
use gollum_frontend::{GenerateOptions, Grammar, MAX_BAD_WORD_BYTES, MAX_BAD_WORDS};

use serde_json::value::RawValue;

use super::fields::Fields;
use super::samplers::Samplers;
use super::shape::Shape;
use super::{format, known};
use crate::app::Caller;
use crate::error::ApiError;
use crate::limits;

/// Sampling fields as given; what is `None` is the model's default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sampling {
    temperature: Option<f32>,
    top_k: Option<u32>,
    top_p: Option<f32>,
    min_p: Option<f32>,
    repetition_penalty: Option<f32>,
    presence_penalty: Option<f32>,
    frequency_penalty: Option<f32>,
    repeat_last_n: Option<i64>,
    logit_bias: Vec<(TokenId, f32)>,
    seed: Option<u64>,
    /// Those that few requests use.
    samplers: Samplers,
    /// Alternatives to report beside each token; read by the route, for the two dialects differ.
    pub logprobs: Option<u8>,
    /// The same beside each token of the prompt; read by the routes whose answers have a place for it.
    pub prompt_logprobs: Option<u8>,
}

/// What each chunk of a stream tells beside its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Telling {
    /// vLLM's `continuous_usage_stats`: the counts so far.
    pub usage: bool,
    /// llama-server's `timings_per_token`: the times so far.
    pub timings: bool,
}

/// How long a model stays in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// After its last request.
    For(Duration),
    /// Until the server ends.
    Always,
}

impl Keep {
    /// The same for the host.
    pub fn stay(self) -> Option<Duration> {
        match self {
            Self::For(time) => Some(time),
            Self::Always => None,
        }
    }
}

/// What every generating request can say, validated.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Common {
    /// The model asked for; `None` is the default model.
    pub model: Option<String>,
    /// Server-sent events instead of one JSON object.
    pub stream: bool,
    /// `stream_options.include_usage`.
    pub include_usage: bool,
    /// How tokens are chosen.
    pub sampling: Sampling,
    /// Most tokens of one answer.
    pub max_tokens: Option<usize>,
    /// Tokens before which nothing stops the answer.
    pub min_tokens: usize,
    /// Strings that end the answer, each once.
    pub stop: Vec<String>,
    /// Ids that end the answer.
    pub stop_token_ids: Vec<TokenId>,
    /// Go on past the model's own end of text.
    pub ignore_eos: bool,
    /// Answers per prompt.
    pub n: usize,
    /// vLLM's `skip_special_tokens: false`: control tokens' text is part of the answer.
    pub show_control_tokens: bool,
    /// Larger runs earlier: the sign is the engine's, the wire's is vLLM's (lower runs earlier).
    pub priority: i32,
    /// Separates tenants in every cache.
    pub cache_salt: Option<String>,
    /// llama-server's `cache_prompt: false`: share no prefix with anyone.
    pub isolated: bool,
    /// May be answered from the prompt cache.
    pub use_prompt_cache: bool,
    /// What the answers must look like, and the field that says so.
    pub grammar: Option<(Grammar, String)>,
    /// Words that must not come.
    pub bad_words: Vec<String>,
    /// Of the `n` answers to a prompt the likeliest so many are shown; `None`: all.
    pub best_of: Option<usize>,
    /// How much a stream tells beside its text.
    pub telling: Telling,
    /// How long the model stays in memory after this request, if it says.
    pub keep: Option<Keep>,
    /// Names of fields inside these that nobody defines.
    pub ignored: Vec<String>,
}

/// Temperatures below this choose the best token in all but exact ties, and would overflow the division.
const GREEDY_BELOW: f32 = 1e-5;

impl Sampling {
    /// Takes the fields. Errors: 400 naming the field.
    pub fn read(fields: &mut Fields<'_>, ignored: &mut Vec<String>) -> Result<Self, ApiError> {
        let temperature = fields.number_f32("temperature", 0.0..=100.0)?;
        let top_p = fields.number_f32("top_p", 0.0..=1.0)?;
        // vLLM writes "all" as -1 (and 0), llama-server as 0.
        let top_k = fields.integer("top_k", -1..=i64::from(i32::MAX))?;
        let repetition_penalty = one_of(fields, ["repetition_penalty", "repeat_penalty"], |fields, name| {
            fields.number_f32(name, 0.01..=100.0)
        })?;
        let seed = fields.integer("seed", i64::MIN..=i64::MAX)?;
        Ok(Self {
            temperature: temperature.map(|t| if t < GREEDY_BELOW { 0.0 } else { t }),
            top_k: top_k.map(|k| u32::try_from(k).unwrap_or(0)),
            // The smallest set that reaches probability 0 is the best token alone.
            top_p: top_p.map(|p| p.max(f32::MIN_POSITIVE)),
            min_p: fields.number_f32("min_p", 0.0..=1.0)?,
            repetition_penalty,
            presence_penalty: fields.number_f32("presence_penalty", -2.0..=2.0)?,
            frequency_penalty: fields.number_f32("frequency_penalty", -2.0..=2.0)?,
            repeat_last_n: fields.integer("repeat_last_n", -1..=i64::from(i32::MAX))?,
            logit_bias: logit_bias(fields)?,
            // Both peers read -1 as "draw one"; other negative seeds are seeds like any.
            seed: seed.filter(|&seed| seed != -1).map(i64::cast_unsigned),
            samplers: Samplers::read(fields, ignored)?,
            logprobs: None,
            prompt_logprobs: None,
        })
    }

    /// The model's defaults with the client's fields over them.
    pub fn over(&self, defaults: &SamplingParams) -> SamplingParams {
        let mut params = SamplingParams {
            temperature: self.temperature.unwrap_or(defaults.temperature),
            top_k: self.top_k.unwrap_or(defaults.top_k),
            top_p: self.top_p.unwrap_or(defaults.top_p),
            min_p: self.min_p.unwrap_or(defaults.min_p),
            repetition_penalty: self.repetition_penalty.unwrap_or(defaults.repetition_penalty),
            presence_penalty: self.presence_penalty.unwrap_or(defaults.presence_penalty),
            frequency_penalty: self.frequency_penalty.unwrap_or(defaults.frequency_penalty),
            // llama-server's -1 is the whole context.
            repeat_last_n: match self.repeat_last_n {
                None => defaults.repeat_last_n,
                Some(n) => u32::try_from(n).ok(),
            },
            logit_bias: self.logit_bias.clone(),
            seed: self.seed.or(defaults.seed),
            logprobs: self.logprobs,
            prompt_logprobs: self.prompt_logprobs,
            ..defaults.clone()
        };
        self.samplers.over(&mut params);
        params
    }
}

/// Reads one value that goes by several names; given under two, they must agree.
pub fn one_of<T: PartialEq, const N: usize>(
    fields: &mut Fields<'_>,
    names: [&str; N],
    read: impl Fn(&mut Fields<'_>, &str) -> Result<Option<T>, ApiError>,
) -> Result<Option<T>, ApiError> {
    let mut found: Option<(T, &str)> = None;
    for name in names {
        let Some(value) = read(fields, name)? else { continue };
        match &found {
            Some((first, other)) if *first != value => {
                return Err(fields.invalid(name, format!("and `{other}` mean the same and disagree")));
            }
            _ => found = Some((value, name)),
        }
    }
    Ok(found.map(|(value, _)| value))
}

/// What a bias may be.
const BIAS: RangeInclusive<f64> = -100.0..=100.0;

fn logit_bias(fields: &mut Fields<'_>) -> Result<Vec<(TokenId, f32)>, ApiError> {
    let mut biases = BTreeMap::new();
    for (key, raw) in
        fields.map("logit_bias", limits::MAX_LOGIT_BIAS, Shape::Number(BIAS))?.unwrap_or_default()
    {
        let token: TokenId =
            key.parse().map_err(|_| fields.invalid("logit_bias", "has a key that is not a token id"))?;
        let bias = fields.number_of("logit_bias", raw, BIAS)?;
        if biases.insert(token, bias as f32).is_some() {
            return Err(fields.invalid("logit_bias", format!("names token {token} twice")));
        }
    }
    Ok(biases.into_iter().collect())
}

/// In what the routes differ.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// `max_tokens` if none is given; `None` is up to the context.
    pub default_max_tokens: Option<usize>,
    /// Takes `max_tokens: 0`: the route can be asked for the prompt's log-probabilities alone.
    pub may_only_read: bool,
}

impl Common {
    /// Takes the shared fields.
    ///
    /// Errors: 400 naming the field, for a value out of range and for one that we cannot honour.
    pub fn read(fields: &mut Fields<'_>, route: Route) -> Result<Self, ApiError> {
        let stream = fields.boolean("stream")?.unwrap_or(false);
        let mut ignored = Vec::new();
        let (include_usage, continuous_usage) = include_usage(fields, &mut ignored)?;
        let per_token = fields.boolean("timings_per_token")?.unwrap_or(false);
        let common = Self {
            model: fields.string("model", limits::MAX_NAME_BYTES)?.filter(|model| !model.is_empty()),
            stream,
            include_usage: include_usage && stream,
            telling: Telling { usage: include_usage && continuous_usage, timings: per_token },
            sampling: Sampling::read(fields, &mut ignored)?,
            max_tokens: max_tokens(fields, route)?,
            min_tokens: to_usize(fields.integer("min_tokens", 0..=limits::MAX_TOKENS)?).unwrap_or(0),
            stop: stop(fields)?,
            stop_token_ids: token_ids(fields, "stop_token_ids", limits::MAX_STOP_TOKEN_IDS)?
                .unwrap_or_default(),
            ignore_eos: fields.boolean("ignore_eos")?.unwrap_or(false),
            n: answers(fields)?,
            show_control_tokens: !fields.boolean("skip_special_tokens")?.unwrap_or(true),
            priority: priority(fields)?,
            cache_salt: cache_salt(fields)?,
            isolated: !fields.boolean("cache_prompt")?.unwrap_or(true),
            use_prompt_cache: fields.boolean("use_prompt_cache")?.unwrap_or(true),
            grammar: format::grammar(fields)?,
            bad_words: fields
                .strings("bad_words", MAX_BAD_WORDS, 1..=MAX_BAD_WORD_BYTES)?
                .unwrap_or_default(),
            best_of: None,
            keep: None,
            ignored,
        };
        if common.max_tokens.is_some_and(|max| common.min_tokens > max) {
            return Err(fields.invalid("min_tokens", "is larger than `max_tokens`"));
        }
        fields.refuse(known::GENERATION)?;
        Ok(common)
    }
}

impl Common {
    /// The options for a model with these defaults. `caller` names who asks, for the caches.
    pub fn options(&self, defaults: &SamplingParams, caller: &Caller) -> GenerateOptions {
        GenerateOptions {
            sampling: self.sampling.over(defaults),
            dry_breakers: self.sampling.samplers.dry_breakers.clone(),
            grammar: self.grammar.clone(),
            bad_words: self.bad_words.clone(),
            max_tokens: self.max_tokens,
            min_tokens: self.min_tokens,
            stop: self.stop.clone(),
            stop_token_ids: self.stop_token_ids.clone(),
            ignore_eos: self.ignore_eos,
            n: self.n,
            show_control_tokens: self.show_control_tokens,
            priority: self.priority,
            cache_salt: self.salt(caller),
            use_prompt_cache: self.use_prompt_cache && !self.isolated,
            ..GenerateOptions::default()
        }
    }

    /// True if the answer may have been stored: see `SamplingParams::is_deterministic`; the model's default
    /// temperature is not known here, so a request that names none counts as well.
    pub fn may_replay(&self) -> bool {
        let deterministic =
            self.sampling.seed.is_some() || self.sampling.temperature.is_none_or(|t| t == 0.0);
        self.use_prompt_cache && !self.isolated && deterministic
    }

    /// Each key is a tenant, each salt of its own a tenant within it, and an isolated request is alone.
    /// The forms differ in their first word, so no client's salt can reach another form.
    fn salt(&self, caller: &Caller) -> Option<String> {
        let tenant = caller.tenant.map(|key| key.to_string()).unwrap_or_default();
        match &self.cache_salt {
            _ if self.isolated => Some(format!("alone {}", caller.serial)),
            Some(salt) => Some(format!("salt {tenant} {salt}")),
            None => caller.tenant.map(|key| format!("key {key}")),
        }
    }
}

fn to_usize(value: Option<i64>) -> Option<usize> {
    value.and_then(|value| usize::try_from(value).ok())
}

/// `n`, which llama-server calls `n_cmpl`.
fn answers(fields: &mut Fields<'_>) -> Result<usize, ApiError> {
    let range = 1..=limits::MAX_N as i64;
    let n = one_of(fields, ["n", "n_cmpl"], |fields, name| fields.integer(name, range.clone()))?.unwrap_or(1);
    Ok(usize::try_from(n).expect("the range was checked"))
}

/// `best_of`, if it is more than `n`: then so many answers are made. Smaller than `n` it is an error.
pub fn best_of(fields: &mut Fields<'_>, common: &mut Common) -> Result<(), ApiError> {
    let Some(best_of) = to_usize(fields.integer("best_of", 0..=limits::MAX_N as i64)?) else { return Ok(()) };
    if best_of < common.n && best_of > 0 {
        return Err(fields.invalid("best_of", "must not be smaller than `n`"));
    }
    if best_of > common.n {
        if common.stream {
            return Err(fields.invalid("best_of", "above `n` goes with no stream"));
        }
        common.best_of = Some(common.n);
        common.n = best_of;
        // The mean of these says which are best.
        common.sampling.logprobs = common.sampling.logprobs.or(Some(0));
    }
    Ok(())
}

/// The number of alternatives beside each token. llama-server's `n_probs` says it in one number on both routes; 0 is
/// none of it. `own` is what the route's own fields say.
pub fn logprobs(fields: &mut Fields<'_>, own: Option<u8>) -> Result<Option<u8>, ApiError> {
    let probs = fields.integer("n_probs", 0..=limits::MAX_TOP_LOGPROBS)?.filter(|&n| n > 0);
    let probs = probs.map(|n| u8::try_from(n).expect("the range was checked"));
    match (own, probs) {
        (Some(own), Some(probs)) if own != probs => {
            Err(fields.invalid("n_probs", format!("asks for {probs} alternatives, and `logprobs` for {own}")))
        }
        _ => Ok(own.or(probs)),
    }
}

/// vLLM's `prompt_logprobs`: alternatives to report beside each token of the prompt, which a stream has no place for.
pub fn prompt_logprobs(fields: &mut Fields<'_>, common: &mut Common) -> Result<(), ApiError> {
    let top = fields.integer("prompt_logprobs", 0..=limits::MAX_TOP_LOGPROBS)?;
    if top.is_some() && common.stream {
        return Err(fields.invalid("prompt_logprobs", "is not available when `stream` is true"));
    }
    common.sampling.prompt_logprobs = top.map(|top| u8::try_from(top).expect("the range was checked"));
    Ok(())
}

/// How a stream tells its token counts. Of no effect on a request without a stream, where they always come; and what
/// we do not know of it changes no text.
fn include_usage(fields: &mut Fields<'_>, ignored: &mut Vec<String>) -> Result<(bool, bool), ApiError> {
    let Some(mut options) = fields.object("stream_options")? else { return Ok((false, false)) };
    let include_usage = options.boolean("include_usage")?.unwrap_or(false);
    let continuous = options.boolean("continuous_usage_stats")?.unwrap_or(false);
    options.ignored_into(ignored);
    Ok((include_usage, continuous))
}

/// `-1` is "up to the context", as in llama-server.
fn max_tokens(fields: &mut Fields<'_>, route: Route) -> Result<Option<usize>, ApiError> {
    let names = ["max_completion_tokens", "max_tokens", "n_predict"];
    let given = one_of(fields, names, |fields, name| {
        let given = fields.integer(name, -1..=limits::MAX_TOKENS)?;
        if given == Some(0) && !route.may_only_read {
            return Err(fields.invalid(name, "must be -1 or at least 1, not 0"));
        }
        Ok(given)
    })?;
    Ok(match given {
        None => route.default_max_tokens,
        Some(given) => usize::try_from(given).ok(),
    })
}

/// `stop_sequences` is the name in other APIs.
fn stop(fields: &mut Fields<'_>) -> Result<Vec<String>, ApiError> {
    Ok(one_of(fields, ["stop", "stop_sequences"], stop_texts)?.unwrap_or_default())
}

/// Strings that end an answer: one, or a list.
pub fn stop_texts(fields: &mut Fields<'_>, name: &str) -> Result<Option<Vec<String>>, ApiError> {
    let given = fields.string_or_strings(name, limits::MAX_STOP, 1..=limits::MAX_STOP_BYTES)?;
    Ok(given.map(|given| {
        let mut stop: Vec<String> = Vec::with_capacity(given.len());
        for text in given {
            if !stop.contains(&text) {
                stop.push(text);
            }
        }
        stop
    }))
}

/// A list of token ids. Whether they are in the vocabulary is for the model to say.
pub fn token_ids(fields: &mut Fields<'_>, name: &str, max: usize) -> Result<Option<Vec<TokenId>>, ApiError> {
    let ids = fields.integers(name, max, 0..=i64::from(TokenId::MAX))?;
    Ok(ids.map(|ids| ids.into_iter().map(|id| id as TokenId).collect()))
}

/// `raw`, which belongs to field `name`, as a list of token ids that is not empty; `what` completes "must be ...".
pub fn ids_of(fields: &Fields<'_>, name: &str, raw: &RawValue, what: &str) -> Result<Vec<TokenId>, ApiError> {
    let ids: Vec<TokenId> = match serde_json::from_str(raw.get()) {
        Ok(ids) => ids,
        // One by one, for the one that is at fault.
        Err(_) => {
            let items: Vec<&RawValue> = fields.read(name, raw, what)?;
            let id = |item| Ok(fields.integer_of(name, item, 0..=i64::from(TokenId::MAX))? as TokenId);
            items.into_iter().map(id).collect::<Result<_, ApiError>>()?
        }
    };
    if ids.len() > limits::MAX_PROMPT_IDS {
        return Err(
            fields.invalid(name, format!("has {} ids, the limit is {}", ids.len(), limits::MAX_PROMPT_IDS))
        );
    }
    if ids.is_empty() {
        return Err(fields.invalid(name, "must not be an empty list of ids"));
    }
    Ok(ids)
}

/// vLLM's priority, in the engine's sign.
pub fn priority(fields: &mut Fields<'_>) -> Result<i32, ApiError> {
    let bound = i64::from(i32::MAX);
    let given = fields.integer("priority", -bound..=bound)?.unwrap_or(0);
    Ok(i32::try_from(-given).expect("the range was checked"))
}

fn cache_salt(fields: &mut Fields<'_>) -> Result<Option<String>, ApiError> {
    fields.string_within("cache_salt", 1..=limits::MAX_SALT_BYTES)
}
