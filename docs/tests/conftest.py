"""A reader for each page, kept from its first block to its last."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.server import Server
from reader import Readers


@pytest.fixture(scope="session")
def readers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Readers]:
    """Readers of pages."""
    made = Readers(tmp_path_factory.mktemp)
    yield made
    made.end()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that carries the site."""
    running = Server(tmp_path_factory.mktemp("server"))
    running.start()
    yield running
    running.end()
