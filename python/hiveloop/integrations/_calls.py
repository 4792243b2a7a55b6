"""Calls of models, each told once, though a framework and the client it stands on may both see it."""

from __future__ import annotations

import threading
import time
from contextvars import ContextVar

from hiveloop import _native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hiveloop.integrations._usage import Usage
    from hiveloop.integrations._watch import Watch

_MOST_IDS = 4096

# The call that the running code makes: a client beneath it must not tell of it again.
_outer: ContextVar[Call | None] = ContextVar("hiveloop_model_call", default=None)
# Who has told of which response, in which run of a task, and when. Where a context did not travel, the id still tells
# that two calls are one.
_told: dict[str, tuple[str, str | None, float]] = {}
# Some servers give every answer the same id, or count from 1: only what was told while a call ran, and not in another
# task, can be that call.
_SLACK_SECONDS = 2.0
_lock = threading.Lock()


def is_inside_call() -> bool:
    """Whether somebody further out tells of the call that is about to be made."""
    outer = _outer.get()
    return outer is not None and outer.hides


class Call:
    """A call of a model that runs."""

    __slots__ = (
        "_frame",
        "_prompt",
        "_started",
        "_task",
        "_token",
        "_watch",
        "done",
        "hides",
        "metadata",
        "model",
        "name",
    )

    def __init__(
        self, watch: Watch, name: str, model: Any, prompt: str | None, frame: Any = None, task: Any = None
    ) -> None:
        self._watch = watch
        self._frame = frame if frame is not None else _native.current_frame()
        self._task = task if frame is not None else _native.current_task()
        self._prompt = prompt
        self._started = time.perf_counter()
        self._token: Any = None
        self.name = name
        self.model = model
        self.metadata: dict[str, Any] = {}
        self.hides = False
        self.done = False

    def hide_inner(self) -> None:
        """From here on in this context, what is called beneath is this call."""
        self.hides = True
        self._token = _outer.set(self)

    def unhide(self) -> None:
        """The request is out, or answered: what is called from here on is another call."""
        self.hides = False
        token, self._token = self._token, None
        if token is not None and _outer.get() is self:
            try:
                _outer.reset(token)
            except ValueError:  # begun in another context, which ends by itself
                _outer.set(None)

    def end(
        self,
        usage: Usage | None = None,
        *,
        model: Any = None,
        response: str | None = None,
        response_id: Any = None,
        error: Any = None,
        cost: float | None = None,
        duration_ms: float | None = None,
    ) -> None:
        """Tell of the call. Later ends are ignored.

        Args:
            usage: Its tokens, if somebody has counted them.
            model: The model that answered, where that is more exact than the one asked.
            response: The beginning of the answer.
            response_id: The provider's id of the answer.
            error: What went wrong.
            cost: US dollars, if the framework knows.
            duration_ms: Milliseconds, where the framework knows better.
        """
        if self.done:
            return
        self.done = True
        self.unhide()
        if response_id is not None and self._is_told_elsewhere(str(response_id)):
            return
        if duration_ms is None:
            duration_ms = round((time.perf_counter() - self._started) * 1000, 1)
        metadata = self.metadata
        if usage is not None:
            for kind in ("cache_read", "cache_write", "reasoning"):
                count = getattr(usage, kind)
                if count:
                    metadata[kind] = count
        if response_id is not None:
            metadata["response_id"] = str(response_id)
        if error is not None:
            metadata["error"] = _native.scrubbed(f"{type(error).__name__}: {error}"[:500])
        before = _native.replace_frame(self._frame)
        try:
            (self._task or self._watch.agent()).llm_call(
                self.name,
                str(model or self.model or "unknown"),
                tokens_in=usage.tokens_in if usage else None,
                tokens_out=usage.tokens_out if usage else None,
                cost=cost,
                duration_ms=duration_ms,
                prompt_preview=self._prompt,
                response_preview=response,
                metadata=metadata or None,
            )
        finally:
            _native.replace_frame(before)
            self._frame = self._task = self._prompt = None

    def _is_told_elsewhere(self, response_id: str) -> bool:
        """Whether another integration has told of this call."""
        now = time.perf_counter()
        run_id = self._task.task_run_id if self._task is not None else None
        with _lock:
            told = _told.get(response_id)
            if told is not None and told[0] != self._watch.source:
                is_meanwhile = told[2] >= self._started - _SLACK_SECONDS
                if is_meanwhile and (told[1] is None or run_id is None or told[1] == run_id):
                    return True
            _told[response_id] = (self._watch.source, run_id, now)
            if len(_told) > _MOST_IDS:
                del _told[next(iter(_told))]
        return False
