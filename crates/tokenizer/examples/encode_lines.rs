//! Tokenises lines, for `tools/compare_tokenizer.py`.
//!
//! ```text
//! encode_lines MODEL.gguf            stdin: {"text": "..", "parse": true} per line
//!                                    stdout: {"ids": [..], "bytes": "hex of decode(ids)"} per line
//! encode_lines MODEL.gguf --pieces   stdout: the hex of each token's bytes, a line per id
//! ```
#![allow(clippy::print_stdout)]

use std::{
    error::Error,
    fmt::Write as _,
    io::{BufRead, Write as _},
};

use gollum_tokenizer::{SpecialText, Tokenizer};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let path = args.next().ok_or("usage: encode_lines MODEL.gguf [--pieces]")?;
    let gguf = gollum_gguf::Gguf::open(path.as_ref())?;
    let tokenizer = gollum_tokenizer::from_gguf(gguf.metadata())?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if args.next().as_deref() == Some("--pieces") {
        for id in 0..tokenizer.vocab_size() {
            writeln!(out, "{}", hex(tokenizer.token_bytes(id as u32)))?;
        }
        return Ok(());
    }
    for line in std::io::stdin().lock().lines() {
        writeln!(out, "{}", answer(&*tokenizer, &line?)?)?;
    }
    Ok(())
}

fn answer(tokenizer: &dyn Tokenizer, line: &str) -> Result<serde_json::Value, Box<dyn Error>> {
    let question: serde_json::Value = serde_json::from_str(line)?;
    let text = question["text"].as_str().ok_or("no text")?;
    let special =
        if question["parse"].as_bool() == Some(true) { SpecialText::Parse } else { SpecialText::Literal };
    let ids = tokenizer.encode(text, special);
    Ok(serde_json::json!({ "ids": ids, "bytes": hex(&tokenizer.decode(&ids)) }))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
