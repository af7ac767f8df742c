//! The conformance suite finds every fault planted here: a suite that cannot fail proves nothing.

use gollum_core::{Batch, TokenId};
use gollum_kernels::conformance::{CHECKS, Subject};
use gollum_kernels::reference::ReferenceOps;
use gollum_kernels::{
    Activation, Attend, AttendWhole, BufId, CausalConv, ChannelScan, CopyHeads, DeltaNet, Epilogue,
    ExpertFfn, ExpertLinear, ExpertsId, Ffn, HeadNorm, HeadScan, KernelError, KernelOps, KvLayer, KvSpec,
    MatmulJob, MatrixId, MatrixSource, MixStreams, Norm, NormKind, NormPlace, Output, PrepareAttention,
    QueryGrowth, Reach, Rope, StateSpec, VectorId, WeighAt, Window,
};

/// One mistake a backend could make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    AcceptsShortMatrix,
    AcceptsShortExperts,
    IgnoresEmbeddingScale,
    EmbedStoresOnly,
    IgnoresWeightScale,
    IgnoresBias,
    IgnoresClamp,
    IgnoresResultScale,
    LosesLastBitOfMatmul,
    StoresInsteadOfAdding,
    OneRowTooFew,
    SkipsSecondJob,
    NormsWithoutEps,
    TakesLayerNormForRms,
    NormForgetsBias,
    HeadsShareWeights,
    SkipsNormInFusion,
    NormsWhatIsNormed,
    LosesWritesToViews,
    SkipsHeadNormOfOneRow,
    WrongActivation,
    GatesWithoutUp,
    GatesHeadsWrongly,
    CopiesUnscaled,
    CopiesFirstHeadOnly,
    HeadsForgetScales,
    CapsNothing,
    MixesWithoutBase,
    MixesWithoutWeight,
    MatchesNothing,
    CutsAtTheMean,
    GathersFirstRow,
    IgnoresRopeFactors,
    RotatesWholeHead,
    IgnoresYarn,
    IgnoresMagnitude,
    GrowsFromZero,
    ForgetsKeyNorm,
    ForgetsValueNorm,
    NormsBeforeRotation,
    ForgetsGrowth,
    ForgetsPageCopies,
    ForgetsWindowCopies,
    ReadsWindowsByTheFullTable,
    WritesWindowsToFullSlots,
    WindowOffByOne,
    ChunkIsASlidingWindow,
    AttendIgnoresCap,
    AttendIgnoresSlopes,
    AttendIgnoresSinks,
    AppendsToWrongSlot,
    ReadsFirstPageOnly,
    AcceptsRaggedQ8Heads,
    ReachesOneTooFar,
    WholeLooksBackOnly,
    WholeIgnoresCap,
    WholeIgnoresSlopes,
    ForgetsStateLoads,
    ForgetsSnapshots,
    ConvForgetsActivation,
    DeltaSharesKeysWrongly,
    ScanReadsWithB,
    ChannelScanReadsWithB,
    MixesWholeInputs,
    ChoosesWithoutBias,
    ChoosesFromAllGroups,
    WeighsUnnormalised,
    WeighsOutputsOnly,
    ForgetsExpertBias,
    ForgetsExpertScales,
    StoresTheExperts,
    OneExpertTooFew,
}

