//! The thread pool: one caller, a fixed set of helpers, tasks handed out one by one.
//!
//! [`Pool::for_each`] publishes a job, wakes the helpers, takes tasks itself, and returns when all are done.
//! Helpers spin for a while after a job, because a decode step has five jobs per layer and a wake-up costs
//! more than the wait; then they park, so that an idle or a shared machine is left alone. Tasks are claimed
//! one by one and a job is over when its tasks are, not when every helper has reported: a helper that the
//! system has taken off its core delays the others by the one task it holds, or not at all.

#![allow(unsafe_code)]

use std::cell::UnsafeCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Turns of the spin loop before a helper parks: longer than the gap between two jobs of a step.
const SPINS_BEFORE_PARK: u32 = 20_000;
/// Turns of the spin loop before the caller yields its core to a helper that may need it.
const SPINS_BEFORE_YIELD: u32 = 5_000;

/// A cache line of its own, so that helpers polling one counter do not slow another.
#[repr(align(128))]
struct Line<T>(T);

#[derive(Clone, Copy)]
struct Job {
    run: *const (dyn Fn(usize) + Sync),
    tasks: usize,
}

struct Shared {
    /// Number of the job in the high half, its unclaimed tasks in the low half. A claim is a compare-and-swap
    /// to one task less, so a helper that slept through a job cannot claim from the wrong one.
    word: Line<AtomicU64>,
    /// Finished tasks of the current job.
    done: Line<AtomicUsize>,
    job: UnsafeCell<Option<Job>>,
    panicked: AtomicBool,
    stop: AtomicBool,
    parked: AtomicUsize,
    lock: Mutex<()>,
    wake: Condvar,
}

// SAFETY: `job` is written by the caller while no task is unclaimed or running, and read only by a thread
// that holds a claimed and unfinished task of it.
unsafe impl Sync for Shared {}
// SAFETY: the job pointer is only followed while the caller waits in `for_each`.
unsafe impl Send for Shared {}

fn unclaimed(word: u64) -> usize {
    (word & u64::from(u32::MAX)) as usize
}

/// See the module text.
pub(crate) struct Pool {
    shared: Arc<Shared>,
    /// Held during a job: there is one job at a time.
    caller: Mutex<()>,
    helpers: Vec<JoinHandle<()>>,
}

impl Pool {
    /// A pool of `threads` threads, the caller included; at least 1.
    pub fn new(threads: usize) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            word: Line(AtomicU64::new(0)),
            done: Line(AtomicUsize::new(0)),
            job: UnsafeCell::new(None),
            panicked: AtomicBool::new(false),
            stop: AtomicBool::new(false),
            parked: AtomicUsize::new(0),
            lock: Mutex::new(()),
            wake: Condvar::new(),
        });
        let spawn = |i: usize| {
            let shared = Arc::clone(&shared);
            std::thread::Builder::new().name(format!("gollum-cpu-{i}")).spawn(move || shared.help())
        };
        let helpers = (1..threads.max(1)).map(spawn).collect::<Result<_, _>>()?;
        Ok(Self { shared, caller: Mutex::new(()), helpers })
    }

    /// Threads, the caller included.
    pub fn threads(&self) -> usize {
        self.helpers.len() + 1
    }

    /// Runs `f(0) .. f(items - 1)`, each once, in runs of neighbours: `runs_per_thread` runs for each thread.
    pub fn for_runs(&self, items: usize, runs_per_thread: usize, f: &(dyn Fn(usize) + Sync)) {
        let runs = (self.threads() * runs_per_thread).min(items);
        if self.helpers.is_empty() || runs == 0 {
            (0..items).for_each(f);
            return;
        }
        self.for_each(runs, &|run| (items * run / runs..items * (run + 1) / runs).for_each(f));
    }

    /// Runs `f(0) .. f(tasks - 1)`, each once, on all threads, and returns when all are done. Panics if one
    /// did.
    pub fn for_each(&self, tasks: usize, f: &(dyn Fn(usize) + Sync)) {
        if tasks <= 1 || self.helpers.is_empty() {
            (0..tasks).for_each(f);
            return;
        }
        let shared = &*self.shared;
        let _one_caller = self.caller.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: only the lifetime changes; `f` outlives this call, and nobody touches it without a claimed
        // task, all of which this call waits for.
        let run = unsafe {
            std::mem::transmute::<*const (dyn Fn(usize) + Sync + '_), *const (dyn Fn(usize) + Sync)>(f)
        };
        // SAFETY: the lock makes this the only caller, and the previous job has no unclaimed and no running
        // task.
        unsafe { *shared.job.get() = Some(Job { run, tasks }) };
        shared.done.0.store(0, Ordering::Relaxed);
        let number = (shared.word.0.load(Ordering::Relaxed) >> 32) + 1;
        let tasks_in_word = u32::try_from(tasks).expect("a job has fewer than 2^32 tasks");
        shared.word.0.store(number << 32 | u64::from(tasks_in_word), Ordering::SeqCst);
        if shared.parked.load(Ordering::SeqCst) > 0 {
            let _guard = shared.lock.lock().unwrap_or_else(PoisonError::into_inner);
            shared.wake.notify_all();
        }
        while shared.run_one() {}
        let mut spins = 0u32;
        while shared.done.0.load(Ordering::Acquire) < tasks {
            spins += 1;
            if spins.is_multiple_of(SPINS_BEFORE_YIELD) {
                std::thread::yield_now();
            } else {
                std::hint::spin_loop();
            }
        }
        assert!(!shared.panicked.swap(false, Ordering::Relaxed), "a compute task panicked");
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        drop(self.shared.lock.lock());
        self.shared.wake.notify_all();
        for helper in self.helpers.drain(..) {
            // A helper catches every panic of its tasks, so joining cannot fail.
            let _ = helper.join();
        }
    }
}

