//! What this machine has: free memory and cores.

use std::collections::{BTreeMap, BTreeSet};

/// Assumed free where the system does not say.
const UNKNOWN_FREE_BYTES: u64 = 2 << 30;

/// Compute threads unless told otherwise: one per physical core that this process may use. Two threads of one
/// core share its multipliers, so a second one adds barriers and no speed.
pub fn default_threads() -> usize {
    let usable = std::thread::available_parallelism().map_or(1, usize::from);
    physical_cores().map_or(usable, |cores| cores.clamp(1, usable))
}

/// Physical cores; unknown but on Linux (Apple's cores have one thread each).
fn physical_cores() -> Option<usize> {
    let cores: BTreeSet<String> = sibling_lists().into_values().collect();
    (!cores.is_empty()).then_some(cores.len())
}

/// The CPUs this process may use, so ordered that the first ones are on different cores. Never empty.
pub fn cpus_by_core() -> Vec<usize> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let allowed = status.lines().find_map(|l| l.strip_prefix("Cpus_allowed_list:")).map(cpu_list);
    let allowed = allowed.filter(|cpus| !cpus.is_empty());
    let usable = std::thread::available_parallelism().map_or(1, usize::from);
    by_core(allowed.unwrap_or_else(|| (0..usable).collect()), &sibling_lists())
}

/// Moves CPUs that share a core with an earlier one to the end.
fn by_core(cpus: Vec<usize>, siblings: &BTreeMap<usize, String>) -> Vec<usize> {
    let mut seen = BTreeSet::new();
    let is_first = |cpu: &usize| siblings.get(cpu).is_none_or(|core| seen.insert(core.clone()));
    let (mut first, rest): (Vec<usize>, Vec<usize>) = cpus.into_iter().partition(is_first);
    first.extend(rest);
    first
}

/// Linux's `0-3,8`.
fn cpu_list(text: &str) -> Vec<usize> {
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(first.parse::<usize>().ok()?..=last.parse::<usize>().ok()?)
    };
    text.trim().split(',').filter_map(range).flatten().collect()
}

/// The CPUs that share a core, as Linux writes them, by CPU; empty elsewhere.
fn sibling_lists() -> BTreeMap<usize, String> {
    let mut lists = BTreeMap::new();
    for entry in std::fs::read_dir("/sys/devices/system/cpu").into_iter().flatten().flatten() {
        let cpu = entry.file_name().to_str().and_then(|name| name.strip_prefix("cpu")?.parse().ok());
        let siblings = std::fs::read_to_string(entry.path().join("topology/thread_siblings_list"));
        if let (Some(cpu), Ok(siblings)) = (cpu, siblings) {
            lists.insert(cpu, siblings.trim().to_owned());
        }
    }
    lists
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
    fn threads_of_one_core_come_last() {
        let siblings = [(0, "0-1"), (1, "0-1"), (2, "2-3"), (3, "2-3")];
        let siblings = siblings.map(|(cpu, list)| (cpu, list.to_owned())).into();
        assert_eq!(by_core(cpu_list(" 0-3\n"), &siblings), [0, 2, 1, 3]);
        assert_eq!(by_core(cpu_list("1,3"), &siblings), [1, 3]);
        assert_eq!(by_core(cpu_list("0-1,7"), &BTreeMap::new()), [0, 1, 7]);
        assert!(!cpus_by_core().is_empty());
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
