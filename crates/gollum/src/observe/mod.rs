//! What operators see of a running server, beside its metrics: traces and profiles.

mod otlp;
mod profile;

pub use otlp::Exporter;
pub use profile::profile;
