//! Faults on order, for tests of everything that must survive them.

use std::time::Duration;

use gollum_core::{Logits, RunnerError};

/// Something that goes wrong in one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The step, counted from 1.
    pub step: u64,
    /// What happens.
    pub kind: FaultKind,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The n-th logits row of the step holds one NaN; nothing if there are fewer rows.
    NanRow(usize),
    /// Every logits row is +infinity.
    InfiniteRows,
    /// `forward` returns [`RunnerError::Backend`], with no token appended.
    Error,
    /// `forward` panics, with no token appended.
    Panic,
    /// `forward` takes this long.
    Stall(Duration),
}

pub fn before_step(faults: &[Fault], step: u64) -> Result<(), RunnerError> {
    for fault in faults.iter().filter(|fault| fault.step == step) {
        match fault.kind {
            FaultKind::Error => return Err(RunnerError::Backend(format!("fault on order in step {step}"))),
            FaultKind::Panic => panic!("panic on order in step {step}"),
            FaultKind::Stall(time) => std::thread::sleep(time),
            FaultKind::NanRow(_) | FaultKind::InfiniteRows => {}
        }
    }
    Ok(())
}

pub fn after_step(faults: &[Fault], step: u64, logits: &mut Logits) {
    for fault in faults.iter().filter(|fault| fault.step == step) {
        match fault.kind {
            FaultKind::NanRow(row) if row < logits.rows() => {
                let values = logits.row_mut(row);
                values[values.len() / 2] = f32::NAN;
            }
            FaultKind::InfiniteRows => logits.all_mut().fill(f32::INFINITY),
            _ => {}
        }
    }
}
