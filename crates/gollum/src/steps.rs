//! Steps of a model without the engine, for `bench` and `logits`: sequences with pages of their own.
//!
//! ```text
//! sequence 0   pages 0 .. p      sequence 1   pages p .. 2p      ...
//! ```

use gollum_core::{
    Batch, Logits, ModelRunner, PAGE_TOKENS, PageId, RunnerError, SequenceSpan, StateId, TokenId,
};

/// Which rows of a step get logits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// None.
    Nothing,
    /// The last row of each sequence.
    Last,
    /// Every row.
    All,
}

/// Sequences that grow step by step.
pub struct Sequences {
    lens: Vec<usize>,
    pages_each: usize,
    has_state: bool,
    batch: Batch,
    logits: Logits,
}

impl Sequences {
    /// Allocates `pages` pages, and states for `count` sequences of a model that has them.
    pub fn allocate(runner: &mut dyn ModelRunner, count: usize, pages: usize) -> Result<(), RunnerError> {
        // No pager frees anything here: the window group, if there is one, is as large.
        runner.allocate_kv(pages, runner.spec().window.map_or(0, |_| pages))?;
        match runner.spec().state_bytes {
            0 => Ok(()),
            _ => runner.allocate_states(count),
        }
    }

    /// Pages that `count` sequences of `tokens` tokens need.
    pub fn pages(count: usize, tokens: usize) -> usize {
        count * tokens.div_ceil(PAGE_TOKENS)
    }

    /// `count` empty sequences with room for `tokens` tokens each; they use the first
    /// [`Sequences::pages`] pages of the runner.
    pub fn new(count: usize, tokens: usize) -> Self {
        Self {
            lens: vec![0; count],
            pages_each: tokens.div_ceil(PAGE_TOKENS),
            has_state: false,
            batch: Batch::default(),
            logits: Logits::default(),
        }
    }

    /// Appends `tokens[i]` to sequence `first + i`, in one step, and returns the logits asked for.
    ///
    /// Panics if a sequence outgrows its pages: sizes are the caller's arithmetic.
    pub fn step(
        &mut self,
        runner: &mut dyn ModelRunner,
        first: usize,
        tokens: &[&[TokenId]],
        wanted: Wanted,
    ) -> Result<&Logits, RunnerError> {
        self.batch.clear();
        self.has_state = runner.spec().state_bytes > 0;
        for (sequence, tokens) in (first..).zip(tokens) {
            self.append(sequence, tokens, wanted);
        }
        self.batch.mirror_windows(runner.spec().window);
        let vocab_size = runner.spec().vocab_size;
        self.logits.resize(self.batch.logits_rows.len(), vocab_size);
        runner.forward(&self.batch, &mut self.logits)?;
        Ok(&self.logits)
    }

    fn append(&mut self, sequence: usize, tokens: &[TokenId], wanted: Wanted) {
        let batch = &mut self.batch;
        let start = self.lens[sequence];
        let context_len = start + tokens.len();
        let table_len = context_len.div_ceil(PAGE_TOKENS);
        assert!(table_len <= self.pages_each, "{context_len} tokens outgrow {} pages", self.pages_each);
        let page = |index: usize| PageId((sequence * self.pages_each + index) as u32);
        let query_start = batch.tokens.len();
        let table_start = batch.block_tables.len();
        batch.block_tables.extend((0..table_len).map(page));
        for (position, &token) in (start..).zip(tokens) {
            batch.tokens.push(token);
            batch.positions.push(position as u32);
            batch.slot_mapping.push(page(position / PAGE_TOKENS).slot(position % PAGE_TOKENS));
        }
        let query_len = tokens.len();
        batch.sequences.push(SequenceSpan {
            query_start,
            query_len,
            context_len,
            table_start,
            table_len,
            state: self.has_state.then_some(StateId(sequence as u32)),
        });
        match wanted {
            Wanted::Nothing => {}
            Wanted::Last => batch.logits_rows.push(query_start + query_len - 1),
            Wanted::All => batch.logits_rows.extend(query_start..query_start + query_len),
        }
        self.lens[sequence] = context_len;
    }
}

#[cfg(test)]
mod tests {
    use gollum_backend_toy::{ToyConfig, ToyRunner, oracle};

    use super::*;

    fn best(row: &[f32]) -> TokenId {
        let (at, _) = row.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).expect("a row is not empty");
        at as TokenId
    }

    #[test]
    fn chunks_and_batches_give_the_oracles_tokens() {
        let vocab_size = 97;
        let mut runner = ToyRunner::new(ToyConfig { has_state: true, ..ToyConfig::plain(vocab_size) });
        Sequences::allocate(&mut runner, 3, Sequences::pages(3, 40)).expect("the toy has room");
        let mut sequences = Sequences::new(3, 40);
        let prompts: Vec<Vec<TokenId>> =
            (0..3).map(|s| (0..20).map(|i| (s * 31 + i) % 97).collect()).collect();
        for (sequence, prompt) in prompts.iter().enumerate() {
            let (head, tail) = prompt.split_at(7);
            sequences.step(&mut runner, sequence, &[head], Wanted::Nothing).expect("the toy steps");
            let logits = sequences.step(&mut runner, sequence, &[tail], Wanted::All).expect("the toy steps");
            assert_eq!(logits.rows(), 13);
            assert_eq!(best(logits.row(12)), oracle(prompt, 1, vocab_size)[0]);
        }
        let next: Vec<[TokenId; 1]> = prompts.iter().map(|p| [oracle(p, 1, vocab_size)[0]]).collect();
        let rows: Vec<&[TokenId]> = next.iter().map(|t| t.as_slice()).collect();
        let logits = sequences.step(&mut runner, 0, &rows, Wanted::Last).expect("the toy steps");
        for (at, prompt) in prompts.iter().enumerate() {
            assert_eq!(best(logits.row(at)), oracle(prompt, 2, vocab_size)[1]);
        }
    }
}
