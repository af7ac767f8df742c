//! An architecture and its numbers, unrolled into what [`Transformer`](crate::Transformer) walks each step.
//!
//! The one text that knows which tensors a model has and what shapes they take is [`Plan::build`]. It asks a
//! [`TensorSource`] for each tensor in turn; one source only checks the file, one loads it, and one writes down what was
//! asked for.

mod attention;
mod latent;
mod layer;
mod mamba;
mod per_layer;
mod pooled;
mod recurrent;
mod source;
mod streams;

use std::collections::HashMap;

use gollum_kernels::{
    Activation, Epilogue, ExpertLinear, HeadNorm, KvLayer, Linear, MatrixId, Norm, NormKind, NormPlace,
    QueryGrowth, Reach, Rope, Routing, StateSpec, VectorId, WeighAt, Window,
};

use crate::arch::{Architecture, Norms, Pick, Positions};
use crate::hyper::LayerParams;
use crate::{HyperParams, ModelError};
pub(crate) use latent::{LatentPlan, LatentUp};
pub(crate) use layer::LAUREL_RANK;
use layer::LayerBuilder;
pub(crate) use mamba::{Mamba1Plan, Mamba2Plan, Scan};
pub(crate) use per_layer::{PerLayerPart, PerLayerPlan};
pub(crate) use pooled::PooledPlan;
pub(crate) use recurrent::{ConvPlan, DeltaPlan, RecurrentKind, RecurrentPlan, ShortConvPlan};
pub use source::Asked;
pub(crate) use source::{ConvSlice, ExpertSlice, MatrixSlice, Place, Recorder, TensorSource, VectorSlice};
pub(crate) use streams::{StreamsLayer, StreamsPlan};

/// A loaded model.
pub(crate) struct Plan {
    pub token_embd: MatrixId,
    /// Only its first row is used.
    pub token_types: Option<MatrixId>,
    pub position_embd: Option<MatrixId>,
    pub embedding_norm: Option<Norm>,
    pub layers: Vec<Vec<BranchPlan>>,
    /// True if a part of some layer reads the stream as it was before the layer.
    pub keeps_layer_start: bool,
    /// `None` behind layers that end with a norm.
    pub output_norm: Option<Norm>,
    /// `None` in encoders.
    pub output: Option<Linear>,
    pub pooled: PooledPlan,
    /// Each layer's own embeddings, in models that have them.
    pub per_layer: Option<PerLayerPlan>,
    /// What there is between several streams, in models that have them.
    pub streams: Option<StreamsPlan>,
    /// What layers keep of a sequence; of a model on two backends, those on the second.
    pub kept: Kept,
    /// The layers on the first of two backends, and what these keep.
    pub front: Option<(usize, Kept)>,
}

/// What layers keep of a sequence.
#[derive(Clone, Default)]
pub(crate) struct Kept {
    /// The KV cache of all layers that keep K and V, in order.
    pub kv_layers: Vec<KvLayer>,
    /// The recurrent state of all layers, in order.
    pub state: StateSpec,
}

/// One residual branch.
pub(crate) struct BranchPlan {
    pub first: Option<StepPlan>,
    pub beside: Option<StepPlan>,
    pub post_norm: Option<Norm>,
    /// Replaces the stream, once the result is added.
    pub stream_norm: Option<Norm>,
    /// Then of the stream and what it was before the layer.
    pub stream_norm_2: Option<Norm>,
    /// Last of all, multiplies the stream.
    pub stream_scale: f32,
}

/// A part and its input.
pub(crate) struct StepPlan {
    pub norm: Option<Norm>,
    /// Reads the stream as it was before the layer.
    pub from_start: bool,
    pub part: PartPlan,
    /// Norm of the part's own result.
    pub part_norm: Option<Norm>,
}

/// What a branch computes.
pub(crate) enum PartPlan {
    Attention(AttentionPlan),
    Latent(LatentPlan),
    /// `matrix . x`: an attention that mixes no positions.
    Linear(Linear),
    Ffn(FfnPlan),
    Moe(MoePlan),
    Recurrent(RecurrentPlan),
    PerLayer(PerLayerPart),
    Laurel(LaurelPlan),
}

/// A detour of low rank beside attention.
pub(crate) struct LaurelPlan {
    pub down: Linear,
    pub up: Linear,
    /// The coefficient of what it reads: 1.
    pub one: VectorId,
}

