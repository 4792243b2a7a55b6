"""Whether the client keeps up with a server that is far away: prints one table and fails where it does not.

    python bench/client/far.py [--seconds 60] [--round-trip-ms 100] [--python PATH]

A thousand agents with heartbeats every 30 s, two thousand events a second from two hundred of them, and a server that
answers each request after the round trip. Delays are from the event's own time stamp to its arrival, on one machine's clock.
Threads while calm are those of ten agents with heartbeats, when the others have been closed.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime
import json
import os
import pathlib
import statistics
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
AGENTS, BUSY, EVENTS_PER_SECOND, HEARTBEAT_SECONDS = 1000, 200, 2000, 30
CALM = 10


async def serve(round_trip_seconds: float) -> None:
    """Answers each request after the round trip, and tells what came when its input ends."""
    beats: list[float] = []
    counts = {"requests": 0, "events": 0}
    under_way = most_under_way = 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal under_way, most_under_way
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                return writer.close()
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            body = json.loads(await reader.readexactly(length))
            now = time.time()
            under_way += 1
            most_under_way = max(most_under_way, under_way)
            counts["requests"] += 1
            counts["events"] += len(body["events"])
            for event in body["events"]:
                if event["event_type"] == "heartbeat":
                    beats.append(
                        now - datetime.datetime.fromisoformat(event["timestamp"].replace("Z", "+00:00")).timestamp()
                    )
            await asyncio.sleep(round_trip_seconds)
            under_way -= 1
            answer = json.dumps({"accepted": len(body["events"]), "rejected": 0, "warnings": [], "errors": []}).encode()
            writer.write(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(answer)
            )
            writer.write(answer)

    server = await asyncio.start_server(handle, "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    print(json.dumps({**counts, "beats": beats, "connections": most_under_way}), flush=True)
    os._exit(0)


def load(url: str, seconds: float) -> None:
    """The agents, in a process of their own; tells what became of their events."""
    import hiveloop

    def threads() -> int:
        return len(os.listdir("/proc/self/task"))

    before = threads()
    hb = hiveloop.init(api_key="hb_live_0123456789abcdef0123456789abcdef", endpoint=url)
    agents = [hb.agent(f"agent-{number}", heartbeat_interval=HEARTBEAT_SECONDS) for number in range(AGENTS)]
    most, stop = [0], threading.Event()

    def watch() -> None:
        while not stop.wait(0.2):
            most[0] = max(most[0], threads() - before - 1)

    threading.Thread(target=watch, daemon=True).start()
    emitted, began = 0, time.monotonic()
    while (elapsed := time.monotonic() - began) < seconds:
        while emitted < elapsed * EVENTS_PER_SECOND:
            agents[emitted % BUSY].event("custom", {"kind": "step", "data": {"number": emitted}})
            emitted += 1
        time.sleep(0.01)
    flushed = hiveloop.flush(60)
    unsent = 0 if flushed else hiveloop.stats()["queued"]
    dropped = hiveloop.stats()["dropped"]
    # A thousand heartbeats are a thousand requests: it is calm once most agents are gone, and have said so.
    for agent in agents[CALM:]:
        agent.close()
    hiveloop.flush(60)
    time.sleep(13)
    calm = threads() - before - 1
    stop.set()
    print(json.dumps({"emitted": emitted, "unsent": unsent, "dropped": dropped, "most": most[0], "calm": calm}))
    sys.stdout.flush()
    os._exit(0)


def main() -> int:
    """Runs both, prints the table, returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--round-trip-ms", type=float, default=100)
    parser.add_argument("--python", default=sys.executable, help="an interpreter that has the client")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--load", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve(options.round_trip_ms / 1000))
    if options.load:
        load(options.load, options.seconds)
    sys.path.insert(0, str(HERE.parent))
    import common

    own = [str(HERE / "far.py"), "--round-trip-ms", str(options.round_trip_ms), "--seconds", str(options.seconds)]
    server = subprocess.Popen(
        [sys.executable, *own, "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    try:
        url = f"http://127.0.0.1:{int(server.stdout.readline())}"
        run = subprocess.run([options.python, *own, "--load", url], capture_output=True, text=True, check=True)
        told = json.loads(run.stdout.splitlines()[-1])
        came = json.loads(server.communicate("", timeout=30)[0].splitlines()[-1])
    finally:
        server.kill()
    beats = sorted(came["beats"])
    figures = [
        ("dropped events", told["dropped"], 0),
        ("events unsent after a flush", told["unsent"], 0),
        ("heartbeat delay p50 s", statistics.median(beats), 2),
        ("heartbeat delay p99 s", beats[int(len(beats) * 0.99) - 1], 2),
        ("heartbeat delay most s", beats[-1], 2),
        ("threads while calm", told["calm"], 2),
    ]
    rows = [[name, f"{value:.2f}".rstrip("0").rstrip("."), f"≤ {accept}"] for name, value, accept in figures]
    common.table(f"The client, {options.round_trip_ms:.0f} ms from its server", ["", "", "accept"], rows)
    print(
        f"\n{told['emitted']} events and {len(beats)} heartbeats of {AGENTS} agents in {options.seconds:.0f} s: "
        f"{came['requests']} requests, at most {came['connections']} at once; at most {told['most']} threads"
    )
    return 0 if all(value <= accept for _, value, accept in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
