//! One loaded model: its tokenizer, its template, its engine.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, OnceLock};

use gollum_core::{Limits, SamplingParams, TokenId};
use gollum_engine::{EngineHandle, NewRequest, SubmitError};
use gollum_sampler::derive_seed;
use gollum_tokenizer::{SpecialText, Tokenizer};
use serde_json::{Map, Value};

use crate::assembler::{Assembler, Presentation};
use crate::echo::{self, Echo};
use crate::generation::Generation;
use crate::grammar::Grammars;
use crate::guard::{Guard, Unmarked};
use crate::reader::Reading;
use crate::reasoning::{self, Guide, Marks, Place, Plan, Thoughts};
use crate::template::{self, ChatTemplate, TemplateError};
use crate::tools::{self, Offer, ToolChoice, ToolDialect};
use crate::{
    ChatRequest, CompletionRequest, FrontendError, GenerateOptions, Prompt, bad_words, breakers, validate,
};

/// How text that came through a chat template, or as a bare prompt, is read: text of a control token becomes the
/// token. A template's own tokens need it; what clients wrote into messages is guarded against it.
const PROMPT_TEXT: SpecialText = SpecialText::Parse;

/// What a frontend is made of.
pub struct FrontendParts {
    /// Name that requests use.
    pub model_id: String,
    /// The model's tokenizer.
    pub tokenizer: Arc<dyn Tokenizer>,
    /// `tokenizer.chat_template` of the file; `None` takes a built-in one.
    pub chat_template: Option<String>,
    /// `general.architecture` of the file.
    pub architecture: String,
    /// The running engine.
    pub engine: EngineHandle,
    /// Sampling for requests that name none.
    pub default_sampling: SamplingParams,
}

/// One loaded model. Cheap to share behind an `Arc`; nothing in it changes.
pub struct Frontend {
    model_id: String,
    tokenizer: Arc<dyn Tokenizer>,
    /// A file whose template cannot be used still completes text.
    template: Result<ChatTemplate, TemplateError>,
    template_source: String,
    /// How the model calls tools, and whether its template tells it of them.
    tool_dialect: &'static ToolDialect,
    renders_tools: bool,
    /// How the model marks its thoughts, if it has any.
    marks: Option<&'static Marks>,
    guard: Guard,
    engine: EngineHandle,
    default_sampling: SamplingParams,
    /// Bytes of the longest token: a prompt of more bytes than this many per token of context cannot fit.
    max_token_bytes: usize,
    grammars: Grammars,
    /// DRY's usual breakers, found when first needed.
    default_breakers: OnceLock<breakers::Breakers>,
    /// Keyed per process, so that a client cannot aim at another tenant's salt.
    salt_hasher: RandomState,
    /// How a reranker's file joins query and document, if it says.
    pub(crate) rerank_template: Option<String>,
    /// Variables for the template where a request does not set them.
    default_kwargs: Map<String, Value>,
}

impl Frontend {
    /// Joins the parts. A template that cannot be used is a warning here, and an error of each chat.
    pub fn new(parts: FrontendParts) -> Result<Self, FrontendError> {
        let (vocab, engine_vocab) = (parts.tokenizer.vocab_size(), parts.engine.limits().vocab_size);
        if vocab > engine_vocab {
            let message = format!("has {vocab} tokens, and the model has logits for {engine_vocab}");
            return Err(FrontendError::invalid("tokenizer", message));
        }
        let tokenizer = &*parts.tokenizer;
        let source = match &parts.chat_template {
            Some(source) => source.clone(),
            None => template::default_template(&parts.architecture, &parts.model_id, tokenizer),
        };
        let template = ChatTemplate::new(&source, special_text(tokenizer)).inspect_err(|error| {
            tracing::warn!(model = parts.model_id, %error, "no chat with this model");
        });
        let max_token_bytes = (0..vocab as TokenId).map(|id| tokenizer.token_bytes(id).len()).max();
        Ok(Self {
            model_id: parts.model_id,
            guard: Guard::new(tokenizer, &source),
            tool_dialect: tools::dialect_of(&source),
            renders_tools: tools::renders_tools(&source),
            marks: reasoning::marks_of(&source),
            template_source: source,
            template,
            engine: parts.engine,
            default_sampling: parts.default_sampling,
            max_token_bytes: max_token_bytes.unwrap_or(1).max(1),
            grammars: Grammars::new(Arc::clone(&parts.tokenizer), engine_vocab),
            default_breakers: OnceLock::new(),
            salt_hasher: RandomState::new(),
            rerank_template: None,
            default_kwargs: Map::new(),
            tokenizer: parts.tokenizer,
        })
    }

