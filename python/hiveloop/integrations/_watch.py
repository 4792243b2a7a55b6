"""What one integration has under its eyes: runs that nest, told as tasks and actions.

Frameworks tell of beginnings and ends by ids; this table alone decides what is inside of what. The running code's own
context only decides where an outermost run belongs: into the task that the program has begun, or into one of its own.
"""

from __future__ import annotations

import os
import threading
import weakref
from contextvars import ContextVar

from hiveloop import _client, _native
from hiveloop._agent import Agent
from hiveloop._errors import HiveLoopIntegrationError
from hiveloop.integrations._calls import Call
from hiveloop.integrations._names import default_agent_name, short

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

    from typing_extensions import Self

    from hiveloop._client import HiveBoard

    Kind = Literal["task", "action", "plain"]

_MOST_RUNS = 10_000
_MOST_PAUSED = 1_000
_MOST_KINDS = 500


class Cancelled(Exception):
    """Ends what was called off, or whose end nobody has told."""

    hiveloop_outcome = "cancelled"


class Paused(Exception):
    """Ends what waits until somebody has decided."""

    hiveloop_outcome = "paused"


def failure(kind: str, message: str) -> Exception:
    """Make an exception of what a framework tells in words.

    Args:
        kind: The name of its type.
        message: What it says.

    Returns:
        An exception of a class of that name.
    """
    name = kind.rpartition(".")[2]
    made: Exception = type(name if name.isidentifier() else "Exception", (Exception,), {})(message)
    return made


class Run:
    """A run in the table: a task, an action, or something that is told by what is inside of it only."""

    __slots__ = (
        "before",
        "children",
        "data",
        "failed",
        "frame",
        "key",
        "kind",
        "name",
        "parent",
        "root",
        "task",
        "waits",
    )

    def __init__(self, key: Any, kind: Kind, name: str, parent: Run | None, frame: Any, task: Any) -> None:
        self.key = key
        self.kind = kind
        self.name = name
        self.parent = parent
        self.frame = frame
        self.task = task
        self.root: Run = parent.root if parent is not None else self
        self.children: dict[Any, Run] = {}
        self.failed: dict[str, int] | None = None
        self.before: Any = None
        self.waits = False
        # What the integration keeps with it.
        self.data: Any = None


# Handlers that were pickled, by process and identity: read again here, each is itself.
_pickled: weakref.WeakValueDictionary[tuple[int, int], Handler] = weakref.WeakValueDictionary()


class Handler:
    """What programs give to a framework. Frameworks copy what they are given, and send it to other processes."""

    watch: Watch

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        token = (os.getpid(), id(self))
        _pickled[token] = self
        return _handler, (type(self), token, self.watch.project, self.watch._given_agent)

    def __reduce_ex__(self, protocol: object) -> tuple[object, tuple[object, ...]]:
        return self.__reduce__()


def _handler(kind: Any, token: tuple[int, int], project: str | None, agent: Agent | str | None) -> Any:
    """Give the handler that was pickled here; elsewhere one of that process's connection, or one that does nothing."""
    from hiveloop import _restore

    return _pickled.get(token) or kind(_restore.client(), project, agent)


