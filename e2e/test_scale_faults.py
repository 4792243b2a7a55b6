"""What goes wrong around a cluster: engines that are away or full, nodes with another time, readers that do not read, clients that keep what nobody takes.

The longer ones run with `make test-scale` alone (`HIVEBOARD_SCALE=long`).
"""

from __future__ import annotations

import collections
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hiveloop
import httpx
import pytest
import test_opentelemetry
from websockets.exceptions import ConnectionClosed

from harness import clock, nats
from harness.cluster import (
    ENGINES_RUN_HERE,
    PARTITIONS,
    Cluster,
    Load,
    Node,
    all_stored,
    caught_up,
    retried,
    stored_ids,
)
from harness.events import custom, event, registered
from harness.reads_only import ReadsOnly
from harness.server import Server, free_port, hiveboard_binary
from harness.stream import StreamReader

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(not ENGINES_RUN_HERE, reason="the engines are published for Linux on x86-64 alone"),
]
# Of the cluster that the tests of this file share.
NODES = 2
IS_LONG = os.environ.get("HIVEBOARD_SCALE") == "long"
long = pytest.mark.skipif(not IS_LONG, reason="make test-scale")


# -- engines -------------------------------------------------------------------------------------------------------------


def test_clickhouse_is_away_under_load_and_nothing_is_lost_told_twice_or_taken_for_silence(
    cluster: Cluster, key: str
) -> None:
    away_seconds = 120 if IS_LONG else 15
    node = cluster.nodes[0]
    # Its limit is shorter than the outage; it beats all the time.
    node.board(key).send("steady", [registered(8), event("heartbeat")])
    fresh = set[str]()

    def beat() -> None:
        one = event("heartbeat")
        # As clients do: what is refused is sent again as it was.
        while (sent := node.board(key).post_batch("steady", [one])).status_code == 503:
            time.sleep(0.2)
        assert sent.status_code == 200, sent.text
        fresh.add(one["event_id"])

    with Load(cluster, key, threads=2, pause_seconds=0.05) as load:
        time.sleep(1)
        cluster.clickhouse.pause()
        try:
            began, before = time.monotonic(), len(load.acknowledged)
            while time.monotonic() - began < away_seconds:
                beat()
                time.sleep(0.5)
            taken = len(load.acknowledged) - before
            answer = node.board(key).client.get("/v1/agents")
            assert answer.status_code == 503 or answer.headers["x-hiveboard-behind"] != "0"
        finally:
            cluster.clickhouse.resume()
        assert taken > 20 * away_seconds, "the log takes what comes"
        # It goes on: what waits may take longer to be folded than its limit.
        caught_up(node, key, away_seconds + 60, beat)
        states = {one["agent_id"]: one["derived_status"] for one in retried(node.board(key), "/v1/agents")["data"]}
        assert states["steady"] != "stuck", "it beat while nobody could store it"
    assert not load.failures
    assert not load.refusals, load.refusals[:3]
    all_stored(cluster.nodes, key, load.acknowledged | fresh)


def test_a_full_log_refuses_what_is_new_and_loses_nothing(own_cluster: Callable[..., Cluster]) -> None:
    cluster = own_cluster(1, nats_log_mb=2)
    cluster.start()
    (node,) = cluster.nodes
    key = node.create_key()
    board = node.board(key)
    board.send("writer", [event("heartbeat")])

    def large() -> list[dict[str, Any]]:
        return [custom("note", {"text": os.urandom(9_000).hex()}, "large") for _ in range(5)]

    taken = set[str]()
    cluster.clickhouse.pause()
    try:
        for _ in range(200):
            batch = large()
            answer = board.post_batch("writer", batch)
            if answer.status_code != 200:
                break
            taken.update(one["event_id"] for one in batch)
        assert (answer.status_code, answer.json()["error"]) == (503, "storage_full"), answer.text
        assert int(answer.headers["retry-after"]) >= 1
        assert len(taken) >= 50, "it took what it has room for"
        warned = node.try_command("doctor", "--config", str(node.file))
        assert "more than half full" in warned.stdout + warned.stderr
    finally:
        cluster.clickhouse.resume()
    until = time.monotonic() + 60
    while (answer := board.post_batch("writer", batch)).status_code != 200:
        assert answer.json()["error"] in ("storage_full", "not_ready"), answer.text
        assert time.monotonic() < until, "what is stored leaves the log, and makes room"
        time.sleep(0.5)
    all_stored([node], key, taken | {one["event_id"] for one in batch})


