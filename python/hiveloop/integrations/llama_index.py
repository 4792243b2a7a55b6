"""LlamaIndex: workflows and engines become tasks, tools and retrievers actions, models' answers calls.

>>> from hiveloop.integrations import llama_index  # doctest: +SKIP
>>> llama_index.install(hb, project="my-project")  # doctest: +SKIP
"""

from __future__ import annotations

from hiveloop._errors import HiveLoopIntegrationError
from hiveloop._tools import tool_payload
from hiveloop.integrations import _usage
from hiveloop.integrations._calls import is_inside_call
from hiveloop.integrations._faults import quiet
from hiveloop.integrations._names import field, preview
from hiveloop.integrations._watch import Paused, Watch, failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hiveloop._agent import Agent
    from hiveloop._client import HiveBoard
    from hiveloop.integrations._calls import Call
    from hiveloop.integrations._watch import Run

_STARTS = ("LLMChatStartEvent", "LLMCompletionStartEvent")
_PIECES = ("LLMChatInProgressEvent", "LLMCompletionInProgressEvent")
_ENDS = ("LLMChatEndEvent", "LLMCompletionEndEvent")
_RUNS = ("run", "query", "aquery", "chat", "achat", "stream_chat", "astream_chat")
_RUNNERS = ("Workflow", "BaseQueryEngine", "BaseChatEngine")
_RETRIEVERS = ("retrieve", "aretrieve")
_UNNAMED = ("Agent", "agent")

_listening: _Listening | None = None


class _Listening:
    """What is heard from the dispatcher."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self._calls: dict[Any, Call] = {}

    # -- spans ---------------------------------------------------------------------------

    @quiet("llama_index.enter")
    def enter(self, key: str, arguments: dict[str, Any], instance: Any, parent_id: Any) -> None:
        """Begin a task, an action, or what is not shown itself."""
        method = key.rsplit("-", 5)[0].rpartition(".")[2]
        parent = self.watch.find(parent_id) if parent_id is not None else None
        if method in _RUNS and _is_runner(instance):
            name = field(instance, "name")
            name = type(instance).__name__ if not isinstance(name, str) or name in _UNNAMED else name
            self.watch.begin(key, name, parent, agent_name=name, current=False)
        elif parent is None:
            return
        elif method == "call_tool":
            self._begin_tool(key, arguments.get("ev"), parent)
        elif method in _RETRIEVERS:
            self.watch.begin(key, type(instance).__name__, parent, current=False)
        else:
            run = self.watch.begin(key, method, parent, kind="plain")
            run.data = field(arguments.get("ev"), "current_agent_name") or parent.data

    def _begin_tool(self, key: str, event: Any, parent: Run) -> None:
        name, args = str(field(event, "tool_name", "tool")), field(event, "tool_kwargs")
        if name == "handoff":
            name = f"handoff:{parent.root.name}→{field(args, 'to_agent')}"
        if parent.root.waits:
            self.watch.decided(parent)
        run = self.watch.begin(key, name, parent)
        if run.frame is not None:
            run.frame.set_payload(tool_payload(args=args))

    @quiet("llama_index.exit")
    def exit(self, key: str, result: Any) -> None:
        """End a span well; a tool may say itself that it has failed."""
        output = field(result, "tool_output")
        if output is None:
            nodes = len(result) if isinstance(result, list) else None
            run = self.watch.find(key)
            # A tool that waits for an answer is left without a result, and called anew when it has come.
            waits = run is not None and run.parent is not None and run.root.waits
            self.watch.end(key, Paused() if waits else None, {"documents": nodes} if nodes is not None else None)
            return
        text = preview(field(output, "content"))
        if field(output, "is_error"):
            self.watch.end(key, failure("ToolError", text or "the tool failed"))
        else:
            self.watch.end(key, None, {"result": text} if text else None)

    @quiet("llama_index.drop")
    def drop(self, key: str, error: Any) -> None:
        """End a span badly, or as waiting where it waits for somebody's answer."""
        call = self._calls.pop(key, None)
        if call is not None:
            call.end(error=error)
        run = self.watch.find(key)
        if run is not None and "Waiting" in type(error).__name__:
            self.watch.pause(run, "waits for an answer")
            error = Paused()
        self.watch.end(key, error)

    # -- models --------------------------------------------------------------------------

    @quiet("llama_index.event")
    def handle(self, event: Any) -> None:
        """Take in an event of a model's."""
        kind = type(event).__name__
        if kind in _STARTS:
            self._begin_call(event)
        elif kind in _PIECES:
            call = self._calls.get(event.span_id)
            if call is not None:
                call.metadata["stream"] = True
                call.unhide()
        elif kind in _ENDS:
            call = self._calls.pop(event.span_id, None)
            if call is not None:
                self._answered(call, event.response)

    def _begin_call(self, event: Any) -> None:
        # A completion by a model that chats, and a stream, are told twice: once is enough.
        if is_inside_call() or event.span_id in self._calls:
            return
        run = self.watch.find(event.span_id)
        messages = field(event, "messages")
        asked = preview(field(messages[-1], "content")) if messages else preview(field(event, "prompt"))
        name = (run.data or run.root.name) if run is not None else "llm"
        call = self.watch.call(str(name), field(event.model_dict, "model"), asked, run)
        self._calls[event.span_id] = call
        call.hide_inner()

    def _answered(self, call: Call, response: Any) -> None:
        raw = field(response, "raw")
        usage = _usage.of_openai(field(raw, "usage"))
        if usage is not None:
            usage = usage.known_of_stream()
        message = field(response, "message")
        call.end(
            usage,
            model=field(raw, "model"),
            response=preview(field(message, "content")) or preview(field(response, "text")) or _tools_of(message),
            response_id=field(raw, "id"),
        )


