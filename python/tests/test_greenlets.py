"""Programs whose threads are greenlets, with real gevent and eventlet."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Server

GEVENT = "from gevent import monkey; monkey.patch_all(); import gevent; spawn, sleep = gevent.spawn, gevent.sleep"
EVENTLET = "import eventlet; eventlet.monkey_patch(); spawn, sleep = eventlet.spawn, eventlet.sleep"


@pytest.mark.parametrize("library", [GEVENT, EVENTLET], ids=["gevent", "eventlet"])
def test_greenlets_run_while_heartbeats_ask_their_callbacks(server: Server, run_script: Any, library: str) -> None:
    result = run_script(
        f"""
        import warnings
        warnings.simplefilter("ignore")
        {library}
        import time, hiveloop
        hb = hiveloop.init(flush_interval=0.1)
        agent = hb.agent("a", heartbeat_interval=0.2, heartbeat_payload=lambda: {{"summary": "x"}},
                         queue_provider=lambda: (time.sleep(0.01), {{"depth": 3}})[1])
        done = []

        def work(number):
            with agent.task(f"t{{number}}") as task:
                sleep(0.5)
                done.append(number)

        for number in range(200):
            spawn(work, number)
        ticks = 0
        began = time.monotonic()
        while time.monotonic() < began + 1.5:
            sleep(0.02)
            ticks += 1
        print(len(done), ticks > 20, hiveloop.flush(10))
        """,
        timeout=40,
    )
    assert (result.returncode, result.stdout.split()) == (0, ["200", "True", "True"]), result.stderr
    assert any(event["payload"]["summary"] == "x" for event in server.events("heartbeat"))
    assert any(event["payload"].get("kind") == "queue_snapshot" for event in server.events("custom"))


def test_flush_lets_other_greenlets_run(server: Server, run_script: Any) -> None:
    server.script({"seconds": 1})
    result = run_script(f"""
        {GEVENT}
        import hiveloop
        hiveloop.init().agent("a", heartbeat_interval=0).event("custom", {{}})
        ticks = []

        def tick():
            while True:
                sleep(0.05)
                ticks.append(1)

        spawn(tick)
        print(hiveloop.flush(10), len(ticks) > 5)
    """)
    assert (result.returncode, result.stdout.split()) == (0, ["True", "True"]), result.stderr


def test_a_program_that_waits_for_all_greenlets_ends(run_script: Any) -> None:
    result = run_script(f"""
        {GEVENT}
        import hiveloop
        hiveloop.init().agent("a", heartbeat_payload=lambda: {{"summary": "x"}})
        spawn(sleep, 0.1)
        gevent.wait()
        print("ended")
    """)
    assert (result.returncode, result.stdout.strip()) == (0, "ended"), result.stderr


def test_threads_that_were_patched_after_the_start_are_no_trouble(server: Server, run_script: Any) -> None:
    result = run_script("""
        import hiveloop
        hb = hiveloop.init(flush_interval=0.1)
        hb.agent("early", heartbeat_interval=0.2, heartbeat_payload=lambda: {"summary": "early"})
        import warnings
        warnings.simplefilter("ignore")
        from gevent import monkey
        monkey.patch_all()
        import gevent
        hb.agent("late", heartbeat_interval=0.2, heartbeat_payload=lambda: {"summary": "late"})
        gevent.sleep(1.5)
        print(hiveloop.flush())
    """)
    assert (result.returncode, result.stdout.strip()) == (0, "True"), result.stderr
    assert {event["payload"]["summary"] for event in server.events("heartbeat")} >= {"early", "late"}
