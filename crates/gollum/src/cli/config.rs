//! A file of settings, which `--config` names:
//!
//! ```toml
//! max-num-seqs = 16          # any long flag of `serve`, underscores for dashes if you like
//! host = ["127.0.0.1", "::1"]
//!
//! [models."Qwen3-*"]         # what these models have of their own: `presets`
//! temperature = 0.6
//! ```
//! Which keys there are, and what they take, is clap's table to say: no flag is listed a second time. An empty text
//! is an unset one, as with variables.

use std::any::TypeId;
use std::ffi::OsString;
use std::fmt;
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

use clap::error::{ContextKind, ContextValue};
use clap::{Arg, ArgAction, Command};
use serde_json::Value as Json;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::chat::TemplateKwargs;
use super::presets::{self, Presets};
use super::settings::{CONFIG, Origin, Setting};

/// Bytes of the file at most; a preset takes some hundred.
const MAX_BYTES: u64 = 1 << 20;
/// The table that holds the presets.
const MODELS: &str = "models";

/// Where a key stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// From 1.
    pub line: usize,
    /// The key as it is written.
    pub key: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: `{}`", self.file.display(), self.line, self.key.escape_debug())
    }
}

/// Why a file of settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("cannot read the settings in {}: {source}", .file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is too long to be one.
    #[error("{} has more than {max} bytes, too many for a file of settings", .file.display())]
    TooLong {
        /// The file.
        file: PathBuf,
        /// What it may have.
        max: u64,
    },
    /// It is no TOML.
    #[error("{}:{line}: {message}", .file.display())]
    Syntax {
        /// The file.
        file: PathBuf,
        /// From 1.
        line: usize,
        /// The parser's words.
        message: String,
    },
    /// A key that no flag has.
    #[error("{place} is no setting{hint}")]
    UnknownKey {
        /// The key.
        place: Place,
        /// What was meant, perhaps; begins with a mark.
        hint: String,
    },
    /// A value of a type that the flag does not take.
    #[error("{place} is {found}, and must be {expected}")]
    WrongType {
        /// The key.
        place: Place,
        /// What stands there.
        found: &'static str,
        /// What can.
        expected: &'static str,
    },
    /// A value that the flag does not take.
    #[error("{place} is `{value}`: {why}")]
    WrongValue {
        /// The key.
        place: Place,
        /// What stands there.
        value: String,
        /// Why it cannot.
        why: String,
    },
    /// Two keys for one thing.
    #[error("{place} says again what line {line} says")]
    Twice {
        /// The later one.
        place: Place,
        /// Of the earlier one.
        line: usize,
    },
}

/// What a file says.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Settings of the verb.
    pub settings: Vec<Setting>,
    /// What models have of their own.
    pub presets: Presets,
}

impl Config {
    /// Reads `file` by the flags of `verb`.
    pub fn read(file: &Path, verb: &Command) -> Result<Self, ConfigError> {
        let text = read(file)?;
        let source = Source { file, text: &text };
        let root = DeTable::parse(&text).map_err(|e| source.syntax(&e))?.into_inner();
        let (mut top, mut presets) = (Vec::new(), Presets::default());
        for (key, value) in in_order(&root) {
            if key.get_ref() == MODELS {
                presets = presets::read(&source, source.table(key, value)?, verb)?;
            } else {
                top.push((key, value));
            }
        }
        let preset = presets::command();
        let misplaced = |name: &str| {
            flag(&preset, name).map(|_| format!("; it is a model's: it goes into a table [{MODELS}.\"...\"]"))
        };
        Ok(Self { settings: source.settings(top, verb, misplaced)?, presets })
    }
}

fn read(file: &Path) -> Result<String, ConfigError> {
    let failed = |source| ConfigError::Read { file: file.to_owned(), source };
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(file).map_err(failed)?;
    opened.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(ConfigError::TooLong { file: file.to_owned(), max: MAX_BYTES });
    }
    String::from_utf8(bytes).map_err(|e| failed(io::Error::new(io::ErrorKind::InvalidData, e.utf8_error())))
}

