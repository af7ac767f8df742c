//! `gollum list` and `gollum inspect`: what lies in the models folder, and what a file holds.

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use gollum_frontend::Capability;
use gollum_gguf::{Array, Gguf, Metadata, Value};
use gollum_kernels::Window;
use gollum_models::ModelDescription;

use crate::cli::{InspectArgs, ListArgs};
use crate::load;
use crate::quantities::{show_bytes, show_params};
use crate::sampling::{self, FileSampling};
use crate::store::{Found, Shelf};
use crate::tables;

/// Characters of a metadata text that are shown.
const TEXT_MAX_CHARS: usize = 80;
/// Elements of a metadata array that are shown.
const ARRAY_MAX_SHOWN: usize = 4;

/// Runs `list`.
pub fn list(args: &ListArgs) -> anyhow::Result<()> {
    let found = Shelf::new(&args.models.models_dir).scan()?.models;
    let mut out = std::io::stdout().lock();
    if args.json {
        let rows: Vec<serde_json::Value> = found.iter().map(row_json).collect();
        writeln!(out, "{}", serde_json::Value::from(rows))?;
        return Ok(());
    }
    if found.is_empty() {
        writeln!(
            out,
            "no models in {}; `gollum pull` shows good ones, and brings one",
            args.models.models_dir.display()
        )?;
        return Ok(());
    }
    let widest = found.iter().map(|f| f.id.len()).max().unwrap_or(0);
    for model in &found {
        let size = show_bytes(model.bytes);
        match describe(&model.path) {
            Ok(d) => {
                let kind =
                    format!("{}, {} weights, {}", d.architecture, show_params(d.weights), main_type(&d));
                let context = d.hyper.context_len;
                writeln!(out, "{:widest$}  {size:>9}  {kind}, context {context}", model.id)?;
            }
            Err(e) => writeln!(out, "{:widest$}  {size:>9}  cannot be served: {e:#}", model.id)?,
        }
    }
    Ok(())
}

fn row_json(model: &Found) -> serde_json::Value {
    let mut row = serde_json::json!({ "id": model.id, "path": model.path, "bytes": model.bytes });
    match describe(&model.path) {
        Ok(d) => {
            row["architecture"] = d.architecture.into();
            row["weights"] = d.weights.into();
            row["type"] = main_type(&d).into();
            row["context_len"] = d.hyper.context_len.into();
            let capabilities = Capability::of(d.hyper.pooling, d.hyper.whole_input);
            row["capabilities"] = capabilities.into_iter().map(Capability::name).collect();
        }
        Err(e) => row["error"] = format!("{e:#}").into(),
    }
    row
}

fn describe(path: &Path) -> anyhow::Result<ModelDescription> {
    Ok(gollum_models::describe(&Gguf::open(path)?)?)
}

/// The type that holds most bytes: what people call the model's quantisation.
fn main_type(description: &ModelDescription) -> &'static str {
    description.types.first().map_or("empty", |t| t.name)
}

/// Runs `inspect`.
pub fn inspect(args: &InspectArgs) -> anyhow::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if args.tables {
        out.write_all(tables::markdown().as_bytes())?;
        out.flush()?;
        return Ok(());
    }
    let name = args.model.as_deref().context("no model is named")?;
    let model = Shelf::new(&args.models.models_dir).resolve(name)?;
    let gguf = load::open(&model.path)?;
    for path in gguf.paths() {
        writeln!(out, "file      {}", path.display())?;
    }
    writeln!(out, "size      {} in {} tensors", show_bytes(gguf.file_bytes()), gguf.tensors().len())?;
    match gollum_models::describe(&gguf) {
        Ok(description) => write_description(&mut out, &description)?,
        Err(e) => writeln!(out, "problem   {e}")?,
    }
    write_sampling(&mut out, &FileSampling::of(gguf.metadata()))?;
    write_metadata(&mut out, gguf.metadata())?;
    if args.tensors {
        writeln!(out, "\ntensors")?;
        for t in gguf.tensors() {
            let dims: Vec<String> = t.dims.iter().map(usize::to_string).collect();
            writeln!(out, "  {:40} {:>8} {}", t.name, t.ggml_type.name(), dims.join(" x "))?;
        }
    }
    out.flush()?;
    Ok(())
}

