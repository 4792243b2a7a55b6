"""Ends and forks of processes.

- At a normal exit, what is queued is sent, for at most five seconds.
- A forked child gets a queue, threads and a connection of its own.
- Children of `multiprocessing` (and of its relative `billiard`) skip `atexit`; their own finalizers send for them.
- Celery's worker processes skip those, too; the signal by which Celery tells of their end sends for them.
"""

from __future__ import annotations

import atexit
import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hiveloop._client import HiveBoard

EXIT_TIMEOUT_SECONDS = 5.0

_live: list[HiveBoard] = []
_prepared: set[str] = set()


def watch(client: HiveBoard) -> None:
    """Take care of a client at ends and forks."""
    _live.append(client)
    if "fork" not in _prepared:
        _prepared.add("fork")
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=_before_fork, after_in_child=_after_fork_in_child)
    _prepare_multiprocessing()
    _finalize_here()


def forget(client: HiveBoard) -> None:
    """Leave a client that is shut down to itself."""
    if client in _live:
        _live.remove(client)


def _at_exit(**_: object) -> None:
    for client in list(_live):
        # Who has just pressed Ctrl-C while something was sent does not want to wait for the rest.
        pressed_at = client._interrupted_at
        is_hurried = pressed_at is not None and time.monotonic() - pressed_at < EXIT_TIMEOUT_SECONDS
        try:
            client._shutdown(0.0 if is_hurried else EXIT_TIMEOUT_SECONDS)
        except (KeyboardInterrupt, SystemExit):  # raised by a signal's handler: the end has begun already
            for other in _live:
                other._interrupted_at = time.monotonic()


# Now, not when a client is made: what is registered later is called earlier, and may still have something to report.
atexit.register(_at_exit)


def _before_fork() -> None:
    _prepare_multiprocessing()


def _after_fork_in_child() -> None:
    for client in _live:
        client._after_fork_in_child()


class _Anchor:
    """Something for `register_after_fork` to hold on to."""


_anchor = _Anchor()


def _prepare_multiprocessing() -> None:
    """See to it that children send at their end; `multiprocessing` clears what was registered before a fork."""
    for name in ("multiprocessing.util", "billiard.util"):
        util = sys.modules.get(name)
        if util is not None and name not in _prepared:
            _prepared.add(name)
            util.register_after_fork(_anchor, lambda _: _finalize_here())
    signals = sys.modules.get("celery.signals")
    if signals is not None and "celery" not in _prepared:
        _prepared.add("celery")
        signals.worker_process_shutdown.connect(_at_exit, weak=False)


def _is_child(name: str) -> bool:
    """Tell whether this process is one of those children; the first one ends as all programs do."""
    process = sys.modules.get(f"{name.partition('.')[0]}.process")
    current = getattr(process, "current_process", lambda: None)()
    return getattr(current, "_parent_pid", os.getpid()) is not None


def _finalize_here() -> None:
    """Send what is queued when a child of `multiprocessing` ends."""
    for name in ("multiprocessing.util", "billiard.util"):
        util = sys.modules.get(name)
        if util is not None and _is_child(name):
            # Before the finalizers that end pools and queues, whose threads may still emit.
            util.Finalize(None, _at_exit, exitpriority=0)
