//! Grammars that mean harm: each is refused, or compiles in bounded time and never lets its answers go free.

use std::path::Path;
use std::time::{Duration, Instant};

use super::*;

/// Work is bounded, not time: this says only that nothing hangs, on any machine. What each took is printed.
const HANGS: Duration = Duration::from_secs(30);
/// Tokens that are tried of each answer.
const TOKENS: u64 = 20;

/// Of a real vocabulary if there is one: masks take longer there.
fn compiler() -> Grammars {
    let models = std::env::var("GOLLUM_TEST_MODELS")
        .unwrap_or_else(|_| format!("{}/../../models", env!("CARGO_MANIFEST_DIR")));
    let path = Path::new(&models).join("SmolLM2-135M-Instruct.Q4_1.gguf");
    if !path.exists() {
        return super::tests::grammars();
    }
    let file = gollum_gguf::Gguf::open(&path).expect("a model file");
    let tokenizer = gollum_tokenizer::from_gguf(file.metadata()).expect("a vocabulary");
    let vocab_size = tokenizer.vocab_size();
    Grammars::new(tokenizer, vocab_size)
}

fn deep(open: &str, inner: &str, close: &str, n: usize) -> String {
    format!("{}{inner}{}", open.repeat(n), close.repeat(n))
}

/// `n` texts, joined.
fn many(n: usize, joint: &str, text: impl Fn(usize) -> String) -> String {
    (0..n).map(text).collect::<Vec<_>>().join(joint)
}

fn regexes() -> Vec<String> {
    let plain = [
        "",
        "[",
        r"a\q",
        "(a)\\1",
        "(?=a)b",
        "a{4294967295}",
        "a{99999999999999999999}",
        "(a{1,1000}){1,1000}",
        "((a|b)*c(a|b){200})*",
        "(.*a){300}",
        r"\w{5000}",
        "(a+)+",
        "(a|aa)+b",
        "(a*)*",
        "(x+x+)+y",
        ".*.*.*.*.*=.*",
        "[a-z]{0,100000}",
        "(.{1,300}){1,300}",
        r"\p{L}{1000}\p{N}{1000}",
        r"[^\x00]{0,65535}",
        "((((0?){30}){30}){30}){30}",
        "(0|1)*1(0|1){24}",
        ".*x.{500}",
        "(é|日|😀){1000}",
        "[\u{1}-\u{10ffff}]{1000}",
    ];
    let mut regexes = plain.map(str::to_owned).to_vec();
    regexes.push(deep("(", "a", ")", 2000));
    regexes.push(deep("(", "a", ")*", 200));
    regexes.push(format!("({})*", "a?".repeat(2000)));
    regexes.push(many(10_000, "|", |i| format!("w{i}")));
    regexes.push(format!("(?i){}", "ſKİ".repeat(2000)));
    regexes
}

