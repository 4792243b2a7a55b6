"""Real engines of a cluster on loopback: ClickHouse and NATS JetStream, for tests, benchmarks, and for trying things by hand.

    python3 scripts/engines.py install
    python3 scripts/engines.py run [--clickhouse 1] [--nats 1] [-- COMMAND …]

`run` starts engines on free ports, with their data in a temporary directory, sets `HIVEBOARD_TEST_CLICKHOUSE` (URLs, with commas),
`HIVEBOARD_TEST_NATS` and `HIVEBOARD_TEST_ENGINE_PIDS`, runs the command and ends with its exit code; without a command, it prints them and waits for Ctrl-C.

ClickHouse is the one that its makers publish as a library for npm: the same engine, without a keeper (no Replicated tables, no ON CLUSTER) and
without accounts. Both are pinned in scripts/engine-packages/ and installed once, into .cache/engines/.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import http.client
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from shared import CACHE, ROOT, free_port, install_requirements, make_environment, python_of, say

PACKAGES = ROOT / "scripts" / "engine-packages"
FOLDER = CACHE / "engines"
LIBCHDB = FOLDER / "node_modules" / "@chdb" / "lib-linux-x64-gnu" / "libchdb.so"
ENVIRONMENT = FOLDER / "python"
NATS_SERVER = python_of(ENVIRONMENT).with_name("nats-server")
READY_SECONDS = 60.0
STOP_SECONDS = 10.0

# Processes die with the thread that started them (see engine_process.py), so that is always this one.
_starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="engines")


def are_available() -> bool:
    """ClickHouse's library exists for Linux on x86-64 alone."""
    return sys.platform == "linux" and platform.machine() == "x86_64"


def install() -> None:
    """Puts both engines into .cache/engines/, unless these very versions are there."""
    if not are_available():
        raise OSError("the engines of a cluster are published for Linux on x86-64 alone; run this there")
    FOLDER.mkdir(parents=True, exist_ok=True)
    lock = PACKAGES / "package-lock.json"
    stamp, fingerprint = FOLDER / ".packages", hashlib.sha256(lock.read_bytes()).hexdigest()
    if not (LIBCHDB.exists() and stamp.exists() and stamp.read_text() == fingerprint):
        say("installing ClickHouse (180 MB)")
        for name in ("package.json", "package-lock.json"):
            shutil.copy(PACKAGES / name, FOLDER / name)
        subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=FOLDER, check=True)
        stamp.write_text(fingerprint)
    make_environment(ENVIRONMENT)
    install_requirements(ENVIRONMENT, PACKAGES / "requirements.txt")


class Engine:
    """One process with a folder and ports of its own, which it keeps over restarts.

    Args:
        folder: Where data and log go.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log_path = folder / "engine.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where clients reach it."""
        raise NotImplementedError

    def command(self) -> list[str]:
        """What engine_process.py becomes."""
        raise NotImplementedError

    def ready_url(self) -> str:
        """Answers 200 when the engine serves."""
        raise NotImplementedError

    def start(self) -> float:
        """Starts it, waits until it serves, returns the seconds that took. The same after `kill` and `stop`.

        One that neither serves nor ends is started once more: an engine that hangs is no finding about us. Its first state is said.
        """
        assert self.process is None, "it runs already"
        self.folder.mkdir(parents=True, exist_ok=True)
        started = time.monotonic()
        for _ in range(2):
            if self._serves_after_start():
                return time.monotonic() - started
            say(f"{self.name} does not serve after {READY_SECONDS:.0f} s: {self.state()}")
            self.kill()
        raise OSError(f"{self.name} did not serve within {READY_SECONDS:.0f} s, twice:\n{self.log()}")

    def _serves_after_start(self) -> bool:
        with self.log_path.open("ab") as log:
            command = [sys.executable, str(ROOT / "scripts" / "engine_process.py"), *self.command()]
            self.process = _starter.submit(
                lambda: subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
                )
            ).result()
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                self.process = None
                raise OSError(f"{self.name} ended at start:\n{self.log()}")
            if self.serves():
                return True
            time.sleep(0.02)
        return False

    def state(self) -> str:
        """What the kernel says of each of its threads: name, state (R, S, D, …), what it waits in."""
        threads = []
        for thread in Path(f"/proc/{self.pid}/task").glob("*"):
            with contextlib.suppress(OSError):
                name, rest = (thread / "stat").read_text().split("(", 1)[1].rsplit(")", 1)
                threads.append(f"{name} {rest.split()[0]} in {(thread / 'wchan').read_text() or 'user code'}")
        return f"{len(threads)} threads: {', '.join(threads)}; it printed {self.log() or 'nothing'}"

    def serves(self) -> bool:
        """Whether it says so now."""
        try:
            with urllib.request.urlopen(self.ready_url(), timeout=2) as answer:
                return bool(answer.status == 200)
        except (OSError, http.client.HTTPException):
            return False

    @property
    def name(self) -> str:
        """For messages."""
        return type(self).__name__

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self.process is not None, f"{self.name} does not run"
        return self.process.pid

    def kill(self) -> None:
        """kill -9: no chance to tidy up."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        """SIGTERM, and SIGKILL where that does not end it."""
        if self.process is None:
            return
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        self.kill()

    def pause(self) -> None:
        """SIGSTOP: connections stay, and nobody answers."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        os.kill(self.pid, signal.SIGCONT)

    def log(self) -> str:
        """What it printed, the end of it."""
        return self.log_path.read_text(errors="replace")[-4000:] if self.log_path.exists() else ""


