//! The sampler against a naive f64 implementation, against exact distributions, and against hostile rows.

use gollum_core::{BestLogits, DynamicTemperature, Mirostat, SamplingParams, SamplingStep, TokenId, Xtc};
use gollum_sampler::{SampleError, Sampler, Scratch, uniform};

fn row(len: usize, seed: u64, spread: f64) -> Vec<f32> {
    (0..len as u64).map(|i| ((uniform(seed, i) - 0.5) * spread) as f32).collect()
}

fn sample(params: &SamplingParams, prompt: &[TokenId], generated: &[TokenId], logits: &[f32]) -> TokenId {
    let mut sampler = Sampler::new(params, prompt, params.seed.unwrap_or(0));
    generated.iter().for_each(|&t| sampler.accept(t));
    let mut logits = logits.to_vec();
    sampler.sample(&mut logits, &mut Scratch::default()).expect("finite logits").token
}

/// What the naive implementation says: the tokens in drawing order with probabilities, and the f64 logits.
struct Naive {
    candidates: Vec<(TokenId, f64)>,
    /// Distance of the closest filter decision from its threshold, as a share.
    margin: f64,
}

fn naive(p: &SamplingParams, prompt: &[TokenId], generated: &[TokenId], logits: &[f32]) -> Naive {
    let mut x: Vec<f64> = logits.iter().map(|&v| f64::from(v)).collect();
    for (id, v) in x.iter_mut().enumerate() {
        let token = id as TokenId;
        let count = generated.iter().filter(|&&t| t == token).count();
        if count > 0 || prompt.contains(&token) {
            let penalty = f64::from(p.repetition_penalty);
            *v = if *v > 0.0 { *v / penalty } else { *v * penalty };
        }
        if count > 0 {
            *v -= count as f64 * f64::from(p.frequency_penalty) + f64::from(p.presence_penalty);
        }
        *v += p.logit_bias.iter().filter(|b| b.0 == token).map(|b| f64::from(b.1)).sum::<f64>();
        *v /= f64::from(p.temperature);
    }
    let max = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut all: Vec<(TokenId, f64)> =
        x.iter().enumerate().map(|(id, v)| (id as TokenId, (v - max).exp())).collect();
    let by_rank = (p.top_k != 0 && (p.top_k as usize) < x.len()) || p.top_p < 1.0;
    let mut margin = f64::INFINITY;
    if by_rank {
        all.sort_by(|a, b| b.1.partial_cmp(&a.1).expect("no NaN").then(a.0.cmp(&b.0)));
        if p.top_k != 0 && (p.top_k as usize) < all.len() {
            margin = margin.min(1.0 - all[p.top_k as usize].1 / all[p.top_k as usize - 1].1);
            all.truncate(p.top_k as usize);
        }
        let total: f64 = all.iter().map(|c| c.1).sum();
        let (mut sum, mut kept) = (0.0, all.len());
        if p.top_p < 1.0 {
            for (i, c) in all.iter().enumerate() {
                sum += c.1 / total;
                margin = margin.min((sum - f64::from(p.top_p)).abs());
                if sum >= f64::from(p.top_p) {
                    kept = i + 1;
                    break;
                }
            }
        }
        all.truncate(kept);
    }
    let min_p = f64::from(p.min_p);
    if min_p > 0.0 {
        all.iter().for_each(|c| margin = margin.min((c.1 - min_p).abs()));
        all.retain(|c| c.1 >= min_p);
    }
    let total: f64 = all.iter().map(|c| c.1).sum();
    all.iter_mut().for_each(|c| c.1 /= total);
    Naive { candidates: all, margin }
}

