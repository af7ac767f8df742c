//! Every operation and format against the scalar reference, within a distance, on the first GPU of this machine or a
//! software driver. `make test-gpu` runs this at two subgroup widths.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod gpu;

use gollum_backend_gpu::selftest::{NMSE_BOUND, same_bits};
use gollum_backend_gpu::{Gpu, MatrixUnit};
use gollum_core::{Batch, KvDtype, PageId, SequenceSpan};
use gollum_kernels::conformance;
use gollum_kernels::{Attend, KvLayer, KvSpec, Window};
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
            same_bits(&with, format).unwrap_or_else(|failure| panic!("{unit:?}: {failure}"));
        }
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