class ClickHouse(Engine):
    """ClickHouse with its HTTP interface, as `http://127.0.0.1:PORT`."""

    # Listening goes on for as long as a query runs: one that waits, without end.
    QUERY = (
        "SYSTEM START LISTEN HTTP; "
        "SELECT sleepEachRow(3) FROM system.numbers FORMAT Null "
        "SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 0, max_execution_time = 0"
    )

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.port = free_port()

    @property
    def url(self) -> str:
        """For `[clickhouse] urls`."""
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        return [
            "clickhouse",
            str(LIBCHDB),
            f"--path={self.folder / 'data'}",
            f"--http_port={self.port}",
            "--listen_host=127.0.0.1",
            f"--query={self.QUERY}",
        ]

    def ready_url(self) -> str:
        return f"{self.url}/ping"

    def query(self, sql: str) -> str:
        """What the server answers; raises OSError with its words."""
        request = urllib.request.Request(self.url, data=sql.encode())
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return str(answer.read().decode()).strip()
        except urllib.error.HTTPError as error:
            raise OSError(f"{sql}: {error.read().decode(errors='replace')}") from error


class Nats(Engine):
    """A NATS server with JetStream, as `nats://127.0.0.1:PORT`.

    Args:
        folder: Where data and log go.
        extra: More of its configuration file.
    """

    def __init__(self, folder: Path, extra: str = "") -> None:
        super().__init__(folder)
        self.port, self.monitor_port = free_port(), free_port()
        self.extra = extra

    @property
    def url(self) -> str:
        """For `[nats] urls`."""
        return f"nats://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        settings = self.folder / "nats.conf"
        settings.write_text(
            f"""
            host: "127.0.0.1"
            port: {self.port}
            http: "127.0.0.1:{self.monitor_port}"
            jetstream {{ store_dir: {json.dumps(str(self.folder / "data"))} }}
            {self.extra}
            """
        )
        return ["nats", str(NATS_SERVER), "--config", str(settings)]

    def ready_url(self) -> str:
        # In a cluster, this waits for its leader, too.
        return f"http://127.0.0.1:{self.monitor_port}/healthz"


def nats_cluster(folder: Path, count: int, extra: str = "") -> list[Nats]:
    """Servers that replicate to each other, not started yet; `start_together` does."""
    routes = [free_port() for _ in range(count)]
    servers = []
    for place, port in enumerate(routes):
        others = ", ".join(f"nats://127.0.0.1:{other}" for other in routes if other != port)
        settings = f"""
            server_name: "nats-{place}"
            cluster {{ name: "hiveboard-test", listen: "127.0.0.1:{port}", routes: [{others}] }}
            {extra}
        """
        servers.append(Nats(folder / f"nats-{place}", settings))
    return servers


def start_together(engines: list[Engine]) -> None:
    """Starts engines that wait for each other."""
    with ThreadPoolExecutor(max_workers=len(engines)) as threads:
        for done in [threads.submit(engine.start) for engine in engines]:
            done.result()


@contextlib.contextmanager
def running(folder: Path, clickhouses: int = 0, nats_servers: int = 0) -> Iterator[dict[str, str]]:
    """Engines for the length of a block, and the variables that tell of them."""
    # Rust and Python tests read these; a cluster's nodes have a configuration file.
    clickhouse: list[Engine] = [ClickHouse(folder / f"clickhouse-{place}") for place in range(clickhouses)]
    nats: list[Engine] = (
        list(nats_cluster(folder, nats_servers)) if nats_servers > 1 else [Nats(folder / "nats")] * nats_servers
    )
    try:
        if clickhouse or nats:
            start_together([*clickhouse, *nats])
        yield {
            name: ",".join(engine.url for engine in engines)
            for name, engines in (("HIVEBOARD_TEST_CLICKHOUSE", clickhouse), ("HIVEBOARD_TEST_NATS", nats))
            if engines
        } | {"HIVEBOARD_TEST_ENGINE_PIDS": ",".join(str(engine.pid) for engine in [*clickhouse, *nats])}
    finally:
        for engine in [*clickhouse, *nats]:
            engine.kill()


def run(clickhouses: int, nats_servers: int, command: list[str]) -> int:
    """Runs a command beside engines; returns its exit code."""
    with (
        tempfile.TemporaryDirectory(prefix="hiveboard-engines-") as folder,
        running(Path(folder), clickhouses, nats_servers) as variables,
    ):
        if command:
            return subprocess.run(command, env=os.environ | variables).returncode
        for name, value in variables.items():
            say(f"export {name}={value}")
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()
        return 0


def main() -> int:
    """Runs what was asked for; returns the exit code."""
    parser = argparse.ArgumentParser(description="ClickHouse and NATS on loopback, for tests")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("install", help="install both engines, nothing else")
    runner = commands.add_parser("run", help="start engines, run a command beside them, end them")
    runner.add_argument("--clickhouse", type=int, default=1, metavar="COUNT")
    runner.add_argument("--nats", type=int, default=1, metavar="COUNT", help="more than one: a cluster")
    runner.add_argument("arguments", nargs="*", metavar="COMMAND")
    options = parser.parse_args()
    try:
        install()
        if options.command == "install":
            return 0
        return run(options.clickhouse, options.nats, options.arguments)
    except (OSError, subprocess.CalledProcessError) as error:
        say(f"the engines: {error}")
        return 1


if __name__ == "__main__":
    # As for Ctrl-C: engines end, and their directory goes.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
