//! A build without GPU support.

use anyhow::bail;

use super::{Backend, DeviceChoice};
use crate::cli::{DevicesArgs, SelftestArgs};

const NONE: &str = "this gollum was built without GPU support: build it with --features gpu";

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
