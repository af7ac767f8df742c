//! From a GGUF file to a [`Transformer`]: check every tensor, then load one after the other.

use std::collections::HashSet;

use gollum_core::KvDtype;
use gollum_gguf::{Gguf, TensorInfo};
use gollum_kernels::{ExpertsId, KernelError, KernelOps, MatrixId, MatrixSource, VectorId};
use gollum_quant::{Format, K_BLOCK, format_of};

use crate::arch::Architecture;
use crate::hyper::{RopeFactors, architecture_of};
use crate::plan::{Asked, ExpertSlice, MatrixSlice, Plan, Recorder, TensorSource, VectorSlice};
use crate::{HyperParams, ModelError, Transformer};

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
    /// Weights in all tensors.
    pub weights: u64,
    /// Bytes of all tensors.
    pub tensor_bytes: u64,
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
    let (architecture, hyper) = check(gguf, None)?;
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
    Ok(ModelDescription {
        architecture: architecture.gguf_name,
        name: gguf.metadata().string("general.name")?.map(str::to_owned),
        hyper,
        weights: gguf.tensors().iter().map(|t| t.weight_count() as u64).sum(),
        tensor_bytes: tensor_bytes(gguf),
        types,
    })
}

/// Loads a model onto a backend. `progress` is called after each tensor.
///
/// Errors before the first weight is loaded, unless the backend runs out of memory. The file may be closed
/// afterwards.
pub fn load(
    gguf: &Gguf,
    ops: Box<dyn KernelOps>,
    options: LoadOptions,
    progress: &mut dyn FnMut(LoadProgress<'_>),
) -> Result<Transformer, ModelError> {
    let (architecture, hyper) = check(gguf, options.max_context)?;
    let narrow = |kv: &gollum_kernels::KvLayer| !kv.head_dim.is_multiple_of(K_BLOCK);
    if options.kv_dtype == KvDtype::Q8_0
        && let Some(layer) = hyper.kv_layers().iter().position(narrow)
    {
        let error = KernelError::KvHeadDim { layer, head_dim: hyper.kv_layers()[layer].head_dim };
        return Err(ModelError::Kernel { what: "the KV cache".to_owned(), error });
    }
    let mut ops = ops;
    let mut loader =
        Loader { gguf, ops: ops.as_mut(), progress, done_bytes: 0, total_bytes: tensor_bytes(gguf) };
    let plan = Plan::build(architecture, &hyper, &mut loader)?;
    // A file rewritten under the map would have loaded as some mixture of two.
    gguf.check_unchanged()?;
    Ok(Transformer::new(ops, plan, hyper, options))
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

fn tensor_bytes(gguf: &Gguf) -> u64 {
    gguf.tensors().iter().map(|t| t.byte_len as u64).sum()
}

/// Everything that can be wrong short of memory.
fn check(
    gguf: &Gguf,
    max_context: Option<usize>,
) -> Result<(&'static Architecture, HyperParams), ModelError> {
    let architecture = architecture_of(gguf.metadata())?;
    let hyper = HyperParams::from_gguf(gguf, architecture, max_context)?;
    let mut checker = Checker { gguf, known: HashSet::new() };
    Plan::build(architecture, &hyper, &mut checker)?;
    let unexpected =
        |t: &&TensorInfo| !checker.known.contains(&t.name) && !is_ignored(&t.name, architecture, &hyper);
    match gguf.tensors().iter().find(unexpected) {
        Some(tensor) => Err(ModelError::UnexpectedTensor {
            name: tensor.name.clone(),
            architecture: architecture.gguf_name,
        }),
        None => Ok((architecture, hyper)),
    }
}

/// Tensors that are not part of the trunk: tables of sines that old converters stored, for the rope computes its own;
/// layers that predict further tokens; the rope factors that the configured context does not take; what the architecture
/// says.
fn is_ignored(name: &str, architecture: &Architecture, hyper: &HyperParams) -> bool {
    if [RopeFactors::Short, RopeFactors::Long].iter().any(|factors| factors.tensor() == name) {
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

/// The tensor of this name, if its shape and format fit; `shape` is in ggml's order.
fn find<'a>(
    gguf: &'a Gguf,
    name: &str,
    shape: &[usize],
) -> Result<(&'a TensorInfo, &'static Format), ModelError> {
    let tensor = find_any(gguf, name)?;
    // Files may drop or keep trailing dimensions of 1.
    let longest = tensor.dims.len().max(shape.len());
    let dim = |dims: &[usize], i: usize| dims.get(i).copied().unwrap_or(1);
    if (0..longest).any(|i| dim(&tensor.dims, i) != dim(shape, i)) {
        return Err(shape_error(tensor, shape));
    }
    Ok((tensor, format_for(tensor)?))
}

fn find_any<'a>(gguf: &'a Gguf, name: &str) -> Result<&'a TensorInfo, ModelError> {
    gguf.tensor(name).ok_or_else(|| ModelError::MissingTensor { name: name.to_owned() })
}

fn shape_error(tensor: &TensorInfo, expected: &[usize]) -> ModelError {
    let (name, dims, expected) = (tensor.name.clone(), tensor.dims.clone(), expected.to_vec());
    ModelError::TensorShape { name, dims, expected }
}

fn format_for(tensor: &TensorInfo) -> Result<&'static Format, ModelError> {
    format_of(tensor.ggml_type.number()).ok_or_else(|| ModelError::TensorType {
        name: tensor.name.clone(),
        type_name: tensor.ggml_type.name().to_owned(),
    })
}

