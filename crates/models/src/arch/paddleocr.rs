//! PaddleOCR-VL, the text half: ERNIE 4.5 with halves paired. The three positions of its rotation are one and the
//! same in text.
//!
//! Source: PaddleOCR-VL report 2025; HF `PaddleOCRVLForConditionalGeneration`. Golden:
//! `golden/arch/paddleocr.json`.

use super::Architecture;

/// See the file's head.
pub const PADDLEOCR: Architecture =
    Architecture { gguf_name: "paddleocr", models: "PaddleOCR-VL (text)", ..Architecture::DECODER };
