//! A set of byte strings with a number each, asked which of them a text begins with.
//!
//! ```text
//! nodes   [root][a][b][ab][ac]..    breadth first: the children of a node stand side by side, sorted by byte
//! ```
//! At most one node per byte of all strings, 12 bytes each, so a file decides how much memory it takes by how large it is.

use std::collections::VecDeque;

/// See the module.
#[derive(Debug)]
pub(crate) struct Trie {
    nodes: Vec<Node>,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    first_child: u32,
    value: u32,
    children: u16,
    byte: u8,
}

/// The value of a node where no string ends.
const NO_VALUE: u32 = u32::MAX;

impl Trie {
    /// Of strings and their numbers, which are below 2^32 - 1. The empty string is left out; of equal strings the
    /// first counts.
    pub(crate) fn new<'k>(keys: impl Iterator<Item = (&'k [u8], u32)>) -> Self {
        let mut keys: Vec<(&[u8], u32)> = keys.filter(|(key, _)| !key.is_empty()).collect();
        keys.sort_by_key(|&(key, _)| key);
        keys.dedup_by_key(|&mut (key, _)| key);
        let mut nodes = vec![Node { first_child: 0, value: NO_VALUE, children: 0, byte: 0 }];
        // Nodes whose children are still to be made: which keys go through them, and how many bytes they have.
        let mut open = VecDeque::from([(0, 0..keys.len(), 0)]);
        while let Some((at, mut range, depth)) = open.pop_front() {
            if depth > 0 && keys[range.start].0.len() == depth {
                nodes[at].value = keys[range.start].1;
                range.start += 1;
            }
            nodes[at].first_child = nodes.len() as u32;
            for group in keys[range.clone()].chunk_by(|(a, _), (b, _)| a[depth] == b[depth]) {
                let end = range.start + group.len();
                open.push_back((nodes.len(), range.start..end, depth + 1));
                nodes.push(Node { first_child: 0, value: NO_VALUE, children: 0, byte: group[0].0[depth] });
                nodes[at].children += 1;
                range.start = end;
            }
        }
        Self { nodes }
    }

    /// The lengths and numbers of all strings that `text` begins with, shortest first.
    pub(crate) fn prefixes<'t>(&'t self, text: &'t [u8]) -> impl Iterator<Item = (usize, u32)> + 't {
        let mut at = &self.nodes[0];
        let walk = text.iter().enumerate().map_while(move |(index, &byte)| {
            at = self.child(at, byte)?;
            Some((index + 1, at.value))
        });
        walk.filter(|&(_, value)| value != NO_VALUE)
    }

    /// The length and number of the longest string that `text` begins with.
    pub(crate) fn longest_prefix(&self, text: &[u8]) -> Option<(usize, u32)> {
        self.prefixes(text).last()
    }

    fn child(&self, node: &Node, byte: u8) -> Option<&Node> {
        let first = node.first_child as usize;
        let children = &self.nodes[first..first + usize::from(node.children)];
        // Most nodes have one.
        if let [only] = children {
            return (only.byte == byte).then_some(only);
        }
        let found = children.binary_search_by_key(&byte, |child| child.byte).ok()?;
        Some(&children[found])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn prefixes_come_shortest_first() {
        let keys: [(&[u8], u32); 6] =
            [(b"abc", 1), (b"a", 2), (b"", 3), (b"ab\xff", 4), (b"a", 5), (b"b", 6)];
        let trie = Trie::new(keys.into_iter());
        assert_eq!(trie.prefixes(b"abcd").collect::<Vec<_>>(), [(1, 2), (3, 1)]);
        assert_eq!(trie.longest_prefix(b"ab\xff\xff"), Some((3, 4)));
        assert_eq!(trie.longest_prefix(b""), None);
        assert_eq!(Trie::new(std::iter::empty()).longest_prefix(b"a"), None);
    }

    proptest! {
        #[test]
        fn it_finds_what_starts_with_finds(
            keys in prop::collection::btree_set("[a-c]{1,5}", 0..20),
            text in "[a-d]{0,8}",
        ) {
            let numbered = keys.iter().enumerate().map(|(at, key)| (key.as_bytes(), at as u32));
            let mut expected: Vec<_> =
                numbered.clone().filter(|(key, _)| text.as_bytes().starts_with(key)).map(|(key, at)| (key.len(), at)).collect();
            expected.sort_unstable();
            prop_assert_eq!(Trie::new(numbered).prefixes(text.as_bytes()).collect::<Vec<_>>(), expected);
        }
    }
}
