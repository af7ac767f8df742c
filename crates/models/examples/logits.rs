//! Logits of a model by the scalar reference, the arithmetic that every backend is held to.
//!
//! usage: logits MODEL.gguf TOKENS OUT.f32 [f32|f16|q8_0]
//!
//! TOKENS is a list of ids, `1,2,3`. OUT.f32 receives the logits of every position, `[tokens, vocab_size]`
//! little-endian f32. The last argument is how K and V are stored, f16 if absent.

#![allow(clippy::print_stderr)]

use std::error::Error;
use std::io::Write;
use std::path::Path;

use gollum_core::{Batch, KvDtype, Logits, ModelRunner, PAGE_TOKENS, PageId, SequenceSpan, WindowSpec};
use gollum_gguf::Gguf;
use gollum_kernels::reference::ReferenceOps;
use gollum_models::{LoadOptions, load};

/// Tokens of a step; the logits of one step are in memory at once.
const CHUNK_TOKENS: usize = 32;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [model, tokens, out, rest @ ..] = args.as_slice() else {
        return Err("usage: logits MODEL.gguf TOKENS OUT.f32 [f32|f16|q8_0]".into());
    };
    let kv_dtype = match rest.first().map(String::as_str) {
        None | Some("f16") => KvDtype::F16,
        Some("f32") => KvDtype::F32,
        Some("q8_0") => KvDtype::Q8_0,
        Some(other) => return Err(format!("{other} is none of f32, f16, q8_0").into()),
    };
    let tokens: Vec<u32> = tokens.split(',').map(|t| t.trim().parse()).collect::<Result<_, _>>()?;

    let gguf = Gguf::open(Path::new(model))?;
    let options = LoadOptions {
        kv_dtype,
        max_batch_tokens: CHUNK_TOKENS,
        max_batch_sequences: CHUNK_TOKENS,
        max_context: None,
    };
    let mut runner = load(&gguf, Box::new(ReferenceOps::new()), options, &mut |_| {})?;
    drop(gguf);
    let (pages, window) = (tokens.len().div_ceil(PAGE_TOKENS), runner.spec().window);
    runner.allocate_kv(pages, window.map_or(0, |_| pages))?;

    let mut file = std::io::BufWriter::new(std::fs::File::create(out)?);
    let mut logits = Logits::default();
    for start in (0..tokens.len()).step_by(CHUNK_TOKENS) {
        let end = tokens.len().min(start + CHUNK_TOKENS);
        runner.forward(&chunk(&tokens[start..end], start, window), &mut logits)?;
        for row in 0..logits.rows() {
            for value in logits.row(row) {
                file.write_all(&value.to_le_bytes())?;
            }
        }
        eprintln!("{end} of {} tokens", tokens.len());
    }
    Ok(file.flush()?)
}

/// One step of one sequence on pages 0, 1, 2, ..; logits of every row.
fn chunk(tokens: &[u32], start: usize, window: Option<WindowSpec>) -> Batch {
    let end = start + tokens.len();
    let pages = end.div_ceil(PAGE_TOKENS);
    let mut batch = Batch {
        tokens: tokens.to_vec(),
        positions: (start as u32..end as u32).collect(),
        slot_mapping: (start as u32..end as u32).collect(),
        sequences: vec![SequenceSpan {
            query_start: 0,
            query_len: tokens.len(),
            context_len: end,
            table_start: 0,
            table_len: pages,
            state: None,
        }],
        block_tables: (0..pages as u32).map(PageId).collect(),
        logits_rows: (0..tokens.len()).collect(),
        ..Batch::default()
    };
    batch.mirror_windows(window);
    batch
}
