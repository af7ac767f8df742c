#!/usr/bin/env python3
"""Writes golden/arch/*.json: llama.cpp's logits of the tiny random models in crates/models/tests/tiny/cases.

usage: golden_archs.py OUT_DIR [ARCHITECTURE ...]
needs: python3 -m pip install numpy llama-cpp-python==0.3.36, and cargo

llama.cpp itself reads the files, so it also checks that every tensor is there, named and shaped as it expects, and that
no other is. One thread, f32 KV, no flash attention, the whole sequence in one batch.
"""
import ctypes, json, os, random, subprocess, sys, tempfile
import numpy as np
import llama_cpp as L

TOKENS = 40
# Positions whose logits are kept: the first, the last, and those about window and page edges.
ROWS = [0, 1, 6, 7, 15, 16, 17, 32, 33, 39]
# Of larger vocabularies than this, only the first and the last tokens' logits are kept, this many together.
COLUMNS = 64
HERE = os.path.dirname(os.path.abspath(__file__))


@ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
def log(level, text, _):
    """Errors only."""
    if level == 4:
        sys.stderr.write(text.decode(errors="replace"))


def logits(path, tokens):
    model = L.llama_model_load_from_file(path.encode(), L.llama_model_default_params())
    if not model:
        return None
    p = L.llama_context_default_params()
    p.n_ctx = p.n_batch = p.n_ubatch = 256
    p.n_threads = p.n_threads_batch = 1
    p.type_k = p.type_v = 0
    p.flash_attn_type = 0
    ctx = L.llama_init_from_model(model, p)
    n_vocab = L.llama_vocab_n_tokens(L.llama_model_get_vocab(model))
    b = L.llama_batch_init(len(tokens), 0, 1)
    b.n_tokens = len(tokens)
    for i, t in enumerate(tokens):
        b.token[i], b.pos[i], b.n_seq_id[i], b.logits[i] = t, i, 1, 1
        b.seq_id[i][0] = 0
    assert L.llama_decode(ctx, b) == 0
    rows = np.array([L.llama_get_logits_ith(ctx, i)[:n_vocab] for i in ROWS], dtype=np.float32)
    L.llama_free(ctx)
    L.llama_model_free(model)
    return rows


def write(out, arch, cases):
    with open(os.path.join(out, arch + ".json"), "w") as f:
        f.write('{"generator": "tools/golden_archs.py", "llama_cpp_python": "%s", "cases": [\n' % L.__version__)
        f.write(",\n".join(json.dumps(case) for case in cases))
        f.write("\n]}\n")


def main():
    out, wanted = sys.argv[1], sys.argv[2:]
    L.llama_log_set(log, None)
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        run = ["cargo", "run", "-q", "-p", "gollum-models", "--example", "tiny_models", "--", folder] + wanted
        names = subprocess.run(run, cwd=HERE, check=True, stdout=subprocess.PIPE, text=True).stdout.split("\n")
        by_arch = {}
        for name in filter(None, names):
            rng = random.Random(name)
            tokens = [rng.randrange(29) for _ in range(TOKENS)]
            rows = logits(os.path.join(folder, name + ".gguf"), tokens)
            if rows is None:
                failed.append(name)
                continue
            case = {"name": name, "tokens": tokens, "rows": ROWS}
            n_vocab = rows.shape[1]
            if n_vocab > COLUMNS:
                case["columns"] = list(range(COLUMNS // 2)) + list(range(n_vocab - COLUMNS // 2, n_vocab))
                rows = rows[:, case["columns"]]
            case["llama_cpp"] = [[float("%.8g" % v) for v in row] for row in rows]
            by_arch.setdefault(name.rsplit("-", 1)[0], []).append(case)
        for arch, cases in by_arch.items():
            write(out, arch, cases)
            print(arch, len(cases))
    if failed:
        sys.exit("llama.cpp cannot load: " + ", ".join(failed))


main()
