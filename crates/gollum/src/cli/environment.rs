//! The environment's part of the command line: every flag has a variable, read by these rules for all alike.
//!
//! - A flag that is given beats its variable, whatever that holds. Only the flags of the verb at hand count.
//! - An empty variable is an unset one. `1`, `true`, `yes`, `on` turn a switch on; `0`, `false`, `no`, `off` do not.
//! - `tcp://10.0.0.1:80` and the like are what Kubernetes sets for a service of that name: ignored, and told.
//! - A value that its flag cannot take is an error that names the variable.
//!
//! So variables become flags, put before those that were given, once it is known which were given.

use std::ffi::{OsStr, OsString};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, CommandFactory, FromArgMatches};

use super::Cli;

/// Variables read where a flag's own is not set: `PORT` is what platforms set, the other what every exporter of traces
/// reads.
const ALSO_READ: &[(&str, &str)] = &[("port", "PORT"), ("otlp_endpoint", "OTEL_EXPORTER_OTLP_ENDPOINT")];
/// How addresses begin that Kubernetes sets for its services.
const SERVICE_LINKS: &[&str] = &["tcp://", "udp://", "sctp://"];
const ON: &[&str] = &["1", "true", "yes", "on"];
const OFF: &[&str] = &["0", "false", "no", "off"];
/// First arguments that are no flags of `serve`.
const NOT_SERVE: &[&str] = &["-h", "--help", "-V", "--version"];

/// The command line, and what is to be told of it once there is a log.
#[derive(Debug)]
pub struct Parsed {
    /// What to do.
    pub cli: Cli,
    /// Variables that were ignored, as sentences without a full stop.
    pub remarks: Vec<String>,
}

/// Why there is nothing to do: a wrong command line, a wrong variable, or a question such as `--help`.
#[derive(Debug)]
pub enum Stop {
    /// As clap says it.
    Usage(clap::Error),
    /// A variable, and what is wrong with it.
    Variable(String),
}

/// Reads a command line whose first argument is the program, with `variable` as the environment.
pub fn parse(arguments: Vec<OsString>, variable: impl Fn(&str) -> Option<OsString>) -> Result<Parsed, Stop> {
    let arguments = with_verb(arguments);
    let mut remarks = Vec::new();
    let given = match deaf().try_get_matches_from(&arguments) {
        Ok(given) => given,
        // Help shows the variables, which only the command that knows them can.
        Err(e) if is_question(&e) => {
            let answer = Cli::command().try_get_matches_from(&arguments);
            return Err(Stop::Usage(answer.err().filter(is_question).unwrap_or(e)));
        }
        Err(e) => return Err(Stop::Usage(e)),
    };
    let Some((verb, given)) = given.subcommand() else {
        return Err(Stop::Usage(Cli::command().error(ErrorKind::MissingSubcommand, "a verb is missing")));
    };
    let command = Cli::command();
    let verb = command.find_subcommand(verb).expect("clap parsed a verb that it has");
    let mut extra = Vec::new();
    for arg in verb.get_arguments().filter(|arg| !is_given(given, arg)) {
        if let Some(setting) = setting(arg, &variable, &mut remarks)? {
            extra.push(setting);
        }
    }
    let flags = extra.iter().map(|setting| setting.flag.clone());
    let all: Vec<OsString> =
        arguments[..2].iter().cloned().chain(flags).chain(arguments[2..].iter().cloned()).collect();
    let matches = deaf().try_get_matches_from(all).map_err(|e| blame(&e, &extra))?;
    let cli = Cli::from_arg_matches(&matches).map_err(Stop::Usage)?;
    Ok(Parsed { cli, remarks })
}

/// `gollum --port 0` is `gollum serve --port 0`.
fn with_verb(mut arguments: Vec<OsString>) -> Vec<OsString> {
    if arguments.is_empty() {
        arguments.push("gollum".into());
    }
    let first = arguments.get(1).map(|first| first.to_string_lossy().into_owned());
    let is_serve = first.is_none_or(|first| first.starts_with('-') && !NOT_SERVE.contains(&first.as_str()));
    if is_serve {
        arguments.insert(1, "serve".into());
    }
    arguments
}

/// The command as it is, hearing no variable.
fn deaf() -> Command {
    let verbs: Vec<String> =
        Cli::command().get_subcommands().map(|verb| verb.get_name().to_owned()).collect();
    verbs.into_iter().fold(Cli::command(), |command, verb| {
        command.mut_subcommand(verb, |verb| verb.mut_args(|arg| arg.env(None::<&str>)))
    })
}

