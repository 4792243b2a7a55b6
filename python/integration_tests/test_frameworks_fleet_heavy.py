"""The heavy room of the fleet of frameworks, on a real server."""

from __future__ import annotations

from typing import Any

from fleet import assert_at_work, run_room


def test_every_agent_shows_up_on_the_board(board: Any) -> None:
    run_room(board, "heavy", 15)
    expected = {
        "crewai-met-office": "crewai",
        "llama-index-librarian": "llama-index",
        "litellm-translator": "custom",
    }
    assert_at_work(board, expected)
