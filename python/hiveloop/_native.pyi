"""The native half of the package: the calls that an agent makes often.

What starts with an underscore in the package is its own affair; `hiveloop` names what is public.
"""

import os
from collections.abc import Awaitable, Callable, Iterable
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Literal, final

from typing_extensions import Self  # the stub is never imported

VERSION: str

def bind_context(variable: ContextVar[Any]) -> None: ...
def current_frame() -> Task | Action | None: ...
def replace_frame(frame: Task | Action | None) -> Task | Action | None: ...
def json_of(value: object) -> str: ...
def scrubbed(text: str) -> str: ...
def current_task() -> Task | None:
    """Give the innermost task that the running code is inside of.

    `Agent.task` and `Agent.start_task` set it; asynchronous code carries it, threads start without one unless
    `hiveloop.propagate` brings it there. Code that was begun inside of a ``with`` block (by `asyncio.create_task`)
    belongs to the block's task for as long as it runs, though the task may have ended meanwhile.

    Returns:
        The task, of whichever agent; None outside of tasks.

    >>> agent = hiveloop.init(api_key="hb_test_0123456789abcdef0123456789abcdef").agent("worker")
    >>> with agent.task("job-1") as task:
    ...     hiveloop.current_task() is task
    True
    >>> hiveloop.current_task() is None
    True
    """

def next_callback(client: Client) -> CallbackTicket | None: ...
def poll_callback(client: Client) -> CallbackTicket | Literal[False] | None: ...
@final
class CallbackTicket:
    def callbacks(self) -> tuple[Callable[[], Any] | None, Callable[[], Any] | None]: ...
    def finish(self, payload: object, queue: object, problem: str | None = None) -> None: ...

class Client:
    def __new__(
        cls,
        *,
        api_key: str,
        endpoint: str,
        environment: str,
        group: str,
        flush_interval: float,
        batch_size: int,
        max_queue_size: int,
        debug: bool,
        capture_previews: bool,
        gzip: bool,
        ca_file: str | os.PathLike[str] | None,
        disabled: bool,
        runtime: str,
        sdk_version: str,
        before_send: Callable[[dict[str, Any]], dict[str, Any] | None] | None,
        retry: tuple[float, float, float] | None,
        scrub_urls: bool = True,
    ) -> Self: ...
    @property
    def closed(self) -> bool: ...
    @property
    def instance_id(self) -> str: ...
    @property
    def has_read_key(self) -> bool: ...
    def has_key(self, api_key: str) -> bool: ...
    def settings(self) -> tuple[str, str, str]: ...
    def lives_on(self, agent_id: str) -> bool: ...
    def begin_flush(self) -> int: ...
    def wait_for(self, flush: int, timeout: float) -> bool | None: ...
    def begin_shutdown(self) -> int: ...
    def finish_shutdown(self) -> None: ...
    def stats(self) -> dict[str, int]: ...
    def say(self, level: int, line: str) -> None: ...
    def pass_on_lines(self) -> None: ...
    def after_fork_child(self) -> None: ...

@final
class ActionKind:
    def __new__(cls, agent: Agent, name: str, function: str | None = None) -> Self: ...
    def enter(self) -> Action | None: ...
    def start(self) -> Action | None: ...

@final
class Action:
    """A tracked step, made by `Agent.track_context`."""

    @property
    def action_id(self) -> str:
        """The action's id."""
    def resume(self) -> None: ...
    def suspend(self) -> None: ...
    def leave(self, exception: BaseException | None = None) -> None: ...
    def set_payload(self, payload: dict[str, Any] | None = None, *_more: Any, **fields: Any) -> None:
        """Add fields to the event that ends the action, at its payload's top level.

        Args:
            payload: The fields; a field given again replaces the one before.
            **fields: The same, by name.

        >>> agent = hiveloop.init(api_key="hb_test_0123456789abcdef0123456789abcdef").agent("worker")
        >>> with agent.track_context("search") as action:
        ...     action.set_payload({"hits": 3})
        """

@final
class ActionContext:
    def __enter__(self) -> Action: ...
    def __exit__(
        self,
        _exception_type: type[BaseException] | None = None,
        exception: BaseException | None = None,
        _traceback: TracebackType | None = None,
    ) -> Literal[False]: ...
    def __aenter__(self) -> Awaitable[Action]: ...
    def __aexit__(
        self,
        _exception_type: type[BaseException] | None = None,
        exception: BaseException | None = None,
        _traceback: TracebackType | None = None,
    ) -> Awaitable[None]: ...

