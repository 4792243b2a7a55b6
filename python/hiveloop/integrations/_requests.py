"""What the clients of OpenAI and Anthropic share: both are made by one generator, and send all through `request`.

One hook there sees `create`, `parse`, `stream`, raw responses and the beta forms alike, synchronous or not, on clients
that were made before it was set as well.
"""

from __future__ import annotations

import functools
import inspect

from hiveloop._errors import HiveLoopIntegrationError
from hiveloop.integrations._calls import is_inside_call
from hiveloop.integrations._faults import note, quiet
from hiveloop.integrations._streams import Passing, observe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from hiveloop.integrations._calls import Call
    from hiveloop.integrations._watch import Watch

    class Reader(Protocol):
        """Reads one kind of answer."""

        def item(self, item: Any) -> None:
            """Note a piece of a stream."""

        def whole(self, answer: Any) -> None:
            """Note an answer that came at once."""

        def end(self, call: Call, error: BaseException | None) -> None:
            """Tell of the call by what was noted."""


class Hook:
    """The hook on one package's clients.

    Args:
        package: Its name.
        watch: Where the calls go.
        begin: Makes a call and a reader of its answer of a request's path and body; None for what calls no model.
    """

    def __init__(
        self, package: str, watch: Watch, begin: Callable[[Watch, str, Any], tuple[Call, Reader] | None]
    ) -> None:
        self.watch = watch
        self._package = package
        self._begin = quiet(f"{package}.begin")(begin)
        self._undo: list[tuple[Any, Any]] = []

    def put(self, *clients: Any) -> None:
        """Set the hook.

        Args:
            *clients: The classes of the clients.
        """
        for client in clients:
            owner: Any = next((base for base in client.__mro__ if "request" in vars(base)), None)
            original = vars(owner).get("request") if owner is not None else None
            if original is None or "options" not in inspect.signature(original).parameters:
                self.take_away()
                raise HiveLoopIntegrationError(
                    f"this version of {self._package} sends its requests another way: update hiveloop, or use "
                    "OpenTelemetry"
                )
            wrap = self._asynchronous if inspect.iscoroutinefunction(original) else self._synchronous
            owner.request = wrap(original)
            self._undo.append((owner, original))

    def take_away(self) -> None:
        """Put back what was there before."""
        for owner, original in self._undo:
            if getattr(owner.request, "__wrapped__", None) is original:
                owner.request = original
        self._undo.clear()
        # Somebody else has wrapped the hook since: it stays, and does nothing.
        self._begin = lambda *_: None

    def _start(self, args: Any, kwargs: Any) -> tuple[Call, Reader] | None:
        options = args[1] if len(args) > 1 else kwargs.get("options")
        url = getattr(options, "url", None)
        if not isinstance(url, str) or is_inside_call():
            return None
        begun = self._begin(self.watch, url, getattr(options, "json_data", None) or {})
        if begun is not None:
            begun[0].hide_inner()
        return begun

    def _synchronous(self, original: Any) -> Any:
        @functools.wraps(original)
        def request(client: Any, *args: Any, **kwargs: Any) -> Any:
            begun = self._start(args, kwargs)
            if begun is None:
                return original(client, *args, **kwargs)
            call, reader = begun
            try:
                answer = original(client, *args, **kwargs)
            except BaseException as error:
                _end(call, reader, error)
                raise
            _answered(call, reader, answer)
            return answer

        return request

    def _asynchronous(self, original: Any) -> Any:
        @functools.wraps(original)
        async def request(client: Any, *args: Any, **kwargs: Any) -> Any:
            begun = self._start(args, kwargs)
            if begun is None:
                return await original(client, *args, **kwargs)
            call, reader = begun
            try:
                answer = await original(client, *args, **kwargs)
            except BaseException as error:
                _end(call, reader, error)
                raise
            _answered(call, reader, answer)
            return answer

        return request


@quiet("request.end")
def _end(call: Call, reader: Reader, error: BaseException | None) -> None:
    call.unhide()
    reader.end(call, error)


@quiet("request.answered")
def _answered(call: Call, reader: Reader, answer: Any) -> None:
    call.unhide()
    form = _form_of(type(answer))  # type: ignore[arg-type]
    if form == "raw":
        _raw(call, reader, answer)
    elif form == "stream":
        call.metadata["stream"] = True
        observe(answer, Passing(reader.item, lambda error: _ended(call, reader, error)))
    else:
        reader.whole(answer)
        reader.end(call, None)


@functools.lru_cache(1000)
def _form_of(kind: Any) -> str:
    """Tell an answer that came at once from a stream, and from a response that is still to be parsed."""
    if hasattr(kind, "__pydantic_fields__"):
        return "whole"
    if hasattr(kind, "parse"):
        return "raw"
    return "stream" if hasattr(kind, "__next__") or hasattr(kind, "__anext__") else "whole"


def _ended(call: Call, reader: Reader, error: BaseException | None) -> None:
    if isinstance(error, GeneratorExit):
        call.metadata["stream"] = "abandoned"
        error = None
    reader.end(call, error)


def _raw(call: Call, reader: Reader, answer: Any) -> None:
    """Wait until a raw response is parsed: only then is there something to read."""
    parse = answer.parse

    def told(parsed: Any) -> Any:
        if not call.done:
            try:
                _answered(call, reader, parsed)
            except Exception as error:
                note("request.raw", error)
        return parsed

    if inspect.iscoroutinefunction(parse):

        @functools.wraps(parse)
        async def parse_told(*args: Any, **kwargs: Any) -> Any:
            return told(await parse(*args, **kwargs))

        answer.parse = parse_told
    else:
        answer.parse = functools.wraps(parse)(lambda *args, **kwargs: told(parse(*args, **kwargs)))
