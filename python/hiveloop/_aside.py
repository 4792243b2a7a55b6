"""Asking the program's own code what a value is, on a thread apart and within bounds.

A ``repr`` may sleep, a mapping may fetch what it holds: the call that reports an event must not wait for it.
"""

from __future__ import annotations

import contextvars
import os
import threading
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

PATIENCE_SECONDS = 0.1
_WINDOW_SECONDS = 1.0
_MOST_STUCK = 4
# A class that took too long while the whole machine did is asked again after this.
_FORGIVEN_AFTER_SECONDS = 60.0
_MOST_REMEMBERED = 256

# Classes whose values took too long, and when.
_slow: dict[type, float] = {}
# Those of them whose question has not come back: each has left a thread behind.
_stuck: set[type] = set()
_worker: _Worker | None = None
# Where those threads are: a fork leaves them behind.
_process = os.getpid()
# Since when, and how long in all, answers were waited for.
_window_began = 0.0
_window_spent = 0.0


class _Worker:
    """A thread that answers one question after the other."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.asked = threading.Event()
        self.question: tuple[contextvars.Context, Callable[[], Any], _Answer] | None = None
        threading.Thread(target=self._work, name="hiveloop-aside", daemon=True).start()

    def _work(self) -> None:
        while True:
            self.asked.wait()
            self.asked.clear()
            asked, self.question = self.question, None
            if asked is None:
                continue
            context, question, answer = asked
            try:
                answer.value = context.run(question)
            except BaseException as error:  # raised where the question was asked
                answer.error = error
            asked = context = question = None  # type: ignore[assignment]
            answer.done.set()
            if answer.given_up is not None:
                _stuck.discard(answer.given_up)
                return
            del answer

    def ask(self, question: Callable[[], Any]) -> _Answer:
        answer = _Answer()
        self.question = (contextvars.copy_context(), question, answer)
        self.asked.set()
        return answer


class _Answer:
    def __init__(self) -> None:
        self.done = threading.Event()
        self.error: BaseException | None = None
        self.value: Any = None
        # The class that was asked about, once nobody waits any more.
        self.given_up: type | None = None


def ask(kind: type, question: Callable[[], Any]) -> tuple[bool, Any]:
    """Ask about a value.

    Args:
        kind: The value's class; one that took too long is not asked again for a while.
        question: Code of the program's.

    Returns:
        Whether there is an answer in time, and the answer.

    Raises:
        BaseException: What that code raised.
    """
    global _worker, _process, _window_began, _window_spent
    if _process != os.getpid():
        _process, _worker = os.getpid(), None
        _stuck.clear()
    now = time.monotonic()
    if now - _window_began > _WINDOW_SECONDS:
        _window_began, _window_spent = now, 0.0
    patience = PATIENCE_SECONDS - _window_spent
    if kind in _stuck or len(_stuck) >= _MOST_STUCK or patience <= 0:
        return False, None
    if kind in _slow and now - _slow[kind] < _FORGIVEN_AFTER_SECONDS:
        return False, None
    worker = _worker
    if worker is None:
        try:
            worker = _worker = _Worker()
        except RuntimeError:  # no thread is to be had: the interpreter ends
            return False, None
    # One thread apart is enough for all that ask, in turn.
    if not worker.lock.acquire(timeout=patience):
        return False, None
    try:
        answer = worker.ask(question)
        answered = answer.done.wait(patience)
    finally:
        _window_spent += time.monotonic() - now
        worker.lock.release()
    if not answered:
        if patience == PATIENCE_SECONDS:
            if len(_slow) >= _MOST_REMEMBERED:
                _slow.clear()
            _slow[kind] = now
        # That thread is left to itself, and ends when it comes back; the next question gets another.
        _worker = None
        _stuck.add(kind)
        answer.given_up = kind
        if answer.done.is_set():  # it came back just now
            _stuck.discard(kind)
        return False, None
    if answer.error is not None:
        raise answer.error
    return True, answer.value
