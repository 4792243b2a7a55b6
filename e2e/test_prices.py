"""Prices of the past: costs that nobody reported are worked out anew, everywhere they count."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from harness.events import custom, event, moment
from harness.server import Server


def own_price(server: Server, pattern: str, dollars: float) -> None:
    """Sets a price of the workspace's own, at the board."""
    link = server.command("login-link").strip().splitlines()[-1]
    with httpx.Client(base_url=server.url, headers={"Origin": server.url}) as browser:
        browser.get("/enter", params={"token": link.split("token=", 1)[1]})
        rates = {"input_per_million": dollars, "output_per_million": dollars}
        answer = browser.put(f"/v1/prices/{pattern}", json=rates)
        assert answer.status_code == 200, answer.text


def test_costs_that_nobody_reported_follow_a_new_price(new_server: Callable[..., Server]) -> None:
    server = new_server()
    board = server.board()
    call = {"name": "think", "model": "our-own-model", "tokens_in": 1_000_000, "tokens_out": 0}
    labels = {"task_id": "t", "task_run_id": "r"}
    events = [
        event("task_started", timestamp=moment(60), **labels),
        custom("llm_call", call, timestamp=moment(50), **labels),
        custom("llm_call", call | {"cost": 0.25}, timestamp=moment(40), **labels),
        event("task_completed", timestamp=moment(30), **labels),
    ]
    board.send("a", events)
    own_price(server, "our-own-*", 3.0)
    assert board.get("/v1/cost")["totals"]["cost"] == 0.25
    running = server.try_command("prices", "recompute", "--since", "2020-01-01")
    assert (running.returncode != 0, "in use by another server" in running.stderr) == (True, True)
    server.stop()
    assert "1 of them cost something else" in server.command(
        "prices", "recompute", "--since", "2020-01-01", "--dry-run"
    )
    assert "0 of them" in server.command("prices", "recompute", "--since", "2035-01-01")
    said = server.command("prices", "recompute", "--since", moment(3_600))
    assert "0 US dollars before, and 3 now" in said
    assert "Sound: 4 events" in server.command("check")
    server.start()
    totals = board.get("/v1/cost")["totals"]
    assert (totals["cost"], totals["estimated_cost"]) == (3.25, 3.0)
    assert board.task("t")["total_cost"] == 3.25
    assert board.get("/v1/metrics", range="1h")["summary"]["total_cost"] == 3.25
    wrong = server.try_command("prices", "recompute", "--since", "yesterday")
    assert "is neither a day like" in wrong.stderr
