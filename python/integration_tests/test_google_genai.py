"""Google's client against a provider on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from google import genai
from loopback import Provider, Reply

import hiveloop
from hiveloop.integrations import google_genai as integration

ASKED = {"model": "gemini-3", "contents": "What is the capital of France?"}


@pytest.fixture(autouse=True)
def on(hb: hiveloop.HiveBoard) -> Iterator[None]:
    integration.install(hb)
    yield
    integration.uninstall()


@pytest.fixture
def client(models: Provider) -> genai.Client:
    return genai.Client(api_key="k", http_options={"base_url": models.url})


@pytest.mark.parametrize("way", ["call", "stream", "async", "async_stream", "chat"])
def test_every_form(way: str, hb: Any, client: Any, models: Provider, seen: Any) -> None:
    models.script("Paris it is")

    async def go() -> None:
        if way == "async":
            await client.aio.models.generate_content(**ASKED)
        else:
            async for _ in await client.aio.models.generate_content_stream(**ASKED):
                pass

    with hb.agent("geographer", heartbeat_interval=0).task("t-1"):
        if way == "call":
            assert client.models.generate_content(**ASKED).text == "Paris it is"
        elif way == "stream":
            assert "".join(piece.text for piece in client.models.generate_content_stream(**ASKED)) == "Paris it is"
        elif way == "chat":
            client.chats.create(model="gemini-3").send_message("What is the capital of France?")
        else:
            asyncio.run(go())
    (call,) = seen.calls()
    assert (call["name"], call["model"]) == ("generate_content", "gemini-3-2026")
    assert (call["tokens_in"], call["tokens_out"]) == (100, 20)
    assert (call["metadata"]["cache_read"], call["metadata"]["reasoning"]) == (40, 5)
    assert call["metadata"]["response_id"] == "gem_1"
    assert call["prompt_preview"] == "What is the capital of France?"
    assert call["response_preview"] == "Paris it is"
    assert seen.events("custom")[0]["task_id"] == "t-1"


def test_a_failing_model(client: Any, models: Provider, seen: Any) -> None:
    models.script(Reply(status=400))
    with pytest.raises(Exception, match="400"):
        client.models.generate_content(**ASKED)
    (call,) = seen.calls()
    assert "400" in call["metadata"]["error"]


def test_a_stream_that_its_reader_leaves(client: Any, models: Provider, seen: Any) -> None:
    models.script("one two three")
    stream = client.models.generate_content_stream(**ASKED)
    next(stream)
    stream.close()
    (call,) = seen.calls()
    assert call["metadata"]["stream"] == "abandoned"


def test_switched_off_nothing_is_told(client: Any, seen: Any) -> None:
    integration.uninstall()
    client.models.generate_content(**ASKED)
    assert seen.calls() == []