class Agent:
    def __new__(
        cls,
        client: Client,
        agent_id: str,
        type: str | None = None,
        version: str | None = None,
        framework: str | None = None,
        heartbeat_interval: float | None = None,
        stuck_threshold: float | None = None,
        heartbeat_payload: Callable[[], Any] | None = None,
        queue_provider: Callable[[], Any] | None = None,
    ) -> Self: ...
    @property
    def agent_id(self) -> str:
        """The agent's id."""
    @property
    def agent_type(self) -> str:
        """The type it was registered with."""
    @property
    def version(self) -> str | None:
        """The version it was registered with."""
    @property
    def framework(self) -> str:
        """The framework it was registered with."""
    @property
    def heartbeat_interval(self) -> float:
        """Seconds between heartbeats; 0 for none."""
    @property
    def stuck_threshold(self) -> float:
        """Seconds of silence after which the server calls it stuck."""
    @property
    def closed(self) -> bool:
        """Whether it was closed."""
    def register(self) -> None: ...
    def mark_fetched(self) -> None: ...
    def replace_callbacks(
        self, heartbeat_payload: Callable[[], Any] | None, queue_provider: Callable[[], Any] | None
    ) -> None: ...
    def _task_begun_elsewhere(
        self,
        task_id: str,
        project: str | None,
        type: str | None,
        task_run_id: str | None,
        correlation_id: str | None,
    ) -> Task: ...
    def _silent_action(self) -> Action: ...
    def close(self) -> None:
        """End the agent: say goodbye, so that the board does not call it stuck, and stop its heartbeats.

        No goodbye is said while one of its tasks is open. What is reported later still arrives.

        >>> agent = hiveloop.init(api_key="hb_test_0123456789abcdef0123456789abcdef").agent("worker-7")
        >>> agent.close()
        """
    def task(
        self,
        task_id: str | None = None,
        project: str | None = None,
        type: str | None = None,
        task_run_id: str | None = None,
        correlation_id: str | None = None,
        *more: Any,
        **unknown: Any,
    ) -> Task:
        """Track a unit of work, as a context manager, synchronous or asynchronous.

        The task begins when it is entered, is completed when it is left, and fails when an exception leaves it; the
        exception goes on. An exit with success (`SystemExit` with 0) and a generator that is closed early complete it,
        `asyncio.CancelledError` and its relatives cancel it. While an approval is asked for, an exception whose class
        is named as an interrupt, a pause or a suspension leaves it waiting: enter the task again to go on. A class of
        your own says what it means by an attribute ``hiveloop_outcome``: ``completed``, ``cancelled``, ``paused`` or
        ``failed``.

        Args:
            task_id: The task's id, at most 256 characters.
            project: The project it belongs to.
            type: Classification, as in ``lead_processing``.
            task_run_id: Tells apart several executions of one task; made up unless given.
            correlation_id: Ties together tasks of several agents.
            *more: Logged and ignored.
            **unknown: Logged and ignored.

        Returns:
            The task.

        >>> agent = hiveloop.init(api_key="hb_test_0123456789abcdef0123456789abcdef").agent("worker")
        >>> with agent.task("lead-4801", project="sales", type="lead_processing") as task:
        ...     task.set_payload({"score": 42})
        """
    def start_task(
        self,
        task_id: str | None = None,
        project: str | None = None,
        type: str | None = None,
        task_run_id: str | None = None,
        correlation_id: str | None = None,
        *more: Any,
        **unknown: Any,
    ) -> Task:
        """Begin a task that ends with `Task.complete` or `Task.fail`, and is current until then.

        Args:
            task_id: The task's id, at most 256 characters.
            project: The project it belongs to.
            type: Classification.
            task_run_id: Tells apart several executions of one task; made up unless given.
            correlation_id: Ties together tasks of several agents.
            *more: Logged and ignored.
            **unknown: Logged and ignored.

        Returns:
            The task.

        >>> agent = hiveloop.init(api_key="hb_test_0123456789abcdef0123456789abcdef").agent("worker")
        >>> task = agent.start_task("lead-4801")
        >>> task.complete(payload={"score": 42})
        """
    def track_context(self, action_name: str | None = None, *_more: Any, **_unknown: Any) -> ActionContext:
        """Track what happens inside of a ``with`` or ``async with`` as an action.

        Args:
            action_name: The action's name.
            *_more: Ignored.
            **_unknown: Ignored.

        Returns:
            A context manager that gives the `Action`.

        >>> agent = hiveloop.init(api_key="hb_test_0123456789abcdef0123456789abcdef").agent("worker")
        >>> with agent.track_context("search") as action:
        ...     action.set_payload(hiveloop.tool_payload(args={"q": "x"}, result=3))
        """
    def event(
        self,
        event_type: str | None = None,
        payload: dict[str, Any] | None = None,
        severity: str | None = None,
        parent_event_id: str | None = None,
        *more: Any,
        **unknown: Any,
    ) -> None:
        """Emit an event outside of tasks.

        Args:
            event_type: One of the 13 types, by default ``custom``; another is sent as ``custom`` with
                ``payload.original_type``.
            payload: Anything, by custom ``{"kind", "summary", "data", "tags"}``.
            severity: ``debug``, ``info``, ``warn`` or ``error`` instead of the type's own.
            parent_event_id: The event that caused this one.
            *more: Logged and ignored.
            **unknown: Logged and ignored.
        """
    def llm_call(
        self,
        name: str,
        model: str,
        tokens_in: int | None = None,
        tokens_out: int | None = None,
        cost: float | None = None,
        duration_ms: float | None = None,
        prompt_preview: str | None = None,
        response_preview: str | None = None,
        metadata: dict[str, Any] | None = None,
        *more: Any,
        **unknown: Any,
    ) -> None:
        """Record a call of a language model outside of tasks.

        Args:
            name: What the call is for.
            model: The model's name.
            tokens_in: Tokens read, cached ones included.
            tokens_out: Tokens written.
            cost: US dollars.
            duration_ms: Milliseconds until the answer was complete.
            prompt_preview: The beginning of the prompt.
            response_preview: The beginning of the answer.
            metadata: Anything else.
            *more: Logged and ignored.
            **unknown: Logged and ignored.

        >>> agent = hiveloop.init(api_key="hb_test_0123456789abcdef0123456789abcdef").agent("worker")
        >>> agent.llm_call("summarize", "claude-haiku-4-5-20251001", tokens_in=3000, tokens_out=500, cost=0.001)
        """
    def queue_snapshot(
        self,
        depth: int | None = None,
        oldest_age_seconds: float | None = None,
        items: Iterable[dict[str, Any]] | None = None,
        processing: dict[str, Any] | None = None,
        *more: Any,
        **unknown: Any,
    ) -> None:
        """Report the state of the work queue.

        Args:
            depth: How many items wait.
            oldest_age_seconds: How long the oldest has waited, in seconds.
            items: Some of them: ``{"id", "priority", "source", "summary", "queued_at"}``.
            processing: What is being worked on: ``{"id", "summary", "started_at", "elapsed_ms"}``.
            *more: Logged and ignored.
            **unknown: Logged and ignored.
        """
    def todo(
        self,
        todo_id: str | None = None,
        action: str | None = None,
        summary: str | None = None,
        priority: str | None = None,
        source: str | None = None,
        context: Any = None,
        due_by: Any = None,
        *more: Any,
        **unknown: Any,
    ) -> None:
        """Report a step in the life of an item of work that the agent keeps for itself.

        Args:
            todo_id: The item's id.
            action: ``created``, ``completed``, ``failed``, ``dismissed`` or ``deferred``.
            summary: What it is.
            priority: How urgent.
            source: Where it comes from.
            context: What belongs to it.
            due_by: When it is due.
            *more: Logged and ignored.
            **unknown: Logged and ignored.
        """
    def scheduled(self, items: Iterable[dict[str, Any]] | None = None, *more: Any, **unknown: Any) -> None:
        """Report recurring work, all of it at once.

        Args:
            items: ``{"id", "name", "next_run", "interval", "enabled", "last_status"}`` each.
            *more: Logged and ignored.
            **unknown: Logged and ignored.
        """
    def report_issue(
        self,
        summary: str | None = None,
        severity: str | None = None,
        issue_id: str | None = None,
        category: str | None = None,
        context: Any = None,
        occurrence_count: int | None = None,
        *more: Any,
        **unknown: Any,
    ) -> None:
        """Report a problem that is not of one task.

        Args:
            summary: What is wrong.
            severity: ``low``, ``medium`` (if not given), ``high`` or ``critical``.
            issue_id: Groups reports of the same issue; by default the summary does.
            category: Its kind, as in ``connectivity``.
            context: What belongs to it.
            occurrence_count: How often the agent itself has counted it.
            *more: Logged and ignored.
            **unknown: Logged and ignored.
        """
    def resolve_issue(
        self,
        summary: str | None = None,
        issue_id: str | None = None,
        severity: str | None = None,
        category: str | None = None,
        context: Any = None,
        *more: Any,
        **unknown: Any,
    ) -> None:
        """Report that an issue is over.

        Args:
            summary: What is right again.
            issue_id: The issue's id; without one, the summary must be the report's.
            severity: As reported, if it matters.
            category: As reported, if it matters.
            context: What belongs to the end.
            *more: Logged and ignored.
            **unknown: Logged and ignored.
        """

