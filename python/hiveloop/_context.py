"""What the running code is inside of."""

from __future__ import annotations

from contextvars import ContextVar

from hiveloop import _native
from hiveloop._native import current_task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ParamSpec, TypeVar

    P = ParamSpec("P")
    R = TypeVar("R")

__all__ = ["current_task", "propagate"]

_current: ContextVar[object] = ContextVar("hiveloop_current", default=None)
_native.bind_context(_current)


def propagate(function: Callable[P, R]) -> Callable[P, R]:
    """Carry the current task and action into a thread or an executor.

    Threads start with an empty context. A function wrapped here sees, wherever it runs, the task and the action that
    were current where it was wrapped. So do a coroutine and a generator, wherever they are run.

    Args:
        function: What the thread, the executor or the other event loop runs.

    Returns:
        A function of the same signature.

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
    from hiveloop._track import carry

    try:
        carried: Callable[P, R] = carry(_native.current_frame(), function)
    except Exception as error:
        from hiveloop._log import warn

        warn(f"propagate() leaves {type(function).__name__} as it is: {type(error).__name__} when it was looked at")
        return function
    return carried
