"""Streams that tell what has passed when they end, are closed, or are let go."""

from __future__ import annotations

from hiveloop.integrations._faults import quiet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from typing import Any


class Passing:
    """What a stream has given so far.

    Args:
        item: Sees every piece.
        end: Is told once, by what the stream ended: None for its end, GeneratorExit for a reader that has gone.
    """

    __slots__ = ("_end", "item")

    def __init__(self, item: Callable[[Any], None], end: Callable[[BaseException | None], None]) -> None:
        self.item = quiet("stream.item")(item)
        self._end: Callable[[BaseException | None], None] | None = end

    @quiet("stream.end")
    def end(self, error: BaseException | None = None) -> None:
        """Tell of the end. Later ends are ignored."""
        told, self._end = self._end, None
        if told is not None:
            told(error)

    def __del__(self) -> None:
        self.end(GeneratorExit())


_classes: dict[type, type] = {}


def observe(stream: Any, passing: Passing) -> bool:
    """Let a stream of a client's tell what passes, in place: it stays the object that it is, of a class of its class.

    Args:
        stream: Iterable or asynchronously iterable, and its own iterator.
        passing: What sees the pieces.

    Returns:
        Whether that was possible.
    """
    kind = type(stream)
    observed = _classes.get(kind)
    if observed is None:
        methods = _async_methods(kind) if hasattr(kind, "__anext__") else _methods(kind)
        observed = _classes[kind] = type(kind.__name__, (kind,), {"__module__": kind.__module__, **methods})
    stream._hiveloop_passing = passing
    stream.__class__ = observed
    return True


def _methods(kind: Any) -> dict[str, Any]:
    def advance(self: Any) -> Any:
        passing: Passing = self._hiveloop_passing
        try:
            item = kind.__next__(self)
        except StopIteration:
            passing.end()
            raise
        except BaseException as error:
            passing.end(error)
            raise
        passing.item(item)
        return item

    def iterate(self: Any) -> Iterator[Any]:
        while True:
            try:
                item = advance(self)
            except StopIteration:
                return
            yield item

    def close(self: Any, *args: Any, **kwargs: Any) -> Any:
        self._hiveloop_passing.end(GeneratorExit())
        return kind.close(self, *args, **kwargs)

    methods: dict[str, Any] = {"__next__": advance, "__iter__": iterate}
    return {**methods, "close": close} if hasattr(kind, "close") else methods


def _async_methods(kind: Any) -> dict[str, Any]:
    async def advance(self: Any) -> Any:
        passing: Passing = self._hiveloop_passing
        try:
            item = await kind.__anext__(self)
        except StopAsyncIteration:
            passing.end()
            raise
        except BaseException as error:
            passing.end(error)
            raise
        passing.item(item)
        return item

    async def iterate(self: Any) -> AsyncIterator[Any]:
        while True:
            try:
                item = await advance(self)
            except StopAsyncIteration:
                return
            yield item

    async def close(self: Any, *args: Any, **kwargs: Any) -> Any:
        self._hiveloop_passing.end(GeneratorExit())
        return await kind.close(self, *args, **kwargs)

    methods: dict[str, Any] = {"__anext__": advance, "__aiter__": iterate}
    return {**methods, "close": close} if hasattr(kind, "close") else methods
