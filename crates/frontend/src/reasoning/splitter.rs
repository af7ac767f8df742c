//! Thoughts and text told apart while both come in pieces. White space around the marks belongs to neither. Only thoughts
//! with which an answer begins are thoughts: later marks are text.

use super::{Marks, Place};
use crate::tools::ending_that_begins;

/// The state of one answer.
pub(crate) struct Splitter {
    marks: &'static Marks,
    state: State,
    held: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Before,
    /// Nothing but white space has come of the thoughts.
    Opened,
    Inside,
    /// Only white space has come since they were closed.
    Closed,
    Text,
}

impl Splitter {
    pub fn new(marks: &'static Marks, place: Place) -> Self {
        let state = match place {
            Place::Before => State::Before,
            Place::Inside => State::Opened,
            Place::After => State::Text,
        };
        Self { marks, state, held: String::new() }
    }

    /// True inside thoughts.
    pub fn is_inside(&self) -> bool {
        matches!(self.state, State::Opened | State::Inside)
    }

    /// Adds text; returns what is certain: thoughts, and text after them.
    pub fn push(&mut self, text: &str) -> (String, String) {
        self.held.push_str(text);
        let (mut thoughts, mut rest) = (String::new(), String::new());
        loop {
            match self.state {
                State::Before | State::Opened => {
                    if !self.open() {
                        break;
                    }
                }
                State::Inside => {
                    if !self.think(&mut thoughts) {
                        break;
                    }
                }
                State::Closed => {
                    let space = self.held.len() - self.held.trim_start().len();
                    self.held.drain(..space);
                    if self.held.is_empty() {
                        break;
                    }
                    self.state = State::Text;
                }
                State::Text => {
                    rest += &std::mem::take(&mut self.held);
                    break;
                }
            }
        }
        (thoughts, rest)
    }

    /// Ends the text: thoughts that nothing closed are thoughts.
    pub fn finish(&mut self) -> (String, String) {
        let held = std::mem::take(&mut self.held);
        match self.state {
            State::Before | State::Text => (String::new(), held),
            State::Opened => (held.trim().to_owned(), String::new()),
            State::Inside => (held.trim_end().to_owned(), String::new()),
            State::Closed => Default::default(),
        }
    }

    /// Decides how the answer begins; false while that cannot be said. A mark that the prompt had already is none of
    /// the thoughts.
    fn open(&mut self) -> bool {
        let start = self.held.trim_start();
        let space = self.held.len() - start.len();
        if start.starts_with(self.marks.open) {
            self.held.drain(..space + self.marks.open.len());
            self.state = State::Opened;
            return true;
        }
        if self.marks.open.starts_with(start) {
            return false;
        }
        if self.state == State::Opened {
            // The mark's end may be all there is, and its first letters are held back as well.
            if self.marks.close.starts_with(start) && start.len() < self.marks.close.len() {
                return false;
            }
            self.held.drain(..space);
            self.state = State::Inside;
        } else {
            self.state = State::Text;
        }
        true
    }

    /// Passes thoughts on; true once they are closed.
    fn think(&mut self, thoughts: &mut String) -> bool {
        if let Some(at) = self.held.find(self.marks.close) {
            *thoughts += self.held[..at].trim_end();
            self.held.drain(..at + self.marks.close.len());
            self.state = State::Closed;
            return true;
        }
        let certain = self.held.len() - ending_that_begins(&self.held, self.marks.close);
        let certain = self.held[..certain].trim_end().len();
        thoughts.push_str(&self.held[..certain]);
        self.held.drain(..certain);
        false
    }
}
