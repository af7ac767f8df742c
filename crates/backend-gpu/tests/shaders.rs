//! Every kernel's text is valid WGSL and can be written as SPIR-V and as MSL, without any GPU. What a Mac compiles lies
//! in `golden/msl`; `GOLLUM_WRITE_GOLDEN=1` writes it anew.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use gollum_backend_gpu::MatrixUnit;
use gollum_backend_gpu::shaders::{Kernel, KvKind, MAX_PARAM_BYTES, Memory, bindings, param_words};
use gollum_backend_gpu::weights::Layout;
use naga::back::{msl, spv};
use naga::proc::{BoundsCheckPolicies, BoundsCheckPolicy};
use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};

fn parse(kernel: &Kernel) -> (naga::Module, ModuleInfo) {
    let source = kernel.source();
    let module = naga::front::wgsl::parse_str(&source)
        .unwrap_or_else(|e| panic!("{}: {}", kernel.name(), e.emit_to_string(&source)));
    let info = Validator::new(ValidationFlags::all(), Capabilities::all())
        .validate(&module)
        .unwrap_or_else(|e| panic!("{}: {}", kernel.name(), e.emit_to_string(&source)));
    (module, info)
}

/// As wgpu writes it for a release: without checks, buffers in the order of their bindings.
fn as_msl(kernel: &Kernel) -> String {
    let (module, info) = parse(kernel);
    let count = bindings(&kernel.source()).len() as u8;
    let resources = (0..count)
        .map(|binding| {
            let target = msl::BindTarget { buffer: Some(binding), mutable: true, ..Default::default() };
            (naga::ResourceBinding { group: 0, binding: u32::from(binding) }, target)
        })
        .collect();
    let entry =
        msl::EntryPointResources { resources, immediates_buffer: Some(count), sizes_buffer: Some(count + 1) };
    let unchecked = BoundsCheckPolicy::Unchecked;
    let options = msl::Options {
        lang_version: (3, 0),
        per_entry_point_map: std::iter::once(("main".to_owned(), entry)).collect(),
        fake_missing_bindings: false,
        bounds_check_policies: BoundsCheckPolicies {
            index: unchecked,
            buffer: unchecked,
            image_load: unchecked,
            binding_array: unchecked,
        },
        zero_initialize_workgroup_memory: false,
        force_loop_bounding: false,
        emit_int_div_checks: false,
        ..Default::default()
    };
    msl::write_string(&module, &info, &options, &msl::PipelineOptions::default()).unwrap().0
}

#[test]
fn every_kernel_is_valid_and_has_a_name_of_its_own() {
    let all = Kernel::all();
    assert!(all.len() > 200, "{}", all.len());
    let mut names: Vec<String> = all.iter().map(Kernel::name).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all.len());
    for kernel in &all {
        parse(kernel);
        let source = kernel.source();
        assert!(param_words(&source) * 4 <= MAX_PARAM_BYTES, "{}", kernel.name());
        assert!(!bindings(&source).is_empty(), "{}", kernel.name());
    }
}

#[test]
fn every_kernel_can_be_written_as_spirv() {
    let options = spv::Options { lang_version: (1, 3), ..Default::default() };
    for kernel in Kernel::all() {
        let (module, info) = parse(&kernel);
        let words = spv::write_vec(&module, &info, &options, None).unwrap();
        assert!(words.len() > 100, "{}", kernel.name());
    }
}

#[test]
fn release_msl_has_no_checks_and_no_zeroing() {
    for kernel in Kernel::all() {
        let (name, text) = (kernel.name(), as_msl(&kernel));
        assert!(text.contains("kernel void"), "{name}");
        for checked in
            ["loop_bound", "naga_div", "naga_mod", "metal::all(__local_invocation_id == metal::uint3(0u))"]
        {
            assert!(!text.contains(checked), "{name} has {checked}");
        }
        // Apple's compiler spoils matrices of the matrix units in workgroups of 32.
        assert!(!(text.contains("simdgroup_") && text.contains("threads_per_threadgroup(32)")), "{name}");
    }
}

#[test]
fn matmuls_add_in_a_fixed_order() {
    for kernel in Kernel::all() {
        let multiplies =
            matches!(kernel, Kernel::Matmul { .. } | Kernel::ExpertMatmul { .. } | Kernel::UnitMatmul { .. });
        if !multiplies {
            continue;
        }
        let text = as_msl(&kernel);
        assert!(text.contains("metal::fma("), "{}", kernel.name());
        // Sums over lanes of a subgroup come in an order that the driver chooses.
        assert!(!text.contains("simd_sum"), "{}", kernel.name());
    }
}

