//! Exact requests that always have the same answer, and their answers.
//!
//! Sound because a token depends on the tokens before it, the parameters and the seed alone (the *same bits*
//! contract), and because the key is everything: the model, the tenant, the prompt and each parameter and
//! limit. A hit compares all of it; the hash only finds the place, and is keyed per process.
//!
//! Bound: bytes, given at start; least recently used answers go first. A lookup costs one hash of the prompt.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use gollum_core::{
    Dry, DynamicTemperature, FinishReason, Mirostat, Request, SamplingParams, SamplingStep, TokenId,
    TokenLogprob, Xtc,
};

/// What an entry costs beside its lists: key, maps, allocations; measured generously.
const ENTRY_OVERHEAD_BYTES: usize = 512;

/// Everything that affects an answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PromptKey {
    model_digest: u64,
    salt: u64,
    prompt: Arc<[TokenId]>,
    sampling: SamplingKey,
    max_tokens: usize,
    min_tokens: usize,
    stop_ids: Vec<TokenId>,
    constraint: Option<Arc<[u8]>>,
}

/// [`SamplingParams`] by their bits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct SamplingKey {
    floats: [u32; 8],
    /// Floats of the samplers that most requests do not use, by their bits; empty without one.
    more: Vec<u32>,
    breakers: Arc<[(TokenId, Vec<TokenId>)]>,
    dry_lengths: Option<(usize, Option<usize>)>,
    order: Option<Arc<[SamplingStep]>>,
    top_k: u32,
    repeat_last_n: Option<u32>,
    logit_bias: Vec<(TokenId, u32)>,
    seed: Option<u64>,
    logprobs: Option<u8>,
}

impl SamplingKey {
    fn new(params: &SamplingParams) -> Self {
        // By name, so that a new parameter cannot be forgotten here.
        let SamplingParams {
            temperature,
            top_k,
            top_p,
            min_p,
            repetition_penalty,
            presence_penalty,
            frequency_penalty,
            repeat_last_n,
            typical_p,
            top_n_sigma,
            dry,
            xtc,
            dynamic_temperature,
            mirostat,
            order,
            logit_bias,
            seed,
            logprobs,
            // Requests with it have no key.
            prompt_logprobs: _,
        } = params;
        let floats = [
            temperature,
            top_p,
            min_p,
            repetition_penalty,
            presence_penalty,
            frequency_penalty,
            typical_p,
            top_n_sigma,
        ];
        // Each begins with a number of its own, so that none can be taken for another.
        let mut more: Vec<u32> = Vec::new();
        if let Some(Dry { multiplier, base, .. }) = dry {
            more.extend([1, multiplier.to_bits(), base.to_bits()]);
        }
        if let Some(Xtc { probability, threshold }) = xtc {
            more.extend([2, probability.to_bits(), threshold.to_bits()]);
        }
        if let Some(DynamicTemperature { range, exponent }) = dynamic_temperature {
            more.extend([3, range.to_bits(), exponent.to_bits()]);
        }
        if let Some(Mirostat { is_second, tau, eta }) = mirostat {
            more.extend([4, u32::from(*is_second), tau.to_bits(), eta.to_bits()]);
        }
        Self {
            floats: floats.map(|f| f.to_bits()),
            more,
            breakers: dry.as_ref().map_or_else(|| [].into(), |dry| Arc::clone(&dry.breakers)),
            dry_lengths: dry.as_ref().map(|dry| (dry.allowed_length, dry.last_n)),
            order: order.clone(),
            top_k: *top_k,
            repeat_last_n: *repeat_last_n,
            logit_bias: logit_bias.iter().map(|&(token, bias)| (token, bias.to_bits())).collect(),
            // Greedy draws no random number.
            seed: seed.filter(|_| *temperature != 0.0),
            logprobs: *logprobs,
        }
    }
}

impl PromptKey {
    /// The key of a request; `None` if it may not use the cache, its answer is not repeatable, or it asks about its
    /// prompt, of which nothing is stored.
    pub fn new(request: &Request, model_digest: u64) -> Option<Self> {
        let sampling = &request.sampling;
        let has_key =
            request.use_prompt_cache && sampling.is_deterministic() && sampling.prompt_logprobs.is_none();
        has_key.then(|| Self {
            model_digest,
            salt: request.cache_salt,
            prompt: Arc::clone(&request.prompt),
            sampling: SamplingKey::new(&request.sampling),
            max_tokens: request.limits.max_tokens,
            min_tokens: request.limits.min_tokens,
            stop_ids: request.limits.stop_ids.clone(),
            constraint: request.constraint.as_ref().map(|constraint| Arc::clone(constraint.key())),
        })
    }