/// As [`find`], for a vector, however its values are cut into dimensions.
fn find_vector<'a>(
    gguf: &'a Gguf,
    slice: &VectorSlice,
) -> Result<(&'a TensorInfo, &'static Format), ModelError> {
    let tensor = find_any(gguf, &slice.name)?;
    let (stretches, len) = slice.shape;
    if tensor.weight_count() != stretches * len {
        let shape = if stretches == 1 { vec![len] } else { vec![len, stretches] };
        return Err(shape_error(tensor, &shape));
    }
    Ok((tensor, format_for(tensor)?))
}

/// The stack of experts, or the tensors of each in order.
fn find_experts<'a>(
    gguf: &'a Gguf,
    slice: &ExpertSlice,
) -> Result<(Vec<&'a TensorInfo>, &'static Format), ModelError> {
    if gguf.tensor(&slice.name).is_some() || gguf.tensor(&slice.single(0)).is_none() {
        let (tensor, format) = find(gguf, &slice.name, &[slice.cols, slice.file_rows, slice.experts])?;
        return Ok((vec![tensor], format));
    }
    let mut found: Option<&'static Format> = None;
    let mut tensors = Vec::with_capacity(slice.experts);
    for expert in 0..slice.experts {
        let name = slice.single(expert);
        let (tensor, format) = find(gguf, &name, &[slice.cols, slice.file_rows])?;
        if found.is_some_and(|first| first.id != format.id) {
            let type_name = tensor.ggml_type.name().to_owned();
            return Err(ModelError::MixedExperts { name, type_name });
        }
        found = Some(format);
        tensors.push(tensor);
    }
    Ok((tensors, found.expect("there is at least one expert")))
}

/// Looks tensors up and loads nothing.
struct Checker<'a> {
    gguf: &'a Gguf,
    known: HashSet<String>,
}

impl TensorSource for Checker<'_> {
    fn matrix(&mut self, s: &MatrixSlice) -> Result<MatrixId, ModelError> {
        find(self.gguf, &s.name, &[s.cols, s.file_rows])?;
        self.known.insert(s.name.clone());
        Ok(MatrixId(0))
    }

    fn experts(&mut self, s: &ExpertSlice) -> Result<ExpertsId, ModelError> {
        let (tensors, _) = find_experts(self.gguf, s)?;
        self.known.extend(tensors.iter().map(|t| t.name.clone()));
        Ok(ExpertsId(0))
    }

    fn vector(&mut self, s: &VectorSlice) -> Result<VectorId, ModelError> {
        find_vector(self.gguf, s)?;
        self.known.insert(s.name.clone());
        Ok(VectorId(0))
    }

    fn scale(&mut self, name: &str) -> Result<Option<f32>, ModelError> {
        if self.has(name) {
            self.vector(&VectorSlice::whole(name, 1))?;
            return Ok(Some(1.0));
        }
        Ok(None)
    }

    fn computed(&mut self, _: &[f32]) -> VectorId {
        VectorId(0)
    }

    fn has(&self, name: &str) -> bool {
        self.gguf.tensor(name).is_some()
    }

    fn is_fused(&self, name: &str, rows: usize) -> bool {
        has_rows(self.gguf, name, 2 * rows)
    }
}

fn has_rows(gguf: &Gguf, name: &str, rows: usize) -> bool {
    gguf.tensor(name).is_some_and(|tensor| tensor.dims.get(1) == Some(&rows))
}

/// Loads tensors onto a backend.
struct Loader<'a> {
    gguf: &'a Gguf,
    ops: &'a mut dyn KernelOps,
    progress: &'a mut dyn FnMut(LoadProgress<'_>),
    done_bytes: u64,
    total_bytes: u64,
}

