//! From a file to something that runs: a bare [`ModelRunner`], or a [`Frontend`] over an engine.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, bail};
use gollum_backend_cpu::Isa;
use gollum_backend_toy::{ToyConfig, ToyRunner};
use gollum_core::{KvDtype, ModelRunner, Pooling, SamplingParams};
use gollum_engine::{Engine, EngineConfig, Policy};
use gollum_frontend::{Frontend, FrontendParts};
use gollum_gguf::Gguf;
use gollum_kernels::KvGroup;
use gollum_models::LoadOptions;
use gollum_tokenizer::{Tokenizer, WhitespaceTokenizer};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::budget::{KvPlan, KvWish, plan_kv};
use crate::cli::{ComputeArgs, EngineArgs, ModelArgs, PolicyChoice};
use crate::device::{self, DeviceChoice, GpuLayers, Memory};
use crate::machine;
use crate::progress::Bar;
use crate::quantities::show_bytes;
use crate::sampling::{self, FileSampling};
use crate::store::Found;

/// The model that needs no file.
pub const TOY_ID: &str = "toy-1";
/// KV pages of the toy, whose pages are small.
const TOY_KV_PAGES: usize = 16_384;
/// Prompt rows beside running decodes, as a part of a step.
const PREFILL_BESIDE_DECODES: usize = 2;

/// What computes.
#[derive(Clone, Copy, Debug)]
pub struct Compute {
    /// What computes; the three behind the next are the CPU's.
    pub device: DeviceChoice,
    /// Layers on a GPU.
    pub gpu_layers: GpuLayers,
    /// Threads.
    pub threads: usize,
    /// One thread to a core, for good.
    pub pin_threads: bool,
    /// Instruction set; `None` is the widest there is.
    pub isa: Option<Isa>,
    /// How K and V are stored.
    pub kv_dtype: KvDtype,
    /// How inputs are pooled, if not as the file says.
    pub pooling: Option<Pooling>,
    /// Bytes of experts that memory holds, if not what fits.
    pub expert_memory: Option<u64>,
}

impl From<&ComputeArgs> for Compute {
    fn from(args: &ComputeArgs) -> Self {
        Self {
            device: args.device,
            gpu_layers: args.gpu_layers,
            threads: args.threads.unwrap_or_else(machine::default_threads).max(1),
            pin_threads: args.pin_threads,
            isa: args.isa,
            kv_dtype: args.kv_cache_dtype.into(),
            pooling: None,
            expert_memory: args.expert_memory,
        }
    }
}

impl From<&EngineArgs> for Compute {
    fn from(args: &EngineArgs) -> Self {
        Self { pooling: args.pooling.map(Into::into), ..Self::from(&args.compute) }
    }
}

/// The largest step a runner must take.
#[derive(Clone, Copy, Debug)]
pub struct BatchLimits {
    /// Rows.
    pub tokens: usize,
    /// Sequences.
    pub sequences: usize,
    /// Tokens of a sequence; `None` is as many as the model was trained on.
    pub context: Option<usize>,
}

/// A runner without engine, for measurements. KV memory is not allocated yet.
pub fn runner(path: &Path, compute: &Compute, limits: BatchLimits) -> anyhow::Result<Box<dyn ModelRunner>> {
    let gguf = open(path)?;
    let Loaded { runner, .. } = runner_of(&gguf, compute, limits, &mut |_| ())?;
    if runner.embedding().is_some_and(|spec| spec.whole_input) {
        bail!("{} gives embeddings, and no tokens", path.display());
    }
    Ok(runner)
}

/// Opens a file, with its name in the error.
pub fn open(path: &Path) -> anyhow::Result<Gguf> {
    Gguf::open(path).with_context(|| format!("cannot read {}", path.display()))
}

/// A model on its device.
struct Loaded {
    runner: Box<dyn ModelRunner>,
    memory: Memory,
    /// The part of K, V and states that lies in the machine's memory, beside a card's.
    front_share: Option<f64>,
    /// KV pages that the device can hold at most, of the full and of the window group.
    max_pages: [usize; 2],
}

