"""The OpenAI Agents SDK: runs become tasks; agents, tools and hand-offs inside of them actions; models' answers calls.

>>> from hiveloop.integrations import openai_agents  # doctest: +SKIP
>>> openai_agents.install(hb, project="my-project")  # doctest: +SKIP
"""

from __future__ import annotations

import json
from contextvars import ContextVar

from hiveloop._errors import HiveLoopIntegrationError
from hiveloop._tools import tool_payload
from hiveloop.integrations import _usage
from hiveloop.integrations._faults import quiet
from hiveloop.integrations._names import field, last_message, preview
from hiveloop.integrations._watch import Cancelled, Handler, Paused, Watch, failure
from hiveloop.integrations._wrapping import Wrapping

try:
    from agents.tracing import TracingProcessor, add_trace_processor
except ImportError as error:
    raise HiveLoopIntegrationError(
        "the OpenAI Agents SDK is not installed: pip install 'openai-agents>=0.2'"
    ) from error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hiveloop._agent import Agent
    from hiveloop._client import HiveBoard
    from hiveloop.integrations._calls import Call
    from hiveloop.integrations._watch import Run

# The name of a trace that nobody has named: then its first agent's name says more.
_UNNAMED = "Agent workflow"
_MODELS = ("ResponseSpanData", "GenerationSpanData")
# Steps of the runner's own, which are not shown; what is inside of them is.
_STEPS = ("TaskSpanData", "TurnSpanData")
_MOST_TRACES = 1_000


class _Began:
    """What has begun inside of one call of the runner, which ends it."""

    def __init__(self) -> None:
        self.roots: list[Run] = []


_runner: ContextVar[_Began | None] = ContextVar("hiveloop_openai_agents", default=None)


