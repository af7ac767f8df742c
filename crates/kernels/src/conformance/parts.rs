//! Parameters that several operations take, as drawn data that any backend can load.

use super::values::{Rng, TEMPERS, Temper, activations};
use crate::{Activation, Epilogue, KernelOps, Norm, NormKind, Rope, RopeKind, VectorId, YarnRamp};

/// Loads a vector that may be absent.
pub(super) fn load(ops: &mut dyn KernelOps, values: Option<&Vec<f32>>) -> Option<VectorId> {
    values.map(|values| ops.load_vector(values))
}

/// Weights or biases: ordinary, and sometimes anything.
pub(super) fn vector(rng: &mut Rng, n: usize) -> Vec<f32> {
    let temper = if rng.one_in(4) { rng.pick(TEMPERS) } else { Temper::Plain };
    activations(rng, temper, n)
}

/// A norm with its vectors.
#[derive(Clone)]
pub(super) struct NormParts {
    kind: NormKind,
    weight: Option<Vec<f32>>,
    bias: Option<Vec<f32>>,
    eps: f32,
}

impl NormParts {
    /// With vectors of `width` values, if any.
    pub fn random(rng: &mut Rng, width: usize) -> Self {
        Self {
            kind: rng.pick(&[NormKind::Rms, NormKind::Layer]),
            weight: (!rng.one_in(4)).then(|| vector(rng, width)),
            bias: rng.one_in(3).then(|| vector(rng, width)),
            eps: rng.pick(&[1e-5, 1e-6, 0.0]),
        }
    }

    pub fn load(&self, ops: &mut dyn KernelOps) -> Norm {
        let (weight, bias) = (load(ops, self.weight.as_ref()), load(ops, self.bias.as_ref()));
        Norm { kind: self.kind, weight, bias, eps: self.eps }
    }

    pub fn describe(&self) -> String {
        let vectors = match (&self.weight, &self.bias) {
            (None, None) => "no vectors",
            (Some(_), None) => "weight",
            (None, Some(_)) => "bias",
            (Some(_), Some(_)) => "weight and bias",
        };
        format!("{:?} norm, eps {}, {vectors}", self.kind, self.eps)
    }
}

/// An epilogue with its bias.
#[derive(Clone)]
pub(super) struct EpilogueParts {
    plain: Epilogue,
    bias: Option<Vec<f32>>,
}

impl EpilogueParts {
    /// None at all, or any mixture, for `width` outputs.
    pub fn random(rng: &mut Rng, width: usize) -> Self {
        let mut plain = Epilogue::NONE;
        if rng.one_in(3) {
            return Self { plain, bias: None };
        }
        let factors = &[1.0, 0.125, -1.5, 0.22];
        plain.weight_scale = rng.pick(factors);
        plain.scale = rng.pick(factors);
        plain.clamp = rng.one_in(3).then(|| rng.pick(&[0.5, 8.0, f32::INFINITY]));
        Self { plain, bias: rng.one_in(2).then(|| vector(rng, width)) }
    }

    pub fn load(&self, ops: &mut dyn KernelOps) -> Epilogue {
        Epilogue { bias: load(ops, self.bias.as_ref()), ..self.plain }
    }

    pub fn describe(&self) -> String {
        let Epilogue { weight_scale, clamp, scale, .. } = self.plain;
        format!("(x {weight_scale}, bias: {}, clamp {clamp:?}, x {scale})", self.bias.is_some())
    }
}

/// A rotation of `dims` elements with its factors.
#[derive(Clone)]
pub(super) struct RopeParts {
    plain: Rope,
    factors: Option<Vec<f32>>,
}

impl RopeParts {
    pub fn random(rng: &mut Rng, kind: RopeKind, dims: usize) -> Self {
        let low = (dims / 2) as f32 * rng.unit().abs();
        let yarn = rng.one_in(3).then(|| YarnRamp { low, high: low + 8.0 * rng.unit() });
        let plain = Rope {
            kind,
            dims,
            freq_base: rng.pick(&[1e4, 1e5, 5e5, 1e6]),
            freq_scale: rng.pick(&[1.0, 0.125, 0.25, 0.3]),
            factors: None,
            yarn,
            magnitude: rng.pick(&[1.0, 1.0, 1.19, 0.7]),
        };
        let factors = rng.one_in(2).then(|| (0..dims / 2).map(|_| 1.0 + 7.0 * rng.unit().abs()).collect());
        Self { plain, factors }
    }

    pub fn load(&self, ops: &mut dyn KernelOps) -> Rope {
        Rope { factors: load(ops, self.factors.as_ref()), ..self.plain }
    }

    pub fn describe(&self) -> String {
        format!("{:?}, factors: {}", self.plain, self.factors.is_some())
    }
}

const XIELU: Activation = Activation::Xielu { negative: 1.1, positive: 0.8, slope: 0.5, eps: -1e-6 };

/// Activations that work without an up projection.
pub(super) const UNGATED: &[Activation] = &[
    Activation::Silu,
    Activation::GeluTanh,
    Activation::Sigmoid,
    Activation::Softplus,
    Activation::Relu,
    Activation::ReluSquared,
    XIELU,
];
/// Activations of gate and up.
pub(super) const GATED: &[Activation] = &[
    Activation::Silu,
    Activation::GeluTanh,
    Activation::Sigmoid,
    Activation::Softplus,
    Activation::Identity,
    Activation::Relu,
    Activation::ReluSquared,
    XIELU,
    Activation::ClampedSilu { limit: 1.5 },
    Activation::SiluClamped { limit: 0.8 },
    Activation::OaiSwiglu { alpha: 1.702, limit: 1.25 },
];

/// Gates of whole heads.
pub(super) const OF_HEADS: &[Activation] =
    &[Activation::Silu, Activation::Sigmoid, Activation::Softplus, Activation::Relu, Activation::GeluTanh];

/// One that fits.
pub(super) fn any_activation(rng: &mut Rng, is_gated: bool) -> Activation {
    rng.pick(if is_gated { GATED } else { UNGATED })
}
