//! Tiny random models, the same in every language: weights are a hash of tensor name and index, which
//! `tools/golden_models.py` computes too. Which tensors they have, the architecture itself says. And a pager small enough
//! to be obviously right, and the way to the real models.

#![allow(dead_code, clippy::unwrap_used, clippy::print_stdout)] // each test file uses its part of this

pub mod adjugate;
pub mod cases;

use std::path::PathBuf;

use gollum_core::{
    Batch, KvDtype, Logits, ModelRunner, PAGE_TOKENS, PageCopy, PageId, SequenceSpan, StateId, TokenId,
};
use gollum_gguf::{GgmlType, Gguf, Value, Writer};
use gollum_kernels::conformance::Rng;
use gollum_kernels::reference::ReferenceOps;
use gollum_models::{LoadOptions, ModelError, Transformer, load, tensors_of};
use gollum_quant::encode::quantise_row;
use gollum_quant::{FormatId, format_of};

/// Shape of a tiny model, as in `golden/exact/*.json`.
#[derive(Clone, Debug, serde::Deserialize)]
pub struct Config {
    pub arch: String,
    pub name: String,
    pub layers: usize,
    pub width: usize,
    pub heads: usize,
    pub kv_heads: usize,
    pub head_dim: usize,
    pub ffn: usize,
    pub vocab: usize,
    pub eps: f32,
    pub freq_base: f32,
    pub rope_factor: f32,
    pub rope_freqs: bool,
    pub tied: bool,
    pub window: usize,
    pub pattern: usize,
    pub softcap: f32,
    /// Further metadata; keys without the architecture's prefix.
    #[serde(skip)]
    pub meta: Vec<(&'static str, Value)>,
    /// Further metadata whose keys have no prefix.
    #[serde(skip)]
    pub unprefixed: Vec<(&'static str, Value)>,
    /// Names of optional tensors that the file has; those of layers without `blk.N.`.
    #[serde(skip)]
    pub present: Vec<&'static str>,
    /// Names and dims of tensors that each layer of the file has, whether the architecture reads them there or not.
    #[serde(skip)]
    pub unread: Vec<(&'static str, [usize; 2])>,
    /// A layer behind the trunk that predicts further tokens.
    #[serde(skip)]
    pub nextn: Option<Nextn>,
    /// Multiplies the weights of norms of results: small ones keep deep models from amplifying what is rounded.
    #[serde(skip)]
    pub post_norm_gain: Option<f32>,
}

/// A layer that predicts further tokens, as files have it and nobody here runs it.
#[derive(Clone, Debug)]
pub struct Nextn {
    /// The layer whose tensors it has, and some of its own.
    pub like: usize,
    /// Names of vectors as wide as the stream, beside those that all such layers have.
    pub vectors: &'static [&'static str],
}

impl Config {
    /// Sets a metadata key, or one of [`metadata`]'s to another value.
    pub fn set(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.meta.push((key, value.into()));
        self
    }

    /// Adds optional tensors.
    pub fn with(mut self, present: &[&'static str]) -> Self {
        self.present.extend(present);
        self
    }

    fn has(&self, name: &str) -> bool {
        (name == "output.weight" && !self.tied)
            || (name == "rope_freqs.weight" && self.rope_freqs)
            || self.present.iter().any(|end| name.strip_suffix(end).is_some_and(is_layer))
    }

    pub fn new(arch: &str, heads: usize, kv_heads: usize, head_dim: usize) -> Self {
        Self {
            arch: arch.to_owned(),
            name: format!("{arch} {heads}x{head_dim} kv {kv_heads}"),
            layers: 2,
            width: heads * head_dim,
            heads,
            kv_heads,
            head_dim,
            ffn: 52,
            vocab: 31,
            eps: 1e-5,
            freq_base: 10_000.0,
            rope_factor: 1.0,
            rope_freqs: false,
            tied: true,
            window: 0,
            pattern: 0,
            softcap: 0.0,
            meta: Vec::new(),
            unprefixed: Vec::new(),
            present: Vec::new(),
            unread: Vec::new(),
            nextn: None,
            post_norm_gain: None,
        }
    }
}

/// True for nothing, and `blk.N.`.
fn is_layer(prefix: &str) -> bool {
    prefix.is_empty() || (prefix.starts_with("blk.") && prefix.ends_with('.'))
}

/// SplitMix64 from the FNV-1a hash of the name, as `-1..1`.
fn unit(name: &str, index: usize) -> f32 {
    let seed = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |h: u64, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    let state = seed.wrapping_add((index as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    (Rng::new(state).bits() >> 40) as f32 / (1u32 << 23) as f32 - 1.0
}

/// One weight; see `weight` in `tools/golden_models.py`.
fn weight(name: &str, index: usize) -> f32 {
    let unit = unit(name, index);
    match name {
        "rope_freqs.weight" | "rope_factors_short.weight" | "rope_factors_long.weight" => {
            1.0 + 3.0 * unit.abs()
        }
        "token_embd.weight" => unit,
        // Rates of decay.
        _ if name.ends_with("ssm_a") => -0.1 - 0.9 * unit.abs(),
        _ if name.ends_with("norm.weight") || name.ends_with("output_scale.weight") => 1.0 + 0.25 * unit,
        _ => 0.25 * unit,
    }
}

/// A file in parts, for tests to bend.
#[derive(Clone)]
pub struct File {
    pub meta: Vec<(String, Value)>,
    pub tensors: Vec<(String, Vec<usize>, GgmlType, Vec<u8>)>,
}

impl File {
    /// `format` is for the matrices.
    pub fn new(c: &Config, format: FormatId) -> Self {
        let mut file = Self { meta: metadata(c), tensors: Vec::new() };
        for (name, dims) in tensors(c) {
            let count: usize = dims.iter().product();
            let gain = c.post_norm_gain.filter(|_| name.contains("post") && name.ends_with("norm.weight"));
            let value = |i: usize| weight(&name, i) * gain.unwrap_or(1.0);
            let values: Vec<f32> = (0..count).map(value).collect();
            let format = if is_matrix(&name, &dims) { format } else { FormatId::F32 };
            let rows = values.chunks(dims[0]).map(|row| quantise_row(format, row).unwrap());
            let bytes = rows.collect::<Vec<_>>().concat();
            file.tensors.push((name, dims, GgmlType::from_number(format as u32).unwrap(), bytes));
        }
        file
    }

    pub fn set(&mut self, key: &str, value: impl Into<Value>) -> &mut Self {
        self.remove(key);
        self.meta.push((key.to_owned(), value.into()));
        self
    }

    pub fn remove(&mut self, key: &str) -> &mut Self {
        self.meta.retain(|(k, _)| k != key);
        self
    }

    pub fn tensor(&mut self, name: &str) -> &mut (String, Vec<usize>, GgmlType, Vec<u8>) {
        self.tensors.iter_mut().find(|t| t.0 == name).unwrap()
    }

    pub fn gguf(&self) -> Gguf {
        Gguf::from_bytes(self.bytes()).unwrap()
    }

    /// The file as it would be on disk.
    pub fn bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        for (key, value) in &self.meta {
            writer = writer.meta(key, value.clone());
        }
        for (name, dims, ggml_type, bytes) in &self.tensors {
            writer = writer.tensor(name, dims, *ggml_type, bytes.clone());
        }
        writer.to_bytes().unwrap()
    }
}

/// True for tensors that files quantise: not vectors, and not routers.
fn is_matrix(name: &str, dims: &[usize]) -> bool {
    dims.len() >= 2
        && name.ends_with(".weight")
        && !["ffn_gate_inp", "_norm.weight", "ffn_gate_inp_shexp", "position_embd", "conv", "altup", "laurel"]
            .iter()
            .any(|part| name.contains(part))
}

fn metadata(c: &Config) -> Vec<(String, Value)> {
    let mut meta = vec![("general.architecture".to_owned(), Value::from(c.arch.as_str()))];
    let mut put = |key: &str, value: Value| meta.push((format!("{}.{key}", c.arch), value));
    let nextn = usize::from(c.nextn.is_some());
    if nextn > 0 {
        put("nextn_predict_layers", (nextn as u32).into());
    }
    for (key, value) in [
        ("vocab_size", c.vocab),
        ("block_count", c.layers + nextn),
        ("embedding_length", c.width),
        ("feed_forward_length", c.ffn),
        ("attention.head_count", c.heads),
        ("attention.head_count_kv", c.kv_heads),
        ("attention.key_length", c.head_dim),
        ("attention.value_length", c.head_dim),
        ("rope.dimension_count", c.head_dim),
        ("context_length", 256),
    ] {
        put(key, Value::from(value as u32));
    }
    put("attention.layer_norm_rms_epsilon", c.eps.into());
    put("rope.freq_base", c.freq_base.into());
    if c.rope_factor != 1.0 {
        put("rope.scaling.type", "linear".into());
        put("rope.scaling.factor", c.rope_factor.into());
    }
    if c.window > 0 {
        put("attention.sliding_window", (c.window as u32).into());
    }
    if c.pattern > 0 {
        put("attention.sliding_window_pattern", (c.pattern as u32).into());
    }
    if c.softcap > 0.0 {
        put("final_logit_softcapping", c.softcap.into());
    }
    for (key, value) in &c.meta {
        let key = format!("{}.{key}", c.arch);
        meta.retain(|(known, _)| *known != key);
        meta.push((key, value.clone()));
    }
    meta.extend(c.unprefixed.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
    meta
}

/// Names and dims, the contiguous one first: what the architecture asks for.
fn tensors(c: &Config) -> Vec<(String, Vec<usize>)> {
    let mut file = File { meta: metadata(c), tensors: Vec::new() };
    let dims = vec![c.width, c.vocab];
    let bytes = vec![0; 4 * c.width * c.vocab];
    file.tensors.push(("token_embd.weight".to_owned(), dims, GgmlType::F32, bytes));
    let asked = tensors_of(&file.gguf(), &|name| c.has(name)).unwrap();
    let mut all: Vec<_> = asked.into_iter().map(|asked| (asked.name, asked.dims)).collect();
    if let Some(nextn) = &c.nextn {
        let (from, to) = (format!("blk.{}.", nextn.like), format!("blk.{}.", c.layers));
        let like = all.iter().filter_map(|(name, dims)| Some((name.strip_prefix(&from)?, dims.clone())));
        let vectors = ["nextn.enorm", "nextn.hnorm"].iter().chain(nextn.vectors);
        let mut more: Vec<(String, Vec<usize>)> =
            like.map(|(part, dims)| (format!("{to}{part}"), dims)).collect();
        more.extend(vectors.map(|name| (format!("{to}{name}.weight"), vec![c.width])));
        more.push((format!("{to}nextn.eh_proj.weight"), vec![2 * c.width, c.width]));
        all.extend(more);
    }
    let unread = |layer: usize| {
        c.unread.iter().map(move |(part, dims)| (format!("blk.{layer}.{part}"), dims.to_vec()))
    };
    for tensor in (0..c.layers).flat_map(unread) {
        if all.iter().all(|(name, _)| *name != tensor.0) {
            all.push(tensor);
        }
    }
    all
}

/// Rows of a step at most, and sequences; small, so that logits come in several turns.
pub const OPTIONS: LoadOptions =
    LoadOptions { kv_dtype: KvDtype::F32, max_batch_tokens: 64, max_batch_sequences: 3, max_context: None };

/// On the scalar reference.
pub fn load_with(gguf: &Gguf, kv_dtype: KvDtype) -> Result<Transformer, ModelError> {
    load(gguf, Box::new(ReferenceOps::new()), LoadOptions { kv_dtype, ..OPTIONS }, &mut |_| {})
}

/// A model, its pages, and how far each of its sequences is.
pub struct Session {
    runner: Transformer,
    free: Vec<u32>,
    sequences: Vec<Progress>,
}

/// One sequence.
#[derive(Clone, Default)]
struct Progress {
    table: Vec<PageId>,
    done: usize,
}

/// One sequence's part of a step: `tokens[done..done + len]`, logits of the rows that `wanted` says.
pub struct Chunk<'a> {
    pub sequence: usize,
    pub tokens: &'a [TokenId],
    pub len: usize,
    /// Copy a half-filled tail page to a fresh one first.
    pub copy_tail: bool,
    pub wanted: &'a dyn Fn(usize) -> bool,
}

impl Session {
    pub fn new(mut runner: Transformer, sequences: usize, page_order: Vec<u32>) -> Self {
        let window_pages = runner.spec().window.map_or(0, |_| page_order.len());
        runner.allocate_kv(page_order.len(), window_pages).unwrap();
        if runner.spec().state_bytes > 0 {
            runner.allocate_states(sequences + 1).unwrap();
        }
        let free = page_order.into_iter().rev().collect();
        Self { runner, free, sequences: vec![Progress::default(); sequences] }
    }

    pub fn done(&self, sequence: usize) -> usize {
        self.sequences[sequence].done
    }

    /// Runs one step; returns `(sequence, position, logits)` of each wanted row.
    pub fn step(&mut self, chunks: &[Chunk<'_>]) -> Vec<(usize, usize, Vec<f32>)> {
        let mut batch = Batch::default();
        let mut wanted = Vec::new();
        for chunk in chunks {
            let state = &mut self.sequences[chunk.sequence];
            let end = state.done + chunk.len;
            if chunk.copy_tail && !state.done.is_multiple_of(PAGE_TOKENS) {
                let dst = PageId(self.free.pop().unwrap());
                let tail = state.table.last_mut().unwrap();
                batch.page_copies.push(PageCopy { src: *tail, dst, tokens: state.done % PAGE_TOKENS });
                *tail = dst;
            }
            while state.table.len() < end.div_ceil(PAGE_TOKENS) {
                state.table.push(PageId(self.free.pop().unwrap()));
            }
            batch.sequences.push(SequenceSpan {
                query_start: batch.tokens.len(),
                query_len: chunk.len,
                context_len: end,
                table_start: batch.block_tables.len(),
                table_len: state.table.len(),
                state: (self.runner.spec().state_bytes > 0).then_some(StateId(chunk.sequence as u32)),
            });
            for position in state.done..end {
                if (chunk.wanted)(position) {
                    batch.logits_rows.push(batch.tokens.len());
                    wanted.push((chunk.sequence, position));
                }
                batch.tokens.push(chunk.tokens[position]);
                batch.positions.push(position as u32);
                let slot = state.table[position / PAGE_TOKENS].slot(position % PAGE_TOKENS);
                batch.slot_mapping.push(slot);
            }
            batch.block_tables.extend(&state.table);
            state.done = end;
        }
        let mut logits = Logits::default();
        batch.mirror_windows(self.runner.spec().window);
        self.runner.forward(&batch, &mut logits).unwrap();
        assert_eq!(logits.rows(), wanted.len());
        wanted.into_iter().enumerate().map(|(row, (s, p))| (s, p, logits.row(row).to_vec())).collect()
    }

    /// Runs one sequence alone in chunks of `chunk_len`; logits of every position.
    pub fn run_alone(&mut self, sequence: usize, tokens: &[TokenId], chunk_len: usize) -> Vec<Vec<f32>> {
        let mut rows = Vec::new();
        while self.done(sequence) < tokens.len() {
            let len = chunk_len.min(tokens.len() - self.done(sequence));
            let chunk = Chunk { sequence, tokens, len, copy_tail: false, wanted: &|_| true };
            rows.extend(self.step(&[chunk]).into_iter().map(|(_, _, row)| row));
        }
        rows
    }
}

/// Pages in order.
pub fn in_order(pages: u32) -> Vec<u32> {
    (0..pages).collect()
}

/// A real model from the folder `GOLLUM_TEST_MODELS`, or from `models/`; else a line that says it was skipped.
pub fn real_model(file: &str) -> Option<Gguf> {
    let folder = std::env::var_os("GOLLUM_TEST_MODELS")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../models")), PathBuf::from);
    let path = folder.join(file);
    if !path.exists() {
        println!("skipped: {} is not there (set GOLLUM_TEST_MODELS)", path.display());
        return None;
    }
    Some(Gguf::open(&path).unwrap())
}

/// The same model with every tensor in F32, so that no activation is rounded: what is left is the order of sums.
pub fn in_f32(gguf: &Gguf) -> Gguf {
    let mut writer = Writer::new();
    for (key, value) in gguf.metadata().iter() {
        writer = writer.meta(key, value.clone());
    }
    for tensor in gguf.tensors() {
        let format = format_of(tensor.ggml_type.number()).unwrap();
        let source = gguf.bytes(tensor);
        let mut row = vec![0.0; tensor.dims[0]];
        let mut bytes = Vec::with_capacity(tensor.weight_count() * 4);
        for source in source.chunks_exact(source.len() / tensor.row_count()) {
            (format.decode_row)(source, &mut row).unwrap();
            bytes.extend(row.iter().flat_map(|v| v.to_le_bytes()));
        }
        writer = writer.tensor(&tensor.name, &tensor.dims, GgmlType::F32, bytes);
    }
    Gguf::from_bytes(writer.to_bytes().unwrap()).unwrap()
}
