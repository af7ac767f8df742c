//! Thoughts: what a model writes for itself before it answers, told apart from the answer, and bounded.
//!
//! ```text
//! template -> Marks          answer text -> Splitter: thoughts | text
//! prompt's end -> Place      budget, grammar -> guide: free thoughts, then the closing mark, then what is asked for
//! ```

mod guide;
mod splitter;

pub(crate) use guide::{Guide, Plan};
pub(crate) use splitter::Splitter;

use serde_json::{Map, Value};

/// How thoughts are marked.
#[derive(Debug, PartialEq, Eq)]
pub struct Marks {
    /// For people.
    pub name: &'static str,
    /// One of them is in the template of a model that writes so.
    pub signs: &'static [&'static str],
    /// Before the thoughts.
    pub open: &'static str,
    /// After them.
    pub close: &'static str,
    /// Between the beginning of an answer and its text, and between `close` and that: empty but for channels.
    pub lead: [&'static str; 2],
}

const fn marks(name: &'static str, open: &'static str, close: &'static str) -> Marks {
    Marks { name, signs: &[], open, close, lead: ["", ""] }
}

/// gpt-oss: thoughts are a channel of their own, and so is the answer.
pub const CHANNELS: Marks = Marks {
    signs: &["<|channel|>analysis<|message|>", "<|channel|>"],
    lead: ["<|channel|>final<|message|>", "<|start|>assistant<|channel|>final<|message|>"],
    ..marks("channels", "<|channel|>analysis<|message|>", "<|end|>")
};

/// The usual one, also where a client asks for thoughts apart and the template tells nothing.
pub const THINK: Marks = Marks { signs: &["<think>", "</think>"], ..marks("think", "<think>", "</think>") };

/// Every way, the surest sign first.
pub const REASONING_MARKS: &[&Marks] = &[
    &CHANNELS,
    &Marks { signs: &["[THINK]"], ..marks("magistral", "[THINK]", "[/THINK]") },
    &Marks { signs: &["<|START_THINKING|>"], ..marks("command-r", "<|START_THINKING|>", "<|END_THINKING|>") },
    // The channel's name ends with its line.
    &Marks { signs: &["<|channel>"], ..marks("gemma4", "<|channel>thought", "<channel|>") },
    &Marks { signs: &["<seed:think>"], ..marks("seed", "<seed:think>", "</seed:think>") },
    &Marks { signs: &["<thought>"], ..marks("exaone", "<thought>", "</thought>") },
    &THINK,
    &Marks {
        signs: &["Here is my thought process:"],
        ..marks("granite", "Here is my thought process:", "Here is my response:")
    },
];

/// How the models of a template mark their thoughts, if they have any.
pub fn marks_of(template: &str) -> Option<&'static Marks> {
    REASONING_MARKS.iter().find(|marks| marks.signs.iter().any(|sign| template.contains(sign))).copied()
}

/// What becomes of thoughts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Thoughts {
    /// Told apart, where the template says how the model marks them.
    #[default]
    Apart,
    /// Told apart, by the usual marks where the template says nothing.
    ApartAnyway,
    /// Left in the text, with their marks.
    Inline,
    /// Not shown.
    Hidden,
}

/// How a model may think.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reasoning {
    /// What becomes of thoughts.
    pub thoughts: Thoughts,
    /// Tokens of thoughts at most; then they are closed.
    pub budget: Option<usize>,
}

/// Where the prompt leaves off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Before any thought.
    Before,
    /// Inside a thought that the template, or the message to continue, has opened.
    Inside,
    /// After thoughts: a template closes them for a model that shall not think.
    After,
}

impl Marks {
    /// Where a prompt leaves off; `continued` is the text of the message that the answer continues.
    pub fn place(&self, prompt: &str, continued: Option<&str>) -> Place {
        if let Some(text) = continued.filter(|text| !text.trim().is_empty()) {
            return match (text.rfind(self.open), text.rfind(self.close)) {
                (Some(open), Some(close)) if open < close => Place::After,
                (Some(_), _) => Place::Inside,
                (None, _) => Place::After,
            };
        }
        let end = prompt.trim_end();
        match () {
            () if end.ends_with(self.open) => Place::Inside,
            () if end.ends_with(self.close) && !self.has_channels() => Place::After,
            () => Place::Before,
        }
    }

    /// True if the answer is a channel as well.
    pub fn has_channels(&self) -> bool {
        !self.lead[0].is_empty()
    }
}

/// True unless the template was told that the model shall not think.
pub fn may_think(template_kwargs: &Map<String, Value>) -> bool {
    template_kwargs.get("enable_thinking") != Some(&Value::Bool(false))
        && template_kwargs.get("thinking") != Some(&Value::Bool(false))
}

#[cfg(test)]
mod tests;
