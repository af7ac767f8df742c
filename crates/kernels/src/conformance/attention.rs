//! Cases of the KV cache and of attention: whole sequences over scattered pages, in mixed batches.
//!
//! A [`Scenario`] fixes what is computed: the q, k and v of every position of every sequence. A [`Plan`]
//! fixes how: page ids, chunks, batch mates, page copies. The result of a scenario must not depend on the
//! plan, and `any_plan` checks just that.

use gollum_core::{Batch, KvDtype, PAGE_TOKENS, PageCopy, PageId, SequenceSpan};

use super::parts::{NormParts, RopeParts, load, vector};
use super::rows::any_growth;
use super::values::{Rng, TEMPERS, Temper, activations};
use super::{Case, Failure, Outcome, Subject, compare, read_rows, same};
use crate::{
    Attend, BufId, HeadNorm, KernelError, KernelOps, KvGroup, KvLayer, KvSpec, NormPlace, PrepareAttention,
    PrepareKeys, QueryGrowth, RopeKind, Values, Window,
};

/// KV layers; the tests work on the last, so that a layer's offset counts.
const LAYERS: usize = 2;
const LAYER: usize = LAYERS - 1;
/// Rows of a step at most, in the fixed form.
const MAX_ROWS: usize = 40;

struct Sequence {
    len: usize,
    q: Vec<f32>,
    k: Vec<f32>,
    v: Vec<f32>,
}

/// Norms of q, of k and of v, the rotation, and the growth of q.
struct Prepared {
    norms: [Option<NormParts>; 3],
    norm_place: NormPlace,
    rope: Option<RopeParts>,
    growth: Option<QueryGrowth>,
}

impl Prepared {
    fn random(rng: &mut Rng, heads: usize, kv: KvLayer, rope: Option<RopeParts>) -> Self {
        let mut norm = |heads: usize, dim: usize| {
            let weights = if rng.one_in(3) { heads * dim } else { dim };
            (!rng.one_in(4)).then(|| NormParts::random(rng, weights))
        };
        let of_v = match kv.values {
            Values::Own(dim) => norm(kv.kv_heads, dim),
            Values::InKey(_) => None,
        };
        Self {
            norms: [norm(heads, kv.head_dim), norm(kv.kv_heads, kv.head_dim), of_v],
            norm_place: rng.pick(&[NormPlace::BeforeRope, NormPlace::AfterRope]),
            rope,
            growth: rng.one_in(3).then(|| any_growth(rng)),
        }
    }

    fn describe(&self) -> String {
        let norms = self.norms.each_ref().map(|n| n.as_ref().map(NormParts::describe));
        let rope = self.rope.as_ref().map(RopeParts::describe);
        format!("norms {norms:?} {:?}, {rope:?}, {:?}", self.norm_place, self.growth)
    }
}

struct Scenario {
    heads: usize,
    kv: KvLayer,
    dtype: KvDtype,
    scale: f32,
    window: Window,
    soft_cap: Option<f32>,
    /// Of each head, if any.
    slopes: Option<Vec<f32>>,
    sinks: Option<Vec<f32>>,
    /// What is done to q and k first; nothing, or any of it.
    prepared: Option<Prepared>,
    /// Rows of a step at most, and of the buffers; a page's worth at least.
    max_rows: usize,
    sequences: Vec<Sequence>,
}

impl Scenario {
    fn random(rng: &mut Rng, head_dim: usize, temper: Temper) -> Self {
        let group = rng.between(1, 8);
        let kv_heads = rng.between(1, if group > 4 { 1 } else { 3 });
        let lens = (0..rng.between(1, 4))
            .map(|_| rng.pick(&[1, 2, 15, 16, 17, 31, 33, 40, 48, 70]) + rng.below(2))
            .collect();
        let kv = any_layer(rng, kv_heads, head_dim);
        Self::of(rng, (group * kv_heads, kv), lens, temper)
    }

