"""Google's Agent Development Kit: runs become tasks; agents and tools inside of them actions; models' answers calls.

>>> from hiveloop.integrations.google_adk import HivePlugin  # doctest: +SKIP
>>> runner = Runner(agent=agent, app_name="desk", session_service=sessions, plugins=[HivePlugin(hb)])  # doctest: +SKIP

or, for every runner of the process, `install` once.
"""

from __future__ import annotations

import inspect
import itertools
from contextvars import ContextVar

from hiveloop._errors import HiveLoopIntegrationError
from hiveloop._tools import tool_payload
from hiveloop.integrations import _usage
from hiveloop.integrations._faults import quiet
from hiveloop.integrations._names import field, preview
from hiveloop.integrations._watch import Cancelled, Handler, Watch, failure
from hiveloop.integrations._wrapping import Wrapping
from hiveloop.integrations.google_genai import asked, said

try:
    from google.adk.plugins.base_plugin import BasePlugin
    from google.adk.runners import Runner
except ImportError as error:
    raise HiveLoopIntegrationError("Google ADK is not installed: pip install 'google-adk>=1.7'") from error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Any

    from hiveloop._agent import Agent
    from hiveloop._client import HiveBoard
    from hiveloop.integrations._calls import Call
    from hiveloop.integrations._watch import Run

_HOOKS = ("before_run_callback", "before_agent_callback", "before_model_callback", "before_tool_callback")
_NAME = "hiveloop"
_numbers = itertools.count(1)
# The tool that the running code is inside of: an agent that is a tool runs by a runner of its own.
_tool: ContextVar[Run | None] = ContextVar("hiveloop_adk_tool", default=None)
# The runs that have begun inside of one call of a runner, which sees their end whatever happens.
_began: ContextVar[list[Run] | None] = ContextVar("hiveloop_adk_runs", default=None)


