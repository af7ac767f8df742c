#!/usr/bin/env python3
"""Writes golden/arch/{llama,gemma3}.json: logits of tiny random F32 models, for crates/models/tests/golden.rs.

usage: golden_models.py OUT_DIR
needs: python3 -m pip install gguf numpy llama-cpp-python==0.3.36

A model is its configuration: weights come from `weight`, a hash of tensor name and index that the Rust test
computes too (crates/models/tests/tiny/mod.rs), so no weights are stored. Each case holds two references:
  "llama_cpp"  llama.cpp, one thread, f32 KV, no flash attention
  "exact"      the same model in f64, written below in numpy from the papers
llama.cpp looks GELU up in a table of f16 values, which costs gemma3 about four digits; so the f64 model is
also run with that rounding, and must then agree with llama.cpp to 1e-9. That shows both that the f64 model
is the same model, and where llama.cpp's distance from it comes from.
"""
import ctypes, json, os, sys, tempfile
import gguf, numpy as np
import llama_cpp as L

MASK = (1 << 64) - 1
TOKENS = 40
# Positions whose logits are kept: the first, the last, and those about window and page edges.
ROWS = [0, 1, 6, 7, 15, 16, 17, 32, 33, 39]


def hashes(name, n):
    """SplitMix64 from the FNV-1a hash of the name."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x100000001B3) & MASK
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def weight(name, n):
    unit = (hashes(name, n) >> np.uint64(40)).astype(np.float32) / np.float32(1 << 23) - np.float32(1)
    if name == "rope_freqs.weight":
        return np.float32(1) + np.float32(3) * np.abs(unit)
    if name.endswith("norm.weight"):
        return np.float32(1) + np.float32(0.25) * unit
    return unit * np.float32(1.0 if name == "token_embd.weight" else 0.25)


def case(arch, heads, kv_heads, head_dim, **more):
    c = dict(arch=arch, name=f"{arch}_{heads}x{head_dim}_kv{kv_heads}", layers=3, width=heads * head_dim,
             heads=heads, kv_heads=kv_heads, head_dim=head_dim, ffn=52, vocab=31, eps=1e-5, freq_base=10000.0,
             rope_factor=1.0, rope_freqs=False, tied=True, window=0, pattern=0, softcap=0.0)
    c.update(more)
    return c


CASES = [
    case("llama", 3, 3, 8, ffn=37, vocab=29, tied=False),
    case("llama", 4, 2, 10, rope_factor=4.0),
    case("llama", 6, 2, 16, width=40, rope_freqs=True),
    case("llama", 4, 1, 12, freq_base=500000.0, tied=False),
    case("llama", 5, 1, 8, width=77, ffn=85),
    case("llama", 12, 2, 6, layers=1),
    case("llama", 7, 1, 8, eps=1e-3),
    case("llama", 8, 1, 20, width=33, rope_freqs=True, rope_factor=8.0),
    case("gemma3", 3, 3, 8, window=7, pattern=2),
    case("gemma3", 4, 2, 10, window=16, pattern=3, freq_base=1000000.0, rope_factor=8.0),
    case("gemma3", 6, 2, 16, width=40, layers=7, window=5, freq_base=1000000.0),
    case("gemma3", 4, 1, 12, window=17, pattern=2, tied=False),
    case("gemma3", 5, 1, 8, width=77, ffn=85),
    case("gemma3", 12, 2, 6, window=1, pattern=2, softcap=5.0),
    case("gemma3", 7, 1, 8, layers=5, window=33, pattern=4),
    case("gemma3", 8, 1, 20, width=33, window=6, pattern=2, freq_base=1000000.0, rope_factor=4.0),
]


def tensors(c):
    """Names and shapes, [rows, cols] or [n]."""
    w, hd, gemma = c["width"], c["head_dim"], c["arch"] == "gemma3"
    yield "token_embd.weight", (c["vocab"], w)
    yield "output_norm.weight", (w,)
    if not c["tied"]:
        yield "output.weight", (c["vocab"], w)
    if c["rope_freqs"]:
        yield "rope_freqs.weight", (hd // 2,)
    for i in range(c["layers"]):
        b = f"blk.{i}."
        yield b + "attn_norm.weight", (w,)
        yield b + "attn_q.weight", (c["heads"] * hd, w)
        yield b + "attn_k.weight", (c["kv_heads"] * hd, w)
        yield b + "attn_v.weight", (c["kv_heads"] * hd, w)
        yield b + "attn_output.weight", (w, c["heads"] * hd)
        yield b + "ffn_norm.weight", (w,)
        yield b + "ffn_gate.weight", (c["ffn"], w)
        yield b + "ffn_up.weight", (c["ffn"], w)
        yield b + "ffn_down.weight", (w, c["ffn"])
        if gemma:
            yield b + "attn_q_norm.weight", (hd,)
            yield b + "attn_k_norm.weight", (hd,)
            yield b + "post_attention_norm.weight", (w,)
            yield b + "post_ffw_norm.weight", (w,)


def write_gguf(c, path):
    a = c["arch"]
    out = gguf.GGUFWriter(path, a)
    out.add_string("tokenizer.ggml.model", "no_vocab")
    for key, value in [("vocab_size", "vocab"), ("block_count", "layers"), ("embedding_length", "width"),
                       ("feed_forward_length", "ffn"), ("attention.head_count", "heads"),
                       ("attention.head_count_kv", "kv_heads"), ("attention.key_length", "head_dim"),
                       ("attention.value_length", "head_dim"), ("rope.dimension_count", "head_dim")]:
        out.add_uint32(f"{a}.{key}", c[value])
    out.add_uint32(f"{a}.context_length", 256)
    out.add_float32(f"{a}.attention.layer_norm_rms_epsilon", c["eps"])
    out.add_float32(f"{a}.rope.freq_base", c["freq_base"])
    if c["rope_factor"] != 1.0:
        out.add_string(f"{a}.rope.scaling.type", "linear")
        out.add_float32(f"{a}.rope.scaling.factor", c["rope_factor"])
    if c["window"]:
        out.add_uint32(f"{a}.attention.sliding_window", c["window"])
    if c["pattern"]:
        out.add_uint32(f"{a}.attention.sliding_window_pattern", c["pattern"])
    if c["softcap"]:
        out.add_float32(f"{a}.final_logit_softcapping", c["softcap"])
    for name, shape in tensors(c):
        out.add_tensor(name, weight(name, int(np.prod(shape))).reshape(shape))
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


def llama_cpp_logits(path, tokens):
    model = L.llama_model_load_from_file(path.encode(), L.llama_model_default_params())
    assert model, "llama.cpp cannot load " + path
    p = L.llama_context_default_params()
    p.n_ctx = p.n_batch = p.n_ubatch = 256
    p.n_threads = p.n_threads_batch = 1
    p.type_k = p.type_v = 0
    p.flash_attn_type = 0
    ctx = L.llama_init_from_model(model, p)
    b = L.llama_batch_init(len(tokens), 0, 1)
    b.n_tokens = len(tokens)
    for i, t in enumerate(tokens):
        b.token[i], b.pos[i], b.n_seq_id[i], b.logits[i] = t, i, 1, 1
        b.seq_id[i][0] = 0
    assert L.llama_decode(ctx, b) == 0
    n_vocab = L.llama_vocab_n_tokens(L.llama_model_get_vocab(model))
    rows = np.array([L.llama_get_logits_ith(ctx, i)[:n_vocab] for i in range(len(tokens))], dtype=np.float32)
    L.llama_free(ctx)
    L.llama_model_free(model)
    return rows


def exact_logits(c, tokens, f16_gelu):
    """The whole model in f64; `f16_gelu` rounds GELU's input and output to f16, as llama.cpp's table does."""
    w = {name: weight(name, int(np.prod(s))).reshape(s).astype(np.float64) for name, s in tensors(c)}
    gemma, hd, n = c["arch"] == "gemma3", c["head_dim"], len(tokens)
    eps = float(np.float32(c["eps"]))

    def norm(x, name):
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + eps) * w[name + ".weight"]

    def rope(x, base, scale):
        pair = np.arange(hd // 2)
        freq = float(np.float32(base)) ** (-2.0 * pair / hd)
        if c["rope_freqs"]:
            freq = freq / w["rope_freqs.weight"]
        angle = np.arange(n)[:, None] * scale * freq
        cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
        out = np.empty_like(x)
        a, b = (slice(0, hd // 2), slice(hd // 2, hd)) if gemma else (slice(0, hd, 2), slice(1, hd, 2))
        out[..., a] = x[..., a] * cos - x[..., b] * sin
        out[..., b] = x[..., a] * sin + x[..., b] * cos
        return out

    def gelu(x):
        if f16_gelu:
            x = x.astype(np.float16).astype(np.float64)
        y = 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * x * (1 + 0.044715 * x * x)))
        return y.astype(np.float32).astype(np.float16).astype(np.float64) if f16_gelu else y

    x = w["token_embd.weight"][tokens] * (float(np.sqrt(np.float32(c["width"]))) if gemma else 1.0)
    query, key = np.arange(n)[:, None], np.arange(n)[None]
    for i in range(c["layers"]):
        b = f"blk.{i}."
        period = c["pattern"] or 6
        local = gemma and c["window"] > 0 and i % period < period - 1
        base, scale = (10000.0, 1.0) if local else (c["freq_base"], 1.0 / c["rope_factor"])
        h = norm(x, b + "attn_norm")
        q, k, v = (
            (h @ w[b + f"attn_{part}.weight"].T).reshape(n, -1, hd) for part in "qkv")
        if gemma:
            q, k = norm(q, b + "attn_q_norm"), norm(k, b + "attn_k_norm")
        q, k = rope(q, base, scale), rope(k, base, scale)
        group = c["heads"] // c["kv_heads"]
        k, v = np.repeat(k, group, 1), np.repeat(v, group, 1)
        s = np.einsum("qhd,khd->hqk", q, k) / np.sqrt(hd)
        hidden = (key > query) | (local & (query - key >= c["window"]))
        s = np.where(hidden, -np.inf, s)
        p = np.exp(s - s.max(-1, keepdims=True))
        o = np.einsum("hqk,khd->qhd", p / p.sum(-1, keepdims=True), v).reshape(n, -1)
        o = o @ w[b + "attn_output.weight"].T
        x = x + (norm(o, b + "post_attention_norm") if gemma else o)
        h = norm(x, b + "ffn_norm")
        gate, up = h @ w[b + "ffn_gate.weight"].T, h @ w[b + "ffn_up.weight"].T
        o = ((gelu(gate) if gemma else gate / (1 + np.exp(-gate))) * up) @ w[b + "ffn_down.weight"].T
        x = x + (norm(o, b + "post_ffw_norm") if gemma else o)
    x = norm(x, "output_norm") @ w["token_embd.weight" if c["tied"] else "output.weight"].T
    return c["softcap"] * np.tanh(x / c["softcap"]) if c["softcap"] else x


def nmse(got, want):
    got, want = got.astype(np.float64), want.astype(np.float64)
    return float(((got - want) ** 2).sum() / (want**2).sum())


def main():
    quiet = L.llama_log_callback(lambda level, text, user: None)
    L.llama_log_set(quiet, ctypes.c_void_p(0))
    L.llama_backend_init()
    done = {}
    for c in CASES:
        tokens = [int(h % np.uint64(c["vocab"])) for h in hashes(c["name"], TOKENS)]
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "tiny.gguf")
            write_gguf(c, path)
            peer = llama_cpp_logits(path, tokens)
        exact = exact_logits(c, tokens, False)
        rounded = nmse(peer, exact_logits(c, tokens, c["arch"] == "gemma3"))
        print(f"{c['name']}: llama.cpp against f64 {nmse(peer, exact):.1e}, with its GELU table {rounded:.1e}")
        assert rounded < 1e-9, c
        rows = lambda x: [[float(f"{v:.8g}") for v in x[i]] for i in ROWS]
        done.setdefault(c["arch"], []).append(
            {"config": c, "tokens": tokens, "rows": ROWS, "llama_cpp": rows(peer), "exact": rows(exact)})
    for arch, cases in done.items():
        text = ",\n".join(json.dumps(case) for case in cases)
        header = f'"generator": "tools/golden_models.py", "llama_cpp_python": "{L.__version__}"'
        with open(os.path.join(sys.argv[1], arch + ".json"), "w") as out:
            out.write(f"{{{header}, \"cases\": [\n{text}\n]}}\n")


if __name__ == "__main__":
    main()
