//! A thread of its own for each run of a template: a stack large enough for whatever the fuel can build, and a
//! deadline for what the fuel does not see.
//!
//! minijinja charges for the values an operator makes, and compares strings and nested lists for free: a hostile
//! template can compare for hours. Such a thread cannot be ended, only abandoned; it holds little memory, and
//! while too many of them run, the template is refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use crate::template::TemplateError;

/// Wall-clock time of a run at most. Far above any honest one, some milliseconds: half a second was too little for two
/// of a thousand, 16 at once, on two cores that were busy with builds. What a hostile one takes grows with it, 45 MiB a
/// second.
const DEADLINE: Duration = Duration::from_secs(1);
/// Abandoned threads of one template that may run.
const MAX_ABANDONED: usize = 2;

/// Runs work for one template.
#[derive(Clone, Debug, Default)]
pub struct Worker {
    abandoned: Arc<AtomicUsize>,
}

/// Counts an abandoned thread down when it ends after all.
struct Abandoned(Arc<AtomicUsize>);

impl Drop for Abandoned {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Worker {
    /// Runs `work` with a stack of `stack_bytes` and waits for it.
    pub fn run<T: Send + 'static>(
        &self,
        stack_bytes: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, TemplateError> {
        if self.abandoned.load(Ordering::SeqCst) >= MAX_ABANDONED {
            return Err(TemplateError::Limit { what: "time (earlier runs have not ended)" });
        }
        let (reply, result) = sync_channel(1);
        let abandoned = Arc::clone(&self.abandoned);
        let (mark, marked) = sync_channel::<Abandoned>(1);
        let thread = std::thread::Builder::new().name("gollum-template".into()).stack_size(stack_bytes);
        let spawned = thread.spawn(move || {
            let value = work();
            // Nobody waits any more if this fails; the mark, if one was left, is dropped with `marked`.
            let _ = reply.send(value);
            drop(marked);
        });
        if let Err(error) = spawned {
            return Err(TemplateError::Render { message: format!("no thread to run it: {error}") });
        }
        match result.recv_timeout(DEADLINE) {
            Ok(value) => Ok(value),
            Err(RecvTimeoutError::Timeout) => {
                abandoned.fetch_add(1, Ordering::SeqCst);
                // If the thread has ended in between, the mark comes back and is dropped here.
                let _ = mark.send(Abandoned(abandoned));
                Err(TemplateError::Limit { what: "time" })
            }
            Err(RecvTimeoutError::Disconnected) => {
                Err(TemplateError::Render { message: "the template engine panicked".into() })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_that_do_not_end_are_abandoned_and_counted_until_they_do() {
        let worker = Worker::default();
        let (release, gate) = std::sync::mpsc::channel::<()>();
        let gate = Arc::new(std::sync::Mutex::new(gate));
        let hang = |worker: Worker, gate: Arc<std::sync::Mutex<std::sync::mpsc::Receiver<()>>>| {
            std::thread::spawn(move || {
                worker.run(1 << 20, move || gate.lock().map(|gate| gate.recv().is_ok()).is_ok())
            })
        };
        let hung: Vec<_> = (0..2).map(|_| hang(worker.clone(), Arc::clone(&gate))).collect();
        for thread in hung {
            let result = thread.join().expect("no panic");
            assert_eq!(result, Err(TemplateError::Limit { what: "time" }));
        }
        assert!(matches!(worker.run(1 << 20, || 1), Err(TemplateError::Limit { .. })));
        release.send(()).expect("a thread waits");
        release.send(()).expect("a thread waits");
        let mut tries = 0;
        while worker.run(1 << 20, || 1) != Ok(1) {
            tries += 1;
            assert!(tries < 500, "the threads have ended and still count");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    #[test]
    fn a_panic_is_an_error() {
        let result: Result<(), _> = Worker::default().run(1 << 20, || panic!("on order"));
        assert!(matches!(result, Err(TemplateError::Render { .. })));
    }
}
