"""A cluster, end to end: events a second and CPU an event by stage, one to three nodes on real engines, beside the embedded server.

    python bench/scale/run.py [--quick] [--binary target/release/hiveboard]

ClickHouse and NATS run on this machine, too, and so does the load: what the table tells is what each stage costs, not what machines of their own would carry. A
stage is a process (the nodes together, NATS, ClickHouse); its CPU time comes from the operating system. The batches are those of `make bench-ingest`; they go to
all nodes in turn, and the clock stops when the last event can be read.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import pathlib
import shutil
import statistics
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import common
from server import Server, batches, send

sys.path.insert(0, str(common.ROOT / "e2e"))
CONNECTIONS = 6
KEYS = 8


def post(address: str, key: str, bodies: list[tuple[int, bytes]], failures: list[str]) -> None:
    """Sends bodies over one connection, again where the answer says so."""
    connection = http.client.HTTPConnection(*address.split(":"), timeout=60)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    for _, body in bodies:
        while True:
            connection.request("POST", "/v1/ingest", body, headers)
            answer = connection.getresponse()
            said = answer.read()
            if answer.status == 200:
                break
            if answer.status != 503:
                failures.append(f"{answer.status}: {said[:200]!r}")
                return
            time.sleep(0.05)


def wait_until_read(address: str, keys: list[str]) -> None:
    """Until every owner has folded all that was acknowledged."""
    for key in keys:
        while True:
            connection = http.client.HTTPConnection(*address.split(":"), timeout=60)
            connection.request("GET", "/v1/agents?limit=1", headers={"Authorization": f"Bearer {key}"})
            answer = connection.getresponse()
            answer.read()
            if answer.status == 200 and answer.getheader("x-hiveboard-behind") is None:
                break
            time.sleep(0.05)


def cluster(nodes: int, sizes: tuple[int, int], events: int) -> dict[str, float]:
    """One run on fresh engines, the data of eight workspaces over all partitions."""
    from harness.cluster import Cluster

    folder = pathlib.Path(tempfile.mkdtemp(prefix="hiveboard-scale-"))
    running = Cluster(folder, nodes)
    try:
        running.start()
        first = running.nodes[0]
        keys = [running.new_key() for _ in range(KEYS)]
        parts = [batches(events // KEYS, sizes, 25, seed=number + 1) for number in range(KEYS)]
        # The first batch of each makes projects, connections and tables.
        failures: list[str] = []
        for key, bodies in zip(keys, parts, strict=True):
            post(first.address, key, bodies[:1], failures)
        wait_until_read(first.address, keys)
        processes = {
            "nodes": [node.process.pid for node in running.nodes if node.process],
            "nats": [running.nats.pid],
            "clickhouse": [running.clickhouse.pid],
        }

        def spent(stage: str) -> float:
            return sum(common.process_cpu_seconds(pid) for pid in processes[stage])

        guard = common.Contention([os.getpid(), *(pid for pids in processes.values() for pid in pids)])
        before, began = {stage: spent(stage) for stage in processes}, time.monotonic()
        threads = []
        for number, (key, bodies) in enumerate(zip(keys, parts, strict=True)):
            address = running.nodes[number % nodes].address
            threads.append(threading.Thread(target=post, args=(address, key, bodies[1:], failures)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        taken = time.monotonic() - began
        wait_until_read(first.address, keys)
        wall = time.monotonic() - began
        if failures:
            raise SystemExit(f"the cluster did not take a batch: {failures[0]}")
        count = sum(size for bodies in parts for size, _ in bodies[1:])
        figures = {f"{stage}_us": (spent(stage) - before[stage]) / count * 1e6 for stage in processes}
        return figures | {
            "taken_per_second": count / taken,
            "read_per_second": count / wall,
            "memory_mb": max(common.resident_mb(pid) for pid in processes["nodes"]),
            "nats_bytes": common.disk_bytes(running.nats.folder / "data") / count,
            "clickhouse_bytes": common.disk_bytes(running.clickhouse.folder / "data") / count,
            "others": guard.share(),
        }
    finally:
        running.end()
        shutil.rmtree(folder, ignore_errors=True)


def embedded(binary: pathlib.Path, sizes: tuple[int, int], events: int) -> dict[str, float]:
    """The same on a server alone."""
    server = Server(binary)
    try:
        bodies = batches(events, sizes, 200, seed=9)
        send(server, bodies[:KEYS], CONNECTIONS)
        guard = common.Contention([os.getpid(), server.pid])
        before, began = common.process_cpu_seconds(server.pid), time.monotonic()
        send(server, bodies[KEYS:], CONNECTIONS)
        wall = time.monotonic() - began
        count = sum(size for size, _ in bodies[KEYS:])
        cpu, others = common.process_cpu_seconds(server.pid) - before, guard.share()
        memory_mb = common.resident_mb(server.pid)
        return {
            "nodes_us": cpu / count * 1e6,
            "nats_us": 0.0,
            "clickhouse_us": 0.0,
            "taken_per_second": count / wall,
            "read_per_second": count / wall,
            "memory_mb": memory_mb,
            "nats_bytes": 0.0,
            "clickhouse_bytes": server.stop() / count,
            "others": others,
        }
    finally:
        server.discard()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one run of fewer events, for a first look")
    parser.add_argument("--binary", type=pathlib.Path, default=common.tool("hiveboard"))
    parser.add_argument(
        "--nodes", default="0,1,2,3", help="how many, one run after the other; 0 is the embedded server"
    )
    arguments = parser.parse_args()
    os.environ["HIVEBOARD_BINARY"] = str(arguments.binary)
    runs, events = (1, 24_000) if arguments.quick else (3, 120_000)
    rows, saved = [], {}
    for name, sizes, count in (("batches of 100", (100, 100), events), ("batches of 1-10", (1, 10), events // 6)):
        for nodes in map(int, arguments.nodes.split(",")):
            print(f"Measuring {name}, {nodes or 'no cluster,'} {'nodes' if nodes else 'embedded'} …", flush=True)
            measured = [
                cluster(nodes, sizes, count) if nodes else embedded(arguments.binary, sizes, count) for _ in range(runs)
            ]
            middle = {key: statistics.median(one[key] for one in measured) for key in measured[0]}
            label = f"{name}, {nodes} nodes" if nodes else f"{name}, embedded"
            saved[label] = middle
            rows.append(
                [
                    label,
                    f"{middle['taken_per_second']:.0f}",
                    f"{middle['read_per_second']:.0f}",
                    *(f"{middle[f'{stage}_us']:.1f}" for stage in ("nodes", "nats", "clickhouse")),
                    f"{middle['nats_bytes']:.0f}",
                    f"{middle['clickhouse_bytes']:.0f}",
                    f"{middle['memory_mb']:.0f}",
                    f"{middle['others']:.0%}",
                ]
            )
    head = [
        "ingest to readable",
        "taken/s",
        "readable/s",
        "nodes µs/event",
        "NATS µs",
        "ClickHouse µs",
        "log B/event",
        "store B/event",
        "node MB",
        "others",
    ]
    common.table("A cluster on one machine: the load, all nodes and both engines share its cores", head, rows)
    with contextlib.suppress(ValueError):
        print(f"Saved as {common.save('scale', json.loads(json.dumps(saved))).relative_to(common.ROOT)}")


if __name__ == "__main__":
    main()
