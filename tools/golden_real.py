#!/usr/bin/env python3
"""Writes golden/models/{smollm2,gemma3}.json: what llama.cpp says on the real models, for crates/models/tests/real.rs.

usage: golden_real.py MODELS_DIR OUT_DIR
needs: python3 -m pip install numpy llama-cpp-python==0.3.36; 2 GB of temporary space

llama.cpp runs on one thread, with an f32 KV cache and without flash attention. Per model:
  "random"  24 random tokens, and the logits of all positions at 96 sampled vocabulary ids: of the file, and
            of the same weights held in f32 (the file re-quantised to F32)
  "text"    about 200 tokens of English; llama.cpp's mean KL divergence from its own logits on the weights in
            f32, with f32 and with f16 KV
  "greedy"  20 prompts, 64 greedy tokens each, and by how much the best logit led the second at each step
  "parts_from_itself"  the largest such lead at which llama.cpp, given the same tokens as one prefill with f32
            or f16 KV, first chooses another: int8 activations make a model chaotic, so small leads mean little
"""
import ctypes, json, os, random, sys, tempfile
import numpy as np
import llama_cpp as L

FILES = {"smollm2": "SmolLM2-135M-Instruct.Q4_1.gguf", "gemma3": "gemma-3-270m-Q4_K_M.gguf"}
GREEDY = 64
TEXT = (
    "The lighthouse stood at the end of a long spit of sand, where the river met the sea. For more than a hundred "
    "years its keepers had climbed the same narrow stairs every evening, trimmed the wick, and written the weather "
    "into a heavy book. Nobody had ever asked them to write anything else, but over time the notes grew longer. One "
    "keeper described the birds that rested on the railing in autumn. Another copied out letters from his brother, who "
    "was a doctor in the city and believed that clean water would save more lives than any medicine. When the lamp was "
    "finally replaced by an electric one, the book was taken to a museum, and a young historian began to read it. She "
    "found that the records of wind and rain were accurate enough to be used by scientists, and that the remarks in "
    "the margins told her how people had lived, what they had feared, and what made them laugh. In 1912, for example, "
    'the price of bread rose by 30 percent, and the keeper wrote: "We shall eat fish again."')
PROMPTS = [
    "The capital of France is", "Once upon a time, in a small village,", "def fibonacci(n):\n", "1, 2, 3, 4, 5,",
    "Water boils at", "Dear Sir or Madam,\n\nI am writing to", "The three primary colours are", "import numpy as np\n",
    "Q: What is the largest planet?\nA:", "In the year 1969,", "Das Wetter heute ist", "La lune est", "SELECT name FROM",
    "Ingredients:\n- 200 g flour\n-", "To be, or not to be,", "The mitochondria is", "<html>\n<head>\n",
    "Bonjour, je m'appelle", "My favourite book is", "The quick brown fox jumps over the lazy dog. The",
]


class Model:
    def __init__(self, path):
        self.model = L.llama_model_load_from_file(path.encode(), L.llama_model_default_params())
        assert self.model, path
        self.vocab = L.llama_model_get_vocab(self.model)
        self.n_vocab = L.llama_vocab_n_tokens(self.vocab)

    def tokenize(self, text):
        data, out = text.encode(), (L.llama_token * 4096)()
        return list(out[: L.llama_tokenize(self.vocab, data, len(data), out, 4096, True, False)])

    def context(self, kv):
        p = L.llama_context_default_params()
        p.n_ctx = p.n_batch = p.n_ubatch = 512
        p.n_threads = p.n_threads_batch = 1
        p.type_k = p.type_v = kv
        p.flash_attn_type = 0
        return L.llama_init_from_model(self.model, p)

    def decode(self, ctx, tokens, start):
        b = L.llama_batch_init(len(tokens), 0, 1)
        b.n_tokens = len(tokens)
        for i, t in enumerate(tokens):
            b.token[i], b.pos[i], b.n_seq_id[i], b.logits[i] = t, start + i, 1, 1
            b.seq_id[i][0] = 0
        assert L.llama_decode(ctx, b) == 0
        rows = [np.ctypeslib.as_array(L.llama_get_logits_ith(ctx, i), (self.n_vocab,)).copy()
                for i in range(len(tokens))]
        L.llama_batch_free(b)
        return np.stack(rows)

    def logits(self, tokens, kv=0):
        ctx = self.context(kv)
        rows = self.decode(ctx, tokens, 0)
        L.llama_free(ctx)
        return rows

    def greedy(self, prompt):
        ctx, tokens, gaps, step = self.context(0), list(prompt), [], prompt
        for _ in range(GREEDY):
            row = self.decode(ctx, step, len(tokens) - len(step))[-1]
            best = np.sort(np.partition(row, -2)[-2:])
            step = [int(row.argmax())]
            tokens += step
            gaps.append(round(float(best[1] - best[0]), 4))
        L.llama_free(ctx)
        return {"prompt": prompt, "tokens": tokens[len(prompt):], "gaps": gaps}


