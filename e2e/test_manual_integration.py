"""Section 7 of the manual as printed: five ways to run agents."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace
from typing import Any

import fastapi
import hiveloop
import pydantic
import pytest

from harness.board import Board
from harness.web import post
from manual.blocks import Manual


class EndOfWorkError(Exception):
    """Ends the manual's endless loops from the only place that a test supplies."""


class Backlog:
    """A queue that ends the loop once it is empty."""

    def __init__(self, *items: Any) -> None:
        self.items = list(items)
        self.done_count = 0

    def get(self) -> Any:
        if not self.items:
            raise EndOfWorkError
        return self.items.pop(0)

    def qsize(self) -> int:
        return len(self.items)

    def task_done(self) -> None:
        self.done_count += 1


def test_single_long_running_agent(manual: Manual, own_board: Board) -> None:
    backlog = Backlog(SimpleNamespace(id="item-1"), SimpleNamespace(id="item-2"))
    with pytest.raises(EndOfWorkError):
        manual.run("7.1 single agent", queue=backlog, process=lambda item: item.id, N=10, X=0.5, time=time)
    hiveloop.flush()
    for task_id in ("item-1", "item-2"):
        task = own_board.task(task_id)
        assert task["derived_status"] == "completed"
        assert task["total_cost"] == pytest.approx(0.5)
    assert own_board.get("/v1/cost", range="1h")["totals"]["cost"] == pytest.approx(1.0)
    assert own_board.agent("my-agent")["stats_1h"]["tasks_completed"] == 2


def test_multiple_static_agents(manual: Manual, own_board: Board) -> None:
    all_done = threading.Barrier(4)

    def runner(task_id: str) -> Any:
        def run(agent: Any) -> None:
            with agent.task(task_id):
                time.sleep(0.02)
            all_done.wait(10)

        return run

    manual.run(
        "7.2 static agents",
        threading=threading,
        run_sales=runner("lead-1"),
        run_support=runner("ticket-1"),
        run_etl=runner("batch-1"),
    )
    all_done.wait(10)
    hiveloop.flush()
    owners = {task["task_id"]: task["agent_id"] for task in own_board.all("/v1/tasks")}
    assert owners == {"lead-1": "lead-qualifier", "ticket-1": "support-triage", "batch-1": "data-pipeline"}


def test_dynamic_agent_creation(manual: Manual, own_board: Board) -> None:
    names = manual.run("7.3 dynamic agents")
    created = names["create_agent"]("tenant-7", "on-demand")
    assert names["get_agent"]("tenant-7") is created
    names["remove_agent"]("tenant-7")
    assert names["get_agent"]("tenant-7") is None
    hiveloop.flush()
    assert own_board.agent("tenant-7")["agent_type"] == "on-demand"


def test_api_driven_agent(manual: Manual, own_board: Board) -> None:
    class ProcessRequest(pydantic.BaseModel):
        id: str

    async def handle(request: Any) -> dict[str, str]:
        return {"handled": request.id}

    app = fastapi.FastAPI()
    manual.run("7.4 api-driven agents", app=app, ProcessRequest=ProcessRequest, handle=handle)
    assert post(app, "/process", id="request-9").json() == {"handled": "request-9"}
    hiveloop.flush()
    task = own_board.task("request-9")
    assert (task["agent_id"], task["project_id"], task["task_type"]) == ("api-agent", "api-service", "request")
    assert task["derived_status"] == "completed"


def test_queue_driven_agent(manual: Manual, own_board: Board) -> None:
    backlog = Backlog(*(SimpleNamespace(id=f"message-{number}", type="import") for number in range(3)))
    processed: list[str] = []
    names = manual.run("7.5 queue-driven agents", queue=backlog, process=lambda message: processed.append(message.id))
    with pytest.raises(EndOfWorkError):
        names["worker"]()
    hiveloop.flush()
    assert backlog.done_count == 3
    assert processed == ["message-0", "message-1", "message-2"]
    tasks = own_board.all("/v1/tasks")
    assert {(task["task_id"], task["task_type"], task["derived_status"]) for task in tasks} == {
        (message_id, "import", "completed") for message_id in processed
    }
