//! From a GGUF file to a [`Transformer`]: check every tensor, then load one after the other.

mod find;
mod loader;

use std::collections::HashSet;

use gollum_core::KvDtype;
use gollum_gguf::{Gguf, TensorInfo};
use gollum_kernels::{KernelOps, KvLayer, StateSpec};

use crate::arch::Architecture;
use crate::hyper::{RopeFactors, architecture_of};
use crate::plan::{Asked, Kept, Place, Plan, Recorder};
use crate::{HyperParams, ModelError, Transformer};
use find::Checker;
use loader::Loader;

/// How a model is to be run.
#[derive(Clone, Copy, Debug)]
pub struct LoadOptions {
    /// How K and V are stored.
    pub kv_dtype: KvDtype,
    /// Rows of a step at most; activation buffers are made this long.
    pub max_batch_tokens: usize,
    /// Sequences of a step at most.
    pub max_batch_sequences: usize,
    /// The longest context that will be asked for; `None` is the file's. Models with two sets of rope factors choose
    /// between them by it, once: choosing by a sequence's length would give equal prefixes different bits.
    pub max_context: Option<usize>,
}

/// Tokens of an encoder's input at most, whatever its context: activations of all of them are held at once. The longest
/// context of an encoder in use is 32,768.
pub const MAX_WHOLE_ROWS: usize = 32_768;

/// How far loading has come.
#[derive(Clone, Copy, Debug)]
pub struct LoadProgress<'a> {
    /// The tensor just loaded.
    pub tensor: &'a str,
    /// Bytes of tensors loaded.
    pub done_bytes: u64,
    /// Bytes of all tensors.
    pub total_bytes: u64,
}

/// What a file holds, without loading it.
#[derive(Clone, Debug)]
pub struct ModelDescription {
    /// Its architecture.
    pub architecture: &'static str,
    /// `general.name`.
    pub name: Option<String>,
    /// Its numbers.
    pub hyper: HyperParams,
    /// The KV cache of all layers that keep K and V, in order.
    pub kv_layers: Vec<KvLayer>,
    /// A sequence's recurrent state; of no values in models without one.
    pub state: StateSpec,
    /// Weights in all tensors.
    pub weights: u64,
    /// Bytes of all tensors.
    pub tensor_bytes: u64,
    /// Those of experts, of which a token reads a part.
    pub expert_bytes: u64,
    /// Those of each layer.
    pub layer_bytes: Vec<u64>,
    /// Tensors and bytes per ggml type, the largest first.
    pub types: Vec<TypeShare>,
}

/// One ggml type's part in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeShare {
    /// ggml's name.
    pub name: &'static str,
    /// Tensors of this type.
    pub tensors: usize,
    /// Their bytes.
    pub bytes: u64,
}

/// Reads a file's hyper-parameters and checks that [`load`] would find every tensor it needs, in a shape and
/// format it can use, and no others. Costs no time worth mention and loads nothing.
pub fn describe(gguf: &Gguf) -> Result<ModelDescription, ModelError> {
    let (architecture, hyper, Found { kv_layers, state, expert_bytes }) = check(gguf, None)?;
    let mut types: Vec<TypeShare> = Vec::new();
    for tensor in gguf.tensors() {
        let name = tensor.ggml_type.name();
        let at = types.iter().position(|t| t.name == name).unwrap_or_else(|| {
            types.push(TypeShare { name, tensors: 0, bytes: 0 });
            types.len() - 1
        });
        types[at].tensors += 1;
        types[at].bytes += tensor.byte_len as u64;
    }
    types.sort_by_key(|t| std::cmp::Reverse(t.bytes));
    let of_layer = |layer: usize| {
        let prefix = format!("blk.{layer}.");
        let tensors = gguf.tensors().iter().filter(|t| t.name.starts_with(&prefix));
        tensors.map(|t| t.byte_len as u64).sum()
    };
    let layer_bytes = (0..hyper.layers.len()).map(of_layer).collect();
    Ok(ModelDescription {
        layer_bytes,
        architecture: architecture.gguf_name,
        name: gguf.metadata().string("general.name")?.map(str::to_owned),
        hyper,
        kv_layers,
        state,
        weights: gguf.tensors().iter().map(|t| t.weight_count() as u64).sum(),
        tensor_bytes: tensor_bytes(gguf),
        expert_bytes,
        types,
    })
}