    /// The same with variables for the template, for conversations that do not set them; as
    /// [`check_template_kwargs`](crate::check_template_kwargs) allows.
    #[must_use]
    pub fn with_template_kwargs(mut self, kwargs: Map<String, Value>) -> Self {
        self.default_kwargs = kwargs;
        self
    }

    /// Answers a conversation. Template and tokenizer run here: up to some 50 ms of CPU, so call it where
    /// blocking is allowed.
    pub fn chat(&self, mut r: ChatRequest) -> Result<Generation, FrontendError> {
        self.check_generates()?;
        validate::chat(&r)?;
        self.fill(&mut r.template_kwargs);
        let prompt = self.filled_prompt(&r)?;
        let (mut reading, plan) = self.reading(&r, &prompt.text);
        let mut options = std::mem::take(&mut r.options);
        let mut lead = plan.map(|plan| plan.lead);
        if self.offers_calls(&r) {
            let mut dialect = self.tool_dialect;
            // The marks of calls are control tokens in many vocabularies.
            options.show_control_tokens = true;
            if let Some((grammar, spoken)) = tools::forced(self.tool_dialect, &r, &*self.tokenizer)? {
                if let Some((_, other)) = &options.grammar {
                    let message = "cannot go together with a call that must be made";
                    return Err(FrontendError::invalid(other, message));
                }
                options.grammar = Some((grammar, "tools".to_owned()));
                dialect = spoken;
                lead = lead.map(|_| dialect.lead);
            }
            reading.calls = Some((dialect, Arc::new(Offer::new(r.tools.as_ref()))));
        }
        let plan = plan.zip(lead).map(|(plan, lead)| Plan { lead, ..plan });
        if let Some((marks, _)) = reading.thoughts {
            options.show_control_tokens |= reading.has_channels || self.are_control(marks);
        }
        self.start(prompt.tokens, None, options, Some((reading, plan)))
    }

    /// True if the model may call tools in its answer.
    fn offers_calls(&self, r: &ChatRequest) -> bool {
        let offers = r.tools.as_ref().is_some_and(|tools| tools.as_array().is_some_and(|t| !t.is_empty()));
        offers && r.tool_choice != ToolChoice::None
    }

    /// How answers to a prompt are read, and how the model may think in them, where that matters.
    fn reading(&self, r: &ChatRequest, prompt: &str) -> (Reading, Option<Plan>) {
        let marks = match r.reasoning.thoughts {
            Thoughts::Inline => None,
            Thoughts::ApartAnyway => Some(self.marks.unwrap_or(&reasoning::THINK)),
            Thoughts::Apart | Thoughts::Hidden => self.marks,
        };
        let last = r.messages.last().filter(|_| r.continue_final_message);
        let continued = last.map(|message| message.content.as_str());
        let place = |marks: &'static Marks| marks.place(prompt, continued);
        let reading = Reading {
            thoughts: marks.map(|marks| (marks, place(marks))),
            hides_thoughts: r.reasoning.thoughts == Thoughts::Hidden,
            has_channels: self.tool_dialect.has_channels(),
            calls: None,
        };
        // A budget holds whether thoughts are told apart or not, and channels are there whatever is shown.
        let needed = |marks: &&Marks| r.reasoning.budget.is_some() || marks.has_channels();
        let marks = marks.or(self.marks.filter(needed));
        let plan = marks.map(|marks| Plan {
            marks,
            lead: marks.lead,
            place: place(marks),
            may_open: place(marks) == Place::Before && reasoning::may_think(&r.template_kwargs),
            budget: r.reasoning.budget,
        });
        (reading, plan)
    }

