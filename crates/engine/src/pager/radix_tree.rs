//! The prefix tree: which tokens are in which page, found by longest common prefix.
//!
//! ```text
//!  salt 7 --+-- page 3 [t0 .. t15] --+-- page 9 [t16 .. t31] -- page 4 [t32 .. t36]   (5 tokens: a tail)
//!           |                        +-- page 1 [t16 .. t20]                          (same start as 9)
//!           +-- page 6 [u0 .. u2]
//! ```
//! One node is one page, and its edge is the 1..=16 tokens whose K and V the page holds; so a node's id is
//! its page's id. Only full nodes have children. Pages cannot be split, so siblings may begin alike, and a short
//! one may be the start of a longer one; no two are equal. Children are sorted by their tokens: the longest
//! common prefix with any needle is found at one of the needle's two neighbours, by binary search.
//!
//! A node may carry *snapshots*, recurrent states as they are after its first `n` tokens, and one *window page*, which
//! holds K and V of the same tokens in the layers that see a window. What leaves the tree sheds them;
//! [`RadixTree::shed`] and [`RadixTree::shed_window`] hand them out.
//!
//! Derivation: docs/prefix-cache.md.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use gollum_core::{PAGE_TOKENS, PageId, RequestId, StateId, TokenId};

use super::hit::{PrefixHit, Snapshot, Tail};

/// Siblings on either side of a needle's place that are searched for snapshots and window pages. More would begin like the
/// needle only after as many forks inside one page; one that is missed costs some recomputation.
const SIBLINGS: usize = 16;

/// One page of some prefix.
#[derive(Clone, Debug)]
struct Node {
    /// Tokens held, `1..=PAGE_TOKENS`; 0 if the page is not in the tree.
    len: usize,
    tokens: [TokenId; PAGE_TOKENS],
    salt: u64,
    parent: Option<PageId>,
    /// Who computed it.
    origin: RequestId,
    /// Sorted by tokens.
    children: Vec<PageId>,
    /// Snapshots after the first `1..=len` tokens, ascending.
    snapshots: Vec<(usize, StateId)>,
    /// The window page of the same tokens.
    window: Option<PageId>,
}

impl Node {
    fn edge(&self) -> &[TokenId] {
        &self.tokens[..self.len]
    }
}

/// Where a page stands in the tree: the page before it, or the root of its tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Whose tree.
    pub salt: u64,
    /// The page before; full, and in the tree.
    pub parent: Option<PageId>,
}

/// What came of an insertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Insertion {
    /// The page is in the tree. `superseded`: a sibling that is a proper prefix of it, still in the tree.
    Inserted {
        /// The shorter sibling.
        superseded: Option<PageId>,
    },
    /// This page holds the same tokens already (and maybe more): nothing was inserted.
    Covered(PageId),
}

/// Radix tree over token ids, one root per salt.
#[derive(Clone, Debug)]
pub struct RadixTree {
    nodes: Vec<Node>,
    roots: BTreeMap<u64, Vec<PageId>>,
    len: usize,
    /// The node of each snapshot, by state.
    carriers: Vec<Option<PageId>>,
    /// Snapshots whose node has left the tree.
    shed: Vec<StateId>,
    /// The node of each window page.
    window_carriers: Vec<Option<PageId>>,
    /// Window pages whose node has left the tree.
    shed_windows: Vec<PageId>,
}

impl RadixTree {
    /// An empty tree over pools of `pages`, of `states` and of `windows` window pages.
    pub fn new(pages: usize, states: usize, windows: usize) -> Self {
        let empty = Node {
            len: 0,
            tokens: [0; PAGE_TOKENS],
            salt: 0,
            parent: None,
            origin: RequestId(0),
            children: Vec::new(),
            snapshots: Vec::new(),
            window: None,
        };
        Self {
            nodes: vec![empty; pages],
            roots: BTreeMap::new(),
            len: 0,
            carriers: vec![None; states],
            shed: Vec::new(),
            window_carriers: vec![None; windows],
            shed_windows: Vec::new(),
        }
    }

    /// Nodes in the tree.
    pub fn len(&self) -> usize {
        self.len
    }

    /// True without nodes.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// True if the page is a node.
    pub fn contains(&self, page: PageId) -> bool {
        self.node(page).len > 0
    }

