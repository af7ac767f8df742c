//! What this machine has: free memory and cores.

use std::collections::BTreeSet;

/// Assumed free where the system does not say.
const UNKNOWN_FREE_BYTES: u64 = 2 << 30;

/// Compute threads unless told otherwise: one per physical core that this process may use. Two threads of one
/// core share its multipliers, so a second one adds barriers and no speed.
pub fn default_threads() -> usize {
    let usable = std::thread::available_parallelism().map_or(1, usize::from);
    physical_cores().map_or(usable, |cores| cores.clamp(1, usable))
}

/// Physical cores, from the sibling lists of Linux; unknown elsewhere (Apple's cores have one thread each).
fn physical_cores() -> Option<usize> {
    let mut cores = BTreeSet::new();
    for entry in std::fs::read_dir("/sys/devices/system/cpu").ok()?.flatten() {
        let siblings = entry.path().join("topology/thread_siblings_list");
        if let Ok(siblings) = std::fs::read_to_string(siblings) {
            cores.insert(siblings.trim().to_owned());
        }
    }
    (!cores.is_empty()).then_some(cores.len())
}

/// Bytes a new allocation can have without pushing others out: the least of what the machine and the
/// process's control group leave.
pub fn free_bytes() -> u64 {
    let machine = machine_free_bytes().unwrap_or(UNKNOWN_FREE_BYTES);
    cgroup_free_bytes().map_or(machine, |group| group.min(machine))
}

#[cfg(target_os = "linux")]
fn machine_free_bytes() -> Option<u64> {
    mem_available(&std::fs::read_to_string("/proc/meminfo").ok()?)
}

/// `MemAvailable` of `/proc/meminfo`, in bytes.
#[cfg(any(target_os = "linux", test))]
fn mem_available(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|l| l.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(not(target_os = "linux"))]
fn machine_free_bytes() -> Option<u64> {
    let output = std::process::Command::new("vm_stat").output().ok()?;
    vm_stat_free(&String::from_utf8_lossy(&output.stdout))
}

/// Free, inactive and purgeable pages of macOS's `vm_stat`, in bytes.
#[cfg(any(not(target_os = "linux"), test))]
fn vm_stat_free(text: &str) -> Option<u64> {
    let page_bytes: u64 = text.split("page size of ").nth(1)?.split(' ').next()?.parse().ok()?;
    let pages: u64 = ["Pages free:", "Pages inactive:", "Pages purgeable:"]
        .iter()
        .filter_map(|name| text.lines().find_map(|l| l.strip_prefix(name)))
        .filter_map(|value| value.trim().trim_end_matches('.').parse::<u64>().ok())
        .sum();
    pages.checked_mul(page_bytes)
}

/// What the control group of this process leaves, if it has a limit (containers do).
fn cgroup_free_bytes() -> Option<u64> {
    let read = |name: &str| std::fs::read_to_string(format!("/sys/fs/cgroup/{name}")).ok();
    let number = |text: String| text.trim().parse::<u64>().ok();
    // Version 2, then version 1; "max" is no number and means no limit.
    let (limit, used) = match read("memory.max").and_then(number) {
        Some(limit) => (limit, read("memory.current").and_then(number)?),
        None => (
            read("memory/memory.limit_in_bytes").and_then(number)?,
            read("memory/memory.usage_in_bytes").and_then(number)?,
        ),
    };
    Some(limit.saturating_sub(used))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_at_least_one_thread() {
        let usable = std::thread::available_parallelism().map_or(1, usize::from);
        assert!((1..=usable).contains(&default_threads()));
    }

    #[test]
    fn the_systems_words_are_read() {
        assert_eq!(mem_available("MemTotal: 1 kB\nMemAvailable:   2048 kB\n"), Some(2 << 20));
        let vm_stat = "Mach Virtual Memory Statistics: (page size of 16384 bytes)\nPages free:  10.\n\
                       Pages active: 99.\nPages inactive:   5.\nPages purgeable: 1.\n";
        assert_eq!(vm_stat_free(vm_stat), Some(16 * 16384));
        assert!(free_bytes() > 0);
    }
}
