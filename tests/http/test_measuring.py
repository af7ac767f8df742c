"""The measuring tools in their short form, without the peer: that they run, and what is no matter of speed."""

import subprocess
import sys

from conftest import BINARY, ROOT

TIMEOUT_S = 300


def table(script, *arguments):
    """The rows of the tool's table, each as a dict by the head's names."""
    command = [sys.executable, str(ROOT / "tools" / script), *arguments, "--gollum", str(BINARY), "--no-peer"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S)
    assert done.returncode == 0, done.stderr
    head, _, *rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in done.stdout.splitlines()]
    return [dict(zip(head, row, strict=True)) for row in rows]


def number(text):
    return float(text.replace(",", ""))


def test_versus_has_a_row_for_each_measure(smollm2_path):
    rows = table("versus.py", str(smollm2_path), "--pp", "32", "--tg", "2", "--batch", "1,2", "--reps", "1",
                 "--alternations", "1", "--beside", "1")
    assert [row["measure"] for row in rows] == ["pp32", "tg2", "tg2x2"]
    assert all(number(row["GoLLuM"]) > 0 for row in rows)


def test_a_start_needs_little_more_memory_than_the_file(smollm2_path):
    [row] = table("start.py", str(smollm2_path), "--turns", "1")
    assert number(row["GoLLuM start, s"]) > 0
    # The file, what is touched of the KV cache, and 256 MiB. Less than the file would mean that nothing was loaded.
    file, peak = number(row["file, MiB"]), number(row["GoLLuM peak, MiB"])
    touched_kv = 64
    assert file < peak < file + touched_kv + 256
