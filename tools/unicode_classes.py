#!/usr/bin/env python3
"""Writes crates/tokenizer/src/unicode_table.rs: the general category of every code point, in eight classes.

Usage: python3 tools/unicode_classes.py > crates/tokenizer/src/unicode_table.rs

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


def main():
    if unicodedata.unidata_version != VERSION:
        sys.exit(f"need Unicode {VERSION}, this Python has {unicodedata.unidata_version}")
    words = [f"0x{first << 3 | found:06x}" for first, found in ranges()]
    print(f"//! General categories of Unicode {VERSION}. Written by `tools/unicode_classes.py`; do not edit.")
    print()
    print("/// `first code point << 3 | class`, ascending; a range ends where the next begins. Classes: 0 other,")
    print("/// 1 upper or title case, 2 lower case, 3 other letter, 4 number, 5 punctuation, 6 symbol, 7 mark.")
    print("#[rustfmt::skip]")
    print(f"pub(crate) const RANGES: [u32; {len(words)}] = [")
    for at in range(0, len(words), PER_LINE):
        print("    " + ", ".join(words[at : at + PER_LINE]) + ",")
    print("];")


main()
