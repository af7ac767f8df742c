//! Split models: found from any part, and refused if the parts disagree.

use std::path::PathBuf;

use gollum_gguf::{GgmlType, Gguf, GgufError, Value, Writer};

use crate::open::Folder;

/// A part with one tensor, named after its number. The first also has the model's metadata.
fn part(no: u16, count: u16, tensors: i32) -> Writer {
    let writer = Writer::new();
    let writer = if no == 0 { writer.meta("general.architecture", "llama") } else { writer };
    writer.meta("split.no", no).meta("split.count", count).meta("split.tensors.count", tensors).tensor(
        format!("t{no}"),
        &[2],
        GgmlType::I8,
        vec![no as u8; 2],
    )
}

fn name(no: u16, count: u16) -> String {
    format!("m-{:05}-of-{count:05}.gguf", no + 1)
}

fn write_model(folder: &Folder, parts: &[Writer]) -> Vec<PathBuf> {
    let count = parts.len() as u16;
    let files = parts.iter().zip(0..);
    files.map(|(part, no)| folder.write(&name(no, count), &part.to_bytes().unwrap())).collect()
}

fn three() -> Vec<Writer> {
    (0..3).map(|no| part(no, 3, 3)).collect()
}

#[test]
fn any_part_names_the_model() {
    let folder = Folder::new();
    let paths = write_model(&folder, &three());
    for path in &paths {
        let gguf = Gguf::open(path).unwrap();
        assert_eq!(gguf.paths(), paths);
        assert_eq!(gguf.metadata().string("general.architecture").unwrap(), Some("llama"));
        assert_eq!(gguf.tensors().iter().map(|t| t.name.as_str()).collect::<Vec<_>>(), ["t0", "t1", "t2"]);
        for no in 0..3_u8 {
            assert_eq!(gguf.bytes(gguf.tensor(&format!("t{no}")).unwrap()), [no, no]);
        }
        let on_disk: u64 = paths.iter().map(|path| path.metadata().unwrap().len()).sum();
        assert_eq!(gguf.file_bytes(), on_disk);
    }
}

#[test]
fn a_split_of_one_needs_no_name() {
    let folder = Folder::new();
    let path = folder.write("any.gguf", &part(0, 1, 1).to_bytes().unwrap());
    assert_eq!(Gguf::open(&path).unwrap().tensors().len(), 1);
}

#[test]
fn a_missing_part_is_named() {
    let folder = Folder::new();
    let paths = write_model(&folder, &three());
    std::fs::remove_file(&paths[1]).unwrap();
    match Gguf::open(&paths[2]).unwrap_err() {
        GgufError::MissingPart { path, part: 2, count: 3 } => assert_eq!(path, paths[1]),
        other => panic!("{other}"),
    }
}

#[test]
fn a_renamed_part_is_refused() {
    let folder = Folder::new();
    write_model(&folder, &three());
    for wrong in ["m.gguf", "m-00002-of-00003.gguf", "m-00001-of-00004.gguf", "m-1-of-3.gguf"] {
        let path = folder.write(wrong, &part(0, 3, 3).to_bytes().unwrap());
        let refused = Gguf::open(&path);
        assert!(matches!(refused, Err(GgufError::SplitName { part: 1, count: 3, .. })), "{wrong}");
    }
}

#[track_caller]
fn check(parts: &[Writer], expected: &str) {
    let folder = Folder::new();
    let paths = write_model(&folder, parts);
    let error = Gguf::open(&paths[0]).unwrap_err();
    assert_eq!(error.root().to_string(), expected);
}

#[test]
fn parts_that_disagree_are_refused() {
    let replaced = |no: usize, writer: Writer| {
        let mut parts = three();
        parts[no] = writer;
        parts
    };
    check(&replaced(1, part(2, 3, 3)), "split.no is 2, expected 1");
    check(&replaced(1, part(1, 4, 3)), "split.count is 4, expected 3");
    check(&replaced(2, part(2, 3, 4)), "split.tensors.count is 4, expected 3");
    check(&replaced(1, Writer::new()), "metadata key `split.count` is missing");
    let fourth = part(1, 3, 3).tensor("more", &[1], GgmlType::I8, vec![0]);
    check(&replaced(1, fourth), "split.tensors.count is 3, expected 4");
    let absent =
        Writer::new().meta("split.no", 1_u16).meta("split.count", 3_u16).meta("split.tensors.count", 3);
    check(&replaced(1, absent), "split.tensors.count is 3, expected 2");
    let same_name =
        Writer::new().meta("split.no", 1_u16).meta("split.count", 3_u16).meta("split.tensors.count", 3);
    check(&replaced(1, same_name.tensor("t0", &[1], GgmlType::I8, vec![0])), "tensor `t0` occurs twice");
    check(&replaced(1, Writer::new().version(9)), "GGUF version 9 is not supported; versions 2 and 3 are");
}

#[test]
fn claims_out_of_range_are_refused() {
    let first = |no: Value, count: Value, tensors: Value| {
        vec![
            Writer::new()
                .meta("split.no", no)
                .meta("split.count", count)
                .meta("split.tensors.count", tensors),
        ]
    };
    check(&first(0.into(), 65_535.into(), 1.into()), "split.count is 65535, more than 1024");
    check(&first(0.into(), u64::MAX.into(), 1.into()), "split.count is 18446744073709551615, more than 1024");
    check(&first(3.into(), 3.into(), 1.into()), "split.no is 3, more than 2");
    check(&first(0.into(), 2.into(), i32::MAX.into()), "split.tensors.count is 2147483647, more than 65536");
    check(&first((-1).into(), 2.into(), 1.into()), "metadata key `split.no` is -1, which is no u64");
    check(&first("0".into(), 2.into(), 1.into()), "metadata key `split.no` is of type string, expected u64");
    check(&[Writer::new().meta("split.count", 2_u16)], "metadata key `split.no` is missing");
}
