"""An API whose requests are tasks (manual §7.4): `uvicorn --workers 2 fastapi_app:app`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import hiveloop
from fastapi import FastAPI

hb = hiveloop.init()  # once in every worker process: uvicorn starts each anew
agent = hb.agent("api-agent", type="api")


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    yield
    # uvicorn ends its processes by the signal it was sent, so nothing that runs at a normal exit does.
    await asyncio.to_thread(hiveloop.shutdown, timeout=5)


app = FastAPI(lifespan=lifespan)


@agent.track("handle")
async def handle(text: str) -> str:
    await asyncio.sleep(0.01)
    return text[::-1]


@app.post("/process/{request_id}")
async def process_request(request_id: str, text: str = "") -> dict[str, str]:
    with agent.task(request_id, project="api-service", type="request"):
        return {"result": await handle(text)}
