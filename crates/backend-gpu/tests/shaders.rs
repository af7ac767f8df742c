//! Every kernel's text is valid WGSL and can be written as SPIR-V and MSL, without any GPU.

#![allow(clippy::unwrap_used)]

use gollum_backend_gpu::shaders::{Kernel, MAX_PARAM_BYTES, bindings, param_words};
use naga::back::{msl, spv};
use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};

fn parse(kernel: &Kernel) -> (naga::Module, ModuleInfo) {
    let source = kernel.source();
    let numbered = || {
        source.lines().enumerate().map(|(i, l)| format!("{:4} {l}\n", i + 1)).collect::<String>()
    };
    let module = naga::front::wgsl::parse_str(&source)
        .unwrap_or_else(|e| panic!("{}: {}\n{}", kernel.name(), e.emit_to_string(&source), numbered()));
    let info = Validator::new(ValidationFlags::all(), Capabilities::all())
        .validate(&module)
        .unwrap_or_else(|e| panic!("{}: {}", kernel.name(), e.emit_to_string(&source)));
    (module, info)
}

#[test]
fn every_kernel_parses_and_validates() {
    let all = Kernel::all();
    assert!(all.len() > 150, "{}", all.len());
    for kernel in &all {
        parse(kernel);
        let source = kernel.source();
        assert!(param_words(&source) * 4 <= MAX_PARAM_BYTES, "{}", kernel.name());
        assert!(!bindings(&source).is_empty(), "{}", kernel.name());
    }
}
