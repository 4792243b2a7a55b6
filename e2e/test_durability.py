"""kill -9 at random moments under load: what was acknowledged is there, once, and the projections are true."""

from __future__ import annotations

import collections
import json
import os
import random
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx

from harness.board import Board
from harness.derived import derived_state
from harness.server import Server
from harness.stories import Story

ROUNDS = int(os.environ.get("HIVEBOARD_TORTURE_ROUNDS", "6"))
WRITERS = 3
# A real disk's worst moment counts too; this only keeps a hang from being silent.
READY_LIMIT_SECONDS = 10.0


class Writer(threading.Thread):
    """Sends one small story after another and remembers which were acknowledged."""

    def __init__(self, server: Server, key: str, number: int) -> None:
        super().__init__(daemon=True)
        self.server, self.key, self.number = server, key, number
        self.acknowledged: list[str] = []
        self.unanswered: list[list[dict[str, Any]]] = []
        self.ending = threading.Event()
        self.stories = 0

    def run(self) -> None:
        with httpx.Client(timeout=5, headers={"Authorization": f"Bearer {self.key}"}) as client:
            while not self.ending.is_set():
                story = Story(self.number * 100_000 + self.stories, minutes_ago=5)
                self.stories += 1
                story.run(self.stories)
                self.post(client, story.events)

    def post(self, client: httpx.Client, events: list[dict[str, Any]]) -> None:
        body = json.dumps({"envelope": {"agent_id": f"writer-{self.number}"}, "events": events})
        try:
            answer = client.post(
                self.server.url + "/v1/ingest", content=body, headers={"Content-Type": "application/json"}
            )
        except httpx.TransportError:
            self.unanswered.append(events)
            time.sleep(0.02)
            return
        if answer.status_code == 503:
            self.unanswered.append(events)
            return
        assert answer.status_code == 200, answer.text
        self.acknowledged += [event["event_id"] for event in events]

    def send_unanswered_again(self) -> None:
        """What a client does after a lost answer: the same events with the same ids."""
        with httpx.Client(timeout=5, headers={"Authorization": f"Bearer {self.key}"}) as client:
            pending, self.unanswered = self.unanswered, []
            for events in pending:
                self.post(client, events)
        assert self.unanswered == []


def stored_ids(board: Board) -> collections.Counter[str]:
    return collections.Counter(event["event_id"] for event in board.events())


def test_kill_dash_nine_loses_nothing(new_server: Callable[..., Server]) -> None:
    server = new_server()
    key = server.create_key()
    dice = random.Random()
    writers: list[Writer] = []
    for round_number in range(ROUNDS):
        crew = [Writer(server, key, round_number * WRITERS + number) for number in range(WRITERS)]
        writers += crew
        for writer in crew:
            writer.start()
        time.sleep(dice.uniform(0.1, 0.9))
        server.kill()
        for writer in crew:
            writer.ending.set()
        for writer in crew:
            writer.join(10)
            assert not writer.is_alive()
        assert server.start() < READY_LIMIT_SECONDS
    board = server.board(key)

    acknowledged = [event_id for writer in writers for event_id in writer.acknowledged]
    assert len(acknowledged) > ROUNDS * 20, "too little was sent to prove anything"
    stored = stored_ids(board)
    assert [event_id for event_id in acknowledged if event_id not in stored] == []
    assert [event_id for event_id, count in stored.items() if count > 1] == []

    for writer in writers:
        writer.send_unanswered_again()
    stored = stored_ids(board)
    everything = [event_id for writer in writers for event_id in writer.acknowledged]
    assert set(stored) == set(everything)
    assert max(stored.values()) == 1


def test_after_a_kill_the_projections_equal_a_rebuild(new_server: Callable[..., Server]) -> None:
    server = new_server()
    key = server.create_key()
    writer = Writer(server, key, 1)
    writer.start()
    time.sleep(0.5)
    server.kill()
    writer.ending.set()
    writer.join(10)
    server.start()
    board = server.board(key)
    after_replay = derived_state(board)
    assert after_replay["runs"]
    server.stop()
    server.command("rebuild")
    server.start()
    assert derived_state(server.board(key)) == after_replay


def test_a_clean_stop_keeps_everything_too(new_server: Callable[..., Server]) -> None:
    server = new_server()
    board = server.board()
    story = Story(5)
    for number in range(10):
        story.run(number)
    board.send("tidy", story.events)
    before = derived_state(board)
    newest_seq = board.events()[0]["seq"]
    server.stop()
    server.start()
    again = server.board(board.key)
    assert derived_state(again) == before
    again.send("tidy", [story.events[0] | {"event_id": "one-more"}])
    assert again.events()[0]["seq"] > newest_seq


def test_a_second_server_on_the_same_data_refuses(new_server: Callable[..., Server]) -> None:
    server = new_server()
    second = server.try_command("serve", "--addr", "127.0.0.1:0")
    assert second.returncode != 0
    assert second.stderr.strip() or second.stdout.strip()
    assert server.board().agents() == {}
