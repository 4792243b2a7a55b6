"""The Claude Agent SDK with its own command line, which asks a provider on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from claude_agent_sdk import (
    ClaudeAgentOptions,
    ClaudeSDKClient,
    PermissionResultAllow,
    PermissionResultDeny,
    query,
)
from loopback import Provider, Reply

import hiveloop
from hiveloop.integrations import claude_agent_sdk as integration


@pytest.fixture(autouse=True)
def on(hb: hiveloop.HiveBoard) -> Iterator[None]:
    integration.install(hb, project="my-project")
    yield
    integration.uninstall()


@pytest.fixture
def options(models: Provider, tmp_path: Path) -> Any:
    home = tmp_path / "home"
    home.mkdir()
    environment = {
        "ANTHROPIC_BASE_URL": models.url,
        "ANTHROPIC_API_KEY": "sk-loopback",
        "HOME": str(home),
        "CLAUDE_CONFIG_DIR": str(home / ".claude"),
        "DISABLE_TELEMETRY": "1",
        "DISABLE_ERROR_REPORTING": "1",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "IS_SANDBOX": "1",
    }
    (tmp_path / "note.txt").write_text("sunny in Paris")

    def make(**more: Any) -> ClaudeAgentOptions:
        return ClaudeAgentOptions(
            model="claude-sonnet-5", cwd=str(tmp_path), env=environment, setting_sources=[], max_turns=5, **more
        )

    return make


async def ask(options: ClaudeAgentOptions, prompt: str = "How is it?") -> list[Any]:
    return [message async for message in query(prompt=prompt, options=options)]


def read_note(tmp_path: Path) -> Reply:
    return Reply(tools=[("Read", {"file_path": str(tmp_path / "note.txt")})])


def test_a_turn_with_a_tool(options: Any, models: Provider, tmp_path: Path, seen: Any) -> None:
    models.script(read_note(tmp_path), Reply("It is sunny."))
    messages = asyncio.run(ask(options(allowed_tools=["Read"])))
    result = messages[-1]
    assert seen.one_task() == ("worker", ["completed"])
    assert seen.actions() == {"Read": ["completed"]}
    calls = seen.calls()
    assert [call["response_preview"] for call in calls if call["name"] == "claude"] == ["→ Read", "It is sunny."]
    # What was used is told whole, and once.
    total = next(iter(result.model_usage.values()))
    told = sum(call.get("tokens_out") or 0 for call in calls)
    assert told == total["outputTokens"]
    read = total["inputTokens"] + total["cacheReadInputTokens"] + total["cacheCreationInputTokens"]
    assert sum(call.get("tokens_in") or 0 for call in calls) == read
    assert sum(call["metadata"].get("cache_read", 0) for call in calls) == total["cacheReadInputTokens"]
    (start,) = seen.events("task_started")
    assert (start["project_id"], start["correlation_id"]) == ("my-project", result.session_id)


def test_a_failing_tool(options: Any, models: Provider, seen: Any) -> None:
    models.script(Reply(tools=[("Read", {"file_path": "/nowhere/at/all.txt"})]), Reply("I cannot know."))
    asyncio.run(ask(options(allowed_tools=["Read"])))
    assert seen.one_task() == ("worker", ["completed"])
    assert seen.actions() == {"Read": ["failed"]}


def test_a_failing_model(options: Any, models: Provider, seen: Any) -> None:
    models.script(*[Reply(status=400)] * 10)

    async def go() -> None:
        with pytest.raises(Exception, match=r"400|error"):
            await ask(options())

    asyncio.run(go())
    assert seen.one_task() == ("worker", ["failed"])


@pytest.mark.parametrize("is_allowed", [True, False])
def test_a_persons_decision(is_allowed: bool, options: Any, models: Provider, tmp_path: Path, seen: Any) -> None:
    target = tmp_path / "new.txt"
    models.script(Reply(tools=[("Write", {"file_path": str(target), "content": "x"})]), Reply("done"))

    async def decide(name: str, given: Any, context: Any) -> Any:
        return PermissionResultAllow() if is_allowed else PermissionResultDeny(message="not today")

    async def go() -> None:
        async with ClaudeSDKClient(options(can_use_tool=decide)) as client:
            await client.query("write it")
            async for _ in client.receive_response():
                pass

    asyncio.run(go())
    assert seen.one_task() == ("worker", ["completed"])
    assert seen.actions() == {"Write": ["completed" if is_allowed else "failed"]}
    (answered,) = seen.events("approval_received")
    assert answered["payload"]["data"]["decision"] == ("approved" if is_allowed else "rejected")


def test_each_turn_of_a_client_is_a_task(options: Any, models: Provider, seen: Any) -> None:
    async def go() -> None:
        async with ClaudeSDKClient(options()) as client:
            for prompt in ("one", "two"):
                await client.query(prompt)
                async for _ in client.receive_response():
                    pass

    asyncio.run(go())
    told = seen.tasks()
    assert len(told) == 2
    assert set(map(tuple, told.values())) == {("completed",)}
    # Sums of the session are not counted again with the second turn.
    assert sum(call.get("tokens_out") or 0 for call in seen.calls()) == 40


def test_inside_of_a_task_of_the_programs(hb: Any, options: Any, models: Provider, seen: Any) -> None:
    async def go() -> None:
        async with hb.agent("own", heartbeat_interval=0).task("t-1"):
            await ask(options())

    asyncio.run(go())
    assert seen.tasks() == {"own/t-1": ["completed"]}
    assert seen.actions() == {"turn": ["completed"]}


def test_a_stream_that_its_reader_leaves(options: Any, models: Provider, seen: Any) -> None:
    async def go() -> None:
        stream = query(prompt="x", options=options())
        async for _ in stream:
            break
        await stream.aclose()

    asyncio.run(go())
    _, ends = seen.one_task()
    assert len(ends) == 1
    assert ends != ["failed"]


def test_switched_off_nothing_is_told(options: Any, models: Provider, seen: Any) -> None:
    integration.uninstall()
    asyncio.run(ask(options()))
    assert seen.events() == []
