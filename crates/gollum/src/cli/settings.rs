//! The command line as a whole: flags, and what variables and a file say of flags that are not given.
//!
//! ```text
//! a flag that is given  >  its variable (environment)  >  the file of --config (config)  >  its default
//! ```
//! A flag that is given wins whatever the others hold. Only the flags of the verb at hand count. So variables and keys
//! of the file become flags, put before those that were given, once it is known which were given.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{ArgMatches, Command, FromArgMatches};

use super::config::{Config, ConfigError, Place};
use super::{Cli, Verb, environment, help};

/// First arguments that are no flags of `serve`.
const NOT_SERVE: &[&str] = &["-h", "--help", "-V", "--version"];
/// The flag that names a file of settings.
pub const CONFIG: &str = "config";

/// The command line, and what is to be told of it once there is a log.
#[derive(Debug)]
pub struct Parsed {
    /// What to do.
    pub cli: Cli,
    /// Variables that were ignored, as sentences without a full stop.
    pub remarks: Vec<String>,
}

/// Why there is nothing to do: a wrong command line, a wrong variable or file, or a question such as `--help`.
#[derive(Debug)]
pub enum Stop {
    /// As clap says it.
    Usage(clap::Error),
    /// A variable, and what is wrong with it.
    Variable(String),
    /// The file of `--config`.
    Config(ConfigError),
}

/// Where a setting was found.
#[derive(Clone, Debug)]
pub enum Origin {
    /// A variable of that name.
    Variable(String),
    /// A key of the file.
    Key(Place),
}

impl Origin {
    /// Where in the file.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::Variable(_) => None,
            Self::Key(place) => Some(place),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => f.write_str(name),
            Self::Key(place) => place.fmt(f),
        }
    }
}

/// A setting that was not given on the command line, as the flags that say the same.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Where it was found.
    pub origin: Origin,
    /// clap's name of the flag.
    pub id: String,
    /// The value as it was found, of a list with commas between.
    pub value: OsString,
    /// None for a switch that is off; several for a list.
    pub flags: Vec<OsString>,
}

/// Reads a command line whose first argument is the program, with `variable` as the environment.
pub fn parse(arguments: Vec<OsString>, variable: impl Fn(&str) -> Option<OsString>) -> Result<Parsed, Stop> {
    let arguments = with_verb(arguments);
    let given = match deaf().try_get_matches_from(&arguments) {
        Ok(given) => given,
        Err(e) if is_question(&e) => return Err(Stop::Usage(help::answer(&arguments).unwrap_or(e))),
        Err(e) => return Err(Stop::Usage(e)),
    };
    let table = help::table();
    let Some((verb, given)) = given.subcommand() else {
        return Err(Stop::Usage(table.clone().error(ErrorKind::MissingSubcommand, "a verb is missing")));
    };
    let verb = table.find_subcommand(verb).expect("clap parsed a verb that it has");
    let (mut settings, mut remarks) = (Vec::new(), Vec::new());
    for arg in verb.get_arguments().filter(|arg| !is_given(given, arg.get_id().as_str())) {
        settings.extend(environment::setting(arg, &variable, &mut remarks)?);
    }
    let config = match config_path(verb, given, &settings) {
        Some(path) => Config::read(&path, verb).map_err(Stop::Config)?,
        None => Config::default(),
    };
    let is_open =
        |id: &str, said: &[Setting]| !is_given(given, id) && said.iter().all(|setting| setting.id != id);
    let of_file: Vec<Setting> =
        config.settings.into_iter().filter(|setting| is_open(&setting.id, &settings)).collect();
    settings.extend(of_file);
    let flags = settings.iter().flat_map(|setting| setting.flags.iter().cloned());
    let all: Vec<OsString> =
        arguments[..2].iter().cloned().chain(flags).chain(arguments[2..].iter().cloned()).collect();
    let matches = deaf().try_get_matches_from(all).map_err(|e| blame(&e, &settings))?;
    let mut cli = Cli::from_arg_matches(&matches).map_err(Stop::Usage)?;
    if let Verb::Serve(args) = &mut cli.verb {
        args.presets = config.presets;
    }
    Ok(Parsed { cli, remarks })
}

