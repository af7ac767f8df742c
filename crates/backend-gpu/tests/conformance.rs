//! Every operation and format against the scalar reference, within a distance, on the first GPU of this machine or a
//! software driver. `make test-gpu` runs this at two subgroup widths.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod gpu;

use gollum_backend_gpu::selftest::{NMSE_BOUND, same_bits, same_bits_of_experts};
use gollum_backend_gpu::weights::Layout;
use gollum_backend_gpu::{Gpu, MatrixUnit};
use gollum_core::{Batch, KvDtype, PageId, SequenceSpan, TokenId};
use gollum_kernels::conformance::{self, Blocks, Rng, Temper, activations, matrix_bytes};
use gollum_kernels::{
    Attend, AttendWhole, BestOf, BufId, Coefficients, KernelError, KernelOps, KvLayer, KvSpec, MatrixSource,
    MixStreams, Output, Reach, StateSpec, Window,
};
use gollum_quant::FORMATS;

fn check(gpu: Option<Gpu>) {
    let Some(gpu) = gpu else { return };
    println!("{:?}", gpu.info());
    match conformance::run_near(&mut || gpu::ops(&gpu), NMSE_BOUND) {
        Ok(near) => near.iter().for_each(|n| {
            println!("{:24} {:5} cases, {:3} extreme, NMSE {:.1e}", n.op, n.cases, n.extreme, n.worst_nmse);
        }),
        Err(failure) => panic!("{failure}"),
    }
    assert_eq!(gpu.fault(), None);
}

#[test]
fn kernels_are_near_the_reference() {
    check(gpu::gpu());
}

#[test]
fn checked_kernels_are_near_the_reference() {
    check(gpu::checked());
}

#[test]
fn the_short_test_passes() {
    let Some(gpu) = gpu::gpu() else { return };
    gollum_backend_gpu::selftest::quick(&gpu).unwrap();
}

/// Every format by the kernels of matrix units: by loops in place of the unit, and by the unit where there is one, the bits
/// of kernels without.
#[test]
fn matrix_units_keep_every_bit() {
    let Some(gpu) = gpu::gpu() else { return };
    let own = gpu.info().matrix_unit;
    println!("{}: matrix unit {own:?}", gpu.info().name);
    let emulated = gpu.info().has_f16.then_some(MatrixUnit::Emulated);
    for unit in [emulated, own].into_iter().flatten() {
        let with = gpu.with_unit(unit);
        for format in FORMATS {
            let kept = same_bits(&with, format).and_then(|()| same_bits_of_experts(&with, format));
            kept.unwrap_or_else(|failure| panic!("{unit:?}: {failure}"));
        }
    }
    assert_eq!(gpu.fault(), None);
}

/// What a format's blocks say is what the device multiplies by: embedded rows are the decoded ones, value for value. Formats with a
/// minimum have one more rounding, which a device may leave out.
#[test]
fn packed_weights_have_lost_nothing() {
    const COLS: usize = 512;
    const ROWS: usize = 21;
    let Some(gpu) = gpu::gpu() else { return };
    let tokens: Vec<TokenId> = (0..ROWS as TokenId).collect();
    for format in FORMATS {
        let bytes = matrix_bytes(&mut Rng::new(8), format, Blocks::Plain, ROWS, COLS);
        let mut ops = gpu::ops(&gpu);
        let source = MatrixSource { format: format.id, rows: ROWS, cols: COLS, bytes: &bytes };
        let matrix = ops.load_matrix(source).unwrap();
        let out = ops.create_buffer(ROWS, COLS);
        ops.embed(matrix, &tokens, 1.0, Output::Store, out);
        let mut got = vec![0.0; ROWS * COLS];
        ops.read(out, ROWS, &mut got);
        let mut want = vec![0.0; ROWS * COLS];
        for (row, out) in bytes.chunks(bytes.len() / ROWS).zip(want.chunks_mut(COLS)) {
            (format.decode_row)(row, out).unwrap();
        }
        let slack = if Layout::of(format.id).min_sign().is_some() { 1e-6 } else { 0.0 };
        for (i, (got, want)) in got.iter().zip(&want).enumerate() {
            assert!(
                (got - want).abs() <= slack * want.abs().max(1.0),
                "{}, {i}: {got} for {want}",
                format.name
            );
        }
    }
    assert_eq!(gpu.fault(), None);
}

