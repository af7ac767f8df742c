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

/// A range of memory from the system, given back when dropped.
struct Mapping {
    start: NonNull<u8>,
    len: usize,
}

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

    /// `len > 0` zeroed bytes, on huge pages if the system has them.
    fn zeroed(len: usize) -> Option<Self> {
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
    /// What `start` points into; `None` for no bytes.
    _mapping: Option<Mapping>,
}

// SAFETY: owns its bytes, as a Vec does.
unsafe impl Send for HugeBuffer {}
// SAFETY: shared access is read access.
unsafe impl Sync for HugeBuffer {}

impl HugeBuffer {
    /// `len` zeroed bytes, or `None` when the system has no such range.
    pub fn zeroed(len: usize) -> Option<Self> {
        if len == 0 {
            return Some(Self { start: NonNull::<u128>::dangling().cast(), len, _mapping: None });
        }
        #[cfg(all(test, unix))]
        if let Some(placement) = guard::placement() {
            return guard::zeroed(len, placement);
        }
        let mapping = Mapping::zeroed(len)?;
        Some(Self { start: mapping.start, len, _mapping: Some(mapping) })
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

/// Numbers without padding or invalid bit patterns.
///
/// # Safety
/// Any bytes are a value, and the alignment divides 64 and the size.
pub(crate) unsafe trait Plain: Copy {}
// SAFETY: integers and floats.
unsafe impl Plain for i8 {}
// SAFETY: as above.
unsafe impl Plain for i32 {}
// SAFETY: as above.
unsafe impl Plain for f32 {}

/// A [`HugeBuffer`] of numbers.
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
    pub fn copy_of(values: &[T]) -> Self {
        let mut array = Self::zeroed(values.len());
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
