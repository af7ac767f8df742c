//! Keys and values: what layers keep of them, and the parameters of attention over them.

use gollum_core::{Batch, KvDtype, PageCopy, PageId, SequenceSpan};

use crate::{BufId, HeadNorm, KernelError, QueryGrowth, Rope, VectorId};

/// Geometry of one layer's K and V.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KvLayer {
    /// Heads of K and of V.
    pub kv_heads: usize,
    /// Width of a head of K.
    pub head_dim: usize,
    /// Where a head's value is.
    pub values: Values,
    /// Which pages it lies in.
    pub group: KvGroup,
}

/// The two groups of pages. Each has a pool, tables, slots and copies of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KvGroup {
    /// Layers whose queries see all keys, and any others.
    #[default]
    Full,
    /// Layers whose queries see a window: pages that no query to come sees are freed.
    Window,
}

impl KvGroup {
    /// Where the rows of a step go.
    pub fn slots(self, batch: &Batch) -> &[u32] {
        match self {
            Self::Full => &batch.slot_mapping,
            Self::Window => &batch.window_slot_mapping,
        }
    }

    /// The pages of one sequence.
    pub fn table<'a>(self, batch: &'a Batch, span: &SequenceSpan) -> &'a [PageId] {
        match self {
            Self::Full => batch.block_table(span),
            Self::Window => batch.window_table(span),
        }
    }

    /// The copies to make before the step.
    pub fn copies(self, batch: &Batch) -> &[PageCopy] {
        match self {
            Self::Full => &batch.page_copies,
            Self::Window => &batch.window_copies,
        }
    }
}

/// Where the values of a layer are, and how wide one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// Beside its keys.
    Own(usize),
    /// The first elements of the key itself: of the latent rows of MLA, only one thing is kept.
    InKey(usize),
}

impl Values {
    /// Width of a head of V.
    pub fn dim(self) -> usize {
        match self {
            Self::Own(dim) | Self::InKey(dim) => dim,
        }
    }
}

impl KvLayer {
    /// K and V of one width, in the full group.
    pub fn even(kv_heads: usize, head_dim: usize) -> Self {
        Self { kv_heads, head_dim, values: Values::Own(head_dim), group: KvGroup::Full }
    }

    /// Refuses int8 keys and values that are not whole blocks.
    pub fn check(&self, layer: usize, dtype: KvDtype) -> Result<(), KernelError> {
        let ragged = |dim: usize| dtype == KvDtype::Q8_0 && !dim.is_multiple_of(gollum_quant::K_BLOCK);
        match self.values {
            _ if ragged(self.head_dim) => Err(KernelError::KvHeadDim { layer, head_dim: self.head_dim }),
            Values::Own(dim) if ragged(dim) => Err(KernelError::KvHeadDim { layer, head_dim: dim }),
            _ => Ok(()),
        }
    }

    /// Values kept of one head of one token.
    pub fn head_values(&self) -> usize {
        match self.values {
            Values::Own(dim) => self.head_dim + dim,
            Values::InKey(_) => self.head_dim,
        }
    }
}

/// Geometry of the KV cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KvSpec {
    /// One entry per layer.
    pub layers: Vec<KvLayer>,
    /// Storage type of K and V.
    pub dtype: KvDtype,
}

impl KvSpec {
    /// Bytes of one page of a group over all of its layers, both K and V.
    pub fn page_bytes(&self, group: KvGroup) -> usize {
        let layers = self.layers.iter().filter(|l| l.group == group);
        let values: usize = layers.map(|l| l.kv_heads * l.head_values() * gollum_core::PAGE_TOKENS).sum();
        match self.dtype {
            KvDtype::F32 => values * 4,
            KvDtype::F16 => values * 2,
            KvDtype::Q8_0 => values / 32 * 34,
        }
    }
}

/// Which keys a query at position p sees, up to and including its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// All of them.
    All,
    /// The last n.
    Last(usize),
    /// Those from `floor(p / n) * n` on.
    Chunk(usize),
}

impl Window {
    /// Tokens that a query sees at most, itself included; `None`: all.
    pub fn tokens(self) -> Option<usize> {
        match self {
            Self::All => None,
            Self::Last(n) | Self::Chunk(n) => Some(n),
        }
    }

    /// The first position that a query at `position` sees.
    pub fn start(self, position: usize) -> usize {
        match self {
            Self::All => 0,
            Self::Last(n) => (position + 1).saturating_sub(n),
            Self::Chunk(n) => position / n * n,
        }
    }
}

/// Attention of one layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attend {
    /// Layer, an index into [`KvSpec::layers`].
    pub layer: usize,
    /// Query heads; a multiple of the layer's KV heads.
    pub heads: usize,
    /// Multiplies q . k.
    pub scale: f32,
    /// Which keys a query sees.
    pub window: Window,
    /// `s = cap * tanh(s / cap)` on scores.
    pub soft_cap: Option<f32>,
    /// ALiBi: `s = fma(slope, -(query position - key position), s)`, after the cap; `[heads]`.
    pub slopes: Option<VectorId>,
    /// One more score per head, `[heads]`, whose value is zero.
    pub sinks: Option<VectorId>,
}

/// What happens between the q/k/v matmul and attention. See
/// [`KernelOps::prepare_attention`](crate::KernelOps::prepare_attention).
#[derive(Clone, Copy, Debug)]
pub struct PrepareAttention {
    /// Queries, `[rows, heads * head_dim]`, changed in place.
    pub q: BufId,
    /// Query heads.
    pub heads: usize,
    /// Width of a head of q and of k.
    pub head_dim: usize,
    /// Norm of each query head.
    pub q_norm: Option<HeadNorm>,
    /// Whether the norms of q and k come before or after the rotation.
    pub norm_place: NormPlace,
    /// Rotation of queries and keys.
    pub rope: Option<Rope>,
    /// Growth of queries, last of all.
    pub growth: Option<QueryGrowth>,
    /// `None` in a layer that reads what another one keeps.
    pub keys: Option<PrepareKeys>,
}

/// Keys and values of a [`PrepareAttention`].
#[derive(Clone, Copy, Debug)]
pub struct PrepareKeys {
    /// Layer in the KV cache.
    pub layer: usize,
    /// Keys, `[rows, kv_heads * head_dim]`, changed in place.
    pub k: BufId,
    /// Values, `[rows, kv_heads * value width]`, changed in place if they are normed.
    pub v: BufId,
    /// KV heads.
    pub kv_heads: usize,
    /// Norm of each key head.
    pub k_norm: Option<HeadNorm>,
    /// Norm of each value head.
    pub v_norm: Option<HeadNorm>,
}

/// Where the norms of q and k stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NormPlace {
    /// Before the rotation.
    BeforeRope,
    /// After it.
    AfterRope,
}
