#!/usr/bin/env python3
"""Writes crates/tokenizer/src/unicode_table.rs: the general category of every code point, in eight classes; and
unicode_bases.rs: the character that is left of each when its accents are taken off.

Usage: python3 tools/unicode_classes.py > crates/tokenizer/src/unicode_table.rs
       python3 tools/unicode_classes.py --bases > crates/tokenizer/src/unicode_bases.rs

The version must be Unicode 15.1, which llama.cpp's tables have: a letter of a newer version would split
differently there. Python 3.13 has 15.1 built in; elsewhere `pip install unicodedata2==15.1.0`.
"""
import sys

try:
    import unicodedata2 as unicodedata
except ImportError:
    import unicodedata

VERSION = "15.1.0"
LETTERS = {"Lu": 1, "Lt": 1, "Ll": 2, "Lm": 3, "Lo": 3}
CLASSES = {"N": 4, "P": 5, "S": 6, "M": 7}  # everything else is 0
PER_LINE = 9


def ranges():
    """(first code point, class) wherever the class changes."""
    last = None
    for code_point in range(0x110000):
        category = unicodedata.category(chr(code_point))
        found = LETTERS.get(category) or CLASSES.get(category[0], 0)
        if found != last:
            yield code_point, found
            last = found


HANGUL = range(0xAC00, 0xD7A4)  # decomposed by a formula


def bases():
    """(code point, first code point of its canonical decomposition) where the two differ."""
    for code_point in range(0x110000):
        if code_point not in HANGUL and not 0xD800 <= code_point < 0xE000:
            base = ord(unicodedata.normalize("NFD", chr(code_point))[0])
            if base != code_point:
                yield code_point, base


def write(title, words, width, doc, declaration, kind):
    print(f"//! {title} of Unicode {VERSION}. Written by `tools/unicode_classes.py`; do not edit.")
    print()
    for line in doc:
        print("///", line)
    print("#[rustfmt::skip]")
    print(f"pub(crate) {declaration}: [{kind}; {len(words)}] = [")
    for at in range(0, len(words), PER_LINE):
        print("    " + ", ".join(f"0x{word:0{width}x}" for word in words[at : at + PER_LINE]) + ",")
    print("];")


def main():
    if unicodedata.unidata_version != VERSION:
        sys.exit(f"need Unicode {VERSION}, this Python has {unicodedata.unidata_version}")
    if "--bases" in sys.argv:
        doc = ["`code point << 21 | first code point of its canonical decomposition`, ascending, where the two differ.",
               "Hangul is left out: a formula decomposes it."]
        write("Base characters", [point << 21 | base for point, base in bases()], 11, doc, "static BASES", "u64")
    else:
        doc = ["`first code point << 3 | class`, ascending; a range ends where the next begins. Classes: 0 other,",
               "1 upper or title case, 2 lower case, 3 other letter, 4 number, 5 punctuation, 6 symbol, 7 mark."]
        write("General categories", [first << 3 | found for first, found in ranges()], 6, doc, "const RANGES", "u32")


main()
