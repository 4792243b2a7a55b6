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

from shared import ROOT, install_client, make_environment, python_of, say, target_directory

READY_SECONDS = 30.0
# The fleet finishes its work and flushes; the server promises to stop within 10 s.
FLEET_END_SECONDS = 15.0
SERVER_END_SECONDS = 12.0
HOST = "127.0.0.1"


class Stopped(Exception):
    """Someone asked for the end."""


def main() -> int:
    """Runs until told to stop; returns the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--demo", type=int, choices=(0, 1), default=1)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--data", type=Path, default=Path("hiveboard-data"))
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument(
        "--binary",
        type=Path,
        help="a server that is built already; nothing is built, and the client is this interpreter's",
    )
    options = parser.parse_args()

    if not port_is_free(options.port):
        say(
            f"port {options.port} is taken: something else listens there. Stop it, or choose another: make run PORT={options.port + 1}"
        )
        return 1
    # Turned into an exception, so that the end below is one path for every signal.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    running: list[tuple[subprocess.Popen[bytes], float]] = []
    try:
        binary, interpreter = (options.binary, Path(sys.executable)) if options.binary else build(options)
        return show(options, binary, interpreter, running)
    except Stopped:
        return 0
    except subprocess.CalledProcessError as error:
        say(f"stopped: {' '.join(map(str, error.cmd))} failed with exit code {error.returncode}")
        return 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        end_all(running)


def build(options: argparse.Namespace) -> tuple[Path, Path]:
    """Builds what is needed; returns the server and the interpreter that has the client."""
    subprocess.run(["sh", "scripts/build.sh"], cwd=ROOT, check=True)
    environment = ROOT / ".venv"
    if options.demo:
        make_environment(environment)
        install_client(environment)
    return target_directory() / "release" / "hiveboard", python_of(environment)


def show(
    options: argparse.Namespace,
    hiveboard: Path,
    interpreter: Path,
    running: list[tuple[subprocess.Popen[bytes], float]],
) -> int:
    """Starts the server and the fleet, and waits for either to end."""
    address = f"{HOST}:{options.port}"
    say(f"starting the server at http://{address}, data in {options.data}")
    server = start([str(hiveboard), "serve", "--data-dir", str(options.data), "--addr", address])
    running.append((server, SERVER_END_SECONDS))
    if not wait_until_ready(address, server):
        say("the server did not become ready; what it printed above says why")
        return 1
    if options.demo:
        key = last_line(
            [
                str(hiveboard),
                "keys",
                "create",
                "--kind",
                "live",
                "--name",
                "demo-fleet",
                "--data-dir",
                str(options.data),
            ]
        )
        fleet = start(
            [str(interpreter), "-m", "fleet", "--speed", str(options.speed)],
            HIVELOOP_ENDPOINT=f"http://{address}",
            HIVELOOP_API_KEY=key,
            PYTHONPATH=str(ROOT / "examples"),
        )
        running.append((fleet, FLEET_END_SECONDS))
    link = last_line([str(hiveboard), "login-link", "--data-dir", str(options.data)])
    say(
        f"\n  Open the board (this link works once): {link}\n  Another one: {hiveboard} login-link --data-dir {options.data}\n  Ctrl-C ends everything.\n"
    )
    while True:
        for process, _ in running:
            if process.poll() is not None:
                say(f"{Path(process.args[0]).name} ended by itself with exit code {process.returncode}")
                return 1
        time.sleep(0.3)


def start(command: list[str], **variables: str) -> subprocess.Popen[bytes]:
    """Starts a process that does not get the terminal's Ctrl-C: the fleet must end before the server."""
    return subprocess.Popen(command, env=os.environ | variables, stdin=subprocess.DEVNULL, start_new_session=True)


def end_all(running: list[tuple[subprocess.Popen[bytes], float]]) -> None:
    """Ends what runs, the last started first."""
    for process, patience_seconds in reversed(running):
        if process.poll() is None:
            say(f"ending {Path(process.args[0]).name} (pid {process.pid})")
            process.terminate()
        try:
            process.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            # The whole session: nothing that the process started may stay behind.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if running:
        say("everything has ended")


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


def wait_until_ready(address: str, server: subprocess.Popen[bytes]) -> bool:
    """Waits until the server takes traffic."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://{address}/ready", timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    return False


def last_line(command: list[str]) -> str:
    """Runs a command of the server and returns the last line it prints."""
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return output.strip().splitlines()[-1]


if __name__ == "__main__":
    sys.exit(main())
