//! The scalar reference: every operation in its plainest form. **These loops define the bits.**
//!
//! [`rows`], [`attention`] and [`routing`] hold the arithmetic as functions over slices, for SIMD kernels to be compared
//! with; [`ReferenceOps`] strings them into a [`KernelOps`](crate::KernelOps) that runs whole models.
//!
//! # NaN and infinity
//! Nothing checks for them and nothing hides them: each result is what the IEEE operations above give, and
//! which NaN it is (sign, payload) is not part of the contract. Results are either equal in bits or both NaN.
//!
//! - **Norms.** A NaN makes its whole row (or head) NaN. Of an RMS norm an infinity, or squares whose sum overflows,
//!   make the factor 0: the row becomes zeros (or the bias), and NaN where the infinity was. Of a layer norm an infinity
//!   makes the mean infinite, or NaN, and the whole row NaN; squares that overflow, zeros. `eps = 0` over zeros makes NaN.
//! - **Gates, limits, soft-caps, rotation.** A NaN or infinity reaches its own element or pair; a limit keeps NaN.
//! - **Epilogues.** A NaN among biases or factors reaches the outputs that it belongs to.
//! - **`exp` and what is built on it** ([`math`](crate::math)): NaN gives NaN, minus infinity and all below
//!   `EXP_LO` give 0, plus infinity and all above `EXP_HI` give the finite `exp(EXP_HI)`. So `tanh` of an
//!   infinity is 1 or -1, `silu(-inf)` is minus infinity and `gelu(-inf)` is NaN; so is xIELU of it.
//! - **Activations before an integer matmul.** A block of 32 with a NaN or infinity gets the scale NaN and the
//!   codes 0, so every output of that row is NaN, and no other row's. A block whose largest value is below
//!   3.7e-37 counts as zeros: see `gollum_quant::activations`.
//! - **Weights.** Scales and minimums of any bit pattern are used as they are: a NaN or infinite one makes the
//!   outputs of its own matrix row NaN or infinite (an infinity times a code of 0 is NaN), and of no other.
//!   A NaN or infinity among float weights enters the FMA chain like any value.
//! - **KV.** F16 rounds values from 65,520 on to infinity. Q8_0 turns a block of 32 with a NaN or infinity into
//!   32 NaN, and one whose scale is beyond f16, whose values exceed some 8.3e6, into infinities and NaN.
//! - **Scores.** Comparisons are [`math::max`](crate::math::max), which drops a NaN in its first operand and
//!   passes on one in its second, so the running maximum may or may not become NaN; the probability of a NaN
//!   score is NaN either way, and with it the sum and the whole output of that head and row. A plus infinity
//!   gives NaN too (`inf - inf`), and so does a first page of nothing but minus infinities; beside or after a
//!   finite score, minus infinity has probability 0, and its value counts as `0 * v`.
//! - **Sinks and slopes.** A NaN or plus infinity makes its whole head NaN, as such a score does, and a sink of minus
//!   infinity changes nothing. A slope of infinity is NaN at the query's own position, because of `inf * 0`.
//! - **Mixes of streams.** A NaN or infinity reaches its own column of every stream that takes the term, and one among
//!   the coefficients its whole stream; a coefficient of 0 makes NaN of an infinity.
//! - **Matched magnitudes.** As an RMS norm, of each head; an infinity in the model of it makes infinities.
//! - **Cuts.** A NaN or infinity makes the whole row NaN; squares that overflow, zeros.
//! - **Routers.** A NaN counts as minus infinity for the choice; see [`routing`]. With softmax, a NaN or plus infinity
//!   among the logits makes all weights of its row NaN.
//! - **Masked positions** are never multiplied, not even by 0: whatever a slot held before, NaN included, does
//!   not reach a result.

pub mod attention;
mod experts;
mod ops;
pub mod recurrent;
pub mod routing;
pub mod rows;
pub mod streams;
mod whole;

pub use ops::ReferenceOps;

#[cfg(test)]
mod tests {
    use super::attention::{PageView, Query, attend_head};
    use crate::{Activation, NormKind, QueryGrowth, Rope, RopeKind, YarnRamp, math};
    use gollum_core::{KvDtype, PAGE_TOKENS};
    use gollum_quant::Q8Rows;

    const INF: f32 = f32::INFINITY;

    fn normed(x: &[f32], eps: f32) -> Vec<f32> {
        let mut out = vec![9.0; x.len()];
        super::rows::norm((NormKind::Rms, eps), Some(&vec![1.0; x.len()]), None, x, &mut out);
        out
    }