    /// For the random form: short sequences, few heads, any head width.
    fn small(rng: &mut Rng, temper: Temper) -> Self {
        let head_dim = if rng.one_in(2) { rng.pick(&[32, 64]) } else { rng.between(1, 50) };
        let (group, kv_heads) = (rng.between(1, 4), rng.between(1, 2));
        let lens = (0..rng.between(1, 3)).map(|_| rng.between(1, 20)).collect();
        let kv = any_layer(rng, kv_heads, head_dim);
        let mut s = Self::of(rng, (group * kv_heads, kv), lens, temper);
        s.max_rows = rng.pick(&[PAGE_TOKENS, PAGE_TOKENS + 1, MAX_ROWS]);
        s
    }

    fn of(rng: &mut Rng, (heads, kv): (usize, KvLayer), lens: Vec<usize>, temper: Temper) -> Self {
        let KvLayer { kv_heads, head_dim, .. } = kv;
        let window = any_window(rng);
        let group = match window {
            Window::All => KvGroup::Full,
            _ => rng.pick(&[KvGroup::Full, KvGroup::Window]),
        };
        let kv = KvLayer { group, ..kv };
        let dtype = match rng.below(3) {
            0 => KvDtype::F32,
            1 if kv.check(LAYER, KvDtype::Q8_0).is_ok() => KvDtype::Q8_0,
            _ => KvDtype::F16,
        };
        let sequences = lens
            .into_iter()
            .map(|len| {
                let kv_values = |dim: usize| len * kv_heads * dim;
                Sequence {
                    len,
                    q: activations(rng, temper, len * heads * head_dim),
                    k: activations(rng, temper, kv_values(head_dim)),
                    v: activations(rng, temper, kv_values(kv.values.dim())),
                }
            })
            .collect();
        Self {
            heads,
            kv,
            dtype,
            scale: 1.0 / (head_dim as f32).sqrt(),
            window,
            soft_cap: rng.one_in(3).then(|| rng.pick(&[20.0, 50.0])),
            slopes: rng.one_in(3).then(|| any_slopes(rng, heads)),
            sinks: rng.one_in(3).then(|| vector(rng, heads)),
            prepared: None,
            max_rows: MAX_ROWS,
            sequences,
        }
    }

    fn describe(&self, temper: Temper) -> String {
        let lens: Vec<usize> = self.sequences.iter().map(|s| s.len).collect();
        let prepared = self.prepared.as_ref().map(Prepared::describe);
        format!(
            "{} heads, {:?}, {:?}, window {:?}, cap {:?}, slopes {:?}, sinks {:?}, {prepared:?}, sequences of {lens:?}, \
             {temper:?}",
            self.heads, self.kv, self.dtype, self.window, self.soft_cap, self.slopes, self.sinks
        )
    }

    /// Widths of a row of q, k, v and of what is attended.
    fn widths(&self) -> [usize; 4] {
        let KvLayer { kv_heads, head_dim, values, .. } = self.kv;
        [self.heads * head_dim, kv_heads * head_dim, kv_heads * values.dim(), self.heads * values.dim()]
    }

    /// Pages enough for every sequence, for one copied tail each, and three that nobody uses.
    fn pages(&self) -> usize {
        self.sequences.iter().map(|s| s.len.div_ceil(PAGE_TOKENS) + 1).sum::<usize>() + 3
    }
}

/// Values as wide as keys, or of another width, or in the keys.
fn any_layer(rng: &mut Rng, kv_heads: usize, head_dim: usize) -> KvLayer {
    let values = match rng.below(4) {
        0 => Values::Own(rng.pick(&[16, 32, 64, 90])),
        1 => Values::InKey(if rng.one_in(2) { head_dim } else { rng.between(1, head_dim) }),
        _ => Values::Own(head_dim),
    };
    KvLayer { values, ..KvLayer::even(kv_heads, head_dim) }
}

