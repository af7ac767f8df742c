//! The thread pool: one caller, a fixed set of helpers, tasks handed out one by one.
//!
//! ```text
//! slot 0 (caller)   tasks 0 .. n/T          a cache line each: number of the job, tasks unclaimed
//! slot 1 (helper)   tasks n/T .. 2n/T       a thread takes from its own slot first, then from the others'
//! done              finished tasks          each thread adds what it did once, when it finds no more
//! ```
//! [`Pool::for_each`] publishes a job, wakes the helpers, takes tasks itself, and returns when all are done. A
//! small model's decode has five jobs per layer of ten microseconds each, so a job must not cost many transfers
//! of a cache line between cores: claims from the own slot cost none.
//!
//! Helpers spin for a while after a job, because a wake-up costs more than the wait; then they park, so that an
//! idle or a shared machine is left alone. A job is over when its tasks are, not when every helper has reported:
//! a helper that the system has taken off its core delays the others by the one task it holds, or not at all.
//! A caller that waits for such a task parks too, which frees its core for the helper that holds it.

#![allow(unsafe_code)]

mod affinity;

use std::cell::UnsafeCell;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{JoinHandle, ThreadId};
use std::time::{Duration, Instant};

/// How long a helper spins for the next job before it parks: longer than the gaps between the jobs of a step.
const HELPER_SPIN: Duration = Duration::from_micros(200);
/// How long the caller spins for the last tasks before it parks: longer than the ends of a job usually differ,
/// a small part of the milliseconds that a thread is taken off its core for.
const CALLER_SPIN: Duration = Duration::from_micros(100);
/// How long a thread that is parked during a job sleeps at most before it looks again. It would be woken anyway, but each
/// time that it goes to sleep the system looks for a thread that its core could run, such as the one it waits for. Once is
/// often too early: Linux is slow to move a thread that has just run. (That it helps is measured; this reason is not.)
const NAP: Duration = Duration::from_micros(200);
/// Turns of a spin loop between two looks at the clock.
const SPINS_PER_LOOK: u32 = 64;
/// Looks without giving way, about ten microseconds: the usual wait is shorter. From then on a spinning thread
/// lets others of its core go first, among them perhaps the one that it waits for.
const LOOKS_BEFORE_YIELD: u32 = 12;

/// A cache line of its own, and the one that the hardware fetches with it.
#[repr(align(128))]
struct Line<T>(T);

#[derive(Clone, Copy)]
struct Job {
    run: *const (dyn Fn(usize) + Sync),
    tasks: usize,
}

struct Shared {
    /// One per thread: the number of the job in the high half, the slot's unclaimed tasks in the low half. A
    /// claim is a compare-and-swap to one task less, so a helper that slept through a job cannot claim from
    /// the wrong one.
    slots: Vec<Line<AtomicU64>>,
    /// Finished tasks of the current job.
    done: Line<AtomicUsize>,
    job: Line<UnsafeCell<Option<Job>>>,
    panicked: AtomicBool,
    stop: AtomicBool,
    parked: AtomicUsize,
    /// A job has begun and is not over.
    has_job: AtomicBool,
    caller_waits: AtomicBool,
    lock: Mutex<()>,
    wake_helpers: Condvar,
    wake_caller: Condvar,
}

// SAFETY: `job` is written by the caller while no task is unclaimed or running, and read only by a thread
// that holds a claimed and uncounted task of it.
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
    caller: Mutex<Caller>,
    helpers: Vec<JoinHandle<()>>,
    /// Where the calling thread is pinned, once it calls.
    caller_cpu: Option<usize>,
}

/// What is known of the thread that calls.
#[derive(Default)]
struct Caller {
    /// Number of its last job.
    job: u64,
    /// The thread that was pinned.
    pinned: Option<ThreadId>,
}

impl Pool {
    /// A pool of `threads` threads, the caller included; at least 1.
    pub fn new(threads: usize) -> std::io::Result<Self> {
        let threads = threads.max(1);
        let shared = Arc::new(Shared {
            slots: (0..threads).map(|_| Line(AtomicU64::new(0))).collect(),
            done: Line(AtomicUsize::new(0)),
            job: Line(UnsafeCell::new(None)),
            panicked: AtomicBool::new(false),
            stop: AtomicBool::new(false),
            parked: AtomicUsize::new(0),
            has_job: AtomicBool::new(false),
            caller_waits: AtomicBool::new(false),
            lock: Mutex::new(()),
            wake_helpers: Condvar::new(),
            wake_caller: Condvar::new(),
        });
        let spawn = |slot: usize| {
            let shared = Arc::clone(&shared);
            std::thread::Builder::new().name(format!("gollum-cpu-{slot}")).spawn(move || shared.help(slot))
        };
        let helpers = (1..threads).map(spawn).collect::<Result<_, _>>()?;
        Ok(Self { shared, caller: Mutex::default(), helpers, caller_cpu: None })
    }

