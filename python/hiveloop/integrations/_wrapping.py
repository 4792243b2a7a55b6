"""Methods of a framework's classes, wrapped in place and put back."""

from __future__ import annotations

import functools
import inspect
import sys

from hiveloop.integrations._faults import note

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from typing import Any

    from hiveloop.integrations._watch import Run, Watch


class Wrapping:
    """The wrapped methods of one integration.

    Args:
        place: What to call it in counts of faults.
    """

    def __init__(self, place: str) -> None:
        self.place = place
        self._undo: list[tuple[Any, str, Any]] = []

    def put(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        """Wrap a method that a class defines itself.

        Args:
            owner: The class.
            name: The method.
            make: Makes the wrapper of the original.
        """
        original = vars(owner)[name]
        wrapper = functools.wraps(original)(make(original))
        setattr(owner, name, wrapper)
        self._undo.append((owner, name, original))

    def take_away(self) -> None:
        """Put back what was there before, where nobody else has wrapped it since."""
        for owner, name, original in reversed(self._undo):
            if getattr(vars(owner).get(name), "__wrapped__", None) is original:
                setattr(owner, name, original)
        self._undo.clear()


def told_stream(
    place: str,
    watch: Watch,
    begin: Callable[[], Run | None],
    stream: Any,
    item: Callable[[Run, Any], None],
    end: Callable[[Run, Any], object] | None = None,
) -> AsyncIterator[Any]:
    """Pass on an asynchronous stream as a run: it begins with the first piece and ends with the last.

    The reader's own code, between the pieces, is outside of the run.

    Args:
        place: What to call it in counts of faults.
        watch: Whose run it is.
        begin: Begins the run; None for a stream that is told elsewhere.
        stream: The stream.
        item: Sees every piece.
        end: Ends the run; by default the watch does.

    Returns:
        The same pieces.
    """
    from hiveloop.integrations._watch import Within

    async def pass_on() -> AsyncIterator[Any]:
        run = _quietly(place, begin)
        error: Any = None
        try:
            while True:
                with Within(watch, run):
                    try:
                        piece = await stream.__anext__()
                    except StopAsyncIteration:
                        return
                    if run is not None:
                        _quietly(place, item, run, piece)
                yield piece
        except BaseException:
            error = sys.exc_info()[1]
            raise
        finally:
            if run is not None:
                _quietly(place, end or _end_of(watch), run, error)
            if inspect.isasyncgen(stream):
                await stream.aclose()

    return pass_on()


def _end_of(watch: Watch) -> Callable[[Run, Any], object]:
    return lambda run, error: watch.end(run.key, error)


def _quietly(place: str, call: Callable[..., Any], *args: Any) -> Any:
    try:
        return call(*args)
    except Exception as error:
        note(place, error)
        return None
