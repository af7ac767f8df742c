//! The command line: verbs and flags. Names follow what llama-server and vLLM users know.
//!
//! ```text
//! settings        flags, variables and a file become one command line
//!   environment   what variables say of flags
//!   config        what the file says; presets: of single models
//! help            which flags are shown when
//! chat, sampling  flags of one subject; choices: what some flags take
//! ```

mod chat;
mod choices;
mod config;
mod environment;
mod help;
mod presets;
mod sampling;
pub mod settings;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use gollum_backend_cpu::Isa;
use gollum_core::TokenId;
use gollum_server::AddressRange;

pub use chat::ChatArgs;
pub use choices::{KvChoice, PolicyChoice, PoolingChoice};
pub use help::table;
pub use presets::Presets;
pub use sampling::SamplingArgs;

use crate::device::{DeviceChoice, GpuLayers};
use crate::quantities::{parse_bytes, parse_count};
use crate::quantize::Mix;

/// Serves GGUF models: continuous batching, shared prefixes, the same bits for the same tokens.
///
/// Without a verb: serve. `gollum serve --help` has its flags, `--help-all` every one.
#[derive(Debug, Parser)]
#[command(name = "gollum", version, max_term_width = 110)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What the binary can do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Serve models over HTTP.
    Serve(Box<ServeArgs>),
    /// Chat with a model in the terminal, or answer what is piped in.
    Run(Box<RunArgs>),
    /// Download a model: a name of the catalogue, `owner/repository[:quant]`, or an address.
    Pull(PullArgs),
    /// List the models of the models folder.
    List(ListArgs),
    /// Show what a GGUF file holds.
    Inspect(InspectArgs),
    /// Text on stdin to token ids, or back.
    Tokenize(TokenizeArgs),
    /// Print the logits of given tokens, every position.
    Logits(LogitsArgs),
    /// Measure prefill and decode speed.
    Bench(BenchArgs),
    /// Check a model: tokenizer, chat template, memory.
    Doctor(DoctorArgs),
    /// Write a model anew with smaller weights.
    Quantize(QuantizeArgs),
    /// List the GPUs of this machine.
    Devices(DevicesArgs),
    /// Run every GPU kernel against the CPU's arithmetic, and measure it.
    GpuSelftest(SelftestArgs),
    /// Print a script that completes verbs and flags in a shell.
    Completions(CompletionsArgs),
    /// Print a page of the manual, or write all of them.
    Man(ManArgs),
}

/// Where models live.
#[derive(Clone, Debug, Args)]
pub struct ModelsDir {
    /// Folder of models.
    ///
    /// .gguf files, also in sub-folders, and the cache of the Hugging Face libraries.
    #[arg(
        long,
        env = "GOLLUM_MODELS_DIR",
        default_value = "models",
        value_name = "DIR",
        help_heading = "Model"
    )]
    pub models_dir: PathBuf,
}

/// The hub that models are pulled from, unless another is named.
pub const HUB: &str = "https://huggingface.co";

