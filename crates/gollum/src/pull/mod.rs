//! `gollum pull`: a model from a Hugging Face hub, or from an address, into the models folder.
//!
//! ```text
//! models/.pull/<digest>.lock     one process downloads a digest at a time
//! models/.pull/<digest>.part     grows; an interrupted download goes on where it stopped
//! models/<name>.gguf             appears by rename, after size, SHA-256 and a look inside
//! ```
//! A model is never seen half: a split model's folder, too, appears by one rename at the end.

mod fetch;
mod hub;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::cli::PullArgs;
use crate::quantities::show_bytes;
use crate::store;

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

/// Runs the verb. Progress and result go to stderr; the path goes to stdout by the caller.
pub fn pull(args: &PullArgs) -> anyhow::Result<PathBuf> {
    let client = fetch::Client::new(args.token.clone());
    let plan = match &args.source {
        url if url.contains("://") => plan_of_address(url, args.sha256.as_deref())?,
        name => hub::plan(&client, &args.endpoint, name, &args.revision)?,
    };
    let models = &args.models.models_dir;
    let staging = models.join(STAGING);
    std::fs::create_dir_all(&staging)
        .with_context(|| format!("cannot make the folder {}", staging.display()))?;
    let path = match &plan.folder {
        None => {
            let item = plan.items.first().context("nothing to download")?;
            let target = models.join(&item.name);
            fetch::fetch(&client, item, &staging, &target)?;
            target
        }
        Some(folder) => pull_split(&client, &plan.items, &staging, &models.join(folder))?,
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
        fetch::fetch(client, item, staging, &gathering.join(&item.name))?;
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

fn plan_of_address(url: &str, sha256: Option<&str>) -> anyhow::Result<Plan> {
    if !(url.starts_with("https://") || url.starts_with("http://")) {
        bail!("{url}: only http and https addresses are followed");
    }
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let name = file_name(path.rsplit('/').next().unwrap_or_default())?;
    let sha256 = sha256.map(hub::digest).transpose()?;
    Ok(Plan { folder: None, items: vec![Item { url: url.to_owned(), name, bytes: None, sha256 }] })
}

/// Accepts a plain `.gguf` file name whose stem is an id.
fn file_name(name: &str) -> anyhow::Result<String> {
    match name.strip_suffix(".gguf") {
        Some(stem) if store::is_id(stem) && !stem.starts_with('.') => Ok(name.to_owned()),
        _ => bail!("`{name}` is not the name of a .gguf file (A-Z a-z 0-9 . _ -)"),
    }
}

/// A line for the person at the terminal.
#[allow(clippy::print_stderr)]
fn eprintln_line(text: &str) {
    eprintln!("{text}");
}

#[cfg(test)]
mod tests;
