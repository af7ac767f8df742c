//! How many KV pages the free memory buys.
//!
//! One budget, decided once the weights are loaded: what is free then is what the machine really has left.

use gollum_core::{ModelSpec, PAGE_TOKENS};
use gollum_engine::pager::windows;

/// Part of the free memory that K and V take unless told otherwise. Half leaves the machine usable, and room
/// for a second model.
const KV_SHARE: f64 = 0.5;

/// Left alone by the default, for logits, buffers and the page tables of the process.
const RESERVE_BYTES: u64 = 256 << 20;

/// Part of the budget that recurrent states take at most, of models that have them.
const STATE_SHARE: f64 = 0.5;

/// Pages beside those of one sequence in models without K and V, where they are only book-keeping: a million tokens of
/// others, some 10 MiB.
const FREE_PAGES: usize = 1 << 16;

/// Snapshots of recurrent states that are worth having beside those of running sequences.
const SNAPSHOTS: usize = 192;

/// Part of the budget that the guarantee of the window group takes at most, of models that have one. Sequences beyond it
/// wait until others end.
const WINDOW_SHARE: f64 = 0.5;

/// Pages of the full group for each page of the window group beyond the guarantee: these keep the ends of prompts and
/// answers, and a window of them is enough for each place that a conversation goes on from.
const PAGES_PER_WINDOW_PAGE: u64 = 4;

/// What the user asked for.
#[derive(Clone, Copy, Debug)]
pub struct KvWish {
    /// `--kv-memory`.
    pub kv_bytes: Option<u64>,
    /// `--max-model-len`.
    pub max_model_len: Option<usize>,
    /// `--max-num-seqs`.
    pub max_num_seqs: usize,
}

/// What the engine gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KvPlan {
    /// Pages to allocate.
    pub pages: usize,
    /// Bytes of all pages.
    pub bytes: u64,
    /// Pages of the window group; 0 for models without one.
    pub window_pages: usize,
    /// Bytes of these.
    pub window_bytes: u64,
    /// Recurrent states to allocate, those of running sequences and snapshots; 0 for models without.
    pub states: usize,
    /// Bytes of all states.
    pub state_bytes: u64,
    /// Longest sequence in tokens.
    pub max_model_len: usize,
    /// What decided the longest sequence.
    pub limit: Limit,
}

/// What bounds the longest sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The model's context.
    Model,
    /// `--max-model-len`.
    Flag,
    /// `--kv-memory`.
    KvMemory,
    /// The memory that is free.
    FreeMemory,
}

impl KvPlan {
    /// What decided the context, and what would change that, for people.
    pub fn shown_limit(&self, model_context: usize) -> String {
        match self.limit {
            Limit::Model => "all that the model has".to_owned(),
            Limit::Flag => format!("as --max-model-len says; the model has {model_context}"),
            Limit::KvMemory => {
                format!("what --kv-memory holds; the model has {model_context}, raise it for more")
            }
            Limit::FreeMemory => format!(
                "what half of the free memory holds; the model has {model_context}, for more set --kv-memory, or \
                 --kv-cache-dtype q8_0"
            ),
        }
    }
}

/// A wish that cannot be granted, with the numbers.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Longer than the model was trained for.
    #[error("--max-model-len {wanted} is longer than the model's context of {context} tokens")]
    BeyondModel {
        /// Tokens asked for.
        wanted: usize,
        /// The model's context.
        context: usize,
    },
    /// The pages of one sequence do not fit.
    #[error("{tokens} tokens need {needed} of KV memory, and {budget}: {remedies}")]
    DoesNotFit {
        /// Tokens asked for, or the least that is of use.
        tokens: usize,
        /// Their bytes, for people.
        needed: String,
        /// The budget and where it comes from, for people.
        budget: String,
        /// What would help, given what was asked for.
        remedies: String,
    },
}

