//! Operations on single rows.

use crate::math::{self, LANES};
use crate::{Activation, NormKind, QueryGrowth, Rope, RopeKind};

/// Folds each element into lane `i % 16`, then adds the lanes up by the tree. A ragged end adds nothing to the
/// lanes beyond it.
fn lane_sum(x: &[f32], add: impl Fn(f32, f32) -> f32) -> f32 {
    let mut lanes = [0.0f32; LANES];
    for chunk in x.chunks(LANES) {
        for (lane, &v) in lanes.iter_mut().zip(chunk) {
            *lane = add(*lane, v);
        }
    }
    math::tree_sum(lanes)
}

/// Sum of all elements: lane `i` adds elements `i, i + 16, ...`, then the tree.
pub fn sum(x: &[f32]) -> f32 {
    lane_sum(x, |lane, v| lane + v)
}

/// Sum of squares: as [`sum`], with `lane = fma(x, x, lane)`.
pub fn sum_of_squares(x: &[f32]) -> f32 {
    lane_sum(x, |lane, v| v.mul_add(v, lane))
}

/// Squares of the distances from `mean`: as [`sum_of_squares`].
pub fn square_distances(x: &[f32], mean: f32) -> f32 {
    lane_sum(x, |lane, v| (v - mean).mul_add(v - mean, lane))
}

/// What a norm subtracts, and multiplies by: `1 / sqrt(mean of squares + eps)`.
///
/// Of a layer norm, `mean = sum(x) / n` and the squares are those of `x - mean`; an RMS norm subtracts nothing.
pub fn norm_factors(kind: NormKind, x: &[f32], eps: f32) -> (f32, f32) {
    let n = x.len() as f32;
    let (mean, squares) = match kind {
        NormKind::Rms => (0.0, sum_of_squares(x)),
        NormKind::Layer => {
            let mean = sum(x) / n;
            (mean, square_distances(x, mean))
        }
    };
    (mean, 1.0 / (squares / n + eps).sqrt())
}

/// The arithmetic of a [`Norm`](crate::Norm) on one row or head; weight and bias are as long as `x`.
///
/// ```text
/// y = x * factor                    of an RMS norm
/// y = (x - mean) * factor           of a layer norm
/// out = y,  y * weight,  y + bias,  or fma(y, weight, bias)
/// ```
pub fn norm(
    (kind, eps): (NormKind, f32),
    weight: Option<&[f32]>,
    bias: Option<&[f32]>,
    x: &[f32],
    out: &mut [f32],
) {
    let (mean, factor) = norm_factors(kind, x, eps);
    for (i, (out, &x)) in out.iter_mut().zip(x).enumerate() {
        let y = match kind {
            NormKind::Rms => x * factor,
            NormKind::Layer => (x - mean) * factor,
        };
        *out = match (weight, bias) {
            (None, None) => y,
            (Some(w), None) => y * w[i],
            (None, Some(b)) => y + b[i],
            (Some(w), Some(b)) => y.mul_add(w[i], b[i]),
        };
    }
}

/// `(cos, sin)` of each pair of a rope at one position, times the rope's magnitude, computed in f64 and rounded once,
/// `[dims / 2]`.
///
/// ```text
/// unscaled = position * (freq_base^(-2 i / dims) / factors[i])
/// scaled   = freq_scale * unscaled                                      the angle, without YaRN
/// mix      = 1 - ((i - low) / max(0.001, high - low) limited to 0..=1)
/// angle    = scaled * (1 - mix) + unscaled * mix                        with YaRN
/// ```
pub fn rope_angles(position: u32, rope: &Rope, factors: Option<&[f32]>, out: &mut [(f32, f32)]) {
    let (base, scale) = (f64::from(rope.freq_base), f64::from(rope.freq_scale));
    let magnitude = f64::from(rope.magnitude);
    for (i, pair) in out.iter_mut().enumerate() {
        let frequency =
            libm::pow(base, -2.0 * i as f64 / rope.dims as f64) / factors.map_or(1.0, |f| f64::from(f[i]));
        let unscaled = f64::from(position) * frequency;
        let scaled = scale * unscaled;
        let angle = rope.yarn.map_or(scaled, |ramp| {
            let (low, high) = (f64::from(ramp.low), f64::from(ramp.high));
            let along = (i as f64 - low) / (high - low).max(0.001);
            let mix = 1.0 - along.clamp(0.0, 1.0);
            scaled * (1.0 - mix) + unscaled * mix
        });
        *pair = ((libm::cos(angle) * magnitude) as f32, (libm::sin(angle) * magnitude) as f32);
    }
}

/// Rotates one head in place: `a' = fma(a, cos, -(b * sin))`, `b' = fma(a, sin, b * cos)`.
pub fn rope(head: &mut [f32], kind: RopeKind, angles: &[(f32, f32)]) {
    let pairs = angles.len();
    for (i, &(cos, sin)) in angles.iter().enumerate() {
        let (ia, ib) = match kind {
            RopeKind::Interleaved => (2 * i, 2 * i + 1),
            RopeKind::Neox => (i, i + pairs),
        };
        let (a, b) = (head[ia], head[ib]);
        head[ia] = a.mul_add(cos, -(b * sin));
        head[ib] = a.mul_add(sin, b * cos);
    }
}

/// The factor of a query at one position, computed in f64 and rounded once.
pub fn growth_factor(growth: QueryGrowth, position: u32) -> f32 {
    let steps = (u64::from(position) + u64::from(growth.offset)) / u64::from(growth.length);
    (1.0 + f64::from(growth.scale) * libm::log(steps as f64 + 1.0)) as f32
}

/// `out[i] = activation(gate[i], up[i])`, or without `up`, `activation(gate[i])`.
pub fn gate(activation: Activation, gate: &[f32], up: Option<&[f32]>, out: &mut [f32]) {
    for (i, (out, &g)) in out.iter_mut().zip(gate).enumerate() {
        *out = match up {
            Some(up) => math::activate_gated(activation, g, up[i]),
            None => math::activate(activation, g),
        };
    }
}

/// `x[i] = cap * tanh(x[i] / cap)`.
pub fn soft_cap(x: &mut [f32], cap: f32) {
    for x in x {
        *x = cap * math::tanh(*x / cap);
    }
}
