//! Masks of constrained answers, made beside the model: while a step computes, the masks for the tokens that it will give.
//!
//! ```text
//! engine thread   choose t1 | deliver, schedule, forward ......... | choose t2 (waits only if the mask is late)
//! mask threads              | accept t1, mask ..... |
//! ```
//! A state travels to the thread and comes back with its mask, so nothing is shared and nothing locked. Jobs are at most
//! one per running answer.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use gollum_core::{Constraint, ConstraintError, TokenConstraint, TokenId, TokenMask};

/// Threads that make masks: a slow grammar then leaves the other free for the quick ones.
const THREADS: usize = 2;

struct Job {
    state: Box<dyn TokenConstraint>,
    chosen: Option<TokenId>,
    reply: SyncSender<Done>,
}

pub(crate) struct Done {
    state: Box<dyn TokenConstraint>,
    mask: Result<TokenMask, ConstraintError>,
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
    /// The state rests: its mask was used, or it failed.
    Resting(Box<dyn TokenConstraint>),
}

impl std::fmt::Debug for Guide {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Making(_) => "Making",
            Self::Resting(_) => "Resting",
        })
    }
}

impl MaskMaker {
    /// Begins an answer: its first mask is made while the prompt is computed.
    pub fn begin(&mut self, constraint: &Constraint) -> Guide {
        self.make(constraint.begin(), None)
    }

    /// Goes on with a chosen token.
    pub fn accept(&mut self, guide: Guide, token: TokenId) -> Guide {
        match guide {
            Guide::Resting(state) => self.make(state, Some(token)),
            Guide::Making(_) => unreachable!("a token is chosen under a mask that was taken"),
        }
    }

    fn make(&mut self, state: Box<dyn TokenConstraint>, chosen: Option<TokenId>) -> Guide {
        let jobs = self.jobs.get_or_insert_with(start);
        let (reply, done) = sync_channel(1);
        if let Err(unsent) = jobs.send(Job { state, chosen, reply }) {
            // No thread could be started: then here and now.
            run(unsent.0);
        }
        Guide::Making(done)
    }
}

impl Guide {
    /// The mask for the next token, and the state to go on with. Errors: the constraint's.
    pub fn take(self) -> Result<(TokenMask, Self), ConstraintError> {
        let lost = || ConstraintError("the grammar's code panicked".into());
        match self {
            Self::Making(done) => {
                let Done { state, mask } = done.recv().map_err(|_| lost())?;
                Ok((mask?, Self::Resting(state)))
            }
            Self::Resting(_) => Err(lost()),
        }
    }
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

fn run(Job { mut state, chosen, reply }: Job) {
    let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
        let mask = chosen.map_or(Ok(()), |token| state.accept(token)).and_then(|()| state.mask());
        Done { state, mask }
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
                Ok(vec![1])
            }
            fn accept(&mut self, _: TokenId) -> Result<(), ConstraintError> {
                Ok(())
            }
        }
        let mut maker = MaskMaker::default();
        for round in 0..8 {
            let bad = Constraint::new([0].as_slice().into(), || Box::new(Panics(true)));
            let good = Constraint::new([1].as_slice().into(), || Box::new(Panics(false)));
            let (bad, good) = (maker.begin(&bad), maker.begin(&good));
            assert!(bad.take().is_err(), "round {round}");
            let (mask, good) = good.take().expect("a mask");
            assert_eq!(mask, [1]);
            assert!(maker.accept(good, 0).take().is_ok());
        }
    }
}
