//! Who of the waiting begins, and who waits for whom.
//!
//! A waiting sequence is looked up in the prefix tree. If a running sequence is just computing more of the
//! same prefix than the tree has, it waits for those pages (it *follows*) and others may pass it. Else it
//! begins if its pages are to be had; if not, no one behind it begins either, so that large requests do not
//! starve.

use gollum_core::{PAGE_TOKENS, TokenId};

use super::{Admission, MAX_TOLD_ROWS, Plan, Scheduler};
use crate::cuts::Cuts;
use crate::pager::common_prefix;
use crate::sequence::{Following, Sequence, Slot};
use crate::{Policy, PrefixMatch};

/// Waiting sequences that `lpm` compares per step: each costs a lookup.
const LPM_WINDOW: usize = 32;

/// What became of a candidate.
enum Verdict {
    Follows,
    DoesNotFit,
    Begins,
}

impl Scheduler {
    /// Lets waiting sequences begin while there are rows, places and pages.
    pub(super) fn admit(&mut self, now_us: u64, mut rows_left: usize, plan: &mut Plan) {
        // Where a prompt that runs now will part from one that waits, a recurrent state has to be saved in passing: so
        // even those that cannot begin are asked whom they follow.
        let looks_ahead = self.pager.has_states();
        let mut is_open = true;
        if self.waiting.is_empty() || !(looks_ahead || self.may_begin(rows_left)) {
            return;
        }
        let mut candidates = std::mem::take(&mut self.candidates);
        self.order_candidates(now_us, &mut candidates);
        for &slot in &candidates {
            is_open &= self.may_begin(rows_left);
            if !is_open && !looks_ahead {
                break;
            }
            // One that asks about its prompt waits for a step that can tell it something; others may pass it.
            let asks = !self.sequence(slot).untold.is_empty();
            if asks && plan.told_rows == MAX_TOLD_ROWS {
                continue;
            }
            match self.judge(slot, plan) {
                Verdict::Begins if is_open => {
                    self.begin(slot, plan);
                    rows_left -= self.plan_chunk(slot, rows_left, plan);
                }
                Verdict::DoesNotFit => is_open = false,
                Verdict::Begins | Verdict::Follows => {}
            }
        }
        candidates.clear();
        self.candidates = candidates;
    }

    /// True while there are rows and places.
    fn may_begin(&self, rows_left: usize) -> bool {
        rows_left > 0 && self.running.len() < self.limits.max_num_seqs
    }

    /// Waiting sequences in the order in which they may begin. Those that follow are left out.
    fn order_candidates(&mut self, now_us: u64, candidates: &mut Vec<Slot>) {
        // Each candidate that begins takes a row and a place, so more cannot begin in this step.
        let most = self.limits.max_num_seqs - self.running.len();
        for &(_, slot) in &self.waiting {
            if candidates.len() >= most.max(LPM_WINDOW) {
                break;
            }
            if !self.still_follows(slot) {
                candidates.push(slot);
            }
        }
        if self.policy == Policy::Fcfs {
            return;
        }
        let mut hit = std::mem::take(&mut self.hit);
        let mut keyed: Vec<_> = candidates
            .iter()
            .take(LPM_WINDOW)
            .map(|&slot| {
                let sequence = self.sequence(slot);
                let is_old = now_us.saturating_sub(sequence.submitted_us) >= self.lpm_max_age_us;
                self.pager.lookup(sequence.salt, sequence.matchable(), &mut hit);
                let matched = if is_old { usize::MAX } else { hit.tokens() };
                (sequence.rank.priority, std::cmp::Reverse(matched), sequence.rank.arrival, slot)
            })
            .collect();
        self.hit = hit;
        keyed.sort_unstable();
        candidates.clear();
        candidates.extend(keyed.into_iter().map(|(.., slot)| slot));
    }

    /// True while the sequence's leader is still computing what both share.
    fn still_follows(&self, slot: Slot) -> bool {
        self.sequence(slot).following.is_some_and(|following| {
            self.slots[following.leader_slot].as_ref().is_some_and(|leader| {
                leader.id == following.leader && !leader.table.is_empty() && leader.computed < following.until
            })
        })
    }

    /// Looks the candidate up (into `self.hit`) and decides.
    fn judge(&mut self, slot: Slot, plan: &mut Plan) -> Verdict {
        let mut hit = std::mem::take(&mut self.hit);
        let sequence = self.sequence(slot);
        self.pager.lookup(sequence.salt, sequence.matchable(), &mut hit);
        let following = self.leader_for(sequence, hit.tokens());
        let fits = self.pager.has_room_for_state(&hit)
            && self.windows_fit(sequence)
            && self.fits(sequence, self.pager.pages_to_adopt(&hit, sequence.tokens.len()));
        let had_followed = sequence.following.is_some();
        self.hit = hit;
        self.sequence_mut(slot).following = following;
        match following {
            Some(following) => {
                // Where the two part, the leader's state is what this one goes on from.
                self.cut_at(following.leader_slot, following.until, plan);
                self.sequence_mut(following.leader_slot).windows.keep_warm(following.until);
                if !had_followed {
                    plan.followers.push((slot, following.leader));
                }
                Verdict::Follows
            }
            None if fits => Verdict::Begins,
            None => Verdict::DoesNotFit,
        }
    }

