//! Templates for model files that bring none: chosen by the tokens the vocabulary has, the architecture, and the
//! model's name.
//!
//! A format is data, a [`Format`] in `formats.rs`, of which [`Format::source`] makes a template like any other.
//! Source: the chat templates of the models' own repositories. `golden/chat/defaults.json` has what llama.cpp writes for
//! the formats it knows.

mod formats;

use std::fmt::Write as _;

use gollum_tokenizer::{SpecialText, Tokenizer};

use formats::{CHATML, FORMATS, LLAMA_2};

/// How one family of models writes a conversation.
#[derive(Debug)]
struct Format {
    name: &'static str,
    /// When to choose it; the first format in the table whose signs are all there is chosen.
    signs: Signs,
    bos: Bos,
    /// Before everything else.
    opening: &'static str,
    system: System,
    /// What stands around a user's text, and around that of any other role that has no place of its own.
    user: Around,
    assistant: Around,
    /// Begins an answer.
    answer: &'static str,
    /// Whitespace at both ends of each text is cut off.
    trim: bool,
}

/// What stands before and behind a text.
#[derive(Clone, Copy, Debug)]
struct Around(&'static str, &'static str);

/// What tells a format. An empty list says nothing.
#[derive(Clone, Copy, Debug)]
struct Signs {
    /// All of these are single tokens.
    tokens: &'static [&'static str],
    /// The architecture is one of these.
    architectures: &'static [&'static str],
    /// The model's name has one of these in it; lower case.
    names: &'static [&'static str],
}

/// Where the token goes that begins a sequence, if the model has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bos {
    None,
    Once,
    BeforeEachUser,
}

/// Where the system text goes.
#[derive(Clone, Copy, Debug)]
enum System {
    Turn(Around),
    /// Into the next user's turn, before its text.
    InUser(Around),
}

/// The template of a file without one. `name` is what the model is called here.
pub fn default_template(architecture: &str, name: &str, tokenizer: &dyn Tokenizer) -> String {
    let name = name.to_lowercase();
    let has = |text: &&str| is_one_token(tokenizer, text);
    let matches = |signs: &Signs| {
        signs.tokens.iter().all(has)
            && (signs.architectures.is_empty() || signs.architectures.contains(&architecture))
            && (signs.names.is_empty() || signs.names.iter().any(|part| name.contains(part)))
    };
    let found = FORMATS.iter().find(|format| matches(&format.signs));
    let last = if architecture == "llama" { &LLAMA_2 } else { &CHATML };
    let format = found.unwrap_or(last);
    tracing::info!(format = format.name, "the file has no chat template");
    format.source()
}

/// True if `text` is the text of a single token.
fn is_one_token(tokenizer: &dyn Tokenizer, text: &str) -> bool {
    match tokenizer.encode(text, SpecialText::Parse)[..] {
        [id] => tokenizer.token_bytes(id) == text.as_bytes(),
        _ => false,
    }
}

impl Format {
    /// The format as a template.
    fn source(&self) -> String {
        let content = if self.trim { "(message.content or '') | trim" } else { "message.content or ''" };
        let bos = |wanted| if self.bos == wanted { "{{- bos_token -}}" } else { "" };
        let system = match self.system {
            System::Turn(around) => write_around(around, "content"),
            System::InUser(Around(before, behind)) => {
                let text = format!("turn.system + {} + content + {}", quoted(before), quoted(behind));
                format!("{{%- set turn.system = {text} -%}}")
            }
        };
        let mut source = String::new();
        // Writing to a string cannot fail.
        let _ = write!(
            source,
            "{once}{opening}{{%- set turn = namespace(system='') -%}}\
             {{%- for message in messages -%}}{{%- set content = {content} -%}}\
             {{%- if message.role in ['system', 'developer'] -%}}{system}\
             {{%- elif message.role == 'assistant' -%}}{assistant}\
             {{%- else -%}}{each}{user}{{%- set turn.system = '' -%}}{{%- endif -%}}\
             {{%- endfor -%}}{{%- if add_generation_prompt -%}}{answer}{{%- endif -%}}",
            once = bos(Bos::Once),
            opening = write(self.opening),
            assistant = write_around(self.assistant, "content"),
            each = bos(Bos::BeforeEachUser),
            user = write_around(self.user, "turn.system + content"),
            answer = write(self.answer),
        );
        source
    }
}

/// A template's tag that writes `text`.
fn write(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{{{{- {} -}}}}", quoted(text)) }
}

/// A template's tag that writes an expression and what stands around it.
fn write_around(Around(before, behind): Around, expression: &str) -> String {
    format!("{{{{- {} + ({expression}) + {} -}}}}", quoted(before), quoted(behind))
}

/// A template's string literal.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n");
    format!("'{escaped}'")
}

#[cfg(test)]
mod tests;
