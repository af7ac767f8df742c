//! Filling in the middle: the prompt is what the model was trained with, on every route that asks for it.

use gollum_tokenizer::{SpecialText, Tokenizer, WhitespaceTokenizer};
use serde_json::json;

use crate::world::{Setup, World, expected_text};

const MARKED: &str = "<|fim_prefix|>the of<|fim_suffix|> a in<|fim_middle|>";

#[test]
fn infill_is_what_the_marked_prompt_gives() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    // As editors send it.
    let body = json!({"input_prefix": "the of", "input_suffix": " a in", "prompt": "", "input_extra": [], "n_predict": 4,
        "top_k": 1, "top_p": 0.9, "temperature": 0, "samplers": ["top_k", "top_p", "infill"], "cache_prompt": true,
        "t_max_prompt_ms": 500, "t_max_predict_ms": 1000, "id_slot": 0, "n_indent": 2,
        "response_fields": ["content", "tokens_predicted", "timings"]});
    let reply = client.post("/infill", &body);
    let told = reply.header("x-gollum-ignored").expect("told").to_owned();
    for name in ["t_max_predict_ms", "t_max_prompt_ms", "n_indent", "samplers.infill", "id_slot"] {
        assert!(told.contains(name), "{name} in {told}");
    }
    let said = reply.json();
    assert_eq!(said["content"], expected_text(MARKED, 4));
    let mut names: Vec<&String> = said.as_object().expect("fields").keys().collect();
    names.sort();
    assert_eq!(names, ["content", "timings", "tokens_predicted"]);
    let mut warm = body.clone();
    warm["n_predict"] = json!(0);
    let said = client.post("/infill", &warm).json();
    assert_eq!((&said["content"], &said["tokens_predicted"]), (&json!(""), &json!(0)));
    let more = json!({"input_prefix": "the of", "input_suffix": " a in", "prompt": " is", "n_predict": 4,
        "input_extra": [{"filename": "x", "text": "to a"}]});
    let said = client.post("/infill", &more).json();
    assert_eq!(said["content"], expected_text(&format!("to a\n\n{MARKED} is"), 4));
    for (body, param) in [
        (json!({"input_prefix": "a"}), "input_suffix"),
        (json!({"input_suffix": "a"}), "input_prefix"),
        (json!({"input_prefix": "a", "input_suffix": "a", "input_extra": [{}]}), "input_extra[0].text"),
    ] {
        let refused = client.post("/infill", &body);
        assert!(refused.status == 400 && refused.text().contains(param), "{}", refused.text());
    }
}

#[test]
fn a_suffix_is_the_same_on_the_other_routes() {
    let world = World::start(Setup::default());
    let mut client = world.client();
    let body = json!({"prompt": ["the of", "the of"], "suffix": " a in", "max_tokens": 4});
    let said = client.post("/v1/completions", &body).json();
    assert_eq!(said["choices"][1]["text"], expected_text(MARKED, 4));
    let body = json!({"prompt": "the of", "suffix": " a in", "stream": false, "options": {"num_predict": 4}});
    assert_eq!(client.post("/api/generate", &body).json()["response"], expected_text(MARKED, 4));
    // What clients write is text, whatever it spells.
    let body = json!({"prompt": "the<|fim_middle|>", "suffix": " a", "max_tokens": 1});
    let said = client.post("/v1/completions", &body).json();
    let literal = WhitespaceTokenizer::new().encode("<|fim_middle|>", SpecialText::Literal).len();
    assert!(said["usage"]["prompt_tokens"].as_u64().expect("n") as usize >= literal + 4, "{said}");
    for body in
        [json!({"prompt": [1, 2], "suffix": " a"}), json!({"prompt": "the", "suffix": " a", "echo": true})]
    {
        let refused = client.post("/v1/completions", &body);
        assert_eq!((refused.status, refused.error_param().as_deref()), (400, Some("suffix")), "{body}");
    }
}
