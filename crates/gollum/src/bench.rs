//! `gollum bench`: prefill and decode speed of the model alone, without engine and HTTP.
//!
//! `pp<N>`: prompt tokens per second, one sequence of N tokens. `tg<N>`: generated tokens per second, one
//! sequence. `tg<N>xB`: generated tokens per second in total, B sequences of 128 prompt tokens decoded
//! together. Medians.

use std::io::Write;
use std::time::Instant;

use anyhow::{Context, bail};
use gollum_core::{ModelRunner, TokenId};

use crate::cli::BenchArgs;
use crate::load::{self, BatchLimits};
use crate::steps::{Sequences, Wanted};
use crate::store::Shelf;

/// Prompt tokens of each sequence that is decoded together with others.
const SHARED_PROMPT_TOKENS: usize = 128;
/// Sequences decoded together at most, so that a slip of the finger does not ask for all memory.
const BATCH_MAX: usize = 1024;

/// Runs the verb.
pub fn bench(args: &BenchArgs) -> anyhow::Result<()> {
    if args.batch.iter().any(|&b| b == 0 || b > BATCH_MAX) || args.pp == 0 || args.tg == 0 || args.reps == 0 {
        bail!("--pp, --tg, --reps and each --batch must be at least 1, and --batch at most {BATCH_MAX}");
    }
    let model = Shelf::new(&args.models.models_dir).resolve(&args.model)?;
    let most_sequences = args.batch.iter().copied().max().unwrap_or(1);
    let limits =
        BatchLimits { tokens: args.ubatch.max(most_sequences), sequences: most_sequences, context: None };
    let started = Instant::now();
    let mut runner = load::runner(&model.path, &load::Compute::from(&args.compute), limits)?;
    let load_s = started.elapsed().as_secs_f64();
    let mut results = Results::new(args, load_s);
    Sequences::allocate(runner.as_mut(), most_sequences, pages(args)).context("the measurement's memory")?;
    let mut bench = Bench { runner: runner.as_mut(), ubatch: args.ubatch, random: Random(1) };
    results.add(format!("pp{}", args.pp), bench.prefill_rate(args.pp, args.reps)?);
    for &sequences in &args.batch {
        let name = match sequences {
            1 => format!("tg{}", args.tg),
            n => format!("tg{}x{n}", args.tg),
        };
        results.add(name, bench.decode_rate(sequences, args.tg, args.reps)?);
    }
    results.print(args.json)
}

/// KV pages that the largest of the measurements needs.
fn pages(args: &BenchArgs) -> usize {
    let decode = args.batch.iter().map(|&n| Sequences::pages(n, prompt_tokens(n) + args.tg));
    decode.chain([Sequences::pages(1, args.pp)]).max().unwrap_or(1)
}

fn prompt_tokens(sequences: usize) -> usize {
    if sequences > 1 { SHARED_PROMPT_TOKENS } else { 1 }
}

struct Bench<'a> {
    runner: &'a mut dyn ModelRunner,
    ubatch: usize,
    random: Random,
}

impl Bench<'_> {
    /// Median of `reps` prefills of `tokens` tokens, after one that warms up.
    fn prefill_rate(&mut self, tokens: usize, reps: usize) -> anyhow::Result<f64> {
        let mut rates = Vec::new();
        for rep in 0..=reps {
            let prompt = self.tokens(tokens);
            let mut sequence = Sequences::new(1, tokens);
            let started = Instant::now();
            self.prefill(&mut sequence, 0, &prompt)?;
            if rep > 0 {
                rates.push(tokens as f64 / started.elapsed().as_secs_f64());
            }
        }
        Ok(median(&mut rates))
    }

    /// Median of `reps` decodes of `tokens` steps over `count` sequences.
    fn decode_rate(&mut self, count: usize, tokens: usize, reps: usize) -> anyhow::Result<f64> {
        let mut rates = Vec::new();
        for _ in 0..reps {
            let prompt_len = prompt_tokens(count);
            let mut sequences = Sequences::new(count, prompt_len + tokens);
            for sequence in 0..count {
                let prompt = self.tokens(prompt_len);
                self.prefill(&mut sequences, sequence, &prompt)?;
            }
            let started = Instant::now();
            for _ in 0..tokens {
                let next = self.tokens(count);
                let rows: Vec<&[TokenId]> = next.chunks(1).collect();
                sequences.step(self.runner, 0, &rows, Wanted::Last).context("a decode step")?;
            }
            rates.push((count * tokens) as f64 / started.elapsed().as_secs_f64());
        }
        Ok(median(&mut rates))
    }

    fn prefill(
        &mut self,
        sequences: &mut Sequences,
        sequence: usize,
        prompt: &[TokenId],
    ) -> anyhow::Result<()> {
        let chunks: Vec<&[TokenId]> = prompt.chunks(self.ubatch).collect();
        for (at, chunk) in chunks.iter().enumerate() {
            let wanted = if at + 1 == chunks.len() { Wanted::Last } else { Wanted::Nothing };
            sequences.step(self.runner, sequence, &[chunk], wanted).context("a prefill step")?;
        }
        Ok(())
    }

    fn tokens(&mut self, count: usize) -> Vec<TokenId> {
        let vocab_size = self.runner.spec().vocab_size as u64;
        (0..count).map(|_| (self.random.next() % vocab_size) as TokenId).collect()
    }
}

/// SplitMix64: the same tokens in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 }
}

/// What is printed, in order.
struct Results(Vec<(String, serde_json::Value)>);

impl Results {
    fn new(args: &BenchArgs, load_s: f64) -> Self {
        let threads = load::Compute::from(&args.compute).threads;
        let rounded = (load_s * 1000.0).round() / 1000.0;
        Self(vec![
            ("engine".into(), "gollum".into()),
            ("model".into(), args.model.as_str().into()),
            ("threads".into(), threads.into()),
            ("load_s".into(), rounded.into()),
        ])
    }

    fn add(&mut self, name: String, rate: f64) {
        self.0.push((name, ((rate * 10.0).round() / 10.0).into()));
    }

    fn print(&self, json: bool) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        if json {
            let fields: Vec<String> =
                self.0.iter().map(|(name, value)| format!("{}: {value}", serde_json::json!(name))).collect();
            writeln!(out, "{{{}}}", fields.join(", ")).context("writing the result")
        } else {
            for (name, value) in &self.0 {
                let unit = if name.starts_with("pp") || name.starts_with("tg") { " tokens/s" } else { "" };
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                writeln!(out, "{name:>10}  {value}{unit}").context("writing the result")?;
            }
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]), 2.5);
    }
}
