#!/usr/bin/env python3
"""How far GoLLuM and llama.cpp are from the weights themselves: mean KL divergence on English text, by windows.

usage: kl.py MODEL.gguf ... [--windows 8] [--window-tokens 512] [--text pydoc|FILE] [--threads 1]
             [--gollum bin/gollum] [--no-gollum] [--json FILE]
needs: a built gollum; python3 -m pip install numpy llama-cpp-python==0.3.36; temporary space of 4 bytes a weight

    exact    llama.cpp on the file re-quantised to F32, with an f32 KV cache
    engine   GoLLuM as `gollum logits` runs it, and llama.cpp on the file itself; both with K and V in f16,
             llama.cpp without flash attention
    figure   KL(exact || engine) in nats, the mean over all positions of a window

A window is a sequence of its own (BOS first, if the model wants one), so windows are nearly independent and the
standard errors are those of window means. Both engines see the same windows: the error that decides is the one
of their difference. `pydoc` is the text of Python's language reference, which comes with Python (its version is
printed, as the text changes with it); `--text FILE` takes any text, such as a licence.

Memory: one window's exact logits and llama.cpp's own buffers, window x vocabulary x 4 bytes each; GoLLuM's
logits are read as a stream.
"""
import argparse, contextlib, ctypes, hashlib, json, os, platform, re, resource, subprocess, tempfile
import numpy as np
import llama_cpp as L

F32, F16 = 0, 1
ROW_END = ord("]")


def english(source):
    """The text of pydoc's topics, in order of their names, or of a file."""
    if source == "pydoc":
        from pydoc_data.topics import topics
        text = "\n\n".join(topics[name] for name in sorted(topics))
        return f"pydoc topics of Python {platform.python_version()}", re.sub(r"\n[*=~-]{3,}\n", "\n", text)
    with open(source, encoding="utf-8") as file:
        return os.path.basename(source), file.read()


class Peer:
    """A file in llama.cpp."""

    def __init__(self, path, threads):
        self.model = L.llama_model_load_from_file(path.encode(), L.llama_model_default_params())
        if not self.model:
            raise SystemExit(f"llama.cpp cannot load {path}")
        self.vocab = L.llama_model_get_vocab(self.model)
        self.vocab_size = L.llama_vocab_n_tokens(self.vocab)
        self.threads = threads

    def windows(self, text, count, length):
        data = text.encode()
        room = len(data) + 8
        tokens = (L.llama_token * room)()
        tokens = tokens[: L.llama_tokenize(self.vocab, data, len(data), tokens, room, False, False)]
        front = [L.llama_vocab_bos(self.vocab)] if L.llama_vocab_get_add_bos(self.vocab) else []
        step = length - len(front)
        if len(tokens) < count * step:
            raise SystemExit(f"the text has {len(tokens)} tokens, {count} windows need {count * step}")
        return [front + tokens[at : at + step] for at in range(0, count * step, step)]

    @contextlib.contextmanager
    def logits(self, tokens, kv_type):
        """The logits of all positions, in llama.cpp's memory until the end of the `with`."""
        params = L.llama_context_default_params()
        params.n_ctx = params.n_batch = params.n_ubatch = len(tokens)
        params.n_threads = params.n_threads_batch = self.threads
        params.type_k = params.type_v = kv_type
        params.flash_attn_type = 0
        context = L.llama_init_from_model(self.model, params)
        batch = L.llama_batch_init(len(tokens), 0, 1)
        batch.n_tokens = len(tokens)
        for i, token in enumerate(tokens):
            batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.logits[i] = token, i, 1, True
            batch.seq_id[i][0] = 0
        try:
            if L.llama_decode(context, batch):
                raise SystemExit("llama_decode failed")
            rows = [L.llama_get_logits_ith(context, i) for i in range(len(tokens))]
            yield [np.ctypeslib.as_array(row, (self.vocab_size,)) for row in rows]
        finally:
            L.llama_batch_free(batch)
            L.llama_free(context)

    def free(self):
        L.llama_model_free(self.model)


def in_f32(path, folder):
    out = os.path.join(folder, "f32.gguf")
    params = L.llama_model_quantize_default_params()
    params.ftype, params.allow_requantize = 0, True
    if L.llama_model_quantize(path.encode(), out.encode(), ctypes.byref(params)):
        raise SystemExit(f"llama.cpp cannot re-quantise {path}")
    return out


