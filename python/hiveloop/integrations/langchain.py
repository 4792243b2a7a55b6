"""LangChain and LangGraph: runs become tasks, agents and tools become actions, models' answers become calls.

>>> from hiveloop.integrations.langchain import LangChainCallback  # doctest: +SKIP
>>> callback = LangChainCallback(hb, project="my-project")  # doctest: +SKIP
>>> agent.invoke({"messages": [...]}, config={"callbacks": [callback]})  # doctest: +SKIP

or, for everything that the program runs, `install` once.
"""

from __future__ import annotations

from contextvars import ContextVar

from hiveloop._errors import HiveLoopIntegrationError
from hiveloop._tools import tool_payload
from hiveloop.integrations import _usage
from hiveloop.integrations._faults import quiet
from hiveloop.integrations._names import field, last_message, preview
from hiveloop.integrations._watch import Handler, Paused, Watch, failure

try:
    from langchain_core.callbacks import BaseCallbackHandler
except ImportError as error:
    raise HiveLoopIntegrationError(
        "LangChain is not installed, or older than 0.1: pip install 'langchain-core>=0.2'"
    ) from error
try:
    from langgraph.callbacks import GraphCallbackHandler as _Handler
except ImportError:  # without LangGraph, or before it had hooks of its own
    _Handler = BaseCallbackHandler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hiveloop._agent import Agent
    from hiveloop._client import HiveBoard
    from hiveloop.integrations._calls import Call
    from hiveloop.integrations._watch import Run

_HOOKS = ("on_chain_start", "on_chat_model_start", "on_llm_end", "on_tool_start", "on_tool_error", "on_chain_error")
# Names that classes give to runs which nobody has named.
_UNNAMED = ("Runnable", "LangGraph", "AgentExecutor", "CompiledStateGraph")
_HAND_OFFS = ("transfer_to_", "handoff_to_", "delegate_to_")
# What steers a graph travels as exceptions; only these pause it.
_PAUSES = ("GraphInterrupt", "NodeInterrupt")


def _is_steering(error: BaseException) -> bool:
    return any(base.__name__ == "GraphBubbleUp" for base in type(error).__mro__)


def _is_pause(error: BaseException) -> bool:
    return any(base.__name__ in _PAUSES for base in type(error).__mro__)


# The handler of the run that the code is inside of. A handler that is given to an object (`callbacks=[...]` where an
# agent is made) is told of that object's own run only; through this, what runs inside is told to it as well.
_active: ContextVar[tuple[LangChainCallback, Any] | None] = ContextVar("hiveloop_langchain", default=None)


class _Switch:
    """What LangChain asks for a handler, in every thread and context alike."""

    def __init__(self) -> None:
        self.handler: LangChainCallback | None = None
        self._is_registered = False

    def register(self) -> None:
        """Be asked from now on."""
        if self._is_registered:
            return
        try:
            from langchain_core.tracers.context import register_configure_hook
        except ImportError as error:
            raise HiveLoopIntegrationError("this version of LangChain has no register_configure_hook") from error
        register_configure_hook(self, inheritable=True, handle_class=LangChainCallback)
        self._is_registered = True

    def get(self) -> LangChainCallback | None:
        """Give the handler of the run that the code is inside of, else the one for everything."""
        active = _active.get()
        if active is not None and active[0].watch.find(active[1]) is not None:
            return active[0]
        return self.handler


_switch = _Switch()


