#!/usr/bin/env python3
"""GoLLuM and llama.cpp in one run, in turn: short sentences embedded per second. A markdown table of medians and ratios.

usage: versus_embeddings.py MODEL.gguf ... [options]
needs: a built gollum; for the peer python3 -m pip install numpy llama-cpp-python==0.3.36

GoLLuM is asked over HTTP, one POST /v1/embeddings of all sentences, base64. llama.cpp is called in this process's child,
without HTTP or JSON: tokenized texts, as many sequences in one llama_decode as fit --batch tokens, embeddings read and
normed. The clock of both includes tokenizing. After a run that warms up, the median of --reps; the engines take turns
--alternations times. Cosines between the two are told too, so that nobody is fast by being wrong.

  --sentences 1000  --threads 2  --batch 512  --sequences 64  --reps 3  --alternations 3
  --gollum PATH     the binary; default bin/gollum
  --json FILE       every single figure
"""
import argparse, base64, ctypes, json, os, random, re, statistics, subprocess, sys, time, urllib.request
import numpy as np

WORDS = ("the a of and in to model page river cat engine green quick number time people small first garden code write read "
         "answer question memory light house stone water paper music window seven until because never often").split()


def sentences(count):
    """5 to 14 words each, the same in every run."""
    r = random.Random(7)
    return [" ".join(r.choice(WORDS) for _ in range(r.randint(5, 14))).capitalize() + "." for _ in range(count)]


# The peer, in a process of its own.

class Peer:
    def __init__(self, path, o):
        import llama_cpp
        self.lib, self.o = llama_cpp, o
        self.log = llama_cpp.llama_log_callback(lambda level, text, user: None)  # kept: C calls it
        llama_cpp.llama_log_set(self.log, ctypes.c_void_p(0))
        llama_cpp.llama_backend_init()
        self.model = llama_cpp.llama_model_load_from_file(path.encode(), llama_cpp.llama_model_default_params())
        if not self.model:
            sys.exit(f"llama.cpp cannot load {path}")
        self.vocab = llama_cpp.llama_model_get_vocab(self.model)
        self.width = llama_cpp.llama_model_n_embd(self.model)
        p = llama_cpp.llama_context_default_params()
        p.n_ctx = p.n_batch = p.n_ubatch = o.batch
        p.n_seq_max = o.sequences
        p.kv_unified = True
        p.n_threads = p.n_threads_batch = o.threads
        p.embeddings = True
        self.context = llama_cpp.llama_init_from_model(self.model, p)
        self.batch = llama_cpp.llama_batch_init(o.batch, 0, o.sequences)

    def tokens(self, text):
        data, room = text.encode(), (self.lib.llama_token * 512)()
        return room[:self.lib.llama_tokenize(self.vocab, data, len(data), room, 512, True, True)]

    def flush(self, inputs, out):
        b, at = self.batch, 0
        for sequence, tokens in enumerate(inputs):
            for position, token in enumerate(tokens):
                b.token[at], b.pos[at], b.n_seq_id[at], b.logits[at] = token, position, 1, 1
                b.seq_id[at][0] = sequence
                at += 1
        b.n_tokens = at
        if self.lib.llama_decode(self.context, b):
            sys.exit("llama_decode failed")
        for sequence in range(len(inputs)):
            row = np.ctypeslib.as_array(self.lib.llama_get_embeddings_seq(self.context, sequence), (self.width,))
            out.append(row / np.linalg.norm(row))

    def embed(self, texts):
        out, inputs, filled = [], [], 0
        for text in texts:
            tokens = self.tokens(text)
            if filled + len(tokens) > self.o.batch or len(inputs) == self.o.sequences:
                self.flush(inputs, out)
                inputs, filled = [], 0
            inputs.append(tokens)
            filled += len(tokens)
        self.flush(inputs, out)
        return np.array(out, dtype=np.float32)


