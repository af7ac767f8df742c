//! SentencePiece's `precompiled_charsmap`: which characters a text is rewritten to before it is cut.
//!
//! ```text
//! | n: u32 | n bytes of double array | replacements, each UTF-8 and a zero byte |
//!
//! unit     bit 31          30 .. 10          9            8        7 .. 0
//!          1: a value      base >> 0 or 8    shift by 8   leaf     label of the edge that leads here
//! child of a node by c     node ^ base(node) ^ c, if its label is c
//! value of a leaf          node ^ base(node): where the replacement starts
//! ```
//! The array is walked once, at load, into a [`Trie`] of ours: what is wrong in it is an error then, and a text never
//! meets it. Source: Darts-clone's double array, and SentencePiece's `normalizer.cc`.

use crate::{TokenizerError, trie::Trie};

/// Rules a charsmap may have. SentencePiece's largest, NFKC with case folding, has about 250,000 nodes.
const MAX_NODES: usize = 1 << 20;
/// Bytes of the longest text that is rewritten. NFKC's longest has 18.
const LONGEST_KEY: usize = 128;
/// How many times longer a text can get. NFKC makes U+FDFA eleven times as long.
const MAX_GROWTH: usize = 16;

/// What is rewritten, and to what.
#[derive(Debug)]
pub(crate) struct Charsmap {
    /// Values are offsets into `replacements`.
    keys: Trie,
    /// Texts that end at a zero byte each.
    replacements: String,
}

impl Charsmap {
    /// Of the bytes in a file; none rewrites nothing.
    ///
    /// Errors: [`TokenizerError::MalformedCharsmap`].
    pub(crate) fn new(blob: &[u8]) -> Result<Self, TokenizerError> {
        if blob.is_empty() {
            return Ok(Self { keys: Trie::new(std::iter::empty()), replacements: String::new() });
        }
        let malformed = |reason| TokenizerError::MalformedCharsmap { reason };
        let (size, rest) = blob.split_first_chunk().ok_or(malformed("it has no size"))?;
        let array_bytes = u32::from_le_bytes(*size) as usize;
        if array_bytes >= rest.len() {
            return Err(malformed("its array ends behind it"));
        }
        let (array, replacements) = rest.split_at(array_bytes);
        let replacements =
            std::str::from_utf8(replacements).map_err(|_| malformed("a replacement is not UTF-8"))?;
        if !replacements.ends_with('\0') {
            return Err(malformed("a replacement does not end"));
        }
        let units = array.as_chunks().0.iter().map(|unit| u32::from_le_bytes(*unit)).collect();
        let keys = DoubleArray { units }.keys(replacements).map_err(malformed)?;
        let keys = keys.iter().map(|(key, offset)| (key.as_bytes(), *offset));
        Ok(Self { keys: Trie::new(keys), replacements: replacements.to_owned() })
    }

    /// How many bytes at the start of `text` are rewritten, and to what.
    pub(crate) fn replacement(&self, text: &str) -> Option<(usize, &str)> {
        let (len, offset) = self.keys.longest_prefix(text.as_bytes())?;
        let (replacement, _) = self.replacements[offset as usize..].split_once('\0')?;
        Some((len, replacement))
    }
}

struct DoubleArray {
    units: Vec<u32>,
}

impl DoubleArray {
    /// All keys with their values, which are offsets of characters in `replacements`.
    fn keys(&self, replacements: &str) -> Result<Vec<(String, u32)>, &'static str> {
        let mut keys = Vec::new();
        if self.units.is_empty() {
            return Ok(keys);
        }
        let root = base(self.units[0]);
        // Where the children of a node are, and the bytes that lead to it. Nodes may be shared: their number is what
        // bounds the walk, and the length of a key what ends a circle.
        let mut open = vec![(root, Vec::new())];
        let mut nodes = 0;
        while let Some((children, key)) = open.pop() {
            for label in 1..=u8::MAX {
                let at = children ^ u32::from(label);
                let Some(&unit) = self.units.get(at as usize) else { continue };
                if self::label(unit) != u32::from(label) {
                    continue;
                }
                nodes += 1;
                if nodes > MAX_NODES {
                    return Err("its array has too many nodes");
                }
                let mut key: Vec<u8> = key.clone();
                key.push(label);
                if key.len() > LONGEST_KEY {
                    return Err("a key is too long");
                }
                let children = at ^ base(unit);
                if is_leaf(unit) {
                    let value = self.units.get(children as usize).ok_or("a value is outside its array")?;
                    let offset = value & !VALUE;
                    if !replacements.is_char_boundary(offset as usize)
                        || offset as usize >= replacements.len()
                    {
                        return Err("a value is outside the replacements");
                    }
                    let rewritten =
                        replacements.bytes().skip(offset as usize).take(MAX_GROWTH * key.len() + 1);
                    if rewritten.clone().all(|byte| byte != 0) {
                        return Err("a replacement is much longer than what it replaces");
                    }
                    let key = String::from_utf8(key.clone()).map_err(|_| "a key is not UTF-8")?;
                    keys.push((key, offset));
                }
                open.push((children, key));
            }
        }
        Ok(keys)
    }
}

/// The bit of a unit that is a value.
const VALUE: u32 = 1 << 31;

fn base(unit: u32) -> u32 {
    (unit >> 10) << ((unit & 1 << 9) >> 6)
}

/// A value has none that a byte equals.
fn label(unit: u32) -> u32 {
    unit & (VALUE | 0xff)
}

fn is_leaf(unit: u32) -> bool {
    unit >> 8 & 1 == 1
}
