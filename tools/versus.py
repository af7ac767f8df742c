#!/usr/bin/env python3
"""GoLLuM and llama.cpp in one run, in turn, on the same files: a markdown table of medians and ratios.

usage: versus.py MODEL.gguf ... [options]
needs: a built gollum; for the peer python3 -m pip install llama-cpp-python==0.3.36 (or --no-peer); the
       ceilings need python3 -m pip install gguf numpy

Figures, in tokens per second, are those that `gollum bench` defines:
  pp<N>    prompt tokens, one sequence of N in one batch, after a run that warms up; steps of 512 rows
  tg<N>    generated tokens, one sequence, of one prompt token
  tg<N>xB  generated tokens in total, B sequences of 128 prompt tokens decoded together, one KV cache
The engines take turns --alternations times, each time in a process of its own with medians of --reps; the table
has the median over the turns. Absolute figures do not carry over to another hour; ratios of one run do.

  --threads 2  --pp 512  --tg 64  --batch 1,16  --reps 3  --alternations 3
  --gollum PATH        the binary; default bin/gollum
  --no-peer            GoLLuM alone
  --warm GIB           touch and free so much memory before each process: see warm.py
  --beside N           N busy processes meanwhile, ended at the end, also after an error
  --ceilings GB,GOP    read bandwidth in GB/s and int8 rate in G op/s of as many threads, as
                       `cargo bench -p gollum-backend-cpu -- roofline` prints; adds the bound of each figure
                       and GoLLuM's share of it:
                         tg      bandwidth / file bytes: every weight is read once per token
                         tg x B  the smaller of B times that and int8 rate / (2 x weights)
                         pp      int8 rate / (2 x weights outside the embedding)
                       of weights in matrices; one that is both embedding and output counts as embedding
  --json FILE          every single figure
"""
import argparse, contextlib, json, os, random, statistics, subprocess, sys, time

from warm import warm

UBATCH = 512
SHARED_PROMPT = 128


# The peer, in a process of its own.

class Peer:
    def __init__(self, path, threads):
        import ctypes
        import llama_cpp
        self.lib, self.threads = llama_cpp, threads
        self.log = llama_cpp.llama_log_callback(lambda level, text, user: None)  # kept: C calls it
        llama_cpp.llama_log_set(self.log, ctypes.c_void_p(0))
        llama_cpp.llama_backend_init()
        self.model = llama_cpp.llama_model_load_from_file(path.encode(), llama_cpp.llama_model_default_params())
        if not self.model:
            sys.exit(f"llama.cpp cannot load {path}")
        self.vocab_size = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(self.model))
        self.random = random.Random(1)

    @contextlib.contextmanager
    def context(self, sequences, tokens_each):
        params = self.lib.llama_context_default_params()
        params.n_ctx = sequences * tokens_each + 64
        params.n_batch, params.n_ubatch = 2048, UBATCH
        params.n_seq_max, params.kv_unified = sequences, True
        params.n_threads = params.n_threads_batch = self.threads
        context = self.lib.llama_init_from_model(self.model, params)
        if not context:
            sys.exit("llama.cpp cannot make a context")
        try:
            yield context
        finally:
            self.lib.llama_free(context)

    def step(self, context, rows):
        """Random tokens at `rows` of (sequence, position, are logits wanted)."""
        batch = self.lib.llama_batch_init(len(rows), 0, 1)
        batch.n_tokens = len(rows)
        for i, (sequence, position, wanted) in enumerate(rows):
            batch.token[i] = self.random.randrange(self.vocab_size)
            batch.pos[i], batch.n_seq_id[i], batch.logits[i] = position, 1, wanted
            batch.seq_id[i][0] = sequence
        failed = self.lib.llama_decode(context, batch)
        self.lib.llama_batch_free(batch)
        if failed:
            sys.exit(f"llama_decode: {failed}")

    def prompt(self, context, sequence, tokens):
        self.step(context, [(sequence, i, i + 1 == tokens) for i in range(tokens)])

    def prefill_rate(self, tokens):
        with self.context(1, tokens) as context:
            started = time.perf_counter()
            self.prompt(context, 0, tokens)
            return tokens / (time.perf_counter() - started)

    def decode_rate(self, sequences, tokens):
        prompt = SHARED_PROMPT if sequences > 1 else 1
        with self.context(sequences, prompt + tokens) as context:
            for sequence in range(sequences):
                self.prompt(context, sequence, prompt)
            started = time.perf_counter()
            for step in range(tokens):
                self.step(context, [(sequence, prompt + step, True) for sequence in range(sequences)])
            return sequences * tokens / (time.perf_counter() - started)


def peer_main(o):
    started = time.perf_counter()
    peer = Peer(o.models[0], o.threads)
    out = {"engine": "llama.cpp", "load_s": round(time.perf_counter() - started, 3)}
    rates = [peer.prefill_rate(o.pp) for _ in range(o.reps + 1)]
    out[f"pp{o.pp}"] = round(statistics.median(rates[1:]), 1)
    for sequences in o.batch:
        rates = [peer.decode_rate(sequences, o.tg) for _ in range(o.reps)]
        out[decode_name(o.tg, sequences)] = round(statistics.median(rates), 1)
    print(json.dumps(out))


