"""A real server process on loopback, and what it is sent."""

from __future__ import annotations

import http.client
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import common

sys.path.insert(0, str(common.ROOT / "scripts"))
from shared import free_port


class Server:
    """A server on a data directory of its own: empty, or a copy of one that was made before. Or on one that is given, and stays.

    `under` is a command that runs the server's, such as valgrind's.
    """

    def __init__(
        self,
        binary: pathlib.Path,
        store: pathlib.Path | None = None,
        keep: pathlib.Path | None = None,
        under: tuple[str, ...] = (),
    ) -> None:
        self.keeps = keep is not None
        self.data_dir = keep or pathlib.Path(tempfile.mkdtemp(prefix="hiveboard-bench-"))
        if store:
            subprocess.run(["cp", "-a", "--reflink=auto", f"{store}/.", self.data_dir], check=True)
        self.port = free_port()
        created = subprocess.run(
            [binary, "keys", "create", "--kind", "live", "--data-dir", self.data_dir],
            capture_output=True,
            text=True,
            check=True,
        )
        self.key = created.stdout.splitlines()[-1]
        limits = {f"HIVEBOARD_RATE_LIMIT_{what}": "0" for what in ("INGEST", "READ", "STREAMS")}
        environment = {**os.environ, **limits, "HIVEBOARD_LOG": "warn"}
        command = [*under, str(binary), "serve", "--data-dir", str(self.data_dir), "--addr", f"127.0.0.1:{self.port}"]
        started = time.monotonic()
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        self._await_ready()
        self.start_seconds = time.monotonic() - started

    @property
    def pid(self) -> int:
        return self.process.pid

    def _await_ready(self) -> None:
        # Ten million events that are folded for the first time take minutes.
        for _ in range(180_000):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", "/ready")
                if connection.getresponse().status == 200:
                    return
            except OSError:
                pass
            if self.process.poll() is not None:
                raise SystemExit(f"the server ended with {self.process.returncode}")
            time.sleep(0.01)
        raise SystemExit("the server did not become ready within half an hour")

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}

    def stop(self) -> int:
        """Stops gracefully; bytes on disk after it."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=120)
        return common.disk_bytes(self.data_dir)

    def discard(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if not self.keeps:
            shutil.rmtree(self.data_dir, ignore_errors=True)


def batches(events: int, sizes: tuple[int, int], agents: int, seed: int) -> list[tuple[int, bytes]]:
    """Bodies of the made-up fleet that hold so many events, ending now."""
    command = [str(common.tool("hiveboard-fleet")), *(str(part) for part in (events, *sizes, agents, seed))]
    lines = subprocess.run(command, capture_output=True, check=True).stdout.splitlines()
    return [(int(count), body) for count, _, body in (line.partition(b"\t") for line in lines)]


def send(
    server: Server,
    bodies: list[tuple[int, bytes]],
    connections: int,
    pause_seconds: float = 0.0,
    path: str = "/v1/ingest",
    content_type: str = "application/json",
) -> list[float]:
    """Sends all bodies; milliseconds to each answer."""
    latencies: list[list[float]] = [[] for _ in range(connections)]
    failures: list[str] = []
    headers = {**server.headers, "Content-Type": content_type}

    def work(place: int) -> None:
        connection = server.connection()
        for _, body in bodies[place::connections]:
            started = time.perf_counter()
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            answer = response.read()
            latencies[place].append((time.perf_counter() - started) * 1000)
            if response.status != 200:
                failures.append(f"{response.status}: {answer[:200]!r}")
                return
            if pause_seconds:
                time.sleep(pause_seconds)

    threads = [threading.Thread(target=work, args=(place,)) for place in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise SystemExit(f"the server did not take a batch: {failures[0]}")
    return [one for part in latencies for one in part]
