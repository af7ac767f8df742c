//! A mixture of experts as jobs: each expert's weights are read once a step, however many rows chose it.
//!
//! ```text
//! rows, order of choice       row 0: experts 5, 2    row 1: experts 2, 7           choices
//! slots, sorted by expert     expert 2: rows 0, 1    expert 5: row 0   expert 7: row 1
//!
//! route, sort                 choices of each row; a counting sort gives each choice its slot
//! scatter                     each row is quantised once and copied to its slots
//! gate, up, activation        tasks over all (expert, run of panels); only chosen experts' weights are touched
//! quantise, down              likewise
//! mix                         each row adds up its slots, in its own order of choice
//! ```
//! The rows of an expert lie side by side, so the kernels are those of every matmul, and a row's bits do not depend on
//! its neighbours: grouping cannot show.

#![allow(unsafe_code)]

use std::ops::Range;

use gollum_kernels::reference::routing::{Choice, choose};
use gollum_kernels::{BufId, ExpertFfn, ExpertLinear, ExpertsId, Output, WeighAt};

use super::mapped::ExpertMatrix;
use super::matmul::{GatedPanels, PanelJob, ROWS_PER_READ, TASK_WEIGHT_ROWS};
use super::{CpuOps, Ptr};
use crate::kernels::matmul::Finish;
use crate::kernels::mix::{Mix, MixRow};
use crate::kernels::rows::ScaleRow;
use crate::simd::LANES;

/// What a router's logit costs, in values of [`CpuOps::for_rows`].
const VALUES_PER_LOGIT: usize = 16;

/// The rows of one expert: slots `first .. first + rows`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub expert: usize,
    pub first: usize,
    pub rows: usize,
}

/// Who goes where.
struct Order {
    /// The slot of each choice, `[rows * used]`.
    slots: Vec<usize>,
    /// The experts that were chosen, ascending.
    groups: Vec<Group>,
}

impl Order {
    /// A counting sort, stable: rows of an expert keep their order.
    fn new(experts: usize, choices: &[Choice]) -> Self {
        let mut counts = vec![0; experts];
        choices.iter().for_each(|choice| counts[choice.expert] += 1);
        let mut groups = Vec::new();
        let mut first = 0;
        for (expert, count) in counts.iter_mut().enumerate() {
            let rows = std::mem::replace(count, first);
            if rows > 0 {
                groups.push(Group { expert, first, rows });
            }
            first += rows;
        }
        // `counts` holds each expert's next free slot by now.
        let slot = |choice: &Choice| {
            let next = &mut counts[choice.expert];
            *next += 1;
            *next - 1
        };
        Self { slots: choices.iter().map(slot).collect(), groups }
    }
}

/// How the work of all experts is cut into tasks: runs of panels of one expert, all of its rows.
pub(super) struct Cut<'a> {
    groups: &'a [Group],
    panels: usize,
    /// Of each group: the number of its first task, and the panels of each of its tasks.
    tasks: Vec<(usize, usize)>,
    count: usize,
}

impl<'a> Cut<'a> {
    /// Of groups that multiply `panels` panels of `cols` inputs each.
    pub fn new(groups: &'a [Group], cols: usize, panels: usize) -> Self {
        let mut count = 0;
        let tasks = groups.iter().map(|group| {
            let panel_work = LANES * cols * (group.rows + ROWS_PER_READ);
            let panels_per_task = (TASK_WEIGHT_ROWS / panel_work).max(1);
            let first = count;
            count += panels.div_ceil(panels_per_task);
            (first, panels_per_task)
        });
        let tasks = tasks.collect();
        Self { groups, panels, tasks, count }
    }

    /// Tasks in all.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Group and panels of a task.
    pub fn task(&self, task: usize) -> (Group, Range<usize>) {
        let index = self.tasks.partition_point(|&(first, _)| first <= task) - 1;
        let (first, panels_per_task) = self.tasks[index];
        let start = (task - first) * panels_per_task;
        (self.groups[index], start..self.panels.min(start + panels_per_task))
    }
}

/// One matrix of every expert as panel jobs.
pub(super) struct ExpertJobs<'a> {
    /// That of expert 0, without its scale.
    first: PanelJob<'a>,
    matrix: &'a ExpertMatrix,
    scales: Option<&'a [f32]>,
}

impl<'a> ExpertJobs<'a> {
    /// Panels of one expert.
    pub fn panels(&self) -> usize {
        self.first.matrix.panels()
    }

    pub fn of(&self, expert: usize) -> PanelJob<'a> {
        let mut job = self.first;
        job.first_panel = self.matrix.first_panel(expert);
        if !job.finish.bias.is_null() {
            job.finish.bias = job.finish.bias.wrapping_add(expert * job.matrix.rows);
        }
        job.finish.weight_scale = self.scales.map_or(1.0, |scales| scales[expert]);
        job
    }
}

