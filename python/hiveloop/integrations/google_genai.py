"""Google's client for Gemini: each call of a model with its tokens.

>>> from hiveloop.integrations import google_genai  # doctest: +SKIP
>>> google_genai.install(hb)  # doctest: +SKIP
"""

from __future__ import annotations

import inspect

from hiveloop._errors import HiveLoopIntegrationError
from hiveloop.integrations import _usage
from hiveloop.integrations._calls import is_inside_call
from hiveloop.integrations._faults import quiet
from hiveloop.integrations._names import field, preview
from hiveloop.integrations._streams import Passing
from hiveloop.integrations._watch import Watch
from hiveloop.integrations._wrapping import Wrapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from typing import Any

    from hiveloop._agent import Agent
    from hiveloop._client import HiveBoard
    from hiveloop.integrations._calls import Call

_watch: Watch | None = None
_wrapping = Wrapping("google_genai.install")


def asked(contents: Any) -> str | None:
    """Preview what a model is asked last.

    Args:
        contents: What `generate_content` takes.

    Returns:
        The beginning of the last text.
    """
    last = contents[-1] if isinstance(contents, list) and contents else contents
    return preview(field(last, "parts") or (last if isinstance(last, str) else [last]))


def said(content: Any) -> str | None:
    """Preview what a model has answered, or which tools it calls.

    Args:
        content: The content of an answer.

    Returns:
        The beginning of its text.
    """
    parts = field(content, "parts") or ()
    names = [str(call.name) for call in (field(part, "function_call") for part in parts) if call is not None]
    return preview(list(parts)) or (f"→ {', '.join(names)}" if names else None)


class _Answer:
    """What is known of an answer so far."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._usage: Any = None
        self._model: Any = None
        self._id: Any = None
        self._texts: list[str] = []

    def item(self, answer: Any) -> None:
        """Note an answer, or a piece of one: its counts are those up to here."""
        self._usage = field(answer, "usage_metadata") or self._usage
        self._model = field(answer, "model_version") or self._model
        self._id = field(answer, "response_id") or self._id
        for candidate in (field(answer, "candidates") or ())[:1]:
            text = said(field(candidate, "content"))
            if text and len(self._texts) < 100:
                self._texts.append(text)

    def end(self, error: BaseException | None = None) -> None:
        """Tell of the call."""
        if isinstance(error, GeneratorExit):
            self._call.metadata["stream"] = "abandoned"
            error = None
        usage = _usage.of_gemini(self._usage)
        self._call.end(
            usage.known_of_stream() if usage is not None else None,
            model=self._model,
            response=preview("".join(self._texts)),
            response_id=self._id,
            error=error,
        )


@quiet("google_genai.begin")
def _begin(kwargs: dict[str, Any]) -> _Answer | None:
    if _watch is None or is_inside_call():
        return None
    call = _watch.call("generate_content", kwargs.get("model"), asked(kwargs.get("contents")))
    call.hide_inner()
    return _Answer(call)


@quiet("google_genai.answered")
def _whole(answer: _Answer, response: Any) -> None:
    answer.item(response)
    answer.end()


def _wrap(original: Any) -> Any:
    def generate(self: Any, **kwargs: Any) -> Any:
        answer = _begin(kwargs)
        if answer is None:
            return original(self, **kwargs)
        try:
            response = original(self, **kwargs)
        except BaseException as error:
            quiet("google_genai.end")(answer.end)(error)
            raise
        _whole(answer, response)
        return response

    return generate


def _wrap_async(original: Any) -> Any:
    async def generate(self: Any, **kwargs: Any) -> Any:
        answer = _begin(kwargs)
        if answer is None:
            return await original(self, **kwargs)
        try:
            response = await original(self, **kwargs)
        except BaseException as error:
            quiet("google_genai.end")(answer.end)(error)
            raise
        _whole(answer, response)
        return response

    return generate


def _passing(answer: _Answer) -> Passing:
    answer._call.unhide()
    answer._call.metadata["stream"] = True
    return Passing(answer.item, answer.end)


def _wrap_stream(original: Any) -> Any:
    def generate(self: Any, **kwargs: Any) -> Iterator[Any]:
        answer = _begin(kwargs)
        pieces = original(self, **kwargs)
        return pieces if answer is None else _follow(pieces, _passing(answer))

    return generate


def _follow(pieces: Any, passing: Passing) -> Iterator[Any]:
    try:
        for piece in pieces:
            passing.item(piece)
            yield piece
    except BaseException as error:
        passing.end(error)
        raise
    passing.end()


def _wrap_async_stream(original: Any) -> Any:
    async def generate(self: Any, **kwargs: Any) -> AsyncIterator[Any]:
        answer = _begin(kwargs)
        try:
            pieces = await original(self, **kwargs)
        except BaseException as error:
            if answer is not None:
                quiet("google_genai.end")(answer.end)(error)
            raise
        return pieces if answer is None else _follow_async(pieces, _passing(answer))

    return generate


async def _follow_async(pieces: Any, passing: Passing) -> AsyncIterator[Any]:
    try:
        async for piece in pieces:
            passing.item(piece)
            yield piece
    except BaseException as error:
        passing.end(error)
        raise
    passing.end()


def install(hb: HiveBoard | None = None, project: str | None = None, agent: Agent | str | None = None) -> Watch:
    """Tell of every call that any client of Google's makes in this process.

    Args:
        hb: The connection; by default the one that `hiveloop.init` has made.
        project: Not used by calls, which belong to the task's; here for sameness.
        agent: The agent of calls outside of tasks, or its name; by default the program's.

    Returns:
        What is watched.
    """
    global _watch
    try:
        from google.genai.models import AsyncModels, Models
    except ImportError as error:
        raise HiveLoopIntegrationError("google-genai is not installed: pip install 'google-genai>=1'") from error
    names = {"generate_content", "generate_content_stream"}
    if not names <= set(vars(Models)) or not inspect.iscoroutinefunction(vars(AsyncModels).get("generate_content")):
        raise HiveLoopIntegrationError("this version of google-genai is called another way: update hiveloop")
    uninstall()
    _watch = Watch("google-genai", hb, project, agent)
    _wrapping.put(Models, "generate_content", _wrap)
    _wrapping.put(Models, "generate_content_stream", _wrap_stream)
    _wrapping.put(AsyncModels, "generate_content", _wrap_async)
    _wrapping.put(AsyncModels, "generate_content_stream", _wrap_async_stream)
    return _watch


def uninstall() -> None:
    """Put the client back as it was."""
    global _watch
    _watch = None
    _wrapping.take_away()
