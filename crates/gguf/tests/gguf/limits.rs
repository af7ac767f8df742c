//! Files at and beyond the named limits, and arrays that cost the most memory for their bytes.

use gollum_gguf::{
    GgmlType, GgufError, MAX_HEADER_BYTES, MAX_KV_COUNT, MAX_TENSOR_COUNT, StringArray, Value, Writer, parse,
};

use crate::judge::{Tally, judge};

fn check(name: &str, file: &[u8]) -> Result<gollum_gguf::Header, GgufError> {
    let mut tally = Tally::default();
    let result = judge(&mut tally, file, file.len(), &|| name.to_owned());
    tally.report(name);
    result
}

fn with_kvs(count: u64) -> Vec<u8> {
    let mut writer = Writer::new();
    for index in 0..count {
        writer = writer.meta(format!("{index:x}"), 0_u8);
    }
    writer.to_bytes().unwrap()
}

fn with_tensors(count: u64) -> Vec<u8> {
    let mut writer = Writer::new().meta("general.alignment", 8_u32);
    for index in 0..count {
        writer = writer.tensor(format!("{index:x}"), &[1], GgmlType::I8, vec![0]);
    }
    writer.to_bytes().unwrap()
}

#[test]
fn as_many_entries_as_allowed_and_one_more() {
    assert_eq!(check("most entries", &with_kvs(MAX_KV_COUNT)).unwrap().metadata.len(), 65_536);
    let result = check("one entry more", &with_kvs(MAX_KV_COUNT + 1));
    assert!(matches!(result, Err(GgufError::OverLimit { limit: MAX_KV_COUNT, .. })));
}

#[test]
fn as_many_tensors_as_allowed_and_one_more() {
    assert_eq!(check("most tensors", &with_tensors(MAX_TENSOR_COUNT)).unwrap().tensors.len(), 65_536);
    let result = check("one tensor more", &with_tensors(MAX_TENSOR_COUNT + 1));
    assert!(matches!(result, Err(GgufError::OverLimit { limit: MAX_TENSOR_COUNT, .. })));
}

#[test]
fn a_million_empty_strings_cost_no_more_than_their_bytes() {
    let strings: StringArray = std::iter::repeat_n("", 1 << 20).collect();
    let file = Writer::new().meta("s", strings).to_bytes().unwrap();
    let mut tally = Tally::default();
    let header = judge(&mut tally, &file, file.len(), &|| "empty strings".into()).unwrap();
    assert_eq!(header.metadata.strings("s").unwrap().unwrap().len(), 1 << 20);
    assert!(tally.peak < file.len() + 4_096, "{} bytes for a file of {}", tally.peak, file.len());
}

#[test]
fn a_header_full_of_empty_strings_and_one_too_long() {
    let strings = |count: usize| -> Vec<u8> {
        let strings: StringArray = std::iter::repeat_n("", count).collect();
        // Data behind the header, so that the file does not just end.
        Writer::new().meta("s", strings).tensor("t", &[64], GgmlType::I8, vec![0; 64]).to_bytes().unwrap()
    };
    let most = (MAX_HEADER_BYTES / 8) as usize - 32;
    let header = check("a header full of empty strings", &strings(most)).unwrap();
    assert_eq!(header.metadata.strings("s").unwrap().unwrap().len(), most);
    let result = check("a header too long", &strings(most + 32));
    assert!(matches!(result, Err(GgufError::OverLimit { limit: MAX_HEADER_BYTES, .. })));
}

#[test]
fn arrays_cost_no_more_than_their_bytes() {
    let file =
        Writer::new().meta("a", vec![0_u8; 8 << 20]).meta("b", vec![true; 8 << 20]).to_bytes().unwrap();
    let mut tally = Tally::default();
    judge(&mut tally, &file, file.len(), &|| "byte arrays".into()).unwrap();
    assert!(tally.peak < file.len() + 4_096, "{} bytes for a file of {}", tally.peak, file.len());
}

#[test]
fn long_keys_and_names() {
    let keyed = |len: usize| parse(&Writer::new().meta("k".repeat(len), 1_u8).to_bytes().unwrap());
    assert!(keyed(65_535).is_ok());
    assert!(matches!(keyed(65_536), Err(GgufError::OverLimit { value: 65_536, .. })));
    let named = |len: usize| {
        parse(&Writer::new().tensor("n".repeat(len), &[1], GgmlType::I8, vec![0]).to_bytes().unwrap())
    };
    assert!(named(64).is_ok());
    assert!(matches!(named(65), Err(GgufError::OverLimit { value: 65, limit: 64, .. })));
}

#[test]
fn many_long_keys_with_one_prefix_are_sorted_in_time() {
    let mut writer = Writer::new();
    for index in 0..8_192 {
        writer = writer.meta(format!("{}{index:05}", "k".repeat(1_000)), Value::U8(1));
    }
    assert_eq!(check("long keys", &writer.to_bytes().unwrap()).unwrap().metadata.len(), 8_192);
}
