"""Environments for packages that do not get on with those of these tests, or that few of them need."""

import subprocess
import sys

from conftest import ROOT

INSTALL_TIMEOUT_S = 180


def environment(name, packages):
    """The interpreter of an environment that is made once, beside the one of these tests; None without an index."""
    home = ROOT / ".venv" / "clients" / name
    python, stamp = home / "bin" / "python", home / "packages.txt"
    wanted = "\n".join(packages)
    if not stamp.exists() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
        # Most of what a package brings is never imported, so it need not be compiled.
        install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-compile", "--quiet"]
        install += ["--disable-pip-version-check", *packages]
        if subprocess.run(install, capture_output=True, timeout=INSTALL_TIMEOUT_S, check=False).returncode != 0:
            return None
        stamp.write_text(wanted)
    return python
