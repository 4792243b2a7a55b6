"""The Claude Agent SDK: each turn becomes a task; tools and sub-agents inside of it actions; models' answers calls.

>>> from hiveloop.integrations import claude_agent_sdk  # doctest: +SKIP
>>> claude_agent_sdk.install(hb, project="my-project")  # doctest: +SKIP
"""

from __future__ import annotations

import dataclasses
import inspect
import itertools

from hiveloop._errors import HiveLoopIntegrationError
from hiveloop._tools import tool_payload
from hiveloop.integrations import _usage
from hiveloop.integrations._faults import quiet
from hiveloop.integrations._names import field, preview
from hiveloop.integrations._watch import Cancelled, Watch, failure
from hiveloop.integrations._wrapping import Wrapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Any

    from hiveloop._agent import Agent
    from hiveloop._client import HiveBoard
    from hiveloop.integrations._calls import Call
    from hiveloop.integrations._watch import Run

# The tools that start another agent.
_SUB_AGENTS = ("Task", "Agent")
_MOST_SESSIONS = 1_000
_numbers = itertools.count(1)
# What a session has used up to its last turn, by model: the SDK tells sums of the session.
_used: dict[str, dict[str, dict[str, float]]] = {}


class _Conversation:
    """What passes in one stream of messages."""

    def __init__(self, watch: Watch, prompt: Any = None) -> None:
        self._watch = watch
        self._prompt = preview(prompt) if isinstance(prompt, str) else None
        self.run: Run | None = None
        # The latest call of each model: only the end of the turn tells what it has written.
        self._calls: dict[str, Call] = {}
        self._usages: dict[str, _usage.Usage | None] = {}
        self._ids: dict[str, str] = {}
        self._told_in: dict[str, int] = {}
        self._stream_id: str | None = None
        self._written: dict[str, int] = {}

    @quiet("claude_agent_sdk.message")
    def seen(self, message: Any) -> None:
        """Take in a message.

        Args:
            message: Anything that the SDK gives.
        """
        kind = type(message).__name__
        if self.run is None:
            self._begin(message)
        if kind == "AssistantMessage":
            self._answered(message)
        elif kind == "UserMessage":
            self._tools_ended(message)
        elif kind == "StreamEvent":
            self._streamed(message)
        elif kind == "ResultMessage":
            self._ended(message)
        elif field(message, "subtype") == "api_retry" and self.run is not None:
            self._watch.retry(self.run, "the model's API is asked again", field(message.data, "attempt"))
        elif kind == "TaskNotificationMessage":
            error = failure("SubAgentFailed", message.summary) if message.status == "failed" else None
            self._watch.end(("agent", message.tool_use_id), Cancelled() if message.status == "stopped" else error)

    def _begin(self, message: Any) -> None:
        session = field(message, "session_id") or field(field(message, "data"), "session_id")
        key = f"turn-{next(_numbers)}-{str(session or '')[:8]}"
        self.run = self._watch.begin(
            key, "turn", self._watch.current(), correlation_id=session, type="claude-agent-sdk", current=False
        )

    def _within(self, tool_use_id: Any) -> Run | None:
        """Give the sub-agent that says something, else the turn."""
        if tool_use_id is not None:
            found = self._watch.find(("agent", tool_use_id)) or self._watch.find(("tool", tool_use_id))
            if found is not None:
                return found
        return self.run

    # -- models --------------------------------------------------------------------------

    def _answered(self, message: Any) -> None:
        run = self._within(message.parent_tool_use_id)
        model, message_id = message.model, field(message, "message_id") or field(message, "uuid")
        if run is None:
            return
        if model != "<synthetic>" and self._ids.get(model) != message_id:
            # One message comes in as many pieces as it has blocks.
            self._end_call(model)
            name = "claude" if message.parent_tool_use_id is None else run.name
            self._calls[model] = self._watch.call(name, model, self._prompt, run)
            self._ids[model] = message_id
            self._usages[model] = _usage.of_anthropic(message.usage)
        call = self._calls.get(model)
        for block in message.content:
            kind = type(block).__name__
            if kind == "TextBlock" and call is not None:
                call.metadata["said"] = preview(block.text)
            elif kind in ("ToolUseBlock", "ServerToolUseBlock"):
                if call is not None:
                    call.metadata.setdefault("said", f"→ {block.name}")
                self._begin_tool(block, run)

    def _streamed(self, message: Any) -> None:
        event = message.event
        if event.get("type") == "message_start":
            self._stream_id = field(event.get("message"), "id")
        elif event.get("type") == "message_delta" and self._stream_id is not None:
            written = field(event.get("usage"), "output_tokens")
            if written is not None:
                self._written[self._stream_id] = written

    def _end_call(self, model: str, tokens: _usage.Usage | None = None, cost: float | None = None) -> None:
        """Tell of a model's latest call; what it has written only the end of the turn tells, unless pieces did."""
        call = self._calls.pop(model, None)
        if call is None:
            return
        message_id = self._ids.get(model)
        usage = tokens or self._usages.get(model)
        if usage is not None and tokens is None:
            usage.tokens_out = self._written.get(message_id or "")
        if usage is not None:
            self._count(model, usage)
        call.end(usage, response=call.metadata.pop("said", None), response_id=message_id, cost=cost)

    def _count(self, model: str, usage: _usage.Usage) -> None:
        for kind in ("tokens_in", "tokens_out", "cache_read", "cache_write"):
            key = f"{model}/{kind}"
            self._told_in[key] = self._told_in.get(key, 0) + (getattr(usage, kind) or 0)

    # -- tools ---------------------------------------------------------------------------

    def _begin_tool(self, block: Any, run: Run) -> None:
        key = ("agent" if block.name in _SUB_AGENTS else "tool", block.id)
        if self._watch.find(key) is not None:
            return
        name = block.name
        if block.name in _SUB_AGENTS:
            name = str(field(block.input, "subagent_type") or field(block.input, "description") or block.name)
        begun = self._watch.begin(key, name, run, current=False)
        if begun.frame is not None:
            begun.frame.set_payload(tool_payload(args=block.input))

    def _tools_ended(self, message: Any) -> None:
        if not isinstance(message.content, list):
            return
        for block in message.content:
            if type(block).__name__ != "ToolResultBlock":
                continue
            text = preview(block.content)
            error = failure("ToolError", text or "the tool failed") if block.is_error else None
            payload = {"result": text} if text and error is None else None
            result = field(message, "tool_use_result")
            if field(result, "isAsync") or field(result, "status") == "async_launched":
                # A sub-agent in the background has only begun.
                continue
            if self._watch.end(("tool", block.tool_use_id), error, payload) is None:
                self._watch.end(("agent", block.tool_use_id), error, payload)

    # -- ends ----------------------------------------------------------------------------

    def _ended(self, message: Any) -> None:
        run, self.run = self.run, None
        before = _used.setdefault(message.session_id, {})
        if len(_used) > _MOST_SESSIONS:
            del _used[next(iter(_used))]
        for model, total in (field(message, "model_usage") or {}).items():
            self._rest(model, dict(total), before.get(model, {}), run)
            before[model] = dict(total)
        for model in list(self._calls):
            self._end_call(model)
        self._told_in.clear()
        self._ids.clear()
        if run is None:
            return
        error = None
        if message.is_error or str(message.subtype).startswith("error"):
            words = message.result or "; ".join(map(str, field(message, "errors") or ())) or message.subtype
            error = failure("ClaudeError", str(words))
        self._watch.end(run.key, error, {"turns": message.num_turns})

    def _rest(self, model: str, total: dict[str, Any], before: dict[str, Any], run: Run | None) -> None:
        """Tell what a model has used in this turn and no message has told, with its latest call."""

        def used(kind: str) -> float:
            return float(total.get(kind) or 0) - float(before.get(kind) or 0)

        read, write = used("cacheReadInputTokens"), used("cacheCreationInputTokens")
        whole = {
            "tokens_in": used("inputTokens") + read + write,
            "tokens_out": used("outputTokens"),
            "cache_read": read,
            "cache_write": write,
        }
        # The same model goes by its name and by the name of its version.
        alike = [name for name in self._calls if name.startswith(model) or model.startswith(name)]
        known = model if model in self._calls else next(iter(alike), model)
        own = self._usages.get(known) if known in self._calls else None
        rest = {kind: int(count) - self._told_in.get(f"{known}/{kind}", 0) for kind, count in whole.items()}
        if not any(count > 0 for count in rest.values()):
            return
        if known not in self._calls:
            if run is None:
                return
            self._calls[known] = self._watch.call("background", model, None, run)
        usage = _usage.Usage(**{kind: max(count, 0) for kind, count in rest.items()})
        if own is not None and rest["tokens_out"] != self._written.get(self._ids.get(known, "")):
            self._calls[known].metadata["tokens_of"] = "what the turn's calls before this one did not tell, as well"
        self._end_call(known, usage, used("costUSD") or None)

    @quiet("claude_agent_sdk.close")
    def close(self, error: BaseException | None) -> None:
        """End what the stream has left open.

        Args:
            error: What it ended by.
        """
        for model in list(self._calls):
            self._end_call(model)
        run, self.run = self.run, None
        if run is not None:
            # The SDK raises after it has told of a failure, and says nothing when it is called off.
            self._watch.end(run.key, error if error is not None else Cancelled())

    # -- decisions -----------------------------------------------------------------------

    def asking(self, decide: Any) -> Any:
        """Wrap the program's own decision on tools.

        Args:
            decide: `can_use_tool`.

        Returns:
            The same, told as an approval.
        """

        async def can_use_tool(name: str, given: Any, context: Any) -> Any:
            run = self.run
            if run is not None:
                quiet("claude_agent_sdk.ask")(self._watch.pause)(run, f"may {name} be used?")
            answer = None
            try:
                answer = await decide(name, given, context)
                return answer
            finally:
                if run is not None and run.root.waits:
                    word = "approved" if field(answer, "behavior") == "allow" else "rejected"
                    quiet("claude_agent_sdk.ask")(self._watch.decided)(run, word, field(answer, "message"))

        return can_use_tool