    /// True if these marks are control tokens, whose text is hidden otherwise.
    fn are_control(&self, marks: &Marks) -> bool {
        [marks.open, marks.close].iter().any(|mark| {
            let ids = self.tokenizer.encode(mark, PROMPT_TEXT);
            ids.iter().any(|&id| self.tokenizer.is_control(id))
        })
    }

    /// Continues a text. The tokenizer runs here: call it where blocking is allowed.
    pub fn complete(&self, r: CompletionRequest) -> Result<Generation, FrontendError> {
        self.check_generates()?;
        let (tokens, text, is_text) = match r.prompt {
            Prompt::Text(text) => (self.encode_prompt(&text, &[])?, text, true),
            Prompt::Tokens(tokens) => {
                let text = if r.echo { self.detokenize(&tokens) } else { String::new() };
                (tokens, text, false)
            }
        };
        if !r.echo {
            return self.start(tokens, None, r.options, None);
        }
        let mut places = Vec::new();
        if r.options.sampling.logprobs.is_some() {
            // Text that begins with the token's own has been read as it.
            let bos = tokens.first().filter(|&&id| is_text && Some(id) == self.tokenizer.special().bos);
            let added_bos =
                bos.is_some_and(|&id| !text.as_bytes().starts_with(self.tokenizer.token_bytes(id)));
            places = echo::places(&*self.tokenizer, &tokens, &text, added_bos);
        }
        let alternatives = r.options.sampling.logprobs;
        self.start(tokens, Some(Echo { text, places, alternatives }), r.options, None)
    }

    /// Before any template or tokenizer runs for nothing.
    pub(crate) fn check_generates(&self) -> Result<(), FrontendError> {
        match self.engine.limits().only_embeds() {
            true => Err(SubmitError::CannotGenerate.into()),
            false => Ok(()),
        }
    }

    /// The prompt of a conversation, without running it.
    pub fn chat_prompt(&self, r: &ChatRequest) -> Result<ChatPrompt, FrontendError> {
        validate::chat(r)?;
        if self.default_kwargs.is_empty() {
            return self.filled_prompt(r);
        }
        let mut r = r.clone();
        self.fill(&mut r.template_kwargs);
        self.filled_prompt(&r)
    }

    /// Sets the template's variables that a request leaves open.
    fn fill(&self, kwargs: &mut Map<String, Value>) {
        for (name, value) in &self.default_kwargs {
            kwargs.entry(name).or_insert_with(|| value.clone());
        }
    }

    fn filled_prompt(&self, r: &ChatRequest) -> Result<ChatPrompt, FrontendError> {
        let prepared = tools::prepared(r, self.renders_tools);
        let r = &*prepared;
        let template = self.template.as_ref().map_err(Clone::clone)?;
        let now_unix = template::now_unix();
        let render = |content_text| {
            let protected = self.guard.protect(r, content_text)?;
            let (rendered, _) = template.render(&protected.request, now_unix)?;
            let mut prompt = protected.unmark(rendered);
            if r.continue_final_message {
                cut_after_message(&mut prompt, r)?;
            }
            let tokens = self.encode_prompt(&prompt.text, &prompt.guards)?;
            Ok::<_, FrontendError>((ChatPrompt { text: prompt.text, tokens }, !prompt.guards.is_empty()))
        };
        let (prompt, is_guarded) = render(r.content_text)?;
        if is_guarded {
            // A template that counts characters sees the marks: so not where they were of no use.
            let (plain, _) = render(SpecialText::Parse)?;
            let control = |id: &&TokenId| self.tokenizer.is_control(**id);
            if plain.tokens.iter().filter(control).eq(prompt.tokens.iter().filter(control)) {
                return Ok(plain);
            }
        }
        Ok(prompt)
    }

    /// The ids of `text`; `add_special` puts BOS before it if the model wants one, `special` says how text of
    /// control tokens is read.
    pub fn tokenize(&self, text: &str, add_special: bool, special: SpecialText) -> Vec<TokenId> {
        let tokens = self.tokenizer.encode(text, special);
        if add_special { self.with_bos(tokens) } else { tokens }
    }