impl CpuOps {
    pub(super) fn mix_experts(&mut self, f: &ExpertFfn, rows: usize) {
        assert!(!self.share_memory(f.x, f.down_out), "the input is read until all rows are in their slots");
        let choices = self.route(f, rows);
        let order = Order::new(f.routing.experts, &choices);
        self.scatter(f, &choices, &order);
        let inner: Vec<ExpertsId> =
            [Some(&f.gate), f.up.as_ref()].into_iter().flatten().map(|linear| linear.experts).collect();
        for wave in self.waves(&inner, &order.groups) {
            inner.iter().for_each(|&id| self.bring(id, &wave));
            self.run_inner(f, &wave, choices.len());
        }
        if self.experts[f.down.experts.0].packed.is_int() {
            self.quantise(f.gate_out, choices.len());
        }
        for wave in self.waves(&[f.down.experts], &order.groups) {
            self.bring(f.down.experts, &wave);
            self.run_down(f, &wave, choices.len());
        }
        self.add_up(f, &choices, &order);
    }

    /// The choices of each row, `[rows * used]`.
    fn route(&self, f: &ExpertFfn, rows: usize) -> Vec<Choice> {
        let (experts, used) = (f.routing.experts, f.routing.used);
        assert!((1..=experts).contains(&used), "{used} of {experts} experts");
        let bias = f.routing.selection_bias.map(|bias| &*self.vectors[bias.0]);
        let logits = self.ptr(f.router_logits, rows, experts);
        let mut choices = vec![Choice::default(); rows * used];
        let target = Ptr(choices.as_mut_ptr());
        self.for_rows(rows, experts * VALUES_PER_LOGIT, &|row| {
            // SAFETY: the row exists, and each task has choices of its own.
            let (logits, target) = unsafe {
                let logits = std::slice::from_raw_parts(logits.at(row * experts), experts);
                (logits, std::slice::from_raw_parts_mut(target.at(row * used), used))
            };
            target.copy_from_slice(&choose(&f.routing, bias, logits));
        });
        choices
    }

    /// Brings each row to its slots: quantised, or as it is for float weights, or both.
    fn scatter(&mut self, f: &ExpertFfn, choices: &[Choice], order: &Order) {
        let used = f.routing.used;
        let (rows, width) = (choices.len() / used, self.width(f.x));
        let is_int = |linear: &ExpertLinear| self.experts[linear.experts.0].packed.is_int();
        let wanted = [Some(&f.gate), f.up.as_ref()];
        let (int, float) = (
            wanted.iter().flatten().any(|linear| is_int(linear)),
            wanted.iter().flatten().any(|linear| !is_int(linear)),
        );
        if int {
            self.quantised.fit(choices.len(), width);
        }
        let (x, gathered) = (self.ptr(f.x, rows, width), self.ptr(f.down_out, choices.len(), width));
        let (target, isa) = (self.quantised.target(width), self.isa);
        self.for_rows(rows, used * width, &|row| {
            let x = x.at(row * width).cast_const();
            let of_row = row * used..(row + 1) * used;
            let (choices, slots) = (&choices[of_row.clone()], &order.slots[of_row]);
            for (i, (choice, &slot)) in choices.iter().zip(slots).enumerate() {
                let out = gathered.at(slot * width);
                match f.weigh {
                    WeighAt::Input => {
                        isa.run(ScaleRow { x, factor: choice.weight, out, n: width });
                        if int {
                            isa.run(target.row(out, slot));
                        }
                    }
                    WeighAt::Output => {
                        if float {
                            isa.run(ScaleRow { x, factor: 1.0, out, n: width });
                        }
                        match (int, i) {
                            (false, _) => {}
                            (true, 0) => isa.run(target.row(x, slot)),
                            (true, _) => target.copy(slots[0], slot),
                        }
                    }
                }
            }
        });
    }

