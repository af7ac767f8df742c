// Activations of the gate alone, by the number that the host gives them.
fn silu(g: f32) -> f32 {
    return g / (1.0 + exp_(-g));
}

//@include softplus

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