    fn bytes(&self) -> usize {
        let constraint = self.constraint.as_ref().map_or(0, |key| key.len());
        4 * (self.prompt.len() + self.stop_ids.len()) + 8 * self.sampling.logit_bias.len() + constraint
    }
}

/// A stored answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub tokens: Vec<TokenId>,
    /// One per token if the request asked for them, else empty.
    pub logprobs: Vec<TokenLogprob>,
    pub reason: FinishReason,
}

impl Answer {
    fn bytes(&self) -> usize {
        let logprobs: usize = self.logprobs.iter().map(|l| size_of::<TokenLogprob>() + 8 * l.top.len()).sum();
        4 * self.tokens.len() + logprobs
    }
}

#[derive(Debug)]
struct Entry {
    answer: Arc<Answer>,
    bytes: usize,
    used: u64,
}

/// Answers by key, bounded in bytes.
#[derive(Debug)]
pub(crate) struct PromptCache {
    entries: HashMap<Arc<PromptKey>, Entry>,
    /// Keys by last use, oldest first.
    by_use: BTreeMap<u64, Arc<PromptKey>>,
    uses: u64,
    bytes: usize,
    max_bytes: usize,
    pub evictions: u64,
}

impl PromptCache {
    pub fn new(max_bytes: usize) -> Self {
        let (entries, by_use) = (HashMap::new(), BTreeMap::new());
        Self { entries, by_use, uses: 0, bytes: 0, max_bytes, evictions: 0 }
    }

    pub fn is_on(&self) -> bool {
        self.max_bytes > 0
    }

    /// The answer to an equal request.
    pub fn get(&mut self, key: &PromptKey) -> Option<Arc<Answer>> {
        let (stored_key, entry) = self.entries.get_key_value(key)?;
        let (stored_key, used) = (Arc::clone(stored_key), entry.used);
        self.by_use.remove(&used);
        self.uses += 1;
        self.by_use.insert(self.uses, stored_key);
        let entry = self.entries.get_mut(key)?;
        entry.used = self.uses;
        Some(Arc::clone(&entry.answer))
    }

