"""The decorator behind `Agent.track`, and what carries a task elsewhere."""

from __future__ import annotations

import contextlib
import functools
import sys
import types

from hiveloop import _native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
    from typing import Any, TypeAlias

    _Driven: TypeAlias = "_native.Action | _Frame"

# Flags of code objects, as `inspect` names them; importing `inspect` would cost more than this package.
_GENERATOR, _COROUTINE, _ITERABLE_COROUTINE, _ASYNC_GENERATOR = 0x20, 0x80, 0x100, 0x200
# Kinds of callable that a plain function may stand for without anybody missing anything.
_PLAIN = (types.FunctionType, types.BuiltinFunctionType, types.MethodType)
# What most functions return: nothing to wait for.
_NO_WAITING = frozenset({type(None), bool, int, float, str, bytes, list, tuple, dict, set})


def track(agent: _native.Agent, name: str | None, function: Any) -> Any:
    """Wrap something callable so that each call is an action.

    Args:
        agent: Whose action it is.
        name: The action's name; None for the function's.
        function: A function, a method of any kind, a property, a class, or an object that can be called.

    Returns:
        Something of the same kind, with everything that could be reached on it.
    """
    if isinstance(function, (classmethod, staticmethod)):
        return type(function)(track(agent, name, function.__func__))
    if isinstance(function, property):
        return type(function)(
            None if function.fget is None else track(agent, name, function.fget),
            function.fset,
            function.fdel,
            function.__doc__,
        )
    if isinstance(function, functools.partialmethod):
        return type(function)(track(agent, name, function.func), *function.args, **function.keywords)
    if isinstance(function, functools.cached_property):
        return _track_cached(function, track(agent, name, function.func))
    qualified = getattr(function, "__qualname__", None) or type(function).__qualname__
    module = getattr(function, "__module__", None)
    kind = _native.ActionKind(
        agent,
        str(name) if name is not None else str(qualified).rpartition(".")[2],
        f"{module}.{qualified}" if module else str(qualified),
    )
    if isinstance(function, type):
        return _track_class(kind, function)
    wrapped = _wrapper_of(kind, function)
    if isinstance(function, _PLAIN) or type(function).__name__ in ("cython_function_or_method", "builtin_function"):
        return wrapped
    if isinstance(function, functools.partial):
        for attribute in ("func", "args", "keywords"):
            setattr(wrapped, attribute, getattr(function, attribute))
        return wrapped
    if not callable(function):
        raise TypeError(f"@agent.track is for what can be called, not for {type(function).__name__}")
    from hiveloop._stand_in import stand_in

    return stand_in(function, wrapped)


def _wrapper_of(kind: _native.ActionKind, function: Any) -> Any:
    flags = _flags_of(function)
    if flags & _COROUTINE:
        return _track_coroutine(kind, function)
    if flags & _ASYNC_GENERATOR:
        return functools.wraps(function)(_async_generator_driver(_beginner(kind), function))
    if flags & _GENERATOR and not flags & _ITERABLE_COROUTINE:
        return functools.wraps(function)(_generator_driver(_beginner(kind), function))
    return _track_function(kind, function)


def _beginner(kind: _native.ActionKind) -> Callable[[], _Driven]:
    """Give what begins an action that is made current piece by piece; after a shutdown, nothing is begun."""
    return lambda: kind.start() or _Frame(_native.current_frame())


def _track_cached(function: functools.cached_property[Any], tracked: Any) -> Any:
    wrapped: functools.cached_property[Any] = type(function)(tracked)
    wrapped.__doc__ = function.__doc__
    if getattr(function, "attrname", None) is not None:
        wrapped.__set_name__(object, str(function.attrname))
    return wrapped


def _track_class(kind: _native.ActionKind, given: type) -> type:
    """Track the making of a class's instances; the class stays what it is."""
    initialise: Any = given.__init__  # type: ignore[misc]
    make: Any = given.__new__
    if initialise is object.__init__ and make is not object.__new__:
        # It is made by `__new__` alone, which takes arguments that `object.__init__` refuses.
        return given

    @functools.wraps(initialise)
    def tracked(self: Any, *args: Any, **kwargs: Any) -> None:
        if type(self) is not given:
            initialise(self, *args, **kwargs)
            return
        action = kind.enter()
        try:
            initialise(self, *args, **kwargs)
        except BaseException as error:
            if action is not None:
                action.leave(error)
            raise
        if action is not None:
            action.leave()

    with contextlib.suppress(TypeError, AttributeError):  # a class that cannot be changed is left as it is
        given.__init__ = tracked  # type: ignore[misc]
    return given


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
            if type(result) not in _NO_WAITING and _goes_on(result):
                action.suspend()
                return _follow(action, result)
            action.leave()
        return result

    return tracked


