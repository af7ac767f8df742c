#!/usr/bin/env python3
"""Writes golden/embed/minilm.json: llama.cpp's tokens and embeddings of a few sentences by all-MiniLM-L6-v2 in F32.

usage: golden_minilm.py MODEL.gguf OUT.json         MODEL as `scripts/fetch_models.py minilm` brings it
needs: python3 -m pip install numpy llama-cpp-python==0.3.36

Embeddings are the mean of all rows at length 1; one thread, no flash attention.
"""
import ctypes, json, sys
import numpy as np
import llama_cpp as L

SENTENCES = [
    "The quick brown fox jumps over the lazy dog.",
    "A fast, dark-coloured fox leaps above a sleepy hound!",
    "Rust's borrow checker rejects aliasing of mutable references.",
    "Die Straße ist heute naß, und der Kaffee kostet 3,50 €.",
    "今日は天気がいいです。",
    "café naïve coöperate ÀÉÎÕÜ",
    "unbelievably hyperparameterization of antidisestablishmentarianism",
    "x",
    "How many pages does the key-value cache of a model with twenty-eight layers need, if each token takes one hundred and "
    "twelve kibibytes, and sixteen conversations of four thousand tokens each are to be kept at the same time without any "
    "of them ever being computed a second time? " * 3,
]


@ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
def log(level, text, _):
    """Errors only."""
    if level == 4:
        sys.stderr.write(text.decode(errors="replace"))


def main():
    path, out = sys.argv[1:]
    L.llama_log_set(log, None)
    model = L.llama_model_load_from_file(path.encode(), L.llama_model_default_params())
    vocab, width = L.llama_model_get_vocab(model), L.llama_model_n_embd(model)
    cases = []
    for text in SENTENCES:
        data, room = text.encode(), (L.llama_token * 512)()
        count = L.llama_tokenize(vocab, data, len(data), room, 512, True, True)
        p = L.llama_context_default_params()
        p.n_ctx = p.n_batch = p.n_ubatch = 512
        p.n_threads = p.n_threads_batch = 1
        p.flash_attn_type = 0
        p.embeddings, p.pooling_type = True, 1
        ctx = L.llama_init_from_model(model, p)
        b = L.llama_batch_init(count, 0, 1)
        b.n_tokens = count
        for i in range(count):
            b.token[i], b.pos[i], b.n_seq_id[i], b.logits[i] = room[i], i, 1, 1
            b.seq_id[i][0] = 0
        assert L.llama_decode(ctx, b) == 0
        row = np.array(L.llama_get_embeddings_seq(ctx, 0)[:width], dtype=np.float64)
        row /= np.linalg.norm(row)
        cases.append({"text": text, "tokens": list(room[:count]), "embedding": [float("%.6g" % v) for v in row]})
        L.llama_batch_free(b)
        L.llama_free(ctx)
    with open(out, "w") as f:
        f.write('{"generator": "tools/golden_minilm.py", "llama_cpp_python": "%s", "cases": [\n' % L.__version__)
        f.write(",\n".join(json.dumps(case, ensure_ascii=False) for case in cases))
        f.write("\n]}\n")


main()
