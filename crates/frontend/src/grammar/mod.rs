//! Structured output: what an answer must look like, compiled for one vocabulary into a mask per token.
//!
//! ```text
//! Grammar (schema, regex, Lark, GBNF, choice) -> Lark or schema -> llguidance's matcher, kept -> Constraint
//!                                                                   copied per answer  -> masks, beside the model
//! ```
//! Never open: what cannot be compiled is a refusal of the request, and a matcher that fails ends its answer. All of it is
//! bounded: bytes, nesting, the matcher's own measures of work, and the kept grammars.

mod cache;
mod gbnf;
mod lark;
pub(crate) mod schema;
mod vocabulary;

use std::sync::{Arc, OnceLock};

use gollum_core::{Constraint, ConstraintError, TokenConstraint, TokenId, TokenMask};
use gollum_tokenizer::Tokenizer;
use llguidance::api::{GrammarWithLexer, ParserLimits, TopLevelGrammar};
use llguidance::{Matcher, ParserFactory};
use serde_json::Value;

use crate::FrontendError;
use cache::Compiled;

/// Bytes of a grammar's text at most.
pub const MAX_GRAMMAR_BYTES: usize = 128 << 10;
/// Alternatives of a choice at most.
pub const MAX_CHOICES: usize = 1024;
/// Repetitions and options in a grammar at most, as characters of its text: what they take grows with their square, to some
/// 50 ms at this bound.
const MAX_REPEATS: usize = 1500;
/// Bytes of kept matchers, one model's: as they measure themselves, with their text.
const CACHE_BYTES: usize = 64 << 20;
/// Stack of a compiler, which goes as deep as one rule refers to the next: a chain of 9,000, about what
/// [`MAX_GRAMMAR_BYTES`] hold, fits (`hostile_tests.rs`). Only what is used becomes memory.
const COMPILER_STACK_BYTES: usize = 256 << 20;
/// What a matcher may do, smaller than llguidance's own measures: most grammars compile within some 40 ms, the worst of
/// `hostile_tests.rs` in some hundreds; a mask takes some 10 ms at the very most, and the lexer of one grammar stays below
/// some 40 MB.
const LIMITS: ParserLimits = ParserLimits {
    max_items_in_row: 2000,
    initial_lexer_fuel: 1_000_000,
    step_lexer_fuel: 100_000,
    step_max_items: 50_000,
    max_lexer_states: 20_000,
    max_grammar_size: 200_000,
    precompute_large_lexemes: false,
    verbose_errors: false,
};

/// What an answer must look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grammar {
    /// Any JSON object.
    JsonObject,
    /// JSON that validates against a schema, given as its text.
    JsonSchema(String),
    /// Text that a regular expression matches as a whole.
    Regex(String),
    /// Text of a grammar in llguidance's kind of Lark, from the rule `start`.
    Lark(String),
    /// Text of a grammar as llama.cpp writes them, from the rule `root`.
    Gbnf(String),
    /// One of these texts.
    Choice(Vec<String>),
}

impl Grammar {
    /// Names it in full: its kind and its text.
    fn key(&self) -> Arc<[u8]> {
        let (kind, text) = match self {
            Self::JsonObject => (0, String::new()),
            Self::JsonSchema(text) => (1, text.clone()),
            Self::Regex(text) => (2, text.clone()),
            Self::Lark(text) => (3, text.clone()),
            Self::Gbnf(text) => (4, text.clone()),
            Self::Choice(texts) => (5, serde_json::to_string(texts).unwrap_or_default()),
        };
        std::iter::once(kind).chain(text.into_bytes()).collect()
    }

    /// The same for llguidance. Errors: why it is none.
    fn translated(&self) -> Result<TopLevelGrammar, String> {
        let lark = |text: String| lark::check(&text).map(|()| TopLevelGrammar::from_lark(text));
        Ok(match self {
            Self::JsonObject => TopLevelGrammar::from_json_schema(schema::with_our_settings(
                serde_json::json!({"type": "object"}),
            )),
            Self::JsonSchema(text) => {
                let schema: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
                TopLevelGrammar::from_json_schema(schema::with_our_settings(schema))
            }
            Self::Regex(text) => TopLevelGrammar::from_grammar(GrammarWithLexer::from_regex(text)),
            Self::Lark(text) => lark(text.clone())?,
            Self::Gbnf(text) => lark(gbnf::to_lark(text)?)?,
            Self::Choice(texts) => {
                let quoted: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
                lark(format!("start: CHOICE\nCHOICE: {}\n", quoted.join(" | ")))?
            }
        })
    }

    fn check(&self) -> Result<(), String> {
        let bytes = match self {
            Self::JsonObject => 0,
            Self::JsonSchema(text) | Self::Regex(text) | Self::Lark(text) | Self::Gbnf(text) => text.len(),
            Self::Choice(texts) => {
                if texts.is_empty() || texts.len() > MAX_CHOICES {
                    return Err(format!("has {} choices, must have 1 to {MAX_CHOICES}", texts.len()));
                }
                if texts.iter().any(String::is_empty) {
                    return Err("has an empty choice".to_owned());
                }
                texts.iter().map(String::len).sum()
            }
        };
        if bytes > MAX_GRAMMAR_BYTES {
            return Err(format!("is {bytes} bytes long, the limit is {MAX_GRAMMAR_BYTES}"));
        }
        let repeats = match self {
            Self::Regex(text) | Self::Lark(text) | Self::Gbnf(text) => repeats_of(text),
            Self::JsonSchema(text) => {
                let schema = serde_json::from_str(text).map_err(|error| error.to_string())?;
                schema::check(&schema)?;
                schema::repeats_in(&schema)
            }
            Self::JsonObject | Self::Choice(_) => 0,
        };
        if repeats > MAX_REPEATS {
            return Err(format!("has {repeats} repetitions and options, the limit is {MAX_REPEATS}"));
        }
        Ok(())
    }
}

