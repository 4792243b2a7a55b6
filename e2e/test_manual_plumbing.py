"""Section 8 of the manual as printed: how the task reaches the code that needs it."""

from __future__ import annotations

from typing import Any

import fastapi
import hiveloop

from harness.board import Board
from harness.web import post
from manual.blocks import Manual


def test_pass_as_parameter(manual: Manual, agent: Any, own_board: Board) -> None:
    manual.run("8.1 pass as parameter: the function", score_item=lambda item, task: 42, N=10)
    names = manual.run("8.1 pass as parameter: the call", task_id="task-123", item={})
    assert names["result"] == 42
    assert names["process"]({}) == 42
    hiveloop.flush()
    (call,) = own_board.all("/v1/llm-calls")
    assert (call["call_name"], call["task_id"], call["model"]) == ("scoring", "task-123", "...")


def test_context_variables(manual: Manual, agent: Any, own_board: Board) -> None:
    manual.run("8.2 context variable")
    deep_function = manual.run("8.2 deeper", N=10)["deep_function"]
    deep_function()
    manual.run("8.2 at the top level", task_id="task-123", item={}, process=lambda item: deep_function())
    assert manual.names["get_current_task"]() is None
    hiveloop.flush()
    (call,) = own_board.all("/v1/llm-calls")
    assert (call["call_name"], call["task_id"]) == ("reasoning", "task-123")


def test_execution_context(manual: Manual, agent: Any, own_board: Board) -> None:
    # The route awaits the handler, so the handler has to be a coroutine.
    manual.changes["8.3 execution context: deeper"] = ("def handle(request)", "async def handle(request)")
    app = fastapi.FastAPI()
    manual.run("8.3 execution context: deeper")
    manual.run("8.3 execution context: the route", app=app, Request=fastapi.Request, task_id="task-123")
    assert post(app, "/process").status_code == 200
    hiveloop.flush()
    assert own_board.task("task-123")["derived_status"] == "completed"


def test_graceful_degradation(manual: Manual, agent: Any, own_board: Board) -> None:
    manual.run("8.2 context variable")
    manual.run("8.4 graceful degradation")
    with agent.task("task-123") as task:
        manual.names["set_current_task"](task)
        # The printed ellipsis is a call without a model: it must not break the agent.
        manual.run("8.4 graceful degradation")
    hiveloop.flush()
    assert own_board.task("task-123")["derived_status"] == "completed"


def test_the_client_s_own_current_task(agent: Any, own_board: Board) -> None:
    assert hiveloop.current_task() is None
    with agent.task("task-123") as task:
        assert hiveloop.current_task() is task
    assert hiveloop.current_task() is None
