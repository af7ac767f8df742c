#!/usr/bin/env python3
"""Writes the grids of the IQ formats, as the `gguf` package packs them, to crates/quant/src/grids/data.rs.

    python tools/grid_tables.py [crates/quant/src/grids/data.rs]        needs gguf, from PyPI

The grids are results of a search, not of a formula, so they are carried as data. The file changes only with the
package.
"""

import pathlib
import sys
from importlib.metadata import version

from gguf import quants

GRIDS = ["IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S", "IQ1_S"]
DIGITS_PER_LINE = 100

HEADER = """//! The packed grids, in hexadecimal. Written by `tools/grid_tables.py` from the `gguf` package {version} (MIT licence,
//! copyright the ggml authors), `grid_hex` of `gguf/quants.py`; not to be edited.
//!
//! A row of eight weights takes two bytes, two bits a weight; a row of four takes two, four bits a weight; lowest bits
//! first. White space does not count.
"""


def main():
    path = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "crates/quant/src/grids/data.rs")
    text = HEADER.format(version=version("gguf"))
    for name in GRIDS:
        traits = getattr(quants, name)
        digits = traits.grid_hex.decode()
        rows, width = traits.grid_shape
        lines = [digits[i : i + DIGITS_PER_LINE] for i in range(0, len(digits), DIGITS_PER_LINE)]
        text += f"\n/// {rows} rows of {width}.\n"
        text += f'pub(super) const {name}: &str = "\n' + "\n".join(lines) + '";\n'
    path.write_text(text)


if __name__ == "__main__":
    main()
