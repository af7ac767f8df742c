//! The gollum binary: verbs, and the wiring of all rooms.
//!
//! ```text
//! cli -> verb:  serve  registry (ModelHost) -> load (runner, engine, frontend) -> gollum_server::serve
//!               run    load -> Frontend, in the terminal
//!               pull   hub, fetch            list, inspect, doctor   what a file holds
//!               tokenize, logits, bench      one room measured alone
//!               quantize                     a file to a smaller file
//!               completions, man             the command line, for shells and readers
//! ```
//! Only this crate knows all others, and only here errors are `anyhow`.

mod advice;
mod bench;
mod budget;
mod cli;
mod device;
mod doctor;
mod experts;
mod inspect;
mod load;
mod machine;
mod manual;
mod observe;
mod progress;
mod pull;
mod quantities;
mod quantize;
mod registry;
mod run;
mod sampling;
mod serve;
mod steps;
mod store;
mod tables;
mod terminal;
#[cfg(test)]
mod testing;
mod tokens;

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use tracing_subscriber::EnvFilter;

use crate::cli::Verb;
use crate::cli::settings::{self, Stop};

/// Flags of several letters of llama-server, which a one-letter grammar would take apart.
const SHORT_WORDS: &[(&str, &str)] = &[("-np", "--max-num-seqs"), ("-ngl", "--gpu-layers")];

/// Exit status of a command line that cannot be read, as clap has it.
const USAGE_ERROR: u8 = 2;
/// Sets the level of the log, as `debug` or `gollum_engine=trace`.
const LOG_VARIABLE: &str = "GOLLUM_LOG";

fn main() -> ExitCode {
    let parsed =
        match settings::parse(arguments(std::env::args_os()).collect(), |name| std::env::var_os(name)) {
            Ok(parsed) => parsed,
            Err(Stop::Usage(e)) => e.exit(),
            Err(Stop::Variable(text)) => return fail(&text, ExitCode::from(USAGE_ERROR)),
            Err(Stop::Config(e)) => return fail(&e.to_string(), ExitCode::from(USAGE_ERROR)),
        };
    let verb = parsed.cli.verb;
    start_log(&verb);
    for remark in parsed.remarks {
        tracing::warn!("{remark}");
    }
    match dispatch(&verb) {
        Ok(()) => ExitCode::SUCCESS,
        // The reader of a pipe may leave early: `gollum inspect ... | head`.
        Err(e) if is_broken_pipe(&e) => ExitCode::SUCCESS,
        Err(e) => fail(&format!("{e:#}"), ExitCode::FAILURE),
    }
}

/// Tells the error. If stderr is gone too there is nobody to tell.
fn fail(text: &str, code: ExitCode) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "error: {text}");
    code
}

fn dispatch(verb: &Verb) -> anyhow::Result<()> {
    match verb {
        Verb::Serve(args) => serve::serve(args),
        Verb::Run(args) => run::run(args),
        Verb::Pull(args) => pull::run(args),
        Verb::List(args) => inspect::list(args),
        Verb::Inspect(args) => inspect::inspect(args),
        Verb::Tokenize(args) => tokens::tokenize(args),
        Verb::Logits(args) => tokens::logits(args),
        Verb::Bench(args) => bench::bench(args),
        Verb::Doctor(args) => doctor::doctor(args),
        Verb::Quantize(args) => quantize::quantize(args),
        Verb::Devices(args) => device::list(args),
        Verb::GpuSelftest(args) => device::selftest(args),
        Verb::Completions(args) => manual::completions(args),
        Verb::Man(args) => manual::man(args),
    }
}

fn arguments(raw: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    raw.map(|argument| {
        let long = SHORT_WORDS.iter().find(|(short, _)| argument == *short);
        long.map_or(argument, |(_, long)| OsString::from(long))
    })
}

/// Log lines go to stderr: the server tells what it does, the other verbs what is odd.
fn start_log(verb: &Verb) {
    let (level, json) = match verb {
        Verb::Serve(args) => ("info", args.log_json),
        _ => ("warn", false),
    };
    let wish = std::env::var(LOG_VARIABLE).ok().filter(|wish| !wish.trim().is_empty());
    let read = wish.as_deref().map_or_else(|| Ok(EnvFilter::new(level)), EnvFilter::try_new);
    let problem = read.as_ref().err().map(ToString::to_string);
    let filter = read.unwrap_or_else(|_| EnvFilter::new(level));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal());
    if json {
        log.json().init();
    } else {
        log.init();
    }
    if let (Some(problem), Some(wish)) = (problem, wish) {
        tracing::warn!("{LOG_VARIABLE} is `{wish}`: {problem}; the level is {level}");
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let of_io = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
    };
    error.chain().any(of_io)
}
