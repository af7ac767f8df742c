//! What a lookup in the prefix tree finds.

use gollum_core::{PAGE_TOKENS, PageId, RequestId, StateId, TokenId};

/// A snapshot on the way of a needle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Tokens of the needle before it.
    pub tokens: usize,
    /// The state.
    pub state: StateId,
    /// The node that carries it.
    pub page: PageId,
}

/// A page whose first tokens continue a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tail {
    /// The node.
    pub page: PageId,
    /// The window page that it carries; of models with a window group always there.
    pub window: Option<PageId>,
    /// Tokens, `1..=16`.
    pub tokens: usize,
}

/// What a lookup found, in `16 * pages.len() + tail` tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrefixHit {
    /// Full pages, first page of the sequence first.
    pub pages: Vec<PageId>,
    /// What continues the match for less than a page, or for one that the needle ends with.
    pub tail: Option<Tail>,
    /// Who computed the last matched page.
    pub from: Option<RequestId>,
    /// What the tree has after all that was known, where that differs from the needle.
    pub parted_at: Option<TokenId>,
    /// Tokens that the tree has of the needle: more than [`Self::tokens`] where a match had to be cut back to a snapshot, or
    /// to a place before which the window pages are there.
    pub known: usize,
    /// The snapshot that the match ends at, for models with a recurrent state.
    pub snapshot: Option<StateId>,
    /// For models with a window group: the window pages of the last of `pages`, as many as the next row sees.
    pub windows: Vec<PageId>,
}

impl PrefixHit {
    /// Tokens matched.
    pub fn tokens(&self) -> usize {
        self.pages.len() * PAGE_TOKENS + self.tail.map_or(0, |tail| tail.tokens)
    }

    pub(super) fn clear(&mut self) {
        self.pages.clear();
        self.tail = None;
        self.from = None;
        self.parted_at = None;
        self.known = 0;
        self.snapshot = None;
        self.windows.clear();
    }

    /// Cuts the match back to `tokens` tokens, of which `tail` holds those behind the last full page.
    pub(super) fn cut_to(&mut self, tokens: usize, tail: Option<Tail>, snapshot: Option<StateId>) {
        debug_assert!(tokens <= self.tokens(), "cut to {tokens} of {}", self.tokens());
        self.pages.truncate(tokens / PAGE_TOKENS);
        self.tail = tail;
        self.snapshot = snapshot;
        debug_assert_eq!(self.tokens(), tokens, "the tail is {:?}", self.tail);
        if tokens == 0 {
            self.from = None;
        }
    }
}
