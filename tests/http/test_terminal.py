"""`gollum run` on a real terminal (a pseudo-terminal), as a person uses it."""

import os
import pty
import select
import signal
import subprocess
import termios
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
        """Types text or bytes, in pieces that a terminal's buffer holds."""
        data = text if isinstance(text, bytes) else text.encode()
        for at in range(0, len(data), 1024):
            os.write(self.side, data[at : at + 1024])
            self.read(0)

    def paste(self, text):
        """Pastes as terminals do, between the marks of a bracketed paste."""
        self.type(f"\x1b[200~{text}\x1b[201~")

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


def messages(terminal, at):
    """How many messages are sent until nothing comes for two seconds: each ends with pastes switched off."""
    count = 0
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        terminal.read(0.1)
        if (found := terminal.seen.find("\x1b[?2004l", at)) >= 0:
            count, at, deadline = count + 1, found + 1, time.monotonic() + 2
    return count


def test_a_paste_of_three_lines_is_one_message(terminal):
    at = terminal.wait_for(">>> ")
    terminal.paste("line one\rline two\rline three")
    at = terminal.wait_for("line three", at)
    assert "200~" not in terminal.seen and "201~" not in terminal.seen, "the marks are no text"
    terminal.type("\r")
    assert messages(terminal, at) == 1, terminal.seen


def test_alt_enter_begins_another_line_of_the_message(terminal):
    at = terminal.wait_for(">>> ")
    terminal.type("one\x1b\rtwo\r")
    assert messages(terminal, at) == 1, terminal.seen


def test_messages_that_come_at_once_are_all_answered(terminal):
    at = terminal.wait_for(">>> ")
    terminal.type("one\rtwo\rthree\r")
    assert messages(terminal, at) == 3, terminal.seen


def test_arrow_keys_edit_and_bring_back_messages(terminal):
    at = terminal.wait_for(">>> ")
    terminal.type("/nonsens\x1b[D\x1b[D\x1b[C\x1b[C" + "e\r")
    at = terminal.wait_for("/nonsense is not known", at)
    at = terminal.wait_for(">>> ", at)
    terminal.type("\x1b[A\r")
    terminal.wait_for("/nonsense is not known", at)


def test_a_long_line_is_taken_whole(smollm2_path):
    terminal = Terminal(str(smollm2_path), "-c", "512", "--kv-memory", "64MiB", "-n", "1")
    try:
        at = terminal.wait_for(">>> ")
        terminal.type("word " * 1200 + "\r")
        at = terminal.wait_for("error: ", at)
        at = terminal.wait_for("tokens", at)
        terminal.wait_for(">>> ", at)
        told = terminal.seen[at - 200 : at + 200]
        counts = [int(word.replace(",", "")) for word in told.split() if word.replace(",", "").isdigit()]
        assert max(counts) >= 1200, f"6,000 bytes are some 1,200 tokens, and not cut to 4,095 bytes: {told}"
    finally:
        terminal.process.kill()
        terminal.process.wait()


def test_bytes_that_are_no_text_are_told_and_the_chat_goes_on(terminal):
    at = terminal.wait_for(">>> ")
    terminal.type(b"caf\xe9 au lait\r")
    at = terminal.wait_for("not UTF-8", at)
    at = terminal.wait_for(">>> ", at)
    terminal.type("/clear\r")
    terminal.wait_for("forgotten", at)
    terminal.type("/bye\r")
    assert terminal.end() == 0


def test_help_names_every_command_and_tab_completes_them(terminal):
    at = terminal.wait_for(">>> ")
    terminal.type("/he\t\r")
    for word in ["/help", "/clear", "/system", "/bye", "Ctrl-C"]:
        terminal.wait_for(word, at)


def test_a_message_that_is_never_closed_is_an_error(terminal):
    at = terminal.wait_for(">>> ")
    terminal.type('"""\r')
    terminal.wait_for("... ", at)
    terminal.type("\x04")
    terminal.wait_for("is missing", at)
    assert terminal.end() == 1


def test_sigterm_leaves_the_terminal_as_it_was(terminal):
    terminal.wait_for(">>> ")
    before = termios.tcgetattr(terminal.side)[3] & termios.ICANON
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.process.wait(timeout=TIMEOUT_S) == 1
    assert not before and termios.tcgetattr(terminal.side)[3] & termios.ICANON


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
