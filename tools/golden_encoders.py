#!/usr/bin/env python3
"""Writes golden/embed/*.json: llama.cpp's embeddings by the tiny random encoders, and the causal models that embed, in
crates/models/tests/tiny/cases.

usage: golden_encoders.py OUT_DIR
needs: python3 -m pip install numpy llama-cpp-python==0.3.36, and cargo

llama.cpp itself reads the files, so it also checks that every tensor is there, named and shaped as it expects, and that
no other is. One thread, no flash attention, the whole input in one batch; each pooling that the file has tensors for.
"""
import ctypes, json, os, random, subprocess, sys, tempfile
import numpy as np
import llama_cpp as L

TOKENS = 40
# Positions whose rows are kept with no pooling.
ROWS = [0, 1, 6, 7, 15, 16, 17, 32, 33, 39]
POOLINGS = {"none": 0, "mean": 1, "cls": 2, "last": 3}
HERE = os.path.dirname(os.path.abspath(__file__))


@ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
def log(level, text, _):
    """Errors only."""
    if level == 4:
        sys.stderr.write(text.decode(errors="replace"))


def classes(model):
    return L.llama_model_n_cls_out(model)


def embeddings(model, tokens, pooling, width):
    p = L.llama_context_default_params()
    p.n_ctx = p.n_batch = p.n_ubatch = 256
    p.n_threads = p.n_threads_batch = 1
    p.type_k = p.type_v = 0
    p.flash_attn_type = 0
    p.embeddings = True
    p.pooling_type = pooling
    ctx = L.llama_init_from_model(model, p)
    b = L.llama_batch_init(len(tokens), 0, 1)
    b.n_tokens = len(tokens)
    for i, t in enumerate(tokens):
        b.token[i], b.pos[i], b.n_seq_id[i], b.logits[i] = t, i, 1, 1
        b.seq_id[i][0] = 0
    assert L.llama_decode(ctx, b) == 0
    if pooling == 0:
        rows = [L.llama_get_embeddings_ith(ctx, i)[:width] for i in ROWS]
    else:
        rows = [L.llama_get_embeddings_seq(ctx, 0)[:width]]
    rows = np.array(rows, dtype=np.float32)
    L.llama_free(ctx)
    return [[float("%.8g" % v) for v in row] for row in rows]


def case_of(path, name):
    model = L.llama_model_load_from_file(path.encode(), L.llama_model_default_params())
    if not model:
        return None
    rng = random.Random(name)
    tokens = [rng.randrange(29) for _ in range(TOKENS)]
    width = L.llama_model_n_embd(model)
    found = {k: embeddings(model, tokens, v, width) for k, v in POOLINGS.items()}
    with open(path, "rb") as f:
        if b"cls.output.weight" in f.read():
            found["rank"] = embeddings(model, tokens, 4, classes(model))
    L.llama_model_free(model)
    return {"name": name, "tokens": tokens, "rows": ROWS, "llama_cpp": found}


def write(out, arch, cases):
    with open(os.path.join(out, arch + ".json"), "w") as f:
        f.write('{"generator": "tools/golden_encoders.py", "llama_cpp_python": "%s", "cases": [\n' % L.__version__)
        f.write(",\n".join(json.dumps(case) for case in cases))
        f.write("\n]}\n")


def main():
    out = sys.argv[1]
    os.makedirs(out, exist_ok=True)
    L.llama_log_set(log, None)
    failed = []
    for kind in ("encoders", "causal-embedders"):
        by_file = {}
        with tempfile.TemporaryDirectory() as folder:
            run = ["cargo", "run", "-q", "-p", "gollum-models", "--example", "tiny_models", "--", folder, kind]
            names = subprocess.run(run, cwd=HERE, check=True, stdout=subprocess.PIPE, text=True).stdout.split("\n")
            for name in filter(None, names):
                case = case_of(os.path.join(folder, name + ".gguf"), name)
                if case is None:
                    failed.append(name)
                else:
                    file = name.rsplit("-", 1)[0] if kind == "encoders" else "causal"
                    by_file.setdefault(file, []).append(case)
        for file, cases in by_file.items():
            write(out, file, cases)
            print(file, len(cases))
    if failed:
        sys.exit("llama.cpp cannot load: " + ", ".join(failed))


main()
