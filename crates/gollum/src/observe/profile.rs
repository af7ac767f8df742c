//! Profiles of the process in the pprof format, by the signal that samples it.

use std::time::Duration;

use pprof::ProfilerGuardBuilder;
use pprof::protos::Message;

/// Samples a second: a prime, so that it does not keep step with what is measured.
const FREQUENCY: i32 = 199;
/// Code that must not be unwound from a signal: it may hold the locks that unwinding takes.
const NOT_UNWOUND: &[&str] = &["libc", "libgcc", "pthread", "vdso"];

/// Samples all threads for this long. Errors: what the sampler says.
pub fn profile(length: Duration) -> Result<Vec<u8>, String> {
    let said = |error: pprof::Error| format!("the profiler failed: {error}");
    let guard =
        ProfilerGuardBuilder::default().frequency(FREQUENCY).blocklist(NOT_UNWOUND).build().map_err(said)?;
    std::thread::sleep(length);
    let profile = guard.report().build().and_then(|report| report.pprof()).map_err(said)?;
    Ok(profile.encode_to_vec())
}