/// Each fault, and the group of cases that must find it.
const FAULTS: &[(Fault, &str)] = &[
    (Fault::AcceptsShortMatrix, "load_matrix"),
    (Fault::AcceptsShortExperts, "load_experts"),
    (Fault::IgnoresEmbeddingScale, "embed"),
    (Fault::EmbedStoresOnly, "embed"),
    (Fault::IgnoresWeightScale, "matmul"),
    (Fault::IgnoresBias, "matmul"),
    (Fault::IgnoresClamp, "matmul"),
    (Fault::IgnoresResultScale, "matmul"),
    (Fault::LosesLastBitOfMatmul, "matmul"),
    (Fault::StoresInsteadOfAdding, "matmul"),
    (Fault::OneRowTooFew, "matmul"),
    (Fault::SkipsSecondJob, "matmul of several jobs"),
    (Fault::NormsWithoutEps, "norm"),
    (Fault::TakesLayerNormForRms, "norm"),
    (Fault::NormForgetsBias, "norm"),
    (Fault::SkipsNormInFusion, "norm_matmul"),
    (Fault::NormsWhatIsNormed, "ffn"),
    (Fault::LosesWritesToViews, "create_view"),
    (Fault::SkipsHeadNormOfOneRow, "head_norm"),
    (Fault::HeadsShareWeights, "head_norm"),
    (Fault::WrongActivation, "gate"),
    (Fault::GatesWithoutUp, "gate"),
    (Fault::GatesHeadsWrongly, "gate_heads"),
    (Fault::CopiesUnscaled, "copy_heads"),
    (Fault::CopiesFirstHeadOnly, "copy_heads"),
    (Fault::HeadsForgetScales, "matmul_heads"),
    (Fault::CapsNothing, "soft_cap"),
    (Fault::MixesWithoutBase, "mix_streams"),
    (Fault::MixesWithoutWeight, "mix_streams"),
    (Fault::MatchesNothing, "match_magnitude"),
    (Fault::CutsAtTheMean, "cut_gates"),
    (Fault::GathersFirstRow, "gather"),
    (Fault::IgnoresRopeFactors, "rope"),
    (Fault::RotatesWholeHead, "rope"),
    (Fault::IgnoresYarn, "rope"),
    (Fault::IgnoresMagnitude, "rope"),
    (Fault::GrowsFromZero, "grow"),
    (Fault::ForgetsKeyNorm, "prepare_attention"),
    (Fault::ForgetsValueNorm, "prepare_attention"),
    (Fault::NormsBeforeRotation, "prepare_attention"),
    (Fault::ForgetsGrowth, "prepare_attention"),
    (Fault::ForgetsPageCopies, "attend"),
    (Fault::ForgetsWindowCopies, "attend"),
    (Fault::ReadsWindowsByTheFullTable, "attend"),
    (Fault::WritesWindowsToFullSlots, "attend"),
    (Fault::WindowOffByOne, "attend"),
    (Fault::ChunkIsASlidingWindow, "attend"),
    (Fault::AttendIgnoresCap, "attend"),
    (Fault::AttendIgnoresSlopes, "attend"),
    (Fault::AttendIgnoresSinks, "attend"),
    (Fault::AppendsToWrongSlot, "attend"),
    (Fault::ReadsFirstPageOnly, "attend"),
    (Fault::AcceptsRaggedQ8Heads, "attend"),
    (Fault::ReachesOneTooFar, "attend_whole"),
    (Fault::WholeLooksBackOnly, "attend_whole"),
    (Fault::WholeIgnoresCap, "attend_whole"),
    (Fault::WholeIgnoresSlopes, "attend_whole"),
    (Fault::ForgetsStateLoads, "recurrences"),
    (Fault::ForgetsSnapshots, "recurrences"),
    (Fault::ConvForgetsActivation, "recurrences"),
    (Fault::DeltaSharesKeysWrongly, "recurrences"),
    (Fault::ScanReadsWithB, "recurrences"),
    (Fault::ChannelScanReadsWithB, "recurrences"),
    (Fault::MixesWholeInputs, "attend_whole"),
    (Fault::MixesWholeInputs, "attend_whole, any mates"),
    (Fault::ChoosesWithoutBias, "expert_ffn"),
    (Fault::ChoosesFromAllGroups, "expert_ffn"),
    (Fault::WeighsUnnormalised, "expert_ffn"),
    (Fault::WeighsOutputsOnly, "expert_ffn"),
    (Fault::ForgetsExpertBias, "expert_ffn"),
    (Fault::ForgetsExpertScales, "expert_ffn"),
    (Fault::StoresTheExperts, "expert_ffn"),
    (Fault::OneExpertTooFew, "expert_ffn"),
];

/// The reference with one fault.
struct Faulty {
    inner: ReferenceOps,
    fault: Fault,
    /// Rows and width of each buffer.
    shapes: Vec<(usize, usize)>,
    views: Vec<BufId>,
    vectors: Vec<Vec<f32>>,
    batch: Batch,
}

