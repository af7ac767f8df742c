//! The request, parsed.

use crate::error::ApiError;
use crate::generate::ask::{Ask, Conversation, Input};
use crate::generate::fields::Fields;
use crate::generate::settings::{self, Common, Route, Telling};
use crate::generate::{known, messages, thinking, tools};
use crate::limits;

/// Chat answers are as long as the context allows.
const ROUTE: Route = Route { default_max_tokens: None, may_only_read: false };

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
    // Of an answer's choices all are shown here.
    if fields
        .integer("best_of", 1..=limits::MAX_N as i64)?
        .is_some_and(|best_of| usize::try_from(best_of) != Ok(common.n))
    {
        return Err(ApiError::unsupported("best_of"));
    }
    let own = logprobs(&mut fields)?;
    common.sampling.logprobs = settings::logprobs(&mut fields, own)?;
    settings::prompt_logprobs(&mut fields, &mut common)?;
    let mut ignored = std::mem::take(&mut common.ignored);
    let tools = tools::tools(&mut fields, &mut ignored)?;
    let mut template_kwargs = messages::template_kwargs(&mut fields)?;
    let reasoning = thinking::read(&mut fields, &mut template_kwargs)?;
    fields.refuse(known::CHAT)?;
    let messages = messages::messages(&mut fields, &mut ignored)?;
    let end = messages::PromptEnd::read(&mut fields, &messages)?;
    fields.ignored_into(&mut ignored);
    let wishes = Wishes {
        include_usage: common.include_usage,
        telling: common.telling,
        with_logprobs: common.sampling.logprobs.is_some(),
    };
    let input = Input::Chat(Conversation { messages, tools, reasoning, template_kwargs, end });
    Ok((Ask { common, input, ignored }, wishes))
}

fn logprobs(fields: &mut Fields<'_>) -> Result<Option<u8>, ApiError> {
    let wanted = fields.boolean("logprobs")?.unwrap_or(false);
    let top = fields.integer("top_logprobs", 0..=limits::MAX_TOP_LOGPROBS)?;
    if top.is_some_and(|top| top > 0) && !wanted {
        return Err(fields.invalid("top_logprobs", "needs `logprobs: true`"));
    }
    Ok(wanted.then(|| u8::try_from(top.unwrap_or(0)).expect("the range was checked")))
}
