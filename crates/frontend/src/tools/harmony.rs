//! gpt-oss: an answer is messages, each with a channel. Thoughts are `analysis`, calls are `commentary` to a function, and
//! the answer is `final`; a `commentary` to nobody is said to the user.
//!
//! ```text
//! <|channel|>analysis<|message|>Hm.<|end|>
//! <|start|>assistant<|channel|>commentary to=functions.weather <|constrain|>json<|message|>{"city": "Bonn"}<|call|>
//! <|start|>assistant<|channel|>final<|message|>It rains.<|return|>
//! ```

use serde_json::Value;

use super::{ToolCall, ToolDialect, ending_that_begins};

/// The dialect. Its answers are read by [`Channels`].
pub const HARMONY: ToolDialect = ToolDialect {
    name: "harmony",
    signs: &["<|channel|>", "<|message|>"],
    around: Some(|name| [format!(" to=functions.{name} <|constrain|>json<|message|>"), String::new()]),
    lead: ["<|channel|>commentary", "<|start|>assistant<|channel|>commentary"],
    read: |_, _| None,
    ..ToolDialect::EMPTY
};

const MESSAGE: &str = "<|message|>";
/// What ends a message, the marks that end an answer included.
const ENDS: [&str; 4] = ["<|end|>", "<|call|>", "<|return|>", "<|start|>"];
/// How an answer begins that has channels at all.
const BEGINNINGS: [&str; 4] = ["<|channel|>", "<|start|>", MESSAGE, "to="];

/// What a piece of an answer said.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub thoughts: String,
    pub text: String,
    pub calls: Vec<ToolCall>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// Nothing has come that tells whether there are channels.
    Start,
    Header,
    Thoughts,
    Text,
    Call(String),
}

/// The state of one answer.
pub struct Channels {
    state: State,
    held: String,
}

impl Channels {
    pub fn new() -> Self {
        Self { state: State::Start, held: String::new() }
    }

    /// True inside thoughts.
    pub fn is_thinking(&self) -> bool {
        self.state == State::Thoughts
    }

    /// Adds text.
    pub fn push(&mut self, text: &str) -> Said {
        self.held.push_str(text);
        let mut said = Said::default();
        while self.step(&mut said) {}
        said
    }

    /// Ends the answer: an open call counts if it is whole.
    pub fn finish(&mut self) -> Said {
        let mut said = self.push("");
        let held = std::mem::take(&mut self.held);
        match std::mem::replace(&mut self.state, State::Header) {
            State::Start | State::Text => said.text += &held,
            State::Thoughts => said.thoughts += &held,
            State::Call(name) => call(&mut said, &name, &held),
            State::Header => {}
        }
        said
    }

    fn step(&mut self, said: &mut Said) -> bool {
        match &self.state {
            State::Start => {
                let start = self.held.trim_start();
                if BEGINNINGS.iter().any(|mark| start.starts_with(mark)) {
                    self.state = State::Header;
                    return true;
                }
                if BEGINNINGS.iter().any(|mark| mark.starts_with(start)) {
                    return false;
                }
                self.state = State::Text;
                true
            }
            State::Header => {
                let Some(at) = self.held.find(MESSAGE) else { return false };
                self.state = state_of(&self.held[..at]);
                self.held.drain(..at + MESSAGE.len());
                true
            }
            _ => self.body(said),
        }
    }

    fn body(&mut self, said: &mut Said) -> bool {
        let found = ENDS.iter().filter_map(|mark| Some((self.held.find(mark)?, mark.len()))).min();
        let is_call = matches!(self.state, State::Call(_));
        let certain = match found {
            Some((at, _)) => at,
            None if is_call => return false,
            None => {
                let begun = ENDS.iter().map(|mark| ending_that_begins(&self.held, mark)).max();
                self.held.len() - begun.unwrap_or(0)
            }
        };
        let body: String = self.held.drain(..certain).collect();
        match &self.state {
            State::Thoughts => said.thoughts += &body,
            State::Call(name) => call(said, name, &body),
            _ => said.text += &body,
        }
        let Some((_, mark)) = found else { return false };
        self.held.drain(..mark);
        self.state = State::Header;
        true
    }
}

/// What a header says of the message after it.
fn state_of(header: &str) -> State {
    let word = |after: &str| {
        let rest = header.split(after).nth(1)?;
        rest.split(|c: char| c.is_whitespace() || c == '<').next()
    };
    if let Some(to) = word("to=").filter(|to| !to.is_empty()) {
        return State::Call(to.strip_prefix("functions.").unwrap_or(to).to_owned());
    }
    match word("<|channel|>") {
        Some("analysis") => State::Thoughts,
        _ => State::Text,
    }
}

/// A call, or its text where that is none.
fn call(said: &mut Said, name: &str, body: &str) {
    let body = if body.trim().is_empty() { "{}" } else { body };
    match serde_json::from_str(body) {
        Ok(Value::Object(arguments)) => said.calls.extend(ToolCall::of(name, &arguments)),
        _ => said.text += body,
    }
}
