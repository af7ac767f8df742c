//! Masks of constrained answers, made beside the model: while a step computes, the masks for the tokens that it will give.
//!
//! ```text
//! engine thread   choose t1 | deliver, schedule, forward ......... | choose t2 (waits only if the mask is late)
//! mask threads              | accept t1, mask ..... |
//! ```
//! A state travels to the thread and comes back with its mask, so nothing is shared and nothing locked. Jobs are at most
//! one per running answer. Where a mask allows one token only, the thread goes on with it, up to a mask that leaves a choice:
//! `step/forced.rs` appends such tokens without logits.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use gollum_core::{Constraint, ConstraintError, TokenConstraint, TokenId, TokenMask};

/// Threads that make masks: a slow grammar then leaves the other free for the quick ones.
const THREADS: usize = 2;

/// Forced tokens that a job goes on with at most: each costs a mask, and the first is waited for until all are made.
const MAX_FORCED: usize = 32;

struct Job {
    state: Box<dyn TokenConstraint>,
    chosen: Option<TokenId>,
    ends: Arc<[TokenId]>,
    reply: SyncSender<Done>,
}

pub(crate) struct Done {
    /// After the forced tokens.
    state: Box<dyn TokenConstraint>,
    /// Tokens that come next, each the only one allowed, and none of those that end an answer.
    forced: VecDeque<TokenId>,
    /// What may follow them.
    mask: Result<TokenMask, ConstraintError>,
    ends: Arc<[TokenId]>,
}

/// The threads; started with the first constrained request.
#[derive(Debug, Default)]
pub(crate) struct MaskMaker {
    jobs: Option<Sender<Job>>,
}

/// The constraint of one answer.
pub(crate) enum Guide {
    /// A mask is being made.
    Making(Receiver<Done>),
    /// It is made, and none of it was used, or some of its forced tokens.
    Made(Done),
    /// The state rests: its mask was used.
    Resting(Box<dyn TokenConstraint>, Arc<[TokenId]>),
}

impl std::fmt::Debug for Guide {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Making(_) => "Making",
            Self::Made(_) => "Made",
            Self::Resting(..) => "Resting",
        })
    }
}

impl MaskMaker {
    /// Begins an answer, which the ids `ends` end: its first mask is made while the prompt is computed.
    pub fn begin(&mut self, constraint: &Constraint, ends: &[TokenId]) -> Guide {
        self.make(constraint.begin(), ends.into(), None)
    }

    /// Goes on with a chosen token.
    pub fn accept(&mut self, guide: Guide, token: TokenId) -> Guide {
        match guide {
            Guide::Resting(state, ends) => self.make(state, ends, Some(token)),
            // It was forced, and the state is beyond it.
            Guide::Made(done) => Guide::Made(done),
            Guide::Making(_) => unreachable!("a token is chosen under a mask that was taken"),
        }
    }

    fn make(
        &mut self,
        state: Box<dyn TokenConstraint>,
        ends: Arc<[TokenId]>,
        chosen: Option<TokenId>,
    ) -> Guide {
        let jobs = self.jobs.get_or_insert_with(start);
        let (reply, done) = sync_channel(1);
        if let Err(unsent) = jobs.send(Job { state, chosen, ends, reply }) {
            // No thread could be started: then here and now.
            run(unsent.0);
        }
        Guide::Making(done)
    }
}

impl Guide {
    /// The mask for the next token, and the guide to go on with. Waits for a mask that is being made. Errors: the constraint's.
    pub fn take(self) -> Result<(TokenMask, Self), ConstraintError> {
        let lost = || ConstraintError("the grammar's code panicked".into());
        let mut done = match self {
            Self::Making(done) => done.recv().map_err(|_| lost())?,
            Self::Made(done) => done,
            Self::Resting(..) => return Err(lost()),
        };
        match done.forced.pop_front() {
            Some(token) => Ok((mask_of(token), Self::Made(done))),
            None => Ok((done.mask?, Self::Resting(done.state, done.ends))),
        }
    }

    /// The next token, if one that was forced came before it and it is forced too. Masks that are still being made are not
    /// asked: what a step computes must not depend on how fast a thread is.
    pub fn next_forced(&mut self) -> Option<TokenId> {
        match self {
            Self::Made(done) => done.forced.pop_front(),
            Self::Making(_) | Self::Resting(..) => None,
        }
    }
}

/// The mask that allows one token.
fn mask_of(token: TokenId) -> TokenMask {
    let mut mask = vec![0; token as usize / 32 + 1];
    mask[token as usize / 32] = 1 << (token % 32);
    mask
}

/// The token that a mask allows, if it is one.
fn only(mask: &[u32]) -> Option<TokenId> {
    let mut words = mask.iter().enumerate().filter(|&(_, &word)| word != 0);
    let (index, word) = words.next()?;
    (word.is_power_of_two() && words.next().is_none()).then(|| index as TokenId * 32 + word.trailing_zeros())
}

