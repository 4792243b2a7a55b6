"""How well insights tell of recorded runs what is known about them, and how long the endpoint takes on a full store.

    python bench/insights/run.py [--quick] [--runs DIR] [--events N | --store DIR] [--binary target/release/hiveboard]

Recall: of the runs in which it is known to be, those that the insight names. Precision: of the runs it names, those in which it is known to be.
Runs are told by task, as insights name them.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import pathlib
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import common
from fill import await_insights
from server import Server, batches, send

RUNS = pathlib.Path(os.environ.get("HIVEBOARD_REAL_RUNS", common.ROOT.parent / "shared" / "real-runs"))
ACCEPT_MS = 150.0


def get(server: Server, path: str) -> dict[str, object]:
    connection = server.connection()
    connection.request("GET", path, headers=server.headers)
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        raise SystemExit(f"{path}: {response.status} {body[:300]!r}")
    return dict(json.loads(body))


def moved(bodies: list[dict], end: datetime.datetime) -> list[dict]:
    """A run as if it had ended then."""

    def of(text: str) -> datetime.datetime:
        return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))

    by = end - max(of(event["timestamp"]) for body in bodies for event in body["events"])
    for body in bodies:
        for event in body["events"]:
            event["timestamp"] = (of(event["timestamp"]) + by).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return bodies


def recorded(binary: pathlib.Path, folder: pathlib.Path) -> dict[str, object]:
    """Sends the recorded runs to an empty server and compares what it says with what is known."""
    known: dict[str, dict[str, object]] = {}
    server = Server(binary)
    try:
        now = datetime.datetime.now(datetime.timezone.utc)
        connection = server.connection()
        for place, path in enumerate(sorted(folder.glob("*/*.ndjson"))):
            bodies = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            for body in moved(bodies, now - datetime.timedelta(seconds=60 + 37 * place)):
                connection.request("POST", "/v1/ingest", json.dumps(body), server.headers)
                answer = connection.getresponse()
                if answer.read() and answer.status != 200:
                    raise SystemExit(f"{path.name}: {answer.status}")
            expected = json.loads(
                path.with_name(path.name.replace(".ndjson", ".expected.json")).read_text(encoding="utf-8")
            )
            task, facts = str(expected["task_id"]), expected["facts"]
            of_task = known.setdefault(task, {"loop": False, "silent": False, "silent_with_errors": False})
            silent = facts["outcome"] == "failed silently"
            of_task["loop"] = bool(of_task["loop"] or facts.get("loops"))
            of_task["silent"] = bool(of_task["silent"] or silent)
            of_task["silent_with_errors"] = bool(
                of_task["silent_with_errors"] or (silent and facts.get("tool_failures"))
            )
        # Runs that took days began before the window; the end counts.
        answer = get(server, "/v1/insights?range=24h&kinds=loop,unrecovered_error")
    finally:
        server.discard()
    named: dict[str, set[str]] = {"loop": set(), "unrecovered_error": set()}
    for insight in answer["data"]:  # type: ignore[union-attr]
        named[insight["kind"]].update(insight["task_ids"])
    rows, figures = [], {}
    for kind, fact, words in (
        ("loop", "loop", "the same call three times in a row"),
        ("unrecovered_error", "silent_with_errors", "says completed, failed, and a tool failed"),
        ("unrecovered_error", "silent", "says completed, and failed"),
    ):
        true = {task for task, facts in known.items() if facts[fact]}
        hit = true & named[kind]
        recall = len(hit) / len(true) if true else float("nan")
        precision = len(hit) / len(named[kind]) if named[kind] else float("nan")
        rows.append(
            [kind, words, str(len(true)), str(len(named[kind])), str(len(hit)), f"{recall:.0%}", f"{precision:.0%}"]
        )
        figures[f"{kind}, {words}"] = {
            "known": sorted(true),
            "named": sorted(named[kind]),
            "recall": recall,
            "precision": precision,
        }
    common.table(
        f"Recorded runs: {len(known)} tasks",
        ["insight", "known to be there", "known", "named", "right", "recall", "precision"],
        rows,
    )
    return figures


def endpoint(binary: pathlib.Path, store: pathlib.Path | None, events: int, rounds: int) -> dict[str, object]:
    """Fills a store, or takes a copy of one, and asks for all kinds over each range, never twice within the time that answers are remembered."""
    server = Server(binary, store)
    try:
        if store is None:
            send(server, batches(events, (50, 150), 1_000, 7), 4)
        await_insights(server)
        agent = str(get(server, "/v1/agents?limit=1")["data"][0]["agent_id"])  # type: ignore[index]
        rows, figures = [], {}
        for span in ("1h", "24h", "7d", "30d"):
            took = []
            for number in range(rounds):
                # Another end each time: another answer.
                until = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=10 * number)
                hours = {"1h": 1, "24h": 24, "7d": 168, "30d": 720}[span]
                since = until - datetime.timedelta(hours=hours)
                query = urllib.parse.urlencode({"since": since.isoformat(), "until": until.isoformat()})
                started = time.perf_counter()
                get(server, f"/v1/insights?{query}")
                took.append((time.perf_counter() - started) * 1000)
            took.sort()
            p50, worst = took[len(took) // 2], took[-1]
            rows.append([span, f"{p50:.0f}", f"{worst:.0f}", f"{ACCEPT_MS:.0f}", "yes" if p50 <= ACCEPT_MS else "NO"])
            figures[span] = {"p50_ms": p50, "worst_ms": worst}
        started = time.perf_counter()
        get(server, f"/v1/insights?{urllib.parse.urlencode({'agent_id': agent})}")
        figures["one agent"] = (time.perf_counter() - started) * 1000
        memory = common.resident_mb(server.pid)
        of = f"{events:,} events of 1,000 agents" if store is None else f"on {store.name}"
        common.table(f"GET /v1/insights, all kinds, {of}", ["range", "p50 ms", "worst ms", "accept", "reached"], rows)
        print(f"\nServer: {memory:.0f} MB.")
        return figures | {"events": events, "memory_mb": memory}
    finally:
        server.discard()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the events, for a first look")
    parser.add_argument("--binary", type=pathlib.Path, default=common.tool("hiveboard"))
    parser.add_argument("--runs", type=pathlib.Path, default=RUNS, help="recorded runs with what is known about each")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--store", type=pathlib.Path, help="a filled data directory, instead of filling one")
    arguments = parser.parse_args()
    figures: dict[str, object] = {}
    if arguments.runs.is_dir():
        figures["recorded"] = recorded(arguments.binary, arguments.runs)
    else:
        print(
            f"Recorded runs: skipped, {arguments.runs} is not there; name another folder with --runs or HIVEBOARD_REAL_RUNS."
        )
    if not common.tool("hiveboard-fleet").exists():
        common.build_tools()
    events = arguments.events // (10 if arguments.quick else 1)
    figures["endpoint"] = endpoint(arguments.binary, arguments.store, events, 5 if arguments.quick else 20)
    print(f"Saved as {common.save('insights', figures).relative_to(common.ROOT)}")


if __name__ == "__main__":
    main()