/// Decides pages and the longest sequence. `free_bytes` is what is free with the weights in memory.
pub fn plan_kv(spec: &ModelSpec, wish: KvWish, free_bytes: u64) -> Result<KvPlan, PlanError> {
    if let Some(wanted) = wish.max_model_len
        && wanted > spec.context_len
    {
        return Err(PlanError::BeyondModel { wanted, context: spec.context_len });
    }
    let budget =
        wish.kv_bytes.unwrap_or_else(|| (free_bytes.saturating_sub(RESERVE_BYTES) as f64 * KV_SHARE) as u64);
    let states = states(spec, wish, budget)?;
    let state_bytes = states as u64 * spec.state_bytes as u64;
    let budget = budget - state_bytes;
    let page_bytes = spec.page_bytes.max(1) as u64;
    let longest = wish.max_model_len.unwrap_or(spec.context_len);
    let affordable = if keeps_kv(spec) { affordable_pages(spec, wish, longest, budget) } else { usize::MAX };
    // More pages than all sequences at full length can hold would never be used.
    let of_one = longest.div_ceil(PAGE_TOKENS);
    let useful = match keeps_kv(spec) {
        // Pages cost next to nothing, and the states bound what can be found again.
        false => of_one.saturating_add(FREE_PAGES),
        true => of_one.saturating_mul(wish.max_num_seqs.max(1)).saturating_add(1),
    };
    // Page ids are u32, and so are slots.
    let addressable = u32::MAX as usize / PAGE_TOKENS;
    let pages = affordable.min(useful).min(addressable);
    // One page stays free for the copy of a partly shared tail.
    let fits = pages.saturating_sub(1) * PAGE_TOKENS;
    let least = wish.max_model_len.unwrap_or(PAGE_TOKENS);
    if fits < least {
        let pages = least.div_ceil(PAGE_TOKENS) as u64 + 1;
        let window_pages = guaranteed_windows(spec, 1, least).min(pages);
        let window_bytes = spec.window.map_or(0, |window| window.page_bytes as u64);
        let needed = pages.saturating_mul(page_bytes) + window_pages * window_bytes;
        return Err(does_not_fit(wish, least, needed, budget));
    }
    let limit = match (fits < longest, wish.max_model_len, wish.kv_bytes) {
        (true, _, Some(_)) => Limit::KvMemory,
        (true, _, None) => Limit::FreeMemory,
        (false, Some(wanted), _) if wanted < spec.context_len => Limit::Flag,
        (false, ..) => Limit::Model,
    };
    let bytes = pages as u64 * spec.page_bytes as u64;
    // What is left: as affordable_pages has shared it out, or all of it where more pages are of no use.
    let window_pages =
        spec.window.map_or(0, |window| ((budget - bytes) / window.page_bytes.max(1) as u64) as usize);
    let window_pages = window_pages.min(pages);
    let window_bytes = window_pages as u64 * spec.window.map_or(0, |window| window.page_bytes as u64);
    let max_model_len = longest.min(fits);
    Ok(KvPlan { pages, bytes, window_pages, window_bytes, states, state_bytes, max_model_len, limit })
}

/// Pages of the full group that the budget buys, with what the window group needs beside them: first the guarantee for the
/// sequences that may run, then a share of what is left. Never more window pages than pages: each is of use only beside one.
fn affordable_pages(spec: &ModelSpec, wish: KvWish, longest: usize, budget: u64) -> usize {
    let page_bytes = spec.page_bytes.max(1) as u64;
    let Some(window) = spec.window else { return usize::try_from(budget / page_bytes).unwrap_or(usize::MAX) };
    let window_bytes = window.page_bytes as u64;
    let within_share = (budget as f64 * WINDOW_SHARE) as u64 / window_bytes.max(1);
    let for_all = guaranteed_windows(spec, wish.max_num_seqs.max(1), longest);
    let guarantee = for_all.min(within_share).max(guaranteed_windows(spec, 1, longest));
    let left = budget.saturating_sub(guarantee * window_bytes);
    let pages = left * PAGES_PER_WINDOW_PAGE / (page_bytes * PAGES_PER_WINDOW_PAGE + window_bytes);
    let with_a_window_page_each = budget / (page_bytes + window_bytes);
    usize::try_from(pages.max(with_a_window_page_each)).unwrap_or(usize::MAX)
}

/// Window pages that this many sequences of this length, and a step, find guaranteed; 0 for models without the group.
fn guaranteed_windows(spec: &ModelSpec, sequences: usize, longest: usize) -> u64 {
    let Some(window) = spec.window else { return 0 };
    let each = windows::reservation(window.tokens.clamp(1, longest.max(1)), longest);
    (each * sequences + spec.max_batch_tokens / PAGE_TOKENS) as u64
}

/// False of models whose memory is states alone.
fn keeps_kv(spec: &ModelSpec) -> bool {
    spec.page_bytes > 0 || spec.window.is_some()
}

