//! Generated hostile files: a small file with every kind of field, cut, flipped and overwritten, and all tiny
//! files of a small grammar.

use gollum_gguf::{GgmlType, Writer};

use crate::anatomy::{Kind, Random, Slot, header_len, slots};
use crate::judge::{Tally, judge};

/// Every value type, every array type, tensors of several types and ranks.
pub fn rich_file() -> Vec<u8> {
    let strings = ["", "a", "Wörld", "🙂"];
    Writer::new()
        .meta("general.architecture", "llama")
        .meta("general.alignment", 64_u32)
        .meta("u8", 1_u8)
        .meta("i8", -1_i8)
        .meta("u16", 2_u16)
        .meta("i16", -2_i16)
        .meta("i32", -3_i32)
        .meta("u64", 4_u64)
        .meta("i64", -4_i64)
        .meta("f32", 0.5_f32)
        .meta("f64", 0.25_f64)
        .meta("bool", true)
        .meta("tokens", &strings[..])
        .meta("a.u8", vec![1_u8, 2, 3])
        .meta("a.i8", vec![-1_i8])
        .meta("a.u16", vec![1_u16, 2])
        .meta("a.i16", vec![-1_i16])
        .meta("a.u32", vec![1_u32])
        .meta("a.i32", vec![-1_i32, 5])
        .meta("a.u64", vec![1_u64])
        .meta("a.i64", vec![-1_i64])
        .meta("a.f32", vec![0.5_f32, f32::NAN])
        .meta("a.f64", vec![0.5_f64])
        .meta("a.bool", vec![true, false])
        .meta("a.empty", Vec::<u32>::new())
        .tensor("norm", &[3], GgmlType::F32, vec![1; 12])
        .tensor("w4", &[64, 2], GgmlType::Q4_0, vec![2; 72])
        .tensor("k4", &[256, 1, 1, 2], GgmlType::Q4_K, vec![3; 288])
        .tensor("half", &[5, 3, 2], GgmlType::F16, vec![4; 60])
        .to_bytes()
        .unwrap()
}

/// The values that wrap, sign-extend, or ask for everything.
const EXTREMES: [u64; 12] = [
    0,
    1,
    13,
    1 << 31,
    u32::MAX as u64,
    1 << 32,
    1 << 61,
    1 << 62,
    1 << 63,
    u64::MAX - 31,
    u64::MAX - 7,
    u64::MAX,
];

fn is_number(slot: &Slot) -> bool {
    !matches!(slot.kind, Kind::Payload | Kind::Magic)
}

fn overwrite(file: &mut [u8], slot: Slot, value: u64) {
    file[slot.offset..slot.offset + slot.width].copy_from_slice(&value.to_le_bytes()[..slot.width]);
}

#[test]
fn the_rich_file_loads() {
    let file = rich_file();
    let header = judge(&mut Tally::default(), &file, file.len(), &|| "rich".into()).unwrap();
    assert_eq!((header.metadata.len(), header.tensors.len(), header.alignment), (25, 4, 64));
    assert_eq!(header_len(&slots(&file)) as u64, header.header_bytes);
}

#[test]
fn every_truncation_is_an_error() {
    let file = rich_file();
    let mut tally = Tally::default();
    let header = gollum_gguf::parse(&file).unwrap();
    let data_end = header.tensors.iter().map(|t| t.file_offset + t.byte_len).max().unwrap();
    for cut in 0..data_end {
        let result = judge(&mut tally, &file[..cut], cut, &|| format!("cut at {cut}"));
        assert!(result.is_err(), "cut at {cut} loads");
    }
    assert_eq!(tally.refused, data_end);
    tally.report("truncations of the rich file");
    assert!(judge(&mut tally, &file[..data_end], data_end, &|| "only padding cut".into()).is_ok());
}

#[test]
fn extreme_values_in_every_number_and_pair_of_numbers() {
    let file = rich_file();
    let numbers: Vec<Slot> = slots(&file).into_iter().filter(is_number).collect();
    let mut tally = Tally::default();
    let mut broken = file.clone();
    for (index, &first) in numbers.iter().enumerate() {
        for value in EXTREMES {
            overwrite(&mut broken, first, value);
            let _ = judge(&mut tally, &broken, file.len(), &|| format!("{first:?} = {value}"));
            for &second in &numbers[index + 1..] {
                overwrite(&mut broken, second, value);
                let _ =
                    judge(&mut tally, &broken, file.len(), &|| format!("{first:?} = {second:?} = {value}"));
                let original = &file[second.offset..second.offset + second.width];
                broken[second.offset..second.offset + second.width].copy_from_slice(original);
            }
            broken.copy_from_slice(&file);
        }
    }
    tally.report("extreme values in the rich file");
    assert!(tally.files() > 30_000 && tally.refused > tally.files() * 9 / 10);
}

