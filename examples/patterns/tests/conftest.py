"""A server of its own for each test, and the patterns as the processes that users would run."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from harness.board import Board
from harness.server import Server

PATTERNS = Path(__file__).resolve().parents[1]
END_SECONDS = 20.0


class Program:
    """A pattern that runs.

    Args:
        board: Where it reports to.
        log_path: Where its output goes.
        module_and_arguments: What stands behind `python -m`, or a script with its arguments.
    """

    def __init__(self, board: Board, log_path: Path, *module_and_arguments: str, **variables: str) -> None:
        self.log_path = log_path
        self._log = log_path.open("wb")
        environment = os.environ | {
            "HIVELOOP_API_KEY": board.key,
            "HIVELOOP_ENDPOINT": board.url,
            "PYTHONUNBUFFERED": "1",
            # The patterns and their modules are imported from their folder alone.
            "PYTHONPATH": str(PATTERNS),
            "PYTHONDONTWRITEBYTECODE": "1",
            **variables,
        }
        script = module_and_arguments[0].endswith(".py")
        # Frameworks have warnings of their own; a script that imports none of them must have none.
        command = [sys.executable, *(["-W", "error"] if script else ["-m"]), *module_and_arguments]
        self.process = subprocess.Popen(
            command, cwd=PATTERNS, env=environment, stdin=subprocess.PIPE, stdout=self._log, stderr=subprocess.STDOUT
        )

    def output(self) -> str:
        """What it printed so far, errors included."""
        return self.log_path.read_text(errors="replace")

    def tell(self, line: str) -> None:
        """Writes a line to its standard input, and waits for what it answers."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())
        self.process.stdin.flush()
        self.wait_for(f"done: {line}")

    def wait_for(self, words: str, seconds: float = 20) -> None:
        """Waits until it has printed these words."""
        deadline = time.monotonic() + seconds
        while words not in self.output():
            assert self.process.poll() is None, f"it ended with {self.process.returncode}:\n{self.output()}"
            assert time.monotonic() < deadline, f"no {words!r} in {seconds} s:\n{self.output()}"
            time.sleep(0.02)

    def wait_for_url(self, url: str, seconds: float = 20) -> None:
        """Waits until something answers there, whatever it says."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                httpx.get(url, timeout=2)
                return
            except httpx.TransportError:
                assert self.process.poll() is None, self.output()
                assert time.monotonic() < deadline, self.output()
                time.sleep(0.05)

    def end(self, expected: int = 0) -> str:
        """Waits until it has ended by itself or by a signal; returns what it printed."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        code = self.process.wait(END_SECONDS)
        assert code == expected, f"it ended with {code}:\n{self.output()}"
        return self.output()

    def terminate(self, expected: int = 0) -> str:
        """SIGTERM, as every supervisor sends it; returns what it printed."""
        self.process.terminate()
        return self.end(expected)

    def close(self) -> None:
        """Leaves nothing behind, whatever has happened."""
        if self.process.poll() is None:
            for child in psutil.Process(self.process.pid).children(recursive=True):
                child.kill()
            self.process.kill()
            self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()
        self._log.close()


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    """A live key on a server that no other test has touched."""
    running = Server(tmp_path)
    running.start()
    yield running.board()
    running.end()


@pytest.fixture
def start(board: Board, tmp_path: Path) -> Iterator[Callable[..., Program]]:
    """Starts patterns; all are ended with the test."""
    programs: list[Program] = []

    def run(*module_and_arguments: str, **variables: str) -> Program:
        program = Program(board, tmp_path / f"program-{len(programs)}.log", *module_and_arguments, **variables)
        programs.append(program)
        return program

    yield run
    for program in programs:
        program.close()
