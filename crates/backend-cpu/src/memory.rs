//! Large zeroed buffers, on huge pages where the system has them: weights and KV are read from end to end,
//! and 4 KiB pages would spend a TLB miss every 64 lines.

#![allow(unsafe_code)]

use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

/// Zeroed bytes, aligned to at least 64.
pub(crate) struct HugeBuffer {
    start: NonNull<u8>,
    len: usize,
}

// SAFETY: owns its bytes, as a Vec does.
unsafe impl Send for HugeBuffer {}
// SAFETY: shared access is read access.
unsafe impl Sync for HugeBuffer {}

#[cfg(unix)]
impl HugeBuffer {
    /// `len` zeroed bytes, or `None` when the system has no such range.
    pub fn zeroed(len: usize) -> Option<Self> {
        if len == 0 {
            return Some(Self { start: NonNull::<u128>::dangling().cast(), len });
        }
        // SAFETY: a fresh private anonymous mapping; nothing else refers to it.
        let start = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                len,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        if start == libc::MAP_FAILED {
            return None;
        }
        #[cfg(target_os = "linux")]
        // SAFETY: the range was mapped above. The advice may be refused; nothing depends on it.
        unsafe {
            libc::madvise(start, len, libc::MADV_HUGEPAGE);
        }
        NonNull::new(start.cast()).map(|start| Self { start, len })
    }
}

#[cfg(unix)]
impl Drop for HugeBuffer {
    fn drop(&mut self) {
        if self.len > 0 {
            // SAFETY: mapped by `zeroed` with this length, and unmapped nowhere else.
            unsafe {
                libc::munmap(self.start.as_ptr().cast(), self.len);
            }
        }
    }
}

#[cfg(not(unix))]
impl HugeBuffer {
    /// `len` zeroed bytes, or `None` when the allocator has none.
    pub fn zeroed(len: usize) -> Option<Self> {
        let layout = std::alloc::Layout::from_size_align(len.max(1), 64).ok()?;
        // SAFETY: the size is at least 1.
        NonNull::new(unsafe { std::alloc::alloc_zeroed(layout) }).map(|start| Self { start, len })
    }
}

#[cfg(not(unix))]
impl Drop for HugeBuffer {
    fn drop(&mut self) {
        let layout = std::alloc::Layout::from_size_align(self.len.max(1), 64).expect("as in zeroed");
        // SAFETY: allocated by `zeroed` with this layout.
        unsafe { std::alloc::dealloc(self.start.as_ptr(), layout) };
    }
}

impl HugeBuffer {
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