impl Faulty {
    fn has(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn spoilt(&self, mut e: Epilogue) -> Epilogue {
        match self.fault {
            Fault::IgnoresWeightScale => e.weight_scale = 1.0,
            Fault::IgnoresBias => e.bias = None,
            Fault::IgnoresClamp => e.clamp = None,
            Fault::IgnoresResultScale => e.scale = 1.0,
            _ => {}
        }
        e
    }

    /// The first head's part of a vector of all heads.
    fn first_head(&mut self, vector: Option<VectorId>, head_dim: usize) -> Option<VectorId> {
        vector.map(|v| {
            let first = self.vectors[v.0][..head_dim].to_vec();
            self.load_vector(&first)
        })
    }

    fn change_rows(&mut self, x: BufId, rows: usize, change: impl Fn(&mut f32)) {
        let mut values = vec![0.0; rows * self.shapes[x.0].1];
        self.inner.read(x, rows, &mut values);
        values.iter_mut().for_each(change);
        self.inner.write(x, &values);
    }
}

impl KernelOps for Faulty {
    fn name(&self) -> &str {
        "faulty"
    }

    fn create_buffer(&mut self, rows: usize, width: usize) -> BufId {
        self.shapes.push((rows, width));
        self.inner.create_buffer(rows, width)
    }

    fn create_view(&mut self, of: BufId, width: usize) -> BufId {
        self.shapes.push((self.shapes[of.0].0, width));
        let view = self.inner.create_view(of, width);
        self.views.push(view);
        view
    }

    fn load_experts(&mut self, source: MatrixSource<'_>, experts: usize) -> Result<ExpertsId, KernelError> {
        match self.inner.load_experts(source, experts) {
            Err(_) if self.has(Fault::AcceptsShortExperts) => Ok(ExpertsId(0)),
            result => result,
        }
    }

    fn load_matrix(&mut self, source: MatrixSource<'_>) -> Result<MatrixId, KernelError> {
        match self.inner.load_matrix(source) {
            Err(_) if self.has(Fault::AcceptsShortMatrix) => Ok(MatrixId(0)),
            result => result,
        }
    }

    fn load_vector(&mut self, values: &[f32]) -> VectorId {
        self.vectors.push(values.to_vec());
        self.inner.load_vector(values)
    }

    fn create_kv(&mut self, spec: &KvSpec, pages: usize, window_pages: usize) -> Result<(), KernelError> {
        match self.inner.create_kv(spec, pages, window_pages) {
            Err(_) if self.has(Fault::AcceptsRaggedQ8Heads) => Ok(()),
            result => result,
        }
    }

    fn begin_step(&mut self, batch: &Batch) {
        let mut batch = batch.clone();
        if self.has(Fault::ForgetsPageCopies) {
            batch.page_copies.clear();
        }
        if self.has(Fault::ForgetsWindowCopies) {
            batch.window_copies.clear();
        }
        if self.has(Fault::ReadsWindowsByTheFullTable) && !batch.window_tables.is_empty() {
            batch.window_tables.clone_from(&batch.block_tables);
        }
        if self.has(Fault::WritesWindowsToFullSlots) && !batch.window_slot_mapping.is_empty() {
            batch.window_slot_mapping.clone_from(&batch.slot_mapping);
        }
        if self.has(Fault::ForgetsStateLoads) {
            batch.state_loads.clear();
        }
        if self.has(Fault::ForgetsSnapshots) {
            batch.state_saves.clear();
        }
        if self.has(Fault::ReadsFirstPageOnly) {
            for span in &batch.sequences {
                let first = batch.block_tables[span.table_start];
                batch.block_tables[span.table_start..span.table_start + span.table_len].fill(first);
            }
        }
        if self.has(Fault::MixesWholeInputs) && batch.sequences.len() > 1 {
            let all = batch.num_tokens();
            batch.sequences.truncate(1);
            (batch.sequences[0].query_len, batch.sequences[0].context_len) = (all, all);
        }
        if self.has(Fault::AppendsToWrongSlot) && batch.slot_mapping.len() > 16 {
            batch.slot_mapping.swap(0, 1);
        }
        self.inner.begin_step(&batch);
        self.batch = batch;
    }

