//! A model runner without weights: the fallback when there is no model, and the oracle of the engine's tests.
//!
//! ```text
//! append    slot[slot_mapping[row]] = (token, position, hash of the prefix)
//! window    the same slots once more, in pages of the window group; each row reads the last w tokens back
//! state     hash = extend(hash, token), row by row, where the toy has a recurrent state
//! logits    hash of ALL tokens of the sequence, read back through its block table  ->  the best token
//! ```
//! The next token depends on every token that the slots really hold. So a page that is shared wrongly, stale,
//! freed too early, copied short or written twice turns into a wrong token, and [`oracle`] says which token is
//! right. What a read finds out of place is also counted in the [`ToyProbe`].

mod fault;
mod model;
mod probe;
mod slots;
mod states;
mod window;

use std::time::Duration;

use gollum_core::{Batch, Logits, ModelRunner, ModelSpec, PAGE_TOKENS, RunnerError, TokenId, WindowSpec};

pub use fault::{Fault, FaultKind};
pub use model::{EndToken, ToyModel};
pub use probe::ToyProbe;
pub use slots::Violation;
use slots::{PAGE_BYTES, Slots};
use states::{STATE_BYTES, States};
use window::Windows;

/// Greedy tokens after `prompt` of the [plain](ToyModel::plain) toy: exactly `n`.
pub fn oracle(prompt: &[TokenId], n: usize, vocab_size: usize) -> Vec<TokenId> {
    ToyModel::plain(vocab_size).oracle(prompt, n)
}

/// How much of a sequence is read back for each logits row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReadBack {
    /// Every token, about 1.5 ns each.
    #[default]
    Full,
    /// The last page and one other, against the prefix hashes stored in the slots: constant cost. Misses a
    /// damaged page that is neither; the spot moves with every token.
    Tail,
}

/// What the toy is and does.
#[derive(Clone, Debug)]
pub struct ToyConfig {
    /// Vocabulary and answers.
    pub model: ToyModel,
    /// Context length in tokens.
    pub context_len: usize,
    /// Rows of a step at most.
    pub max_batch_tokens: usize,
    /// Sequences of a step at most.
    pub max_batch_sequences: usize,
    /// How much is read back.
    pub read_back: ReadBack,
    /// Has a recurrent state beside its pages, a hash that each token goes through: a stale, shared or lost one turns
    /// into a wrong token too.
    pub has_state: bool,
    /// Tokens that each row reads back through a window group beside its pages, itself included: a stale, shared, lost or
    /// early freed window page turns into a wrong token too. `None`: it has no such group.
    pub window_tokens: Option<usize>,
    /// What goes wrong, and when; for tests.
    pub faults: Vec<Fault>,
    /// Time a step takes, so that a person sees words come one by one. Zero in simulations.
    pub step_delay: Duration,
}

impl ToyConfig {
    /// For tests: answers with any of `vocab_size` tokens, never ends, as fast as it can.
    pub fn plain(vocab_size: usize) -> Self {
        Self {
            model: ToyModel::plain(vocab_size),
            context_len: 8192,
            max_batch_tokens: 2048,
            max_batch_sequences: 256,
            read_back: ReadBack::Full,
            has_state: false,
            window_tokens: None,
            faults: Vec::new(),
            step_delay: Duration::ZERO,
        }
    }

    /// `toy-1`, for people: of a vocabulary of `vocab_size` it answers with ids `0..word_count` and ends after
    /// two dozen words on average.
    pub fn toy_1(vocab_size: usize, word_count: usize, end: TokenId) -> Self {
        let end = Some(EndToken { token: end, one_in: 24 });
        let model = ToyModel { vocab_size, answers: 0..word_count as TokenId, end };
        Self { model, step_delay: Duration::from_millis(5), ..Self::plain(vocab_size) }
    }
}

/// The runner.
#[derive(Debug)]
pub struct ToyRunner {
    config: ToyConfig,
    spec: ModelSpec,
    slots: Slots,
    windows: Windows,
    states: States,
    probe: ToyProbe,
    found: Vec<Violation>,
}

impl ToyRunner {
    /// A runner without KV memory yet. Panics if the configuration contradicts itself: answers outside the
    /// vocabulary.
    pub fn new(config: ToyConfig) -> Self {
        let model = &config.model;
        let answers = &model.answers;
        assert!(
            answers.start < answers.end && answers.end as usize <= model.vocab_size,
            "answers {answers:?} outside a vocabulary of {}",
            model.vocab_size
        );
        if let Some(end) = model.end {
            assert!((end.token as usize) < model.vocab_size && end.one_in > 0, "impossible end {end:?}");
        }
        let spec = ModelSpec {
            vocab_size: model.vocab_size,
            context_len: config.context_len,
            page_bytes: PAGE_BYTES,
            window: config.window_tokens.map(|tokens| WindowSpec { page_bytes: PAGE_BYTES, tokens }),
            state_bytes: if config.has_state { STATE_BYTES } else { 0 },
            max_batch_tokens: config.max_batch_tokens,
            max_batch_sequences: config.max_batch_sequences,
        };
        let (slots, states) = (Slots::default(), States::default());
        let windows = Windows::new(config.window_tokens.unwrap_or(0));
        Self { config, spec, slots, windows, states, probe: ToyProbe::default(), found: Vec::new() }
    }

