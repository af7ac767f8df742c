//! The files that are written: one, or the parts of a split, none of them visible before all are whole.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use gollum_gguf::{MAX_SPLIT_PARTS, StreamWriter, TensorPlan, Value, file_bytes};

/// One file to be.
struct Part {
    path: PathBuf,
    metadata: Vec<(String, Value)>,
    tensors: Vec<TensorPlan>,
}

impl Part {
    /// Where it grows.
    fn growing(&self) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(".part");
        name.into()
    }
}

/// All files of the output. Unfinished ones are removed when it is dropped.
pub struct Output {
    parts: Vec<Part>,
    /// The part that grows, and the bytes its tensors still miss.
    open: Option<(StreamWriter<BufWriter<File>>, u64)>,
    /// Parts opened so far.
    begun: usize,
}

/// What was written.
pub struct Written {
    pub paths: Vec<PathBuf>,
    pub bytes: u64,
}

impl Output {
    /// Divides the tensors, in order, into files of at most `most` bytes of data; a tensor larger than that has a file of
    /// its own.
    pub fn new(
        path: &Path,
        metadata: &[(String, Value)],
        tensors: Vec<TensorPlan>,
        most: Option<u64>,
    ) -> anyhow::Result<Self> {
        let all = tensors.len();
        let mut groups: Vec<(u64, Vec<TensorPlan>)> = vec![(0, Vec::new())];
        for tensor in tensors {
            let bytes = tensor.byte_len()?;
            let (size, group) = groups.last_mut().expect("there is one from the start");
            if !group.is_empty() && most.is_some_and(|most| *size + bytes > most) {
                groups.push((bytes, vec![tensor]));
            } else {
                *size += bytes;
                group.push(tensor);
            }
        }
        let count = groups.len();
        if count > MAX_SPLIT_PARTS as usize {
            bail!("--split-max-size makes {count} files of this model; {MAX_SPLIT_PARTS} are possible");
        }
        let part = |(no, (_, tensors)): (usize, (u64, Vec<TensorPlan>))| {
            // All metadata is in the first file.
            let mut metadata = if no == 0 { metadata.to_vec() } else { alignment(metadata) };
            if count == 1 {
                return Part { path: path.to_owned(), metadata, tensors };
            }
            metadata.push(("split.no".into(), Value::U16(no as u16)));
            metadata.push(("split.count".into(), Value::U16(count as u16)));
            metadata.push(("split.tensors.count".into(), Value::I32(all as i32)));
            Part { path: split_path(path, no + 1, count), metadata, tensors }
        };
        Ok(Self { parts: groups.into_iter().enumerate().map(part).collect(), open: None, begun: 0 })
    }

    /// Errors if a file to be written is one of `inputs`, or exists and may not be replaced.
    pub fn refuse_to_destroy(&self, inputs: &[PathBuf], overwrite: bool) -> anyhow::Result<()> {
        let inputs: Vec<PathBuf> = inputs.iter().filter_map(|path| path.canonicalize().ok()).collect();
        for part in &self.parts {
            let Ok(existing) = part.path.canonicalize() else { continue };
            if inputs.contains(&existing) {
                bail!("{} is the input: write to another file", part.path.display());
            }
            if !overwrite {
                bail!("{} exists; --overwrite replaces it", part.path.display());
            }
        }
        Ok(())
    }

    /// Paths and sizes of all files.
    pub fn sizes(&self) -> anyhow::Result<Vec<(PathBuf, u64)>> {
        let size = |part: &Part| Ok((part.path.clone(), file_bytes(&part.metadata, &part.tensors)?));
        self.parts.iter().map(size).collect()
    }

    /// Takes the next bytes of the tensor whose turn it is; they are never of two tensors.
    pub fn data(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        if self.open.as_ref().is_none_or(|(_, missing)| *missing == 0) {
            self.next_part()?;
        }
        let (writer, missing) = self.open.as_mut().expect("a part was opened");
        writer.data(bytes)?;
        *missing = missing.saturating_sub(bytes.len() as u64);
        Ok(())
    }

    /// Closes the open part, if any, and opens the next.
    fn next_part(&mut self) -> anyhow::Result<()> {
        self.close()?;
        let part = self.parts.get(self.begun).context("more data than tensors")?;
        let path = part.growing();
        self.begun += 1;
        let file = File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
        let missing = part.tensors.iter().map(TensorPlan::byte_len).sum::<Result<u64, _>>()?;
        let writer =
            StreamWriter::begin(BufWriter::with_capacity(1 << 20, file), &part.metadata, &part.tensors)?;
        self.open = Some((writer, missing));
        Ok(())
    }

    fn close(&mut self) -> anyhow::Result<()> {
        if let Some((writer, _)) = self.open.take() {
            let file = writer.finish()?.into_inner().context("cannot write")?;
            file.sync_all().context("cannot write to the disk")?;
        }
        Ok(())
    }

    /// Closes what is open and lets all files appear, the first of a split last: without it no reader takes the others
    /// for a model.
    pub fn finish(mut self) -> anyhow::Result<Written> {
        if self.begun == 0 {
            self.next_part()?;
        }
        self.close()?;
        let mut written = Written { paths: Vec::new(), bytes: 0 };
        for part in self.parts.iter().rev() {
            let (from, to) = (part.growing(), &part.path);
            written.bytes += from.metadata().with_context(|| format!("{} is gone", from.display()))?.len();
            std::fs::rename(&from, to).with_context(|| format!("cannot rename {}", from.display()))?;
            written.paths.insert(0, to.clone());
        }
        self.begun = 0;
        Ok(written)
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.open = None;
        for part in &self.parts[..self.begun] {
            // Nothing can be done about one that cannot be removed.
            let _ = std::fs::remove_file(part.growing());
        }
    }
}

/// What a further part needs of the metadata: where tensors may start.
fn alignment(metadata: &[(String, Value)]) -> Vec<(String, Value)> {
    metadata.iter().filter(|(key, _)| key == "general.alignment").cloned().collect()
}

fn split_path(path: &Path, number: usize, count: usize) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{stem}-{number:05}-of-{count:05}.gguf"))
}