class HiveProcessor(Handler, TracingProcessor):  # type: ignore[misc]
    """A trace processor, beside the SDK's own.

    Args:
        hb: The connection; by default the one that `hiveloop.init` has made.
        project: The project of the tasks.
        agent: The agent whose runs they are, or its name; by default the first agent's of a run.
    """

    def __init__(
        self, hb: HiveBoard | None = None, project: str | None = None, agent: Agent | str | None = None
    ) -> None:
        self.watch = Watch("openai-agents", hb, project, agent)
        self.is_on = True
        self._groups: dict[str, str | None] = {}

    # -- traces --------------------------------------------------------------------------

    @quiet("openai_agents.on_trace_start")
    def on_trace_start(self, trace: Any) -> None:
        """Begin a task for a trace that the program has named; of others the first agent says what they are."""
        if not self.is_on:
            return
        self._groups[trace.trace_id] = field(trace, "group_id")
        if len(self._groups) > _MOST_TRACES:
            del self._groups[next(iter(self._groups))]
        if trace.name != _UNNAMED:
            self._begin_root(trace.trace_id, trace.name)

    def _begin_root(self, trace_id: str, name: str) -> Run:
        run = self.watch.begin(
            trace_id, name, agent_name=name, correlation_id=self._groups.get(trace_id), thread=trace_id
        )
        run.data = {"error": None, "lingering": []}
        if run.waits:
            self.watch.decided(run)
        began = _runner.get()
        if began is not None:
            began.roots.append(run)
        return run

    @quiet("openai_agents.on_trace_end")
    def on_trace_end(self, trace: Any) -> None:
        """End a task whose trace the program has begun; others end with the runner's call."""
        began = _runner.get()
        run = self.watch.find(trace.trace_id)
        if run is not None and (began is None or run not in began.roots):
            self.end_root(run, run.data["error"])

    def end_root(self, run: Run, error: Any, interruptions: Any = None) -> None:
        """End a task.

        Args:
            run: The run.
            error: What the runner's call ended by.
            interruptions: What waits for a person's decision.
        """
        names = [
            str(field(item, "tool_name") or field(field(item, "raw_item"), "name")) for item in interruptions or ()
        ]
        if names:
            self.watch.pause(run, f"waits for a decision on {', '.join(names)}", run.key)
        self._let_go(run, Paused() if names else None)
        self.watch.end(run.key, error)

    def _let_go(self, root: Run, how: BaseException | None = None) -> None:
        """End tools that gave nothing: only what comes next tells whether they ran, or wait for a decision."""
        lingering, root.data["lingering"] = root.data["lingering"], []
        for key in lingering:
            self.watch.end(key, how)

    # -- spans ---------------------------------------------------------------------------

    @quiet("openai_agents.on_span_start")
    def on_span_start(self, span: Any) -> None:
        """Begin an action or a call."""
        if not self.is_on:
            return
        data, key = span.span_data, span.span_id
        kind = type(data).__name__
        root = self.watch.find(span.trace_id)
        if root is None:
            if kind == "AgentSpanData":
                self.watch.begin(key, data.name, self._begin_root(span.trace_id, data.name), kind="plain")
            return
        parent = self.watch.find(span.parent_id) or root
        if kind in _MODELS:
            self._let_go(root)
            self._begin_call(span, data, parent)
        elif kind in ("AgentSpanData", "FunctionSpanData"):
            self.watch.begin(key, data.name, parent)
        elif kind in _STEPS:
            self.watch.begin(key, kind, parent, kind="plain")

    def _begin_call(self, span: Any, data: Any, parent: Run) -> None:
        self.watch.note_retry(parent, "model")
        name = next((run.name for run in _outwards(parent) if run.name not in _STEPS), "model")
        asked = field(data, "input")
        call = self.watch.call(name, field(data, "model"), last_message(asked), parent)
        self.watch.begin(span.span_id, "model", parent, kind="plain").data = call
        call.hide_inner()

    @quiet("openai_agents.on_span_end")
    def on_span_end(self, span: Any) -> None:
        """End an action or a call."""
        data, key = span.span_data, span.span_id
        kind = type(data).__name__
        run = self.watch.find(key)
        error = _error_of(span)
        if kind == "HandoffSpanData":
            self._handed_over(span, data)
        elif kind == "GuardrailSpanData" and field(data, "triggered"):
            self._stopped(span, data)
        elif run is None:
            return
        elif kind in _MODELS:
            self.watch.end(key, error)
            self._answered(run.data, data, error)
        elif kind == "FunctionSpanData":
            self._tool_ended(run, data, error)
        else:
            if kind == "AgentSpanData" and error is not None and run.root.data is not None:
                run.root.data["error"] = error
            self.watch.end(key, error)

    def _tool_ended(self, run: Run, data: Any, error: Any) -> None:
        if run.frame is not None:
            run.frame.set_payload(tool_payload(args=_parsed(data.input), result=preview(_text(data.output))))
        if error is None and data.output is None and run.root.data is not None:
            run.root.data["lingering"].append(run.key)
            if run.parent is not None and run.frame is not None:
                # It outlives the turn.
                run.parent.children.pop(run.key, None)
                run.frame.suspend()
            return
        self.watch.end(run.key, error)

    def _answered(self, call: Call, data: Any, error: Any) -> None:
        if error is not None:
            call.end(error=error)
            return
        response = field(data, "response")
        usage = _usage.of_openai(field(response, "usage") or field(data, "usage"))
        # Of streamed calls that nobody has counted it says 0.
        usage = usage.known_of_stream() if usage is not None else None
        call.end(
            usage,
            model=field(response, "model") or field(data, "model"),
            response=_said(field(response, "output") or field(data, "output")),
            response_id=field(response, "id"),
        )

    def _handed_over(self, span: Any, data: Any) -> None:
        parent = self.watch.find(span.parent_id) or self.watch.find(span.trace_id)
        if parent is not None:
            self.watch.begin(span.span_id, f"handoff:{data.from_agent}→{data.to_agent}", parent)
            self.watch.end(span.span_id)

    def _stopped(self, span: Any, data: Any) -> None:
        parent = self.watch.find(span.parent_id) or self.watch.find(span.trace_id)
        if parent is not None:
            self.watch.begin(span.span_id, f"guardrail:{data.name}", parent)
            self.watch.end(span.span_id, failure("GuardrailTripped", f"{data.name} was triggered"))

    def shutdown(self) -> None:
        """Nothing to do: the client ends with the program."""

    def force_flush(self) -> None:
        """Nothing to do: the client sends by itself."""


