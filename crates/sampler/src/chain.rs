//! Filters in an order that the request chooses, and those that the short way does not have: typical, top-n-sigma, XTC,
//! dynamic temperature, mirostat.
//!
//! Works on a list of candidates, most likely first, ties by the lower id. Every sum runs in that order in f64, and
//! logarithms and powers are libm's, so the bits are the same on every machine. Where top-k does not come first the
//! whole row is sorted: some 10 ms at 262,144 logits.

use gollum_core::{DynamicTemperature, Mirostat, SamplingParams, SamplingStep, TokenId};

use crate::select::{best_k, token_of};
use crate::softmax::exp;

/// The order where a request names none: [`crate::Sampler`]'s own, with the other filters where llama.cpp has them.
pub const USUAL: &[SamplingStep] = &[
    SamplingStep::Penalties,
    SamplingStep::Dry,
    SamplingStep::Temperature,
    SamplingStep::TopNSigma,
    SamplingStep::TopK,
    SamplingStep::TypicalP,
    SamplingStep::TopP,
    SamplingStep::MinP,
    SamplingStep::Xtc,
];

/// What two random numbers decide: the token, and whether XTC applies.
#[derive(Clone, Copy, Debug)]
pub struct Draws {
    /// For the token, `[0, 1)`.
    pub token: f64,
    /// For XTC, `[0, 1)`.
    pub xtc: f64,
}

/// True if the short way cannot do what is asked.
pub fn is_needed(p: &SamplingParams) -> bool {
    p.order.is_some()
        || p.typical_p < 1.0
        || p.top_n_sigma > 0.0
        || p.xtc.is_some()
        || p.dynamic_temperature.is_some()
        || p.mirostat.is_some()
}

/// A token and its logit.
type Candidate = (TokenId, f32);

/// Chooses a token from a row that has a usable maximum. `surprise` is mirostat's state, in bits; its next value comes
/// back.
pub fn choose(
    p: &SamplingParams,
    logits: &[f32],
    draws: Draws,
    surprise: f32,
    keys: &mut Vec<u64>,
) -> (TokenId, f32) {
    let steps = p.order.as_deref().unwrap_or(USUAL);
    let mut candidates = first_candidates(p, logits, keys);
    if let Some(mirostat) = p.mirostat {
        heat(&mut candidates, p.temperature, p.dynamic_temperature);
        return hold_surprise(mirostat, logits.len(), &mut candidates, draws.token, surprise);
    }
    for step in steps {
        match step {
            SamplingStep::TopNSigma if p.top_n_sigma > 0.0 => within_sigma(&mut candidates, p.top_n_sigma),
            SamplingStep::TopK if p.top_k > 0 => candidates.truncate(p.top_k as usize),
            SamplingStep::TypicalP if p.typical_p < 1.0 => typical(&mut candidates, p.typical_p),
            SamplingStep::TopP if p.top_p < 1.0 => {
                let kept = reaching(&probabilities(&candidates), p.top_p);
                candidates.truncate(kept);
            }
            SamplingStep::MinP if p.min_p > 0.0 => {
                let best = candidates[0].1;
                let kept = candidates.partition_point(|&(_, logit)| exp(logit - best) >= p.min_p);
                candidates.truncate(kept.max(1));
            }
            SamplingStep::Xtc => {
                if let Some(xtc) = p.xtc.filter(|xtc| draws.xtc < f64::from(xtc.probability)) {
                    exclude_top(&mut candidates, xtc.threshold);
                }
            }
            SamplingStep::Temperature => heat(&mut candidates, p.temperature, p.dynamic_temperature),
            _ => {}
        }
    }
    (draw(&candidates, draws.token), surprise)
}

/// True if top-k comes before everything that looks at more than the best candidates.
pub fn keeps_best(p: &SamplingParams) -> bool {
    let looks = |step: &SamplingStep| match step {
        SamplingStep::Penalties | SamplingStep::Dry => false,
        SamplingStep::Temperature => p.dynamic_temperature.is_some(),
        SamplingStep::TopNSigma => p.top_n_sigma > 0.0,
        SamplingStep::TypicalP => p.typical_p < 1.0,
        SamplingStep::TopP => p.top_p < 1.0,
        // The best are the same before and after.
        SamplingStep::MinP => false,
        SamplingStep::Xtc => p.xtc.is_some(),
        SamplingStep::TopK => true,
    };
    let first = p.order.as_deref().unwrap_or(USUAL).iter().find(|step| looks(step));
    p.top_k > 0 && p.mirostat.is_none() && first == Some(&SamplingStep::TopK)
}

/// All candidates, or as many as top-k keeps if that is all that counts.
fn first_candidates(p: &SamplingParams, logits: &[f32], keys: &mut Vec<u64>) -> Vec<Candidate> {
    let k = if keeps_best(p) { logits.len().min(p.top_k as usize) } else { logits.len() };
    best_k(logits, k, keys);
    keys.iter().map(|&key| token_of(key)).map(|token| (token, logits[token as usize])).collect()
}