def parts_from_itself(model, cases):
    leads = [0.0]
    for kv in (0, 1):
        for case in cases:
            rows = model.logits(case["prompt"] + case["tokens"], kv)[len(case["prompt"]) - 1 : -1]
            other = np.flatnonzero(rows.argmax(-1) != case["tokens"])
            leads += [case["gaps"][other[0]]] if len(other) else []
    return max(leads)


def log_softmax(x):
    x = x.astype(np.float64)
    x = x - x.max()
    return x - np.log(np.exp(x).sum())


def mean_kl(exact, got):
    pairs = [(log_softmax(p), log_softmax(q)) for p, q in zip(exact, got)]
    return float(np.mean([(np.exp(p) * (p - q)).sum() for p, q in pairs]))


def in_f32(path, folder):
    out = os.path.join(folder, "f32.gguf")
    p = L.llama_model_quantize_default_params()
    p.ftype, p.allow_requantize = 0, True
    assert L.llama_model_quantize(path.encode(), out.encode(), ctypes.byref(p)) == 0
    return Model(out)


def main():
    quiet = L.llama_log_callback(lambda level, text, user: None)
    L.llama_log_set(quiet, ctypes.c_void_p(0))
    L.llama_backend_init()
    for name, file in FILES.items():
        path = os.path.join(sys.argv[1], file)
        model, rnd = Model(path), random.Random(7)
        tokens = [rnd.randrange(model.n_vocab) for _ in range(24)]
        ids = sorted(rnd.sample(range(model.n_vocab), 96))
        sampled = model.logits(tokens)[:, ids]
        text = model.tokenize(TEXT)
        with tempfile.TemporaryDirectory() as folder:
            wide = in_f32(path, folder)
            exact, sampled_f32 = wide.logits(text), wide.logits(tokens)[:, ids]
        kl = [mean_kl(exact, model.logits(text, kv)) for kv in (0, 1)]
        print(f"{name}: mean KL of llama.cpp on {len(text)} tokens: f32 KV {kl[0]:.3e}, f16 KV {kl[1]:.3e}")
        greedy = [model.greedy(model.tokenize(prompt)) for prompt in PROMPTS]
        rounded = lambda rows: [[float(f"{v:.7g}") for v in row] for row in rows]
        golden = {
            "generator": "tools/golden_real.py", "llama_cpp_python": L.__version__, "file": file,
            "random": {"tokens": tokens, "ids": ids, "logits": rounded(sampled), "f32": rounded(sampled_f32)},
            "text": {"tokens": text, "kl_f32_kv": kl[0], "kl_f16_kv": kl[1]},
            "greedy": greedy, "parts_from_itself": parts_from_itself(model, greedy),
        }
        with open(os.path.join(sys.argv[2], name + ".json"), "w") as out:
            out.write(json.dumps(golden).replace('}, {"prompt"', '},\n{"prompt"').replace("], [", "],\n[") + "\n")


if __name__ == "__main__":
    main()