def test_a_clickhouse_that_only_lets_read_for_a_while_loses_nothing_and_nodes_say_what_waits(
    own_cluster: Callable[..., Cluster],
) -> None:
    cluster = own_cluster(0)
    clickhouse = ReadsOnly(cluster.clickhouse.url, is_on=False)
    cluster.nodes = [cluster.new_node(number, clickhouse_urls=[f"http://{clickhouse.address}"]) for number in range(2)]
    try:
        cluster.start()
        first, second = cluster.nodes
        key = cluster.new_key()
        sent = [event("task_started", task_id=f"t-{number}") for number in range(10)]
        first.board(key).send("a", [registered(), *sent[:2]])
        caught_up(first, key, 30)
        clickhouse.is_on = True
        for number, one in enumerate(sent[2:]):
            cluster.nodes[number % 2].board(key).send("a", [one])
        until = time.monotonic() + 20
        while sum(part["behind"] for node in cluster.nodes for part in node.says()["partitions"]) < 8:
            assert time.monotonic() < until, [node.says() for node in cluster.nodes]
            time.sleep(0.2)
        assert "degraded" in [node.says()["status"] for node in cluster.nodes]
        # The owner goes meanwhile: another has all of it to store.
        second.stop()
        time.sleep(8)
        clickhouse.is_on = False
        second.start()
        cluster.wait_until_served()
        for node in cluster.nodes:
            caught_up(node, key, 30)
            assert len(stored_ids(node.board(key))) == 11
            assert len(retried(node.board(key), "/v1/tasks")["data"]) == 10
    finally:
        cluster.end()
        clickhouse.close()


def test_the_client_keeps_its_events_while_nats_is_away(cluster: Cluster, key: str) -> None:
    count = 1500 if IS_LONG else 500
    hive: Any = hiveloop.init(api_key=key, endpoint=cluster.nodes[0].url, flush_interval=0.1, batch_size=20)
    agent = hive.agent("steady")

    def emit() -> None:
        for number in range(count):
            agent.event("custom", {"kind": "count", "summary": str(number)})
            time.sleep(0.004)

    emitter = threading.Thread(target=emit)
    emitter.start()
    try:
        time.sleep(0.5)
        cluster.nats.kill()
        time.sleep(3)
        cluster.nats.start()
        emitter.join()
        assert hiveloop.flush(timeout=90)
        assert hiveloop.stats()["dropped"] == 0
        cluster.wait_until_served()
        caught_up(cluster.nodes[1], key, 30)
        board = cluster.nodes[1].board(key)
        stored = collections.Counter(int(one["payload"]["summary"]) for one in board.of_kind("count"))
        assert sorted(stored) == list(range(count))
        assert max(stored.values()) == 1
    finally:
        emitter.join()
        hiveloop.reset()


@long
def test_one_of_three_nats_servers_dies_and_nothing_stands_still(own_cluster: Callable[..., Cluster]) -> None:
    cluster = own_cluster(2, 3, nats_replicas=3)
    cluster.start()
    key = cluster.new_key()
    with Load(cluster, key, threads=2, pause_seconds=0.02) as load:
        time.sleep(2)
        for victim in cluster.all_nats:
            victim.kill()
            # Elections take a moment; then the other two go on.
            time.sleep(8)
            before = len(load.acknowledged)
            until = time.monotonic() + 30
            while len(load.acknowledged) == before:
                assert time.monotonic() < until, f"two servers take nothing: {load.refusals[-3:]}"
                time.sleep(0.1)
            victim.start()
            time.sleep(4)
    assert not load.failures
    cluster.wait_until_served()
    for node in cluster.nodes:
        caught_up(node, key, 60)
    all_stored(cluster.nodes, key, load.acknowledged)


# -- nodes ---------------------------------------------------------------------------------------------------------------


def test_a_node_that_only_answers_dies_and_nobody_else_notices(cluster: Cluster, key: str) -> None:
    reader = cluster.new_node(8, roles=["api"])
    reader.start()
    try:
        board = cluster.nodes[0].board(key)
        board.send("a", [event("task_started", task_id="t-0")])
        assert len(retried(reader.board(key), "/v1/tasks")["data"]) == 1
        assert reader.partitions() == set(), "it owns nothing"
        refused = reader.board(key).post_batch("a", [event("heartbeat")])
        assert (refused.status_code, refused.json()["error"]) == (503, "not_ready")
        assert "takes no events" in refused.json()["message"]
        stream = StreamReader(reader.board(key), ["events"])
        served = [node.partitions() for node in cluster.nodes]
        board.send("a", [event("task_started", task_id=f"s-{number}") for number in range(20)])
        stream.events(20, 20)
        with Load(cluster, key, threads=1) as load:
            reader.kill()
            for number in range(20):
                sent = event("task_started", task_id=f"u-{number}")
                board.send("a", [sent])
                ids = [
                    one["event_id"] for one in retried(cluster.nodes[1].board(key), "/v1/events", agent_id="a")["data"]
                ]
                assert sent["event_id"] in ids
        stream.close()
        assert not load.refusals
        assert not load.failures
        assert [node.partitions() for node in cluster.nodes] == served, "no partition moved"
        reader.start()
        all_stored([*cluster.nodes, reader], key, load.acknowledged)
    finally:
        reader.close_boards()
        if reader.process is not None:
            reader.kill()