class LangChainCallback(Handler, _Handler):  # type: ignore[misc]
    """A callback handler for `config={"callbacks": [...]}`, of chains, agents, graphs and models.

    Args:
        hb: The connection; by default the one that `hiveloop.init` has made.
        project: The project of the tasks.
        agent: The agent whose runs they are, or its name; by default the name that `create_agent(name=...)` or
            `compile(name=...)` gives, else the program's.
    """

    run_inline = True
    raise_error = False

    def __init__(
        self, hb: HiveBoard | None = None, project: str | None = None, agent: Agent | str | None = None
    ) -> None:
        missing = [name for name in _HOOKS if not hasattr(BaseCallbackHandler, name)]
        if missing:
            raise HiveLoopIntegrationError(f"this version of LangChain has no {', '.join(missing)}: update hiveloop")
        super().__init__()
        _switch.register()
        self.watch = Watch("langchain", hb, project, agent)

    # -- chains and graphs ---------------------------------------------------------------

    @quiet("langchain.on_chain_start")
    def on_chain_start(
        self, serialized: Any, inputs: Any, *, run_id: Any, parent_run_id: Any = None, **more: Any
    ) -> None:
        """Begin a task for an outermost run, an action for another agent inside of it."""
        metadata = more.get("metadata") or {}
        parent = self.watch.find(parent_run_id) if parent_run_id is not None else None
        agent_name = metadata.get("lc_agent_name")
        name = more.get("name") or _class_name(serialized)
        if parent is None:
            self._begin_root(run_id, name, agent_name, metadata, inputs)
            return
        told = parent.data[0] if isinstance(parent.data, tuple) else None
        if agent_name and told and agent_name != told:
            run = self.watch.begin(run_id, agent_name, parent)
        else:
            self.watch.note_retry(parent, name)
            run = self.watch.begin(run_id, name, parent, kind="plain")
        run.data = (agent_name or told, None)

    def _begin_root(self, run_id: Any, name: str, agent_name: str | None, metadata: Any, inputs: Any) -> Run:
        own_name = None if name.startswith(_UNNAMED) else name
        thread = metadata.get("thread_id")
        thread = None if thread is None else str(thread)
        run = self.watch.begin(
            run_id,
            agent_name or own_name or name,
            agent_name=agent_name or own_name,
            task_id=thread,
            correlation_id=thread,
            thread=thread,
        )
        run.data = (agent_name or own_name, thread)
        _active.set((self, run_id))
        if run.waits:
            self.watch.decided(run, *_decision(inputs))
        return run

    @quiet("langchain.on_chain_end")
    def on_chain_end(self, outputs: Any, *, run_id: Any, **_: Any) -> None:
        """End a run well."""
        self.watch.end(run_id)

    @quiet("langchain.on_chain_error")
    def on_chain_error(self, error: BaseException, *, run_id: Any, **_: Any) -> None:
        """End a run as what has left it means it."""
        run = self.watch.find(run_id)
        if run is None:
            return
        if _is_pause(error):
            self._pause(run, _question(getattr(error, "args", None)))
            self.watch.end(run_id, Paused())
        elif _is_steering(error):
            self.watch.end(run_id)
        else:
            self.watch.end(run_id, error)

    @quiet("langchain.on_interrupt")
    def on_interrupt(self, event: Any) -> None:
        """Note that a graph waits for a person."""
        run = self.watch.find(event.run_id)
        if run is not None:
            where = str(getattr(event, "status", "interrupt")).replace("_", " ")
            self._pause(run, _question(event.interrupts) or f"the graph has paused: {where}")

    @quiet("langchain.on_resume")
    def on_resume(self, event: Any) -> None:
        """Note that a graph goes on that was paused, in another process perhaps."""

    def _pause(self, run: Run, question: str | None) -> None:
        thread = run.root.data[1] if isinstance(run.root.data, tuple) else None
        self.watch.pause(run, question or "the graph has paused until somebody decides", thread)

    # -- models --------------------------------------------------------------------------

    @quiet("langchain.on_chat_model_start")
    def on_chat_model_start(
        self, serialized: Any, messages: Any, *, run_id: Any, parent_run_id: Any = None, **more: Any
    ) -> None:
        """Begin a call of a model."""
        self._begin_call(serialized, last_message(messages[0] if messages else None), run_id, parent_run_id, more)

    @quiet("langchain.on_llm_start")
    def on_llm_start(
        self, serialized: Any, prompts: Any, *, run_id: Any, parent_run_id: Any = None, **more: Any
    ) -> None:
        """Begin a call of a model that completes text."""
        self._begin_call(serialized, preview(prompts[0] if prompts else None), run_id, parent_run_id, more)

    def _begin_call(self, serialized: Any, prompt: str | None, run_id: Any, parent_run_id: Any, more: Any) -> None:
        metadata = more.get("metadata") or {}
        parameters = more.get("invocation_params") or {}
        model = metadata.get("ls_model_name") or parameters.get("model") or parameters.get("model_name")
        name = metadata.get("langgraph_node") or more.get("name") or _class_name(serialized)
        parent = self.watch.find(parent_run_id) if parent_run_id is not None else None
        own = more.get("name") or name
        if parent is not None:
            self.watch.note_retry(parent, own)
            run = self.watch.begin(run_id, own, parent, kind="plain")
            call = self.watch.call(name, model or own, prompt, run)
        else:
            # A model that is asked outside of any run is no task: its call belongs where the program is.
            call = self.watch.call(name, model or own, prompt)
            run = self.watch.begin_alone(run_id, own)
        run.data = call
        call.hide_inner()

    @quiet("langchain.on_llm_new_token")
    def on_llm_new_token(self, token: str, *, run_id: Any, **_: Any) -> None:
        """Let the reader of a stream call others meanwhile."""
        run = self.watch.find(run_id)
        if run is not None and run.data.hides:
            run.data.unhide()
            run.data.metadata["stream"] = True

    @quiet("langchain.on_llm_end")
    def on_llm_end(self, response: Any, *, run_id: Any, **_: Any) -> None:
        """Tell of a call that was answered."""
        run = self.watch.end(run_id)
        if run is None:
            return
        call: Call = run.data
        generations = field(response, "generations") or [[]]
        first = generations[0][0] if generations and generations[0] else None
        message = field(first, "message")
        usage = _usage.of_langchain(field(message, "usage_metadata"))
        if usage is not None and call.metadata.get("stream"):
            usage = usage.known_of_stream()
        if usage is None and not call.metadata.get("stream"):
            output = field(response, "llm_output") or {}
            usage = _usage.of_openai(field(output, "token_usage"))
        told = field(message, "response_metadata") or {}
        model = told.get("model_name") or told.get("model")
        call.end(
            usage,
            model=model,
            response=preview(field(message, "content")) or _tool_names(message) or preview(field(first, "text")),
            response_id=_response_id(message, told),
        )

    @quiet("langchain.on_llm_error")
    def on_llm_error(self, error: BaseException, *, run_id: Any, **more: Any) -> None:
        """Tell of a call that failed, or whose reader has gone."""
        run = self.watch.find(run_id)
        if run is None:
            return
        call: Call = run.data
        if isinstance(error, GeneratorExit):
            call.metadata["stream"] = "abandoned"
            self.watch.end(run_id)
            call.end()
        else:
            self.watch.end(run_id, error)
            call.end(error=error)

    # -- tools and retrievers ------------------------------------------------------------

    @quiet("langchain.on_tool_start")
    def on_tool_start(
        self,
        serialized: Any,
        input_str: Any,
        *,
        run_id: Any,
        parent_run_id: Any = None,
        inputs: Any = None,
        **more: Any,
    ) -> None:
        """Begin an action for a tool."""
        name = more.get("name") or _class_name(serialized)
        metadata = more.get("metadata") or {}
        parent = self.watch.find(parent_run_id) if parent_run_id is not None else None
        agent_name = metadata.get("lc_agent_name")
        if parent is None:
            run = self._begin_root(run_id, name, agent_name, {}, inputs)
        else:
            for prefix in _HAND_OFFS:
                if name.startswith(prefix):
                    name = f"handoff:{agent_name or parent.root.name}→{name[len(prefix) :]}"
            if any(str(tag).startswith("retry:attempt") for tag in more.get("tags") or ()):
                self.watch.note_retry(parent, name)
            run = self.watch.begin(run_id, name, parent)
        run.data = (agent_name, None)
        if run.frame is not None:
            run.frame.set_payload(tool_payload(args=inputs if isinstance(inputs, dict) else preview(input_str)))

    @quiet("langchain.on_tool_end")
    def on_tool_end(self, output: Any, *, run_id: Any, **_: Any) -> None:
        """End a tool's action; a tool may say itself that it has failed."""
        status = field(output, "status")
        result = preview(field(output, "content", output))
        if status == "error":
            self.watch.end(run_id, failure("ToolError", result or "the tool said that it failed"))
        else:
            self.watch.end(run_id, payload={"result": result} if result else None)

    @quiet("langchain.on_tool_error")
    def on_tool_error(self, error: BaseException, *, run_id: Any, **_: Any) -> None:
        """End a tool's action as failed, or as waiting where it asks a person."""
        run = self.watch.find(run_id)
        if run is not None and _is_pause(error):
            self._pause(run, _question(getattr(error, "args", None)))
            self.watch.end(run_id, Paused())
        elif run is not None and _is_steering(error):
            self.watch.end(run_id)
        else:
            self.watch.end(run_id, error, {"success": False})

    @quiet("langchain.on_retriever_start")
    def on_retriever_start(
        self, serialized: Any, query: Any, *, run_id: Any, parent_run_id: Any = None, **more: Any
    ) -> None:
        """Begin an action for a retriever."""
        name = more.get("name") or _class_name(serialized)
        parent = self.watch.find(parent_run_id) if parent_run_id is not None else None
        run = self.watch.begin(run_id, name, parent)
        run.data = (None, None)
        if run.frame is not None:
            run.frame.set_payload(tool_payload(args=preview(query), tool_category="retrieval"))

    @quiet("langchain.on_retriever_end")
    def on_retriever_end(self, documents: Any, *, run_id: Any, **_: Any) -> None:
        """End a retriever's action."""
        self.watch.end(run_id, payload={"documents": len(documents)} if hasattr(documents, "__len__") else None)

    @quiet("langchain.on_retriever_error")
    def on_retriever_error(self, error: BaseException, *, run_id: Any, **_: Any) -> None:
        """End a retriever's action as failed."""
        self.watch.end(run_id, error)


