"""What an exception that leaves a task or an action means for it.

Most mean failure. Some are how a program steers: an exit with success, a reader that stops early, a cancellation, a
pause until somebody has decided. No framework is imported to know its exceptions: they are known by their names.
"""

from __future__ import annotations

from itertools import islice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Literal

    Outcome = Literal["completed", "cancelled", "paused", "failed"]

_WORDS = ("completed", "cancelled", "paused", "failed")
_MOST_CAUSES = 10
_LONGEST_MESSAGE = 2_000
_MOST_NOTES = 10
_LONGEST_PART = 10_000
_MOST_PARTS = 20
# Values whose texts Python itself makes.
TOLD_BY_PYTHON = frozenset({str, bytes, int, float, bool, complex, type(None)})
# Classes by which work is called off, wherever they come from (asyncio, concurrent.futures, Temporal, Twisted, trio).
_CANCELLED = frozenset({"CancelledError", "Cancelled", "TaskCancelled", "TaskCancelledError"})
# Others, and those by which it is put off or left out: the first part of the module, and the name.
_CANCELLATIONS = frozenset(
    {
        ("greenlet", "GreenletExit"),
        ("gevent", "GreenletExit"),
        ("celery", "Retry"),
        ("celery", "Ignore"),
        ("celery", "Reject"),
        ("dramatiq", "Retry"),
        ("arq", "Retry"),
        ("arq", "RetryJob"),
        ("huey", "RetryTask"),
        ("huey", "CancelExecution"),
        ("airflow", "AirflowSkipException"),
        ("airflow", "TaskDeferred"),
        ("airflow", "AirflowRescheduleException"),
        ("procrastinate", "JobRetry"),
        ("procrastinate", "JobAborted"),
        ("prefect", "CancelledRun"),
        ("scrapy", "DropItem"),
        ("scrapy", "IgnoreRequest"),
        ("unittest", "SkipTest"),
        ("builtins", "Skipped"),  # of pytest, which says that it is one of Python's own
        ("_pytest", "XFailed"),
        ("starlette", "ClientDisconnect"),
        ("langgraph", "GraphBubbleUp"),
    }
)
# Classes by which a program comes to its end well.
_COMPLETIONS = frozenset(
    {
        ("tornado", "Return"),
        ("tornado", "Finish"),
        ("streamlit", "StopException"),
        ("streamlit", "RerunException"),
        ("websockets", "ConnectionClosedOK"),
        ("telegram", "ApplicationHandlerStop"),
    }
)
# How a connection is closed by somebody who is done, or has left the page.
_CLOSED_WELL = frozenset({1000, 1001})
# Frameworks whose answers may be raised.
_RAISE_ANSWERS = frozenset({"aiohttp", "werkzeug", "starlette", "fastapi", "falcon", "bottle", "sanic", "litestar"})
# What the name of a class says by which a run is left until somebody has decided.
_PAUSES = ("interrupt", "pause", "suspend", "bubbleup")
_NO_PAUSES = frozenset({"KeyboardInterrupt", "InterruptedError"})


def outcome_of(error: BaseException, waiting: bool) -> Outcome:
    """Tell how a task or an action ends that an exception leaves.

    Args:
        error: The exception. One of the program's own says it by an attribute ``hiveloop_outcome``, which is one
            of ``completed``, ``cancelled``, ``paused`` and ``failed``.
        waiting: Whether the task has asked for an approval that it has not received.

    Returns:
        How it ends.

    >>> outcome_of(SystemExit(0), False), outcome_of(SystemExit(1), False), outcome_of(ValueError(), True)
    ('completed', 'failed', 'failed')
    """
    kind = type(error)
    own = getattr(error, "hiveloop_outcome", None)
    if type(own) is str and own in _WORDS:
        return own  # type: ignore[return-value]
    if isinstance(error, GeneratorExit):
        return "completed"
    if isinstance(error, SystemExit):
        # Python itself ends with success by these alone: a text, even an empty one, is a failure.
        return "completed" if error.code is None or (isinstance(error.code, int) and error.code == 0) else "failed"
    module = kind.__module__.partition(".")[0]
    if kind.__name__ == "Exit" and module in ("click", "typer"):
        return "failed" if getattr(error, "exit_code", 1) else "completed"
    if (module, kind.__name__) in _COMPLETIONS or _is_answer_of_success(error):
        return "completed"
    if (module, kind.__name__) == ("starlette", "WebSocketDisconnect"):
        return "completed" if getattr(error, "code", None) in _CLOSED_WELL else "cancelled"
    for base in kind.__mro__[:-2]:
        if base.__name__ in _CANCELLED or (base.__module__.partition(".")[0], base.__name__) in _CANCELLATIONS:
            return "paused" if waiting and base.__name__ == "GraphBubbleUp" else "cancelled"
        name = base.__name__
        if waiting and name not in _NO_PAUSES and any(word in name.lower() for word in _PAUSES):
            return "paused"
    parts = _parts_of(error)
    if parts:
        # A group ends as badly as the worst of its parts.
        return max((outcome_of(part, waiting) for part in parts), key=_WORDS.index)
    return "failed"


