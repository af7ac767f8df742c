//! Thoughts under a budget, and answers that must have a form after thoughts that need not: a constraint around the
//! answer's own, if it has one.
//!
//! ```text
//! Start --open--> Inside --close, or its tokens forced at the end of the budget--> [lead] --> the answer's own, or free
//!       --anything else------------------------------------------------------------[lead]-->
//! ```
//! What is forced depends on the answer's tokens alone, so the same request has the same answer.

use std::sync::Arc;

use gollum_core::{Constraint, ConstraintError, TokenConstraint, TokenId, TokenMask};
use gollum_tokenizer::{SpecialText, Tokenizer};

use super::{Marks, Place};

/// How a model may think before an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// How it marks thoughts.
    pub marks: &'static Marks,
    /// What the answer's own form follows at the start, and after thoughts.
    pub lead: [&'static str; 2],
    /// Where the prompt leaves off.
    pub place: Place,
    /// It may begin to think.
    pub may_open: bool,
    /// Tokens of thoughts at most.
    pub budget: Option<usize>,
}

/// What all answers to a request share.
pub(crate) struct Guide {
    tokenizer: Arc<dyn Tokenizer>,
    open: &'static str,
    close: &'static str,
    place: Place,
    /// `None`: the model may not begin to think.
    open_ids: Option<Vec<TokenId>>,
    /// Closes thoughts at the end of the budget.
    close_ids: Vec<TokenId>,
    /// Before the answer's own constraint: at the start, and after thoughts.
    lead_ids: [Vec<TokenId>; 2],
    budget: Option<usize>,
    answer: Option<Constraint>,
    /// Tokens with a byte of `close`'s end before their last: they might close thoughts and go on.
    overlapping: Vec<TokenId>,
    /// Words of a mask.
    mask_words: usize,
}

impl Guide {
    /// The constraint of answers that may think first. `answer` is what the rest of an answer must keep to.
    pub fn constraint(
        tokenizer: &Arc<dyn Tokenizer>,
        vocab_size: usize,
        plan: Plan,
        answer: Option<Constraint>,
    ) -> Constraint {
        let Plan { marks, lead, place, may_open, budget } = plan;
        let ids = |text: &str| tokenizer.encode(text, SpecialText::Parse);
        let open_ids = ids(marks.open);
        // A mark of several tokens could be the answer's beginning as well, but where that has a lead.
        let is_sure = open_ids.len() == 1 || !lead[0].is_empty();
        let key = format!("{plan:?} {}", answer.is_some());
        let inner = answer.as_ref().map_or(&[][..], |answer| answer.key());
        let key: Arc<[u8]> =
            std::iter::once(u8::MAX).chain(key.bytes()).chain([0]).chain(inner.iter().copied()).collect();
        let guide = Arc::new(Self {
            open: marks.open,
            close: marks.close,
            place,
            open_ids: Some(open_ids).filter(|_| may_open && (is_sure || answer.is_none())),
            close_ids: ids(marks.close),
            lead_ids: lead.map(ids),
            budget,
            overlapping: match &answer {
                Some(_) => overlapping(&**tokenizer, vocab_size, marks.close.as_bytes()),
                None => Vec::new(),
            },
            answer,
            mask_words: vocab_size.div_ceil(32),
            tokenizer: Arc::clone(tokenizer),
        });
        Constraint::new(key, move || Box::new(Guided::new(&guide)))
    }
}

/// Tokens in which `close` may end before they do.
fn overlapping(tokenizer: &dyn Tokenizer, vocab_size: usize, close: &[u8]) -> Vec<TokenId> {
    let ends_inside = |bytes: &[u8]| {
        (1..bytes.len()).any(|cut| bytes[..cut].ends_with(&close[close.len() - cut.min(close.len())..]))
    };
    let ids = 0..vocab_size.min(tokenizer.vocab_size()) as TokenId;
    ids.filter(|&id| ends_inside(tokenizer.token_bytes(id))).collect()
}

enum Phase {
    /// Nothing of meaning has come; with an answer's own constraint, these ids.
    Start(Vec<TokenId>),
    Inside {
        tokens: usize,
    },
    /// These ids must come, and then the answer.
    Forced(std::vec::IntoIter<TokenId>),
    Answer(Box<dyn TokenConstraint>),
    Free,
}

/// One answer's state.
struct Guided {
    guide: Arc<Guide>,
    phase: Phase,
    /// The latest bytes, as many as tell a mark.
    tail: Vec<u8>,
}

impl Guided {
    fn new(guide: &Arc<Guide>) -> Self {
        let phase = match guide.place {
            Place::Before => Phase::Start(Vec::new()),
            Place::Inside => Phase::Inside { tokens: 0 },
            Place::After => Phase::Free,
        };
        let mut guided = Self { guide: Arc::clone(guide), phase, tail: Vec::new() };
        if matches!(guided.phase, Phase::Free) || guide.answer.is_some() && guided.is_decided() {
            guided.phase = guided.lead(0);
        }
        guided
    }

    /// True at a start that leaves no choice.
    fn is_decided(&self) -> bool {
        matches!(self.phase, Phase::Start(_)) && self.guide.open_ids.is_none()
    }

    /// The lead to the answer's own constraint, which begins at the start (0) or after thoughts (1).
    fn lead(&self, from: usize) -> Phase {
        let lead = &self.guide.lead_ids[from];
        match (&self.guide.answer, lead.is_empty()) {
            (None, _) => Phase::Free,
            (Some(answer), true) => Phase::Answer(answer.begin()),
            (Some(_), false) => Phase::Forced(lead.clone().into_iter()),
        }
    }

    fn answer(&self) -> Phase {
        self.guide.answer.as_ref().map_or(Phase::Free, |answer| Phase::Answer(answer.begin()))
    }

