//! What restricts the tokens of an answer: a grammar, as the engine sees it. The engine knows no text, so what stands
//! behind the trait is the frontend's business.

use std::fmt;
use std::sync::Arc;

use crate::TokenId;

/// Allowed tokens, one bit each: token `t` is bit `t % 32` of word `t / 32`. Tokens beyond the last word are not allowed.
pub type TokenMask = Vec<u32>;

/// Why a constraint cannot go on: the answer ends with an error, for it would go on without the constraint otherwise.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConstraintError(pub Arc<str>);

/// The state of one answer under a constraint.
pub trait TokenConstraint: Send {
    /// The tokens that may come next. Where the answer is complete, the ids that end it.
    ///
    /// Takes up to some milliseconds, so it runs beside the model, not between two steps.
    fn mask(&mut self) -> Result<TokenMask, ConstraintError>;

    /// Goes on with `token`, one of those that the last mask allowed.
    fn accept(&mut self, token: TokenId) -> Result<(), ConstraintError>;
}

/// Where states come from; see [`Constraint::begin`].
type Begin = dyn Fn() -> Box<dyn TokenConstraint> + Send + Sync;

/// A constraint that answers can be given under. Equal keys mean equal constraints.
#[derive(Clone)]
pub struct Constraint {
    key: Arc<[u8]>,
    begin: Arc<Begin>,
}

impl Constraint {
    /// A constraint whose answers begin as `begin` says. `key` names it in full: it is compared where stored answers are
    /// looked up.
    pub fn new(key: Arc<[u8]>, begin: impl Fn() -> Box<dyn TokenConstraint> + Send + Sync + 'static) -> Self {
        Self { key, begin: Arc::new(begin) }
    }

    /// What it is, in full.
    pub fn key(&self) -> &Arc<[u8]> {
        &self.key
    }

    /// The state of a new answer.
    pub fn begin(&self) -> Box<dyn TokenConstraint> {
        (self.begin)()
    }
}

impl PartialEq for Constraint {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl fmt::Debug for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Constraint").field("key_bytes", &self.key.len()).finish_non_exhaustive()
    }
}