def peer_main(o):
    peer, texts, rates = Peer(o.models[0], o), sentences(o.sentences), []
    for _ in range(o.reps + 1):
        started = time.perf_counter()
        vectors = peer.embed(texts)
        rates.append(len(texts) / (time.perf_counter() - started))
    tokens = sum(len(peer.tokens(text)) for text in texts)
    packed = base64.b64encode(vectors.astype("<f4").tobytes()).decode()
    print(json.dumps({"rate": statistics.median(rates[1:]), "tokens": tokens, "vectors": packed}))


# GoLLuM, a server of its own.

def gollum_turn(o, model):
    command = [o.gollum, "serve", "--model", model, "--port", "0", "--threads", str(o.threads),
               "--max-num-batched-tokens", str(o.batch), "--max-num-seqs", str(o.sequences)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        url = re.search(r"http://\S+", server.stdout.readline()).group()
        body = json.dumps({"input": sentences(o.sentences), "encoding_format": "base64"}).encode()
        rates = []
        for _ in range(o.reps + 1):
            request = urllib.request.Request(url + "/v1/embeddings", body, {"content-type": "application/json"})
            started = time.perf_counter()
            answer = urllib.request.urlopen(request).read()
            rates.append(o.sentences / (time.perf_counter() - started))
        answer = json.loads(answer)
        packed = b"".join(base64.b64decode(item["embedding"]) for item in answer["data"])
        tokens = answer["usage"]["prompt_tokens"]
        return {"rate": statistics.median(rates[1:]), "tokens": tokens, "vectors": base64.b64encode(packed).decode()}
    finally:
        server.terminate()
        server.wait()


def peer_turn(o, model):
    work = [f"--{name}={getattr(o, name)}" for name in ("sentences", "threads", "batch", "sequences", "reps")]
    done = subprocess.run([sys.executable, os.path.abspath(__file__), "peer", model, *work], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"the peer failed with {done.returncode}")
    return json.loads(done.stdout.splitlines()[-1])


def vectors(turn, count):
    return np.frombuffer(base64.b64decode(turn["vectors"]), "<f4").reshape(count, -1)


def versus(o):
    print("| model | sentences/s | GoLLuM | llama.cpp | ratio | tokens | least cosine |")
    print("| --- | --- | --- | --- | --- | --- | --- |", flush=True)
    kept = {}
    for model in o.models:
        turns = {"gollum": [], "llama.cpp": []}
        for at in range(o.alternations):
            turns["gollum"].append(gollum_turn(o, model))
            turns["llama.cpp"].append(peer_turn(o, model))
            rates = {engine: round(each[-1]["rate"], 1) for engine, each in turns.items()}
            print(f"{os.path.basename(model)}, turn {at + 1}: {json.dumps(rates)}", file=sys.stderr)
        ours, theirs = (vectors(turns[engine][0], o.sentences) for engine in ("gollum", "llama.cpp"))
        cosine = float((ours.astype(np.float64) * theirs).sum(axis=1).min())
        medians = [statistics.median(turn["rate"] for turn in turns[engine]) for engine in ("gollum", "llama.cpp")]
        same = turns["gollum"][0]["tokens"] == turns["llama.cpp"][0]["tokens"]
        cells = [os.path.basename(model), str(o.sentences), *(f"{m:,.0f}" for m in medians),
                 f"{medians[0] / medians[1]:.2f}", f"{turns['gollum'][0]['tokens']}{'' if same else ' (others)'}", f"{cosine:.6f}"]
        print("| " + " | ".join(cells) + " |", flush=True)
        kept[model] = {engine: [turn["rate"] for turn in each] for engine, each in turns.items()}
    if o.json:
        with open(o.json, "w") as out:
            json.dump(kept, out, indent=1)


def main():
    words = sys.argv[1:]
    as_peer = words[:1] == ["peer"]
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("models", nargs="+", metavar="MODEL")
    for name, default in [("sentences", 1000), ("threads", 2), ("batch", 512), ("sequences", 64), ("reps", 3),
                          ("alternations", 3)]:
        a.add_argument(f"--{name}", type=int, default=default)
    a.add_argument("--gollum", default=os.path.join("bin", "gollum"))
    a.add_argument("--json")
    o = a.parse_args(words[1:] if as_peer else words)
    peer_main(o) if as_peer else versus(o)


if __name__ == "__main__":
    main()
