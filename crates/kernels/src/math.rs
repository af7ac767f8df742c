//! The scalar functions whose bits the contract fixes: `exp`, `tanh`, limits, activations, the 16-lane sum.
//!
//! Each is a fixed sequence of IEEE operations (add, multiply, divide, square root, FMA, compare-and-select,
//! conversion), so a SIMD kernel that performs the same sequence per lane has the same bits on every
//! machine. No libm call is on this path; `sin` and `cos` of the rope come from the `libm` crate, which is the same
//! Rust code everywhere.

use crate::Activation;

/// Lanes of a partial sum.
pub const LANES: usize = 16;

/// `if a > b { a } else { b }`: the x86 `maxps`, NaN in either operand gives `b`.
pub fn max(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// `if a < b { a } else { b }`: the x86 `minps`, NaN in either operand gives `b`.
pub fn min(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

/// `max(-limit, min(limit, x))`: NaN stays NaN.
pub fn clamp(x: f32, limit: f32) -> f32 {
    max(-limit, min(limit, x))
}

/// Sums 16 lanes by one tree: `i + 8`, `i + 4`, `i + 2`, `i + 1`.
pub fn tree_sum(mut lanes: [f32; LANES]) -> f32 {
    for half in [8, 4, 2, 1] {
        for i in 0..half {
            lanes[i] += lanes[i + half];
        }
    }
    lanes[0]
}

/// Largest of 16 lanes by the same tree; `max(upper, lower)`.
pub fn tree_max(mut lanes: [f32; LANES]) -> f32 {
    for half in [8, 4, 2, 1] {
        for i in 0..half {
            lanes[i] = max(lanes[i], lanes[i + half]);
        }
    }
    lanes[0]
}

/// Lowest input of [`exp`] whose result is a normal number; below it the result is 0.
pub const EXP_LO: f32 = -87.33654;
/// Highest input of [`exp`] whose result is finite; above it the result is that of this input.
pub const EXP_HI: f32 = 88.0;
/// log2(e).
pub const LOG2_E: f32 = std::f32::consts::LOG2_E;
/// High part of ln 2: 355 / 512, so that `n * LN2_HI` is exact.
pub const LN2_HI: f32 = 0.693_359_4;
/// Low part of ln 2.
pub const LN2_LO: f32 = -2.121_944_4e-4;
/// Taylor coefficients 1/7! .. 1/0!, for Horner's rule. On |r| <= ln2/2 the remainder is below 5e-9.
pub const EXP_POLY: [f32; 8] =
    [1.984_127e-4, 1.388_888_9e-3, 8.333_334e-3, 4.166_666_8e-2, 1.666_666_7e-1, 0.5, 1.0, 1.0];

/// `e^x` within 2 ulp; 0 below [`EXP_LO`], NaN for NaN.
pub fn exp(x: f32) -> f32 {
    // The clamps pass NaN on: `max(limit, NaN)` is its second operand.
    let clamped = max(EXP_LO, x);
    let clamped = if EXP_HI < clamped { EXP_HI } else { clamped };
    let n = (clamped * LOG2_E).round_ties_even();
    let r = (-n).mul_add(LN2_HI, clamped);
    let r = (-n).mul_add(LN2_LO, r);
    let mut p = EXP_POLY[0];
    for &c in &EXP_POLY[1..] {
        p = p.mul_add(r, c);
    }
    // 2^n by its exponent bits; n is within -126..=127. For NaN the integer is 0 on every machine's
    // saturating or wrapping conversion but for x86's, so NaN is selected explicitly below.
    let scale = f32::from_bits((((n as i32) + 127) << 23) as u32);
    let y = p * scale;
    if x < EXP_LO {
        0.0
    } else if x.is_nan() {
        x
    } else {
        y
    }
}

/// `tanh(x) = 1 - 2 / (exp(2 x) + 1)`.
pub fn tanh(x: f32) -> f32 {
    1.0 - 2.0 / (exp(x + x) + 1.0)
}

/// sqrt(2 / pi).
pub const SQRT_2_OVER_PI: f32 = 0.797_884_6;
/// GELU's cubic coefficient.
pub const GELU_CUBIC: f32 = 0.044_715;

/// `1 / (1 + exp(-x))`.
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// Coefficients 1/13, 1/11 .. 1/3 of `atanh(s) / s - 1` in powers of `s * s`, highest first. On |s| <= 1/3 the
/// remainder is below 2e-8.
pub const ATANH_POLY: [f32; 6] = [1.0 / 13.0, 1.0 / 11.0, 1.0 / 9.0, 1.0 / 7.0, 0.2, 1.0 / 3.0];

/// `ln(1 + exp(x)) = max(0, x) + ln(1 + u)` with `u = exp(-|x|)`, within 4 ulp; NaN for NaN.
///
/// `ln(1 + u)` is `2 atanh(s)` with `s = u / (2 + u)`, which is exact at the small end too, where `1 + u` is 1.
pub fn softplus(x: f32) -> f32 {
    let u = exp(-x.abs());
    let s = u / (2.0 + u);
    let square = s * s;
    let mut p = ATANH_POLY[0];
    for &c in &ATANH_POLY[1..] {
        p = p.mul_add(square, c);
    }
    let twice = s + s;
    // The value comes second, so that NaN stays NaN.
    max(0.0, x) + (twice * square).mul_add(p, twice)
}

/// `x / (1 + exp(-x))`.
fn silu(x: f32) -> f32 {
    x / (1.0 + exp(-x))
}

/// An activation of the gate alone. Panics for those that need an up projection.
pub fn activate(activation: Activation, g: f32) -> f32 {
    match activation {
        Activation::Silu => silu(g),
        Activation::GeluTanh => {
            let inner = SQRT_2_OVER_PI * g * (GELU_CUBIC * g).mul_add(g, 1.0);
            (0.5 * g) * (1.0 + tanh(inner))
        }
        Activation::Sigmoid => sigmoid(g),
        Activation::Softplus => softplus(g),
        Activation::Identity => g,
        // The value comes second, so that NaN stays NaN.
        Activation::Relu => max(0.0, g),
        Activation::ReluSquared => {
            let positive = max(0.0, g);
            positive * positive
        }
        Activation::Xielu { negative, positive, slope, eps } => {
            if 0.0 < g {
                (positive * g).mul_add(g, slope * g)
            } else {
                (exp(min(g, eps)) - 1.0 - g).mul_add(negative, slope * g)
            }
        }
        Activation::ClampedSilu { .. } | Activation::SiluClamped { .. } | Activation::OaiSwiglu { .. } => {
            panic!("{activation:?} needs an up projection")
        }
    }
}

/// An activation of gate and up.
pub fn activate_gated(activation: Activation, g: f32, u: f32) -> f32 {
    match activation {
        Activation::ClampedSilu { limit } => silu(min(limit, g)) * clamp(u, limit),
        Activation::SiluClamped { limit } => min(limit, silu(g)) * clamp(u, limit),
        Activation::OaiSwiglu { alpha, limit } => {
            let g = min(limit, g);
            g / (1.0 + exp(-(alpha * g))) * (clamp(u, limit) + 1.0)
        }
        _ => activate(activation, g) * u,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_within_two_ulp() {
        for i in -87_000..88_000 {
            let x = i as f32 * 1e-3;
            let (got, want) = (exp(x), f64::from(x).exp());
            let error = (f64::from(got) - want).abs() / want;
            assert!(error < 2.0 * f64::from(f32::EPSILON), "exp({x}) = {got}, wanted {want}");
        }
    }

    #[test]
    fn exp_ends_are_defined() {
        assert_eq!(exp(f32::NEG_INFINITY), 0.0);
        assert_eq!(exp(-1000.0), 0.0);
        assert_eq!(exp(0.0), 1.0);
        assert!(exp(f32::NAN).is_nan());
        assert!(exp(f32::INFINITY).is_finite());
    }

    #[test]
    fn tanh_and_activations_match_f64() {
        for i in -2000..2000 {
            let x = i as f32 * 0.01;
            let wide = f64::from(x);
            assert!((f64::from(tanh(x)) - wide.tanh()).abs() < 3e-7);
            let silu = wide / (1.0 + (-wide).exp());
            assert!((f64::from(activate(Activation::Silu, x)) - silu).abs() < 1e-6 * (1.0 + silu.abs()));
            let gelu = 0.5 * wide * (1.0 + (0.797_884_560_8 * (wide + 0.044_715 * wide.powi(3))).tanh());
            assert!((f64::from(activate(Activation::GeluTanh, x)) - gelu).abs() < 3e-6 * (1.0 + gelu.abs()));
        }
    }

    #[test]
    fn softplus_is_within_four_ulp_at_both_ends() {
        for i in -87_000..60_000 {
            let x = i as f32 * 1e-3;
            let (got, want) = (softplus(x), f64::from(x).exp().ln_1p());
            let error = (f64::from(got) - want).abs() / want;
            assert!(error < 4.0 * f64::from(f32::EPSILON), "softplus({x}) = {got}, wanted {want}");
        }
        assert_eq!(softplus(f32::NEG_INFINITY), 0.0);
        assert_eq!(softplus(-1000.0), 0.0);
        assert_eq!(softplus(f32::INFINITY), f32::INFINITY);
        assert!(softplus(f32::NAN).is_nan());
    }

    #[test]
    fn xielu_matches_f64() {
        let activation = Activation::xielu([-0.7, 1.3], 0.5, -1e-6);
        let softplus = |x: f64| (1.0 + x.exp()).ln();
        let (negative, positive) = (0.5 + softplus(-0.7), softplus(1.3));
        for i in -2000..2000 {
            let x = i as f32 * 0.01;
            let wide = f64::from(x);
            let curve = if x > 0.0 {
                positive * wide * wide
            } else {
                (wide.min(f64::from(-1e-6f32)).exp_m1() - wide) * negative
            };
            let want = curve + 0.5 * wide;
            let got = f64::from(activate(activation, x));
            assert!((got - want).abs() < 5e-7 * (1.0 + want.abs()), "{x}: {got}, wanted {want}");
        }
        assert!(activate(activation, f32::NAN).is_nan());
        // Numbers of any size make numbers.
        let Activation::Xielu { negative, positive, .. } = Activation::xielu([3e38, -3e38], 0.5, 0.0) else {
            panic!("another activation")
        };
        assert_eq!((negative, positive), (3e38, 0.0));
    }

    #[test]
    fn gated_activations_limit_both_sides() {
        let limit = 7.0;
        let clamped = |g, u| activate_gated(Activation::ClampedSilu { limit }, g, u);
        assert_eq!(clamped(9.0, 2.0), activate(Activation::Silu, 7.0) * 2.0);
        assert_eq!(clamped(-9.0, -8.0), activate(Activation::Silu, -9.0) * -7.0);
        let oai = |g: f32, u: f32| activate_gated(Activation::OaiSwiglu { alpha: 1.702, limit }, g, u);
        let wide = |g: f64, u: f64| g / (1.0 + (-1.702 * g).exp()) * (u + 1.0);
        assert!((f64::from(oai(1.5, 2.0)) - wide(1.5, 2.0)).abs() < 1e-5);
        assert_eq!((oai(8.0, 9.0), oai(8.0, -9.0)), (oai(7.0, 7.0), oai(7.0, -7.0)));
        assert_eq!(activate_gated(Activation::ReluSquared, 3.0, 2.0), 18.0);
        assert_eq!(activate(Activation::Relu, -3.0), 0.0);
    }

    #[test]
    fn limits_pass_nan_on() {
        assert!(clamp(f32::NAN, 1.0).is_nan());
        assert!(activate(Activation::Relu, f32::NAN).is_nan());
        for activation in
            [Activation::ClampedSilu { limit: 1.0 }, Activation::OaiSwiglu { alpha: 1.0, limit: 1.0 }]
        {
            assert!(activate_gated(activation, f32::NAN, 1.0).is_nan());
            assert!(activate_gated(activation, 1.0, f32::NAN).is_nan());
        }
    }

    #[test]
    fn trees_add_and_compare_all_lanes() {
        let lanes: [f32; 16] = std::array::from_fn(|i| (i as f32 * 7.0) % 16.0);
        assert_eq!(tree_sum(lanes), 120.0);
        assert_eq!(tree_max(lanes), 15.0);
    }
}