/// Recurrent states: one for each sequence that may run, and snapshots, within their share of the budget.
fn states(spec: &ModelSpec, wish: KvWish, budget: u64) -> Result<usize, PlanError> {
    if spec.state_bytes == 0 {
        return Ok(0);
    }
    let share = if keeps_kv(spec) { STATE_SHARE } else { 1.0 };
    let affordable = (budget as f64 * share) as u64 / spec.state_bytes as u64;
    // One runs, and one is kept.
    if affordable < 2 {
        let needed = (2.0 * spec.state_bytes as f64 / share) as u64;
        return Err(does_not_fit(wish, PAGE_TOKENS, needed, budget));
    }
    let useful = wish.max_num_seqs.max(1) + SNAPSHOTS;
    Ok(usize::try_from(affordable).map_or(useful, |n| n.min(useful)))
}

fn does_not_fit(wish: KvWish, tokens: usize, needed: u64, budget: u64) -> PlanError {
    let budget = crate::quantities::show_bytes(budget);
    let (budget, memory) = match wish.kv_bytes {
        Some(_) => (format!("--kv-memory is {budget}"), "raise --kv-memory"),
        None => (format!("half of the free memory is {budget}"), "free some memory"),
    };
    let shorter = if wish.max_model_len.is_some() { "lower --max-model-len, " } else { "" };
    PlanError::DoesNotFit {
        tokens,
        needed: crate::quantities::show_bytes(needed),
        budget,
        remedies: format!("{shorter}{memory}, or store K and V as q8_0 (--kv-cache-dtype q8_0)"),
    }
}

#[cfg(test)]
mod tests {
    use gollum_core::WindowSpec;

    use super::*;

    fn spec() -> ModelSpec {
        ModelSpec {
            vocab_size: 10,
            context_len: 8192,
            page_bytes: 1 << 20,
            window: None,
            state_bytes: 0,
            max_batch_tokens: 512,
            max_batch_sequences: 64,
        }
    }

    fn wish() -> KvWish {
        KvWish { kv_bytes: None, max_model_len: None, max_num_seqs: 64 }
    }

    #[test]
    fn half_of_the_free_memory_is_used() {
        let plan = plan_kv(&spec(), wish(), (4 << 30) + RESERVE_BYTES).expect("it fits");
        let (bytes, limit) = (2 << 30, Limit::Model);
        let expected = KvPlan {
            pages: 2048,
            bytes,
            window_pages: 0,
            window_bytes: 0,
            states: 0,
            state_bytes: 0,
            max_model_len: 8192,
            limit,
        };
        assert_eq!(plan, expected);
    }

    #[test]
    fn the_window_group_has_its_guarantee_and_a_share() {
        let windowed = |page_bytes, tokens| ModelSpec {
            context_len: 32_768,
            page_bytes: 48 << 10,
            window: Some(WindowSpec { page_bytes, tokens }),
            ..spec()
        };
        let plan = |spec: &ModelSpec, kv_bytes| {
            let wish = KvWish { kv_bytes: Some(kv_bytes), ..wish() };
            let plan = plan_kv(spec, wish, 0).expect("it fits");
            assert!(plan.bytes + plan.window_bytes <= kv_bytes, "{plan:?}");
            assert!(plan.window_pages <= plan.pages, "{plan:?}");
            let one = windows::reservation(spec.window.map_or(1, |w| w.tokens), plan.max_model_len);
            assert!(
                windows::fits(one, spec.max_batch_tokens, plan.window_pages, plan.pages),
                "no sequence could begin: {plan:?}"
            );
            (plan.pages, plan.window_pages)
        };
        // Five of six layers see 512 tokens: 64 sequences reserve 35 pages each, and a step of 512 rows 32.
        let gemma = windowed(240 << 10, 512);
        assert_eq!(plan(&gemma, 2 << 30), (14_369, 64 * 35 + 32 + 14_369 / 4));
        // With one group of pages it would be 2 GiB / 288 KiB = 7,281 pages.
        // Where the guarantee would be more than half, fewer sequences run at a time.
        assert_eq!(plan(&gemma, 256 << 20), (1213, 849));
        // Where windows are as long as the text, each page has its window page.
        assert_eq!(plan(&gemma, 16 << 20), (56, 56));
        assert_eq!(plan(&windowed(48 << 10, 32_768), 64 << 20), (682, 682));
    }