/// Probabilities of candidates, whose first is the best.
fn probabilities(candidates: &[Candidate]) -> Vec<f64> {
    let best = candidates[0].1;
    let weights: Vec<f64> = candidates.iter().map(|&(_, logit)| f64::from(exp(logit - best))).collect();
    let total: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / total).collect()
}

/// Length of the shortest prefix whose sum reaches `p`, at least 1.
fn reaching(probabilities: &[f64], p: f32) -> usize {
    let mut sum = 0.0;
    let reached = probabilities.iter().position(|&probability| {
        sum += probability;
        sum >= f64::from(p)
    });
    reached.map_or(probabilities.len(), |last| last + 1)
}

/// In nats; what has no probability adds nothing.
fn entropy(probabilities: &[f64]) -> f64 {
    -probabilities.iter().filter(|&&p| p > 0.0).map(|&p| p * libm::log(p)).sum::<f64>()
}

fn heat(candidates: &mut [Candidate], temperature: f32, dynamic: Option<DynamicTemperature>) {
    let temperature = match dynamic {
        Some(dynamic) if candidates.len() > 1 => {
            let (low, high) = ((temperature - dynamic.range).max(0.0), temperature + dynamic.range);
            let most = libm::log(candidates.len() as f64);
            let share = (entropy(&probabilities(candidates)) / most).clamp(0.0, 1.0);
            (f64::from(low) + f64::from(high - low) * libm::pow(share, f64::from(dynamic.exponent))) as f32
        }
        _ => temperature,
    };
    // Relative to the best, so that a tiny temperature makes no infinity of it.
    let (best, temperature) = (candidates[0].1, temperature.max(f32::MIN_POSITIVE));
    for (_, logit) in candidates.iter_mut() {
        *logit = (*logit - best) / temperature;
    }
}

fn within_sigma(candidates: &mut Vec<Candidate>, n: f32) {
    let count = candidates.len() as f64;
    let mean = candidates.iter().map(|&(_, logit)| f64::from(logit)).sum::<f64>() / count;
    let square = |&(_, logit): &Candidate| (f64::from(logit) - mean) * (f64::from(logit) - mean);
    let sigma = libm::sqrt(candidates.iter().map(square).sum::<f64>() / count);
    let least = f64::from(candidates[0].1) - f64::from(n) * sigma;
    let kept = candidates.partition_point(|&(_, logit)| f64::from(logit) >= least);
    candidates.truncate(kept.max(1));
}

fn typical(candidates: &mut Vec<Candidate>, p: f32) {
    let probabilities = probabilities(candidates);
    let expected = entropy(&probabilities);
    let distance = |index: usize| (-libm::log(probabilities[index]) - expected).abs();
    let mut order: Vec<usize> = (0..candidates.len()).filter(|&i| probabilities[i] > 0.0).collect();
    order.sort_by(|&a, &b| distance(a).total_cmp(&distance(b)).then(a.cmp(&b)));
    let in_order: Vec<f64> = order.iter().map(|&index| probabilities[index]).collect();
    order.truncate(reaching(&in_order, p));
    order.sort_unstable();
    *candidates = order.into_iter().map(|index| candidates[index]).collect();
}

fn exclude_top(candidates: &mut Vec<Candidate>, threshold: f32) {
    let top = probabilities(candidates).iter().take_while(|&&p| p >= f64::from(threshold)).count();
    if top >= 2 {
        candidates.drain(..top - 1);
    }
}

fn draw(candidates: &[Candidate], u: f64) -> TokenId {
    let mut cumulative = 0.0;
    for (&(token, _), probability) in candidates.iter().zip(probabilities(candidates)) {
        cumulative += probability;
        if cumulative > u {
            return token;
        }
    }
    candidates[0].0
}

/// Mirostat: cuts what is more surprising than the state allows, draws, and moves the state by the error.
fn hold_surprise(
    mirostat: Mirostat,
    vocab_size: usize,
    candidates: &mut Vec<Candidate>,
    u: f64,
    surprise: f32,
) -> (TokenId, f32) {
    let all = probabilities(candidates);
    let kept = if mirostat.is_second {
        all.iter().take_while(|&&p| -libm::log2(p) <= f64::from(surprise)).count()
    } else {
        first_cut(&all, f64::from(surprise), vocab_size)
    };
    candidates.truncate(kept.max(1));
    let token = draw(candidates, u);
    let left = probabilities(candidates);
    let at = candidates.iter().position(|&(other, _)| other == token).unwrap_or(0);
    let error = -libm::log2(left[at]) - f64::from(mirostat.tau);
    (token, (f64::from(surprise) - f64::from(mirostat.eta) * error) as f32)
}