/// Loads the weights; `told` gets the share of their bytes that are there, after each tensor, up to 1.
fn runner_of(
    gguf: &Gguf,
    compute: &Compute,
    limits: BatchLimits,
    told: &mut dyn FnMut(f32),
) -> anyhow::Result<Loaded> {
    let backend = device::open(compute, &gollum_models::describe(gguf)?)?;
    let options = LoadOptions {
        kv_dtype: compute.kv_dtype,
        max_batch_tokens: limits.tokens,
        max_batch_sequences: limits.sequences,
        max_context: limits.context,
    };
    let mut bar: Option<Bar> = None;
    let mut progress = |p: gollum_models::LoadProgress<'_>| {
        bar.get_or_insert_with(|| Bar::bytes("loading", Some(p.total_bytes))).set(p.done_bytes);
        told((p.done_bytes as f64 / p.total_bytes as f64) as f32);
    };
    let mut runner = match backend.front {
        Some(front) => gollum_models::load_split(gguf, front, backend.ops, options, &mut progress)?,
        None => gollum_models::load(gguf, backend.ops, options, &mut progress)?,
    };
    if let Some(bar) = bar {
        bar.finish();
    }
    if let Some(pooling) = compute.pooling {
        runner.set_pooling(pooling)?;
    }
    let max_pages =
        [KvGroup::Full, KvGroup::Window].map(|group| backend.memory.max_pages(runner.kv(), group));
    let front_share = runner.front_share();
    Ok(Loaded { runner: Box::new(runner), memory: backend.memory, front_share, max_pages })
}

impl Loaded {
    /// Bytes that are free for what sequences keep: of two memories as much as the scarcer has room for its part of.
    fn free_bytes(&self) -> u64 {
        match (self.front_share, self.memory.own_bytes()) {
            (Some(share), Some(own)) => {
                let front = machine::free_bytes() as f64 / share;
                front.min(own as f64 / (1.0 - share)) as u64
            }
            _ => self.memory.free_bytes(),
        }
    }
}

/// The KV plan on the device: where the memory buys more pages than it can hold, as many as it can.
fn kv_on_device(loaded: &Loaded, wish: KvWish) -> anyhow::Result<KvPlan> {
    let (spec, free) = (loaded.runner.spec(), loaded.free_bytes());
    let plan = plan_kv(spec, wish, free)?;
    let [pages, window_pages] = loaded.max_pages;
    let is_held = |plan: &KvPlan| plan.pages <= pages && plan.window_pages <= window_pages;
    if is_held(&plan) || wish.kv_bytes.is_some() {
        return Ok(plan);
    }
    // Both groups shrink together: by as much as the one that is furthest above what the device holds.
    let share = |held: usize, wanted: usize| held as f64 / wanted.max(1) as f64;
    let share = share(pages, plan.pages).min(share(window_pages, plan.window_pages)).min(1.0);
    let kv_bytes = Some(plan.state_bytes + ((plan.bytes + plan.window_bytes) as f64 * share) as u64);
    Ok(plan_kv(spec, KvWish { kv_bytes, ..wish }, free)?)
}

/// A model that answers, and what was decided for it.
pub struct Served {
    /// The way to ask it.
    pub frontend: Frontend,
    /// Its KV memory.
    pub kv: KvPlan,
}

