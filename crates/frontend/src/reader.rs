//! What a chat's answer says: thoughts, text and calls, told apart while it comes.

use std::sync::Arc;

use crate::reasoning::{Marks, Place, Splitter};
use crate::tools::{Channels, Offer, Said, Sieve, Sieved, ToolCall, ToolDialect};

/// How to read answers.
#[derive(Clone, Default)]
pub(crate) struct Reading {
    /// How thoughts are marked, if they are to be told apart, and where the prompt leaves off.
    pub thoughts: Option<(&'static Marks, Place)>,
    /// Thoughts are not shown.
    pub hides_thoughts: bool,
    /// Thoughts and text are messages of one stream.
    pub has_channels: bool,
    /// How tools are called, and which, if they may be.
    pub calls: Option<(&'static ToolDialect, Arc<Offer>)>,
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
    form: Form,
    shown: Shown,
}

/// What becomes of thoughts that are found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Apart,
    Inline,
    Hidden,
}

enum Form {
    Marks { splitter: Option<Splitter>, sieve: Option<Sieve> },
    Channels(Channels),
}

impl Reader {
    pub fn new(reading: Reading) -> Self {
        let shown = match reading.thoughts {
            _ if reading.hides_thoughts => Shown::Hidden,
            None => Shown::Inline,
            Some(_) => Shown::Apart,
        };
        let form = if reading.has_channels {
            Form::Channels(Channels::new())
        } else {
            Form::Marks {
                splitter: reading.thoughts.map(|(marks, place)| Splitter::new(marks, place)),
                sieve: reading.calls.map(|(dialect, offer)| Sieve::new(dialect, offer)),
            }
        };
        Self { form, shown }
    }

    /// Adds text.
    pub fn push(&mut self, text: &str) -> Read {
        let was_inside = self.form.is_thinking();
        let Said { thoughts, text, calls } = self.form.push(text);
        let is_thought = text.is_empty()
            && calls.is_empty()
            && (was_inside || self.form.is_thinking() || !thoughts.is_empty());
        self.read(Said { thoughts, text, calls }, is_thought && self.shown != Shown::Inline)
    }

    /// Ends the answer: what was held back.
    pub fn finish(&mut self) -> Read {
        let said = self.form.finish();
        self.read(said, false)
    }

    fn read(&self, said: Said, is_thought: bool) -> Read {
        let Said { mut thoughts, mut text, calls } = said;
        match self.shown {
            Shown::Apart => {}
            Shown::Inline => text = std::mem::take(&mut thoughts) + &text,
            Shown::Hidden => thoughts.clear(),
        }
        Read { thoughts, text, calls, is_thought }
    }
}

impl Form {
    fn is_thinking(&self) -> bool {
        match self {
            Self::Marks { splitter, .. } => splitter.as_ref().is_some_and(Splitter::is_inside),
            Self::Channels(channels) => channels.is_thinking(),
        }
    }

    fn push(&mut self, text: &str) -> Said {
        let (splitter, sieve) = match self {
            Self::Channels(channels) => return channels.push(text),
            Self::Marks { splitter, sieve } => (splitter, sieve),
        };
        let (thoughts, rest) = match splitter {
            None => (String::new(), text.to_owned()),
            Some(splitter) => splitter.push(text),
        };
        let Some(sieve) = sieve else { return Said { thoughts, text: rest, calls: Vec::new() } };
        let Sieved { text, calls } = sieve.push(&rest);
        Said { thoughts, text: text + &sieve.pass(), calls }
    }

    fn finish(&mut self) -> Said {
        let (splitter, sieve) = match self {
            Self::Channels(channels) => return channels.finish(),
            Self::Marks { splitter, sieve } => (splitter, sieve),
        };
        let (thoughts, rest) = splitter.as_mut().map(Splitter::finish).unwrap_or_default();
        let Some(sieve) = sieve else { return Said { thoughts, text: rest, calls: Vec::new() } };
        let Sieved { mut text, mut calls } = sieve.push(&rest);
        text += &sieve.pass();
        let last = sieve.finish();
        text += &last.text;
        calls.extend(last.calls);
        Said { thoughts, text, calls }
    }
}
