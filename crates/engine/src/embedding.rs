//! Embeddings on their way in: what a client asks for, and the checks.
//!
//! Requests of models that take whole inputs wait in a queue of their own ([`WholeQueue`]): they need no pages, so the
//! scheduler has nothing to decide about them but their order. Of models that also generate, an embedding is a prompt whose
//! rows are kept in place of logits, with all that the scheduler gives prompts: chunks, shared prefixes, preemption.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use gollum_core::{EmbeddingSpec, Limits, Pooling, RequestId, SamplingParams, TokenId};

use crate::client::Client;
use crate::{EngineLimits, NewRequest, SubmitError};

/// An input to be embedded, or a pair to be scored.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEmbedding {
    /// Token ids, not empty.
    pub input: Arc<[TokenId]>,
    /// Larger runs earlier; 0 is the default.
    pub priority: i32,
    /// Separates tenants in every cache.
    pub cache_salt: u64,
    /// The request fails with [`EngineError::DeadlineExceeded`](crate::EngineError::DeadlineExceeded) when it is not done
    /// after this.
    pub timeout: Option<Duration>,
}

impl NewEmbedding {
    /// The same as a request of one token, whose row the embedding comes from; nothing chooses that token.
    pub(crate) fn into_request(self, spec: EmbeddingSpec) -> NewRequest {
        let all_rows = spec.rows != Pooling::Last;
        NewRequest {
            prompt: self.input,
            constraint: None,
            sampling: SamplingParams {
                temperature: 0.0,
                prompt_logprobs: all_rows.then_some(0),
                ..SamplingParams::default()
            },
            limits: Limits { max_tokens: 1, min_tokens: 0, stop_ids: Vec::new() },
            priority: self.priority,
            cache_salt: self.cache_salt,
            use_prompt_cache: false,
            timeout: self.timeout,
        }
    }
}

impl EngineLimits {
    /// Tokens of an embedding's input at most. A model that also generates keeps the place of a token behind it.
    pub fn max_input_tokens(&self) -> usize {
        if self.only_embeds() { self.max_servable_tokens } else { self.max_servable_tokens.saturating_sub(1) }
    }

    /// Says what is wrong with an input, if anything is.
    pub(crate) fn check_input(&self, input: &[TokenId]) -> Result<EmbeddingSpec, SubmitError> {
        let spec = self.embedding.filter(|spec| spec.pooling.is_some()).ok_or(SubmitError::CannotEmbed)?;
        if input.is_empty() {
            return Err(SubmitError::EmptyPrompt);
        }
        let limit = self.max_input_tokens();
        if input.len() > limit {
            return Err(SubmitError::InputTooLong { input_tokens: input.len(), limit });
        }
        match input.iter().find(|&&token| token as usize >= self.vocab_size) {
            Some(&token) => Err(SubmitError::TokenOutOfRange { token, vocab_size: self.vocab_size }),
            None => Ok(spec),
        }
    }
}

/// Larger priorities first, then as they came.
type Place = (Reverse<i32>, u64);

/// Requests of a model that takes whole inputs. Bounded where requests are let in.
#[derive(Default)]
pub(crate) struct WholeQueue {
    waiting: BTreeMap<Place, Client>,
    places: BTreeMap<RequestId, Place>,
    arrivals: u64,
}

impl WholeQueue {
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    pub fn push(&mut self, client: Client) {
        let place = (Reverse(client.request.priority), self.arrivals);
        self.arrivals += 1;
        self.places.insert(client.request.id, place);
        self.waiting.insert(place, client);
    }

    pub fn get(&self, id: RequestId) -> Option<&Client> {
        self.waiting.get(self.places.get(&id)?)
    }

    pub fn remove(&mut self, id: RequestId) -> Option<Client> {
        self.waiting.remove(&self.places.remove(&id)?)
    }

    /// The next in order, whoever it is.
    pub fn pop(&mut self) -> Option<Client> {
        let (_, client) = self.waiting.pop_first()?;
        self.places.remove(&client.request.id);
        Some(client)
    }

    /// Those that the next step takes: the first, however long, and those behind it while they fit. Nobody passes another
    /// by, so each is in the step after those before it.
    pub fn next_batch(&mut self, limits: &EngineLimits) -> Vec<Client> {
        let (mut batch, mut tokens) = (Vec::new(), 0);
        while let Some((_, client)) = self.waiting.first_key_value() {
            tokens += client.request.prompt.len();
            let fits = tokens <= limits.max_num_batched_tokens && batch.len() < limits.max_num_seqs;
            if !(fits || batch.is_empty()) {
                break;
            }
            batch.extend(self.pop());
        }
        batch
    }
}

/// Rows of one input as they are computed, of a model that also generates.
#[derive(Debug)]
pub(crate) struct RowPool {
    rule: Pooling,
    rows: Vec<f32>,
    sums: Vec<f64>,
    count: usize,
}

impl RowPool {
    pub fn new(rule: Pooling) -> Self {
        Self { rule, rows: Vec::new(), sums: Vec::new(), count: 0 }
    }

    /// Takes the next row in. A mean adds in f64 and in order, so chunks do not show.
    pub fn add(&mut self, row: &[f32]) {
        match self.rule {
            Pooling::None => self.rows.extend_from_slice(row),
            Pooling::Mean => {
                self.sums.resize(row.len(), 0.0);
                self.sums.iter_mut().zip(row).for_each(|(sum, &v)| *sum += f64::from(v));
            }
            Pooling::Cls if self.count > 0 => {}
            Pooling::Cls | Pooling::Last | Pooling::Rank => self.rows = row.to_vec(),
        }
        self.count += 1;
    }

    /// The pooled row.
    pub fn finish(self) -> Vec<f32> {
        match self.rule {
            Pooling::Mean => self.sums.iter().map(|sum| (sum / self.count as f64) as f32).collect(),
            _ => self.rows,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pooled(rule: Pooling, rows: &[[f32; 2]]) -> Vec<f32> {
        let mut pool = RowPool::new(rule);
        rows.iter().for_each(|row| pool.add(row));
        pool.finish()
    }

    #[test]
    fn rows_become_one() {
        let rows = [[1.0, 2.0], [3.0, 5.0], [5.0, -4.0]];
        assert_eq!(pooled(Pooling::Mean, &rows), [3.0, 1.0]);
        assert_eq!(pooled(Pooling::Cls, &rows), [1.0, 2.0]);
        assert_eq!(pooled(Pooling::Last, &rows), [5.0, -4.0]);
        assert_eq!(pooled(Pooling::None, &rows), [1.0, 2.0, 3.0, 5.0, 5.0, -4.0]);
    }
}
