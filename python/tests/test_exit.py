"""Ends of programs: what is queued is sent, quickly, and quietly."""

from __future__ import annotations

import time
from typing import Any

import pytest
from conftest import Server

NOBODY = "http://127.0.0.1:9"


@pytest.mark.parametrize("options", [(), ("-W", "error"), ("-X", "dev"), ("-I", "-W", "error")])
@pytest.mark.parametrize("end", ["", "sys.exit(3)", "raise ValueError('mine')"])
def test_a_program_that_just_ends(server: Server, run_script: Any, options: tuple[str, ...], end: str) -> None:
    result = run_script(
        f"""
        import sys, hiveloop
        hb = hiveloop.init(flush_interval=60)
        agent = hb.agent("a", heartbeat_payload=lambda: {{"n": 1}})
        for number in range(500):
            agent.event("custom", {{"number": number}})
        {end}
        """,
        options=options,
    )
    assert result.returncode == {"": 0, "sys.exit(3)": 3}.get(end, 1)
    if end.startswith("raise"):
        assert result.stderr.rstrip().endswith("ValueError: mine")
    else:
        assert (result.stdout, result.stderr) == ("", "")
    assert len(server.events()) == 500


@pytest.mark.parametrize("attempt", range(5))
def test_daemon_threads_that_still_emit(server: Server, run_script: Any, attempt: int) -> None:
    result = run_script(
        """
        import datetime, threading, time, hiveloop
        class Slow:
            def __repr__(self):
                return "slow" * 10
        hb = hiveloop.init(flush_interval=0.05, before_send=lambda event: event)
        agent = hb.agent("a", heartbeat_interval=0.01, heartbeat_payload=lambda: {"n": 1})
        agent.event("custom", {"first": True})
        @agent.track("step")
        def step():
            agent.event("custom", {"now": datetime.datetime.now(), "slow": Slow()})
        def emit():
            while True:
                with agent.task("t"):
                    step()
        def flush():
            while True:
                hiveloop.flush(10)
                hiveloop.stats()
        for target in (emit, emit, emit, flush, flush):
            threading.Thread(target=target, daemon=True).start()
        time.sleep(0.3)
        """,
        options=("-W", "error"),
        timeout=20,
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert any(event["payload"].get("first") for event in server.events())


def test_a_callback_that_blocks_does_not_hold_up_the_end(server: Server, run_script: Any) -> None:
    began = time.monotonic()
    result = run_script(
        """
        import time, hiveloop
        hb = hiveloop.init(flush_interval=60)
        block = lambda: time.sleep(60)
        agents = [hb.agent(f"a{n}", heartbeat_interval=0.05, heartbeat_payload=block) for n in range(6)]
        agents[0].event("custom", {})
        time.sleep(0.5)
        """,
        options=("-W", "error"),
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert time.monotonic() - began < 8
    assert len(server.events()) == 1


def test_without_a_server_an_end_takes_five_seconds_at_most(run_script: Any) -> None:
    began = time.monotonic()
    result = run_script(
        """
        import hiveloop
        hiveloop.init().agent("a").event("custom", {})
        """,
        endpoint=NOBODY,
        options=("-W", "error"),
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert time.monotonic() - began < 8


def test_a_server_that_hangs_does_not_hold_up_an_end(server: Server, run_script: Any) -> None:
    server.script({"seconds": 60})
    began = time.monotonic()
    result = run_script("""
        import hiveloop
        hiveloop.init().agent("a").event("custom", {})
    """)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert time.monotonic() - began < 8


def test_a_refused_key_is_one_line_and_a_quick_end(server: Server, run_script: Any) -> None:
    server.script(*[{"status": 401, "body": {"message": "no such key"}}] * 10)
    began = time.monotonic()
    result = run_script("""
        import hiveloop
        hiveloop.init().agent("a").event("custom", {})
    """)
    assert (result.returncode, result.stdout) == (0, "")
    [line] = result.stderr.splitlines()
    assert line.startswith("hiveloop: the server refuses the key (401 no such key): check api_key")
    assert time.monotonic() - began < 4


def test_an_explicit_shutdown_then_more_calls(server: Server, run_script: Any) -> None:
    result = run_script("""
        import hiveloop
        hb = hiveloop.init()
        agent = hb.agent("a", heartbeat_payload=lambda: {})
        task = agent.start_task("t")
        assert hiveloop.shutdown(timeout=10) is True
        task.llm_call("n", "m"); task.complete()
        with agent.task("u"), agent.track_context("c"): pass
        agent.track("f")(print)()
        hb.agent("b", heartbeat_payload=lambda: {}).event("custom", {})
        assert hiveloop.flush() and hiveloop.shutdown()
        assert hiveloop.stats()["queued"] == 0
        again = hiveloop.init()
        assert again is not hb
        again.agent("a").event("custom", {"again": True})
    """)
    assert (result.returncode, result.stdout.strip(), result.stderr) == (0, "", "")
    kinds = [event["event_type"] for event in server.events()]
    assert kinds == ["task_started", "custom"]


def test_ctrl_c_while_flushing_acts_at_once(server: Server, run_script: Any) -> None:
    # Nothing but the signal ends this flush: the server takes longer than the test.
    server.script(*[{"seconds": 50}] * 3)
    began = time.monotonic()
    result = run_script(
        """
        import os, signal, threading, hiveloop
        signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in what a shell started in the background
        hiveloop.init().agent("a").event("custom", {})
        main = threading.main_thread()
        flushing = threading.Event()

        def interrupt():
            flushing.wait()
            threading.Event().wait(0.3)
            os.kill(os.getpid(), signal.SIGINT)

        threading.Thread(target=interrupt, daemon=True).start()
        try:
            flushing.set()
            hiveloop.flush(40)
            print("flushed")
        except KeyboardInterrupt:
            print("interrupted")
        """,
        timeout=40,
    )
    assert (result.returncode, result.stdout.strip(), result.stderr) == (0, "interrupted", "")
    assert time.monotonic() - began < 20, "the end of the program does not wait either"


def test_a_second_sigterm_during_the_flush_at_the_end_is_quiet(server: Server, run_script: Any) -> None:
    server.script(*[{"seconds": 50}] * 3)
    began = time.monotonic()
    result = run_script("""
        import atexit, os, signal, subprocess, sys, hiveloop
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        hiveloop.init().agent("a").event("custom", {})
        atexit.register(subprocess.Popen, ["sh", "-c", f"sleep 0.5; kill -TERM {os.getpid()}"])
    """)
    assert (result.returncode, result.stderr) == (0, "")
    assert time.monotonic() - began < 4, "who asks again does not want to wait"


def test_what_the_programs_own_exit_functions_tell_is_sent(server: Server, run_script: Any) -> None:
    result = run_script("""
        import atexit, multiprocessing.util, hiveloop
        agents = []
        atexit.register(lambda: agents[0].event("custom", {"summary": "registered before"}))
        agents.append(hiveloop.init().agent("a", heartbeat_interval=0))
        atexit.register(lambda: agents[0].event("custom", {"summary": "registered after"}))
    """)
    assert (result.returncode, result.stderr) == (0, "")
    told = [event["payload"]["summary"] for event in server.events("custom") if "kind" not in event["payload"]]
    assert told == ["registered after", "registered before"]


def test_ctrl_c_during_the_flush_at_the_end_is_quiet(server: Server, run_script: Any) -> None:
    server.script(*[{"seconds": 50}] * 3)
    result = run_script("""
        import atexit, os, subprocess, hiveloop
        hiveloop.init().agent("a").event("custom", {})
        # Runs before the client's own: what is registered last runs first.
        atexit.register(subprocess.Popen, ["sh", "-c", f"sleep 0.5; kill -INT {os.getpid()}"])
    """)
    assert (result.returncode, result.stderr) == (0, "")


def test_a_flush_that_was_interrupted_long_ago_costs_the_end_nothing(server: Server, run_script: Any) -> None:
    server.script({"seconds": 2})
    result = run_script("""
        import os, signal, threading, time, hiveloop
        signal.signal(signal.SIGINT, signal.default_int_handler)
        hb = hiveloop.init()
        hb.agent("a", heartbeat_interval=0).event("custom", {})
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        try:
            hiveloop.flush(40)
        except KeyboardInterrupt:
            print("interrupted")
        # The program goes on for a while, as that of a notebook does.
        hb._interrupted_at -= 3600
        hb.agent("b", heartbeat_interval=0).event("custom", {"kind": "late"})
    """)
    assert (result.returncode, result.stdout.strip(), result.stderr) == (0, "interrupted", "")
    told = [event["payload"].get("kind") for event in server.events("custom") if event["_envelope"]["agent_id"] == "b"]
    assert told == ["late", "goodbye"]
