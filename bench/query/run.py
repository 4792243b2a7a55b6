"""Every query of the board against a filled store while events come in: what a reader waits, in milliseconds.

    python bench/query/run.py --store DIR [--quick] [--in-place] [--binary target/release/hiveboard]

A copy of the store (with `--in-place`, for one that is too large to copy, the store itself, which then has more events than before) is served by
a real server process; another process sends events all the while. Each query is asked again and again
over one connection, all of them in turn.

Beside what a reader waits stands the server's CPU time while it did, a mean over all rounds: the kernel counts it in steps of 10 ms, so it says
something of many rounds only. It includes what the server did for the events that came in meanwhile; others on the machine change it little.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import pathlib
import sys
import time
import urllib.parse
from typing import Any

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import common
from server import Server, batches

#: What comes in meanwhile: batches of 100 over one connection, this far apart.
PAUSE_SECONDS = 0.02
BATCH = 100
ACCEPT, GOAL = (10.0, 50.0), (3.0, 25.0)
TEXT_ACCEPT, TEXT_GOAL = 1000.0, 200.0
RARE = "quokka"
FREQUENT = "customer"


def queries(of: dict[str, str]) -> dict[str, str]:
    """Name and path of each query; `of` names an agent, a task and their like that exist."""
    found = {
        "agents, by attention": "/v1/agents?limit=50",
        "agents, 200 by attention": "/v1/agents?limit=200",
        "agents, by name": "/v1/agents?limit=50&sort=name",
        "agents, by last seen": "/v1/agents?limit=50&sort=last_seen",
        "agents, stuck": "/v1/agents?status=stuck",
        "agents of an environment": "/v1/agents?environment=staging",
        "one agent": "/v1/agents/{agent}",
        "pipeline of an agent": "/v1/agents/{agent}/pipeline",
        "pipeline of all": "/v1/pipeline",
        "projects": "/v1/projects",
        "one project": "/v1/projects/{project}",
        "timeline of a task": "/v1/tasks/{task}/timeline?agent_id={agent}",
        "events, newest": "/v1/events",
        "events of an agent": "/v1/events?agent_id={agent}",
        "events of a task": "/v1/events?task_id={task}",
        "events of a project": "/v1/events?project_id={project}",
        "events, errors": "/v1/events?severity=error",
        "events, errors and warnings": "/v1/events?severity=error,warn",
        "events, approvals of a project": "/v1/events?event_type=approval_requested,approval_received&project_id={project}",
        "events, issues": "/v1/events?payload_kind=issue",
        "events of an environment": "/v1/events?environment=staging",
        "events of 24 h, failures": "/v1/events?range=24h&event_type=task_failed",
        "events of an old hour": "/v1/events?since={old}&until={old_end}",
        "events, with heartbeats": "/v1/events?exclude_heartbeats=false",
        "events, after a seq": "/v1/events?after_seq={seq}",
        "calls, newest": "/v1/llm-calls",
        "calls of an agent": "/v1/llm-calls?agent_id={agent}",
    }
    for sort in ("newest", "oldest", "duration", "cost", "tokens", "errors"):
        found[f"tasks by {sort}"] = f"/v1/tasks?sort={sort}"
        found[f"tasks by {sort}, 24 h"] = f"/v1/tasks?sort={sort}&range=24h"
    for name, choice in {
        "failed": "status=failed",
        "open": "status=processing",
        "stuck": "status=stuck",
        "waiting": "status=waiting",
        "escalated": "status=escalated",
        "of a type": "task_type={task_type}",
        "of an agent": "agent_id={agent}",
        "of a project": "project_id={project}",
        "of an environment": "environment=staging",
        "of a group": "group=night-shift",
        "whose id holds a text": "q={task}",
    }.items():
        found[f"tasks {name}"] = f"/v1/tasks?{choice}"
        found[f"tasks {name}, dearest of 24 h"] = f"/v1/tasks?{choice}&sort=cost&range=24h"
    for sort in ("newest", "oldest", "cost", "tokens"):
        found[f"calls by {sort}, 24 h"] = f"/v1/cost/calls?sort={sort}&range=24h"
    found["calls by cost, all days"] = "/v1/cost/calls?sort=cost"
    found["calls of a model by cost, 24 h"] = "/v1/cost/calls?sort=cost&range=24h&model=gpt-4o"
    for span in ("1h", "24h", "7d", "30d"):
        found[f"metrics, {span}"] = f"/v1/metrics?range={span}"
        found[f"cost, {span}"] = f"/v1/cost?range={span}"
        found[f"cost series, {span}"] = f"/v1/cost/timeseries?range={span}"
    found["cost series by model, 24 h"] = "/v1/cost/timeseries?range=24h&split_by=model"
    for group in ("agent", "model", "agent_model", "project", "task_type", "version", "environment"):
        found[f"metrics by {group}, 24 h"] = f"/v1/metrics?range=24h&metric=cost&group_by={group}"
        found[f"cost by {group}, 24 h"] = f"/v1/cost?range=24h&group_by={group}"
    for name, choice in {
        "an agent": "agent_id={agent}",
        "a project": "project_id={project}",
        "a type": "task_type={task_type}",
    }.items():
        found[f"metrics of {name}, 24 h"] = f"/v1/metrics?range=24h&{choice}"
    for word, name in ((FREQUENT, "frequent"), (RARE, "rare"), ("nowhere-to-be-found", "absent")):
        found[f"text, {name} word"] = f"/v1/events?q={word}"
    return {
        name: path.format_map({key: urllib.parse.quote(value, safe="") for key, value in of.items()})
        for name, path in found.items()
    }


def subjects(server: Server) -> dict[str, str]:
    """An agent, a task and their like, as the store has them."""
    connection = server.connection()

    def first(path: str) -> dict[str, object]:
        connection.request("GET", path, headers=server.headers)
        found = json.loads(connection.getresponse().read())["data"]
        if not found:
            raise SystemExit(f"{path} lists nothing; take a filled store")
        return dict(found[0])

    task, event = first("/v1/tasks?status=completed&limit=1"), first("/v1/events?limit=1")
    now = time.time()

    def moment(days: float, hours: float) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now - days * 86_400 + hours * 3_600))

    names = {"agent": "agent_id", "task": "task_id", "project": "project_id", "task_type": "task_type"}
    return {key: str(task[name]) for key, name in names.items()} | {
        "seq": str(max(0, int(str(event["seq"])) - 1_000)),
        "old": moment(5, 0),
        "old_end": moment(5, 1),
    }


def keep_sending(server: Server, sent: Any) -> None:
    """The other process: events at a steady rate until it is ended."""
    connection = server.connection()
    while True:
        for count, body in batches(20_000, (BATCH, BATCH), 200, time.time_ns() % 1_000_000):
            connection.request("POST", "/v1/ingest", body, server.headers)
            response = connection.getresponse()
            if response.status != 200:
                raise SystemExit(f"the server did not take a batch: {response.status} {response.read()[:200]!r}")
            response.read()
            sent.value += count
            time.sleep(PAUSE_SECONDS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer rounds, for a first look")
    parser.add_argument("--binary", type=pathlib.Path, default=common.tool("hiveboard"))
    parser.add_argument("--store", type=pathlib.Path, required=True, help="a filled data directory")
    parser.add_argument("--in-place", action="store_true", help="on the directory itself, and not on a copy")
    arguments = parser.parse_args()
    common.build_tools()
    rounds = 4 if arguments.quick else 100
    server = (
        Server(arguments.binary, keep=arguments.store)
        if arguments.in_place
        else Server(arguments.binary, arguments.store)
    )
    sender: multiprocessing.Process | None = None
    try:
        asked = queries(subjects(server))
        sent = multiprocessing.Value("q", 0)
        sender = multiprocessing.Process(target=keep_sending, args=(server, sent), daemon=True)
        sender.start()
        times: dict[str, list[float]] = {name: [] for name in asked}
        cpus: dict[str, float] = dict.fromkeys(asked, 0.0)
        sizes: dict[str, int] = {}
        # Took longer than the server allows; asked no more.
        refused: dict[str, float] = {}
        connection = server.connection()
        guard = common.Contention([server.pid, os.getpid(), sender.pid or 0])
        began, cpu = time.monotonic(), common.process_cpu_seconds(server.pid)
        for number in range(rounds + 1):
            for name, path in asked.items():
                if name in refused:
                    continue
                busy = common.process_cpu_seconds(server.pid)
                started = time.perf_counter()
                connection.request("GET", path, headers=server.headers)
                response = connection.getresponse()
                body = response.read()
                took = (time.perf_counter() - started) * 1000
                busy = (common.process_cpu_seconds(server.pid) - busy) * 1000
                if response.status == 503:
                    refused[name] = took
                    continue
                if response.status != 200:
                    raise SystemExit(f"{path}: {response.status} {body[:300]!r}")
                # The first round opens files.
                if number:
                    times[name].append(took)
                    cpus[name] += busy
                sizes[name] = len(body)
        wall, cpu, others = time.monotonic() - began, common.process_cpu_seconds(server.pid) - cpu, guard.share()
        rate = sent.value / wall
        memory = common.resident_mb(server.pid)
    finally:
        if sender is not None:
            sender.terminate()
        server.discard()
    rows: list[list[str]] = []
    saved: dict[str, object] = {}
    for name, after in refused.items():
        saved[name] = {"path": asked[name], "refused_after_ms": after}
        rows.append([name, "refused", f"{after:.0f}", "", "", "", "NO", ""])
    for name, took in times.items():
        if name in refused:
            continue
        took.sort()
        p50, p99 = took[len(took) // 2], took[min(len(took) - 1, int(len(took) * 0.99))]
        text = name.startswith("text,")
        accept, goal = ((TEXT_ACCEPT, TEXT_ACCEPT), (TEXT_GOAL, TEXT_GOAL)) if text else (ACCEPT, GOAL)
        reached = (
            "goal" if p50 <= goal[0] and p99 <= goal[1] else "accept" if p50 <= accept[0] and p99 <= accept[1] else "NO"
        )
        cpu_ms = cpus[name] / len(took)
        saved[name] = {
            "path": asked[name],
            "p50_ms": p50,
            "p99_ms": p99,
            "worst_ms": took[-1],
            "cpu_ms": cpu_ms,
            "bytes": sizes[name],
        }
        wanted = [f"{accept[0]:.0f} / {accept[1]:.0f}", f"{goal[0]:.0f} / {goal[1]:.0f}"]
        rows.append([name, f"{p50:.1f}", f"{p99:.1f}", f"{cpu_ms:.1f}", *wanted, reached, f"{sizes[name]}"])
    title = f"Queries of the board on {arguments.store.name} while {rate:,.0f} events/s come in; {rounds} rounds"
    common.table(title, ["query", "p50 ms", "p99 ms", "cpu ms", "accept p50/p99", "goal", "reached", "bytes"], rows)
    missed = [row[0] for row in rows if row[6] == "NO"]
    print(
        f"\n{len(rows) - len(missed)} of {len(rows)} within accept. Server: {memory:.0f} MB, {cpu / wall:.2f} cores, ready after {server.start_seconds:.1f} s. Others used {others:.0%} of the machine."
    )
    figures = {
        "queries": saved,
        "events_per_second": rate,
        "others": others,
        "memory_mb": memory,
        "start_seconds": server.start_seconds,
        "store": arguments.store.name,
    }
    print(f"Saved as {common.save('query', figures).relative_to(common.ROOT)}")


if __name__ == "__main__":
    main()