def subscribed_and_silent(node: Node, key: str) -> socket.socket:
    """A subscriber to all events that never reads."""
    connection = socket.create_connection(("127.0.0.1", node.port), timeout=10)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.sendall(
        (
            f"GET /v1/stream HTTP/1.1\r\nHost: {node.address}\r\nAuthorization: Bearer {key}\r\nConnection: Upgrade\r\n"
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        ).encode()
    )
    assert connection.recv(12) == b"HTTP/1.1 101", "it is let in"
    wish = b'{"action":"subscribe","channels":["events"],"filters":{}}'
    # One text frame, masked with zeros.
    connection.sendall(bytes([0x81, 0x80 | len(wish)]) + bytes(4) + wish)
    return connection


def test_who_reads_no_frames_holds_up_nobody(cluster: Cluster, key: str) -> None:
    for node in cluster.nodes:
        retried(node.board(key), "/v1/agents")
    # Sockets fill up, through the node that passes the frames on, too.
    lazy = [subscribed_and_silent(node, key) for node in cluster.nodes]
    brisk = StreamReader(cluster.nodes[0].board(key), ["events"])
    board = cluster.nodes[1].board(key)
    sent: list[str] = []
    began = time.monotonic()
    for number in range(60):
        batch = [custom("note", {"text": os.urandom(4_000).hex()}, f"n-{number}-{place}") for place in range(20)]
        board.send("writer", batch)
        sent += [one["event_id"] for one in batch]
    assert time.monotonic() - began < 60
    heard = brisk.events(len(sent), 60)
    assert [one["event_id"] for one in heard] == sent
    brisk.close()
    assert all(node.says()["status"] == "ok" for node in cluster.nodes)
    for one in lazy:
        one.close()


def test_nodes_whose_clocks_are_half_a_minute_apart_lose_nothing_and_take_nobody_for_dead(
    own_cluster: Callable[..., Cluster],
) -> None:
    cluster = own_cluster(2)
    ahead = cluster.new_node(2, clock.faked(30))
    cluster.nodes = [cluster.nodes[0], ahead]
    cluster.start()
    key = cluster.new_key()
    with Load(cluster, key, threads=2, pause_seconds=0.01) as load:
        for turn in range(3):
            for node in cluster.nodes:
                # By turns on both: its limit is longer than the clocks are apart.
                node.board(key).send("steady", [registered(40), event("heartbeat")])
                states = {
                    one["agent_id"]: one["derived_status"] for one in retried(node.board(key), "/v1/agents")["data"]
                }
                assert states["steady"] != "stuck"
            # Either way of taking over: from a clock that is ahead, and from one that is behind.
            victim = cluster.nodes[turn % 2]
            victim.kill()
            cluster.wait_until_served()
            other = cluster.nodes[1 - turn % 2]
            caught_up(other, key, 20)
            victim.start()
            cluster.wait_until_served()
    assert not load.failures
    all_stored(cluster.nodes, key, load.acknowledged)