fn any_window(rng: &mut Rng) -> Window {
    let n = rng.pick(&[1, 3, 16, 17, 20, 32, 1000]);
    rng.pick(&[Window::All, Window::All, Window::Last(n), Window::Chunk(n)])
}

/// As real ones are, powers of two below one, and sometimes anything.
pub(super) fn any_slopes(rng: &mut Rng, heads: usize) -> Vec<f32> {
    if rng.one_in(4) {
        return vector(rng, heads);
    }
    (1..=heads).map(|head| (-8.0 * head as f32 / heads as f32).exp2()).collect()
}

/// One sequence's part of a step.
#[derive(Clone, Copy, Debug)]
struct Chunk {
    sequence: usize,
    len: usize,
    /// Move the half-filled tail page to a fresh one first, by a page copy.
    copy_tail: bool,
}

/// How a scenario is run.
#[derive(Clone, Debug)]
struct Plan {
    page_order: Vec<u32>,
    steps: Vec<Vec<Chunk>>,
}

impl Plan {
    /// Pages in order, one sequence after the other, in the largest chunks.
    fn plain(s: &Scenario) -> Self {
        let mut steps = Vec::new();
        for (sequence, seq) in s.sequences.iter().enumerate() {
            let mut left = seq.len;
            while left > 0 {
                let len = left.min(s.max_rows);
                steps.push(vec![Chunk { sequence, len, copy_tail: false }]);
                left -= len;
            }
        }
        Self { page_order: (0..s.pages() as u32).collect(), steps }
    }

    /// Scattered pages, random chunks, random batch mates, some tails copied.
    fn random(rng: &mut Rng, s: &Scenario) -> Self {
        let mut page_order: Vec<u32> = (0..s.pages() as u32).collect();
        rng.shuffle(&mut page_order);
        let mut left: Vec<usize> = s.sequences.iter().map(|q| q.len).collect();
        let mut copied = vec![false; left.len()];
        let mut steps = Vec::new();
        let single = rng.one_in(4);
        while left.iter().any(|&n| n > 0) {
            let mut order: Vec<usize> = (0..left.len()).filter(|&i| left[i] > 0).collect();
            rng.shuffle(&mut order);
            order.truncate(rng.between(1, order.len()));
            let (mut step, mut room) = (Vec::new(), s.max_rows);
            for sequence in order {
                let most = left[sequence].min(room);
                if most == 0 {
                    break;
                }
                let len = if single { 1 } else { rng.between(1, most) };
                let done = s.sequences[sequence].len - left[sequence];
                let copy_tail = !copied[sequence] && !done.is_multiple_of(PAGE_TOKENS) && rng.one_in(3);
                copied[sequence] |= copy_tail;
                step.push(Chunk { sequence, len, copy_tail });
                left[sequence] -= len;
                room -= len;
            }
            steps.push(step);
        }
        Self { page_order, steps }
    }
}

/// A scenario in progress: who has which pages, and how far each sequence is.
struct Run<'a> {
    scenario: &'a Scenario,
    free: Vec<u32>,
    tables: Vec<Vec<PageId>>,
    done: Vec<usize>,
}

impl<'a> Run<'a> {
    fn new(scenario: &'a Scenario, plan: &Plan) -> Self {
        let n = scenario.sequences.len();
        let free = plan.page_order.iter().rev().copied().collect();
        Self { scenario, free, tables: vec![Vec::new(); n], done: vec![0; n] }
    }

    fn take_page(&mut self) -> PageId {
        PageId(self.free.pop().expect("the scenario counted its pages"))
    }

