"""A log that is not there any more: NATS without all that it kept, and messages that were in it for too long."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from test_alerts import Owner, failed

from harness import nats
from harness.cluster import ENGINES_RUN_HERE, PARTITIONS, Cluster, Node, caught_up, retried, stored_ids
from harness.events import event, registered
from harness.receivers import Receiver
from harness.server import free_port, hiveboard_binary
from harness.stream import StreamReader

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(not ENGINES_RUN_HERE, reason="the engines are published for Linux on x86-64 alone"),
]
SOON_SECONDS = 60.0


def lose_all(cluster: Cluster) -> None:
    """NATS goes on with an empty disk."""
    cluster.nats.kill()
    shutil.rmtree(cluster.nats.folder / "data")
    cluster.nats.start()


def refused_start(node: Node) -> str:
    """What a node says that ends at once."""
    command = [str(hiveboard_binary()), "serve", "--data-dir", str(node.data), "--addr", f"127.0.0.1:{free_port()}"]
    done = subprocess.run(command, env=node.environment, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1, done.stderr
    return done.stderr


def last_change(node: Node) -> int:
    """Up to which change of the settings its copy goes."""
    said = node.try_command("doctor", "--config", str(node.file)).stdout
    (line,) = [line for line in said.splitlines() if line.split()[1] == "settings"]
    return int(line.split("up to change ")[1].split(",")[0])


def lets_in(node: Node, key: str) -> bool:
    return httpx.get(node.url + "/v1/api-keys", headers={"X-API-Key": key}, timeout=10).status_code == 200


def soon(holds: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + SOON_SECONDS
    while not holds():
        assert time.monotonic() < until, what
        time.sleep(0.2)


@pytest.mark.parametrize("nodes_are", ["stopped", "under way"])
def test_a_cluster_goes_on_from_a_nodes_copy_when_nats_has_lost_everything(
    own_cluster: Callable[..., Cluster], nodes_are: str
) -> None:
    cluster = own_cluster(2)
    cluster.start()
    first, second = cluster.nodes
    receiver = Receiver()
    person = Owner(first)
    channel = person.channel("webhook", {"url": receiver.url})
    rule = person.rule({"type": "task_failed", "window_seconds": 3600}, [channel])
    person.rule({"type": "agent_stuck"}, [channel], scope={"agent_id": "silent"})
    key, revoked = first.create_key(), second.create_key()
    first.command("keys", "revoke", revoked[:16])
    board = first.board(key)
    sent = [event("task_started", task_id=f"old-{number}") for number in range(30)]
    board.send("worker", [registered(600), *sent])
    board.send("silent", [registered(3), event("heartbeat")])
    board.send("fails", failed("broken"))
    receiver.wait_for(2, 30)
    caught_up(first, key, 30)
    stream = StreamReader(first.board(key), ["events"])
    board.send("worker", [event("task_started", task_id="heard")])
    (heard,) = stream.events(1, 10)
    stream.close()
    before = sorted(stored_ids(board))
    soon(lambda: last_change(first) == last_change(second), "both nodes have all changes")

    if nodes_are == "stopped":
        first.kill()
        second.kill()
    lose_all(cluster)
    if nodes_are == "under way":
        refused = board.post_batch("worker", [event("heartbeat")])
        assert (refused.status_code, refused.json()["error"]) == (503, "not_ready"), refused.text
        soon(lambda: first.says()["status"] == "degraded", "a node that NATS does not know says that it is not well")

    # Nobody begins another cluster over the data of this one, and everything says what to do.
    empty = cluster.new_node(7)
    for node in (first, empty) if nodes_are == "stopped" else (empty,):
        assert "restore-settings" in refused_start(node)
    for command in (["keys", "list"], ["login-link"], ["members", "list"]):
        told = first.try_command(*command, "--config", str(first.file))
        assert told.returncode != 0
        assert "restore-settings" in told.stderr, told.stderr
    looked = first.try_command("doctor", "--config", str(first.file))
    assert looked.returncode == 1
    assert "NATS has lost what it kept" in looked.stdout, looked.stdout
    assert nats.ask(cluster.nats.port, "$JS.API.STREAM.NAMES")["total"] == 0, "nothing was made"

    told = second.command("restore-settings", "--config", str(second.file))
    assert "people: 0, keys: 1" in told, told
    assert f"{PARTITIONS} partitions" in told, told
    again = second.try_command("restore-settings", "--config", str(second.file))
    assert again.returncode != 0
    assert "nothing to restore" in again.stderr, again.stderr
    if nodes_are == "stopped":
        first.start()
        second.start()
    empty.start()
    cluster.nodes.append(empty)
    cluster.wait_until_served()

    for node in cluster.nodes:
        caught_up(node, key, 30)
        assert sorted(stored_ids(node.board(key))) == before, "what was stored is there, once"
        soon(lambda node=node: lets_in(node, key) and not lets_in(node, revoked), "keys are as they were")
    listed = person.ask("GET", "/v1/alerts/rules")["data"]
    assert rule["rule_id"] in [one["rule_id"] for one in listed], "people and rules, too"
    # New events, through every node, and streams from where they were.
    stream = StreamReader(empty.board(key), ["events"], since_seq=heard["seq"])
    new = [event("task_started", task_id=f"new-{number}") for number in range(9)]
    for number, one in enumerate(new):
        cluster.nodes[number % 3].board(key).send("worker", [one])
    assert [one["event_id"] for one in stream.events(9, 20)] == [one["event_id"] for one in new]
    stream.close()
    board.send("worker", sent)
    for node in cluster.nodes:
        caught_up(node, key, 30)
        assert sorted(stored_ids(node.board(key))) == sorted([*before, *(one["event_id"] for one in new)])
        assert len(retried(node.board(key), "/v1/tasks", limit=100)["data"]) == 41
    # Settings are changed as ever.
    later = empty.create_key()
    second.command("keys", "revoke", key[:16])
    for node in cluster.nodes:
        soon(lambda node=node: lets_in(node, later) and not lets_in(node, key), "a change reaches every node")
    assert [one.json()["type"] for one in receiver.got] == ["alert.firing"] * 2, "nobody was told again"
    receiver.close()


def test_a_copy_that_is_out_of_date_wins_over_nothing_silently(
    own_cluster: Callable[..., Cluster], tmp_path: Path
) -> None:
    cluster = own_cluster(2)
    cluster.start()
    first, second = cluster.nodes
    early = first.create_key()
    soon(lambda: lets_in(second, early), "both have it")
    second.kill()
    late = first.create_key()
    first.board(late).send("a", [event("heartbeat")])
    caught_up(first, late, 30)
    assert last_change(first) > last_change(second)
    first.kill()
    lose_all(cluster)
    nothing = second.try_command("restore-settings", "--config", str(second.file), "--from", str(tmp_path))
    assert "holds no copy" in nothing.stderr, nothing.stderr
    second.command("restore-settings", "--config", str(second.file))
    told = refused_start(first)
    assert "that are not in the copy" in told, told
    second.start()
    # The operator lets go of what only that copy had.
    (first.data / "settings.db").rename(tmp_path / "settings.db")
    for ending in ("-wal", "-shm"):
        (first.data / f"settings.db{ending}").unlink(missing_ok=True)
    first.start()
    cluster.wait_until_served()
    for node in cluster.nodes:
        soon(lambda node=node: lets_in(node, early) and not lets_in(node, late), "what the copy has, and no more")
    # Lost once more: the newer numbers win over those of the first life.
    newest = first.create_key()
    soon(lambda: lets_in(second, newest), "both have it")
    first.kill()
    second.kill()
    lose_all(cluster)
    first.command("restore-settings", "--config", str(first.file))
    cluster.heal()
    for node in cluster.nodes:
        soon(lambda node=node: lets_in(node, newest) and lets_in(node, early), "both lives")


def test_a_cluster_of_other_partitions_is_not_restored_over_its_events(own_cluster: Callable[..., Cluster]) -> None:
    cluster = own_cluster(1, nats_partitions=3)
    (node,) = cluster.nodes
    node.start()
    soon(lambda: len(node.partitions()) == 3, "all are served")
    key = node.create_key()
    node.board(key).send("a", [event("heartbeat")])
    caught_up(node, key, 30)
    node.kill()
    lose_all(cluster)
    file = node.file.read_text()
    node.file.write_text(file.replace("nats_partitions = 3", "nats_partitions = 4"))
    told = node.try_command("restore-settings", "--config", str(node.file))
    assert told.returncode != 0
    assert "not divided into 4 partitions" in told.stderr, told.stderr
    node.file.write_text(file.replace("nats_partitions = 3\n", ""))
    assert "3 partitions" in node.command("restore-settings", "--config", str(node.file))
    node.start()
    caught_up(node, key, 30)
    assert len(stored_ids(node.board(key))) == 1


@pytest.mark.parametrize("nodes_are", ["stopped", "under way"])
def test_owners_go_on_when_the_bucket_of_leases_was_made_anew(
    own_cluster: Callable[..., Cluster], nodes_are: str
) -> None:
    cluster = own_cluster(2)
    cluster.start()
    key = cluster.nodes[0].create_key()
    cluster.nodes[0].board(key).send("a", [event("task_started", task_id="t")])
    caught_up(cluster.nodes[0], key, 30)
    name = "KV_hiveboard-live"
    config = nats.ask(cluster.nats.port, f"$JS.API.STREAM.INFO.{name}")["config"]
    if nodes_are == "stopped":
        for node in cluster.nodes:
            node.kill()
    nats.ask(cluster.nats.port, f"$JS.API.STREAM.DELETE.{name}")
    if nodes_are == "stopped":
        cluster.heal()
    else:
        nats.ask(cluster.nats.port, f"$JS.API.STREAM.CREATE.{name}", config)
        time.sleep(6)
        cluster.wait_until_served()
    for node in cluster.nodes:
        node.board(key).send("a", [event("heartbeat")])
        caught_up(node, key, 30)
    assert len(stored_ids(cluster.nodes[0].board(key))) == 3


def test_a_database_that_is_not_there_is_not_made_anew_under_a_log_that_has_gone_on(
    own_cluster: Callable[..., Cluster],
) -> None:
    cluster = own_cluster(1)
    cluster.start()
    (node,) = cluster.nodes
    key = node.create_key()
    board = node.board(key)
    sent = event("task_started", task_id="before")
    board.send("a", [sent])
    caught_up(node, key, 30)
    # A slip of a name: what is not stored would go where nobody looks for it.
    slip = cluster.new_node(1, clickhouse_database="hivebord")
    assert "no database hivebord" in refused_start(slip)
    looked = slip.try_command("doctor", "--config", str(slip.file))
    assert looked.returncode == 1
    assert "no database hivebord" in looked.stdout, looked.stdout
    assert "hivebord" not in cluster.clickhouse.query("SHOW DATABASES")
    # One that is lost: what arrives waits, until the operator says how to go on.
    cluster.clickhouse.query("DROP DATABASE hiveboard SYNC")
    waits = event("task_started", task_id="waits")
    board.send("a", [waits])
    soon(lambda: sum(one["behind"] for one in node.says()["partitions"]) == 1, "it says how much waits")
    node.kill()
    assert "no database hiveboard" in refused_start(node)
    assert "hiveboard" not in cluster.clickhouse.query("SHOW DATABASES")
    cluster.clickhouse.query("CREATE DATABASE hiveboard")
    node.start()
    cluster.wait_until_served()
    caught_up(node, key, 30)
    assert waits["event_id"] in stored_ids(board)


def set_age(cluster: Cluster, seconds: float) -> None:
    """How long the log of every partition keeps its messages."""
    for partition in range(PARTITIONS):
        name = f"hiveboard-events-{partition}"
        config = nats.ask(cluster.nats.port, f"$JS.API.STREAM.INFO.{name}")["config"]
        age = int(seconds * 1e9)
        config |= {"max_age": age, "duplicate_window": min(age, 120 * 10**9)}
        nats.ask(cluster.nats.port, f"$JS.API.STREAM.UPDATE.{name}", config)


def waiting(cluster: Cluster) -> int:
    """Messages in the log of all partitions."""
    names = [f"hiveboard-events-{partition}" for partition in range(PARTITIONS)]
    return sum(nats.ask(cluster.nats.port, f"$JS.API.STREAM.INFO.{name}")["state"]["messages"] for name in names)


def lost(node: Node) -> float:
    rows = httpx.get(node.url + "/metrics", timeout=5).text.splitlines()
    return sum(float(row.rsplit(" ", 1)[1]) for row in rows if row.startswith("hiveboard_log_lost_batches_total"))


@pytest.mark.parametrize("nodes_are", ["stopped", "under way"])
def test_what_was_in_the_log_for_too_long_is_said_and_counted_and_the_rest_goes_on(
    own_cluster: Callable[..., Cluster], nodes_are: str
) -> None:
    cluster = own_cluster(1)
    # What takes events while nobody stores them.
    taker = cluster.new_node(1, roles=["ingest", "api"])
    (owner,) = cluster.nodes
    cluster.start()
    taker.start()
    key = owner.create_key()
    board = taker.board(key)
    kept = [event("task_started", task_id="kept")]
    board.send("worker", [registered(30), *kept])
    caught_up(owner, key, 30)
    if nodes_are == "stopped":
        owner.kill()
    else:
        cluster.clickhouse.kill()
    gone = [event("task_started", task_id=f"gone-{number}") for number in range(5)]
    for one in gone:
        board.send("worker", [one])
    set_age(cluster, 1)
    soon(lambda: waiting(cluster) == 0, "messages that are too old leave the log")
    set_age(cluster, 168 * 3600)
    late = [event("task_started", task_id="late")]
    board.send("worker", late)
    if nodes_are == "stopped":
        looked = owner.try_command("doctor", "--config", str(owner.file))
        assert looked.returncode == 1
        assert "5 of partition" in looked.stdout, looked.stdout
        owner.start()
    else:
        cluster.clickhouse.start()
    cluster.wait_until_served()
    for node in (owner, taker):
        caught_up(node, key, 60)
        ids = stored_ids(node.board(key), 60)
        wanted = {one["event_id"] for one in kept + late}
        assert wanted <= set(ids)
        # Under way, some may have been read before they left.
        missing = {one["event_id"] for one in gone} - set(ids)
        assert len(ids) == len(set(ids)) == 8 - len(missing)
        assert len(missing) == lost(owner) > 0
    assert "batches have left the log before they were stored" in owner.log_path.read_text()
    looked = owner.try_command("doctor", "--config", str(owner.file), "--addr", owner.address)
    assert f"{lost(owner):.0f} batches had left the log" in looked.stdout, looked.stdout
    # Nobody counts as silent by it, and it is said once.
    assert retried(board, "/v1/agents/worker")["derived_status"] != "stuck"
    owner.kill()
    owner.start()
    cluster.wait_until_served()
    caught_up(owner, key, 30)
    assert lost(owner) == 0
    assert json.dumps(owner.says())
    taker.close_boards()
    taker.kill()
