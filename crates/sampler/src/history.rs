//! Tokens seen so far, and the penalties on them.

use std::collections::VecDeque;

use gollum_core::{SamplingParams, TokenId};

/// Where a token occurs among those that the penalties look at.
#[derive(Clone, Copy, Debug)]
struct Seen {
    token: TokenId,
    in_prompt: u32,
    generated: u32,
}

/// Counts of the tokens that the penalties look at. Sorted by id; empty where no penalty asks.
#[derive(Clone, Debug, Default)]
pub struct History {
    seen: Vec<Seen>,
    active: bool,
    /// The latest tokens, and which of them were generated; empty without a window.
    window: VecDeque<(TokenId, bool)>,
    /// Tokens in the window at most; `None`: all tokens count.
    window_len: Option<usize>,
}

impl History {
    pub fn new(params: &SamplingParams, prompt: &[TokenId]) -> Self {
        let penalises = params.repetition_penalty != 1.0
            || params.presence_penalty != 0.0
            || params.frequency_penalty != 0.0;
        let window_len = params.repeat_last_n.map(|n| usize::try_from(n).unwrap_or(usize::MAX));
        let active = penalises && window_len != Some(0);
        let mut history = Self { active, window_len, ..Self::default() };
        // The other two penalties look at generated tokens only, but a window counts the prompt's too.
        if active && (params.repetition_penalty != 1.0 || window_len.is_some()) {
            history.begin(prompt);
        }
        history
    }

    fn begin(&mut self, prompt: &[TokenId]) {
        let first = self.window_len.map_or(0, |len| prompt.len().saturating_sub(len));
        let mut tokens = prompt[first..].to_vec();
        if self.window_len.is_some() {
            self.window = tokens.iter().map(|&token| (token, false)).collect();
        }
        tokens.sort_unstable();
        let runs = tokens.chunk_by(|a, b| a == b);
        self.seen =
            runs.map(|run| Seen { token: run[0], in_prompt: run.len() as u32, generated: 0 }).collect();
    }

    /// True if there are penalties.
    pub fn is_active(&self) -> bool {
        self.active
    }

    pub fn accept(&mut self, token: TokenId) {
        if !self.active {
            return;
        }
        match self.seen.binary_search_by_key(&token, |seen| seen.token) {
            Ok(at) => self.seen[at].generated += 1,
            Err(at) => self.seen.insert(at, Seen { token, in_prompt: 0, generated: 1 }),
        }
        if let Some(len) = self.window_len {
            self.window.push_back((token, true));
            if self.window.len() > len {
                self.forget_oldest();
            }
        }
    }

    fn forget_oldest(&mut self) {
        let (token, was_generated) = self.window.pop_front().expect("the window holds a token");
        let found = self.seen.binary_search_by_key(&token, |seen| seen.token);
        let at = found.expect("what is in the window was counted");
        let seen = &mut self.seen[at];
        if was_generated {
            seen.generated -= 1;
        } else {
            seen.in_prompt -= 1;
        }
        if seen.generated + seen.in_prompt == 0 {
            self.seen.remove(at);
        }
    }

    /// Repetition (prompt and generated, as HF and vLLM: divides positive, multiplies other logits), then
    /// frequency and presence (generated only, as OpenAI). Old values are appended to `replaced`.
    pub fn penalise(&self, p: &SamplingParams, logits: &mut [f32], replaced: &mut Vec<(TokenId, f32)>) {
        for &Seen { token, generated, .. } in &self.seen {
            let Some(logit) = logits.get_mut(token as usize) else { continue };
            replaced.push((token, *logit));
            if p.repetition_penalty != 1.0 {
                *logit =
                    if *logit > 0.0 { *logit / p.repetition_penalty } else { *logit * p.repetition_penalty };
            }
            if generated > 0 {
                *logit -= generated as f32 * p.frequency_penalty;
                *logit -= p.presence_penalty;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tokens that a repetition penalty lowers, after each accepted token.
    fn lowered(window: Option<u32>, prompt: &[TokenId], accepted: &[TokenId]) -> Vec<Vec<TokenId>> {
        let params =
            SamplingParams { repetition_penalty: 2.0, repeat_last_n: window, ..SamplingParams::default() };
        let mut history = History::new(&params, prompt);
        let look = |history: &History| {
            let mut logits = [1.0; 10];
            history.penalise(&params, &mut logits, &mut Vec::new());
            (0..10).filter(|&token| logits[token as usize] < 1.0).collect()
        };
        let mut all = vec![look(&history)];
        for &token in accepted {
            history.accept(token);
            all.push(look(&history));
        }
        all
    }

    #[test]
    fn a_window_slides_over_prompt_and_answer() {
        assert_eq!(lowered(None, &[1, 2, 1], &[3]), [vec![1, 2], vec![1, 2, 3]]);
        assert_eq!(lowered(Some(2), &[1, 2, 1], &[3, 3, 4]), [vec![1, 2], vec![1, 3], vec![3], vec![3, 4]]);
        assert_eq!(lowered(Some(0), &[1, 2, 1], &[3]), [vec![], vec![]]);
        assert_eq!(lowered(Some(9), &[1], &[2]), [vec![1], vec![1, 2]]);
    }

    #[test]
    fn a_window_forgets_generated_tokens_one_by_one() {
        let params =
            SamplingParams { frequency_penalty: 1.0, repeat_last_n: Some(3), ..SamplingParams::default() };
        let mut history = History::new(&params, &[5, 5, 5]);
        let mut penalties = Vec::new();
        for token in [5, 5, 6, 6, 6] {
            history.accept(token);
            let mut logits = [0.0; 8];
            history.penalise(&params, &mut logits, &mut Vec::new());
            penalties.push((-logits[5], -logits[6]));
        }
        assert_eq!(penalties, [(1.0, 0.0), (2.0, 0.0), (2.0, 1.0), (1.0, 2.0), (0.0, 3.0)]);
    }
}
