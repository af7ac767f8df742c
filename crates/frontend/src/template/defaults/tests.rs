#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use gollum_tokenizer::{VocabSource, WhitespaceTokenizer, from_source};
use serde_json::Value as Json;

use super::*;
use crate::{ChatRequest, ChatTemplate, GenerateOptions, Message, TemplateTokens};

fn render(source: &str, messages: &[(&str, &str)], bos: &str) -> String {
    let special = TemplateTokens { bos: bos.to_owned(), ..TemplateTokens::default() };
    let messages = messages.iter().map(|(role, text)| Message::new(*role, *text)).collect();
    let request = ChatRequest::new(messages, GenerateOptions::default());
    ChatTemplate::new(source, special).unwrap().render(&request, 0).unwrap().0
}

fn format(name: &str) -> &'static Format {
    FORMATS.iter().find(|format| format.name == name).unwrap()
}

/// The conversation of the golden file: a system text, a turn, and a question.
const TALK: [(&str, &str); 4] =
    [("system", "Be brief."), ("user", " Hi! "), ("assistant", "Hello."), ("user", "2+2?")];

/// Formats that llama.cpp has another way, or not at all.
const OURS: [(&str, &str); 7] = [
    (
        "toy",
        "<|system|>Be brief.<|end|><|user|> Hi! <|end|><|assistant|>Hello.<|end|><|user|>2+2?<|end|><|assistant|>",
    ),
    // The channel of each answer is written, as the models write it.
    (
        "gpt-oss",
        "<|start|>developer<|message|># Instructions\n\nBe brief.<|end|><|start|>user<|message|> Hi! <|end|>\
         <|start|>assistant<|channel|>final<|message|>Hello.<|end|><|start|>user<|message|>2+2?<|end|><|start|>assistant",
    ),
    (
        "gemma4",
        "<|turn>system\nBe brief.<turn|>\n<|turn>user\nHi!<turn|>\n<|turn>model\nHello.<turn|>\n<|turn>user\n2+2?<turn|>\n\
         <|turn>model\n",
    ),
    // The assistant's mark stands before an answer once.
    (
        "hunyuan-dense",
        "Be brief.<｜hy_place▁holder▁no▁3｜><｜hy_User｜> Hi! <｜hy_Assistant｜>Hello.<｜hy_place▁holder▁no▁2｜>\
         <｜hy_User｜>2+2?<｜hy_Assistant｜>",
    ),
    ("phi2", "Instruct: Be brief.\n\n Hi! \nOutput: Hello.\nInstruct: 2+2?\nOutput:"),
    (
        "zephyr-7b",
        "<|system|>\nBe brief.</s>\n<|user|>\n Hi! </s>\n<|assistant|>\nHello.</s>\n<|user|>\n2+2?</s>\n<|assistant|>\n",
    ),
    // Spaces around an answer, as in Meta's own code.
    ("llama2", "[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi! [/INST] Hello. </s>[INST] 2+2? [/INST]"),
];

#[test]
fn formats_write_what_llama_cpp_writes() {
    let golden: Json =
        serde_json::from_str(include_str!("../../../../../golden/chat/defaults.json")).unwrap();
    let mut compared = 0;
    for format in FORMATS {
        let written = render(&format.source(), &TALK, "");
        if let Some((_, expected)) = OURS.iter().find(|(name, _)| *name == format.name) {
            assert_eq!(written, *expected, "{}", format.name);
            continue;
        }
        assert_eq!(written, golden["texts"][format.name].as_str().unwrap(), "{}", format.name);
        compared += 1;
    }
    assert_eq!(compared + OURS.len(), FORMATS.len());
}

#[test]
fn bos_stands_where_it_is_wanted() {
    let llama_2 = render(&format("llama2").source(), &TALK[1..], "<s>");
    assert_eq!(llama_2, "<s>[INST] Hi! [/INST] Hello. </s><s>[INST] 2+2? [/INST]");
    let llama_3 = render(&format("llama3").source(), &TALK[3..], "<|begin_of_text|>");
    assert!(llama_3.starts_with("<|begin_of_text|><|start_header_id|>user"), "{llama_3}");
    assert!(!render(&CHATML.source(), &TALK, "<s>").contains("<s>"));
}

