//! The request of `/completion`, parsed.

use gollum_frontend::{InfillRequest, MAX_FILES};

use crate::error::ApiError;
use crate::generate::ask::{Ask, Input};
use crate::generate::fields::Fields;
use crate::generate::known;
use crate::generate::prompts::prompts;
use crate::generate::settings::{self, Common, Route};
use crate::limits;

/// As long as the context allows.
const ROUTE: Route = Route { default_max_tokens: None, may_only_read: true };
/// Names in `response_fields` at most.
const MAX_RESPONSE_FIELDS: usize = 64;

/// What the writer of the answer needs to know.
#[derive(Clone, Debug, PartialEq)]
pub struct Wishes {
    /// The ids beside the text.
    pub with_tokens: bool,
    /// Alternatives beside each token.
    pub with_probs: bool,
    /// The times so far in each event.
    pub with_timings: bool,
    /// `n_predict: 0`: the prompt is computed, and nothing shown.
    pub only_reads: bool,
    /// The fields that the client wants to see at the end; all, if it names none.
    pub response_fields: Vec<String>,
}

/// Parses a body. Errors: 400 naming the field.
pub fn parse(body: &[u8]) -> Result<(Ask, Wishes), ApiError> {
    let mut fields = Fields::parse(body)?;
    let (mut common, wishes) = shared(&mut fields)?;
    let mut ignored = std::mem::take(&mut common.ignored);
    fields.refuse(known::COMPLETIONS)?;
    let prompts = prompts(&mut fields)?;
    if prompts.len() * common.n > limits::MAX_N {
        let message = format!("times `n` must be at most {}", limits::MAX_N);
        return Err(fields.invalid("prompt", message));
    }
    fields.ignored_into(&mut ignored);
    Ok((Ask { common, input: Input::Prompts { prompts, echo: false }, ignored }, wishes))
}

/// What editors tell about their patience and indents: the server's own answer is as quick as it is, and stops where
/// `n_predict` and `stop` say.
const OF_EDITORS: &[&str] = &["t_max_predict_ms", "n_indent"];

/// Parses a body of `/infill`. Errors: 400 naming the field.
pub fn parse_infill(body: &[u8]) -> Result<(Ask, Wishes), ApiError> {
    let mut fields = Fields::parse(body)?;
    let mut told = Vec::new();
    for name in OF_EDITORS {
        if fields.take(name, &[]).is_some() {
            told.push((*name).to_owned());
        }
    }
    let (mut common, wishes) = shared(&mut fields)?;
    let mut ignored = std::mem::take(&mut common.ignored);
    ignored.extend(told);
    let text = |fields: &mut Fields<'_>, name: &str| fields.string(name, usize::MAX);
    let place = InfillRequest {
        before: text(&mut fields, "input_prefix")?.ok_or_else(|| fields.missing("input_prefix"))?,
        behind: text(&mut fields, "input_suffix")?.ok_or_else(|| fields.missing("input_suffix"))?,
        begun: text(&mut fields, "prompt")?.unwrap_or_default(),
        files: files(&mut fields, &mut ignored)?,
        param: "input_prefix",
        ..InfillRequest::default()
    };
    fields.ignored_into(&mut ignored);
    Ok((Ask { common, input: Input::Infill(vec![place]), ignored }, wishes))
}

/// `input_extra`: names and texts of other files.
fn files(fields: &mut Fields<'_>, ignored: &mut Vec<String>) -> Result<Vec<(String, String)>, ApiError> {
    let mut files = Vec::new();
    let items = fields.list("input_extra", MAX_FILES)?.unwrap_or_default();
    for (index, item) in items.into_iter().enumerate() {
        let mut file = fields.object_of(&format!("input_extra[{index}]"), item)?;
        let name =
            file.string("filename", limits::MAX_NAME_BYTES)?.unwrap_or_else(|| format!("file_{index}"));
        let text = file.string("text", usize::MAX)?.ok_or_else(|| file.missing("text"))?;
        file.ignored_into(ignored);
        files.push((name, text));
    }
    Ok(files)
}

/// What both routes read alike.
fn shared(fields: &mut Fields<'_>) -> Result<(Common, Wishes), ApiError> {
    let mut common = Common::read(fields, ROUTE)?;
    common.sampling.logprobs = settings::logprobs(fields, None)?;
    fields.refuse(known::LLAMA_SERVER)?;
    let only_reads = common.max_tokens == Some(0);
    if only_reads {
        // The engine's least: the row that it follows from is the prompt's last, which is computed anyway.
        common.max_tokens = Some(1);
    }
    let response_fields =
        fields.strings("response_fields", MAX_RESPONSE_FIELDS, 0..=limits::MAX_NAME_BYTES)?;
    let wishes = Wishes {
        with_tokens: fields.boolean("return_tokens")?.unwrap_or(false),
        with_probs: common.sampling.logprobs.is_some(),
        only_reads,
        response_fields: response_fields.unwrap_or_default(),
        with_timings: common.telling.timings,
    };
    Ok((common, wishes))
}
