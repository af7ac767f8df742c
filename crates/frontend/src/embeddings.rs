//! Embeddings and scores: texts to inputs, inputs to the engine, results in order.
//!
//! ```text
//! text      [bos] text [eos]                                   as the model was trained, by its vocabulary's flags
//! pair      [CLS] query [SEP] document [SEP]                   BERT;  <s> query </s></s> document </s>  of its like
//!           or the file's own template with {query} and {document}
//! ```
//! A request may have thousands of inputs. Each is a request of the engine's, [`MAX_IN_FLIGHT`] of them at a time, so that
//! one client's list neither fills the queue nor has to fit it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use gollum_core::{Pooling, TokenId};
use gollum_engine::{EngineHandle, Event, EventStream, NewEmbedding, SubmitError};
use gollum_tokenizer::SpecialText;

use crate::{Frontend, FrontendError, Prompt};

/// Inputs of one request that the engine holds at a time: several steps' worth of short ones.
pub const MAX_IN_FLIGHT: usize = 256;
/// Inputs of one request at most: OpenAI's limit.
pub const MAX_INPUTS: usize = 2048;
/// Values of all results of one request at most, 32 MiB: 2,048 embeddings 4,096 wide.
pub const MAX_VALUES: usize = 1 << 23;

/// What models can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capability {
    /// Text.
    Completion,
    /// Embeddings.
    Embedding,
    /// Scores of a query and documents.
    Rerank,
}

impl Capability {
    /// Its name in lists.
    pub fn name(self) -> &'static str {
        match self {
            Self::Completion => "completion",
            Self::Embedding => "embedding",
            Self::Rerank => "rerank",
        }
    }

    /// Those of a model, by its pooling and whether it only takes whole inputs.
    pub fn of(pooling: Option<Pooling>, only_embeds: bool) -> Vec<Self> {
        let text = (!only_embeds).then_some(Self::Completion);
        let pooled = match pooling {
            Some(Pooling::Rank) => Some(Self::Rerank),
            Some(Pooling::Mean | Pooling::Cls | Pooling::Last) => Some(Self::Embedding),
            // Rows as they are: there is no route for them.
            Some(Pooling::None) | None => None,
        };
        text.into_iter().chain(pooled).collect()
    }
}

/// Texts to be embedded.
#[derive(Clone, Debug, PartialEq)]
pub struct EmbeddingRequest {
    /// One embedding each; 1 to [`MAX_INPUTS`].
    pub inputs: Vec<Prompt>,
    /// Keep this many of the first values, and norm those: for models trained so that they mean something alone.
    pub dimensions: Option<usize>,
    /// The rest.
    pub options: EmbeddingOptions,
}

/// A query and documents, each of which gets a score.
#[derive(Clone, Debug, PartialEq)]
pub struct RerankRequest {
    /// What is looked for.
    pub query: String,
    /// Where; 1 to [`MAX_INPUTS`].
    pub documents: Vec<String>,
    /// The rest.
    pub options: EmbeddingOptions,
}

/// What both have.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EmbeddingOptions {
    /// Larger runs earlier; 0 is the default.
    pub priority: i32,
    /// Separates tenants in every cache.
    pub cache_salt: Option<String>,
    /// Each input fails when it is not done after this.
    pub timeout: Option<Duration>,
}

impl Frontend {
    /// Takes the file's own template for pairs, `tokenizer.chat_template.rerank`.
    pub fn with_rerank_template(mut self, template: Option<String>) -> Self {
        self.rerank_template = template;
        self
    }

    /// What this model can be asked for.
    pub fn capabilities(&self) -> Vec<Capability> {
        let limits = self.engine().limits();
        Capability::of(limits.embedding.and_then(|spec| spec.pooling), limits.only_embeds())
    }

    /// Embeds texts. The tokenizer runs here: call it where blocking is allowed.
    pub fn embed(&self, r: EmbeddingRequest) -> Result<Embeddings, FrontendError> {
        let width = self.pooled_width(Capability::Embedding)?;
        check_count(r.inputs.len(), width, "input")?;
        if let Some(dimensions) = r.dimensions
            && !(1..=width).contains(&dimensions)
        {
            let message = format!("is {dimensions}, and this model's embeddings have 1 to {width}");
            return Err(FrontendError::invalid("dimensions", message));
        }
        let shape = Shape::Normed { dimensions: r.dimensions.unwrap_or(width) };
        let inputs = r.inputs.into_iter().map(|input| match input {
            Prompt::Text(text) => self.with_specials(&text),
            Prompt::Tokens(tokens) => tokens,
        });
        self.start_embeddings(inputs.collect(), shape, &r.options)
    }

