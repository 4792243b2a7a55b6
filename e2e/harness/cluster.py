"""Three nodes on real engines: `hiveboard serve` processes with ClickHouse and NATS behind them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from engines import ClickHouse, Nats, are_available, install, nats_cluster, start_together

from .board import Board
from .events import event
from .server import Server, free_port

PARTITIONS = 4
ENGINES_RUN_HERE = are_available()
READY_SECONDS = 40.0


class Node(Server):
    """One node. Its settings come from a file, as those of a real one do.

    Args:
        folder: Where its data, log and settings go.
        clickhouse: Where ClickHouse is.
        nats: Where NATS is.
        environment: Other variables of its environment.
        settings: Of its file, beside those that every node has here.
    """

    def __init__(
        self,
        folder: Path,
        clickhouse: str,
        nats: list[str],
        environment: dict[str, str] | None = None,
        **settings: object,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.node_address = f"127.0.0.1:{free_port()}"
        file = folder / "cluster.toml"
        named: dict[str, object] = {
            "store": "clickhouse",
            "log_by": "nats",
            "node_addr": self.node_address,
            "clickhouse_urls": [clickhouse],
            "nats_urls": nats,
            "nats_partitions": PARTITIONS,
            "nats_log_mb": 256,
        }
        lines = [f"{name} = {json.dumps(value)}" for name, value in (named | settings).items()]
        file.write_text("\n".join(lines) + "\n")
        self.file = file
        super().__init__(folder, environment, CONFIG=file, ALERTS_ALLOW_PRIVATE_TARGETS="true")

    def says(self) -> dict[str, Any]:
        """What `/ready` says."""
        answer = httpx.get(self.url + "/ready", timeout=5)
        assert answer.status_code == 200, answer.text
        said: dict[str, Any] = answer.json()
        return said

    def partitions(self) -> set[int]:
        """Those that it serves."""
        return {one["partition"] for one in self.says()["partitions"]}

    @property
    def runs(self) -> bool:
        """Whether it was not killed or stopped."""
        return self.process is not None


class Cluster:
    """Engines and nodes.

    Args:
        folder: Where all of them keep what they keep.
        count: How many nodes.
        nats_servers: How many servers of NATS; more than one are a cluster of their own.
        settings: Of every node's file.
    """

    def __init__(self, folder: Path, count: int = 3, nats_servers: int = 1, **settings: object) -> None:
        install()
        self.clickhouse = ClickHouse(folder / "clickhouse")
        self.all_nats = nats_cluster(folder, nats_servers) if nats_servers > 1 else [Nats(folder / "nats")]
        self.settings = settings
        self.folder = folder
        start_together([self.clickhouse, *self.all_nats])
        self.nodes = [self.new_node(number) for number in range(count)]

    @property
    def nats(self) -> Nats:
        """The first of its servers."""
        return self.all_nats[0]

    def new_node(self, number: int, environment: dict[str, str] | None = None, **settings: object) -> Node:
        """A node that is not started."""
        urls = [nats.url for nats in self.all_nats]
        return Node(
            self.folder / f"node-{number}", self.clickhouse.url, urls, environment, **(self.settings | settings)
        )

    def start(self) -> None:
        """Starts all nodes, and waits until every partition is served."""
        for node in self.nodes:
            node.start()
        self.wait_until_served()

    def heal(self) -> None:
        """Starts what was killed, and waits until all is served."""
        for engine in (self.clickhouse, *self.all_nats):
            if engine.process is None:
                engine.start()
        for node in self.nodes:
            if not node.runs:
                node.start()
        self.wait_until_served()

    def running(self) -> list[Node]:
        """Nodes that were not killed."""
        return [node for node in self.nodes if node.runs]

    def wait_until_served(self, seconds: float = READY_SECONDS) -> float:
        """Waits until all partitions are, and returns how long that took."""
        began = time.monotonic()
        while True:
            served: list[int] = sorted(one for node in self.running() for one in node.partitions())
            if served == list(range(PARTITIONS)):
                return time.monotonic() - began
            logs = "\n".join(node.log() for node in self.running())
            assert time.monotonic() - began < seconds, f"after {seconds} s only {served} are served:\n{logs}"
            time.sleep(0.05)

    def new_key(self) -> str:
        """Of a workspace of its own, so that nobody sees another's events."""
        told = self.nodes[0].command("workspaces", "create", f"w-{time.monotonic_ns()}")
        numbers = [word for word in told.replace(",", " ").split() if word.isdigit()]
        return self.nodes[0].create_key(workspace=numbers[0])

    def owner(self, partition: int) -> Node:
        """The node that serves a partition."""
        for node in self.running():
            if partition in node.partitions():
                return node
        raise AssertionError(f"nobody serves partition {partition}")

    def end(self) -> None:
        """Ends nodes and engines, however they are."""
        try:
            for node in self.nodes:
                node.close_boards()
                if node.process is not None:
                    node.kill()
        finally:
            for engine in (self.clickhouse, *self.all_nats):
                engine.kill()


