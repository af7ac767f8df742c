//! Grammars over a vocabulary of bytes: what is generated validates, what is hostile is refused in time.

use gollum_sampler::uniform;
use gollum_tokenizer::{SpecialText, SpecialTokens};
use serde_json::json;

use super::*;

/// Every byte a token, two words more, a control token whose name is text that a grammar may ask for, and two ends.
struct Bytes {
    words: Vec<Vec<u8>>,
    special: SpecialTokens,
}

const CONTROL: TokenId = 258;
const ENDS: [TokenId; 2] = [259, 260];

impl Bytes {
    fn new() -> Self {
        let mut words: Vec<Vec<u8>> = (0..=255u8).map(|byte| vec![byte]).collect();
        words.extend([
            b"true".to_vec(),
            b"\": ".to_vec(),
            b"{}".to_vec(),
            b"<end>".to_vec(),
            b"<eot>".to_vec(),
        ]);
        let special = SpecialTokens { end_of_generation: ENDS.to_vec(), ..SpecialTokens::default() };
        Self { words, special }
    }
}

impl Tokenizer for Bytes {
    fn vocab_size(&self) -> usize {
        self.words.len()
    }
    fn encode_guarded(&self, text: &str, _: SpecialText, _: &[usize]) -> Vec<TokenId> {
        text.bytes().map(TokenId::from).collect()
    }
    fn token_bytes(&self, id: TokenId) -> &[u8] {
        self.words.get(id as usize).map_or(&[], Vec::as_slice)
    }
    fn special(&self) -> &SpecialTokens {
        &self.special
    }
    fn is_control(&self, id: TokenId) -> bool {
        id == CONTROL || ENDS.contains(&id)
    }
}

/// Wider than the vocabulary, as many models are.
const LOGITS: usize = 300;

pub(super) fn grammars() -> Grammars {
    Grammars::new(Arc::new(Bytes::new()), LOGITS)
}

fn allowed(mask: &[u32]) -> Vec<TokenId> {
    (0..LOGITS as TokenId)
        .filter(|&t| mask.get(t as usize / 32).is_some_and(|w| w >> (t % 32) & 1 == 1))
        .collect()
}

/// A random answer, which prefers to end; `None` if it grows beyond `limit` tokens.
fn random_answer(constraint: &Constraint, seed: u64, limit: u64) -> Option<String> {
    let mut state = constraint.begin();
    let tokenizer = Bytes::new();
    let mut bytes = Vec::new();
    for i in 0..limit {
        let choices = allowed(&state.mask().expect("a mask"));
        assert!(!choices.is_empty() && !choices.contains(&CONTROL), "{choices:?}");
        if choices.contains(&ENDS[0]) {
            assert!(choices.contains(&ENDS[1]), "both ends are ends");
            return Some(String::from_utf8(bytes).expect("grammars write UTF-8"));
        }
        // Structure rather than long strings.
        let structural: Vec<TokenId> =
            choices.iter().copied().filter(|&t| t >= 256 || b"\"]},:".contains(&(t as u8))).collect();
        let from = if structural.is_empty() || uniform(seed, 2 * i) < 0.4 { &choices } else { &structural };
        let token = from[(uniform(seed, 2 * i + 1) * from.len() as f64) as usize];
        bytes.extend_from_slice(tokenizer.token_bytes(token));
        state.accept(token).expect("an allowed token is accepted");
    }
    None
}

