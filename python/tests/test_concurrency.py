"""Many things at once, none mixed up."""

from __future__ import annotations

import asyncio
import random
import threading
from concurrent.futures import ThreadPoolExecutor

from conftest import KEY, Server

import hiveloop


def test_a_thousand_interleaved_asyncio_tasks(server: Server) -> None:
    agent = hiveloop.init(api_key=KEY, endpoint=server.url).agent("worker", heartbeat_interval=0)
    chance = random.Random(7)

    @agent.track("inner")
    async def inner(number: int) -> None:
        await asyncio.sleep(chance.random() / 20)
        task = hiveloop.current_task()
        assert task is not None
        task.event("custom", {"number": number})

    @agent.track("outer")
    async def outer(number: int) -> None:
        await asyncio.sleep(chance.random() / 20)
        await asyncio.gather(inner(number), inner(number))

    async def work(number: int) -> None:
        async with agent.task(f"task {number}"):
            await outer(number)
            assert hiveloop.current_task().task_id == f"task {number}"  # type: ignore[union-attr]

    async def main() -> None:
        await asyncio.gather(*(work(number) for number in range(1000)))

    asyncio.run(main())
    assert hiveloop.flush(30)
    assert hiveloop.stats()["dropped"] == 0
    events = server.events()
    assert len(events) == 1000 * (2 + 2 * 3 + 2)
    outers = {
        event["action_id"]: event["task_id"] for event in events if event["payload"].get("action_name") == "outer"
    }
    assert len(outers) == 1000
    for event in events:
        if event["payload"].get("action_name") == "inner":
            assert outers[event["parent_action_id"]] == event["task_id"]
        elif event["event_type"] == "custom":
            assert event["task_id"] == f"task {event['payload']['number']}"


def test_sixty_four_threads(server: Server) -> None:
    agent = hiveloop.init(api_key=KEY, endpoint=server.url, batch_size=500).agent("worker", heartbeat_interval=0)
    ready = threading.Barrier(64)

    @agent.track("step")
    def step(number: int) -> None:
        hiveloop.current_task().event("custom", {"number": number})  # type: ignore[union-attr]

    def work(number: int) -> None:
        ready.wait()
        with agent.task(f"task {number}"):
            for _ in range(40):
                step(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert hiveloop.flush(30)
    events = server.events()
    assert len(events) == 64 * (2 + 40 * 3)
    assert all(
        event["task_id"] == f"task {event['payload']['number']}" for event in events if event["event_type"] == "custom"
    )
    stamps = [event["timestamp"] for event in events]
    assert len(set(stamps)) == len(stamps), "stamps increase strictly in a process"


def test_executors(server: Server, agent: hiveloop.Agent) -> None:
    def work(number: int) -> None:
        with agent.track_context(f"step {number}"):
            pass

    with ThreadPoolExecutor(4) as pool, agent.task("t"):
        list(pool.map(hiveloop.propagate(work), range(20)))
    hiveloop.flush()
    assert {event["task_id"] for event in server.events("action_started")} == {"t"}
