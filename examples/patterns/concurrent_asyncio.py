"""Many tasks at once in one event loop: each knows its own."""

import asyncio

import hiveloop

hb = hiveloop.init()
agent = hb.agent("async-agent", type="researcher")


@agent.track("search")
async def search(query: str) -> list[str]:
    await asyncio.sleep(0.01)
    task = hiveloop.current_task()
    if task:
        task.llm_call("rank", model="claude-haiku-4-5-20251001", tokens_in=800, tokens_out=40)
    return [query.upper()]


@agent.track("stream_answer")
async def stream_answer(found: list[str]):
    for word in found:
        await asyncio.sleep(0)
        yield word


async def research(number: int) -> None:
    async with agent.task(f"research-{number}", project="patterns"):
        one, two = await asyncio.gather(search(f"query {number} a"), search(f"query {number} b"))
        async for _ in stream_answer(one + two):
            pass


async def main() -> None:
    await asyncio.gather(*(research(number) for number in range(50)))


asyncio.run(main())
hiveloop.shutdown(timeout=10)