def _class_name(serialized: Any) -> str:
    names = field(serialized, "id")
    return str(field(serialized, "name") or (names[-1] if names else "run"))


def _tool_names(message: Any) -> str | None:
    calls = field(message, "tool_calls")
    names = ", ".join(str(field(call, "name")) for call in calls[:10]) if calls else ""
    return f"→ {names}" if names else None


def _response_id(message: Any, told: Any) -> Any:
    found = told.get("id") or field(message, "id")
    # The framework makes up ids of its own where the provider gives none.
    return None if isinstance(found, str) and found.startswith(("run-", "run--", "lc_run-")) else found


def _question(given: Any) -> str | None:
    """Give what an interrupt asks, out of what it carries."""
    while isinstance(given, (list, tuple)) and given:
        given = given[0]
    value = field(given, "value", given)
    if isinstance(value, dict):
        requests = value.get("action_requests") or value.get("action_request")
        first = requests[0] if isinstance(requests, list) and requests else requests
        found = field(first, "description") or field(first, "name") or value.get("question") or value.get("message")
        return str(found or value)[:500]
    return str(value)[:500] if value not in (None, (), []) else None


def _decision(inputs: Any) -> tuple[str, str | None]:
    """Give what a person has decided, out of what a graph is resumed with."""
    given = field(inputs, "resume")
    if isinstance(given, dict) and isinstance(given.get("decisions"), list) and given["decisions"]:
        given = given["decisions"][0]
    word = field(given, "type") or field(given, "decision") or given
    is_no = word is False or (isinstance(word, str) and word.lower() in ("reject", "rejected", "no", "deny", "denied"))
    return ("rejected" if is_no else "approved"), preview(given) if isinstance(given, str) else None


def install(
    hb: HiveBoard | None = None, project: str | None = None, agent: Agent | str | None = None
) -> LangChainCallback:
    """Watch every run of LangChain's and LangGraph's in this process.

    Args:
        hb: The connection; by default the one that `hiveloop.init` has made.
        project: The project of the tasks.
        agent: The agent whose runs they are, or its name.

    Returns:
        The handler. A run that is handed a handler of its own is told by that one alone.
    """
    uninstall()
    handler = LangChainCallback(hb, project, agent)
    _switch.handler = handler
    return handler


def uninstall() -> None:
    """Watch no further runs, and end what is still open."""
    handler, _switch.handler = _switch.handler, None
    if handler is not None:
        handler.watch.close()
