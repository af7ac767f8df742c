//! Answers in each dialect, whole and cut at every byte.

use std::sync::Arc;

use gollum_tokenizer::WhitespaceTokenizer;
use serde_json::json;

use super::*;
use crate::reader::{Reader, Reading};
use crate::{GenerateOptions, Message};

fn call(name: &str, arguments: &str) -> ToolCall {
    ToolCall { name: name.to_owned(), arguments: arguments.to_owned() }
}

fn offer() -> Arc<Offer> {
    let string = json!({"type": "string"});
    let weather = json!({"type": "function", "function": {"name": "weather", "parameters": {"type": "object",
        "properties": {"city": string, "days": {"type": "integer"}, "at": {}}}}});
    Arc::new(Offer::new(Some(&json!([weather]))))
}

/// What an answer in pieces says, by the reader that a dialect has.
fn read(dialect: &'static ToolDialect, pieces: &[&str]) -> (String, Vec<ToolCall>) {
    let mut reader = Reader::new(Reading {
        has_channels: dialect.has_channels(),
        calls: Some((dialect, offer())),
        ..Reading::default()
    });
    let (mut text, mut calls) = (String::new(), Vec::new());
    for piece in pieces {
        let read = reader.push(piece);
        text += &read.text;
        calls.extend(read.calls);
    }
    let last = reader.finish();
    calls.extend(last.calls);
    (text + &last.text, calls)
}

fn check(dialect: &str, answer: &str, text: &str, calls: &[ToolCall]) {
    let named = TOOL_DIALECTS.iter().find(|other| other.name == dialect);
    let dialect = named.unwrap_or_else(|| panic!("no dialect {dialect}"));
    let expected = (text.to_owned(), calls.to_vec());
    assert_eq!(read(dialect, &[answer]), expected, "{}: {answer:?} whole", dialect.name);
    for cut in (0..=answer.len()).filter(|&cut| answer.is_char_boundary(cut)) {
        let pieces = [&answer[..cut], &answer[cut..]];
        assert_eq!(read(dialect, &pieces), expected, "{}: {answer:?} cut at {cut}", dialect.name);
    }
    let letters: Vec<String> = answer.chars().map(String::from).collect();
    let letters: Vec<&str> = letters.iter().map(String::as_str).collect();
    assert_eq!(read(dialect, &letters), expected, "{}: {answer:?} letter by letter", dialect.name);
}

