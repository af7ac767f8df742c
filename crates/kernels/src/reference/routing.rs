//! The router of a mixture of experts: from a row's logits to experts and their weights.
//!
//! ```text
//! p        by the gating: softmax or sigmoid of all logits, or what is chosen by            [experts]
//! score    p (of the gatings that choose by something else: that) + selection_bias
//! groups   a group's score is the sum of its two best; experts outside the best groups score -inf
//! chosen   the `used` best scores, descending
//! w        p[chosen], or softmax or sigmoid of the chosen logits; never with the bias
//!          w / max(NORMALISE_FLOOR, sum of w), if asked, then w * scale
//! matrices chosen / sharing: so one set may serve a row twice, each time with the weight of another expert
//! ```
//! Among equal scores the lower number comes first, of groups as of experts. A NaN counts as minus infinity in every
//! comparison, and stays NaN in the weights: the choice is always `used` different experts. The softmax of `n` values:
//! `m` is their maximum, `e[i] = exp(l[i] - m)`, `p[i] = e[i] / sum(e)`, the sum that of
//! [`rows::sum`](super::rows::sum).

use super::rows;
use crate::math;
use crate::{ExpertGroups, Gating, Routing};

/// Least sum that weights are divided by: f16's smallest normal number, as llama.cpp has it.
pub const NORMALISE_FLOOR: f32 = 1.0 / 16384.0;

/// An expert of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Choice {
    /// The number of its matrices.
    pub expert: usize,
    /// Its share of the result.
    pub weight: f32,
}

/// Chooses `routing.used` experts by the logits of one row, `[experts]`, best first. `bias` holds the values of
/// `routing.selection_bias`, `[experts]`.
pub fn choose(routing: &Routing, bias: Option<&[f32]>, logits: &[f32]) -> Vec<Choice> {
    let p: Vec<f32> = match routing.gating {
        Gating::Softmax => softmax(logits),
        Gating::Sigmoid => logits.iter().map(|&l| math::sigmoid(l)).collect(),
        Gating::SoftmaxOfChosen | Gating::SigmoidOfChosen => logits.to_vec(),
    };
    let mut scores = p.clone();
    if let Some(bias) = bias {
        scores.iter_mut().zip(bias).for_each(|(s, b)| *s += b);
    }
    if let Some(groups) = routing.groups {
        leave_best_groups(groups, &mut scores);
    }
    let chosen = best(&scores, routing.used);
    let of_chosen: Vec<f32> = chosen.iter().map(|&e| p[e]).collect();
    let mut weights = match routing.gating {
        Gating::SoftmaxOfChosen => softmax(&of_chosen),
        Gating::SigmoidOfChosen => of_chosen.iter().map(|&l| math::sigmoid(l)).collect(),
        Gating::Softmax | Gating::Sigmoid => of_chosen,
    };
    finish(routing, &mut weights);
    let choices = chosen.into_iter().zip(weights);
    choices.map(|(expert, weight)| Choice { expert: expert / routing.sharing, weight }).collect()
}

/// Normalises, in the order of choice, and scales.
fn finish(routing: &Routing, weights: &mut [f32]) {
    if routing.normalise {
        let sum = weights.iter().fold(0.0, |sum, w| sum + w);
        let divisor = math::max(NORMALISE_FLOOR, sum);
        weights.iter_mut().for_each(|w| *w /= divisor);
    }
    weights.iter_mut().for_each(|w| *w *= routing.scale);
}

fn softmax(logits: &[f32]) -> Vec<f32> {
    let m = logits.iter().copied().fold(f32::NEG_INFINITY, math::max);
    let e: Vec<f32> = logits.iter().map(|&l| math::exp(l - m)).collect();
    let sum = rows::sum(&e);
    e.into_iter().map(|e| e / sum).collect()
}

/// What is compared.
fn rank(score: f32) -> f32 {
    if score.is_nan() { f32::NEG_INFINITY } else { score }
}

/// The indices of the `count` best scores, descending, the lower index first among equals.
fn best(scores: &[f32], count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    // Stable, so equals stay in order; ranks are never NaN.
    order.sort_by(|&a, &b| rank(scores[b]).partial_cmp(&rank(scores[a])).expect("no NaN"));
    order.truncate(count);
    order
}

