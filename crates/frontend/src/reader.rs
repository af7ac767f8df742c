//! What a chat's answer says: thoughts, text and calls, told apart while it comes.

use crate::reasoning::{Marks, Place, Splitter};
use crate::tools::{Sieve, Sieved, ToolCall, ToolDialect};

/// How to read answers.
#[derive(Clone, Copy, Default)]
pub(crate) struct Reading {
    /// How thoughts are marked, if they are to be told apart, and where the prompt leaves off.
    pub thoughts: Option<(&'static Marks, Place)>,
    /// Thoughts are not shown.
    pub hides_thoughts: bool,
    /// How tools are called, if they may be.
    pub calls: Option<&'static ToolDialect>,
}

impl Reading {
    /// False if an answer is text, as it comes.
    pub fn does_anything(&self) -> bool {
        self.thoughts.is_some() || self.calls.is_some()
    }
}

/// What a piece of an answer said, in this order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Read {
    pub thoughts: String,
    pub text: String,
    pub calls: Vec<ToolCall>,
    /// The piece was of thoughts alone, or of their marks.
    pub is_thought: bool,
}

/// The state of one answer.
pub(crate) struct Reader {
    splitter: Option<Splitter>,
    hides_thoughts: bool,
    sieve: Option<Sieve>,
}

impl Reader {
    pub fn new(reading: Reading) -> Self {
        Self {
            splitter: reading.thoughts.map(|(marks, place)| Splitter::new(marks, place)),
            hides_thoughts: reading.hides_thoughts,
            sieve: reading.calls.map(Sieve::new),
        }
    }

    /// Adds text.
    pub fn push(&mut self, text: &str) -> Read {
        let mut was_inside = false;
        let (mut thoughts, rest) = match &mut self.splitter {
            None => (String::new(), text.to_owned()),
            Some(splitter) => {
                was_inside = splitter.is_inside();
                splitter.push(text)
            }
        };
        let is_inside = self.splitter.as_ref().is_some_and(Splitter::is_inside);
        let is_thought = rest.is_empty() && (was_inside || is_inside || !thoughts.is_empty());
        if self.hides_thoughts {
            thoughts.clear();
        }
        let Sieved { text, calls } = match &mut self.sieve {
            None => Sieved { text: rest, calls: Vec::new() },
            Some(sieve) => {
                let Sieved { text, calls } = sieve.push(&rest);
                Sieved { text: text + &sieve.pass(), calls }
            }
        };
        Read { thoughts, text, calls, is_thought }
    }

    /// Ends the answer: what was held back.
    pub fn finish(&mut self) -> Read {
        let (mut thoughts, rest) = self.splitter.as_mut().map(Splitter::finish).unwrap_or_default();
        if self.hides_thoughts {
            thoughts.clear();
        }
        let Sieved { text, calls } = match &mut self.sieve {
            None => Sieved { text: rest, calls: Vec::new() },
            Some(sieve) => {
                let mut sieved = sieve.push(&rest);
                sieved.text += &sieve.pass();
                let last = sieve.finish();
                sieved.text += &last.text;
                sieved.calls.extend(last.calls);
                sieved
            }
        };
        Read { thoughts, text, calls, is_thought: false }
    }
}