    /// True if no node stands behind this page.
    pub fn is_leaf(&self, page: PageId) -> bool {
        self.node(page).children.is_empty()
    }

    /// Tokens of a node; empty if the page is not in the tree.
    pub fn edge(&self, page: PageId) -> &[TokenId] {
        self.node(page).edge()
    }

    /// Nodes right behind this one, sorted by tokens.
    pub fn children(&self, page: PageId) -> &[PageId] {
        &self.node(page).children
    }

    /// Where a node stands.
    pub fn place(&self, page: PageId) -> Place {
        let node = self.node(page);
        Place { salt: node.salt, parent: node.parent }
    }

    /// Nodes of all tenants, parents before children, tenants by salt.
    pub fn walk(&self) -> impl Iterator<Item = PageId> + '_ {
        let mut stack: Vec<PageId> =
            self.roots.values().rev().flat_map(|r| r.iter().rev()).copied().collect();
        std::iter::from_fn(move || {
            let page = stack.pop()?;
            stack.extend(self.node(page).children.iter().rev());
            Some(page)
        })
    }

    /// Finds the longest prefix of `needle` that the tree holds for `salt`, into `hit`.
    ///
    /// O(needle / 16 * log(siblings)).
    pub fn lookup(&self, salt: u64, needle: &[TokenId], hit: &mut PrefixHit) {
        hit.clear();
        let Some(mut children) = self.roots.get(&salt) else { return };
        let mut rest = needle;
        while !rest.is_empty() {
            let page_needle = &rest[..rest.len().min(PAGE_TOKENS)];
            let Some((page, common)) = self.closest(children, page_needle) else { return };
            let node = self.node(page);
            if common < page_needle.len() {
                hit.parted_at = node.edge().get(common).copied();
            }
            if common > 0 {
                hit.from = Some(node.origin);
            }
            hit.known += common;
            if common < PAGE_TOKENS {
                hit.tail = (common > 0).then_some(Tail { page, window: node.window, tokens: common });
                return;
            }
            hit.pages.push(page);
            children = &node.children;
            rest = &rest[PAGE_TOKENS..];
        }
    }

    /// The deepest snapshot on the way of `needle`, along the match that [`RadixTree::lookup`] found for it or for more.
    pub fn deepest_snapshot(&self, salt: u64, needle: &[TokenId], hit: &PrefixHit) -> Option<Snapshot> {
        let last =
            (hit.pages.len() + usize::from(hit.tail.is_some())).min(needle.len().div_ceil(PAGE_TOKENS));
        // From the end of the match back to its start: the first that is found is the deepest.
        (0..last).rev().find_map(|index| {
            let siblings = match index.checked_sub(1) {
                Some(above) => &self.node(hit.pages[above]).children,
                None => self.roots.get(&salt)?,
            };
            let start = index * PAGE_TOKENS;
            let needle = &needle[start..needle.len().min(start + PAGE_TOKENS)];
            let found = self.snapshot_among(siblings, needle)?;
            Some(Snapshot { tokens: start + found.tokens, ..found })
        })
    }

    /// The deepest snapshot of siblings that begin like the needle.
    fn snapshot_among(&self, siblings: &[PageId], needle: &[TokenId]) -> Option<Snapshot> {
        let of = |(page, common)| {
            let found = self.node(page).snapshots.iter().rfind(|&&(tokens, _)| tokens <= common);
            found.map(|&(tokens, state)| Snapshot { tokens, state, page })
        };
        self.around(siblings, needle).filter_map(of).max_by_key(|s| s.tokens)
    }

    /// The node right behind `place` that carries a window page and begins with most of the needle's tokens.
    pub fn windowed_among(&self, place: Place, needle: &[TokenId]) -> Option<Tail> {
        let of = |(page, tokens)| {
            let window = self.window(page);
            window.map(|_| Tail { page, window, tokens })
        };
        self.around(self.siblings(place), needle).filter_map(of).max_by_key(|tail| tail.tokens)
    }

    /// Siblings near a needle's place, with the tokens that they begin with of it: those that begin like it stand side by
    /// side.
    fn around<'a>(
        &'a self,
        siblings: &'a [PageId],
        needle: &'a [TokenId],
    ) -> impl Iterator<Item = (PageId, usize)> + 'a {
        let at = siblings.partition_point(|&s| self.edge(s).cmp(needle) == Ordering::Less);
        let after = siblings[at..].iter().take(SIBLINGS);
        let before = siblings[..at].iter().rev().take(SIBLINGS);
        after.chain(before).map(move |&page| (page, common_prefix(self.edge(page), needle)))
    }

    /// The node right behind `place` that begins with these tokens: of several, the first.
    pub fn node_of(&self, place: Place, tokens: &[TokenId]) -> Option<PageId> {
        let siblings = self.siblings(place);
        let at = siblings.partition_point(|&s| self.edge(s).cmp(tokens) == Ordering::Less);
        siblings.get(at).copied().filter(|&s| self.edge(s).starts_with(tokens))
    }

    /// Hangs a snapshot of the state after the first `tokens` tokens on a node. `Err`: it has one there.
    pub fn attach(&mut self, page: PageId, tokens: usize, state: StateId) -> Result<(), StateId> {
        let node = &mut self.nodes[page.0 as usize];
        assert!((1..=node.len).contains(&tokens), "a snapshot after {tokens} of {} tokens", node.len);
        match node.snapshots.binary_search_by_key(&tokens, |s| s.0) {
            Ok(at) => Err(node.snapshots[at].1),
            Err(at) => {
                node.snapshots.insert(at, (tokens, state));
                self.carriers[state.0 as usize] = Some(page);
                Ok(())
            }
        }
    }

    /// Takes a snapshot off its node.
    pub fn detach(&mut self, state: StateId) {
        let page = self.carriers[state.0 as usize].take().expect("a snapshot hangs on a node");
        self.nodes[page.0 as usize].snapshots.retain(|s| s.1 != state);
    }

    /// Snapshots of a node, by their tokens, ascending.
    pub fn snapshots(&self, page: PageId) -> &[(usize, StateId)] {
        &self.node(page).snapshots
    }

    /// The window page of a node.
    pub fn window(&self, page: PageId) -> Option<PageId> {
        self.node(page).window
    }

    /// The node that carries a window page.
    pub fn carrier(&self, window: PageId) -> Option<PageId> {
        self.window_carriers[window.0 as usize]
    }

    /// True if a node carries this window page.
    pub fn carries(&self, window: PageId) -> bool {
        self.carrier(window).is_some()
    }

    /// Gives a node its window page, which holds all tokens of the node, and as many more as the node grows by.
    pub fn attach_window(&mut self, page: PageId, window: PageId) {
        let carrier = &mut self.window_carriers[window.0 as usize];
        assert_eq!(*carrier, None, "window page {window:?} of two nodes");
        *carrier = Some(page);
        let old = self.nodes[page.0 as usize].window.replace(window);
        assert_eq!(old, None, "two window pages of {page:?}");
    }

    /// Takes a window page off its node.
    pub fn detach_window(&mut self, window: PageId) {
        let page = self.window_carriers[window.0 as usize].take().expect("a node carries the window page");
        self.nodes[page.0 as usize].window = None;
    }

    /// Window pages that have lost their node since they were last asked for, one at a time.
    pub fn shed_window(&mut self) -> Option<PageId> {
        self.shed_windows.pop()
    }

    /// Snapshots that have lost their node since they were last asked for, one at a time.
    pub fn shed(&mut self) -> Option<StateId> {
        self.shed.pop()
    }

    /// Moves snapshots to a node that begins with the tokens of theirs; sheds those that it has already.
    fn move_snapshots(&mut self, snapshots: Vec<(usize, StateId)>, to: PageId) {
        for (tokens, state) in snapshots {
            if self.attach(to, tokens, state).is_err() {
                self.carriers[state.0 as usize] = None;
                self.shed.push(state);
            }
        }
    }

    /// Puts `page` into the tree, or longer tokens under it, unless another page holds the same.
    ///
    /// `tokens` is `1..=16` long. If the page is in the tree already it must stand at `place`, hold a prefix of
    /// `tokens`, and have no children; if the answer is [`Insertion::Covered`] it has left the tree.
    pub fn insert(&mut self, place: Place, page: PageId, tokens: &[TokenId], origin: RequestId) -> Insertion {
        assert!(
            (1..=PAGE_TOKENS).contains(&tokens.len()),
            "a page holds 1 to 16 tokens, not {}",
            tokens.len()
        );
        let (mut snapshots, mut window) = (Vec::new(), None);
        if self.contains(page) {
            debug_assert_eq!(self.place(page), place);
            if self.siblings(place).len() == 1 {
                self.set_edge(page, tokens);
                return Insertion::Inserted { superseded: None };
            }
            let node = &mut self.nodes[page.0 as usize];
            snapshots = std::mem::take(&mut node.snapshots);
            window = node.window.take();
            self.remove(page);
        }
        let siblings = self.siblings(place);
        let at = siblings.partition_point(|&s| self.edge(s).cmp(tokens) == Ordering::Less);
        if let Some(&next) = siblings.get(at)
            && self.edge(next).starts_with(tokens)
        {
            self.move_snapshots(snapshots, next);
            if let Some(window) = window {
                self.window_carriers[window.0 as usize] = None;
                self.shed_windows.push(window);
            }
            return Insertion::Covered(next);
        }
        let before = at.checked_sub(1).map(|i| siblings[i]);
        let superseded = before.filter(|&s| tokens.starts_with(self.edge(s)));
        self.set_edge(page, tokens);
        let node = &mut self.nodes[page.0 as usize];
        node.salt = place.salt;
        node.parent = place.parent;
        node.origin = origin;
        debug_assert!(node.children.is_empty());
        node.snapshots = snapshots;
        node.window = window;
        self.siblings_mut(place).insert(at, page);
        self.len += 1;
        if let Some(shorter) = superseded {
            // It is about to go, or stays as long as it is held; either way the longer one is found first.
            let snapshots = std::mem::take(&mut self.nodes[shorter.0 as usize].snapshots);
            self.move_snapshots(snapshots, page);
        }
        Insertion::Inserted { superseded }
    }

    /// Takes a leaf out of the tree.
    pub fn remove(&mut self, page: PageId) {
        let place = self.place(page);
        assert!(self.contains(page) && self.is_leaf(page), "page {page:?} is not a leaf of the tree");
        let siblings = self.siblings(place);
        let edge = self.edge(page);
        let at = siblings.partition_point(|&s| self.edge(s).cmp(edge) == Ordering::Less);
        assert_eq!(siblings.get(at), Some(&page), "the children of {:?} are out of order", place.parent);
        self.siblings_mut(place).remove(at);
        if place.parent.is_none() && self.siblings(place).is_empty() {
            self.roots.remove(&place.salt);
        }
        let node = &mut self.nodes[page.0 as usize];
        node.len = 0;
        for (_, state) in node.snapshots.drain(..) {
            self.carriers[state.0 as usize] = None;
            self.shed.push(state);
        }
        if let Some(window) = node.window.take() {
            self.window_carriers[window.0 as usize] = None;
            self.shed_windows.push(window);
        }
        self.len -= 1;
    }

    /// Panics if the tree's promises are broken. O(nodes).
    pub fn check(&self) {
        let (mut seen, mut snapshots, mut windows) = (0, 0, 0);
        for page in self.walk() {
            seen += 1;
            let node = self.node(page);
            assert!(node.len > 0, "page {page:?} is linked but holds no tokens");
            for &(_, state) in &node.snapshots {
                assert_eq!(self.carriers[state.0 as usize], Some(page), "the node of {state:?}");
                snapshots += 1;
            }
            if let Some(window) = node.window {
                assert_eq!(self.carrier(window), Some(page), "the node of window page {window:?}");
                windows += 1;
            }
            assert!(node.snapshots.is_sorted_by(|a, b| a.0 < b.0), "snapshots of {page:?} are out of order");
            assert!(
                node.snapshots.iter().all(|s| (1..=node.len).contains(&s.0)),
                "snapshots beyond {page:?}"
            );
            assert!(
                node.children.is_empty() || node.len == PAGE_TOKENS,
                "page {page:?} is not full and has children"
            );
            for &child in &node.children {
                let place = Place { salt: node.salt, parent: Some(page) };
                assert_eq!(self.place(child), place, "page {child:?} is linked in the wrong place");
            }
            self.check_siblings(&node.children);
        }
        assert_eq!(seen, self.len, "nodes reached from the roots");
        assert_eq!(snapshots, self.carriers.iter().flatten().count(), "snapshots reached from the roots");
        assert!(self.shed.is_empty(), "snapshots {:?} are no one's", self.shed);
        let carried = self.window_carriers.iter().flatten().count();
        assert_eq!(windows, carried, "window pages reached from the roots");
        assert!(self.shed_windows.is_empty(), "window pages {:?} are no one's", self.shed_windows);
        for (&salt, tops) in &self.roots {
            assert!(!tops.is_empty(), "salt {salt} has an empty root");
            assert!(tops.iter().all(|&t| self.place(t) == Place { salt, parent: None }));
            self.check_siblings(tops);
        }
    }

    fn check_siblings(&self, siblings: &[PageId]) {
        for pair in siblings.windows(2) {
            let (a, b) = (self.edge(pair[0]), self.edge(pair[1]));
            assert!(a < b, "siblings {pair:?} are out of order");
        }
    }

    fn node(&self, page: PageId) -> &Node {
        &self.nodes[page.0 as usize]
    }

    fn set_edge(&mut self, page: PageId, tokens: &[TokenId]) {
        let node = &mut self.nodes[page.0 as usize];
        debug_assert!(tokens.starts_with(node.edge()));
        node.tokens[..tokens.len()].copy_from_slice(tokens);
        node.len = tokens.len();
    }

    fn siblings(&self, place: Place) -> &[PageId] {
        match place.parent {
            Some(parent) => &self.node(parent).children,
            None => self.roots.get(&place.salt).map_or(&[], Vec::as_slice),
        }
    }

    fn siblings_mut(&mut self, place: Place) -> &mut Vec<PageId> {
        match place.parent {
            Some(parent) => &mut self.nodes[parent.0 as usize].children,
            None => self.roots.entry(place.salt).or_default(),
        }
    }

    /// The child that shares the longest prefix with `needle`, and the length of that prefix (which may
    /// be 0).
    fn closest(&self, children: &[PageId], needle: &[TokenId]) -> Option<(PageId, usize)> {
        let common = |page: PageId| common_prefix(self.edge(page), needle);
        let at = match children {
            [only] => return Some((*only, common(*only))),
            _ => children.partition_point(|&c| self.edge(c).cmp(needle) == Ordering::Less),
        };
        let after = children.get(at).map(|&page| (page, common(page)));
        let before = at.checked_sub(1).map(|i| (children[i], common(children[i])));
        match (before, after) {
            (Some(b), Some(a)) => Some(if b.1 > a.1 { b } else { a }),
            (b, a) => b.or(a),
        }
    }
}

