//! Guard pages around every buffer, for tests: a kernel that reads or writes one byte outside faults.
//!
//! ```text
//! End    | no access | slack ... bytes | no access |      a byte past the end faults
//! Start  | no access | bytes ... slack | no access |      a byte before the start faults
//! ```
//! The slack fills the first or last page. It holds 0xff, which is NaN in every float format, so reading it
//! shows in results; writing it shows when the buffer is dropped.

use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;

use super::{HugeBuffer, Mapping};

/// Which end of its pages a buffer touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placement {
    Start,
    End,
}

const SLACK: u8 = 0xff;

thread_local! {
    /// Of this thread: tests run side by side, and buffers are made by the thread that makes the backend.
    static PLACEMENT: Cell<Option<Placement>> = const { Cell::new(None) };
}

/// How this thread's buffers are placed now; `None` without guard pages.
pub(crate) fn placement() -> Option<Placement> {
    PLACEMENT.get()
}

/// Runs `f` with guard pages around every buffer it makes.
pub(crate) fn guarded<R>(placement: Placement, f: impl FnOnce() -> R) -> R {
    struct Reset;
    impl Drop for Reset {
        fn drop(&mut self) {
            PLACEMENT.set(None);
        }
    }
    PLACEMENT.set(Some(placement));
    let _reset = Reset;
    f()
}

fn page_bytes() -> usize {
    // SAFETY: asks a number.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).expect("a page has a size")
}

/// `len > 0` zeroed bytes between guard pages.
pub(super) fn zeroed(len: usize, placement: Placement) -> Option<HugeBuffer> {
    let page = page_bytes();
    let room = len.next_multiple_of(page);
    let mapping = Mapping::new(room + 2 * page, libc::PROT_NONE)?;
    // SAFETY: inside the mapping, between its first and its last page.
    let middle = unsafe { mapping.start.add(page) };
    // SAFETY: the range was mapped above, in whole pages.
    let opened = unsafe { libc::mprotect(middle.as_ptr().cast(), room, libc::PROT_READ | libc::PROT_WRITE) };
    assert_eq!(opened, 0, "the middle of a mapping can be opened");
    let (offset, slack) = match placement {
        Placement::Start => (0, len..room),
        Placement::End => (room - len, 0..room - len),
    };
    // SAFETY: the slack and the bytes are parts of the opened middle.
    let start = unsafe {
        middle.add(slack.start).write_bytes(SLACK, slack.len());
        middle.add(offset)
    };
    Some(HugeBuffer { start, len, _mapping: Some(Arc::new(mapping)), is_guarded: true })
}

/// The slack of a guarded buffer, as bytes before and behind the buffer's own.
fn slack(buffer: &HugeBuffer) -> Option<[Range<*mut u8>; 2]> {
    let mapping = buffer._mapping.as_ref().filter(|_| buffer.is_guarded)?;
    let page = page_bytes();
    let (begin, start) = (mapping.start.as_ptr(), buffer.start.as_ptr());
    let end = begin.wrapping_add(mapping.len - page);
    Some([begin.wrapping_add(page)..start, start.wrapping_add(buffer.len)..end])
}

impl Drop for HugeBuffer {
    fn drop(&mut self) {
        for range in slack(self).into_iter().flatten() {
            let (at, len) = (range.start, range.end.addr() - range.start.addr());
            // SAFETY: the slack is readable and belongs to this buffer's mapping.
            let bytes = unsafe { std::slice::from_raw_parts(at, len) };
            assert!(
                bytes.iter().all(|&b| b == SLACK) || std::thread::panicking(),
                "something wrote outside a buffer of {} bytes",
                self.len
            );
        }
    }
}

mod tests {
    use super::*;

    /// The signal that ends a child process which reads `at`; 0 if none does.
    fn signal_of_read(at: *const u8) -> i32 {
        // SAFETY: the child reads one byte and exits; it takes no lock and runs no destructor.
        unsafe {
            let child = libc::fork();
            assert!(child >= 0, "fork");
            if child == 0 {
                // The default action: the test harness has a handler of its own for stack overflows.
                libc::signal(libc::SIGSEGV, libc::SIG_DFL);
                libc::signal(libc::SIGBUS, libc::SIG_DFL);
                at.read_volatile();
                libc::_exit(0);
            }
            let mut status = 0;
            assert_eq!(libc::waitpid(child, &raw mut status, 0), child, "waitpid");
            if libc::WIFSIGNALED(status) { libc::WTERMSIG(status) } else { 0 }
        }
    }

    #[test]
    fn one_byte_outside_faults() {
        for len in [1, 64, 100, 4096, 5000] {
            let end = guarded(Placement::End, || HugeBuffer::zeroed(len).expect("memory"));
            assert_eq!(signal_of_read(end.as_raw().wrapping_add(len - 1)), 0, "the last byte of {len}");
            assert_ne!(signal_of_read(end.as_raw().wrapping_add(len)), 0, "a byte past {len}");
            let start = guarded(Placement::Start, || HugeBuffer::zeroed(len).expect("memory"));
            assert_eq!(signal_of_read(start.as_raw()), 0, "the first byte of {len}");
            assert_ne!(signal_of_read(start.as_raw().wrapping_sub(1)), 0, "a byte before {len}");
            assert!(start.iter().chain(end.iter()).all(|&b| b == 0), "buffers start as zeros");
        }
    }

    #[test]
    fn a_write_to_the_slack_is_found() {
        for (placement, offset) in [(Placement::End, -1), (Placement::Start, 100)] {
            let buffer = guarded(placement, || HugeBuffer::zeroed(100).expect("memory"));
            // SAFETY: the byte is inside the mapping; nobody else uses it.
            unsafe { buffer.as_raw().offset(offset).write(0) };
            let dropped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(buffer)));
            assert!(dropped.is_err(), "{placement:?}");
        }
    }
}