impl Shared {
    /// Claims and runs one task; false if none is unclaimed.
    fn run_one(&self) -> bool {
        let mut word = self.word.0.load(Ordering::Acquire);
        loop {
            if unclaimed(word) == 0 {
                return false;
            }
            match self.word.0.compare_exchange_weak(word, word - 1, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => break,
                Err(now) => word = now,
            }
        }
        // SAFETY: a claimed task keeps the job in place until it is counted in `done`.
        let job = unsafe { *self.job.get() }.expect("an unclaimed task comes with a job");
        // SAFETY: as above: the caller waits for this task.
        let f = unsafe { &*job.run };
        let task = job.tasks - unclaimed(word);
        if catch_unwind(AssertUnwindSafe(|| f(task))).is_err() {
            self.panicked.store(true, Ordering::Relaxed);
        }
        self.done.0.fetch_add(1, Ordering::Release);
        true
    }

    fn help(&self) {
        while self.wait_for_task() {
            while self.run_one() {}
        }
    }

    /// Spins, then parks, until a task is unclaimed; false when the pool stops.
    fn wait_for_task(&self) -> bool {
        for _ in 0..SPINS_BEFORE_PARK {
            if unclaimed(self.word.0.load(Ordering::Acquire)) > 0 {
                return true;
            }
            std::hint::spin_loop();
        }
        let mut guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.parked.fetch_add(1, Ordering::SeqCst);
        let work = loop {
            if self.stop.load(Ordering::SeqCst) {
                break false;
            }
            if unclaimed(self.word.0.load(Ordering::SeqCst)) > 0 {
                break true;
            }
            guard = self.wake.wait(guard).unwrap_or_else(PoisonError::into_inner);
        };
        self.parked.fetch_sub(1, Ordering::SeqCst);
        work
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_runs_once() {
        let pool = Pool::new(4).expect("threads");
        for tasks in [0, 1, 2, 3, 100, 1000] {
            let counts: Vec<AtomicUsize> = (0..tasks).map(|_| AtomicUsize::new(0)).collect();
            for _ in 0..50 {
                pool.for_each(tasks, &|t| {
                    counts[t].fetch_add(1, Ordering::Relaxed);
                });
            }
            assert!(counts.iter().all(|c| c.load(Ordering::Relaxed) == 50), "{tasks} tasks");
        }
    }

    #[test]
    fn parked_helpers_wake() {
        let pool = Pool::new(3).expect("threads");
        for _ in 0..3 {
            std::thread::sleep(std::time::Duration::from_millis(20));
            let ran = AtomicUsize::new(0);
            pool.for_each(64, &|_| {
                ran.fetch_add(1, Ordering::Relaxed);
            });
            assert_eq!(ran.load(Ordering::Relaxed), 64);
        }
    }

    #[test]
    fn a_panic_reaches_the_caller_and_the_pool_survives() {
        let pool = Pool::new(2).expect("threads");
        let result = catch_unwind(AssertUnwindSafe(|| {
            pool.for_each(100, &|t| assert_ne!(t, 57, "task 57 fails on purpose"));
        }));
        assert!(result.is_err());
        let ran = AtomicUsize::new(0);
        pool.for_each(10, &|_| {
            ran.fetch_add(1, Ordering::Relaxed);
        });
        assert_eq!(ran.load(Ordering::Relaxed), 10);
    }
}
