//! A fast hash for tables whose keys come from the model file.
//!
//! Texts from users are only looked up, never stored, so nobody can fill a table with colliding keys; the
//! standard library's hash resists that at a cost that shows in every merge.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

/// A map with [`FoldHasher`].
pub(crate) type FoldMap<K, V> = HashMap<K, V, BuildHasherDefault<FoldHasher>>;

/// Folds eight bytes at a time with one multiplication, and mixes the halves at the end.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FoldHasher(u64);

/// 2^64 divided by the golden ratio, odd: spreads consecutive numbers evenly.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl Hasher for FoldHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (words, tail) = bytes.as_chunks::<8>();
        for word in words {
            self.write_u64(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..tail.len()].copy_from_slice(tail);
        self.write_u64(u64::from_le_bytes(last));
    }

    fn write_u8(&mut self, value: u8) {
        self.write_u64(u64::from(value));
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        let product = u128::from(self.0.rotate_left(29) ^ value ^ GOLDEN) * u128::from(GOLDEN);
        self.0 = (product as u64) ^ (product >> 64) as u64;
    }

    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