#[test]
fn equals_a_naive_f64_implementation() {
    let mut compared = 0;
    for case in 0..4000u64 {
        let draw = |i: u64| uniform(case, 1_000_000 + i);
        let pick = |i: u64, options: &[f64]| options[(draw(i) * options.len() as f64) as usize];
        let len = pick(0, &[3.0, 17.0, 300.0, 1300.0]) as usize;
        let params = SamplingParams {
            temperature: pick(1, &[0.3, 0.7, 1.0, 1.9]) as f32,
            top_k: pick(2, &[0.0, 0.0, 2.0, 40.0]) as u32,
            top_p: pick(3, &[1.0, 1.0, 0.9, 0.5]) as f32,
            min_p: pick(4, &[0.0, 0.0, 0.05, 0.3]) as f32,
            repetition_penalty: pick(5, &[1.0, 1.3, 0.8]) as f32,
            presence_penalty: pick(6, &[0.0, 0.7, -0.4]) as f32,
            frequency_penalty: pick(7, &[0.0, 0.5, -0.2]) as f32,
            logit_bias: if draw(8) < 0.3 { vec![(0, 1.5), (2, -100.0)] } else { Vec::new() },
            seed: Some(case),
            logprobs: None,
            repeat_last_n: None,
            prompt_logprobs: None,
            ..SamplingParams::default()
        };
        let token = |i: u64| (draw(i) * len as f64) as TokenId;
        let prompt: Vec<TokenId> = (20..26).map(token).collect();
        let generated: Vec<TokenId> = (30..30 + case % 7).map(token).collect();
        let logits = row(len, case, 8.0);
        let expected = naive(&params, &prompt, &generated, &logits);
        let got = sample(&params, &prompt, &generated, &logits);

        let u = uniform(case, generated.len() as u64);
        let (mut cumulative, mut edge, mut want) = (0.0, f64::INFINITY, None);
        for &(token, p) in &expected.candidates {
            cumulative += p;
            edge = edge.min((cumulative - u).abs());
            if cumulative > u && want.is_none() {
                want = Some(token);
            }
        }
        // f32 weights may decide the other way only where f64 is this close to the edge.
        if edge > 1e-5 && expected.margin > 1e-5 {
            assert_eq!(Some(got), want, "case {case}: {params:?}");
            compared += 1;
        }
    }
    assert!(compared > 3700, "only {compared} of 4000 cases were clear enough to compare");
}

/// Chi-square of 40,000 draws with fixed seeds against exact probabilities.
fn check_distribution(params: &SamplingParams, logits: &[f32], degrees_999: f64) {
    let exact = naive(params, &[], &[], logits).candidates;
    let draws = 40_000;
    let mut counts = vec![0u32; logits.len()];
    let mut scratch = Scratch::default();
    let mut row = logits.to_vec();
    let mut sampler = Sampler::new(params, &[], 20_261);
    for _ in 0..draws {
        let token = sampler.sample(&mut row, &mut scratch).expect("finite").token;
        counts[token as usize] += 1;
        sampler.accept(token);
    }
    let mut chi = 0.0;
    for &(token, p) in &exact {
        let expected = p * f64::from(draws);
        chi += (f64::from(counts[token as usize]) - expected).powi(2) / expected;
        counts[token as usize] = 0;
    }
    assert!(counts.iter().all(|&n| n == 0), "a filtered token was drawn");
    assert!(chi < degrees_999, "chi-square {chi} over {} tokens", exact.len());
}

#[test]
fn draws_follow_the_distribution() {
    let logits = row(20, 5, 4.0);
    let base = SamplingParams::default();
    // 99.9 % quantiles of chi-square for 19, 19, 4, and at most 19 degrees of freedom.
    check_distribution(&base, &logits, 43.82);
    check_distribution(&SamplingParams { temperature: 2.5, ..base.clone() }, &logits, 43.82);
    check_distribution(&SamplingParams { top_k: 5, ..base.clone() }, &logits, 18.47);
    check_distribution(&SamplingParams { top_p: 0.8, ..base.clone() }, &logits, 43.82);
    check_distribution(&SamplingParams { min_p: 0.2, ..base.clone() }, &logits, 43.82);
    let all = SamplingParams { top_k: 12, top_p: 0.9, min_p: 0.1, temperature: 1.4, ..base };
    check_distribution(&all, &logits, 43.82);
}

#[test]
fn greedy_takes_the_lowest_id_of_a_tie() {
    let greedy = SamplingParams { temperature: 0.0, ..Default::default() };
    assert_eq!(sample(&greedy, &[], &[], &[1.0, 3.0, 3.0, -1.0]), 1);
    let top_1 = SamplingParams { top_k: 1, ..Default::default() };
    assert_eq!(sample(&top_1, &[], &[], &[1.0, 3.0, 3.0, -1.0]), 1);
    let nearly_cold = SamplingParams { temperature: 1e-42, ..Default::default() };
    assert_eq!(sample(&nearly_cold, &[], &[], &[1.0, 2.0, 3.0, -1.0]), 2);
}