class HivePlugin(Handler, BasePlugin):  # type: ignore[misc]
    """A plugin for `Runner(plugins=[...])` that tells of its runs.

    Args:
        hb: The connection; by default the one that `hiveloop.init` has made.
        project: The project of the tasks.
        agent: The agent whose runs they are, or its name; by default the root agent's name.
    """

    def __init__(
        self, hb: HiveBoard | None = None, project: str | None = None, agent: Agent | str | None = None
    ) -> None:
        missing = [name for name in _HOOKS if not hasattr(BasePlugin, name)]
        if missing or "run_async" not in vars(Runner):
            raise HiveLoopIntegrationError("this version of Google ADK has other plugins: update hiveloop")
        super().__init__(name=_NAME)
        self.watch = Watch("google-adk", hb, project, agent)
        self._calls: dict[Any, Call] = {}
        self._agents: dict[Any, list[Run]] = {}
        if not _watching._undo:
            _watching.put(Runner, "run_async", _wrap_run)

    # -- runs and agents -----------------------------------------------------------------

    async def before_run_callback(self, *, invocation_context: Any) -> None:
        """Begin a task, or an action for an agent that is a tool."""
        self._begin_run(invocation_context)

    @quiet("google_adk.run")
    def _begin_run(self, context: Any) -> None:
        name = field(context.agent, "name") or "agent"
        session = field(field(context, "session"), "id")
        outer = _tool.get()
        parent = outer if outer is not None and self.watch.find(outer.key) is outer else None
        run = self.watch.begin(
            ("run", context.invocation_id),
            name,
            parent,
            agent_name=name,
            correlation_id=session,
            thread=session if parent is None else None,
            current=False,
        )
        run.data = {"session": session, "name": name}
        if run.waits:
            self.watch.decided(run)
        began = _began.get()
        if began is not None:
            began.append(run)

    async def after_run_callback(self, *, invocation_context: Any) -> None:
        """End a task."""
        quiet("google_adk.run")(self.watch.end)(("run", invocation_context.invocation_id))

    async def on_run_error_callback(self, *, invocation_context: Any, error: Exception) -> None:
        """End a task as failed."""
        quiet("google_adk.run")(self.watch.end)(("run", invocation_context.invocation_id), error)

    async def before_agent_callback(self, *, agent: Any, callback_context: Any) -> None:
        """Begin an action for an agent other than the first."""
        self._begin_agent(agent, callback_context)

    @quiet("google_adk.agent")
    def _begin_agent(self, agent: Any, context: Any) -> None:
        invocation = context.invocation_id
        root = self.watch.find(("run", invocation))
        if root is None:
            return
        above = field(field(agent, "parent_agent"), "name")
        parent = self._agent(invocation, above) or root
        is_first = agent.name == root.data["name"] and not self._agents.get((invocation, agent.name))
        key = ("agent", invocation, agent.name, next(_numbers))
        run = self.watch.begin(key, agent.name, parent, kind="plain" if is_first else "action", current=False)
        self._agents.setdefault((invocation, agent.name), []).append(run)

    def _agent(self, invocation: Any, name: Any) -> Run | None:
        runs = self._agents.get((invocation, name))
        return runs[-1] if runs and self.watch.find(runs[-1].key) is runs[-1] else None

    async def after_agent_callback(self, *, agent: Any, callback_context: Any) -> None:
        """End an agent's action."""
        self._end_agent(agent, callback_context, None)

    async def on_agent_error_callback(self, *, agent: Any, callback_context: Any, error: Exception) -> None:
        """End an agent's action as failed."""
        self._end_agent(agent, callback_context, error)

    @quiet("google_adk.agent")
    def _end_agent(self, agent: Any, context: Any, error: Any) -> None:
        key = (context.invocation_id, agent.name)
        runs = self._agents.get(key)
        if runs:
            self.watch.end(runs.pop().key, error)
        if not runs:
            self._agents.pop(key, None)

    # -- models --------------------------------------------------------------------------

    async def before_model_callback(self, *, callback_context: Any, llm_request: Any) -> None:
        """Begin a call of a model."""
        self._begin_call(callback_context, llm_request)

    @quiet("google_adk.model")
    def _begin_call(self, context: Any, request: Any) -> None:
        invocation, name = context.invocation_id, context.agent_name
        run = self._agent(invocation, name) or self.watch.find(("run", invocation))
        call = self.watch.call(name, request.model, asked(request.contents), run)
        self._calls[(invocation, name)] = call
        call.hide_inner()

    async def after_model_callback(self, *, callback_context: Any, llm_response: Any) -> None:
        """Tell of a call that was answered: of a stream, only its whole counts."""
        self._answered(callback_context, llm_response)

    @quiet("google_adk.model")
    def _answered(self, context: Any, response: Any) -> None:
        key = (context.invocation_id, context.agent_name)
        call = self._calls.get(key)
        if call is None:
            return
        if response.partial:
            call.metadata["stream"] = True
            call.unhide()
            return
        del self._calls[key]
        usage = _usage.of_gemini(response.usage_metadata)
        code = field(response, "error_code")
        call.end(
            usage.known_of_stream() if usage is not None else None,
            model=field(response, "model_version"),
            response=said(response.content),
            response_id=field(response, "interaction_id"),
            error=failure("ModelError", f"{code}: {field(response, 'error_message') or ''}") if code else None,
        )

    async def on_model_error_callback(self, *, callback_context: Any, llm_request: Any, error: Exception) -> None:
        """Tell of a call that failed."""
        call = self._calls.pop((callback_context.invocation_id, callback_context.agent_name), None)
        if call is not None:
            quiet("google_adk.model")(call.end)(error=error)

    # -- tools ---------------------------------------------------------------------------

    async def before_tool_callback(self, *, tool: Any, tool_args: Any, tool_context: Any) -> None:
        """Begin an action for a tool."""
        self._begin_tool(tool, tool_args, tool_context)

    @quiet("google_adk.tool")
    def _begin_tool(self, tool: Any, args: Any, context: Any) -> None:
        invocation, name = context.invocation_id, context.agent_name
        parent = self._agent(invocation, name) or self.watch.find(("run", invocation))
        if parent is None:
            return
        shown = tool.name
        if shown == "transfer_to_agent":
            shown = f"handoff:{name}→{field(args, 'agent_name')}"
        run = self.watch.begin(("tool", invocation, context.function_call_id), shown, parent)
        if run.frame is not None:
            run.frame.set_payload(tool_payload(args=args))
        _tool.set(run)

    async def after_tool_callback(self, *, tool: Any, tool_args: Any, tool_context: Any, result: Any) -> None:
        """End a tool's action; a tool may say itself that it has failed."""
        self._end_tool(tool_context, result, None)

    async def on_tool_error_callback(self, *, tool: Any, tool_args: Any, tool_context: Any, error: Exception) -> None:
        """End a tool's action as failed."""
        self._end_tool(tool_context, None, error)

    @quiet("google_adk.tool")
    def _end_tool(self, context: Any, result: Any, error: Any) -> None:
        _tool.set(None)
        words = field(result, "error") if isinstance(result, dict) else None
        if error is None and words:
            error = failure("ToolError", str(words))
        text = preview(result if isinstance(result, str) else str(result)) if result is not None else None
        key = ("tool", context.invocation_id, context.function_call_id)
        self.watch.end(key, error, {"result": text} if text and error is None else None)

    # -- people --------------------------------------------------------------------------

    async def on_event_callback(self, *, invocation_context: Any, event: Any) -> None:
        """Note that a run asks a person."""
        self._asked(invocation_context, event)

    @quiet("google_adk.event")
    def _asked(self, context: Any, event: Any) -> None:
        requested = field(field(event, "actions"), "requested_tool_confirmations")
        run = self.watch.find(("run", context.invocation_id))
        if requested and run is not None:
            hints = [str(field(one, "hint")) for one in requested.values() if field(one, "hint")]
            self.watch.pause(run, "; ".join(hints) or "a tool asks to be confirmed", run.data["session"])


