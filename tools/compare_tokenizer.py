#!/usr/bin/env python3
"""Compares our token ids and token bytes with llama.cpp's, on random strings.

Usage: cargo build --release -p gollum-tokenizer --example encode_lines
       python3 tools/compare_tokenizer.py MODEL.gguf [--count 20000] [--seed 1] [--every-character]
                                          [--golden golden/tokenizer/NAME.json]

Needs llama-cpp-python, and a vocabulary without a space prefix for the round trip. Prints one JSON object with the figures, and the first differences on stderr; exits with 1
if there is any. `--golden` also writes a few hundred of the strings with llama.cpp's ids, for tests without it.
"""
import argparse
import ctypes
import json
import os
import random
import subprocess
import sys

import llama_cpp

HERE = os.path.dirname(os.path.abspath(__file__))
ENCODER = os.path.join(os.environ.get("CARGO_TARGET_DIR", os.path.join(HERE, "..", "target")), "release/examples/encode_lines")
SPECIAL = [
    "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<repo_name>", "<reponame>", "<file_sep>", "<gh_stars>",
    "<bos>", "<eos>", "<pad>", "<unk>", "<mask>", "<start_of_turn>", "<end_of_turn>", "<unused0>", "<unused1>", "<unused62>",
    "[multimodal]", "<start_of_image>", "</s>", "<s>", "<table>", "<h1>", "</h1>", "<0x0A>", "<0xFF>", "<|im_", "im_end|>", "<|", "|>",
]
WORDS = (
    "the of and hello world I'm don't we'll they've she'd it's you're THE It'S DON'T We'Re 'tis o'clock "
    "tokenizer antidisestablishmentarianism x1 2024 3.14159 1e-9 0xFF 1,000,000 C++ f(x) a_b camelCase snake_case "
    "http://example.com/a?b=c&d=e user@example.org #tag $5 50% [1] {\"k\": \"v\"} <div class='a'> \\n \\t "
    "naïve café Straße Ünïcödé Привет мир Γειά σου שלום مرحبا नमस्ते สวัสดี こんにちは 世界 한국어 안녕하세요 中文分词 繁體 "
    "ﬁ ① Ⅷ ² ½ ٣٤ १२३ ｆｕｌｌ １２３ ꧁ ﷽ e\u0301 a\u0308\u0323 \u1100\u1161\u11a8 ſ K İ ı ß ẞ"
).split()
EMOJI = ["😀", "👍🏽", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪", "🇯🇵🇫🇷", "❤️", "1️⃣", "👨🏿‍🚀", "🫠", "☃", "\ufe0f", "\u200d", "🏴\U000e0067\U000e0062\U000e007f"]
SPACES = [" ", "  ", "\n", "\n\n", "\t", "\r\n", "\r", "\v", "\f", "\u00a0", "\u2003", "\u3000", "\u2028", "\u0085", "\u200b", "\u1680", "\u2581", "\ufeff"]
RANGES = [(0x20, 0x7F), (0x80, 0x24F), (0x250, 0x7FF), (0x800, 0xFFF), (0x1000, 0x1FFF), (0x2000, 0x2FFF), (0x3000, 0x9FFF), (0xA000, 0xD7FF),
          (0xE000, 0xFFFF), (0x10000, 0x1FFFF), (0x20000, 0x2FFFF), (0x30000, 0x3FFFF), (0xE0000, 0xEFFFF), (0xF0000, 0x10FFFF)]


def character(rng):
    return chr(rng.randint(*rng.choice(RANGES)))


def part(rng):
    """A short piece of text of one of many kinds."""
    kind = rng.randrange(14)
    if kind < 3:
        return rng.choice(WORDS)
    if kind == 3:
        return " " + rng.choice(WORDS)
    if kind == 4:
        return "".join(chr(rng.randint(0x20, 0x7E)) for _ in range(rng.randint(1, 12)))
    if kind == 5:
        return "".join(character(rng) for _ in range(rng.randint(1, 6)))
    if kind == 6:
        return rng.choice(EMOJI) * rng.randint(1, 3)
    if kind == 7:
        return chr(rng.randint(0, 0x1F)) * rng.randint(1, 3) + chr(rng.choice([0x7F, rng.randint(0x80, 0x9F), 0]))
    if kind == 8:
        return rng.choice(SPACES) * rng.choice([1, 1, 2, 3, 4, 7, 16, 17, 31, 32, 33, 70])
    if kind == 9:
        return "".join(rng.choice(SPACES) for _ in range(rng.randint(1, 6)))
    if kind == 10:
        return rng.choice(SPECIAL)
    if kind == 11:
        return rng.choice("aAzZ0 .-=*#\n'\"\\é中") * rng.randint(2, 60)
    if kind == 12:
        return "'" + rng.choice(["s", "S", "t", "T", "re", "Re", "RE", "ve", "ll", "lL", "d", "m", "x", "é", " s", "l", "r"])
    return "".join(rng.choice("0123456789٠١²½ⅧⅣ") for _ in range(rng.randint(1, 9)))


def strings(count, seed):
    rng = random.Random(seed)
    return [""] + ["".join(part(rng) for _ in range(rng.randint(1, 8))) for _ in range(count - 1)]


def every_character():
    """Each code point between and beside letters, digits, spaces and punctuation."""
    points = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    return ["".join(f"a{c}b {c}1{c}2 . {c}!{c}  {c}\n" for c in points[at : at + 16]) for at in range(0, len(points), 16)]


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
        self.is_spm = llama_cpp.llama_vocab_type(self.vocab) == llama_cpp.LLAMA_VOCAB_TYPE_SPM
        self.spelled = {self.piece(token) for token in range(self.size)}

    def encode(self, text, parse):
        raw = text.encode()
        count = llama_cpp.llama_tokenize(self.vocab, raw, len(raw), self.ids, len(self.ids), False, parse)
        if count < 0:
            self.ids = (llama_cpp.llama_token * -count)()
            return self.encode(text, parse)
        return list(self.ids[:count])

    def piece(self, token):
        count = llama_cpp.llama_token_to_piece(self.vocab, token, self.buffer, len(self.buffer), 0, True)
        return self.buffer.raw[:count]

    def spellable(self, text):
        """What is left of a text in this vocabulary: SPM reads U+2581 as a space, and BPE drops bytes without a token."""
        if self.is_spm:
            return text.replace("\u2581", " ").encode()
        return bytes(byte for byte in text.encode() if bytes([byte]) in self.spelled)


@llama_cpp.llama_log_callback
def SILENT(level, text, data):
    pass


def ours(model, questions):
    lines = "".join(json.dumps(question) + "\n" for question in questions)
    done = subprocess.run([ENCODER, model], input=lines.encode(), stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def compare(model, peer, texts):
    """Counts differences; returns the figures and llama.cpp's answers."""
    questions = [{"text": text, "parse": parse} for text in texts for parse in (True, False)]
    figures = {"encodings": len(questions), "tokens": 0, "id_differences": 0, "lost_in_vocabulary": 0, "round_trip_differences": 0}
    theirs = []
    for question, answer in zip(questions, ours(model, questions), strict=True):
        expected = peer.encode(question["text"], question["parse"])
        theirs.append((question, expected))
        figures["tokens"] += len(expected)
        if answer["ids"] != expected:
            figures["id_differences"] += 1
            if figures["id_differences"] <= 10:
                print(json.dumps(question), "\n  ours ", answer["ids"], "\n  peer ", expected, file=sys.stderr)
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


def write_golden(path, model, theirs, source):
    rows = [[q["text"], q["parse"], ids] for q, ids in theirs if len(ids) <= 60][:600]
    with open(path, "w", encoding="ascii") as file:
        header = {"generator": "tools/compare_tokenizer.py", "source": source, "model": os.path.basename(model)}
        file.write(json.dumps(header)[:-1] + ', "rows": [\n' + ",\n".join(map(json.dumps, rows)) + "\n]}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every-character", action="store_true")
    parser.add_argument("--golden")
    args = parser.parse_args()
    peer = Peer(args.model)
    texts = every_character() if args.every_character else strings(args.count, args.seed)
    figures, theirs = compare(args.model, peer, texts)
    figures = {"model": os.path.basename(args.model), "strings": len(texts)} | figures | compare_pieces(args.model, peer)
    print(json.dumps(figures))
    if args.golden:
        write_golden(args.golden, args.model, theirs, f"llama-cpp-python {llama_cpp.__version__}")
    sys.exit(any(figures[key] for key in figures if key.endswith("differences")))


if __name__ == "__main__":
    main()
