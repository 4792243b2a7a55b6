"""Delivery through Python: what the Rust tests show for the core, seen from an agent."""

from __future__ import annotations

import time
from typing import Any

import pytest
from conftest import KEY, Server

import hiveloop


def emit(agent: hiveloop.Agent, count: int) -> None:
    for number in range(count):
        agent.event("custom", {"number": number})


def numbers(server: Server) -> list[int]:
    return [event["payload"]["number"] for event in server.events()]


@pytest.mark.usefixtures("quick_retries")
def test_an_outage_loses_nothing_and_doubles_nothing(server: Server, agent: hiveloop.Agent, log: Any) -> None:
    server.script({"status": 500}, {"cut": True}, {"cut": True, "stores": True}, {"status": 503}, {"status": 502})
    emit(agent, 250)
    assert hiveloop.flush(20)
    assert numbers(server) == list(range(250))
    stats = hiveloop.stats()
    assert (stats["sent"], stats["dropped"], stats["rejected"], stats["retries"]) == (251, 0, 0, 5)
    assert len(log.having("cannot deliver events")) == 1, "an outage is one line"
    assert len(log.having("delivered again after")) == 1


def test_the_first_wait_is_a_second(server: Server, agent: hiveloop.Agent) -> None:
    server.script({"status": 500}, {"status": 500})
    emit(agent, 1)
    server.wait_for(lambda: len(server.requests()) == 3)
    first, second, third = (request["at"] for request in server.requests())
    assert 0.7 < second - first < 1.6
    assert 1.5 < third - second < 2.8
    assert server.requests()[0]["ids"] == server.requests()[2]["ids"], "the same ids again"


def test_a_busy_server_is_given_its_time(server: Server, agent: hiveloop.Agent) -> None:
    server.script({"status": 429, "headers": {"retry-after": "1"}})
    emit(agent, 3)
    assert hiveloop.flush(10)
    first, second = (request["at"] for request in server.requests())
    assert second - first >= 0.95
    assert numbers(server) == [0, 1, 2]


def test_a_faulty_batch_is_logged_once_and_the_others_go_on(server: Server, agent: hiveloop.Agent, log: Any) -> None:
    server.script({"status": 400, "body": {"error": "invalid_batch", "message": "not today", "status": 400}})
    emit(agent, 199)
    assert hiveloop.flush(10)
    assert numbers(server) == list(range(99, 199))
    assert len(log.having("400 not today")) == 1
    assert hiveloop.stats()["rejected"] == 100


@pytest.mark.usefixtures("quick_retries")
@pytest.mark.parametrize("status", [402, 409, 421, 423, 426, 451])
def test_what_answers_for_others_on_the_way_drops_nothing(
    server: Server, agent: hiveloop.Agent, log: Any, status: int
) -> None:
    refusal = {"error": "code", "message": "not now", "status": status}
    server.script(
        {"status": status, "body": refusal},
        {"status": status, "body": "<html>no</html>"},
    )
    emit(agent, 3)
    assert hiveloop.flush(20)
    assert numbers(server) == [0, 1, 2]
    assert hiveloop.stats()["rejected"] == 0
    assert len(log.having("cannot deliver events")) == 1


def test_rejections_are_counted_and_said(server: Server, agent: hiveloop.Agent, log: Any) -> None:
    errors = [{"index": 1, "event_id": "x", "error": "invalid_project_id", "message": "no such project"}]
    server.script({"status": 207, "body": {"accepted": 3, "rejected": 1, "warnings": [], "errors": errors}})
    emit(agent, 3)
    assert hiveloop.flush(10)
    assert hiveloop.stats()["rejected"] == 1
    assert log.having("1 × invalid_project_id (no such project)")


def test_the_oldest_go_when_the_queue_is_full(server: Server) -> None:
    agent = hiveloop.init(api_key=KEY, endpoint=server.url, max_queue_size=50, flush_interval=60).agent("a")
    emit(agent, 80)
    stats = hiveloop.stats()
    assert (stats["queued"], stats["dropped"]) == (50, 31)
    assert hiveloop.flush()
    assert numbers(server) == list(range(30, 80))


def test_flush_waits_for_the_answer(server: Server, agent: hiveloop.Agent) -> None:
    server.script({"seconds": 1.5})
    emit(agent, 3)
    began = time.monotonic()
    assert hiveloop.flush(0.3) is False
    assert 0.25 < time.monotonic() - began < 1
    assert hiveloop.flush(10) is True
    assert hiveloop.stats()["sent"] == 4


def test_calls_do_not_wait_for_a_slow_server(server: Server, agent: hiveloop.Agent) -> None:
    server.script({"seconds": 2})
    began = time.monotonic()
    emit(agent, 2000)
    assert time.monotonic() - began < 1
    assert hiveloop.flush(20)
    assert numbers(server) == list(range(2000))


def test_batches_keep_their_size_and_agents_their_envelope(server: Server, hb: hiveloop.HiveBoard) -> None:
    agents = [hb.agent(f"agent {n}", heartbeat_interval=0) for n in range(5)]
    for number in range(300):
        agents[number % 5].event("custom", {"number": number})
    assert hiveloop.flush()
    assert all(request["count"] <= 100 for request in server.requests())
    for index in range(5):
        own = [e["payload"]["number"] for e in server.events() if e["_envelope"]["agent_id"] == f"agent {index}"]
        assert own == list(range(index, 300, 5))


def test_compression_and_an_endpoint_with_a_path(server: Server) -> None:
    hb = hiveloop.init(api_key=KEY, endpoint=f"{server.url}/some/path/", compression="gzip")
    emit(hb.agent("a", heartbeat_interval=0), 200)
    assert hb.flush()
    assert numbers(server) == list(range(200))
    for request in server.requests():
        assert (request["path"], request["headers"]["content-encoding"]) == ("/some/path/v1/ingest", "gzip")
        assert request["count"] < 10 or int(request["headers"]["content-length"]) < request["bytes"] / 2


def test_a_proxy_of_the_environment_is_used(server: Server, run_script: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.url.replace("//", "//user:p%40ss@"))
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    program = "import hiveloop; hiveloop.init().agent('a').event('custom', {})"
    assert run_script(program, endpoint="http://hive.invalid:8000").returncode == 0
    # Asked for the whole address: most proxies refuse a tunnel to another port than TLS's.
    (request,) = server.requests()
    assert request["path"] == "http://hive.invalid:8000/v1/ingest"
    assert request["headers"]["host"] == "hive.invalid:8000"
    assert request["headers"]["proxy-authorization"] == "Basic dXNlcjpwQHNz"
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert run_script(program).returncode == 0
    assert len(server.requests()) == 2