fn start() -> Sender<Job> {
    let (jobs, queue) = channel::<Job>();
    let queue = Arc::new(Mutex::new(queue));
    for number in 0..THREADS {
        let queue = Arc::clone(&queue);
        let work = move || {
            loop {
                let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
                // The engine is gone.
                let Ok(job) = job else { return };
                run(job);
            }
        };
        let started = std::thread::Builder::new().name(format!("gollum-masks-{number}")).spawn(work);
        if let Err(error) = started {
            tracing::warn!(%error, "cannot start a thread for grammars");
        }
    }
    jobs
}

fn run(Job { mut state, chosen, ends, reply }: Job) {
    let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
        let mut forced = VecDeque::new();
        let mut mask = chosen.map_or(Ok(()), |token| state.accept(token)).and_then(|()| state.mask());
        while forced.len() < MAX_FORCED
            && let Ok(allowed) = &mask
            && let Some(token) = only(allowed).filter(|token| !ends.contains(token))
        {
            forced.push_back(token);
            mask = state.accept(token).and_then(|()| state.mask());
        }
        Done { state, forced, mask, ends }
    }));
    // A panic closes the channel, which tells the engine; an answer that has ended reads no more.
    if let Ok(done) = made {
        let _ = reply.send(done);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_and_the_threads_go_on() {
        struct Panics(bool);
        impl TokenConstraint for Panics {
            fn mask(&mut self) -> Result<TokenMask, ConstraintError> {
                assert!(!self.0, "on purpose");
                Ok(vec![3])
            }
            fn accept(&mut self, _: TokenId) -> Result<(), ConstraintError> {
                Ok(())
            }
        }
        let mut maker = MaskMaker::default();
        for round in 0..8 {
            let bad = Constraint::new([0].as_slice().into(), || Box::new(Panics(true)));
            let good = Constraint::new([1].as_slice().into(), || Box::new(Panics(false)));
            let (bad, good) = (maker.begin(&bad, &[]), maker.begin(&good, &[]));
            assert!(bad.take().is_err(), "round {round}");
            let (mask, good) = good.take().expect("a mask");
            assert_eq!(mask, [3]);
            assert!(maker.accept(good, 0).take().is_ok());
        }
    }

    /// Allows the tokens of a script, one after the other, and where it says nothing, tokens 0 and 1.
    struct Script(VecDeque<Option<TokenId>>);

    impl TokenConstraint for Script {
        fn mask(&mut self) -> Result<TokenMask, ConstraintError> {
            Ok(self.0.front().copied().flatten().map_or(vec![3], mask_of))
        }
        fn accept(&mut self, token: TokenId) -> Result<(), ConstraintError> {
            match self.0.pop_front().flatten() {
                Some(only) if only != token => Err(ConstraintError("not allowed".into())),
                _ => Ok(()),
            }
        }
    }

    fn begin(script: &[Option<TokenId>], ends: &[TokenId]) -> (MaskMaker, Guide) {
        let script: VecDeque<_> = script.iter().copied().collect();
        let constraint = Constraint::new([].as_slice().into(), move || Box::new(Script(script.clone())));
        let mut maker = MaskMaker::default();
        let guide = maker.begin(&constraint, ends);
        (maker, guide)
    }

    #[test]
    fn forced_tokens_come_one_by_one_or_all_at_once() {
        let script = [Some(7), Some(40), Some(8), None, Some(9)];
        let (mut maker, guide) = begin(&script, &[]);
        let (mask, guide) = guide.take().expect("the first");
        assert_eq!(only(&mask), Some(7));
        let mut guide = maker.accept(guide, 7);
        assert_eq!(
            (guide.next_forced(), guide.next_forced(), guide.next_forced()),
            (Some(40), Some(8), None)
        );
        let (mask, guide) = guide.take().expect("a choice");
        assert_eq!((mask.as_slice(), only(&mask)), (&[3][..], None));
        let (mask, _) = maker.accept(guide, 1).take().expect("the last");
        assert_eq!(only(&mask), Some(9));
    }

    #[test]
    fn what_ends_an_answer_is_not_forced_and_runs_are_bounded() {
        let (_maker, guide) = begin(&[Some(7), Some(2), Some(8)], &[2]);
        let (_, mut guide) = guide.take().expect("the first");
        assert_eq!(guide.next_forced(), None);
        assert_eq!(only(&guide.take().expect("the end").0), Some(2));
        let (_maker, guide) = begin(&[Some(7); MAX_FORCED + 5], &[]);
        let (_, mut guide) = guide.take().expect("the first");
        assert_eq!(std::iter::from_fn(|| guide.next_forced()).count(), MAX_FORCED - 1);
    }

    #[test]
    fn one_bit_is_one_token() {
        for token in [0, 31, 32, 100] {
            assert_eq!(only(&mask_of(token)), Some(token));
        }
        assert_eq!((only(&[]), only(&[0, 0]), only(&[0, 3]), only(&[1, 1])), (None, None, None, None));
    }
}