fn is_question(error: &clap::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    )
}

fn is_given(given: &ArgMatches, arg: &Arg) -> bool {
    given.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine)
}

/// A variable as the flag that says the same.
struct Setting {
    variable: String,
    id: String,
    flag: OsString,
}

/// What the environment says of a flag; `None` if nothing.
fn setting(
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
        if matches!(arg.get_action(), ArgAction::SetTrue) {
            if !switch(name, &text)? {
                return Ok(None);
            }
        } else {
            flag.push("=");
            flag.push(&value);
        }
        return Ok(Some(Setting { variable: name.to_owned(), id: id.to_owned(), flag }));
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

/// An error that came with the variables, in their names: without them the same command line was right.
fn blame(error: &clap::Error, settings: &[Setting]) -> Stop {
    let about = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(about)) => about.as_str(),
        _ => "",
    };
    // clap names a flag as `--port <PORT>`.
    let named = about.split([' ', '=']).next().unwrap_or_default();
    let guilty =
        settings.iter().find(|s| named.strip_prefix("--").is_some_and(|n| n.replace('-', "_") == s.id));
    let rendered = error.render().to_string();
    let cause = std::error::Error::source(error).map(ToString::to_string);
    let first_line = rendered.lines().next().unwrap_or_default().trim_start_matches("error: ");
    Stop::Variable(match guilty {
        Some(setting) => {
            let flag = setting.flag.to_string_lossy();
            let value = flag.split_once('=').map_or("", |(_, value)| value);
            format!(
                "{} is `{value}`: {}; set another value, or unset it",
                setting.variable,
                cause.as_deref().unwrap_or(first_line)
            )
        }
        None => {
            let names: Vec<&str> = settings.iter().map(|s| s.variable.as_str()).collect();
            format!("{rendered}\nThe environment has a part in it: {} are set", names.join(", "))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{ServeArgs, Verb};

    fn read(line: &str, variables: &[(&str, &str)]) -> Result<Parsed, String> {
        let arguments = line.split_whitespace().map(OsString::from).collect();
        let variable =
            |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| OsString::from(value));
        parse(arguments, variable).map_err(|stop| match stop {
            Stop::Usage(e) => format!("usage: {e}"),
            Stop::Variable(text) => text,
        })
    }

    fn serve(line: &str, variables: &[(&str, &str)]) -> ServeArgs {
        let parsed = read(line, variables).unwrap_or_else(|e| panic!("{line}: {e}"));
        match parsed.cli.verb {
            Verb::Serve(args) => *args,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn no_verb_is_serve() {
        let args = serve("gollum --port 0 -c 8K --max-num-seqs 3", &[]);
        assert_eq!((args.net.port, args.engine.max_model_len, args.engine.max_num_seqs), (0, Some(8192), 3));
        assert_eq!(serve("gollum", &[]).net.port, 8080);
        assert!(matches!(read("gollum list", &[]).expect("a verb").cli.verb, Verb::List(_)));
        assert!(read("gollum nonsense", &[]).expect_err("no such verb").contains("nonsense"));
        assert!(read("gollum --help", &[]).expect_err("a question").contains("Usage"));
    }

    /// Every flag of every verb with a variable, as `(verb, flag without dashes, variable, is a switch)`.
    fn table() -> Vec<(String, String, String, bool)> {
        let command = Cli::command();
        let flags = command.get_subcommands().flat_map(|verb| {
            verb.get_arguments().filter_map(|arg| {
                let variable = arg.get_env()?.to_string_lossy().into_owned();
                let is_switch = matches!(arg.get_action(), ArgAction::SetTrue);
                Some((verb.get_name().to_owned(), arg.get_long()?.to_owned(), variable, is_switch))
            })
        });
        flags.collect()
    }

    /// What each verb needs to be a whole command line.
    fn line(verb: &str) -> String {
        let needs = match verb {
            "inspect" | "tokenize" | "bench" => " m",
            "logits" => " m --tokens 1",
            "quantize" => " a.gguf b.gguf Q8_0",
            _ => "",
        };
        format!("gollum {verb}{needs}")
    }

    #[test]
    fn an_empty_variable_of_any_flag_is_unset() {
        assert!(table().len() > 60, "the table is read");
        for (verb, flag, variable, _) in table() {
            for nothing in ["", "  "] {
                let parsed = read(&line(&verb), &[(&variable, nothing)]);
                let parsed = parsed.unwrap_or_else(|e| panic!("{verb} --{flag}: {e}"));
                assert!(parsed.remarks.is_empty(), "{verb} --{flag}");
            }
        }
    }

    #[test]
    fn a_service_link_in_any_variable_is_ignored_and_told() {
        for (verb, flag, variable, _) in table() {
            let parsed = read(&line(&verb), &[(&variable, "tcp://10.0.0.1:80")]);
            let parsed = parsed.unwrap_or_else(|e| panic!("{verb} --{flag}: {e}"));
            assert_eq!(parsed.remarks.len(), 1, "{verb} --{flag}");
            assert!(parsed.remarks[0].contains(&variable), "{}", parsed.remarks[0]);
        }
    }

    #[test]
    fn every_switch_takes_yes_and_no() {
        for (verb, flag, variable, is_switch) in table() {
            if !is_switch {
                continue;
            }
            for word in ["1", "true", "TRUE", "yes", "on", "0", "false", "no", "off", " 1 "] {
                let parsed = read(&line(&verb), &[(&variable, word)]);
                parsed.unwrap_or_else(|e| panic!("{verb} --{flag} = {word}: {e}"));
            }
            let error = read(&line(&verb), &[(&variable, "perhaps")]).expect_err("neither yes nor no");
            assert!(error.contains(&variable) && error.contains("perhaps"), "{error}");
        }
        assert!(serve("gollum", &[("GOLLUM_INSECURE", "1")]).net.insecure);
        assert!(!serve("gollum", &[("GOLLUM_INSECURE", "0")]).net.insecure);
        assert!(serve("gollum --insecure", &[("GOLLUM_INSECURE", "0")]).net.insecure);
    }

    #[test]
    fn a_flag_beats_a_variable_whatever_that_holds() {
        for value in ["tcp://10.0.0.1:80", "abc", "9000", "99999", ""] {
            let args = serve("gollum --port 7000", &[("GOLLUM_PORT", value), ("PORT", value)]);
            assert_eq!(args.net.port, 7000, "{value:?}");
            let listed = read("gollum list", &[("GOLLUM_PORT", value)]).expect("list has no port");
            assert!(listed.remarks.is_empty(), "{value:?}");
        }
        let keys = serve("gollum --api-key from-flag", &[("GOLLUM_API_KEY", "one,two")]).net.api_key;
        assert_eq!(keys, ["from-flag"]);
    }

    #[test]
    fn variables_are_read_and_port_stands_in() {
        let args =
            serve("gollum", &[("GOLLUM_API_KEY", "one-key-a,two-key-b"), ("GOLLUM_TEMPERATURE", "0.5")]);
        assert_eq!(args.net.api_key, ["one-key-a", "two-key-b"]);
        assert_eq!(args.sampling.temperature, Some(0.5));
        assert_eq!(serve("gollum", &[("PORT", "81")]).net.port, 81);
        assert_eq!(serve("gollum", &[("PORT", "81"), ("GOLLUM_PORT", "82")]).net.port, 82);
        assert_eq!(serve("gollum", &[("PORT", "81"), ("GOLLUM_PORT", "tcp://10.0.0.1:80")]).net.port, 81);
        assert_eq!(serve("gollum", &[("PORT", "tcp://10.0.0.1:80")]).net.port, 8080);
        let args = serve("gollum", &[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318")]);
        assert_eq!(args.otlp_endpoint.as_deref(), Some("http://c:4318"));
    }

    #[test]
    fn an_error_names_the_variable() {
        let check = |variables: &[(&str, &str)], words: &[&str]| {
            let error = read("gollum serve", variables).expect_err("it cannot be read");
            assert!(words.iter().all(|word| error.contains(word)), "{error}");
        };
        check(&[("GOLLUM_PORT", "abc")], &["GOLLUM_PORT", "abc", "invalid digit"]);
        check(&[("PORT", "70000")], &["PORT is", "70000"]);
        check(&[("GOLLUM_TEMPERATURE", "-1")], &["GOLLUM_TEMPERATURE", "-1", "0 to 100"]);
        check(&[("GOLLUM_KV_CACHE_DTYPE", "f8")], &["GOLLUM_KV_CACHE_DTYPE", "f8"]);
        check(&[("GOLLUM_KV_MEMORY", "much")], &["GOLLUM_KV_MEMORY", "much"]);
        check(&[("GOLLUM_SERVED_MODEL_NAME", "x")], &["GOLLUM_SERVED_MODEL_NAME", "--model"]);
    }

    #[test]
    fn a_value_that_begins_like_a_flag_is_a_value() {
        assert_eq!(serve("gollum", &[("GOLLUM_MODEL", "--odd")]).model.as_deref(), Some("--odd"));
    }
}
