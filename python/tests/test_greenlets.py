"""Programs whose threads are greenlets, with real gevent and eventlet."""

from __future__ import annotations

import concurrent.futures
import functools
import re
import subprocess
import sys
import textwrap
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from conftest import KEY, Server

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


def test_gunicorns_gevent_workers_serve_while_callbacks_are_asked(server: Server, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        textwrap.dedent(f"""
        import hiveloop
        hb = hiveloop.init({KEY!r}, endpoint={server.url!r}, flush_interval=0.1)

        def worker():
            return hb.agent("web", heartbeat_interval=0.2, heartbeat_payload=lambda: {{"summary": "alive"}})

        agent = worker()

        def app(environ, start_response):
            import time
            with worker().task("request"):
                time.sleep(0.3)
            start_response("200 OK", [])
            return [b"done"]
        """)
    )
    command = [sys.executable, "-m", "gunicorn", "-k", "gevent", "--preload", "-w", "1", "-b", "127.0.0.1:0", "app:app"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        address = next(found[1] for line in process.stderr if (found := re.search(r"Listening at: (http://\S+)", line)))
        ask = functools.partial(urllib.request.urlopen, timeout=20)
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            answers = [answer.read() for answer in pool.map(ask, [address] * 40)]
        assert answers == [b"done"] * 40

        def processes_that_beat() -> set[str]:
            alive = (event for event in server.events("heartbeat") if event["payload"]["summary"] == "alive")
            return {event["_envelope"]["instance_id"] for event in alive}

        server.wait_for(lambda: len(processes_that_beat()) >= 2, 20)
    finally:
        process.terminate()
        process.communicate(timeout=20)
    assert sum(event["task_id"] == "request" for event in server.events("task_completed")) == 40