def retried(board: Board, path: str, seconds: float = 15, **parameters: Any) -> Any:
    """A GET that is asked again while the answer says to."""
    until = time.monotonic() + seconds
    while True:
        try:
            answer = board.client.get(path, params=parameters)
            if answer.status_code == 200:
                return answer.json()
            assert answer.status_code == 503, f"GET {answer.url}: {answer.status_code} {answer.text[:500]}"
            assert int(answer.headers["retry-after"]) >= 1
            said = answer.text
        except httpx.TransportError as error:
            said = repr(error)
        assert time.monotonic() < until, f"after {seconds} s still: {said[:500]}"
        time.sleep(0.1)


class Load:
    """Sends events from several threads to all nodes that run, and keeps the ids that were acknowledged.

    What is refused or lost on its way is sent again as it was, as clients do.
    """

    def __init__(
        self, cluster: Cluster, key: str, threads: int = 3, events_a_batch: int = 20, pause_seconds: float = 0.0
    ) -> None:
        self.cluster = cluster
        self.key = key
        self.events_a_batch = events_a_batch
        self.pause_seconds = pause_seconds
        self.acknowledged: set[str] = set()
        self.refusals: list[tuple[float, int, str]] = []
        self.failures: list[str] = []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._send, args=(number,)) for number in range(threads)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def _send(self, number: int) -> None:
        batch: list[dict[str, Any]] | None = None
        turn = number
        while batch is not None or not self._stop.is_set():
            if batch is None:
                batch = [event("heartbeat") for _ in range(self.events_a_batch)]
            turn += 1
            nodes = self.cluster.running()
            if not nodes:
                time.sleep(0.1)
                continue
            url = nodes[turn % len(nodes)].url
            body = {"envelope": {"agent_id": f"load-{number}"}, "events": batch}
            try:
                answer = httpx.post(
                    url + "/v1/ingest", json=body, headers={"Authorization": f"Bearer {self.key}"}, timeout=20
                )
            except httpx.TransportError:
                time.sleep(0.1)
                continue
            if answer.status_code == 200:
                with self._lock:
                    self.acknowledged.update(one["event_id"] for one in batch)
                batch = None
                time.sleep(self.pause_seconds)
            elif answer.status_code == 503:
                with self._lock:
                    self.refusals.append((time.time(), answer.status_code, answer.headers.get("retry-after", "")))
                time.sleep(0.2)
            else:
                with self._lock:
                    self.failures.append(f"{answer.status_code} {answer.text[:300]}")
                return


def stored_ids(board: Board, seconds: float = 20) -> list[str]:
    """The ids of all events that are stored, from one page after another."""
    ids: list[str] = []
    cursor: str | None = None
    while True:
        parameters: dict[str, Any] = {"limit": 200, "exclude_heartbeats": "false"}
        if cursor:
            parameters["cursor"] = cursor
        page = retried(board, "/v1/events", seconds, **parameters)
        ids += [one["event_id"] for one in page["data"]]
        if not page["pagination"]["has_more"]:
            return ids
        cursor = page["pagination"]["cursor"]


def all_stored(nodes: list[Node], key: str, acknowledged: set[str], seconds: float = 60) -> None:
    """Every acknowledged event once, and none twice, through every node."""
    for node in nodes:
        ids = stored_ids(node.board(key), seconds)
        assert len(ids) == len(set(ids)), "an event is told twice"
        assert not acknowledged - set(ids), f"{len(acknowledged - set(ids))} of {len(acknowledged)} are lost"


def caught_up(node: Node, key: str, seconds: float, meanwhile: Callable[[], None] = lambda: None) -> None:
    """Waits until an answer lacks nothing."""
    until = time.monotonic() + seconds
    while True:
        meanwhile()
        answer = node.board(key).client.get("/v1/agents")
        if answer.status_code == 200 and "x-hiveboard-behind" not in answer.headers:
            return
        assert time.monotonic() < until, f"{answer.status_code} {answer.headers}"
        time.sleep(0.2)
