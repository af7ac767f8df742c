//! What holds for every line of `FORMATS`: sizes, lookup, lengths, hostile bytes, and the dot against f64.
#![allow(clippy::unwrap_used, reason = "tests")]

use gollum_quant::{Dot, FORMATS, Format, FormatId, K_BLOCK, Q8Row, Q8Rows, QuantError, format_of};

/// The variants of `FormatId` as the source lists them, so that one without a table line is noticed.
fn variants() -> Vec<(&'static str, u32)> {
    let source = include_str!("../src/lib.rs");
    let (_, from) = source.split_once("pub enum FormatId {").unwrap();
    let (list, _) = from.split_once('}').unwrap();
    let line = |line: &'static str| {
        let (name, number) = line.trim().trim_end_matches(',').split_once(" = ")?;
        Some((name, number.parse().unwrap()))
    };
    list.lines().filter_map(line).collect()
}

/// A small generator, so that every machine sees the same blocks.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| (self.next() >> 8) as u8).collect()
    }

    /// In -1..1.
    fn float(&mut self) -> f32 {
        self.next() as f32 / (1u64 << 30) as f32 - 1.0
    }
}

/// Where a block keeps f16 values, which must not be NaN or infinite for a comparison of numbers.
fn f16_fields(id: FormatId) -> &'static [usize] {
    match id {
        FormatId::F32 | FormatId::BF16 | FormatId::MXFP4 | FormatId::NVFP4 | FormatId::IQ1_M => &[],
        FormatId::TQ1_0 => &[52],
        FormatId::TQ2_0 => &[64],
        FormatId::Q2_K => &[80, 82],
        FormatId::Q3_K => &[108],
        FormatId::Q6_K => &[208],
        FormatId::Q4_1 | FormatId::Q5_1 | FormatId::Q4_K | FormatId::Q5_K => &[0, 2],
        _ => &[0],
    }
}

/// Overwrites the f16 values of a block, as `f16_fields` has them or, in IQ1_M, on top of four words.
fn put_f16(id: FormatId, block: &mut [u8], mut next: impl FnMut() -> u16) {
    for &at in f16_fields(id) {
        block[at..at + 2].copy_from_slice(&next().to_le_bytes());
    }
    if id == FormatId::IQ1_M {
        let bits = next();
        for (j, word) in block[48..].chunks_mut(2).enumerate() {
            word[1] = word[1] & 15 | ((bits >> (4 * j) & 15) << 4) as u8;
        }
    }
}

/// Random blocks with scales in 2^-10..2^-5, of either sign.
fn random_row(format: &Format, weights: usize, random: &mut Random) -> Vec<u8> {
    if format.id == FormatId::F32 {
        return (0..weights).flat_map(|_| random.float().to_le_bytes()).collect();
    }
    if format.id == FormatId::BF16 {
        return (0..weights).flat_map(|_| random.float().to_le_bytes()[2..].to_vec()).collect();
    }
    let mut row = random.bytes(format.row_bytes(weights).unwrap());
    for block in row.chunks_mut(format.block_bytes) {
        if format.id == FormatId::MXFP4 {
            block[0] = 118 + block[0] % 8;
        }
        put_f16(format.id, block, || {
            // f16: sign, 5 bits of exponent biased by 15, 10 bits of mantissa.
            let exponent = 5 + random.next() % 5;
            (random.next() & 0x83ff) as u16 | (exponent << 10) as u16
        });
    }
    row
}

fn decode(format: &Format, row: &[u8], weights: usize) -> Vec<f32> {
    let mut out = vec![0.0; weights];
    (format.decode_row)(row, &mut out).unwrap();
    out
}

fn dot(format: &Format, row: &[u8], x: &[f32]) -> f32 {
    match format.dot {
        Dot::Int(dot) => dot(row, Q8Rows::quantise(x, x.len()).row(0)),
        Dot::Float(dot) => dot(row, x),
    }
}

/// The activations as the dot sees them.
fn seen(format: &Format, x: &[f32]) -> Vec<f64> {
    let Dot::Int(_) = format.dot else { return x.iter().map(|&v| f64::from(v)).collect() };
    let rows = Q8Rows::quantise(x, x.len());
    let row = rows.row(0);
    row.q.iter().enumerate().map(|(i, &q)| f64::from(q) * f64::from(row.scale[i / K_BLOCK])).collect()
}

