//! One answer: tokens in, text out. Pure; the engine's events come from [`crate::generation`].
//!
//! ```text
//! token -> [hidden?] -> Detokenizer (whole characters) -> StopMatcher (holds back what may begin a stop) -> delta
//! ```
//! The texts of all deltas joined are the answer: `from_utf8_lossy` of the shown tokens' bytes, cut before the
//! first stop string. Each generated token is in exactly one delta.

use std::sync::Arc;

use gollum_core::{FinishReason, Timing, TokenId, TokenLogprob, Usage};
use gollum_tokenizer::{Detokenizer, Tokenizer};

use crate::generation::{ShownToken, TextEvent};
use crate::stop::StopMatcher;

/// How tokens become text.
#[derive(Clone, Debug, Default)]
pub struct Presentation {
    /// Ids that end the answer, sorted; the text of the one that did is not shown.
    pub stop_ids: Vec<TokenId>,
    /// Texts that end the answer.
    pub stops: Vec<String>,
    /// Show control tokens' text.
    pub show_control_tokens: bool,
    /// Characters of the answer's text before its first generated token: the echoed prompt.
    pub text_before: usize,
    /// Show no generated token at all: the prompt is the answer.
    pub only_echo: bool,
}

/// The state of one answer.
pub struct Assembler {
    index: usize,
    tokenizer: Arc<dyn Tokenizer>,
    stop_ids: Vec<TokenId>,
    show_control_tokens: bool,
    only_echo: bool,
    detokenizer: Detokenizer,
    stops: StopMatcher,
    /// A stop id that ends the answer if nothing follows: before `min_tokens` it does not.
    undecided: Option<(TokenId, Option<TokenLogprob>)>,
    /// Tokens since the last delta.
    tokens: Vec<TokenId>,
    logprobs: Vec<ShownToken>,
    /// Characters of the answer's text up to the next token, what is held back included.
    chars: usize,
    /// Characters of the answer's text that deltas have carried.
    chars_out: usize,
    generated: usize,
    matched_stop: Option<usize>,
}

impl Assembler {
    /// The answer number `index`.
    pub fn new(index: usize, tokenizer: Arc<dyn Tokenizer>, presentation: Presentation) -> Self {
        Self {
            index,
            tokenizer,
            stop_ids: presentation.stop_ids,
            show_control_tokens: presentation.show_control_tokens,
            only_echo: presentation.only_echo,
            detokenizer: Detokenizer::new(),
            stops: StopMatcher::new(presentation.stops),
            undecided: None,
            tokens: Vec::new(),
            logprobs: Vec::new(),
            chars: presentation.text_before,
            chars_out: presentation.text_before,
            generated: 0,
            matched_stop: None,
        }
    }

    /// Which answer this is.
    pub fn index(&self) -> usize {
        self.index
    }

    /// True once a stop string has ended the answer: later tokens are ignored.
    pub fn has_stopped(&self) -> bool {
        self.matched_stop.is_some()
    }

    /// Takes the next token in; a delta if there is new text.
    pub fn push(&mut self, token: TokenId, logprob: Option<TokenLogprob>) -> Option<TextEvent> {
        if self.has_stopped() || self.only_echo {
            return None;
        }
        let mut text = String::new();
        if let Some((earlier, logprob)) = self.undecided.take() {
            text = self.show(earlier, logprob);
        }
        if self.has_stopped() {
            return self.delta(text);
        }
        self.generated += 1;
        if self.stop_ids.binary_search(&token).is_ok() {
            self.undecided = Some((token, logprob));
        } else {
            text += &self.show(token, logprob);
        }
        if text.is_empty() && !self.has_stopped() { None } else { self.delta(text) }
    }

    /// Ends the answer well: the rest of the text, then the end.
    pub fn finish(
        &mut self,
        reason: FinishReason,
        usage: Usage,
        prompt_cache_hit: bool,
        timing: Timing,
    ) -> Vec<TextEvent> {
        let stopped_before = self.has_stopped();
        let rest = self.rest(reason == FinishReason::Stop);
        let matched_stop = self.matched_stop.map(|stop| self.stops.stops()[stop].clone());
        let reason = if matched_stop.is_some() { FinishReason::Stop } else { reason };
        let reason = if self.only_echo { FinishReason::Length } else { reason };
        // The engine may have gone a few tokens further than the stop string.
        let is_less = stopped_before || self.only_echo;
        let completion_tokens = if is_less { self.generated } else { usage.completion_tokens };
        let usage = Usage { completion_tokens, ..usage };
        let index = self.index;
        let end = TextEvent::Finished { index, reason, matched_stop, usage, prompt_cache_hit, timing };
        rest.into_iter().chain([end]).collect()
    }

    /// Ends an answer that failed: the rest of the text, which is good.
    pub fn fail(&mut self) -> Option<TextEvent> {
        self.rest(false)
    }

    /// What was held back. `ended_by_id`: the undecided stop id did end the answer, and is hidden.
    fn rest(&mut self, ended_by_id: bool) -> Option<TextEvent> {
        let mut text = String::new();
        if let Some((token, logprob)) = self.undecided.take() {
            if ended_by_id {
                self.tokens.push(token);
            } else {
                text = self.show(token, logprob);
            }
        }
        if !self.has_stopped() {
            let tail = self.detokenizer.finish();
            text += &self.through_stops(&tail);
        }
        if !self.has_stopped() {
            text += &self.stops.finish();
        }
        if text.is_empty() && self.tokens.is_empty() { None } else { self.delta(text) }
    }

    /// Adds a token's text; returns what is certain now.
    fn show(&mut self, token: TokenId, logprob: Option<TokenLogprob>) -> String {
        self.tokens.push(token);
        if self.tokenizer.is_control(token) && !self.show_control_tokens {
            return String::new();
        }
        // A token that begins inside a character has that character's place.
        self.logprobs.extend(logprob.map(|logprob| ShownToken::new(logprob, self.chars)));
        let text = self.detokenizer.push(&*self.tokenizer, token);
        self.chars += text.chars().count();
        self.through_stops(&text)
    }

    fn through_stops(&mut self, text: &str) -> String {
        let passed = self.stops.push(text);
        self.matched_stop = passed.stop;
        passed.text
    }

    fn delta(&mut self, text: String) -> Option<TextEvent> {
        self.chars_out += text.chars().count();
        if self.has_stopped() {
            self.logprobs.retain(|shown| shown.text_offset < self.chars_out);
        }
        let (tokens, logprobs) = (std::mem::take(&mut self.tokens), std::mem::take(&mut self.logprobs));
        Some(TextEvent::of_text(self.index, text, tokens, logprobs))
    }
}

#[cfg(test)]
#[path = "assembler_tests.rs"]
mod tests;