/// Four units of a workgroup: each multiplies 16 rows by a panel of 16, K-block by K-block.
#[test]
fn matrix_units_multiply_f16_and_add_in_f32() {
    let mut seen = 0;
    for kernel in Kernel::all() {
        let Kernel::UnitMatmul { layout, unit, .. } = kernel else { continue };
        let (name, text) = (kernel.name(), as_msl(&kernel));
        let count = |what: &str| text.matches(what).count();
        let multiplications = count(" = NagaCooperativeMultiplyAdd(");
        match unit {
            MatrixUnit::Emulated => assert!(!text.contains("simdgroup_"), "{name}"),
            // 2 x 2 tiles of sums, 4 steps through a block, whether its halves have sums of their own or not.
            MatrixUnit::Tiles8 => assert_eq!(multiplications, 16, "{name}"),
            MatrixUnit::Tiles16 => assert_eq!(multiplications, 2, "{name}"),
        }
        if unit != MatrixUnit::Emulated {
            let tile = if unit == MatrixUnit::Tiles8 { "8x8" } else { "16x16" };
            assert!(text.contains("simdgroup_multiply_accumulate(d,a,b,c)"), "{name}");
            assert!(text.contains(&format!("simdgroup_half{tile}& a")), "{name}");
            assert!(text.contains(&format!("simdgroup_float{tile}& c")), "{name}");
            // Rows of inputs lie as they are multiplied; rows of weights, across.
            let loads = |from: &str, end: &str| {
                let lines =
                    text.lines().filter(|line| line.contains(&format!("CooperativeLoad(&{from}.inner[")));
                lines.clone().count() > 0 && lines.into_iter().all(|line| line.ends_with(end))
            };
            assert!(loads("inputs", "u, false);") && loads("codes", "u, true);"), "{name}");
            let stores = if layout.has_halves() { 2 } else { 1 } * if tile == "8x8" { 4 } else { 1 };
            assert_eq!(count("    simdgroup_store("), stores, "{name}");
        }
        assert!(text.contains("max_total_threads_per_threadgroup(128)"), "{name}");
        seen += 1;
    }
    assert!(seen >= 3 * 13, "{seen} kernels of matrix units");
}

/// The kernels that most models use, as a Mac has them.
fn shown() -> Vec<Kernel> {
    let used = [
        Layout::of(gollum_quant::FormatId::F16),
        Layout::of(gollum_quant::FormatId::Q8_0),
        Layout::of(gollum_quant::FormatId::Q4_0),
        Layout::of(gollum_quant::FormatId::Q4_K),
        Layout::of(gollum_quant::FormatId::Q6_K),
        Layout::of(gollum_quant::FormatId::MXFP4),
    ];
    Kernel::all()
        .into_iter()
        .filter(|kernel| match kernel {
            Kernel::Matmul { layout, cols, dp4a: false, ragged: false } => {
                used.contains(layout) && [1, 8].contains(cols)
            }
            Kernel::ExpertMatmul { layout, cols, dp4a: false, ragged: false } => {
                [used[3], used[5]].contains(layout) && [1, 8].contains(cols)
            }
            Kernel::UnitMatmul { layout, unit: MatrixUnit::Tiles8, of_experts } => {
                used.contains(layout) && (!of_experts || *layout == used[5])
            }
            Kernel::Matmul { .. } | Kernel::ExpertMatmul { .. } | Kernel::UnitMatmul { .. } => false,
            Kernel::Embed(layout) => used.contains(layout),
            Kernel::Attend { kv, dims, wide: false } | Kernel::Heads { kv, dims } => {
                *kv == KvKind::F16 && *dims <= 2
            }
            Kernel::Attend { .. } => false,
            Kernel::Append(kv) | Kernel::AttendPrompt { kv, .. } => *kv == KvKind::F16,
            // Memories of 16 rows are Mamba-1's, of 128 everyone else's.
            Kernel::Memory { of, cells } => *cells == if *of == Memory::Channels { 4 } else { 32 },
            _ => true,
        })
        .collect()
}

#[test]
fn what_a_mac_compiles_is_on_record() {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../golden/msl"));
    let write = std::env::var_os("GOLLUM_WRITE_GOLDEN").is_some();
    for kernel in shown() {
        let (path, text) = (folder.join(format!("{}.metal", kernel.name())), as_msl(&kernel));
        if write {
            std::fs::write(&path, &text).unwrap();
        }
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(golden == text, "{} differs from golden/msl; GOLLUM_WRITE_GOLDEN=1 writes it", kernel.name());
    }
}