/// Loads `found` and starts its engine. `told` gets the share of its weights that are loaded, from 0 to 1, as it grows.
pub fn serve(found: &Found, how: &ModelArgs, told: &mut dyn FnMut(f32)) -> anyhow::Result<Served> {
    let (id, args) = (found.id.as_str(), &how.engine);
    let started = Instant::now();
    let gguf = open(&found.path)?;
    let tokenizer = gollum_tokenizer::from_gguf(gguf.metadata())
        .with_context(|| format!("the tokenizer of {}", found.path.display()))?;
    let chat_template = chat_template(gguf.metadata().string("tokenizer.chat_template")?, how);
    let rerank_template = gguf.metadata().string("tokenizer.chat_template.rerank")?.map(str::to_owned);
    let architecture = gguf.metadata().string("general.architecture")?.unwrap_or_default().to_owned();
    let digest = digest(&gguf, args)?;
    let file_sampling = FileSampling::of(gguf.metadata());
    for unheeded in &file_sampling.unheeded {
        tracing::warn!("{id}: not honoured: {unheeded}");
    }
    let default_sampling = sampling::defaults(&how.sampling, &file_sampling);
    let limits = BatchLimits {
        tokens: args.max_num_batched_tokens,
        sequences: args.max_num_seqs,
        context: args.max_model_len,
    };
    let loaded = runner_of(&gguf, &Compute::from(args), limits, told)?;
    let runner = &loaded.runner;
    if tokenizer.vocab_size() > runner.spec().vocab_size {
        let (names, rows) = (tokenizer.vocab_size(), runner.spec().vocab_size);
        bail!("the tokenizer names {names} tokens, and the model has {rows}");
    }
    // The weights are the backend's now; the mapped file goes before free memory is asked for.
    drop(gguf);
    let kv = kv_on_device(&loaded, wish(args))?;
    let runner = loaded.runner;
    let spec = runner.spec().clone();
    let runner_embeds = runner.embedding().filter(|spec| spec.whole_input);
    let parts = Parts { id, tokenizer, chat_template, architecture, default_sampling };
    let frontend = start(runner, engine_config(args, &kv, digest), parts)?
        .with_rerank_template(rerank_template)
        .with_template_kwargs(kwargs(how));
    let bytes = show_bytes(found.bytes);
    let seconds = started.elapsed().as_secs_f64();
    if let Some(embedding) = runner_embeds {
        let pooling = embedding.pooling.map_or("none", Pooling::name);
        let (width, context) = (embedding.width, kv.max_model_len);
        tracing::info!(
            "{id}: {bytes} of weights loaded in {seconds:.1} s; embeddings of {width} values, pooling {pooling}; inputs of up to {context} tokens"
        );
        return Ok(Served { frontend, kv });
    }
    tracing::info!(
        "{id}: {bytes} of weights loaded in {seconds:.1} s; context {} tokens ({}); KV memory {} ({} pages, {} per token)",
        kv.max_model_len,
        kv.shown_limit(spec.context_len),
        show_bytes(kv.bytes),
        kv.pages,
        show_bytes((spec.page_bytes / gollum_core::PAGE_TOKENS) as u64),
    );
    if let Some(window) = spec.window {
        tracing::info!(
            "{id}: {} more for the layers that see {} tokens ({} pages, {} per token)",
            show_bytes(kv.window_bytes),
            window.tokens,
            kv.window_pages,
            show_bytes((window.page_bytes / gollum_core::PAGE_TOKENS) as u64),
        );
    }
    if kv.states > 0 {
        tracing::info!(
            "{id}: recurrent states {} ({} of {}: running sequences and snapshots)",
            show_bytes(kv.state_bytes),
            kv.states,
            show_bytes(spec.state_bytes as u64),
        );
    }
    Ok(Served { frontend, kv })
}

/// The toy: no file, no weights, answers at once.
pub fn toy(how: &ModelArgs) -> anyhow::Result<Served> {
    let args = &how.engine;
    let tokenizer = WhitespaceTokenizer::new();
    let end = *tokenizer.special().end_of_generation.first().context("the toy vocabulary has an end")?;
    let mut config = ToyConfig::toy_1(tokenizer.vocab_size(), tokenizer.word_count(), end);
    config.max_batch_sequences = args.max_num_seqs.max(1);
    config.max_batch_tokens = args.max_num_batched_tokens;
    let runner: Box<dyn ModelRunner> = Box::new(ToyRunner::new(config));
    let bytes = TOY_KV_PAGES as u64 * runner.spec().page_bytes as u64;
    let wish = KvWish { kv_bytes: args.kv_memory.or(Some(bytes)), ..wish(args) };
    let kv = plan_kv(runner.spec(), wish, bytes)?;
    let parts = Parts {
        id: TOY_ID,
        tokenizer: Arc::new(tokenizer),
        chat_template: chat_template(None, how),
        architecture: "toy".to_owned(),
        default_sampling: sampling::defaults(&how.sampling, &FileSampling::default()),
    };
    let frontend = start(runner, engine_config(args, &kv, 0), parts)?;
    Ok(Served { frontend: frontend.with_template_kwargs(kwargs(how)), kv })
}

