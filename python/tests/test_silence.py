"""What goes wrong is said: once, and where it can be seen."""

from __future__ import annotations

from typing import Any

import pydantic
import pytest
from conftest import KEY, Server

import hiveloop


def test_what_the_server_warns_of_is_said_once_a_kind(server: Server, log: Any) -> None:
    warning = {"index": 0, "event_id": "x", "warning": "payload_convention", "message": "data.cost must be a number"}
    receipt = {"accepted": 1, "rejected": 0, "errors": [], "warnings": [warning, {**warning, "index": 1}]}
    server.script(*[{"body": receipt, "stores": True}] * 3)
    agent = hiveloop.init(KEY, endpoint=server.url).agent("a", heartbeat_interval=0)
    for _ in range(3):
        agent.llm_call("n", "m", cost="0.01")  # type: ignore[arg-type]
        hiveloop.flush()
    assert len(log.having("data.cost must be a number")) == 1


def test_a_web_page_is_no_receipt(server: Server, log: Any, capfd: Any) -> None:
    server.script(*[{"status": 200, "body": "<html>Welcome</html>", "stores": False}] * 2)
    hiveloop.init(KEY, endpoint=server.url).agent("a", heartbeat_interval=0)
    assert not hiveloop.flush(1)
    stats = hiveloop.stats()
    assert (stats["sent"], stats["queued"]) == (0, 1)
    assert len(log.having("no HiveBoard at this address (200 <html>Welcome</html>)")) == 1
    assert capfd.readouterr().err.count("no HiveBoard at this address") == 1


def test_a_second_init_says_what_differs_even_without_logging(server: Server, run_script: Any) -> None:
    result = run_script("""
        import hiveloop
        hb = hiveloop.init()
        hiveloop.init()
        hiveloop.init(api_key="hb_live_another", endpoint="http://127.0.0.1:9", environment="staging")
        kept = hb.agent("w", type="etl", heartbeat_interval=0)
        hb.agent("w")
        hb.agent("w", type="sales")
        hiveloop.shutdown(0)
    """)
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 2, lines
    assert "api_key, endpoint, environment" in lines[0]
    assert "reset()" in lines[0]
    assert "type 'etl' (not 'sales')" in lines[1]
    assert "hb_live_another" not in result.stderr


def test_a_second_init_with_another_hook_or_pace_is_no_secret(run_script: Any) -> None:
    result = run_script("""
        import hiveloop
        hiveloop.init(before_send=lambda event: event)
        hiveloop.init(before_send=lambda event: None, flush_interval=1)
    """)
    assert "with another flush_interval, before_send than asked for now" in result.stderr


def test_a_cell_that_is_run_again_is_not_warned_of(server: Server, run_script: Any) -> None:
    result = run_script(f"""
        import hiveloop
        for settings in (
            dict(endpoint="{server.url}/"), dict(api_key="'{KEY}'"), dict(environment="e" * 70), dict(group=" g "),
            dict(endpoint="{server.url}/v1"), dict(environment=""), dict(batch_size=1000, before_send=print),
        ):
            hiveloop.init(**settings)
            hiveloop.init(**settings)
            hiveloop.reset()
    """)
    assert (result.returncode, result.stderr) == (0, "")


def test_a_log_handler_that_fails_fails_no_call(server: Server, run_script: Any) -> None:
    result = run_script("""
        import logging, hiveloop

        class Broken(logging.Handler):
            def emit(self, record):
                raise RuntimeError(record.getMessage())

        logging.basicConfig(level=logging.DEBUG, handlers=[Broken()])
        agent = hiveloop.init(batch_size=1000).agent("a", heartbeat_interval=0)
        hiveloop.init(group="another")
        agent.event("custom", {}, nonsense=1)
        agent.close()
        print(hiveloop.flush(), hiveloop.stats()["sent"])
    """)
    assert (result.returncode, result.stdout.strip(), result.stderr) == (0, "True 3", "")


def test_a_stand_in_for_standard_error_that_fails_fails_no_call(server: Server, run_script: Any) -> None:
    result = run_script("""
        import sys, hiveloop

        class Broken:
            def write(self, text):
                raise RuntimeError(text)

            flush = fileno = isatty = write

        agent = hiveloop.init().agent("a", heartbeat_interval=0)
        sys.stderr = Broken()
        hb = hiveloop.init(group="another", debug=True)
        hb.agent("a", type="another", heartbeat_payload=7)
        agent.track(object())
        agent.event("custom", {}, nonsense=1)
        sys.stderr = sys.__stderr__
        print(hiveloop.flush(), hiveloop.stats()["sent"])
    """)
    assert (result.returncode, result.stdout.strip(), result.stderr) == (0, "True 2", "")


