"""`make run`: the server and, unless DEMO=0, a demo fleet; Ctrl-C ends both."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from shared import CACHE, ROOT, install_client, install_requirements, make_environment, python_of, say, target_directory

HOST = "127.0.0.1"
READY_SECONDS = 30.0
# The fleet finishes its work and flushes; the server promises to stop within 10 s.
FLEET_END_SECONDS = 15.0
SERVER_END_SECONDS = 12.0
# Frameworks that ask for other versions than the rest; see examples/frameworks.
HEAVY_ROOMS = ("heavy", "google")
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """Someone asked for the end."""


class Show:
    """A server and what reports to it.

    Args:
        hiveboard: The server's binary.
        data: Its data directory.
        port: The loopback port it listens on.
    """

    def __init__(self, hiveboard: Path, data: Path, port: int) -> None:
        self._hiveboard = str(hiveboard)
        self._data = str(data)
        self._address = f"{HOST}:{port}"
        self._demo_key: str | None = None
        self._running: list[tuple[str, subprocess.Popen[bytes], float]] = []

    def start_server(self) -> bool:
        """Starts the server; false if it doesn't become ready."""
        say(f"starting the server at http://{self._address}, data in {self._data}")
        command = [self._hiveboard, "serve", "--data-dir", self._data, "--addr", self._address]
        server = self._start("the server", SERVER_END_SECONDS, command)
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and server.poll() is None:
            try:
                with urllib.request.urlopen(f"http://{self._address}/ready", timeout=2):
                    return True
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        return False

    def start_fleet(self, interpreter: Path, speed: float, fleet: str, *more: str) -> None:
        """Starts a demo fleet; all have one key of their own."""
        say(" ".join(["starting the demo fleet", *more]))
        self._demo_key = self._demo_key or self._ask("keys", "create", "--kind", "live", "--name", "demo-fleet")
        self._start(
            " ".join(["the fleet", *more]),
            FLEET_END_SECONDS,
            [str(interpreter), "-m", fleet, "--speed", str(speed), *more],
            HIVELOOP_ENDPOINT=f"http://{self._address}",
            HIVELOOP_API_KEY=self._demo_key,
            PYTHONPATH=os.pathsep.join(map(str, (ROOT / "examples", ROOT / "python" / "integration_tests"))),
        )

    def print_link(self) -> None:
        """Says where to look."""
        again = f"{self._hiveboard} login-link --data-dir {self._data} --addr {self._address}"
        try:
            link = self._ask("login-link", "--addr", self._address)
        except subprocess.CalledProcessError:
            # Once the board has an owner, people sign in.
            say(f"\n  Open the board and sign in: http://{self._address}\n  Ctrl-C ends everything.\n")
            return
        say(f"\n  Open the board (works once): {link}\n  For another link: {again}\n  Ctrl-C ends everything.\n")

    def watch(self) -> str:
        """Waits until something ends by itself, which nothing should; returns its name."""
        while True:
            for name, process, _ in self._running:
                if process.poll() is not None:
                    return f"{name} ended by itself with exit code {process.returncode}"
            time.sleep(0.3)

    def end(self) -> None:
        """Ends what runs, the last started first: the fleet still has something to send."""
        for name, process, patience_seconds in reversed(self._running):
            if process.poll() is None:
                say(f"ending {name} (pid {process.pid})")
                process.terminate()
            try:
                process.wait(patience_seconds)
            except subprocess.TimeoutExpired:
                # The whole session: nothing that the process started may stay behind.
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if self._demo_key:
            self._ask("keys", "revoke", self._demo_key)
        if self._running:
            say("everything has ended")

    def _start(
        self, name: str, patience_seconds: float, command: list[str], **variables: str
    ) -> subprocess.Popen[bytes]:
        # A session of its own: the terminal's Ctrl-C must not end the server before the fleet.
        process = subprocess.Popen(
            command, env=os.environ | variables, stdin=subprocess.DEVNULL, start_new_session=True
        )
        self._running.append((name, process, patience_seconds))
        return process

    def _ask(self, *arguments: str) -> str:
        """Runs a command of the server and returns the last line it prints."""
        command = [self._hiveboard, *arguments, "--data-dir", self._data]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return done.stdout.strip().splitlines()[-1]


def main() -> int:
    """Runs until told to stop; returns the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--demo", type=int, choices=(0, 1), default=1)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--data", type=Path, default=Path("hiveboard-data"))
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--fleet", choices=("fleet", "frameworks"), default="fleet")
    parser.add_argument(
        "--binary", type=Path, help="a server that is built already; nothing is built, the client is this interpreter's"
    )
    options = parser.parse_args()
    if not port_is_free(options.port):
        another = f"make run PORT={options.port + 1}"
        say(f"port {options.port} is taken: something else listens there. Stop it, or choose another port: {another}")
        return 1
    # Turned into an exception, so that every signal leads to the one end below.
    for number in SIGNALS:
        signal.signal(number, stop)
    show = None
    try:
        hiveboard, interpreter = (
            (options.binary, Path(sys.executable)) if options.binary else build(options.demo, options.fleet)
        )
        show = Show(hiveboard, options.data, options.port)
        return perform(show, options, interpreter)
    except Stopped:
        return 0
    except subprocess.CalledProcessError as error:
        say(f"stopped: {' '.join(map(str, error.cmd))} failed with exit code {error.returncode}\n{error.stderr or ''}")
        return 1
    finally:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        if show:
            show.end()


def build(demo: int, fleet: str) -> tuple[Path, Path]:
    """Builds what is needed; returns the server and the interpreter that has the client."""
    subprocess.run(["sh", "scripts/build.sh"], cwd=ROOT, check=True)
    environment = ROOT / ".venv"
    if demo:
        make_environment(environment)
        if fleet == "frameworks":
            install_requirements(environment, ROOT / "examples" / "frameworks" / "requirements.txt")
        install_client(environment)
    return target_directory() / "release" / "hiveboard", python_of(environment)


def perform(show: Show, options: argparse.Namespace, interpreter: Path) -> int:
    """The show from the first start to the end, which is a signal unless something went wrong."""
    if not show.start_server():
        say("the server did not become ready; what it printed above says why")
        return 1
    if options.demo:
        show.start_fleet(interpreter, options.speed, options.fleet)
    show.print_link()
    if options.demo and options.fleet == "frameworks" and not options.binary:
        for room in HEAVY_ROOMS:
            start_room(show, room, options.speed)
    say(show.watch())
    return 1


def start_room(show: Show, room: str, speed: float) -> None:
    """Starts frameworks that cannot be installed with the others; the show goes on without them where that fails."""
    environment = CACHE / f"frameworks-{room}"
    try:
        make_environment(environment)
        say(f"the room {room} takes some minutes the first time, and up to 1 GB; the others are at work already")
        install_requirements(environment, ROOT / "examples" / "frameworks" / f"requirements-{room}.txt")
        install_client(environment)
    except subprocess.CalledProcessError as error:
        say(f"the room {room} stays empty: {' '.join(map(str, error.cmd))} failed with exit code {error.returncode}")
        return
    show.start_fleet(python_of(environment), speed, "frameworks", "--room", room)


def stop(*_: object) -> None:
    """The signal handler."""
    raise Stopped


def port_is_free(port: int) -> bool:
    """Whether the server could listen there."""
    with socket.socket() as probe:
        # Without this, connections of a server that just ended would look like a taken port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


if __name__ == "__main__":
    sys.exit(main())
