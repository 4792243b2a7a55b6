"""Pydantic AI: runs become tasks, agents and tools inside of them actions, models' answers calls.

>>> from hiveloop.integrations.pydantic_ai import HiveCapability  # doctest: +SKIP
>>> agent = Agent("openai:gpt-5", name="forecaster", capabilities=[HiveCapability(hb)])  # doctest: +SKIP

or, for every agent of the process, `install` once.
"""

from __future__ import annotations

from hiveloop._errors import HiveLoopIntegrationError
from hiveloop._tools import tool_payload
from hiveloop.integrations import _usage
from hiveloop.integrations._faults import quiet
from hiveloop.integrations._names import field, preview
from hiveloop.integrations._watch import Handler, Paused, Watch, Within
from hiveloop.integrations._wrapping import Wrapping

try:
    from pydantic_ai import Agent as _PydanticAgent
    from pydantic_ai.capabilities import AbstractCapability
except ImportError as error:
    raise HiveLoopIntegrationError(
        "Pydantic AI is not installed, or older than its capabilities: pip install 'pydantic-ai-slim>=2'"
    ) from error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hiveloop._agent import Agent
    from hiveloop._client import HiveBoard
    from hiveloop.integrations._calls import Call
    from hiveloop.integrations._watch import Run

_HOOKS = ("wrap_run", "wrap_model_request", "wrap_tool_execute")
# What a tool raises to ask a person, or to leave its work to somebody else.
_DEFERRALS = ("ApprovalRequired", "CallDeferred")


class HiveCapability(Handler, AbstractCapability):  # type: ignore[misc]
    """A capability for `Agent(capabilities=[...])` that tells of its runs.

    Args:
        hb: The connection; by default the one that `hiveloop.init` has made.
        project: The project of the tasks.
        agent: The agent whose runs they are, or its name; by default the `name` of Pydantic AI's.
    """

    def __init__(
        self, hb: HiveBoard | None = None, project: str | None = None, agent: Agent | str | None = None
    ) -> None:
        missing = [name for name in _HOOKS if not hasattr(AbstractCapability, name)]
        if missing:
            raise HiveLoopIntegrationError(
                f"this version of Pydantic AI has no {', '.join(missing)}: update hiveloop, or use OpenTelemetry"
            )
        self.watch = Watch("pydantic-ai", hb, project, agent)

    async def wrap_run(self, ctx: Any, *, handler: Any) -> Any:
        """Tell of a run."""
        run = self._begin_run(ctx)
        if run is None:
            return await handler()
        try:
            with Within(self.watch, run):
                result = await handler()
        except BaseException as error:
            self._end(run.key, error)
            raise
        self._end_run(run, ctx, result)
        return result

    @quiet("pydantic_ai.run")
    def _begin_run(self, ctx: Any) -> Run | None:
        if self.watch.find(ctx.run_id) is not None:
            # Both the agent and the process have the capability: once is enough.
            return None
        name = field(ctx.agent, "name") or "agent"
        conversation = field(ctx, "conversation_id")
        run = self.watch.begin(
            ctx.run_id,
            name,
            self.watch.current(),
            agent_name=name if name != "agent" else None,
            correlation_id=conversation,
            thread=conversation,
            current=False,
        )
        run.data = {}
        if run.waits:
            self.watch.decided(run)
        return run

    @quiet("pydantic_ai.run")
    def _end_run(self, run: Run, ctx: Any, result: Any) -> None:
        output = field(result, "output")
        if type(output).__name__ == "DeferredToolRequests":
            calls = [*(field(output, "approvals") or ()), *(field(output, "calls") or ())]
            names = ", ".join(str(field(call, "tool_name")) for call in calls)
            self.watch.pause(run, f"waits for a decision on {names}", field(ctx, "conversation_id"))
        self.watch.end(run.key)

    @quiet("pydantic_ai.end")
    def _end(self, key: Any, error: Any = None, payload: dict[str, Any] | None = None) -> None:
        self.watch.end(key, error, payload)

    async def wrap_model_request(self, ctx: Any, *, request_context: Any, handler: Any) -> Any:
        """Tell of a call of a model."""
        call = self._begin_call(ctx, request_context)
        if call is None:
            return await handler(request_context)
        call.hide_inner()
        try:
            response = await handler(request_context)
        except BaseException as error:
            quiet("pydantic_ai.model")(call.end)(error=error)
            raise
        self._answered(call, request_context, response)
        return response

    @quiet("pydantic_ai.model")
    def _begin_call(self, ctx: Any, request: Any) -> Call | None:
        run = self.watch.find(ctx.run_id)
        if run is None or ("call" in run.data and not run.data["call"].done):
            return None
        model = field(field(request, "model"), "model_name")
        call = self.watch.call(run.name, model, _asked(field(request, "messages")), run)
        run.data["call"] = call
        return call

    @quiet("pydantic_ai.model")
    def _answered(self, call: Call, request: Any, response: Any) -> None:
        usage = _usage.of_pydantic_ai(field(response, "usage"))
        if usage is not None:
            # Of models that count nothing it says 0, streamed or not.
            usage = usage.known_of_stream()
        if field(request, "streaming"):
            call.metadata["stream"] = True
        parts = field(response, "parts") or ()
        texts = [field(part, "content") for part in parts if field(part, "part_kind") == "text"]
        tools = [str(part.tool_name) for part in parts if field(part, "part_kind") == "tool-call"]
        call.end(
            usage,
            model=field(response, "model_name"),
            response=preview(texts) or (f"→ {', '.join(tools)}" if tools else None),
            response_id=field(response, "provider_response_id"),
        )

    async def wrap_tool_execute(self, ctx: Any, *, call: Any, tool_def: Any, args: Any, handler: Any) -> Any:
        """Tell of a tool."""
        run = self._begin_tool(ctx, call, args)
        if run is None:
            return await handler(args)
        try:
            with Within(self.watch, run):
                result = await handler(args)
        except BaseException as error:
            is_deferred = type(error).__name__ in _DEFERRALS
            self._end(run.key, Paused() if is_deferred else getattr(error, "__cause__", None) or error)
            raise
        text = preview(result if isinstance(result, (str, list)) else str(result))
        self._end(run.key, None, {"result": text} if text else None)
        return result

    @quiet("pydantic_ai.tool")
    def _begin_tool(self, ctx: Any, call: Any, args: Any) -> Run | None:
        parent = self.watch.find(ctx.run_id)
        key = (ctx.run_id, call.tool_call_id)
        if parent is None or self.watch.find(key) is not None:
            return None
        if ctx.retry:
            self.watch.retry(parent, f"{call.tool_name}: another attempt", attempt=ctx.retry)
        name = call.tool_name
        if name.startswith(("transfer_to_", "handoff_to_")):
            name = f"handoff:{parent.name}→{name.partition('_to_')[2]}"
        run = self.watch.begin(key, name, parent, current=False)
        if run.frame is not None:
            run.frame.set_payload(tool_payload(args=args if isinstance(args, dict) else preview(args)))
        return run