def _is_runner(instance: Any) -> bool:
    return any(base.__name__ in _RUNNERS for base in type(instance).__mro__)


def _tools_of(message: Any) -> str | None:
    calls = [block for block in field(message, "blocks") or () if field(block, "block_type") == "tool_call"]
    names = [str(field(block, "tool_name")) for block in calls]
    return f"→ {', '.join(names)}" if names else None


_handlers: tuple[Any, Any] | None = None


def _make_handlers() -> tuple[Any, Any]:
    from llama_index.core.instrumentation.event_handlers import BaseEventHandler
    from llama_index.core.instrumentation.span_handlers import BaseSpanHandler

    class HiveEvents(BaseEventHandler):  # type: ignore[misc]
        """Passes on events."""

        def handle(self, event: Any, **_: Any) -> None:
            """Pass on an event."""
            if _listening is not None:
                _listening.handle(event)

    class HiveSpans(BaseSpanHandler):  # type: ignore[misc]
        """Passes on spans."""

        def span_enter(
            self, id_: str, bound_args: Any, instance: Any = None, parent_id: Any = None, tags: Any = None, **_: Any
        ) -> None:
            """Pass on a beginning."""
            if _listening is not None:
                _listening.enter(id_, bound_args.arguments, instance, parent_id)

        def span_exit(self, id_: str, bound_args: Any, instance: Any = None, result: Any = None, **_: Any) -> None:
            """Pass on an end."""
            if _listening is not None:
                _listening.exit(id_, result)

        def span_drop(self, id_: str, bound_args: Any, instance: Any = None, err: Any = None, **_: Any) -> None:
            """Pass on a bad end."""
            if _listening is not None:
                _listening.drop(id_, err)

        def new_span(self, *_: Any, **__: Any) -> None:
            """Make none: what is open is kept elsewhere."""

        def prepare_to_exit_span(self, *_: Any, **__: Any) -> None:
            """Nothing to do."""

        def prepare_to_drop_span(self, *_: Any, **__: Any) -> None:
            """Nothing to do."""

    return HiveEvents(), HiveSpans()


def install(hb: HiveBoard | None = None, project: str | None = None, agent: Agent | str | None = None) -> Watch:
    """Watch every workflow, engine and model in this process.

    Args:
        hb: The connection; by default the one that `hiveloop.init` has made.
        project: The project of the tasks.
        agent: The agent whose runs they are, or its name; by default the workflow's or engine's name.

    Returns:
        What is watched.
    """
    global _handlers, _listening
    try:
        from llama_index.core.instrumentation import get_dispatcher
    except ImportError as error:
        raise HiveLoopIntegrationError(
            "LlamaIndex is not installed, or older than its dispatcher: pip install 'llama-index-core>=0.12'"
        ) from error
    uninstall()
    watch = Watch("llama-index", hb, project, agent)
    if _handlers is None:
        handlers = _make_handlers()
        dispatcher = get_dispatcher()
        dispatcher.add_event_handler(handlers[0])
        dispatcher.add_span_handler(handlers[1])
        # The dispatcher has no way to take them away: they stay, and do nothing when switched off.
        _handlers = handlers
    _listening = _Listening(watch)
    return watch


def uninstall() -> None:
    """Watch no further runs, and end what is still open."""
    global _listening
    listening, _listening = _listening, None
    if listening is not None:
        listening.watch.close()
