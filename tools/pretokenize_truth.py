#!/usr/bin/env python3
"""Writes golden/tokenizer/pretokenize.json: how the regular expressions themselves cut text.

Usage: python3 tools/pretokenize_truth.py > golden/tokenizer/pretokenize.json     (needs `pip install regex`)

Our scanners are hand-written; the truth is the expressions of each family, run by the `regex` module. Expressions
of one family apply one after the other, each to the pieces of the one before; what an expression does not match is
a piece of its own.
"""
import json
import random
import sys
import unicodedata

import regex

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
CONTRACTION = r"'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]|"
TAIL = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
WORD = r"[^\r\n\p{L}\p{N}]?\p{L}+|"
LLAMA3 = CONTRACTION + WORD + r"\p{N}{1,3}" + TAIL
QWEN2 = CONTRACTION + WORD + r"\p{N}" + TAIL
QWEN35 = (CONTRACTION + r"[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}" + TAIL).replace(r"[^\s\p{L}\p{N}]", r"[^\s\p{L}\p{M}\p{N}]")
UPPER, LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
CASED = r"[^\r\n\p{L}\p{N}]?" + UPPER + "*" + LOWER + r"+END|[^\r\n\p{L}\p{N}]?" + UPPER + "+" + LOWER + "*END|"
CASED_TAIL = TAIL.replace(r"[\r\n]*", r"[\r\n/]*")
FAMILIES = {
    "default": [r"[\p{P}\$\+<=>\^~\|]+", GPT2, r"\p{N}+", r"[0-9][0-9][0-9]"],
    "gpt-2": [GPT2],
    "smollm": [r"\p{N}", GPT2],
    "llama-bpe": [LLAMA3],
    "dbrx": [LLAMA3],
    "qwen2": [QWEN2],
    "qwen35": [QWEN35],
    "tekken": [CASED.replace("END", "") + r"\p{N}" + CASED_TAIL],
    "gpt-4o": [CASED.replace("END", "(?:" + CONTRACTION[:-1] + ")?") + r"\p{N}{1,3}" + CASED_TAIL],
    "ufakzeka": [WORD + r"\p{N}" + TAIL],
    "laguna": [r"[^\n]+|[\n]+", QWEN2],
    "minicpm5": [r"\p{N}{1,3}", CONTRACTION + WORD + r"\p{N}+" + TAIL],
}
TEXTS = [
    "Hello, world! I'm here; we'll SEE what they'Ve done.", "  leading and trailing  ", "a\n\n b\r\n\r\n  c \n", "\t\tx\t y", "camelCaseWORDS ÀÉÎ Éa ǅx/y a//\n/b ʰA漢B漢 ΑΒγ Ab'S",
    "don't DON'T 'tis 's 'S 'x",
    "1234567 12 3.14159 ٣٤٥٦ ½²Ⅷ x1y22", "naïve e\u0301a\u0308 \u0301x नमस्ते สวัสดี", "你好，世界。 日本語 テスト", "👩‍👩‍👧 ❤️ 🇩🇪 ok", "f(x)=[a+b]*{c}//d\n\n\n#$%&",
    " \u00a0\u3000x\u2003\u2003 y", "$5 <b>|~^=+ 1,000,000.50", "'", "'r", "'re", "\r", "\n", " ", "  ", " \n", "\n ", "_a __b -c --d", "\u0000\u0001a\u007f b",
]
ALPHABET = (
    ["a", "b", "s", "t", "re", "LL", "Z", "é", "ß", "É", "ʰ", "ǅ", "/", "漢", "字", "ね", "ก", "\u0301", "\u0e31", "\u094d", "1", "2", "99", "٣", "²", "Ⅷ", "'", "'s", "'", "’"]
    + [" ", " ", "  ", "\n", "\r", "\r\n", "\t", "\u00a0", "\u3000", "\u0085", "\u200b", "\u200d"]
    + [".", ",", "!", "-", "_", "$", "+", "<", "|", "~", "(", "\"", "«", "。", "€", "😀", "\u0000", "\u001f", "\ue000"]
)


def cut(text, expressions):
    pieces = [text]
    for expression in expressions:
        later = []
        for piece in pieces:
            at = 0
            for match in regex.finditer(expression, piece):
                later += [piece[at : match.start()], match.group()]
                at = match.end()
            later.append(piece[at:])
        pieces = [piece for piece in later if piece]
    return pieces


def main():
    rng = random.Random(5)
    texts = TEXTS + ["".join(rng.choices(ALPHABET, k=rng.randint(2, 14))) for _ in range(150)]
    assert all(unicodedata.category(c) != "Cn" for text in texts for c in text), "an unassigned character may change class"
    rows = [[text, {name: cut(text, expressions) for name, expressions in FAMILIES.items()}] for text in texts]
    # To keep the file small: how many characters each piece has, and only where it differs from llama-bpe.
    shown = []
    for text, pieces in rows:
        lengths = {name: [len(piece) for piece in cuts] for name, cuts in pieces.items()}
        base = lengths["llama-bpe"]
        shown.append([text, {name: cut for name, cut in lengths.items() if name == "llama-bpe" or cut != base}])
    header = {"generator": "tools/pretokenize_truth.py", "source": "regex " + regex.__version__, "families": list(FAMILIES)}
    sys.stdout.write(json.dumps(header)[:-1] + ', "rows": [\n' + ",\n".join(map(json.dumps, shown)) + "\n]}\n")


main()