    /// Scores documents. The tokenizer runs here: call it where blocking is allowed.
    pub fn rerank(&self, r: &RerankRequest) -> Result<Embeddings, FrontendError> {
        let width = self.pooled_width(Capability::Rerank)?;
        check_count(r.documents.len(), width, "documents")?;
        let query = self.tokenizer().encode(&r.query, SpecialText::Parse);
        let inputs = r.documents.iter().map(|document| self.pair(&r.query, &query, document));
        self.start_embeddings(inputs.collect(), Shape::Score, &r.options)
    }

    /// Values of a result, if the model has what is asked for.
    fn pooled_width(&self, wanted: Capability) -> Result<usize, FrontendError> {
        let spec = self.engine().limits().embedding;
        match (spec, self.capabilities().contains(&wanted)) {
            (Some(spec), true) => Ok(spec.width),
            (spec, _) => {
                let pooling = spec.and_then(|spec| spec.pooling).map(Pooling::name);
                Err(FrontendError::invalid("model", refusal(self.model_id(), wanted, pooling)))
            }
        }
    }

    /// As the model was trained: BOS before and EOS behind, where it wants them.
    fn with_specials(&self, text: &str) -> Vec<TokenId> {
        let special = self.tokenizer().special();
        let mut tokens = self.tokenize(text, true, SpecialText::Parse);
        let eos = special.eos.filter(|_| special.add_eos);
        // A careful client has written it already.
        tokens.extend(eos.filter(|eos| tokens.last() != Some(eos)));
        tokens
    }

    fn pair(&self, query_text: &str, query: &[TokenId], document: &str) -> Vec<TokenId> {
        if let Some(template) = &self.rerank_template {
            // One pass, so that a query with `{document}` in it stays what it is.
            let text: String = template
                .split("{query}")
                .map(|part| part.replace("{document}", document))
                .collect::<Vec<_>>()
                .join(query_text);
            return self.with_specials(&text);
        }
        let special = self.tokenizer().special();
        let eos = special.eos.or(special.sep).filter(|_| special.add_eos);
        // BERT's own vocabulary separates by one `[SEP]`, those of RoBERTa's line by two `</s>`.
        let once = special.bos.is_some_and(|bos| self.tokenizer().token_bytes(bos) == b"[CLS]");
        let sep = special.sep.filter(|_| special.add_sep && !(once && eos.is_some()));
        let mut tokens: Vec<TokenId> = special.bos.filter(|_| special.add_bos).into_iter().collect();
        tokens.extend_from_slice(query);
        tokens.extend(eos);
        tokens.extend(sep);
        tokens.extend(self.tokenizer().encode(document, SpecialText::Parse));
        tokens.extend(eos);
        tokens
    }

    fn start_embeddings(
        &self,
        inputs: Vec<Vec<TokenId>>,
        shape: Shape,
        options: &EmbeddingOptions,
    ) -> Result<Embeddings, FrontendError> {
        // All are checked before the first is computed.
        let limits = self.engine().limits();
        for (index, input) in inputs.iter().enumerate() {
            let (limit, vocab_size) = (limits.max_input_tokens(), limits.vocab_size);
            let problem = if input.is_empty() {
                "has no tokens".to_owned()
            } else if input.len() > limit {
                return Err(FrontendError::InputTooLong { index, input_tokens: input.len(), limit });
            } else if let Some(token) = input.iter().find(|&&token| token as usize >= vocab_size) {
                format!("has the token {token}, outside of the vocabulary of {vocab_size}")
            } else {
                continue;
            };
            return Err(FrontendError::invalid(format!("input[{index}]"), problem));
        }
        let mut embeddings = Embeddings {
            engine: self.engine().clone(),
            input_tokens: inputs.iter().map(Vec::len).sum(),
            waiting: inputs.into_iter().map(Arc::from).collect(),
            running: VecDeque::new(),
            priority: options.priority,
            cache_salt: self.salt(options.cache_salt.as_deref()),
            timeout: options.timeout,
            shape,
        };
        embeddings.fill()?;
        Ok(embeddings)
    }
}

fn check_count(inputs: usize, width: usize, param: &str) -> Result<(), FrontendError> {
    let limit = MAX_INPUTS.min(MAX_VALUES / width.max(1)).max(1);
    match inputs {
        0 => Err(FrontendError::invalid(param, "must not be empty")),
        n if n > limit => {
            Err(FrontendError::invalid(param, format!("has {n} entries, at most {limit} are allowed")))
        }
        _ => Ok(()),
    }
}

/// Why a model does not give what was asked for, and what would.
fn refusal(model: &str, wanted: Capability, pooling: Option<&str>) -> String {
    let has = match pooling {
        None => "its file names no pooling".to_owned(),
        Some(pooling) => format!("its pooling is `{pooling}`"),
    };
    match wanted {
        Capability::Rerank => {
            format!("`{model}` gives no scores: {has}; a reranker has a classifier, and the pooling `rank`")
        }
        _ => {
            format!("`{model}` gives no embeddings: {has}; start the server with --pooling mean, cls or last")
        }
    }
}

