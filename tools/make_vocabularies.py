#!/usr/bin/env python3
"""Writes small vocabularies as GGUF files without tensors, one per tokenizer and pre-tokenizer, for compare_tokenizer.py.

Usage: python3 tools/make_vocabularies.py OUT_FOLDER [NAME ..]

Those whose name begins with `small-` are for golden/tokenizer.

Needs `pip install gguf sentencepiece`. The texts they are trained on are random, and BPE is trained across all boundaries
of words, so that a text cut at the wrong place nearly always has other ids. The names of pre-tokenizers are read from
crates/tokenizer/src/families.rs.
"""
import collections
import functools
import io
import itertools
import os
import random
import re
import sys
import tempfile

import gguf
import numpy
import sentencepiece

import random_texts

HERE = os.path.dirname(os.path.abspath(__file__))
NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = 1, 2, 3, 4, 5, 6
CONTROLS = ["<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>", "<mask>"]
USER_DEFINED_TEXTS = ["<table>", "<h1>", "<|tool|>", "\n\n\n\n"]
BYTE_TEXTS = [f"<0x{byte:02X}>" for byte in range(256)]
MERGES_PER_ROUND, ROUNDS, SEPARATOR = 25, 120, -1


def printable_bytes():
    """GPT-2's character of each byte."""
    own = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in own]
    return {byte: chr(byte) for byte in own} | {byte: chr(0x100 + at) for at, byte in enumerate(others)}


def train_bpe(texts, rounds):
    """(symbols, merges) of lists of symbols. Several pairs a round: any list of merges will do."""
    symbols = sorted({symbol for text in texts for symbol in text})
    numbers = {symbol: at for at, symbol in enumerate(symbols)}
    # No merge builds a special token: as text it would become one in llama.cpp.
    known, merges = {*symbols, *CONTROLS, *USER_DEFINED_TEXTS, *BYTE_TEXTS, *random_texts.SPECIAL}, []
    ids = numpy.array([number for text in texts for number in [*(numbers[symbol] for symbol in text), SEPARATOR]])
    for _ in range(rounds):
        inside = (ids[:-1] != SEPARATOR) & (ids[1:] != SEPARATOR)
        pairs, counts = numpy.unique(ids[:-1][inside] * (1 << 32) + ids[1:][inside], return_counts=True)
        touched = set()
        for at in numpy.argsort(-counts, kind="stable"):
            left, right = divmod(int(pairs[at]), 1 << 32)
            if counts[at] < 3 or len(touched) >= 2 * MERGES_PER_ROUND:
                break
            joined = symbols[left] + symbols[right]
            if touched & {left, right} or left == right or joined in known:
                continue
            touched |= {left, right}
            known.add(joined)
            merges.append((symbols[left], symbols[right]))
            starts = numpy.flatnonzero((ids[:-1] == left) & (ids[1:] == right))
            ids[starts] = len(symbols)
            ids = numpy.delete(ids, starts + 1)
            symbols.append(joined)
    return symbols, merges


def write(path, model, tokens, kinds, extra, scores=None, merges=None, pre=None, name=None):
    writer = gguf.GGUFWriter(path, "llama")
    if name:
        writer.add_name(name)
    # What llama.cpp reads of a llama before it comes to the vocabulary.
    writer.add_context_length(512)
    writer.add_embedding_length(32)
    writer.add_block_count(1)
    writer.add_feed_forward_length(32)
    writer.add_head_count(1)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_tokenizer_model(model)
    if pre:
        writer.add_tokenizer_pre(pre)
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    if scores:
        writer.add_token_scores(scores)
    if merges:
        writer.add_token_merges(merges)
    extra(writer)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()


@functools.cache
def training_texts():
    return random_texts.strings(5000, 99)[1:]


@functools.cache
def small_texts():
    rng = random.Random(5)
    return [" ".join(rng.choices(random_texts.WORDS, k=8)) for _ in range(300)]


def special_ids(tokens):
    def extra(writer):
        writer.add_unk_token_id(tokens.index("<unk>"))
        writer.add_bos_token_id(tokens.index("<s>"))
        writer.add_eos_token_id(tokens.index("</s>"))

    return extra


def pre_names():
    source = open(os.path.join(HERE, "../crates/tokenizer/src/families.rs"), encoding="utf-8").read()
    source = source[: source.index("const NEAREST")]
    names = [name for found in re.findall(r"&\[((?:\s*\"[^\"]+\",?)+\s*)\]", source) for name in re.findall(r"\"([^\"]+)\"", found)]
    return [name for name in names if name != "gpt2"]  # an older alias that llama.cpp refuses


