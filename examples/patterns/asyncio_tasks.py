"""Many tasks at once in one event loop: each await may switch to another, and none is mixed up.

HIVELOOP_API_KEY=hb_live_… HIVELOOP_ENDPOINT=http://localhost:8000 python asyncio_tasks.py 200
"""

import asyncio
import random
import sys
from collections.abc import AsyncIterator

import hiveloop

hb = hiveloop.init()
agent = hb.agent("concierge", type="support")


@agent.track("look_up")
async def look_up(ticket: str) -> str:
    """Stands for a call of a model that takes its time."""
    await asyncio.sleep(random.random() / 50)
    task = hiveloop.current_task()
    if task:
        task.llm_call(ticket, "claude-haiku-4-5-20251001", tokens_in=50, tokens_out=5, cost=0.001)
    return ticket


@agent.track("answer")
async def answer(ticket: str) -> AsyncIterator[str]:
    """Streams: the action spans the iteration. Coroutines started here stay inside of the task and the action."""
    for found in await asyncio.gather(look_up(f"{ticket} customer"), look_up(f"{ticket} history")):
        yield found


async def handle(ticket: str) -> None:
    """Handles a ticket from beginning to end."""
    async with agent.task(ticket, project="support", type="ticket"):
        async for _ in answer(ticket):
            await asyncio.sleep(0)


async def main() -> None:
    """Handles all tickets at once."""
    await asyncio.gather(*(handle(f"ticket-{number}") for number in range(int(sys.argv[1]))))
    # Waiting belongs into a thread: the loop goes on meanwhile.
    await asyncio.to_thread(hiveloop.shutdown, timeout=10)


asyncio.run(main())
