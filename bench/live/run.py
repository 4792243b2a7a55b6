"""How late the live stream is, and how late answers to events are while the server has half of what it can take.

    python bench/live/run.py [--quick] [--binary target/release/hiveboard]

Delays are those of each event on each measured reader, from when its batch was acknowledged (an event that was there before counts as no
delay) and from when it was sent; one machine, one monotonic clock. All readers want all events: 500 readers at 100 events a second are
50,000 frames a second, read by a process that has the same two processors as the server.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import common
from server import Server, batches, send

HERE = pathlib.Path(__file__).resolve().parent
AGENTS = 200
SMALL = (1, 10)
MEASURED = 20
#: Readers, events a second.
CASES = ((1, 100), (1, 1000), (50, 500), (500, 100))
#: p95 in milliseconds: of the stream; p99: of answers at half load.
ACCEPT_MS, GOAL_MS = {"stream": 100.0, "answer": 50.0}, {"stream": 20.0, "answer": 15.0}
#: Of an empty server that nobody talks to, MB.
ACCEPT_IDLE_MB = 30.0


@dataclasses.dataclass(frozen=True)
class Delays:
    """Milliseconds, sorted."""

    values: list[float]

    def at(self, share: float) -> float:
        return self.values[min(len(self.values) - 1, int(share * len(self.values)))]

    def words(self) -> list[str]:
        return [f"{self.at(share):.1f}" for share in (0.5, 0.95, 0.99)]


def stream(binary: pathlib.Path, readers: int, rate: int, seconds: float) -> dict[str, object]:
    server = Server(binary)
    try:
        bodies = batches(int(rate * seconds), SMALL, AGENTS, seed=readers + rate)
        measured = min(readers, MEASURED)
        command = [sys.executable, str(HERE / "readers.py"), str(server.port), server.key, str(readers), str(measured)]
        reading = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert reading.stdin
        assert reading.stdout
        if reading.stdout.readline().strip() != "ready":
            raise SystemExit("the readers did not come up")
        guard = common.Contention([server.pid, reading.pid])
        cpu = common.process_cpu_seconds(server.pid)
        connection, told = server.connection(), {}
        started, sent = time.monotonic(), 0
        for count, body in bodies:
            time.sleep(max(0.0, started + sent / rate - time.monotonic()))
            before = time.monotonic()
            connection.request("POST", "/v1/ingest", body, server.headers)
            answer = connection.getresponse()
            if answer.read() and answer.status != 200:
                raise SystemExit(f"the server did not take a batch: {answer.status}")
            after = time.monotonic()
            # Heartbeats are pushed to those alone who name them.
            told.update(
                (event["event_id"], (before, after))
                for event in json.loads(body)["events"]
                if event["event_type"] != "heartbeat"
            )
            sent += count
        wall = time.monotonic() - started
        cpu = common.process_cpu_seconds(server.pid) - cpu
        others = guard.share()
        time.sleep(1.0)
        output, _ = reading.communicate("\n")
        seen = json.loads(output)
        missing = sum(len(told.keys() - reader.keys()) for reader in seen["seen"])
        if missing or seen["lagged"]:
            raise SystemExit(f"{missing} frames did not arrive, {seen['lagged']} readers were told that they lag")
        pairs = [(at, told[event]) for reader in seen["seen"] for event, at in reader.items() if event in told]
        return {
            "after_answer": Delays(sorted(max(0.0, at - answered) * 1000 for at, (_, answered) in pairs)),
            "after_sending": Delays(sorted((at - sent_at) * 1000 for at, (sent_at, _) in pairs)),
            "rate": sent / wall,
            "frames": len(told) * readers / wall,
            "cores": cpu / wall,
            "memory_mb": common.resident_mb(server.pid),
            "others": others,
        }
    finally:
        server.discard()


def answers(binary: pathlib.Path, events: int, seconds: float) -> dict[str, object]:
    """Answers while the server has half of what it takes when as much as possible is sent, in batches of 1-10 from 200 agents."""
    server = Server(binary)
    try:
        started = time.monotonic()
        send(server, batches(events, SMALL, AGENTS, seed=3), connections=16)
        full = events / (time.monotonic() - started)
        # Each connection sends one batch, then pauses: 16 of them come to half the rate.
        connections = 16
        per_batch = sum(SMALL) / 2
        pause = connections * per_batch / (full / 2)
        bodies = batches(int(full / 2 * seconds), SMALL, AGENTS, seed=4)
        started = time.monotonic()
        latencies = send(server, bodies, connections=connections, pause_seconds=pause)
        rate = sum(count for count, _ in bodies) / (time.monotonic() - started)
        return {"full": full, "rate": rate, "delays": Delays(sorted(latencies))}
    finally:
        server.discard()


def idle(binary: pathlib.Path) -> float:
    """Resident memory of an empty server that nobody talks to, after ten seconds."""
    server = Server(binary)
    try:
        time.sleep(10)
        return common.resident_mb(server.pid)
    finally:
        server.discard()


def plain(result: dict[str, object]) -> dict[str, object]:
    """As it is kept: percentiles instead of every delay."""
    return {
        name: dict(zip(("p50_ms", "p95_ms", "p99_ms"), map(float, value.words()), strict=True))
        if isinstance(value, Delays)
        else value
        for name, value in result.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--binary", type=pathlib.Path, default=common.tool("hiveboard"))
    given = parser.parse_args()
    common.build_tools()
    seconds = 5.0 if given.quick else 30.0
    kept: dict[str, object] = {}

    rows = []
    for readers, rate in CASES:
        result = stream(given.binary, readers, rate, seconds)
        kept[f"{readers} readers, {rate} events/s"] = plain(result)
        after_answer, after_sending = result["after_answer"], result["after_sending"]
        assert isinstance(after_answer, Delays)
        assert isinstance(after_sending, Delays)
        p95 = after_answer.at(0.95)
        reached = "goal" if p95 <= GOAL_MS["stream"] else "accept" if p95 <= ACCEPT_MS["stream"] else "NO"
        rows.append(
            [
                f"{readers} readers, {result['rate']:.0f} events/s",
                f"{result['frames']:,.0f}",
                " / ".join(after_answer.words()),
                " / ".join(after_sending.words()),
                f"{ACCEPT_MS['stream']:.0f}",
                f"{GOAL_MS['stream']:.0f}",
                reached,
                f"{result['cores']:.2f}",
                f"{result['memory_mb']:.0f}",
                f"{result['others']:.0%}",
            ]
        )
    head = [
        "stream",
        "frames/s",
        "answered → read p50/p95/p99 ms",
        "sent → read p50/p95/p99 ms",
        "accept p95",
        "goal p95",
        "reached",
    ]
    common.table("How late the live stream is", [*head, "cores", "MB", "others"], rows)

    half = answers(given.binary, 20_000 if given.quick else 100_000, seconds)
    kept["answers at half load"] = plain(half)
    delays = half["delays"]
    assert isinstance(delays, Delays)
    p99 = delays.at(0.99)
    reached = "goal" if p99 <= GOAL_MS["answer"] else "accept" if p99 <= ACCEPT_MS["answer"] else "NO"
    head = [
        "answers at half load, batches of 1-10, 16 connections",
        "p50/p95/p99 ms",
        "accept p99",
        "goal p99",
        "reached",
    ]
    row = [f"{half['rate']:,.0f} of {half['full']:,.0f} events/s", " / ".join(delays.words())]
    common.table(
        "How late answers are", head, [[*row, f"{ACCEPT_MS['answer']:.0f}", f"{GOAL_MS['answer']:.0f}", reached]]
    )

    kept["idle_mb"] = idle(given.binary)
    print(f"\nAn empty server that nobody talks to holds {kept['idle_mb']:.0f} MB (accept {ACCEPT_IDLE_MB:.0f}).")
    common.save("live", kept)


if __name__ == "__main__":
    main()
