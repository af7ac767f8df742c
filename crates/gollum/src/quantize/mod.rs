//! `gollum quantize`: a model's weights in another type, into a new file.
//!
//! ```text
//! input map -> 4 M weights -> f32 -> block bytes -> OUT.part        by all threads, a stretch at a time
//!                                                   OUT             appears by rename, when all is written
//! ```
//! Memory: a stretch of weights per thread, and the page cache that the system gives. Metadata is copied but for
//! `general.file_type`, `general.quantization_version` and what speaks of a split.

pub mod mix;
mod output;

use std::io::Write;

use anyhow::{Context, bail};
use gollum_gguf::{GgmlType, Gguf, TensorInfo, TensorPlan, Value};
use gollum_quant::{FormatId, encode, format_of};

pub use mix::Mix;

use crate::cli::QuantizeArgs;
use crate::progress::Bar;
use crate::quantities::show_bytes;
use crate::store::Shelf;
use crate::{load, machine};
use output::Output;

/// Weights that a thread has in hand: 4 MiB as f32, large enough that starting threads does not show, and whole blocks
/// of any type.
const STRETCH_WEIGHTS: usize = 1 << 20;

/// ggml's number of the block layouts that are written.
const QUANTIZATION_VERSION: u32 = 2;

/// Runs `quantize`.
pub fn quantize(args: &QuantizeArgs) -> anyhow::Result<()> {
    let model = Shelf::new(&args.models.models_dir).resolve(&args.input)?;
    let gguf = load::open(&model.path)?;
    let chosen = mix::choose(&gguf, args.mix, args.pure);
    let jobs: Vec<Job<'_>> = gguf.tensors().iter().zip(&chosen).map(|(t, &to)| Job::new(t, to)).collect();
    refuse_lossy_twice(&jobs, args.allow_requantize)?;
    let metadata = metadata(&gguf, args.mix);
    let plans: Vec<TensorPlan> = jobs.iter().map(Job::plan).collect();
    let mut output = Output::new(&args.output, &metadata, plans, args.split_max_size)?;
    if args.dry_run {
        return show(&gguf, &jobs, &output);
    }
    output.refuse_to_destroy(gguf.paths(), args.overwrite)?;
    let threads = args.threads.unwrap_or_else(machine::default_threads).max(1);
    let bar = Bar::bytes("quantising", Some(gguf.tensors().iter().map(|t| t.byte_len as u64).sum()));
    let mut done = 0;
    for job in &jobs {
        job.run(&gguf, threads, |bytes, read| {
            output.data(bytes)?;
            done += read as u64;
            bar.set(done);
            Ok(())
        })
        .with_context(|| format!("tensor {:?}", job.tensor.name))?;
        gguf.release(job.tensor);
    }
    gguf.check_unchanged()?;
    bar.finish();
    let written = output.finish()?;
    writeln!(
        std::io::stdout(),
        "{} -> {} in {}",
        show_bytes(gguf.file_bytes()),
        show_bytes(written.bytes),
        written.paths.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", ")
    )?;
    Ok(())
}

/// One tensor's way.
struct Job<'a> {
    tensor: &'a TensorInfo,
    /// From and to; `None` copies.
    change: Option<(FormatId, FormatId)>,
}

impl<'a> Job<'a> {
    fn new(tensor: &'a TensorInfo, to: Option<FormatId>) -> Self {
        // Tables of integers have no format, and stay.
        let from = format_of(tensor.ggml_type.number()).map(|format| format.id);
        Self { tensor, change: from.zip(to).filter(|(from, to)| from != to) }
    }

    fn plan(&self) -> TensorPlan {
        let ggml_type = match self.change {
            None => self.tensor.ggml_type,
            Some((_, to)) => GgmlType::from_number(to as u32).expect("every format is a type of ggml"),
        };
        let dims = self.tensor.dims.iter().map(|&dim| dim as u64).collect();
        TensorPlan { name: self.tensor.name.clone(), dims, ggml_type }
    }