fn schemas() -> Vec<String> {
    let plain = [
        r#"{"type":"array","minItems":1000000,"items":{"type":"integer"}}"#,
        r#"{"type":"array","maxItems":1000000000,"items":{"type":"string","maxLength":1000000000}}"#,
        r#"{"type":"string","minLength":1000000,"maxLength":9000000}"#,
        r#"{"type":"string","pattern":"^(a+)+$"}"#,
        r#"{"type":"string","pattern":"(.*a){9}","format":"date-time","minLength":400}"#,
        r##"{"$ref":"#"}"##,
        r##"{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}"##,
        r##"{"$defs":{"a":{"allOf":[{"$ref":"#/$defs/a"},{"type":"object"}]}},"$ref":"#/$defs/a"}"##,
        r##"{"type":"array","items":{"anyOf":[{"$ref":"#"},{"$ref":"#"}]},"minItems":9}"##,
        r#"{"$ref":"http://127.0.0.1:9/schema"}"#,
        r#"{"$ref":"file:///etc/passwd"}"#,
        r#"{"type":"object","minProperties":1000000000}"#,
        r#"{"type":"number","minimum":-1e308,"maximum":1e-308,"multipleOf":1e-300}"#,
        r#"{"type":"number","multipleOf":0}"#,
        r#"{"const":{"a":[[[[[[[[["\u0000\u202e\uffff"]]]]]]]]]}}"#,
    ];
    let mut schemas = plain.map(str::to_owned).to_vec();
    schemas.push(deep(r#"{"type":"array","items":"#, "true", "}", 60));
    schemas.push(deep(r#"{"not":"#, "{}", "}", 5000));
    schemas.push(format!(r#"{{"enum":[{}]}}"#, many(8000, ",", |i| format!("\"w{i}\""))));
    schemas.push(format!(r#"{{"enum":[{}]}}"#, many(100_000, ",", |i| i.to_string())));
    for properties in [512, 2000] {
        let optional = many(properties, ",", |i| format!(r#""p{i}":{{"type":"null"}}"#));
        schemas.push(format!(r#"{{"type":"object","properties":{{{optional}}}}}"#));
    }
    let named = many(1000, ",", |i| format!("\"{}\"", "\u{301}".repeat(i % 30) + &i.to_string()));
    schemas.push(format!(r#"{{"type":"object","required":[{named}]}}"#));
    schemas.push(format!(r#"{{"anyOf":[{}]}}"#, many(2000, ",", |i| format!(r#"{{"maxLength":{i}}}"#))));
    // Each refers to the next twice.
    let doubled = many(30, ",", |i| {
        format!(
            r##""d{i}":{{"anyOf":[{{"$ref":"#/$defs/d{0}"}},{{"items":{{"$ref":"#/$defs/d{0}"}}}}]}}"##,
            i + 1
        )
    });
    schemas.push(format!(r##"{{"$ref":"#/$defs/d0","$defs":{{{doubled},"d30":{{"type":"null"}}}}}}"##));
    // As long a chain as the text may be.
    let chain = many(2800, ",", |i| format!(r##""a{i}":{{"allOf":[{{"$ref":"#/$defs/a{}"}}]}}"##, i + 1));
    schemas.push(format!(r##"{{"$ref":"#/$defs/a0","$defs":{{{chain},"a2800":{{"type":"null"}}}}}}"##));
    // All combinations of 12 times 4.
    let product = many(12, ",", |i| {
        format!(r#"{{"anyOf":[{}]}}"#, many(4, ",", |j| format!(r#"{{"required":["k{i}_{j}"]}}"#)))
    });
    schemas.push(format!(r#"{{"type":"object","allOf":[{product}]}}"#));
    let apart = many(200, ",", |i| format!(r#"{{"properties":{{"k":{{"const":{i}}}}},"required":["k"]}}"#));
    schemas.push(format!(r#"{{"oneOf":[{apart}]}}"#));
    let patterns = many(100, ",", |i| format!(r#""^a*b{{{i}}}c":{{"type":"null"}}"#));
    schemas.push(format!(r#"{{"type":"object","patternProperties":{{{patterns}}}}}"#));
    schemas.push(format!(r#"{{"prefixItems":[{}]}}"#, many(5000, ",", |_| "true".to_owned())));
    let primes =
        [97, 89, 83, 79, 73, 71, 67, 61].map(|p| format!(r#"{{"type":"integer","multipleOf":{p}}}"#));
    schemas.push(format!(r#"{{"allOf":[{}]}}"#, primes.join(",")));
    schemas
}

fn hostile() -> Vec<Grammar> {
    let lark = [
        "start: start start | \"a\" | \"\"".to_owned(),
        format!("start: {}\n", "\"a\"? ".repeat(5000)),
        format!("start: {}\n", deep("(", "\"a\"", ")", 3000)),
        many(9000, "\n", |i| format!("r{i}: r{}", i + 1)).replacen("r0", "start", 1) + "\nr9000: \"a\"",
        many(900, "\n", |i| format!("R{i}: R{0} R{0}", i + 1)) + "\nR900: \"a\"\nstart: R0",
        "start: A\nA: /a(b|c)*/ & ~/(.*b){90}/".to_owned(),
        "%import common.WORD\nstart: WORD{1000000}".to_owned(),
    ];
    let gbnf = [
        format!("root ::= {}", "\"a\"? ".repeat(5000)),
        "root ::= (root root | \"a\")*".to_owned(),
        "root ::= root \"a\" | root".to_owned(),
        "root ::= [a-z]{0,1000000}".to_owned(),
        many(1000, "\n", |i| format!("r{i} ::= r{0} r{0}", i + 1)).replacen("r0", "root", 1)
            + "\nr1000 ::= \"a\"",
    ];
    let choice = (0..MAX_CHOICES).map(|i| format!("{}{i}", "\u{1f468}\u{200d}".repeat(15))).collect();
    let mut grammars: Vec<Grammar> = regexes().into_iter().map(Grammar::Regex).collect();
    grammars.extend(schemas().into_iter().map(Grammar::JsonSchema));
    grammars.extend(lark.map(Grammar::Lark));
    grammars.extend(gbnf.map(Grammar::Gbnf));
    grammars.push(Grammar::Choice(choice));
    grammars
}

/// The longest mask of an answer of random tokens; a matcher that gives up ends the answer.
fn worst_mask(constraint: &Constraint, ends: &[TokenId]) -> Duration {
    let mut state = constraint.begin();
    let mut worst = Duration::ZERO;
    for i in 0..TOKENS {
        let began = Instant::now();
        let Ok(mask) = state.mask() else { break };
        worst = worst.max(began.elapsed());
        let bits = |&t: &TokenId| mask.get(t as usize / 32).is_some_and(|word| word >> (t % 32) & 1 == 1);
        let choices: Vec<TokenId> = (0..mask.len() as TokenId * 32).filter(bits).collect();
        assert!(!choices.is_empty(), "a mask without a token");
        let token = choices[(gollum_sampler::uniform(9, i) * choices.len() as f64) as usize];
        if ends.contains(&token) || state.accept(token).is_err() {
            break;
        }
    }
    worst
}

#[test]
fn hostile_grammars_are_refused_or_come_to_an_end() {
    let compiler = compiler();
    let ends = compiler.tokenizer.special().end_of_generation.clone();
    // The vocabulary's trie is made once.
    compiler.constraint(&Grammar::JsonObject, "x").expect("an object");
    let (mut compiled, mut masks, mut refused) = (Vec::new(), Vec::new(), 0);
    for grammar in hostile() {
        let shown: String = format!("{grammar:?}").chars().take(70).collect();
        let began = Instant::now();
        let outcome = compiler.constraint(&grammar, "x");
        compiled.push(began.elapsed());
        let what = match &outcome {
            Ok(constraint) => {
                masks.push(worst_mask(constraint, &ends));
                format!("taken, masks up to {:?}", masks[masks.len() - 1])
            }
            Err(FrontendError::Invalid { message, .. }) => {
                assert!(!message.is_empty() && message.len() < 1000, "{shown}: {message}");
                refused += 1;
                format!("refused: {}", message.chars().take(60).collect::<String>().replace('\n', " "))
            }
            Err(other) => panic!("{shown}: {other}"),
        };
        println!("{:9.1?} {shown}: {what}", compiled[compiled.len() - 1]);
    }
    for (what, times) in [("compiled or refused", &mut compiled), ("the longest mask of each", &mut masks)] {
        times.sort_unstable();
        let longest = times[times.len() - 1];
        println!("{} {what}: p50 {:.1?}, max {longest:.1?}", times.len(), times[times.len() / 2]);
        assert!(longest < HANGS);
    }
    println!("{refused} refused");
    assert!(compiled.len() >= 60 && refused >= 20 && masks.len() >= 20);
}
