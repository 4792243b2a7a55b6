"""Fills a data directory with events of the made-up fleet: what `STORE=…` of the other benchmarks reads.

    python bench/fill.py DIR EVENTS [--binary target/release/hiveboard]
    python bench/fill.py DIR EVENTS --days 5

Through the server itself, all of them now; goes on where it ended before: it counts what is stored and sends what is missing. Stops before
the disk is full. With `--days` a new store is written by the store's own append, its events spread over the days before now, and then a
server is started on it, which folds them.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import common
from server import Server, batches, send

CONNECTIONS = 4
AGENTS = 1_000
BATCH = (500, 500)
#: Sent between two looks at the disk.
ROUND = 50_000
ROOM_BYTES = 2 << 30


def stored(server: Server) -> int:
    """Events that the server has."""
    connection = server.connection()
    connection.request("GET", "/v1/storage", headers=server.headers)
    answer = json.loads(connection.getresponse().read())
    return sum(int(mode["events"]) for mode in answer["modes"])


def await_insights(server: Server) -> None:
    """Until what insights are computed from is gathered from all events, and is written down when the server stops."""
    while True:
        connection = server.connection()
        connection.request("GET", "/v1/insights?range=1h", headers=server.headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status == 200:
            return
        time.sleep(1)


def spread(binary: pathlib.Path, folder: pathlib.Path, events: int, days: int) -> None:
    """Writes a store as a server would have left it that ran for so many days."""
    if any(folder.glob("ev-*")):
        raise SystemExit(f"{folder} holds events already; take a new directory")
    subprocess.run([common.tool("hiveboard-costs"), "fill", str(events), str(folder), str(days)], check=True)
    server = Server(binary, keep=folder)
    try:
        # Events make their projects when they come in; these did not.
        send(server, batches(1_600, (100, 100), 16, seed=time.time_ns() % 1_000_000_007), CONNECTIONS)
        await_insights(server)
        print(
            f"{stored(server):,} events in {folder}, folded and ready after {server.start_seconds:.1f} s, {common.resident_mb(server.pid):.0f} MB"
        )
    finally:
        size = server.stop()
        print(f"{size / events:.0f} bytes an event on disk")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dir", type=pathlib.Path)
    parser.add_argument("events", type=int)
    parser.add_argument("--binary", type=pathlib.Path, default=common.tool("hiveboard"))
    parser.add_argument("--days", type=int, help="spread them over so many days")
    arguments = parser.parse_args()
    arguments.dir.mkdir(parents=True, exist_ok=True)
    common.build_tools()
    if arguments.days:
        return spread(arguments.binary, arguments.dir, arguments.events, arguments.days)
    server = Server(arguments.binary, keep=arguments.dir)
    began, first = time.monotonic(), stored(server)
    have = first
    try:
        while have < arguments.events:
            if shutil.disk_usage(arguments.dir).free < ROOM_BYTES:
                raise SystemExit(f"stopped at {have:,} events: the disk has under {ROOM_BYTES >> 30} GiB left")
            count = min(ROUND, arguments.events - have)
            # The seed makes the ids: another one each round, whatever was sent before.
            send(server, batches(count, BATCH, AGENTS, seed=time.time_ns() % 1_000_000_007), CONNECTIONS)
            have += count
            rate = (have - first) / (time.monotonic() - began)
            print(f"{have:,} events, {rate:,.0f} a second, {common.resident_mb(server.pid):.0f} MB", flush=True)
        print(f"{stored(server):,} events in {arguments.dir}, started in {server.start_seconds:.1f} s")
    finally:
        size = server.stop()
        print(f"{size / max(1, have):.0f} bytes an event on disk")


if __name__ == "__main__":
    main()