    /// The jobs of one matrix of every expert, over all slots.
    fn expert_jobs(&self, linear: &ExpertLinear, (x, out): (BufId, BufId), slots: usize) -> ExpertJobs<'_> {
        let matrix = &self.experts[linear.experts.0].packed;
        self.jobs_of_all(linear, self.ptr(x, slots, matrix.cols), self.ptr(out, slots, matrix.rows))
    }

    /// The jobs of one matrix of every expert; float matrices read `x`, the others what is quantised.
    pub(super) fn jobs_of_all(&self, linear: &ExpertLinear, x: Ptr<f32>, out: Ptr<f32>) -> ExpertJobs<'_> {
        let experts_matrix = &self.experts[linear.experts.0];
        let (experts, matrix) = (experts_matrix.experts(), &experts_matrix.packed);
        let scales = linear.scales.map(|scales| &*self.vectors[scales.0]);
        scales.iter().for_each(|scales| assert_eq!(scales.len(), experts, "scales of experts"));
        let bias = self.bias_ptr(linear.bias, experts * matrix.rows).at(0);
        let first = PanelJob {
            matrix,
            first_panel: 0,
            quantised: self.quantised.activations(matrix.cols),
            x,
            out,
            out_stride: matrix.rows,
            add: false,
            finish: Finish { weight_scale: 1.0, bias, clamp: f32::INFINITY, scale: 1.0 },
            isa: self.isa,
        };
        ExpertJobs { first, matrix: experts_matrix, scales }
    }

    /// Gate, up and activation of some groups of all slots, to `gate_out`.
    fn run_inner(&self, f: &ExpertFfn, groups: &[Group], slots: usize) {
        let gate = self.expert_jobs(&f.gate, (f.down_out, f.gate_out), slots);
        let up = f.up.as_ref().map(|up| self.expert_jobs(up, (f.down_out, f.up_out), slots));
        let panels_of = |expert: usize| GatedPanels {
            gate: gate.of(expert),
            up: up.as_ref().map(|up| up.of(expert)),
            activation: f.activation,
        };
        let inputs = gate.first.matrix.cols * if up.is_some() { 2 } else { 1 };
        let cut = Cut::new(groups, inputs, gate.first.matrix.panels());
        self.pool.for_each(cut.count, &|task| {
            let (group, of_panels) = cut.task(task);
            let panels = panels_of(group.expert);
            of_panels.for_each(|panel| panels.run(panel, group.first..group.first + group.rows));
        });
    }

    /// Down of some groups of all slots, to `down_out`.
    fn run_down(&self, f: &ExpertFfn, groups: &[Group], slots: usize) {
        let down = self.expert_jobs(&f.down, (f.gate_out, f.down_out), slots);
        let cut = Cut::new(groups, down.first.matrix.cols, down.first.matrix.panels());
        self.pool.for_each(cut.count, &|task| {
            let (group, of_panels) = cut.task(task);
            let job = down.of(group.expert);
            of_panels.for_each(|panel| job.run(panel, group.first..group.first + group.rows));
        });
    }

    /// Each row's sum over its slots, in its order of choice.
    fn add_up(&self, f: &ExpertFfn, choices: &[Choice], order: &Order) {
        let used = f.routing.used;
        let (rows, width) = (choices.len() / used, self.width(f.down_out));
        let (y, out) = (self.ptr(f.down_out, choices.len(), width), self.ptr(f.out, rows, width));
        let isa = self.isa;
        self.for_rows(rows, used * width, &|row| {
            let of_row = row * used..(row + 1) * used;
            isa.run(MixRow {
                y: y.at(0),
                choices: &choices[of_row.clone()],
                slots: &order.slots[of_row],
                out: out.at(row * width),
                n: width,
                mix: Mix {
                    is_weighed: f.weigh == WeighAt::Output,
                    scale: f.scale,
                    add: f.output == Output::Add,
                },
            });
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices(experts: &[usize]) -> Vec<Choice> {
        experts.iter().map(|&expert| Choice { expert, weight: 1.0 }).collect()
    }

    #[test]
    fn slots_are_sorted_by_expert_and_stable() {
        let order = Order::new(9, &choices(&[5, 2, 2, 7, 8, 2]));
        assert_eq!(order.slots, [3, 0, 1, 4, 5, 2]);
        let group = |expert, first, rows| Group { expert, first, rows };
        assert_eq!(order.groups, [group(2, 0, 3), group(5, 3, 1), group(7, 4, 1), group(8, 5, 1)]);
    }

    #[test]
    fn a_cut_covers_each_panel_of_each_group_once() {
        for (cols, panels) in [(32, 1), (64, 7), (2048, 48), (4096, 3)] {
            let groups: Vec<Group> = [1, 1, 400, 3, 17]
                .into_iter()
                .scan(0, |first, rows| {
                    *first += rows;
                    Some(Group { expert: *first, first: *first - rows, rows })
                })
                .collect();
            let cut = Cut::new(&groups, cols, panels);
            let mut seen = vec![vec![0; panels]; groups.len()];
            for task in 0..cut.count {
                let (group, of_panels) = cut.task(task);
                let index = groups.iter().position(|g| *g == group).expect("one of them");
                assert!(!of_panels.is_empty());
                of_panels.for_each(|panel| seen[index][panel] += 1);
            }
            assert!(seen.concat().iter().all(|&n| n == 1), "{cols} x {panels}: {seen:?}");
        }
    }
}
