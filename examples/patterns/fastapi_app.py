"""An agent behind an HTTP API, in several worker processes.

HIVELOOP_API_KEY=hb_live_… HIVELOOP_ENDPOINT=http://localhost:8000 uvicorn fastapi_app:app --workers 2
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import fastapi
import hiveloop
import pydantic

# Every worker imports this module: each has a connection and heartbeats of its own, and all are one agent.
hb = hiveloop.init()
agent = hb.agent("api-agent", type="api", heartbeat_interval=1)


@asynccontextmanager
async def lifespan(_: fastapi.FastAPI) -> AsyncIterator[None]:
    """Sends what is queued when a worker ends: uvicorn lets the signal end the process, so no exit handler runs."""
    yield
    await asyncio.to_thread(hiveloop.shutdown, timeout=5)


app = fastapi.FastAPI(lifespan=lifespan)


class Question(pydantic.BaseModel):
    """What is asked."""

    id: str
    text: str


@agent.track("answer")
async def answer(text: str) -> str:
    """Stands for a call of a model; knows nothing of requests, and still reaches their task."""
    await asyncio.sleep(0.01)
    task = hiveloop.current_task()
    if task:
        task.llm_call("answer", "claude-sonnet-4-20250514", tokens_in=len(text), tokens_out=5, cost=0.002)
    return text.upper()


@app.post("/process")
async def process(question: Question) -> dict[str, str]:
    """Answers a question as a task of the agent."""
    with agent.task(question.id, project="api-service", type="request"):
        return {"answer": await answer(question.text)}