/// A key and its value, where they stand.
pub type Entry<'t> = (&'t Spanned<std::borrow::Cow<'t, str>>, &'t Spanned<DeValue<'t>>);

/// The entries of a table as the file has them.
pub fn in_order<'t>(table: &'t DeTable<'t>) -> Vec<Entry<'t>> {
    let mut entries: Vec<Entry<'t>> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

/// A file that is being read.
pub struct Source<'f> {
    file: &'f Path,
    text: &'f str,
}

impl Source<'_> {
    fn line(&self, span: &Range<usize>) -> usize {
        let before = &self.text.as_bytes()[..span.start.min(self.text.len())];
        before.iter().filter(|&&byte| byte == b'\n').count() + 1
    }

    fn syntax(&self, error: &toml::de::Error) -> ConfigError {
        let line = self.line(&error.span().unwrap_or_default());
        ConfigError::Syntax { file: self.file.to_owned(), line, message: error.message().to_owned() }
    }

    /// Where a key stands.
    pub fn place(&self, key: &Spanned<std::borrow::Cow<'_, str>>) -> Place {
        let (line, key) = (self.line(&key.span()), key.get_ref().clone().into_owned());
        Place { file: self.file.to_owned(), line, key }
    }

    /// A value that must be a table.
    pub fn table<'t>(
        &self,
        key: &Spanned<std::borrow::Cow<'_, str>>,
        value: &'t Spanned<DeValue<'t>>,
    ) -> Result<&'t DeTable<'t>, ConfigError> {
        let wrong = || {
            let found = kind(value.get_ref());
            ConfigError::WrongType { place: self.place(key), found, expected: "a table" }
        };
        value.get_ref().as_table().ok_or_else(wrong)
    }

    /// The settings of a table, by the flags of `command`. `misplaced` knows what is a setting elsewhere.
    pub fn settings(
        &self,
        entries: Vec<Entry<'_>>,
        command: &Command,
        misplaced: impl Fn(&str) -> Option<String>,
    ) -> Result<Vec<Setting>, ConfigError> {
        let mut settings: Vec<Setting> = Vec::new();
        let mut lines: Vec<(String, usize)> = Vec::new();
        for (key, value) in entries {
            let place = self.place(key);
            let name = place.key.replace('_', "-");
            let Some(arg) = flag(command, &name) else {
                let nearest = || nearest(command, &name).map(|name| format!("; did you mean `{name}`?"));
                let hint = misplaced(&name).or_else(nearest).unwrap_or_default();
                return Err(ConfigError::UnknownKey { place, hint });
            };
            let id = arg.get_id().to_string();
            if let Some((_, line)) = lines.iter().find(|(earlier, _)| *earlier == id) {
                return Err(ConfigError::Twice { place, line: *line });
            }
            lines.push((id.clone(), place.line));
            let takes = Takes::of(arg);
            let Some(texts) = takes.texts(value.get_ref()) else {
                let (found, expected) = (kind(value.get_ref()), takes.expected());
                return Err(ConfigError::WrongType { place, found, expected });
            };
            if texts.iter().all(|text| text.trim().is_empty()) {
                continue;
            }
            let flags = takes.flags(arg.get_long().unwrap_or_default(), &texts);
            let value = texts.join(",").into();
            settings.push(Setting { origin: Origin::Key(place), id, value, flags });
        }
        Ok(settings)
    }
}

/// The flag that a key of this name sets.
pub fn flag<'c>(command: &'c Command, name: &str) -> Option<&'c Arg> {
    command.get_arguments().filter(|arg| is_setting(arg)).find(|arg| {
        arg.get_long() == Some(name) || arg.get_all_aliases().is_some_and(|all| all.contains(&name))
    })
}