/// The template that the operator wants, else the file's.
fn chat_template(of_file: Option<&str>, how: &ModelArgs) -> Option<String> {
    how.chat.chat_template.as_ref().map(|template| &*template.0).or(of_file).map(str::to_owned)
}

fn kwargs(how: &ModelArgs) -> Map<String, Value> {
    how.chat.chat_template_kwargs.clone().unwrap_or_default().0
}

struct Parts<'a> {
    id: &'a str,
    tokenizer: Arc<dyn Tokenizer>,
    chat_template: Option<String>,
    architecture: String,
    default_sampling: SamplingParams,
}

fn start(runner: Box<dyn ModelRunner>, config: EngineConfig, parts: Parts<'_>) -> anyhow::Result<Frontend> {
    let engine = Engine::start(runner, config)?;
    Ok(Frontend::new(FrontendParts {
        model_id: parts.id.to_owned(),
        tokenizer: parts.tokenizer,
        chat_template: parts.chat_template,
        architecture: parts.architecture,
        engine,
        default_sampling: parts.default_sampling,
    })?)
}

fn wish(args: &EngineArgs) -> KvWish {
    KvWish { kv_bytes: args.kv_memory, max_model_len: args.max_model_len, max_num_seqs: args.max_num_seqs }
}

fn engine_config(args: &EngineArgs, kv: &KvPlan, model_digest: u64) -> EngineConfig {
    let defaults = EngineConfig::default();
    EngineConfig {
        max_num_seqs: args.max_num_seqs,
        max_num_batched_tokens: args.max_num_batched_tokens,
        max_prefill_beside_decodes: (args.max_num_batched_tokens / PREFILL_BESIDE_DECODES).max(1),
        max_model_len: kv.max_model_len,
        kv_pages: kv.pages,
        window_pages: kv.window_pages,
        state_slots: kv.states,
        max_waiting_requests: args.max_waiting,
        policy: match args.scheduling_policy {
            PolicyChoice::Fcfs => Policy::Fcfs,
            PolicyChoice::Lpm => Policy::Lpm,
        },
        prefix_cache: !args.no_prefix_cache,
        prompt_cache_bytes: if args.no_prompt_cache { 0 } else { defaults.prompt_cache_bytes },
        model_digest,
        seed: args.seed.unwrap_or_else(clock_seed),
        ..defaults
    }
}

/// A seed that differs from start to start.
fn clock_seed() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    since.as_nanos() as u64
}

/// Names the files and what else affects an answer. The prompt cache that it keys lives and dies with this
/// process, so the files' identity (path, size, time of change) does for their contents.
fn digest(gguf: &Gguf, args: &EngineArgs) -> anyhow::Result<u64> {
    let mut hasher = Sha256::new();
    for path in gguf.paths() {
        let metadata = path.metadata().with_context(|| format!("cannot read {}", path.display()))?;
        hasher.update(format!("{path:?} {} {:?}\n", metadata.len(), metadata.modified().ok()));
    }
    hasher.update(format!("{:?}", KvDtype::from(args.compute.kv_cache_dtype)));
    let digest = hasher.finalize();
    let (first, _) = digest.split_first_chunk::<8>().context("a SHA-256 has 32 bytes")?;
    Ok(u64::from_le_bytes(*first))
}
