//! Presets: what single models have of their own, in the tables `[models."NAME"]` of the file of `--config`.
//!
//! NAME is an id, the folder of several models, a file's name without its ending, or any of these with `*` for any
//! characters and `?` for one. Where several tables fit a model, each key is taken from an exact name before one with
//! `*` or `?`, and from the later table before the earlier one.

use clap::{ArgAction, ArgMatches, Args, Command, FromArgMatches};
use toml::de::DeTable;

use super::EachArgs;
use super::config::{ConfigError, Place, Source, flag, in_order};
use super::settings::guilty;
use crate::store::{Found, NOT_AN_ID, is_id};

/// Other names of one model at most.
pub const MAX_ALIASES: usize = 16;

/// What a preset can say.
#[derive(Clone, Debug, Args)]
struct PresetArgs {
    /// Other names for the model.
    #[arg(long, value_parser = alias, action = ArgAction::Append)]
    aliases: Vec<String>,
    #[command(flatten)]
    each: EachArgs,
}

fn alias(text: &str) -> Result<String, &'static str> {
    if is_id(text) { Ok(text.to_owned()) } else { Err(NOT_AN_ID) }
}

/// The flags whose names a preset's keys have. None has a default: what a preset does not say stays as it is. Switches
/// take a value, for a preset can turn off what the server turns on.
pub fn command() -> Command {
    PresetArgs::augment_args(Command::new("models")).mut_args(|arg| {
        let arg = arg.env(None::<&str>).default_value(None::<&str>);
        match arg.get_action() {
            ArgAction::SetTrue => arg.action(ArgAction::Set).value_parser(clap::value_parser!(bool)),
            _ => arg,
        }
    })
}

/// All presets of a file, the weakest first.
#[derive(Clone, Debug, Default)]
pub struct Presets(Vec<Preset>);

/// One table.
#[derive(Clone, Debug)]
struct Preset {
    place: Place,
    aliases: Vec<String>,
    /// Parsed by [`command`].
    values: ArgMatches,
}

/// Reads the table of presets. `verb` has the settings that are none of a model's.
pub fn read(source: &Source<'_>, models: &DeTable<'_>, verb: &Command) -> Result<Presets, ConfigError> {
    let command = command();
    let misplaced = |name: &str| {
        flag(verb, name).map(|_| "; it is the server's: it goes before the first table of a model".to_owned())
    };
    let mut presets: Vec<Preset> = Vec::new();
    for (name, table) in in_order(models) {
        let place = source.place(name);
        let entries = in_order(source.table(name, table)?);
        let settings = source.settings(entries, &command, misplaced)?;
        let flags = settings.iter().flat_map(|setting| setting.flags.iter().cloned());
        let parsed = command.clone().try_get_matches_from(std::iter::once("gollum".into()).chain(flags));
        let values = parsed.map_err(|error| {
            let (guilty, why) = guilty(&error, &settings);
            let value =
                guilty.map(|setting| setting.value.to_string_lossy().into_owned()).unwrap_or_default();
            let place = guilty.and_then(|setting| setting.origin.place()).unwrap_or(&place).clone();
            ConfigError::WrongValue { place, value, why }
        })?;
        let aliases: Vec<String> =
            values.get_many("aliases").map(|all| all.cloned().collect()).unwrap_or_default();
        check_aliases(&place, &aliases, &presets)?;
        presets.push(Preset { place, aliases, values });
    }
    presets.sort_by_key(|preset| !is_pattern(&preset.place.key));
    Ok(Presets(presets))
}

fn check_aliases(place: &Place, aliases: &[String], earlier: &[Preset]) -> Result<(), ConfigError> {
    let wrong = |value: &str, why: String| {
        Err(ConfigError::WrongValue { place: place.clone(), value: value.to_owned(), why })
    };
    if aliases.len() > MAX_ALIASES {
        return wrong(
            &aliases.join(","),
            format!("has {} aliases, at most {MAX_ALIASES} are allowed", aliases.len()),
        );
    }
    for alias in aliases {
        if let Some(other) = earlier.iter().find(|preset| preset.aliases.contains(alias)) {
            return wrong(
                alias,
                format!("is an alias that line {} gives to `{}`", other.place.line, other.place.key),
            );
        }
    }
    Ok(())
}

impl Presets {
    /// What is in force for a model where `of_all` is for every model.
    pub fn over(&self, of_all: &EachArgs, model: &Found) -> EachArgs {
        let mut args = of_all.clone();
        for preset in self.0.iter().filter(|preset| preset.fits(model)) {
            args.update_from_arg_matches(&preset.values).expect("the values were parsed by the same flags");
        }
        args
    }

    /// The other names that a model is given.
    pub fn aliases<'p>(&'p self, model: &'p Found) -> impl Iterator<Item = &'p str> {
        let fitting = self.0.iter().filter(|preset| preset.fits(model));
        fitting.flat_map(|preset| preset.aliases.iter().map(String::as_str))
    }

    /// Those that no model has, where they stand.
    pub fn idle<'p>(&'p self, models: &'p [Found]) -> impl Iterator<Item = &'p Place> {
        let is_idle = |preset: &&Preset| !models.iter().any(|model| preset.fits(model));
        self.0.iter().filter(is_idle).map(|preset| &preset.place)
    }
}

impl Preset {
    fn fits(&self, model: &Found) -> bool {
        let wanted = self.place.key.as_str();
        model.names().any(|name| if is_pattern(wanted) { fits(wanted, name) } else { name == wanted })
    }
}

fn is_pattern(name: &str) -> bool {
    name.contains(['*', '?'])
}

/// Whether a name has the form of a pattern: `*` is any characters, `?` is one. At most one step for each pair of
/// their characters.
fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    // The last `*`, and how much of the name it has taken.
    let mut star = None;
    while n < name.len() {
        match (pattern.get(p), star) {
            (Some('*'), _) => {
                star = Some((p, n));
                p += 1;
            }
            (Some(&c), _) if c == '?' || c == name[n] => {
                p += 1;
                n += 1;
            }
            (_, Some((at, taken))) => {
                star = Some((at, taken + 1));
                p = at + 1;
                n = taken + 1;
            }
            (_, None) => return false,
        }
    }
    pattern[p..].iter().all(|&c| c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_take_any_characters() {
        let check = |pattern: &str, name: &str, fine: bool| {
            assert_eq!(fits(pattern, name), fine, "{pattern} {name}");
        };
        check("*", "", true);
        check("*", "a/b", true);
        check("Qwen3-*", "Qwen3-4B", true);
        check("Qwen3-*", "Qwen2-4B", false);
        check("*-Q4_?", "a-Q4_0", true);
        check("*-Q4_?", "a-Q4_K_M", false);
        check("*a*b*c", "xxaxbxbxc", true);
        check("*a*b*c", "xxaxbxbx", false);
        check("a*b", "ab", true);
        check("a*b", "abc", false);
        check("ä?ü", "äöü", true);
        check("?", "", false);
        check("a", "aa", false);
        // Steps are bounded by a product, not by a power.
        check(&"a*".repeat(100), &"a".repeat(100_000), true);
        check(&("a*".repeat(100) + "b"), &"a".repeat(10_000), false);
    }

    #[test]
    fn a_preset_has_no_default_of_its_own() {
        let matches = command().try_get_matches_from(["gollum"]).expect("nothing is needed");
        let set: Vec<String> = command()
            .get_arguments()
            .map(|arg| arg.get_id().to_string())
            .filter(|id| matches.value_source(id).is_some())
            .collect();
        assert!(set.is_empty(), "{set:?}");
    }
}
