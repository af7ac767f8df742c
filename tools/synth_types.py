#!/usr/bin/env python3
"""Writes a GGUF in the shape of a 1B Llama whose matrices all are random blocks of one type.

    python tools/synth_types.py TYPE OUT.gguf [--layers 16]        needs numpy and gguf, from PyPI

Speed does not depend on the values of weights, so this measures a type for which nobody here has a model, and which takes
an importance matrix or an hour to encode: see versus.py. The vocabulary is the 256 byte symbols and filler.
"""

import argparse

import gguf
import numpy as np
from golden_quant import BYTE_SCALES, F16_FIELDS, put_scale, put_split_scale, sizes

WIDTH, FFN, HEADS, KV_HEADS, HEAD_DIM, VOCABULARY = 2048, 8192, 32, 8, 64, 128256


def byte_symbols():
    """GPT-2's printable stand-ins for the 256 bytes, in byte order."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    stand_ins = iter(range(256, 512))
    return [chr(b if b in printable else next(stand_ins)) for b in range(256)]


def matrix(name, rows, cols, rng):
    """Random blocks with scales of about 0.0005."""
    block_weights, block_bytes = sizes(name)
    blocks = rows * cols // block_weights
    pool = min(blocks, 1 << 14)
    data = rng.integers(0, 256, (pool, block_bytes), np.uint8)
    scales = rng.normal(0, 0.0005, pool * max(1, len(F16_FIELDS[name])))
    if name in BYTE_SCALES:
        data[:, : BYTE_SCALES[name][0]] = {"MXFP4": 117, "NVFP4": 4}[name]
    elif name == "IQ1_M":
        put_split_scale(data.reshape(-1), scales)
    else:
        put_scale(data.reshape(-1), block_bytes, F16_FIELDS[name], scales)
    return np.resize(data, (blocks, block_bytes)).reshape(rows, -1)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("type", choices=sorted(F16_FIELDS))
    parser.add_argument("out")
    parser.add_argument("--layers", type=int, default=16)
    args = parser.parse_args()
    writer = gguf.GGUFWriter(args.out, "llama")
    tokens = byte_symbols() + ["th", "<|end|>"]
    types = [1] * 257 + [3]
    tokens += [f"<|filler{i}|>" for i in range(VOCABULARY - len(tokens))]
    types += [3] * (VOCABULARY - len(types))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges(["t h"])
    writer.add_bos_token_id(257)
    writer.add_eos_token_id(257)
    writer.add_name(f"synthetic 1B {args.type}")
    writer.add_context_length(131072)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(args.layers)
    writer.add_feed_forward_length(FFN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_rope_dimension_count(HEAD_DIM)
    writer.add_rope_freq_base(500000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(VOCABULARY)
    rng = np.random.default_rng(1)
    kind = gguf.GGMLQuantizationType[args.type]

    def add(name, rows, cols):
        writer.add_tensor(name, matrix(args.type, rows, cols, rng), raw_dtype=kind)

    add("token_embd.weight", VOCABULARY, WIDTH)
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    for layer in range(args.layers):
        block = f"blk.{layer}."
        add(block + "attn_q.weight", HEADS * HEAD_DIM, WIDTH)
        add(block + "attn_k.weight", KV_HEADS * HEAD_DIM, WIDTH)
        add(block + "attn_v.weight", KV_HEADS * HEAD_DIM, WIDTH)
        add(block + "attn_output.weight", WIDTH, HEADS * HEAD_DIM)
        add(block + "ffn_gate.weight", FFN, WIDTH)
        add(block + "ffn_up.weight", FFN, WIDTH)
        add(block + "ffn_down.weight", WIDTH, FFN)
        for norm in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"{block}{norm}.weight", np.ones(WIDTH, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main()