/// Flags of `serve`.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Model")]
pub struct ServeArgs {
    /// Model to load at start: a file, or an id of the models folder.
    ///
    /// Others load when first asked for.
    #[arg(short, long, env = "GOLLUM_MODEL")]
    pub model: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub models: ModelsDir,
    /// Name under which --model is served, such as `org/name`.
    #[arg(
        short = 'a',
        long,
        alias = "alias",
        env = "GOLLUM_SERVED_MODEL_NAME",
        value_name = "NAME",
        requires = "model"
    )]
    pub served_model_name: Option<String>,
    /// Models held in memory at once; the least recently used idle one makes room.
    #[arg(long, env = "GOLLUM_MODELS_MAX", default_value_t = 4, value_name = "N")]
    pub models_max: usize,
    /// Let clients pull and delete models (Ollama's /api/pull and /api/delete).
    #[arg(long, env = "GOLLUM_MANAGE_MODELS")]
    pub manage_models: bool,
    /// Where there is one model only, answer with it whatever name a request gives.
    #[arg(long, env = "GOLLUM_ANY_MODEL_NAME")]
    pub any_model_name: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub each: EachArgs,
    /// What single models have of their own, from the file of --config.
    #[arg(skip)]
    pub presets: Presets,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub net: NetArgs,
    /// Log lines as JSON.
    #[arg(long, env = "GOLLUM_LOG_JSON", help_heading = "Observability")]
    pub log_json: bool,
    /// OpenTelemetry collector that is sent a trace of each request (OTLP over HTTP), such as http://127.0.0.1:4318.
    /// OTEL_EXPORTER_OTLP_ENDPOINT is read too.
    #[arg(long, env = "GOLLUM_OTLP_ENDPOINT", value_name = "URL", help_heading = "Observability")]
    pub otlp_endpoint: Option<String>,
    /// Make profiles at /debug/pprof/profile for other machines too, with a key.
    #[arg(long, env = "GOLLUM_PPROF", help_heading = "Observability")]
    pub pprof: bool,
    /// File of settings (TOML).
    ///
    /// Its keys are long flags, and its tables single models; flags and variables go first. None is read without this.
    #[arg(long, env = "GOLLUM_CONFIG", value_name = "FILE", help_heading = "General")]
    pub config: Option<PathBuf>,
    /// Seconds that running requests get to finish after SIGTERM or Ctrl-C.
    #[arg(
        long,
        env = "GOLLUM_DRAIN_SECONDS",
        default_value_t = 30,
        value_name = "S",
        help_heading = "General"
    )]
    pub drain_seconds: u64,
}

/// What each model that is served can have of its own.
#[derive(Clone, Debug, Args)]
pub struct EachArgs {
    /// Seconds after which a model that nobody asks for leaves memory; 0: never. Ollama's `keep_alive` goes first.
    #[arg(long, env = "GOLLUM_MODELS_IDLE", value_name = "S", help_heading = "Model")]
    pub models_idle: Option<u64>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub model: ModelArgs,
}

/// How one model runs and answers.
#[derive(Clone, Debug, Args)]
pub struct ModelArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub chat: ChatArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub sampling: SamplingArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub engine: EngineArgs,
}

/// Where to listen, and for whom.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Network and access")]
pub struct NetArgs {
    /// Address or name to listen on.
    ///
    /// Anything but loopback needs --api-key or --insecure. May be given several times.
    #[arg(long, env = "GOLLUM_HOST", value_delimiter = ',', default_value = "127.0.0.1")]
    pub host: Vec<String>,
    /// Port; 0 takes a free one.
    ///
    /// PORT is read too.
    #[arg(long, env = "GOLLUM_PORT", default_value_t = 8080)]
    pub port: u16,
    /// Key that clients must send as `Authorization: Bearer`.
    ///
    /// May be given several times.
    #[arg(long, env = "GOLLUM_API_KEY", value_delimiter = ',', hide_env_values = true, value_name = "KEY")]
    pub api_key: Vec<String>,
    /// File with one API key per line.
    #[arg(long, env = "GOLLUM_API_KEY_FILE", value_name = "FILE")]
    pub api_key_file: Option<PathBuf>,
    /// Host name that requests may carry, beside the loopback ones; `*` for any.
    ///
    /// Guards browsers against rebinding attacks. Behind a proxy: the name that people see.
    #[arg(long, env = "GOLLUM_ALLOWED_HOST", value_delimiter = ',', value_name = "NAME")]
    pub allowed_host: Vec<String>,
    /// Origin of another site whose pages may use the API, such as https://app.example or chrome-extension://abc; `*`
    /// for all. May be given several times.
    #[arg(long, env = "GOLLUM_CORS_ORIGIN", value_delimiter = ',', value_name = "ORIGIN")]
    pub cors_origin: Vec<String>,
    /// Proxy whose X-Forwarded-Host and X-Forwarded-Proto are believed: an address, or a range such as 10.0.0.0/8.
    #[arg(long, env = "GOLLUM_TRUSTED_PROXY", value_delimiter = ',', value_name = "ADDRESS")]
    pub trusted_proxy: Vec<AddressRange>,
    /// Path under which a proxy shows the server, such as /llm.
    #[arg(
        long,
        env = "GOLLUM_BASE_PATH",
        default_value = "",
        hide_default_value = true,
        value_name = "PATH"
    )]
    pub base_path: String,
    /// Read text of control tokens, such as <|im_end|>, as the tokens also inside chat messages.
    #[arg(long, env = "GOLLUM_SPECIAL_IN_CONTENT")]
    pub special_in_content: bool,
    /// Serve a non-loopback address without a key.
    #[arg(long, env = "GOLLUM_INSECURE")]
    pub insecure: bool,
}