    fn layer_normed(x: &[f32], eps: f32) -> Vec<f32> {
        let mut out = vec![9.0; x.len()];
        super::rows::norm((NormKind::Layer, eps), None, None, x, &mut out);
        out
    }

    #[test]
    fn norms_spread_nan_and_infinity_as_documented() {
        assert!(normed(&[1.0, f32::NAN, 0.0], 1e-5).iter().all(|v| v.is_nan()));
        let out = normed(&[1.0, INF, 2.0], 1e-5);
        assert!(out[0] == 0.0 && out[1].is_nan() && out[2] == 0.0, "{out:?}");
        assert_eq!(normed(&[3e38, 1.0], 1e-5), [0.0, 0.0]);
        assert!(normed(&[0.0, 0.0], 0.0).iter().all(|v| v.is_nan()));
        for bad in [f32::NAN, INF] {
            assert!(layer_normed(&[1.0, bad, 2.0], 1e-5).iter().all(|v| v.is_nan()));
        }
        assert_eq!(layer_normed(&[1e38, -1e38], 1e-5), [0.0, 0.0]);
        assert!(layer_normed(&[3.0, 3.0], 0.0).iter().all(|v| v.is_nan()));
    }

    #[test]
    fn a_layer_norm_has_mean_bias_and_spread_weight() {
        let x: Vec<f32> = (0..37).map(|i| (i * i % 17) as f32 + 100.0).collect();
        let (weight, bias) = (vec![2.0; 37], vec![5.0; 37]);
        let mut out = vec![0.0; 37];
        super::rows::norm((NormKind::Layer, 0.0), Some(&weight), Some(&bias), &x, &mut out);
        let mean = out.iter().map(|&v| f64::from(v)).sum::<f64>() / 37.0;
        let spread = out.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / 37.0;
        assert!((mean - 5.0).abs() < 1e-5 && (spread - 4.0).abs() < 1e-4, "{mean} and {spread}");
    }

    /// Angles of YaRN at pairs before, on and after its ramp.
    #[test]
    fn yarn_scales_slow_pairs_and_leaves_fast_ones() {
        let plain = Rope {
            kind: RopeKind::Neox,
            dims: 16,
            freq_base: 10.0,
            freq_scale: 0.25,
            factors: None,
            yarn: None,
            magnitude: 1.0,
        };
        let yarn = Rope { yarn: Some(YarnRamp { low: 2.0, high: 6.0 }), magnitude: 1.5, ..plain };
        let unscaled = Rope { freq_scale: 1.0, ..plain };
        let angles = |rope: &Rope| {
            let mut out = [(0.0, 0.0); 8];
            super::rows::rope_angles(3, rope, None, &mut out);
            out
        };
        let magnified = |(c, s): (f32, f32)| [c * 1.5, s * 1.5];
        let near = |a: (f32, f32), b: [f32; 2]| (a.0 - b[0]).abs() < 1e-6 && (a.1 - b[1]).abs() < 1e-6;
        for pair in 0..=2 {
            assert!(near(angles(&yarn)[pair], magnified(angles(&unscaled)[pair])), "pair {pair}");
        }
        for pair in 6..8 {
            assert!(near(angles(&yarn)[pair], magnified(angles(&plain)[pair])), "pair {pair}");
        }
        let halfway = Rope { freq_scale: 0.625, ..plain };
        assert!(near(angles(&yarn)[4], magnified(angles(&halfway)[4])));
    }

    #[test]
    fn queries_grow_by_steps() {
        let growth = QueryGrowth { scale: 0.1, length: 8, offset: 1 };
        let factor = |position| super::rows::growth_factor(growth, position);
        assert_eq!((factor(0), factor(6)), (1.0, 1.0));
        assert_eq!(factor(7), (1.0 + 0.1f32 as f64 * 2.0f64.ln()) as f32);
        assert_eq!(factor(7), factor(14));
        assert!(factor(u32::MAX).is_finite());
    }

    #[test]
    fn activations_have_the_documented_ends() {
        assert_eq!((math::tanh(INF), math::tanh(-INF)), (1.0, -1.0));
        assert_eq!(math::activate(Activation::Silu, -INF), -INF);
        assert!(math::activate(Activation::GeluTanh, -INF).is_nan());
    }

