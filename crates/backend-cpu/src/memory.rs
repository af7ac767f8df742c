//! Large zeroed buffers, on huge pages where the system has them: weights and KV are read from end to end,
//! and 4 KiB pages would spend a TLB miss every 64 lines.
//!
//! Every byte a kernel reads or writes through a pointer lies in one of these, so that tests can put
//! guard pages (`memory/guard.rs`) around all of them at once.

#![allow(unsafe_code)]

#[cfg(all(test, unix))]
pub(crate) mod guard;

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::Arc;

/// The system's huge pages, which only whole and aligned ranges of this size get.
const HUGE_PAGE_BYTES: usize = 2 << 20;
/// From here on a mapping is rounded up to whole huge pages. Below it, the rounding would cost more than it gives.
const ROUNDED_FROM_BYTES: usize = HUGE_PAGE_BYTES / 4;
/// What an [`Arena`] maps at a time. Nothing is spent on what is not used of it but address space.
const ARENA_CHUNK_BYTES: usize = 64 << 20;
/// Two lines, because the hardware fetches lines in pairs: no two buffers share what a write takes away.
const ARENA_ALIGN: usize = 128;

/// A range of memory from the system, given back when dropped.
struct Mapping {
    start: NonNull<u8>,
    len: usize,
}

// SAFETY: the mapping itself is never read or written; the buffers in it answer for their own bytes.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

#[cfg(unix)]
impl Mapping {
    /// `len > 0` zeroed bytes with the given protection.
    fn new(len: usize, protection: libc::c_int) -> Option<Self> {
        // SAFETY: a fresh private anonymous mapping; nothing else refers to it.
        let start = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                len,
                protection,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        if start == libc::MAP_FAILED {
            return None;
        }
        NonNull::new(start.cast()).map(|start| Self { start, len })
    }

    /// At least `len > 0` zeroed bytes, on huge pages if the system has them.
    fn zeroed(len: usize) -> Option<Self> {
        let unit = if len < ROUNDED_FROM_BYTES { 1 } else { HUGE_PAGE_BYTES };
        let len = len.checked_next_multiple_of(unit)?;
        let mapping = Self::new(len, libc::PROT_READ | libc::PROT_WRITE)?;
        #[cfg(target_os = "linux")]
        // SAFETY: the range was mapped above. The advice may be refused; nothing depends on it.
        unsafe {
            libc::madvise(mapping.start.as_ptr().cast(), len, libc::MADV_HUGEPAGE);
        }
        Some(mapping)
    }
}

#[cfg(unix)]
impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: mapped by `new` with this length, and unmapped nowhere else.
        unsafe {
            libc::munmap(self.start.as_ptr().cast(), self.len);
        }
    }
}

#[cfg(not(unix))]
impl Mapping {
    /// `len > 0` zeroed bytes.
    fn zeroed(len: usize) -> Option<Self> {
        let layout = std::alloc::Layout::from_size_align(len, 64).ok()?;
        // SAFETY: the size is at least 1.
        NonNull::new(unsafe { std::alloc::alloc_zeroed(layout) }).map(|start| Self { start, len })
    }
}

#[cfg(not(unix))]
impl Drop for Mapping {
    fn drop(&mut self) {
        let layout = std::alloc::Layout::from_size_align(self.len, 64).expect("as in zeroed");
        // SAFETY: allocated by `zeroed` with this layout.
        unsafe { std::alloc::dealloc(self.start.as_ptr(), layout) };
    }
}

/// Zeroed bytes, aligned to at least 64; in a test with guard pages only as their length is, because they
/// end flush with a page. Nothing outside `[start, start + len)` may be touched: there is no padding.
pub(crate) struct HugeBuffer {
    start: NonNull<u8>,
    len: usize,
    /// What `start` points into, alone or beside others of an arena; `None` for no bytes.
    _mapping: Option<Arc<Mapping>>,
    #[cfg(all(test, unix))]
    is_guarded: bool,
}

// SAFETY: owns its bytes, as a Vec does.
unsafe impl Send for HugeBuffer {}
// SAFETY: shared access is read access.
unsafe impl Sync for HugeBuffer {}

impl HugeBuffer {
    /// `len` zeroed bytes, or `None` when the system has no such range.
    pub fn zeroed(len: usize) -> Option<Self> {
        #[cfg(all(test, unix))]
        if let (Some(placement), true) = (guard::placement(), len > 0) {
            return guard::zeroed(len, placement);
        }
        if len == 0 {
            return Some(Self::new(NonNull::<u128>::dangling().cast(), len, None));
        }
        let mapping = Mapping::zeroed(len)?;
        Some(Self::new(mapping.start, len, Some(Arc::new(mapping))))
    }

    fn new(start: NonNull<u8>, len: usize, mapping: Option<Arc<Mapping>>) -> Self {
        Self {
            start,
            len,
            _mapping: mapping,
            #[cfg(all(test, unix))]
            is_guarded: false,
        }
    }

    /// The first byte, without a reference to any: for tasks that write disjoint parts.
    pub fn as_raw(&self) -> *mut u8 {
        self.start.as_ptr()
    }
}