async def _follow(stream: Any, conversation: _Conversation) -> AsyncIterator[Any]:
    error: BaseException | None = None
    try:
        async for message in stream:
            conversation.seen(message)
            yield message
    except BaseException as raised:
        error = raised
        raise
    finally:
        conversation.close(error)
        if inspect.isasyncgen(stream):
            await stream.aclose()


_watch: Watch | None = None
_wrapping = Wrapping("claude_agent_sdk.install")


@quiet("claude_agent_sdk.options")
def _with_asking(options: Any, conversation: _Conversation) -> Any:
    decide = field(options, "can_use_tool")
    if decide is None:
        return options
    return dataclasses.replace(options, can_use_tool=conversation.asking(decide))


def _wrap_query(original: Any) -> Any:
    def process_query(self: Any, prompt: Any, options: Any, *args: Any, **kwargs: Any) -> Any:
        if _watch is None:
            return original(self, prompt, options, *args, **kwargs)
        conversation = _Conversation(_watch, prompt)
        told = _with_asking(options, conversation) or options
        return _follow(original(self, prompt, told, *args, **kwargs), conversation)

    return process_query


def _wrap_connect(original: Any) -> Any:
    async def connect(self: Any, *args: Any, **kwargs: Any) -> Any:
        if _watch is not None and getattr(self, "_hiveloop_conversation", None) is None:
            self._hiveloop_conversation = _Conversation(_watch)
            self.options = _with_asking(self.options, self._hiveloop_conversation) or self.options
        return await original(self, *args, **kwargs)

    return connect


