//! Parts calls from text while both come in pieces. What may still become a call is held back; what begins like one and
//! is none is text after all, so nothing is lost.

use std::sync::Arc;

use super::{Offer, ToolCall, ToolDialect};

/// What a piece of text led to, in this order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sieved {
    /// Text that is certainly no call.
    pub text: String,
    /// Calls that are complete.
    pub calls: Vec<ToolCall>,
}

/// The state of one answer.
pub struct Sieve {
    dialect: &'static ToolDialect,
    offer: Arc<Offer>,
    held: String,
    /// Inside a call.
    inside: bool,
    /// The answer began as text, in a dialect whose calls are whole answers.
    is_text: bool,
    /// White space between calls is not text.
    after_call: bool,
}

impl Sieve {
    /// `offer` is what may be called.
    pub fn new(dialect: &'static ToolDialect, offer: Arc<Offer>) -> Self {
        Self { dialect, offer, held: String::new(), inside: false, is_text: false, after_call: false }
    }

    /// Adds text.
    pub fn push(&mut self, text: &str) -> Sieved {
        self.held.push_str(text);
        let mut sieved = Sieved::default();
        while self.step(&mut sieved) {}
        sieved
    }

    /// Ends the text: an open call counts if it is whole.
    pub fn finish(&mut self) -> Sieved {
        let mut sieved = self.push("");
        let held = std::mem::take(&mut self.held);
        if self.inside {
            match (self.dialect.read)(&held, &self.offer) {
                Some(calls) => sieved.calls.extend(calls),
                None => sieved.text += &format!("{}{held}", self.dialect.open),
            }
        } else if !(self.after_call && held.trim().is_empty()) {
            sieved.text += &held;
        }
        self.inside = false;
        sieved
    }

    /// Takes one decision; false if there is none to take yet.
    fn step(&mut self, sieved: &mut Sieved) -> bool {
        let (open, close) = (self.dialect.open, self.dialect.close);
        if self.inside {
            if close.is_empty() {
                return false;
            }
            let Some(at) = self.held.find(close) else { return false };
            let rest = self.held.split_off(at + close.len());
            let block = std::mem::replace(&mut self.held, rest);
            match (self.dialect.read)(&block[..at], &self.offer) {
                Some(calls) => {
                    sieved.calls.extend(calls);
                    self.after_call = true;
                }
                None => {
                    sieved.text.push_str(open);
                    sieved.text.push_str(&block);
                }
            }
            self.inside = false;
            return true;
        }
        if self.after_call {
            let space = self.held.len() - self.held.trim_start().len();
            self.held.drain(..space);
        }
        if open.is_empty() {
            return self.begin();
        }
        if let Some(at) = self.held.find(open) {
            sieved.text.push_str(&self.held[..at]);
            self.held.drain(..at + open.len());
            self.inside = true;
            return true;
        }
        let certain = self.held.len() - ending_that_begins(&self.held, open);
        if certain > 0 {
            self.after_call = false;
            sieved.text.push_str(&self.held[..certain]);
            self.held.drain(..certain);
        }
        false
    }

    /// In a dialect whose calls are whole answers: what the answer is, as soon as that can be said.
    fn begin(&mut self) -> bool {
        let start = self.held.trim_start();
        let begins = self.dialect.begins;
        if !self.is_text && begins.iter().any(|mark| start.starts_with(mark)) {
            self.inside = true;
            return true;
        }
        self.is_text = self.is_text || !begins.iter().any(|mark| mark.starts_with(start));
        false
    }

    /// Text of an answer that is none of calls: see [`Sieve::begin`].
    pub fn pass(&mut self) -> String {
        if self.is_text && !self.inside { std::mem::take(&mut self.held) } else { String::new() }
    }
}

/// Bytes at the end of `text` with which `mark` begins.
pub(crate) fn ending_that_begins(text: &str, mark: &str) -> usize {
    (1..mark.len().min(text.len() + 1))
        .rev()
        .find(|&n| text.as_bytes().ends_with(&mark.as_bytes()[..n]))
        .unwrap_or(0)
}
