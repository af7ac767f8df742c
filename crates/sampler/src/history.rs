//! Tokens seen so far, and the penalties on them.

use gollum_core::{SamplingParams, TokenId};

/// Counts of generated tokens, and which tokens the prompt holds. Sorted by id; empty where no penalty asks.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// `(token, times generated)`; 0 for tokens of the prompt only.
    counts: Vec<(TokenId, u32)>,
    active: bool,
}

impl History {
    pub fn new(params: &SamplingParams, prompt: &[TokenId]) -> Self {
        let repetition = params.repetition_penalty != 1.0;
        let active = repetition || params.presence_penalty != 0.0 || params.frequency_penalty != 0.0;
        let mut counts = Vec::new();
        if repetition {
            let mut seen = prompt.to_vec();
            seen.sort_unstable();
            seen.dedup();
            counts = seen.into_iter().map(|token| (token, 0)).collect();
        }
        Self { counts, active }
    }

    pub fn accept(&mut self, token: TokenId) {
        if !self.active {
            return;
        }
        match self.counts.binary_search_by_key(&token, |&(t, _)| t) {
            Ok(at) => self.counts[at].1 += 1,
            Err(at) => self.counts.insert(at, (token, 1)),
        }
    }

    /// Repetition (prompt and generated, as HF and vLLM: divides positive, multiplies other logits), then
    /// frequency and presence (generated only, as OpenAI). Old values are appended to `replaced`.
    pub fn penalise(&self, p: &SamplingParams, logits: &mut [f32], replaced: &mut Vec<(TokenId, f32)>) {
        for &(token, count) in &self.counts {
            let Some(logit) = logits.get_mut(token as usize) else { continue };
            replaced.push((token, *logit));
            if p.repetition_penalty != 1.0 {
                *logit =
                    if *logit > 0.0 { *logit / p.repetition_penalty } else { *logit * p.repetition_penalty };
            }
            if count > 0 {
                *logit -= count as f32 * p.frequency_penalty;
                *logit -= p.presence_penalty;
            }
        }
    }
}
