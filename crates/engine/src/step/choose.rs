//! A token from a row of logits, or from the best of it.

use std::sync::atomic::Ordering::Relaxed;

use gollum_core::TokenId;

use super::Core;
use crate::client::Client;
use crate::scheduler::{Plan, PlannedSpan, SpanResult};

/// How many of a row's best logits decide its next token; `None` if all count, as they do under a mask and before the
/// request may stop.
fn deciding(client: &Client) -> Option<usize> {
    let limits = &client.request.limits;
    let may_stop =
        limits.stop_ids.is_empty() || client.explanation.usage.completion_tokens >= limits.min_tokens;
    (client.guide.is_none() && client.rows.is_none() && may_stop).then(|| client.sampler.deciding())?
}

impl Core {
    /// Tells the model of which rows the best logits are enough. Those about prompts are wanted whole.
    pub(super) fn want_best(&self, plan: &mut Plan) {
        let wanted = &mut plan.batch.best_wanted;
        wanted.clear();
        for span in plan.spans.iter().filter(|span| span.has_logits()) {
            wanted.extend(span.told.clone().map(|_| 0));
            if span.samples {
                wanted.push(deciding(self.client(span.slot)).unwrap_or(0));
            }
        }
    }

    /// Chooses the token that follows from a logits row, and remembers it in `sampled`.
    pub(super) fn choose(&mut self, span: &PlannedSpan, row: usize) -> Result<TokenId, SpanResult> {
        let client = self.clients[span.slot].as_mut().expect("a running request has a client");
        let limits = &client.request.limits;
        let generated = client.explanation.usage.completion_tokens;
        let failed = SpanResult::Failed { position: client.request.prompt.len() + generated };
        if let Some(best) = self.logits.take_best(row) {
            self.shared.meters.best_rows_total.fetch_add(1, Relaxed);
            let sampled = client.sampler.sample_best(best, &mut self.scratch).map_err(|_| failed)?;
            client.sampler.accept(sampled.token);
            let token = sampled.token;
            self.sampled.push(Some(sampled));
            return Ok(token);
        }
        let logits = self.logits.row_mut(row);
        if generated < limits.min_tokens {
            // Too early to stop, so no stop id is chosen; the rows belong to this step alone.
            for &id in &limits.stop_ids {
                if let Some(logit) = logits.get_mut(id as usize) {
                    *logit = if logit.is_nan() { *logit } else { f32::NEG_INFINITY };
                }
            }
        }
        let mut guide = None;
        let mut mask = None;
        if let Some(waiting) = client.guide.take() {
            match waiting.take() {
                Ok((allowed, resting)) => (mask, guide) = (Some(allowed), Some(resting)),
                Err(error) => {
                    client.constraint_error = Some(error);
                    return Err(failed);
                }
            }
        }
        let sampled = client.sampler.sample_masked(logits, mask.as_deref(), &mut self.scratch);
        let sampled = sampled.map_err(|_| failed)?;
        client.sampler.accept(sampled.token);
        let token = sampled.token;
        client.guide = guide.map(|guide| self.masks.accept(guide, token));
        self.sampled.push(Some(sampled));
        Ok(token)
    }
}
