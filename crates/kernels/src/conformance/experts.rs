//! Cases of mixtures of experts.

use std::sync::Arc;

use gollum_quant::{FORMATS, Format};

use super::matrices::Weights;
use super::parts::{any_activation, load, vector};
use super::values::{BLOCKS, Blocks, Rng, TEMPERS, Temper, activations};
use super::{Case, Failure, Subject, compare, filled_buffer, read_rows};
use crate::{
    ExpertFfn, ExpertGroups, ExpertLinear, ExpertSource, ExpertsId, Gating, KernelError, KernelOps,
    MappedExperts, MatrixSource, Output, Routing, WeighAt,
};

const GATINGS: &[Gating] =
    &[Gating::Softmax, Gating::Sigmoid, Gating::SoftmaxOfChosen, Gating::SigmoidOfChosen];

/// The matrices of all experts as a file would hold them, with biases and scales.
struct Experts {
    count: usize,
    /// They come as those of a mapped file.
    is_mapped: bool,
    /// All of them, one below the other.
    weights: Weights,
    bias: Option<Vec<f32>>,
    scales: Option<Vec<f32>>,
}

impl Experts {
    fn random(
        rng: &mut Rng,
        (format, blocks): (&'static Format, Blocks),
        (count, rows, cols): (usize, usize, usize),
    ) -> Self {
        Self {
            count,
            is_mapped: rng.one_in(2),
            weights: Weights::random(rng, format, blocks, (count * rows, cols)),
            bias: rng.one_in(3).then(|| vector(rng, count * rows)),
            scales: rng.one_in(3).then(|| vector(rng, count)),
        }
    }

    fn load_weights(&self, ops: &mut dyn KernelOps) -> Result<ExpertsId, KernelError> {
        let mut source = self.weights.source();
        source.rows /= self.count.max(1);
        if self.is_mapped {
            let MatrixSource { format, rows, cols, bytes } = source;
            let weights = Arc::new(InMemory { experts: self.count, bytes: bytes.to_vec() });
            return ops.map_experts(&ExpertSource { format, rows, cols, experts: self.count, weights });
        }
        ops.load_experts(source, self.count)
    }

    fn load(&self, ops: &mut dyn KernelOps) -> Result<ExpertLinear, KernelError> {
        Ok(ExpertLinear {
            experts: self.load_weights(ops)?,
            bias: load(ops, self.bias.as_ref()),
            scales: load(ops, self.scales.as_ref()),
        })
    }

    fn describe(&self) -> String {
        format!(
            "{} x {} (mapped: {}, bias: {}, scales: {})",
            self.count,
            self.weights.describe(),
            self.is_mapped,
            self.bias.is_some(),
            self.scales.is_some()
        )
    }
}

/// Experts as a mapped file would give them.
struct InMemory {
    experts: usize,
    bytes: Vec<u8>,
}

impl MappedExperts for InMemory {
    fn bytes(&self, expert: usize) -> &[u8] {
        let len = self.bytes.len() / self.experts;
        // What is left over is the last one's.
        let end = if expert + 1 == self.experts { self.bytes.len() } else { (expert + 1) * len };
        &self.bytes[expert * len..end]
    }

