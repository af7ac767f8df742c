//! The ceilings of the machine this runs on: what no kernel can beat.

#![allow(unsafe_code)]

use std::hint::black_box;
use std::time::Instant;

use crate::memory::HugeBuffer;
use crate::pool::Pool;
use crate::simd::{Isa, Kernel, LANES, Simd};

/// Bytes each thread reads per repetition: far beyond any cache.
const READ_BYTES: usize = 256 << 20;
/// Integer dots, and FMAs, each thread does per repetition.
const DOTS: usize = 64 << 20;
/// Repetitions; the best counts, because a ceiling is what the machine can do when left alone.
const REPETITIONS: usize = 5;

/// Measured ceilings.
#[derive(Clone, Copy, Debug)]
pub struct Ceilings {
    /// Sequential reads from memory, 1e9 bytes per second over all threads.
    pub read_gb_s: f64,
    /// int8 multiply-adds counted as two operations, 1e9 per second over all threads.
    pub int8_gop_s: f64,
    /// f32 multiply-adds counted as two operations, 1e9 per second over all threads.
    pub fma_gop_s: f64,
}

/// Measures the ceilings with `threads` threads. Takes about a second and `256 MiB` per thread; `None`
/// when threads or memory cannot be had.
pub fn ceilings(isa: Isa, threads: usize) -> Option<Ceilings> {
    let pool = Pool::new(threads).ok()?;
    let mut data = HugeBuffer::zeroed(READ_BYTES * threads)?;
    data.fill(1);
    let start = data.as_raw() as usize;
    let best = |f: &(dyn Fn(usize) + Sync)| {
        let mut seconds = f64::INFINITY;
        for _ in 0..REPETITIONS {
            let begin = Instant::now();
            pool.for_each(threads, f);
            seconds = seconds.min(begin.elapsed().as_secs_f64());
        }
        seconds
    };
    let read = best(&|t| {
        isa.run(Read { start: (start + t * READ_BYTES) as *const u8 });
    });
    let dot = best(&|_| {
        isa.run(Dots);
    });
    let fma = best(&|_| {
        isa.run(Fmas);
    });
    let lane_operations = (2 * DOTS * LANES * threads) as f64;
    Some(Ceilings {
        read_gb_s: (READ_BYTES * threads) as f64 / read / 1e9,
        int8_gop_s: 4.0 * lane_operations / dot / 1e9,
        fma_gop_s: lane_operations / fma / 1e9,
    })
}

/// Reads `READ_BYTES` bytes.
struct Read {
    start: *const u8,
}

impl Kernel for Read {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: the caller's buffer holds `READ_BYTES` bytes.
        unsafe {
            let mut seen = [S::load_b(self.start); 4];
            for at in (0..READ_BYTES).step_by(256) {
                for (i, seen) in seen.iter_mut().enumerate() {
                    *seen = S::or_b(*seen, S::load_b(self.start.add(at + i * 64)));
                }
            }
            black_box(&seen);
        }
    }
}

/// Integer dots on registers: twelve independent sums, so that latency does not show.
struct Dots;

impl Kernel for Dots {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: the array is one 64-byte vector.
        unsafe {
            let w = S::load_b(black_box([3u8; 64]).as_ptr());
            let mut acc = [S::splat_i(0); 12];
            for (i, acc) in acc.iter_mut().enumerate() {
                *acc = S::splat_i(black_box(i as i32));
            }
            for i in 0..DOTS / 12 {
                let a = i as i32;
                for acc in &mut acc {
                    *acc = S::dot_unsigned(*acc, w, a);
                }
            }
            black_box(&acc);
        }
    }
}

/// The same of FMAs.
struct Fmas;

impl Kernel for Fmas {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: no pointers.
        unsafe {
            let factor = S::splat(black_box(0.5));
            let mut acc = [S::splat(0.0); 12];
            for (i, acc) in acc.iter_mut().enumerate() {
                *acc = S::splat(black_box(i as f32));
            }
            for _ in 0..DOTS / 12 {
                for acc in &mut acc {
                    *acc = S::fma(*acc, factor, factor);
                }
            }
            black_box(&acc);
        }
    }
}