/// Tokens that two sequences share from their start.
pub fn common_prefix(a: &[TokenId], b: &[TokenId]) -> usize {
    a.iter().zip(b).take_while(|(x, y)| x == y).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOP: Place = Place { salt: 0, parent: None };

    fn found(tree: &RadixTree, salt: u64, needle: &[TokenId]) -> usize {
        let mut hit = PrefixHit::default();
        tree.lookup(salt, needle, &mut hit);
        hit.tokens()
    }

    #[test]
    fn a_match_ends_at_any_token() {
        let mut tree = RadixTree::new(8, 4, 0);
        let tokens: Vec<TokenId> = (0..40).collect();
        tree.insert(TOP, PageId(0), &tokens[..16], RequestId(1));
        tree.insert(Place { salt: 0, parent: Some(PageId(0)) }, PageId(1), &tokens[16..32], RequestId(1));
        tree.insert(Place { salt: 0, parent: Some(PageId(1)) }, PageId(2), &tokens[32..40], RequestId(1));
        tree.check();
        for len in 0..=40 {
            let mut needle = tokens[..len].to_vec();
            assert_eq!(found(&tree, 0, &needle), len);
            needle.extend([99, 98]);
            assert_eq!(found(&tree, 0, &needle), len);
        }
        assert_eq!(found(&tree, 1, &tokens), 0, "another tenant sees nothing");
    }

    #[test]
    fn siblings_that_begin_alike_are_told_apart() {
        let mut tree = RadixTree::new(8, 4, 0);
        tree.insert(TOP, PageId(0), &[1, 2, 3, 4], RequestId(1));
        tree.insert(TOP, PageId(1), &[1, 2, 5], RequestId(2));
        tree.insert(TOP, PageId(2), &[0, 9], RequestId(3));
        tree.check();
        assert_eq!(found(&tree, 0, &[1, 2, 5, 6]), 3);
        assert_eq!(found(&tree, 0, &[1, 2, 3, 9]), 3);
        assert_eq!(found(&tree, 0, &[1, 2, 4]), 2);
        assert_eq!(found(&tree, 0, &[7]), 0);
    }

    #[test]
    fn what_is_held_already_is_not_inserted_again() {
        let mut tree = RadixTree::new(8, 4, 0);
        tree.insert(TOP, PageId(0), &[1, 2, 3, 4], RequestId(1));
        assert_eq!(tree.insert(TOP, PageId(1), &[1, 2, 3], RequestId(2)), Insertion::Covered(PageId(0)));
        assert_eq!(tree.insert(TOP, PageId(1), &[1, 2, 3, 4], RequestId(2)), Insertion::Covered(PageId(0)));
        let longer = tree.insert(TOP, PageId(1), &[1, 2, 3, 4, 5], RequestId(2));
        assert_eq!(longer, Insertion::Inserted { superseded: Some(PageId(0)) });
    }

    #[test]
    fn a_growing_tail_that_meets_its_equal_leaves_the_tree() {
        let mut tree = RadixTree::new(8, 4, 0);
        tree.insert(TOP, PageId(0), &[1], RequestId(1));
        tree.insert(TOP, PageId(1), &[1, 2], RequestId(2));
        assert_eq!(tree.insert(TOP, PageId(0), &[1, 2], RequestId(1)), Insertion::Covered(PageId(1)));
        assert!(!tree.contains(PageId(0)));
        tree.check();
    }

    #[test]
    fn a_match_is_cut_back_to_the_deepest_snapshot_of_all_that_begin_alike() {
        let mut tree = RadixTree::new(8, 4, 0);
        let tokens: Vec<TokenId> = (0..40).collect();
        let below = |page| Place { salt: 0, parent: Some(PageId(page)) };
        tree.insert(TOP, PageId(0), &tokens[..16], RequestId(1));
        tree.insert(below(0), PageId(1), &tokens[16..32], RequestId(1));
        // A sibling that parts after 20 tokens carries a snapshot after 18; the top node one after 16.
        tree.insert(below(0), PageId(2), &[16, 17, 18, 19, 99], RequestId(2));
        tree.attach(PageId(2), 2, StateId(0)).expect("the first");
        tree.attach(PageId(0), 16, StateId(1)).expect("the first");
        assert_eq!(tree.attach(PageId(2), 2, StateId(2)), Err(StateId(0)));
        tree.check();
        let cut = |len: usize| {
            let mut hit = PrefixHit::default();
            tree.lookup(0, &tokens[..len], &mut hit);
            let known = hit.tokens();
            (known, tree.deepest_snapshot(0, &tokens[..len], &hit).map(|s| (s.tokens, s.state, s.page)))
        };
        assert_eq!(cut(36), (32, Some((18, StateId(0), PageId(2)))));
        assert_eq!(cut(17), (17, Some((16, StateId(1), PageId(0)))));
        assert_eq!(cut(15), (15, None));
    }

    #[test]
    fn snapshots_follow_their_tokens_and_are_shed_with_them() {
        let mut tree = RadixTree::new(8, 4, 0);
        tree.insert(TOP, PageId(0), &[1, 2], RequestId(1));
        tree.attach(PageId(0), 2, StateId(0)).expect("the first");
        tree.insert(TOP, PageId(1), &[1, 2, 3], RequestId(2));
        assert_eq!(tree.snapshots(PageId(1)), [(2, StateId(0))], "moved to what supersedes its node");
        tree.insert(TOP, PageId(2), &[0], RequestId(3));
        assert_eq!(
            tree.insert(TOP, PageId(2), &[0, 5], RequestId(3)),
            Insertion::Inserted { superseded: None }
        );
        tree.remove(PageId(0));
        assert_eq!(tree.shed(), None);
        tree.remove(PageId(1));
        assert_eq!((tree.shed(), tree.shed()), (Some(StateId(0)), None));
        tree.check();
    }

    #[test]
    fn the_token_where_a_prefix_parted_is_told() {
        let mut tree = RadixTree::new(8, 4, 0);
        tree.insert(TOP, PageId(0), &[1, 2, 3, 4], RequestId(5));
        let mut hit = PrefixHit::default();
        tree.lookup(0, &[1, 2, 9, 9], &mut hit);
        assert_eq!((hit.parted_at, hit.from), (Some(3), Some(RequestId(5))));
        tree.lookup(0, &[1, 2], &mut hit);
        assert_eq!(hit.parted_at, None);
    }
}