#[test]
fn huge_counts_and_lengths_never_load() {
    let file = rich_file();
    let mut tally = Tally::default();
    for slot in slots(&file) {
        if !matches!(
            slot.kind,
            Kind::Count | Kind::ElementLength | Kind::Dim | Kind::DimCount | Kind::DataOffset
        ) {
            continue;
        }
        for value in [1 << 31, u64::from(u32::MAX), 1 << 62, 1 << 63, u64::MAX] {
            if slot.width == 4 && value > u64::from(u32::MAX) {
                continue;
            }
            let mut broken = file.clone();
            overwrite(&mut broken, slot, value);
            let result = judge(&mut tally, &broken, file.len(), &|| format!("{slot:?} = {value}"));
            assert!(result.is_err(), "{slot:?} = {value} loads");
        }
    }
    tally.report("huge counts and lengths in the rich file");
    assert!(tally.refused > 250);
}

#[test]
fn every_single_bit_flip() {
    let mut file = rich_file();
    let (len, header) = (file.len(), header_len(&slots(&file)));
    let mut tally = Tally::default();
    for bit in 0..header * 8 {
        file[bit / 8] ^= 1 << (bit % 8);
        let _ = judge(&mut tally, &file, len, &|| format!("bit {bit} flipped"));
        file[bit / 8] ^= 1 << (bit % 8);
    }
    tally.report("single bit flips in the rich file");
    assert!(tally.files() == header * 8 && tally.refused > tally.loaded / 2);
}

#[test]
fn mutants_with_several_wounds() {
    let file = rich_file();
    let header = header_len(&slots(&file));
    let mut tally = Tally::default();
    for seed in 0..5_000 {
        let mut random = Random(seed);
        let mut mutant = file.clone();
        for _ in 0..=random.below(6) {
            if mutant.is_empty() {
                break;
            }
            let at = random.below(header.min(mutant.len()));
            let end = (at + random.below(16)).min(mutant.len());
            match random.below(5) {
                0 => mutant[at] ^= 1 << random.below(8),
                1 => mutant[at..end].fill([0, 0x7f, 0x80, 0xff][random.below(4)]),
                2 => drop(mutant.drain(at..end)),
                3 => drop(mutant.splice(at..at, file[at..end.max(at)].to_vec())),
                _ => mutant.truncate(at.max(1)),
            }
        }
        let _ = judge(&mut tally, &mutant, mutant.len(), &|| format!("mutant of seed {seed}"));
    }
    tally.report("mutants of the rich file");
    assert_eq!(tally.files(), 5_000);
    assert!(tally.refused > 2_500);
}

/// Words a tiny file is made of, after the header: lengths, type numbers, a letter.
const WORDS: [&[u8]; 9] = [
    &[0; 8],
    &[1, 0, 0, 0, 0, 0, 0, 0],
    &[0xff; 8],
    &[0, 0, 0, 0, 0, 0, 0, 0x80],
    &[0; 4],
    &[1, 0, 0, 0],
    &[8, 0, 0, 0],
    &[9, 0, 0, 0],
    b"a",
];

fn all_tails(tally: &mut Tally, file: &mut Vec<u8>, depth: usize) {
    let _ = judge(tally, file, file.len(), &|| format!("tiny file {file:02x?}"));
    if depth == 0 {
        return;
    }
    for word in WORDS {
        if file.len() + word.len() <= 64 {
            let len = file.len();
            file.extend(word);
            all_tails(tally, file, depth - 1);
            file.truncate(len);
        }
    }
}

#[test]
fn all_tiny_files_of_a_grammar() {
    let mut tally = Tally::default();
    let counts = [0, 1, 2, 1 << 62, u64::MAX];
    for magic in [b"GGUF", b"GGML", b"FUGG"] {
        for version in [3_u32, 2, 1, 0, 3 << 24, u32::MAX] {
            let readable = magic == b"GGUF" && matches!(version, 2 | 3);
            for (tensors, kvs) in counts.iter().flat_map(|t| counts.iter().map(move |k| (t, k))) {
                let mut file = magic.to_vec();
                file.extend(version.to_le_bytes());
                file.extend(tensors.to_le_bytes());
                file.extend(kvs.to_le_bytes());
                let small = *tensors <= 2 && *kvs <= 2;
                all_tails(&mut tally, &mut file, if readable && small { 5 } else { 1 });
                file.resize(64, 0);
                for len in 0..=64 {
                    let _ =
                        judge(&mut tally, &file[..len], len, &|| format!("tiny file {:02x?}", &file[..len]));
                }
            }
        }
    }
    tally.report("tiny files");
    assert!(tally.files() > 500_000 && tally.loaded > 0);
}
