//! How many prompt rows fit into the time that a step may take.
//!
//! A chunk of 512 rows is 50 ms on one machine and 20 s on another. It bounds how long running streams wait,
//! how soon an abort takes effect, and how old a heartbeat may get, so its size follows the measured speed.
//! No answer depends on it: chunks have the same bits however a prompt is cut.

use gollum_core::PAGE_TOKENS;

/// Rows that a step may compute of prompts however slow the machine is.
const MIN_ROWS: usize = PAGE_TOKENS;
/// A step counts if it has this many rows: with fewer, reading the weights is what takes the time.
const MIN_MEASURED_ROWS: usize = PAGE_TOKENS;

/// The speed of prompt rows, smoothed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pace {
    /// Nanoseconds; 0 before the first measurement.
    ns_per_row: u64,
}

impl Pace {
    /// A step of `rows` rows has taken `took_us`.
    pub fn measured(&mut self, rows: usize, took_us: u64) {
        if rows < MIN_MEASURED_ROWS {
            return;
        }
        let now_ns = took_us.saturating_mul(1000) / rows as u64;
        self.ns_per_row = match self.ns_per_row {
            0 => now_ns,
            // One hiccup of the machine must not cut prompts to pieces.
            old => (old * 3 + now_ns.min(old.saturating_mul(4))) / 4,
        };
    }

    /// Rows that take `time_us`, at most `most`.
    pub fn rows(&self, time_us: u64, most: usize) -> usize {
        match time_us.saturating_mul(1000).checked_div(self.ns_per_row) {
            None => most,
            Some(rows) => usize::try_from(rows).unwrap_or(usize::MAX).max(MIN_ROWS).min(most),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_follow_the_speed() {
        let mut pace = Pace::default();
        assert_eq!(pace.rows(250_000, 256), 256, "nothing is known yet");
        pace.measured(256, 2_560_000);
        assert_eq!(pace.rows(250_000, 256), 25, "10 ms a row");
        for _ in 0..40 {
            pace.measured(25, 25_000);
        }
        assert!((240..=256).contains(&pace.rows(250_000, 256)), "1 ms a row: {pace:?}");
        pace.measured(25, 60_000_000);
        assert!(pace.rows(250_000, 256) > 100, "one hiccup: {pace:?}");
        pace.measured(1, 60_000_000);
        assert!(pace.rows(250_000, 256) > 100, "a decode says nothing about prompts");
        assert_eq!(pace.rows(1, 256), MIN_ROWS);
        assert_eq!(pace.rows(1, 8), 8);
    }
}