/// Flags of `devices`.
#[derive(Clone, Debug, Args)]
pub struct DevicesArgs {
    /// Print one JSON array.
    #[arg(long)]
    pub json: bool,
}

/// Flags of `gpu-selftest`.
#[derive(Clone, Debug, Args)]
pub struct SelftestArgs {
    /// Number of the device in `gollum devices`. [default: the first that can be used]
    #[arg(long, value_name = "N")]
    pub device: Option<usize>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// What computes a model, and how K and V are stored.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Compute")]
pub struct ComputeArgs {
    /// What computes: auto, cpu, gpu, or a number of `gollum devices`.
    ///
    /// auto takes a card, or a Mac's GPU, that passes its test, if this gollum was built with GPU support.
    #[arg(long, env = "GOLLUM_DEVICE", default_value = "auto", value_name = "DEVICE")]
    pub device: DeviceChoice,
    /// Layers on the GPU: auto, which is all that its memory holds, all, or a number. They are the last ones; the others are
    /// the CPU's.
    #[arg(
        long,
        visible_alias = "n-gpu-layers",
        env = "GOLLUM_GPU_LAYERS",
        default_value = "auto",
        value_name = "N"
    )]
    pub gpu_layers: GpuLayers,
    /// Compute threads. [default: the cores of this machine]
    #[arg(short, long, env = "GOLLUM_THREADS", value_name = "N")]
    pub threads: Option<usize>,
    /// Keep each compute thread on a core of its own. For a machine that does nothing else: a thread whose core is
    /// taken cannot move.
    #[arg(long, env = "GOLLUM_PIN_THREADS")]
    pub pin_threads: bool,
    /// Instruction set of the kernels. The bits are the same on each. [default: the widest of this machine]
    #[arg(long, env = "GOLLUM_ISA", value_name = "ISA")]
    pub isa: Option<Isa>,
    /// Memory for experts, such as 8GiB; the others stay in the file, packed when they are chosen. [default: all, or what
    /// fits]
    #[arg(long, env = "GOLLUM_EXPERT_MEMORY", value_parser = parse_bytes, value_name = "BYTES", help_heading = "Memory and cache")]
    pub expert_memory: Option<u64>,
    /// How K and V are stored.
    #[arg(long, env = "GOLLUM_KV_CACHE_DTYPE", value_enum, default_value_t = KvChoice::F16, value_name = "TYPE", help_heading = "Memory and cache")]
    pub kv_cache_dtype: KvChoice,
}

/// How one model runs.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Memory and cache")]
pub struct EngineArgs {
    /// Longest sequence in tokens. [default: the model's, or what fits]
    ///
    /// Prompt and answer; `8k` and `8K` work.
    #[arg(short = 'c', long = "max-model-len", visible_alias = "ctx-size", env = "GOLLUM_MAX_MODEL_LEN", value_parser = parse_count, value_name = "N")]
    pub max_model_len: Option<usize>,
    /// Sequences that run at once.
    #[arg(long, visible_aliases = ["parallel", "np"], env = "GOLLUM_MAX_NUM_SEQS", default_value_t = 64, value_name = "N", help_heading = "Scheduling")]
    pub max_num_seqs: usize,
    /// Tokens of one step, prefill and decode together.
    #[arg(short = 'b', long, visible_alias = "batch-size", env = "GOLLUM_MAX_NUM_BATCHED_TOKENS", default_value = "512", value_parser = parse_count, value_name = "N", help_heading = "Scheduling")]
    pub max_num_batched_tokens: usize,
    /// Requests that may wait; more are refused with 429.
    #[arg(
        long,
        env = "GOLLUM_MAX_WAITING",
        default_value_t = 1024,
        value_name = "N",
        help_heading = "Scheduling"
    )]
    pub max_waiting: usize,
    /// Memory for K and V, such as 4GiB. [default: half of what is free]
    ///
    /// What is free once the weights are loaded.
    #[arg(long, visible_alias = "kv-cache-memory-bytes", env = "GOLLUM_KV_MEMORY", value_parser = parse_bytes, value_name = "BYTES")]
    pub kv_memory: Option<u64>,
    /// Compute every prompt from its first token.
    #[arg(long, env = "GOLLUM_NO_PREFIX_CACHE")]
    pub no_prefix_cache: bool,
    /// Never answer a deterministic request from an equal earlier one.
    #[arg(long, env = "GOLLUM_NO_PROMPT_CACHE")]
    pub no_prompt_cache: bool,
    /// Who runs first: first come first served, or the longest cached prefix.
    #[arg(long, env = "GOLLUM_SCHEDULING_POLICY", value_enum, default_value_t = PolicyChoice::Fcfs, value_name = "POLICY", help_heading = "Scheduling")]
    pub scheduling_policy: PolicyChoice,
    /// How inputs become embeddings: none, mean, cls, last, or rank for files with a classifier. [default: as the file
    /// says]
    #[arg(long, env = "GOLLUM_POOLING", value_enum, value_name = "HOW", help_heading = "Model")]
    pub pooling: Option<PoolingChoice>,
    /// Seed from which requests without one draw theirs. [default: from the clock]
    #[arg(long, env = "GOLLUM_SEED", value_name = "N", help_heading = "Sampling")]
    pub seed: Option<u64>,
    // Last, because its subject goes on behind it.
    #[command(flatten)]
    #[allow(missing_docs)]
    pub compute: ComputeArgs,
}

