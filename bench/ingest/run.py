"""Ingest, end to end: CPU time of the server per event, latency of the answer, bytes on disk, memory.

    python bench/ingest/run.py [--quick] [--binary target/release/hiveboard]

A real server process on loopback is sent real batches; figures are its own CPU time from the operating system, medians of several
runs. A run during which others used more than a tenth of the machine is repeated; if it stays so, the table says it.
"""

from __future__ import annotations

import argparse
import datetime
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import common  # noqa: E402

CONNECTIONS = 4
TOO_BUSY = 0.10
TRIES = 3


class Server:
    """A server on its own data directory."""

    def __init__(self, binary: pathlib.Path) -> None:
        self.data_dir = pathlib.Path(tempfile.mkdtemp(prefix="hiveboard-bench-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.key = self._run(binary, "keys", "create", "--kind", "live", "--data-dir", str(self.data_dir)).splitlines()[-1]
        environment = {**os.environ, "HIVEBOARD_RATE_LIMIT_INGEST": "0", "HIVEBOARD_RATE_LIMIT_READ": "0", "HIVEBOARD_LOG": "warn"}
        command = [str(binary), "serve", "--data-dir", str(self.data_dir), "--addr", f"127.0.0.1:{self.port}"]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        self._await_ready()

    @staticmethod
    def _run(*command: object) -> str:
        return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True).stdout

    def _await_ready(self) -> None:
        for _ in range(200):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
                connection.request("GET", "/ready")
                if connection.getresponse().status == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise SystemExit("the server did not become ready within 10 s")

    def stop(self) -> int:
        """Stops gracefully; bytes on disk after it."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)
        return sum(path.stat().st_size for path in self.data_dir.rglob("*") if path.is_file())

    def discard(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.data_dir, ignore_errors=True)


def event(number: int, agent: str, moment: datetime.datetime) -> dict[str, object]:
    """One of the kinds an agent usually sends, about 700 bytes on the wire."""
    task = f"task-{agent}-{number // 20}"
    base: dict[str, object] = {
        "event_id": str(uuid.uuid4()),
        "timestamp": moment.isoformat().replace("+00:00", "Z"),
        "project_id": "benchmark",
        "task_id": task,
        "task_type": "lead_processing",
        "task_run_id": f"run-{number // 20}",
    }
    place = number % 20
    if place == 0:
        return {**base, "event_type": "task_started"}
    if place == 19:
        return {**base, "event_type": "task_completed", "duration_ms": 4200, "status": "success"}
    if place % 6 == 1:
        data = {
            "name": "reasoning", "model": "claude-sonnet-4-20250514", "tokens_in": 1500 + number % 700, "tokens_out": 200,
            "cost": 0.0075, "duration_ms": 1210, "prompt_preview": "You are analyzing a lead for fit and urgency. " * 4,
            "response_preview": '{"score": 42, "reason": "no budget owner"}',
        }
        return {**base, "event_type": "custom", "payload": {"kind": "llm_call", "summary": "reasoning", "data": data, "tags": ["llm"]}}
    action = f"{task}-{place // 2}"
    name = {"action_name": "score_lead", "function": "app.leads.score_lead", "input_preview": "lead " * 40}
    if place % 2 == 0:
        return {**base, "event_type": "action_started", "action_id": action, "payload": name}
    return {**base, "event_type": "action_completed", "action_id": action, "duration_ms": 310.5, "status": "success", "payload": name}


def batches(count: int, sizes: list[int], agents: int, seed: int) -> list[tuple[int, bytes]]:
    """Ready-made bodies holding `count` events in all, from `agents` agents in turn."""
    chance = random.Random(seed)
    start = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=30)
    made, bodies, per_agent = 0, [], [0] * agents
    while made < count:
        size = min(chance.choice(sizes), count - made)
        agent = len(bodies) % agents
        name = f"agent-{agent:04d}"
        events = []
        for _ in range(size):
            events.append(event(per_agent[agent], name, start + datetime.timedelta(milliseconds=made % 1_700_000)))
            per_agent[agent] += 1
            made += 1
        envelope = {"agent_id": name, "agent_type": "sales", "framework": "custom", "environment": "production", "group": "default"}
        bodies.append((size, json.dumps({"envelope": envelope, "events": events}).encode()))
    return bodies


def send(server: Server, bodies: list[tuple[int, bytes]], connections: int) -> list[float]:
    """Sends all bodies; milliseconds to each answer."""
    latencies: list[list[float]] = [[] for _ in range(connections)]
    failures: list[str] = []

    def work(place: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        headers = {"Authorization": f"Bearer {server.key}", "Content-Type": "application/json"}
        for _, body in bodies[place::connections]:
            started = time.perf_counter()
            connection.request("POST", "/v1/ingest", body, headers)
            response = connection.getresponse()
            answer = response.read()
            latencies[place].append((time.perf_counter() - started) * 1000)
            if response.status != 200:
                failures.append(f"{response.status}: {answer[:200]!r}")
                return

    threads = [threading.Thread(target=work, args=(place,)) for place in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise SystemExit(f"the server did not take a batch: {failures[0]}")
    return [one for part in latencies for one in part]


def measure(binary: pathlib.Path, count: int, sizes: list[int], agents: int, seed: int) -> dict[str, float]:
    """One run on a fresh server. The first tenth warms up and is not counted."""
    server = Server(binary)
    try:
        bodies = batches(count, sizes, agents, seed)
        warm = max(1, len(bodies) // 10)
        send(server, bodies[:warm], CONNECTIONS)
        counted = bodies[warm:]
        guard = common.Contention([server.process.pid, os.getpid()])
        before, wall = common.process_cpu_seconds(server.process.pid), time.monotonic()
        latencies = sorted(send(server, counted, CONNECTIONS))
        cpu, wall = common.process_cpu_seconds(server.process.pid) - before, time.monotonic() - wall
        others, events = guard.share(), sum(size for size, _ in counted)
        memory = common.resident_mb(server.process.pid)
        bytes_on_disk = server.stop()
        return {
            "cpu_us_per_event": cpu / events * 1e6,
            "events_per_second": events / wall,
            "answer_p50_ms": latencies[len(latencies) // 2],
            "answer_p99_ms": latencies[int(len(latencies) * 0.99)],
            "memory_mb": memory,
            "disk_bytes_per_event": bytes_on_disk / count,
            "body_bytes_per_event": sum(len(body) for _, body in bodies) / count,
            "others": others,
        }
    finally:
        server.discard()


def guarded(binary: pathlib.Path, count: int, sizes: list[int], agents: int, seed: int) -> dict[str, float]:
    """Repeats a run that was disturbed; the calmest one counts."""
    runs = []
    for _ in range(TRIES):
        runs.append(measure(binary, count, sizes, agents, seed))
        if runs[-1]["others"] <= TOO_BUSY:
            break
    return min(runs, key=lambda run: run["others"])


def floors() -> dict[str, float]:
    """CPU per event of the unavoidable parts alone, from the crates' own examples: reading JSON, and a durable append."""
    found: dict[str, float] = {}
    for package, example in (("hiveboard-wire", "decode_bench"), ("hiveboard-store", "append_bench")):
        command = ["cargo", "run", "--release", "--quiet", "-p", package, "--example", example]
        done = subprocess.run(command, cwd=common.ROOT, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            print(f"The floor {example} did not run:\n{done.stderr[-2000:]}", file=sys.stderr)
            continue
        for line in done.stdout.splitlines():
            print(f"  {line}")
            if match := re.match(r"(.+): ([0-9.]+) µs/event", line.strip()):
                found[match[1]] = float(match[2])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a minute, for a first look")
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", common.ROOT / "target"))
    parser.add_argument("--binary", type=pathlib.Path, default=target / "release" / "hiveboard")
    arguments = parser.parse_args()
    if not arguments.binary.exists():
        raise SystemExit(f"{arguments.binary} is not there; `make build` makes it")
    runs = 1 if arguments.quick else 3
    large, small = (60_000, 6_000) if arguments.quick else (300_000, 30_000)
    shapes = {
        "batches of 100": (large, [100], 50, "16", "7"),
        "batches of 1-10, 200 agents": (small, list(range(1, 11)), 200, "60", "25"),
    }
    print("Floors: CPU time of the parts alone")
    found = floors()
    rows, saved = [], {"floors": found}
    for name, (count, sizes, agents, accept, goal) in shapes.items():
        print(f"Measuring {name}: {count} events, {runs} runs …", flush=True)
        results = [guarded(arguments.binary, count, sizes, agents, seed) for seed in range(runs)]
        middle = {key: statistics.median(result[key] for result in results) for key in results[0]}
        saved[name] = {"median": middle, "runs": results}
        note = "" if middle["others"] <= TOO_BUSY else " !"
        rows.append([
            name, f"{middle['cpu_us_per_event']:.1f}{note}", accept, goal, f"{middle['answer_p50_ms']:.1f}", f"{middle['answer_p99_ms']:.1f}",
            f"{middle['disk_bytes_per_event']:.0f}", f"{middle['memory_mb']:.0f}", f"{middle['body_bytes_per_event']:.0f}", f"{middle['others']:.0%}",
        ])
    head = ["ingest, whole server", "CPU µs/event", "accept", "goal", "answer p50 ms", "p99 ms", "disk B/event", "memory MB", "sent B/event", "others"]
    common.table("Ingest: HTTP, authentication, parsing, validation, dedup, durable append, folds, answer", head, rows)
    print("\naccept and goal: the plan's figures at 10 M stored events; these runs start from an empty server.")
    print("others: part of the machine that other processes used; ! marks a run above 10 %, which says little.")
    print(f"Saved as {common.save('ingest', saved).relative_to(common.ROOT)}")


if __name__ == "__main__":
    main()