    /// Hands on the tensor's new bytes, in order, each time with the bytes read for them.
    fn run(
        &self,
        gguf: &Gguf,
        threads: usize,
        mut hand_on: impl FnMut(&[u8], usize) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let bytes = gguf.bytes(self.tensor);
        let Some((from, to)) = self.change else {
            return bytes.chunks(STRETCH_WEIGHTS).try_for_each(|part| hand_on(part, part.len()));
        };
        // Rows are whole blocks of both types, so all rows together are too, and are cut anywhere between blocks.
        let layout = from.format();
        let stretch_bytes = STRETCH_WEIGHTS / layout.block_weights * layout.block_bytes;
        for (round, several) in bytes.chunks(threads * stretch_bytes).enumerate() {
            let parts: Vec<anyhow::Result<Vec<u8>>> = std::thread::scope(|scope| {
                let work = |part| scope.spawn(move || convert(part, from, to));
                let threads: Vec<_> = several.chunks(stretch_bytes).map(work).collect();
                threads.into_iter().map(|t| t.join().expect("a conversion does not panic")).collect()
            });
            for (i, part) in parts.into_iter().enumerate() {
                let first = (round * threads + i) * STRETCH_WEIGHTS;
                let part = part.with_context(|| format!("weights {first} and on"))?;
                hand_on(&part, several.len().saturating_sub(i * stretch_bytes).min(stretch_bytes))?;
            }
        }
        Ok(())
    }
}

/// Blocks of one type to blocks of another.
fn convert(bytes: &[u8], from: FormatId, to: FormatId) -> anyhow::Result<Vec<u8>> {
    let layout = from.format();
    let mut weights = vec![0.0; bytes.len() / layout.block_bytes * layout.block_weights];
    (layout.decode_row)(bytes, &mut weights)?;
    let holds_all = matches!(to, FormatId::F32 | FormatId::F16 | FormatId::BF16);
    if let Some(at) = weights.iter().position(|w| !w.is_finite()).filter(|_| !holds_all) {
        bail!("weight {at} of them is {}, which {} cannot hold", weights[at], to.format().name);
    }
    Ok(encode::quantise_row(to, &weights)?)
}

/// Quantised weights lose twice when quantised again: an error unless that was asked for.
fn refuse_lossy_twice(jobs: &[Job<'_>], is_allowed: bool) -> anyhow::Result<()> {
    let is_lossy = |from: FormatId| !matches!(from, FormatId::F32 | FormatId::F16 | FormatId::BF16);
    let twice = jobs.iter().find(|job| job.change.is_some_and(|(from, _)| is_lossy(from)));
    match twice {
        Some(job) if !is_allowed => bail!(
            "tensor {:?} is {} already: quantise from the full weights, or add --allow-requantize",
            job.tensor.name,
            job.tensor.ggml_type
        ),
        _ => Ok(()),
    }
}

/// The model's metadata with what the new file differs in.
fn metadata(gguf: &Gguf, mix: Mix) -> Vec<(String, Value)> {
    const FILE_TYPE: &str = "general.file_type";
    const VERSION: &str = "general.quantization_version";
    let is_kept = |key: &str| key != FILE_TYPE && key != VERSION && !key.starts_with("split.");
    let mut pairs: Vec<(String, Value)> = gguf
        .metadata()
        .iter()
        .filter(|(key, _)| is_kept(key))
        .map(|(key, value)| (key.to_owned(), value.clone()))
        .collect();
    pairs.push((VERSION.to_owned(), Value::U32(QUANTIZATION_VERSION)));
    pairs.push((FILE_TYPE.to_owned(), Value::U32(mix.file_type)));
    pairs
}

/// What `--dry-run` prints.
fn show(gguf: &Gguf, jobs: &[Job<'_>], output: &Output) -> anyhow::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for job in jobs {
        let plan = job.plan();
        writeln!(
            out,
            "{:40} {:>8} -> {:8} {:>10} -> {}",
            plan.name,
            job.tensor.ggml_type.name(),
            plan.ggml_type.name(),
            show_bytes(job.tensor.byte_len as u64),
            show_bytes(plan.byte_len()?)
        )?;
    }
    let files = output.sizes()?;
    for (path, bytes) in &files {
        writeln!(out, "{}: {}", path.display(), show_bytes(*bytes))?;
    }
    let total = files.iter().map(|(_, bytes)| bytes).sum();
    writeln!(out, "{} -> {}", show_bytes(gguf.file_bytes()), show_bytes(total))?;
    out.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests;
