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
The package does not know Q1_0 and Q2_0; `decode_plain` below does.
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
    "MXFP4": [],
    "NVFP4": [],
    "IQ2_XXS": [0],
    "IQ2_XS": [0],
    "IQ2_S": [0],
    "IQ3_XXS": [0],
    "IQ3_S": [0],
    "IQ1_S": [0],
    "IQ1_M": [],
    "TQ1_0": [52],
    "TQ2_0": [64],
    "Q1_0": [0],
    "Q2_0": [0],
}
# Formats that are not in the package: weights and bytes of a block.
PLAIN = {"Q1_0": (128, 18), "Q2_0": (64, 18)}
# Formats whose scale is not an f16 in one place. Bytes of other scales, and what to draw them from.
BYTE_SCALES = {"MXFP4": (1, 100, 135), "NVFP4": (4, 1, 127)}
ENCODERS = {"F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "MXFP4", "TQ1_0", "TQ2_0"}


def sizes(name):
    return PLAIN.get(name) or GGML_QUANT_SIZES[GGMLQuantizationType[name]]


def decode_plain(name, row):
    """One f16 scale, then codes of one or two bits, lowest bits first."""
    _, block_bytes = PLAIN[name]
    blocks = row.reshape(-1, block_bytes)
    d = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    width = {"Q1_0": 1, "Q2_0": 2}[name]
    shifts = np.arange(0, 8, width, dtype=np.uint8)
    codes = (blocks[:, 2:, None] >> shifts & (2**width - 1)).reshape(len(blocks), -1).astype(np.float32)
    return (d * (2 * codes - 1 if width == 1 else codes - 1)).ravel()


def decode(name, row):
    return decode_plain(name, row) if name in PLAIN else quants.dequantize(row, GGMLQuantizationType[name]).ravel()


def put_split_scale(row, scales):
    """IQ1_M keeps the four nibbles of its scale on top of four words of 16 bits, the lowest first."""
    words = row.reshape(-1, 56)[:, 48:].copy().view(np.uint16)
    bits = np.asarray(scales, np.float16).view(np.uint16)
    for j in range(4):
        words[:, j] = words[:, j] & 0x0FFF | (bits >> (4 * j) & 15) << 12
    row.reshape(-1, 56)[:, 48:] = words.view(np.uint8)


def put_scale(row, block_bytes, fields, scales):
    """Overwrites the f16 fields of all blocks of `row` with `scales`, in order."""
    blocks = row.reshape(-1, block_bytes)
    it = iter(np.asarray(scales, np.float16))
    for block in blocks:
        for at in fields:
            block[at : at + 2] = np.frombuffer(next(it).tobytes(), np.uint8)


def rows_of(name, rng):
    block_weights, block_bytes = sizes(name)
    blocks = {1: 16, 32: 8, 64: 4, 128: 2, 256: 2}[block_weights]
    fields, count = F16_FIELDS[name], len(F16_FIELDS[name]) * blocks

    def random_row(min_factor=1):
        row = rng.integers(0, 256, blocks * block_bytes, np.uint8)
        if name == "BF16":  # keeps the exponent away from NaN and infinity
            row[1::2] &= 0xBF
        factors = np.resize([1, min_factor][: len(fields)], count)
        put_scale(row, block_bytes, fields, rng.normal(0, 0.02, count) * factors)
        if name in BYTE_SCALES:
            scale_bytes, low, high = BYTE_SCALES[name]
            row.reshape(-1, block_bytes)[:, :scale_bytes] = rng.integers(low, high, (blocks, scale_bytes), np.uint8)
        if name == "IQ1_M":
            put_split_scale(row, rng.normal(0, 0.02, blocks))
        return row

    yield "random", random_row(), None
    row = np.full(blocks * block_bytes, 0xFF, np.uint8)
    if name == "BF16":
        row[1::2] = 0x6E  # large, and a dot of them still is finite
    half = count // 2
    put_scale(row, block_bytes, fields, [65504.0] * half + [-5.9604645e-08] * (count - half))
    if name == "IQ1_M":
        put_split_scale(row, [65504.0, -5.9604645e-08])
    if name == "MXFP4":  # the largest that does not overflow, then both denormal ones; the codes are -12
        row[::block_bytes] = [240] * 4 + [0, 1] * 2
    if name == "NVFP4":  # the largest, one that counts as zero, both kinds of denormal one
        row.reshape(-1, block_bytes)[:, :4] = [0xFF, 0x7F, 0x01, 0x87]
    yield "extreme", row, None
    if name in ENCODERS:
        source = rng.normal(0, 1, blocks * block_weights).astype(np.float32)
        yield "quantised", quants.quantize(source, GGMLQuantizationType[name]).view(np.uint8), source
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
    _, block_bytes = sizes(name)
    row = row.copy()
    for start, end, value in fill:
        row.reshape(-1, block_bytes)[:, start:end] = value
    fields = F16_FIELDS[name]
    put_scale(row, block_bytes, fields, [first, second][: len(fields)] * (row.size // block_bytes))
    return decode(name, row).astype(np.int64)


# For the formats with grids: one over their unit, the AND mask of a block's bytes that leaves row 0 of the grid everywhere
# and no shift, and the integer that stands in row 0.
GRIDS = {
    "IQ2_XXS": (8, [255] * 2 + ([0] * 4 + [255] * 4) * 8, 8),
    "IQ2_XS": (8, [255] * 2 + [0, 254] * 32 + [255] * 8, 8),
    "IQ2_S": (8, [255] * 2 + [0] * 32 + [255] * 32 + [0] * 8 + [255] * 8, 8),
    "IQ3_XXS": (4, [255] * 2 + [0] * 64 + [255] * 32, 4),
    "IQ3_S": (1, [255] * 2 + [0] * 72 + [255] * 36, 1),
    "IQ1_S": (8, [255] * 2 + [0] * 32 + [0, 0x70] * 8, 7),
    "IQ1_M": (8, [0] * 48 + [255] * 8, 7),
}


def opened(name, row):
    """Integer weights of a format without minimum, and the f32 scale of each."""
    _, block_bytes = sizes(name)
    blocks = row.copy().reshape(-1, block_bytes)
    if name in BYTE_SCALES:
        scale_bytes, _, _ = BYTE_SCALES[name]
        ones = blocks.copy()
        ones[:, scale_bytes:] = 0x11
        scales = decode(name, ones.ravel())
        blocks[:, :scale_bytes] = {"MXFP4": 128, "NVFP4": 0x40}[name]
        return decode(name, blocks.ravel()).astype(np.int64), scales
    if name not in GRIDS:
        weights = decode(name, row)
        (field,) = F16_FIELDS[name]
        d = blocks[:, field : field + 2].copy().view(np.float16).astype(np.float32).ravel()
        return decoded_with(name, row, 1.0), np.repeat(d, weights.size // d.size)
    per_unit, mask, in_row_0 = GRIDS[name]
    if name == "IQ1_M":
        words = blocks[:, 48:].copy().view(np.uint16) >> 12
        d = (words << np.uint16([0, 4, 8, 12])).sum(axis=1, dtype=np.uint16).view(np.float16).astype(np.float32)
        put_split_scale(blocks.reshape(-1), [per_unit] * len(blocks))
    else:
        d = blocks[:, :2].copy().view(np.float16).astype(np.float32).ravel()
        put_scale(blocks.reshape(-1), block_bytes, [0], [per_unit] * len(blocks))
    steps = abs(decode(name, (blocks & np.uint8(mask)).ravel()).astype(np.int64)) // in_row_0
    whole = decode(name, blocks.ravel()).astype(np.int64)
    assert (whole % steps == 0).all()
    return whole // steps, np.repeat(d, 256) * (steps.astype(np.float32) / np.float32(per_unit))


def dots_of_opened(name, row, which):
    """The accumulator after each block, for formats without minimum: one or two scales per K-block."""
    kept, acc, f32 = [], np.float32(0), np.float32
    codes, scales = opened(name, row)
    x = activations(codes.size, which)
    block_weights, _ = sizes(name)
    for k in range(codes.size // 32):
        at = slice(32 * k, 32 * k + 32)
        amax = abs(x[at]).max()
        q, d_a = np.rint(x[at] * (f32(127) / amax)).astype(np.int64), amax / f32(127)
        first, second = (codes[at] * q)[:16].sum(), (codes[at] * q)[16:].sum()
        if name in HALVES:
            part = fma(f32(int(second)), scales[at][16], f32(int(first)) * scales[at][0])
            acc = fma(part, d_a, acc)
        else:
            acc = fma(f32(int(first + second)), scales[at][0] * d_a, acc)
        if (32 * k + 32) % block_weights == 0:
            kept.append(acc)
    return kept


# Ranges of bytes, and what they must hold for each quant to be one: what is then decoded are the sub-scales.
ALL_ONE = {
    "Q2_K": [(16, 80, 0x55)],
    "Q3_K": [(0, 32, 0xFF), (32, 96, 0x55)],
    "Q4_K": [(16, 144, 0x11)],
    "Q5_K": [(16, 48, 0x00), (48, 176, 0x11)],
    "Q6_K": [(0, 128, 0x11), (128, 192, 0xAA)],
    "IQ4_XS": [(8, 136, 0x88)],
}
HALVES = {"Q2_K", "Q3_K", "Q6_K", "NVFP4", "IQ1_M", "IQ2_XS", "IQ2_S"}


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
    if name in GRIDS or name in BYTE_SCALES or name in PLAIN or name in ("TQ1_0", "TQ2_0"):
        return dots_of_opened(name, row, which)
    block_weights, block_bytes = sizes(name)
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
            decoded = decode(name, row)
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
