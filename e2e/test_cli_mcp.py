"""The board for assistants, asked by the client of the protocol's own Python package: as a process, and over HTTP."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import hiveloop
import httpx
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client

from harness import hive
from harness.board import Board
from harness.events import custom, event, moment
from harness.server import Server, hiveboard_binary
from harness.shell import Shell

TOOLS = {
    "fleet_status",
    "what_needs_attention",
    "list_tasks",
    "task_story",
    "search_events",
    "cost",
    "insights",
    "alerts",
}
LINK = re.compile(r"\[[a-z]+\]\((http://[^)]+)\)")
# Answers are read by models, which pay for each word.
MOST_SIGNS = 12_000

Ask = Callable[..., Awaitable[str]]


def wasteful(board: Board) -> None:
    """Two agents of a type with the same work; one of them pays twenty times as much for it, on a dear model."""
    for agent_id, model, cost in (("thrifty", "gpt-4o-mini", 0.002), ("wasteful", "claude-opus-4-20250514", 0.04)):
        events = []
        for number in range(30):
            task = {
                "task_id": f"{agent_id}-{number}",
                "task_run_id": "r",
                "task_type": "sorting",
                "project_id": "mail",
            }
            at = [moment(3_000 - number * 60 - second) for second in range(3)]
            data = {"name": "sort", "model": model, "tokens_in": 900, "tokens_out": 20, "cost": cost}
            events.append(event("task_started", timestamp=at[0], **task))
            events.append(custom("llm_call", data, timestamp=at[1], **task))
            events.append(event("task_completed", timestamp=at[2], duration_ms=2_000.0, **task))
        board.send(agent_id, events, agent_type="sorter")


@pytest.fixture(scope="module")
def fleet(server: Server) -> Iterator[Board]:
    board = server.board()
    hive.report(board)
    wasteful(board)
    yield board
    hiveloop.reset()


@pytest.fixture(params=["process", "http"])
def assistant(request: pytest.FixtureRequest, server: Server, fleet: Board, tmp_path: Path) -> Any:
    """Opens a session, one way or the other."""
    key = server.create_key("read")
    return as_process(server, tmp_path, key) if request.param == "process" else over_http(server, key)


def as_process(server: Server, home: Path, key: str) -> Callable[[], Any]:
    shell = Shell.at(server, home, key)
    parameters = StdioServerParameters(command=str(hiveboard_binary()), args=["mcp"], env=shell.environment)
    return lambda: Client(parameters)


def over_http(server: Server, key: str) -> Callable[[], Any]:
    @asynccontextmanager
    async def session() -> AsyncIterator[Client]:
        headers = {"Authorization": f"Bearer {key}"}
        async with create_mcp_http_client(headers=headers) as http:
            transport = streamable_http_client(server.url + "/mcp", http_client=http)
            async with Client(transport) as client:
                yield client

    return session


def talk(assistant: Callable[[], Any], conversation: Callable[[Client, Ask], Awaitable[None]]) -> None:
    """Runs a conversation; answers are one text each, and none is long."""

    async def run() -> None:
        async with assistant() as client:

            async def ask(tool: str, **arguments: Any) -> str:
                answer = await client.call_tool(tool, arguments)
                assert not answer.is_error, answer
                assert len(answer.content) == 1
                text: str = answer.content[0].text
                assert len(text) < MOST_SIGNS
                return text

            await conversation(client, ask)

    asyncio.run(asyncio.wait_for(run(), 60))


def test_tools_describe_themselves(assistant: Callable[[], Any]) -> None:
    async def conversation(client: Client, ask: Ask) -> None:
        tools = (await client.list_tools()).tools
        assert {tool.name for tool in tools} == TOOLS
        for tool in tools:
            assert tool.description
            assert tool.annotations is not None
            assert tool.annotations.read_only_hint
            for name, argument in tool.input_schema.get("properties", {}).items():
                assert argument.get("description"), f"{tool.name}.{name} says nothing of itself"

    talk(assistant, conversation)


def test_which_agent_wastes_most_money_and_why(assistant: Callable[[], Any], fleet: Board) -> None:
    async def conversation(client: Client, ask: Ask) -> None:
        told = await ask("cost", by="agent")
        lines = told.splitlines()
        assert lines[1].startswith("- wasteful: $1.20")
        assert "30 model calls at $0.040 each" in lines[1]
        assert "What stands out, and why:" in told
        why = told[told.index("What stands out") :]
        assert "wasteful" in why
        assert "claude-opus-4-20250514" in why or "20×" in why
        for address in LINK.findall(told):
            assert httpx.get(address, timeout=10).status_code == 200, address
        dearest = await ask("list_tasks", agent_id="wasteful", sort="cost", limit=1)
        assert "$0.040" in dearest

    talk(assistant, conversation)


def test_why_did_a_task_fail(assistant: Callable[[], Any], fleet: Board) -> None:
    async def conversation(client: Client, ask: Ask) -> None:
        told = await ask("what_needs_attention")
        for agent_id in ("dead-agent", "support-triage", "refund-agent"):
            assert agent_id in told
        failed = await ask("list_tasks", status=["failed"])
        assert failed.startswith('- ticket-7 failed with "RuntimeError: no customer record": by support-triage')
        story = await ask("task_story", task_id="ticket-7")
        assert "Never made good: ticket-7 failed" in story or "Never made good: the task failed" in story
        assert "fetch_customer failed" in story
        assert "TimeoutError: crm did not answer" in story
        link = LINK.search(story)
        assert link is not None
        assert "task=ticket-7&owner=support-triage" in link.group(1)
        found = await ask("search_events", text="crm did not answer", event_types=["action_failed"])
        assert found.count("support-triage failed at fetch_customer") == 2
        waiting = await ask("task_story", task_id="refund-3", with_previews=True)
        assert "It waits for ops-lead" in waiting

    talk(assistant, conversation)


def test_who_waits_for_a_person_and_for_what(assistant: Callable[[], Any], fleet: Board) -> None:
    asked = '- refund-3 waiting for ops-lead, who was asked "credit of $500": by refund-agent'

    async def conversation(client: Client, ask: Ask) -> None:
        told = await ask("what_needs_attention")
        waits = told[told.index("Runs that wait for a person, the oldest first:") :].splitlines()
        assert waits[1].startswith(asked)
        assert "task=refund-3&owner=refund-agent" in waits[1]
        assert (await ask("list_tasks", status=["waiting"])).startswith(asked)
        assert "Runs that wait" not in await ask("what_needs_attention", agent_id="thrifty")

    talk(assistant, conversation)


def test_lists_come_in_pages(assistant: Callable[[], Any], fleet: Board) -> None:
    async def conversation(client: Client, ask: Ask) -> None:
        seen: list[str] = []
        arguments: dict[str, Any] = {"agent_id": "thrifty", "limit": 12}
        for _ in range(3):
            told = await ask("list_tasks", **arguments)
            seen += re.findall(r"^- (\S+) completed", told, re.MULTILINE)
            cursor = re.search(r'cursor "([^"]+)"', told)
            if cursor is None:
                break
            arguments["cursor"] = cursor.group(1)
        assert sorted(seen) == sorted(f"thrifty-{number}" for number in range(30))
        assert "There is more" in await ask("fleet_status", limit=2)
        assert (await ask("fleet_status")).startswith("7 agents: 1 stuck, 1 error, 1 waiting, 4 idle.")

    talk(assistant, conversation)


def test_what_cannot_be_answered_says_why(assistant: Callable[[], Any]) -> None:
    async def conversation(client: Client, ask: Ask) -> None:
        missing = await client.call_tool("task_story", {"task_id": "nobody-did-this"})
        assert missing.is_error
        assert "Not found" in missing.content[0].text
        wrong = await client.call_tool("list_tasks", {"status": ["tired"]})
        assert wrong.is_error
        assert "status" in wrong.content[0].text
        unknown = await client.call_tool("list_tasks", {"agent": "thrifty", "limit": 3})
        assert unknown.is_error
        assert 'no argument "agent"; there are' in unknown.content[0].text
        assert "agent_id" in unknown.content[0].text
        # In the words of the tool, not of the API that it asks.
        for tool, arguments, said in (
            ("cost", {"by": "banana"}, "`by` is `banana`, and must be one of"),
            ("alerts", {"state": "loud"}, "`state` is `loud`, and must be one of `firing`, `resolved`, `all`"),
            ("search_events", {"event_types": ["tired"]}, "`event_types` is `tired`"),
            ("list_tasks", {"text": "x" * 201}, "`text`"),
            ("list_tasks", {"limit": 51}, "`limit` is 51, and must be 1 to 50"),
            ("cost", {"limit": 0}, "`limit` is 0, and must be 1 to 50"),
        ):
            refused = await client.call_tool(tool, arguments)
            assert refused.is_error, tool
            assert said in refused.content[0].text, refused.content[0].text
        assert "Nothing fires" in await ask("alerts", agent_id="thrifty")
        assert "Nothing fires" in await ask("alerts", environment="elsewhere")
        assert "stuck" not in await ask("what_needs_attention", environment="elsewhere")
        assert 'Agent "dead-agent" is stuck' in await ask("alerts", agent_id="dead-agent")
        assert "insights" in await ask("insights", range="7d")

    talk(assistant, conversation)


def test_what_agents_wrote_is_text_alone(assistant: Callable[[], Any]) -> None:
    async def conversation(client: Client, ask: Ask) -> None:
        for told in (await ask("search_events", text="needle"), await ask("list_tasks", agent_id="hostile")):
            assert "owned" in told
            assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u200b\u202e\U000e0000-\U000e0fff]", told)

    talk(assistant, conversation)


def test_over_http_a_key_is_asked_for_and_sees_its_own(server: Server, fleet: Board, tmp_path: Path) -> None:
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    headers = {"Accept": "application/json, text/event-stream"}
    for credentials in ({}, {"Authorization": "Bearer hb_read_" + "z" * 32}):
        answer = httpx.post(server.url + "/mcp", json=asked, headers=headers | credentials)
        assert (answer.status_code, answer.json()["error"]) == (401, "authentication_failed")
    only_sends = server.create_key("live", scopes="ingest")
    refused = httpx.post(server.url + "/mcp", json=asked, headers=headers | {"Authorization": f"Bearer {only_sends}"})
    assert refused.status_code == 403
    assert httpx.get(server.url + "/mcp", headers=headers | {"Authorization": f"Bearer {fleet.key}"}).status_code == 405

    async def conversation(client: Client, ask: Ask) -> None:
        assert (await ask("fleet_status")).startswith("No agents fit.")
        assert (await ask("list_tasks")) == "No tasks fit."

    talk(over_http(server, server.create_key("test")), conversation)


def test_over_http_what_is_no_question_is_refused_in_words(server: Server, fleet: Board) -> None:
    authorized = {"Authorization": f"Bearer {fleet.key}"}
    listing = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    with httpx.Client(base_url=server.url, headers=authorized, timeout=30) as client:
        # Whoever does not say that it takes streams gets the same JSON.
        for accepted in ("*/*", "application/json", "application/json, text/event-stream"):
            answer = client.post("/mcp", json=listing, headers={"Accept": accepted})
            assert {tool["name"] for tool in answer.json()["result"]["tools"]} == TOOLS, accepted
        for body in (b"", b"no JSON", b"[]", b"{}", b'{"jsonrpc": "1.0"}'):
            refused = client.post("/mcp", content=body, headers={"Content-Type": "application/json"})
            assert (refused.status_code, refused.json()["error"]) == (400, "validation_error"), body
            assert "JSON-RPC" in refused.json()["message"]
        form = client.post("/mcp", data={"a": "b"})
        assert (form.status_code, form.json()["error"]) == (400, "validation_error")
        large = client.post("/mcp", json=listing | {"params": {"_meta": {"x": "y" * 300_000}}})
        assert (large.status_code, large.json()["error"]) == (413, "batch_too_large")
        unknown = client.post("/mcp", json=listing | {"method": "tools/forget"})
        assert unknown.json()["error"]["code"] == -32601, unknown.text
        missing = client.post(
            "/mcp", json=listing | {"method": "tools/call", "params": {"name": "rm", "arguments": {}}}
        )
        assert "error" in missing.json(), missing.text


def test_a_process_without_a_server_says_so_at_once(tmp_path: Path) -> None:
    assert "no server is named" in Shell(tmp_path).fails(3, "mcp")
