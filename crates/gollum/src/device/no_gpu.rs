//! A build without GPU support.

use anyhow::bail;

use gollum_kernels::{KvGroup, KvSpec};
use gollum_models::ModelDescription;

use super::{Backend, DeviceChoice};
use crate::cli::{DevicesArgs, SelftestArgs};
use crate::machine;

const NONE: &str = "this gollum was built without GPU support: `make build GPU=1` builds one with it";

/// No GPU packs weights.
pub fn growth(_: &ModelDescription) -> f64 {
    1.0
}

/// The memory that a backend has: the machine's.
pub struct Memory;

impl Memory {
    /// The machine's.
    pub fn machine() -> Self {
        Self
    }

    /// Bytes that are free now.
    pub fn free_bytes(&self) -> u64 {
        machine::free_bytes()
    }

    /// Bytes that are free now of a card's own memory: there is none.
    pub fn own_bytes(&self) -> Option<u64> {
        None
    }

    /// KV pages of a group at most, whatever is free.
    pub fn max_pages(&self, _: &KvSpec, _: KvGroup) -> usize {
        usize::MAX
    }
}

/// No GPU; an error if one was asked for.
pub fn open(choice: DeviceChoice) -> anyhow::Result<Option<Backend>> {
    match choice {
        DeviceChoice::Auto | DeviceChoice::Cpu => Ok(None),
        DeviceChoice::Gpu | DeviceChoice::Index(_) => bail!(NONE),
    }
}

/// `gollum devices`.
pub fn list(_: &DevicesArgs) -> anyhow::Result<()> {
    bail!(NONE)
}

/// `gollum gpu-selftest`.
pub fn selftest(_: &SelftestArgs) -> anyhow::Result<()> {
    bail!(NONE)
}