#[test]
fn schemas_make_json_that_has_their_shape() {
    let grammars = grammars();
    let schema = r#"{"type":"object","properties":{"name":{"type":"string","maxLength":5},"age":{"type":"integer",
        "minimum":0,"maximum":150},"kind":{"enum":["a","b"]},"tags":{"type":"array","items":{"type":"boolean"},
        "maxItems":3}},"required":["name","age","kind"],"additionalProperties":false}"#;
    let constraint = grammars.constraint(&Grammar::JsonSchema(schema.into()), "x").expect("a schema");
    let mut complete = 0;
    for seed in 0..60 {
        let Some(text) = random_answer(&constraint, seed, 400) else { continue };
        complete += 1;
        let value: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert!(value["name"].as_str().is_some_and(|name| name.chars().count() <= 5), "{text}");
        assert!(value["age"].as_i64().is_some_and(|age| (0..=150).contains(&age)), "{text}");
        assert!(["a", "b"].contains(&value["kind"].as_str().expect("a kind")), "{text}");
        let known = ["name", "age", "kind", "tags"];
        assert!(value.as_object().expect("an object").keys().all(|key| known.contains(&key.as_str())));
    }
    assert!(complete >= 30, "{complete} of 60 ended in time");
}

#[test]
fn every_kind_of_grammar_is_kept_to() {
    let grammars = grammars();
    let check = |grammar: Grammar, fits: &dyn Fn(&str) -> bool| {
        let constraint = grammars.constraint(&grammar, "x").unwrap_or_else(|e| panic!("{grammar:?}: {e}"));
        let mut complete = 0;
        for seed in 0..40 {
            if let Some(text) = random_answer(&constraint, seed, 300) {
                assert!(fits(&text), "{grammar:?} let {text:?} through");
                complete += 1;
            }
        }
        assert!(complete > 0, "{grammar:?}: no answer ended");
    };
    check(Grammar::JsonObject, &|text| serde_json::from_str::<Value>(text).is_ok_and(|v| v.is_object()));
    check(Grammar::Regex("[ab]{2}c?d".into()), &|text| {
        text.len() <= 4 && text.ends_with('d') && text[..2].chars().all(|c| "ab".contains(c))
    });
    let choices = vec!["yes".to_owned(), "no \"quoted\"\n".to_owned(), "ja, é".to_owned()];
    check(Grammar::Choice(choices.clone()), &|text| choices.iter().any(|choice| choice == text));
    check(Grammar::Lark("start: \"a\" (\"b\" | /[cd]/)".into()), &|text| ["ab", "ac", "ad"].contains(&text));
    check(Grammar::Gbnf("root ::= \"<end>\" [0-9]{2} (\"x\" | \"yy\")".into()), &|text| {
        text.starts_with("<end>") && (text.len() == 8 || text.len() == 9)
    });
    let nested = "root ::= list\nlist ::= \"(\" list* \")\"";
    check(Grammar::Gbnf(nested.into()), &|text| {
        let mut depth = 0i32;
        text.chars().all(|c| {
            depth += if c == '(' { 1 } else { -1 };
            depth >= 0
        }) && depth == 0
    });
}

