"""Programs whose threads are greenlets: gevent's and eventlet's.

There a thread that waits natively stops the whole process, so this package's own Python code waits by their means.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def cooperative_sleep(*, idle: bool = False) -> Callable[[float], None] | None:
    """Give how to wait without stopping the other greenlets; None where threads are threads.

    Args:
        idle: Waiting for something to do: a program that waits for all its greenlets to end does not wait for this.
    """
    monkey = sys.modules.get("gevent.monkey")
    if monkey is not None and (monkey.is_module_patched("threading") or monkey.is_module_patched("_thread")):
        gevent = sys.modules["gevent"]
        return lambda seconds: gevent.sleep(seconds, ref=not idle)
    patcher = sys.modules.get("eventlet.patcher")
    if patcher is not None and patcher.is_monkey_patched("thread"):
        return sys.modules["eventlet"].sleep  # type: ignore[no-any-return]
    return None


def may_wait() -> bool:
    """Tell whether the running code is a greenlet that may let others run: the hub may not."""
    greenlet = sys.modules.get("greenlet")
    if greenlet is None:
        return False
    current = greenlet.getcurrent()
    hub = sys.modules.get("gevent._hub_local") or sys.modules.get("eventlet.hubs")
    get_hub = getattr(hub, "get_hub_if_exists", None) or getattr(hub, "get_hub", None)
    try:
        found = get_hub() if get_hub is not None else None
    except Exception:
        return False
    return found is None or current not in (found, getattr(found, "greenlet", None))