/// The best of rows full of ties, with NaN, infinities and both zeros, in one pass and in several.
#[test]
fn the_best_are_those_that_a_sort_finds() {
    let Some(gpu) = gpu::gpu() else { return };
    let mut rng = Rng::new(11);
    for width in [5, 64, 1024, 1025, 40_000] {
        let mut ops = gpu::ops(&gpu);
        let x = ops.create_buffer(3, width);
        let mut values: Vec<f32> = (0..3 * width).map(|_| rng.below(400) as f32 / 8.0 - 25.0).collect();
        values[1] = -0.0;
        values[width + 2] = f32::NEG_INFINITY;
        values[width + 3] = f32::INFINITY;
        values[2 * width + 4] = f32::from_bits(0xffc0_0001);
        ops.write(x, &values);
        for (count, silent) in [(1, 0..0), (8, 0..2), (64, width / 2..width)] {
            let of = BestOf { count, silent: silent.clone() };
            let found = ops.best(x, 3, &of).unwrap();
            for (row, found) in values.chunks(width).zip(found) {
                let silence = |id: usize| if silent.contains(&id) { f32::MIN } else { row[id] };
                // NaN before all; `+ 0.0` makes both zeros one.
                let rank = |id: usize| if silence(id).is_nan() { f32::NAN } else { silence(id) + 0.0 };
                let mut ids: Vec<usize> = (0..width).collect();
                ids.sort_by(|&a, &b| rank(b).total_cmp(&rank(a)).then(a.cmp(&b)));
                ids.truncate(count);
                ids.sort_unstable();
                assert_eq!(
                    found.tokens,
                    ids.iter().map(|&id| id as u32).collect::<Vec<_>>(),
                    "{count} of {width}"
                );
                for (&id, &logit) in ids.iter().zip(&found.logits) {
                    let want = silence(id);
                    assert!(logit == want || logit.is_nan() && want.is_nan(), "{logit} for {want}");
                }
            }
        }
        assert_eq!(ops.best(x, 3, &BestOf { count: 65, silent: 0..0 }).is_none(), width >= 65);
    }
    assert_eq!(gpu.fault(), None);
}

/// States that the device has no memory for, or no numbers to count them with, are an error and no fault.
#[test]
fn states_that_do_not_fit_are_an_error() {
    let Some(gpu) = gpu::gpu() else { return };
    for (len, slots) in [(1 << 30, 8), (1 << 20, 1 << 40), (usize::MAX, 2)] {
        let made = gpu::ops(&gpu).create_states(&StateSpec { parts: vec![64, len] }, slots);
        assert!(matches!(made, Err(KernelError::OutOfMemory { .. })), "{len} values of {slots}: {made:?}");
    }
    assert_eq!(gpu.fault(), None);
}

/// A NaN in one row reaches that row, and no other: attention of two sequences, one of them poisoned.
#[test]
fn poison_stays_in_its_row() {
    let Some(gpu) = gpu::gpu() else { return };
    let run = |poison: f32| {
        let mut ops = gpu::ops(&gpu);
        let layers = vec![KvLayer::even(1, 32)];
        ops.create_kv(&KvSpec { layers, dtype: KvDtype::F16 }, 2, 0).unwrap();
        let [q, k, v, out] = [(); 4].map(|()| ops.create_buffer(2, 32));
        let mut values: Vec<f32> = (0..64).map(|i| (i as f32 * 0.7).sin()).collect();
        values[3] = poison;
        for x in [q, k, v] {
            ops.write(x, &values);
        }
        let span = |i: usize| SequenceSpan {
            query_start: i,
            query_len: 1,
            context_len: 1,
            table_start: i,
            table_len: 1,
            state: None,
        };
        ops.begin_step(&Batch {
            tokens: vec![0; 2],
            positions: vec![0; 2],
            slot_mapping: vec![0, 16],
            sequences: vec![span(0), span(1)],
            block_tables: vec![PageId(0), PageId(1)],
            ..Batch::default()
        });
        ops.kv_append(0, k, v);
        let attend = Attend {
            layer: 0,
            heads: 1,
            scale: 0.2,
            window: Window::All,
            soft_cap: None,
            slopes: None,
            sinks: None,
        };
        ops.attend(&attend, q, out);
        let mut rows = vec![0.0; 64];
        ops.read(out, 2, &mut rows);
        rows
    };
    let (clean, poisoned) = (run(0.5), run(f32::NAN));
    assert!(clean.iter().all(|v| v.is_finite()));
    assert!(poisoned[..32].iter().any(|v| v.is_nan()), "the poisoned row must show it");
    assert_eq!(poisoned[32..], clean[32..]);
}