@final
class Task:
    """A unit of work, made by `Agent.task` or `Agent.start_task`."""

    @property
    def task_id(self) -> str:
        """The task's id."""
    @property
    def task_run_id(self) -> str:
        """The id of this execution of the task."""
    @property
    def project_id(self) -> str | None:
        """The project it belongs to."""
    @property
    def task_type(self) -> str | None:
        """Its classification."""
    @property
    def correlation_id(self) -> str | None:
        """What ties it together with tasks of other agents."""
    @property
    def agent(self) -> Agent:
        """The agent that performs the task."""
    @property
    def ended(self) -> bool:
        """Whether the task has been completed or failed."""
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        _exception_type: type[BaseException] | None = None,
        exception: BaseException | None = None,
        _traceback: TracebackType | None = None,
    ) -> Literal[False]: ...
    def __aenter__(self) -> Awaitable[Self]: ...
    def __aexit__(
        self,
        _exception_type: type[BaseException] | None = None,
        exception: BaseException | None = None,
        _traceback: TracebackType | None = None,
    ) -> Awaitable[None]: ...
    def event(
        self,
        event_type: str | None = None,
        payload: dict[str, Any] | None = None,
        severity: str | None = None,
        parent_event_id: str | None = None,
        *more: Any,
        **unknown: Any,
    ) -> None:
        """Emit an event within this task.

        Args:
            event_type: One of the 13 types, by default ``custom``; another is sent as ``custom`` with
                ``payload.original_type``.
            payload: Anything, by custom ``{"kind", "summary", "data", "tags"}``.
            severity: ``debug``, ``info``, ``warn`` or ``error`` instead of the type's own.
            parent_event_id: The event that caused this one.
            *more: Logged and ignored.
            **unknown: Logged and ignored.

        >>> agent = hiveloop.init(api_key="hb_test_0123456789abcdef0123456789abcdef").agent("worker")
        >>> with agent.task("job-1") as task:
        ...     task.event("custom", {"kind": "found", "summary": "Three hits", "data": {"hits": 3}})
        """
    def llm_call(
        self,
        name: str,
        model: str,
        tokens_in: int | None = None,
        tokens_out: int | None = None,
        cost: float | None = None,
        duration_ms: float | None = None,
        prompt_preview: str | None = None,
        response_preview: str | None = None,
        metadata: dict[str, Any] | None = None,
        *more: Any,
        **unknown: Any,
    ) -> None:
        """Record a call of a language model within this task.

        Args:
            name: What the call is for.
            model: The model's name.
            tokens_in: Tokens read, cached ones included.
            tokens_out: Tokens written.
            cost: US dollars.
            duration_ms: Milliseconds until the answer was complete.
            prompt_preview: The beginning of the prompt.
            response_preview: The beginning of the answer.
            metadata: Anything else.
            *more: Logged and ignored.
            **unknown: Logged and ignored.

        >>> agent = hiveloop.init(api_key="hb_test_0123456789abcdef0123456789abcdef").agent("worker")
        >>> with agent.task("lead-4801") as task:
        ...     task.llm_call("scoring", "claude-sonnet-4-20250514", tokens_in=1500, tokens_out=200, cost=0.003)
        """
    def plan(
        self,
        goal: str | None = None,
        steps: Iterable[Any] | None = None,
        revision: int | None = None,
        *more: Any,
        **unknown: Any,
    ) -> None:
        """Declare a plan.

        Args:
            goal: What is to be reached.
            steps: The steps' names, at most 1,000.
            revision: Which version of the plan; by default one more than the last, from 0.
            *more: Logged and ignored.
            **unknown: Logged and ignored.

        >>> agent = hiveloop.init(api_key="hb_test_0123456789abcdef0123456789abcdef").agent("worker")
        >>> with agent.task("lead-4801") as task:
        ...     task.plan("Process lead", ["Score lead", "Enrich data"])
        ...     task.plan_step(0, "completed", "Lead scored 87", turns=1, tokens=2500)
        """
    def plan_step(
        self,
        index: int | None = None,
        status: str | None = None,
        summary: str | None = None,
        turns: int | None = None,
        tokens: int | None = None,
        total_steps: int | None = None,
        plan_revision: int | None = None,
        step_index: int | None = None,
        action: str | None = None,
        *more: Any,
        **unknown: Any,
    ) -> None:
        """Report progress of a step of the plan.

        Args:
            index: Which step, from 0.
            status: ``started``, ``completed``, ``failed`` or ``skipped``.
            summary: What happened.
            turns: Turns of the conversation used.
            tokens: Tokens used.
            total_steps: How many steps the plan has; by default as declared.
            plan_revision: Which version of the plan; by default the latest declared.
            step_index: The same as `index`.
            action: The same as `status`.
            *more: Logged and ignored.
            **unknown: Logged and ignored.
        """
    def escalate(
        self,
        summary: str | None = None,
        assigned_to: str | None = None,
        reason: str | None = None,
        parent_event_id: str | None = None,
        *more: Any,
        **unknown: Any,
    ) -> None:
        """Hand the task to somebody else.

        Args:
            summary: What to show: why.
            assigned_to: To whom.
            reason: What is to be known besides; alone, it is what to show.
            parent_event_id: The event that caused this one.
            *more: Logged and ignored.
            **unknown: Logged and ignored.
        """
    def request_approval(
        self,
        summary: str | None = None,
        approver: str | None = None,
        reason: str | None = None,
        parent_event_id: str | None = None,
        *more: Any,
        **unknown: Any,
    ) -> None:
        """Ask a person to decide; the agent is waiting until `approval_received`.

        Args:
            summary: What to show: what is to be decided.
            approver: By whom.
            reason: What is to be known besides; alone, it is what to show.
            parent_event_id: The event that caused this one.
            *more: Logged and ignored.
            **unknown: Logged and ignored.
        """
    def approval_received(
        self,
        summary: str | None = None,
        approved_by: str | None = None,
        decision: str | None = None,
        reason: str | None = None,
        parent_event_id: str | None = None,
        *more: Any,
        **unknown: Any,
    ) -> None:
        """Record what a person has decided.

        Args:
            summary: What to show.
            approved_by: Who decided.
            decision: ``approved`` (if not given) or ``rejected``.
            reason: Why.
            parent_event_id: The event that caused this one.
            *more: Logged and ignored.
            **unknown: Logged and ignored.
        """
    def retry(
        self,
        summary: str | None = None,
        attempt: int | None = None,
        backoff_seconds: float | None = None,
        reason: str | None = None,
        parent_event_id: str | None = None,
        *more: Any,
        **unknown: Any,
    ) -> None:
        """Record another attempt after a failure.

        Args:
            summary: What to show: why.
            attempt: Which attempt this is.
            backoff_seconds: Seconds waited before it.
            reason: What is to be known besides; alone, it is what to show.
            parent_event_id: The event that caused this one.
            *more: Logged and ignored.
            **unknown: Logged and ignored.
        """
    def set_payload(self, payload: dict[str, Any] | None = None, *_more: Any, **fields: Any) -> None:
        """Add fields to the event that ends the task, at its payload's top level.

        Args:
            payload: The fields; a field given again replaces the one before.
            **fields: The same, by name.
        """
    def complete(
        self,
        status: str | dict[str, Any] | None = None,
        payload: dict[str, Any] | None = None,
        *more: Any,
        **fields: Any,
    ) -> None:
        """End the task well. Later ends are ignored.

        Args:
            status: ``success`` unless given; ``failure`` or False ends it as failed, ``cancelled`` as cancelled
                instead. A dict stands for `payload`.
            payload: Fields of the end event's payload.
            *more: Logged and ignored.
            **fields: The same as `payload`, by name, where that is not given.
        """
    def fail(
        self,
        exception: BaseException | str | None = None,
        payload: dict[str, Any] | None = None,
        error: BaseException | str | None = None,
        *more: Any,
        **fields: Any,
    ) -> None:
        """End the task as failed. Later ends are ignored.

        The exception's text travels, with what it was raised from; passwords of addresses in it are masked.

        Args:
            exception: What went wrong.
            payload: Fields of the end event's payload.
            error: The same as `exception`.
            *more: Logged and ignored.
            **fields: The same as `payload`, by name, where that is not given.
        """
