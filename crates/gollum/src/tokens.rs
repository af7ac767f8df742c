//! `gollum tokenize` and `gollum logits`: what a model makes of text and of tokens, for comparisons.

use std::io::{Read, Write};
use std::path::Path;

use anyhow::{Context, bail};
use gollum_core::{Logits, ModelRunner, TokenId};
use gollum_gguf::Gguf;
use gollum_tokenizer::{SpecialText, Tokenizer};

use crate::cli::{LogitsArgs, TokenizeArgs};
use crate::load::{self, BatchLimits};
use crate::steps::{Sequences, Wanted};
use crate::store::Shelf;

/// Bytes read from stdin at most.
const INPUT_MAX_BYTES: u64 = 64 << 20;

/// Runs `tokenize`.
pub fn tokenize(args: &TokenizeArgs) -> anyhow::Result<()> {
    let model = Shelf::new(&args.models.models_dir).resolve(&args.model)?;
    let gguf = Gguf::open(&model.path).with_context(|| format!("cannot read {}", model.path.display()))?;
    let tokenizer = gollum_tokenizer::from_gguf(gguf.metadata())?;
    let input = input()?;
    let mut out = std::io::stdout().lock();
    if args.decode {
        let ids: Vec<TokenId> =
            serde_json::from_slice(&input).context("stdin must be a JSON array of ids")?;
        if let Some(id) = ids.iter().find(|&&id| id as usize >= tokenizer.vocab_size()) {
            bail!("id {id} is outside the vocabulary of {}", tokenizer.vocab_size());
        }
        out.write_all(&tokenizer.decode(&ids))?;
        return Ok(());
    }
    let text = String::from_utf8(input).context("stdin is not UTF-8")?;
    let special = if args.no_special { SpecialText::Literal } else { SpecialText::Parse };
    let ids = with_ends(tokenizer.as_ref(), tokenizer.encode(&text, special), !args.no_bos);
    writeln!(out, "{}", serde_json::to_string(&ids)?)?;
    Ok(())
}

/// Adds what the model wants around a text that starts a sequence.
fn with_ends(tokenizer: &dyn Tokenizer, ids: Vec<TokenId>, bos: bool) -> Vec<TokenId> {
    let special = tokenizer.special();
    let front = special.bos.filter(|_| bos && special.add_bos);
    let back = special.eos.filter(|_| special.add_eos);
    front.into_iter().chain(ids).chain(back).collect()
}

fn input() -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(INPUT_MAX_BYTES + 1).read_to_end(&mut bytes).context("reading stdin")?;
    if bytes.len() as u64 > INPUT_MAX_BYTES {
        bail!("stdin is longer than {INPUT_MAX_BYTES} bytes");
    }
    Ok(bytes)
}

/// Runs `logits`.
pub fn logits(args: &LogitsArgs) -> anyhow::Result<()> {
    let path = Shelf::new(&args.models.models_dir).resolve(&args.model)?.path;
    let mut runner = runner(args, &path)?;
    let spec = runner.spec().clone();
    if let Some(id) = args.tokens.iter().find(|&&id| id as usize >= spec.vocab_size) {
        bail!("token {id} is outside the vocabulary of {}", spec.vocab_size);
    }
    if args.tokens.len() > spec.context_len {
        bail!("{} tokens are more than the model's context of {}", args.tokens.len(), spec.context_len);
    }
    Sequences::allocate(runner.as_mut(), 1, Sequences::pages(1, args.tokens.len()))?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    write!(
        out,
        "{{\"n_vocab\":{},\"tokens\":{},\"logits\":[",
        spec.vocab_size,
        serde_json::to_string(&args.tokens)?
    )?;
    let mut sequence = Sequences::new(1, args.tokens.len());
    for (at, chunk) in args.tokens.chunks(args.ubatch.max(1)).enumerate() {
        let logits = sequence.step(runner.as_mut(), 0, &[chunk], Wanted::All)?;
        write_rows(&mut out, logits, at == 0)?;
    }
    writeln!(out, "]}}")?;
    out.flush()?;
    Ok(())
}

fn runner(args: &LogitsArgs, path: &Path) -> anyhow::Result<Box<dyn ModelRunner>> {
    let limits = BatchLimits { tokens: args.ubatch.max(1), sequences: 1, context: None };
    load::runner(path, &load::Compute::from(&args.compute), limits)
}

/// Rows as JSON arrays. Rust prints the shortest digits that read back as the same f32; what is not finite
/// is `null`, as JSON has no word for it.
fn write_rows(out: &mut impl Write, logits: &Logits, first_chunk: bool) -> std::io::Result<()> {
    for row in 0..logits.rows() {
        if !(first_chunk && row == 0) {
            out.write_all(b",")?;
        }
        for (at, value) in logits.row(row).iter().enumerate() {
            out.write_all(if at == 0 { b"[" } else { b"," })?;
            if value.is_finite() { write!(out, "{value}")? } else { out.write_all(b"null")? }
        }
        out.write_all(b"]")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_json_that_reads_back_as_the_same_bits() {
        let mut logits = Logits::default();
        logits.resize(2, 3);
        let values = [1.5f32, -0.1, 1e-20, f32::MAX, 3.402_823e-38, f32::NAN];
        logits.all_mut().copy_from_slice(&values);
        let mut out = b"[".to_vec();
        write_rows(&mut out, &logits, true).expect("a vector can be written");
        out.push(b']');
        let rows: Vec<Vec<Option<f32>>> = serde_json::from_slice(&out).expect("it is JSON");
        let read: Vec<u32> = rows.into_iter().flatten().map(|v| v.unwrap_or(f32::NAN).to_bits()).collect();
        assert_eq!(read, values.map(f32::to_bits));
    }

    #[test]
    fn the_toy_vocabulary_adds_what_it_asks_for() {
        let tokenizer = gollum_tokenizer::WhitespaceTokenizer::default();
        let ids = tokenizer.encode("a b", SpecialText::Literal);
        let with = with_ends(&tokenizer, ids.clone(), false);
        assert!(with.len() >= ids.len() && with.len() <= ids.len() + 1);
    }
}