/// Attention of one layer.
pub(crate) struct AttentionPlan {
    /// Index into the KV cache's layers.
    pub kv_layer: usize,
    pub heads: usize,
    pub head_dim: usize,
    pub value_dim: usize,
    pub q: Linear,
    /// `None` in a layer that reads what another one keeps.
    pub keys: Option<KeysPlan>,
    pub output: Linear,
    pub gate: Option<GatePlan>,
    pub q_norm: Option<HeadNorm>,
    pub norm_place: NormPlace,
    pub rope: Option<Rope>,
    pub growth: Option<QueryGrowth>,
    pub scale: f32,
    pub window: Window,
    /// What it sees in encoders, in place of the window.
    pub whole: Option<Reach>,
    pub soft_cap: Option<f32>,
    pub slopes: Option<VectorId>,
    pub sinks: Option<VectorId>,
    /// Of what was attended.
    pub sub_norm: Option<Norm>,
}

/// Keys and values of one layer.
pub(crate) struct KeysPlan {
    pub kv_heads: usize,
    pub k: Linear,
    /// `None`: the keys, as they are before norm and rotation.
    pub v: Option<Linear>,
    pub k_norm: Option<HeadNorm>,
    pub v_norm: Option<HeadNorm>,
}

/// What multiplies what was attended.
#[derive(Clone, Copy)]
pub(crate) struct GatePlan {
    pub linear: Linear,
    /// Outputs: one a head, or one an element.
    pub width: usize,
    pub activation: Activation,
}

/// A dense feed-forward.
pub(crate) struct FfnPlan {
    pub width: usize,
    pub gate: Linear,
    pub up: Option<Linear>,
    pub down: Linear,
    pub activation: Activation,
    /// Gates up to so many standard deviations above their mean are 0; 0 cuts none.
    pub gate_deviations: f32,
    /// Of what `down` reads.
    pub sub_norm: Option<Norm>,
}

/// A mixture of experts.
pub(crate) struct MoePlan {
    pub router: Linear,
    /// The router reads the stream as it was before the layer.
    pub router_from_start: bool,
    /// The router reads the stream behind this norm.
    pub router_norm: Option<Norm>,
    /// What the router chooses from: the sum of all pools is the mixture's.
    pub pools: Vec<ExpertPool>,
    pub weigh: WeighAt,
    pub activation: Activation,
    pub shared: Option<SharedPlan>,
}

/// Experts of one width.
pub(crate) struct ExpertPool {
    pub routing: Routing,
    pub width: usize,
    pub gate: ExpertLinear,
    pub up: Option<ExpertLinear>,
    pub down: ExpertLinear,
    pub scale: f32,
}

/// The expert that every token uses.
pub(crate) struct SharedPlan {
    pub ffn: FfnPlan,
    /// One output, whose sigmoid multiplies the expert's.
    pub gate: Option<Linear>,
}

impl Plan {
    pub fn build(
        architecture: &Architecture,
        hyper: &HyperParams,
        source: &mut dyn TensorSource,
    ) -> Result<Self, ModelError> {
        let (width, vocab_size) = (hyper.width, hyper.vocab_size);
        let token_embd = source.matrix(&MatrixSlice::whole("token_embd.weight", vocab_size, width))?;
        let positions = "position_embd.weight";
        let positioned = match architecture.embedding.positions {
            Positions::None => false,
            Positions::Learned => true,
            Positions::IfPresent => source.has(positions),
        };
        let position_embd = positioned
            .then(|| source.matrix(&MatrixSlice::whole(positions, hyper.context_len, width)))
            .transpose()?;
        let types = "token_types.weight";
        let token_types = match architecture.embedding.types && source.has(types) {
            true => {
                // Two where the source does not know: of two texts.
                let rows = source.rows(types).unwrap_or(2);
                Some(source.matrix(&MatrixSlice::whole(types, rows, width))?)
            }
            false => None,
        };
        let mut factors = hyper.rope_vector(architecture.rope.factors_of_full, source)?;
        let mut slopes = hyper.slopes(source);
        let mut names = Names { architecture, hyper, source };
        let embedding_norm = embedding_norm(&mut names)?;
        let mut layers = Vec::with_capacity(hyper.layers.len());
        let (mut memory, mut streams) = (LayerMemory::default(), Vec::new());
        let border = names.source.border();
        let mut front = None;
        for layer in 0..hyper.layers.len() {
            names.source.enter(Place::Layer(layer));
            if border == Some(layer) {
                // From here on ids are those of another backend, which has nothing yet.
                front = Some((layer, std::mem::take(&mut memory).kept));
                factors = hyper.rope_vector(architecture.rope.factors_of_full, names.source)?;
                slopes = hyper.slopes(names.source);
            }
            let kind = kind_of(architecture, hyper, names.source, layer);
            let mut builder = LayerBuilder::new(&mut names, layer, &mut memory, (factors, slopes));
            layers.push(builder.branches(kind)?);
            streams.extend(builder.streams()?);
        }
        names.source.enter(Place::Entry);
        let per_layer = PerLayerPlan::build(&mut names)?;
        names.source.enter(Place::Head);
        let streams = StreamsPlan::build(&mut names, streams)?;
        let output_norm = match architecture.head.norm {
            "" => None,
            name => names.norm("", &[name], width)?,
        };
        let output = if hyper.whole_input { None } else { Some(names.output(token_embd)?) };
        let pooled = PooledPlan::build(&mut names)?;
        let keeps_layer_start = layers.iter().flatten().any(BranchPlan::reads_layer_start);
        Ok(Self {
            token_embd,
            token_types,
            position_embd,
            embedding_norm,
            layers,
            keeps_layer_start,
            output_norm,
            output,
            pooled,
            per_layer,
            streams,
            kept: memory.kept,
            front,
        })
    }
}

