//! A model that says what it is told to: after the last `<|assistant|>` of its sequence, the next token of a text.

use gollum_core::{Batch, Logits, ModelRunner, ModelSpec, PAGE_TOKENS, RunnerError, TokenId};
use gollum_tokenizer::{SpecialText, Tokenizer, WhitespaceTokenizer};

use crate::world::{Setup, World};

/// A template whose answers begin after `<|assistant|>` and `opened`; what is in `mentions` gives it its dialect.
pub fn template(mentions: &str, opened: &str) -> String {
    let opened = opened.replace('\n', "\\n");
    format!(
        "{{# {mentions} tools #}}{{% for m in messages %}}<|user|>{{{{ m.content }}}}<|end|>{{% endfor %}}\
         {{% if tools %}}{{{{ tools | tojson }}}}{{% endif %}}\
         {{% if enable_thinking is defined and not enable_thinking %}}no thoughts{{% endif %}}\
         <|assistant|>{{{{ '{opened}' }}}}"
    )
}

/// A server whose model answers everything with `script`, of which the prompt's `opened` is the beginning.
pub fn world(mentions: &str, opened: &str, script: &str) -> World {
    let runner = Box::new(Says::new(&format!("{opened}{script}")));
    World::with_template(runner, Setup::default(), "says", Some(template(mentions, opened)))
}

struct Says {
    spec: ModelSpec,
    script: Vec<TokenId>,
    assistant: TokenId,
    end: TokenId,
    /// The token of each slot of KV memory.
    slots: Vec<TokenId>,
}

impl Says {
    fn new(script: &str) -> Self {
        let tokenizer = WhitespaceTokenizer::new();
        Self {
            spec: ModelSpec {
                vocab_size: tokenizer.vocab_size(),
                context_len: 8192,
                window: None,
                page_bytes: 4 * PAGE_TOKENS,
                state_bytes: 0,
                max_batch_tokens: 2048,
                max_batch_sequences: 256,
            },
            script: tokenizer.encode(script, SpecialText::Literal),
            assistant: tokenizer.encode("<|assistant|>", SpecialText::Parse)[0],
            end: tokenizer.special().end_of_generation[0],
            slots: Vec::new(),
        }
    }
}

impl ModelRunner for Says {
    fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    fn allocate_kv(&mut self, pages: usize, _: usize) -> Result<(), RunnerError> {
        self.slots = vec![0; pages * PAGE_TOKENS];
        Ok(())
    }

    fn forward(&mut self, batch: &Batch, logits: &mut Logits) -> Result<(), RunnerError> {
        for copy in &batch.page_copies {
            let (src, dst) = (copy.src.slot(0) as usize, copy.dst.slot(0) as usize);
            self.slots.copy_within(src..src + copy.tokens, dst);
        }
        for (&slot, &token) in batch.slot_mapping.iter().zip(&batch.tokens) {
            self.slots[slot as usize] = token;
        }
        logits.resize(batch.logits_rows.len(), self.spec.vocab_size);
        for (index, &row) in batch.logits_rows.iter().enumerate() {
            let of_row =
                |s: &&gollum_core::SequenceSpan| (s.query_start..s.query_start + s.query_len).contains(&row);
            let table = batch.block_table(batch.sequences.iter().find(of_row).expect("a sequence"));
            let at = |position: usize| {
                self.slots[table[position / PAGE_TOKENS].slot(position % PAGE_TOKENS) as usize]
            };
            let last = batch.positions[row] as usize;
            let said = (0..=last).rev().take_while(|&position| at(position) != self.assistant).count();
            let row = logits.row_mut(index);
            row.fill(0.0);
            row[self.script.get(said).copied().unwrap_or(self.end) as usize] = 9.0;
        }
        Ok(())
    }
}