#[test]
fn penalties_count_what_they_say() {
    let greedy = SamplingParams { temperature: 0.0, ..Default::default() };
    let logits = [4.0, 3.0, -1.0, -1.2];
    // Repetition sees the prompt, presence and frequency do not.
    let repetition = SamplingParams { repetition_penalty: 2.0, ..greedy.clone() };
    assert_eq!(sample(&repetition, &[0], &[], &logits), 1);
    assert_eq!(sample(&repetition, &[], &[0], &logits), 1);
    assert_eq!(sample(&repetition, &[2], &[], &[-9.0, -9.0, -1.0, -1.5]), 3);
    let presence = SamplingParams { presence_penalty: 1.5, ..greedy.clone() };
    assert_eq!(sample(&presence, &[0, 0, 0], &[], &logits), 0);
    assert_eq!(sample(&presence, &[], &[0], &logits), 1);
    let frequency = SamplingParams { frequency_penalty: 0.6, ..greedy };
    assert_eq!(sample(&frequency, &[], &[0], &logits), 0);
    assert_eq!(sample(&frequency, &[], &[0, 0], &logits), 1);
}

#[test]
fn the_row_is_left_as_given_and_logprobs_are_the_models_own() {
    let params = SamplingParams {
        temperature: 0.0,
        repetition_penalty: 1.7,
        presence_penalty: 1.0,
        logit_bias: vec![(1, 5.0)],
        logprobs: Some(2),
        ..Default::default()
    };
    let logits = vec![2.0f32, 1.0, 0.0, -3.0];
    let mut sampler = Sampler::new(&params, &[0, 1], 0);
    sampler.accept(1);
    let mut given = logits.clone();
    let sampled = sampler.sample(&mut given, &mut Scratch::default()).expect("finite");
    assert_eq!(given, logits);
    assert_eq!(sampled.token, 1);
    let log_sum = logits.iter().map(|&v| f64::from(v).exp()).sum::<f64>().ln();
    let logprob = sampled.logprob.expect("asked for");
    assert!((f64::from(logprob.logprob) - (1.0 - log_sum)).abs() < 1e-6);
    assert_eq!(logprob.top.iter().map(|t| t.0).collect::<Vec<_>>(), [0, 1]);
    assert!((f64::from(logprob.top[0].1) - (2.0 - log_sum)).abs() < 1e-6);
}

#[test]
fn logprobs_of_no_alternatives_have_an_empty_list() {
    let params = SamplingParams { temperature: 0.0, logprobs: Some(0), ..Default::default() };
    let mut sampler = Sampler::new(&params, &[], 0);
    let sampled = sampler.sample(&mut [0.0, 0.0], &mut Scratch::default()).expect("finite");
    let logprob = sampled.logprob.expect("asked for");
    assert!(logprob.top.is_empty());
    assert!((f64::from(logprob.logprob) + std::f64::consts::LN_2).abs() < 1e-6);
}

#[test]
fn unusable_rows_are_errors_under_every_parameter() {
    let all = [
        SamplingParams { temperature: 0.0, ..Default::default() },
        SamplingParams::default(),
        SamplingParams { top_k: 2, ..Default::default() },
        SamplingParams { top_p: 0.5, min_p: 0.1, logprobs: Some(5), ..Default::default() },
        SamplingParams { repetition_penalty: 1.5, logit_bias: vec![(1, -100.0)], ..Default::default() },
    ];
    for params in &all {
        for bad in [f32::NAN, f32::INFINITY] {
            for at in 0..5 {
                let mut logits = [0.5, 1.0, -2.0, 3.0, 0.0];
                logits[at] = bad;
                let mut sampler = Sampler::new(params, &[0, 1, 2, 3, 4], 1);
                let result = sampler.sample(&mut logits, &mut Scratch::default());
                assert_eq!(result, Err(SampleError::NonFinite), "{bad} at {at}: {params:?}");
            }
        }
        let mut sampler = Sampler::new(params, &[], 1);
        for row in [&mut [f32::NEG_INFINITY; 5][..], &mut []] {
            assert_eq!(sampler.sample(row, &mut Scratch::default()), Err(SampleError::NonFinite));
        }
    }
}

