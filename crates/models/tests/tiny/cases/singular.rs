//! Architectures with a part that no other has.

use gollum_gguf::Value;

use super::{Config, base};

pub fn cases() -> Vec<Config> {
    apertus()
}

/// The numbers of xIELU.
fn xielu(config: Config, [alpha_n, alpha_p, beta, eps]: [Value; 4]) -> Config {
    let unprefixed =
        vec![("xielu.alpha_n", alpha_n), ("xielu.alpha_p", alpha_p), ("xielu.beta", beta), ("xielu.eps", eps)];
    Config { tied: false, unprefixed, ..config }
}

fn apertus() -> Vec<Config> {
    let each = |values: &[f32]| Value::from(values.to_vec());
    vec![
        xielu(
            Config { rope_freqs: true, ..base("apertus") },
            [
                each(&[-1.05, 0.7, 25.0]),
                each(&[0.2, -0.6, 1.5]),
                each(&[0.5, 0.4, 0.7]),
                each(&[-1e-6, -0.5, -1e-6]),
            ],
        ),
        xielu(base("apertus"), [0.3f32.into(), 0.9f32.into(), 0.5f32.into(), (-1e-6f32).into()])
            .with(&["attn_output.bias"]),
    ]
}
