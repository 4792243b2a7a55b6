"""The demo fleet of frameworks, on a real server."""

from __future__ import annotations

from typing import Any

from fleet import assert_at_work, run_room


def test_every_agent_shows_up_on_the_board(board: Any) -> None:
    run_room(board, "light", 16)
    expected = {
        "langgraph-invoice-clerk": "langchain",
        "openai-agents-front-desk": "openai-agents",
        "pydantic-ai-address-checker": "pydantic-ai",
        "clients-letter-writer": "custom",
    }
    # AutoGen is not in the environment of these tests.
    assert_at_work(board, expected, others=frozenset({"autogen-editors"}))
