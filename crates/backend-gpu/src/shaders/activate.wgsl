// Activations of the gate alone, by the number that the host gives them.
fn silu(g: f32) -> f32 {
    return g / (1.0 + exp_(-g));
}

fn softplus(x: f32) -> f32 {
    let e = exp_(x);
    let u = 1.0 + e;
    // What `1 + e` rounds away of a small e is made good.
    let soft = select(log(u) * (e / (u - 1.0)), e, u == 1.0);
    return select(soft, x, x > 20.0 || is_nan(x));
}

fn activated(kind: u32, g: f32) -> f32 {
    switch kind {
        case 0u: { return silu(g); }
        case 1u: {
            let inner = 0.7978846 * g * fma(0.044715 * g, g, 1.0);
            return (0.5 * g) * (1.0 + tanh_(inner));
        }
        case 2u: { return sigmoid(g); }
        case 3u: { return g; }
        case 4u: { return positive(g); }
        case 8u: { return softplus(g); }
        default: { return positive(g) * positive(g); }
    }
}
