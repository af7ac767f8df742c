//! Thoughts wherever the pieces part, and the guide token by token.

use std::sync::Arc;

use gollum_core::{Constraint, ConstraintError, TokenConstraint, TokenId, TokenMask};
use gollum_tokenizer::{SpecialText, Tokenizer, WhitespaceTokenizer};

use super::*;

fn split(marks: &'static Marks, place: Place, pieces: &[&str]) -> (String, String) {
    let mut splitter = Splitter::new(marks, place);
    let (mut thoughts, mut text) = (String::new(), String::new());
    for (more, rest) in pieces.iter().map(|piece| splitter.push(piece)).collect::<Vec<_>>() {
        thoughts += &more;
        text += &rest;
    }
    let (more, rest) = splitter.finish();
    (thoughts + &more, text + &rest)
}

#[test]
fn thoughts_are_found_wherever_the_pieces_part() {
    let cases = [
        (Place::Before, "<think>\nHm, 1 < 2.\n\nü\n</think>\n\nTwo.\n", "Hm, 1 < 2.\n\nü", "Two.\n"),
        (Place::Before, "\n <think>a</think>b <think>c</think>", "a", "b <think>c</think>"),
        (Place::Before, " <thin air", "", " <thin air"),
        (Place::Before, "plain", "", "plain"),
        (Place::Before, "<think>cut off </th", "cut off </th", ""),
        (Place::Before, "<think>\n\n</think>\n\nno thought", "", "no thought"),
        (Place::Inside, "\nHm.\n</think>\nTwo.", "Hm.", "Two."),
        (Place::Inside, "<think>\nsaid again</think> x", "said again", "x"),
        (Place::Inside, "</think>at once", "", "at once"),
        (Place::Inside, "not closed\n", "not closed", ""),
        (Place::After, "<think>text</think>", "", "<think>text</think>"),
    ];
    for (place, answer, thoughts, text) in cases {
        let expected = (thoughts.to_owned(), text.to_owned());
        assert_eq!(split(&THINK, place, &[answer]), expected, "{answer:?} whole");
        for cut in (0..=answer.len()).filter(|&cut| answer.is_char_boundary(cut)) {
            let pieces = [&answer[..cut], &answer[cut..]];
            assert_eq!(split(&THINK, place, &pieces), expected, "{answer:?} cut at {cut}");
        }
        let letters: Vec<String> = answer.chars().map(String::from).collect();
        let letters: Vec<&str> = letters.iter().map(String::as_str).collect();
        assert_eq!(split(&THINK, place, &letters), expected, "{answer:?} letter by letter");
    }
}

#[test]
fn templates_tell_the_marks_and_prompts_the_place() {
    let name = |template: &str| marks_of(template).map(|marks| marks.name);
    assert_eq!(name("{{ m.content.split('</think>')[-1] }}"), Some("think"));
    assert_eq!(name("<|start|>assistant<|channel|>final"), Some("channels"));
    assert_eq!(name("[THINK]"), Some("magistral"));
    assert_eq!(name("<|im_start|>"), None);
    assert_eq!(THINK.place("assistant\n<think>\n", None), Place::Inside);
    assert_eq!(THINK.place("assistant\n<think>\n\n</think>\n\n", None), Place::After);
    assert_eq!(THINK.place("user: what is <think>? assistant:", None), Place::Before);
    assert_eq!(THINK.place("<think>a</think> b", Some("<think>a</think> b")), Place::After);
    assert_eq!(THINK.place("<think>a", Some("<think>a")), Place::Inside);
    assert_eq!(CHANNELS.place("x<|end|><|start|>assistant", None), Place::Before);
}

/// Allows one text and then the end.
struct Says(Vec<TokenId>, TokenId);

impl TokenConstraint for Says {
    fn mask(&mut self) -> Result<TokenMask, ConstraintError> {
        let next = self.0.first().copied().unwrap_or(self.1);
        let mut mask = vec![0; 40];
        mask[next as usize / 32] = 1 << (next % 32);
        Ok(mask)
    }