    /// The running sequence that is about to compute most of what `sequence` begins with, beyond the
    /// `matched` tokens that are there already.
    fn leader_for(&self, sequence: &Sequence, matched: usize) -> Option<Following> {
        if !self.pager.shares() {
            return None;
        }
        let needle = sequence.matchable();
        let mut best: Option<Following> = None;
        for &slot in &self.running {
            let leader = self.sequence(slot);
            if leader.salt != sequence.salt || !leader.is_prefilling() {
                continue;
            }
            let until = shared_tokens(needle, &leader.tokens[..leader.prefill_target]);
            let is_more = until > matched.max(leader.computed) && best.is_none_or(|b| until > b.until);
            if is_more {
                best = Some(Following { leader: leader.id, leader_slot: slot, until });
            }
        }
        best
    }

    /// True if a sequence that needs `pages` pages now may begin.
    fn fits(&self, sequence: &Sequence, pages: usize) -> bool {
        if self.running.is_empty() {
            let available = self.pager.available();
            debug_assert!(pages <= available, "{pages} pages of {available}: checked at submit");
            return pages <= available;
        }
        let available = self.pager.pool().available_to(sequence.salt, pages);
        if sequence.is_guarded() || self.runs_guarded() {
            // All that run could grow to their full length with this one beside them: no one is preempted
            // while it runs.
            let growth: usize = self.running.iter().map(|&slot| pages_to_grow(self.sequence(slot))).sum();
            let own =
                sequence.most_computed().div_ceil(PAGE_TOKENS) - sequence.tokens.len().div_ceil(PAGE_TOKENS);
            return pages + own + growth <= available;
        }
        // Each running sequence needs its next page within 16 steps.
        pages + self.running.len() <= available
    }

    /// Moves a sequence, whose hit is in `self.hit`, from waiting to running.
    fn begin(&mut self, slot: Slot, plan: &mut Plan) {
        let hit = std::mem::take(&mut self.hit);
        let rank = self.sequence(slot).rank;
        let removed = self.waiting.remove(&(rank, slot));
        assert!(removed, "a candidate waits");
        let at = self.running.partition_point(|&other| self.sequence(other).rank < rank);
        self.running.insert(at, slot);
        let sequence = self.slots[slot].as_mut().expect("a candidate is alive");
        // First the state: its snapshot is pinned before pages are taken, which may evict the node that carries it.
        sequence.state = self.pager.adopt_state(&hit, &mut plan.batch.state_loads);
        sequence.table =
            self.pager.adopt(sequence.salt, &hit, sequence.tokens.len(), &mut plan.batch.page_copies);
        sequence.windows = self.pager.adopt_windows(sequence.salt, &hit, &mut plan.batch.window_copies);
        if sequence.state.is_some() {
            let state_tokens = self.limits.state_bytes * PAGE_TOKENS / self.limits.page_bytes.max(1);
            sequence.cuts = Cuts::new(hit.tokens(), hit.known, sequence.prompt_len, state_tokens);
            let prompt = &sequence.tokens[..sequence.prompt_len];
            sequence.cuts.add_borders(hit.tokens(), prompt, &sequence.stop_ids);
        }
        // The same prompt may be asked again, and what the tree knew of it has others who know it.
        for place in [sequence.prompt_len - 1, hit.known] {
            sequence.windows.keep_warm(place);
        }
        sequence.computed = hit.tokens();
        sequence.prefill_target = sequence.tokens.len();
        sequence.following = None;
        let shared_tokens = hit.pages.len() * PAGE_TOKENS;
        let prefix = PrefixMatch {
            matched_tokens: hit.tokens(),
            known_tokens: hit.known,
            shared_tokens,
            copied_tokens: hit.tokens() - shared_tokens,
            from: hit.from,
            cached_token: hit.parted_at,
            prompt_token: hit.parted_at.and_then(|_| sequence.tokens.get(hit.known).copied()),
        };
        let is_first = !std::mem::replace(&mut sequence.was_admitted, true);
        plan.admissions.push(Admission { slot, is_first, prefix });
        self.hit = hit;
        self.reserve_windows(slot);
    }
}

/// Pages that a running sequence may still ask for.
fn pages_to_grow(sequence: &Sequence) -> usize {
    sequence.most_computed().div_ceil(PAGE_TOKENS).saturating_sub(sequence.table.len())
}

/// [`common_prefix`], whole pages at a time: most pairs part at once or never.
fn shared_tokens(a: &[TokenId], b: &[TokenId]) -> usize {
    let pages = a.as_chunks::<PAGE_TOKENS>().0.iter().zip(b.as_chunks::<PAGE_TOKENS>().0);
    let equal = pages.take_while(|(x, y)| x == y).count() * PAGE_TOKENS;
    equal + common_prefix(&a[equal..], &b[equal..])
}