    fn batch(&mut self, step: &[Chunk]) -> Batch {
        let mut batch = Batch::default();
        for chunk in step {
            let first = self.done[chunk.sequence];
            if chunk.copy_tail {
                let dst = self.take_page();
                let tail = self.tables[chunk.sequence].last_mut().expect("a tail was computed");
                batch.page_copies.push(PageCopy { src: *tail, dst, tokens: first % PAGE_TOKENS });
                *tail = dst;
            }
            let context_len = first + chunk.len;
            while self.tables[chunk.sequence].len() < context_len.div_ceil(PAGE_TOKENS) {
                let page = self.take_page();
                self.tables[chunk.sequence].push(page);
            }
            let table = &self.tables[chunk.sequence];
            batch.sequences.push(SequenceSpan {
                query_start: batch.tokens.len(),
                query_len: chunk.len,
                context_len,
                table_start: batch.block_tables.len(),
                table_len: table.len(),
                state: None,
            });
            for position in first..context_len {
                batch.tokens.push(0);
                batch.positions.push(position as u32);
                batch.slot_mapping.push(table[position / PAGE_TOKENS].slot(position % PAGE_TOKENS));
            }
            batch.block_tables.extend(table);
            self.done[chunk.sequence] = context_len;
        }
        self.add_windows(&mut batch);
        batch
    }

    /// The window group's pages have other numbers than those of the full group, and those that no row sees have none.
    fn add_windows(&self, batch: &mut Batch) {
        let pages = self.scenario.pages();
        let other = |page: PageId| window_page(page, pages);
        batch.window_tables = batch.block_tables.iter().map(|&page| other(page)).collect();
        for span in &batch.sequences {
            let seen = self.scenario.window.start(span.context_len - span.query_len) / PAGE_TOKENS;
            batch.window_tables[span.table_start..span.table_start + seen].fill(PageId::PASSED);
        }
        let slot = |&slot: &u32| {
            let page = PageId(slot / PAGE_TOKENS as u32);
            other(page).slot(slot as usize % PAGE_TOKENS)
        };
        batch.window_slot_mapping = batch.slot_mapping.iter().map(slot).collect();
        let copy = |copy: &PageCopy| PageCopy { src: other(copy.src), dst: other(copy.dst), ..*copy };
        batch.window_copies = batch.page_copies.iter().map(copy).collect();
    }

    /// The rows of one step out of what `part` selects, in batch order.
    fn rows(&self, step: &[Chunk], width: usize, part: impl Fn(&Sequence) -> &[f32]) -> Vec<f32> {
        step.iter()
            .flat_map(|c| {
                let end = self.done[c.sequence];
                &part(&self.scenario.sequences[c.sequence])[(end - c.len) * width..end * width]
            })
            .copied()
            .collect()
    }
}

/// The page of the window group beside one of the full group's `pages`.
fn window_page(page: PageId, pages: usize) -> PageId {
    PageId(pages as u32 - page.0)
}

/// Buffers and weights of a run.
struct Room {
    q: BufId,
    k: BufId,
    v: BufId,
    out: BufId,
    attend: Attend,
    prepare: Option<PrepareAttention>,
}

impl Room {
    fn new(ops: &mut dyn KernelOps, s: &Scenario, pages: usize) -> Result<Self, KernelError> {
        let other = KvLayer::even(1, 64);
        let mut layers = vec![other; LAYERS];
        layers[LAYER] = s.kv;
        ops.create_kv(&KvSpec { layers, dtype: s.dtype }, pages, pages + 1)?;
        let [q, k, v, out] = s.widths().map(|w| ops.create_buffer(s.max_rows, w));
        let attend = Attend {
            layer: LAYER,
            heads: s.heads,
            scale: s.scale,
            window: s.window,
            soft_cap: s.soft_cap,
            slopes: load(ops, s.slopes.as_ref()),
            sinks: load(ops, s.sinks.as_ref()),
        };
        let prepare = s.prepared.as_ref().map(|p| prepare(ops, s, p, [q, k, v]));
        Ok(Self { q, k, v, out, attend, prepare })
    }

