//! Filling in the middle: a prompt of what stands before and behind the text that is wanted, joined by the tokens that a
//! model of code was trained with.
//!
//! ```text
//! [repository NL] {file name NL text} ... [file]  prefix-token before  suffix-token behind  middle-token begun
//! ```

use gollum_core::TokenId;
use gollum_tokenizer::SpecialText;

use crate::{Frontend, FrontendError, GenerateOptions, Generation};

/// Files beside the one that is filled in, at most.
pub const MAX_FILES: usize = 256;
/// The name of a repository and of a file that clients do not name. What they are called changes little.
const REPOSITORY: &str = "repository";
const FILE: &str = "file";

/// A place in a text to fill in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InfillRequest {
    /// What stands before.
    pub before: String,
    /// What stands behind.
    pub behind: String,
    /// How the text between begins.
    pub begun: String,
    /// Other files of the same work: names and texts. At most [`MAX_FILES`].
    pub files: Vec<(String, String)>,
    /// The field to blame for a model that cannot do it.
    pub param: &'static str,
    /// The rest.
    pub options: GenerateOptions,
}

impl Frontend {
    /// Fills in a text. The tokenizer runs here: call it where blocking is allowed.
    ///
    /// Errors: [`FrontendError::Invalid`] for a model without tokens for it; those of [`Frontend::complete`].
    pub fn infill(&self, r: InfillRequest) -> Result<Generation, FrontendError> {
        self.check_generates()?;
        let tokens = self.infill_prompt(&r)?;
        self.start_plain(tokens, r.options)
    }

    /// The ids of a place to fill in. What clients wrote is text, whatever it spells.
    pub fn infill_prompt(&self, r: &InfillRequest) -> Result<Vec<TokenId>, FrontendError> {
        let Some(marks) = self.tokenizer().special().fill_in_middle else {
            let message = "cannot be: the model's vocabulary has no tokens for filling in the middle";
            return Err(FrontendError::invalid(r.param, message));
        };
        if r.files.len() > MAX_FILES {
            let message = format!("has {} files, the limit is {MAX_FILES}", r.files.len());
            return Err(FrontendError::invalid("input_extra", message));
        }
        let text = |text: &str| self.tokenizer().encode(text, SpecialText::Literal);
        let mut tokens = Vec::new();
        if let (Some(repository), false) = (marks.repository, r.files.is_empty()) {
            tokens.push(repository);
            tokens.extend(text(&format!("{REPOSITORY}\n")));
        }
        for (name, content) in &r.files {
            match marks.file {
                Some(file) => {
                    tokens.push(file);
                    tokens.extend(text(&format!("{name}\n{content}")));
                }
                // A model that knows no files reads them as what comes before.
                None => tokens.extend(text(&format!("{content}\n\n"))),
            }
        }
        if let (Some(file), false) = (marks.file, r.files.is_empty()) {
            tokens.push(file);
            tokens.extend(text(&format!("{FILE}\n")));
        }
        tokens.push(marks.prefix);
        tokens.extend(text(&r.before));
        tokens.push(marks.suffix);
        tokens.extend(text(&r.behind));
        tokens.push(marks.middle);
        if !r.begun.is_empty() {
            tokens.extend(text(&r.begun));
        }
        Ok(self.with_bos(tokens))
    }
}
