//! A mixture of experts. Rows are spread over pairs of row and expert, `[rows * used]`, each of which has weights of its own.
//! Where an expert has several, it reads its weights once for a tile of them; a pair has the same bits in any tile, so a row's
//! result does not depend on who else has its expert.
//!
//! ```text
//! route        router logits -> expert and weight of each choice                      [rows][used]
//! sort_pairs   pairs by expert, in tiles, where there are more pairs than experts
//! gate, up     rows of x (weighed first, if inputs are) times their experts' weights  [rows * used, width inside]
//! activation
//! down         -> [rows * used, width]
//! collect      the sum of a row's experts, in the order of choice
//! ```

use gollum_kernels::{BufId, ExpertFfn, ExpertLinear, Gating, Output, Routing, WeighAt};
use gollum_quant::K_BLOCK;

use super::GpuOps;
use super::matmul::{JOB_WORDS, SEGMENTS};
use crate::shaders::{Kernel, MATMUL_COLS, MAX_EXPERTS, MAX_EXPERTS_USED, MatrixUnit, UNIT_ROWS};
use crate::weights::{Layout, PANEL};

/// What multiplies pairs by the weights of their experts.
#[derive(Clone)]
struct Pairs {
    /// Expert of each pair, or the pairs sorted.
    list: wgpu::Buffer,
    /// Pairs.
    count: usize,
    /// Pairs of a tile at most; one if they are not sorted.
    cols: usize,
    /// Tiles that there may be.
    tiles: usize,
    /// The unit that multiplies tiles.
    unit: Option<MatrixUnit>,
}

impl GpuOps {
    pub(super) fn mix_experts(&mut self, f: &ExpertFfn, rows: usize) {
        if rows == 0 {
            return;
        }
        let used = f.routing.used;
        let pairs = rows * used;
        let routes = self.route(f.router_logits, &f.routing, rows);
        let layouts = [Some(f.gate), f.up, Some(f.down)].into_iter().flatten();
        let layouts: Vec<Layout> = layouts.map(|linear| self.experts[linear.experts.0].layout).collect();
        let sorted = self.sort_pairs(&routes, pairs, f.routing.experts / f.routing.sharing, &layouts);
        let (input, per_input) = match f.weigh {
            WeighAt::Output => ((f.x, rows), used),
            WeighAt::Input => {
                // Free until `down` writes it, and as wide as the input.
                self.expert_rows(
                    Kernel::Spread,
                    (f.x, rows),
                    (f.down_out, pairs),
                    &routes,
                    [used as u32, 1, 0, 0],
                );
                ((f.down_out, pairs), 1)
            }
        };
        let first: Vec<(ExpertLinear, BufId)> =
            [Some((f.gate, f.gate_out)), f.up.map(|up| (up, f.up_out))].into_iter().flatten().collect();
        self.expert_matmul(input, &first, per_input, &sorted);
        let up = f.up.map(|_| f.up_out);
        let is_int = self.experts[f.down.experts.0].layout.is_int();
        self.activate(f.activation, (f.gate_out, up, f.gate_out), pairs, is_int);
        self.expert_matmul((f.gate_out, pairs), &[(f.down, f.down_out)], 1, &sorted);
        let is_weighed = u32::from(f.weigh == WeighAt::Output);
        let rest = [used as u32, is_weighed, f.scale.to_bits(), u32::from(f.output == Output::Add)];
        self.expert_rows(Kernel::Collect, (f.down_out, pairs), (f.out, rows), &routes, rest);
    }