    fn release(&self, _: usize) {}
}

/// What the expert loaders must take, and refuse: wrong sizes of every kind.
pub(super) fn load_experts(make: &mut Subject<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(31);
    for format in FORMATS {
        for kind in 0..6 {
            load_case(&mut rng, format, kind, make)?;
        }
    }
    Ok(6 * FORMATS.len())
}

fn load_case(
    rng: &mut Rng,
    format: &'static Format,
    kind: usize,
    make: &mut Subject<'_>,
) -> Result<(), Failure> {
    let experts = spoilt(rng, (format, Blocks::Plain), kind);
    let run = |ops: &mut dyn KernelOps| experts.load_weights(ops).map(|_| Vec::new());
    compare("load_experts", || experts.describe(), make, run)
}

/// Three experts, spoilt in one of five ways.
fn spoilt(rng: &mut Rng, kind_of_weights: (&'static Format, Blocks), way: usize) -> Experts {
    let mut experts = Experts::random(rng, kind_of_weights, (3, 2, 2 * kind_of_weights.0.block_weights));
    match way {
        0 => experts.count = 0,
        1 => experts.count = 4,
        2 => drop(experts.weights.bytes.pop()),
        3 => experts.weights.rows = usize::MAX / 2,
        4 => experts.weights.cols = 0,
        _ => {}
    }
    experts
}

pub(super) fn random_load(rng: &mut Rng) -> Case {
    let format = &FORMATS[rng.below(FORMATS.len())];
    let (blocks, way) = (rng.pick(BLOCKS), rng.below(8));
    let experts = spoilt(rng, (format, blocks), way);
    Case::new(experts.describe(), move |ops| experts.load_weights(ops).map(|_| Vec::new()))
}

/// Sizes of a mixture.
#[derive(Clone, Copy)]
struct Shape {
    rows: usize,
    width: usize,
    inner: usize,
    experts: usize,
}

/// Every gating with formats of every kind, few rows and many.
pub(super) fn expert_ffn(make: &mut Subject<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(32);
    let mut cases = 0;
    for format in FORMATS {
        for &gating in GATINGS {
            let [gate, down] = [format, &FORMATS[rng.below(FORMATS.len())]];
            let shape = any_shape(&mut rng, [gate, down]);
            let temper = rng.pick(make.tempers());
            mixture(&mut rng, shape, [gate, down], (gating, temper)).check("expert_ffn", make)?;
            cases += 1;
        }
    }
    // Rows enough for tiles and blocks of rows in each expert, and outputs enough for several tasks.
    for format in FORMATS {
        let shape = Shape { rows: 140, width: 256, inner: 256, experts: 3 };
        mixture(&mut rng, shape, [format; 2], (Gating::Softmax, Temper::Plain)).check("expert_ffn", make)?;
        cases += 1;
    }
    Ok(cases)
}

pub(super) fn random_expert_ffn(rng: &mut Rng) -> Case {
    let formats = [(); 2].map(|()| &FORMATS[rng.below(FORMATS.len())]);
    let mut shape = any_shape(rng, formats);
    shape.rows = rng.between(1, 5);
    let (gating, temper) = (rng.pick(GATINGS), rng.pick(TEMPERS));
    mixture(rng, shape, formats, (gating, temper))
}

/// Heads by matrices of their own, of every format.
pub(super) fn matmul_heads(make: &mut Subject<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(33);
    for format in FORMATS {
        for rows in [1, 3, 40] {
            heads_case(&mut rng, format, rows).check("matmul_heads", make)?;
        }
    }
    Ok(3 * FORMATS.len())
}

pub(super) fn random_matmul_heads(rng: &mut Rng) -> Case {
    let (format, rows) = (&FORMATS[rng.below(FORMATS.len())], rng.between(1, 9));
    heads_case(rng, format, rows)
}

fn heads_case(rng: &mut Rng, format: &'static Format, rows: usize) -> Case {
    let cols = if format.block_weights == 1 { rng.between(1, 70) } else { format.block_weights };
    let (heads, out_width, temper) = (rng.between(1, 5), rng.between(1, 70), rng.pick(TEMPERS));
    let mut matrices = Experts::random(rng, (format, Blocks::Plain), (heads, out_width, cols));
    matrices.is_mapped = false;
    let x = activations(rng, temper, rows * heads * cols);
    let name = format!("{rows} rows, {temper:?}, {}", matrices.describe());
    Case::new(name, move |ops| {
        let x = filled_buffer(ops, &x, heads * cols, rows % 2);
        let out = filled_buffer(ops, &vec![1.0; rows * heads * out_width], heads * out_width, 1);
        let matrices = matrices.load(ops)?;
        ops.matmul_heads(x, matrices, out, rows);
        Ok(read_rows(ops, out, rows, heads * out_width))
    })
}

/// A shape that the formats of gate and down allow.
fn any_shape(rng: &mut Rng, [gate, down]: [&'static Format; 2]) -> Shape {
    let mut wide = |format: &Format| match format.block_weights {
        1 => rng.between(1, 70),
        256 => 256,
        block => block * rng.between(1, 3),
    };
    let (width, inner) = (wide(gate), wide(down));
    Shape { rows: rng.pick(&[1, 2, 3, 5, 9, 17]), width, inner, experts: rng.pick(&[1, 2, 4, 6, 8]) }
}

fn any_routing(rng: &mut Rng, experts: usize, gating: Gating) -> (Routing, Option<Vec<f32>>) {
    let counts: Vec<usize> = (1..=experts).filter(|n| experts.is_multiple_of(*n)).collect();
    let groups = rng.one_in(3).then(|| {
        let count = rng.pick(&counts);
        ExpertGroups { count, used: rng.between(1, count) }
    });
    let routing = Routing {
        experts,
        sharing: if rng.one_in(4) { rng.pick(&counts) } else { 1 },
        used: rng.between(1, experts.min(4)),
        gating,
        selection_bias: None,
        groups,
        normalise: rng.one_in(2),
        scale: rng.pick(&[1.0, 2.5]),
    };
    (routing, rng.one_in(3).then(|| vector(rng, experts)))
}

fn mixture(
    rng: &mut Rng,
    s: Shape,
    [first, last]: [&'static Format; 2],
    (gating, temper): (Gating, Temper),
) -> Case {
    let blocks = [(); 3].map(|()| if rng.one_in(3) { rng.pick(BLOCKS) } else { Blocks::Plain });
    let (routing, bias) = any_routing(rng, s.experts, gating);
    let sets = s.experts / routing.sharing;
    let gate = Experts::random(rng, (first, blocks[0]), (sets, s.inner, s.width));
    let up = (!rng.one_in(4)).then(|| Experts::random(rng, (first, blocks[1]), (sets, s.inner, s.width)));
    let down = Experts::random(rng, (last, blocks[2]), (sets, s.width, s.inner));
    let activation = any_activation(rng, up.is_some());
    let x = activations(rng, temper, s.rows * s.width);
    let logits_temper = if rng.one_in(3) { rng.pick(TEMPERS) } else { Temper::Plain };
    let logits = activations(rng, logits_temper, s.rows * s.experts);
    let (weigh, scale) =
        (rng.pick(&[WeighAt::Output, WeighAt::Output, WeighAt::Input]), rng.pick(&[1.0, 0.22]));
    let (output, in_place) = (rng.pick(&[Output::Store, Output::Add]), rng.one_in(3));
    let in_place = in_place && output == Output::Store;
    let name = format!(
        "{} rows, {temper:?}, logits {logits_temper:?}, {routing:?}, bias: {}, {weigh:?}, {activation:?}, {output:?} x {scale}, \
         in place: {in_place}: {}, {:?}, {}",
        s.rows,
        bias.is_some(),
        gate.describe(),
        up.as_ref().map(Experts::describe),
        down.describe()
    );
    Case::new(name, move |ops| {
        let routing = Routing { selection_bias: load(ops, bias.as_ref()), ..routing };
        let (many, surplus) = (s.rows * routing.used, s.rows % 2);
        let x = filled_buffer(ops, &x, s.width, surplus);
        let f = ExpertFfn {
            x,
            router_logits: filled_buffer(ops, &logits, s.experts, surplus),
            routing,
            weigh,
            gate: gate.load(ops)?,
            up: up.as_ref().map(|up| up.load(ops)).transpose()?,
            down: down.load(ops)?,
            activation,
            gate_out: ops.create_buffer(many, s.inner),
            up_out: ops.create_buffer(many, s.inner),
            down_out: ops.create_buffer(many, s.width),
            out: if in_place {
                x
            } else {
                filled_buffer(ops, &vec![1.0; s.rows * s.width], s.width, surplus)
            },
            output,
            scale,
        };
        ops.expert_ffn(&f, s.rows);
        Ok(read_rows(ops, f.out, s.rows, s.width))
    })
}