/// Loads a model onto a backend. `progress` is called after each tensor.
///
/// Errors before the first weight is loaded, unless the backend runs out of memory. The file may be dropped
/// afterwards: what a backend leaves in it stays mapped.
pub fn load(
    gguf: &Gguf,
    ops: Box<dyn KernelOps>,
    options: LoadOptions,
    progress: &mut dyn FnMut(LoadProgress<'_>),
) -> Result<Transformer, ModelError> {
    load_parts(gguf, None, ops, options, progress)
}

/// As [`load`], with the entry and the first layers on a backend of their own: `front` are the backend and the number of
/// these layers, at least one and not all. Behind them the stream's rows go from the one to the other by way of the host.
///
/// Errors: those of [`load`], and of [`check_border`].
pub fn load_split(
    gguf: &Gguf,
    front: (Box<dyn KernelOps>, usize),
    ops: Box<dyn KernelOps>,
    options: LoadOptions,
    progress: &mut dyn FnMut(LoadProgress<'_>),
) -> Result<Transformer, ModelError> {
    load_parts(gguf, Some(front), ops, options, progress)
}

fn load_parts(
    gguf: &Gguf,
    mut front: Option<(Box<dyn KernelOps>, usize)>,
    mut ops: Box<dyn KernelOps>,
    options: LoadOptions,
    progress: &mut dyn FnMut(LoadProgress<'_>),
) -> Result<Transformer, ModelError> {
    let (architecture, hyper, Found { kv_layers, .. }) = check(gguf, options.max_context)?;
    if let Some((_, layers)) = front {
        assert!((1..hyper.layers.len()).contains(&layers), "{layers} of {} layers", hyper.layers.len());
        check_border(&hyper, layers)?;
    }
    for (layer, kv) in kv_layers.iter().enumerate() {
        let checked = kv.check(layer, options.kv_dtype);
        checked.map_err(|error| ModelError::Kernel { what: "the KV cache".to_owned(), error })?;
    }
    let mut loader = Loader {
        gguf,
        ops: ops.as_mut(),
        front: front.as_mut(),
        place: Place::Entry,
        progress,
        done_bytes: 0,
        total_bytes: tensor_bytes(gguf),
    };
    let plan = Plan::build(architecture, &hyper, &mut loader)?;
    // A file rewritten under the map would have loaded as some mixture of two.
    gguf.check_unchanged()?;
    let whole_rows = if hyper.whole_input { longest_whole(&hyper, options) } else { 0 };
    let options = LoadOptions { max_batch_tokens: options.max_batch_tokens.max(whole_rows), ..options };
    Transformer::new(front.map(|(ops, _)| ops), ops, plan, hyper, options, architecture.ranking)
        .map_err(|error| ModelError::Kernel { what: "the attention".to_owned(), error })
}

/// Whether a model can go on with another backend from layer `border` on.
///
/// Errors: [`ModelError::SharedAcross`], [`ModelError::StreamsAcross`].
pub fn check_border(hyper: &HyperParams, border: usize) -> Result<(), ModelError> {
    if hyper.streams > 1 {
        return Err(ModelError::StreamsAcross { streams: hyper.streams });
    }
    let layers = hyper.layers.iter().enumerate().skip(border);
    match layers.filter_map(|(layer, l)| Some((layer, l.kv_from?))).find(|&(_, from)| from < border) {
        Some((layer, from)) => Err(ModelError::SharedAcross { layer, from, border }),
        None => Ok(()),
    }
}

/// The tensors that a file with this metadata, and a `token_embd.weight` for its vocabulary, has to have, and those
/// optional ones that `present` names. For generators of models.
pub fn tensors_of(gguf: &Gguf, present: &dyn Fn(&str) -> bool) -> Result<Vec<Asked>, ModelError> {
    let architecture = architecture_of(gguf.metadata())?;
    let hyper = HyperParams::from_gguf(gguf, architecture, None)?;
    let mut recorder = Recorder { present, asked: Vec::new() };
    Plan::build(architecture, &hyper, &mut recorder)?;
    Ok(recorder.asked)
}

/// Rows of the longest input of an encoder, which is computed in one step. Buffers are this long; memory is taken as rows
/// are used.
fn longest_whole(hyper: &HyperParams, options: LoadOptions) -> usize {
    hyper.context_len.min(options.max_context.unwrap_or(usize::MAX)).min(MAX_WHOLE_ROWS)
}

fn tensor_bytes(gguf: &Gguf) -> u64 {
    gguf.tensors().iter().map(|t| t.byte_len as u64).sum()
}

/// What a check finds beside the numbers.
struct Found {
    kv_layers: Vec<KvLayer>,
    state: StateSpec,
    expert_bytes: u64,
}

/// Everything that can be wrong short of memory.
fn check(
    gguf: &Gguf,
    max_context: Option<usize>,
) -> Result<(&'static Architecture, HyperParams, Found), ModelError> {
    let architecture = architecture_of(gguf.metadata())?;
    let hyper = HyperParams::from_gguf(gguf, architecture, max_context)?;
    let mut checker = Checker { gguf, known: HashSet::new(), expert_bytes: 0 };
    let plan = Plan::build(architecture, &hyper, &mut checker)?;
    let Kept { kv_layers, state } = plan.kept;
    let found = Found { kv_layers, state, expert_bytes: checker.expert_bytes };
    let unexpected =
        |t: &&TensorInfo| !checker.known.contains(&t.name) && !is_ignored(&t.name, architecture, &hyper);
    match gguf.tensors().iter().find(unexpected) {
        Some(tensor) => Err(ModelError::UnexpectedTensor {
            name: tensor.name.clone(),
            architecture: architecture.gguf_name,
        }),
        None => Ok((architecture, hyper, found)),
    }
}

/// Tensors that are not part of the trunk: tables of sines that old converters stored, for the rope computes its own;
/// layers that predict further tokens; the rope factors that the configured context does not take; ranges of activations,
/// for engines that compute in NVFP4; logits of encoders, which have no use for them; what the architecture says.
fn is_ignored(name: &str, architecture: &Architecture, hyper: &HyperParams) -> bool {
    if name.ends_with(".input_scale")
        || [RopeFactors::Short, RopeFactors::Long].iter().any(|factors| factors.tensor() == name)
    {
        return true;
    }
    if hyper.whole_input && matches!(name, "output.weight" | "output.bias") {
        return true;
    }
    let Some((layer, part)) = name.strip_prefix("blk.").and_then(|rest| rest.split_once('.')) else {
        return false;
    };
    let trunk = hyper.layers.len();
    let beyond = layer.parse().is_ok_and(|layer: usize| (trunk..trunk + hyper.nextn_layers).contains(&layer));
    beyond
        || architecture.unread_tensors.contains(&part)
        || matches!(part, "attn_rot_embd" | "attn_rot_embd.weight" | "attention.rotary_emb.inv_freq")
}
