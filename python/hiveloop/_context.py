"""What the running code is inside of."""

from __future__ import annotations

from contextvars import ContextVar

from hiveloop import _native
from hiveloop._native import current_task
from hiveloop._settings import class_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    F = TypeVar("F")

__all__ = ["current_task", "propagate"]

_current: ContextVar[object] = ContextVar("hiveloop_current", default=None)
_native.bind_context(_current)


def propagate(function: F, *more: Any, **unknown: Any) -> F:
    """Carry the current task and action into a thread, an executor of threads or another event loop.

    Threads start with an empty context. A function wrapped here sees, wherever it runs, the task and the action that
    were current where it was wrapped. So do a coroutine and a generator, wherever they are run. Into another process,
    hand over the task itself: it can be pickled.

    Args:
        function: What the thread, the executor or the other event loop runs: a function, or a coroutine.
        *more: Logged and ignored.
        **unknown: Logged and ignored.

    Returns:
        Something of the same kind and signature.

    >>> import threading
    >>> seen = []
    >>> hb = hiveloop.init(api_key="hb_test_0123456789abcdef0123456789abcdef")
    >>> with hb.agent("worker").task("job-1") as task:
    ...     thread = threading.Thread(target=hiveloop.propagate(lambda: seen.append(hiveloop.current_task())))
    ...     thread.start()
    ...     thread.join()
    >>> seen == [task]
    True
    """
    from hiveloop._carry import carry
    from hiveloop._log import say_ignored, warn

    say_ignored("propagate", more, unknown)
    try:
        carried: F = carry(_native.current_frame(), function)
    except Exception as error:
        kind, trouble = class_name(type(function)), class_name(type(error))
        warn(f"propagate() leaves {kind} as it is: {trouble} when it was looked at")
        return function
    return carried