fn write_description(out: &mut impl Write, d: &ModelDescription) -> std::io::Result<()> {
    let h = &d.hyper;
    writeln!(
        out,
        "model     {} ({}), {} weights",
        d.name.as_deref().unwrap_or("unnamed"),
        d.architecture,
        show_params(d.weights)
    )?;
    let (first, layers) = (&h.layers[0], &h.layers);
    writeln!(
        out,
        "shape     {} layers of width {}, {} heads of {} over {} KV heads, feed-forward {}, vocabulary {}",
        layers.len(),
        h.width,
        spread(layers.iter().map(|l| l.heads)),
        first.head_dim,
        spread(layers.iter().map(|l| l.kv_heads)),
        spread(layers.iter().map(|l| l.ffn_width)),
        h.vocab_size
    )?;
    if let Some(experts) = &h.experts {
        let (used, width) = (spread(experts.used.iter().copied()), spread(experts.width.iter().copied()));
        writeln!(out, "experts   {} a layer of width {width}, {used} used by a token", experts.count)?;
    }
    let windowed: Vec<Window> = layers.iter().map(|l| l.window).filter(|&w| w != Window::All).collect();
    let windows = match windowed.first() {
        Some(Window::Last(n)) => format!(", sliding window {n} in {} layers", windowed.len()),
        Some(Window::Chunk(n)) => format!(", windows of {n} in {} layers", windowed.len()),
        _ => String::new(),
    };
    writeln!(out, "context   {} tokens{windows}", h.context_len)?;
    let capabilities: Vec<&str> =
        Capability::of(h.pooling, h.whole_input).into_iter().map(Capability::name).collect();
    let pooling = h.pooling.map(|pooling| format!(", pooling {}", pooling.name())).unwrap_or_default();
    writeln!(
        out,
        "gives     {}{pooling}",
        if capabilities.is_empty() { "rows".to_owned() } else { capabilities.join(", ") }
    )?;
    let types: Vec<String> =
        d.types.iter().map(|t| format!("{} x {} ({})", t.tensors, t.name, show_bytes(t.bytes))).collect();
    writeln!(out, "types     {}", types.join(", "))
}

/// How requests are answered that do not say how to sample, and what the file asks for in vain.
fn write_sampling(out: &mut impl Write, file: &FileSampling) -> std::io::Result<()> {
    writeln!(out, "sampling  {}", sampling::show(file))?;
    file.unheeded.iter().try_for_each(|unheeded| writeln!(out, "          not honoured: {unheeded}"))
}

/// One number, or the least and the largest.
fn spread(values: impl Iterator<Item = usize> + Clone) -> String {
    let (least, most) = (values.clone().min().unwrap_or(0), values.max().unwrap_or(0));
    if least == most { most.to_string() } else { format!("{least} to {most}") }
}

fn write_metadata(out: &mut impl Write, metadata: &Metadata) -> std::io::Result<()> {
    writeln!(out, "\nmetadata")?;
    for (key, value) in metadata.iter() {
        writeln!(out, "  {key} = {}", show_value(value))?;
    }
    Ok(())
}

/// A value on one line, control characters escaped: files come from strangers.
fn show_value(value: &Value) -> String {
    match value {
        Value::String(text) => {
            let shown: String = text.chars().take(TEXT_MAX_CHARS).collect();
            let more = text.chars().count().saturating_sub(TEXT_MAX_CHARS);
            if more > 0 { format!("{shown:?} and {more} characters") } else { format!("{shown:?}") }
        }
        Value::Array(array) => show_array(array),
        other => show_plain(other),
    }
}

fn show_plain(value: &Value) -> String {
    match value {
        Value::F32(v) => v.to_string(),
        Value::F64(v) => v.to_string(),
        Value::Bool(v) => v.to_string(),
        other => other.as_integer().map_or_else(|| format!("{other:?}"), |v| v.to_string()),
    }
}

fn show_array(array: &Array) -> String {
    let first = match array {
        Array::String(texts) => {
            let shown = texts.iter().take(ARRAY_MAX_SHOWN);
            shown
                .map(|t| format!("{:?}", t.chars().take(TEXT_MAX_CHARS).collect::<String>()))
                .collect::<Vec<_>>()
                .join(", ")
        }
        _ => String::new(),
    };
    let more = if first.is_empty() { String::new() } else { format!(": {first}, …") };
    format!("[{} x {}{more}]", array.len(), array.element_type().name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stay_on_one_line() {
        assert_eq!(show_value(&Value::String("a\n\u{1b}[31mb".into())), "\"a\\n\\u{1b}[31mb\"");
        assert_eq!(show_value(&Value::Bool(true)), "true");
        assert_eq!(show_value(&Value::U32(7)), "7");
        assert!(show_value(&Value::String("x".repeat(100))).ends_with("and 20 characters"));
    }
}
