"""Forks of every kind: a child sends its own events, and none of its parent's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from conftest import KEY, Server

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks are of Unix")

FORK = """
    import os, sys, hiveloop
    hb = hiveloop.init(flush_interval=60)
    agent = hb.agent("worker", heartbeat_interval=0)
    agent.event("custom", {"from": "parent before"})
    child = os.fork()
    if child == 0:
        for number in range(50):
            agent.event("custom", {"from": "child", "number": number})
        sys.exit(0)
    agent.event("custom", {"from": "parent after"})
    _, status = os.waitpid(child, 0)
    sys.exit(os.waitstatus_to_exitcode(status))
"""


def test_a_forked_child_sends_its_own_events_once(server: Server, run_script: Any) -> None:
    result = run_script(FORK, options=("-W", "error"))
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    counts = Counter(event["payload"]["from"] for event in server.events())
    assert counts == {"parent before": 1, "child": 50, "parent after": 1}
    instances = {}
    for event in server.events():
        instances.setdefault(event["payload"]["from"], set()).add(event["_envelope"]["instance_id"])
    assert instances["child"].isdisjoint(instances["parent before"] | instances["parent after"])
    ids = [event_id for request in server.requests() for event_id in request["ids"]]
    assert len(ids) == len(set(ids)), "nothing is sent twice"


def test_generations_of_forks_while_threads_emit(server: Server, run_script: Any) -> None:
    """Locks are held at the moment of a fork more often than not here; a child must never wait for one."""
    result = run_script(
        """
        import os, sys, threading, hiveloop
        hb = hiveloop.init(flush_interval=0.05, max_queue_size=100_000)
        agent = hb.agent("worker", heartbeat_interval=0.01, heartbeat_payload=lambda: {"data": {}})
        stop = threading.Event()
        def emit():
            while not stop.wait(0.0005):
                agent.event("custom", {"from": "thread"})
        threads = [threading.Thread(target=emit) for _ in range(3)]
        for thread in threads: thread.start()
        for number in range(30):
            child = os.fork()
            if child == 0:
                grandchild = os.fork()
                who = "child" if grandchild else "grandchild"
                with agent.task(f"{who} {number}"):
                    pass
                flushed = hiveloop.flush(20)
                if grandchild:
                    _, status = os.waitpid(grandchild, 0)
                    flushed = flushed and status == 0
                os._exit(0 if flushed else 1)
            _, status = os.waitpid(child, 0)
            assert status == 0, status
        stop.set()
        for thread in threads: thread.join()
        """,
        timeout=60,
        options=("-W", "ignore::DeprecationWarning"),  # which says that threads and forks do not go together
    )
    assert (result.returncode, result.stderr) == (0, "")
    tasks = Counter(event["task_id"] for event in server.events() if "task_id" in event)
    assert tasks == {f"{who} {number}": 2 for who in ("child", "grandchild") for number in range(30)}
    ids = [event_id for request in server.requests() for event_id in request["ids"]]
    assert len(ids) == len(set(ids))


def test_heartbeats_stay_with_the_parent_unless_the_child_registers(server: Server, run_script: Any) -> None:
    result = run_script("""
        import os, sys, time, hiveloop
        hb = hiveloop.init(flush_interval=0.1)
        agent = hb.agent("shared", heartbeat_interval=0.1, heartbeat_payload=lambda: {"data": {"pid": os.getpid()}})
        # In one piece: processes write side by side, and `print` writes the end of the line by itself.
        tell_instance = lambda: os.write(1, f"{hb._native.instance_id}\\n".encode())
        tell_instance()
        children = []
        for registers in (False, True):
            child = os.fork()
            if child == 0:
                if registers:
                    assert hb.agent("shared") is agent
                tell_instance()
                time.sleep(1)
                hiveloop.shutdown()
                os._exit(0)
            children.append(child)
        for child in children:
            os.waitpid(child, 0)
    """)
    assert result.returncode == 0, result.stderr
    parent, *children = result.stdout.split()
    beats = Counter(event["_envelope"]["instance_id"] for event in server.events("heartbeat"))
    silent, registered = sorted(children, key=lambda child: beats[child])
    assert beats[parent] >= 5
    assert beats[registered] >= 5
    assert (len({parent, *children}), beats[silent]) == (3, 0)
    assert len(server.events("agent_registered")) == 2


def test_a_fork_without_use_starts_nothing(server: Server, run_script: Any) -> None:
    result = run_script("""
        import os, hiveloop
        hb = hiveloop.init()
        hb.agent("a").event("custom", {})
        if os.fork() == 0:
            print(len(os.listdir("/proc/self/task")), hiveloop.stats()["queued"])
            os._exit(0)
        os.wait()
    """)
    assert result.stdout.split() == ["1", "0"]


def emit_in_child(url: str | None, number: int) -> None:
    import hiveloop

    if url is not None:
        hiveloop.init(api_key=KEY, endpoint=url, flush_interval=60)
    hb = hiveloop.init()
    with hb.agent("pool", heartbeat_interval=0).task(f"job {number}"):
        pass


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.parametrize("shape", ["process", "pool", "executor"])
def test_children_of_multiprocessing_send_though_they_skip_atexit(
    server: Server, run_script: Any, method: str, shape: str, tmp_path: Path
) -> None:
    # A forked child inherits the connection; the others make their own.
    in_child = "None" if method == "fork" else repr(server.url)
    result = run_script(
        f"""
        import multiprocessing, sys, concurrent.futures
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from test_processes import emit_in_child
        if __name__ == "__main__":
            context = multiprocessing.get_context({method!r})
            if {method == "fork"}:
                import hiveloop
                hiveloop.init(flush_interval=60)
            jobs = [({in_child}, number) for number in range(6)]
            if {shape!r} == "process":
                processes = [context.Process(target=emit_in_child, args=job) for job in jobs]
                for process in processes: process.start()
                for process in processes: process.join()
                assert all(process.exitcode == 0 for process in processes)
            elif {shape!r} == "pool":
                with context.Pool(2) as pool:
                    pool.starmap(emit_in_child, jobs)
                    pool.close()
                    pool.join()
            else:
                with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as executor:
                    for future in [executor.submit(emit_in_child, *job) for job in jobs]:
                        future.result()
        """,
        timeout=60,
    )
    assert (result.returncode, result.stderr) == (0, "")
    started = Counter(event["task_id"] for event in server.events("task_completed"))
    assert started == {f"job {number}": 1 for number in range(6)}


def test_a_subprocess_is_left_alone(server: Server, run_script: Any) -> None:
    result = run_script("""
        import subprocess, sys, hiveloop
        hb = hiveloop.init()
        hb.agent("a").event("custom", {})
        print(subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True, text=True).stdout)
    """)
    assert (result.returncode, result.stdout.strip(), result.stderr) == (0, "1", "")


def test_the_recipe_for_sigterm(server: Server, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(f"""
import signal, sys, time, hiveloop
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
agent = hiveloop.init(api_key={KEY!r}, endpoint={server.url!r}, flush_interval=60).agent("a")
agent.event("custom", {{"sent": True}})
print("ready", flush=True)
while True:  # a signal that comes just before a sleep begins does not cut it short
    time.sleep(0.1)
""")
    process = subprocess.Popen(
        [sys.executable, str(program)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")
    assert len(server.events()) == 1
