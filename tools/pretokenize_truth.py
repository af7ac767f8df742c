#!/usr/bin/env python3
"""Writes golden/tokenizer/pretokenize.json: how the regular expressions themselves cut text.

Usage: python3 tools/pretokenize_truth.py > golden/tokenizer/pretokenize.json     (needs `pip install regex`)

Our scanners are hand-written; the truth is the expressions of each family, run by the `regex` module. Expressions
of one family apply one after the other, each to the pieces of the one before; what an expression does not match is
a piece of its own. Functions stand for what llama.cpp does in place of an expression.
"""
import json
import os
import random
import sys
import unicodedata

import regex

HERE = os.path.dirname(os.path.abspath(__file__))


def ranges_in(file, name):
    """A table of code points out of the scanners' source: which characters are meant is not what is in doubt."""
    source = open(os.path.join(HERE, "../crates/tokenizer/src/pretokenize", file), encoding="utf-8").read()
    table = source[source.index(f"const {name}:") :]
    pairs = regex.findall(r"\(0x([0-9a-f]+), 0x([0-9a-f]+)\)", table[: table.index("];")])
    return [(int(first, 16), int(last, 16)) for first, last in pairs]


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
ENDING = "(?:" + CONTRACTION[:-1] + ")?"
GPT4O = CASED.replace("END", ENDING) + r"\p{N}{1,3}" + CASED_TAIL
WITHOUT_HAN = CASED.replace(UPPER, "[" + UPPER + r"--\p{Han}]").replace(LOWER, "[" + LOWER + r"--\p{Han}]").replace("END", ENDING)
CODE = r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
CHINESE_JAPANESE = r"[一-龥぀-ゟ゠-ヿ]+"
SCRIPTS = r"(?:(?!\s)[\u0800-\u9fa5\uac00-\ud7ff])+"
CASED_LETTERS = "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges_in("sets.rs", "CASED"))
UNSPACED = "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges_in("sets.rs", "UNSPACED"))
WHITESPACE = "".join(rf"\s{{{count}}}(?!\S)|" for count in (512, 256, 128, 64, 32, 16, 8, 4, "1,2")) + r"\s{1}"


def numbers_from_right(text):
    """Threes from the right; the first piece of a run of numbers begins where the piece before ended."""
    at = 0
    for run in regex.finditer(r"\p{N}+", text):
        start = run.start() + (len(run.group()) % 3 or 3)
        for cut in range(start, run.end() + 1, 3):
            yield text[at:cut]
            at = cut
    yield text[at:]


