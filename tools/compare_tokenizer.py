#!/usr/bin/env python3
"""Compares our token ids and token bytes with llama.cpp's, on random strings.

Usage: cargo build --release -p gollum-tokenizer --example encode_lines
       python3 tools/compare_tokenizer.py MODEL.gguf .. [--count 20000] [--seed 1] [--characters all|sampled]
                                          [--golden golden/tokenizer/NAME.json]

Needs llama-cpp-python and gguf. Prints a JSON object with the figures of each model, and the first differences on stderr; exits
with 1 if there is any. Small vocabularies of every kind: make_vocabularies.py. That texts come back is checked for BPE that keeps them
and for SPM without a space prefix. `--golden` also writes a few hundred of the strings with llama.cpp's ids, for tests
without it, and all of a small vocabulary.
"""
import argparse
import ctypes
import json
import os
import subprocess
import sys

import gguf
import llama_cpp

import random_texts

HERE = os.path.dirname(os.path.abspath(__file__))
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.join(HERE, "..", "target"))
BUILDS = [os.path.join(TARGET, profile, "examples/encode_lines") for profile in ("release", "debug")]
# Tokens of a vocabulary that a golden file holds whole.
LARGEST_IN_GOLDEN = 2000
ENCODER = next(filter(os.path.exists, BUILDS), BUILDS[0])
class Peer:
    """llama.cpp's tokenizer."""

    def __init__(self, path):
        llama_cpp.llama_log_set(SILENT, ctypes.c_void_p())
        params = llama_cpp.llama_model_default_params()
        params.vocab_only = True
        self.model = llama_cpp.llama_model_load_from_file(path.encode(), params)
        self.vocab = llama_cpp.llama_model_get_vocab(self.model)
        self.size = llama_cpp.llama_vocab_n_tokens(self.vocab)
        self.ids = (llama_cpp.llama_token * 4096)()
        self.buffer = ctypes.create_string_buffer(1 << 16)
        kind = llama_cpp.llama_vocab_type(self.vocab)
        attributes = [llama_cpp.llama_vocab_get_attr(self.vocab, token) for token in range(self.size)]
        hidden = llama_cpp.LLAMA_TOKEN_ATTR_CONTROL | llama_cpp.LLAMA_TOKEN_ATTR_UNKNOWN
        self.hidden = {token for token in range(self.size) if attributes[token] & hidden}
        has_bytes = any(attribute & llama_cpp.LLAMA_TOKEN_ATTR_BYTE for attribute in attributes)
        self.is_escaped = kind == llama_cpp.LLAMA_VOCAB_TYPE_SPM or kind == llama_cpp.LLAMA_VOCAB_TYPE_BPE and has_bytes
        llama_cpp.llama_model_meta_val_str(self.model, b"tokenizer.ggml.model", self.buffer, len(self.buffer))
        self.has_dna = self.buffer.value == b"hybriddna"
        self.comes_back = (self.is_escaped or kind == llama_cpp.LLAMA_VOCAB_TYPE_BPE) and self.buffer.value not in (b"hybriddna", b"whitespace")
        self.spelled = {self.piece(token) for token in range(self.size)}

    def encode(self, text, parse):
        raw = text.encode()
        count = llama_cpp.llama_tokenize(self.vocab, raw, len(raw), self.ids, len(self.ids), False, parse)
        if count < 0:
            self.ids = (llama_cpp.llama_token * -count)()
            return self.encode(text, parse)
        return self.ids[:count]

    def piece(self, token):
        count = llama_cpp.llama_token_to_piece(self.vocab, token, self.buffer, len(self.buffer), 0, True)
        return self.buffer.raw[:count]

    def spellable(self, text):
        """What is left of a text in this vocabulary: SPM and BPE over characters read U+2581 as a space, and BPE drops bytes without a token."""
        if self.is_escaped:
            return text.replace("\u2581", " ").encode()
        return bytes(byte for byte in text.encode() if bytes([byte]) in self.spelled)


@llama_cpp.llama_log_callback
def SILENT(level, text, data):
    pass