@functools.cache
def bpe_vocabulary(alphabet, small):
    """(tokens, kinds, merges) of one of the alphabets in families.rs."""
    texts, rounds = (small_texts(), 10) if small else (training_texts(), ROUNDS)
    if alphabet == "bytes":
        characters = printable_bytes()
        spell = lambda text: "".join(characters[byte] for byte in text.encode())
        symbols, merges = train_bpe([spell(text) for text in texts], rounds)
        # Whole words that merges do not build, for the families that look for them first.
        symbols = list(dict.fromkeys([*characters.values(), *symbols, *map(spell, WHOLE)]))
        byte_tokens = []
    else:
        texts = [text.replace("\0", "") for text in texts]  # llama.cpp's strings end there
        change = (lambda text: text.replace(" ", "\u2581")) if alphabet == "escaped" else (lambda text: re.sub(r"\s", "", text))
        symbols, merges = train_bpe([change(text) for text in texts], rounds)
        byte_tokens = BYTE_TEXTS
    specials = CONTROLS + USER_DEFINED_TEXTS
    tokens = specials + byte_tokens + symbols
    kinds = [CONTROL] * len(CONTROLS) + [USER_DEFINED] * len(USER_DEFINED_TEXTS) + [BYTE] * len(byte_tokens) + [NORMAL] * len(symbols)
    return tokens, kinds, merges


def bpe(path, model, pre, small=False):
    alphabet = "escaped" if pre in ESCAPED else "plain" if pre == "whitespace" else "bytes"
    tokens, kinds, merges = bpe_vocabulary(alphabet, small)
    write(path, model, tokens, kinds, special_ids(tokens), pre=pre, merges=[" ".join(pair) for pair in merges])


def hybrid_dna(path, small=False):
    """BPE, tags, and tokens of six letters: all of them, or a few. One is a word too."""
    tokens, kinds, merges = bpe_vocabulary("bytes", small)
    kmers = ["".join(letters) for letters in itertools.product("ACGT", repeat=6)]
    kmers = random.Random(7).sample(kmers, 300) if small else kmers
    more = ["<dna>", "</dna>", "<oov>", kmers[0]] + [kmer + random_texts.DNA_MARK for kmer in kmers]
    tokens, kinds = tokens + more, kinds + [NORMAL] * len(more)
    write(path, "hybriddna", tokens, kinds, special_ids(tokens), pre="qwen2", merges=[" ".join(pair) for pair in merges])


ESCAPED = ["gemma4", "granite-embed-multi-311m", "sarvam-moe"]
WHOLE = [" world", "tokenizer", "\n\n", "  ", " 123", "don't", "'LL", "日本", "x1y2", " ..."]


# A few rules of each form: to one character, to several, from several, to a space, to nothing.
RULES = {"Ａ": "A", "①": "1", "ﬁ": "fi", "…": "...", "e\u0301": "é", "\u3000": " ", "\t": " ", "\n": " ", "\u200b": "", "ぱ": "パ", "ſ": "s"}


def rules_file():
    """RULES as SentencePiece reads them."""
    hexadecimal = lambda text: " ".join(f"{ord(c):X}" for c in text)
    with tempfile.NamedTemporaryFile("w", suffix=".tsv", delete=False) as file:
        file.writelines(f"{hexadecimal(key)}\t{hexadecimal(value)}\n" for key, value in RULES.items())
    return file.name


def unigram(texts, rule, size=3000):
    """A SentencePiece model trained on the texts: (pieces, scores, kinds, charsmap)."""
    from sentencepiece import sentencepiece_model_pb2

    model = io.BytesIO()
    lines = iter([line for text in texts for line in re.split(r"[\r\n\0]+", text) if line.strip()])
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=lines, model_writer=model, model_type="unigram", vocab_size=size,
        **({"normalization_rule_name": rule} if rule else {"normalization_rule_tsv": rules_file()}),
        pad_id=0, eos_id=1, unk_id=2, bos_id=-1, user_defined_symbols=["<table>", "<h1>"], hard_vocab_limit=False, minloglevel=2,
        character_coverage=0.98,
    )
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(model.getvalue())
    pieces = [piece.piece for piece in proto.pieces]
    return pieces, [round(piece.score, 4) for piece in proto.pieces], [piece.type for piece in proto.pieces], proto.normalizer_spec.precompiled_charsmap


def spm(path, texts, name):
    """Merges by score: SentencePiece's BPE with bytes to fall back on, and the special tokens that Phi-3 has."""
    from sentencepiece import sentencepiece_model_pb2

    model = io.BytesIO()
    lines = iter([line for text in texts for line in re.split(r"[\r\n\0]+", text) if line.strip()])
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=lines, model_writer=model, model_type="bpe", vocab_size=3000, byte_fallback=True, minloglevel=2,
        control_symbols=["<|endoftext|>", "<|user|>", "<|end|>"], user_defined_symbols=["<table>"], character_coverage=0.98,
    )
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(model.getvalue())
    tokens = [piece.piece for piece in proto.pieces]
    write(path, "llama", tokens, [piece.type for piece in proto.pieces], special_ids(tokens), scores=[piece.score for piece in proto.pieces], name=name)