def _goes_on(result: Any) -> bool:
    """Tell whether a function's work goes on in what it has returned."""
    kind = type(result)
    return hasattr(kind, "__await__") or kind in (types.GeneratorType, types.AsyncGeneratorType, types.CoroutineType)


def _follow(action: _native.Action, result: Any) -> Any:
    """Let an action last until what a function has returned comes to its end."""
    if isinstance(result, types.CoroutineType):
        return _drive_coroutine(action, result)
    if isinstance(result, types.GeneratorType):
        if result.gi_code.co_flags & _ITERABLE_COROUTINE:
            return _drive_coroutine(action, result)
        return _generator_driver(lambda: action, lambda: result)()
    if isinstance(result, types.AsyncGeneratorType):
        return _async_generator_driver(lambda: action, lambda: result)()
    if callable(getattr(result, "add_done_callback", None)):
        # A future runs by itself, and may be asked for and cancelled: it stays the object that it is.
        result.add_done_callback(functools.partial(_end_with, action))
        return result
    from hiveloop._stand_in import awaitable_stand_in

    return awaitable_stand_in(result, lambda: _drive_coroutine(action, result))


def _end_with(action: _native.Action, future: Any) -> None:
    if future.cancelled():
        from asyncio import CancelledError

        action.leave(CancelledError())
    else:
        action.leave(future.exception())


async def _drive_coroutine(action: _native.Action, awaitable: Any) -> Any:
    action.resume()
    try:
        result = await awaitable
    except BaseException as error:
        action.leave(error)
        raise
    action.leave()
    return result


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


def _generator_driver(begin: Callable[[], _Driven], function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a generator function that runs another's generators inside of an action.

    The action is current only while the generator's own code runs: between two items, the caller's code does.
    """

    def driven(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        generator = function(*args, **kwargs)
        action = begin()
        step, given = generator.send, None
        try:
            while True:
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

    return driven


def _async_generator_driver(begin: Callable[[], _Driven], function: Callable[..., Any]) -> Callable[..., Any]:
    """The same for asynchronous generators."""

    async def driven(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        generator = function(*args, **kwargs)
        action = begin()
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

    return driven


class _Frame:
    """A task or an action of elsewhere, made current while carried code runs; what an action is to its generator."""

    __slots__ = ("_before", "_frame")

    def __init__(self, frame: Any) -> None:
        self._frame = frame
        self._before: Any = None

    def resume(self) -> None:
        self._before = _native.replace_frame(self._frame)

    def suspend(self) -> None:
        _native.replace_frame(self._before)
        self._before = None

    def leave(self, error: BaseException | None = None) -> None:
        """End nothing: what is carried belongs to others."""


def carry(frame: Any, function: Any) -> Any:
    """Make a function run, wherever it is called, inside of a task or action.

    Args:
        frame: The task or action; None for none.
        function: Any function: plain, a coroutine's, a generator's.

    Returns:
        A function of the same kind and signature.
    """
    flags = _flags_of(function)
    if flags & _COROUTINE:

        @functools.wraps(function)
        async def coroutine(*args: Any, **kwargs: Any) -> Any:
            return await _carry_coroutine(_Frame(frame), function(*args, **kwargs))

        return coroutine
    if flags & _ASYNC_GENERATOR:
        return functools.wraps(function)(_async_generator_driver(lambda: _Frame(frame), function))
    if flags & _GENERATOR and not flags & _ITERABLE_COROUTINE:
        return functools.wraps(function)(_generator_driver(lambda: _Frame(frame), function))

    @functools.wraps(function)
    def carried(*args: Any, **kwargs: Any) -> Any:
        place = _Frame(frame)
        place.resume()
        try:
            result = function(*args, **kwargs)
        finally:
            place.suspend()
        if isinstance(result, types.CoroutineType):
            return _carry_coroutine(_Frame(frame), result)
        if isinstance(result, types.GeneratorType) and not result.gi_code.co_flags & _ITERABLE_COROUTINE:
            return _generator_driver(lambda: _Frame(frame), lambda: result)()
        if isinstance(result, types.AsyncGeneratorType):
            return _async_generator_driver(lambda: _Frame(frame), lambda: result)()
        return result

    return carried


async def _carry_coroutine(place: _Frame, coroutine: Coroutine[Any, Any, Any]) -> Any:
    place.resume()
    try:
        return await coroutine
    finally:
        place.suspend()
