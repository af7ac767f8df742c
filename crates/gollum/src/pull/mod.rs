//! `gollum pull`: a model from a Hugging Face hub, or from an address, into the models folder.
//!
//! ```text
//! models/.pull/<digest>.lock     one process downloads a digest at a time
//! models/.pull/<digest>.part     grows; an interrupted download goes on where it stopped
//! models/<name>.gguf             appears by rename, after size, SHA-256 and a look inside
//! ```
//! A model is never seen half: a split model's folder, too, appears by one rename at the end.

pub mod catalogue;
mod fetch;
mod hub;
mod source;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use gollum_frontend::PullStep;

use crate::cli::{HUB, ModelsDir, PullArgs};
use crate::machine;
use crate::quantities::show_bytes;
use crate::store;
use source::Source;

/// Folder of unfinished downloads, inside the models folder so that a rename is enough at the end.
const STAGING: &str = ".pull";

/// One file to download.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Item {
    /// Where from.
    url: String,
    /// Plain file name, checked.
    name: String,
    /// Bytes, if the source says.
    bytes: Option<u64>,
    /// SHA-256 in lower-case hex, if the source says.
    sha256: Option<String>,
}

/// What a source comes to: one file, or the parts of a split model.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Plan {
    /// Folder inside the models folder, for split models.
    folder: Option<String>,
    /// The files, in order.
    items: Vec<Item>,
}

/// Runs the verb: shows the catalogue, or downloads.
pub fn run(args: &PullArgs) -> anyhow::Result<()> {
    match &args.source {
        Some(source) => pull(args, source, None).map(|_| ()),
        None => {
            let mut out = std::io::stdout().lock();
            out.write_all(catalogue::table(machine::free_bytes()).as_bytes())
                .context("cannot write to stdout")
        }
    }
}

/// Downloads for a client of the server: with the flags' defaults and the hub's own variables. `told` hears how far it has
/// come, and says whether to go on; what was downloaded until then is kept for the next time.
pub fn for_server(
    source: &str,
    models_dir: &Path,
    told: &mut dyn FnMut(PullStep<'_>) -> bool,
) -> anyhow::Result<()> {
    // An address of the client's choice would be fetched from where the server stands.
    let is_address = source.contains("://");
    anyhow::ensure!(!is_address, "names of the catalogue and of the hub only, no addresses");
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let args = PullArgs {
        source: Some(source.to_owned()),
        models: ModelsDir { models_dir: models_dir.to_path_buf() },
        revision: "main".to_owned(),
        endpoint: variable("HF_ENDPOINT").unwrap_or_else(|| HUB.to_owned()),
        token: variable("HF_TOKEN"),
        sha256: None,
    };
    pull(&args, source, Some(told)).map(|_| ())
}

/// Hears how far a download has come, and says whether to go on.
type Told<'t> = Option<&'t mut dyn FnMut(PullStep<'_>) -> bool>;

/// Downloads. Progress and result go to stderr. Returns the file to open.
fn pull(args: &PullArgs, source: &str, told: Told<'_>) -> anyhow::Result<PathBuf> {
    let source = source::parse(source, &args.endpoint)?;
    // The token is the hub's: no other host gets it.
    let token = args.token.clone().filter(|_| matches!(source, Source::Hub(_)));
    let client = fetch::Client::new(token);
    let mut told = told;
    let mut plan = match source {
        Source::Address(url) => plan_of_address(&url)?,
        Source::Hub(source) => hub::plan(&client, &args.endpoint, &source, &args.revision)?,
    };
    if let Some(wanted) = args.sha256.as_deref().map(hub::digest).transpose()? {
        expect_digest(&mut plan, &wanted)?;
    }
    let models = &args.models.models_dir;
    let staging = models.join(STAGING);
    std::fs::create_dir_all(&staging)
        .with_context(|| format!("cannot make the folder {}", staging.display()))?;
    let path = match &plan.folder {
        None => {
            let item = plan.items.first().context("nothing to download")?;
            let target = models.join(&item.name);
            fetch::fetch(&client, item, &staging, &target, &mut told)?;
            target
        }
        Some(folder) => pull_split(&client, &plan.items, &staging, &models.join(folder), &mut told)?,
    };
    check_opens(&path)?;
    Ok(path)
}

/// Downloads the parts into the staging folder, then moves them as one. Returns the first part.
fn pull_split(
    client: &fetch::Client,
    items: &[Item],
    staging: &Path,
    target: &Path,
    told: &mut Told<'_>,
) -> anyhow::Result<PathBuf> {
    let first = items.first().context("nothing to download")?;
    if target.exists() {
        eprintln_line(&format!("{} is there already", target.display()));
        return Ok(target.join(&first.name));
    }
    let folder_name = target.file_name().context("the models folder has no parent")?;
    let gathering = staging.join(folder_name);
    std::fs::create_dir_all(&gathering).with_context(|| format!("cannot make {}", gathering.display()))?;
    for item in items {
        fetch::fetch(client, item, staging, &gathering.join(&item.name), told)?;
    }
    std::fs::rename(&gathering, target)
        .with_context(|| format!("cannot move {} to {}", gathering.display(), target.display()))?;
    fetch::sync_folder(target.parent().unwrap_or(Path::new(".")))?;
    Ok(target.join(&first.name))
}

/// A look inside: a file that is no GGUF is removed again, so that it is never listed.
fn check_opens(path: &Path) -> anyhow::Result<()> {
    if let Err(e) = gollum_gguf::Gguf::open(path) {
        std::fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))?;
        return Err(e)
            .with_context(|| format!("{} is not a model that can be read; removed", path.display()));
    }
    let bytes = path.metadata().map(|m| m.len()).unwrap_or(0);
    eprintln_line(&format!("{} ({})", path.display(), show_bytes(bytes)));
    Ok(())
}

/// Makes `--sha256` the digest of the one file, which must not have another one.
fn expect_digest(plan: &mut Plan, wanted: &str) -> anyhow::Result<()> {
    match plan.items.as_mut_slice() {
        [item] => match item.sha256.replace(wanted.to_owned()) {
            Some(known) if known != wanted => bail!("{} has the SHA-256 {known}, not {wanted}", item.url),
            _ => Ok(()),
        },
        items => bail!("--sha256 is for one file, and these are {}", items.len()),
    }
}

fn plan_of_address(url: &str) -> anyhow::Result<Plan> {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let name = file_name(path.rsplit('/').next().unwrap_or_default())?;
    Ok(Plan { folder: None, items: vec![Item { url: url.to_owned(), name, bytes: None, sha256: None }] })
}

/// Accepts a plain `.gguf` file name whose stem can be an id.
fn file_name(name: &str) -> anyhow::Result<String> {
    match name.strip_suffix(".gguf") {
        Some(stem) if store::is_file_name(stem) && !stem.contains('%') => Ok(name.to_owned()),
        _ => bail!("`{name}` is not the plain name of a .gguf file"),
    }
}

/// A line for the person at the terminal.
#[allow(clippy::print_stderr)]
fn eprintln_line(text: &str) {
    eprintln!("{text}");
}

#[cfg(test)]
mod tests;