#[test]
fn roles_beside_the_three_have_a_place() {
    let talk = [("developer", "Be brief."), ("user", "6*7?"), ("tool", "42"), ("assistant", "It is 42.")];
    let expected = "<start_of_turn>user\nBe brief.\n\n6*7?<end_of_turn>\n<start_of_turn>user\n42<end_of_turn>\n\
                    <start_of_turn>model\nIt is 42.<end_of_turn>\n<start_of_turn>model\n";
    assert_eq!(render(&format("gemma").source(), &talk, ""), expected);
}

#[test]
fn literals_are_escaped() {
    let odd = Format { opening: "'{{ x }}'\\n\n", ..CHATML };
    assert!(render(&odd.source(), &[], "").starts_with("'{{ x }}'\\n\n<|im_start|>assistant"));
}

/// A vocabulary with these tokens.
fn vocabulary(tokens: &[&str]) -> Arc<dyn Tokenizer> {
    let all: Vec<&str> = ["a", "<s>"].into_iter().chain(tokens.iter().copied()).collect();
    let kinds = all.iter().map(|text| if text.len() > 1 { 3 } else { 1 }).collect();
    let source = VocabSource {
        model: "gpt2",
        pre: Some("gpt-2"),
        tokens: all,
        kinds: Some(kinds),
        merges: Some(Vec::new()),
        ..VocabSource::default()
    };
    from_source(&source).unwrap()
}

#[test]
fn tokens_architectures_and_names_choose_the_format() {
    for (architecture, name, tokens, expected) in [
        ("qwen2", "", &["<|im_start|>", "<|im_end|>"][..], "chatml"),
        ("phi3", "", &["<|im_start|>", "<|im_end|>", "<|im_sep|>"], "phi4"),
        ("phi3", "", &["<|user|>", "<|assistant|>", "<|end|>"], "phi3"),
        ("llama", "", &["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"], "llama3"),
        ("llama4", "", &["<|header_start|>", "<|header_end|>", "<|eot|>"], "llama4"),
        ("gemma3", "", &["<start_of_turn>", "<end_of_turn>"], "gemma"),
        ("gemma3n", "", &["<start_of_turn>", "<end_of_turn>"], "gemma"),
        ("gemma4", "", &["<|turn>", "<turn|>"], "gemma4"),
        ("gpt-oss", "", &["<|start|>", "<|message|>", "<|channel|>", "<|end|>"], "gpt-oss"),
        (
            "deepseek2",
            "DeepSeek-V3",
            &["<｜User｜>", "<｜Assistant｜>", "<｜end▁of▁sentence｜>"],
            "deepseek3",
        ),
        ("deepseek2", "DeepSeek-V2-Lite", &["<｜end▁of▁sentence｜>"], "deepseek2"),
        ("llama", "DeepSeek-Coder-6.7B", &["<｜end▁of▁sentence｜>", "<|EOT|>"], "deepseek"),
        ("command-r", "", &["<|START_OF_TURN_TOKEN|>", "<|USER_TOKEN|>", "<|CHATBOT_TOKEN|>"], "command-r"),
        ("glm4", "", &["[gMASK]", "<sop>", "<|user|>", "<|assistant|>"], "chatglm4"),
        ("stablelm", "", &["<|endoftext|>"], "zephyr"),
        ("llama", "Mistral-Nemo", &["[INST]", "[/INST]"], "mistral-v3-tekken"),
        ("llama", "Mistral-7B-Instruct-v0.3", &["[INST]", "[/INST]"], "mistral-v3"),
        ("mistral3", "", &["[INST]", "[/INST]", "[SYSTEM_PROMPT]"], "mistral-v7-tekken"),
        ("llama", "Mistral-7B-Instruct-v0.1.Q4_K_M", &[], "mistral-v1"),
        ("llama", "vicuna-13b-v1.5", &[], "vicuna"),
        ("llama", "zephyr-7b-beta", &[], "zephyr-7b"),
        ("llama", "anything", &[], "llama2"),
        ("rwkv7", "", &[], "rwkv-world"),
        ("phi2", "", &[], "phi2"),
        ("unheard-of", "", &[], "chatml"),
    ] {
        let chosen = default_template(architecture, name, &*vocabulary(tokens));
        let expected = FORMATS.iter().find(|format| format.name == expected).unwrap();
        assert_eq!(chosen, expected.source(), "{architecture} {name} {tokens:?}: {}", expected.name);
    }
    assert_eq!(default_template("toy", "toy", &WhitespaceTokenizer::new()), format("toy").source());
}

#[test]
fn names_are_of_one_format_each() {
    let mut names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), FORMATS.len());
}