/// What is made of a result.
#[derive(Clone, Copy, Debug)]
enum Shape {
    /// The first values, at length 1.
    Normed { dimensions: usize },
    /// The first score.
    Score,
}

impl Shape {
    fn apply(self, mut values: Vec<f32>) -> Vec<f32> {
        match self {
            Self::Normed { dimensions } => {
                values.truncate(dimensions);
                normalise(&mut values);
            }
            Self::Score => values.truncate(1),
        }
        values
    }
}

/// Divides by the length, in f64 and in order; zeros stay zeros.
fn normalise(values: &mut [f32]) {
    let squares: f64 = values.iter().map(|&v| f64::from(v) * f64::from(v)).sum();
    if squares > 0.0 {
        let factor = 1.0 / squares.sqrt();
        values.iter_mut().for_each(|v| *v = (f64::from(*v) * factor) as f32);
    }
}

/// The results of one request. Dropping it aborts what is not done.
pub struct Embeddings {
    engine: EngineHandle,
    input_tokens: usize,
    waiting: VecDeque<Arc<[TokenId]>>,
    /// In the order of inputs.
    running: VecDeque<EventStream>,
    priority: i32,
    cache_salt: u64,
    timeout: Option<Duration>,
    shape: Shape,
}

impl Embeddings {
    /// Tokens of all inputs.
    pub fn input_tokens(&self) -> usize {
        self.input_tokens
    }

    /// Inputs without a result.
    pub fn len(&self) -> usize {
        self.waiting.len() + self.running.len()
    }

    /// True once every input has its result.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The next result, in the order of inputs; `None` after the last. After an error the others are not worth asking for.
    pub async fn next(&mut self) -> Option<Result<Vec<f32>, FrontendError>> {
        if let Err(error) = self.fill() {
            return Some(Err(error));
        }
        let stream = self.running.front_mut()?;
        let mut result = None;
        let done = loop {
            match stream.next().await {
                Some(Event::Embedding(values)) => result = Some(values),
                Some(Event::Finished { .. }) => break Ok(result.take()),
                Some(Event::Failed(error)) => break Err(error.into()),
                Some(Event::Token { .. } | Event::PromptTokens(_)) => {}
                None => break Ok(None),
            }
        };
        self.running.pop_front();
        let shape = self.shape;
        let aborted = || FrontendError::Submit(SubmitError::Stopped);
        Some(done.and_then(|values| values.map(|values| shape.apply(values)).ok_or_else(aborted)))
    }

    /// Submits what there is room for. A full queue is an error only for who has nothing in it.
    fn fill(&mut self) -> Result<(), FrontendError> {
        while self.running.len() < MAX_IN_FLIGHT {
            let Some(input) = self.waiting.front() else { break };
            let submitted = self.engine.embed(NewEmbedding {
                input: Arc::clone(input),
                priority: self.priority,
                cache_salt: self.cache_salt,
                timeout: self.timeout,
            });
            match submitted {
                Ok(stream) => {
                    self.waiting.pop_front();
                    self.running.push_back(stream);
                }
                Err(SubmitError::QueueFull { .. }) if !self.running.is_empty() => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_become_one_and_zeros_stay() {
        let mut values = [3.0, -4.0];
        normalise(&mut values);
        assert_eq!(values, [0.6, -0.8]);
        let mut zeros = [0.0; 3];
        normalise(&mut zeros);
        assert_eq!(zeros, [0.0; 3]);
        assert_eq!(Shape::Normed { dimensions: 2 }.apply(vec![3.0, 4.0, 100.0]), [0.6, 0.8]);
        assert_eq!(Shape::Score.apply(vec![2.0, 3.0]), [2.0]);
    }

    #[test]
    fn capabilities_follow_from_the_pooling() {
        use Capability::{Completion, Embedding, Rerank};
        assert_eq!(Capability::of(None, false), [Completion]);
        assert_eq!(Capability::of(Some(Pooling::Last), false), [Completion, Embedding]);
        assert_eq!(Capability::of(Some(Pooling::Mean), true), [Embedding]);
        assert_eq!(Capability::of(Some(Pooling::Rank), true), [Rerank]);
        assert_eq!(Capability::of(Some(Pooling::None), true), []);
    }

    #[test]
    fn lists_are_bounded_by_count_and_by_values() {
        assert!(check_count(MAX_INPUTS, 4096, "input").is_ok());
        assert!(check_count(MAX_INPUTS + 1, 8, "input").is_err());
        assert!(check_count(1025, 8192, "input").is_err());
        assert!(check_count(0, 8, "input").is_err());
        assert!(check_count(1, 1 << 30, "input").is_ok());
    }
}