impl Deref for HugeBuffer {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        // SAFETY: `start` is good for `len` initialised bytes for as long as `self` lives.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl DerefMut for HugeBuffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and `&mut self` makes it the only access.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

/// Room for what is made once and kept: weights, activation buffers, the KV cache. Small buffers lie side by
/// side in large mappings, because a mapping smaller than a huge page gets none: a decode read the matrices of
/// a small model, each in a mapping of its own, at half the bandwidth of a large one's.
///
/// A chunk is given back when the last of its buffers is dropped.
#[derive(Default)]
pub(crate) struct Arena {
    chunk: Option<Arc<Mapping>>,
    /// Bytes of the chunk that are given out.
    used: usize,
}

impl Arena {
    /// `len` zeroed bytes, or `None` when the system has no such range.
    pub fn zeroed(&mut self, len: usize) -> Option<HugeBuffer> {
        #[cfg(all(test, unix))]
        if guard::placement().is_some() {
            return HugeBuffer::zeroed(len);
        }
        if len == 0 || len >= ARENA_CHUNK_BYTES {
            return HugeBuffer::zeroed(len);
        }
        let at = self.used.next_multiple_of(ARENA_ALIGN);
        let (chunk, at) = match &self.chunk {
            Some(chunk) if at + len <= ARENA_CHUNK_BYTES => (Arc::clone(chunk), at),
            _ => (Arc::clone(self.chunk.insert(Arc::new(Mapping::zeroed(ARENA_CHUNK_BYTES)?))), 0),
        };
        self.used = at + len;
        // SAFETY: `at + len` bytes are within the chunk.
        let start = unsafe { chunk.start.add(at) };
        Some(HugeBuffer::new(start, len, Some(chunk)))
    }
}

/// Data without padding or invalid bit patterns: numbers, and records of them.
///
/// # Safety
/// Any bytes are a value, and the alignment divides 64 and the size.
pub(crate) unsafe trait Plain: Copy {}
// SAFETY: a float.
unsafe impl Plain for f32 {}

/// A [`HugeBuffer`] of values.
pub(crate) struct HugeArray<T> {
    bytes: HugeBuffer,
    values: PhantomData<T>,
}

impl<T: Plain> HugeArray<T> {
    /// `len` zeros. The arrays are small beside weights and KV, so a system without room for one is beyond
    /// an error message.
    pub fn zeroed(len: usize) -> Self {
        let bytes = HugeBuffer::zeroed(len * size_of::<T>()).expect("the address space holds the scratch");
        Self { bytes, values: PhantomData }
    }

    /// A copy of `values`.
    pub fn copy_of(arena: &mut Arena, values: &[T]) -> Self {
        let bytes = arena.zeroed(size_of_val(values)).expect("the address space holds a vector");
        let mut array = Self { bytes, values: PhantomData };
        array.copy_from_slice(values);
        array
    }

    /// Makes room for at least `len` values. What the array held may be lost.
    pub fn make_room(&mut self, len: usize) {
        if self.len() < len {
            *self = Self::zeroed(len);
        }
    }

    /// As [`make_room`](Self::make_room); in a test with guard pages the room is exactly `len`, so that a
    /// kernel that reads what an earlier, larger job left behind faults too.
    pub fn fit(&mut self, len: usize) {
        #[cfg(all(test, unix))]
        if guard::placement().is_some() && self.len() != len {
            *self = Self::zeroed(len);
        }
        self.make_room(len);
    }
}

impl<T: Plain> Default for HugeArray<T> {
    fn default() -> Self {
        Self::zeroed(0)
    }
}

impl<T: Plain> Deref for HugeArray<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        // SAFETY: the buffer holds whole values, any bytes are a value, and it is aligned for them.
        unsafe { std::slice::from_raw_parts(self.bytes.as_raw().cast(), self.bytes.len() / size_of::<T>()) }
    }
}

impl<T: Plain> DerefMut for HugeArray<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        let len = self.len();
        // SAFETY: as above, and `&mut self` makes it the only access.
        unsafe { std::slice::from_raw_parts_mut(self.bytes.as_raw().cast(), len) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arena_buffers_are_zeroed_aligned_and_apart() {
        let mut arena = Arena::default();
        let lens = [1, 127, 128, 129, 0, 5 << 20, ARENA_CHUNK_BYTES - 1, 3, ARENA_CHUNK_BYTES + 5, 7];
        let mut buffers: Vec<HugeBuffer> =
            lens.iter().map(|&len| arena.zeroed(len).expect("memory")).collect();
        drop(arena);
        for (mark, buffer) in (1..).zip(&mut buffers) {
            assert!(buffer.iter().all(|&b| b == 0), "no buffer reaches into an earlier one");
            assert!(buffer.is_empty() || buffer.as_raw().addr().is_multiple_of(ARENA_ALIGN));
            buffer.fill(mark);
        }
        for (mark, (buffer, len)) in (1..).zip(buffers.iter().zip(lens)) {
            assert!(buffer.len() == len && buffer.iter().all(|&b| b == mark));
        }
    }
}