    fn embed(&mut self, table: MatrixId, rows: &[TokenId], scale: f32, output: Output, out: BufId) {
        let scale = if self.has(Fault::IgnoresEmbeddingScale) { 1.0 } else { scale };
        let output = if self.has(Fault::EmbedStoresOnly) { Output::Store } else { output };
        self.inner.embed(table, rows, scale, output, out);
    }

    fn norm(&mut self, x: BufId, norm: Norm, output: Output, out: BufId, rows: usize) {
        let mut norm = norm;
        if self.has(Fault::NormsWithoutEps) {
            norm.eps = 0.0;
        }
        if self.has(Fault::TakesLayerNormForRms) {
            norm.kind = NormKind::Rms;
        }
        if self.has(Fault::NormForgetsBias) {
            norm.bias = None;
        }
        self.inner.norm(x, norm, output, out, rows);
    }

    fn matmul(&mut self, x: BufId, jobs: &[MatmulJob], rows: usize) {
        let mut jobs = jobs.to_vec();
        if self.has(Fault::SkipsSecondJob) {
            jobs.truncate(1);
        }
        if self.has(Fault::StoresInsteadOfAdding) {
            jobs.iter_mut().for_each(|job| job.output = Output::Store);
        }
        for job in &mut jobs {
            job.epilogue = self.spoilt(job.epilogue);
        }
        let done = if self.has(Fault::OneRowTooFew) && rows > 8 { rows - 1 } else { rows };
        self.inner.matmul(x, &jobs, done);
        if self.has(Fault::LosesLastBitOfMatmul) {
            for job in jobs {
                self.change_rows(job.out, rows, |v| *v = f32::from_bits(v.to_bits() & !1));
            }
        }
    }

    fn head_norm(&mut self, x: BufId, mut norm: HeadNorm, rows: usize) {
        if self.has(Fault::HeadsShareWeights) {
            norm.norm.weight = self.first_head(norm.norm.weight, norm.head_dim);
            norm.norm.bias = self.first_head(norm.norm.bias, norm.head_dim);
        }
        if self.has(Fault::SkipsHeadNormOfOneRow) && rows == 1 {
            return;
        }
        self.inner.head_norm(x, norm, rows);
    }

    fn rope(&mut self, x: BufId, heads: usize, head_dim: usize, rope: &Rope, rows: usize) {
        let mut rope = *rope;
        if self.has(Fault::IgnoresRopeFactors) {
            rope.factors = None;
        }
        if self.has(Fault::RotatesWholeHead) && rope.factors.is_none() {
            rope.dims = head_dim;
        }
        if self.has(Fault::IgnoresYarn) {
            rope.yarn = None;
        }
        if self.has(Fault::IgnoresMagnitude) {
            rope.magnitude = 1.0;
        }
        self.inner.rope(x, heads, head_dim, &rope, rows);
    }

    fn kv_append(&mut self, layer: usize, k: BufId, v: BufId) {
        self.inner.kv_append(layer, k, v);
    }

    fn attend(&mut self, attend: &Attend, q: BufId, out: BufId) {
        let mut attend = *attend;
        if self.has(Fault::WindowOffByOne) {
            attend.window = match attend.window {
                Window::Last(n) => Window::Last(n + 1),
                window => window,
            };
        }
        if let (true, Window::Chunk(n)) = (self.has(Fault::ChunkIsASlidingWindow), attend.window) {
            attend.window = Window::Last(n);
        }
        if self.has(Fault::AttendIgnoresCap) {
            attend.soft_cap = None;
        }
        if self.has(Fault::AttendIgnoresSlopes) {
            attend.slopes = None;
        }
        if self.has(Fault::AttendIgnoresSinks) {
            attend.sinks = None;
        }
        self.inner.attend(&attend, q, out);
    }

    fn create_whole(&mut self, layers: &[KvLayer], rows: usize, inputs: usize) -> Result<(), KernelError> {
        self.inner.create_whole(layers, rows, inputs)
    }

