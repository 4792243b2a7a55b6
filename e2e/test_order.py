"""Order of arrival is not part of the truth: a shuffled, repeated stream derives what the tidy one does."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from harness.board import Board
from harness.derived import derived_state
from harness.server import Server
from harness.stories import full_story

BATCH_EVENTS = 60


def send_in_batches(board: Board, events: list[dict[str, object]], dice: random.Random) -> None:
    position = 0
    while position < len(events):
        size = dice.randint(1, BATCH_EVENTS)
        batch = events[position : position + size]
        board.send("storyteller", batch, agent_type="general", environment="production", group="default")
        position += size


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_shuffled_and_repeated_is_tidy(new_server: Callable[..., Server], seed: int) -> None:
    dice = random.Random(seed)
    tidy_events = full_story(seed)
    untidy_events = tidy_events + dice.choices(tidy_events, k=len(tidy_events))
    dice.shuffle(untidy_events)

    tidy, untidy = new_server().board(), new_server().board()
    send_in_batches(tidy, tidy_events, dice)
    send_in_batches(untidy, untidy_events, dice)

    expected, found = derived_state(tidy), derived_state(untidy)
    assert expected["runs"], "the story must have runs, or nothing was compared"
    for part, value in expected.items():
        assert found[part] == value, part
    assert len(untidy.events(exclude_heartbeats="false")) == len(tidy_events)


def test_repeating_changes_no_figure(new_server: Callable[..., Server]) -> None:
    board = new_server().board()
    events = full_story(7, runs=5)
    dice = random.Random(7)
    send_in_batches(board, events, dice)
    before = derived_state(board)
    for _ in range(3):
        send_in_batches(board, events, dice)
    assert derived_state(board) == before
