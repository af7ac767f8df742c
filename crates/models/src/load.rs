//! From a GGUF file to a [`Transformer`]: check every tensor, then load one after the other.

use std::collections::HashSet;

use gollum_core::KvDtype;
use gollum_gguf::{Gguf, TensorInfo};
use gollum_kernels::{KernelError, KernelOps, MatrixId, MatrixSource, VectorId};
use gollum_quant::{Format, K_BLOCK, format_of};

use crate::arch::Architecture;
use crate::hyper::architecture_of;
use crate::plan::{Plan, TensorSource};
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
    let (architecture, hyper) = check(gguf)?;
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
    let (architecture, hyper) = check(gguf)?;
    if options.kv_dtype == KvDtype::Q8_0 && !hyper.head_dim.is_multiple_of(K_BLOCK) {
        let error = KernelError::KvHeadDim { layer: 0, head_dim: hyper.head_dim };
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

fn tensor_bytes(gguf: &Gguf) -> u64 {
    gguf.tensors().iter().map(|t| t.byte_len as u64).sum()
}

/// Everything that can be wrong short of memory.
fn check(gguf: &Gguf) -> Result<(&'static Architecture, HyperParams), ModelError> {
    let architecture = architecture_of(gguf.metadata())?;
    let hyper = HyperParams::from_gguf(gguf, architecture)?;
    let mut checker = Checker { gguf, known: HashSet::new() };
    Plan::build(architecture, &hyper, &mut checker)?;
    let unexpected = |t: &&TensorInfo| !checker.known.contains(&t.name) && !is_ignored(&t.name);
    match gguf.tensors().iter().find(unexpected) {
        Some(tensor) => Err(ModelError::UnexpectedTensor {
            name: tensor.name.clone(),
            architecture: architecture.gguf_name,
        }),
        None => Ok((architecture, hyper)),
    }
}

/// Tables of sines that old converters stored; the rope computes its own.
fn is_ignored(name: &str) -> bool {
    name.starts_with("blk.") && (name.ends_with(".attn_rot_embd") || name.ends_with(".attn_rot_embd.weight"))
}

/// The tensor of this name, if its shape and format fit; `shape` is in ggml's order.
fn find<'a>(
    gguf: &'a Gguf,
    name: &str,
    shape: &[usize],
) -> Result<(&'a TensorInfo, &'static Format), ModelError> {
    let tensor = gguf.tensor(name).ok_or_else(|| ModelError::MissingTensor { name: name.to_owned() })?;
    // Files may drop or keep trailing dimensions of 1.
    let longest = tensor.dims.len().max(shape.len());
    let dim = |dims: &[usize], i: usize| dims.get(i).copied().unwrap_or(1);
    if (0..longest).any(|i| dim(&tensor.dims, i) != dim(shape, i)) {
        let (name, dims, expected) = (name.to_owned(), tensor.dims.clone(), shape.to_vec());
        return Err(ModelError::TensorShape { name, dims, expected });
    }
    let format = format_of(tensor.ggml_type.number()).ok_or_else(|| ModelError::TensorType {
        name: name.to_owned(),
        type_name: tensor.ggml_type.name().to_owned(),
    })?;
    Ok((tensor, format))
}

/// Looks tensors up and loads nothing.
struct Checker<'a> {
    gguf: &'a Gguf,
    known: HashSet<String>,
}

impl TensorSource for Checker<'_> {
    fn matrix(&mut self, name: &str, rows: usize, cols: usize) -> Result<MatrixId, ModelError> {
        find(self.gguf, name, &[cols, rows])?;
        self.known.insert(name.to_owned());
        Ok(MatrixId(0))
    }

    fn vector(&mut self, name: &str, len: usize) -> Result<VectorId, ModelError> {
        find(self.gguf, name, &[len])?;
        self.known.insert(name.to_owned());
        Ok(VectorId(0))
    }

    fn has(&self, name: &str) -> bool {
        self.gguf.tensor(name).is_some()
    }
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

impl TensorSource for Loader<'_> {
    fn matrix(&mut self, name: &str, rows: usize, cols: usize) -> Result<MatrixId, ModelError> {
        let (tensor, format) = find(self.gguf, name, &[cols, rows])?;
        let source = MatrixSource { format: format.id, rows, cols, bytes: self.gguf.bytes(tensor) };
        let id = self
            .ops
            .load_matrix(source)
            .map_err(|error| ModelError::Kernel { what: format!("tensor {name}"), error })?;
        self.tell(tensor);
        Ok(id)
    }

    fn vector(&mut self, name: &str, len: usize) -> Result<VectorId, ModelError> {
        let (tensor, format) = find(self.gguf, name, &[len])?;
        let mut values = vec![0.0; len];
        (format.decode_row)(self.gguf.bytes(tensor), &mut values)
            .expect("the reader checked that the tensor's bytes fit its dims and type");
        let id = self.ops.load_vector(&values);
        self.tell(tensor);
        Ok(id)
    }

    fn has(&self, name: &str) -> bool {
        self.gguf.tensor(name).is_some()
    }
}
