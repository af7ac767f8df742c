//! Attention to long sequences, in steps of any length, on the first GPU or a software driver.

#![allow(clippy::unwrap_used)]

mod gpu;

use gollum_backend_gpu::selftest::{long_attention, long_cases};

#[test]
fn long_sequences_give_the_same_bits_in_any_step() {
    let Some(gpu) = gpu::gpu() else { return };
    for case in long_cases() {
        long_attention(&gpu, &case).unwrap();
    }
    assert_eq!(gpu.fault(), None);
}
