//! The real models, where they are at hand: whole, cut, and with flipped bits.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Instant;

use gollum_gguf::{Gguf, GgufError, parse};

use crate::anatomy::{Kind, Random, Slot, header_len, slots};
use crate::judge::{Tally, cpu_time, judge};
use crate::open::Folder;

struct Real {
    file: &'static str,
    architecture: &'static str,
    tensors: usize,
    vocabulary: usize,
}

const MODELS: [Real; 2] = [
    Real { file: "SmolLM2-135M-Instruct.Q4_1.gguf", architecture: "llama", tensors: 272, vocabulary: 49_152 },
    Real { file: "gemma-3-270m-Q4_K_M.gguf", architecture: "gemma3", tensors: 236, vocabulary: 262_144 },
];

/// The models found, with their paths; says what is skipped.
#[allow(clippy::print_stdout)] // a skipped test says so
fn found() -> Vec<(&'static Real, PathBuf)> {
    let folder = std::env::var_os("GOLLUM_TEST_MODELS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models"), PathBuf::from);
    let mut models = Vec::new();
    for model in &MODELS {
        let path = folder.join(model.file);
        if path.exists() {
            models.push((model, path));
        } else {
            println!("skipped: {} is not there (set GOLLUM_TEST_MODELS)", path.display());
        }
    }
    models
}

/// The file in memory with zeros for tensor data, which cost no memory until they are read, and its fields.
fn sparse(path: &Path) -> (Vec<u8>, Vec<Slot>) {
    let data_start =
        Gguf::open(path).unwrap().tensors().iter().map(|tensor| tensor.file_offset).min().unwrap();
    let file = File::open(path).unwrap();
    let mut bytes = vec![0; file.metadata().unwrap().len() as usize];
    file.take(data_start as u64).read_exact(&mut bytes[..data_start]).unwrap();
    let fields = slots(&bytes);
    assert_eq!(header_len(&fields) as u64, parse(&bytes).unwrap().header_bytes);
    (bytes, fields)
}

#[test]
#[allow(clippy::print_stdout)] // the figures are part of the test's result
fn real_models_open() {
    for (model, path) in found() {
        let mut best_ms = f64::MAX;
        let before = cpu_time();
        for _ in 0..20 {
            let start = Instant::now();
            let gguf = Gguf::open(&path).unwrap();
            best_ms = best_ms.min(start.elapsed().as_secs_f64() * 1e3);
            drop(gguf);
        }
        let cpu_ms =
            cpu_time().zip(before).map(|(after, before)| (after - before).as_secs_f64() * 1e3 / 20.0);
        println!(
            "{}: opens in {best_ms:.1} ms (best of 20); mean time on the CPU, ms: {cpu_ms:.1?}",
            model.file
        );
        let gguf = Gguf::open(&path).unwrap();
        assert_eq!(gguf.metadata().string("general.architecture").unwrap(), Some(model.architecture));
        assert_eq!(gguf.tensors().len(), model.tensors);
        assert_eq!(gguf.file_bytes(), fs::metadata(&path).unwrap().len());
        let tokens = gguf.metadata().strings("tokenizer.ggml.tokens").unwrap().unwrap();
        assert_eq!(tokens.len(), model.vocabulary);
        let types = gguf.metadata().i32s("tokenizer.ggml.token_type").unwrap().unwrap();
        assert_eq!(types.len(), model.vocabulary);
        for tensor in gguf.tensors() {
            assert_eq!(gguf.bytes(tensor).len(), tensor.byte_len);
        }
        let embedding = gguf.tensor("token_embd.weight").unwrap();
        assert_eq!(embedding.dims[1], model.vocabulary);
    }
}

#[test]
fn a_thousand_bit_flips_in_the_metadata_of_each() {
    for (model, path) in found() {
        let (mut file, fields) = sparse(&path);
        let header = header_len(&fields);
        let mut random = Random(1);
        let mut tally = Tally::default();
        for round in 0..1_000 {
            // Half of the flips anywhere, where most hit vocabulary text; half in fields with structure.
            let slot = fields[random.below(fields.len())];
            let bit = if round % 2 == 0 {
                random.below(header * 8)
            } else {
                slot.offset * 8 + random.below(8 * slot.width.max(1))
            };
            file[bit / 8] ^= 1 << (bit % 8);
            let _ = judge(&mut tally, &file, header, &|| format!("{}: bit {bit} flipped", model.file));
            file[bit / 8] ^= 1 << (bit % 8);
        }
        tally.report(&format!("bit flips in {}", model.file));
        assert!(tally.files() == 1_000 && tally.refused > 100);
    }
}

/// About a thousand places: each structural boundary outside of arrays and at each tensor, and a sample of
/// those between array elements.
fn cut_points(file: &[u8], fields: &[Slot]) -> Vec<usize> {
    let element = |index: usize| {
        fields[index].kind == Kind::ElementLength
            || index > 0 && fields[index - 1].kind == Kind::ElementLength
    };
    let mut random = Random(2);
    let infos = parse(file).unwrap().tensors;
    let mut boundaries: Vec<usize> =
        (0..fields.len()).filter(|&index| !element(index)).map(|index| fields[index].offset).collect();
    let in_infos = boundaries.len().saturating_sub(infos.len() * 7);
    // Tensor infos are alike: every seventh boundary of them is enough.
    boundaries =
        boundaries.iter().enumerate().filter(|&(i, _)| i < in_infos || i % 7 == 0).map(|(_, &b)| b).collect();
    boundaries.extend((0..64).map(|_| fields[random.below(fields.len())].offset));
    boundaries.extend(infos.iter().step_by(2).map(|tensor| tensor.file_offset + tensor.byte_len));
    let mut cuts: Vec<usize> = boundaries.iter().flat_map(|&at| [at.saturating_sub(1), at, at + 1]).collect();
    cuts.retain(|&cut| cut < file.len());
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

#[test]
fn truncations_of_each() {
    for (model, path) in found() {
        let (file, fields) = sparse(&path);
        let header = header_len(&fields);
        let mut tally = Tally::default();
        for cut in cut_points(&file, &fields) {
            let what = || format!("{}: cut at {cut}", model.file);
            assert!(judge(&mut tally, &file[..cut], header, &what).is_err(), "{} loads", what());
        }
        tally.report(&format!("truncations of {}", model.file));
        assert!(tally.refused > 900, "{} cuts", tally.refused);
    }
}

#[test]
fn truncated_files_on_disk_are_refused_without_a_signal() {
    for (model, path) in found() {
        let (file, fields) = sparse(&path);
        let header = header_len(&fields);
        let folder = Folder::new();
        let copy = folder.write(model.file, &file[..header]);
        let cuts = cut_points(&file, &fields);
        // Downwards, because a file made longer again would have lost its text; sparse beyond the header.
        for &cut in cuts.iter().rev().step_by(20) {
            File::options().write(true).open(&copy).unwrap().set_len(cut as u64).unwrap();
            let error = Gguf::open(&copy).unwrap_err();
            let root = error.root();
            assert!(
                matches!(
                    root,
                    GgufError::Truncated { .. }
                        | GgufError::TensorBeyondFile { .. }
                        | GgufError::OverLimit { .. }
                ),
                "{}: cut at {cut}: {error}",
                model.file
            );
        }
    }
}