    fn attend_whole(&mut self, attend: &AttendWhole, qkv: [BufId; 3], out: BufId) {
        let mut attend = *attend;
        match (self.fault, attend.reach) {
            (Fault::ReachesOneTooFar, Reach::Within(n)) => attend.reach = Reach::Within(n + 1),
            (Fault::WholeIgnoresCap, _) => attend.soft_cap = None,
            (Fault::WholeIgnoresSlopes, _) => attend.slopes = None,
            _ => {}
        }
        self.inner.attend_whole(&attend, qkv, out);
        if self.has(Fault::WholeLooksBackOnly) {
            // The first row of a causal model sees itself alone, and so has its own value.
            let mut rows = vec![0.0; self.shapes[qkv[2].0].1 * self.batch.num_tokens()];
            self.inner.read(qkv[2], self.batch.num_tokens(), &mut rows);
            let width = attend.head_dim;
            let out_rows = self.batch.num_tokens();
            let mut all = vec![0.0; out_rows * self.shapes[out.0].1];
            self.inner.read(out, out_rows, &mut all);
            all[..width].copy_from_slice(&rows[..width]);
            self.inner.write(out, &all);
        }
    }

    fn create_states(&mut self, spec: &StateSpec, slots: usize) -> Result<(), KernelError> {
        self.inner.create_states(spec, slots)
    }

    fn causal_conv(&mut self, f: &CausalConv) {
        let silu = f.silu && !self.has(Fault::ConvForgetsActivation);
        self.inner.causal_conv(&CausalConv { silu, ..*f });
    }

    fn delta_net(&mut self, f: &DeltaNet) {
        let is_tiled = f.is_tiled != self.has(Fault::DeltaSharesKeysWrongly);
        self.inner.delta_net(&DeltaNet { is_tiled, ..*f });
    }

    fn head_scan(&mut self, f: &HeadScan) {
        let c = if self.has(Fault::ScanReadsWithB) { f.b } else { f.c };
        self.inner.head_scan(&HeadScan { c, ..*f });
    }

    fn channel_scan(&mut self, f: &ChannelScan) {
        let c = if self.has(Fault::ChannelScanReadsWithB) { f.b } else { f.c };
        self.inner.channel_scan(&ChannelScan { c, ..*f });
    }

    fn grow(&mut self, x: BufId, mut growth: QueryGrowth, rows: usize) {
        if self.has(Fault::GrowsFromZero) {
            growth.offset = 0;
        }
        self.inner.grow(x, growth, rows);
    }

    fn gate(&mut self, activation: Activation, gate: BufId, up: Option<BufId>, out: BufId, rows: usize) {
        let is_plain = matches!(activation, Activation::Silu | Activation::GeluTanh);
        let activation = if self.has(Fault::WrongActivation) { Activation::Silu } else { activation };
        let up = if is_plain && self.has(Fault::GatesWithoutUp) { None } else { up };
        self.inner.gate(activation, gate, up, out, rows);
    }

    fn gate_heads(&mut self, activation: Activation, x: BufId, gate: BufId, rows: usize) {
        let is_other = self.has(Fault::GatesHeadsWrongly) && activation == Activation::Softplus;
        self.inner.gate_heads(if is_other { Activation::Sigmoid } else { activation }, x, gate, rows);
    }

    fn copy_heads(&mut self, f: &CopyHeads, rows: usize) {
        let mut f = *f;
        match self.fault {
            Fault::CopiesUnscaled => f.scale = 1.0,
            Fault::CopiesFirstHeadOnly => f.heads = 1,
            _ => {}
        }
        self.inner.copy_heads(&f, rows);
    }

    fn matmul_heads(&mut self, x: BufId, matrices: ExpertLinear, out: BufId, rows: usize) {
        let mut matrices = matrices;
        if self.has(Fault::HeadsForgetScales) {
            matrices.scales = None;
        }
        self.inner.matmul_heads(x, matrices, out, rows);
    }