FAMILIES = {
    "default": [r"[\p{P}\$\+<=>\^~\|]+", GPT2, r"\p{N}+", r"[0-9][0-9][0-9]"],
    "gpt-2": [GPT2],
    "smollm": [r"\p{N}", GPT2],
    "llama-bpe": [LLAMA3],
    "dbrx": [LLAMA3],
    "qwen2": [QWEN2],
    "qwen35": [QWEN35],
    "tekken": [CASED.replace("END", "") + r"\p{N}" + CASED_TAIL],
    "gpt-4o": [GPT4O],
    "ufakzeka": [WORD + r"\p{N}" + TAIL],
    "laguna": [r"[^\n]+|[\n]+", QWEN2],
    "minicpm5": [r"\p{N}{1,3}", CONTRACTION + WORD + r"\p{N}+" + TAIL],
    "glm4": [LLAMA3],
    "jina-v1-en": [GPT2],
    "bailingmoe": [r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"],
    "seed-coder": [CONTRACTION + WORD + r"\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|\s*[\r\n]+|\s+(?!\S)|\s+"],
    "exaone-moe": [CONTRACTION + r"[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+"],
    "jais-2": [CONTRACTION + WORD + r"\p{N}{1,3}" + TAIL.replace(r"\s+(?!\S)|\s+", WHITESPACE)],
    "granite-embed-multi-97m": [GPT4O],
    "tiny_aya": [numbers_from_right, GPT4O],
    "youtu": [
        r"[가-힣ㄱ-ㆎ]+|[！…“”‘’—：；，、-〿︰-﹏]+|[ㄅ-ㄯ]+|" + CHINESE_JAPANESE,
        CASED.replace("END", ENDING) + r"\p{N}" + CASED_TAIL,
    ],
    "kimi-k2": [r"\p{Han}+|" + WITHOUT_HAN + r"\p{N}{1,3}" + TAIL],
    "deepseek-v3": [r"\p{N}{1,3}", CHINESE_JAPANESE, CODE],
    "spark2_5": [r"\p{N}{1,3}", CHINESE_JAPANESE, CODE.replace(r"+[\r\n]*|\s*[\r\n]+|", r"+|[\r\n]|"), r"\p{N}"],
    "deepseek-llm": [r"[\r\n]", rf"\s?[{CASED_LETTERS}]+", r"\s?[!-/:-~！-／：-～‘-‟、-。]+", r"\s+\Z", SCRIPTS, r"\p{N}+"],
    "deepseek-coder": [r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", SCRIPTS, r"\p{N}"],
    "afmoe": [numbers_from_right, rf"[{UNSPACED}]+", CODE],
    "falcon": [r"[\p{P}\$\+<=>\^~\|`]+", GPT2, r"[0-9][0-9][0-9]"],
    "bloom": [r" ?[^(\s|.,!?…。，、।۔،)]+"],
    "viking": [r" ?[^(\s|.,!?…。，、।۔،)]+", r"\p{N}"],
    "superbpe": [r"\p{N}+", r"(?=([0-9]{3})+(?![0-9]))"],
    "chameleon": [r"<sentinel:[0-9]+>", r"IMGIMG[A-I]{1,4}Z", r"[\t\n]|    |  ", r"\p{N}", r"[\p{P}!-/:-@\[-`{-~]", GPT2],
    "gemma4": [r"[^\n]+|[\n]+"],
    "sarvam-moe": [r"[^\n]+|[\n]+"],
    "whitespace": [r"\S+"],
}
TEXTS = [
    "Hello, world! I'm here; we'll SEE what they'Ve done.", "  leading and trailing  ", "a\n\n b\r\n\r\n  c \n", "\t\tx\t y", "camelCaseWORDS ÀÉÎ Éa ǅx/y a//\n/b ʰA漢B漢 ΑΒγ Ab'S",
    "don't DON'T 'tis 's 'S 'x",
    "1234567 12 3.14159 ٣٤٥٦ ½²Ⅷ x1y22", "naïve e\u0301a\u0308 \u0301x नमस्ते สวัสดี", "你好，世界。 日本語 テスト", "👩‍👩‍👧 ❤️ 🇩🇪 ok", "f(x)=[a+b]*{c}//d\n\n\n#$%&",
    " \u00a0\u3000x\u2003\u2003 y", "$5 <b>|~^=+ 1,000,000.50", "'", "'r", "'re", "\r", "\n", " ", "  ", " \n", "\n ", "_a __b -c --d", "\u0000\u0001a\u007f b",
    "a 12345 b1234567.12 ２３４５６ 1½234", "<sentinel:12><sentinel:><sentinel:3 IMGIMGIMGABZx IMGIMGABCDEZ", "x" + " " * 700 + "y" + " " * 5 + "\n" + " " * 3,
    "한국어 ㅋㅋ ㄅㄆ！…、。 ｱｲ ไทย លោ ကို ꦩ", "a b  c É d\u0301 e /f\n\n/g", "`code` ($1) ...\n(a,b) ،।", "々〇漢𠀀 ⺀ Aあ漢Bb漢's",
]
ALPHABET = (
    ["a", "b", "s", "t", "re", "LL", "Z", "é", "ß", "É", "ʰ", "ǅ", "/", "漢", "字", "ね", "ก", "\u0301", "\u0e31", "\u094d", "1", "2", "99", "٣", "²", "Ⅷ", "'", "'s", "'", "’"]
    + [" ", " ", "  ", "\n", "\r", "\r\n", "\t", "\u00a0", "\u3000", "\u0085", "\u200b", "\u200d"]
    + [".", ",", "!", "-", "_", "$", "+", "<", "|", "~", "(", "\"", "«", "。", "€", "😀", "\u0000", "\u001f", "\ue000"]
    + ["123", "1234", "한", "ア", "ㄅ", "、", "ไ", "；", "`", ":", "ω", "Ⴀ"]
)


def cut(text, expressions):
    pieces = [text]
    for expression in expressions:
        later = []
        for piece in pieces:
            if callable(expression):
                later += expression(piece)
                continue
            at = 0
            for match in regex.finditer(expression, piece, regex.VERSION1):
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