    /// Writes NaN to every slot: what a page held before must never show.
    fn poison(&self, ops: &mut dyn KernelOps, s: &Scenario, pages: usize) {
        let [_, k_width, v_width, _] = s.widths();
        for (buffer, width) in [(self.k, k_width), (self.v, v_width)] {
            ops.write(buffer, &vec![f32::NAN; PAGE_TOKENS * width]);
        }
        for page in 0..pages {
            let mut batch = Batch {
                tokens: vec![0; PAGE_TOKENS],
                positions: (0..PAGE_TOKENS as u32).collect(),
                block_tables: vec![PageId(page as u32)],
                ..Batch::default()
            };
            let slots = |page: PageId| (0..PAGE_TOKENS).map(|t| page.slot(t)).collect();
            batch.slot_mapping = slots(PageId(page as u32));
            batch.window_slot_mapping = slots(window_page(PageId(page as u32), pages));
            batch.sequences.push(SequenceSpan {
                query_start: 0,
                query_len: PAGE_TOKENS,
                context_len: PAGE_TOKENS,
                table_start: 0,
                table_len: 1,
                state: None,
            });
            ops.begin_step(&batch);
            ops.kv_append(LAYER, self.k, self.v);
        }
    }

    fn append(&self, ops: &mut dyn KernelOps, rows: usize) {
        match &self.prepare {
            None => ops.kv_append(LAYER, self.k, self.v),
            Some(prepare) => ops.prepare_attention(prepare, rows),
        }
    }
}

fn prepare(ops: &mut dyn KernelOps, s: &Scenario, p: &Prepared, [q, k, v]: [BufId; 3]) -> PrepareAttention {
    let KvLayer { kv_heads, head_dim, values, .. } = s.kv;
    let mut norm = |i: usize, (heads, head_dim): (usize, usize)| {
        p.norms[i].as_ref().map(|norm| HeadNorm { norm: norm.load(ops), heads, head_dim })
    };
    let q_norm = norm(0, (s.heads, head_dim));
    let (k_norm, v_norm) = (norm(1, (kv_heads, head_dim)), norm(2, (kv_heads, values.dim())));
    PrepareAttention {
        q,
        heads: s.heads,
        head_dim,
        q_norm,
        keys: Some(PrepareKeys { layer: LAYER, k, v, kv_heads, k_norm, v_norm }),
        norm_place: p.norm_place,
        rope: p.rope.as_ref().map(|rope| rope.load(ops)),
        growth: p.growth,
    }
}

/// Runs a scenario by a plan; the result is in the scenario's order, so plans can be compared.
fn run(ops: &mut dyn KernelOps, s: &Scenario, plan: &Plan) -> Outcome {
    let pages = s.pages();
    let room = Room::new(ops, s, pages)?;
    room.poison(ops, s, pages);
    let [q_width, k_width, v_width, out_width] = s.widths();
    let mut results: Vec<Vec<f32>> = vec![Vec::new(); s.sequences.len()];
    let mut run = Run::new(s, plan);
    for step in &plan.steps {
        let batch = run.batch(step);
        let rows = batch.num_tokens();
        ops.begin_step(&batch);
        ops.write(room.q, &run.rows(step, q_width, |seq| &seq.q));
        ops.write(room.k, &run.rows(step, k_width, |seq| &seq.k));
        ops.write(room.v, &run.rows(step, v_width, |seq| &seq.v));
        room.append(ops, rows);
        ops.attend(&room.attend, room.q, room.out);
        let out = read_rows(ops, room.out, rows, out_width);
        for (span, chunk) in batch.sequences.iter().zip(step) {
            let end = span.query_start + span.query_len;
            results[chunk.sequence].extend(&out[span.query_start * out_width..end * out_width]);
        }
    }
    Ok(results.concat())
}

const HEAD_DIMS: &[usize] = &[20, 32, 48, 64, 80, 96, 100, 128, 256];

