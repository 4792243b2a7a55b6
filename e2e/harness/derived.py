"""All that a board derives from events, made comparable between two servers or two moments."""

from __future__ import annotations

from typing import Any

from .board import Board

# These speak about arrival and about now; everything else must not depend on either.
ABOUT_ARRIVAL = {
    "seq",
    "changed_seq",
    "received_at",
    "last_heartbeat",
    "heartbeat_age_seconds",
    "derived_status",
    "is_stuck",
    "liveness",
    "sparkline_1h",
    "first_seen",
    "last_seen",
    "age_seconds",
    "snapshot_age_seconds",
    "created_at",
    "instances",
    "status_since",
    "clock_skew_ms",
    "recent_heartbeats",
    "timeseries",
}
KEPT_IN_TASKS = {"derived_status"}


def derived_state(board: Board) -> dict[str, Any]:
    """Tasks, timelines, agents, pipelines, projects and cost, without what speaks about arrival."""
    runs = sorted(board.all("/v1/tasks"), key=lambda run: (run["agent_id"], run["task_id"], run["task_run_id"] or ""))
    agent_ids = sorted(board.agents())
    timelines = {}
    for run in runs:
        shown = board.timeline(run["task_id"], task_run_id=run["task_run_id"] or "", agent_id=run["agent_id"])
        timelines[f"{run['agent_id']}/{run['task_id']}/{run['task_run_id']}"] = without(
            shown, ABOUT_ARRIVAL - KEPT_IN_TASKS
        )
    return {
        "runs": [without(run, ABOUT_ARRIVAL - KEPT_IN_TASKS) for run in runs],
        "timelines": timelines,
        "agents": {agent_id: without(board.agent(agent_id), ABOUT_ARRIVAL) for agent_id in agent_ids},
        "pipelines": {
            agent_id: without(board.pipeline(agent_id), {"age_seconds", "snapshot_age_seconds"})
            for agent_id in agent_ids
        },
        "projects": sorted(
            (without(project, ABOUT_ARRIVAL) for project in board.get("/v1/projects")["data"]),
            key=lambda project: project["project_id"],
        ),
        "cost": board.get("/v1/cost", range="24h")["totals"],
    }


def without(value: Any, names: set[str]) -> Any:
    """The value without the named fields, however deep they are."""
    if isinstance(value, dict):
        return {name: without(inner, names) for name, inner in value.items() if name not in names}
    if isinstance(value, list):
        return [without(inner, names) for inner in value]
    return value
