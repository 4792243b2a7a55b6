"""Calls a web application the way a web server would, without a socket."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx


def post(application: Any, path: str, **body: Any) -> httpx.Response:
    """One POST with a JSON body to an ASGI application."""

    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(app=application)
        async with httpx.AsyncClient(transport=transport, base_url="http://application") as client:
            return await client.post(path, json=body or None)

    return asyncio.run(call())