def _wrap_receive(original: Any) -> Any:
    def receive_messages(self: Any, *args: Any, **kwargs: Any) -> Any:
        stream = original(self, *args, **kwargs)
        conversation = getattr(self, "_hiveloop_conversation", None)
        return stream if _watch is None or conversation is None else _follow(stream, conversation)

    return receive_messages


def install(hb: HiveBoard | None = None, project: str | None = None, agent: Agent | str | None = None) -> Watch:
    """Watch every turn in this process.

    Args:
        hb: The connection; by default the one that `hiveloop.init` has made.
        project: The project of the tasks.
        agent: The agent whose turns they are, or its name; by default the program's.

    Returns:
        What is watched.
    """
    global _watch
    try:
        from claude_agent_sdk import ClaudeSDKClient
    except ImportError as error:
        raise HiveLoopIntegrationError(
            "the Claude Agent SDK is not installed: pip install 'claude-agent-sdk>=0.1'"
        ) from error
    try:
        from claude_agent_sdk._internal.client import InternalClient
    except ImportError:
        InternalClient = None
    if InternalClient is None or not {"connect", "receive_messages"} <= set(vars(ClaudeSDKClient)):
        raise HiveLoopIntegrationError(
            "this version of the Claude Agent SDK is called another way: update hiveloop, or use OpenTelemetry"
        )
    uninstall()
    _watch = Watch("claude-agent-sdk", hb, project, agent)
    # `query` itself is a function, which programs import by its name.
    _wrapping.put(InternalClient, "process_query", _wrap_query)
    _wrapping.put(ClaudeSDKClient, "connect", _wrap_connect)
    _wrapping.put(ClaudeSDKClient, "receive_messages", _wrap_receive)
    return _watch


def uninstall() -> None:
    """Watch no further turns, and end what is still open."""
    global _watch
    watch, _watch = _watch, None
    _wrapping.take_away()
    if watch is not None:
        watch.close()