def _is_answer_of_success(error: BaseException) -> bool:
    """Tell whether an exception is the answer to a request, and not that of a failure: a redirect, for example."""
    if not any(base.__module__.partition(".")[0] in _RAISE_ANSWERS for base in type(error).__mro__[:-2]):
        return False
    # The answer may be held by the exception, too: `abort(redirect(…))`.
    places = (error, getattr(error, "response", None))
    statuses = (getattr(place, name, None) for place in places for name in ("status_code", "status", "code"))
    return any(isinstance(status, int) and 200 <= status < 400 for status in statuses)


def message_of(error: Any) -> str:
    """Give what an exception says, and the notes added to it; code of the program's is asked on a thread apart.

    Args:
        error: The exception, or what was given in its place.

    Returns:
        Its text, bounded.

    >>> message_of(KeyError("x"))
    "'x'"
    """
    try:
        if _is_told_by_python(error):
            text = _text_of(error)
        elif _would_fetch(error):
            from hiveloop._plain import key_of

            text = key_of(error.args if len(error.args) != 1 else error.args[0])
        else:
            from hiveloop._aside import ask

            known, text = ask(type(error), lambda: str.__str__(str(error)))
            if not known:
                text = "<message that took too long>"
        if type(error).__name__ == "ValidationError" and type(error).__module__.startswith("pydantic"):
            from hiveloop._hidden import without_inputs

            text = without_inputs(text)
    except Exception:
        text = "<message that cannot be shown>"
    notes = getattr(error, "__notes__", None) if isinstance(error, BaseException) else None
    if type(notes) is list:
        text = "\n".join([text, *(note for note in notes[:_MOST_NOTES] if type(note) is str)])
    return text


def _text_of(error: Any) -> str:
    parts = getattr(error, "args", ())
    show: Any = type(error).__str__
    if len(parts) < 2 or show is not BaseException.__str__:
        return str(error)
    # All of them are shown: of a large one no more is copied than a message has room for.
    short = (part[:_LONGEST_PART] if type(part) in (str, bytes) else part for part in islice(parts, _MOST_PARTS))
    return str(tuple(short))


def _is_told_by_python(error: Any) -> bool:
    """Tell whether no code of the program's runs when something is made a text."""
    kind = type(error)
    if not issubclass(kind, BaseException):
        return kind in TOLD_BY_PYTHON
    if hasattr(kind.__str__, "__code__"):
        return False
    parts = error.args[:1] if kind.__name__.endswith("Group") else error.args
    return all(type(part) in TOLD_BY_PYTHON for part in parts)


def _would_fetch(error: Any) -> bool:
    """Tell whether the text of an exception, made by Python itself, would run a query that it was given."""
    if not issubclass(type(error), BaseException) or hasattr(type(error).__str__, "__code__"):
        return False
    from hiveloop._plain import would_be_fetched

    return would_be_fetched(error.args)


def causes_of(error: BaseException) -> tuple[str, list[dict[str, str]]]:
    """Tell what lies behind an exception, bounded.

    Args:
        error: The exception.

    Returns:
        Words to add to its message, and every exception behind it with its type and message: the parts of a group,
        what it was raised from, and what was being handled when it was raised.

    >>> try:
    ...     raise ValueError("low") from KeyError("x")
    ... except ValueError as error:
    ...     causes_of(error)[0]
    " (caused by KeyError: 'x')"
    """
    told = [(how, _told(found)) for how, found in _behind(error)]
    texts = [(how, f"{cause['exception_type']}: {cause['exception_message']}") for how, cause in told]
    words = "; ".join(text for how, text in texts if how == "part")
    words = f": {words}" if words else ""
    words += "".join(f" (caused by {text})" for how, text in texts if how == "cause")
    return words[:_LONGEST_MESSAGE], [cause for _, cause in told]


def _behind(error: BaseException) -> Iterator[tuple[str, BaseException]]:
    """Give each exception behind one, once, and how it is connected: a part, a cause, or what was being handled."""
    seen = {id(error)}
    waiting: list[tuple[str, BaseException]] = [("itself", error)]
    count = 0
    while waiting and count < _MOST_CAUSES:
        how, found = waiting.pop(0)
        if found is not error:
            yield how, found
            count += 1
        behind = [("part", part) for part in _parts_of(found)]
        cause = getattr(found, "__cause__", None)
        if cause is not None:
            behind.append(("cause", cause))
        elif not getattr(found, "__suppress_context__", True) and found.__context__ is not None:
            behind.append(("context", found.__context__))
        for how, other in behind:
            if id(other) not in seen:
                seen.add(id(other))
                waiting.append((how, other))


def _parts_of(error: BaseException) -> tuple[BaseException, ...]:
    """Give the parts of an exception group, of Python's own or of the package that stands in for it before 3.11."""
    if not type(error).__name__.endswith("Group"):
        return ()
    parts: Any = getattr(error, "exceptions", ())
    return tuple(part for part in parts if isinstance(part, BaseException)) if isinstance(parts, (tuple, list)) else ()


def _told(error: BaseException) -> dict[str, str]:
    return {"exception_type": type(error).__name__, "exception_message": message_of(error)[:_LONGEST_MESSAGE]}
