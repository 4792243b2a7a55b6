"""What reads promise: the field names that clients rely on, cursors that hold still, figures that add up."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from harness.board import Board
from harness.events import custom, event
from harness.server import Server
from harness.stories import full_story

EVENT = """event_id seq agent_id agent_type environment group project_id task_id task_type task_run_id correlation_id action_id
parent_action_id parent_event_id event_type timestamp received_at severity status duration_ms payload render_hint"""
RUN = """task_id task_run_id task_type agent_id project_id correlation_id derived_status started_at completed_at duration_ms
action_count error_count retry_count llm_call_count total_tokens_in total_tokens_out total_cost estimated_cost has_escalation
has_human_intervention plan_progress"""
AGENT = """agent_id agent_type agent_version framework environment group derived_status liveness current_task_id
current_project_id last_heartbeat heartbeat_age_seconds is_stuck stuck_threshold_seconds first_seen last_seen projects
heartbeat_summary sparkline_1h stats_1h"""
STATS_1H = """tasks_completed tasks_failed success_rate avg_duration_ms p95_duration_ms total_cost llm_call_count throughput
queue_depth active_issues"""
CALL = """event_id timestamp agent_id project_id task_id call_name model tokens_in tokens_out cost cost_source duration_ms
prompt_preview response_preview"""
PROJECT = """project_id name slug description environment is_archived auto_created created_at event_count agent_count
tasks_completed_24h tasks_failed_24h cost_24h"""
SUMMARY = """total_tasks completed failed escalated stuck success_rate avg_duration_ms p50_duration_ms p95_duration_ms
p99_duration_ms total_cost avg_cost_per_task llm_call_count total_tokens_in total_tokens_out"""
BUCKET = "timestamp tasks_completed tasks_failed avg_duration_ms cost llm_call_count error_count throughput"
ISSUE = "issue_id summary severity category status occurrences first_seen last_seen context"
TODO = "todo_id action summary priority source context due_by created_at updated_at"
STEP = "step_index description action started_at completed_at turns tokens"
ACTION = "action_id name status started_at duration_ms children"


@pytest.fixture(scope="module")
def filled(server: Server) -> Board:
    """The file's server with one full story told on it."""
    board = server.board()
    events = full_story(42)
    for start in range(0, len(events), 500):
        board.send("storyteller", events[start : start + 500])
    return board


def assert_fields(found: dict[str, Any], names: str) -> None:
    assert set(names.split()) - set(found) == set()


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/v1/events", EVENT),
        ("/v1/tasks", RUN),
        ("/v1/agents", AGENT),
        ("/v1/llm-calls", CALL),
        ("/v1/cost/calls", CALL),
        ("/v1/projects", PROJECT),
    ],
)
def test_fields_of_lists(filled: Board, path: str, names: str) -> None:
    page = filled.get(path)
    assert set(page["pagination"]) >= {"cursor", "has_more"}
    assert page["data"]
    for item in page["data"]:
        assert_fields(item, names)


def test_fields_of_an_agent(filled: Board) -> None:
    agent = filled.agent("storyteller")
    assert_fields(agent, AGENT)
    assert_fields(agent["stats_1h"], STATS_1H)
    assert_fields(agent["stats_24h"], STATS_1H)
    assert len(agent["sparkline_1h"]) == 12
    assert sum(agent["sparkline_1h"]) == len(full_story(42))


def test_fields_of_a_timeline(filled: Board) -> None:
    run = next(run for run in filled.all("/v1/tasks") if run["plan_progress"] and run["action_count"])
    timeline = filled.timeline(run["task_id"], task_run_id=run["task_run_id"])
    assert_fields(timeline, RUN + " runs events action_tree error_chains plan time_breakdown")
    assert_fields(timeline["plan"], "goal revision steps progress")
    assert_fields(timeline["plan"]["steps"][0], STEP)
    assert_fields(timeline["action_tree"][0], ACTION)
    moments = [one["timestamp"] for one in timeline["events"]]
    assert moments == sorted(moments)


def test_fields_of_a_pipeline(filled: Board) -> None:
    pipeline = filled.pipeline("storyteller")
    assert_fields(pipeline["queue"], "depth oldest_age_seconds items processing snapshot_at")
    assert_fields(pipeline["todos"], "active_count completed_count items")
    assert_fields(pipeline["todos"]["items"][0], TODO)
    assert_fields(pipeline["scheduled"], "items reported_at")
    assert_fields(pipeline["issues"]["items"][0], ISSUE)
    assert filled.get("/v1/pipeline")


