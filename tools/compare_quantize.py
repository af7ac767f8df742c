#!/usr/bin/env python3
"""`gollum quantize` beside llama.cpp's quantiser: every tensor of the same type and with the same bytes.

    python tools/compare_quantize.py IN.gguf TYPE ... [--gollum bin/gollum]

needs a built gollum; gguf and llama-cpp-python==0.3.36, from PyPI. IN has F32, F16 or BF16 weights.
"""

import argparse
import ctypes
import os
import pathlib
import subprocess
import sys
import tempfile

import gguf
import llama_cpp

# llama.h's numbers of file types. The gguf package cannot read Q2_0.
FILE_TYPES = {"F32": 0, "F16": 1, "Q4_0": 2, "Q4_1": 3, "Q8_0": 7, "Q5_0": 8, "Q5_1": 9, "Q2_K": 10, "Q3_K_S": 11, "Q3_K_M": 12,
              "Q3_K_L": 13, "Q4_K_S": 14, "Q4_K_M": 15, "Q5_K_S": 16, "Q5_K_M": 17, "Q6_K": 18, "IQ4_NL": 25, "IQ4_XS": 30,
              "BF16": 32, "TQ1_0": 36, "TQ2_0": 37, "MXFP4_MOE": 38, "Q1_0": 40}


def by_peer(source, target, kind):
    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype, params.nthread = FILE_TYPES[kind], os.cpu_count()
    if llama_cpp.llama_model_quantize(str(source).encode(), str(target).encode(), ctypes.byref(params)):
        sys.exit(f"llama.cpp cannot quantise to {kind}")


def differences(ours, peers):
    ours = {t.name: t for t in gguf.GGUFReader(ours).tensors}
    peers = {t.name: t for t in gguf.GGUFReader(peers).tensors}
    if ours.keys() != peers.keys():
        yield f"other tensors: {sorted(ours.keys() ^ peers.keys())}"
    for name in sorted(ours.keys() & peers.keys()):
        a, b = ours[name], peers[name]
        if a.tensor_type != b.tensor_type:
            yield f"{name}: {a.tensor_type.name}, llama.cpp has {b.tensor_type.name}"
        elif a.data.tobytes() != b.data.tobytes():
            yield f"{name}: other bytes as {a.tensor_type.name}"


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("source", type=pathlib.Path)
    parser.add_argument("types", nargs="+", choices=FILE_TYPES)
    parser.add_argument("--gollum", default="bin/gollum")
    args = parser.parse_args()
    quiet = llama_cpp.llama_log_callback(lambda level, text, user: None)
    llama_cpp.llama_log_set(quiet, ctypes.c_void_p(0))
    failed = False
    for kind in args.types:
        with tempfile.TemporaryDirectory() as folder:
            ours, peers = pathlib.Path(folder) / "ours.gguf", pathlib.Path(folder) / "peers.gguf"
            subprocess.run([args.gollum, "quantize", args.source, ours, kind], check=True, stdout=subprocess.DEVNULL)
            by_peer(args.source, peers, kind)
            found = list(differences(ours, peers))
        print(f"{kind:10} {'equal' if not found else '; '.join(found[:5])}")
        failed |= bool(found)
    sys.exit(failed)


if __name__ == "__main__":
    main()
