//! Cases of recurrences: sequences of any lengths, cut anywhere, with snapshots that others go on from.

use gollum_core::{Batch, SequenceSpan, StateId, StateLoad, StateSave};

use super::parts::load;
use super::values::{Rng, TEMPERS, Temper, activations};
use super::{Case, Failure, Outcome, Subject, compare, filled_buffer, read_rows, same};
use crate::{CausalConv, ChannelScan, DeltaNet, HeadScan, KernelOps, StateSpec, memory_len};

/// Values of a state that belong to others, before and behind the operation's own.
const BEFORE: usize = 48;
const BEHIND: usize = 16;
/// States; the last is the snapshot, and the one before it of no sequence.
const SLOTS: usize = 7;
const SNAPSHOT: StateId = StateId(SLOTS as u32 - 1);
const SPARE: StateId = StateId(SLOTS as u32 - 2);

#[derive(Clone, Copy, Debug)]
enum Kind {
    Conv { channels: usize, taps: usize, has_bias: bool, silu: bool },
    Delta { k_heads: usize, group: usize, d_k: usize, d_v: usize, is_tiled: bool },
    Heads { groups: usize, group: usize, head_dim: usize, n: usize },
    Channels { channels: usize, n: usize },
}

impl Kind {
    fn random(rng: &mut Rng, most: usize) -> Self {
        let wide = rng.between(1, most);
        match rng.below(4) {
            0 => Self::Conv {
                channels: wide,
                taps: rng.between(2, 4),
                has_bias: rng.one_in(2),
                silu: rng.one_in(2),
            },
            1 => Self::Delta {
                k_heads: rng.between(1, 2),
                group: rng.between(1, 3),
                d_k: rng.between(1, most.min(40)),
                d_v: rng.between(1, most.min(40)),
                is_tiled: rng.one_in(2),
            },
            2 => Self::Heads {
                groups: rng.between(1, 2),
                group: rng.between(1, 3),
                head_dim: rng.between(1, most.min(40)),
                n: rng.between(1, 20),
            },
            _ => Self::Channels { channels: wide, n: rng.between(1, 20) },
        }
    }

    /// Widths of the inputs, and that of the output.
    fn widths(self) -> (Vec<usize>, usize) {
        match self {
            Self::Conv { channels, .. } => (vec![channels], channels),
            Self::Delta { k_heads, group, d_k, d_v, .. } => {
                let heads = k_heads * group;
                (vec![k_heads * d_k, k_heads * d_k, heads * d_v, heads, heads], heads * d_v)
            }
            Self::Heads { groups, group, head_dim, n } => {
                let heads = groups * group;
                (vec![heads * head_dim, groups * n, groups * n, heads], heads * head_dim)
            }
            Self::Channels { channels, n } => (vec![channels, n, n, channels], channels),
        }
    }

    fn state_len(self) -> usize {
        match self {
            Self::Conv { channels, taps, .. } => CausalConv::state_len(channels, taps),
            Self::Delta { k_heads, group, d_k, d_v, .. } => memory_len(k_heads * group, d_k, d_v),
            Self::Heads { groups, group, head_dim, n } => memory_len(groups * group, n, head_dim),
            Self::Channels { channels, n } => memory_len(1, n, channels),
        }
    }

    /// Lengths of the vectors, and whether each holds rates, which are below 0.
    fn vectors(self) -> Vec<(usize, bool)> {
        match self {
            Self::Conv { channels, taps, .. } => vec![(taps * channels, false), (channels, false)],
            Self::Delta { k_heads, group, .. } => vec![(k_heads * group, true), (k_heads * group, false)],
            Self::Heads { groups, group, .. } => {
                let heads = groups * group;
                vec![(heads, true), (heads, false), (heads, false)]
            }
            Self::Channels { channels, n } => vec![(n * channels, true), (channels, false)],
        }
    }
}

/// Sequences of one operation.
struct Scenario {
    kind: Kind,
    vectors: Vec<Vec<f32>>,
    sequences: Vec<Inputs>,
    /// The first sequence is saved after so many rows; the last goes on from there, with rows of its own.
    saved_after: usize,
}

struct Inputs {
    len: usize,
    rows: Vec<Vec<f32>>,
}

impl Inputs {
    fn random(rng: &mut Rng, kind: Kind, len: usize, temper: Temper) -> Self {
        let rows = kind.widths().0.iter().map(|&width| activations(rng, temper, len * width)).collect();
        Self { len, rows }
    }
}

/// Rows of one sequence in a step.
struct Part {
    sequence: usize,
    rows: std::ops::Range<usize>,
}

impl Scenario {
    fn random(rng: &mut Rng, most: usize, temper: Temper) -> Self {
        let kind = Kind::random(rng, most);
        Self::of(rng, kind, temper)
    }

