"""A terminal of a given size, and what a person would see on it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable

import pyte

from .server import hiveboard_binary
from .shell import Shell

KEYS = {"up": "\x1b[A", "down": "\x1b[B", "enter": "\r", "esc": "\x1b", "tab": "\t", "end": "\x1b[F", "ctrl-c": "\x03"}


class Terminal:
    """`hiveboard …` on a pseudo-terminal; its screen is kept by a terminal emulator.

    Args:
        shell: In which environment.
        arguments: Of the command.
        columns: Width.
        rows: Height.
    """

    def __init__(self, shell: Shell, *arguments: str, columns: int = 80, rows: int = 24) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.before = termios.tcgetattr(theirs)
        self.process = subprocess.Popen(
            [str(hiveboard_binary()), *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=shell.environment,
            cwd=shell.home,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        # Kept open: what the command leaves on the screen can be read after its end.
        self._theirs = theirs

    @property
    def text(self) -> str:
        """What stands on the screen, without blanks at the ends of lines."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    @property
    def lines(self) -> list[str]:
        """The same by lines."""
        return self.text.split("\n")

    def colours(self, word: str) -> set[str]:
        """The colours in which a word stands."""
        found: set[str] = set()
        for row, line in enumerate(self.screen.display):
            at = line.find(word)
            if at >= 0:
                found |= {self.screen.buffer[row][at + place].fg for place in range(len(word))}
        return found

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._ours], [], [], seconds)
        if not ready:
            return False
        data = os.read(self._ours, 65536)
        # A terminal answers when it is asked where its cursor is.
        if b"\x1b[6n" in data:
            os.write(self._ours, b"\x1b[1;1R")
        self._stream.feed(data)
        return True

    def until(self, fits: Callable[[str], bool], seconds: float = 60) -> str:
        """Waits until the screen fits; what it shows instead is in the failure."""
        deadline = time.monotonic() + seconds
        while not fits(self.text):
            assert time.monotonic() < deadline, f"after {seconds} s still:\n{self.text}"
            if not self._read(0.1) and self.process.poll() is not None:
                assert fits(self.text), f"it ended with {self.process.returncode}:\n{self.text}"
        return self.text

    def shows(self, *words: str, seconds: float = 60) -> str:
        """Waits until all the words stand on the screen."""
        return self.until(lambda text: all(word in text for word in words), seconds)

    def press(self, *keys: str) -> None:
        """Types, by the names of keys or as they are."""
        for key in keys:
            os.write(self._ours, KEYS.get(key, key).encode())
            # A lone escape is told from the beginning of a key by what does not follow it.
            if key == "esc":
                self._read(0.3)

    def ended(self, seconds: float = 30) -> int:
        """Waits for its end; its exit code."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"it goes on:\n{self.text}"
            self._read(0.1)
        while self._read(0.05):
            pass
        return self.process.returncode

    def is_as_before(self) -> bool:
        """Whether the terminal's settings are those that it had."""
        return bool(termios.tcgetattr(self._theirs) == self.before)

    def close(self) -> None:
        """Ends what still runs."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        os.close(self._ours)
        os.close(self._theirs)
