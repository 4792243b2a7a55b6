"""Google's room of the fleet of frameworks, on a real server."""

from __future__ import annotations

from typing import Any

from fleet import assert_at_work, run_room


def test_the_guide_shows_up_on_the_board(board: Any) -> None:
    run_room(board, "google", 10)
    assert_at_work(board, {"google_adk_guide": "google-adk"})
