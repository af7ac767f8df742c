//! One broken file per rule, and the error it must end in; then odd files that are fine.

use gollum_gguf::{Array, GgmlType, GgufError, Value, Writer, parse};

/// A file by hand: counts, then whatever is pushed.
struct Raw(Vec<u8>);

impl Raw {
    fn new(tensor_count: u64, kv_count: u64) -> Self {
        let mut raw = b"GGUF\x03\0\0\0".to_vec();
        raw.extend(tensor_count.to_le_bytes());
        raw.extend(kv_count.to_le_bytes());
        Self(raw)
    }

    fn u32(mut self, value: u32) -> Self {
        self.0.extend(value.to_le_bytes());
        self
    }

    fn u64(mut self, value: u64) -> Self {
        self.0.extend(value.to_le_bytes());
        self
    }

    fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }

    fn string(self, text: &str) -> Self {
        self.u64(text.len() as u64).bytes(text.as_bytes())
    }

    /// A tensor info.
    fn tensor(self, name: &str, dims: &[u64], number: u32, data_offset: u64) -> Self {
        let raw = self.string(name).u32(dims.len() as u32);
        dims.iter().fold(raw, |raw, &dim| raw.u64(dim)).u32(number).u64(data_offset)
    }

    /// Pads the header and adds tensor data.
    fn data(mut self, len: usize) -> Vec<u8> {
        let start = self.0.len().next_multiple_of(32);
        self.0.resize(start + len, 0);
        self.0
    }
}

#[track_caller]
fn check(file: &[u8], expected: &str) {
    let error = parse(file).expect_err("must be refused");
    assert_eq!(error.to_string(), expected);
}

#[test]
fn header_rules() {
    check(b"", "file ends too early: magic at byte 0 needs 4 bytes, 0 are left");
    check(b"GG", "file ends too early: magic at byte 0 needs 4 bytes, 2 are left");
    check(b"<!DOCTYPE", "not a GGUF file: it starts with the bytes [3c, 21, 44, 4f]");
    check(b"Gg", "not a GGUF file: it starts with the bytes [47, 67]");
    check(b"GGUF", "file ends too early: version at byte 4 needs 4 bytes, 0 are left");
    check(b"GGUF\0\0\0\x03", "a big-endian GGUF file; only little-endian files can be read");
    check(b"GGUF\x01\0\0\0", "GGUF version 1 is not supported; versions 2 and 3 are");
    check(b"GGUF\x04\0\0\0", "GGUF version 4 is not supported; versions 2 and 3 are");
    check(b"GGUF\0\0\0\0", "GGUF version 0 is not supported; versions 2 and 3 are");
    check(b"GGUF\x03\0\0\0\0", "file ends too early: tensor count at byte 8 needs 8 bytes, 1 are left");
    check(&Raw::new(0, 65_537).0, "metadata count at byte 16 is 65537, more than the limit of 65536");
    check(&Raw::new(65_537, 0).0, "tensor count at byte 8 is 65537, more than the limit of 65536");
    check(&Raw::new(0, 1).0, "file ends too early: metadata count at byte 24 needs 14 bytes, 0 are left");
    check(
        &Raw::new(0, u64::MAX).0,
        "metadata count at byte 16 is 18446744073709551615, more than the limit of 65536",
    );
}

#[test]
fn metadata_rules() {
    let kv = |key: &str| Raw::new(0, 1).string(key);
    let pad = [0; 16];
    check(&Raw::new(0, 1).u64(0).bytes(&pad).0, "key of metadata entry 0 at byte 24 is empty");
    check(
        &Raw::new(0, 1).u64(1 << 62).bytes(&pad).0,
        "length of key of metadata entry 0 at byte 24 is 4611686018427387904, more than the limit of 65535",
    );
    check(
        &Raw::new(0, 1).u64(1).bytes(b"\xff").bytes(&pad).0,
        "key of metadata entry 0 at byte 24 is not UTF-8",
    );
    check(&kv("k").u32(13).bytes(&pad).0, "value type of `k` at byte 33 is 13, which is no metadata type");
    check(&kv("k").u32(7).bytes(&[2]).0, "value of `k` at byte 37 is 2; a bool is 0 or 1");
    check(
        &kv("k").u32(10).bytes(&[2; 7]).0,
        "file ends too early: value of `k` at byte 37 needs 8 bytes, 7 are left",
    );
    check(
        &kv("k").u32(8).u64(u64::MAX).bytes(&pad).0,
        "file ends too early: value of `k` at byte 45 needs 18446744073709551615 bytes, 16 are left",
    );
    check(&kv("k").u32(8).u64(2).bytes(b"\xc3\x28").0, "value of `k` at byte 37 is not UTF-8");
    let twice = Raw::new(0, 2).string("k").u32(0).bytes(&[1]).string("k").u32(0).bytes(&[1]);
    check(&twice.0, "metadata key `k` occurs twice");
}