/// Questions are none, and a file names no other.
fn is_setting(arg: &Arg) -> bool {
    let asks = matches!(
        arg.get_action(),
        ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong | ArgAction::Version
    );
    arg.get_long().is_some() && !asks && arg.get_id() != CONFIG
}

/// What clap believes was meant.
fn nearest(command: &Command, name: &str) -> Option<String> {
    let error = command.clone().try_get_matches_from(["gollum".to_owned(), format!("--{name}")]).err()?;
    let Some(ContextValue::String(meant)) = error.get(ContextKind::SuggestedArg) else { return None };
    let meant = meant.trim_start_matches('-');
    flag(command, meant).map(|_| meant.to_owned())
}

/// What a flag takes.
#[derive(Clone, Copy)]
enum Takes {
    /// Nothing: it is there or not.
    Presence,
    /// `true` or `false`.
    Boolean,
    /// Words.
    Text,
    /// Numbers, and words such as `8K`.
    Number,
    /// JSON.
    Object,
    /// Several of them.
    Texts,
}

impl Takes {
    fn of(arg: &Arg) -> Self {
        let parsed = arg.get_value_parser().type_id();
        let is_text = parsed == TypeId::of::<String>() || parsed == TypeId::of::<PathBuf>();
        match arg.get_action() {
            ArgAction::SetTrue => Self::Presence,
            ArgAction::Append => Self::Texts,
            _ if parsed == TypeId::of::<bool>() => Self::Boolean,
            _ if parsed == TypeId::of::<TemplateKwargs>() => Self::Object,
            _ if is_text || !arg.get_possible_values().is_empty() => Self::Text,
            _ => Self::Number,
        }
    }

    fn expected(self) -> &'static str {
        match self {
            Self::Presence | Self::Boolean => "true or false",
            Self::Text => "a text",
            Self::Number => "a number or a text",
            Self::Object => "a table of texts, numbers, truths, lists and tables",
            Self::Texts => "a text or a list of texts",
        }
    }

    /// The value as the command line would have it; `None` if it is of the wrong type.
    fn texts(self, value: &DeValue<'_>) -> Option<Vec<String>> {
        let one = match (self, value) {
            (Self::Presence | Self::Boolean, DeValue::Boolean(on)) => on.to_string(),
            (Self::Text | Self::Number | Self::Object | Self::Texts, DeValue::String(text)) => {
                text.to_string()
            }
            (Self::Number, DeValue::Integer(_) | DeValue::Float(_)) => json(value)?.to_string(),
            (Self::Object, DeValue::Table(_)) => json(value)?.to_string(),
            (Self::Texts, DeValue::Array(list)) => {
                return list.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect();
            }
            _ => return None,
        };
        Some(vec![one])
    }

    fn flags(self, long: &str, texts: &[String]) -> Vec<OsString> {
        match self {
            Self::Presence => {
                texts.iter().filter(|t| *t == "true").map(|_| format!("--{long}").into()).collect()
            }
            _ => texts.iter().map(|text| format!("--{long}={text}").into()).collect(),
        }
    }
}

/// A value as JSON; `None` for numbers that it does not have.
fn json(value: &DeValue<'_>) -> Option<Json> {
    Some(match value {
        DeValue::String(text) => Json::from(text.as_ref()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok()?.into(),
        DeValue::Float(number) => serde_json::Number::from_f64(number.as_str().parse().ok()?)?.into(),
        DeValue::Boolean(on) => Json::from(*on),
        DeValue::Datetime(time) => Json::from(time.to_string()),
        DeValue::Array(list) => {
            Json::Array(list.iter().map(|item| json(item.get_ref())).collect::<Option<_>>()?)
        }
        DeValue::Table(table) => {
            let pairs = in_order(table).into_iter();
            let pair = |(key, value): Entry<'_>| Some((key.get_ref().to_string(), json(value.get_ref())?));
            Json::Object(pairs.map(pair).collect::<Option<_>>()?)
        }
    })
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