    fn expert_ffn(&mut self, f: &ExpertFfn, rows: usize) {
        let mut f = *f;
        let linears = [Some(&mut f.gate), f.up.as_mut(), Some(&mut f.down)];
        match self.fault {
            Fault::ChoosesWithoutBias => f.routing.selection_bias = None,
            Fault::ChoosesFromAllGroups => f.routing.groups = None,
            Fault::WeighsUnnormalised => f.routing.normalise = false,
            Fault::WeighsOutputsOnly => f.weigh = WeighAt::Output,
            Fault::ForgetsExpertBias => linears.into_iter().flatten().for_each(|l| l.bias = None),
            Fault::ForgetsExpertScales => linears.into_iter().flatten().for_each(|l| l.scales = None),
            Fault::StoresTheExperts => f.output = Output::Store,
            Fault::OneExpertTooFew => f.routing.used = (f.routing.used - 1).max(1),
            _ => {}
        }
        self.inner.expert_ffn(&f, rows);
    }

    fn soft_cap(&mut self, x: BufId, cap: f32, rows: usize) {
        if !self.has(Fault::CapsNothing) {
            self.inner.soft_cap(x, cap, rows);
        }
    }

    fn mix_streams(&mut self, f: &MixStreams, rows: usize) {
        let base = if self.has(Fault::MixesWithoutBase) { None } else { f.base };
        let weight = if self.has(Fault::MixesWithoutWeight) { None } else { f.weight };
        self.inner.mix_streams(&MixStreams { base, weight, ..*f }, rows);
    }

    fn match_magnitude(&mut self, x: BufId, like: BufId, rows: usize) {
        if !self.has(Fault::MatchesNothing) {
            self.inner.match_magnitude(x, like, rows);
        }
    }

    fn cut_gates(&mut self, x: BufId, deviations: f32, rows: usize) {
        self.inner.cut_gates(x, if self.has(Fault::CutsAtTheMean) { 0.0 } else { deviations }, rows);
    }

    fn gather(&mut self, x: BufId, rows: &[usize], out: BufId) {
        let first = vec![0; rows.len()];
        self.inner.gather(x, if self.has(Fault::GathersFirstRow) { &first } else { rows }, out);
    }

    fn read(&mut self, x: BufId, rows: usize, out: &mut [f32]) {
        self.inner.read(x, rows, out);
    }

    fn write(&mut self, x: BufId, values: &[f32]) {
        if !(self.has(Fault::LosesWritesToViews) && self.views.contains(&x)) {
            self.inner.write(x, values);
        }
    }

    fn norm_matmul(&mut self, x: BufId, norm: Norm, scratch: BufId, jobs: &[MatmulJob], rows: usize) {
        if self.has(Fault::SkipsNormInFusion) {
            self.matmul(x, jobs, rows);
        } else {
            self.inner.norm_matmul(x, norm, scratch, jobs, rows);
        }
    }

    fn prepare_attention(&mut self, p: &PrepareAttention, rows: usize) {
        let mut p = *p;
        match self.fault {
            Fault::ForgetsKeyNorm => p.keys.iter_mut().for_each(|keys| keys.k_norm = None),
            Fault::ForgetsValueNorm => p.keys.iter_mut().for_each(|keys| keys.v_norm = None),
            Fault::NormsBeforeRotation => p.norm_place = NormPlace::BeforeRope,
            Fault::ForgetsGrowth => p.growth = None,
            _ => {}
        }
        self.inner.prepare_attention(&p, rows);
    }

    fn ffn(&mut self, f: &Ffn, rows: usize) {
        let mut f = *f;
        if self.has(Fault::NormsWhatIsNormed) {
            f.norm = f.norm.or(Some(Norm { kind: NormKind::Rms, weight: None, bias: None, eps: 0.0 }));
        }
        self.inner.ffn(&f, rows);
    }
}

#[test]
fn every_planted_fault_is_found() {
    for &(fault, op) in FAULTS {
        let check = CHECKS.iter().find(|check| check.op == op).expect("a group of that name");
        let mut make = || -> Box<dyn KernelOps> {
            Box::new(Faulty {
                inner: ReferenceOps::new(),
                fault,
                shapes: Vec::new(),
                views: Vec::new(),
                vectors: Vec::new(),
                batch: Batch::default(),
            })
        };
        assert!((check.run)(&mut Subject::exact(&mut make)).is_err(), "{fault:?} must be found in {op}");
    }
}