#[test]
fn array_rules() {
    let array = |element: u32, length: u64| Raw::new(0, 1).string("k").u32(9).u32(element).u64(length);
    check(&array(99, 0).0, "element type of `k` at byte 37 is 99, which is no metadata type");
    check(
        &array(9, 1).bytes(&[0; 32]).0,
        "element type of `k` at byte 37: arrays of arrays are not supported",
    );
    check(
        &array(4, 3).bytes(&[0; 11]).0,
        "file ends too early: array length of `k` at byte 49 needs 12 bytes, 11 are left",
    );
    check(
        &array(4, 1 << 62).bytes(&[0; 8]).0,
        "file ends too early: array length of `k` at byte 49 needs 18446744073709551615 bytes, 8 are left",
    );
    check(
        &array(8, 2).string("ab").bytes(&[0; 7]).0,
        "file ends too early: element 1 of `k` at byte 59 needs 8 bytes, 7 are left",
    );
    check(
        &array(8, u64::MAX).0,
        "file ends too early: array length of `k` at byte 49 needs 18446744073709551615 bytes, 0 are left",
    );
    check(&array(8, 1).u64(1).bytes(b"\x80").0, "element 0 of `k` at byte 49 is not UTF-8");
    check(&array(7, 3).bytes(&[1, 0, 7]).0, "element 2 of `k` at byte 51 is 7; a bool is 0 or 1");
}

#[test]
fn alignment_rules() {
    let rule = "it must be a u32 power of two from 8 to 2097152";
    for value in [0, 1, 3, 4, 13, 24, 1 << 22, 1 << 31, u32::MAX] {
        let file = Writer::new().meta("x", 1_u8).to_bytes().unwrap();
        let mut raw = Raw::new(0, 1).string("general.alignment").u32(4).u32(value).0;
        raw.extend(&file[24..]);
        check(&raw, &format!("general.alignment is {value}; {rule}"));
    }
    for (value, name) in [
        (Value::I32(32), "i32"),
        (Value::U64(32), "u64"),
        (Value::from("32"), "string"),
        (true.into(), "bool"),
    ] {
        let file = Writer::new().meta("general.alignment", value).to_bytes().unwrap();
        check(&file, &format!("general.alignment is of type {name}; {rule}"));
    }
    for value in [8_u32, 16, 64, 4_096, 1 << 21] {
        let writer = Writer::new().meta("general.alignment", value).tensor("t", &[1], GgmlType::I8, vec![7]);
        let header = parse(&writer.to_bytes().unwrap()).expect("a fair alignment");
        assert_eq!(header.alignment, value);
        assert!(header.tensors[0].file_offset.is_multiple_of(value as usize));
    }
}

#[test]
fn tensor_info_rules() {
    let one = |dims: &[u64], number| Raw::new(1, 0).tensor("t", dims, number, 0).data(64);
    let pad = [0; 32];
    check(&Raw::new(1, 0).u64(0).bytes(&pad).0, "name of tensor 0 at byte 24 is empty");
    check(&one(&[], 0), "tensor `t` has 0 dims (at byte 33); 1 to 4 are possible");
    check(&one(&[1; 5], 0), "tensor `t` has 5 dims (at byte 33); 1 to 4 are possible");
    check(&one(&[4, 0], 0), "dim 1 of tensor `t` (at byte 45) is zero");
    check(&one(&[4], 4), "tensor `t` has the unknown type 4 (at byte 45)");
    check(&one(&[4], u32::MAX), "tensor `t` has the unknown type 4294967295 (at byte 45)");
    check(&one(&[33], 2), "rows of tensor `t` have 33 weights, not a multiple of Q4_0's block of 32");
    check(
        &one(&[1 << 32, 1 << 32], 0),
        "the size of tensor `t` overflows: dims [4294967296, 4294967296], type F32",
    );
    check(&one(&[u64::MAX], 24), "the size of tensor `t` overflows: dims [18446744073709551615], type I8");
}

