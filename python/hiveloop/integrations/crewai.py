"""CrewAI: crews and flows become tasks; their tasks, agents and tools become actions; models' answers become calls.

>>> from hiveloop.integrations.crewai import CrewAICallback  # doctest: +SKIP
>>> callback = CrewAICallback(hb, project="my-project")  # doctest: +SKIP
>>> crew = Crew(agents=[...], tasks=[...], callbacks=[callback])  # doctest: +SKIP

Making the callback is what switches it on; handing it to a crew says the same again.
"""

from __future__ import annotations

import functools
import inspect

from hiveloop._errors import HiveLoopIntegrationError
from hiveloop._tools import tool_payload
from hiveloop.integrations import _usage
from hiveloop.integrations._faults import quiet
from hiveloop.integrations._names import field, last_message, preview
from hiveloop.integrations._watch import Handler, Watch, failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hiveloop._agent import Agent
    from hiveloop._client import HiveBoard
    from hiveloop.integrations._calls import Call
    from hiveloop.integrations._watch import Run

_STARTS = {
    "crew_kickoff_started": "_crew",
    "flow_started": "_flow",
    "method_execution_started": "_method",
    "task_started": "_task",
    "agent_execution_started": "_agent",
    "lite_agent_execution_started": "_agent",
    "tool_usage_started": "_tool",
    "llm_call_started": "_call",
}
_CALL_ENDS = ("llm_call_completed", "llm_call_failed")
_ENDINGS = ("_completed", "_finished", "_failed", "_error")
_ASKS = ("human_feedback_requested", "flow_input_requested", "method_execution_paused", "flow_paused")
_ANSWERS = ("human_feedback_received", "flow_input_received")
_PLAN_STEPS = {"plan_step_started": "started", "plan_step_completed": "completed"}
_NO_NAMES = ("crew", "")
# The flow by which an agent runs itself.
_INNER_FLOWS = ("AgentExecutor",)
_REFUSALS = ("rejected", "reject", "no", "denied")


class CrewAICallback(Handler):
    """Listens to everything that CrewAI does in this process; a later one takes the place of an earlier.

    The framework calls listeners on a pool of threads, in no order. So this one listens where events are emitted: in
    order, and in the context of what they tell of.

    Args:
        hb: The connection; by default the one that `hiveloop.init` has made.
        project: The project of the tasks.
        agent: The agent whose runs they are, or its name; by default the crew's or the flow's name, if it has one,
            else the program's.
    """

    def __init__(
        self, hb: HiveBoard | None = None, project: str | None = None, agent: Agent | str | None = None
    ) -> None:
        self.watch = Watch("crewai", hb, project, agent)
        self._calls: dict[str, Call] = {}
        _listen(self)

    def __call__(self, *_: Any, **__: Any) -> None:
        """Do nothing: what a crew tells its callbacks is known already."""

    @quiet("crewai.event")
    def heard(self, event: Any) -> None:
        """Take in one event.

        Args:
            event: One of `crewai.events`.
        """
        kind = event.type
        start = _STARTS.get(kind)
        if start is not None:
            getattr(self, start)(event)
        elif kind in _CALL_ENDS:
            self._call_ended(event, kind)
        elif kind in _ASKS:
            self._asked(event)
        elif kind in _ANSWERS:
            self._answered(event)
        elif kind in _PLAN_STEPS:
            self._plan_step(event, kind)
        elif kind.endswith("_started"):
            parent = self._parent(event)
            if parent is not None:
                self.watch.begin(event.event_id, kind, parent, kind="plain")
        elif kind.endswith(_ENDINGS):
            self._ended(event, kind)

    def _parent(self, event: Any) -> Run | None:
        return self.watch.find(event.parent_event_id)

    def _crew(self, event: Any) -> None:
        given = event.crew_name or ""
        name = given if given not in _NO_NAMES else None
        self.watch.begin(event.event_id, name or "crew", self._parent(event), agent_name=name)

    def _flow(self, event: Any) -> None:
        parent = self._parent(event)
        name = event.flow_name
        if name in _INNER_FLOWS:
            if parent is not None:
                self.watch.begin(event.event_id, name, parent, kind="plain").data = "inner"
            return
        self.watch.begin(event.event_id, name, parent, agent_name=name)

    def _method(self, event: Any) -> None:
        parent = self._parent(event)
        if parent is None:
            return
        is_inner = parent.data == "inner"
        run = self.watch.begin(event.event_id, event.method_name, parent, kind="plain" if is_inner else "action")
        run.data = parent.data

    def _task(self, event: Any) -> None:
        task = event.task
        name = field(task, "name") or event.task_name or field(task, "description") or "task"
        self.watch.begin(event.event_id, str(name).strip()[:80], self._parent(event))

    def _agent(self, event: Any) -> None:
        agent = field(event, "agent")
        role = field(agent, "role") or field(field(event, "agent_info"), "role") or event.agent_role or "agent"
        name = str(role).strip()
        parent = self._parent(event)
        if parent is not None:
            self.watch.note_retry(parent, name)
        self.watch.begin(event.event_id, name, parent, agent_name=name)

    def _tool(self, event: Any) -> None:
        args = event.tool_args
        name = event.tool_name
        coworker = field(args, "coworker") if isinstance(args, dict) else None
        if coworker and name.replace(" ", "_").lower().startswith("delegate_work"):
            name = f"handoff:{str(event.agent_role or '').strip()}→{coworker}"
        run = self.watch.begin(event.event_id, name, self._parent(event))
        if run.frame is not None and run.kind == "action":
            run.frame.set_payload(tool_payload(args=args if isinstance(args, dict) else preview(args)))

    # -- models --------------------------------------------------------------------------

    def _call(self, event: Any) -> None:
        parent = self._parent(event)
        name = str(event.agent_role or "llm").strip()
        call = self.watch.call(name, event.model, last_message(event.messages), parent)
        if event.stream:
            call.metadata["stream"] = True
        self._calls[event.call_id] = call
        if len(self._calls) > 1000:
            del self._calls[next(iter(self._calls))]
        if parent is not None:
            # So that its end closes the call, should nobody tell of that.
            self.watch.begin(event.event_id, name, parent, kind="plain").data = call
        call.hide_inner()

    def _call_ended(self, event: Any, kind: str) -> None:
        self.watch.end(event.started_event_id)
        call = self._calls.pop(event.call_id, None)
        if call is None:
            return
        if kind == "llm_call_failed":
            call.end(error=failure("LLMCallFailed", event.error))
            return
        usage = _usage.of_openai(event.usage)
        if usage is not None and call.metadata.get("stream"):
            usage = usage.known_of_stream()
        response = event.response
        text = preview(response if isinstance(response, str) else field(response, "content"))
        call.end(usage, response=text, response_id=field(event, "response_id"))

    # -- ends, people, plans -------------------------------------------------------------

    def _ended(self, event: Any, kind: str) -> None:
        key = event.started_event_id
        if key is None:
            return
        error = field(event, "error") if kind.endswith(("_failed", "_error")) else None
        fault = field(event, "failure")
        if error is None and fault is not None:
            error = field(fault, "message", fault)
        if error is not None and not isinstance(error, BaseException):
            named = field(event, "error_type")
            error = failure(getattr(named, "__name__", "Exception"), str(error))
        output = event.output if kind == "tool_usage_finished" else None
        self.watch.end(key, error, None if output is None else {"result": preview(str(output))})

    def _asked(self, event: Any) -> None:
        run = self._parent(event) or self.watch.latest()
        if run is not None:
            self.watch.pause(run, event.message or "waits for feedback", field(event, "flow_id"))

    def _answered(self, event: Any) -> None:
        run = self._parent(event) or self.watch.latest()
        if run is not None:
            outcome = str(field(event, "outcome") or "").lower()
            words = preview(field(event, "feedback") or field(event, "response"))
            self.watch.decided(run, "rejected" if outcome in _REFUSALS else "approved", words)

    def _plan_step(self, event: Any, kind: str) -> None:
        run = self._parent(event) or self.watch.latest()
        if run is None or run.task is None:
            return
        status = _PLAN_STEPS[kind]
        if status == "completed" and not event.success:
            status = "failed"
        run.task.plan_step(event.step_number, status, event.step_description)