def gollum_rows(o, model, tokens):
    """Rows of `gollum logits`, one at a time: the JSON of a window can be more than a gigabyte."""
    command = [o.gollum, "logits", model, "--threads", str(o.threads), "--kv-cache-dtype", "f16",
               "--tokens", ",".join(map(str, tokens))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=1 << 20) as process:
        left = b""
        before = b'"logits":['
        while before not in left:
            more = process.stdout.read(1 << 16)
            if not more:
                raise SystemExit("gollum logits ended early")
            left += more
        left = left.split(before, 1)[1]
        for _ in tokens:
            parts = [left]
            while ROW_END not in parts[-1]:
                parts.append(process.stdout.read1(1 << 20))
                if not parts[-1]:
                    raise SystemExit("gollum logits ended early")
            row, left = b"".join(parts).split(b"]", 1)
            yield np.fromstring(row.lstrip(b",[").decode(), dtype=np.float32, sep=",")
        process.stdout.read()
    if process.returncode:
        raise SystemExit(f"gollum logits: {process.returncode}")


def log_softmax(row):
    row = row.astype(np.float64)
    row -= row.max()
    return row - np.log(np.exp(row).sum())


def mean_kl(exact, got):
    kls = []
    for p, q in zip(exact, got, strict=True):
        assert len(p) == len(q), (len(p), len(q))
        p, q = log_softmax(p), log_softmax(q)
        kls.append(float((np.exp(p) * (p - q)).sum()))
    return float(np.mean(kls))


def standard_error(values):
    return float(np.std(values, ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")


def measure(o, path, text):
    """Window means of each engine."""
    model = Peer(path, o.threads)
    windows = model.windows(text, o.windows, o.window_tokens)
    kls = {engine: [] for engine in (["gollum"] if o.with_gollum else []) + ["llama.cpp"]}
    with tempfile.TemporaryDirectory() as folder:
        wide = Peer(in_f32(path, folder), o.threads)
        for at, tokens in enumerate(windows):
            with wide.logits(tokens, F32) as rows:
                exact = np.stack(rows)
            if o.with_gollum:
                kls["gollum"].append(mean_kl(exact, gollum_rows(o, path, tokens)))
            with model.logits(tokens, F16) as rows:
                kls["llama.cpp"].append(mean_kl(exact, rows))
            print(f"window {at + 1}: " + ", ".join(f"{e} {v[-1]:.4e}" for e, v in kls.items()), flush=True)
        wide.free()
    model.free()
    digest = hashlib.sha256(json.dumps(windows).encode()).hexdigest()
    print(f"tokens: sha256 {digest[:16]} of {len(windows)} x {o.window_tokens}")
    return kls


def report(kls):
    for engine, values in kls.items():
        print(f"{engine}: mean KL {np.mean(values):.4e}, standard error {standard_error(values):.1e}")
    if len(kls) == 2:
        ours, peers = (np.array(values) for values in kls.values())
        less = int((ours < peers).sum())
        print(f"gollum - llama.cpp: {np.mean(ours - peers):+.4e}, standard error {standard_error(ours - peers):.1e}; "
              f"ratio {ours.mean() / peers.mean():.3f}; smaller in {less} of {len(ours)} windows")


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("models", nargs="+", metavar="MODEL")
    for name, default in [("windows", 8), ("window-tokens", 512), ("threads", 1)]:
        a.add_argument(f"--{name}", type=int, default=default)
    a.add_argument("--text", default="pydoc")
    a.add_argument("--gollum", default=os.path.join("bin", "gollum"))
    a.add_argument("--no-gollum", dest="with_gollum", action="store_false")
    a.add_argument("--json")
    o = a.parse_args()
    quiet = L.llama_log_callback(lambda level, text, user: None)  # kept: C calls it
    L.llama_log_set(quiet, ctypes.c_void_p(0))
    L.llama_backend_init()
    name, text = english(o.text)
    all_kls = {}
    for path in o.models:
        print(f"{os.path.basename(path)} on {name}", flush=True)
        all_kls[os.path.basename(path)] = kls = measure(o, path, text)
        report(kls)
    print(f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.1f} GB")
    if o.json:
        with open(o.json, "w") as out:
            json.dump({"text": name, "models": all_kls}, out, indent=1)


if __name__ == "__main__":
    main()
