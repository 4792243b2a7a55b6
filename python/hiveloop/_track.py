"""The decorator behind `Agent.track`."""

from __future__ import annotations

import functools
import sys

from hiveloop import _native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator
    from typing import Any

# Flags of code objects, as `inspect` names them; importing `inspect` would cost more than this package.
_GENERATOR, _COROUTINE, _ASYNC_GENERATOR = 0x20, 0x80, 0x200


def track(agent: _native.Agent, name: str | None, function: Any) -> Any:
    """Wrap a function so that each call is an action.

    Args:
        agent: Whose action it is.
        name: The action's name; None for the function's.
        function: A function, or a class method or static method around one.

    Returns:
        A wrapper of the same kind.
    """
    if isinstance(function, (classmethod, staticmethod)):
        return type(function)(track(agent, name, function.__func__))
    qualified = getattr(function, "__qualname__", None) or type(function).__qualname__
    module = getattr(function, "__module__", None)
    kind = _native.ActionKind(
        agent,
        str(name) if name is not None else qualified.rpartition(".")[2],
        f"{module}.{qualified}" if module else qualified,
    )
    flags = _flags_of(function)
    if flags & _COROUTINE:
        return _track_coroutine(kind, function)
    if flags & _ASYNC_GENERATOR:
        return _track_async_generator(kind, function)
    if flags & _GENERATOR:
        return _track_generator(kind, function)
    return _track_function(kind, function)


def _flags_of(function: Any) -> int:
    """Tell what kind of code runs when a callable is called."""
    while isinstance(function, functools.partial):
        function = function.func
    code = getattr(function, "__code__", None)
    if code is None:
        # Methods have their function's code; other objects are called by their type's `__call__`.
        target = getattr(function, "__func__", None) or getattr(type(function), "__call__", None)  # noqa: B004
        code = getattr(target, "__code__", None)
    flags = getattr(code, "co_flags", 0)
    marker = sys.modules.get("inspect")
    if not flags & _COROUTINE and marker is not None and marker.iscoroutinefunction(function):
        flags |= _COROUTINE  # marked so by `inspect.markcoroutinefunction`
    return int(flags)


def _track_function(kind: _native.ActionKind, function: Callable[..., Any]) -> Any:
    enter = kind.enter

    @functools.wraps(function)
    def tracked(*args: Any, **kwargs: Any) -> Any:
        action = enter()
        try:
            result = function(*args, **kwargs)
        except BaseException as error:
            if action is not None:
                action.leave(error)
            raise
        if action is not None:
            action.leave()
        return result

    return tracked


def _track_coroutine(kind: _native.ActionKind, function: Callable[..., Any]) -> Any:
    enter = kind.enter

    @functools.wraps(function)
    async def tracked(*args: Any, **kwargs: Any) -> Any:
        action = enter()
        try:
            result = await function(*args, **kwargs)
        except BaseException as error:
            if action is not None:
                action.leave(error)
            raise
        if action is not None:
            action.leave()
        return result

    return tracked


def _track_generator(kind: _native.ActionKind, function: Callable[..., Any]) -> Any:
    @functools.wraps(function)
    def tracked(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        generator = function(*args, **kwargs)
        action = kind.start()
        if action is None:
            return (yield from generator)
        step, given = generator.send, None
        try:
            while True:
                # Current only while the generator's own code runs: between two items, the caller's code does.
                action.resume()
                try:
                    item = step(given)
                finally:
                    action.suspend()
                try:
                    given = yield item
                    step = generator.send
                except GeneratorExit:
                    action.resume()
                    try:
                        generator.close()
                    finally:
                        action.suspend()
                    action.leave()
                    raise
                except BaseException as error:
                    step, given = generator.throw, error
        except StopIteration as end:
            action.leave()
            return end.value
        except GeneratorExit:
            raise
        except BaseException as error:
            action.leave(error)
            raise

    return tracked


def _track_async_generator(kind: _native.ActionKind, function: Callable[..., Any]) -> Any:
    @functools.wraps(function)
    async def tracked(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        generator = function(*args, **kwargs)
        action = kind.start()
        if action is None:
            async for item in generator:
                yield item
            return
        step, given = generator.asend, None
        try:
            while True:
                action.resume()
                try:
                    item = await step(given)
                finally:
                    action.suspend()
                try:
                    given = yield item
                    step = generator.asend
                except GeneratorExit:
                    action.resume()
                    try:
                        await generator.aclose()
                    finally:
                        action.suspend()
                    action.leave()
                    raise
                except BaseException as error:
                    step, given = generator.athrow, error
        except StopAsyncIteration:
            action.leave()
        except GeneratorExit:
            raise
        except BaseException as error:
            action.leave(error)
            raise

    return tracked
