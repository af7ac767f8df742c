//! Compiled kernels, made when first used and shared by all models on a device.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::device::Device;
use crate::shaders::{Kernel, bindings, param_words};

/// A compiled kernel.
pub(crate) struct Pipeline {
    pub pipeline: wgpu::ComputePipeline,
    pub layout: wgpu::BindGroupLayout,
    /// Names of the bindings, in order.
    pub bindings: Vec<String>,
    /// Words of parameters.
    pub param_words: usize,
}

/// The kernels of a device.
#[derive(Clone, Default)]
pub(crate) struct Pipelines {
    compiled: Arc<Mutex<HashMap<Kernel, Arc<Pipeline>>>>,
    /// Compile with bounds checks and zeroed workgroup memory: for tests.
    pub checked: bool,
}

impl Pipelines {
    pub fn new(checked: bool) -> Self {
        Self { checked, ..Self::default() }
    }

    pub fn get(&self, device: &Device, kernel: Kernel) -> Arc<Pipeline> {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        compiled.entry(kernel).or_insert_with(|| Arc::new(compile(device, kernel, self.checked))).clone()
    }
}

#[allow(unsafe_code)]
fn compile(device: &Device, kernel: Kernel, checked: bool) -> Pipeline {
    let (name, source) = (kernel.name(), kernel.source());
    let bound = bindings(&source);
    let entries: Vec<wgpu::BindGroupLayoutEntry> = (0..)
        .zip(&bound)
        .map(|(binding, (_, writes))| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer {
                ty: wgpu::BufferBindingType::Storage { read_only: !writes },
                has_dynamic_offset: false,
                min_binding_size: None,
            },
            count: None,
        })
        .collect();
    let gpu = &device.device;
    let descriptor = wgpu::BindGroupLayoutDescriptor { label: Some(&name), entries: &entries };
    let layout = gpu.create_bind_group_layout(&descriptor);
    let param_words = param_words(&source);
    let pipeline_layout = gpu.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some(&name),
        bind_group_layouts: &[Some(&layout)],
        immediate_size: param_words as u32 * 4,
    });
    let text =
        wgpu::ShaderModuleDescriptor { label: Some(&name), source: wgpu::ShaderSource::Wgsl(source.into()) };
    let module = if checked {
        gpu.create_shader_module(text)
    } else {
        // SAFETY: kernels index within the shapes that the operations assert before they are dispatched; tests run every
        // kernel with checks, too, and find equal results.
        unsafe { gpu.create_shader_module_trusted(text, wgpu::ShaderRuntimeChecks::unchecked()) }
    };
    let pipeline = gpu.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some(&name),
        layout: Some(&pipeline_layout),
        module: &module,
        entry_point: Some("main"),
        compilation_options: wgpu::PipelineCompilationOptions {
            zero_initialize_workgroup_memory: checked,
            ..Default::default()
        },
        cache: None,
    });
    let bindings = bound.into_iter().map(|(name, _)| name).collect();
    Pipeline { pipeline, layout, bindings, param_words }
}
