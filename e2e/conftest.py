"""Fixtures: a server for each test file, keys of its own for each test."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.board import Board
from harness.cluster import Cluster
from harness.server import Server
from manual.blocks import Manual


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server, shared by the tests of one file."""
    running = Server(tmp_path_factory.mktemp("server"))
    running.start()
    yield running
    running.end()


@pytest.fixture
def new_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Makes servers with settings of their own; all are ended with the test."""
    made: list[Server] = []

    def make(environment: dict[str, str] | None = None, **settings: object) -> Server:
        folder = tmp_path / f"server-{len(made)}"
        folder.mkdir()
        running = Server(folder, environment, **settings)
        made.append(running)
        running.start()
        return running

    yield make
    for running in made:
        running.end()


@pytest.fixture(scope="module")
def shared_cluster(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three nodes, or as many as the file's `NODES` says, on engines of their own."""
    made = Cluster(tmp_path_factory.mktemp("cluster"), getattr(request.module, "NODES", 3))
    try:
        made.start()
        yield made
    finally:
        made.end()


@pytest.fixture
def cluster(shared_cluster: Cluster) -> Cluster:
    """The file's cluster with all nodes and both engines, whatever the test before did to them."""
    shared_cluster.heal()
    return shared_cluster


@pytest.fixture
def own_cluster(tmp_path: Path) -> Iterator[Callable[..., Cluster]]:
    """Makes clusters with settings of their own."""
    made: list[Cluster] = []

    def make(count: int, nats_servers: int = 1, **settings: object) -> Cluster:
        made.append(Cluster(tmp_path / f"cluster-{len(made)}", count, nats_servers, **settings))
        return made[-1]

    yield make
    for one in made:
        one.end()


@pytest.fixture
def key(cluster: Cluster) -> str:
    """Of a workspace of the cluster's that no other test sees."""
    return cluster.new_key()


@pytest.fixture
def board(server: Server) -> Board:
    """The file's server through a live key."""
    return server.board()


@pytest.fixture
def own_board(new_server: Callable[..., Server]) -> Board:
    """A live key on a server that no other test has touched."""
    return new_server().board()


@pytest.fixture
def manual(own_board: Board, monkeypatch: pytest.MonkeyPatch) -> Iterator[Manual]:
    """A reader of the manual whose printed code reaches `own_board`'s server."""
    hiveloop = importlib.import_module("hiveloop")
    # The default endpoint of the printed code is somewhere else; this is how a host redirects it.
    monkeypatch.setenv("HIVELOOP_ENDPOINT", own_board.url)
    reader = Manual(own_board.key, own_board.url)
    reader.names["hiveloop"] = hiveloop
    yield reader
    hiveloop.reset()


@pytest.fixture
def agent(manual: Manual) -> Any:
    """The manual's `agent`, registered the way its quick start does."""
    return manual.run("first heartbeat")["agent"]