def ours(model, questions):
    lines = "".join(json.dumps(question) + "\n" for question in questions)
    done = subprocess.run([ENCODER, model], input=lines.encode(), stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def compare(model, peer, texts, ways):
    """Counts differences; returns the figures and llama.cpp's answers. `ways`: special tokens parsed, and not."""
    questions = [{"text": text, "parse": parse} for text in texts for parse in ways]
    figures = {"encodings": len(questions), "tokens": 0, "id_differences": 0, "literal_controls": 0, "lost_in_vocabulary": 0, "round_trip_differences": 0}
    theirs = []
    for question, answer in zip(questions, ours(model, questions), strict=True):
        expected = peer.encode(question["text"], question["parse"])
        figures["tokens"] += len(expected)
        # Where text that only looks like a control token becomes one in llama.cpp, ours stays text.
        is_literal = not question["parse"] and peer.hidden & {*expected} - {*answer["ids"]}
        if answer["ids"] != expected and is_literal:
            figures["literal_controls"] += 1
            continue
        theirs.append((question, expected))
        if answer["ids"] != expected:
            figures["id_differences"] += 1
            if figures["id_differences"] <= 10:
                print(json.dumps(question), "\n  ours ", answer["ids"], "\n  peer ", expected, file=sys.stderr)
        if not peer.comes_back:
            continue
        decoded = bytes.fromhex(answer["bytes"])
        figures["lost_in_vocabulary"] += peer.spellable(question["text"]) != question["text"].encode()
        if decoded != peer.spellable(question["text"]):
            figures["round_trip_differences"] += 1
            if figures["round_trip_differences"] <= 10:
                print(json.dumps(question), "decodes to", decoded, file=sys.stderr)
    return figures, theirs


def compare_pieces(model, peer):
    done = subprocess.run([ENCODER, model, "--pieces"], stdout=subprocess.PIPE, check=True)
    pieces = [bytes.fromhex(line.decode()) for line in done.stdout.split(b"\n")[:-1]]
    different = [i for i in range(peer.size) if i >= len(pieces) or pieces[i] != peer.piece(i)]
    for token in different[:10]:
        print("token", token, "ours", pieces[token : token + 1], "peer", peer.piece(token), file=sys.stderr)
    return {"pieces": len(pieces), "piece_differences": len(different) + abs(len(pieces) - peer.size)}


def vocabulary(model):
    """What the file says about its tokenizer, by the last part of each key; bytes in hexadecimal."""
    fields = gguf.GGUFReader(model).fields
    found = {key.removeprefix("tokenizer.ggml."): field.contents() for key, field in fields.items() if key.startswith("tokenizer.")}
    if "precompiled_charsmap" in found:
        found["precompiled_charsmap"] = bytes(found["precompiled_charsmap"]).hex()
    if "scores" in found:
        found["scores"] = [round(score, 4) for score in found["scores"]]
    return found


def write_golden(path, model, peer, theirs, source):
    """Strings and llama.cpp's ids; of a small vocabulary, all of it."""
    header = {"generator": "tools/compare_tokenizer.py", "source": source, "model": os.path.basename(model)}
    rows = [[q["text"], q["parse"], ids] for q, ids in theirs if len(ids) <= 60][:600]
    if peer.size <= LARGEST_IN_GOLDEN:
        header["vocabulary"] = vocabulary(model)
        rows = rows[:300]
    with open(path, "w", encoding="ascii") as file:
        file.write(json.dumps(header)[:-1] + ', "rows": [\n' + ",\n".join(map(json.dumps, rows)) + "\n]}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--characters", choices=["all", "sampled"])
    parser.add_argument("--golden")
    args = parser.parse_args()
    texts = random_texts.every_character(args.characters == "sampled") if args.characters else random_texts.strings(args.count, args.seed)
    different = False
    for model in args.models:
        peer = Peer(model)
        asked = random_texts.with_dna(texts, args.seed) if peer.has_dna else texts
        figures, theirs = compare(model, peer, asked, [True] if args.characters else [True, False])
        figures = {"model": os.path.basename(model), "strings": len(texts)} | figures | compare_pieces(model, peer)
        print(json.dumps(figures), flush=True)
        different |= any(figures[key] for key in figures if key.endswith("differences"))
        if args.golden:
            write_golden(args.golden, model, peer, theirs, f"llama-cpp-python {llama_cpp.__version__}")
    sys.exit(different)


if __name__ == "__main__":
    main()
