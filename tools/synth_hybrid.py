#!/usr/bin/env python3
"""Writes a GGUF in the shape of Qwen3.5-0.8B, random weights: layers of the gated delta rule beside attention.

    python tools/synth_hybrid.py OUT.gguf [--type Q8_0] [--vocabulary 32768]        needs numpy and gguf, from PyPI

Speed does not depend on the values of weights; what answers say is noise. The vocabulary is the 256 byte symbols and filler.
"""

import argparse

import gguf
import numpy as np
from synth_types import byte_symbols

LAYERS, WIDTH, FFN, HEADS, KV_HEADS, HEAD_DIM, INTERVAL = 24, 1024, 3584, 8, 2, 256, 4
KEY_HEADS, VALUE_HEADS, STATE, TAPS = 16, 16, 128, 4
KEYS, INNER = KEY_HEADS * STATE, VALUE_HEADS * STATE


def tokenizer(writer, size):
    symbols = byte_symbols()
    tokens = symbols + [symbols[ord("t")] + symbols[ord("h")], "<|end|>"]
    types = [1] * 257 + [3]
    tokens += [f"<|filler{i}|>" for i in range(size - len(tokens))]
    types += [3] * (size - len(types))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen35")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges([f"{symbols[ord('t')]} {symbols[ord('h')]}"])
    writer.add_bos_token_id(257)
    writer.add_eos_token_id(257)
    writer.add_add_bos_token(False)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--type", default="Q8_0", choices=["Q8_0", "Q4_0", "F16"])
    parser.add_argument("--vocabulary", type=int, default=32768)
    args = parser.parse_args()
    kind = gguf.GGMLQuantizationType[args.type]
    rng = np.random.default_rng(1)
    pool = rng.standard_normal(1 << 20, dtype=np.float32)
    writer = gguf.GGUFWriter(args.out, "qwen35")
    tokenizer(writer, args.vocabulary)
    arch = "qwen35"
    writer.add_name("synthetic hybrid")
    for key, value in {
        "context_length": 32768, "embedding_length": WIDTH, "block_count": LAYERS, "feed_forward_length": FFN,
        "attention.head_count": HEADS, "attention.head_count_kv": KV_HEADS, "attention.key_length": HEAD_DIM,
        "attention.value_length": HEAD_DIM, "rope.dimension_count": HEAD_DIM // 4, "vocab_size": args.vocabulary,
        "full_attention_interval": INTERVAL, "ssm.conv_kernel": TAPS, "ssm.state_size": STATE,
        "ssm.group_count": KEY_HEADS, "ssm.time_step_rank": VALUE_HEADS, "ssm.inner_size": INNER,
    }.items():
        writer.add_uint32(f"{arch}.{key}", value)
    writer.add_float32(f"{arch}.rope.freq_base", 1e7)
    writer.add_float32(f"{arch}.attention.layer_norm_rms_epsilon", 1e-6)
    writer.add_array(f"{arch}.rope.dimension_sections", [11, 11, 10, 0])

    def matrix(name, rows, cols):
        values = np.resize(pool, rows * cols).reshape(rows, cols) * cols**-0.5
        writer.add_tensor(name, gguf.quants.quantize(values, kind), raw_dtype=kind)

    def vector(name, values):
        writer.add_tensor(name, np.asarray(values, dtype=np.float32))

    matrix("token_embd.weight", args.vocabulary, WIDTH)
    vector("output_norm.weight", np.ones(WIDTH))
    for layer in range(LAYERS):
        p = f"blk.{layer}."
        vector(p + "attn_norm.weight", np.ones(WIDTH))
        vector(p + "post_attention_norm.weight", np.ones(WIDTH))
        if (layer + 1) % INTERVAL:
            matrix(p + "attn_qkv.weight", 2 * KEYS + INNER, WIDTH)
            matrix(p + "attn_gate.weight", INNER, WIDTH)
            matrix(p + "ssm_alpha.weight", VALUE_HEADS, WIDTH)
            matrix(p + "ssm_beta.weight", VALUE_HEADS, WIDTH)
            vector(p + "ssm_conv1d.weight", np.resize(pool, ((2 * KEYS + INNER), TAPS)) * 0.5)
            vector(p + "ssm_a", -np.linspace(0.05, 4, VALUE_HEADS))
            vector(p + "ssm_dt.bias", np.zeros(VALUE_HEADS))
            vector(p + "ssm_norm.weight", np.ones(STATE))
            matrix(p + "ssm_out.weight", WIDTH, INNER)
        else:
            matrix(p + "attn_q.weight", 2 * HEADS * HEAD_DIM, WIDTH)
            matrix(p + "attn_k.weight", KV_HEADS * HEAD_DIM, WIDTH)
            matrix(p + "attn_v.weight", KV_HEADS * HEAD_DIM, WIDTH)
            vector(p + "attn_q_norm.weight", np.ones(HEAD_DIM))
            vector(p + "attn_k_norm.weight", np.ones(HEAD_DIM))
            matrix(p + "attn_output.weight", WIDTH, HEADS * HEAD_DIM)
        matrix(p + "ffn_gate.weight", FFN, WIDTH)
        matrix(p + "ffn_up.weight", FFN, WIDTH)
        matrix(p + "ffn_down.weight", WIDTH, FFN)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main()
