//! The answers to one request as they come: several engine streams, read fairly, as one stream of text.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use gollum_core::{FinishReason, RequestId, Timing, TokenId, TokenLogprob, Usage};
use gollum_engine::{Event, EventStream};

use crate::FrontendError;
use crate::assembler::Assembler;
use crate::echo::{Echo, with_top};
use crate::reader::{Read, Reader, Reading};
use crate::tools::ToolCall;

/// One thing that happened to one answer. Each answer has any number of `Delta`, then exactly one of
/// `Finished` and `Failed`.
#[derive(Clone, Debug, PartialEq)]
pub enum TextEvent {
    /// More text, whole characters only.
    Delta {
        /// Which answer, `0..n`.
        index: usize,
        /// What the model thinks before it answers, where that is told apart. Comes before `text`.
        thoughts: String,
        /// How many of `tokens` are thoughts, or mark them.
        thought_tokens: usize,
        /// The text; empty where there are thoughts alone, where tokens without text end an answer, and where
        /// log-probabilities of an echoed prompt follow its text.
        text: String,
        /// The tokens generated since the last delta, the stop id included.
        tokens: Vec<TokenId>,
        /// Of these, those whose text is shown and no thought, with their log-probabilities, if asked for.
        logprobs: Vec<ShownToken>,
    },
    /// Tools were called: each call is told once, whole.
    Calls {
        /// Which answer.
        index: usize,
        /// At least one.
        calls: Vec<ToolCall>,
    },
    /// The answer is complete.
    Finished {
        /// Which answer.
        index: usize,
        /// Why.
        reason: FinishReason,
        /// The stop string that ended it, if one did.
        matched_stop: Option<String>,
        /// Its token counts.
        usage: Usage,
        /// True if a stored answer was replayed.
        prompt_cache_hit: bool,
        /// Where its time went.
        timing: Timing,
    },
    /// The answer broke off.
    Failed {
        /// Which answer.
        index: usize,
        /// Why.
        error: FrontendError,
    },
}

/// A token whose text is shown, its chances, and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownToken {
    /// The token. Its text is [`Tokenizer::token_bytes`](gollum_tokenizer::Tokenizer::token_bytes), which need not
    /// be whole characters.
    pub token: TokenId,
    /// Its log-probability; `None` for the first token of an echoed prompt, which follows nothing.
    pub logprob: Option<f32>,
    /// The best tokens at its place, most likely first.
    pub top: Vec<(TokenId, f32)>,
    /// Characters of the answer's text before the token; for one that begins inside a character, before that
    /// character. Never smaller than that of the token before.
    pub text_offset: usize,
}

impl ShownToken {
    pub(crate) fn new(logprob: TokenLogprob, text_offset: usize) -> Self {
        let TokenLogprob { token, logprob, top, .. } = logprob;
        Self { token, logprob: Some(logprob), top, text_offset }
    }
}

impl TextEvent {
    /// Which answer it belongs to.
    pub fn index(&self) -> usize {
        match self {
            Self::Delta { index, .. }
            | Self::Calls { index, .. }
            | Self::Finished { index, .. }
            | Self::Failed { index, .. } => *index,
        }
    }

    /// A delta that is no thought.
    pub(crate) fn of_text(
        index: usize,
        text: String,
        tokens: Vec<TokenId>,
        logprobs: Vec<ShownToken>,
    ) -> Self {
        Self::Delta { index, thoughts: String::new(), thought_tokens: 0, text, tokens, logprobs }
    }

    /// True for the last event of an answer.
    pub fn is_terminal(&self) -> bool {
        !matches!(self, Self::Delta { .. } | Self::Calls { .. })
    }
}

/// The answers to one request. Dropping it aborts what is still running.
pub struct Generation {
    prompt: Arc<[TokenId]>,
    request_ids: Vec<RequestId>,
    answers: Vec<Answer>,
    ready: VecDeque<TextEvent>,
    echo: Option<Echo>,
    told: Option<ToldPrompt>,
    /// The answer to look at first, so that none starves the others.
    turn: usize,
}

/// What the first answer's stream has told of the prompt, for a client that wants it beside the answers.
struct ToldPrompt {
    /// Alternatives beside each token.
    top: u8,
    /// The prompt's second token first.
    tokens: Vec<TokenLogprob>,
}

struct Answer {
    /// `None` once it has ended.
    stream: Option<EventStream>,
    text: Assembler,
    /// Tokens of the prompt that were told, the first included.
    told: usize,
    /// Tells thoughts, text and calls apart, where there may be any but text.
    reader: Option<Reader>,
}

impl Generation {
    /// Joins streams and their assemblers, in order of answers. `echo` begins each answer. `prompt_top` are the alternatives
    /// to keep beside each token of the prompt, if anyone wants them.
    pub(crate) fn new(
        prompt: Arc<[TokenId]>,
        parts: Vec<(EventStream, Assembler)>,
        echo: Option<Echo>,
        prompt_top: Option<u8>,
        reading: Option<&Reading>,
    ) -> Self {
        let begin = |index: usize, echo: &Echo| {
            let first = echo.first(&prompt).into_iter().collect();
            TextEvent::of_text(index, echo.text.clone(), Vec::new(), first)
        };
        Self {
            request_ids: parts.iter().map(|(stream, _)| stream.id()).collect(),
            ready: echo.iter().flat_map(|echo| (0..parts.len()).map(|index| begin(index, echo))).collect(),
            answers: parts
                .into_iter()
                .map(|(s, text)| {
                    let reader = reading.cloned().map(Reader::new);
                    Answer { stream: Some(s), text, told: 1, reader }
                })
                .collect(),
            echo,
            told: prompt_top.map(|top| ToldPrompt { top, tokens: Vec::new() }),
            turn: 0,
            prompt,
        }
    }

