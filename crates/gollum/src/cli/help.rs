//! Help: `--help` shows on one screen what is needed most, `--help-all` everything by subject.
//!
//! Verbs with a few flags have one help alone.

use std::ffi::OsString;

use clap::{Arg, ArgAction, Command, CommandFactory};

use super::Cli;
use super::settings::is_question;

/// The verbs with many flags, and which of them `--help` shows.
const BRIEF: &[(&str, &[&str])] = &[
    (
        "serve",
        &[
            "config",
            "model",
            "models_dir",
            "served_model_name",
            "host",
            "port",
            "api_key",
            "temperature",
            "device",
            "threads",
            "max_model_len",
            "kv_memory",
            "kv_cache_dtype",
            "max_num_seqs",
        ],
    ),
    (
        "run",
        &[
            "models_dir",
            "system",
            "max_tokens",
            "temperature",
            "device",
            "threads",
            "max_model_len",
            "kv_memory",
        ],
    ),
    ("doctor", &["models_dir", "device", "max_model_len", "max_num_seqs", "kv_memory", "kv_cache_dtype"]),
];
const HELP: &str = "help";
const HELP_ALL: &str = "help-all";
/// The subject of what has no other.
const GENERAL: &str = "General";

/// Every verb and flag.
pub fn table() -> Command {
    Cli::command().mut_subcommands(|verb| {
        let verb = verb.disable_help_flag(true);
        let help = Arg::new(HELP).short('h').long(HELP).action(ArgAction::HelpShort).help_heading(GENERAL);
        match brief(verb.get_name()) {
            Some(_) => {
                let all =
                    Arg::new(HELP_ALL).long(HELP_ALL).action(ArgAction::HelpShort).help_heading(GENERAL);
                verb.arg(help.help("Print what is needed most")).arg(all.help("Print every flag, by subject"))
            }
            None => verb.arg(help.help("Print help")).mut_args(|arg| arg.help_heading(None::<&str>)),
        }
    })
}

/// What to print for a command line that asks for help.
pub fn answer(arguments: &[OsString]) -> Option<clap::Error> {
    // No flag takes a value that begins with dashes, so this is no value.
    let wants_all = arguments.iter().any(|argument| *argument == *format!("--{HELP_ALL}"));
    screen(wants_all).try_get_matches_from(arguments).err().filter(is_question)
}

fn brief(verb: &str) -> Option<&'static [&'static str]> {
    BRIEF.iter().find(|(name, _)| *name == verb).map(|(_, flags)| *flags)
}

/// The table as one of the two helps shows it.
fn screen(wants_all: bool) -> Command {
    table().mut_subcommands(|verb| {
        let name = verb.get_name().to_owned();
        match brief(&name) {
            Some(flags) if !wants_all => verb
                .mut_args(|arg| {
                    let id = arg.get_id().as_str();
                    let is_shown = arg.is_positional() || [HELP, HELP_ALL].contains(&id) || flags.contains(&id);
                    arg.hide_short_help(!is_shown).help_heading(None::<&str>).hide_env(true)
                })
                .after_help(format!(
                    "`gollum {name} --help-all` has every flag. Each flag has a variable: GOLLUM_ and its long name."
                )),
            _ => verb.mut_args(|arg| match arg.get_long_help().map(ToString::to_string) {
                Some(whole) => arg.help(whole.replace("\n\n", " ")),
                None => arg,
            }),
        }
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Lines and columns of the screen that `--help` fits on.
    const SCREEN: (usize, usize) = (40, 110);

    fn shown(verb: &str, flag: &str) -> String {
        let arguments = ["gollum", verb, flag].map(OsString::from);
        let (_, columns) = SCREEN;
        let screen = screen(flag == "--help-all").term_width(columns);
        let error = screen.try_get_matches_from(&arguments).expect_err("a question");
        assert!(is_question(&error) && answer(&arguments).is_some(), "{verb} {flag}");
        error.render().to_string()
    }

    /// The long flags of a verb.
    fn flags(verb: &str) -> Vec<String> {
        let table = table();
        let verb = table.find_subcommand(verb).expect("the verb exists");
        verb.get_arguments().filter_map(|arg| arg.get_long().map(str::to_owned)).collect()
    }

    fn names(text: &str, flag: &str) -> bool {
        text.lines().any(|line| {
            let mut words = line.split([' ', ',']).filter(|word| !word.is_empty());
            let first = words.next().unwrap_or_default();
            first == format!("--{flag}") || (first.len() == 2 && words.next() == Some(&format!("--{flag}")))
        })
    }

    #[test]
    fn help_fits_on_a_screen() {
        for (verb, brief) in BRIEF {
            let text = shown(verb, "--help");
            let (lines, columns) = SCREEN;
            assert!(text.lines().count() <= lines, "{verb}: {} lines:\n{text}", text.lines().count());
            let longest = text.lines().map(|line| line.chars().count()).max();
            assert!(longest <= Some(columns), "{verb}:\n{text}");
            assert!(names(&text, "help-all") && text.contains("GOLLUM_"), "{verb}:\n{text}");
            let mut count = 0;
            for flag in flags(verb) {
                let is_brief = brief.contains(&flag.replace('-', "_").as_str()) || flag.starts_with(HELP);
                assert_eq!(names(&text, &flag), is_brief, "{verb} --{flag}:\n{text}");
                count += usize::from(is_brief);
            }
            assert_eq!(count, brief.len() + 2, "{verb}: a flag that is not there is shown");
        }
    }

    #[test]
    fn help_all_has_every_flag_under_a_subject() {
        for (verb, _) in BRIEF {
            let text = shown(verb, "--help-all");
            for flag in flags(verb) {
                assert!(names(&text, &flag), "{verb} --{flag}:\n{text}");
            }
            assert!(!text.contains("Options:"), "{verb}: flags without a subject:\n{text}");
        }
        let text = shown("serve", "--help-all");
        let subjects: BTreeSet<&str> = text
            .lines()
            .filter(|line| !line.starts_with(' '))
            .filter_map(|line| line.strip_suffix(':'))
            .collect();
        let expected = [
            "Compute",
            "General",
            "Memory and cache",
            "Model",
            "Network and access",
            "Observability",
            "Sampling",
            "Scheduling",
        ];
        assert_eq!(subjects, BTreeSet::from(expected), "{text}");
        // What stands behind a part that others share is not drawn into its subject.
        for (flag, subject) in [("gpu-layers", "Compute"), ("max-model-len", "Memory and cache")] {
            let part = text.split(&format!("\n{subject}:\n")).nth(1).expect(subject);
            assert!(names(part.split("\n\n").next().unwrap_or_default(), flag), "--{flag}: {text}");
        }
        assert!(text.contains("GOLLUM_PORT") && text.contains("PORT is read too"), "whole texts:\n{text}");
    }

    #[test]
    fn verbs_of_few_flags_have_one_help() {
        let text = shown("bench", "--help");
        assert!(names(&text, "reps") && names(&text, "models-dir") && !names(&text, "help-all"), "{text}");
    }
}
