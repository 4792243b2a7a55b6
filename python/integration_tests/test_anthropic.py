"""Anthropic's client against a provider on loopback."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import anthropic
import pytest
from loopback import Provider, Reply
from timing import BOUND_DUMPS, dumps_of

import hiveloop
from hiveloop.integrations import anthropic as integration

ASKED: dict[str, Any] = {
    "model": "claude-sonnet-5",
    "max_tokens": 100,
    "messages": [{"role": "user", "content": [{"type": "text", "text": "What is the capital of France?"}]}],
}


@pytest.fixture(autouse=True)
def hook(hb: hiveloop.HiveBoard) -> Iterator[None]:
    integration.install(hb)
    yield
    integration.uninstall()


@pytest.fixture
def client(models: Provider) -> anthropic.Anthropic:
    return anthropic.Anthropic(base_url=models.url, max_retries=0)


@pytest.fixture
def aclient(models: Provider) -> anthropic.AsyncAnthropic:
    return anthropic.AsyncAnthropic(base_url=models.url, max_retries=0)


def check(call: dict[str, Any], answer: str) -> None:
    assert (call["name"], call["model"]) == ("messages", "claude-sonnet-5-2026")
    # 50 fresh, 40 from the cache, 10 into it.
    assert (call["tokens_in"], call["tokens_out"]) == (100, 20)
    told = {kind: call["metadata"][kind] for kind in ("cache_read", "cache_write", "response_id")}
    assert told == {"cache_read": 40, "cache_write": 10, "response_id": "msg_1"}
    assert call["prompt_preview"] == "What is the capital of France?"
    assert call["response_preview"] == answer


@pytest.mark.parametrize("form", ["create", "stream", "stream_manager", "beta", "beta_stream", "raw"])
def test_every_form(form: str, client: Any, models: Provider, seen: Any) -> None:
    models.script("Paris it is")
    if form == "create":
        assert client.messages.create(**ASKED).content[0].text == "Paris it is"
    elif form == "stream":
        assert [event.type for event in client.messages.create(**ASKED, stream=True)][-1] == "message_stop"
    elif form == "stream_manager":
        with client.messages.stream(**ASKED) as stream:
            assert "".join(stream.text_stream) == "Paris it is"
    elif form == "beta":
        client.beta.messages.create(**ASKED)
    elif form == "beta_stream":
        with client.beta.messages.stream(**ASKED) as stream:
            assert stream.get_final_message().content[0].text == "Paris it is"
    else:
        assert client.messages.with_raw_response.create(**ASKED).parse().id == "msg_1"
    (call,) = seen.calls()
    check(call, "Paris it is")


@pytest.mark.parametrize("form", ["create", "stream", "stream_manager"])
def test_asynchronously(form: str, aclient: Any, models: Provider, seen: Any) -> None:
    models.script("Paris it is")

    async def ask() -> None:
        if form == "create":
            await aclient.messages.create(**ASKED)
        elif form == "stream":
            async for _ in await aclient.messages.create(**ASKED, stream=True):
                pass
        else:
            async with aclient.messages.stream(**ASKED) as stream:
                assert await stream.get_final_text() == "Paris it is"

    asyncio.run(ask())
    (call,) = seen.calls()
    check(call, "Paris it is")


def test_in_a_task_with_a_tool(hb: Any, client: Any, models: Provider, seen: Any) -> None:
    models.script(Reply("Let me see.", tools=[("weather", {"city": "Paris"})]))
    with hb.agent("forecaster", heartbeat_interval=0).task("t-1"):
        client.messages.create(**ASKED)
    (event,) = seen.events("custom")
    assert (event["agent_id"], event["task_id"]) == ("forecaster", "t-1")
    assert event["payload"]["data"]["response_preview"] == "Let me see.→ weather"


@pytest.mark.parametrize("way", ["closed", "let go"])
def test_an_abandoned_stream(way: str, client: Any, models: Provider, seen: Any) -> None:
    models.script("one two three four five")
    stream = client.messages.create(**ASKED, stream=True)
    next(stream)
    if way == "closed":
        stream.close()
    del stream
    gc.collect()
    (call,) = seen.calls()
    assert call["metadata"]["stream"] == "abandoned"
    # What was read is known from the first event on.
    assert call["tokens_in"] == 100


def test_a_failing_model(client: Any, models: Provider, seen: Any) -> None:
    models.script(Reply(status=529))
    with pytest.raises(anthropic.APIStatusError):
        client.messages.create(**ASKED)
    (call,) = seen.calls()
    assert "refused with 529" in call["metadata"]["error"]


def test_the_clients_own_retries_are_one_call(models: Provider, seen: Any) -> None:
    models.script(Reply(status=429), Reply("ok"))
    client = anthropic.Anthropic(base_url=models.url, max_retries=2)
    client.messages.create(**ASKED)
    (call,) = seen.calls()
    assert call["metadata"]["response_id"] == "msg_2"


def test_counting_tokens_is_no_call(client: Any, seen: Any) -> None:
    with pytest.raises(anthropic.NotFoundError):
        client.messages.count_tokens(model="claude-sonnet-5", messages=ASKED["messages"])
    assert seen.calls() == []


def test_switched_off_nothing_is_told(client: Any, seen: Any) -> None:
    integration.uninstall()
    client.messages.create(**ASKED)
    assert seen.calls() == []


def test_it_costs_little(hb: Any, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    integration.uninstall()
    answer = client.messages.create(**ASKED)
    owner = next(base for base in anthropic.Anthropic.__mro__ if "request" in vars(base))
    monkeypatch.setattr(owner, "request", lambda self, cast_to, options, **_: answer)
    integration.install(hb)
    options = SimpleNamespace(url="/v1/messages", json_data=ASKED)
    assert dumps_of(lambda: client.request(object, options)) < BOUND_DUMPS