#[test]
fn every_id_has_its_line_and_every_line_its_place() {
    let lines: Vec<_> = FORMATS.iter().map(|f| (f.name, f.id as u32)).collect();
    let mut variants = variants();
    variants.sort_by_key(|&(_, number)| number);
    assert_eq!(lines, variants);
    for format in FORMATS {
        assert_eq!(format.id.format().id, format.id);
        assert_eq!(format_of(format.id as u32).map(|f| f.id), Some(format.id));
    }
    assert!(format_of(4).is_none(), "a type number that ggml dropped");
}

#[test]
fn every_file_named_after_a_format_is_in_the_table() {
    let shared = ["lib", "activations", "encode", "grids", "lookup", "opened"];
    let src = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    let mut files: Vec<String> = std::fs::read_dir(src)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|stem| !shared.contains(&stem.as_str()))
        .collect();
    files.sort();
    // Files named like a primitive type end in an underscore.
    let mut lines: Vec<String> = FORMATS
        .iter()
        .map(|f| match f.name {
            "F32" => "f32_".to_owned(),
            "F16" => "f16_".to_owned(),
            name => name.to_lowercase(),
        })
        .collect();
    lines.sort();
    assert_eq!(files, lines);
}

#[test]
fn row_bytes_counts_whole_blocks_only() {
    for format in FORMATS {
        assert_eq!(format.row_bytes(512), Some(512 / format.block_weights * format.block_bytes));
        assert_eq!(format.row_bytes(512 + 1).is_some(), format.block_weights == 1);
        let most = usize::MAX / format.block_weights * format.block_weights;
        let fits = format.block_bytes <= format.block_weights;
        assert_eq!(format.row_bytes(most).is_some(), fits, "{}", format.name);
    }
}

#[test]
fn wrong_length_is_error() {
    for format in FORMATS {
        let (weights, bytes) = (2 * format.block_weights, 2 * format.block_bytes);
        let check = |row_bytes: usize, out_weights: usize| {
            let got = (format.decode_row)(&vec![0; row_bytes], &mut vec![0.0; out_weights]);
            assert_eq!(got, Err(QuantError::RowLength { row_bytes, out_weights }), "{}", format.name);
        };
        check(bytes - 1, weights);
        check(bytes + 1, weights);
        check(bytes, weights - 1);
        check(bytes, weights + 1);
        check(0, weights);
        check(bytes, 0);
        assert_eq!((format.decode_row)(&[], &mut []), Ok(()), "{}", format.name);
    }
}

#[test]
fn dot_equals_f64_of_the_decoded_weights() {
    let mut random = Random(7);
    for format in FORMATS {
        for round in 0..50 {
            let width = 256 * (1 + round % 4);
            let row = random_row(format, width, &mut random);
            let x: Vec<f32> = (0..width).map(|_| 3.0 * random.float() + 0.5).collect();
            let (weights, a) = (decode(format, &row, width), seen(format, &x));
            let exact: f64 = weights.iter().zip(&a).map(|(&w, &a)| f64::from(w) * a).sum();
            // The largest weight and not each: a minimum cancels, what was rounded before it does not.
            let largest = weights.iter().fold(0.0f64, |m, &w| m.max(f64::from(w).abs()));
            let bound = 2e-7 * largest * a.iter().map(|a| a.abs()).sum::<f64>();
            let got = f64::from(dot(format, &row, &x));
            assert!((got - exact).abs() <= bound, "{} width {width}: {got} {exact} +-{bound}", format.name);
        }
    }
}

#[test]
fn any_bytes_are_blocks_and_never_panic() {
    let mut random = Random(11);
    for format in FORMATS {
        let width = 512;
        let bytes = format.row_bytes(width).unwrap();
        let mut rows: Vec<Vec<u8>> = [0x00, 0x7f, 0x80, 0xff].map(|b| vec![b; bytes]).to_vec();
        rows.extend((0..100).map(|_| random.bytes(bytes)));
        // NaN, infinities and the largest f16 as scales over the largest and the smallest integers.
        for f16 in [0x7e00u16, 0x7c00, 0xfc00, 0x7bff, 0x0001] {
            for fill in [0x00, 0x80, 0xff] {
                let mut row = vec![fill; bytes];
                row.chunks_mut(format.block_bytes).for_each(|block| put_f16(format.id, block, || f16));
                rows.push(row);
            }
        }
        for x in [vec![1e30f32; width], vec![-1e30; width], vec![f32::NAN; width], vec![0.0; width]] {
            for row in &rows {
                decode(format, row, width);
                dot(format, row, &x);
            }
        }
    }
}

