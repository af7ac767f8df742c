//! The activations of feed-forwards, of a gate alone or of gate and up.

#![allow(unsafe_code)]

use gollum_kernels::Activation;
use gollum_kernels::math::{GELU_CUBIC, SQRT_2_OVER_PI};

use super::rows::{Lanes, clamp, exp, map, min, softplus, tanh};
use crate::simd::{Kernel, Simd};

/// `out = activation(gate, up)`, or without `up`, `activation(gate)`.
pub(crate) struct Gate {
    pub activation: Activation,
    pub gate: *const f32,
    /// Null without an up projection.
    pub up: *const f32,
    pub out: *mut f32,
    pub n: usize,
}

impl Kernel for Gate {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: the caller's pointers are good for `n` values.
        unsafe {
            match self.activation {
                Activation::Silu => self.with::<S>(Silu),
                Activation::GeluTanh => self.with::<S>(GeluTanh),
                Activation::Sigmoid => self.with::<S>(Sigmoid),
                Activation::Softplus => self.with::<S>(Softplus),
                Activation::Identity => self.with::<S>(Identity),
                Activation::Relu => self.with::<S>(Relu),
                Activation::ReluSquared => self.with::<S>(ReluSquared),
                Activation::Xielu { negative, positive, slope, eps } => {
                    self.with::<S>(Xielu { negative, positive, slope, eps });
                }
                Activation::ClampedSilu { limit } => self.gated::<S>(&ClampedSilu { limit }),
                Activation::SiluClamped { limit } => self.gated::<S>(&SiluClamped { limit }),
                Activation::OaiSwiglu { alpha, limit } => self.gated::<S>(&OaiSwiglu { alpha, limit }),
            }
        }
    }
}

impl Gate {
    /// A function of the gate, times up if there is one.
    #[inline(always)]
    unsafe fn with<S: Simd>(&self, f: impl Lanes<1>) {
        // SAFETY: the caller's pointers are good for `n` values.
        unsafe {
            if self.up.is_null() {
                map::<S, 1>([self.gate], self.out, self.n, &f);
            } else {
                self.gated::<S>(&TimesUp(f));
            }
        }
    }

    #[inline(always)]
    unsafe fn gated<S: Simd>(&self, f: &impl Lanes<2>) {
        assert!(!self.up.is_null(), "{:?} needs an up projection", self.activation);
        // SAFETY: the caller's pointers are good for `n` values.
        unsafe { map::<S, 2>([self.gate, self.up], self.out, self.n, f) }
    }
}

struct TimesUp<F>(F);

impl<F: Lanes<1>> Lanes<2> for TimesUp<F> {
    #[inline(always)]
    unsafe fn apply<S: Simd>(&self, [g, u]: [S::F; 2]) -> S::F {
        // SAFETY: no pointers.
        unsafe { S::mul(self.0.apply::<S>([g]), u) }
    }
}

struct Silu;

impl Lanes<1> for Silu {
    #[inline(always)]
    unsafe fn apply<S: Simd>(&self, [g]: [S::F; 1]) -> S::F {
        // SAFETY: no pointers.
        unsafe { S::div(g, S::add(S::splat(1.0), exp::<S>(S::sub(S::splat(-0.0), g)))) }
    }
}

struct Sigmoid;

impl Lanes<1> for Sigmoid {
    #[inline(always)]
    unsafe fn apply<S: Simd>(&self, [g]: [S::F; 1]) -> S::F {
        // SAFETY: no pointers.
        unsafe {
            let one = S::splat(1.0);
            S::div(one, S::add(one, exp::<S>(S::sub(S::splat(-0.0), g))))
        }
    }
}

struct Softplus;

impl Lanes<1> for Softplus {
    #[inline(always)]
    unsafe fn apply<S: Simd>(&self, [g]: [S::F; 1]) -> S::F {
        // SAFETY: no pointers.
        unsafe { softplus::<S>(g) }
    }
}

struct Identity;

impl Lanes<1> for Identity {
    #[inline(always)]
    unsafe fn apply<S: Simd>(&self, [g]: [S::F; 1]) -> S::F {
        g
    }
}

struct GeluTanh;

impl Lanes<1> for GeluTanh {
    #[inline(always)]
    unsafe fn apply<S: Simd>(&self, [g]: [S::F; 1]) -> S::F {
        // SAFETY: no pointers.
        unsafe {
            let one = S::splat(1.0);
            let cubic = S::fma(S::mul(S::splat(GELU_CUBIC), g), g, one);
            let inner = S::mul(S::mul(S::splat(SQRT_2_OVER_PI), g), cubic);
            S::mul(S::mul(S::splat(0.5), g), S::add(one, tanh::<S>(inner)))
        }
    }
}

struct Relu;

impl Lanes<1> for Relu {
    #[inline(always)]
    unsafe fn apply<S: Simd>(&self, [g]: [S::F; 1]) -> S::F {
        // SAFETY: no pointers.
        unsafe { S::max(S::splat(0.0), g) }
    }
}

struct ReluSquared;

impl Lanes<1> for ReluSquared {
    #[inline(always)]
    unsafe fn apply<S: Simd>(&self, g: [S::F; 1]) -> S::F {
        // SAFETY: no pointers.
        unsafe {
            let positive = Relu.apply::<S>(g);
            S::mul(positive, positive)
        }
    }
}

struct Xielu {
    negative: f32,
    positive: f32,
    slope: f32,
    eps: f32,
}

impl Lanes<1> for Xielu {
    #[inline(always)]
    unsafe fn apply<S: Simd>(&self, [g]: [S::F; 1]) -> S::F {
        // SAFETY: no pointers.
        unsafe {
            let line = S::mul(S::splat(self.slope), g);
            let above = S::fma(S::mul(S::splat(self.positive), g), g, line);
            let curve = S::sub(exp::<S>(min::<S>(g, S::splat(self.eps))), S::splat(1.0));
            let below = S::fma(S::sub(curve, g), S::splat(self.negative), line);
            S::select_lt(S::splat(0.0), g, above, below)
        }
    }
}

struct ClampedSilu {
    limit: f32,
}

impl Lanes<2> for ClampedSilu {
    #[inline(always)]
    unsafe fn apply<S: Simd>(&self, [g, u]: [S::F; 2]) -> S::F {
        // SAFETY: no pointers.
        unsafe {
            let g = min::<S>(S::splat(self.limit), g);
            S::mul(Silu.apply::<S>([g]), clamp::<S>(u, self.limit))
        }
    }
}

struct SiluClamped {
    limit: f32,
}

impl Lanes<2> for SiluClamped {
    #[inline(always)]
    unsafe fn apply<S: Simd>(&self, [g, u]: [S::F; 2]) -> S::F {
        // SAFETY: no pointers.
        unsafe {
            let g = min::<S>(S::splat(self.limit), Silu.apply::<S>([g]));
            S::mul(g, clamp::<S>(u, self.limit))
        }
    }
}

struct OaiSwiglu {
    alpha: f32,
    limit: f32,
}

impl Lanes<2> for OaiSwiglu {
    #[inline(always)]
    unsafe fn apply<S: Simd>(&self, [g, u]: [S::F; 2]) -> S::F {
        // SAFETY: no pointers.
        unsafe {
            let one = S::splat(1.0);
            let g = min::<S>(S::splat(self.limit), g);
            let steep = S::sub(S::splat(-0.0), S::mul(S::splat(self.alpha), g));
            let swish = S::div(g, S::add(one, exp::<S>(steep)));
            S::mul(swish, S::add(clamp::<S>(u, self.limit), one))
        }
    }
}
