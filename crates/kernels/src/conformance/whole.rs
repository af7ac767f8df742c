//! Cases of attention over whole inputs: any lengths, any batch mates.

use gollum_core::Batch;

use super::attention::any_slopes;
use super::parts::load;
use super::values::{Rng, TEMPERS, Temper, activations};
use super::{Case, Failure, Outcome, Subject, compare, filled_buffer, read_rows, same};
use crate::{AttendWhole, KernelError, KernelOps, KvLayer, Reach};

/// Rows of a step at most.
const MAX_ROWS: usize = 200;
/// Inputs of a step at most.
const MAX_INPUTS: usize = 5;
/// See [`Scenario::long`]; [`MAX_ROWS`] at most.
const LONG_LENS: [usize; 2] = [129, 65];

/// Inputs of one layer.
struct Scenario {
    attend: AttendWhole,
    slopes: Option<Vec<f32>>,
    inputs: Vec<Input>,
}

struct Input {
    len: usize,
    q: Vec<f32>,
    k: Vec<f32>,
    v: Vec<f32>,
}

impl Scenario {
    fn random(rng: &mut Rng, head_dim: usize, temper: Temper) -> Self {
        let (group, kv_heads) = (rng.between(1, 3), rng.between(1, 3));
        let lens = (0..rng.between(1, MAX_INPUTS))
            .map(|_| rng.pick(&[1, 2, 7, 15, 16, 17, 31, 33]) + rng.below(2))
            .collect();
        Self::of(rng, (group, KvLayer::even(kv_heads, head_dim)), lens, temper)
    }

    /// Longer inputs than any backend takes keys at a time, so that maxima move between tiles, and tiles are out of reach.
    fn long(rng: &mut Rng, head_dim: usize) -> Self {
        Self::of(rng, (2, KvLayer::even(1, head_dim)), LONG_LENS.to_vec(), Temper::Plain)
    }

    fn of(rng: &mut Rng, (group, kv): (usize, KvLayer), lens: Vec<usize>, temper: Temper) -> Self {
        let KvLayer { kv_heads, head_dim, .. } = kv;
        let heads = group * kv_heads;
        let inputs = lens
            .into_iter()
            .map(|len| Input {
                len,
                q: activations(rng, temper, len * heads * head_dim),
                k: activations(rng, temper, len * kv_heads * head_dim),
                v: activations(rng, temper, len * kv_heads * head_dim),
            })
            .collect();
        let n = rng.pick(&[0, 1, 3, 8, 16, 20, 1000]);
        let attend = AttendWhole {
            heads,
            kv_heads,
            head_dim,
            scale: 1.0 / (head_dim as f32).sqrt(),
            reach: rng.pick(&[Reach::All, Reach::All, Reach::Within(n)]),
            soft_cap: rng.one_in(3).then(|| rng.pick(&[20.0, 50.0])),
            slopes: None,
        };
        Self { attend, slopes: rng.one_in(3).then(|| any_slopes(rng, heads)), inputs }
    }

    fn describe(&self, temper: Temper) -> String {
        let lens: Vec<usize> = self.inputs.iter().map(|input| input.len).collect();
        format!("{:?}, slopes {:?}, inputs of {lens:?}, {temper:?}", self.attend, self.slopes)
    }

    /// The inputs that `chosen` names, in one step, in this order.
    fn run(&self, ops: &mut dyn KernelOps, chosen: &[usize]) -> Outcome {
        let AttendWhole { heads, kv_heads, head_dim, .. } = self.attend;
        ops.create_whole(&[KvLayer::even(kv_heads, head_dim)], MAX_ROWS, MAX_INPUTS)?;
        let mut batch = Batch::default();
        chosen.iter().for_each(|&input| batch.push_whole(&vec![0; self.inputs[input].len]));
        let rows = batch.num_tokens();
        let all = |part: fn(&Input) -> &[f32]| -> Vec<f32> {
            chosen.iter().flat_map(|&input| part(&self.inputs[input])).copied().collect()
        };
        ops.begin_step(&batch);
        let q = filled_buffer(ops, &all(|input| &input.q), heads * head_dim, 3);
        let k = filled_buffer(ops, &all(|input| &input.k), kv_heads * head_dim, 3);
        let v = filled_buffer(ops, &all(|input| &input.v), kv_heads * head_dim, 3);
        let out = ops.create_buffer(rows, heads * head_dim);
        let slopes = load(ops, self.slopes.as_ref());
        ops.attend_whole(&AttendWhole { slopes, ..self.attend }, [q, k, v], out);
        Ok(read_rows(ops, out, rows, heads * head_dim))
    }

    fn everybody(&self) -> Vec<usize> {
        (0..self.inputs.len()).collect()
    }
}

const HEAD_DIMS: &[usize] = &[10, 32, 48, 64, 96, 100, 128, 256];

/// Random inputs in one step each.
pub(super) fn attend_whole(make: &mut Subject<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(31);
    for &head_dim in HEAD_DIMS {
        for &temper in make.tempers() {
            let s = Scenario::random(&mut rng, head_dim, temper);
            let case = || s.describe(temper);
            compare("attend_whole", case, make, |ops| s.run(ops, &s.everybody()))?;
        }
        let s = Scenario::long(&mut rng, head_dim);
        compare("attend_whole", || s.describe(Temper::Plain), make, |ops| s.run(ops, &s.everybody()))?;
    }
    Ok(HEAD_DIMS.len() * (make.tempers().len() + 1))
}

pub(super) fn random_attend_whole(rng: &mut Rng) -> Case {
    let temper = rng.pick(TEMPERS);
    let (head_dim, group, kv_heads) = (rng.between(1, 50), rng.between(1, 3), rng.between(1, 2));
    let lens = (0..rng.between(1, MAX_INPUTS)).map(|_| rng.between(1, 36)).collect();
    let s = Scenario::of(rng, (group, KvLayer::even(kv_heads, head_dim)), lens, temper);
    Case::new(s.describe(temper), move |ops| s.run(ops, &s.everybody()))
}

/// On the backend alone: an input has the same rows alone, and between any others.
pub(super) fn any_mates(make: &mut Subject<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(32);
    let mut all: Vec<Scenario> =
        HEAD_DIMS.iter().map(|&dim| Scenario::random(&mut rng, dim, Temper::Plain)).collect();
    all.extend([32, 100].map(|dim| Scenario::long(&mut rng, dim)));
    for s in &all {
        let mut order = s.everybody();
        rng.shuffle(&mut order);
        let got = s.run(make.ops().as_mut(), &order);
        let alone = |&input: &usize| s.run(make.ops().as_mut(), &[input]);
        let want: Result<Vec<Vec<f32>>, KernelError> = order.iter().map(alone).collect();
        let case = || format!("{}, in the order {order:?}", s.describe(Temper::Plain));
        same("attend_whole, any mates", case, &got, &want.map(|rows| rows.concat()))?;
    }
    Ok(all.len())
}