/// Sets the scores outside the best groups to minus infinity.
fn leave_best_groups(groups: ExpertGroups, scores: &mut [f32]) {
    let group_len = scores.len() / groups.count;
    let two_best = |group: &[f32]| best(group, 2).iter().map(|&i| rank(group[i])).fold(0.0, |sum, s| sum + s);
    let group_scores: Vec<f32> = scores.chunks_exact(group_len).map(two_best).collect();
    let kept = best(&group_scores, groups.used);
    for (index, group) in scores.chunks_exact_mut(group_len).enumerate() {
        if !kept.contains(&index) {
            group.fill(f32::NEG_INFINITY);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Routing = Routing {
        experts: 4,
        sharing: 1,
        used: 2,
        gating: Gating::SigmoidOfChosen,
        selection_bias: None,
        groups: None,
        normalise: false,
        scale: 1.0,
    };

    fn experts(routing: &Routing, bias: Option<&[f32]>, logits: &[f32]) -> Vec<usize> {
        choose(routing, bias, logits).iter().map(|c| c.expert).collect()
    }

    #[test]
    fn the_best_come_first_and_equals_by_number() {
        assert_eq!(experts(&PLAIN, None, &[1.0, 3.0, 2.0, 3.0]), [1, 3]);
        assert_eq!(experts(&PLAIN, None, &[0.0, -0.0, -1.0, 0.0]), [0, 1]);
        assert_eq!(experts(&PLAIN, None, &[f32::NEG_INFINITY; 4]), [0, 1]);
    }

    #[test]
    fn nan_is_chosen_last() {
        assert_eq!(experts(&PLAIN, None, &[f32::NAN, 1.0, f32::NAN, -1.0]), [1, 3]);
        assert_eq!(experts(&PLAIN, None, &[f32::NAN; 4]), [0, 1]);
        let softmax = Routing { gating: Gating::Softmax, ..PLAIN };
        let choice = choose(&softmax, None, &[1.0, f32::NAN, 2.0, 3.0]);
        assert!(choice.iter().all(|c| c.weight.is_nan()), "{choice:?}");
    }

    #[test]
    fn the_bias_chooses_and_does_not_weigh() {
        let routing = Routing { gating: Gating::Sigmoid, ..PLAIN };
        let choice = choose(&routing, Some(&[0.0, 0.0, 9.0, 0.0]), &[1.0, 0.5, -2.0, 0.0]);
        assert_eq!(choice[0], Choice { expert: 2, weight: math::sigmoid(-2.0) });
        assert_eq!(choice[1], Choice { expert: 0, weight: math::sigmoid(1.0) });
    }

    #[test]
    fn groups_are_chosen_by_their_two_best() {
        let groups = Some(ExpertGroups { count: 2, used: 1 });
        let routing = Routing { groups, ..PLAIN };
        assert_eq!(experts(&routing, None, &[5.0, -5.0, 1.0, 2.0]), [3, 2]);
        // Groups of one; and more used than the groups hold: what is left comes by number.
        let routing = Routing { groups: Some(ExpertGroups { count: 4, used: 1 }), ..PLAIN };
        assert_eq!(experts(&routing, None, &[1.0, 2.0, 4.0, 3.0]), [2, 0]);
    }

    #[test]
    fn experts_that_share_matrices_keep_their_own_weights() {
        let logits = [1.0f32, 3.0, -5.0, 2.0];
        let alone = Routing { used: 3, gating: Gating::Softmax, normalise: true, ..PLAIN };
        let shared = Routing { sharing: 2, ..alone };
        assert_eq!(experts(&alone, None, &logits), [1, 3, 0]);
        assert_eq!(experts(&shared, None, &logits), [0, 1, 0]);
        let weights =
            |routing| choose(routing, None, &logits).into_iter().map(|c| c.weight).collect::<Vec<_>>();
        assert_eq!(weights(&shared), weights(&alone));
    }

    #[test]
    fn weights_follow_the_gating() {
        let logits = [1.0f32, 2.0, 0.0, -1.0];
        let weights = |gating, normalise, scale| {
            let routing = Routing { gating, normalise, scale, ..PLAIN };
            choose(&routing, None, &logits).iter().map(|c| f64::from(c.weight)).collect::<Vec<f64>>()
        };
        let e = |l: f64| l.exp();
        let all = e(1.0) + e(2.0) + e(0.0) + e(-1.0);
        let sigmoid = |l: f64| 1.0 / (1.0 + e(-l));
        for (got, want) in [
            (weights(Gating::Softmax, false, 1.0), [e(2.0) / all, e(1.0) / all]),
            (weights(Gating::Softmax, true, 1.0), [sigmoid(1.0), sigmoid(-1.0)]),
            (weights(Gating::SoftmaxOfChosen, false, 1.0), [sigmoid(1.0), sigmoid(-1.0)]),
            (weights(Gating::SigmoidOfChosen, false, 1.0), [sigmoid(2.0), sigmoid(1.0)]),
            (weights(Gating::Sigmoid, false, 3.0), [3.0 * sigmoid(2.0), 3.0 * sigmoid(1.0)]),
        ] {
            assert!(got.iter().zip(want).all(|(g, w)| (g - w).abs() < 1e-6), "{got:?}, wanted {want:?}");
        }
    }

    #[test]
    fn weights_of_nearly_nothing_are_not_blown_up() {
        let routing = Routing { gating: Gating::Sigmoid, normalise: true, ..PLAIN };
        let choice = choose(&routing, None, &[-80.0; 4]);
        assert!(choice.iter().all(|c| c.weight < 1e-25), "{choice:?}");
    }
}