/// Two inputs of attention over whole inputs, 40 rows each: a NaN in a row of q, k and v reaches the rows that see it, and
/// no others, neither of the block of rows that it is in, nor of the other input.
#[test]
fn poison_of_a_whole_input_stays_where_it_is_seen() {
    const ROWS: usize = 80;
    const POISONED: usize = 45;
    let Some(gpu) = gpu::gpu() else { return };
    let run = |poison: f32, reach: Reach| {
        let mut ops = gpu::ops(&gpu);
        let [q, k, v, out] = [(); 4].map(|()| ops.create_buffer(ROWS, 32));
        let mut values: Vec<f32> = (0..ROWS * 32).map(|i| (i as f32 * 0.7).sin()).collect();
        values[POISONED * 32 + 3] = poison;
        for x in [q, k, v] {
            ops.write(x, &values);
        }
        let mut batch = Batch::default();
        (0..2).for_each(|_| batch.push_whole(&[0; ROWS / 2]));
        ops.begin_step(&batch);
        let attend = AttendWhole {
            heads: 1,
            kv_heads: 1,
            head_dim: 32,
            scale: 0.2,
            reach,
            soft_cap: None,
            slopes: None,
        };
        ops.attend_whole(&attend, [q, k, v], out);
        let mut rows = vec![0.0; ROWS * 32];
        ops.read(out, ROWS, &mut rows);
        rows
    };
    for (reach, seen) in [(Reach::Within(2), POISONED - 2..POISONED + 3), (Reach::All, 40..80)] {
        let (clean, poisoned) = (run(0.5, reach), run(f32::NAN, reach));
        for (row, (clean, poisoned)) in clean.chunks(32).zip(poisoned.chunks(32)).enumerate() {
            assert!(clean.iter().all(|v| v.is_finite()), "{reach:?}, row {row}");
            match seen.contains(&row) {
                true => assert!(poisoned.iter().any(|v| v.is_nan()), "{reach:?}: row {row} must show it"),
                false => assert_eq!(poisoned, clean, "{reach:?}: row {row}"),
            }
        }
    }
    assert_eq!(gpu.fault(), None);
}

/// Mixed streams, matched magnitudes and cut gates: a row's bits are those that it has alone.
#[test]
fn rows_of_streams_are_the_same_in_any_batch() {
    const ROWS: usize = 7;
    const WIDTH: usize = 300;
    type Op = fn(&mut dyn KernelOps, [BufId; 4], usize);
    let Some(gpu) = gpu::gpu() else { return };
    let mix: Op = |ops, [x, y, c, _], rows| {
        let coefficients = Coefficients::OfRows(c);
        let f = MixStreams { width: WIDTH, base: Some(y), terms: x, coefficients, weight: None, out: y };
        ops.mix_streams(&f, rows);
    };
    let matched: Op = |ops, [_, y, _, like], rows| ops.match_magnitude(y, like, rows);
    let cut: Op = |ops, [_, y, ..], rows| ops.cut_gates(y, 0.7, rows);
    let mut rng = Rng::new(6);
    // Four streams of two terms; and what their magnitudes are matched to.
    let inputs = [2 * WIDTH, 4 * WIDTH, 8, WIDTH]
        .map(|width| (width, activations(&mut rng, Temper::Plain, ROWS * width)));
    let y = &inputs[1];
    let run = |op: Op, first: usize, rows: usize| {
        let mut ops = gpu::ops(&gpu);
        let buffers = inputs.each_ref().map(|(width, values)| {
            let buffer = ops.create_buffer(ROWS, *width);
            ops.write(buffer, &values[first * width..(first + rows) * width]);
            buffer
        });
        op(ops.as_mut(), buffers, rows);
        let mut out = vec![0.0; rows * y.0];
        ops.read(buffers[1], rows, &mut out);
        out.into_iter().map(f32::to_bits).collect::<Vec<u32>>()
    };
    for (name, op) in [("mix", mix), ("match", matched), ("cut", cut)] {
        let alone = (0..ROWS).flat_map(|row| run(op, row, 1)).collect::<Vec<u32>>();
        for rows in [2, ROWS] {
            assert!(run(op, 0, rows) == alone[..rows * y.0], "{name}: bits of {rows} rows");
        }
        let before: Vec<u32> = y.1.iter().map(|v| v.to_bits()).collect();
        assert!(alone != before, "{name} changes nothing");
    }
    assert_eq!(gpu.fault(), None);
}