class Watch:
    """The runs of one integration.

    Args:
        source: The integration's name.
        hb: The connection; by default the one that `hiveloop.init` has made.
        project: The project of tasks that runs become.
        agent: The agent whose runs they are, or its name; by default the framework's own name for it, if it has one,
            else the program's.
        type: The agent's classification.
    """

    def __init__(
        self,
        source: str,
        hb: HiveBoard | None = None,
        project: str | None = None,
        agent: Agent | str | None = None,
        type: str | None = None,
    ) -> None:
        hb = hb if hb is not None else _client._instance
        if hb is None:
            raise HiveLoopIntegrationError("there is no connection yet: call hiveloop.init(...) first")
        self.source = source
        self.hb = hb
        self.project = project
        self._given_agent = agent
        self._type = type
        self._agents: dict[str, Agent] = {}
        self._default: Agent | None = None
        self._kinds: dict[tuple[int, str], Any] = {}
        self._runs: dict[Any, Run] = {}
        self._paused: dict[Any, Run] = {}
        # The tasks of open runs, by identity; the runs keep them alive.
        self._own: set[int] = set()
        self._lock = threading.RLock()

    def agent(self, name: str | None = None) -> Agent:
        """Give the agent of runs.

        Args:
            name: The framework's own name for it.

        Returns:
            The agent that was given, else the one of that name, else the program's.
        """
        given = self._given_agent
        if isinstance(given, Agent):
            return given
        if name is None and self._default is not None and not self._default.closed:
            return self._default
        agent_id = given or name or default_agent_name(self.source)
        agent = self._agents.get(agent_id)
        if agent is None or agent.closed:
            agent = self.hb.get_agent(agent_id)
            if agent is None:
                agent = self.hb.agent(agent_id, type=self._type or "general", framework=self.source)
            self._agents[agent_id] = agent
        if name is None or given:
            self._default = agent
        return agent

    def find(self, key: Any) -> Run | None:
        """Give a run that is open."""
        return self._runs.get(key)

    def current(self) -> Run | None:
        """Give the run of this integration that the running code is inside of."""
        run = _current.get()
        return run if run is not None and self._runs.get(run.key) is run else None

    def latest(self) -> Run | None:
        """Give the outermost run that began last, for what a framework tells without saying of which run."""
        return next((run for run in reversed(list(self._runs.values())) if run.parent is None), None)

    def frame_of(self, run: Run) -> Any:
        """Give the task or action that a run is inside of, or is."""
        here: Run | None = run
        while here is not None and here.frame is None:
            here = here.parent
        return here.frame if here is not None else None

    def begin(
        self,
        key: Any,
        name: str,
        parent: Run | None = None,
        *,
        kind: Kind = "action",
        agent_name: str | None = None,
        task_id: str | None = None,
        correlation_id: str | None = None,
        type: str | None = None,
        thread: Any = None,
        current: bool = True,
    ) -> Run:
        """Begin a run.

        Args:
            key: Its id.
            name: What to call it.
            parent: The run that it is inside of. Without one it is outermost: an action if the program is inside of
                a task of its own, a task otherwise.
            kind: ``action``, or ``plain`` for what is not shown itself.
            agent_name: The framework's name for the agent.
            task_id: The task's id; by default the name with a piece of the key.
            correlation_id: Ties together the tasks of one conversation.
            type: The task's classification.
            thread: The conversation, by which a paused run is found again.
            current: Whether the running code is inside of it from here on.

        Returns:
            The run.
        """
        name = short(name)
        if parent is None:
            run = self._begin_outermost(key, name, agent_name, task_id, correlation_id, type, thread, current)
        elif kind == "plain":
            run = Run(key, "plain", name, parent, None, parent.task)
        else:
            frame = self._action(self._agent_of(parent), name, self.frame_of(parent))
            run = Run(key, "action", name, parent, frame, parent.task)
            if current and frame is not None:
                frame.resume()
        if parent is not None:
            parent.children[key] = run
        elif run.kind == "task":
            self._own.add(id(run.task))
        self._runs[key] = run
        if len(self._runs) > _MOST_RUNS:
            self._forget_oldest()
        return run

    def _begin_outermost(
        self,
        key: Any,
        name: str,
        agent_name: str | None,
        task_id: str | None,
        correlation_id: str | None,
        type: str | None,
        thread: Any,
        current: bool,
    ) -> Run:
        paused = self._paused.pop(thread, None) if thread is not None else None
        if paused is not None and paused.kind == "task" and not paused.task.ended:
            run = Run(key, "task", paused.name, None, paused.task, paused.task)
            run.waits = True
            if current:
                run.before = _native.replace_frame(run.task)
            return run
        outer = _native.current_task()
        if outer is not None and not self._is_own(outer):
            frame = self._action(outer.agent, name, _native.current_frame())
            run = Run(key, "action", name, None, frame, outer)
            run.waits = paused is not None
            if current and frame is not None:
                frame.resume()
            return run
        agent = self.agent(agent_name)
        before = _native.current_frame()
        task = agent.start_task(
            task_id or f"{name}-{_piece(key)}", project=self.project, type=type, correlation_id=correlation_id
        )
        run = Run(key, "task", name, None, task, task)
        run.before = before
        if not current:
            _native.replace_frame(before)
        return run

    def _is_own(self, task: Any) -> bool:
        """Whether a task is one that this integration has begun: a run that was left open must not take in others."""
        return id(task) in self._own

    def _agent_of(self, run: Run) -> Any:
        return run.task.agent if run.task is not None else self.agent()

    def _action(self, agent: Any, name: str, inside: Any) -> Any:
        kind = self._kinds.get((id(agent), name))
        if kind is None:
            if len(self._kinds) >= _MOST_KINDS:
                self._kinds.clear()
            # The kind keeps the agent, so that its id stays its own.
            kind = self._kinds[(id(agent), name)] = (_native.ActionKind(agent, name), agent)
        before = _native.replace_frame(inside)
        try:
            return kind[0].start()
        finally:
            _native.replace_frame(before)

    def begin_alone(self, key: Any, name: str) -> Run:
        """Begin something that is no run itself, outside of any: a call of a model that the program makes."""
        run = self._runs[key] = Run(key, "plain", name, None, None, None)
        return run

    def note_retry(self, parent: Run, name: str) -> None:
        """Tell of another attempt, if something of this name has failed inside of this run before.

        Args:
            parent: The run.
            name: What is about to begin in it.
        """
        failed = parent.failed.get(name) if parent.failed else None
        if failed:
            self.retry(parent, f"{name}: another attempt", attempt=failed)

    def retry(self, run: Run, summary: str, attempt: int | None = None) -> None:
        """Tell that something is tried again.

        Args:
            run: Inside of which.
            summary: What to show.
            attempt: Which attempt this is.
        """
        if run.task is not None:
            with _Inside(self.frame_of(run)):
                run.task.retry(summary, attempt=attempt)

    def end(self, key: Any, error: Any = None, payload: dict[str, Any] | None = None) -> Run | None:
        """End a run, and what is still open inside of it.

        Args:
            key: Its id.
            error: What it ended by, if not well.
            payload: Fields of its end.

        Returns:
            The run, or None where there is none of that id.
        """
        run = self._runs.pop(key, None)
        if run is None:
            return None
        self._close_children(run)
        parent = run.parent
        if parent is not None:
            parent.children.pop(key, None)
            if error is not None and not hasattr(type(error), "hiveloop_outcome"):
                parent.failed = parent.failed or {}
                parent.failed[run.name] = parent.failed.get(run.name, 0) + 1
        if run.frame is None:
            return run
        if run.kind == "task":
            self._own.discard(id(run.task))
        if error is None and run.waits:
            error = Paused()
        if run.kind == "action":
            if payload:
                run.frame.set_payload(payload)
            run.frame.leave(error)
        elif run.waits:
            # It goes on when somebody has decided; nothing is current until then.
            if _native.current_frame() is run.task:
                _native.replace_frame(run.before)
        else:
            self._end_task(run, error, payload)
        return run

    def _end_task(self, run: Run, error: Any, payload: dict[str, Any] | None) -> None:
        outcome = getattr(type(error), "hiveloop_outcome", None)
        if error is None:
            run.task.complete(payload=payload)
        elif outcome == "cancelled" or _is_cancellation(error):
            run.task.complete("cancelled", payload)
        elif outcome == "completed" or isinstance(error, GeneratorExit):
            run.task.complete(payload=payload)
        else:
            run.task.fail(error, payload)

    def _close_children(self, run: Run) -> None:
        for child in list(run.children.values()):
            call = child.data
            if isinstance(call, Call):
                call.end(error=Cancelled("the run ended before"))
            self.end(child.key, Paused() if run.root.waits else Cancelled())

    def pause(self, run: Run, summary: str, thread: Any = None, approver: str | None = None) -> None:
        """Tell that a run waits until a person has decided.

        Args:
            run: The run.
            summary: What is to be decided.
            thread: The conversation, by which the run is found again.
            approver: Who is to decide.
        """
        root = run.root
        if root.waits or root.task is None:
            return
        root.waits = True
        if thread is not None:
            self._paused[thread] = root
            if len(self._paused) > _MOST_PAUSED:
                del self._paused[next(iter(self._paused))]
        with _Inside(self.frame_of(root)):
            root.task.request_approval(short(summary, 500), approver=approver)

    def decided(self, run: Run, decision: str = "approved", summary: str | None = None) -> None:
        """Tell what a person has decided.

        Args:
            run: The run that goes on.
            decision: ``approved`` or ``rejected``.
            summary: What to show.
        """
        root = run.root
        root.waits = False
        if root.task is not None:
            with _Inside(self.frame_of(root)):
                root.task.approval_received(summary or decision, decision=decision)

    def call(self, name: str, model: Any, prompt: str | None = None, run: Run | None = None) -> Call:
        """Begin a call of a model.

        Args:
            name: What it is for.
            model: The model that was asked.
            prompt: The beginning of what it was asked.
            run: What it is inside of; by default where the running code is.

        Returns:
            The call.
        """
        if run is None:
            return Call(self, short(name), model, prompt)
        return Call(self, short(name), model, prompt, self.frame_of(run), run.task)

    def close(self) -> None:
        """End everything that is open: the integration is switched off."""
        with self._lock:
            for run in [run for run in list(self._runs.values()) if run.parent is None]:
                run.waits = False
                self.end(run.key, Cancelled())

    def _forget_oldest(self) -> None:
        """Call off the run that has been open longest: thousands of others began since, so its end was never told."""
        with self._lock:
            oldest = next(iter(list(self._runs.values())), None)
            if oldest is not None:
                self.end(oldest.root.key if oldest.root.key in self._runs else oldest.key, Cancelled())