    fn everything(&self) -> TokenMask {
        vec![u32::MAX; self.guide.mask_words]
    }

    fn only(&self, ids: &[TokenId]) -> TokenMask {
        let mut mask = vec![0; self.guide.mask_words];
        ids.iter().for_each(|&id| set(&mut mask, id, true));
        mask
    }

    /// What may come inside thoughts: where an answer must follow, neither its end nor a token that closes them and
    /// goes on.
    fn thinking(&self) -> TokenMask {
        let mut mask = self.everything();
        if self.guide.answer.is_none() {
            return mask;
        }
        let guide = &self.guide;
        guide.tokenizer.special().end_of_generation.iter().for_each(|&id| set(&mut mask, id, false));
        let close = guide.close.as_bytes();
        for &id in &guide.overlapping {
            let mut bytes = self.tail.clone();
            bytes.extend_from_slice(guide.tokenizer.token_bytes(id));
            let from = self.tail.len().saturating_sub(close.len());
            if find(&bytes[from..], close).is_some_and(|end| from + end < bytes.len()) {
                set(&mut mask, id, false);
            }
        }
        mask
    }

    fn choosing(&self, chosen: &[TokenId]) -> TokenMask {
        let sequences = self.guide.open_ids.iter().chain([&self.guide.lead_ids[0]]);
        let next = sequences.filter(|ids| ids.starts_with(chosen)).filter_map(|ids| ids.get(chosen.len()));
        self.only(&next.copied().collect::<Vec<TokenId>>())
    }

    fn note(&mut self, token: TokenId) {
        self.tail.extend_from_slice(self.guide.tokenizer.token_bytes(token));
        let most = self.guide.open.len().max(self.guide.close.len()) + 64;
        if self.tail.len() > 2 * most {
            self.tail.drain(..self.tail.len() - most);
        }
    }

    /// What follows once thoughts are closed, by the model or by force.
    fn closed(&mut self) -> Phase {
        self.tail.clear();
        self.lead(1)
    }

    fn accept_at_start(
        &mut self,
        mut chosen: Vec<TokenId>,
        token: TokenId,
    ) -> Result<Phase, ConstraintError> {
        if self.guide.answer.is_none() {
            self.note(token);
            let text = self.tail.trim_ascii_start();
            let open = self.guide.open.as_bytes();
            return Ok(match () {
                () if text.starts_with(open) => {
                    self.tail.clear();
                    Phase::Inside { tokens: 0 }
                }
                () if open.starts_with(text) => Phase::Start(chosen),
                () => Phase::Free,
            });
        }
        chosen.push(token);
        if self.guide.open_ids.as_ref() == Some(&chosen) {
            return Ok(Phase::Inside { tokens: 0 });
        }
        let lead = &self.guide.lead_ids[0];
        if lead.is_empty() {
            let mut phase = self.answer();
            if let Phase::Answer(answer) = &mut phase {
                answer.accept(token)?;
            }
            return Ok(phase);
        }
        Ok(if *lead == chosen { self.answer() } else { Phase::Start(chosen) })
    }
}

impl TokenConstraint for Guided {
    fn mask(&mut self) -> Result<TokenMask, ConstraintError> {
        if let Phase::Inside { tokens } = self.phase
            && self.guide.budget.is_some_and(|budget| tokens >= budget)
        {
            let ids = self.guide.close_ids.iter().chain(&self.guide.lead_ids[1]);
            self.phase = Phase::Forced(ids.copied().collect::<Vec<TokenId>>().into_iter());
        }
        if let Phase::Forced(ids) = &self.phase
            && ids.len() == 0
        {
            self.phase = self.answer();
        }
        match &mut self.phase {
            Phase::Answer(answer) => answer.mask(),
            Phase::Forced(ids) => {
                let next = ids.as_slice()[0];
                Ok(self.only(&[next]))
            }
            Phase::Start(_) if self.guide.answer.is_none() => Ok(self.everything()),
            Phase::Start(_) if self.guide.lead_ids[0].is_empty() => {
                let Phase::Answer(mut answer) = self.answer() else { return Ok(self.everything()) };
                let mut mask = answer.mask()?;
                mask.resize(self.guide.mask_words, 0);
                self.guide.open_ids.iter().flatten().for_each(|&id| set(&mut mask, id, true));
                Ok(mask)
            }
            Phase::Start(chosen) => {
                let chosen = chosen.clone();
                Ok(self.choosing(&chosen))
            }
            Phase::Inside { .. } => Ok(self.thinking()),
            Phase::Free => Ok(self.everything()),
        }
    }

    fn accept(&mut self, token: TokenId) -> Result<(), ConstraintError> {
        self.phase = match std::mem::replace(&mut self.phase, Phase::Free) {
            Phase::Start(chosen) => self.accept_at_start(chosen, token)?,
            Phase::Inside { tokens } => {
                self.note(token);
                if find(&self.tail, self.guide.close.as_bytes()).is_some() {
                    self.closed()
                } else {
                    Phase::Inside { tokens: tokens + 1 }
                }
            }
            Phase::Forced(mut ids) => {
                ids.next();
                Phase::Forced(ids)
            }
            Phase::Answer(mut answer) => {
                answer.accept(token)?;
                Phase::Answer(answer)
            }
            Phase::Free => Phase::Free,
        };
        Ok(())
    }
}

fn set(mask: &mut TokenMask, id: TokenId, allowed: bool) {
    if let Some(word) = mask.get_mut(id as usize / 32) {
        let bit = 1 << (id % 32);
        *word = if allowed { *word | bit } else { *word & !bit };
    }
}

/// Where `needle` first ends in `bytes`.
fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle).map(|at| at + needle.len())
}
