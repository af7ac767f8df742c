//! Split models: `name-00001-of-00003.gguf` and its siblings.
//!
//! Each file has `split.no` (from 0), `split.count` and `split.tensors.count` (of the whole model); the file
//! name counts from 1. The first file has the model's metadata. Source: ggml's `gguf-split`.

use std::path::{Path, PathBuf};

use crate::gguf::Part;
use crate::{GgufError, MAX_SPLIT_PARTS, MAX_TENSOR_COUNT, Metadata};

const COUNT: &str = "split.count";
const NO: &str = "split.no";
const TENSORS: &str = "split.tensors.count";

/// What one file says of its split.
struct Claim {
    count: u64,
    no: u64,
    tensors: Option<u64>,
}

impl Claim {
    /// `None` for a model of one file.
    fn of(metadata: &Metadata) -> Result<Option<Self>, GgufError> {
        let count = metadata.u64(COUNT)?.unwrap_or(0);
        if count <= 1 {
            return Ok(None);
        }
        let no = crate::require(NO, metadata.u64(NO)?)?;
        let tensors = metadata.u64(TENSORS)?;
        check_range(COUNT, count, MAX_SPLIT_PARTS.into())?;
        check_range(NO, no, count - 1)?;
        check_range(TENSORS, tensors.unwrap_or(0), MAX_TENSOR_COUNT)?;
        Ok(Some(Self { count, no, tensors }))
    }
}

fn check_range(key: &'static str, found: u64, limit: u64) -> Result<(), GgufError> {
    if found > limit { Err(GgufError::SplitRange { key, found, limit }) } else { Ok(()) }
}

/// Opens the file and, if it is part of a split, all others, in order.
pub(crate) fn open_parts(path: &Path) -> Result<Vec<Part>, GgufError> {
    let given = Part::open(path)?;
    let Some(claim) = Claim::of(&given.header.metadata).map_err(|error| in_file(path, error))? else {
        return Ok(vec![given]);
    };
    let stem = stem_of(path, &claim)?;
    let mut given = Some(given);
    let mut parts = Vec::new();
    let mut tensors = 0;
    for no in 0..claim.count {
        let mut part = match given.take_if(|_| no == claim.no) {
            Some(part) => part,
            None => open_sibling(path, &stem, no, &claim)?,
        };
        tensors += part.header.tensors.len() as u64;
        if tensors > claim.tensors.unwrap_or(MAX_TENSOR_COUNT) {
            break;
        }
        if no > 0 {
            // Only the first file's metadata counts: a thousand hostile siblings must not add theirs up.
            part.header.metadata = Metadata::default();
        }
        parts.push(part);
    }
    let expected = claim.tensors.unwrap_or(tensors);
    if tensors != expected {
        return Err(in_file(
            path,
            GgufError::SplitMismatch { key: TENSORS, found: expected, expected: tensors },
        ));
    }
    check_range(TENSORS, tensors, MAX_TENSOR_COUNT).map_err(|error| in_file(path, error))?;
    Ok(parts)
}

fn in_file(path: &Path, source: GgufError) -> GgufError {
    GgufError::InFile { path: path.to_owned(), source: Box::new(source) }
}

fn suffix(no: u64, count: u64) -> String {
    format!("-{:05}-of-{count:05}.gguf", no + 1)
}

/// The file name without `-00001-of-00003.gguf`, which must agree with the metadata.
fn stem_of(path: &Path, claim: &Claim) -> Result<String, GgufError> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.strip_suffix(&suffix(claim.no, claim.count)).map(str::to_owned).ok_or_else(|| GgufError::SplitName {
        path: path.to_owned(),
        part: claim.no + 1,
        count: claim.count,
    })
}

fn open_sibling(given: &Path, stem: &str, no: u64, claim: &Claim) -> Result<Part, GgufError> {
    let path: PathBuf = given.with_file_name(format!("{stem}{}", suffix(no, claim.count)));
    if !path.exists() {
        return Err(GgufError::MissingPart { path, part: no + 1, count: claim.count });
    }
    let part = Part::open(&path)?;
    check_sibling(&part.header.metadata, no, claim).map_err(|error| in_file(&path, error))?;
    Ok(part)
}

/// A sibling must make the same claim, but for its own number.
fn check_sibling(metadata: &Metadata, no: u64, claim: &Claim) -> Result<(), GgufError> {
    let expected = [(COUNT, Some(claim.count)), (NO, Some(no)), (TENSORS, claim.tensors)];
    for (key, expected) in expected {
        let Some(expected) = expected else { continue };
        let found = crate::require(key, metadata.u64(key)?)?;
        if found != expected {
            return Err(GgufError::SplitMismatch { key, found, expected });
        }
    }
    Ok(())
}
