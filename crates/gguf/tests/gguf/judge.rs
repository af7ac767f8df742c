//! What every file, however hostile, must end in: a typed error or a model, soon, in little memory.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use gollum_gguf::{GgufError, Header, parse};

use crate::alloc::peak_bytes;

/// Longest time a parse may take.
pub const TIME_LIMIT: Duration = Duration::from_millis(100);
/// Memory a parse may take beyond the metadata's own size.
pub const MEMORY_LIMIT: usize = 64 << 20;

/// What was seen over many files.
#[derive(Default)]
pub struct Tally {
    pub loaded: usize,
    pub refused: usize,
    pub slowest: Duration,
    pub peak: usize,
}

impl Tally {
    pub fn files(&self) -> usize {
        self.loaded + self.refused
    }

    #[allow(clippy::print_stdout)] // the figures are part of the test's result
    pub fn report(&self, name: &str) {
        println!(
            "{name}: {} files, {} refused, {} loaded, slowest {:.1} ms, peak {:.2} MiB",
            self.files(),
            self.refused,
            self.loaded,
            self.slowest.as_secs_f64() * 1e3,
            self.peak as f64 / f64::from(1 << 20),
        );
    }
}

/// Parses one file and judges how that went. `metadata_bytes`: what the metadata itself may cost.
pub fn judge(
    tally: &mut Tally,
    file: &[u8],
    metadata_bytes: usize,
    what: &dyn Fn() -> String,
) -> Result<Header, GgufError> {
    let mut took = Duration::MAX;
    let mut outcome = None;
    // Best of some, by this thread's own time: a machine that did something else is not a slow parser.
    for _ in 0..5 {
        let (start, start_cpu) = (Instant::now(), cpu_time());
        let (result, peak) = peak_bytes(|| catch_unwind(AssertUnwindSafe(|| parse(file))));
        took = took.min(start.elapsed());
        if took > TIME_LIMIT / 4
            && let (Some(before), Some(after)) = (start_cpu, cpu_time())
        {
            took = took.min(after - before);
        }
        tally.peak = tally.peak.max(peak);
        assert!(peak <= MEMORY_LIMIT + metadata_bytes, "{}: {peak} bytes of memory", what());
        outcome = Some(result);
        if took <= TIME_LIMIT / 4 {
            break;
        }
    }
    assert!(took <= TIME_LIMIT, "{}: took {took:?}", what());
    tally.slowest = tally.slowest.max(took);
    let outcome = outcome.unwrap().unwrap_or_else(|_| panic!("{}: panicked", what()));
    match &outcome {
        Ok(header) => {
            tally.loaded += 1;
            check_loaded(header, file.len(), what);
        }
        Err(error) => {
            tally.refused += 1;
            let text = error.to_string();
            assert!(text.len() <= 1_000 && !text.contains(char::is_control), "{}: {text:?}", what());
        }
    }
    outcome
}

/// Time this thread has run, on Linux; exact to a few milliseconds, and never more than the clock's.
pub fn cpu_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// The promises of a file that loads.
fn check_loaded(header: &Header, file_len: usize, what: &dyn Fn() -> String) {
    let mut ranges: Vec<_> = header.tensors.iter().map(|t| (t.file_offset, t.byte_len, t)).collect();
    ranges.sort_by_key(|&(offset, ..)| offset);
    let mut end = header.header_bytes as usize;
    for (offset, byte_len, tensor) in ranges {
        assert!(offset >= end, "{}: {} overlaps", what(), tensor.name);
        assert!(byte_len > 0 && offset.is_multiple_of(header.alignment as usize), "{}", what());
        assert!((1..=4).contains(&tensor.dims.len()), "{}", what());
        let (weights, layout) = (tensor.weight_count(), tensor.ggml_type.layout());
        assert_eq!(byte_len, weights / layout.block_weights * layout.block_bytes, "{}", what());
        end = offset + byte_len;
    }
    assert!(end <= file_len, "{}: a tensor ends beyond the file", what());
}