#[test]
fn layout_rules() {
    let two = |a: u64, b: u64| Raw::new(2, 0).tensor("a", &[16], 0, a).tensor("b", &[16], 0, b);
    check(&two(0, 63).data(128), "data offset 63 of tensor `b` is not a multiple of the alignment 32");
    check(&two(0, 32).data(128), "tensors `a` and `b` overlap in data bytes 32..64");
    check(&two(0, 0).data(128), "tensors `a` and `b` overlap in data bytes 0..64");
    check(&two(64, 96).data(160), "unused bytes before tensor `a`: it starts at data byte 64, expected at 0");
    check(&two(0, 96).data(160), "unused bytes before tensor `b`: it starts at data byte 96, expected at 64");
    check(&two(0, 64).data(127), "the file is incomplete: tensor `b` has 64 bytes at data byte 64, of 127");
    check(
        &two(0, u64::MAX - 31).data(128),
        "the file is incomplete: tensor `b` has 64 bytes at data byte 18446744073709551584, of 128",
    );
    check(&two(0, 64).data(160), "32 unexpected bytes after the last tensor, which ends at byte 224");
    let twice = Raw::new(2, 0).tensor("a", &[8], 0, 0).tensor("a", &[8], 0, 32);
    check(&twice.data(64), "tensor `a` occurs twice");
}

#[test]
fn odd_but_fine() {
    let swapped = Raw::new(2, 0).tensor("a", &[16], 0, 64).tensor("b", &[16], 0, 0).data(128);
    let header = parse(&swapped).expect("infos need not follow the order of the data");
    assert!(header.tensors[0].file_offset > header.tensors[1].file_offset);

    let unpadded = Raw::new(1, 0).tensor("a", &[1], 24, 0).data(1);
    assert!(parse(&unpadded).is_ok(), "the last tensor's padding may be absent");
    let padded = Raw::new(1, 0).tensor("a", &[1], 24, 0).data(32);
    assert!(parse(&padded).is_ok(), "or present");

    assert!(parse(&Raw::new(0, 0).0).is_ok(), "a file may be empty");
    let vocabulary = Raw::new(0, 1).string("k").u32(0).bytes(&[1]).0;
    assert!(parse(&vocabulary).is_ok(), "without tensors there is no padding");

    let version_2 = Writer::new().version(2).meta("k", 1_u8).to_bytes().unwrap();
    assert_eq!(parse(&version_2).expect("version 2").version, 2);

    let empty = Raw::new(0, 1).string("k").u32(9).u32(8).u64(0).0;
    let header = parse(&empty).expect("an empty array");
    assert_eq!(header.metadata.get("k"), Some(&Value::Array(Array::String(Default::default()))));
}

#[test]
fn names_in_errors_cannot_steer_a_terminal() {
    let error = parse(&Raw::new(0, 1).string("\u{1b}]0;owned\u{7}").u32(99).0).expect_err("no such type");
    assert!(!error.to_string().contains(char::is_control), "{error:?}");
}

#[test]
fn writer_refuses_sizes_that_disagree() {
    let written =
        |dims: &[usize], bytes| Writer::new().tensor("t", dims, GgmlType::Q8_0, vec![0; bytes]).to_bytes();
    assert!(written(&[64, 2], 136).is_ok());
    assert!(matches!(written(&[64, 2], 135), Err(GgufError::TensorBytes { given: 135, expected: 136, .. })));
    assert!(matches!(written(&[63], 34), Err(GgufError::PartialBlock { .. })));
    assert!(matches!(written(&[1 << 40, 1 << 40], 34), Err(GgufError::SizeOverflow { .. })));
}