impl BranchPlan {
    fn reads_layer_start(&self) -> bool {
        let steps = [&self.first, &self.beside].into_iter().flatten();
        let mut reads = steps.map(|step| {
            let router = matches!(&step.part, PartPlan::Moe(moe) if moe.router_from_start);
            step.from_start || router
        });
        self.stream_norm_2.is_some() || reads.any(|reads| reads)
    }
}

/// Of what comes from the embedding, in models that have one.
fn embedding_norm(names: &mut Names<'_>) -> Result<Option<Norm>, ModelError> {
    let (embedding, hyper) = (names.architecture.embedding, names.hyper);
    match embedding.norm {
        Some(name) => names.norm("", &[name], hyper.width),
        None if embedding.norm_unweighted => {
            Ok(Some(Norm { kind: NormKind::Rms, weight: None, bias: None, eps: hyper.eps }))
        }
        None => Ok(None),
    }
}

/// The kind of layer that `layer` is.
fn kind_of<'a>(
    architecture: &Architecture,
    hyper: &HyperParams,
    source: &dyn TensorSource,
    layer: usize,
) -> &'a [crate::arch::Branch] {
    let first = match architecture.pick {
        Pick::One => true,
        Pick::Recurrent(_) => hyper.layers[layer].is_recurrent,
        Pick::HasTensor(name) => source.has(&format!("blk.{layer}.{name}.weight")),
        Pick::Flag(..) => hyper.kind_flag.expect("read with the metadata"),
    };
    architecture.kinds[usize::from(!first)]
}

impl HyperParams {
    /// The factors of the rotation, if the file has any.
    fn rope_vector(
        &self,
        factors_of_full: bool,
        source: &mut dyn TensorSource,
    ) -> Result<Option<VectorId>, ModelError> {
        let dims = |layers: &mut dyn Iterator<Item = &LayerParams>| {
            layers.filter_map(|layer| layer.rope).map(|rope| rope.dims).max()
        };
        let Some(most) = dims(&mut self.layers.iter()) else { return Ok(None) };
        // Layers that see all may rotate less than the others.
        let of_full = dims(&mut self.layers.iter().filter(|layer| layer.window == Window::All));
        let used = if factors_of_full { of_full.unwrap_or(most) } else { most };
        let candidates = [crate::hyper::RopeFactors::Freqs, self.rope_factors];
        let mut found = None;
        for factors in candidates {
            if found.is_none() && source.has(factors.tensor()) {
                let whole = VectorSlice::whole(factors.tensor(), most / 2);
                found = Some(source.vector(&VectorSlice { range: 0..used / 2, ..whole })?);
            }
        }
        Ok(found)
    }

    /// ALiBi's slopes: powers of `2^(-max / H)` with H heads rounded down to a power of two, then of its square root.
    fn slopes(&self, source: &mut dyn TensorSource) -> Option<VectorId> {
        let max = f64::from(self.max_alibi_bias?);
        let heads = self.layers.iter().map(|layer| layer.heads).max().unwrap_or(0);
        let floor = 1usize << heads.max(1).ilog2();
        let slope = |head: usize| {
            let power = if head < floor {
                -max / floor as f64 * (head + 1) as f64
            } else {
                -max / 2.0 / floor as f64 * (2 * (head - floor) + 1) as f64
            };
            power.exp2() as f32
        };
        Some(source.computed(&(0..heads).map(slope).collect::<Vec<f32>>()))
    }
}