def test_without_standard_error_nothing_is_said_on_standard_output(run_script: Any) -> None:
    result = run_script("""
        import sys, hiveloop
        sys.stderr = None
        hiveloop.init()
        hiveloop.init(group="another")
    """)
    assert (result.returncode, result.stdout) == (0, "")


def test_an_agent_without_a_name_is_told_of_and_not_lost(server: Server, hb: hiveloop.HiveBoard, log: Any) -> None:
    for name in ("", None):
        hb.agent(name, heartbeat_interval=0).event("custom", {"of": "nobody"})  # type: ignore[arg-type]
    assert hiveloop.flush()
    assert {event["_envelope"]["agent_id"] for event in server.events("custom")} == {"agent"}
    assert len(log.having("an agent needs a name")) == 2


def test_a_key_that_shows_stars_is_taken_as_meant(server: Server) -> None:
    hiveloop.init(pydantic.SecretStr(KEY), endpoint=server.url).agent("a", heartbeat_interval=0)  # type: ignore[arg-type]
    assert hiveloop.flush()
    assert server.requests()[0]["headers"]["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("key", [KEY + "\n", f' "{KEY}" ', f"'{KEY}'", "\ufeff" + KEY, f"Bearer {KEY}"])
def test_keys_are_taken_as_people_paste_them(server: Server, key: str, log: Any) -> None:
    hiveloop.init(key, endpoint=f" {server.url.upper()}/v1/ingest ").agent("a", heartbeat_interval=0)
    assert hiveloop.flush()
    assert server.requests()[0]["headers"]["authorization"] == f"Bearer {KEY}"
    assert log.having("api_key had blanks, quotes or a word around it")


@pytest.mark.parametrize(
    "endpoint", ["http://h:8000/tasks?range=24h", "http://h:8000/#/x", "http://h:99999", "h:8000", "http://"]
)
def test_addresses_that_are_no_servers_are_refused(endpoint: str) -> None:
    with pytest.raises(hiveloop.HiveLoopConfigError, match="endpoint must be"):
        hiveloop.init(KEY, endpoint=endpoint)


def test_a_stray_character_in_a_key_is_named() -> None:
    with pytest.raises(hiveloop.HiveLoopConfigError, match=r"u\{200b\}"):
        hiveloop.init("hb_live_0123\u200b4567")


def test_long_ids_of_any_kind_cost_no_event(server: Server, hb: hiveloop.HiveBoard) -> None:
    long = "x" * 300
    agent = hb.agent(long, long, long, long, heartbeat_interval=0)
    with agent.task(long, long, long, long, long) as task:
        task.llm_call("n", "m")
    hiveloop.flush()
    for event in server.events():
        for name in ("task_id", "project_id", "task_type", "task_run_id", "correlation_id"):
            assert event[name] == "x" * 256
        assert event["_envelope"]["agent_type"] == "x" * 256


def test_debug_says_each_line_once_and_rightly(run_script: Any) -> None:
    code = """
        import logging, sys, hiveloop
        {configure}
        agent = hiveloop.init(endpoint="http://127.0.0.1:9", debug=True).agent("a", heartbeat_interval=0)
        hiveloop.flush(0.3)
        hiveloop.shutdown(0)
        hiveloop.shutdown(0)
    """
    plain = run_script(code.format(configure="")).stderr
    logged = run_script(code.format(configure="logging.basicConfig(level=logging.DEBUG)")).stderr
    for text, before in ((plain, "hiveloop: "), (logged, "DEBUG:hiveloop:")):
        assert text.count("shut down: 0 events sent") == 1, text
        assert text.count('agent "a" is registered') == 1
        assert f"{before}could not deliver" in text
        assert "sent 1 events" not in text


def test_debug_never_writes_into_a_file_of_the_programs(run_script: Any, tmp_path: Any) -> None:
    path = tmp_path / "data"
    result = run_script(f"""
        import os, hiveloop
        agent = hiveloop.init(debug=True, flush_interval=0.05).agent("a", heartbeat_interval=0)
        os.close(2)
        assert os.open({str(path)!r}, os.O_CREAT | os.O_WRONLY) == 2
        agent.event("custom", {{}})
        hiveloop.flush()
        hiveloop.shutdown()
        os._exit(0)
    """)
    assert result.returncode == 0
    assert "hiveloop: delivered" not in path.read_text()
