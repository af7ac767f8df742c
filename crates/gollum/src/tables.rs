//! The tables of README.md, printed from the tables in code, so that they cannot drift.

use gollum_models::ARCHITECTURES;
use gollum_models::arch::{Part, QkNorm, Windows};
use gollum_quant::{Dot, FORMATS};

/// Both tables, as Markdown.
pub fn markdown() -> String {
    let mut text = String::from(
        "| architecture | attention | norms of q and k | windows |\n| --- | --- | --- | --- |\n",
    );
    for a in ARCHITECTURES {
        let attention = a.layer.iter().find_map(|branch| match &branch.part {
            Part::Attention(attention) => Some(attention),
            Part::GatedFfn(_) => None,
        });
        let rope = attention.map_or_else(String::new, |a| format!("grouped queries, {:?} rope", a.rope));
        let norms = match attention.map(|a| a.qk_norm) {
            Some(QkNorm::PerHead) => "per head",
            _ => "none",
        };
        let windows = match a.windows {
            Windows::Full => "full",
            _ => "sliding and full layers",
        };
        text.push_str(&format!("| {} | {rope} | {norms} | {windows} |\n", a.gguf_name));
    }
    text.push_str("\n| format | bits per weight | block | arithmetic |\n| --- | --- | --- | --- |\n");
    for f in FORMATS {
        let bits = f.block_bytes as f64 * 8.0 / f.block_weights as f64;
        let dot = match f.dot {
            Dot::Int(_) => "int8 activations",
            Dot::Float(_) => "f32 activations",
        };
        text.push_str(&format!(
            "| {} | {bits:.3} | {} weights in {} bytes | {dot} |\n",
            f.name, f.block_weights, f.block_bytes
        ));
    }
    text
}
