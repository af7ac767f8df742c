//! Spark X2.5: GELU-gated feed-forwards, a gate on each head that was attended, an array that says which layers have a
//! window, heads by the layer.
//! Source: the metadata keys and tensor names of llama.cpp's loader. Golden: `golden/arch/spark2_5.json`.

use gollum_kernels::Activation;

use super::{Architecture, Attention, Branch, Ffn, GateOver, OutputGate, Period, Span, Windows};

/// See the file's head.
pub const SPARK2_5: Architecture = Architecture {
    gguf_name: "spark2_5",
    models: "Spark X2.5",
    kinds: &[&[
        Branch::attention(Attention {
            gate: OutputGate::Own(Activation::Sigmoid, GateOver::Head),
            ..Attention::GQA
        }),
        Branch::ffn(Ffn::GEGLU),
    ]],
    windows: Windows { span: Span::Key, period: Period::Given, ..Windows::FULL },
    ..Architecture::DECODER
};
