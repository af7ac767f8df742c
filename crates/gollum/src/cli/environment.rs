//! What the environment says of flags: every flag has a variable, read by these rules for all alike.
//!
//! - An empty variable is an unset one. `1`, `true`, `yes`, `on` turn a switch on; `0`, `false`, `no`, `off` do not.
//! - `tcp://10.0.0.1:80` and the like are what Kubernetes sets for a service of that name: ignored, and told.
//! - A value that its flag cannot take is an error that names the variable.

use std::ffi::{OsStr, OsString};

use clap::{Arg, ArgAction};

use super::settings::{Origin, Setting, Stop};

/// Variables read where a flag's own is not set: `PORT` is what platforms set, the other what every exporter of traces
/// reads.
const ALSO_READ: &[(&str, &str)] = &[("port", "PORT"), ("otlp_endpoint", "OTEL_EXPORTER_OTLP_ENDPOINT")];
/// How addresses begin that Kubernetes sets for its services.
const SERVICE_LINKS: &[&str] = &["tcp://", "udp://", "sctp://"];
const ON: &[&str] = &["1", "true", "yes", "on"];
const OFF: &[&str] = &["0", "false", "no", "off"];

/// What the environment says of a flag; `None` if nothing. Variables that are ignored are told in `remarks`.
pub fn setting(
    arg: &Arg,
    variable: impl Fn(&str) -> Option<OsString>,
    remarks: &mut Vec<String>,
) -> Result<Option<Setting>, Stop> {
    let (Some(own), Some(long)) = (arg.get_env().and_then(OsStr::to_str), arg.get_long()) else {
        return Ok(None);
    };
    let id = arg.get_id().as_str();
    let others = ALSO_READ.iter().filter(|(flag, _)| *flag == id).map(|(_, name)| *name);
    for name in std::iter::once(own).chain(others) {
        let Some(value) = variable(name) else { continue };
        let text = value.to_string_lossy();
        if text.trim().is_empty() {
            continue;
        }
        if SERVICE_LINKS.iter().any(|scheme| text.starts_with(scheme)) {
            remarks.push(format!(
                "{name} is `{text}`, which Kubernetes sets for a service of that name: ignored; \
                 `enableServiceLinks: false` ends this"
            ));
            continue;
        }
        let mut flag = OsString::from(format!("--{long}"));
        let mut flags = Vec::new();
        if matches!(arg.get_action(), ArgAction::SetTrue) {
            flags.extend(switch(name, &text)?.then_some(flag));
        } else {
            flag.push("=");
            flag.push(&value);
            flags.push(flag);
        }
        let origin = Origin::Variable(name.to_owned());
        return Ok(Some(Setting { origin, id: id.to_owned(), value, flags }));
    }
    Ok(None)
}

fn switch(variable: &str, text: &str) -> Result<bool, Stop> {
    let word = text.trim().to_ascii_lowercase();
    if ON.contains(&word.as_str()) {
        Ok(true)
    } else if OFF.contains(&word.as_str()) {
        Ok(false)
    } else {
        Err(Stop::Variable(format!(
            "{variable} is `{text}`, and must be one of {}, {}",
            ON.join(", "),
            OFF.join(", ")
        )))
    }
}