    fn of(rng: &mut Rng, kind: Kind, temper: Temper) -> Self {
        let vector = |&(len, is_rate): &(usize, bool), rng: &mut Rng| -> Vec<f32> {
            let values = activations(rng, Temper::Plain, len);
            if is_rate { values.into_iter().map(|v| -v.abs()).collect() } else { values }
        };
        let vectors = kind.vectors().iter().map(|v| vector(v, rng)).collect();
        let lens: Vec<usize> = (0..rng.between(2, SPARE.0 as usize)).map(|_| rng.between(1, 19)).collect();
        let sequences: Vec<Inputs> = lens.iter().map(|&len| Inputs::random(rng, kind, len, temper)).collect();
        let saved_after = rng.between(1, lens[0]);
        Self { kind, vectors, sequences, saved_after }
    }

    fn describe(&self, temper: Temper) -> String {
        let lens: Vec<usize> = self.sequences.iter().map(|s| s.len).collect();
        format!("{:?}, sequences of {lens:?}, saved after {}, {temper:?}", self.kind, self.saved_after)
    }

    /// All sequences, cut after `cuts` rows each; then the last one again, from the first one's snapshot. The outputs
    /// of all steps.
    fn run(&self, ops: &mut dyn KernelOps, cuts: &[usize]) -> Outcome {
        ops.create_states(&StateSpec { parts: vec![BEFORE, self.kind.state_len(), BEHIND] }, SLOTS)?;
        let vectors: Vec<_> = self.vectors.iter().map(|v| load(ops, Some(v)).expect("given")).collect();
        let count = self.sequences.len();
        let mut out: Vec<Vec<f32>> = vec![Vec::new(); count + 1];
        for is_second in [false, true] {
            let parts: Vec<Part> = (0..count)
                .map(|sequence| {
                    let (len, cut) =
                        (self.sequences[sequence].len, cuts[sequence].min(self.sequences[sequence].len));
                    Part { sequence, rows: if is_second { cut..len } else { 0..cut } }
                })
                .filter(|part| !part.rows.is_empty())
                .collect();
            self.step(ops, &vectors, &parts, None, &mut out)?;
        }
        let last = Part { sequence: count - 1, rows: 0..self.sequences[count - 1].len };
        self.step(ops, &vectors, &[last], Some(self.saved_after), &mut out)?;
        Ok(out.concat())
    }

    /// One step. With `resumed`, its one sequence goes on from the snapshot, at that position.
    fn step(
        &self,
        ops: &mut dyn KernelOps,
        vectors: &[crate::VectorId],
        parts: &[Part],
        resumed: Option<usize>,
        out: &mut [Vec<f32>],
    ) -> Result<(), crate::KernelError> {
        if parts.is_empty() {
            return Ok(());
        }
        let mut batch = Batch::default();
        for part in parts {
            let (state, start) = (StateId(part.sequence as u32), resumed.unwrap_or(part.rows.start));
            if resumed.is_some() {
                // In turn, and to a state that the step has no rows of.
                batch.state_loads.push(StateLoad { src: SNAPSHOT, dst: SPARE });
                batch.state_loads.push(StateLoad { src: SPARE, dst: state });
            } else if part.sequence == 0 && part.rows.contains(&(self.saved_after - 1)) {
                let row = batch.tokens.len() + self.saved_after - 1 - part.rows.start;
                batch.state_saves.push(StateSave { row, dst: SNAPSHOT });
            }
            batch.sequences.push(SequenceSpan {
                query_start: batch.tokens.len(),
                query_len: part.rows.len(),
                context_len: start + part.rows.len(),
                table_start: 0,
                table_len: 0,
                state: Some(state),
            });
            batch.tokens.extend(part.rows.clone().map(|_| 0));
            batch.positions.extend(start as u32..(start + part.rows.len()) as u32);
        }
        ops.begin_step(&batch);
        let rows = batch.num_tokens();
        let (widths, out_width) = self.kind.widths();
        let buffers: Vec<_> = widths
            .iter()
            .enumerate()
            .map(|(input, &width)| {
                let of = |part: &Part| {
                    &self.sequences[part.sequence].rows[input][part.rows.start * width..part.rows.end * width]
                };
                let values: Vec<f32> = parts.iter().flat_map(of).copied().collect();
                filled_buffer(ops, &values, width, 2)
            })
            .collect();
        let target = ops.create_buffer(rows, out_width);
        self.launch(ops, vectors, &buffers, target);
        let values = read_rows(ops, target, rows, out_width);
        for (part, span) in parts.iter().zip(&batch.sequences) {
            let at = span.query_start * out_width..(span.query_start + span.query_len) * out_width;
            let into = if resumed.is_some() { out.len() - 1 } else { part.sequence };
            out[into].extend(&values[at]);
        }
        Ok(())
    }