impl Loader<'_> {
    fn tell(&mut self, tensor: &TensorInfo) {
        self.gguf.release(tensor);
        self.done_bytes += tensor.byte_len as u64;
        let (done_bytes, total_bytes) = (self.done_bytes, self.total_bytes);
        (self.progress)(LoadProgress { tensor: &tensor.name, done_bytes, total_bytes });
    }
}

impl Loader<'_> {
    /// Values of a vector's slice. Bytes fit dims and type: the reader checked them.
    fn values(&self, s: &VectorSlice) -> Result<Vec<f32>, ModelError> {
        let (tensor, format) = find_vector(self.gguf, s)?;
        let mut values = vec![0.0; s.shape.0 * s.shape.1];
        let row = tensor.dims.first().copied().unwrap_or(1);
        let bytes = self.gguf.bytes(tensor);
        let row_bytes = bytes.len() / values.len().div_ceil(row.max(1)).max(1);
        for (bytes, values) in bytes.chunks(row_bytes.max(1)).zip(values.chunks_mut(row.max(1))) {
            (format.decode_row)(bytes, values).expect("the reader checked that bytes fit dims and type");
        }
        let stretches = values.chunks(s.shape.1.max(1));
        Ok(stretches.flat_map(|stretch| stretch[s.range.clone()].iter().copied()).collect())
    }
}

impl TensorSource for Loader<'_> {
    fn matrix(&mut self, s: &MatrixSlice) -> Result<MatrixId, ModelError> {
        let (tensor, format) = find(self.gguf, &s.name, &[s.cols, s.file_rows])?;
        let bytes = self.gguf.bytes(tensor);
        let row_bytes = bytes.len() / s.file_rows.max(1);
        let bytes = &bytes[s.rows.start * row_bytes..s.rows.end * row_bytes];
        let source = MatrixSource { format: format.id, rows: s.rows.len(), cols: s.cols, bytes };
        let loaded = self.ops.load_matrix(source);
        let id = loaded.map_err(|error| kernel_error(&s.name, error))?;
        if s.rows.end == s.file_rows {
            self.tell(tensor);
        }
        Ok(id)
    }

    fn experts(&mut self, s: &ExpertSlice) -> Result<ExpertsId, ModelError> {
        let (tensors, format) = find_experts(self.gguf, s)?;
        let whole = s.rows.len() == s.file_rows && tensors.len() == 1;
        // Slices and single files' experts are joined first: one stack of one layer at a time.
        let joined: Vec<u8> = if whole {
            Vec::new()
        } else {
            let all = tensors.iter().flat_map(|t| {
                let bytes = self.gguf.bytes(t);
                let expert_bytes = bytes.len() * tensors.len() / s.experts;
                bytes.chunks_exact(expert_bytes)
            });
            all.flat_map(|expert| {
                let row_bytes = expert.len() / s.file_rows;
                &expert[s.rows.start * row_bytes..s.rows.end * row_bytes]
            })
            .copied()
            .collect()
        };
        let bytes = if whole { self.gguf.bytes(tensors[0]) } else { &joined };
        let source = MatrixSource { format: format.id, rows: s.rows.len(), cols: s.cols, bytes };
        let loaded = self.ops.load_experts(source, s.experts);
        let id = loaded.map_err(|error| kernel_error(&s.name, error))?;
        if s.rows.end == s.file_rows {
            tensors.iter().for_each(|tensor| self.tell(tensor));
        }
        Ok(id)
    }

    fn vector(&mut self, s: &VectorSlice) -> Result<VectorId, ModelError> {
        let id = self.ops.load_vector(&self.values(s)?);
        if s.range.end == s.shape.1 {
            self.tell(find_any(self.gguf, &s.name)?);
        }
        Ok(id)
    }

    fn scale(&mut self, name: &str) -> Result<Option<f32>, ModelError> {
        if !self.has(name) {
            return Ok(None);
        }
        let value = self.values(&VectorSlice::whole(name, 1))?[0];
        self.tell(find_any(self.gguf, name)?);
        Ok(Some(value))
    }

    fn computed(&mut self, values: &[f32]) -> VectorId {
        self.ops.load_vector(values)
    }

    fn has(&self, name: &str) -> bool {
        self.gguf.tensor(name).is_some()
    }

    fn is_fused(&self, name: &str, rows: usize) -> bool {
        has_rows(self.gguf, name, 2 * rows)
    }
}

fn kernel_error(name: &str, error: KernelError) -> ModelError {
    ModelError::Kernel { what: format!("tensor {name}"), error }
}