#[test]
fn what_cannot_be_enforced_is_refused_by_the_fields_name() {
    let grammars = grammars();
    let refused = [
        Grammar::JsonSchema("{".into()),
        Grammar::JsonSchema(r#"{"type":"no such type"}"#.into()),
        Grammar::JsonSchema(r##"{"$ref":"#/nowhere"}"##.into()),
        Grammar::JsonSchema(r#"{"not":{"type":"string"}}"#.into()),
        Grammar::JsonSchema(r#"{"$ref":"https://example.com/schema"}"#.into()),
        Grammar::Regex("(".into()),
        Grammar::Regex("(?=a)b".into()),
        Grammar::Lark("start: nothing".into()),
        Grammar::Lark(String::new()),
        Grammar::Gbnf("root ::= x".into()),
        Grammar::Choice(vec![]),
        Grammar::Choice(vec![String::new()]),
        Grammar::Choice(vec!["a".into(); MAX_CHOICES + 1]),
        Grammar::Regex("a".repeat(MAX_GRAMMAR_BYTES + 1)),
    ];
    for grammar in refused {
        let shown: String = format!("{grammar:?}").chars().take(80).collect();
        match grammars.constraint(&grammar, "response_format") {
            Err(FrontendError::Invalid { param, message }) => {
                assert_eq!(param, "response_format");
                assert!(!message.is_empty() && message.len() < 1000, "{shown}: {message}");
            }
            Err(other) => panic!("{shown}: {other}"),
            Ok(_) => panic!("{shown} was taken"),
        }
    }
}

#[test]
fn repetitions_are_counted_before_they_cost_anything() {
    let grammars = grammars();
    let many = "a?".repeat(1501);
    let pattern =
        json!({"type": "object", "properties": {"x": {"type": "string", "pattern": many}}}).to_string();
    let keys = json!({"type": "object", "patternProperties": {&many: {"type": "string"}}}).to_string();
    for grammar in [
        Grammar::Regex(many.clone()),
        Grammar::Lark(format!("start: {}\n", "\"a\"? ".repeat(1501))),
        Grammar::Gbnf(format!("root ::= {}", "\"a\"? ".repeat(1501))),
        Grammar::JsonSchema(pattern),
        Grammar::JsonSchema(keys),
    ] {
        let refused = grammars.constraint(&grammar, "x").err().map(|error| error.to_string());
        assert!(refused.is_some_and(|error| error.contains("1501 repetitions")), "{grammar:?}");
    }
    assert!(grammars.constraint(&Grammar::Regex("a?".repeat(1500)), "x").is_ok());
}

#[test]
fn compiled_grammars_are_kept_within_bounds_and_found_again() {
    let grammars = grammars();
    for i in 0..100 {
        grammars.constraint(&Grammar::Choice(vec![format!("word {i}")]), "x").expect("a choice");
    }
    assert!((10..=64).contains(&grammars.cache.len()), "{}", grammars.cache.len());
    let one = Grammar::Choice(vec!["word 99".into()]);
    let before = grammars.cache.len();
    let (a, b) =
        (grammars.constraint(&one, "x").expect("kept"), grammars.constraint(&one, "x").expect("kept"));
    assert_eq!((a == b, grammars.cache.len()), (true, before));
    let other = grammars.constraint(&Grammar::Regex("word 99".into()), "x").expect("another kind");
    assert!(a != other);
    // Answers under one grammar do not disturb each other.
    let (mut first, mut second) = (a.begin(), a.begin());
    first.mask().expect("a mask");
    first.accept(TokenId::from(b'w')).expect("it begins so");
    assert_eq!(allowed(&second.mask().expect("a mask")), [TokenId::from(b'w')]);
    assert_eq!(allowed(&first.mask().expect("a mask")), [TokenId::from(b'o')]);
}

#[test]
fn a_known_name_has_one_spelling() {
    let schema =
        r#"{"type":"object","properties":{"x":{"type":"integer"}},"additionalProperties":{"type":"null"}}"#;
    let constraint = grammars().constraint(&Grammar::JsonSchema(schema.into()), "x").expect("a schema");
    let mut state = constraint.begin();
    for byte in *b"{\"\\" {
        state.mask().expect("a mask");
        state.accept(TokenId::from(byte)).expect("allowed");
    }
    let next = allowed(&state.mask().expect("a mask"));
    let escapes: Vec<u8> = next.iter().filter_map(|&id| u8::try_from(id).ok()).collect();
    assert_eq!(escapes, b"\"\\bfnrt", "what may follow a backslash");
}

#[test]
fn a_client_cannot_loosen_its_own_schema_and_white_space_ends() {
    let grammars = grammars();
    let loose = r#"{"type":"object","not":{"required":["a"]},"x-guidance":{"lenient":true}}"#;
    assert!(grammars.constraint(&Grammar::JsonSchema(loose.into()), "x").is_err());
    let constraint = grammars.constraint(&Grammar::JsonObject, "x").expect("an object");
    let mut state = constraint.begin();
    let newline = TokenId::from(b'\n');
    state.mask().expect("a mask");
    state.accept(TokenId::from(b'{')).expect("it begins so");
    let mut count = 0;
    while allowed(&state.mask().expect("a mask")).contains(&newline) {
        state.accept(newline).expect("allowed");
        count += 1;
        assert!(count < 20, "white space without an end");
    }
    assert!(count > 0);
}
