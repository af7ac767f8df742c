//! Recording a step: dispatches are noted one by one, and go to the device in one compute pass of one submission when
//! the host asks for a result.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::channel;

use crate::device::{Device, SUBMISSION_TIMEOUT};
use crate::pipelines::{Pipeline, Pipelines};
use crate::shaders::Kernel;

/// Words of lists that a step may have before their buffer grows.
const FIRST_LIST_WORDS: usize = 1 << 16;

/// Dispatches in one submission at most: a step of a model of 200 layers has some 2,000. Bounds what a caller can pile up
/// without ever reading.
const MAX_DISPATCHES: usize = 8192;

/// Bind groups remembered at most; a model has some ten per layer.
const MAX_BIND_GROUPS: usize = 16_384;

struct Dispatch {
    pipeline: Arc<Pipeline>,
    bind_group: wgpu::BindGroup,
    params: Vec<u32>,
    grid: [u32; 3],
}

/// Where a list was added last, if it was: at which count of cuts, and where it begins.
#[derive(Clone, Copy, Default)]
pub(crate) struct Listed(Option<(u64, u32)>);

/// See the module's text.
pub(crate) struct Recorder {
    pub device: Device,
    pipelines: Pipelines,
    dispatches: Vec<Dispatch>,
    bind_groups: HashMap<(Kernel, Vec<wgpu::Buffer>), wgpu::BindGroup>,
    /// Integers that kernels read: rows, slots, tables. The first `kept` are those of the step.
    lists: Vec<u32>,
    kept: usize,
    /// How often lists were forgotten.
    cuts: u64,
    list_buffer: wgpu::Buffer,
    list_capacity: usize,
    staging: Option<wgpu::Buffer>,
    /// Submissions so far.
    pub submissions: u64,
    /// Dispatches so far.
    pub dispatched: u64,
}

impl Recorder {
    pub fn new(device: Device, pipelines: Pipelines) -> Self {
        let list_buffer = device.buffer("lists", FIRST_LIST_WORDS as u64 * 4);
        Self {
            device,
            pipelines,
            dispatches: Vec::new(),
            bind_groups: HashMap::new(),
            lists: Vec::new(),
            kept: 0,
            cuts: 0,
            list_buffer,
            list_capacity: FIRST_LIST_WORDS,
            staging: None,
            submissions: 0,
            dispatched: 0,
        }
    }

    /// Starts a step: submits what is left of the last one, and forgets its lists.
    pub fn start_step(&mut self) {
        self.submit(|_| {});
        self.lists.clear();
        self.kept = 0;
    }

    /// Adds a list that several operations of a step read, unless it is there.
    pub fn list_once(&mut self, listed: &mut Listed, words: &[u32]) -> u32 {
        if let Some((_, at)) = listed.0.filter(|&(cuts, _)| cuts == self.cuts) {
            return at;
        }
        let at = self.list(words.iter().copied());
        listed.0 = Some((self.cuts, at));
        at
    }

    /// Adds a list and returns where it begins. It lasts until the next submission.
    pub fn list(&mut self, words: impl IntoIterator<Item = u32>) -> u32 {
        let at = self.lists.len();
        self.lists.extend(words);
        if self.lists.len() > self.list_capacity {
            // What is recorded reads the old buffer, and its lists.
            let new = self.lists.split_off(at);
            self.send(|_| {});
            self.lists.extend(new);
            self.list_capacity = self.lists.len().next_power_of_two();
            self.list_buffer = self.device.buffer("lists", self.list_capacity as u64 * 4);
            self.bind_groups.clear();
        }
        at as u32
    }

    /// Adds a list that lasts for the step.
    pub fn step_list(&mut self, words: impl IntoIterator<Item = u32>) -> u32 {
        let at = self.list(words);
        assert!(at as usize >= self.kept, "step lists come before others");
        self.kept = self.lists.len();
        at
    }

