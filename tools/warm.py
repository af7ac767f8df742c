#!/usr/bin/env python3
"""Touches memory and gives it back, so that a virtual machine has it when the next process asks.

usage: warm.py GIB

A virtual machine that hands free memory back to its host gets it again a small page at a time: on one such machine at
0.5 GB/s for the first touch, and for some seconds after that it is read at 35 to 40 GB/s and not at 70 to 80. A process
that measures what it has just allocated then measures the host. `versus.py` and `start.py` call this with --warm.
"""
import mmap, subprocess, sys


def warm(gib):
    """In a process of its own, so that all of it is free again afterwards."""
    subprocess.run([sys.executable, __file__, str(gib)], check=True)


def main():
    if len(sys.argv) != 2 or not sys.argv[1].isdigit():
        sys.exit(__doc__)
    size = int(sys.argv[1]) << 30
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        memory.madvise(mmap.MADV_HUGEPAGE)
    for at in range(0, size, mmap.PAGESIZE):
        memory[at] = 1


if __name__ == "__main__":
    main()