def _asked(messages: Any) -> str | None:
    """Preview what a model is asked last."""
    for message in reversed((messages or [])[-3:]):
        for part in reversed(field(message, "parts") or ()):
            if field(part, "part_kind") in ("user-prompt", "tool-return", "retry-prompt"):
                content = field(part, "content")
                return preview(content if isinstance(content, (str, list)) else str(content))
    return None


_wrapping = Wrapping("pydantic_ai.install")
_installed: HiveCapability | None = None


def install(
    hb: HiveBoard | None = None, project: str | None = None, agent: Agent | str | None = None
) -> HiveCapability:
    """Watch every run of every agent in this process.

    Args:
        hb: The connection; by default the one that `hiveloop.init` has made.
        project: The project of the tasks.
        agent: The agent whose runs they are, or its name.

    Returns:
        The capability that every run is given.
    """
    import inspect

    global _installed
    if "iter" not in vars(_PydanticAgent) or "capabilities" not in inspect.signature(_PydanticAgent.iter).parameters:
        raise HiveLoopIntegrationError(
            "this version of Pydantic AI takes no capabilities for a run: give them to each agent"
        )
    uninstall()
    capability = _installed = HiveCapability(hb, project, agent)

    def wrap(original: Any) -> Any:
        def iterate(self: Any, *args: Any, **kwargs: Any) -> Any:
            if _installed is not None:
                kwargs["capabilities"] = [*(kwargs.get("capabilities") or ()), _installed]
            return original(self, *args, **kwargs)

        return iterate

    _wrapping.put(_PydanticAgent, "iter", wrap)
    return capability


def uninstall() -> None:
    """Watch no further runs, and end what is still open."""
    global _installed
    capability, _installed = _installed, None
    _wrapping.take_away()
    if capability is not None:
        capability.watch.close()
