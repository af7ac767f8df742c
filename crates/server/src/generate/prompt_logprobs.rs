//! vLLM's `prompt_logprobs`: of each token of a prompt how likely it was, and which ones were likelier.

use gollum_core::{TokenId, TokenLogprob};
use gollum_frontend::Frontend;
use serde::{Serialize, Serializer};

/// What vLLM writes for a token that cannot come: JSON has no infinity.
const LEAST_LOGPROB: f32 = -9999.0;

/// An entry for each token of a prompt; `null` for the first, which follows nothing.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct PromptLogprobs(Vec<Option<Chances>>);

/// A token and the best ones at its place, by their ids: an object, the prompt's own token first. Each is there once.
#[derive(Debug)]
struct Chances(Vec<(TokenId, Chance)>);

#[derive(Debug, Serialize)]
struct Chance {
    logprob: f32,
    rank: u32,
    decoded_token: String,
}

impl PromptLogprobs {
    /// From what the engine told of a prompt: nothing of its first token.
    pub fn new(frontend: &Frontend, told: &[TokenLogprob]) -> Self {
        let chance = |token, logprob: f32, rank| {
            let decoded_token = frontend.detokenize(&[token]);
            (token, Chance { logprob: logprob.max(LEAST_LOGPROB), rank, decoded_token })
        };
        let chances = |told: &TokenLogprob| {
            let own = chance(told.token, told.logprob, told.rank);
            let best = (1..).zip(&told.top).filter(|(_, (token, _))| *token != told.token);
            let best = best.map(|(rank, &(token, logprob))| chance(token, logprob, rank));
            Chances(std::iter::once(own).chain(best).collect())
        };
        Self(std::iter::once(None).chain(told.iter().map(|told| Some(chances(told)))).collect())
    }
}

impl Serialize for Chances {
    fn serialize<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        writer.collect_map(self.0.iter().map(|(token, chance)| (token, chance)))
    }
}