#[test]
fn masked_tokens_are_never_drawn() {
    for params in [
        SamplingParams { temperature: 5.0, ..Default::default() },
        SamplingParams { temperature: 5.0, top_k: 4, ..Default::default() },
        SamplingParams { temperature: 5.0, top_p: 0.999, ..Default::default() },
    ] {
        let mut logits = vec![f32::NEG_INFINITY; 700];
        (logits[3], logits[600]) = (0.0, -1.0);
        let mut sampler = Sampler::new(&params, &[], 9);
        let mut seen = [false; 2];
        for _ in 0..200 {
            let token = sampler.sample(&mut logits, &mut Scratch::default()).expect("two are left").token;
            assert!(token == 3 || token == 600, "{token} under {params:?}");
            seen[usize::from(token == 600)] = true;
            sampler.accept(token);
        }
        assert_eq!(seen, [true, true]);
    }
}

#[test]
fn replay_draws_the_same_tokens() {
    let params = SamplingParams { temperature: 1.2, top_k: 50, ..Default::default() };
    let rows: Vec<Vec<f32>> = (0..50).map(|i| row(400, i, 6.0)).collect();
    let mut sampler = Sampler::new(&params, &[1, 2], 77);
    let mut scratch = Scratch::default();
    let mut tokens = Vec::new();
    for r in &rows {
        let token = sampler.sample(&mut r.clone(), &mut scratch).expect("finite").token;
        sampler.accept(token);
        tokens.push(token);
    }
    // A new sampler that is told the first 20 continues with the same 30, with another scratch.
    let mut resumed = Sampler::new(&params, &[1, 2], 77);
    tokens[..20].iter().for_each(|&t| resumed.accept(t));
    for (r, &expected) in rows.iter().zip(&tokens).skip(20) {
        let token = resumed.sample(&mut r.clone(), &mut Scratch::default()).expect("finite").token;
        assert_eq!(token, expected);
        resumed.accept(token);
    }
}

#[test]
fn a_large_vocabulary_is_fast() {
    let logits = row(262_144, 1, 20.0);
    let mut scratch = Scratch::default();
    for (name, params, limit_us) in [
        ("greedy", SamplingParams { temperature: 0.0, ..Default::default() }, 2_000),
        ("all", SamplingParams::default(), 10_000),
        ("top-k 40", SamplingParams { top_k: 40, top_p: 0.95, ..Default::default() }, 10_000),
        ("top-p", SamplingParams { top_p: 0.9, ..Default::default() }, 30_000),
        ("logprobs", SamplingParams { temperature: 0.0, logprobs: Some(20), ..Default::default() }, 10_000),
    ] {
        let mut sampler = Sampler::new(&params, &[], 3);
        let mut row = logits.clone();
        // The best of several: other work on the machine must not fail the test.
        let best = (0..9)
            .map(|_| {
                let start = std::time::Instant::now();
                sampler.sample(&mut row, &mut scratch).expect("finite");
                start.elapsed().as_micros()
            })
            .min()
            .expect("nine runs");
        assert!(best < limit_us, "{name}: {best} us at 262,144 logits");
    }
}

#[test]
fn a_mask_leaves_the_allowed_tokens_and_the_models_own_chances() {
    for temperature in [0.0, 1.0] {
        let params = SamplingParams { temperature, logprobs: Some(2), ..SamplingParams::default() };
        let mut given = row(70, 3, 8.0);
        given[3] = 50.0;
        let before = given.clone();
        let mut sampler = Sampler::new(&params, &[], 1);
        let mask = [0b110, 0, 0b10];
        let sampled =
            sampler.sample_masked(&mut given, Some(&mask), &mut Scratch::default()).expect("three are left");
        assert!([1, 2, 65].contains(&sampled.token), "{}", sampled.token);
        assert_eq!(given, before);
        let chances = sampled.logprob.expect("asked for");
        assert_eq!(
            (chances.token, chances.top[0].0),
            (sampled.token, 3),
            "the best is told, though forbidden"
        );
        let nothing = sampler.sample_masked(&mut given, Some(&[]), &mut Scratch::default());
        assert_eq!(nothing, Err(SampleError::NonFinite));
        given[40] = f32::NAN;
        let broken = sampler.sample_masked(&mut given, Some(&mask), &mut Scratch::default());
        assert_eq!(broken, Err(SampleError::NonFinite), "NaN is not hidden");
    }
}

