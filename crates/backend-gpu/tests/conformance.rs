//! Every operation and format against the scalar reference, within a distance, on the first GPU of this machine, or
//! on a software driver.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use gollum_backend_gpu::{Device, Gpu, GpuOps};
use gollum_kernels::conformance::{CHECKS, Subject};

#[test]
fn scratch() {
    let only = std::env::var("ONLY").ok();
    let gpu = Gpu::new(Device::open(None).unwrap());
    println!("{:?}", gpu.info());
    for check in CHECKS {
        if only.as_ref().is_some_and(|o| o != check.op) { continue; }
        let started = std::time::Instant::now();
        let mut make = || -> Box<dyn gollum_kernels::KernelOps> { Box::new(GpuOps::new(&gpu)) };
        let mut subject = Subject::near(&mut make, 1e-5);
        let r = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| (check.run)(&mut subject)));
        match r {
            Ok(Ok(cases)) => println!("ok {} {cases} worst {:e} {:?}", check.op, subject.worst_nmse(), started.elapsed()),
            Ok(Err(e)) => println!("FAIL {e} {:?}", started.elapsed()),
            Err(_) => println!("PANIC {}", check.op),
        }
        if let Some(f) = gpu.fault() { println!("FAULT {f}"); break; }
    }
}
