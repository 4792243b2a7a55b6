"""Threads that heartbeat callbacks run on.

A callback is the program's own code: it may block or fail. It runs on one of at most four daemon threads, started
when the first agents with callbacks are registered; the heartbeat clock itself never waits for it.
"""

from __future__ import annotations

from hiveloop import _native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MOST_THREADS = 4


def work(client: _native.Client) -> None:
    """Call callbacks until the client is shut down."""
    while (ticket := _native.next_callback(client)) is not None:
        heartbeat_payload, queue_provider = ticket.callbacks()
        payload, payload_problem = _ask("heartbeat_payload", heartbeat_payload)
        queue, queue_problem = _ask("queue_provider", queue_provider)
        problems = [problem for problem in (payload_problem, queue_problem) if problem]
        ticket.finish(payload, queue, "; ".join(problems) or None)


def _ask(name: str, callback: Callable[[], Any] | None) -> tuple[Any, str | None]:
    """Call a callback; give its value, and what is wrong with it."""
    if callback is None:
        return None, None
    try:
        value = callback()
    except BaseException as error:  # a thread of ours must survive even a SystemExit of the callback's
        return None, f"{name} raised {type(error).__name__}: {error}"
    if value is None:
        return None, None
    if not isinstance(value, dict):
        return None, f"{name} returned {type(value).__name__}, not a dict"
    return dict(value), None
