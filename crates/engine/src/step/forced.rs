//! Tokens that a grammar leaves no choice about: appended without logits, and computed together in one step.
//!
//! ```text
//! steps      1    2         3          4
//! tokens     {    "         name       ":  "       the grammar allows nothing but `name`, `":` and `"`
//!            chosen ...     forced     appended    one step for three
//! ```
//! The answer is the same to the bit: the token is the one that sampling would have chosen, the random number of the i-th
//! token does not depend on the others, and a row's bits do not depend on the rows beside it. Where a token's logits say more
//! than which it is (log-probabilities, mirostat's surprise) it is sampled as any other.

use std::sync::atomic::Ordering::Relaxed;

use gollum_sampler::Sampled;

use super::Core;
use crate::masks::Guide;
use crate::sequence::Slot;

impl Core {
    /// Appends the forced tokens behind those that were chosen last.
    pub(super) fn append_forced(&mut self, now_us: u64) {
        let slots: Vec<Slot> = self.scheduler.decoding().filter(|&slot| self.may_skip_logits(slot)).collect();
        for slot in slots {
            while let Some(token) = self.client_mut(slot).guide.as_mut().and_then(Guide::next_forced) {
                self.client_mut(slot).sampler.accept(token);
                self.shared.meters.forced_tokens_total.fetch_add(1, Relaxed);
                let finished = self.scheduler.append(slot, token);
                self.deliver(slot, Sampled { token, logprob: None }, now_us);
                if let Some(reason) = finished {
                    self.finish(slot, reason, now_us);
                    break;
                }
            }
        }
    }

    fn may_skip_logits(&self, slot: Slot) -> bool {
        let client = self.client(slot);
        let sampling = &client.request.sampling;
        client.guide.is_some() && sampling.logprobs.is_none() && sampling.mirostat.is_none()
    }
}
