//! The request, parsed.

use gollum_frontend::{InfillRequest, Prompt};

use crate::error::ApiError;
use crate::generate::ask::{Ask, Input};
use crate::generate::fields::Fields;
use crate::generate::known;
use crate::generate::prompts::prompts;
use crate::generate::settings::{self, Common, Route, Telling};
use crate::limits;

/// OpenAI generates 16 tokens if no `max_tokens` is given.
const ROUTE: Route = Route { default_max_tokens: Some(16), may_only_read: true };

/// What the writer of the answer needs to know.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wishes {
    /// `stream_options.include_usage`.
    pub include_usage: bool,
    /// What each chunk tells beside its text.
    pub telling: Telling,
    /// Log-probabilities beside each token.
    pub with_logprobs: bool,
}

/// Parses a body. Errors: 400 naming the field.
pub fn parse(body: &[u8]) -> Result<(Ask, Wishes), ApiError> {
    let mut fields = Fields::parse(body)?;
    let mut common = Common::read(&mut fields, ROUTE)?;
    let own = fields.integer("logprobs", 0..=limits::MAX_TOP_LOGPROBS)?;
    let own = own.and_then(|top| u8::try_from(top).ok());
    common.sampling.logprobs = settings::logprobs(&mut fields, own)?;
    settings::prompt_logprobs(&mut fields, &mut common)?;
    let with_logprobs = common.sampling.logprobs.is_some();
    settings::best_of(&mut fields, &mut common)?;
    let echo = fields.boolean("echo")?.unwrap_or(false);
    if common.max_tokens == Some(0) && !echo {
        return Err(fields.invalid("max_tokens", "must be at least 1, or 0 together with `echo`"));
    }
    fields.refuse(known::COMPLETIONS)?;
    let prompts = prompts(&mut fields)?;
    if prompts.len() * common.n > limits::MAX_N {
        let answers = prompts.len() * common.n;
        let message = format!("times `n` gives {answers} answers, the limit is {}", limits::MAX_N);
        return Err(fields.invalid("prompt", message));
    }
    let suffix = fields.string("suffix", usize::MAX)?.filter(|suffix| !suffix.is_empty());
    let input = match suffix {
        None => Input::Prompts { prompts, echo },
        Some(_) if echo => return Err(fields.invalid("suffix", "and `echo` exclude each other")),
        Some(suffix) => Input::Infill(places(&fields, prompts, &suffix)?),
    };
    let mut ignored = std::mem::take(&mut common.ignored);
    fields.ignored_into(&mut ignored);
    let wishes = Wishes { include_usage: common.include_usage, telling: common.telling, with_logprobs };
    Ok((Ask { common, input, ignored }, wishes))
}

/// What stands between each prompt and the suffix is asked for. Errors: prompts that are ids.
fn places(fields: &Fields<'_>, prompts: Vec<Prompt>, suffix: &str) -> Result<Vec<InfillRequest>, ApiError> {
    let place = |prompt| match prompt {
        Prompt::Text(before) => {
            Ok(InfillRequest { before, behind: suffix.to_owned(), param: "suffix", ..Default::default() })
        }
        Prompt::Tokens(_) => Err(fields.invalid("suffix", "needs a prompt of text")),
    };
    prompts.into_iter().map(place).collect()
}