    /// Tokens of the prompt.
    pub fn prompt_tokens(&self) -> usize {
        self.prompt.len()
    }

    /// The prompt as the model sees it.
    pub fn prompt(&self) -> &[TokenId] {
        &self.prompt
    }

    /// The log-probabilities of the prompt's tokens, from its second on, so far: all once the first answer has its first
    /// token. `None` unless [`SamplingParams::prompt_logprobs`](gollum_core::SamplingParams) asked for them.
    pub fn prompt_logprobs(&self) -> Option<&[TokenLogprob]> {
        self.told.as_ref().map(|told| told.tokens.as_slice())
    }

    /// The engine's ids, one per answer: for `x-request-id` and `explain`.
    pub fn request_ids(&self) -> &[RequestId] {
        &self.request_ids
    }

    /// The next event; `None` after the last answer's end.
    pub async fn next(&mut self) -> Option<TextEvent> {
        std::future::poll_fn(|context| self.poll_next(context)).await
    }

    /// [`Generation::next`] in the form that `Stream` implementations need.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<TextEvent>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Poll::Ready(Some(event));
            }
            if self.answers.iter().all(|answer| answer.stream.is_none()) {
                return Poll::Ready(None);
            }
            if !self.poll_answers(context) {
                return Poll::Pending;
            }
        }
    }

    /// [`Generation::next`] for threads. Must not be called on an async runtime's own threads.
    pub fn blocking_next(&mut self) -> Option<TextEvent> {
        let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
        let mut context = Context::from_waker(&waker);
        loop {
            match self.poll_next(&mut context) {
                Poll::Ready(event) => return event,
                Poll::Pending => std::thread::park(),
            }
        }
    }

    /// Takes in at most one event of each running answer; false if there was none.
    fn poll_answers(&mut self, context: &mut Context<'_>) -> bool {
        let count = self.answers.len();
        let mut progress = false;
        for offset in 0..count {
            let answer = &mut self.answers[(self.turn + offset) % count];
            let Some(stream) = &mut answer.stream else { continue };
            if let Poll::Ready(event) = stream.poll_next(context) {
                progress = true;
                if let (Some(Event::PromptTokens(tokens)), 0, Some(told)) =
                    (&event, answer.text.index(), &mut self.told)
                {
                    told.tokens.extend(tokens.iter().map(|token| with_top(token, told.top)));
                }
                answer.take_in(event, self.echo.as_ref(), &mut self.ready);
            }
        }
        self.turn = (self.turn + 1) % count;
        progress
    }
}

impl Answer {
    fn take_in(&mut self, event: Option<Event>, echo: Option<&Echo>, ready: &mut VecDeque<TextEvent>) {
        let index = self.text.index();
        match event {
            Some(Event::PromptTokens(told)) => {
                let first = self.told;
                self.told += told.len();
                let logprobs = echo.map_or_else(Vec::new, |echo| echo.shown(first, &told));
                if !logprobs.is_empty() {
                    ready.push_back(TextEvent::of_text(index, String::new(), Vec::new(), logprobs));
                }
            }
            Some(Event::Token { token, logprob }) => {
                let stopped_before = self.text.has_stopped();
                let delta = self.text.push(token, logprob);
                self.sift(delta, ready);
                if self.text.has_stopped() && !stopped_before {
                    // The stream goes on to its terminal event, which has the numbers.
                    self.stream.as_ref().inspect(|stream| stream.abort());
                }
            }
            Some(Event::Finished { reason, usage, prompt_cache_hit, timing }) => {
                self.stream = None;
                let rest = self.text.finish(reason, usage, prompt_cache_hit, timing);
                self.sift(rest, ready);
            }
            Some(Event::Failed(error)) => {
                self.stream = None;
                let rest = self.text.fail();
                self.sift(rest, ready);
                ready.push_back(TextEvent::Failed { index, error: error.into() });
            }
            Some(Event::Embedding(_)) => unreachable!("a request for tokens has none"),
            None => unreachable!("a stream ends with a terminal event, after which it is not polled"),
        }
    }
}

impl Answer {
    /// Passes events on, their text through the reader.
    fn sift(&mut self, events: impl IntoIterator<Item = TextEvent>, ready: &mut VecDeque<TextEvent>) {
        let Some(reader) = &mut self.reader else { return ready.extend(events) };
        for event in events {
            match event {
                TextEvent::Delta { index, text, tokens, logprobs, .. } => {
                    let Read { thoughts, text, calls, is_thought } = reader.push(&text);
                    let thought_tokens = if is_thought { tokens.len() } else { 0 };
                    let logprobs = if is_thought { Vec::new() } else { logprobs };
                    let delta = TextEvent::Delta { index, thoughts, thought_tokens, text, tokens, logprobs };
                    ready.push_back(delta);
                    if !calls.is_empty() {
                        ready.push_back(TextEvent::Calls { index, calls });
                    }
                }
                TextEvent::Finished { index, .. } => {
                    let Read { thoughts, text, calls, .. } = reader.finish();
                    if !(thoughts.is_empty() && text.is_empty()) {
                        let (tokens, logprobs, thought_tokens) = (Vec::new(), Vec::new(), 0);
                        let rest =
                            TextEvent::Delta { index, thoughts, thought_tokens, text, tokens, logprobs };
                        ready.push_back(rest);
                    }
                    if !calls.is_empty() {
                        ready.push_back(TextEvent::Calls { index, calls });
                    }
                    ready.push_back(event);
                }
                other => ready.push_back(other),
            }
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