/// Characters of a text that repeat what stands before them, or make it an option.
fn repeats_of(text: &str) -> usize {
    text.bytes().filter(|byte| b"?*+{".contains(byte)).count()
}

/// A text as Lark quotes it.
pub(crate) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// Compiles grammars for one vocabulary.
pub struct Grammars {
    tokenizer: Arc<dyn Tokenizer>,
    vocab_size: usize,
    /// Made with the first grammar: the vocabulary as a trie.
    factory: OnceLock<Result<ParserFactory, String>>,
    cache: cache::Cache,
}

impl Grammars {
    /// For a vocabulary; `vocab_size` is the width of the model's logits.
    pub fn new(tokenizer: Arc<dyn Tokenizer>, vocab_size: usize) -> Self {
        Self { tokenizer, vocab_size, factory: OnceLock::new(), cache: cache::Cache::new(CACHE_BYTES) }
    }

    /// Compiles, or takes what is kept. `param` is the field to blame.
    ///
    /// Errors: [`FrontendError::Invalid`] for what is no grammar, cannot be enforced, or is too large. Takes some 40 ms,
    /// of the worst known some hundreds, and the first time as long as the vocabulary's trie takes.
    pub fn constraint(&self, grammar: &Grammar, param: &str) -> Result<Constraint, FrontendError> {
        let invalid = |message: String| FrontendError::invalid(param, message);
        grammar.check().map_err(invalid)?;
        let key = grammar.key();
        let compiled = match self.cache.get(&key) {
            Some(compiled) => compiled,
            None => {
                let compiled = self.compile(grammar).map_err(invalid)?;
                self.cache.put(Arc::clone(&key), compiled)
            }
        };
        Ok(Constraint::new(key, move || Box::new(Guided(compiled.begin()))))
    }

    fn compile(&self, grammar: &Grammar) -> Result<Compiled, String> {
        let factory = self.factory.get_or_init(|| self.make_factory()).as_ref().map_err(Clone::clone)?;
        let (matcher, bytes) = apart(|| {
            let parser = factory
                .create_parser(grammar.translated()?)
                .map_err(|error| format!("cannot be enforced: {}", first_lines(&error.to_string())))?;
            let bytes = parser.parser.lexer_stats().num_bytes + grammar.key().len();
            let mut matcher = Matcher::new(Ok(parser));
            // The first mask finds what only shows in use; it is the dearest as well, and its work is kept.
            matcher.compute_mask_or_eos().map_err(|error| format!("cannot be enforced: {error}"))?;
            Ok((matcher, bytes))
        })?;
        Ok(Compiled::new(matcher, bytes))
    }

    fn make_factory(&self) -> Result<ParserFactory, String> {
        let vocabulary = vocabulary::environment(&*self.tokenizer, self.vocab_size)?;
        let mut factory =
            ParserFactory::new_simple(&vocabulary).map_err(|error| format!("is not possible: {error}"))?;
        factory.quiet();
        *factory.limits_mut() = LIMITS;
        Ok(factory)
    }
}

/// Runs a compiler on a thread of its own: grammars come from strangers, and if one finds a bug in it, or a chain of rules
/// that is very long, its request ends, and nothing else.
fn apart<T: Send>(compile: impl FnOnce() -> Result<T, String> + Send) -> Result<T, String> {
    std::thread::scope(|scope| {
        let thread =
            std::thread::Builder::new().stack_size(COMPILER_STACK_BYTES).spawn_scoped(scope, compile);
        let thread = thread.map_err(|error| format!("cannot be compiled now: {error}"))?;
        thread.join().unwrap_or_else(|_| Err("cannot be compiled".to_owned()))
    })
}

/// Error texts of grammars quote the grammar: enough of it to find the place.
fn first_lines(text: &str) -> String {
    const MAX_BYTES: usize = 400;
    let end = text.char_indices().map(|(at, _)| at).find(|&at| at >= MAX_BYTES).unwrap_or(text.len());
    text[..end].trim_end().to_owned()
}

/// One answer's matcher.
struct Guided(Matcher);

fn failed(error: &impl std::fmt::Display) -> ConstraintError {
    ConstraintError(first_lines(&error.to_string()).into())
}

impl TokenConstraint for Guided {
    fn mask(&mut self) -> Result<TokenMask, ConstraintError> {
        let mask = self.0.compute_mask_or_eos().map_err(|error| failed(&error))?;
        Ok(mask.as_slice().to_vec())
    }

    fn accept(&mut self, token: TokenId) -> Result<(), ConstraintError> {
        // The end of a complete answer is nothing to go on with.
        if self.0.is_stopped() {
            return match self.0.get_error() {
                Some(error) => Err(failed(&error)),
                None => Ok(()),
            };
        }
        self.0.consume_token(token).map_err(|error| failed(&error))
    }
}

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod tests;