    pub(crate) fn with_bos(&self, mut tokens: Vec<TokenId>) -> Vec<TokenId> {
        let bos = self.tokenizer.special().bos.filter(|_| self.tokenizer.special().add_bos);
        // A template, or a careful client, has written it already.
        if let Some(bos) = bos.filter(|bos| tokens.first() != Some(bos)) {
            tokens.insert(0, bos);
        }
        tokens
    }

    /// The text of `tokens`, control tokens spelled out, broken characters as U+FFFD.
    pub fn detokenize(&self, tokens: &[TokenId]) -> String {
        String::from_utf8_lossy(&self.tokenizer.decode(tokens)).into_owned()
    }

    /// The engine.
    pub fn engine(&self) -> &EngineHandle {
        &self.engine
    }

    /// The tokenizer.
    pub fn tokenizer(&self) -> &Arc<dyn Tokenizer> {
        &self.tokenizer
    }

    /// Name that requests use.
    pub fn model_id(&self) -> &str {
        &self.model_id
    }

    /// Sampling for requests that name none.
    pub fn default_sampling(&self) -> &SamplingParams {
        &self.default_sampling
    }

    /// The chat template's text.
    pub fn template_source(&self) -> &str {
        &self.template_source
    }

    /// Why there is no chat with this model, if so.
    pub fn template_error(&self) -> Option<&TemplateError> {
        self.template.as_ref().err()
    }

    /// `guards` are places that no control token may span.
    fn encode_prompt(&self, text: &str, guards: &[usize]) -> Result<Vec<TokenId>, FrontendError> {
        let limit = self.engine.limits().max_servable_tokens;
        let at_least = text.len() / self.max_token_bytes;
        if at_least > limit {
            return Err(FrontendError::PromptTooLong { prompt_tokens: at_least, exact: false, limit });
        }
        Ok(self.with_bos(self.tokenizer.encode_guarded(text, PROMPT_TEXT, guards)))
    }

    /// Generates after a prompt of ids, and reads nothing into the answer.
    pub(crate) fn start_plain(
        &self,
        prompt: Vec<TokenId>,
        options: GenerateOptions,
    ) -> Result<Generation, FrontendError> {
        self.start(prompt, None, options, None)
    }

    fn start(
        &self,
        prompt: Vec<TokenId>,
        echo: Option<Echo>,
        mut options: GenerateOptions,
        chat: Option<(Reading, Option<Plan>)>,
    ) -> Result<Generation, FrontendError> {
        let only_echo = echo.is_some() && options.max_tokens == Some(0);
        if only_echo {
            // The engine's least: the row that it follows from is the prompt's last, which is computed anyway.
            options.max_tokens = Some(1);
        }
        let mut options = validate::options(options, self.tokenizer.vocab_size())?;
        if let Some(dry) = &mut options.sampling.dry {
            dry.breakers = self.breakers(options.dry_breakers.as_deref());
        }
        let constraint = match &options.grammar {
            Some((grammar, param)) => Some(self.grammars.constraint(grammar, param)?),
            None => None,
        };
        let (reading, plan) = chat.unzip();
        let plan = plan.flatten();
        let constraint = match plan.filter(|plan| plan.budget.is_some() || constraint.is_some()) {
            Some(plan) => {
                let vocab_size = self.engine.limits().vocab_size;
                Some(Guide::constraint(&self.tokenizer, vocab_size, plan, constraint))
            }
            None => constraint,
        };
        let constraint = match options.bad_words.as_slice() {
            [] => constraint,
            words => {
                let vocab_size = self.engine.limits().vocab_size;
                Some(bad_words::constraint(words, &*self.tokenizer, vocab_size, constraint)?)
            }
        };
        let reading = reading.filter(Reading::does_anything);
        let prompt: Arc<[TokenId]> = prompt.into();
        let text_before = echo.as_ref().map_or(0, |echo| echo.text.chars().count());
        let presentation = Presentation { text_before, only_echo, ..self.presentation(&options) };
        let prompt_top = options.sampling.prompt_logprobs;
        let echoed_top = echo.as_ref().and_then(|echo| echo.alternatives);
        let mut parts = Vec::with_capacity(options.n);
        for index in 0..options.n {
            // An echo is each answer's own; beside them the prompt is told once.
            options.sampling.prompt_logprobs = echoed_top.max(prompt_top.filter(|_| index == 0));
            // A refusal drops, and so aborts, those before it.
            let stream = self.engine.submit(NewRequest {
                constraint: constraint.clone(),
                ..self.request(&prompt, &options, &presentation.stop_ids, index)
            })?;
            parts.push((stream, Assembler::new(index, Arc::clone(&self.tokenizer), presentation.clone())));
        }
        Ok(Generation::new(prompt, parts, echo, prompt_top, reading.as_ref()))
    }

