"""A server becomes a cluster: while it goes on, whoever is killed on the way, and every answer stays what it was."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from test_alerts import Owner

from harness.cluster import ENGINES_RUN_HERE, Cluster, retried, stored_ids
from harness.compare import compare
from harness.events import event, registered
from harness.receivers import Receiver
from harness.server import Server, hiveboard_binary
from harness.stories import full_story

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(not ENGINES_RUN_HERE, reason="the engines are published for Linux on x86-64 alone"),
]
STOP_WORDS = "Stop the server now"


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Engines, and two nodes that are not started."""
    made = Cluster(tmp_path / "cluster", 2)
    yield made
    made.end()


class Migration:
    """`hiveboard migrate`, as a process.

    Args:
        server: Whose data move.
        cluster: Where they go.
    """

    def __init__(self, server: Server, cluster: Cluster) -> None:
        self.server = server
        self.cluster = cluster
        self.output = server.data.parent / "migrate.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *flags: str) -> None:
        command = [
            str(hiveboard_binary()),
            "migrate",
            str(self.server.data),
            "--config",
            str(self.cluster.nodes[0].file),
        ]
        with self.output.open("wb") as out:
            self.process = subprocess.Popen([*command, *flags], stdout=out, stderr=out, env=self.server.environment)

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def said(self) -> str:
        return self.output.read_text()

    def wait_for(self, words: str, seconds: float = 60) -> None:
        """Until it says so."""
        until = time.monotonic() + seconds
        assert self.process is not None
        while words not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < until, self.said()
            time.sleep(0.05)

    def end(self, seconds: float = 60) -> str:
        """What it said, once it has ended well."""
        assert self.process is not None
        code = self.process.wait(seconds)
        assert code == 0, self.said()
        return self.said()

    def state(self) -> str:
        """How far it is, as its note in the data directory says."""
        return str(json.loads((self.server.data / "cluster-move.json").read_text())["state"])


class Sender:
    """A client that goes on whatever happens: keeps what nobody took, and sends it again as it was."""

    def __init__(self, urls: list[str], key: str) -> None:
        self.urls = urls
        self.key = key
        self.acknowledged: list[str] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._send)

    def __enter__(self) -> Sender:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(60)

    def _send(self) -> None:
        batch: list[dict[str, Any]] = []
        while batch or not self._stop.is_set():
            batch = batch or [
                event("task_started", task_id=f"sent-{time.monotonic_ns()}-{number}") for number in range(10)
            ]
            body = {"envelope": {"agent_id": "sender"}, "events": batch}
            headers = {"Authorization": f"Bearer {self.key}"}
            try:
                answer = httpx.post(self.urls[0] + "/v1/ingest", json=body, headers=headers, timeout=20)
            except httpx.TransportError:
                time.sleep(0.05)
                continue
            if answer.status_code == 200:
                self.acknowledged += [one["event_id"] for one in batch]
                batch = []
            else:
                assert answer.status_code == 503, answer.text
            time.sleep(0.02)


def tell(server: Server, key: str, seed: int) -> None:
    board = server.board(key)
    story = full_story(seed, runs=12)
    for at in range(0, len(story), 50):
        board.send(f"teller-{at % 3}", story[at : at + 50])


def settings_seen(url: str, cookies: Any) -> dict[str, Any]:
    """What people set, as they see it."""
    paths = (
        "/v1/alerts/rules",
        "/v1/alerts/channels",
        "/v1/members",
        "/v1/projects",
        "/v1/api-keys",
        "/v1/prices",
        "/v1/workspaces",
    )
    seen = {}
    for path in paths:
        answer = httpx.get(url + path, cookies=cookies, timeout=20)
        assert answer.status_code == 200, f"{path}: {answer.text}"
        seen[path] = without_use(answer.json())
    return seen


def without_use(value: Any) -> Any:
    """Without when something was used last, and what is counted of events."""
    if isinstance(value, dict):
        left_out = {"last_used_at", "last_seen_at", "event_count"}
        return {name: without_use(inner) for name, inner in value.items() if name not in left_out}
    return [without_use(inner) for inner in value] if isinstance(value, list) else value


