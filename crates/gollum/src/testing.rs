//! What tests of this crate share: a folder that goes away, and models of a few kilobytes.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use gollum_gguf::{GgmlType, Writer};

/// A fresh folder below the system's temporary one, removed when dropped.
pub struct TempDir(PathBuf);

impl TempDir {
    pub fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("gollum-test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("the temporary folder can be written");
        Self(path.canonicalize().expect("it was just made"))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file, and the folders it needs.
    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().expect("it has a parent")).expect("folders can be made");
        std::fs::write(&path, bytes).expect("the file can be written");
        path
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A file of these texts and no tensors.
pub fn model_file(pairs: &[(&str, &str)]) -> Vec<u8> {
    let writer = pairs.iter().fold(Writer::new(), |writer, (key, value)| writer.meta(*key, *value));
    writer.to_bytes().expect("a header can be written")
}

/// Width, feed-forward and vocabulary of the tiny model.
const SIZE: usize = 32;

/// A whole model of one layer that can be served: its weights are zero, so that every token is as likely.
pub fn tiny_model() -> Vec<u8> {
    tiny_model_with(|header| header)
}

/// The tiny model with more in its header.
pub fn tiny_model_with(more: impl FnOnce(Writer) -> Writer) -> Vec<u8> {
    tensors(more(tiny_header()), &TENSORS).to_bytes().expect("a small model can be written")
}

/// The tiny model in two parts.
pub fn split_model() -> [Vec<u8>; 2] {
    let (first, second) = TENSORS.split_at(5);
    let claim = |writer: Writer, part: u16| {
        writer
            .meta("split.no", part)
            .meta("split.count", 2u16)
            .meta("split.tensors.count", TENSORS.len() as i32)
    };
    let parts = [tensors(claim(tiny_header(), 0), first), tensors(claim(Writer::new(), 1), second)];
    parts.map(|part| part.to_bytes().expect("a small model can be written"))
}

const TENSORS: [(&str, bool); 11] = [
    ("token_embd.weight", true),
    ("output_norm.weight", false),
    ("blk.0.attn_norm.weight", false),
    ("blk.0.attn_q.weight", true),
    ("blk.0.attn_k.weight", true),
    ("blk.0.attn_v.weight", true),
    ("blk.0.attn_output.weight", true),
    ("blk.0.ffn_norm.weight", false),
    ("blk.0.ffn_gate.weight", true),
    ("blk.0.ffn_up.weight", true),
    ("blk.0.ffn_down.weight", true),
];

fn tiny_header() -> Writer {
    let mut writer = Writer::new().meta("general.architecture", "llama");
    for (key, value) in [
        ("block_count", 1),
        ("embedding_length", SIZE as u32),
        ("feed_forward_length", SIZE as u32),
        ("attention.head_count", 1),
        ("attention.head_count_kv", 1),
        ("context_length", 64),
        ("rope.dimension_count", SIZE as u32),
    ] {
        writer = writer.meta(format!("llama.{key}"), value);
    }
    let tokens: Vec<String> = (0..SIZE).map(|id| char::from(b'A' + id as u8).to_string()).collect();
    writer
        .meta("llama.attention.layer_norm_rms_epsilon", 1e-5f32)
        .meta("llama.rope.freq_base", 10_000.0f32)
        .meta("tokenizer.ggml.model", "gpt2")
        .meta("tokenizer.ggml.pre", "smollm")
        .meta("tokenizer.ggml.tokens", tokens)
        .meta("tokenizer.ggml.merges", Vec::<String>::new())
        .meta("tokenizer.ggml.eos_token_id", 0u32)
}

fn tensors(writer: Writer, of: &[(&str, bool)]) -> Writer {
    of.iter().fold(writer, |writer, (name, is_matrix)| {
        let dims: &[usize] = if *is_matrix { &[SIZE, SIZE] } else { &[SIZE] };
        let count: usize = dims.iter().product();
        writer.tensor(*name, dims, GgmlType::F32, vec![0; count * 4])
    })
}