/// What [`Sampler::deciding`] asks for, as a backend would find it.
fn best_of(logits: &[f32], count: usize) -> BestLogits {
    let mut ids: Vec<usize> = (0..logits.len()).collect();
    ids.sort_by(|&a, &b| logits[b].total_cmp(&logits[a]).then(a.cmp(&b)));
    ids.truncate(count);
    ids.sort_unstable();
    let tokens = ids.iter().map(|&id| id as TokenId).collect();
    BestLogits { tokens, logits: ids.iter().map(|&id| logits[id]).collect() }
}

/// Coarse logits, so that many tie, also at the border of top-k.
#[test]
fn the_best_logits_give_the_token_of_the_whole_row() {
    use SamplingStep::{MinP, Temperature, TopK, TopP};
    let of = |top_k| SamplingParams { top_k, seed: Some(1), ..SamplingParams::default() };
    let filtered = SamplingParams { top_p: 0.8, min_p: 0.05, temperature: 0.7, ..of(9) };
    let order: std::sync::Arc<[SamplingStep]> = [MinP, TopK, TopP, Temperature].into();
    let xtc = Some(Xtc { probability: 0.5, threshold: 0.05 });
    let cases = [
        (SamplingParams { temperature: 0.0, ..of(0) }, 1),
        (of(1), 2),
        (of(5), 6),
        (filtered.clone(), 10),
        (SamplingParams { order: Some(order), ..filtered.clone() }, 10),
        (SamplingParams { typical_p: 0.9, xtc, ..filtered }, 10),
    ];
    for (params, count) in cases {
        let mut sampler = Sampler::new(&params, &[], 1);
        assert_eq!(sampler.deciding(), Some(count), "{params:?}");
        for draw in 0..300 {
            let logits: Vec<f32> = row(300, draw, 40.0).iter().map(|v| v.round()).collect();
            let whole = sampler.sample(&mut logits.clone(), &mut Scratch::default()).expect("finite").token;
            for more in [0, 7] {
                let best = best_of(&logits, count + more);
                let got = sampler.sample_best(best, &mut Scratch::default()).expect("finite").token;
                assert_eq!(got, whole, "{params:?}, draw {draw}");
            }
            sampler.accept(whole);
        }
        let poisoned = best_of(&[1.0, f32::NAN, 2.0], count);
        let unusable = sampler.sample_best(poisoned, &mut Scratch::default());
        assert_eq!(unusable, Err(SampleError::NonFinite));
    }
}

#[test]
fn whole_rows_are_wanted_where_more_than_the_best_counts() {
    let plain = SamplingParams { top_k: 5, ..SamplingParams::default() };
    assert_eq!(Sampler::new(&plain, &[], 1).deciding(), Some(6));
    let order: std::sync::Arc<[SamplingStep]> = [SamplingStep::TopP, SamplingStep::TopK].into();
    let dynamic = DynamicTemperature { range: 0.5, exponent: 1.0 };
    let whole = [
        SamplingParams { top_k: 0, ..plain.clone() },
        SamplingParams { logprobs: Some(0), ..plain.clone() },
        SamplingParams { temperature: 0.0, logprobs: Some(0), ..plain.clone() },
        SamplingParams { temperature: 0.0, repetition_penalty: 1.1, ..plain.clone() },
        SamplingParams { presence_penalty: 0.1, ..plain.clone() },
        SamplingParams { logit_bias: vec![(3, 1.0)], ..plain.clone() },
        SamplingParams { top_n_sigma: 1.0, ..plain.clone() },
        SamplingParams { top_p: 0.9, order: Some(order), ..plain.clone() },
        SamplingParams { dynamic_temperature: Some(dynamic), ..plain.clone() },
        SamplingParams { mirostat: Some(Mirostat { is_second: true, tau: 5.0, eta: 0.1 }), ..plain.clone() },
    ];
    for params in whole {
        assert_eq!(Sampler::new(&params, &[], 1).deciding(), None, "{params:?}");
    }
    // A penalty that looks at no token is none.
    let blind = SamplingParams { presence_penalty: 0.1, repeat_last_n: Some(0), ..plain };
    assert_eq!(Sampler::new(&blind, &[], 1).deciding(), Some(6));
}
