"""LiteLLM against a provider on loopback, by OpenAI's and by Anthropic's format."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import litellm
import pytest
from loopback import Provider, Reply

import hiveloop
from hiveloop.integrations import litellm as integration
from hiveloop.integrations import openai as openai_integration

ASKED = [{"role": "user", "content": "What is the capital of France?"}]


@pytest.fixture(autouse=True)
def on(hb: hiveloop.HiveBoard) -> Iterator[None]:
    integration.install(hb)
    yield
    integration.uninstall()


@pytest.fixture
def asked(models: Provider) -> dict[str, Any]:
    return {
        "model": "openai/gpt-5",
        "messages": ASKED,
        "api_base": f"{models.url}/v1",
        "api_key": "k",
        "max_retries": 0,
    }


def eventually(look: Callable[[], Any], seconds: float = 10) -> Any:
    """Waits: LiteLLM tells of ends on threads of its own."""
    end = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < end:
        time.sleep(0.05)
    return found


@pytest.mark.parametrize("way", ["completion", "acompletion", "stream", "astream"])
def test_every_form(way: str, asked: Any, hb: Any, models: Provider, seen: Any) -> None:
    models.script("Paris it is")
    told = {"stream": True, "stream_options": {"include_usage": True}}

    async def go() -> None:
        if way == "acompletion":
            await litellm.acompletion(**asked)
        else:
            async for _ in await litellm.acompletion(**asked, **told):
                pass
        await asyncio.sleep(0.5)

    with hb.agent("geographer", heartbeat_interval=0).task("t-1"):
        if way == "completion":
            litellm.completion(**asked)
        elif way == "stream":
            for _ in litellm.completion(**asked, **told):
                pass
        else:
            asyncio.run(go())
    (call,) = eventually(seen.calls)
    assert call["prompt_preview"] == "What is the capital of France?"
    assert call["response_preview"] == "Paris it is"
    assert (call["tokens_in"], call["tokens_out"]) == (100, 20)
    assert call["metadata"]["cache_read"] == 40
    (event,) = seen.events("custom")
    assert (event["agent_id"], event["task_id"]) == ("geographer", "t-1")


def test_anthropics_cache_is_counted_in(models: Provider, seen: Any) -> None:
    models.script("Paris")
    litellm.completion(model="anthropic/claude-sonnet-5", messages=ASKED, api_base=models.url, api_key="k")
    (call,) = eventually(seen.calls)
    assert (call["tokens_in"], call["tokens_out"]) == (100, 20)
    assert (call["metadata"]["cache_read"], call["metadata"]["cache_write"]) == (40, 10)


def test_a_failing_model(asked: Any, models: Provider, seen: Any) -> None:
    models.script(Reply(status=500))
    with pytest.raises(Exception, match="500"):
        litellm.completion(**asked)
    (call,) = eventually(seen.calls)
    assert "refused with 500" in call["metadata"]["error"]


def test_with_the_clients_hook_each_call_is_told_once(hb: Any, asked: Any, models: Provider, seen: Any) -> None:
    openai_integration.install(hb)
    try:
        litellm.completion(**asked)
        eventually(seen.calls)
        time.sleep(1)
    finally:
        openai_integration.uninstall()
    assert len(seen.calls()) == 1


def test_switched_off_nothing_is_told(asked: Any, models: Provider, seen: Any) -> None:
    litellm.completion(**asked)
    assert len(eventually(seen.calls)) == 1
    integration.uninstall()
    litellm.completion(**asked)
    time.sleep(0.5)
    assert len(seen.calls()) == 1
