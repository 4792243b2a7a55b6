"""Patterns of several processes: prefork servers, Celery, multiprocessing. Nothing lost, nothing doubled."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from conftest import Program
from seen import expected_task_events, task_events, wait_for_beats

from harness.board import Board
from harness.server import free_port

Start = Callable[..., Program]
REQUESTS = 60


def ask(url: str) -> list[str]:
    """Asks many questions at once, over many connections, so that every worker gets some; returns the ids."""

    def one(number: int) -> str:
        question = {"id": f"request-{number}", "text": f"what is {number}"}
        answer = httpx.post(f"{url}/process", json=question, timeout=20)
        assert answer.json() == {"answer": f"WHAT IS {number}"}
        return question["id"]

    with ThreadPoolExecutor(8) as executor:
        return list(executor.map(one, range(REQUESTS)))


def test_fastapi_under_uvicorn_with_two_workers(start: Start, board: Board) -> None:
    address = f"127.0.0.1:{free_port()}"
    port = address.rpartition(":")[2]
    program = start("uvicorn", "fastapi_app:app", "--workers", "2", "--port", port)
    program.wait_for_url(f"http://{address}")
    questions = ask(f"http://{address}")
    wait_for_beats(board, "api-agent", processes=2)
    program.terminate()
    assert task_events(board) == expected_task_events("api-agent", questions, actions=1, customs=1)


@pytest.mark.parametrize(("options", "processes"), [((), 2), (("--preload",), 3)], ids=["prefork", "preload"])
def test_flask_under_gunicorn(start: Start, board: Board, options: tuple[str, ...], processes: int) -> None:
    address = f"127.0.0.1:{free_port()}"
    program = start("gunicorn", "--config", "gunicorn_conf.py", "--bind", address, *options, "flask_app:app")
    program.wait_for_url(f"http://{address}")
    questions = ask(f"http://{address}")
    # With --preload, the parent has the agent as well.
    wait_for_beats(board, "api-agent", processes)
    program.terminate()
    assert task_events(board) == expected_task_events("api-agent", questions, actions=1, customs=1)


def test_flask_under_gunicorn_with_threads(start: Start, board: Board) -> None:
    address = f"127.0.0.1:{free_port()}"
    options = ("--worker-class", "gthread", "--threads", "4", "--bind", address)
    program = start("gunicorn", "--config", "gunicorn_conf.py", *options, "flask_app:app")
    program.wait_for_url(f"http://{address}")
    questions = ask(f"http://{address}")
    program.terminate()
    assert task_events(board) == expected_task_events("api-agent", questions, actions=1, customs=1)


def test_a_restarted_gunicorn_worker_loses_nothing(start: Start, board: Board) -> None:
    address = f"127.0.0.1:{free_port()}"
    # Every worker ends after a few requests, and another is forked in its place.
    options = ("--max-requests", "7", "--preload", "--bind", address)
    program = start("gunicorn", "--config", "gunicorn_conf.py", *options, "flask_app:app")
    program.wait_for_url(f"http://{address}")
    questions = ask(f"http://{address}")
    program.terminate()
    assert task_events(board) == expected_task_events("api-agent", questions, actions=1, customs=1)
    assert len(board.agent("api-agent")["instances"]) > 3


def test_celery_prefork(start: Start, board: Board, tmp_path: Path) -> None:
    folder = {"BROKER_FOLDER": str(tmp_path / "broker")}
    program = start("celery", "--app", "celery_app", "worker", "--concurrency", "2", "--loglevel", "INFO", **folder)
    program.wait_for("ready.")
    sender = start("send_leads.py", "40", **folder)
    sender.end()
    tasks = [f"lead-{number}" for number in range(40)]
    expected = expected_task_events("celery-worker", tasks, actions=1, customs=1)
    board.eventually(lambda: task_events(board).total(), lambda total: total >= expected.total(), 30)
    wait_for_beats(board, "celery-worker", processes=3)
    start("send_leads.py", "45", "40", **folder).end()
    board.eventually(lambda: program.output().count("succeeded"), lambda count: count == 45, 30)
    # What the last ones left in the queue is sent when the worker processes end.
    program.terminate()
    tasks += [f"lead-{number}" for number in range(40, 45)]
    assert task_events(board) == expected_task_events("celery-worker", tasks, actions=1, customs=1)


@pytest.mark.parametrize(
    "options",
    [("--concurrency", "2", "--max-tasks-per-child", "3"), ("--pool", "threads", "--concurrency", "4")],
    ids=["children that are replaced", "threads"],
)
def test_other_pools_of_celery(start: Start, board: Board, tmp_path: Path, options: tuple[str, ...]) -> None:
    folder = {"BROKER_FOLDER": str(tmp_path / "broker")}
    program = start("celery", "--app", "celery_app", "worker", "--loglevel", "INFO", *options, **folder)
    program.wait_for("ready.")
    start("send_leads.py", "20", **folder).end()
    board.eventually(lambda: program.output().count("succeeded"), lambda count: count == 20, 30)
    program.terminate()
    tasks = [f"lead-{number}" for number in range(20)]
    assert task_events(board) == expected_task_events("celery-worker", tasks, actions=1, customs=1)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing(start: Start, board: Board, method: str) -> None:
    output = start("multiprocess.py", method, "20").end()
    assert output == f"{sum(number * number for number in range(20))}\n"
    batches = [f"batch-{number}" for number in range(20)]
    expected = expected_task_events("batch-worker", batches, actions=1, customs=1)
    expected += expected_task_events("coordinator", ["all-batches"], actions=0, customs=0)
    assert task_events(board) == expected
    instances = board.agent("batch-worker")["instances"]
    assert 1 <= len(instances) <= 2, "one for each child that got any work"
