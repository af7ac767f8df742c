#!/usr/bin/env python3
"""Writes golden/encode/<format>.json: rows as llama.cpp encodes them without an importance matrix.

    python tools/golden_encode.py [golden/encode]        needs numpy, gguf and llama-cpp-python==0.3.36, from PyPI

`sources.json` holds the rows as f32 bit patterns, eight hexadecimal digits each; a format's file the bytes of each. The
seed is fixed, so the files change only with the package or with this tool.
"""

import ctypes
import json
import pathlib
import sys
from importlib.metadata import version

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

FORMATS = ["F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS",
           "MXFP4", "TQ1_0", "TQ2_0", "Q1_0", "Q2_0"]
TYPES = {"F16": (1, 1, 2), "BF16": (30, 1, 2), "Q1_0": (41, 128, 18), "Q2_0": (42, 64, 18)}
WEIGHTS = 512


def sources():
    rng = np.random.default_rng(7)
    normal = rng.normal(0, 0.02, WEIGHTS)
    yield "normal", normal
    heavy = rng.standard_t(3, WEIGHTS) * 0.05
    yield "heavy tails", heavy
    yield "one-sided", abs(rng.normal(0.1, 0.3, WEIGHTS)) + 0.05
    mixed = rng.normal(0, 1, WEIGHTS) * 10.0 ** rng.integers(-4, 2, WEIGHTS)
    mixed[32:64] = 0
    mixed[100:116] = 0.25
    mixed[256:512] *= np.repeat(10.0 ** np.arange(-8, 8), 16)
    yield "magnitudes, zeros and constants", mixed
    yield "zeros", np.zeros(WEIGHTS)
    yield "few values", rng.choice([-0.5, 0.0, 0.5, 1.0], WEIGHTS)
    yield "tiny", rng.normal(0, 1, WEIGHTS) * np.repeat([1e-17, 1e-12], WEIGHTS // 2)


def encoder():
    import llama_cpp

    folder = pathlib.Path(llama_cpp.__file__).parent / "lib"
    library = ctypes.CDLL(str(next(p for p in folder.iterdir() if "ggml-base" in p.name)))
    encode = library.ggml_quantize_chunk
    encode.restype = ctypes.c_size_t
    encode.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p] + [ctypes.c_int64] * 3 + [ctypes.c_void_p]
    return encode


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "golden/encode")
    folder.mkdir(parents=True, exist_ok=True)
    header = {"generator": "tools/golden_encode.py"}
    rows = [(what, np.ascontiguousarray(row, np.float32)) for what, row in sources()]
    listed = [{"what": what, "source": row.view(np.uint32).astype(">u4").tobytes().hex()} for what, row in rows]
    (folder / "sources.json").write_text(json.dumps({**header, "rows": listed}, indent=1) + "\n")
    encode = encoder()
    header["expected_by"] = f"llama-cpp-python {version('llama-cpp-python')} (PyPI), ggml_quantize_chunk"
    for name in FORMATS:
        if name in TYPES:
            number, block_weights, block_bytes = TYPES[name]
        else:
            number = GGMLQuantizationType[name].value
            block_weights, block_bytes = GGML_QUANT_SIZES[GGMLQuantizationType[name]]
        encoded = []
        for what, row in rows:
            out = np.zeros(WEIGHTS // block_weights * block_bytes, np.uint8)
            written = encode(number, row.ctypes.data, out.ctypes.data, 0, 1, WEIGHTS, None)
            assert written == out.size, (name, written)
            encoded.append({"what": what, "bytes": out.tobytes().hex()})
        text = json.dumps({**header, "format": name, "rows": encoded}, indent=1)
        (folder / f"{name.lower()}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
