"""`gollum run` on a real terminal (a pseudo-terminal), as a person uses it."""

import os
import pty
import select
import signal
import subprocess
import time

import pytest

from conftest import BINARY

TIMEOUT_S = 60


class Terminal:
    """`gollum run` with a terminal for stdin and stdout."""

    def __init__(self, *arguments):
        self.side, other = pty.openpty()
        self.process = subprocess.Popen(
            [str(BINARY), "run", *arguments], stdin=other, stdout=other, stderr=other, start_new_session=True
        )
        os.close(other)
        self.seen = ""

    def type(self, text):
        os.write(self.side, text.encode())

    def read(self, seconds):
        ready, _, _ = select.select([self.side], [], [], seconds)
        if ready:
            try:
                self.seen += os.read(self.side, 65536).decode(errors="replace")
            except OSError:  # The other side is closed.
                pass

    def wait_for(self, text, start=0):
        """Waits until `text` was shown after `start`; returns where what follows it begins."""
        deadline = time.monotonic() + TIMEOUT_S
        while (at := self.seen.find(text, start)) < 0:
            assert time.monotonic() < deadline, f"no {text!r} in {self.seen[start:]!r}"
            self.read(0.2)
        return at + len(text)

    def end(self):
        code = self.process.wait(timeout=TIMEOUT_S)
        os.close(self.side)
        return code


@pytest.fixture
def terminal(empty_models):
    terminal = Terminal("--models-dir", str(empty_models), "--seed", "5")
    yield terminal
    if terminal.process.poll() is None:
        terminal.process.kill()
        terminal.process.wait()


def test_a_chat_ends_with_bye(terminal):
    at = terminal.wait_for(">>> ")
    terminal.type("Hello there\n")
    at = terminal.wait_for(">>> ", terminal.wait_for("Hello there", at))
    terminal.type('"""\n')
    at = terminal.wait_for("... ", at)
    terminal.type('two\nlines"""\n')
    at = terminal.wait_for(">>> ", at)
    terminal.type("/nonsense\n")
    at = terminal.wait_for("not known", at)
    terminal.type("/clear\n")
    at = terminal.wait_for("forgotten", at)
    terminal.type("/bye\n")
    assert terminal.end() == 0


def test_ctrl_d_leaves(terminal):
    terminal.wait_for(">>> ")
    terminal.type("\x04")
    assert terminal.end() == 0


def test_ctrl_c_stops_the_answer_and_not_the_program(smollm2_path):
    terminal = Terminal(str(smollm2_path), "--temperature", "0", "-c", "4096", "--kv-memory", "256MiB")
    try:
        at = terminal.wait_for(">>> ")
        terminal.type("Write a very long story about a dragon and a castle.\n")
        at = terminal.wait_for("castle.", at)
        length = len(terminal.seen)
        while len(terminal.seen) < length + 40:
            terminal.read(5)
        terminal.process.send_signal(signal.SIGINT)
        at = terminal.wait_for("(stopped)", at)
        at = terminal.wait_for(">>> ", at)
        terminal.process.send_signal(signal.SIGINT)
        at = terminal.wait_for("/bye leaves", at)
        terminal.type("/bye\n")
        assert terminal.end() == 0
    finally:
        if terminal.process.poll() is None:
            terminal.process.kill()
            terminal.process.wait()