def _wrap_run(original: Any) -> Any:
    def run_async(self: Any, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        return _follow(original(self, *args, **kwargs), self)

    return run_async


async def _follow(events: Any, runner: Any) -> AsyncIterator[Any]:
    """Pass on a runner's events, and end what nobody else ends: what is cancelled, or left by its reader."""
    runs: list[Run] = []
    error: BaseException | None = None
    try:
        while True:
            outer = _began.get()
            _began.set(runs)
            try:
                event = await events.__anext__()
            except StopAsyncIteration:
                return
            finally:
                _began.set(outer)
            yield event
    except BaseException as raised:
        error = raised
        raise
    finally:
        _close(runner, runs, error)
        if inspect.isasyncgen(events):
            await events.aclose()


@quiet("google_adk.close")
def _close(runner: Any, runs: list[Run], error: BaseException | None) -> None:
    plugins = field(field(runner, "plugin_manager"), "plugins") or ()
    for plugin in plugins:
        if isinstance(plugin, HivePlugin):
            for run in runs:
                if plugin.watch.find(run.key) is run:
                    plugin.watch.end(run.key, error if error is not None else Cancelled())


_watching = Wrapping("google_adk.run")
_wrapping = Wrapping("google_adk.install")
_installed: HivePlugin | None = None


def install(hb: HiveBoard | None = None, project: str | None = None, agent: Agent | str | None = None) -> HivePlugin:
    """Give the plugin to every runner that is made from here on.

    Args:
        hb: The connection; by default the one that `hiveloop.init` has made.
        project: The project of the tasks.
        agent: The agent whose runs they are, or its name.

    Returns:
        The plugin.
    """
    global _installed
    uninstall()
    plugin = _installed = HivePlugin(hb, project, agent)

    def wrap(original: Any) -> Any:
        def make(self: Any, *args: Any, **kwargs: Any) -> None:
            original(self, *args, **kwargs)
            quiet("google_adk.install")(_give)(self)

        return make

    _wrapping.put(Runner, "__init__", wrap)
    return plugin


def _give(runner: Any) -> None:
    manager = runner.plugin_manager
    if _installed is not None and not any(isinstance(one, HivePlugin) for one in manager.plugins):
        manager.register_plugin(_installed)


def uninstall() -> None:
    """Give the plugin to no further runner, and end what is still open."""
    global _installed
    plugin, _installed = _installed, None
    _wrapping.take_away()
    if plugin is not None:
        plugin.watch.close()