def test_a_server_becomes_a_cluster_while_it_goes_on_and_whoever_is_killed(
    cluster: Cluster, new_server: Callable[..., Server], tmp_path: Path
) -> None:
    server = new_server(ALERTS_ALLOW_PRIVATE_TARGETS="true")
    owner, receiver = Owner(server), Receiver()
    channel = owner.channel("webhook", {"url": receiver.url})
    owner.rule({"type": "agent_stuck"}, [channel], scope={"agent_id": "dead"})
    number = next(
        word for word in server.command("workspaces", "create", "other").replace(",", " ").split() if word.isdigit()
    )
    told, other, test = server.create_key(), server.create_key(workspace=number), server.create_key("test")
    for seed, key in enumerate((told, other, test)):
        tell(server, key, seed)
    server.board(told).send("dead", [registered(2), event("heartbeat")])
    receiver.wait_for(1, 10)
    busy = server.create_key(workspace=number)
    migration = Migration(server, cluster)
    urls = [server.url]
    with Sender(urls, busy) as sender:
        # Killed at any time while it copies, it goes on where it was.
        for seconds in (0.2, 0.5, 0.8, 1.2):
            migration.start()
            time.sleep(seconds)
            migration.kill()
        migration.start("--copy-only")
        assert "Copied and compared all events up to" in migration.end()
        before = len(sender.acknowledged)
        migration.start()
        migration.wait_for(STOP_WORDS)
        time.sleep(1.5)
        assert len(sender.acknowledged) > before, "the server goes on taking events"
        settings = settings_seen(server.url, owner.cookies)
        # Killed in the middle of the switch, which cannot end without NATS, nobody but it goes on from there.
        cluster.nats.pause()
        server.stop()
        migration.wait_for("the switch begins")
        time.sleep(2)
        migration.kill()
        cluster.nats.resume()
        assert migration.state() == "switching"
        refused = server.try_command("keys", "list")
        assert refused.returncode == 1
        assert "run `hiveboard migrate` again" in refused.stderr
        # And at whatever point of the rest.
        seconds = 0.2
        while migration.state() != "moved":
            migration.start()
            time.sleep(seconds)
            migration.kill()
            seconds += 0.1
        migration.start()
        said = migration.end()
        assert "in the cluster already" in said, said
        cluster.start()
        urls[0] = cluster.nodes[1].url
        after = len(sender.acknowledged)
        time.sleep(2)
    assert len(sender.acknowledged) > after, "clients go on with what they kept"

    # Nothing that was acknowledged is lost or there twice, on whichever side it was.
    for node in cluster.nodes:
        ids = stored_ids(node.board(busy))
        assert len(ids) == len(set(ids))
        assert set(sender.acknowledged) <= set(ids)
    # Keys, people, sessions, rules, channels and prices are as they were.
    assert settings_seen(cluster.nodes[0].url, owner.cookies) == settings
    firing = retried(cluster.nodes[0].board(told), "/v1/alerts", state="firing", agent_id="dead")["data"]
    assert [alert["deliveries"] != [] for alert in firing].count(True) == 1
    assert len(receiver.got) == 1, "the alert is open, and nobody is told again"
    receiver.close()

    # Every answer is that of a server alone with the same data.
    left = tmp_path / "left"
    shutil.copytree(server.data, left / "data")
    (left / "data" / "cluster-move.json").unlink()
    alone = Server(left)
    # What is folded was folded anew in the cluster: states of agents are then found at the arrival of each event.
    alone.command("rebuild")
    alone.start()
    try:
        for key in (told, test):
            compare(alone.board(key), [node.board(key) for node in cluster.nodes])
    finally:
        alone.end()

    # The server that was has ended for good.
    for command in (["serve", "--addr", "127.0.0.1:0"], ["keys", "list"], ["rebuild"], ["export"]):
        refused = server.try_command(*command)
        assert refused.returncode == 1, command
        assert "is in a cluster now" in refused.stderr, refused.stderr
    assert server.try_command("check").returncode == 0, "what is there can be read"


def run(*arguments: object, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [str(hiveboard_binary()), *map(str, arguments)]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HIVEBOARD_")}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=inherited | (environment or {}))


def test_what_cannot_be_moved_is_said(cluster: Cluster, new_server: Callable[..., Server], tmp_path: Path) -> None:
    server = new_server()
    server.board().send("a", [event("heartbeat")])
    file = cluster.nodes[0].file
    assert "there is no settings.db in it" in run("migrate", tmp_path, "--config", file).stderr
    plain = tmp_path / "plain.toml"
    plain.write_text("")
    assert "names no cluster" in run("migrate", server.data, "--config", plain).stderr
    # A node that has begun has settings of its own.
    cluster.start()
    refused = run("migrate", server.data, "--config", file)
    assert refused.returncode == 1
    assert "nodes have served it" in refused.stderr or "has settings already" in refused.stderr, refused.stderr
    assert not (server.data / "cluster-move.json").exists()
    assert server.board().get("/v1/agents")["data"], "the server goes on"
    # And a server's directory makes no node.
    trap = cluster.new_node(7)
    server.stop()
    shutil.copytree(server.data, trap.data)
    done = trap.try_command("serve", "--addr", "127.0.0.1:0")
    assert done.returncode == 1
    assert "`hiveboard migrate` brings them into the cluster" in done.stderr


def test_commands_about_a_data_directory_say_where_a_clusters_data_are(cluster: Cluster, tmp_path: Path) -> None:
    cluster.start()
    node = cluster.nodes[0]
    board = node.board()
    board.send("a", [event("heartbeat")])
    for arguments, instead in (
        (["backup", str(tmp_path / "copy")], "BACKUP DATABASE"),
        (["check"], "hiveboard doctor"),
        (["rebuild"], "projections_"),
        (["restore", str(tmp_path)], "hiveboard migrate"),
    ):
        for environment in (node.environment, {}):
            done = run(*arguments, "--data-dir", node.data, environment=environment)
            assert done.returncode == 1, arguments
            assert "are in ClickHouse and NATS" in done.stderr, done.stderr
            assert instead in done.stderr, done.stderr
    # Beside the cluster's settings file and without; a node that runs answers.
    alone = run("export", "--data-dir", node.data)
    assert alone.returncode == 1
    assert "a node of a cluster" in alone.stderr, alone.stderr
    done = run("export", "--url", node.url, "--key", board.key)
    assert done.returncode == 0, done.stderr
    assert '"event_type":"heartbeat"' in done.stdout
    assert not list(node.data.glob("ev-*.db")), "nothing was made in it"