    fn accept(&mut self, token: TokenId) -> Result<(), ConstraintError> {
        if self.0.first() == Some(&token) {
            self.0.remove(0);
        }
        Ok(())
    }
}

struct Bench {
    tokenizer: Arc<dyn Tokenizer>,
    state: Box<dyn TokenConstraint>,
}

impl Bench {
    fn new(place: Place, may_open: bool, budget: Option<usize>, answer: Option<&str>) -> Self {
        let tokenizer: Arc<dyn Tokenizer> = Arc::new(WhitespaceTokenizer::new());
        let end = tokenizer.special().end_of_generation[0];
        let answer = answer.map(|text| {
            let ids = tokenizer.encode(text, SpecialText::Literal);
            Constraint::new([1].as_slice().into(), move || Box::new(Says(ids.clone(), end)))
        });
        let plan = Plan { marks: &THINK, lead: THINK.lead, place, may_open, budget };
        let state = Guide::constraint(&tokenizer, tokenizer.vocab_size(), plan, answer).begin();
        Self { tokenizer, state }
    }

    fn allows(&mut self, id: TokenId) -> bool {
        let mask = self.state.mask().expect("a mask");
        mask.get(id as usize / 32).is_some_and(|word| word >> (id % 32) & 1 == 1)
    }

    /// Says a text, each token of which must be allowed.
    fn says(&mut self, text: &str) {
        for id in self.tokenizer.encode(text, SpecialText::Literal) {
            assert!(self.allows(id), "{text:?}");
            self.state.accept(id).expect("accepted");
        }
    }

    /// What is said where nothing is left to choose.
    fn forced(&mut self) -> String {
        let mut ids = Vec::new();
        loop {
            let mask = self.state.mask().expect("a mask");
            let mut allowed = (0..self.tokenizer.vocab_size() as TokenId)
                .filter(|&id| mask.get(id as usize / 32).is_some_and(|word| word >> (id % 32) & 1 == 1));
            let (Some(only), None) = (allowed.next(), allowed.next()) else { break };
            if self.tokenizer.is_control(only) {
                break;
            }
            self.state.accept(only).expect("accepted");
            ids.push(only);
        }
        String::from_utf8(self.tokenizer.decode(&ids)).expect("text")
    }
}

#[test]
fn a_budget_ends_in_the_closing_mark_and_only_then() {
    let end = WhitespaceTokenizer::new().special().end_of_generation[0];
    let mut bench = Bench::new(Place::Inside, false, Some(3), None);
    bench.says(" the of and");
    assert_eq!(bench.forced(), "</think>");
    bench.says(" the of and to a in is it <think> you");
    assert!(bench.allows(end));

    let mut bench = Bench::new(Place::Before, true, Some(2), None);
    bench.says("<think> the of");
    assert_eq!(bench.forced(), "</think>");

    let mut bench = Bench::new(Place::Before, true, Some(2), None);
    bench.says("no thoughts the of and to a in is");
    assert_eq!(bench.forced(), "");

    let mut bench = Bench::new(Place::Inside, false, Some(100), None);
    bench.says(" the</think> the of");
    assert!(bench.allows(end));
}

#[test]
fn a_form_begins_after_thoughts_that_cannot_end_the_answer() {
    let end = WhitespaceTokenizer::new().special().end_of_generation[0];
    let mut bench = Bench::new(Place::Inside, false, None, Some("the answer"));
    bench.says(" of and </thi to");
    assert!(!bench.allows(end));
    bench.says("</think>");
    assert_eq!(bench.forced(), "the answer");
    assert!(bench.allows(end));

    let mut bench = Bench::new(Place::Inside, false, Some(0), Some("the answer"));
    assert_eq!(bench.forced(), "</think>the answer");
    // A mark of many tokens cannot be told from the answer's beginning: no thoughts then.
    assert_eq!(Bench::new(Place::Before, true, None, Some("the answer")).forced(), "the answer");
    assert_eq!(Bench::new(Place::After, false, None, Some("the answer")).forced(), "the answer");
}
