"""What carries a task elsewhere: the inside of `hiveloop.propagate`."""

from __future__ import annotations

import types

from hiveloop import _track
from hiveloop._track import Frame, alike, async_generator_driver, decorating_block, generator_driver

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any


def carry(frame: Any, given: Any) -> Any:
    """Make something run, wherever it does, inside of a task or action.

    Args:
        frame: The task or action; None for none.
        given: What can be called; a coroutine, a generator or a block that was made by calling something.

    Returns:
        Something of the same kind and signature.
    """
    if not callable(given) or type(given) in _track.BLOCKS:
        return _carry_result(frame, given)
    carried = _carry_function(frame, given)
    return carried if isinstance(given, type) else _track.in_shape_of(given, carried)


def _carry_function(frame: Any, function: Any) -> Any:
    flags = _track.flags_of(function)
    # What is made here runs among the program's globals: see `alike`.
    place_of, carry_coroutine, carry_result = Frame, _carry_coroutine, _carry_result
    if flags & _track.COROUTINE:

        async def coroutine(*args: Any, **kwargs: Any) -> Any:
            return await carry_coroutine(place_of(frame), function(*args, **kwargs))

        return alike(coroutine, function)
    if flags & _track.ASYNC_GENERATOR:
        return alike(async_generator_driver(lambda: Frame(frame), function), function)
    if flags & _track.GENERATOR and not flags & _track.ITERABLE_COROUTINE:
        return alike(generator_driver(lambda: Frame(frame), function), function)

    def carried(*args: Any, **kwargs: Any) -> Any:
        place = place_of(frame)
        place.resume()
        try:
            result = function(*args, **kwargs)
        finally:
            place.suspend()
        return carry_result(frame, result)

    return alike(carried, function)


def _carry_result(frame: Any, result: Any) -> Any:
    if isinstance(result, types.CoroutineType):
        return _carry_coroutine(Frame(frame), result)
    if isinstance(result, types.GeneratorType):
        if result.gi_code.co_flags & _track.ITERABLE_COROUTINE:
            return result
        return generator_driver(lambda: Frame(frame), lambda: result)()
    if isinstance(result, types.AsyncGeneratorType):
        return async_generator_driver(lambda: Frame(frame), lambda: result)()
    if isinstance(result, _track.BLOCKS):
        return decorating_block(lambda: Frame(frame), result)
    return result


async def _carry_coroutine(place: Frame, coroutine: Coroutine[Any, Any, Any]) -> Any:
    place.resume()
    try:
        return await coroutine
    finally:
        place.suspend()
