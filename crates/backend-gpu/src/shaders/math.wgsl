// The scalar functions of `kernels::math`, step by step as the reference has them.

fn is_nan(x: f32) -> bool {
    // By bits: a compiler that assumes there is no NaN would fold `x != x`.
    return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}

fn exp_(x: f32) -> f32 {
    let c = clamp(x, -87.33654, 88.0);
    let n = round(c * 1.442695);
    let r = fma(-n, -2.1219444e-4, fma(-n, 0.6933594, c));
    var y = 1.984127e-4;
    y = fma(y, r, 1.3888889e-3);
    y = fma(y, r, 8.333334e-3);
    y = fma(y, r, 4.1666668e-2);
    y = fma(y, r, 1.6666667e-1);
    y = fma(y, r, 0.5);
    y = fma(y, r, 1.0);
    y = fma(y, r, 1.0);
    y = y * bitcast<f32>(u32(i32(n) + 127) << 23u);
    return select(select(y, 0.0, x < -87.33654), x, is_nan(x));
}

fn tanh_(x: f32) -> f32 {
    return 1.0 - 2.0 / (exp_(x + x) + 1.0);
}

fn sigmoid(x: f32) -> f32 {
    return 1.0 / (1.0 + exp_(-x));
}

// Limits that keep NaN, as the reference's do.
fn limited(x: f32, limit: f32) -> f32 {
    return select(clamp(x, -limit, limit), x, is_nan(x));
}

fn at_most(x: f32, limit: f32) -> f32 {
    return select(min(x, limit), x, is_nan(x));
}

fn positive(x: f32) -> f32 {
    return select(max(x, 0.0), x, is_nan(x));
}