/// Flags of `run`.
#[derive(Clone, Debug, Args)]
pub struct RunArgs {
    /// A file, or an id of the models folder. [default: the first model found]
    pub model: Option<String>,
    /// Answer this and leave; what is piped in follows it.
    pub prompt: Vec<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub models: ModelsDir,
    /// System message.
    #[arg(long, env = "GOLLUM_SYSTEM", help_heading = "Model")]
    pub system: Option<String>,
    /// Longest answer in tokens. [default: what the context holds]
    #[arg(short = 'n', long, visible_alias = "n-predict", env = "GOLLUM_MAX_TOKENS", value_parser = parse_count, value_name = "N", help_heading = "Sampling")]
    pub max_tokens: Option<usize>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub how: ModelArgs,
}

/// Flags of `pull`.
#[derive(Clone, Debug, Args)]
pub struct PullArgs {
    /// A name of the catalogue; `owner/repository[:QUANT]`, also with `hf.co/` before it; the address of a page or
    /// file on the hub, or of any .gguf file. None: the catalogue is shown.
    pub source: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub models: ModelsDir,
    /// Branch, tag or commit of the repository.
    #[arg(long, env = "GOLLUM_REVISION", default_value = "main")]
    pub revision: String,
    /// Hub to ask, for mirrors and tests.
    #[arg(long, env = "HF_ENDPOINT", default_value = HUB, value_name = "URL")]
    pub endpoint: String,
    /// Token for private and gated repositories.
    #[arg(long, env = "HF_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// Digest that an address must have; repositories bring their own.
    #[arg(long, env = "GOLLUM_SHA256", value_name = "HEX")]
    pub sha256: Option<String>,
}

/// Flags of `list`.
#[derive(Clone, Debug, Args)]
pub struct ListArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub models: ModelsDir,
    /// Print one JSON array.
    #[arg(long)]
    pub json: bool,
}

/// Flags of `inspect`.
#[derive(Clone, Debug, Args)]
pub struct InspectArgs {
    /// A file, or an id of the models folder.
    #[arg(required_unless_present = "tables")]
    pub model: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub models: ModelsDir,
    /// List every tensor.
    #[arg(long)]
    pub tensors: bool,
    /// Print the tables of supported architectures and formats.
    #[arg(long, exclusive = true)]
    pub tables: bool,
}

/// Flags of `tokenize`.
#[derive(Clone, Debug, Args)]
pub struct TokenizeArgs {
    /// A file, or an id of the models folder.
    pub model: String,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub models: ModelsDir,
    /// Take the text of special tokens literally.
    #[arg(long)]
    pub no_special: bool,
    /// Add no token at the begin, whatever the model asks for.
    #[arg(long)]
    pub no_bos: bool,
    /// Read a JSON array of ids and print their text.
    #[arg(long, conflicts_with_all = ["no_special", "no_bos"])]
    pub decode: bool,
}

