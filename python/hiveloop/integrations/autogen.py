"""AutoGen: teams and agents become tasks and actions, tools actions, models' answers calls.

>>> from hiveloop.integrations.autogen import AutoGenCallback  # doctest: +SKIP
>>> callback = AutoGenCallback(hb, project="my-project")  # doctest: +SKIP

Making the callback is what switches it on.
"""

from __future__ import annotations

import itertools
import json
import logging

from hiveloop._errors import HiveLoopIntegrationError
from hiveloop._tools import tool_payload
from hiveloop.integrations import _usage
from hiveloop.integrations._faults import quiet
from hiveloop.integrations._names import field, last_message, preview
from hiveloop.integrations._watch import Handler, Watch, Within, failure
from hiveloop.integrations._wrapping import Wrapping, told_stream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hiveloop._agent import Agent
    from hiveloop._client import HiveBoard
    from hiveloop.integrations._calls import Call
    from hiveloop.integrations._watch import Run

_LOGGER = "autogen_core.events"
_UNNAMED = ("RoundRobinGroupChat", "SelectorGroupChat", "Swarm", "GraphFlow", "MagenticOneGroupChat")
_numbers = itertools.count(1)


class AutoGenCallback(Handler):
    """Listens to everything that AutoGen does in this process; a later one takes the place of an earlier.

    Args:
        hb: The connection; by default the one that `hiveloop.init` has made.
        project: The project of the tasks.
        agent: The agent whose runs they are, or its name; by default the team's name, or that of an agent that runs
            without one.
    """

    def __init__(
        self, hb: HiveBoard | None = None, project: str | None = None, agent: Agent | str | None = None
    ) -> None:
        self.watch = Watch("autogen", hb, project, agent)
        self._streams: dict[str, Call] = {}
        _listen(self)

    # -- runs ----------------------------------------------------------------------------

    def begin(self, runner: Any) -> Run | None:
        """Begin the run of a team or an agent, unless the running code is inside of it already.

        Args:
            runner: The team or the agent.

        Returns:
            The run.
        """
        parent = self.watch.current()
        if parent is not None and parent.data is runner:
            return None
        given = field(runner, "name") or type(runner).__name__
        name = None if given in _UNNAMED else str(given)
        run = self.watch.begin(f"run-{next(_numbers)}", name or str(given), parent, agent_name=name, current=False)
        run.data = runner
        return run

    def begin_turn(self, runner: Any) -> Run | None:
        """Give the run that an agent's turn is: one of its own, or the one that the agent runs by itself in.

        Args:
            runner: The agent.

        Returns:
            The run.
        """
        parent = self.watch.current()
        return parent if parent is not None and parent.data is runner else self.begin(runner)

    def seen(self, run: Run, message: Any) -> None:
        """Take in a message that a run has given.

        Args:
            run: The run.
            message: A message, an event, or the result.
        """
        kind = field(message, "type")
        if run.root.waits and kind != "UserInputRequestedEvent":
            self.watch.decided(run, summary=preview(field(field(message, "chat_message", message), "content")))
        if kind == "ToolCallRequestEvent":
            for call in message.content:
                if self.watch.find(("tool", call.id)) is not None:
                    continue
                tool = self.watch.begin(("tool", call.id), call.name, run, current=False)
                tool.frame.set_payload(tool_payload(args=_parsed(call.arguments)))
        elif kind == "ToolCallExecutionEvent":
            for result in message.content:
                text = preview(result.content)
                error = failure("ToolError", text or "the tool failed") if result.is_error else None
                self.watch.end(("tool", result.call_id), error, None if error else {"result": text})
        elif kind == "UserInputRequestedEvent":
            self.watch.pause(run, f"{message.source} is asked for input")
        else:
            self._handed_over(run, field(message, "chat_message"))

    def _handed_over(self, run: Run, message: Any) -> None:
        target = field(message, "target")
        if field(message, "type") == "HandoffMessage" and target:
            key = ("handoff", next(_numbers))
            self.watch.begin(key, f"handoff:{message.source}→{target}", run, current=False)
            self.watch.end(key)

    # -- models --------------------------------------------------------------------------

    @quiet("autogen.log")
    def logged(self, event: Any) -> None:
        """Take in what a model's client has logged.

        Args:
            event: One of `autogen_core.logging`.
        """
        told = field(event, "kwargs")
        kind = told.get("type") if isinstance(told, dict) else None
        if kind not in ("LLMCall", "LLMStreamStart", "LLMStreamEnd"):
            return
        who = str(told.get("agent_id") or "").split("/")[0]
        # In a team, agents are known by their name and the team's id.
        name = who.rpartition("_")[0] or who or "llm"
        if kind == "LLMStreamStart":
            self._streams[who] = self.watch.call(name, None, last_message(told.get("messages")))
            return
        call = self._streams.pop(who, None) if kind == "LLMStreamEnd" else None
        # A call that is told when it is over has no duration of its own.
        duration_ms = None if call is not None else 0
        if call is None:
            call = self.watch.call(name, None, last_message(told.get("messages")))
        response = told.get("response") or {}
        usage = _usage.of_openai(response.get("usage")) or _usage.Usage(
            told.get("prompt_tokens"), told.get("completion_tokens")
        )
        if kind == "LLMStreamEnd":
            call.metadata["stream"] = True
        # Without a count it says 0, streamed or not.
        known = usage.known_of_stream()
        call.end(
            known,
            model=response.get("model"),
            response=_said(response),
            response_id=response.get("id"),
            duration_ms=duration_ms,
        )


