"""A real HiveBoard server process with a data directory of its own."""

from __future__ import annotations

import os
import signal
import ssl
import subprocess
import time
from pathlib import Path

import httpx

from shared import free_port as free_port

from .board import Board

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 30.0
STOP_SECONDS = 12.0


def hiveboard_binary() -> Path:
    """The server under test: HIVEBOARD_BINARY, else cargo's debug build."""
    named = os.environ.get("HIVEBOARD_BINARY")
    path = Path(named) if named else ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "debug" / "hiveboard"
    assert path.exists(), f"{path} is missing: cargo build -p hiveboard"
    return path


class Server:
    """`hiveboard serve` on loopback.

    Args:
        folder: Where data and logs go; kept over restarts.
        environment: Other variables of its environment.
        settings: HIVEBOARD_* variables, without the prefix.
    """

    def __init__(self, folder: Path, environment: dict[str, str] | None = None, **settings: object) -> None:
        self.data = folder / "data"
        self.log_path = folder / "server.log"
        self.port = free_port()
        # Tests ask more often than people; the limits have tests of their own.
        defaults = {"RATE_LIMIT_INGEST": 0, "RATE_LIMIT_READ": 0, "RATE_LIMIT_STREAMS": 0, "OTLP_GRPC_ADDR": ""}
        variables = {f"HIVEBOARD_{name}": str(value) for name, value in (defaults | settings).items()}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("HIVEBOARD_")}
        self.environment = inherited | variables | (environment or {})
        self.scheme = "http"
        self.verify: ssl.SSLContext | bool = True
        self.process: subprocess.Popen[bytes] | None = None
        self._boards: list[Board] = []

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.address}"

    def start(self) -> float:
        """Starts the server, waits until it is ready, returns the seconds that took."""
        started = time.monotonic()
        log = self.log_path.open("ab")
        command = [str(hiveboard_binary()), "serve", "--data-dir", str(self.data), "--addr", self.address]
        self.process = subprocess.Popen(command, stdout=log, stderr=log, env=self.environment)
        log.close()
        while time.monotonic() - started < READY_SECONDS:
            assert self.process.poll() is None, f"the server ended at start:\n{self.log()}"
            try:
                if httpx.get(self.url + "/ready", timeout=2, verify=self.verify).status_code == 200:
                    return time.monotonic() - started
            except httpx.TransportError:
                pass
            time.sleep(0.02)
        raise AssertionError(f"not ready after {READY_SECONDS} s:\n{self.log()}")

    def kill(self) -> None:
        """kill -9: no chance to tidy up."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process = None

    def stop(self) -> None:
        """SIGTERM, and the promised end in time."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            assert self.process.wait(STOP_SECONDS) == 0, self.log()
        finally:
            if self.process.poll() is None:
                self.kill()
            self.process = None

    def end(self) -> None:
        """Stops the server and closes every board on it."""
        self.close_boards()
        self.stop()

    def close_boards(self) -> None:
        """Lets go of every board's connections."""
        for seeing in self._boards:
            seeing.close()

    def log(self) -> str:
        """What the server printed, the end of it."""
        return self.log_path.read_text(errors="replace")[-4000:]

    def command(self, *arguments: str) -> str:
        """Runs a subcommand on this data directory and returns what it prints."""
        done = self.try_command(*arguments)
        assert done.returncode == 0, f"hiveboard {' '.join(arguments)}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def try_command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The same, whatever its exit code."""
        command = [str(hiveboard_binary()), *arguments, "--data-dir", str(self.data)]
        return subprocess.run(command, capture_output=True, text=True, env=self.environment, timeout=60)

    def create_key(self, kind: str = "live", **options: str) -> str:
        """A new key by the command line, as users make it."""
        flags = [part for name, value in options.items() for part in (f"--{name}", value)]
        key = self.command("keys", "create", "--kind", kind, *flags).strip().splitlines()[-1]
        assert key.startswith(f"hb_{kind}_"), key
        return key

    def board(self, key: str | None = None) -> Board:
        """Eyes on this server; they are closed for good by `end`."""
        seeing = Board(self.url, key or self.create_key())
        self._boards.append(seeing)
        return seeing