/// The first version's k: from a Zipf exponent estimated over the likeliest hundred.
fn first_cut(probabilities: &[f64], surprise: f64, vocab_size: usize) -> usize {
    const ESTIMATED: usize = 100;
    let (mut sum_tb, mut sum_tt) = (0.0, 0.0);
    for (index, pair) in probabilities.windows(2).take(ESTIMATED - 1).enumerate() {
        if pair[1] <= 0.0 {
            break;
        }
        let rank = index as f64;
        let t = libm::log((rank + 2.0) / (rank + 1.0));
        sum_tb += t * libm::log(pair[0] / pair[1]);
        sum_tt += t * t;
    }
    let exponent = if sum_tt > 0.0 { sum_tb / sum_tt } else { 1.0 };
    let epsilon = exponent - 1.0;
    let share = epsilon * libm::exp2(surprise) / (1.0 - libm::pow(vocab_size as f64, -epsilon));
    let k = libm::pow(share, 1.0 / exponent);
    if k.is_finite() { (k.max(1.0) as usize).min(probabilities.len()) } else { probabilities.len() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gollum_core::Xtc;

    /// Logits of these probabilities.
    fn row(probabilities: &[f64]) -> Vec<f32> {
        probabilities.iter().map(|&p| libm::log(p) as f32).collect()
    }

    /// The tokens that some draw chooses, in order of likelihood.
    fn reachable(p: &SamplingParams, logits: &[f32]) -> Vec<TokenId> {
        let mut seen = Vec::new();
        for i in 0..1000 {
            let draws = Draws { token: f64::from(i) / 1000.0, xtc: 0.0 };
            let (token, _) = choose(p, logits, draws, 0.0, &mut Vec::new());
            if !seen.contains(&token) {
                seen.push(token);
            }
        }
        seen
    }

    #[test]
    fn each_filter_keeps_what_it_says() {
        let logits = row(&[0.02, 0.5, 0.3, 0.15, 0.03]);
        let of = |change: &dyn Fn(&mut SamplingParams)| {
            let mut p = SamplingParams { order: Some(USUAL.into()), ..SamplingParams::default() };
            change(&mut p);
            reachable(&p, &logits)
        };
        assert_eq!(of(&|_| ()), [1, 2, 3, 4, 0]);
        assert_eq!(of(&|p| p.top_k = 2), [1, 2]);
        assert_eq!(of(&|p| p.top_p = 0.7), [1, 2]);
        assert_eq!(of(&|p| p.min_p = 0.29), [1, 2, 3]);
        assert_eq!(of(&|p| p.top_n_sigma = 0.5), [1, 2]);
        // The expected surprise is 1.2 nats, which the second comes closest to.
        assert_eq!(of(&|p| p.typical_p = 0.2), [2]);
        assert_eq!(of(&|p| p.typical_p = 0.7), [1, 2]);
        assert_eq!(of(&|p| p.xtc = Some(Xtc { probability: 1.0, threshold: 0.1 })), [3, 4, 0]);
        assert_eq!(of(&|p| p.xtc = Some(Xtc { probability: 1.0, threshold: 0.4 })), [1, 2, 3, 4, 0]);
    }

    #[test]
    fn order_matters_and_what_is_left_out_does_not_apply() {
        let logits = row(&[0.4, 0.3, 0.2, 0.1]);
        let of = |order: &[SamplingStep]| {
            let p = SamplingParams {
                temperature: 0.2,
                top_p: 0.75,
                top_k: 3,
                order: Some(order.into()),
                ..SamplingParams::default()
            };
            reachable(&p, &logits)
        };
        use SamplingStep::{Temperature, TopK, TopP};
        assert_eq!(of(&[TopP, Temperature]), [0, 1, 2]);
        assert_eq!(of(&[Temperature, TopP]), [0]);
        assert_eq!(of(&[TopK, Temperature]), [0, 1, 2]);
        assert_eq!(of(&[]), [0, 1, 2, 3]);
    }

    #[test]
    fn dynamic_temperature_is_cold_where_the_model_is_certain() {
        let spread = |logits: &[f32]| {
            let mut candidates: Vec<Candidate> = (0..).zip(logits.iter().copied()).collect();
            let dynamic = DynamicTemperature { range: 0.9, exponent: 1.0 };
            heat(&mut candidates, 1.0, Some(dynamic));
            (logits[0] - logits[1]) / (candidates[0].1 - candidates[1].1)
        };
        let (certain, clueless) = (spread(&row(&[0.999, 0.0005, 0.0005])), spread(&row(&[0.35, 0.33, 0.32])));
        assert!(certain < 0.2 && clueless > 1.85, "{certain} {clueless}");
    }

    #[test]
    fn mirostat_moves_towards_its_target() {
        for is_second in [false, true] {
            let mirostat = Mirostat { is_second, tau: 2.0, eta: 0.1 };
            let p = SamplingParams { mirostat: Some(mirostat), ..SamplingParams::default() };
            let weights: Vec<f64> = (1..=1000).map(|rank| 1.0 / f64::from(rank)).collect();
            let total: f64 = weights.iter().sum();
            let logits = row(&weights.iter().map(|w| w / total).collect::<Vec<_>>());
            let (mut state, mut bits) = (2.0 * mirostat.tau, 0.0);
            for i in 0..2000 {
                let before = state;
                let draws = Draws { token: crate::uniform(5, i), xtc: 0.0 };
                (_, state) = choose(&p, &logits, draws, state, &mut Vec::new());
                bits += f64::from((before - state) / mirostat.eta + mirostat.tau) / 2000.0;
            }
            assert!((bits - 2.0).abs() < 0.1, "version 2: {is_second}: {bits} bits a token");
        }
    }
}
