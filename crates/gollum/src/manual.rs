//! `gollum completions` and `gollum man`: the command line's own table, for shells and for readers.

use std::io::Write;

use anyhow::Context;
use clap::Command;
use clap_mangen::Man;

use crate::cli::{self, CompletionsArgs, ManArgs};

/// Prints the completion script of a shell.
pub fn completions(args: &CompletionsArgs) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut cli::table(), "gollum", &mut script);
    print(&script)
}

/// Prints one page, or writes all. Errors: no such verb; the folder cannot be written.
pub fn man(args: &ManArgs) -> anyhow::Result<()> {
    if let Some(dir) = &args.dir {
        let failed = || format!("cannot write the pages to {}", dir.display());
        std::fs::create_dir_all(dir).with_context(failed)?;
        return clap_mangen::generate_to(cli::table(), dir).with_context(failed);
    }
    let mut page = Vec::new();
    Man::new(described(args.verb.as_deref())?).render(&mut page).context("a page cannot be written")?;
    print(&page)
}

/// The command that a page is about, under its whole name.
fn described(verb: Option<&str>) -> anyhow::Result<Command> {
    let mut table = cli::table().disable_help_subcommand(true);
    table.build();
    match verb {
        None => Ok(table),
        Some(name) => {
            table.find_subcommand(name).cloned().with_context(|| format!("there is no verb `{name}`"))
        }
    }
}

fn print(text: &[u8]) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text).and_then(|()| out.flush()).context("cannot write to stdout")
}

#[cfg(test)]
mod tests {
    use clap::Arg;

    use super::*;
    use crate::testing::TempDir;

    #[test]
    fn the_pages_name_every_flag() {
        let dir = TempDir::new();
        man(&ManArgs { verb: None, dir: Some(dir.path().join("man1")) }).expect("the pages are written");
        let page = |name: &str| std::fs::read_to_string(dir.path().join("man1").join(name)).expect(name);
        let table = cli::table();
        let mut flags = 0;
        for verb in table.get_subcommands() {
            let name = verb.get_name();
            // In roff, a dash that is one has a backslash before it.
            let text = page(&format!("gollum-{name}.1")).replace('\\', "");
            assert!(page("gollum.1").replace('\\', "").contains(&format!("gollum-{name}(1)")), "{name}");
            for long in verb.get_arguments().filter_map(Arg::get_long) {
                assert!(text.contains(&format!("--{long}")), "{name} --{long}:\n{text}");
                flags += 1;
            }
        }
        assert!(flags > 150, "only {flags} flags");
    }

    #[test]
    fn one_page_is_that_of_a_verb() {
        assert!(described(Some("serve")).is_ok_and(|verb| verb.get_display_name() == Some("gollum-serve")));
        assert!(described(None).is_ok_and(|whole| whole.get_name() == "gollum"));
        assert!(described(Some("dance")).is_err());
    }
}
