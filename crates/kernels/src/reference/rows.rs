//! Operations on single rows.

use crate::math::{self, LANES};
use crate::{Activation, RopeKind};

/// Sum of squares: lane `i` adds elements `i, i + 16, ...` with FMA, then the tree. A ragged end adds
/// nothing to the lanes beyond it.
pub fn sum_of_squares(x: &[f32]) -> f32 {
    let mut lanes = [0.0f32; LANES];
    for chunk in x.chunks(LANES) {
        for (lane, &v) in lanes.iter_mut().zip(chunk) {
            *lane = v.mul_add(v, *lane);
        }
    }
    math::tree_sum(lanes)
}

/// The factor of an RMS norm: `1 / sqrt(mean(x^2) + eps)`.
pub fn rms_factor(x: &[f32], eps: f32) -> f32 {
    1.0 / (sum_of_squares(x) / x.len() as f32 + eps).sqrt()
}

/// `out[i] = (x[i] * factor) * weight[i]`.
pub fn rms_norm(x: &[f32], weight: &[f32], eps: f32, out: &mut [f32]) {
    let factor = rms_factor(x, eps);
    for ((out, &x), &w) in out.iter_mut().zip(x).zip(weight) {
        *out = x * factor * w;
    }
}

/// `(cos, sin)` of each pair of a rope at one position, computed in f64 and rounded once, `[dims / 2]`.
///
/// `angle = position * freq_scale * freq_base^(-2 i / dims) / factors[i]`.
pub fn rope_angles(
    position: u32,
    dims: usize,
    base_scale: (f32, f32),
    factors: Option<&[f32]>,
    out: &mut [(f32, f32)],
) {
    let (base, scale) = (f64::from(base_scale.0), f64::from(base_scale.1));
    for (i, pair) in out.iter_mut().enumerate() {
        let frequency =
            libm::pow(base, -2.0 * i as f64 / dims as f64) / factors.map_or(1.0, |f| f64::from(f[i]));
        let angle = f64::from(position) * scale * frequency;
        *pair = (libm::cos(angle) as f32, libm::sin(angle) as f32);
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

/// `out[i] = activation(gate[i]) * up[i]`.
pub fn gate(activation: Activation, gate: &[f32], up: &[f32], out: &mut [f32]) {
    for ((out, &g), &u) in out.iter_mut().zip(gate).zip(up) {
        *out = math::activate(activation, g) * u;
    }
}

/// `x[i] = cap * tanh(x[i] / cap)`.
pub fn soft_cap(x: &mut [f32], cap: f32) {
    for x in x {
        *x = cap * math::tanh(*x / cap);
    }
}
