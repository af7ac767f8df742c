//! Answers in each dialect, whole and cut at every byte.

use gollum_tokenizer::WhitespaceTokenizer;
use serde_json::json;

use super::*;
use crate::{GenerateOptions, Message};

fn call(name: &str, arguments: &str) -> ToolCall {
    ToolCall { name: name.to_owned(), arguments: arguments.to_owned() }
}

fn sieve(dialect: &'static ToolDialect, pieces: &[&str]) -> (String, Vec<ToolCall>) {
    let mut sieve = Sieve::new(dialect);
    let (mut text, mut calls) = (String::new(), Vec::new());
    for piece in pieces {
        let sieved = sieve.push(piece);
        text += &sieved.text;
        text += &sieve.pass();
        calls.extend(sieved.calls);
    }
    let last = sieve.finish();
    calls.extend(last.calls);
    (text + &last.text, calls)
}

#[test]
fn calls_are_found_wherever_the_pieces_part() {
    let weather = || call("weather", r#"{"city":"Bönn <x>"}"#);
    let json = r#"{"name": "weather", "arguments": {"city": "Bönn <x>"}}"#;
    let llama = r#"{"name": "weather", "parameters": {"city": "Bönn <x>"}}"#;
    let (hermes, llama3, mistral): (&'static ToolDialect, _, _) =
        (&hermes::HERMES, &llama3::LLAMA3, &mistral::MISTRAL);
    let cases: Vec<(&'static ToolDialect, String, &str, Vec<ToolCall>)> = vec![
        (hermes, "no call, 1 < 2, <tool".into(), "no call, 1 < 2, <tool", vec![]),
        (hermes, format!("<tool_call>\n{json}\n</tool_call>"), "", vec![weather()]),
        (
            hermes,
            format!("I look.\n<tool_call>{json}</tool_call>\n<tool_call>\n{json}\n</tool_call>\n"),
            "I look.\n",
            vec![weather(), weather()],
        ),
        (hermes, format!("<tool_call>\n{json}"), "", vec![weather()]),
        (
            hermes,
            "<tool_call>\n{\"name\": 5}</tool_call>".into(),
            "<tool_call>\n{\"name\": 5}</tool_call>",
            vec![],
        ),
        (hermes, "<tool_call>\n{\"name\": \"wea".into(), "<tool_call>\n{\"name\": \"wea", vec![]),
        (hermes, "<tool_call>{\"name\": \"now\"}</tool_call>".into(), "", vec![call("now", "{}")]),
        (llama3, llama.into(), "", vec![weather()]),
        (llama3, format!("<|python_tag|>{llama}; {llama}"), "", vec![weather(), weather()]),
        (llama3, "The weather is {fine}.".into(), "The weather is {fine}.", vec![]),
        (llama3, "{\"answer\": 42}".into(), "{\"answer\": 42}", vec![]),
        (mistral, format!("[TOOL_CALLS] [{json}, {json}]"), "", vec![weather(), weather()]),
        (mistral, "[TOOL_CALLS]weather[ARGS]{\"city\": \"Bönn <x>\"}".into(), "", vec![weather()]),
        (mistral, "[1] and [TOOL".into(), "[1] and [TOOL", vec![]),
    ];
    for (dialect, answer, text, calls) in cases {
        let expected = (text.to_owned(), calls);
        assert_eq!(sieve(dialect, &[&answer]), expected, "{answer:?} whole");
        for cut in (0..=answer.len()).filter(|&cut| answer.is_char_boundary(cut)) {
            assert_eq!(
                sieve(dialect, &[&answer[..cut], &answer[cut..]]),
                expected,
                "{answer:?} cut at {cut}"
            );
        }
        let letters: Vec<String> = answer.chars().map(String::from).collect();
        let letters: Vec<&str> = letters.iter().map(String::as_str).collect();
        assert_eq!(sieve(dialect, &letters), expected, "{answer:?} letter by letter");
    }
}

#[test]
fn templates_tell_the_dialect() {
    let check = |template: &str, name: &str| assert_eq!(dialect_of(template).name, name, "{template}");
    check("{% for t in tools %}<tool_call>\n{\"name\": .., \"arguments\": ..}", "hermes");
    check("{{ tools }} [TOOL_CALLS] {\"name\": .., \"arguments\": ..} <tool_call>", "mistral");
    check("Environment: ipython {\"name\": .., \"parameters\": ..}", "llama3");
    check("{% for message in messages %}", "generic");
}

fn request() -> ChatRequest {
    let mut r = ChatRequest::new(vec![Message::new("user", "hi")], GenerateOptions::default());
    r.tools = Some(json!([
        {"type": "function", "function": {"name": "weather", "parameters": {"type": "object",
            "properties": {"city": {"$ref": "#/$defs/c"}}, "required": ["city"], "$defs": {"c": {"type": "string"}}}}},
        {"type": "function", "function": {"name": "now"}},
    ]));
    r
}

#[test]
fn a_forced_call_has_a_grammar_that_its_own_sieve_reads() {
    let tokenizer = WhitespaceTokenizer::new();
    for dialect in TOOL_DIALECTS {
        let mut r = request();
        assert_eq!(forced(dialect, &r, &tokenizer), Ok(None));
        r.tool_choice = ToolChoice::Named("weather".into());
        let Ok(Some(Grammar::Lark(lark))) = forced(dialect, &r, &tokenizer) else {
            panic!("{}", dialect.name)
        };
        assert!(lark.contains("weather") && !lark.contains("now"), "{lark}");
        r.tool_choice = ToolChoice::Required;
        r.parallel_tool_calls = true;
        let Ok(Some(Grammar::Lark(lark))) = forced(dialect, &r, &tokenizer) else {
            panic!("{}", dialect.name)
        };
        assert!(lark.contains("now") && lark.contains("{0,7}"), "{lark}");
        r.tool_choice = ToolChoice::Named("nothing".into());
        assert!(forced(dialect, &r, &tokenizer).is_err());
    }
}

#[test]
fn a_template_without_tools_is_told_in_words() {
    let mut r = request();
    assert!(matches!(prepared(&r, true), Cow::Borrowed(_)));
    let mut answer = Message::new("assistant", "");
    answer.tool_calls = Some(json!([{"function": {"name": "now", "arguments": "{\"a\": 1}"}}]));
    r.messages.extend([answer, Message::new("tool", "noon")]);
    let told = prepared(&r, false);
    assert_eq!(told.tools, None);
    assert!(told.messages[0].role == "system" && told.messages[0].content.contains("\"weather\""));
    assert_eq!(
        told.messages[2].content,
        "<tool_call>\n{\"name\": \"now\", \"arguments\": {\"a\":1}}\n</tool_call>"
    );
    assert_eq!((told.messages[3].role.as_str(), told.messages[3].content.contains("noon")), ("user", true));
    r.tool_choice = ToolChoice::None;
    assert!(!prepared(&r, false).messages[0].content.contains("weather"));
    assert_eq!(prepared(&r, true).tools, None);
}
