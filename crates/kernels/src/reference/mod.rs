//! The scalar reference: every operation in its plainest form. **These loops define the bits.**
//!
//! [`rows`] and [`attention`] hold the arithmetic as functions over slices, for SIMD kernels to be compared
//! with; [`ReferenceOps`] strings them into a [`KernelOps`](crate::KernelOps) that runs whole models.
//!
//! # NaN and infinity
//! Nothing checks for them and nothing hides them: each result is what the IEEE operations above give, and
//! which NaN it is (sign, payload) is not part of the contract. Results are either equal in bits or both NaN.
//!
//! - **Norms.** A NaN makes its whole row (or head) NaN. An infinity, or squares whose sum overflows, make the
//!   factor 0: the row becomes zeros, and NaN where the infinity was. `eps = 0` over zeros makes NaN.
//! - **Gates, soft-caps, rotation.** A NaN or infinity reaches its own element or pair.
//! - **`exp` and what is built on it** ([`math`](crate::math)): NaN gives NaN, minus infinity and all below
//!   `EXP_LO` give 0, plus infinity and all above `EXP_HI` give the finite `exp(EXP_HI)`. So `tanh` of an
//!   infinity is 1 or -1, `silu(-inf)` is minus infinity and `gelu(-inf)` is NaN.
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
//! - **Masked positions** are never multiplied, not even by 0: whatever a slot held before, NaN included, does
//!   not reach a result.

pub mod attention;
mod ops;
pub mod rows;

pub use ops::ReferenceOps;

#[cfg(test)]
mod tests {
    use super::attention::{PageView, Query, attend_head};
    use crate::{Activation, math};
    use gollum_core::{KvDtype, PAGE_TOKENS};
    use gollum_quant::Q8Rows;

    const INF: f32 = f32::INFINITY;

    fn normed(x: &[f32], eps: f32) -> Vec<f32> {
        let mut out = vec![9.0; x.len()];
        super::rows::rms_norm(x, &vec![1.0; x.len()], eps, &mut out);
        out
    }

    #[test]
    fn norms_spread_nan_and_infinity_as_documented() {
        assert!(normed(&[1.0, f32::NAN, 0.0], 1e-5).iter().all(|v| v.is_nan()));
        let out = normed(&[1.0, INF, 2.0], 1e-5);
        assert!(out[0] == 0.0 && out[1].is_nan() && out[2] == 0.0, "{out:?}");
        assert_eq!(normed(&[3e38, 1.0], 1e-5), [0.0, 0.0]);
        assert!(normed(&[0.0, 0.0], 0.0).iter().all(|v| v.is_nan()));
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
        let query = Query { position, start: 0, scale: 1.0, soft_cap: None };
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
    fn masked_positions_do_not_reach_a_result() {
        let mut values = [1.0; PAGE_TOKENS];
        let mut scores = [1.0; PAGE_TOKENS];
        (values[5], scores[5]) = (f32::NAN, f32::NAN);
        assert_eq!(attended(4, &scores, &values), 1.0);
        assert!(attended(5, &scores, &values).is_nan());
    }
}