    fn launch(&self, ops: &mut dyn KernelOps, v: &[crate::VectorId], x: &[crate::BufId], out: crate::BufId) {
        let state = BEFORE;
        match self.kind {
            Kind::Conv { channels, taps, has_bias, silu } => {
                let (weight, bias) = (v[0], has_bias.then_some(v[1]));
                ops.causal_conv(&CausalConv { state, channels, taps, weight, bias, silu, x: x[0], out });
            }
            Kind::Delta { k_heads, group, d_k, d_v, is_tiled } => ops.delta_net(&DeltaNet {
                state,
                k_heads,
                heads: k_heads * group,
                d_k,
                d_v,
                is_tiled,
                q: x[0],
                k: x[1],
                v: x[2],
                decay: x[3],
                write: x[4],
                rate: v[0],
                dt_bias: v[1],
                out,
            }),
            Kind::Heads { groups, group, head_dim, n } => ops.head_scan(&HeadScan {
                state,
                heads: groups * group,
                head_dim,
                groups,
                n,
                x: x[0],
                b: x[1],
                c: x[2],
                dt: x[3],
                dt_bias: v[1],
                rate: v[0],
                skip: v[2],
                out,
            }),
            Kind::Channels { channels, n } => ops.channel_scan(&ChannelScan {
                state,
                channels,
                n,
                x: x[0],
                b: x[1],
                c: x[2],
                dt: x[3],
                rate: v[0],
                skip: v[1],
                out,
            }),
        }
    }

    fn any_cuts(&self, rng: &mut Rng) -> Vec<usize> {
        self.sequences.iter().map(|s| rng.between(0, s.len)).collect()
    }
}

/// Rows of memories around what a backend may have kernels for.
const TALL: [usize; 10] = [15, 16, 17, 32, 33, 64, 100, 128, 256, 300];

/// One case for each sort of memory and number of rows.
fn tall(rng: &mut Rng) -> Vec<Scenario> {
    let (groups, group, head_dim) = (2, 2, 19);
    let of_rows = |n: usize| {
        [
            Kind::Delta { k_heads: groups, group, d_k: n, d_v: head_dim, is_tiled: n.is_multiple_of(2) },
            Kind::Heads { groups, group, head_dim, n },
            Kind::Channels { channels: 35, n },
        ]
    };
    let mut all = Vec::new();
    for kind in TALL.into_iter().flat_map(of_rows) {
        let mut s = Scenario::of(rng, kind, Temper::Plain);
        if let Kind::Delta { d_k, .. } = kind {
            // Keys of length 1, as models have them: longer ones make memories grow without end.
            let keys = s.sequences.iter_mut().flat_map(|inputs| &mut inputs.rows[1]);
            keys.for_each(|key| *key /= (d_k as f32).sqrt());
        }
        all.push(s);
    }
    all
}

/// Cases of each temper.
const CASES: usize = 40;

/// Random sequences of every recurrence.
pub(super) fn recurrences(make: &mut Subject<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(33);
    for _ in 0..CASES {
        for &temper in make.tempers() {
            let s = Scenario::random(&mut rng, 150, temper);
            let cuts = s.any_cuts(&mut rng);
            compare("recurrences", || s.describe(temper), make, |ops| s.run(ops, &cuts))?;
        }
    }
    let tall = tall(&mut rng);
    for s in &tall {
        let cuts = s.any_cuts(&mut rng);
        compare("recurrences", || s.describe(Temper::Plain), make, |ops| s.run(ops, &cuts))?;
    }
    Ok(CASES * make.tempers().len() + tall.len())
}

pub(super) fn random_recurrence(rng: &mut Rng) -> Case {
    let temper = rng.pick(TEMPERS);
    let s = Scenario::random(rng, 50, temper);
    let cuts = s.any_cuts(rng);
    Case::new(s.describe(temper), move |ops| s.run(ops, &cuts))
}

/// On the backend alone: a sequence has the same rows however it is cut.
pub(super) fn any_cut(make: &mut Subject<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(34);
    let mut all = tall(&mut rng);
    all.extend((0..CASES).map(|_| Scenario::random(&mut rng, 150, Temper::Plain)));
    for s in &all {
        let (some, others) = (s.any_cuts(&mut rng), s.any_cuts(&mut rng));
        let got = s.run(make.ops().as_mut(), &some);
        let want = s.run(make.ops().as_mut(), &others);
        let case = || format!("{}, cut at {some:?} and {others:?}", s.describe(Temper::Plain));
        same("recurrences, any cut", case, &got, &want)?;
    }
    Ok(all.len())
}
