//! Small words that several dialects spell alike: the text of a token, why an answer ended.

use gollum_core::{FinishReason, TokenId};
use gollum_frontend::Frontend;

/// The text of a token; `bytes:\xf0\x9f`, as OpenAI writes it, for one that is not whole characters.
pub fn spell(frontend: &Frontend, token: TokenId) -> String {
    let bytes = frontend.tokenizer().token_bytes(token);
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            let escaped = bytes.iter().map(|byte| format!("\\x{byte:02x}"));
            std::iter::once("bytes:".to_owned()).chain(escaped).collect()
        }
    }
}

/// OpenAI's word for why an answer ended.
pub fn finish_reason(reason: FinishReason) -> &'static str {
    match reason {
        FinishReason::Stop => "stop",
        FinishReason::Length => "length",
        FinishReason::Aborted => "abort",
    }
}