    /// Pins thread `i`, the caller being 0, to `cpus[i % cpus.len()]`; the caller as soon as it calls. Errors: the
    /// system's, if it has no such CPU for this process or no pinning at all.
    pub fn pin(&mut self, cpus: &[usize]) -> std::io::Result<()> {
        for (i, helper) in self.helpers.iter().enumerate() {
            affinity::pin(helper, cpus[(i + 1) % cpus.len()])?;
        }
        affinity::check(cpus[0])?;
        self.caller_cpu = Some(cpus[0]);
        Ok(())
    }

    /// Threads, the caller included.
    pub fn threads(&self) -> usize {
        self.helpers.len() + 1
    }

    /// The tasks that each thread begins with: they are spread in order and evenly.
    pub fn shares(&self, tasks: usize) -> impl Iterator<Item = Range<usize>> {
        let shared = &self.shared;
        (0..self.threads())
            .map(move |slot| shared.end_of_slot(tasks, slot)..shared.end_of_slot(tasks, slot + 1))
    }

    /// Runs `f(0) .. f(tasks - 1)`, each once, on all threads, and returns when all are done. Panics if one
    /// did.
    pub fn for_each(&self, tasks: usize, f: &(dyn Fn(usize) + Sync)) {
        if tasks <= 1 || self.helpers.is_empty() {
            (0..tasks).for_each(f);
            return;
        }
        assert!(u32::try_from(tasks).is_ok(), "a job of {tasks} tasks");
        let shared = &*self.shared;
        let mut caller = self.caller.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cpu) = self.caller_cpu {
            caller.pin(cpu);
        }
        caller.job += 1;
        // SAFETY: only the lifetime changes; `f` outlives this call, and nobody touches it without a claimed
        // task, all of which this call waits for.
        let run = unsafe {
            std::mem::transmute::<*const (dyn Fn(usize) + Sync + '_), *const (dyn Fn(usize) + Sync)>(f)
        };
        // SAFETY: the lock makes this the only caller, and the previous job has no unclaimed and no running
        // task.
        unsafe { *shared.job.0.get() = Some(Job { run, tasks }) };
        shared.done.0.store(0, Ordering::Relaxed);
        shared.has_job.store(true, Ordering::Relaxed);
        for (slot, word) in shared.slots.iter().enumerate() {
            let share = shared.end_of_slot(tasks, slot + 1) - shared.end_of_slot(tasks, slot);
            word.0.store(caller.job << 32 | share as u64, Ordering::SeqCst);
        }
        if shared.parked.load(Ordering::SeqCst) > 0 {
            let _guard = shared.locked();
            shared.wake_helpers.notify_all();
        }
        shared.run_tasks(0);
        shared.wait_for_others(tasks);
        shared.has_job.store(false, Ordering::Relaxed);
        assert!(!shared.panicked.swap(false, Ordering::Relaxed), "a compute task panicked");
    }
}

impl Caller {
    /// Pins the current thread, if it is another than last time.
    fn pin(&mut self, cpu: usize) {
        let current = std::thread::current().id();
        if self.pinned != Some(current) {
            self.pinned = Some(current);
            // Checked when the pool was pinned; if the process lost the CPU since, it runs where it may.
            let _ = affinity::pin_current(cpu);
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        drop(self.shared.locked());
        self.shared.wake_helpers.notify_all();
        for helper in self.helpers.drain(..) {
            // A helper catches every panic of its tasks, so joining cannot fail.
            let _ = helper.join();
        }
    }
}

impl Shared {
    fn locked(&self) -> MutexGuard<'_, ()> {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the tasks of the slots before `slot` end.
    fn end_of_slot(&self, tasks: usize, slot: usize) -> usize {
        tasks * slot / self.slots.len()
    }

    /// Claims a task of one slot and returns its number within the job.
    fn claim(&self, slot: usize) -> Option<(Job, usize)> {
        let word = &self.slots[slot].0;
        let mut seen = word.load(Ordering::Acquire);
        while unclaimed(seen) > 0 {
            match word.compare_exchange_weak(seen, seen - 1, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => {
                    // SAFETY: a claimed task keeps the job in place until it is counted in `done`.
                    let job = unsafe { *self.job.0.get() }.expect("an unclaimed task comes with a job");
                    return Some((job, self.end_of_slot(job.tasks, slot + 1) - unclaimed(seen)));
                }
                Err(now) => seen = now,
            }
        }
        None
    }

    /// Runs tasks until none is unclaimed: first those of slot `own`, then those of the others.
    fn run_tasks(&self, own: usize) {
        let mut finished = 0;
        let mut last_of = None;
        for i in 0..self.slots.len() {
            let slot = (own + i) % self.slots.len();
            while let Some((job, task)) = self.claim(slot) {
                // SAFETY: the claimed task keeps the job alive: the caller waits for it.
                let f = unsafe { &*job.run };
                if catch_unwind(AssertUnwindSafe(|| f(task))).is_err() {
                    self.panicked.store(true, Ordering::Relaxed);
                }
                // Uncounted tasks keep the job from ending, so all of them are of one job.
                finished += 1;
                last_of = Some(job.tasks);
            }
        }
        let Some(tasks) = last_of else { return };
        let done = self.done.0.fetch_add(finished, Ordering::SeqCst) + finished;
        if done == tasks && self.caller_waits.load(Ordering::SeqCst) {
            let _guard = self.locked();
            self.wake_caller.notify_one();
        }
    }

