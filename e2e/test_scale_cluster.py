"""A cluster of three real nodes on real engines: every node answers all, and nothing acknowledged is lost or told twice, whoever dies.

The longer ones run with `make test-scale` alone (`HIVEBOARD_SCALE=long`).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from test_alerts import Owner

from harness.cluster import ENGINES_RUN_HERE, PARTITIONS, Cluster, Load, Node, retried, stored_ids
from harness.compare import compare
from harness.events import event, registered
from harness.reads_only import ReadsOnly
from harness.receivers import Receiver
from harness.server import Server, free_port, hiveboard_binary
from harness.stories import full_story
from harness.stream import StreamReader

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(not ENGINES_RUN_HERE, reason="the engines are published for Linux on x86-64 alone"),
]
long = pytest.mark.skipif(os.environ.get("HIVEBOARD_SCALE") != "long", reason="make test-scale")

TAKEOVER_SECONDS = 10.0


def owner_of(cluster: Cluster, key: str) -> Node:
    """The node that serves the data of a key: the one that passes nothing on."""
    for node in cluster.running():
        board = node.board(key)
        before = passed_on(node)
        retried(board, "/v1/agents")
        if passed_on(node) == before:
            return node
    raise AssertionError("every node passes on")


def passed_on(node: Node) -> float:
    return figure(node, "hiveboard_requests_passed_on_total")


def figure(node: Node, name: str) -> float:
    """The sum of a figure over its labels."""
    text = httpx.get(node.url + "/metrics", timeout=5).text
    rows = [line for line in text.splitlines() if line.startswith((name + " ", name + "{"))]
    return sum(float(row.rsplit(" ", 1)[1]) for row in rows)


def all_boards(cluster: Cluster, key: str) -> list[Any]:
    return [node.board(key) for node in cluster.running()]


def check_stored(cluster: Cluster, key: str, acknowledged: set[str]) -> None:
    """Every acknowledged event once, and none twice, through every node."""
    for board in all_boards(cluster, key):
        ids = stored_ids(board)
        assert len(ids) == len(set(ids)), "an event is told twice"
        assert not acknowledged - set(ids), f"{len(acknowledged - set(ids))} of {len(acknowledged)} are lost"


# -- every node answers all ----------------------------------------------------------------------------------------------


def test_what_one_node_acknowledged_every_node_shows_at_once(cluster: Cluster, key: str) -> None:
    boards = all_boards(cluster, key)
    for turn in range(12):
        sent = event("task_started", task_id=f"t-{turn}")
        boards[turn % 3].send("reader", [sent])
        seen = boards[(turn + 1) % 3].get("/v1/events", limit=1)["data"]
        assert seen[0]["event_id"] == sent["event_id"], f"turn {turn}"
    for board in boards:
        answer = board.client.get("/v1/tasks", params={"limit": 50})
        assert len(answer.json()["data"]) == 12
        assert "x-hiveboard-behind" not in answer.headers


def test_repeated_events_are_stored_once_whichever_nodes_they_come_to(cluster: Cluster, key: str) -> None:
    boards = all_boards(cluster, key)
    batch = [event("task_started", task_id=f"t-{number}") for number in range(5)]
    for board in boards:
        board.send("repeats", batch)
        board.send("repeats", list(reversed(batch)))
    for board in boards:
        assert sorted(stored_ids(board)) == sorted(one["event_id"] for one in batch)


def test_what_is_set_on_one_node_holds_on_all(cluster: Cluster) -> None:
    first, second, third = cluster.nodes
    fresh = first.create_key()
    for node in (second, third, first):
        assert httpx.get(node.url + "/v1/agents", headers={"X-API-Key": fresh}, timeout=5).status_code == 200
    listed = httpx.get(second.url + "/v1/api-keys", headers={"X-API-Key": fresh}, timeout=5).json()["data"]
    key_id = next(one["key_id"] for one in listed if fresh.startswith(one["prefix"]))
    assert httpx.delete(f"{third.url}/v1/api-keys/{key_id}", headers={"X-API-Key": fresh}, timeout=5).status_code == 200
    revoked_at = time.monotonic()
    body = {"envelope": {"agent_id": "a"}, "events": [event("heartbeat")]}
    pending = set(cluster.nodes)
    while pending:
        for node in list(pending):
            answer = httpx.post(node.url + "/v1/ingest", json=body, headers={"X-API-Key": fresh}, timeout=5)
            if answer.status_code == 401:
                pending.remove(node)
        assert time.monotonic() - revoked_at < 1.5, f"{len(pending)} nodes still take it"
    assert time.monotonic() - revoked_at <= 1.0


def test_a_session_of_the_board_holds_on_every_node(cluster: Cluster) -> None:
    owner = Owner(cluster.nodes[1])
    for node in cluster.nodes:
        seen = httpx.get(node.url + "/v1/session", cookies=owner.cookies, timeout=5)
        assert seen.status_code == 200, seen.text
        assert httpx.get(node.url + "/", cookies=owner.cookies, timeout=5).status_code == 200


def test_a_stream_goes_on_from_its_place_on_another_node(cluster: Cluster, key: str) -> None:
    boards = all_boards(cluster, key)
    first = StreamReader(boards[0], ["events"])
    sent: list[str] = []

    def send(count: int) -> None:
        for _ in range(count):
            one = event("task_started", task_id=f"t-{len(sent)}")
            boards[len(sent) % 3].send("streamed", [one])
            sent.append(one["event_id"])

    send(10)
    heard = first.events(10, 10)
    first.close()
    send(10)
    second = StreamReader(boards[1], ["events"], since_seq=heard[-1]["seq"])
    send(10)
    heard += second.events(20, 15)
    second.quiet(0.5)
    second.close()
    assert [one["event_id"] for one in heard] == sent


def test_the_port_for_nodes_is_for_nodes(cluster: Cluster, key: str) -> None:
    for path in ("/v1/agents", "/ready", "/metrics", "/"):
        answer = httpx.get(
            f"http://{cluster.nodes[0].node_address}{path}", headers={"X-API-Key": key, "X-HiveBoard-Pass": "guess"}
        )
        assert answer.status_code == 403, path


# -- who dies ------------------------------------------------------------------------------------------------------------


def test_nothing_is_lost_and_nothing_told_twice_when_the_owner_is_killed(cluster: Cluster, key: str) -> None:
    owner = owner_of(cluster, key)
    others = [node for node in cluster.nodes if node is not owner]
    with Load(cluster, key) as load:
        time.sleep(2)
        owner.kill()
        killed_at = time.monotonic()
        board = others[0].board(key)
        retried(board, "/v1/agents", TAKEOVER_SECONDS)
        assert time.monotonic() - killed_at <= TAKEOVER_SECONDS
        time.sleep(2)
    assert not load.failures
    assert len(load.acknowledged) > 200
    check_stored(cluster, key, load.acknowledged)
    cluster.wait_until_served()


@long
def test_an_agent_that_dies_with_its_owner_is_noticed_and_told_of_once(cluster: Cluster) -> None:
    threshold_seconds = 6
    receiver = Receiver()
    key = cluster.nodes[0].create_key()
    person = Owner(cluster.nodes[0])
    channel = person.channel("webhook", {"url": receiver.url}, f"hook-{time.monotonic_ns()}")
    doomed, alive = f"doomed-{time.monotonic_ns()}", f"alive-{time.monotonic_ns()}"
    rule = person.rule({"type": "agent_stuck"}, [channel], scope={"agent_id": doomed})
    board = cluster.nodes[0].board(key)
    board.send(doomed, [registered(threshold_seconds), event("heartbeat")])
    board.send(alive, [registered(threshold_seconds), event("heartbeat")])
    owner_of(cluster, key).kill()
    rest = [one.board(key) for one in cluster.running()]
    until = time.monotonic() + TAKEOVER_SECONDS + 2 * threshold_seconds + 5
    while not receiver.got:
        assert time.monotonic() < until, "nobody was told"
        rest[0].post_batch(alive, [event("heartbeat")])
        states = {one["agent_id"]: one["derived_status"] for one in retried(rest[1], "/v1/agents")["data"]}
        assert states[alive] != "stuck", "it beats"
        time.sleep(0.5)
    assert retried(rest[1], f"/v1/agents/{doomed}")["derived_status"] == "stuck"
    # Another owner finds the alert open, and tells nobody again.
    # It dies at once: what its clock found is not written down, so the next one gives everybody time again.
    cluster.heal()
    owner_of(cluster, key).kill()
    cluster.wait_until_served()
    until = time.monotonic() + 2 * threshold_seconds
    while time.monotonic() < until:
        rest = [one.board(key) for one in cluster.running()]
        rest[0].post_batch(alive, [event("heartbeat")])
        states = {one["agent_id"]: one["derived_status"] for one in retried(rest[1], "/v1/agents")["data"]}
        assert states[alive] != "stuck", "it beats"
        time.sleep(0.5)
    assert retried(rest[1], f"/v1/agents/{doomed}")["derived_status"] == "stuck"
    told = [got.json() for got in receiver.got]
    receiver.close()
    assert [(one["type"], one["rule"]["rule_id"]) for one in told] == [("alert.firing", rule["rule_id"])]


@long
def test_a_node_that_is_stopped_hands_over_at_once(cluster: Cluster, key: str) -> None:
    owner = owner_of(cluster, key)
    board = next(node for node in cluster.nodes if node is not owner).board(key)
    board.send("before", [event("heartbeat")])
    with Load(cluster, key, threads=2) as load:
        time.sleep(1)
        owner.stop()
        began = time.monotonic()
        retried(board, "/v1/agents", 5)
        assert time.monotonic() - began < 5, "leases that are given back are taken at once"
        time.sleep(1)
    check_stored(cluster, key, load.acknowledged)


# -- engines that are away -----------------------------------------------------------------------------------------------


@long
def test_while_clickhouse_is_away_events_are_taken_and_boards_say_that_they_are_behind(
    cluster: Cluster, key: str
) -> None:
    boards = all_boards(cluster, key)
    sent = [event("task_started", task_id=f"t-{number}") for number in range(40)]
    boards[0].send("patient", sent[:10])
    cluster.clickhouse.pause()
    try:
        boards[1].send("patient", sent[10:20])
        time.sleep(1)
        boards[2].send("patient", sent[20:30])
        until = time.monotonic() + 45
        while True:
            answer = boards[0].client.get("/v1/tasks")
            if answer.headers.get("x-hiveboard-behind", "0") != "0":
                break
            assert time.monotonic() < until, f"{answer.status_code} {answer.headers}"
        assert answer.status_code == 200, "what is folded is answered from memory"
    finally:
        cluster.clickhouse.resume()
    boards[0].send("patient", sent[30:])
    until = time.monotonic() + 60
    while True:
        answer = boards[1].client.get("/v1/tasks", params={"limit": 100})
        if answer.status_code == 200 and "x-hiveboard-behind" not in answer.headers:
            break
        assert time.monotonic() < until, f"{answer.status_code} {answer.headers}"
        time.sleep(0.2)
    assert len(answer.json()["data"]) == 40
    assert sorted(stored_ids(boards[2])) == sorted(one["event_id"] for one in sent)


@long
def test_while_nats_is_away_events_are_refused_with_when_to_come_back(cluster: Cluster, key: str) -> None:
    boards = all_boards(cluster, key)
    boards[0].send("faithful", [event("heartbeat")])
    cluster.nats.kill()
    try:
        for board in boards:
            refused = board.post_batch("faithful", [event("heartbeat")])
            assert refused.status_code == 503, refused.text
            assert int(refused.headers["retry-after"]) >= 1
            assert refused.json()["error"] == "not_ready"
    finally:
        cluster.nats.start()
    kept = [event("task_started", task_id="kept")]
    until = time.monotonic() + 30
    while boards[0].post_batch("faithful", kept).status_code != 200:
        assert time.monotonic() < until
        time.sleep(0.2)
    cluster.wait_until_served()
    tasks = retried(boards[1], "/v1/tasks")["data"]
    assert [one["task_id"] for one in tasks] == ["kept"]


# -- what is set wrong ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"log_by": "embedded"}, "log_by"),
        ({"nats_urls": ["127.0.0.1:1"]}, "nats_urls"),
        ({"nats_partitions": PARTITIONS + 1}, f"{PARTITIONS} partitions"),
        ({"nats_replicas": 2}, "replicas"),
        ({"clickhouse_database": "no-name"}, "database"),
        ({"node_addr": "0.0.0.0:8100"}, "node_advertise"),
        ({"nats_user": "hive"}, "nats_password"),
        ({"clickhouse_tables": 3}, "clickhouse_tables"),
        ({"nats_urls": ["tls://{nats}"]}, "speaks no TLS"),
        ({"clickhouse_urls": ["http://{reads_only}"]}, "only read"),
    ],
)
def test_a_node_that_is_set_wrong_says_what_is_wrong_and_ends(
    cluster: Cluster, settings: dict[str, object], said: str
) -> None:
    reads_only = ReadsOnly(cluster.clickhouse.url)
    places = {"{nats}": f"127.0.0.1:{cluster.nats.port}", "{reads_only}": reads_only.address}
    filled = json.dumps(settings)
    for name, place in places.items():
        filled = filled.replace(name, place)
    node = cluster.new_node(90, **json.loads(filled))
    command = [str(hiveboard_binary()), "serve", "--data-dir", str(node.data), "--addr", f"127.0.0.1:{free_port()}"]
    done = subprocess.run(command, env=node.environment, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert said in done.stderr, done.stderr
    if "reads_only" in json.dumps(settings):
        looked = node.try_command("doctor", "--config", str(node.file))
        assert looked.returncode == 1
        assert said in looked.stdout, looked.stdout
    reads_only.close()


# -- the same answers as a server alone ----------------------------------------------------------------------------------


def test_a_cluster_answers_what_a_server_alone_answers(
    cluster: Cluster, key: str, new_server: Callable[..., Server]
) -> None:
    alone = new_server().board()
    boards = all_boards(cluster, key)
    story = full_story(7, runs=12)
    for place, (agent_id, events) in enumerate(by_agent(story)):
        alone.send(agent_id, events)
        boards[place % 3].send(agent_id, events)
    compare(alone, boards)


def test_every_route_of_a_server_alone_is_there_in_a_cluster(
    cluster: Cluster, key: str, new_server: Callable[..., Server]
) -> None:
    alone = new_server().board()
    alone.send("a", [event("task_started", task_id="t")])
    boards = all_boards(cluster, key)
    boards[0].send("a", [event("task_started", task_id="t")])
    retried(boards[0], "/v1/tasks")
    document = alone.client.get("/v1/openapi.json").json()
    asked = 0
    for path, operations in document["paths"].items():
        # A stream is a WebSocket; how a node fares is its own affair.
        if path in ("/v1/stream", "/ready", "/metrics"):
            continue
        place = re.sub(r"\{[a-z_]+\}", "nope", path)
        for method in operations:
            if method not in ("get", "post", "put", "delete") or place in ("/v1/logout", "/leave"):
                continue

            def answer(board: Any, method: str = method, place: str = place) -> tuple[int, str]:
                told = board.client.request(method, place, content=None if method == "get" else b"no JSON")
                return told.status_code, told.headers.get("content-type", "")

            wanted = answer(alone)
            for board in boards:
                assert answer(board) == wanted, f"{method} {path}"
            asked += 1
    assert asked > 80


def test_assistants_are_answered_by_every_node(cluster: Cluster, key: str) -> None:
    boards = all_boards(cluster, key)
    boards[0].send("a", [event("task_started", task_id="asked-for")])
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "list_tasks", "arguments": {}}}
    for board in boards:
        retried(board, "/v1/tasks")
        told = board.client.post("/mcp", json=call)
        assert told.status_code == 200, told.text
        assert "asked-for processing: by a" in told.json()["result"]["content"][0]["text"]
        # Links lead to the node that was asked.
        assert f"]({board.url}/tasks?task=asked-for" in told.text


def by_agent(story: list[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Batches in order, a few events each."""
    for at in range(0, len(story), 50):
        yield f"teller-{at % 3}", story[at : at + 50]
