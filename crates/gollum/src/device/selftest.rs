//! `gollum gpu-selftest`: every kernel against the CPU's arithmetic, and what it costs.

use std::io::Write;

use anyhow::bail;
use gollum_backend_gpu::selftest::{NMSE_BOUND, Report, run, with_matrix_unit};
use gollum_backend_gpu::{Device, Gpu};

use super::gpu::as_json;
use crate::cli::SelftestArgs;

/// `gollum gpu-selftest`. An error at the end if the device cannot be trusted.
pub fn selftest(args: &SelftestArgs) -> anyhow::Result<()> {
    let gpu = with_matrix_unit(Gpu::new(Device::open(args.device)?));
    let report = run(&gpu);
    let mut out = std::io::stdout();
    if args.json {
        writeln!(out, "{}", report_as_json(&gpu, &report))?;
    } else {
        show(&gpu, &report, &mut out)?;
    }
    match report.failures.len() {
        0 => Ok(()),
        failures => bail!("{failures} tests failed on {}", gpu.info().name),
    }
}

fn show(gpu: &Gpu, report: &Report, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "{} ({})", gpu.info().name, gpu.info().driver)?;
    for n in &report.near {
        let (cases, extreme) = (n.cases, n.extreme);
        writeln!(out, "  ok    {:24} {cases} cases ({extreme} extreme), NMSE {:.1e}", n.op, n.worst_nmse)?;
    }
    writeln!(out, "  ok    same bits alone and in batches: {}", report.same_bits.join(" "))?;
    if let Some(unit) = gpu.info().matrix_unit {
        let used = if report.uses_matrix_unit { "used" } else { "not used: it fails its test" };
        writeln!(out, "  matrix unit ({unit:?}): {used}")?;
    }
    for failure in &report.failures {
        writeln!(out, "  FAIL  {failure}")?;
    }
    writeln!(out, "  {:.1} us for one more dispatch", report.dispatch_us)?;
    for s in &report.speeds {
        writeln!(out, "  {:30} {:10.1} us  {:8.1} GB/s  {:9.1} GFLOP/s", s.what, s.us, s.gb_per_s, s.gflops)?;
    }
    Ok(())
}

fn report_as_json(gpu: &Gpu, report: &Report) -> serde_json::Value {
    let near = report.near.iter().map(|n| {
        serde_json::json!({ "op": n.op, "cases": n.cases, "extreme": n.extreme, "worst_nmse": n.worst_nmse })
    });
    let speeds = report.speeds.iter().map(
        |s| serde_json::json!({ "what": s.what, "us": s.us, "gb_per_s": s.gb_per_s, "gflops": s.gflops }),
    );
    serde_json::json!({
        "device": as_json(gpu.info()),
        "nmse_bound": NMSE_BOUND,
        "near": near.collect::<Vec<_>>(),
        "same_bits": report.same_bits,
        "uses_matrix_unit": report.uses_matrix_unit,
        "failures": report.failures,
        "dispatch_us": report.dispatch_us,
        "speeds": speeds.collect::<Vec<_>>(),
    })
}
