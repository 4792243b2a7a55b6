"""What the board has seen of a pattern, asked through the API and made easy to compare."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timezone

from harness.board import Board

BEATS_SECONDS = 15


def task_events(board: Board) -> Counter[tuple[str, str, str]]:
    """How often each (agent, task, type of event) was stored; anything lost or doubled shows here."""
    return Counter(
        (event["agent_id"], event["task_id"], event["event_type"]) for event in board.events() if event["task_id"]
    )


def expected_task_events(
    agent_id: str, task_ids: list[str], *, actions: int, customs: int
) -> Counter[tuple[str, str, str]]:
    """What `task_events` must give where each task has so many actions and custom events, and went well."""
    each = {
        "task_started": 1,
        "task_completed": 1,
        "action_started": actions,
        "action_completed": actions,
        "custom": customs,
    }
    return Counter(
        {(agent_id, task_id, event_type): count for task_id in task_ids for event_type, count in each.items() if count}
    )


def completed_runs(board: Board) -> Counter[tuple[str, str]]:
    """How many completed runs each (agent, task) has; there must be no others."""
    runs = board.all("/v1/tasks")
    assert {run["derived_status"] for run in runs} <= {"completed"}, runs
    return Counter((run["agent_id"], run["task_id"]) for run in runs)


def wait_for_beats(board: Board, agent_id: str, processes: int) -> None:
    """Waits until so many processes of an agent give a sign of life from now on; there must be no more of them."""
    now = datetime.now(timezone.utc)

    def living() -> int:
        instances = board.agent(agent_id)["instances"]
        return sum(datetime.fromisoformat(one["last_seen"]) > now for one in instances)

    assert board.eventually(living, lambda count: count >= processes, BEATS_SECONDS) == processes


def heartbeats(board: Board, agent_id: str) -> int:
    """How many heartbeats of an agent were stored."""
    return len(board.events(agent_id=agent_id, event_type="heartbeat"))
