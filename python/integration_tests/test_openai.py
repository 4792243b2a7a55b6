"""OpenAI's client against a provider on loopback."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import openai
import pydantic
import pytest
from loopback import Provider, Reply
from timing import BOUND_DUMPS, dumps_of

import hiveloop
from hiveloop.integrations import openai as integration

ASKED: list[Any] = [{"role": "user", "content": "What is the capital of France?"}]
# What the loopback provider counts, as it must arrive.
COUNTED = {"cache_read": 40, "reasoning": 5}


@pytest.fixture(autouse=True)
def hook(hb: hiveloop.HiveBoard) -> Iterator[None]:
    integration.install(hb)
    yield
    integration.uninstall()


@pytest.fixture
def client(models: Provider) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{models.url}/v1", max_retries=0)


@pytest.fixture
def aclient(models: Provider) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=f"{models.url}/v1", max_retries=0)


def check(call: dict[str, Any], name: str, answer: str | None, response_id: str) -> None:
    assert (call["name"], call["model"]) == (name, "gpt-5-2026")
    assert (call["tokens_in"], call["tokens_out"]) == (100, 20)
    told = {kind: call["metadata"][kind] for kind in COUNTED}
    assert told == COUNTED
    assert call["metadata"]["response_id"] == response_id
    assert call["prompt_preview"] == "What is the capital of France?"
    assert call.get("response_preview") == answer
    assert call["duration_ms"] > 0


def test_a_chat_belongs_to_the_task_around_it(hb: Any, client: Any, models: Provider, seen: Any) -> None:
    models.script("Paris it is")
    agent = hb.agent("geographer", heartbeat_interval=0)
    with agent.task("t-1"), agent.track_context("look up"):
        answer = client.chat.completions.create(model="gpt-5", messages=ASKED)
    assert answer.choices[0].message.content == "Paris it is"
    (call,) = seen.calls()
    check(call, "chat", "Paris it is", "chatcmpl-1")
    (event,) = seen.events("custom")
    assert (event["agent_id"], event["task_id"]) == ("geographer", "t-1")
    assert event["action_id"] == seen.events("action_started")[0]["action_id"]


def test_outside_of_tasks_it_is_the_programs_own(client: Any, seen: Any) -> None:
    client.chat.completions.create(model="gpt-5", messages=ASKED)
    (event,) = seen.events("custom")
    assert (event["agent_id"], event.get("task_id")) == ("worker", None)


@pytest.mark.parametrize("form", ["create", "parse", "raw", "stream", "stream_events", "streaming_raw"])
def test_every_form_of_chat(form: str, client: Any, models: Provider, seen: Any) -> None:
    models.script('{"city": "Paris"}')
    chats = client.chat.completions
    asked = {"model": "gpt-5", "messages": ASKED}
    told = {"include_usage": True}
    if form == "create":
        chats.create(**asked)
    elif form == "parse":

        class Answer(pydantic.BaseModel):
            city: str

        assert chats.parse(**asked, response_format=Answer).choices[0].message.parsed == Answer(city="Paris")
    elif form == "raw":
        raw = chats.with_raw_response.create(**asked)
        assert raw.parse().id == "chatcmpl-1"
        assert raw.parse().id == "chatcmpl-1"
    elif form == "stream":
        stream = chats.create(**asked, stream=True, stream_options=told)
        assert isinstance(stream, openai.Stream)
        text = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
        assert text == '{"city": "Paris"}'
    elif form == "stream_events":
        with chats.stream(**asked, stream_options=told) as events:
            assert events.get_final_completion().choices[0].message.content == '{"city": "Paris"}'
    else:
        with chats.with_streaming_response.create(**asked) as raw:
            assert raw.parse().id == "chatcmpl-1"
    (call,) = seen.calls()
    check(call, "chat", '{"city": "Paris"}', "chatcmpl-1")


@pytest.mark.parametrize("form", ["create", "stream", "stream_events"])
def test_every_form_of_responses(form: str, client: Any, models: Provider, seen: Any) -> None:
    models.script("Paris it is")
    asked = {"model": "gpt-5", "input": "What is the capital of France?"}
    if form == "create":
        assert client.responses.create(**asked).output_text == "Paris it is"
    elif form == "stream":
        assert [event.type for event in client.responses.create(**asked, stream=True)][-1] == "response.completed"
    else:
        with client.responses.stream(**asked) as events:
            assert events.get_final_response().output_text == "Paris it is"
    (call,) = seen.calls()
    check(call, "responses", "Paris it is", "resp_1")


@pytest.mark.parametrize("form", ["create", "raw", "stream", "responses", "responses_stream"])
def test_asynchronously(form: str, aclient: Any, models: Provider, seen: Any) -> None:
    models.script("Paris it is")

    async def ask() -> None:
        asked = {"model": "gpt-5", "messages": ASKED}
        if form == "create":
            await aclient.chat.completions.create(**asked)
        elif form == "raw":
            raw = await aclient.chat.completions.with_raw_response.create(**asked)
            assert raw.parse().id == "chatcmpl-1"
        elif form == "stream":
            told = {"include_usage": True}
            async for _ in await aclient.chat.completions.create(**asked, stream=True, stream_options=told):
                pass
        elif form == "responses":
            await aclient.responses.create(model="gpt-5", input=ASKED)
        else:
            async with aclient.responses.stream(model="gpt-5", input=ASKED) as events:
                await events.get_final_response()

    asyncio.run(ask())
    (call,) = seen.calls()
    is_chat = not form.startswith("responses")
    check(call, "chat" if is_chat else "responses", "Paris it is", "chatcmpl-1" if is_chat else "resp_1")


def test_a_stream_that_counts_nothing_is_of_unknown_size(client: Any, models: Provider, seen: Any) -> None:
    for _ in client.chat.completions.create(model="gpt-5", messages=ASKED, stream=True):
        pass
    (call,) = seen.calls()
    assert "tokens_in" not in call
    assert "tokens_out" not in call
    assert call["response_preview"] == "ok"


@pytest.mark.parametrize("way", ["closed", "let go", "never begun"])
def test_an_abandoned_stream(way: str, client: Any, models: Provider, seen: Any) -> None:
    models.script("one two three four five")
    stream = client.chat.completions.create(model="gpt-5", messages=ASKED, stream=True)
    if way != "never begun":
        next(stream), next(stream)
    if way == "closed":
        stream.close()
    del stream
    gc.collect()
    (call,) = seen.calls()
    assert call["metadata"]["stream"] == "abandoned"
    assert "error" not in call["metadata"]


def test_a_failing_model(client: Any, models: Provider, seen: Any) -> None:
    models.script(Reply(status=500))
    with pytest.raises(openai.InternalServerError):
        client.chat.completions.create(model="gpt-5", messages=ASKED)
    (call,) = seen.calls()
    assert call["metadata"]["error"].startswith("InternalServerError: ")
    assert (call["model"], call.get("tokens_in")) == ("gpt-5", None)


def test_the_clients_own_retries_are_one_call(models: Provider, seen: Any) -> None:
    models.script(Reply(status=429), Reply("ok"))
    client = openai.OpenAI(base_url=f"{models.url}/v1", max_retries=2)
    client.chat.completions.create(model="gpt-5", messages=ASKED)
    (call,) = seen.calls()
    check(call, "chat", "ok", "chatcmpl-2")


def test_a_cancelled_call(aclient: Any, models: Provider, seen: Any) -> None:
    models.script(Reply("late", seconds=5))

    async def ask() -> None:
        asking = asyncio.create_task(aclient.chat.completions.create(model="gpt-5", messages=ASKED))
        await asyncio.sleep(0.3)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    asyncio.run(ask())
    (call,) = seen.calls()
    assert call["metadata"]["error"].startswith("CancelledError")


def test_many_at_once_each_in_its_own_task(hb: Any, aclient: Any, models: Provider, seen: Any) -> None:
    agent = hb.agent("many", heartbeat_interval=0)

    async def one(number: int) -> None:
        async with agent.task(f"t-{number}"):
            await aclient.chat.completions.create(model=f"gpt-{number}", messages=ASKED)

    async def all_of_them() -> None:
        await asyncio.gather(*(one(number) for number in range(10)))

    asyncio.run(all_of_them())
    told = {event["task_id"]: event["payload"]["data"]["model"] for event in seen.events("custom")}
    assert told == {f"t-{number}": f"gpt-{number}-2026" for number in range(10)}


def test_calls_between_the_pieces_of_a_stream_are_told(client: Any, models: Provider, seen: Any) -> None:
    stream = client.chat.completions.create(model="outer", messages=ASKED, stream=True)
    for index, _ in enumerate(stream):
        if index == 0:
            client.chat.completions.create(model="inner", messages=ASKED)
    assert [call["model"] for call in seen.calls()] == ["inner-2026", "outer-2026"]


def test_tools_are_named_in_the_answer(client: Any, models: Provider, seen: Any) -> None:
    models.script(Reply(tools=[("weather", {"city": "Paris"})]))
    client.chat.completions.create(model="gpt-5", messages=ASKED)
    assert seen.calls()[0]["response_preview"] == "→ weather"


def test_switched_off_nothing_is_told_and_the_client_is_as_it_was(client: Any, seen: Any) -> None:
    patched = openai.OpenAI.request
    integration.uninstall()
    assert openai.OpenAI.request is not patched
    client.chat.completions.create(model="gpt-5", messages=ASKED)
    assert seen.calls() == []


def test_switched_on_twice_each_call_is_told_once(hb: Any, client: Any, seen: Any) -> None:
    integration.install(hb)
    client.chat.completions.create(model="gpt-5", messages=ASKED)
    assert len(seen.calls()) == 1


def test_without_a_connection_it_says_what_to_do() -> None:
    hiveloop.reset()
    with pytest.raises(hiveloop.HiveLoopIntegrationError, match="call hiveloop"):
        integration.install()


def test_it_costs_little(hb: Any, client: Any, monkeypatch: pytest.MonkeyPatch, seen: Any) -> None:
    """Beside a request that does nothing."""
    integration.uninstall()
    answer = client.chat.completions.create(model="gpt-5", messages=ASKED)
    owner = next(base for base in openai.OpenAI.__mro__ if "request" in vars(base))
    monkeypatch.setattr(owner, "request", lambda self, cast_to, options, **_: answer)
    integration.install(hb)
    options = SimpleNamespace(url="/chat/completions", json_data={"model": "gpt-5", "messages": ASKED})
    assert dumps_of(lambda: client.request(object, options)) < BOUND_DUMPS
