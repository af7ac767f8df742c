//! The engine thread, and the same engine turned by hand.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, channel};
use std::time::{Duration, Instant};

use gollum_core::{ModelRunner, RequestId};

use crate::handle::{Clock, Command, Shared};
use crate::step::Core;
use crate::{EngineConfig, EngineError, EngineHandle, EngineLimits, Event, Explanation, KvSnapshot};

/// How often an idle engine thread shows that it is alive.
const IDLE_BEAT: Duration = Duration::from_millis(500);

/// Where engines come from.
#[derive(Clone, Copy, Debug)]
pub struct Engine;

impl Engine {
    /// Allocates the KV pool and starts the one engine thread, `gollum-engine`.
    ///
    /// The thread ends after [`EngineHandle::drain`], when the model's code panics, or when all handles and
    /// streams are gone. Errors: [`EngineError::Config`], or [`EngineError::Backend`] if the pool cannot be
    /// allocated.
    pub fn start(runner: Box<dyn ModelRunner>, config: EngineConfig) -> Result<EngineHandle, EngineError> {
        let clock = Clock::Real { started: Instant::now() };
        let (handle, engine) = build(runner, config, clock)?;
        std::thread::Builder::new()
            .name("gollum-engine".into())
            .spawn(move || engine.run())
            .map_err(|error| EngineError::Backend(format!("cannot start the engine thread: {error}")))?;
        Ok(handle)
    }

    /// The same engine without a thread and without a clock: for simulations. Time is what `now_us` says.
    pub fn manual(
        runner: Box<dyn ModelRunner>,
        config: EngineConfig,
        now_us: Arc<AtomicU64>,
    ) -> Result<(EngineHandle, ManualEngine), EngineError> {
        build(runner, config, Clock::Simulated { now_us })
    }
}

fn build(
    mut runner: Box<dyn ModelRunner>,
    config: EngineConfig,
    clock: Clock,
) -> Result<(EngineHandle, ManualEngine), EngineError> {
    let limits = EngineLimits { embedding: runner.embedding(), ..EngineLimits::new(&config, runner.spec())? };
    runner
        .allocate_kv(limits.kv_pages, limits.window_pages)
        .map_err(|error| EngineError::Backend(error.to_string()))?;
    if limits.state_slots > 0 {
        runner
            .allocate_states(limits.state_slots)
            .map_err(|error| EngineError::Backend(error.to_string()))?;
    }
    let shared = Arc::new(Shared::new(limits, clock, runner.fallbacks()));
    let (sender, commands) = channel();
    let handle = EngineHandle::new(Arc::clone(&shared), sender);
    let core = Core::new(runner, config, Arc::clone(&shared));
    Ok((handle, ManualEngine { core, shared, commands, arrived: None, stopped: false }))
}

/// What a turn came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// A step was run.
    Worked,
    /// There was nothing to do.
    Idle,
    /// The engine has stopped; it does nothing any more.
    Stopped,
}

/// An engine that does one step each time it is told to.
pub struct ManualEngine {
    core: Core,
    shared: Arc<Shared>,
    commands: Receiver<Command>,
    /// What woke the thread.
    arrived: Option<Command>,
    stopped: bool,
}

impl ManualEngine {
    /// Drains commands, then schedules, forwards, samples, commits and delivers once. A panic of the model's
    /// code ends here: all streams fail, and the engine has stopped.
    pub fn turn(&mut self) -> Turn {
        if self.stopped {
            self.refuse_commands();
            return Turn::Stopped;
        }
        self.shared.beat();
        match catch_unwind(AssertUnwindSafe(|| self.turn_inside())) {
            Ok(Turn::Stopped) => self.stop(false),
            Ok(turn) => turn,
            Err(_) => self.stop(true),
        }
    }

    fn turn_inside(&mut self) -> Turn {
        let mut is_orphan = false;
        loop {
            let command = match self.arrived.take() {
                Some(command) => command,
                None => match self.commands.try_recv() {
                    Ok(command) => command,
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => {
                        is_orphan = true;
                        break;
                    }
                },
            };
            self.core.apply(command);
        }
        if self.core.step() {
            Turn::Worked
        } else if is_orphan || self.core.is_draining() {
            Turn::Stopped
        } else {
            Turn::Idle
        }
    }

    /// The end: `life` changes first, so that a stream whose channel closes knows why.
    fn stop(&mut self, panicked: bool) -> Turn {
        self.stopped = true;
        self.shared.set_draining();
        if panicked {
            tracing::error!("the model's code panicked; the engine has stopped");
            self.shared.set_ended(true);
            self.core.die();
        } else {
            self.shared.set_ended(false);
        }
        self.refuse_commands();
        Turn::Stopped
    }

    /// Requests that were accepted while the engine was stopping.
    fn refuse_commands(&mut self) {
        while let Ok(command) = self.commands.try_recv() {
            if let Command::Submit(submission) = command {
                // The reader may be gone already.
                let _ = submission.events.try_send(Event::Failed(self.shared.cause_of_death()));
            }
        }
    }

    fn run(mut self) {
        loop {
            match self.turn() {
                Turn::Worked => {}
                Turn::Idle => match self.commands.recv_timeout(IDLE_BEAT) {
                    Ok(command) => self.arrived = Some(command),
                    // Without senders the next turn sees it too, and stops.
                    Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
                },
                Turn::Stopped => return,
            }
        }
    }

    /// Panics if any promise of scheduler or pager is broken: for tests. O(pages + tokens).
    pub fn check(&self) {
        self.core.scheduler().check();
    }

    /// What [`EngineHandle::kv_snapshot`] would answer.
    pub fn kv_snapshot(&self) -> KvSnapshot {
        self.core.snapshot()
    }

    /// What [`EngineHandle::explain`] would answer.
    pub fn explain(&self, id: RequestId) -> Option<Explanation> {
        self.core.explain(id)
    }

    /// True if nothing is in flight.
    pub fn is_idle(&self) -> bool {
        self.core.is_idle()
    }
}

impl std::fmt::Debug for ManualEngine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ManualEngine").field("stopped", &self.stopped).finish_non_exhaustive()
    }
}