    /// The buffer of routes, `[rows][used]` pairs of expert and weight.
    fn route(&mut self, logits: BufId, r: &Routing, rows: usize) -> wgpu::Buffer {
        assert!(
            r.experts <= MAX_EXPERTS && r.used <= MAX_EXPERTS_USED,
            "{} experts, {} used, against {MAX_EXPERTS} and {MAX_EXPERTS_USED}",
            r.experts,
            r.used
        );
        let bytes = (self.activations.rows(logits) * r.used * 8) as u64;
        if self.routes.as_ref().is_none_or(|b| b.size() < bytes) {
            self.recorder.forget_buffers();
            self.routes = Some(self.recorder.device.buffer("routes", bytes));
        }
        let routes = self.routes.clone().expect("just made");
        let (place, chunk) = self.source(logits, rows);
        let vectors = self.vectors.buffer(&mut self.recorder);
        let gating = match r.gating {
            Gating::Softmax => 0,
            Gating::Sigmoid => 1,
            Gating::SoftmaxOfChosen => 2,
            Gating::SigmoidOfChosen => 3,
        };
        let params = [
            place.at as u32,
            r.experts as u32,
            r.used as u32,
            gating,
            self.vectors.at(r.selection_bias),
            r.groups.map_or(0, |g| g.count as u32),
            r.groups.map_or(0, |g| g.used as u32),
            u32::from(r.normalise),
            r.scale.to_bits(),
            r.sharing as u32,
        ];
        let buffers = [("xs", &chunk), ("vectors", &vectors), ("routes", &routes)];
        self.recorder.dispatch(Kernel::Route, &buffers, &params, [1, rows]);
        routes
    }

    /// Sorts pairs by expert, if there are more than experts. Tiles are as wide as an expert has pairs, on average; in a
    /// matrix unit if all matrices can be.
    fn sort_pairs(
        &mut self,
        routes: &wgpu::Buffer,
        count: usize,
        experts: usize,
        layouts: &[Layout],
    ) -> Pairs {
        let average = count.div_ceil(experts.max(1));
        if average == 1 {
            return Pairs { list: routes.clone(), count, cols: 1, tiles: count, unit: None };
        }
        let units = layouts.iter().map(|&layout| self.unit_for(layout, average));
        let unit = units.reduce(|a, b| a.and(b)).flatten();
        let widest = MATMUL_COLS[MATMUL_COLS.len() - 1];
        let narrow = MATMUL_COLS.iter().copied().find(|&cols| cols >= average).unwrap_or(widest);
        let cols = unit.map_or(narrow, |_| UNIT_ROWS);
        let tiles = count / cols + experts.min(count);
        let first_pair = 1 + 3 * tiles;
        let bytes = (first_pair + count) as u64 * 4;
        let known = self.sorted.take().filter(|sorted| sorted.size() >= bytes);
        let list = known.unwrap_or_else(|| {
            self.recorder.forget_buffers();
            self.recorder.device.buffer("sorted", bytes.next_power_of_two())
        });
        self.sorted = Some(list.clone());
        let params = [count, experts, cols, first_pair].map(|word| word as u32);
        self.recorder.dispatch(Kernel::SortPairs, &[("routes", routes), ("sorted", &list)], &params, [1, 1]);
        Pairs { list, count, cols, tiles, unit }
    }

    /// [`Kernel::Spread`] or [`Kernel::Collect`]; `rest` are used, is_weighed, scale and add.
    fn expert_rows(
        &mut self,
        kernel: Kernel,
        (x, x_rows): (BufId, usize),
        (out, rows): (BufId, usize),
        routes: &wgpu::Buffer,
        rest: [u32; 4],
    ) {
        let width = self.width(x);
        let (from, from_chunk) = self.source(x, x_rows);
        let (to, to_chunk) = self.target(out, rows);
        let params = [from.at as u32, to.at as u32, width as u32, rest[0], rest[1], rest[2], rest[3]];
        let buffers = [("xs", &from_chunk), ("ys", &to_chunk), ("routes", routes)];
        self.recorder.dispatch(kernel, &buffers, &params, [width.div_ceil(256), rows]);
    }

