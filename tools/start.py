#!/usr/bin/env python3
"""GoLLuM and llama.cpp from nothing to the first token, in turn, on the same files: a markdown table of medians.

usage: start.py MODEL.gguf ... [options]
needs: a built gollum; for the peer python3 -m pip install llama-cpp-python==0.3.36 (or --no-peer)

  start   seconds to the first token of a short prompt. GoLLuM: of the whole process `gollum run MODEL -n 1 Hello`,
          its end included. llama.cpp: from the first call of the library to the first token's logits, for a prompt of 32
          tokens; the start of Python and the import of the library are not counted.
  peak    most memory resident at once, in MiB, pages of the model's file included. GoLLuM: of the whole process, with
          its 512-row buffers and what it has touched of its KV cache. llama.cpp: what was added after the import, with
          a context of 512 tokens.
Files are read once before, so that both find them in memory. Turns alternate; the table has medians.

  --threads 2  --turns 5
  --gollum PATH        the binary; default bin/gollum
  --no-peer            GoLLuM alone
  --warm GIB           touch and free so much memory before each process: see warm.py
"""
import argparse, json, os, random, resource, statistics, subprocess, sys, time

from warm import warm

PROMPT_TOKENS = 32
MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024


def peer_main(o):
    import ctypes
    import llama_cpp as lib
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    quiet = lib.llama_log_callback(lambda level, text, user: None)  # kept: C calls it
    lib.llama_log_set(quiet, ctypes.c_void_p(0))
    lib.llama_backend_init()
    model = lib.llama_model_load_from_file(o.models[0].encode(), lib.llama_model_default_params())
    params = lib.llama_context_default_params()
    params.n_ctx = 512
    params.n_threads = params.n_threads_batch = o.threads
    context = lib.llama_init_from_model(model, params) if model else None
    if not context:
        sys.exit(f"llama.cpp cannot load {o.models[0]}")
    vocab_size = lib.llama_vocab_n_tokens(lib.llama_model_get_vocab(model))
    tokens = [random.Random(1).randrange(vocab_size) for _ in range(PROMPT_TOKENS)]
    prompt = (lib.llama_token * PROMPT_TOKENS)(*tokens)  # kept: the batch points to it
    batch = lib.llama_batch_get_one(prompt, PROMPT_TOKENS)
    if lib.llama_decode(context, batch) or not lib.llama_get_logits_ith(context, -1):
        sys.exit("llama.cpp computed no logits")
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"start": seconds, "peak": (peak - before) * MAXRSS_BYTES / 2**20}))


def gollum(o, model):
    command = [o.gollum, "run", model, "--threads", str(o.threads), "--temperature", "0", "-n", "1", "Hello"]
    started = time.perf_counter()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"failed with {child.returncode}: {' '.join(command)}")
    return {"start": seconds, "peak": usage.ru_maxrss * MAXRSS_BYTES / 2**20}


def peer(o, model):
    command = [sys.executable, os.path.abspath(__file__), "peer", model, "--threads", str(o.threads)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def line(cells):
    print("| " + " | ".join(cells) + " |", flush=True)


def compare(o):
    engines = {"GoLLuM": gollum} | ({"llama.cpp": peer} if o.peer else {})
    head = ["model", "file, MiB"] + [f"{engine} {what}" for what in ("start, s", "peak, MiB") for engine in engines]
    line(head)
    line(["---"] * len(head))
    for model in o.models:
        with open(model, "rb") as file:
            while file.read(1 << 24):
                pass
        seen = {engine: [] for engine in engines}
        for _ in range(o.turns):
            for engine, start in engines.items():
                if o.warm:
                    warm(o.warm)
                seen[engine].append(start(o, model))
                print(f"{os.path.basename(model)}, {engine}: {json.dumps(seen[engine][-1])}", file=sys.stderr)
        median = lambda engine, what: statistics.median(turn[what] for turn in seen[engine])
        line([os.path.basename(model), f"{os.path.getsize(model) / 2**20:,.0f}"]
             + [f"{median(engine, 'start'):.2f}" for engine in engines]
             + [f"{median(engine, 'peak'):,.0f}" for engine in engines])


def main():
    words = sys.argv[1:]
    as_peer = words[:1] == ["peer"]
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("models", nargs="+", metavar="MODEL")
    a.add_argument("--threads", type=int, default=2)
    a.add_argument("--turns", type=int, default=5)
    a.add_argument("--warm", type=int, default=0)
    a.add_argument("--gollum", default=os.path.join("bin", "gollum"))
    a.add_argument("--no-peer", dest="peer", action="store_false")
    o = a.parse_args(words[1:] if as_peer else words)
    if min(o.threads, o.turns) < 1 or o.warm < 0:
        a.error("--threads and --turns must be at least 1, --warm not negative")
    peer_main(o) if as_peer else compare(o)


if __name__ == "__main__":
    main()