    /// Notes a dispatch. `buffers` names what the kernel binds, but for `lists`.
    pub fn dispatch(
        &mut self,
        kernel: Kernel,
        buffers: &[(&str, &wgpu::Buffer)],
        params: &[u32],
        grid: [usize; 2],
    ) {
        if grid.contains(&0) {
            return;
        }
        assert!(grid.iter().all(|&n| n <= 65_535), "a grid of {grid:?} for {}", kernel.name());
        let pipeline = self.pipelines.get(&self.device, kernel);
        assert_eq!(params.len(), pipeline.param_words, "parameters of {}", kernel.name());
        let of_name = |name: &String| match name.as_str() {
            "lists" => self.list_buffer.clone(),
            name => {
                let found = buffers.iter().find(|(n, _)| *n == name);
                found.unwrap_or_else(|| panic!("{} binds {name}", kernel.name())).1.clone()
            }
        };
        let bound: Vec<wgpu::Buffer> = pipeline.bindings.iter().map(of_name).collect();
        if self.bind_groups.len() >= MAX_BIND_GROUPS {
            self.bind_groups.clear();
        }
        let device = &self.device.device;
        let bind_group = self.bind_groups.entry((kernel, bound)).or_insert_with_key(|(_, bound)| {
            let entries: Vec<wgpu::BindGroupEntry<'_>> = (0..)
                .zip(bound)
                .map(|(binding, buffer)| wgpu::BindGroupEntry {
                    binding,
                    resource: buffer.as_entire_binding(),
                })
                .collect();
            device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: None,
                layout: &pipeline.layout,
                entries: &entries,
            })
        });
        let bind_group = bind_group.clone();
        let grid = [grid[0] as u32, grid[1] as u32, 1];
        self.dispatches.push(Dispatch { pipeline, bind_group, params: params.to_vec(), grid });
        if self.dispatches.len() >= MAX_DISPATCHES {
            self.send(|_| {});
        }
    }

    /// Forgets bind groups: after a buffer was replaced, so that the old one goes.
    pub fn forget_buffers(&mut self) {
        self.submit(|_| {});
        self.bind_groups.clear();
    }

    /// Sends everything recorded to the device, and behind it what `then` encodes; lists but the step's are forgotten.
    pub fn submit(&mut self, then: impl FnOnce(&mut wgpu::CommandEncoder)) -> Option<wgpu::SubmissionIndex> {
        let index = self.send(then);
        self.lists.truncate(self.kept);
        self.cuts += 1;
        index
    }

    fn send(&mut self, then: impl FnOnce(&mut wgpu::CommandEncoder)) -> Option<wgpu::SubmissionIndex> {
        let dispatches = std::mem::take(&mut self.dispatches);
        if self.device.fault.get().is_some() {
            return None;
        }
        self.device.queue.write_buffer(&self.list_buffer, 0, bytemuck::cast_slice(&self.lists));
        let mut encoder =
            self.device.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        if !dispatches.is_empty() {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            for d in &dispatches {
                pass.set_pipeline(&d.pipeline.pipeline);
                pass.set_bind_group(0, &d.bind_group, &[]);
                pass.set_immediates(0, bytemuck::cast_slice(&d.params));
                pass.dispatch_workgroups(d.grid[0], d.grid[1], d.grid[2]);
            }
        }
        then(&mut encoder);
        let index = self.device.queue.submit([encoder.finish()]);
        self.submissions += 1;
        self.dispatched += dispatches.len() as u64;
        Some(index)
    }

    /// Overwrites part of a buffer, after everything recorded.
    pub fn write(&mut self, buffer: &wgpu::Buffer, offset: u64, bytes: &[u8]) {
        if !self.dispatches.is_empty() {
            self.submit(|_| {});
        }
        if self.device.fault.get().is_none() {
            self.device.queue.write_buffer(buffer, offset, bytes);
        }
    }

    /// Runs everything recorded and copies part of a buffer out. After a fault, NaN.
    pub fn read(&mut self, buffer: &wgpu::Buffer, offset: u64, out: &mut [f32]) {
        let bytes = size_of_val(out) as u64;
        if bytes == 0 {
            return;
        }
        if self.staging.as_ref().is_none_or(|s| s.size() < bytes) {
            self.staging = Some(self.device.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("results"),
                size: bytes.next_power_of_two(),
                usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            }));
        }
        let staging = self.staging.clone().expect("just made");
        let index = self.submit(|encoder| encoder.copy_buffer_to_buffer(buffer, offset, &staging, 0, bytes));
        if self.fetch(&staging, index, out).is_none() {
            out.fill(f32::NAN);
        }
    }

    /// Waits for a submission and copies the staging buffer out; `None` and a fault where that fails.
    fn fetch(
        &mut self,
        staging: &wgpu::Buffer,
        index: Option<wgpu::SubmissionIndex>,
        out: &mut [f32],
    ) -> Option<()> {
        let index = index?;
        let slice = staging.slice(..size_of_val(out) as u64);
        let (tell, told) = channel();
        slice.map_async(wgpu::MapMode::Read, move |result| {
            // The other end waits until the submission has ended, or has given up.
            let _ = tell.send(result);
        });
        let wait = wgpu::PollType::Wait { submission_index: Some(index), timeout: Some(SUBMISSION_TIMEOUT) };
        if let Err(error) = self.device.device.poll(wait) {
            self.device.fault.set(format!("a submission did not end: {error}"));
            self.staging = None;
            return None;
        }
        match told.try_recv() {
            Ok(Ok(())) => {}
            other => {
                self.device.fault.set(format!("a result could not be read: {other:?}"));
                self.staging = None;
                return None;
            }
        }
        let mapped = slice.get_mapped_range().ok()?;
        bytemuck::cast_slice_mut::<f32, u8>(out).copy_from_slice(&mapped);
        drop(mapped);
        staging.unmap();
        self.device.fault.get().is_none().then_some(())
    }
}