/// Flags of `logits`.
#[derive(Clone, Debug, Args)]
pub struct LogitsArgs {
    /// A file, or an id of the models folder.
    pub model: String,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub models: ModelsDir,
    /// Token ids, separated by commas.
    #[arg(long, value_delimiter = ',', required = true)]
    pub tokens: Vec<TokenId>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub compute: ComputeArgs,
    /// Rows of one step. The bits are the same with any.
    #[arg(long, visible_alias = "ubatch-size", default_value_t = 512, value_name = "N")]
    pub ubatch: usize,
}

/// Flags of `bench`.
#[derive(Clone, Debug, Args)]
pub struct BenchArgs {
    /// A file, or an id of the models folder.
    pub model: String,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub models: ModelsDir,
    /// Prompt tokens of the prefill measurement.
    #[arg(long, default_value_t = 512)]
    pub pp: usize,
    /// Tokens generated per sequence in the decode measurements.
    #[arg(long, default_value_t = 64)]
    pub tg: usize,
    /// Sequences decoded together, one measurement each.
    #[arg(long, value_delimiter = ',', default_value = "1,8,16")]
    pub batch: Vec<usize>,
    /// Repetitions; medians are printed.
    #[arg(long, default_value_t = 3)]
    pub reps: usize,
    /// Rows of one prefill step.
    #[arg(long, visible_alias = "ubatch-size", default_value_t = 512, value_name = "N")]
    pub ubatch: usize,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub compute: ComputeArgs,
    /// Print one JSON line.
    #[arg(long)]
    pub json: bool,
}

/// Flags of `doctor`.
#[derive(Clone, Debug, Args)]
pub struct DoctorArgs {
    /// A file, or an id of the models folder. [default: every model found]
    pub model: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub models: ModelsDir,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub engine: EngineArgs,
}

/// Flags of `quantize`.
#[derive(Clone, Debug, Args)]
pub struct QuantizeArgs {
    /// A file, or an id of the models folder.
    pub input: String,
    /// File to write. With --split-max-size, `NAME.gguf` becomes `NAME-00001-of-00003.gguf` and so on.
    pub output: PathBuf,
    /// A type or a mix of types, such as Q8_0, Q4_K_M or IQ4_XS.
    #[arg(value_name = "TYPE")]
    pub mix: Mix,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub models: ModelsDir,
    /// Print types and sizes, write nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Give every matrix the one type, instead of more bits to those that need them.
    #[arg(long)]
    pub pure: bool,
    /// Take quantised weights as input too. Each step loses something.
    #[arg(long)]
    pub allow_requantize: bool,
    /// Replace the output if it exists.
    #[arg(long)]
    pub overwrite: bool,
    /// Most bytes of tensors in one file, such as 4GiB; a larger model becomes several.
    #[arg(long, value_parser = parse_bytes, value_name = "BYTES")]
    pub split_max_size: Option<u64>,
    /// Threads. [default: the cores of this machine]
    #[arg(short, long, env = "GOLLUM_THREADS", value_name = "N")]
    pub threads: Option<usize>,
}

/// Flags of `completions`.
#[derive(Clone, Debug, Args)]
pub struct CompletionsArgs {
    /// The shell.
    pub shell: Shell,
}

/// Flags of `man`.
#[derive(Clone, Debug, Args)]
pub struct ManArgs {
    /// The page of this verb. [default: that of gollum]
    #[arg(conflicts_with = "dir")]
    pub verb: Option<String>,
    /// Write all pages to this folder.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

#[cfg(test)]
mod tests {

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        table().debug_assert();
    }

    #[test]
    fn every_flag_of_serve_and_run_has_a_variable() {
        for verb in ["serve", "run", "doctor"] {
            let command = table();
            let command = command.find_subcommand(verb).expect("the verb exists");
            for arg in command.get_arguments().filter(|a| !a.is_positional()) {
                let id = arg.get_id().as_str();
                if ["help", "help-all"].contains(&id) {
                    continue;
                }
                let variable = arg.get_env().unwrap_or_else(|| panic!("--{id} of {verb} has no variable"));
                let expected = format!("GOLLUM_{}", id.to_uppercase());
                assert_eq!(variable.to_string_lossy(), expected, "{verb} --{id}");
            }
        }
    }
}