/// What the layers so far keep of a sequence.
#[derive(Default)]
pub(crate) struct LayerMemory {
    pub kept: Kept,
    /// The KV cache's layer of each layer that keeps K and V.
    pub kv_layer_of: HashMap<usize, usize>,
}

impl LayerMemory {
    /// A layer keeps K and V of this shape.
    fn keep(&mut self, layer: usize, kv: KvLayer) {
        self.kv_layer_of.insert(layer, self.kept.kv_layers.len());
        self.kept.kv_layers.push(kv);
    }
}

/// Tensors by their names within a model or a layer.
pub(crate) struct Names<'a> {
    architecture: &'a Architecture,
    hyper: &'a HyperParams,
    source: &'a mut dyn TensorSource,
}

impl Names<'_> {
    /// The first of `names` that the file has, behind `prefix`; none of no names.
    fn norm(&mut self, prefix: &str, names: &[&str], len: usize) -> Result<Option<Norm>, ModelError> {
        let Some(last) = names.last() else { return Ok(None) };
        let kind = self.hyper.norm_kind;
        if self.architecture.norms == Norms::LayerUnweighted {
            return Ok(Some(Norm { kind, weight: None, bias: None, eps: self.hyper.eps }));
        }
        let bare = |name: &&&str| self.source.has(&format!("{prefix}{name}"));
        let name = names.iter().find(|n| self.source.has(&format!("{prefix}{n}.weight")) || bare(n));
        self.weighted_norm(kind, &format!("{prefix}{}", name.unwrap_or(last)), (1, len)).map(Some)
    }

    /// A norm with weights and, if the file has it, a bias. `shape` is stretches, and weights of each.
    fn weighted_norm(
        &mut self,
        kind: NormKind,
        name: &str,
        shape: (usize, usize),
    ) -> Result<Norm, ModelError> {
        let weight = if self.source.has(name) { name.to_owned() } else { format!("{name}.weight") };
        let weight =
            self.source.vector(&VectorSlice { name: weight, shape, range: 0..shape.1, scale: 1.0 })?;
        let bias = self.bias_slice(name, shape, 0..shape.1)?;
        Ok(Norm { kind, weight: Some(weight), bias, eps: self.hyper.eps })
    }

    fn bias(&mut self, name: &str, len: usize) -> Result<Option<VectorId>, ModelError> {
        self.bias_slice(name, (1, len), 0..len)
    }

    fn bias_slice(
        &mut self,
        name: &str,
        shape: (usize, usize),
        range: std::ops::Range<usize>,
    ) -> Result<Option<VectorId>, ModelError> {
        let name = format!("{name}.bias");
        if !self.source.has(&name) {
            return Ok(None);
        }
        self.source.vector(&VectorSlice { name, shape, range, scale: 1.0 }).map(Some)
    }

    /// Rows of a matrix, with the part of its bias, and its scale.
    fn linear(&mut self, name: &str, slice: &MatrixSlice) -> Result<Linear, ModelError> {
        let bias = self.bias_slice(name, (1, slice.file_rows), slice.rows.clone())?;
        let weight_scale = self.source.scale(&format!("{name}.scale"))?.unwrap_or(1.0);
        let matrix = self.source.matrix(slice)?;
        Ok(Linear { matrix, epilogue: Epilogue { weight_scale, bias, ..Epilogue::NONE } })
    }

    fn output(&mut self, token_embd: MatrixId) -> Result<Linear, ModelError> {
        let scale = self.hyper.logit_scale;
        if !self.source.has("output.weight") {
            let matrix = match self.source.border() {
                // The table is the entry's, on the other backend.
                Some(_) => {
                    let (vocab_size, width) = (self.hyper.vocab_size, self.hyper.width);
                    self.source.matrix(&MatrixSlice::whole("token_embd.weight", vocab_size, width))?
                }
                None => token_embd,
            };
            let bias = self.bias("output", self.hyper.vocab_size)?;
            return Ok(Linear { matrix, epilogue: Epilogue { bias, scale, ..Epilogue::NONE } });
        }
        let slice = MatrixSlice::whole("output.weight", self.hyper.vocab_size, self.hyper.width);
        let linear = self.linear("output", &slice)?;
        Ok(Linear { epilogue: Epilogue { scale, ..linear.epilogue }, ..linear })
    }
}