def t5(path, texts, rule, prefix, merge_spaces, size=3000):
    tokens, scores, kinds, charsmap = unigram(texts, rule, size)
    kinds[5] = UNUSED

    def extra(writer):
        writer.add_add_space_prefix(prefix)
        writer.add_remove_extra_whitespaces(merge_spaces)
        if charsmap:
            writer.add_precompiled_charsmap(charsmap)

    write(path, "t5", tokens, kinds, extra, scores=scores)


def plamo2(path, texts, size=3000):
    pieces, scores, kinds, _ = unigram(texts, "identity", size)
    words = [(piece.replace("\u2581", " "), score) for piece, score, kind in zip(pieces, scores, kinds) if kind == NORMAL]
    words = list(dict(reversed(words)).items())
    tokens = ["<|plamo:unk|>", "<|plamo:bos|>", "<|plamo:eos|>", "<|plamo:pad|>", "</s>"]
    kinds = [UNKNOWN, CONTROL, CONTROL, CONTROL, NORMAL] + [BYTE] * 256 + [NORMAL] * len(words)
    tokens += [f"<0x{byte:02X}>" for byte in range(256)] + [word for word, _ in words]
    write(path, "plamo2", tokens, kinds, lambda writer: None, scores=[0.0] * 4 + [-5.0] + [0.0] * 256 + [score for _, score in words])


def rwkv(path, texts):
    rng = random.Random(3)
    found = {bytes([byte]) for byte in range(256)}
    for text in map(str.encode, texts):
        for _ in range(3):
            start = rng.randrange(len(text) + 1)
            found.add(text[start : start + rng.randint(2, 12)])
    found = sorted(found - {b""}, key=lambda token: (len(token), token))
    named = {0x09: "\\t", 0x0A: "\\n", 0x0D: "\\r", 0x5C: "\\\\"}
    spelled = {byte: named.get(byte, chr(byte) if 0x20 <= byte < 0x7F else f"\\x{byte:02x}") for byte in range(256)}
    tokens = ["<s>"] + ["".join(spelled[byte] for byte in token) for token in found if token != b"<s>"]
    write(path, "rwkv", tokens, [CONTROL] + [NORMAL] * (len(tokens) - 1), lambda writer: None)


def bert(path, texts, lower, size=6000):
    counts = collections.Counter()
    for text in texts:
        for word in re.findall(r"\w+|[^\w\s\0]", text.lower() if lower else text):
            for end in range(1, min(len(word), 6) + 1):
                counts["\u2581" + word[:end]] += 1
                counts[word[-end:]] += 1
    pieces = [piece for piece, count in counts.most_common(size)]
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    kinds = [CONTROL] * 5 + [NORMAL] * len(pieces)

    def extra(writer):
        writer.add_bos_token_id(2)
        writer.add_sep_token_id(3)
        writer.add_unk_token_id(1)
        writer.add_mask_token_id(4)
        if not lower:
            writer.add_bool("tokenizer.ggml.normalizer.lowercase", False)

    write(path, "bert", tokens + pieces, kinds, extra)


def main():
    folder, wanted = sys.argv[1], sys.argv[2:]
    os.makedirs(folder, exist_ok=True)
    texts = training_texts()
    # Alone, the pre-tokenizer of the tokenizer of the same name makes llama.cpp stop at the first space.
    makers = {f"bpe-{pre}": functools.partial(bpe, model="gpt2", pre=pre) for pre in pre_names() if pre != "whitespace"}
    makers |= {
        "gemma4": lambda path: bpe(path, "gemma4", "gemma4"),
        "whitespace": lambda path: bpe(path, "whitespace", "whitespace"),
        "hybriddna": hybrid_dna,
        "bert": lambda path: bert(path, texts, True),
        "bert-cased": lambda path: bert(path, texts, False),
        "t5": lambda path: t5(path, texts, "nmt_nfkc", True, True),
        "t5-plain": lambda path: t5(path, texts, "identity", False, False),
        "t5-prefix": lambda path: t5(path, texts, "nfkc_cf", True, False),
        "spm": lambda path: spm(path, texts, None),
        "spm-phi3": lambda path: spm(path, texts, "Phi-3 mini"),
        "rwkv": lambda path: rwkv(path, texts),
        "plamo2": lambda path: plamo2(path, texts),
        "small-gemma4": lambda path: bpe(path, "gemma4", "gemma4", small=True),
        "small-whitespace": lambda path: bpe(path, "whitespace", "whitespace", small=True),
        "small-hybriddna": lambda path: hybrid_dna(path, small=True),
        "small-bert": lambda path: bert(path, small_texts(), True, 1200),
        "small-t5": lambda path: t5(path, small_texts(), None, True, True, 600),
        "small-rwkv": lambda path: rwkv(path, small_texts()[:120]),
        "small-plamo2": lambda path: plamo2(path, small_texts(), 600),
    }
    for name, make in makers.items():
        if not wanted or name in wanted:
            make(os.path.join(folder, name + ".gguf"))
            print(name, file=sys.stderr)


if __name__ == "__main__":
    main()
