//! Embeddings: what a model makes of an input instead of the token that follows it.

/// How the rows of an input become its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pooling {
    /// They do not: every row is told.
    None,
    /// Their mean.
    Mean,
    /// The first row.
    Cls,
    /// The last row.
    Last,
    /// Scores of a classifier: of a pair of texts, how well they fit.
    Rank,
}

impl Pooling {
    /// Every pooling, by the name that flags and tables use.
    pub const NAMES: [(&str, Self); 5] = [
        ("none", Self::None),
        ("mean", Self::Mean),
        ("cls", Self::Cls),
        ("last", Self::Last),
        ("rank", Self::Rank),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, pooling)| *pooling == self).map_or("", |(name, _)| name)
    }
}

/// What a model can do with whole inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmbeddingSpec {
    /// How rows are pooled; `None` in a model that neither its file nor the operator meant for embeddings.
    pub pooling: Option<Pooling>,
    /// How rows become one in it: as `pooling` says, but for [`Pooling::Rank`], whose classifier reads one of the others.
    pub rows: Pooling,
    /// Values of a result, or with [`Pooling::None`] of each row of it.
    pub width: usize,
    /// True of encoders: each token sees all others, so an input is computed in one step, without pages, and there is no
    /// token that follows. False of models that also generate.
    pub whole_input: bool,
}