    /// Waits until `tasks` tasks are finished: spins, then parks.
    fn wait_for_others(&self, tasks: usize) {
        let is_done = || self.done.0.load(Ordering::SeqCst) >= tasks;
        if spin_until(CALLER_SPIN, is_done) {
            return;
        }
        // The flag before the last look, as the other side counts before it looks at the flag: one of the two
        // sees the other.
        self.caller_waits.store(true, Ordering::SeqCst);
        let mut guard = self.locked();
        while !is_done() {
            let woken = self.wake_caller.wait_timeout(guard, NAP);
            guard = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        self.caller_waits.store(false, Ordering::SeqCst);
    }

    fn help(&self, slot: usize) {
        while self.wait_for_task(slot) {
            self.run_tasks(slot);
        }
    }

    /// Spins, then parks, until the slot has an unclaimed task; false when the pool stops.
    fn wait_for_task(&self, slot: usize) -> bool {
        let has_task = || unclaimed(self.slots[slot].0.load(Ordering::SeqCst)) > 0;
        if spin_until(HELPER_SPIN, has_task) {
            return true;
        }
        let mut guard = self.locked();
        self.parked.fetch_add(1, Ordering::SeqCst);
        let work = loop {
            if self.stop.load(Ordering::SeqCst) {
                break false;
            }
            if has_task() {
                break true;
            }
            guard = if self.has_job.load(Ordering::Relaxed) {
                self.wake_helpers.wait_timeout(guard, NAP).unwrap_or_else(PoisonError::into_inner).0
            } else {
                self.wake_helpers.wait(guard).unwrap_or_else(PoisonError::into_inner)
            };
        };
        self.parked.fetch_sub(1, Ordering::SeqCst);
        work
    }
}

/// Spins until `ready`, for about `limit` at most; true if it was.
fn spin_until(limit: Duration, ready: impl Fn() -> bool) -> bool {
    let mut started = None;
    for look in 0.. {
        for _ in 0..SPINS_PER_LOOK {
            if ready() {
                return true;
            }
            std::hint::spin_loop();
        }
        if started.get_or_insert_with(Instant::now).elapsed() > limit {
            break;
        }
        if look >= LOOKS_BEFORE_YIELD {
            std::thread::yield_now();
        }
    }
    ready()
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
    fn tasks_of_a_late_thread_are_taken_over() {
        let pool = Pool::new(2).expect("threads");
        let first_of_helper = 50;
        let ran_elsewhere = AtomicUsize::new(0);
        let helper_is_stuck = AtomicBool::new(false);
        let caller = std::thread::current().id();
        pool.for_each(100, &|task| {
            if std::thread::current().id() != caller {
                // Holds the one task that it claimed until all others are done.
                helper_is_stuck.store(true, Ordering::SeqCst);
                while ran_elsewhere.load(Ordering::SeqCst) < 99 {
                    std::thread::yield_now();
                }
            } else {
                while task >= first_of_helper && !helper_is_stuck.load(Ordering::SeqCst) {
                    std::thread::yield_now();
                }
                ran_elsewhere.fetch_add(1, Ordering::SeqCst);
            }
        });
        assert_eq!(ran_elsewhere.load(Ordering::SeqCst), 99);
    }

    #[test]
    fn a_caller_that_waits_long_is_woken() {
        let pool = Pool::new(2).expect("threads");
        let caller = std::thread::current().id();
        for _ in 0..3 {
            let slept = AtomicBool::new(false);
            pool.for_each(64, &|_| {
                if std::thread::current().id() != caller && !slept.swap(true, Ordering::SeqCst) {
                    std::thread::sleep(20 * CALLER_SPIN);
                }
                std::thread::sleep(Duration::from_micros(50));
            });
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn threads_are_pinned_where_told() {
        let allowed = affinity::allowed().expect("the system tells");
        let mut pool = Pool::new(3).expect("threads");
        pool.pin(&allowed).expect("these are allowed");
        let own = std::thread::spawn(move || {
            let seen = Mutex::new(Vec::new());
            pool.for_each(300, &|_| {
                seen.lock().expect("no panic").push(affinity::allowed().expect("the system tells"));
                std::thread::sleep(Duration::from_micros(20));
            });
            seen.into_inner().expect("no panic")
        });
        let seen = own.join().expect("no panic");
        assert!(seen.iter().all(|cpus| cpus.len() == 1 && allowed.contains(&cpus[0])), "{seen:?}");
        let mut pool = Pool::new(2).expect("threads");
        assert!(pool.pin(&[1023]).is_err(), "no machine that runs tests has that many");
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