#[test]
fn calls_in_json_are_found_wherever_the_pieces_part() {
    let weather = || call("weather", r#"{"city":"Bönn <x>"}"#);
    let json = r#"{"name": "weather", "arguments": {"city": "Bönn <x>"}}"#;
    let llama = r#"{"name": "weather", "parameters": {"city": "Bönn <x>"}}"#;
    check("hermes", "no call, 1 < 2, <tool", "no call, 1 < 2, <tool", &[]);
    check("hermes", &format!("<tool_call>\n{json}\n</tool_call>"), "", &[weather()]);
    let two = format!("I look.\n<tool_call>{json}</tool_call>\n<tool_call>\n{json}\n</tool_call>\n");
    check("hermes", &two, "I look.\n", &[weather(), weather()]);
    check("hermes", &format!("<tool_call>\n{json}"), "", &[weather()]);
    let wrong = "<tool_call>\n{\"name\": 5}</tool_call>";
    check("hermes", wrong, wrong, &[]);
    let begun = "<tool_call>\n{\"name\": \"wea";
    check("hermes", begun, begun, &[]);
    check("hermes", "<tool_call>{\"name\": \"now\"}</tool_call>", "", &[call("now", "{}")]);
    check("llama3", llama, "", &[weather()]);
    check("llama3", &format!("<|python_tag|>{llama}; {llama}"), "", &[weather(), weather()]);
    check("llama3", "The weather is {fine}.", "The weather is {fine}.", &[]);
    check("llama3", "{\"answer\": 42}", "{\"answer\": 42}", &[]);
    check("mistral", &format!("[TOOL_CALLS] [{json}, {json}]"), "", &[weather(), weather()]);
    check("mistral", "[TOOL_CALLS]weather[ARGS]{\"city\": \"Bönn <x>\"}", "", &[weather()]);
    check("mistral", "[1] and [TOOL", "[1] and [TOOL", &[]);
    check("granite", &format!("<|tool_call|>[{json}]"), "", &[weather()]);
    check("granite", "I see <|tool", "I see <|tool", &[]);
    check("phi", &format!("functools[{json}, {json}]"), "", &[weather(), weather()]);
    check("phi", &format!("<|tool_call|>[{json}]<|/tool_call|>"), "", &[weather()]);
    check("phi", "functools are tools", "functools are tools", &[]);
}

#[test]
fn calls_of_deepseek_are_found_wherever_the_pieces_part() {
    let weather = || call("weather", r#"{"city":"Bönn"}"#);
    let json = r#"{"city": "Bönn"}"#;
    let fenced = format!(
        "<｜tool▁call▁begin｜>function<｜tool▁sep｜>weather\n```json\n{json}\n```<｜tool▁call▁end｜>"
    );
    let bare = format!("<｜tool▁call▁begin｜>weather<｜tool▁sep｜>{json}<｜tool▁call▁end｜>");
    for call in [fenced, bare] {
        let two = format!("Let me see.<｜tool▁calls▁begin｜>{call}\n{call}<｜tool▁calls▁end｜>");
        check("deepseek-v3", &two, "Let me see.", &[weather(), weather()]);
        check("deepseek-v3.1", &two, "Let me see.", &[weather(), weather()]);
    }
    check("deepseek-v3", "no <｜tool▁ca", "no <｜tool▁ca", &[]);
    let empty = "<｜tool▁calls▁begin｜><｜tool▁calls▁end｜>";
    check("deepseek-v3", empty, empty, &[]);
}

#[test]
fn calls_as_tags_are_found_and_typed_by_the_schema() {
    let typed = || call("weather", r#"{"city":"12","days":3,"at":{"x":true}}"#);
    let qwen = "<tool_call>\n<function=weather>\n<parameter=city>\n12\n</parameter>\n<parameter=days>\n3\n\
        </parameter>\n<parameter=at>\n{\"x\": true}\n</parameter>\n</function>\n</tool_call>";
    check("qwen3-coder", qwen, "", &[typed()]);
    check("qwen3-coder", &format!("So:\n{qwen}\n{qwen}"), "So:\n", &[typed(), typed()]);
    let lines = "<tool_call><function=weather><parameter=city>\na\n\nb\n</parameter></function></tool_call>";
    check("qwen3-coder", lines, "", &[call("weather", r#"{"city":"a\n\nb"}"#)]);
    let none = "<tool_call>\n<function=now>\n</function>\n</tool_call>";
    check("qwen3-coder", none, "", &[call("now", "{}")]);
    let cut = "<tool_call>\n<function=weather>\n<parameter=city>\n12";
    check("qwen3-coder", cut, cut, &[]);
    let glm = "<tool_call>weather\n<arg_key>city</arg_key>\n<arg_value>12</arg_value>\n<arg_key>days</arg_key>\n\
        <arg_value>3</arg_value>\n<arg_key>at</arg_key>\n<arg_value>{\"x\": true}</arg_value>\n</tool_call>";
    check("glm", glm, "", &[typed()]);
    check("glm", "<tool_call>now\n</tool_call>", "", &[call("now", "{}")]);
    check("glm", "a <arg_key>", "a <arg_key>", &[]);
}

#[test]
fn calls_of_gemma_are_found_wherever_the_pieces_part() {
    let expected = || call("weather", r#"{"city":"B, {ö}nn","days":3,"at":{"x":[true,null,-1.5,"y"]}}"#);
    for (dialect, open, quote, close) in [
        ("function-gemma", "<start_function_call>", "<escape>", "<end_function_call>"),
        ("gemma4", "<|tool_call>", "<|\"|>", "<tool_call|>"),
    ] {
        let q = quote;
        let one = format!(
            "{open}call:weather{{city:{q}B, {{ö}}nn{q},days:3,at:{{x:[true,null,-1.5,{q}y{q}]}}}}{close}"
        );
        check(dialect, &one, "", &[expected()]);
        check(dialect, &format!("Hm. {one}{one}"), "Hm. ", &[expected(), expected()]);
        check(dialect, &format!("{open}call:now{{}}{close}"), "", &[call("now", "{}")]);
        let wrong = format!("{open}call:now{{a:{close}");
        check(dialect, &wrong, &wrong, &[]);
    }
}

#[test]
fn pythonic_calls_are_read_and_never_run() {
    let typed = || call("weather", r#"{"city":"B'ö\nnn","days":3,"at":{"x":[true,null,-1.5]}}"#);
    let one = r#"weather(city='B\'ö\nnn', days=3, at={"x": [True, None, -1.5]})"#;
    for dialect in ["llama-pythonic", "pythonic"] {
        check(dialect, &format!("[{one}, now()]"), "", &[typed(), call("now", "{}")]);
        check(dialect, &format!("<|python_start|>[{one}]<|python_end|>"), "", &[typed()]);
        check(dialect, "It is [fine].", "It is [fine].", &[]);
        for text in
            ["[1, 2]", "[f(x)]", "[f(a=g())]", "[f(a=1]", "[f(a='x]", "[weather(city=__import__('os'))]"]
        {
            check(dialect, text, text, &[]);
        }
    }
    check("lfm2", &format!("<|tool_call_start|>[{one}]<|tool_call_end|>Done."), "Done.", &[typed()]);
    let deep = format!("[f(a={}{})]", "[".repeat(5000), "]".repeat(5000));
    assert_eq!(read(&pythonic::LLAMA_PYTHONIC, &[&deep]), (deep.clone(), vec![]));
}

#[test]
fn channels_are_thoughts_calls_and_text() {
    let weather = || call("weather", r#"{"city":"Bönn"}"#);
    let json = r#"{"city": "Bönn"}"#;
    let commentary =
        format!("<|channel|>commentary to=functions.weather <|constrain|>json<|message|>{json}<|call|>");
    check("harmony", &commentary, "", &[weather()]);
    let two = format!("<|channel|>commentary<|message|>I look.<|end|><|start|>assistant{commentary}");
    check("harmony", &two, "I look.", &[weather()]);
    let role = format!("<|start|>assistant to=functions.weather<|channel|>commentary json<|message|>{json}");
    check("harmony", &role, "", &[weather()]);
    check("harmony", "<|channel|>final<|message|>1 <| 2 <|end", "1 <| 2 <|end", &[]);
    check("harmony", "plain text", "plain text", &[]);
    let wrong = "<|channel|>commentary to=functions.weather<|message|>not JSON<|call|>";
    check("harmony", wrong, "not JSON", &[]);

    let answer =
        "<|channel|>analysis<|message|>Hm, ü.<|end|><|start|>assistant<|channel|>final<|message|>It rains.";
    for cut in (0..=answer.len()).filter(|&cut| answer.is_char_boundary(cut)) {
        let mut reader = Reader::new(Reading {
            thoughts: Some((&crate::reasoning::CHANNELS, crate::reasoning::Place::Before)),
            has_channels: true,
            ..Reading::default()
        });
        let parts = [reader.push(&answer[..cut]), reader.push(&answer[cut..]), reader.finish()];
        let thoughts: String = parts.iter().map(|part| part.thoughts.as_str()).collect();
        let text: String = parts.iter().map(|part| part.text.as_str()).collect();
        assert_eq!((thoughts.as_str(), text.as_str()), ("Hm, ü.", "It rains."), "cut at {cut}");
    }
}

#[test]
fn templates_tell_the_dialect() {
    let check = |template: &str, name: &str| assert_eq!(dialect_of(template).name, name, "{template}");
    check("{% for t in tools %}<tool_call>\n{\"name\": .., \"arguments\": ..}", "hermes");
    check("{{ tools }} [TOOL_CALLS] {\"name\": .., \"arguments\": ..} <tool_call>", "mistral");
    check("Environment: ipython {\"name\": .., \"parameters\": ..}", "llama3");
    check("{% for message in messages %}", "generic");
    check("<tool_call>\n<function=example>\n<parameter=x> \"arguments\"", "qwen3-coder");
    check("<tool_call>{{ name }}\n<arg_key>{{ k }}</arg_key>", "glm");
    check("<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>x\n```json", "deepseek-v3");
    check("<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>", "deepseek-v3.1");
    check("<start_function_call>call:", "function-gemma");
    check("<|tool_call>call:", "gemma4");
    check("<|start|>assistant<|channel|>final<|message|>", "harmony");
    check("<|start_of_role|>system.. write <|tool_call|> followed by", "granite");
    check("<|tool|>{{ tools }}<|/tool|>", "phi");
    check("in the form [func_name1(params_name1=params_value1)]", "pythonic");
    check("<|python_start|>", "llama-pythonic");
    check("<|tool_call_start|>[", "lfm2");
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
        assert!(matches!(forced(dialect, &r, &tokenizer), Ok(None)));
        r.tool_choice = ToolChoice::Named("weather".into());
        let Ok(Some((Grammar::Lark(lark), _))) = forced(dialect, &r, &tokenizer) else {
            panic!("{}", dialect.name)
        };
        assert!(lark.contains("weather") && !lark.contains("now"), "{lark}");
        r.tool_choice = ToolChoice::Required;
        r.parallel_tool_calls = true;
        let Ok(Some((Grammar::Lark(lark), _))) = forced(dialect, &r, &tokenizer) else {
            panic!("{}", dialect.name)
        };
        let several = lark.contains("{0,7}") || dialect.has_channels();
        assert!(lark.contains("now") && several, "{lark}");
        r.tool_choice = ToolChoice::Named("nothing".into());
        assert!(forced(dialect, &r, &tokenizer).is_err());
    }
}

#[test]
fn parameters_that_cannot_be_kept_to_are_refused() {
    let mut r = request();
    r.tools = Some(json!([{"function": {"name": "f", "parameters": {"minProperties": 2}}}]));
    r.tool_choice = ToolChoice::Required;
    let error =
        forced(TOOL_DIALECTS[0], &r, &WhitespaceTokenizer::new()).err().map(|error| error.to_string());
    assert!(error.is_some_and(|error| error.contains("`f`") && error.contains("minProperties")));
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
