#!/usr/bin/env python3
"""Writes golden/quant/<format>.json: rows of block bytes and the weights that the `gguf` package decodes from them.

    python tools/golden_quant.py [golden/quant]        needs numpy and gguf, from PyPI

Each file holds three rows of blocks:
  "random"     random bytes with ordinary scales: every bit field holds every kind of value
  "extreme"    block 0: all other bytes 0xff and the largest f16 scale; block 1: a negative denormal scale
  "quantised"  a Gaussian row as `gguf.quants.quantize` packs it, with its source; only where the package has
               an encoder, else random bytes once more
The seed is fixed, so the files change only with the package or with this tool.
"""

import json
import pathlib
import sys
from importlib.metadata import version

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, quants

# Byte offsets of the f16 fields (scales and minima) of each format; other bytes may hold anything.
F16_FIELDS = {
    "F16": [0],
    "BF16": [],
    "Q4_0": [0],
    "Q4_1": [0, 2],
    "Q5_0": [0],
    "Q5_1": [0, 2],
    "Q8_0": [0],
    "Q2_K": [80, 82],
    "Q3_K": [108],
    "Q4_K": [0, 2],
    "Q5_K": [0, 2],
    "Q6_K": [208],
    "IQ4_NL": [0],
    "IQ4_XS": [0],
}
ENCODERS = {"F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0"}


def put_scale(row, block_bytes, fields, scales):
    """Overwrites the f16 fields of all blocks of `row` with `scales`, in order."""
    blocks = row.reshape(-1, block_bytes)
    it = iter(np.asarray(scales, np.float16))
    for block in blocks:
        for at in fields:
            block[at : at + 2] = np.frombuffer(next(it).tobytes(), np.uint8)


def rows_of(name, rng):
    kind = GGMLQuantizationType[name]
    block_weights, block_bytes = GGML_QUANT_SIZES[kind]
    blocks = 2 if block_weights > 1 else 16
    fields, count = F16_FIELDS[name], len(F16_FIELDS[name]) * blocks

    def random_row():
        row = rng.integers(0, 256, blocks * block_bytes, np.uint8)
        if name == "BF16":  # keeps the exponent away from NaN and infinity
            row[1::2] &= 0xBF
        put_scale(row, block_bytes, fields, rng.normal(0, 0.02, count))
        return row

    yield "random", random_row(), None
    row = np.full(blocks * block_bytes, 0xFF, np.uint8)
    if name == "BF16":
        row[1::2] = 0x7E
    half = count // 2
    put_scale(row, block_bytes, fields, [65504.0] * half + [-5.9604645e-08] * (count - half))
    yield "extreme", row, None
    if name in ENCODERS:
        source = rng.normal(0, 1, blocks * block_weights).astype(np.float32)
        yield "quantised", quants.quantize(source, kind).view(np.uint8), source
    else:
        yield "random", random_row(), None


def bits(values):
    """Big-endian hex of the f32 bit patterns, eight digits each."""
    return np.ascontiguousarray(values, np.float32).view(np.uint32).astype(">u4").tobytes().hex()


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "golden/quant")
    folder.mkdir(parents=True, exist_ok=True)
    for seed, name in enumerate(F16_FIELDS):
        rng = np.random.default_rng(seed)
        rows = []
        for what, row, source in rows_of(name, rng):
            decoded = quants.dequantize(row, GGMLQuantizationType[name]).ravel()
            assert np.isfinite(decoded).all(), (name, what)
            entry = {"what": what, "bytes": row.tobytes().hex(), "weights": bits(decoded)}
            if source is not None:
                entry["source"] = bits(source)
            rows.append(entry)
        header = {"generator": "tools/golden_quant.py", "expected_by": f"gguf {version('gguf')} (PyPI), gguf.quants"}
        text = json.dumps({**header, "format": name, "rows": rows}, indent=1)
        (folder / f"{name.lower()}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
