//! A look inside a file: is it a model that can be asked, and what does its header say of it?

use std::path::Path;

use gollum_core::Pooling;
use gollum_gguf::{Gguf, Metadata};

use crate::quantize::mix;
use crate::sampling::FileSampling;

/// Words in a .gguf file's header, or architectures, that say that it is no model by itself, with what it is.
const OTHER_KINDS: &[(&str, &str)] = &[
    ("mmproj", "a projector for images, which belongs to another model"),
    ("clip", "a projector for images, which belongs to another model"),
    ("adapter", "a LoRA adapter, which changes another model"),
    ("imatrix", "an importance matrix, which is for quantising"),
];
/// Keys that only such files have.
const OTHER_KEYS: &[(&str, &str)] = &[("adapter.type", "adapter"), ("imatrix.chunk_count", "imatrix")];

/// What a file turned out to be.
#[derive(Clone, Debug, PartialEq)]
pub enum Contents {
    /// A model that can be asked.
    Model(About),
    /// A model that cannot be loaded, and why.
    Unservable(String),
    /// Something that is no model by itself.
    Other(&'static str),
}

/// What is known of a model without loading it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct About {
    /// `general.architecture`.
    pub architecture: String,
    /// Weights in all tensors.
    pub weights: u64,
    /// The mix of types that the header names, else the type that holds most bytes.
    pub quantization: &'static str,
    /// Longest context it was trained for, in tokens.
    pub context_length: usize,
    /// How the file wants to be sampled.
    pub sampling: FileSampling,
    /// How the file wants inputs to be pooled.
    pub pooling: Option<Pooling>,
    /// It gives embeddings or scores and never text.
    pub only_embeds: bool,
}

impl Contents {
    /// Reads the header of a file, and of a split all headers.
    pub fn of(path: &Path) -> Self {
        let name = path.file_name().map(|n| n.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        if name.starts_with("mmproj") {
            return Self::Other(OTHER_KINDS[0].1);
        }
        // Opening what is no file, such as a pipe, could wait for ever.
        if !path.is_file() {
            return Self::Unservable("it is not a file".to_owned());
        }
        let gguf = match Gguf::open(path) {
            Ok(gguf) => gguf,
            Err(e) => return Self::Unservable(e.to_string()),
        };
        if let Some(kind) = other_kind(gguf.metadata()) {
            return Self::Other(kind);
        }
        match gollum_models::describe(&gguf) {
            Ok(description) => Self::Model(About {
                architecture: gguf
                    .metadata()
                    .string("general.architecture")
                    .ok()
                    .flatten()
                    .unwrap_or_default()
                    .to_owned(),
                weights: description.weights,
                quantization: named_mix(gguf.metadata())
                    .or(description.types.first().map(|share| share.name))
                    .unwrap_or_default(),
                context_length: description.hyper.context_len,
                sampling: FileSampling::of(gguf.metadata()),
                pooling: description.hyper.pooling,
                only_embeds: description.hyper.whole_input,
            }),
            Err(e) => Self::Unservable(e.to_string()),
        }
    }
}

fn named_mix(metadata: &Metadata) -> Option<&'static str> {
    mix::name_of(metadata.u32("general.file_type").ok().flatten()?)
}

fn other_kind(metadata: &Metadata) -> Option<&'static str> {
    let text = |key| metadata.string(key).ok().flatten();
    let of_key = OTHER_KEYS.iter().find(|(key, _)| metadata.get(key).is_some()).map(|(_, word)| *word);
    [of_key, text("general.type"), text("general.architecture")]
        .into_iter()
        .flatten()
        .find_map(|word| OTHER_KINDS.iter().find(|(kind, _)| *kind == word).map(|(_, what)| *what))
}

#[cfg(test)]
mod tests {
    use gollum_gguf::Writer;

    use super::*;

    #[test]
    fn files_that_are_no_models_are_told_apart() {
        let check = |pairs: &[(&str, &str)], expected: Option<&str>| {
            let writer = pairs.iter().fold(Writer::new(), |w, (key, value)| w.meta(*key, *value));
            let bytes = writer.to_bytes().expect("a header can be written");
            let gguf = Gguf::from_bytes(bytes).expect("it reads back");
            let found = other_kind(gguf.metadata());
            assert_eq!(found.is_some(), expected.is_some(), "{pairs:?}");
            assert!(found.unwrap_or_default().contains(expected.unwrap_or_default()), "{pairs:?}: {found:?}");
        };
        check(&[("general.architecture", "llama")], None);
        check(&[("general.architecture", "llama"), ("general.type", "model")], None);
        check(&[("general.architecture", "clip")], Some("projector"));
        check(&[("general.architecture", "llama"), ("general.type", "adapter")], Some("LoRA"));
        check(&[("general.architecture", "llama"), ("adapter.type", "lora")], Some("LoRA"));
        check(&[("general.type", "imatrix")], Some("importance"));
        check(&[("general.type", "mmproj")], Some("projector"));
    }
}