def _parsed(arguments: Any) -> Any:
    try:
        return json.loads(arguments)
    except (TypeError, ValueError):
        return preview(arguments)


def _said(response: Any) -> str | None:
    for choice in response.get("choices") or ():
        message = choice.get("message") or {}
        names = ", ".join(str(field(field(call, "function"), "name")) for call in message.get("tool_calls") or ())
        return preview(message.get("content")) or (f"→ {names}" if names else None)
    content = response.get("content")
    return preview(content)


class _Ear(logging.Filter):
    """Hears what is logged, and lets through what would have been logged without it."""

    def __init__(self, level: int) -> None:
        super().__init__()
        self._level = level

    def filter(self, record: logging.LogRecord) -> bool:
        """Pass a record on to the listener; whether the program is to see it."""
        if _listener is not None:
            _listener.logged(record.msg)
        return record.levelno >= self._level


_listener: AutoGenCallback | None = None
_wrapping = Wrapping("autogen.run")
_ear: tuple[_Ear, int] | None = None


def _listen(callback: AutoGenCallback) -> None:
    global _listener, _ear
    try:
        from autogen_agentchat.agents import BaseChatAgent
        from autogen_agentchat.teams import BaseGroupChat
    except ImportError as error:
        raise HiveLoopIntegrationError(
            "AutoGen is not installed, or older than AgentChat: pip install 'autogen-agentchat>=0.4'"
        ) from error
    if "run_stream" not in vars(BaseGroupChat) or "on_messages_stream" not in vars(BaseChatAgent):
        raise HiveLoopIntegrationError(
            "this version of AutoGen runs another way: update hiveloop, or use OpenTelemetry"
        )
    if _listener is not None:
        uninstall()
    _listener = callback
    _wrapping.put(BaseGroupChat, "run_stream", _stream)
    _wrapping.put(BaseChatAgent, "run", _coroutine)
    _wrapping.put(BaseChatAgent, "run_stream", _stream)
    for kind in _kinds(BaseChatAgent):
        if "on_messages_stream" in vars(kind):
            _wrapping.put(kind, "on_messages_stream", _turn)
    logger = logging.getLogger(_LOGGER)
    _ear = (_Ear(logger.getEffectiveLevel()), logger.level)
    logger.addFilter(_ear[0])
    logger.setLevel(min(logging.INFO, logger.getEffectiveLevel()))


def _kinds(kind: Any) -> list[Any]:
    found = [kind]
    for below in kind.__subclasses__():
        found += [one for one in _kinds(below) if one not in found]
    return found


def _stream(original: Any) -> Any:
    def stream(runner: Any, *args: Any, **kwargs: Any) -> Any:
        pieces = original(runner, *args, **kwargs)
        listener = _listener
        if listener is None:
            return pieces
        # What is said in a run is told in the turns of those who say it.
        return told_stream("autogen.run", listener.watch, lambda: listener.begin(runner), pieces, lambda *_: None)

    return stream


def _turn(original: Any) -> Any:
    def turn(runner: Any, *args: Any, **kwargs: Any) -> Any:
        pieces = original(runner, *args, **kwargs)
        listener = _listener
        if listener is None:
            return pieces
        outer: list[Run] = []

        def begin() -> Run | None:
            inside = listener.watch.current()
            run = listener.begin_turn(runner)
            if run is inside and run is not None:
                outer.append(run)
            return run

        def end(run: Run, error: Any) -> None:
            if not outer:
                listener.watch.end(run.key, error)

        return told_stream("autogen.run", listener.watch, begin, pieces, listener.seen, end)

    return turn


def _coroutine(original: Any) -> Any:
    async def run(runner: Any, *args: Any, **kwargs: Any) -> Any:
        listener = _listener
        begun = quiet("autogen.run")(listener.begin)(runner) if listener is not None else None
        if listener is None or begun is None:
            return await original(runner, *args, **kwargs)
        try:
            with Within(listener.watch, begun):
                result = await original(runner, *args, **kwargs)
        except BaseException as error:
            quiet("autogen.run")(listener.watch.end)(begun.key, error)
            raise
        # What its agents said was told as it was said, by those that stream.
        quiet("autogen.run")(listener.watch.end)(begun.key)
        return result

    return run


def install(
    hb: HiveBoard | None = None, project: str | None = None, agent: Agent | str | None = None
) -> AutoGenCallback:
    """Watch every team and agent in this process.

    Args:
        hb: The connection; by default the one that `hiveloop.init` has made.
        project: The project of the tasks.
        agent: The agent whose runs they are, or its name.

    Returns:
        The listener.
    """
    return AutoGenCallback(hb, project, agent)


def uninstall() -> None:
    """Listen no more, and end what is still open."""
    global _listener, _ear
    listener, _listener = _listener, None
    _wrapping.take_away()
    if _ear is not None:
        logger = logging.getLogger(_LOGGER)
        logger.removeFilter(_ear[0])
        logger.setLevel(_ear[1])
        _ear = None
    if listener is not None:
        listener.watch.close()
