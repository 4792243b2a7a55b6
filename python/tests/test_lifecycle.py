"""Settings, `before_send`, and connections that come and go."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import KEY, Server

import hiveloop


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"api_key": None}, "api_key"),
        ({"api_key": "sk-123"}, 'must start with "hb_"'),
        ({"api_key": "hb_live_\nx"}, "api_key"),
        ({"endpoint": "localhost:8000"}, "endpoint"),
        ({"endpoint": "ftp://x"}, "endpoint"),
        ({"before_send": "mask"}, "before_send"),
        ({"ca_file": "/nowhere.pem"}, "ca_file"),
        ({"ca_file": __file__}, "no certificate"),
    ],
)
def test_wrong_settings_raise(settings: dict[str, Any], words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HIVELOOP_API_KEY", raising=False)
    with pytest.raises(hiveloop.HiveLoopConfigError, match=words):
        hiveloop.init(**{"api_key": KEY, **settings})
    assert issubclass(hiveloop.HiveLoopConfigError, (hiveloop.HiveLoopError, ValueError))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"batch_size": 0}, "batch_size must be from 1 to 500: 1 instead of 0"),
        ({"batch_size": 501}, "500 instead of 501"),
        ({"batch_size": "many"}, "batch_size must be a number, not 'many': 100 instead"),
        ({"batch_size": -1}, "batch_size"),
        ({"max_queue_size": 0}, "max_queue_size"),
        ({"flush_interval": 0}, "flush_interval"),
        ({"flush_interval": float("nan")}, "flush_interval must be a number"),
        ({"environment": "x" * 65}, "environment may have 64 characters"),
        ({"group": "x" * 129}, "group may have 128 characters"),
        ({"compression": "lz4"}, "compression"),
    ],
)
def test_settings_out_of_range_are_brought_into_it_with_a_warning(
    server: Server, settings: dict[str, Any], words: str, log: Any
) -> None:
    hiveloop.init(KEY, endpoint=server.url, **settings).agent("a", heartbeat_interval=0)
    assert hiveloop.flush()
    assert len(log.having(words)) == 1
    assert len(server.events("agent_registered")) == 1


def test_the_environment_stands_in(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"API_KEY": KEY, "ENDPOINT": server.url, "ENVIRONMENT": "staging", "GROUP": "g"}.items():
        monkeypatch.setenv(f"HIVELOOP_{name}", value)
    hiveloop.init(group="given").agent("a")
    assert hiveloop.flush()
    envelope = server.requests()[0]["envelope"]
    assert (envelope["environment"], envelope["group"]) == ("staging", "given")


def test_disabled_sends_nothing(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIVELOOP_DISABLED", "1")
    monkeypatch.delenv("HIVELOOP_API_KEY", raising=False)
    agent = hiveloop.init(endpoint=server.url).agent("a", heartbeat_interval=0.01, heartbeat_payload=dict)
    with agent.task("t") as task, agent.track_context("c"):
        task.llm_call("n", "m")
        assert hiveloop.current_task() is task
    assert hiveloop.flush()
    assert server.requests() == []
    assert not any(hiveloop.stats().values())


def test_without_a_connection_everything_is_a_no_op() -> None:
    hiveloop.reset()
    assert hiveloop.flush()
    assert hiveloop.shutdown()
    assert hiveloop.current_task() is None
    assert set(hiveloop.stats().values()) == {0}


def test_a_hundred_connections_leave_nothing_behind(server: Server, run_script: Any) -> None:
    result = run_script(
        """
        import os, time, hiveloop
        def once(number):
            agent = hiveloop.init().agent("a", heartbeat_payload=dict)
            with agent.task(f"t{number}"):
                pass
            hiveloop.reset()
        def used():
            for _ in range(100):
                if len(os.listdir("/proc/self/task")) == 1:
                    break
                time.sleep(0.05)
            with open("/proc/self/status") as status:
                memory = next(line for line in status if line.startswith("VmRSS"))
            print(len(os.listdir("/proc/self/task")), len(os.listdir("/proc/self/fd")), memory.split()[1])
        for number in range(10): once(number)
        used()
        for number in range(100): once(number)
        used()
    """,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    before, after = (tuple(map(int, line.split())) for line in result.stdout.splitlines())
    assert (before[0], after[0]) == (1, 1), "no thread is left"
    assert after[1] <= before[1], "no file is left open"
    assert after[2] < before[2] + 4_000, "KiB of memory"
    assert len(server.events("task_completed")) == 110


def test_before_send_masks_and_withholds(server: Server) -> None:
    def mask(event: dict[str, Any]) -> dict[str, Any] | None:
        payload = event.get("payload", {})
        if payload.get("secret"):
            return None
        if "text" in payload:
            payload["text"] = "***"
        return event

    agent = hiveloop.init(api_key=KEY, endpoint=server.url, before_send=mask).agent("a")
    agent.event("custom", {"text": "my password"})
    agent.event("custom", {"secret": 1})
    agent.event("custom", {"number": 0.1, "nested": {"a": [1, None, True]}})
    assert hiveloop.flush()
    assert [event["payload"] for event in server.events()] == [
        {"text": "***"},
        {"number": 0.1, "nested": {"a": [1, None, True]}},
    ]
    assert hiveloop.stats()["filtered"] == 1


@pytest.mark.parametrize("failure", ["raises", "rubbish", "recursion"])
def test_before_send_that_fails_drops_its_event(server: Server, failure: str, log: Any) -> None:
    def hook(event: dict[str, Any]) -> Any:
        if event["payload"].get("pass"):
            return event
        if failure == "raises":
            raise RuntimeError("no")
        if failure == "recursion":
            agent.event("custom", {"inner": 1})
            return None
        return "rubbish"

    agent = hiveloop.init(api_key=KEY, endpoint=server.url, before_send=hook).agent("a")
    agent.event("custom", {"text": "my password"})
    agent.event("custom", {"pass": True})
    assert hiveloop.flush()
    assert [event["payload"] for event in server.events()] == [{"pass": True}]
    assert hiveloop.stats()["dropped"] == 2, "the registration and the event, or what the hook itself emitted"
    assert log.having("before_send failed")


def test_previews_can_be_left_out(server: Server) -> None:
    agent = hiveloop.init(api_key=KEY, endpoint=server.url, capture_previews=False).agent("a")
    with agent.task("t") as task:
        task.llm_call("n", "m", prompt_preview="secret", response_preview="secret", metadata={"kept": 1})
    agent.llm_call("n", "m", prompt_preview="secret")
    assert hiveloop.flush()
    calls = server.events("custom")
    assert calls[0]["payload"]["data"] == {"name": "n", "model": "m", "metadata": {"kept": 1}}
    assert "secret" not in str(calls)


def test_unknown_settings_are_said_and_ignored(server: Server, log: Any) -> None:
    log.may_swallow = True
    hb = hiveloop.init(api_key=KEY, endpoint=server.url, colour="red")
    hb.agent("a", shape="round")
    assert log.having("init() does not know colour")
    assert log.having("agent() does not know shape")


def test_a_read_key_is_warned_about(server: Server, log: Any) -> None:
    hiveloop.init(api_key="hb_read_0123456789abcdef0123456789abcdef", endpoint=server.url)
    assert log.having("this key may only read")
