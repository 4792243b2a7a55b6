"""Many tasks at once in one event loop: each await may switch to another, and none is mixed up.

HIVELOOP_API_KEY=hb_live_… HIVELOOP_ENDPOINT=http://localhost:8000 python asyncio_tasks.py 200
"""

import asyncio
import random
import sys

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
async def answer(ticket: str) -> list[str]:
    """Looks up two things at the same time: coroutines that a task starts stay inside of it."""
    return await asyncio.gather(look_up(f"{ticket} customer"), look_up(f"{ticket} history"))


async def handle(ticket: str) -> None:
    """Handles a ticket from beginning to end."""
    async with agent.task(ticket, project="support", type="ticket"):
        await answer(ticket)


async def main() -> None:
    """Handles all tickets at once."""
    await asyncio.gather(*(handle(f"ticket-{number}") for number in range(int(sys.argv[1]))))
    # Waiting belongs into a thread: the loop goes on meanwhile.
    await asyncio.to_thread(hiveloop.shutdown, timeout=10)


asyncio.run(main())