/// Head norms, rotation and append as one, seen through attention.
pub(super) fn prepare_attention(make: &mut Subject<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(21);
    for &head_dim in HEAD_DIMS {
        for kind in [RopeKind::Interleaved, RopeKind::Neox] {
            let mut s = Scenario::random(&mut rng, head_dim, Temper::Plain);
            let rope = RopeParts::random(&mut rng, kind, head_dim);
            s.prepared = Some(Prepared::random(&mut rng, s.heads, s.kv, Some(rope)));
            let plan = Plan::random(&mut rng, &s);
            let case = || format!("{kind:?}, {}", s.describe(Temper::Plain));
            compare("prepare_attention", case, make, |ops| run(ops, &s, &plan))?;
        }
    }
    Ok(2 * HEAD_DIMS.len())
}

pub(super) fn random_prepare(rng: &mut Rng) -> Case {
    let temper = rng.pick(TEMPERS);
    let mut s = Scenario::small(rng, temper);
    let kind = rng.pick(&[RopeKind::Interleaved, RopeKind::Neox]);
    let rope = (s.kv.head_dim > 1 && !rng.one_in(4)).then(|| {
        let dims = 2 * rng.between(1, s.kv.head_dim / 2);
        RopeParts::random(rng, kind, dims)
    });
    s.prepared = Some(Prepared::random(rng, s.heads, s.kv, rope));
    let plan = Plan::random(rng, &s);
    Case::new(s.describe(temper), move |ops| run(ops, &s, &plan))
}

pub(super) fn random_attend(rng: &mut Rng) -> Case {
    let temper = rng.pick(TEMPERS);
    let s = Scenario::small(rng, temper);
    let plan = Plan::random(rng, &s);
    Case::new(s.describe(temper), move |ops| run(ops, &s, &plan))
}

/// Random scenarios by random plans.
pub(super) fn attend(make: &mut Subject<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(22);
    let ragged_values = KvLayer { values: Values::Own(80), ..KvLayer::even(1, 96) };
    for layer in [KvLayer::even(1, 80), ragged_values] {
        let spec = KvSpec { layers: vec![layer], dtype: KvDtype::Q8_0 };
        let case = || format!("q8_0 of {layer:?}");
        compare("create_kv", case, make, |ops| ops.create_kv(&spec, 1, 0).map(|()| Vec::new()))?;
    }
    for &head_dim in HEAD_DIMS {
        for &temper in make.tempers() {
            let s = Scenario::random(&mut rng, head_dim, temper);
            let plan = Plan::random(&mut rng, &s);
            compare("attend", || s.describe(temper), make, |ops| run(ops, &s, &plan))?;
        }
    }
    // The widest row of latents there is.
    let latent = KvLayer { values: Values::InKey(512), ..KvLayer::even(1, 576) };
    let s = Scenario::of(&mut rng, (16, latent), vec![40, 3], Temper::Plain);
    let plan = Plan::random(&mut rng, &s);
    compare("attend", || s.describe(Temper::Plain), make, |ops| run(ops, &s, &plan))?;
    Ok(3 + HEAD_DIMS.len() * make.tempers().len())
}

/// One scenario, many plans, on the backend alone: chunks, page ids, batch mates, page copies and the group of pages never
/// show.
pub(super) fn any_plan(make: &mut Subject<'_>) -> Result<usize, Failure> {
    let mut rng = Rng::new(23);
    let mut cases = 0;
    for &head_dim in HEAD_DIMS {
        let mut s = Scenario::random(&mut rng, head_dim, Temper::Plain);
        let want = run(make.ops().as_mut(), &s, &Plan::plain(&s));
        for group in [KvGroup::Full, KvGroup::Window].repeat(2) {
            s.kv.group = group;
            let plan = Plan::random(&mut rng, &s);
            let got = run(make.ops().as_mut(), &s, &plan);
            let case = || format!("{}, {plan:?}", s.describe(Temper::Plain));
            same("attend, any plan", case, &got, &want)?;
            cases += 1;
        }
    }
    Ok(cases)
}