    #[test]
    fn states_take_half_of_the_budget_at_most() {
        let hybrid = |state_bytes| ModelSpec { state_bytes, ..spec() };
        let wish = KvWish { kv_bytes: Some(4 << 30), ..wish() };
        let plan = plan_kv(&hybrid(64 << 20), wish, 0).expect("it fits");
        assert_eq!((plan.states, plan.pages), (32, 2048), "64 sequences are too many to have a state each");
        let plan = plan_kv(&hybrid(1 << 20), wish, 0).expect("it fits");
        assert_eq!((plan.states, plan.state_bytes), (64 + SNAPSHOTS, 256 << 20));
        let error = plan_kv(&hybrid(2 << 30), wish, 0).expect_err("two states do not fit");
        assert!(error.to_string().contains("8.0 GiB") || error.to_string().contains("8.00 GiB"), "{error}");
    }

    #[test]
    fn states_of_models_without_k_and_v_take_all_of_it() {
        let spec = ModelSpec { page_bytes: 0, state_bytes: 64 << 20, context_len: 1 << 20, ..spec() };
        let wish = KvWish { kv_bytes: Some(4 << 30), ..wish() };
        let plan = plan_kv(&spec, wish, 0).expect("it fits");
        assert_eq!((plan.states, plan.state_bytes, plan.bytes), (64, 4 << 30, 0));
        assert_eq!((plan.pages, plan.max_model_len), ((1 << 16) + FREE_PAGES, 1 << 20));
    }

    #[test]
    fn no_page_is_bought_that_no_sequence_can_use() {
        let wish = KvWish { max_num_seqs: 1, ..wish() };
        let plan = plan_kv(&spec(), wish, 1 << 40).expect("it fits");
        assert_eq!(plan.pages, 8192 / PAGE_TOKENS + 1);
    }

    #[test]
    fn a_small_machine_shortens_the_context() {
        let wish = KvWish { kv_bytes: Some(101 << 20), ..wish() };
        let plan = plan_kv(&spec(), wish, 0).expect("it fits");
        assert_eq!((plan.pages, plan.max_model_len), (101, 1600));
    }

    #[test]
    fn the_advice_names_what_decided() {
        let check = |max_model_len, kv_bytes, free_bytes, expected: Limit, words: &str| {
            let wish = KvWish { max_model_len, kv_bytes, ..wish() };
            let plan = plan_kv(&spec(), wish, free_bytes).expect("it fits");
            assert_eq!(plan.limit, expected, "{wish:?}");
            let shown = plan.shown_limit(8192);
            assert!(shown.contains(words), "{wish:?}: {shown}");
        };
        check(Some(256), Some(64 << 20), 0, Limit::Flag, "--max-model-len says; the model has 8192");
        check(Some(8192), None, 1 << 40, Limit::Model, "all");
        check(None, Some(64 << 20), 1 << 40, Limit::KvMemory, "--kv-memory holds");
        check(None, None, 1 << 30, Limit::FreeMemory, "free memory");
    }

    #[test]
    fn what_does_not_fit_is_told_with_what_was_asked_for() {
        let error = |max_model_len, kv_bytes| {
            let wish = KvWish { max_model_len, kv_bytes, ..wish() };
            plan_kv(&spec(), wish, 0).expect_err("too little").to_string()
        };
        let flags = error(Some(256), Some(1 << 20));
        assert!(
            flags.contains("--kv-memory is 1.0 MiB: lower --max-model-len, raise --kv-memory"),
            "{flags}"
        );
        let alone = error(None, None);
        assert!(alone.contains("free memory") && !alone.contains("--max-model-len"), "{alone}");
    }

    #[test]
    fn what_was_asked_for_and_cannot_be_is_an_error() {
        let long = KvWish { max_model_len: Some(9000), ..wish() };
        assert_eq!(
            plan_kv(&spec(), long, 1 << 40),
            Err(PlanError::BeyondModel { wanted: 9000, context: 8192 })
        );
        let tight = KvWish { kv_bytes: Some(16 << 20), max_model_len: Some(4096), ..wish() };
        let error = plan_kv(&spec(), tight, 0).expect_err("257 pages do not fit 16");
        assert!(error.to_string().contains("257 MiB") && error.to_string().contains("16.0 MiB"), "{error}");
        assert!(plan_kv(&spec(), wish(), 0).is_err(), "no memory at all");
    }
}
