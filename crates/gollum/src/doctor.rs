//! `gollum doctor`: is this model whole, and will it run here? Checks what goes wrong most: the tokenizer, the
//! chat template, memory. Loads no weights.

use std::io::Write;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use gollum_backend_toy::{ToyConfig, ToyRunner};
use gollum_core::{KvDtype, ModelSpec, WindowSpec};
use gollum_engine::{Engine, EngineConfig};
use gollum_frontend::{ChatRequest, Frontend, FrontendParts, GenerateOptions, Message};
use gollum_gguf::Gguf;
use gollum_kernels::{KvGroup, KvSpec};
use gollum_models::ModelDescription;
use gollum_tokenizer::{SpecialText, Tokenizer};

use crate::budget::{KvWish, plan_kv};
use crate::cli::{DoctorArgs, EngineArgs};
use crate::experts::MappedExperts;
use crate::load;
use crate::machine;
use crate::quantities::show_bytes;
use crate::store::{Found, Scan, Shelf, Skipped};

/// Texts that a tokenizer must bring back as they were.
const ROUND_TRIP: &[&str] = &[
    "Hello, world!",
    "  two leading spaces, two trailing  ",
    "line one\nline two\r\n\n\nline five",
    "\ttabs\t\tand    runs of spaces",
    "don't can't we'll I'M",
    "1234567890 3.14159 1,000,000",
    "Grüße, naïve café, Ελληνικά, Русский",
    "日本語の文章。中文字符，한국어",
    "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 é (e + accent)",
    "fn main() { println!(\"{}\", x[0] & !y); } // <tag attr='v'>",
    "مرحبا بالعالم שלום עולם",
    "\u{0}\u{1}\u{7f} control characters",
];

/// Runs the verb. An error at the end if any check failed.
pub fn doctor(args: &DoctorArgs) -> anyhow::Result<()> {
    let shelf = Shelf::new(&args.models.models_dir);
    let scan = match args.model.as_deref() {
        Some(name) => Scan { models: vec![shelf.resolve(name)?], skipped: Vec::new() },
        None => shelf.scan()?,
    };
    let unusable: Vec<&Skipped> = scan.skipped.iter().filter(|skipped| skipped.is_fault).collect();
    if scan.models.is_empty() && unusable.is_empty() {
        bail!("no models in {}", args.models.models_dir.display());
    }
    let mut report = Report { out: std::io::stdout(), failures: 0 };
    for model in &scan.models {
        report.title(model)?;
        examine(model, &args.engine, &mut report)?;
    }
    for skipped in unusable {
        writeln!(report.out, "{}", skipped.path.display())?;
        report.check::<()>("file", Err(anyhow!("{}", skipped.reason)))?;
    }
    match report.failures {
        0 => Ok(()),
        failures => bail!("{failures} checks failed"),
    }
}

struct Report {
    out: std::io::Stdout,
    failures: usize,
}

impl Report {
    fn title(&mut self, model: &Found) -> anyhow::Result<()> {
        Ok(writeln!(self.out, "{} ({})", model.id, show_bytes(model.bytes))?)
    }

    /// One line per check; the value of a check that passed is handed on.
    fn check<T>(&mut self, what: &str, outcome: anyhow::Result<(T, String)>) -> anyhow::Result<Option<T>> {
        match outcome {
            Ok((value, says)) => {
                writeln!(self.out, "  ok    {what:10} {says}")?;
                Ok(Some(value))
            }
            Err(e) => {
                self.failures += 1;
                writeln!(self.out, "  FAIL  {what:10} {e:#}")?;
                Ok(None)
            }
        }
    }
}

fn examine(model: &Found, engine: &EngineArgs, report: &mut Report) -> anyhow::Result<()> {
    let Some(gguf) = report.check("file", file(model))? else { return Ok(()) };
    let description = report.check("model", description(&gguf))?;
    let only_embeds = description.as_ref().is_some_and(|d| d.hyper.whole_input);
    let tokenizer = report.check("tokenizer", tokenizer(&gguf, only_embeds))?;
    if let Some(tokenizer) = tokenizer
        && !only_embeds
    {
        report.check("template", template(&gguf, &tokenizer))?;
    }
    if let Some(description) = description {
        report.check("memory", memory(&description, engine))?;
    }
    Ok(())
}

fn file(model: &Found) -> anyhow::Result<(Gguf, String)> {
    let gguf = load::open(&model.path)?;
    let says = format!("{} tensors, {} metadata keys", gguf.tensors().len(), gguf.metadata().len());
    Ok((gguf, says))
}

fn description(gguf: &Gguf) -> anyhow::Result<(ModelDescription, String)> {
    let d = gollum_models::describe(gguf)?;
    let types: Vec<&str> = d.types.iter().map(|t| t.name).collect();
    let says = format!("{}, every tensor is there; types {}", d.architecture, types.join(", "));
    Ok((d, says))
}