def _outwards(run: Run | None) -> Any:
    while run is not None:
        yield run
        run = run.parent


def _error_of(span: Any) -> Exception | None:
    told = field(span, "error")
    if told is None:
        return None
    message = field(told, "message") or "failed"
    more = field(field(told, "data"), "error")
    return failure("AgentsError", f"{message}: {more}" if more else str(message))


def _parsed(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return preview(text)


def _text(value: Any) -> Any:
    return value if value is None or isinstance(value, str) else str(value)


def _said(output: Any) -> str | None:
    if not isinstance(output, (list, tuple)):
        return preview(output)
    for item in output:
        if field(item, "output"):
            # A streamed chat is told as a response.
            return _said(field(item, "output"))
        text = preview(field(item, "content"))
        if text:
            return text
        names = [
            field(item, "name"),
            *(field(field(call, "function"), "name") for call in field(item, "tool_calls") or ()),
        ]
        found = [str(name) for name in names if name]
        if found:
            return f"→ {', '.join(found)}"
    return None


_processor: HiveProcessor | None = None
_wrapping = Wrapping("openai_agents.install")


def _wrap_run(original: Any) -> Any:
    async def run(self: Any, *args: Any, **kwargs: Any) -> Any:
        began = _Began()
        token = _runner.set(began)
        result: Any = None
        error: Any = None
        try:
            result = await original(self, *args, **kwargs)
        except BaseException as raised:
            error = raised
            raise
        finally:
            _runner.reset(token)
            _finish(began, error, field(result, "interruptions"))
        return result

    return run


def _wrap_streamed(original: Any) -> Any:
    def run_streamed(self: Any, *args: Any, **kwargs: Any) -> Any:
        began = _Began()
        token = _runner.set(began)
        try:
            result = original(self, *args, **kwargs)
        except BaseException as raised:
            _finish(began, raised)
            raise
        finally:
            _runner.reset(token)
        _when_done(result, began)
        return result

    return run_streamed


@quiet("openai_agents.streamed")
def _when_done(result: Any, began: _Began) -> None:
    task = getattr(result, "run_loop_task", None) or getattr(result, "_run_impl_task", None)

    def done(task: Any) -> None:
        error = Cancelled() if task.cancelled() else task.exception()
        if error is None:
            error = next((run.data["error"] for run in began.roots if run.data["error"] is not None), None)
        _finish(began, error, field(result, "interruptions"))

    if task is None:
        _finish(began)
    else:
        task.add_done_callback(done)


@quiet("openai_agents.finish")
def _finish(began: _Began, error: Any = None, interruptions: Any = None) -> None:
    processor = _processor
    for run in began.roots:
        if processor is not None and processor.watch.find(run.key) is run:
            processor.end_root(run, error, interruptions)


def install(hb: HiveBoard | None = None, project: str | None = None, agent: Agent | str | None = None) -> HiveProcessor:
    """Watch every run in this process.

    The SDK's own exporter goes on. Runs whose tracing is switched off are not seen.

    Args:
        hb: The connection; by default the one that `hiveloop.init` has made.
        project: The project of the tasks.
        agent: The agent whose runs they are, or its name.

    Returns:
        The trace processor.
    """
    global _processor
    try:
        from agents.run import AgentRunner
    except ImportError as error:
        raise HiveLoopIntegrationError("this version of the OpenAI Agents SDK has no AgentRunner") from error
    if not {"run", "run_streamed"} <= set(vars(AgentRunner)):
        raise HiveLoopIntegrationError(
            "this version of the OpenAI Agents SDK runs another way: update hiveloop, or use OpenTelemetry"
        )
    uninstall()
    _processor = HiveProcessor(hb, project, agent)
    add_trace_processor(_processor)
    _wrapping.put(AgentRunner, "run", _wrap_run)
    _wrapping.put(AgentRunner, "run_streamed", _wrap_streamed)
    return _processor


def uninstall() -> None:
    """Watch no further runs, and end what is still open."""
    global _processor
    processor, _processor = _processor, None
    _wrapping.take_away()
    if processor is not None:
        # The SDK has no way to take a processor away: it stays, and does nothing.
        processor.is_on = False
        processor.watch.close()