    /// Stores an answer. One that is larger than the whole cache is not stored. True if it was.
    pub fn put(&mut self, key: PromptKey, answer: Answer) -> bool {
        let bytes = ENTRY_OVERHEAD_BYTES + key.bytes() + answer.bytes();
        if bytes > self.max_bytes || self.entries.contains_key(&key) {
            return false;
        }
        while self.bytes + bytes > self.max_bytes {
            let (_, oldest) = self.by_use.pop_first().expect("bytes are held by entries");
            let entry = self.entries.remove(&oldest).expect("both maps hold the same keys");
            self.bytes -= entry.bytes;
            self.evictions += 1;
        }
        let key = Arc::new(key);
        self.uses += 1;
        self.by_use.insert(self.uses, Arc::clone(&key));
        self.entries.insert(key, Entry { answer: Arc::new(answer), bytes, used: self.uses });
        self.bytes += bytes;
        true
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gollum_core::{Constraint, Limits, RequestId};

    fn request(prompt: &[TokenId]) -> Request {
        Request {
            id: RequestId(1),
            prompt: prompt.into(),
            sampling: SamplingParams { temperature: 0.0, ..SamplingParams::default() },
            limits: Limits { max_tokens: 8, min_tokens: 0, stop_ids: vec![] },
            priority: 0,
            cache_salt: 0,
            use_prompt_cache: true,
            constraint: None,
        }
    }

    fn key(change: impl Fn(&mut Request)) -> Option<PromptKey> {
        let mut request = request(&[1, 2, 3]);
        change(&mut request);
        PromptKey::new(&request, 7)
    }

    fn constraint(key: u8) -> Constraint {
        Constraint::new([key].as_slice().into(), || panic!("nothing is generated here"))
    }

    fn dry(breaker: TokenId) -> Dry {
        let breakers = [(breaker, vec![])].into();
        Dry { multiplier: 0.5, base: 0.1, allowed_length: 2, last_n: None, breakers }
    }

    fn answer(tokens: usize) -> Answer {
        Answer { tokens: vec![5; tokens], logprobs: vec![], reason: FinishReason::Length }
    }

    #[test]
    fn each_thing_that_affects_the_answer_is_in_the_key() {
        let changes: [fn(&mut Request); 26] = [
            |r| r.constraint = Some(constraint(1)),
            |r| r.constraint = Some(constraint(2)),
            |r| r.sampling.typical_p = 0.5,
            |r| r.sampling.top_n_sigma = 1.0,
            |r| r.sampling.dry = Some(dry(0)),
            |r| r.sampling.dry = Some(dry(1)),
            |r| r.sampling.xtc = Some(Xtc { probability: 0.5, threshold: 0.1 }),
            |r| r.sampling.dynamic_temperature = Some(DynamicTemperature { range: 0.5, exponent: 0.1 }),
            |r| r.sampling.mirostat = Some(Mirostat { is_second: true, tau: 5.0, eta: 0.1 }),
            |r| r.sampling.order = Some([SamplingStep::TopK].into()),
            |r| r.cache_salt = 1,
            |r| r.prompt = [1, 2].as_slice().into(),
            |r| r.limits.max_tokens = 9,
            |r| r.limits.min_tokens = 1,
            |r| r.limits.stop_ids = vec![3],
            |r| r.sampling.top_k = 1,
            |r| r.sampling.top_p = 0.5,
            |r| r.sampling.min_p = 0.5,
            |r| r.sampling.repetition_penalty = 1.5,
            |r| r.sampling.presence_penalty = 0.5,
            |r| r.sampling.frequency_penalty = 0.5,
            |r| r.sampling.repeat_last_n = Some(64),
            |r| r.sampling.logit_bias = vec![(1, 0.5)],
            |r| r.sampling.logprobs = Some(1),
            |r| (r.sampling.temperature, r.sampling.seed) = (1.0, Some(1)),
            |r| (r.sampling.temperature, r.sampling.seed) = (1.0, Some(2)),
        ];
        let mut cache = PromptCache::new(1 << 20);
        assert!(cache.put(key(|_| ()).expect("greedy"), answer(1)));
        for (index, change) in changes.into_iter().enumerate() {
            let changed = key(change).expect("deterministic");
            assert!(cache.get(&changed).is_none(), "change {index} must miss");
            assert!(cache.put(changed, answer(2)));
        }
        assert_eq!(cache.get(&key(|_| ()).expect("greedy")).expect("a hit").tokens.len(), 1);
        assert!(
            cache.get(&key(|r| r.sampling.seed = Some(9)).expect("greedy")).is_some(),
            "greedy has no seed"
        );
        assert!(
            cache.get(&PromptKey::new(&request(&[1, 2, 3]), 8).expect("greedy")).is_none(),
            "another model"
        );
    }

    #[test]
    fn requests_that_may_differ_have_no_key() {
        assert!(key(|r| r.sampling.temperature = 0.7).is_none());
        assert!(key(|r| r.use_prompt_cache = false).is_none());
        assert!(key(|r| r.sampling.prompt_logprobs = Some(0)).is_none());
    }

    #[test]
    fn bytes_are_bounded_and_the_least_recently_used_go_first() {
        let of = |n: usize| key(|r| r.limits.max_tokens = n).expect("greedy");
        let one = ENTRY_OVERHEAD_BYTES + of(1).bytes() + answer(10).bytes();
        let mut cache = PromptCache::new(3 * one);
        for n in 1..=3 {
            assert!(cache.put(of(n), answer(10)));
        }
        assert!(cache.get(&of(1)).is_some());
        assert!(cache.put(of(4), answer(10)));
        assert!(cache.bytes() <= 3 * one);
        assert_eq!((cache.len(), cache.evictions), (3, 1));
        assert!(cache.get(&of(2)).is_none(), "2 was used least recently");
        assert!(cache.get(&of(1)).is_some() && cache.get(&of(3)).is_some() && cache.get(&of(4)).is_some());
        assert!(!cache.put(of(5), answer(one)), "larger than all of the cache");
    }
}
