//! A progress bar on a terminal; silence anywhere else.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Draws per second at most.
const DRAWS_PER_S: u8 = 10;

/// A bar that may be invisible.
pub struct Bar(ProgressBar);

impl Bar {
    /// A bar over bytes; without a total it shows what went by.
    pub fn bytes(what: &str, total: Option<u64>) -> Self {
        let style = match total {
            Some(_) => "{msg} [{bar:30}] {bytes} of {total_bytes}, {binary_bytes_per_sec}, {eta} left",
            None => "{msg} {spinner} {bytes}, {binary_bytes_per_sec}",
        };
        let bar = ProgressBar::with_draw_target(total, target());
        bar.set_style(
            ProgressStyle::with_template(style).expect("the template is a constant that a test parses"),
        );
        bar.set_message(what.to_owned());
        if total.is_none() && !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self(bar)
    }

    /// So much is done.
    pub fn set(&self, done: u64) {
        self.0.set_position(done);
    }

    /// Takes the bar off the screen.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}

fn target() -> ProgressDrawTarget {
    if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr_with_hz(DRAWS_PER_S)
    } else {
        ProgressDrawTarget::hidden()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_templates_parse() {
        Bar::bytes("x", Some(10)).set(5);
        Bar::bytes("x", None).finish();
    }
}