#[test]
fn a_scale_that_is_not_a_number_reaches_the_result() {
    let has_f16 = |f: &&Format| !f16_fields(f.id).is_empty() || f.id == FormatId::IQ1_M;
    for format in FORMATS.iter().filter(has_f16) {
        let mut row = vec![0xff; format.row_bytes(256).unwrap()];
        row.chunks_mut(format.block_bytes).for_each(|block| put_f16(format.id, block, || 0x7e00));
        assert!(decode(format, &row, 256)[0].is_nan(), "{}", format.name);
        assert!(dot(format, &row, &[1.0; 256]).is_nan(), "{}", format.name);
    }
}

/// One block of the largest integers that a format can hold, against activations of -128: no overflow (tests
/// run with overflow checks) and no rounding, so that the sum's order can never matter.
#[test]
fn the_largest_integers_are_exact() {
    const ONE: u16 = 0x3c00;
    let check = |id: FormatId, fill: u8, scale_bytes: std::ops::Range<usize>, scale: u8, per_k_block: f32| {
        let format = id.format();
        let mut block = vec![fill; format.block_bytes];
        block[scale_bytes].fill(scale);
        let mut of_scale_then_minima = [ONE, 0].into_iter();
        put_f16(id, &mut block, || of_scale_then_minima.next().unwrap());
        let k_blocks = format.block_weights / K_BLOCK;
        let x = Q8Row {
            q: &vec![-128; format.block_weights],
            scale: &vec![1.0; k_blocks],
            sums: &vec![-2048; 2 * k_blocks],
        };
        let Dot::Int(dot) = format.dot else { panic!("{id:?} has no integer dot") };
        assert_eq!(dot(&block, x), per_k_block * k_blocks as f32, "{id:?}");
    };
    let all = (32 * 128) as f32;
    check(FormatId::Q4_0, 0x00, 0..0, 0, all * 8.0);
    check(FormatId::Q4_1, 0xff, 0..0, 0, all * -15.0);
    check(FormatId::Q5_0, 0x00, 0..0, 0, all * 16.0);
    check(FormatId::Q5_1, 0xff, 0..0, 0, all * -31.0);
    check(FormatId::Q8_0, 0x80, 0..0, 0, all * 128.0);
    check(FormatId::Q2_K, 0xff, 0..16, 0xff, all * -3.0 * 15.0);
    check(FormatId::Q3_K, 0x00, 96..108, 0x00, all * -4.0 * 32.0);
    check(FormatId::Q4_K, 0xff, 4..16, 0xff, all * -15.0 * 63.0);
    check(FormatId::Q5_K, 0xff, 4..16, 0xff, all * -31.0 * 63.0);
    check(FormatId::Q6_K, 0x00, 192..208, 0x80, all * -32.0 * 128.0);
    check(FormatId::IQ4_NL, 0x00, 0..0, 0, all * 127.0);
    check(FormatId::IQ4_XS, 0x00, 2..8, 0x00, all * 127.0 * -32.0);
    check(FormatId::MXFP4, 0xff, 0..1, 254, all * 12.0 * 2f32.powi(126));
    check(FormatId::NVFP4, 0xff, 0..4, 0x7e, all * 12.0 * 224.0);
    // Row 0 of the grids is all lowest levels: 8 and 4 and 1, and -9 where shifted.
    check(FormatId::IQ2_XS, 0x00, 66..74, 0xff, all * -8.0 * 31.0 / 8.0);
    check(FormatId::IQ2_S, 0x00, 74..82, 0xff, all * -8.0 * 31.0 / 8.0);
    check(FormatId::IQ3_S, 0x00, 106..110, 0xff, all * -31.0);
    check(FormatId::IQ1_M, 0x00, 48..56, 0xff, all * 7.0 * 15.0 / 8.0);
    check(FormatId::TQ1_0, 0x00, 0..0, 0, all);
    check(FormatId::TQ2_0, 0x00, 0..0, 0, all);
    check(FormatId::Q1_0, 0x00, 0..0, 0, all);
    check(FormatId::Q2_0, 0xff, 0..0, 0, all * -2.0);
}
