//! Time for tests that bound it.

use std::{
    sync::LazyLock,
    time::{Duration, Instant},
};

/// What this thread has computed so far: other work on the machine is not this code's doing. Time as such where
/// the system does not say.
pub fn time_on_cpu() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let on_cpu_ns = std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|text| text.split_whitespace().next()?.parse().ok());
    on_cpu_ns.map_or_else(|| START.elapsed(), Duration::from_nanos)
}