# Both.

def decode_name(tokens, sequences):
    return f"tg{tokens}" if sequences == 1 else f"tg{tokens}x{sequences}"


def measured(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"failed with {done.returncode}: {' '.join(command)}")
    return json.loads(done.stdout.splitlines()[-1])


def turns(o, model):
    """Per engine, the figures of each turn."""
    work = ["--threads", str(o.threads), "--pp", str(o.pp), "--tg", str(o.tg), "--reps", str(o.reps),
            "--batch", ",".join(map(str, o.batch))]
    commands = {"gollum": [o.gollum, "bench", model, *work, "--json"]}
    if o.peer:
        commands["llama.cpp"] = [sys.executable, os.path.abspath(__file__), "peer", model, *work]
    out = {engine: [] for engine in commands}
    for turn in range(o.alternations):
        for engine, command in commands.items():
            if o.warm:
                warm(o.warm)
            out[engine].append(measured(command))
            print(f"{os.path.basename(model)}, turn {turn + 1}: {json.dumps(out[engine][-1])}", file=sys.stderr)
    return out


@contextlib.contextmanager
def busy(count):
    """`count` processes that do nothing but use a core; each ends by itself if this one is killed."""
    code = "import os, sys\nwhile os.getppid() == int(sys.argv[1]):\n    for _ in range(1000000): pass"
    children = []
    try:
        for _ in range(count):
            children.append(subprocess.Popen([sys.executable, "-c", code, str(os.getpid())]))
        yield
    finally:
        for child in children:
            child.kill()
            child.wait()


def weights(model):
    """Weights in matrices: all, and those outside the embedding."""
    import gguf
    sizes = {t.name: int(t.n_elements) for t in gguf.GGUFReader(model).tensors if len(t.shape) > 1}
    return sum(sizes.values()), sum(sizes.values()) - sizes.get("token_embd.weight", 0)


def bounds(o, model):
    """The ceiling of each figure, in tokens per second."""
    bandwidth, int8 = (rate * 1e9 for rate in o.ceilings)
    total, inner = weights(model)
    one = bandwidth / os.path.getsize(model)
    out = {f"pp{o.pp}": int8 / (2 * inner)}
    for sequences in o.batch:
        bound = one if sequences == 1 else min(sequences * one, int8 / (2 * total))
        out[decode_name(o.tg, sequences)] = bound
    return out


def table_rows(o, model, figures):
    limit = bounds(o, model) if o.ceilings else {}
    for measure in [f"pp{o.pp}"] + [decode_name(o.tg, sequences) for sequences in o.batch]:
        medians = [statistics.median(turn[measure] for turn in turns) for turns in figures.values()]
        cells = [os.path.basename(model), measure, *(f"{median:,.1f}" for median in medians)]
        if o.peer:
            cells.append(f"{medians[0] / medians[1]:.2f}")
        if limit:
            cells += [f"{limit[measure]:,.0f}", f"{medians[0] / limit[measure]:.0%}"]
        yield cells


def line(cells):
    print("| " + " | ".join(cells) + " |", flush=True)


def versus(o):
    peer, ceilings = ["llama.cpp", "ratio"] if o.peer else [], ["bound", "GoLLuM / bound"] if o.ceilings else []
    if o.ceilings:
        bounds(o, o.models[0])  # what it needs is missing now rather than after the measurement
    kept = {}
    with busy(o.beside):
        for model in o.models:
            kept[model] = turns(o, model)
    head = ["model", "measure", "GoLLuM", *peer, *ceilings]
    line(head)
    line(["---"] * len(head))
    for model, figures in kept.items():
        for cells in table_rows(o, model, figures):
            line(cells)
    if o.json:
        settings = {k: getattr(o, k) for k in ("threads", "reps", "alternations", "beside", "warm", "ceilings")}
        with open(o.json, "w") as out:
            json.dump({"settings": settings, "figures": kept}, out, indent=1)


def main():
    words = sys.argv[1:]
    as_peer = words[:1] == ["peer"]
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("models", nargs="+", metavar="MODEL")
    for name, default in [("threads", 2), ("pp", 512), ("tg", 64), ("reps", 3), ("alternations", 3), ("beside", 0),
                          ("warm", 0)]:
        a.add_argument(f"--{name}", type=int, default=default)
    a.add_argument("--batch", type=lambda text: [int(n) for n in text.split(",")], default=[1, 16])
    a.add_argument("--ceilings", type=lambda text: [float(n) for n in text.split(",")])
    a.add_argument("--gollum", default=os.path.join("bin", "gollum"))
    a.add_argument("--no-peer", dest="peer", action="store_false")
    a.add_argument("--json")
    o = a.parse_args(words[1:] if as_peer else words)
    if min(o.pp, o.tg, o.reps, o.alternations, o.threads, *o.batch) < 1 or (o.ceilings and len(o.ceilings) != 2):
        a.error("counts must be at least 1, and --ceilings two numbers")
    peer_main(o) if as_peer else versus(o)


if __name__ == "__main__":
    main()