def test_metrics_add_up(filled: Board) -> None:
    metrics = filled.get("/v1/metrics", range="1h")
    assert_fields(metrics["summary"], SUMMARY)
    assert_fields(metrics["timeseries"][0], BUCKET)
    runs = filled.all("/v1/tasks")
    summary = metrics["summary"]
    assert summary["total_tasks"] == len(runs)
    assert summary["completed"] == sum(run["derived_status"] == "completed" for run in runs)
    assert summary["failed"] == sum(run["derived_status"] == "failed" for run in runs)
    assert summary["success_rate"] == pytest.approx(summary["completed"] / len(runs))
    assert summary["total_cost"] == pytest.approx(sum(run["total_cost"] or 0 for run in runs))
    assert sum(bucket["tasks_completed"] for bucket in metrics["timeseries"]) == summary["completed"]


@pytest.mark.parametrize("group", ["agent", "model", "project", "task_type", "environment"])
def test_groups_of_cost_add_up(filled: Board, group: str) -> None:
    cost = filled.get("/v1/cost", range="1h", group_by=group)
    assert_fields(cost["totals"], "cost estimated_cost call_count tokens_in tokens_out")
    assert sum(part["cost"] or 0 for part in cost["groups"]) == pytest.approx(cost["totals"]["cost"])
    assert sum(part["call_count"] for part in cost["groups"]) == cost["totals"]["call_count"]


def test_cost_is_what_the_story_says(filled: Board) -> None:
    calls = [one["payload"]["data"] for one in full_story(42) if (one.get("payload") or {}).get("kind") == "llm_call"]
    totals = filled.get("/v1/cost", range="1h")["totals"]
    assert totals["call_count"] == len(calls)
    assert totals["tokens_in"] == sum(call["tokens_in"] for call in calls)
    reported = sum(call.get("cost", 0) for call in calls)
    assert totals["cost"] - totals["estimated_cost"] == pytest.approx(reported, abs=1e-6)


def test_timestamps_have_six_digits_and_a_z(filled: Board) -> None:
    for one in filled.get("/v1/events", limit=20)["data"]:
        assert len(one["timestamp"]) == len("2026-01-01T00:00:00.000000Z")
        assert one["timestamp"].endswith("Z")
        assert one["received_at"].endswith("Z")


@pytest.mark.parametrize(
    ("parameters", "fits"),
    [
        ({"event_type": "task_failed,escalated"}, lambda one: one["event_type"] in ("task_failed", "escalated")),
        ({"severity": "error"}, lambda one: one["severity"] == "error"),
        ({"payload_kind": "llm_call"}, lambda one: one["render_hint"] == "llm_call"),
        ({"task_id": "task-3"}, lambda one: one["task_id"] == "task-3"),
        ({"project_id": "alpha"}, lambda one: one["project_id"] == "alpha"),
        ({"q": "goal 1"}, lambda one: "goal 1" in str(one["payload"])),
    ],
)
def test_event_filters(filled: Board, parameters: dict[str, str], fits: Any) -> None:
    everything = filled.events()
    found = filled.events(**parameters)
    expected = [one["event_id"] for one in everything if fits(one)]
    assert [one["event_id"] for one in found] == expected
    assert 0 < len(found) < len(everything)


def test_a_cursor_holds_still_while_events_arrive(server: Server) -> None:
    board = server.board()
    board.send("pager", [custom("page", {"n": number}) for number in range(300)])
    ending = threading.Event()

    def write() -> None:
        while not ending.is_set():
            board.send("pager-noise", [event("escalated") for _ in range(5)])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        seen: list[int] = []
        page: dict[str, Any] = {"pagination": {"cursor": None, "has_more": True}}
        while page["pagination"]["has_more"]:
            cursor = {"cursor": page["pagination"]["cursor"]} if page["pagination"]["cursor"] else {}
            page = board.get("/v1/events", limit=17, **cursor)
            seen += [
                one["payload"]["data"]["n"]
                for one in page["data"]
                if one["render_hint"] is None and one["agent_id"] == "pager"
            ]
    finally:
        ending.set()
        writer.join()
    assert seen == list(range(299, -1, -1))


def test_after_seq_is_ascending_and_exclusive(filled: Board) -> None:
    everything = filled.events()
    middle = everything[len(everything) // 2]["seq"]
    page = filled.get("/v1/events", after_seq=middle, limit=50)["data"]
    found = [one["seq"] for one in page]
    assert found == sorted(found)
    assert found[0] > middle


def test_lists_take_a_limit(filled: Board) -> None:
    for path in ("/v1/events", "/v1/tasks", "/v1/agents", "/v1/llm-calls", "/v1/projects"):
        assert len(filled.get(path, limit=1)["data"]) == 1, path


def test_openapi_describes_the_routes(server: Server) -> None:
    paths = server.board().get("/v1/openapi.json")["paths"]
    for path in ("/v1/ingest", "/v1/agents", "/v1/tasks", "/v1/events", "/v1/metrics", "/v1/cost", "/v1/pipeline"):
        assert path in paths
