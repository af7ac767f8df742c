//! Embeddings in a step: whole inputs, and rows of prompts in place of logits.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use gollum_core::{Batch, FinishReason, RunnerError};
use gollum_sampler::Sampled;

use super::{Core, Ending, add_elapsed, left_queue};
use crate::client::Client;
use crate::scheduler::{Plan, PlannedSpan, SpanResult};
use crate::{EngineError, Event};

impl Core {
    /// Computes the next of the inputs that wait.
    pub(super) fn step_whole(&mut self) {
        let mut clients = self.whole.next_batch(&self.shared.limits);
        let now_us = self.shared.now_us();
        let mut batch = Batch::default();
        for client in &mut clients {
            batch.push_whole(&client.request.prompt);
        }
        for client in &mut clients {
            self.admit_whole(client, now_us, batch.sequences.len());
        }
        let meters = &self.shared.meters;
        meters.prefill_rows_total.fetch_add(batch.num_tokens() as u64, Relaxed);
        meters.steps_total.fetch_add(1, Relaxed);
        meters.step_tokens.observe(batch.num_tokens() as u64);
        meters.step_sequences.observe(batch.sequences.len() as u64);
        let began = Instant::now();
        let done = self.runner.embed_whole(&batch);
        add_elapsed(&self.shared.meters.forward_us_total, began);
        let now_us = self.shared.now_us();
        match done {
            Ok(results) => {
                assert_eq!(results.len(), clients.len(), "one result an input");
                for (client, result) in clients.into_iter().zip(results) {
                    self.end_embedding(client, result, now_us);
                }
            }
            Err(error) => {
                for client in clients {
                    self.end(client, Ending::Failed(EngineError::Backend(error.to_string())), now_us);
                }
            }
        }
    }

    /// A request leaves the queue for the step.
    fn admit_whole(&mut self, client: &mut Client, now_us: u64, inputs: usize) {
        client.admitted(now_us, true, &crate::PrefixMatch::default());
        client.stepped(Some(client.request.prompt.len()), inputs);
        left_queue(client, &self.shared, &mut self.last_admission_us, now_us);
    }

    /// Runs a planned step: with rows in place of logits for those of its sequences that are embedded.
    pub(super) fn forward(&mut self, plan: &Plan) -> Result<(), RunnerError> {
        let embeds =
            |span: &PlannedSpan| self.clients[span.slot].as_ref().is_some_and(|client| client.rows.is_some());
        if !plan.spans.iter().any(embeds) {
            return self.runner.forward(&plan.batch, &mut self.logits);
        }
        let mut is_hidden = std::mem::take(&mut self.is_hidden);
        is_hidden.clear();
        for span in plan.spans.iter().filter(|span| span.has_logits()) {
            let rows = span.told.len() + usize::from(span.samples);
            is_hidden.extend(std::iter::repeat_n(embeds(span), rows));
        }
        let done = self.runner.forward_hidden(&plan.batch, &is_hidden, &mut self.logits, &mut self.hidden);
        self.is_hidden = is_hidden;
        done
    }

    /// Keeps the rows of a span, which begin at `row`. The last of them ends the request, by way of a token that nobody
    /// chose and nobody sees.
    pub(super) fn collect(&mut self, span: &PlannedSpan, row: usize) -> SpanResult {
        let client = self.clients[span.slot].as_mut().expect("a running request has a client");
        let pool = client.rows.as_mut().expect("the caller asked");
        for row in row..row + span.told.len() + usize::from(span.samples) {
            let values = self.hidden.row(row);
            if !values.iter().all(|v| v.is_finite()) {
                self.sampled.push(None);
                return SpanResult::Failed { position: client.request.prompt.len() - 1 };
            }
            pool.add(values);
        }
        if !span.samples {
            return SpanResult::Told;
        }
        self.sampled.push(Some(Sampled { token: 0, logprob: None }));
        SpanResult::Token(0)
    }

    /// All rows are there.
    pub(super) fn deliver_rows(&mut self, mut client: Client, now_us: u64) {
        let pool = client.rows.take().expect("the caller asked");
        match self.runner.finish_pooled(pool.finish()) {
            Ok(result) => self.end_embedding(client, result, now_us),
            Err(error) => self.end(client, Ending::Failed(EngineError::Backend(error.to_string())), now_us),
        }
    }

    /// The result of an input, and its end.
    fn end_embedding(&mut self, mut client: Client, result: Vec<f32>, now_us: u64) {
        if !result.iter().all(|v| v.is_finite()) {
            self.shared.meters.failed_numeric_total.fetch_add(1, Relaxed);
            let position = client.request.prompt.len() - 1;
            return self.end(client, Ending::Failed(EngineError::NumericError { position }), now_us);
        }
        let meters = &self.shared.meters;
        let usage = client.usage();
        meters.embeddings_total.fetch_add(1, Relaxed);
        meters.prompt_tokens_total.fetch_add(usage.prompt_tokens as u64, Relaxed);
        meters.prompt_tokens_cached_total.fetch_add(usage.cached_tokens as u64, Relaxed);
        client.explanation.prefill_us = client.admitted_us.map(|admitted| now_us.saturating_sub(admitted));
        meters.prefill_time_s.observe_us(client.explanation.prefill_us.unwrap_or(0));
        client.send(Event::Embedding(result));
        self.end(client, Ending::Finished(FinishReason::Stop), now_us);
    }
}
