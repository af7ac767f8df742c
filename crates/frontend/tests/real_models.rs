//! Chat prompts of the real models, where their files are there.

use std::sync::Arc;

use gollum_backend_toy::{ToyConfig, ToyRunner};
use gollum_core::SamplingParams;
use gollum_engine::{Engine, EngineConfig};
use gollum_frontend::{ChatRequest, Frontend, FrontendParts, GenerateOptions, Message};
use gollum_gguf::Gguf;

/// A frontend with the file's own tokenizer and template, over a toy engine as wide as its vocabulary.
#[allow(clippy::print_stderr)] // how a skipped test says so
fn frontend_of(name: &str) -> Option<Frontend> {
    let models = std::env::var("GOLLUM_TEST_MODELS")
        .unwrap_or_else(|_| format!("{}/../../models", env!("CARGO_MANIFEST_DIR")));
    let path = std::path::Path::new(&models).join(name);
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    }
    let gguf = Gguf::open(&path).expect("a model file");
    let meta = gguf.metadata();
    let tokenizer = gollum_tokenizer::from_gguf(meta).expect("a vocabulary");
    let config = ToyConfig::plain(tokenizer.vocab_size());
    let engine = Engine::start(Box::new(ToyRunner::new(config)), EngineConfig::default()).expect("starts");
    let parts = FrontendParts {
        model_id: name.into(),
        tokenizer: Arc::clone(&tokenizer),
        chat_template: meta.string("tokenizer.chat_template").expect("a string").map(str::to_owned),
        architecture: meta.string("general.architecture").expect("a string").unwrap_or("llama").to_owned(),
        engine,
        default_sampling: SamplingParams::default(),
    };
    Some(Frontend::new(parts).expect("fits"))
}

fn talk() -> ChatRequest {
    let messages = vec![
        Message::new("system", "Be brief."),
        Message::new("user", "Hi!"),
        Message::new("assistant", "Hello."),
        Message::new("user", "2+2?"),
    ];
    ChatRequest::new(messages, GenerateOptions::default())
}

#[test]
fn smollm2_speaks_chatml() {
    let Some(frontend) = frontend_of("SmolLM2-135M-Instruct.Q4_1.gguf") else { return };
    let prompt = frontend.chat_prompt(&talk()).expect("renders");
    assert_eq!(
        prompt.text,
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi!<|im_end|>\n\
         <|im_start|>assistant\nHello.<|im_end|>\n<|im_start|>user\n2+2?<|im_end|>\n<|im_start|>assistant\n"
    );
    let controls = prompt.tokens.iter().filter(|&&t| frontend.tokenizer().is_control(t)).count();
    assert_eq!(controls, 9, "four turns and an opening: {:?}", prompt.tokens);
    assert_eq!(frontend.detokenize(&prompt.tokens), prompt.text);
}

#[test]
fn gemma_has_one_bos_and_turns_of_tokens() {
    let Some(frontend) = frontend_of("gemma-3-270m-Q4_K_M.gguf") else { return };
    let prompt = frontend.chat_prompt(&talk()).expect("renders");
    assert_eq!(
        prompt.text,
        "<bos><start_of_turn>user\nBe brief.\n\nHi!<end_of_turn>\n<start_of_turn>model\nHello.<end_of_turn>\n\
         <start_of_turn>user\n2+2?<end_of_turn>\n<start_of_turn>model\n"
    );
    let bos = frontend.tokenizer().special().bos.expect("gemma has one");
    assert_eq!(prompt.tokens.iter().filter(|&&t| t == bos).count(), 1);
    assert_eq!(prompt.tokens[0], bos);
}