def test_a_node_that_stands_still_is_replaced_and_says_nothing_that_is_out_of_date(
    own_cluster: Callable[..., Cluster],
) -> None:
    # Its connections stay open, as those of a machine that is gone do: nobody who waits for its answer may wait for ever.
    cluster = own_cluster(2)
    cluster.start()
    still, awake = cluster.nodes
    key = next(key for key in iter(cluster.new_key, None) if passes_on(awake, key))
    board = awake.board(key)
    board.send("a", [event("task_started", task_id="t-0")])
    stream = StreamReader(board, ["events"])
    assert still.process is not None
    still.process.send_signal(signal.SIGSTOP)
    try:
        stopped_at = time.monotonic()
        answers = [threading.Thread(target=retried, args=(awake.board(key), "/v1/agents", 60)) for _ in range(3)]
        for one in answers:
            one.start()
        retried(board, "/v1/agents", 60)
        assert time.monotonic() - stopped_at <= 10, "whoever asks is answered by the next owner"
        for one in answers:
            one.join()
        assert time.monotonic() - stopped_at <= 12, "those who waited for the last one, too"
        assert has_ended(stream, 5), "a stream of the last owner ends, so that it is opened again"
        stream.close()
        while time.monotonic() - stopped_at < (30 if IS_LONG else 12):
            board.send("b", [event("task_started", task_id=f"t-{time.monotonic_ns()}")])
            time.sleep(0.2)
        wanted = len(retried(board, "/v1/tasks", limit=200)["data"])
    finally:
        still.process.send_signal(signal.SIGCONT)
    until = time.monotonic() + 5
    while time.monotonic() < until:
        answer = still.board(key).client.get("/v1/tasks", params={"limit": 200})
        assert (
            answer.status_code == 503 or len(answer.json()["data"]) == wanted or "x-hiveboard-behind" in answer.headers
        )
    cluster.wait_until_served()
    # What it was about to write when it stood still is nobody's loss, and is not there twice.
    for node in cluster.nodes:
        ids = stored_ids(node.board(key))
        assert len(ids) == len(set(ids)) == wanted


def test_a_key_that_was_revoked_while_a_node_stood_still_stops_there_within_a_second(cluster: Cluster) -> None:
    still, awake = cluster.nodes
    key = awake.create_key()
    retried(still.board(key), "/v1/agents")
    assert still.process is not None
    still.process.send_signal(signal.SIGSTOP)
    try:
        awake.command("keys", "revoke", key[:16])
        time.sleep(8)
    finally:
        still.process.send_signal(signal.SIGCONT)
    woke_at = time.monotonic()
    while still.board(key).post_batch("a", [event("heartbeat")]).status_code != 401:
        assert time.monotonic() - woke_at < 1
    assert time.monotonic() - woke_at < 2


def has_ended(stream: StreamReader, seconds: float) -> bool:
    """Whether a stream breaks off."""
    until = time.monotonic() + seconds
    try:
        while stream.next(until - time.monotonic()) is not None:
            pass
    except ConnectionClosed:
        return True
    return False


def passes_on(node: Node, key: str) -> bool:
    """Whether another node owns the data of a key."""

    def passed() -> float:
        rows = httpx.get(node.url + "/metrics", timeout=5).text.splitlines()
        return sum(float(row.rsplit(" ", 1)[1]) for row in rows if row.startswith("hiveboard_requests_passed_on_total"))

    before = passed()
    retried(node.board(key), "/v1/agents")
    return passed() > before


# -- a log that is not what it was ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("made_by", ["a node", "somebody else", "somebody else, under way"])
def test_a_stream_that_was_made_anew_goes_on_behind_what_is_stored(
    own_cluster: Callable[..., Cluster], made_by: str
) -> None:
    cluster = own_cluster(1)
    cluster.start()
    (node,) = cluster.nodes
    key = node.create_key()
    board = node.board(key)
    sent = []
    for number in range(30):
        sent.append(event("task_started", task_id=f"old-{number}"))
        board.send("a", [sent[-1]])
    caught_up(node, key, 30)
    assert len(stored_ids(board)) == 30
    under_way = made_by.endswith("under way")
    if not under_way:
        node.kill()
    for partition in range(PARTITIONS):
        name = f"hiveboard-events-{partition}"
        config = nats.ask(cluster.nats.port, f"$JS.API.STREAM.INFO.{name}")["config"]
        nats.ask(cluster.nats.port, f"$JS.API.STREAM.DELETE.{name}")
        if made_by != "a node":
            nats.ask(cluster.nats.port, f"$JS.API.STREAM.CREATE.{name}", config)
    if made_by == "a node":
        looked = node.try_command("doctor", "--config", str(node.file))
        assert looked.returncode == 1
        assert "stream hiveboard-events-0 of NATS is missing" in looked.stdout, looked.stdout
    if not under_way:
        node.start()
        cluster.wait_until_served()
    for number in range(20):
        new = event("task_started", task_id=f"new-{number}")
        while (answer := board.post_batch("a", [new])).status_code == 503:
            time.sleep(0.2)
        assert answer.status_code == 200, answer.text
        sent.append(new)
        time.sleep(0.05)
    caught_up(node, key, 30)
    assert sorted(stored_ids(board)) == sorted(one["event_id"] for one in sent)
    assert len(retried(board, "/v1/tasks", limit=100)["data"]) == 50
    # It is a log as any other from then on.
    node.kill()
    node.start()
    cluster.wait_until_served()
    board.send("a", [event("heartbeat")])
    caught_up(node, key, 30)
    assert len(stored_ids(board)) == 51
    assert "goes on behind" in node.log() or made_by == "a node"