    /// The engine's salt; 0 is that of those who give none.
    pub(crate) fn salt(&self, salt: Option<&str>) -> u64 {
        salt.map_or(0, |salt| self.salt_hasher.hash_one(salt).max(1))
    }

    fn breakers(&self, texts: Option<&[String]>) -> breakers::Breakers {
        match texts {
            None => {
                let found = || breakers::breakers(&*self.tokenizer, breakers::DEFAULT_BREAKERS);
                Arc::clone(self.default_breakers.get_or_init(found))
            }
            Some(texts) => {
                let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
                breakers::breakers(&*self.tokenizer, &texts)
            }
        }
    }

    fn presentation(&self, options: &GenerateOptions) -> Presentation {
        let mut stop_ids = options.stop_token_ids.clone();
        // A grammar's answer is complete with one of these, and goes no further.
        if !options.ignore_eos || options.grammar.is_some() {
            stop_ids.extend_from_slice(&self.tokenizer.special().end_of_generation);
        }
        stop_ids.sort_unstable();
        stop_ids.dedup();
        Presentation {
            stop_ids,
            stops: options.stop.clone(),
            show_control_tokens: options.show_control_tokens,
            text_before: 0,
            only_echo: false,
        }
    }

    fn request(
        &self,
        prompt: &Arc<[TokenId]>,
        options: &GenerateOptions,
        stop_ids: &[TokenId],
        index: usize,
    ) -> NewRequest {
        let seed = options.sampling.seed.map(|seed| derive_seed(seed, index));
        NewRequest {
            prompt: Arc::clone(prompt),
            sampling: SamplingParams { seed, ..options.sampling.clone() },
            limits: Limits {
                max_tokens: options.max_tokens.unwrap_or(usize::MAX),
                min_tokens: options.min_tokens,
                stop_ids: stop_ids.to_vec(),
            },
            priority: options.priority,
            cache_salt: self.salt(options.cache_salt.as_deref()),
            use_prompt_cache: options.use_prompt_cache,
            timeout: options.timeout,
            constraint: None,
        }
    }
}

/// Ends the prompt where the last message's text does: with its white space, if the template has kept that.
fn cut_after_message(prompt: &mut Unmarked, r: &ChatRequest) -> Result<(), FrontendError> {
    let end = prompt.message_end.ok_or_else(|| {
        let message = "cannot be: the chat template does not write the last message as it is";
        FrontendError::invalid("continue_final_message", message)
    })?;
    let content = r.messages.last().map_or("", |last| &last.content);
    let space = &content[content.trim_end().len()..];
    let kept = if prompt.text[end..].starts_with(space) { space.len() } else { 0 };
    prompt.text.truncate(end + kept);
    prompt.guards.retain(|&guard| guard <= end + kept);
    Ok(())
}

/// A conversation as the model sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatPrompt {
    /// What the template wrote.
    pub text: String,
    /// Its ids, BOS included.
    pub tokens: Vec<TokenId>,
}

fn special_text(tokenizer: &dyn Tokenizer) -> template::TemplateTokens {
    let special = tokenizer.special();
    let text = |id: Option<TokenId>| {
        id.map(|id| String::from_utf8_lossy(tokenizer.token_bytes(id)).into_owned()).unwrap_or_default()
    };
    template::TemplateTokens {
        bos: text(special.bos),
        eos: text(special.eos),
        pad: text(special.pad),
        unk: text(special.unk),
    }
}