    /// Each head by a matrix of its own: heads are rows of experts, whose routes never change.
    pub(super) fn multiply_heads(&mut self, x: BufId, matrices: ExpertLinear, out: BufId, rows: usize) {
        if rows == 0 {
            return;
        }
        let matrix = self.experts[matrices.experts.0].clone();
        let heads = self.width(x) / matrix.cols;
        assert_eq!((heads * matrix.cols, heads * matrix.rows), (self.width(x), self.width(out)), "heads");
        let most = self.activations.rows(x) * heads;
        if self.head_routes.as_ref().is_none_or(|(h, n, _)| *h != heads || *n < most) {
            self.recorder.forget_buffers();
            let words: Vec<u32> = (0..most).flat_map(|i| [(i % heads) as u32, 1.0f32.to_bits()]).collect();
            let buffer = self.recorder.device.buffer("heads", most as u64 * 8);
            self.recorder.write(&buffer, 0, bytemuck::cast_slice(&words));
            self.head_routes = Some((heads, most, buffer));
        }
        let (_, _, routes) = self.head_routes.clone().expect("just made");
        let sorted = self.sort_pairs(&routes, rows * heads, heads, &[matrix.layout]);
        self.expert_matmul((x, rows), &[(matrices, out)], 1, &sorted);
    }

    /// Pairs times their experts' weights. `x` has `rows` rows, which hold the inputs one behind the other, each as long
    /// as the weights' rows; pair `i` reads input `i / per_input`.
    fn expert_matmul(
        &mut self,
        (x, rows): (BufId, usize),
        jobs: &[(ExpertLinear, BufId)],
        per_input: usize,
        pairs: &Pairs,
    ) {
        for &(linear, out) in jobs {
            let matrix = self.experts[linear.experts.0].clone();
            assert_eq!(rows * self.width(x), pairs.count / per_input * matrix.cols, "inputs of experts");
            let is_int = matrix.layout.is_int();
            if is_int {
                self.quantise(x, rows);
            }
            let (x_place, x_chunk) = self.source(x, rows);
            let out_rows = pairs.count * matrix.rows / self.width(out);
            let (out_place, out_chunk) = self.source(out, out_rows);
            self.seal_weights();
            let vectors = self.vectors.buffer(&mut self.recorder);
            let (qa, qs) = if is_int { self.quantised_room(x) } else { (vectors.clone(), vectors.clone()) };
            let panels = matrix.rows.div_ceil(PANEL);
            for piece in &matrix.pieces {
                let mut job = [0; JOB_WORDS];
                job[1..10].copy_from_slice(&[
                    piece.main_at,
                    piece.extra_at,
                    piece.scale_at,
                    out_place.at as u32,
                    matrix.rows as u32,
                    piece.first_row as u32,
                    piece.rows.next_multiple_of(PANEL) as u32,
                    self.vectors.at(linear.scales),
                    self.vectors.at(linear.bias),
                ]);
                job[13] = panels as u32;
                let jobs = self.recorder.list(job);
                let inputs = [x_place.at, pairs.count / per_input, matrix.cols].map(|word| word as u32);
                let segment = matrix.blocks.div_ceil(SEGMENTS) as u32;
                let params = [matrix.blocks as u32, segment, jobs, 1, per_input as u32];
                let weights = self.weights.chunk(piece.chunk).clone();
                let buffers = [
                    ("xs", &x_chunk),
                    ("ys", &out_chunk),
                    ("vectors", &vectors),
                    ("w", &weights),
                    ("words", &weights),
                    ("qa", &qa),
                    ("qs", &qs),
                    ("routes", &pairs.list),
                    ("sorted", &pairs.list),
                ];
                let (layout, cols) = (matrix.layout, pairs.cols);
                let ragged = !is_int && !matrix.cols.is_multiple_of(K_BLOCK);
                let (kernel, inputs) = match pairs.unit {
                    Some(unit) => (Kernel::UnitMatmul { layout, unit, of_experts: true }, &inputs[1..2]),
                    None => (
                        Kernel::ExpertMatmul { layout, cols, dp4a: is_int && self.dp4a, ragged },
                        &inputs[..],
                    ),
                };
                self.recorder.dispatch(kernel, &buffers, &[inputs, &params].concat(), [panels, pairs.tiles]);
            }
        }
        for &(_, out) in jobs {
            let base = self.activations.base(out);
            self.quantised.forget(base);
        }
    }
}