@pytest.mark.parametrize("nodes_are", ["stopped", "under way"])
def test_settings_go_on_when_their_stream_was_made_anew(own_cluster: Callable[..., Cluster], nodes_are: str) -> None:
    cluster = own_cluster(2)
    cluster.start()
    first, second = cluster.nodes
    before = first.create_key()

    def lets_in(node: Node, key: str) -> bool:
        return httpx.get(node.url + "/v1/api-keys", headers={"X-API-Key": key}, timeout=10).status_code != 401

    def soon(wanted: bool, node: Node, key: str) -> None:
        until = time.monotonic() + 5
        while lets_in(node, key) is not wanted:
            assert time.monotonic() < until, f"{key[:12]} on {node.url}"
            time.sleep(0.1)

    soon(True, second, before)
    name = "hiveboard-settings"
    config = nats.ask(cluster.nats.port, f"$JS.API.STREAM.INFO.{name}")["config"]
    if nodes_are == "stopped":
        first.kill()
        second.kill()
    nats.ask(cluster.nats.port, f"$JS.API.STREAM.DELETE.{name}")
    if nodes_are == "stopped":
        first.start()
        second.start()
    else:
        nats.ask(cluster.nats.port, f"$JS.API.STREAM.CREATE.{name}", config)
    cluster.wait_until_served()
    after = first.create_key()
    for node in cluster.nodes:
        soon(True, node, before)
        soon(True, node, after)
    second.command("keys", "revoke", before[:16])
    for node in cluster.nodes:
        soon(False, node, before)
        soon(True, node, after)


def test_the_doctor_looks_at_a_log_that_nobody_made_and_makes_none(own_cluster: Callable[..., Cluster]) -> None:
    cluster = own_cluster(1)
    (node,) = cluster.nodes
    looked = node.try_command("doctor", "--config", str(node.file))
    assert "has no streams of this cluster yet" in looked.stdout, looked.stdout
    assert "MiB free" in looked.stdout, "its directory is not made yet either"
    assert nats.ask(cluster.nats.port, "$JS.API.STREAM.NAMES")["total"] == 0


# -- other ways in -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", ["http", "grpc"])
def test_opentelemetry_comes_in_through_any_node(
    cluster: Cluster, key: str, protocol: str, own_cluster: Callable[..., Cluster]
) -> None:
    grpc_port = free_port()
    node = cluster.new_node(9, otlp_grpc_addr=f"127.0.0.1:{grpc_port}")
    node.environment.pop("HIVEBOARD_OTLP_GRPC_ADDR")
    node.start()
    try:
        task_id = test_opentelemetry.run(node, key, protocol, "ends", grpc_port)
        for one in (*cluster.nodes, node):
            board = one.board(key)
            task = retried(board, "/v1/tasks")["data"][0]
            assert (task["task_id"], task["derived_status"], task["llm_call_count"]) == (task_id, "completed", 1)
            story = retried(board, f"/v1/tasks/{task_id}/timeline")
            (failed,) = [span for span in story["spans"] if span["kind"] == "action"]
            assert failed["exception"]["exception_type"] == "TimeoutError"
    finally:
        node.close_boards()
        node.kill()
        cluster.wait_until_served()


def test_what_was_exported_elsewhere_comes_in_once(
    cluster: Cluster, key: str, new_server: Callable[..., Server], tmp_path: Path
) -> None:
    alone = new_server().board()
    for number in range(30):
        alone.send(f"a-{number % 3}", [event("task_started", task_id=f"t-{number}"), event("heartbeat")])
    file = tmp_path / "all.ndjson"

    def hiveboard(*arguments: str) -> str:
        done = subprocess.run([str(hiveboard_binary()), *arguments], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stderr

    hiveboard("export", "--url", alone.url, "--key", alone.key, "-o", str(file))
    for node in (*cluster.nodes, cluster.nodes[0]):
        assert "Imported 60 events" in hiveboard("import", str(file), "--url", node.url, "--key", key)
    wanted = {one["event_id"] for one in alone.events(exclude_heartbeats="false")}
    for node in cluster.nodes:
        ids = stored_ids(node.board(key))
        assert sorted(ids) == sorted(wanted)
    answer = httpx.get(
        cluster.nodes[1].url + "/v1/export?of=events&format=ndjson",
        headers={"Authorization": f"Bearer {key}"},
        timeout=30,
    )
    assert len(answer.text.splitlines()) == 60