    /// Counters that stay readable when the engine has taken the runner.
    pub fn probe(&self) -> ToyProbe {
        self.probe.clone()
    }

    fn write_logits(&mut self, batch: &Batch, logits: &mut Logits) {
        logits.resize(batch.logits_rows.len(), self.spec.vocab_size);
        let mut spans = batch.sequences.iter();
        let mut span = spans.next();
        for (index, &row) in batch.logits_rows.iter().enumerate() {
            while span.is_some_and(|s| row >= s.query_start + s.query_len) {
                span = spans.next();
            }
            let table =
                batch.block_table(span.expect("check_batch: rows are ascending and within the spans"));
            let position = batch.positions[row];
            let mut hash = self.slots.read_back(table, position, self.config.read_back, &mut self.found);
            let has_window = self.config.window_tokens.is_some();
            let strays = [
                // The tokens that went through the state are not those of the pages,
                self.config.has_state && self.states.after_row(row) != hash,
                // or those that some row has seen through the window.
                has_window && self.windows.after_row(row) != hash,
            ];
            if strays.contains(&true) {
                hash = !hash;
                let slot = batch.slot_mapping[row];
                self.found.push(Violation { slot, expected_position: position, found_position: None });
            }
            self.config.model.write_logits(hash, logits.row_mut(index));
        }
    }

    /// The engine's promises about a batch. A broken one is a bug there, and named here.
    fn check_batch(&self, batch: &Batch) {
        let rows = batch.num_tokens();
        assert!((1..=self.spec.max_batch_tokens).contains(&rows), "a step of {rows} rows");
        let sequences = batch.sequences.len();
        assert!(sequences <= self.spec.max_batch_sequences, "a step of {sequences} sequences");
        assert_eq!(
            (batch.positions.len(), batch.slot_mapping.len()),
            (rows, rows),
            "lists of unequal length"
        );
        assert!(batch.logits_rows.is_sorted_by(|a, b| a < b), "logits rows {:?}", batch.logits_rows);
        assert!(batch.logits_rows.last().is_none_or(|&row| row < rows), "logits rows beyond {rows}");
        let mut next_row = 0;
        for span in &batch.sequences {
            assert_eq!(span.query_start, next_row, "a gap before {span:?}");
            assert!(span.query_len > 0, "no rows in {span:?}");
            next_row += span.query_len;
            assert_eq!(span.table_len, span.context_len.div_ceil(PAGE_TOKENS), "table of {span:?}");
            let table = batch.block_table(span);
            let first = span.context_len - span.query_len;
            for (position, row) in (first..span.context_len).zip(span.query_start..) {
                let slot = table[position / PAGE_TOKENS].slot(position % PAGE_TOKENS);
                assert_eq!(
                    (batch.positions[row] as usize, batch.slot_mapping[row]),
                    (position, slot),
                    "position and slot of row {row} in {span:?}"
                );
                assert!((batch.tokens[row] as usize) < self.spec.vocab_size, "token of row {row}");
            }
        }
        assert_eq!(next_row, rows, "rows that belong to no sequence");
    }
}

impl ModelRunner for ToyRunner {
    fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    fn allocate_kv(&mut self, pages: usize, window_pages: usize) -> Result<(), RunnerError> {
        self.slots = Slots::new(pages);
        self.windows.allocate(window_pages);
        Ok(())
    }

    fn allocate_states(&mut self, slots: usize) -> Result<(), RunnerError> {
        self.states = States::new(slots);
        Ok(())
    }

    fn forward(&mut self, batch: &Batch, logits: &mut Logits) -> Result<(), RunnerError> {
        let step = self.probe.count_step(batch.num_tokens(), batch.logits_rows.len());
        fault::before_step(&self.config.faults, step)?;
        self.check_batch(batch);
        self.found.clear();
        for copy in &batch.page_copies {
            self.slots.copy_page(copy);
        }
        for span in &batch.sequences {
            self.slots.append(batch, span, &mut self.found);
        }
        if self.config.window_tokens.is_some() {
            self.windows.step(batch, &mut self.slots, &mut self.found);
        }
        if self.config.has_state {
            self.states.step(batch, &mut self.found);
        }
        self.write_logits(batch, logits);
        self.probe.record(&self.found);
        fault::after_step(&self.config.faults, step, logits);
        if !self.config.step_delay.is_zero() {
            std::thread::sleep(self.config.step_delay);
        }
        Ok(())
    }
}
