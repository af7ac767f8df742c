//! Pinning threads to CPUs, where the system can.

#![allow(unsafe_code)]

pub(super) use system::*;

#[cfg(target_os = "linux")]
mod system {
    use std::io::{Error, Result};
    use std::os::unix::thread::JoinHandleExt;
    use std::thread::JoinHandle;

    /// The mask of one CPU; an error for a number that no mask holds.
    fn mask_of(cpu: usize) -> Result<libc::cpu_set_t> {
        if cpu >= 8 * size_of::<libc::cpu_set_t>() {
            return Err(Error::from_raw_os_error(libc::EINVAL));
        }
        // SAFETY: a mask is plain bits, all zeros is the empty one, and the number is within it.
        unsafe {
            let mut mask: libc::cpu_set_t = std::mem::zeroed();
            libc::CPU_SET(cpu, &mut mask);
            Ok(mask)
        }
    }

    fn pin_thread(thread: libc::pthread_t, cpu: usize) -> Result<()> {
        let mask = mask_of(cpu)?;
        // SAFETY: the thread lives: it is the current one, or its handle is borrowed.
        match unsafe { libc::pthread_setaffinity_np(thread, size_of_val(&mask), &raw const mask) } {
            0 => Ok(()),
            code => Err(Error::from_raw_os_error(code)),
        }
    }

    /// Pins a thread to one CPU.
    pub fn pin(thread: &JoinHandle<()>, cpu: usize) -> Result<()> {
        pin_thread(thread.as_pthread_t(), cpu)
    }

    /// Pins the calling thread to one CPU.
    pub fn pin_current(cpu: usize) -> Result<()> {
        // SAFETY: has no conditions.
        pin_thread(unsafe { libc::pthread_self() }, cpu)
    }

    /// The CPUs that the calling thread may run on.
    pub fn allowed() -> Result<Vec<usize>> {
        // SAFETY: a mask is plain bits, and the call writes no more than its size.
        unsafe {
            let mut mask: libc::cpu_set_t = std::mem::zeroed();
            if libc::sched_getaffinity(0, size_of_val(&mask), &raw mut mask) != 0 {
                return Err(Error::last_os_error());
            }
            Ok((0..8 * size_of_val(&mask)).filter(|&cpu| libc::CPU_ISSET(cpu, &mask)).collect())
        }
    }

    /// An error if the calling thread may not run on this CPU.
    pub fn check(cpu: usize) -> Result<()> {
        if allowed()?.contains(&cpu) { Ok(()) } else { Err(Error::from_raw_os_error(libc::EINVAL)) }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::io::{Error, ErrorKind, Result};
    use std::thread::JoinHandle;

    fn unsupported() -> Result<()> {
        Err(Error::new(ErrorKind::Unsupported, "this system does not pin threads"))
    }

    /// Never.
    pub fn pin(_thread: &JoinHandle<()>, _cpu: usize) -> Result<()> {
        unsupported()
    }

    /// Never.
    pub fn pin_current(_cpu: usize) -> Result<()> {
        unsupported()
    }

    /// Always an error.
    pub fn check(_cpu: usize) -> Result<()> {
        unsupported()
    }
}
