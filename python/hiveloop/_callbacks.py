"""Threads that heartbeat callbacks run on.

A callback is the program's own code: it may block or fail. It runs on one of at most four daemon threads, started
when the first agents with callbacks are registered; the heartbeat clock itself never waits for it. Where threads are
greenlets, it runs on such a one.
"""

from __future__ import annotations

import types

from hiveloop import _native
from hiveloop._greenlets import cooperative_sleep
from hiveloop._settings import class_name, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MOST_THREADS = 4
# How often a greenlet looks for something to do: a heartbeat may be late by this much.
LOOKS_EVERY_SECONDS = 0.1
_MOST_REMEMBERED = 1024

# What is wrong with callbacks, by the two of an agent, so that it is said once.
_said: dict[tuple[int, int], str] = {}


def work(client: _native.Client) -> None:
    """Call callbacks until the client is shut down."""
    _said.clear()
    sleep = cooperative_sleep(idle=True)
    if sleep is not None:
        return _work_cooperatively(client, sleep)
    while (ticket := _native.next_callback(client)) is not None:
        _answer(ticket)


def _work_cooperatively(client: _native.Client, sleep: Callable[[float], None]) -> None:
    while (ticket := _native.poll_callback(client)) is not False:
        if ticket is None:
            sleep(LOOKS_EVERY_SECONDS)
        else:
            _answer(ticket)


def _answer(ticket: _native.CallbackTicket) -> None:
    heartbeat_payload, queue_provider = ticket.callbacks()
    payload, payload_problem = _ask("heartbeat_payload", heartbeat_payload)
    queue, queue_problem = _ask("queue_provider", queue_provider)
    problems = [problem for problem in (payload_problem, queue_problem) if problem]
    ticket.finish(payload, queue, _news((id(heartbeat_payload), id(queue_provider)), problems))


def _news(callbacks: tuple[int, int], problems: list[str]) -> str | None:
    """Give what is to be said of callbacks: what is wrong with them once, and again when it has been well meanwhile."""
    kinds = "; ".join(problem.partition(":")[0] for problem in problems)
    if not kinds:
        _said.pop(callbacks, None)
        return None
    if _said.get(callbacks) == kinds:
        return None
    if len(_said) >= _MOST_REMEMBERED:
        _said.clear()
    _said[callbacks] = kinds
    return "; ".join(problems)


def _ask(name: str, callback: Callable[[], Any] | None) -> tuple[Any, str | None]:
    """Call a callback; give its value, and what is wrong with it."""
    if callback is None:
        return None, None
    try:
        value = callback()
        if value is None:
            return None, None
        if type(value) is types.CoroutineType:
            value.close()
            return None, f"{name} is asynchronous: give a function that returns a dict"
        if not issubclass(type(value), dict) and not hasattr(type(value), "keys"):
            return None, f"{name} returned {class_name(type(value))}, not a dict"
        return dict(value), None
    except BaseException as error:  # a thread of ours must survive even a SystemExit of the callback's
        return None, f"{name} raised {class_name(type(error))}: {shown(error)}"