# The run that the running code is inside of, for integrations that wrap calls and know it by that.
_current: ContextVar[Run | None] = ContextVar("hiveloop_run", default=None)


class Within:
    """Makes a run the one that the running code is inside of, for a while.

    Args:
        watch: Whose run it is.
        run: The run; None changes nothing.
    """

    __slots__ = ("_frame", "_run", "_token", "_watch")

    def __init__(self, watch: Watch, run: Run | None) -> None:
        self._watch = watch
        self._run = run
        self._token: Any = None

    def __enter__(self) -> None:
        if self._run is not None:
            self._frame = _native.replace_frame(self._watch.frame_of(self._run))
            self._token = _current.set(self._run)

    def __exit__(self, *_: object) -> None:
        if self._run is not None:
            _native.replace_frame(self._frame)
            try:
                _current.reset(self._token)
            except ValueError:  # left in another context than it was entered in, which ends by itself
                _current.set(None)


class _Inside:
    """Makes a frame current for a moment."""

    __slots__ = ("_before", "_frame")

    def __init__(self, frame: Any) -> None:
        self._frame = frame

    def __enter__(self) -> None:
        self._before = _native.replace_frame(self._frame)

    def __exit__(self, *_: object) -> None:
        _native.replace_frame(self._before)


def _piece(key: Any) -> str:
    """Give a piece of an id that tells runs apart."""
    text = getattr(key, "hex", None)
    text = text if isinstance(text, str) else str(key)
    # Of keys of several parts, no brackets and quotes.
    return "".join(sign for sign in text if sign.isalnum() or sign in "-_")[-12:]


def _is_cancellation(error: Any) -> bool:
    from hiveloop._outcomes import outcome_of

    return isinstance(error, BaseException) and outcome_of(error, False) == "cancelled"
