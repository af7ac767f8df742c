#!/usr/bin/env python3
"""Writes golden/quant/<format>.json: rows of block bytes and the weights that the `gguf` package decodes from them.

    python tools/golden_quant.py [golden/quant]        needs numpy and gguf, from PyPI

Each file holds three rows of blocks:
  "random"     random bytes with ordinary scales: every bit field holds every kind of value
  "extreme"    all other bytes 0xff; the largest f16 as scale in the first half, a negative denormal in the second
  "quantised"  a Gaussian row as `gguf.quants.quantize` packs it, with its source; only where the package has
               an encoder
  "minima"     in its place for the others: random bytes, minima (if any) large beside the scales
Beside the weights stands "dots": the dots of the row's first block, first two blocks and so on, with the values
of `activations()` (set 0 first, then set 1, ...), in the arithmetic that crates/quant/src/lib.rs writes down.
Integers come from the package too (by decoding with scales of one), so that nothing here unpacks a bit field.
The seed is fixed, so the files change only with the package or with this tool.
"""

import json
import pathlib
import sys
from fractions import Fraction
from importlib.metadata import version

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, quants

# Byte offsets of the f16 fields (scales and minima) of each format, scale first; other bytes may hold anything.
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
    blocks = {1: 16, 32: 8, 256: 2}[block_weights]
    fields, count = F16_FIELDS[name], len(F16_FIELDS[name]) * blocks

    def random_row(min_factor=1):
        row = rng.integers(0, 256, blocks * block_bytes, np.uint8)
        if name == "BF16":  # keeps the exponent away from NaN and infinity
            row[1::2] &= 0xBF
        factors = np.resize([1, min_factor][: len(fields)], count)
        put_scale(row, block_bytes, fields, rng.normal(0, 0.02, count) * factors)
        return row

    yield "random", random_row(), None
    row = np.full(blocks * block_bytes, 0xFF, np.uint8)
    if name == "BF16":
        row[1::2] = 0x6E  # large, and a dot of them still is finite
    half = count // 2
    put_scale(row, block_bytes, fields, [65504.0] * half + [-5.9604645e-08] * (count - half))
    yield "extreme", row, None
    if name in ENCODERS:
        source = rng.normal(0, 1, blocks * block_weights).astype(np.float32)
        yield "quantised", quants.quantize(source, kind).view(np.uint8), source
    else:
        yield "minima", random_row(min_factor=64), None


ACTIVATION_SETS = 4


def activations(count, which):
    """Of both signs, with full mantissas; smaller in each block of 32, so that no sum swallows an early rounding,
    and mostly positive, so that minima count."""
    i = np.arange(count, dtype=np.int64)
    j = i + 1000 * which
    return (((j * j * 29 + j * 7) % 257 - 64) * (17 - i // 32)).astype(np.float32) / np.float32(61)


def fma(a, b, c):
    """One rounding of a * b + c to f32, ties to even."""
    exact = Fraction(float(a)) * Fraction(float(b)) + Fraction(float(c))
    near = np.float32(float(exact))  # rounded twice, so at most one step off
    steps = [near, np.nextafter(near, np.float32(np.inf)), np.nextafter(near, np.float32(-np.inf))]
    return min(steps, key=lambda f: (abs(Fraction(float(f)) - exact), int(f.view(np.uint32)) & 1))


def decoded_with(name, row, first, second=0.0, fill=()):
    """Integer weights: the row decoded with its f16 fields set to `first` and `second`, its quants to `fill`."""
    kind = GGMLQuantizationType[name]
    _, block_bytes = GGML_QUANT_SIZES[kind]
    row = row.copy()
    for start, end, value in fill:
        row.reshape(-1, block_bytes)[:, start:end] = value
    fields = F16_FIELDS[name]
    put_scale(row, block_bytes, fields, [first, second][: len(fields)] * (row.size // block_bytes))
    return quants.dequantize(row, kind).ravel().astype(np.int64)


# Ranges of bytes, and what they must hold for each quant to be one: what is then decoded are the sub-scales.
ALL_ONE = {
    "Q2_K": [(16, 80, 0x55)],
    "Q3_K": [(0, 32, 0xFF), (32, 96, 0x55)],
    "Q4_K": [(16, 144, 0x11)],
    "Q5_K": [(16, 48, 0x00), (48, 176, 0x11)],
    "Q6_K": [(0, 128, 0x11), (128, 192, 0xAA)],
    "IQ4_XS": [(8, 136, 0x88)],
}
HALVES = {"Q2_K", "Q3_K", "Q6_K"}


def dots(name, row, decoded, which):
    """The accumulator after each block."""
    kept = []
    x = activations(decoded.size, which)
    acc, f32 = np.float32(0), np.float32
    if name in ("F16", "BF16"):
        for w, a in zip(decoded, x):
            acc = fma(w, a, acc)
            kept.append(acc)
        return kept
    block_weights, block_bytes = GGML_QUANT_SIZES[GGMLQuantizationType[name]]
    fields = F16_FIELDS[name]
    whole = decoded_with(name, row, 1.0)  # sub-scale * quant
    sub = decoded_with(name, row, 1.0, fill=ALL_ONE[name]) if name in ALL_ONE else np.ones_like(whole)
    sub_min = -decoded_with(name, row, 0.0, 1.0) if len(fields) == 2 else None
    for k in range(decoded.size // 32):
        at = slice(32 * k, 32 * k + 32)
        amax = abs(x[at]).max()
        q = np.rint(x[at] * (f32(127) / amax)).astype(np.int64)
        d_a = amax / f32(127)
        block = row.reshape(-1, block_bytes)[32 * k // block_weights]
        d, dmin = (block[f : f + 2].copy().view(np.float16).astype(np.float32)[0] for f in (fields * 2)[:2])
        if name in HALVES:
            part = f32(0)
            halves = [slice(32 * k + 16 * h, 32 * k + 16 * h + 16) for h in range(2)]
            codes = [q[:16], q[16:]]
            for h, (half, code) in enumerate(zip(halves, codes)):
                scale = sub[half][0]
                idot = f32(int((whole[half] * code).sum()) // int(scale) if scale else 0)
                part = fma(idot, d * f32(scale), part) if h else idot * (d * f32(scale))
            if sub_min is not None:
                for half, code in zip(halves, codes):
                    part = fma(-(dmin * f32(sub_min[half][0])), f32(code.sum()), part)
            acc = fma(part, d_a, acc)
        else:
            scale = sub[at][0]
            idot = int((whole[at] * q).sum()) // int(scale) if scale else 0
            acc = fma(f32(idot), d * f32(scale) * d_a, acc)
            if name in ("Q4_1", "Q5_1"):
                acc = fma(dmin, d_a * f32(q.sum()), acc)
            elif sub_min is not None:
                acc = fma(-(dmin * f32(sub_min[at][0])), d_a * f32(q.sum()), acc)
        if (32 * k + 32) % block_weights == 0:
            kept.append(acc)
    return kept


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
            entry["dots"] = bits(sum((dots(name, row, decoded, a) for a in range(ACTIVATION_SETS)), []))
            if source is not None:
                entry["source"] = bits(source)
            rows.append(entry)
        header = {"generator": "tools/golden_quant.py", "expected_by": f"gguf {version('gguf')} (PyPI), gguf.quants"}
        text = json.dumps({**header, "format": name, "rows": rows}, indent=1)
        (folder / f"{name.lower()}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