    #[test]
    fn a_poisoned_block_poisons_its_row_only() {
        let mut x = vec![1.0; 128];
        x[40] = -INF;
        let rows = Q8Rows::quantise(&x, 64);
        assert!(rows.row(0).scale[1].is_nan() && rows.row(0).q[32..].iter().all(|&q| q == 0));
        assert!(rows.row(0).scale[0].is_finite() && rows.row(1).scale.iter().all(|s| s.is_finite()));
    }

    #[test]
    fn kv_storage_overflows_as_documented() {
        let stored = |dtype, x: f32| {
            let mut values = [0.0; 32];
            values[0] = x;
            super::ops::round_kv(dtype, &mut values);
            values
        };
        assert_eq!(stored(KvDtype::F16, 65_519.0)[0], 65_504.0);
        assert_eq!(stored(KvDtype::F16, 65_520.0)[0], INF);
        assert!(stored(KvDtype::Q8_0, INF).iter().all(|v| v.is_nan()));
        let large = stored(KvDtype::Q8_0, 8.4e6);
        assert!(large[0] == INF && large[1..].iter().all(|v| v.is_nan()), "{large:?}");
        assert!(stored(KvDtype::Q8_0, 8.2e6).iter().all(|v| v.is_finite()));
    }

    /// Attention of the query `[1]` at `position` over keys that are the scores, and values.
    fn attended(position: usize, scores: &[f32], values: &[f32]) -> f32 {
        let query =
            Query { position, start: 0, last: position, scale: 1.0, soft_cap: None, slope: None, sink: None };
        attended_by(query, scores, values)
    }

    fn attended_by(query: Query, scores: &[f32], values: &[f32]) -> f32 {
        let page = |i: usize| {
            let range = i * PAGE_TOKENS..(i + 1) * PAGE_TOKENS;
            PageView { k: &scores[range.clone()], v: &values[range] }
        };
        let mut out = [0.0];
        attend_head(query, &[1.0], page, &mut out);
        out[0]
    }

    #[test]
    fn scores_treat_nan_and_infinity_as_documented() {
        let ones = [1.0; 2 * PAGE_TOKENS];
        let with = |at: usize, value: f32| {
            let mut values = ones;
            values[at] = value;
            values
        };
        for at in [0, 3, PAGE_TOKENS, 2 * PAGE_TOKENS - 1] {
            for bad in [f32::NAN, INF] {
                assert!(attended(31, &with(at, bad), &ones).is_nan(), "{bad} at {at}");
            }
            assert_eq!(attended(31, &with(at, -INF), &ones), 1.0);
            assert_eq!(attended(31, &with(at, -INF), &with(at, 1e30)), 1.0);
            assert!(attended(31, &with(at, -INF), &with(at, INF)).is_nan());
        }
        let mut scores = ones;
        scores[..PAGE_TOKENS].fill(-INF);
        assert!(attended(31, &scores, &ones).is_nan());
        scores.reverse();
        assert_eq!(attended(31, &scores, &ones), 1.0);
    }

    #[test]
    fn sinks_take_their_share_and_slopes_fall_with_distance() {
        let (ones, zeros) = ([1.0; PAGE_TOKENS], [0.0; PAGE_TOKENS]);
        let plain =
            Query { position: 3, start: 0, last: 3, scale: 1.0, soft_cap: None, slope: None, sink: None };
        let sink = |sink| attended_by(Query { sink: Some(sink), ..plain }, &zeros, &ones);
        assert_eq!(sink(0.0), 1.0 / 5.0 * 4.0);
        assert_eq!(sink(-INF), 1.0);
        assert!(sink(f32::NAN).is_nan() && sink(INF).is_nan());
        let mut rising = zeros;
        rising[..4].copy_from_slice(&[0.0, 1.0, 2.0, 3.0]);
        let slope = |slope| attended_by(Query { slope: Some(slope), ..plain }, &zeros, &rising);
        let weights = [0.125f32, 0.25, 0.5, 1.0];
        let want = (0.25 + 1.0 + 3.0) / weights.iter().sum::<f32>();
        assert!((slope(std::f32::consts::LN_2) - want).abs() < 1e-5);
        assert!(slope(INF).is_nan());
    }

    #[test]
    fn masked_positions_do_not_reach_a_result() {
        let mut values = [1.0; PAGE_TOKENS];
        let mut scores = [1.0; PAGE_TOKENS];
        (values[5], scores[5]) = (f32::NAN, f32::NAN);
        assert_eq!(attended(4, &scores, &values), 1.0);
        assert!(attended(5, &scores, &values).is_nan());
    }
}
