"""What an exception that leaves a task or an action means for it.

Most mean failure. Some are how a program steers: an exit with success, a reader that stops early, a cancellation, a
pause until somebody has decided. No framework is imported to know its exceptions: they are known by their names.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Literal

    Outcome = Literal["completed", "cancelled", "paused", "failed"]

_WORDS = ("completed", "cancelled", "paused", "failed")
_MOST_CAUSES = 10
_LONGEST_MESSAGE = 2_000
# Classes by which work is called off: the first part of the module, and the name.
_CANCELLATIONS = frozenset(
    {
        ("asyncio", "CancelledError"),
        ("concurrent", "CancelledError"),
        ("trio", "Cancelled"),
        ("curio", "TaskCancelled"),
        ("greenlet", "GreenletExit"),
        ("gevent", "GreenletExit"),
        ("celery", "Retry"),
        ("celery", "Ignore"),
        ("celery", "Reject"),
        ("langgraph", "GraphBubbleUp"),
    }
)
# What the name of a class says by which a run is left until somebody has decided.
_PAUSES = ("interrupt", "pause", "suspend", "bubbleup")
_NO_PAUSES = frozenset({"KeyboardInterrupt", "InterruptedError"})


def outcome_of(error: BaseException, waiting: bool) -> Outcome:
    """Tell how a task or an action ends that an exception leaves.

    Args:
        error: The exception. A class of the program's own says it by an attribute ``hiveloop_outcome``, which is one
            of ``completed``, ``cancelled``, ``paused`` and ``failed``.
        waiting: Whether the task has asked for an approval that it has not received.

    Returns:
        How it ends.

    >>> outcome_of(SystemExit(0), False), outcome_of(SystemExit(1), False), outcome_of(ValueError(), True)
    ('completed', 'failed', 'failed')
    """
    kind = type(error)
    own = getattr(kind, "hiveloop_outcome", None)
    if own in _WORDS:
        return own  # type: ignore[no-any-return]
    if isinstance(error, GeneratorExit):
        return "completed"
    if isinstance(error, SystemExit):
        return "failed" if error.code else "completed"
    if kind.__name__ == "Exit" and kind.__module__.partition(".")[0] in ("click", "typer"):
        return "failed" if getattr(error, "exit_code", 1) else "completed"
    for base in kind.__mro__[:-2]:
        if (base.__module__.partition(".")[0], base.__name__) in _CANCELLATIONS:
            return "paused" if waiting and base.__name__ == "GraphBubbleUp" else "cancelled"
        name = base.__name__
        if waiting and name not in _NO_PAUSES and any(word in name.lower() for word in _PAUSES):
            return "paused"
    parts = _parts_of(error)
    if parts:
        # A group ends as badly as the worst of its parts.
        return max((outcome_of(part, waiting) for part in parts), key=_WORDS.index)
    return "failed"


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
    try:
        message = str(error)
    except Exception:
        message = "<message that cannot be shown>"
    return {"exception_type": type(error).__name__, "exception_message": message[:_LONGEST_MESSAGE]}