_listener: CrewAICallback | None = None
_undo: list[tuple[Any, str, Any]] = []


def _listen(callback: CrewAICallback) -> None:
    global _listener
    try:
        from crewai.events.base_events import BaseEvent
        from crewai.events.event_bus import CrewAIEventsBus
    except ImportError as error:
        raise HiveLoopIntegrationError(
            "CrewAI is not installed, or older than its event bus: pip install 'crewai>=1.0'"
        ) from error
    emit = getattr(CrewAIEventsBus, "emit", None)
    if emit is None or not {"parent_event_id", "started_event_id"} <= set(BaseEvent.model_fields):
        raise HiveLoopIntegrationError("this version of CrewAI has other events: update hiveloop, or use OpenTelemetry")
    if _listener is not None:
        uninstall()
    _listener = callback
    if _undo:
        return
    for name in ("emit", "aemit"):
        original = getattr(CrewAIEventsBus, name, None)
        if original is not None:
            setattr(CrewAIEventsBus, name, _telling(original))
            _undo.append((CrewAIEventsBus, name, original))


def _telling(original: Any) -> Any:
    if inspect.iscoroutinefunction(original):

        @functools.wraps(original)
        async def aemit(bus: Any, source: Any, event: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                return await original(bus, source, event, *args, **kwargs)
            finally:
                if _listener is not None:
                    _listener.heard(event)

        return aemit

    @functools.wraps(original)
    def emit(bus: Any, source: Any, event: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return original(bus, source, event, *args, **kwargs)
        finally:
            if _listener is not None:
                _listener.heard(event)

    return emit


def install(
    hb: HiveBoard | None = None, project: str | None = None, agent: Agent | str | None = None
) -> CrewAICallback:
    """Watch every crew and flow in this process.

    Args:
        hb: The connection; by default the one that `hiveloop.init` has made.
        project: The project of the tasks.
        agent: The agent whose runs they are, or its name.

    Returns:
        The listener.
    """
    return CrewAICallback(hb, project, agent)


def uninstall() -> None:
    """Listen no more, and end what is still open."""
    global _listener
    listener, _listener = _listener, None
    for owner, name, original in _undo:
        if getattr(getattr(owner, name), "__wrapped__", None) is original:
            setattr(owner, name, original)
    _undo.clear()
    if listener is not None:
        listener.watch.close()