fn tokenizer(gguf: &Gguf, only_embeds: bool) -> anyhow::Result<(Arc<dyn Tokenizer>, String)> {
    let tokenizer = gollum_tokenizer::from_gguf(gguf.metadata())?;
    let kept = if tokenizer.keeps_text() { ROUND_TRIP } else { &[] };
    for text in kept {
        let ids = tokenizer.encode(text, SpecialText::Literal);
        let back = tokenizer.decode(&ids);
        let back =
            if tokenizer.adds_space_prefix() { back.strip_prefix(b" ").unwrap_or(&back) } else { &back };
        if back != text.as_bytes() {
            bail!("{text:?} comes back as {:?}", String::from_utf8_lossy(back));
        }
    }
    let ends = &tokenizer.special().end_of_generation;
    if ends.is_empty() && !only_embeds {
        bail!("no token ends an answer, so every answer runs to its limit");
    }
    let says = format!(
        "{} tokens; {} texts come back as they were; {} end an answer",
        tokenizer.vocab_size(),
        kept.len(),
        ends.len()
    );
    Ok((tokenizer, says))
}

/// Renders a conversation. A frontend needs an engine, so a toy of the same vocabulary stands in; nothing runs.
fn template(gguf: &Gguf, tokenizer: &Arc<dyn Tokenizer>) -> anyhow::Result<((), String)> {
    let metadata = gguf.metadata();
    let chat_template = metadata.string("tokenizer.chat_template")?.map(str::to_owned);
    let from = if chat_template.is_some() { "the file's" } else { "a built-in one, the file has none" };
    let toy = ToyRunner::new(ToyConfig::plain(tokenizer.vocab_size()));
    let engine = Engine::start(Box::new(toy), EngineConfig { kv_pages: 1024, ..EngineConfig::default() })?;
    let frontend = Frontend::new(FrontendParts {
        model_id: "doctor".to_owned(),
        tokenizer: Arc::clone(tokenizer),
        chat_template,
        architecture: metadata.string("general.architecture")?.unwrap_or_default().to_owned(),
        engine,
        default_sampling: Default::default(),
    })?;
    let question = "What is the capital of France?";
    let messages = vec![
        Message::new("user", "Hello!"),
        Message::new("assistant", "Hello. What can I do for you?"),
        Message::new("user", question),
    ];
    let prompt = frontend.chat_prompt(&ChatRequest::new(messages, GenerateOptions::default()))?;
    if !prompt.text.contains(question) {
        bail!("the rendered prompt does not hold the question");
    }
    Ok(((), format!("{from}; a conversation of 3 messages is {} tokens", prompt.tokens.len())))
}

/// What the weights and the KV memory will take, against what is free.
fn memory(d: &ModelDescription, engine: &EngineArgs) -> anyhow::Result<((), String)> {
    let kv = KvSpec { layers: d.kv_layers.clone(), dtype: KvDtype::from(engine.compute.kv_cache_dtype) };
    let spec = ModelSpec {
        vocab_size: d.hyper.vocab_size,
        context_len: d.hyper.context_len,
        page_bytes: kv.page_bytes(KvGroup::Full),
        window: d
            .hyper
            .window_tokens()
            .map(|tokens| WindowSpec { page_bytes: kv.page_bytes(KvGroup::Window), tokens }),
        state_bytes: d.state.bytes(),
        max_batch_tokens: engine.max_num_batched_tokens,
        max_batch_sequences: engine.max_num_seqs,
    };
    let free = machine::free_bytes();
    let mapped = MappedExperts::plan(d, engine.compute.expert_memory, free);
    let weights = d.tensor_bytes - mapped.map_or(0, |mapped| mapped.all - mapped.kept);
    let left = free.checked_sub(weights).with_context(|| {
        format!("the weights need {}, and {} is free", show_bytes(weights), show_bytes(free))
    })?;
    if d.hyper.whole_input {
        let context = d.hyper.context_len.min(engine.max_model_len.unwrap_or(usize::MAX));
        let weights = show_bytes(d.tensor_bytes);
        let says = format!(
            "weights {weights}; inputs of up to {context} tokens, computed whole; {} is free",
            show_bytes(free)
        );
        return Ok(((), says));
    }
    let wish = KvWish {
        kv_bytes: engine.kv_memory,
        max_model_len: engine.max_model_len,
        max_num_seqs: engine.max_num_seqs,
    };
    let plan = plan_kv(&spec, wish, left)?;
    let states = match plan.states {
        0 => String::new(),
        n => format!(", {n} recurrent states {}", show_bytes(plan.state_bytes)),
    };
    let windows = match plan.window_pages {
        0 => String::new(),
        n => {
            format!(" and {} for {} in windows", show_bytes(plan.window_bytes), n * gollum_core::PAGE_TOKENS)
        }
    };
    let experts = mapped.map_or_else(String::new, |mapped| format!(" ({})", mapped.shown()));
    let says = format!(
        "weights {}{experts}, KV memory {} for {} tokens in all{windows}{states}, context {} of {}; {} is free",
        show_bytes(d.tensor_bytes),
        show_bytes(plan.bytes),
        plan.pages * gollum_core::PAGE_TOKENS,
        plan.max_model_len,
        d.hyper.context_len,
        show_bytes(free),
    );
    Ok(((), says))
}
