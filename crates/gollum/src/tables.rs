//! The tables of README.md, printed from the tables in code, so that they cannot drift.

use gollum_models::arch::Direction;
use gollum_models::{ARCHITECTURES, Architecture};
use gollum_quant::{Dot, FORMATS};

/// All tables, as Markdown.
pub fn markdown() -> String {
    let (encoders, decoders): (Vec<&Architecture>, Vec<&Architecture>) =
        ARCHITECTURES.iter().partition(|a| a.direction == Direction::Both);
    let (mixtures, dense): (Vec<&Architecture>, Vec<&Architecture>) =
        decoders.into_iter().partition(|a| a.moe().is_some());
    let mut text = String::from("| layers | architectures |\n| --- | --- |\n");
    let rows = [
        ("dense", dense),
        ("with experts, in all or some files", mixtures),
        ("encoders, for embeddings", encoders),
    ];
    for (what, architectures) in rows {
        let names: Vec<&str> = architectures.iter().map(|a| a.gguf_name).collect();
        text.push_str(&format!("| {what} ({}) | {} |\n", names.len(), names.join(", ")));
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