/// `gollum --port 0` is `gollum serve --port 0`, and `gollum help serve` is `gollum serve --help`.
fn with_verb(mut arguments: Vec<OsString>) -> Vec<OsString> {
    if arguments.is_empty() {
        arguments.push("gollum".into());
    }
    if arguments.len() == 3 && arguments[1] == "help" {
        arguments.swap(1, 2);
        arguments[2] = "--help".into();
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
    help::table().mut_subcommands(|verb| verb.mut_args(|arg| arg.env(None::<&str>)))
}

/// True for what is printed because it was asked for.
pub fn is_question(error: &clap::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    )
}

fn is_given(given: &ArgMatches, id: &str) -> bool {
    given.try_contains_id(id).is_ok() && given.value_source(id) == Some(ValueSource::CommandLine)
}

/// The file of settings, if this verb takes one and one is named. None is read that nobody names.
fn config_path(verb: &Command, given: &ArgMatches, settings: &[Setting]) -> Option<PathBuf> {
    verb.get_arguments().find(|arg| arg.get_id() == CONFIG)?;
    let of_variable =
        || settings.iter().find(|setting| setting.id == CONFIG).map(|s| PathBuf::from(&s.value));
    given.get_one::<PathBuf>(CONFIG).cloned().or_else(of_variable)
}

/// What was found of the flag that a parser's error is about, and clap's reason.
pub fn guilty<'s>(error: &clap::Error, settings: &'s [Setting]) -> (Option<&'s Setting>, String) {
    let about = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(about)) => about.as_str(),
        _ => "",
    };
    // clap names a flag as `--port <PORT>`.
    let named = about.split([' ', '=']).next().unwrap_or_default();
    let guilty =
        settings.iter().find(|s| named.strip_prefix("--").is_some_and(|n| n.replace('-', "_") == s.id));
    let cause = std::error::Error::source(error).map(ToString::to_string);
    let rendered = error.render().to_string();
    let first_line = rendered.lines().next().unwrap_or_default().trim_start_matches("error: ");
    (guilty, cause.unwrap_or_else(|| first_line.to_owned()))
}

/// An error that came with the settings, in their names: without them the same command line was right.
fn blame(error: &clap::Error, settings: &[Setting]) -> Stop {
    let (guilty, why) = guilty(error, settings);
    let Some(Setting { origin, value, .. }) = guilty else {
        let names: Vec<String> = settings.iter().map(|setting| setting.origin.to_string()).collect();
        let rendered = error.render().to_string();
        let what = rendered.trim_start_matches("error: ");
        return Stop::Variable(format!("{what}\nThese have a part in it: {}", names.join(", ")));
    };
    let value = value.to_string_lossy().into_owned();
    match origin {
        Origin::Variable(name) => {
            Stop::Variable(format!("{name} is `{value}`: {why}; set another value, or unset it"))
        }
        Origin::Key(place) => Stop::Config(ConfigError::WrongValue { place: place.clone(), value, why }),
    }
}

#[cfg(test)]
mod tests {
    use clap::ArgAction;

    use super::*;
    use crate::cli::{ServeArgs, Verb};

    fn read(line: &str, variables: &[(&str, &str)]) -> Result<Parsed, String> {
        let arguments = line.split_whitespace().map(OsString::from).collect();
        let variable =
            |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| OsString::from(value));
        parse(arguments, variable).map_err(|stop| match stop {
            Stop::Usage(e) => format!("usage: {e}"),
            Stop::Variable(text) => text,
            Stop::Config(e) => e.to_string(),
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
        assert_eq!(
            (args.net.port, args.each.model.engine.max_model_len, args.each.model.engine.max_num_seqs),
            (0, Some(8192), 3)
        );
        assert_eq!(serve("gollum", &[]).net.port, 8080);
        assert!(matches!(read("gollum list", &[]).expect("a verb").cli.verb, Verb::List(_)));
        assert!(read("gollum nonsense", &[]).expect_err("no such verb").contains("nonsense"));
        assert!(read("gollum --help", &[]).expect_err("a question").contains("Usage"));
    }

    /// Every flag of every verb with a variable, as `(verb, flag without dashes, variable, is a switch)`.
    fn table() -> Vec<(String, String, String, bool)> {
        let command = help::table();
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
            "completions" => " bash",
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
        assert_eq!(args.each.model.sampling.temperature, Some(0.5));
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
