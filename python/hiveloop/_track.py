"""The decorator behind `Agent.track`."""

from __future__ import annotations

import contextlib
import functools
import sys
import types

from hiveloop import _native
from hiveloop._settings import class_name, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator
    from typing import Any, TypeAlias

    _Driven: TypeAlias = "_native.Action | Frame"

# Flags of code objects, as `inspect` names them; importing `inspect` would cost more than this package.
GENERATOR, COROUTINE, ITERABLE_COROUTINE, ASYNC_GENERATOR = 0x20, 0x80, 0x100, 0x200
# Kinds of callable that a plain function may stand for without anybody missing anything.
_PLAIN = (types.FunctionType, types.BuiltinFunctionType, types.MethodType)
# Where descriptors keep the function that works out what they give.
_COMPUTED_BY = ("fget", "func", "real_func", "__wrapped__")
# What a stream of items is, as a coroutine gives it.
_STREAMS = (types.GeneratorType, types.AsyncGeneratorType)
# What `contextlib.contextmanager` and its sister make: blocks that a generator runs.
BLOCKS = (contextlib._GeneratorContextManager, contextlib._AsyncGeneratorContextManager)
# The code of what those two give.
_MAKE_BLOCKS: tuple[Any, ...] = (contextlib.contextmanager, contextlib.asynccontextmanager)
_MAKERS_OF_BLOCKS = tuple(make(lambda: None).__code__ for make in _MAKE_BLOCKS)
# Who runs a generator's first part, then somebody's code, and then the rest: `with` blocks and fixtures of tests.
_RUN_AS_BLOCKS = frozenset({"contextlib", "_pytest.fixtures", "pytest_asyncio.plugin"})
# By these a method says, as Python asks it to, that there is nothing (more).
_ANSWERS: dict[Any, tuple[type[BaseException], ...]] = {
    "__next__": (StopIteration,),
    "__anext__": (StopAsyncIteration,),
    "__getattr__": (AttributeError,),
    "__getattribute__": (AttributeError,),
    "__getitem__": (IndexError,),
}
# What most functions return: nothing to wait for.
_NO_WAITING = frozenset({type(None), bool, int, float, str, bytes, list, tuple, dict, set})


def track(agent: _native.Agent, name: str | None, function: Any) -> Any:
    """Wrap something callable so that each call is an action; what cannot even be looked at is left as it is.

    See `tracked`.
    """
    try:
        return tracked(agent, name, function)
    except TypeError:
        raise
    except Exception as error:
        from hiveloop._log import warn

        kind, trouble = class_name(type(function)), class_name(type(error))
        warn(f"@agent.track leaves {kind} as it is: {trouble} when it was looked at")
        return function


def tracked(agent: _native.Agent, name: str | None, function: Any) -> Any:
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
    if type(function) is property:
        return property(
            None if function.fget is None else track(agent, name, function.fget),
            function.fset,
            function.fdel,
            function.__doc__,
        )
    if isinstance(function, functools.partialmethod):
        return type(function)(track(agent, name, function.func), *function.args, **function.keywords)
    if isinstance(function, functools.cached_property):
        return _track_cached(function, track(agent, name, function.func))
    if isinstance(function, functools.singledispatchmethod):
        named: Any = function.func
    elif not callable(function) and is_descriptor(function):
        named = next((own for own in map(_attribute_of(function), _COMPUTED_BY) if callable(own)), function)
    else:
        named = function
    qualified, module = getattr(named, "__qualname__", None), getattr(named, "__module__", None)
    if not isinstance(qualified, str):
        qualified = type(named).__qualname__
    module = module if isinstance(module, str) else type(named).__module__
    kind = _native.ActionKind(
        agent,
        shown(name) if name is not None else qualified.rpartition(".")[2],
        f"{module}.{qualified}" if module else qualified,
    )
    if isinstance(function, type):
        return _track_class(kind, function)
    if named is not function or (not callable(function) and is_descriptor(function)):
        return _track_descriptor(kind, function)
    if not callable(function):
        below = "; put it below the decorator that made this" if hasattr(function, "invoke") else ""
        raise TypeError(f"@agent.track is for what can be called, not for {type(function).__name__}{below}")
    return in_shape_of(function, _wrapper_of(kind, function))


def in_shape_of(function: Any, wrapped: Any) -> Any:
    """Give a wrapper as something of the kind of what it wraps, on which everything of that can be reached.

    Args:
        function: What can be called.
        wrapped: A function that calls it.
    """
    if isinstance(function, types.MethodType):
        wrapped.__self__, wrapped.__func__ = function.__self__, function.__func__
    if isinstance(function, _PLAIN) or type(function).__name__ in ("cython_function_or_method", "builtin_function"):
        return wrapped
    if isinstance(function, functools.partial):
        for attribute in ("func", "args", "keywords"):
            setattr(wrapped, attribute, getattr(function, attribute))
        return wrapped
    from hiveloop._stand_in import stand_in

    return stand_in(function, wrapped)


def is_descriptor(thing: Any) -> bool:
    """Tell whether a thing works out what an attribute gives; its metaclass may fail when it is asked."""
    try:
        return hasattr(type(thing), "__get__")
    except Exception:
        return False


def _attribute_of(thing: Any) -> Callable[[str], Any]:
    return lambda name: getattr(thing, name, None)


def _wrapper_of(kind: _native.ActionKind, function: Any) -> Any:
    if type(function) is types.FunctionType and function.__code__ in _MAKERS_OF_BLOCKS:
        return _track_block(kind, function)
    flags = flags_of(function)
    if flags & COROUTINE:
        return _track_coroutine(kind, function)
    if flags & ASYNC_GENERATOR:
        return alike(async_generator_driver(_beginner(kind), function), function)
    if flags & GENERATOR and not flags & ITERABLE_COROUTINE:
        return alike(generator_driver(_beginner(kind), function), function)
    return _track_function(kind, function)


def _beginner(kind: _native.ActionKind) -> Callable[[], _Driven]:
    """Give what begins an action that is made current piece by piece; after a shutdown, nothing is begun."""
    return lambda: kind.start() or Frame(_native.current_frame())


def alike(wrapper: Any, function: Any) -> Any:
    """Give a wrapper the name, the signature and the attributes of what it wraps, as `functools.wraps` does.

    What a decorator below counts or keeps on its own wrapper changes: both then have the same attributes. The wrapper
    gets the globals, too, in which frameworks look for what annotations name: it must use none of its own.
    """
    place = function
    while isinstance(place, functools.partial):
        place = place.func
    try:
        home = place.__globals__
    except AttributeError:
        home = None
    if type(home) is dict:
        wrapper = types.FunctionType(wrapper.__code__, home, wrapper.__name__, None, wrapper.__closure__)
    own = function.__dict__ if type(function) is types.FunctionType else {}
    try:
        functools.update_wrapper(wrapper, function)
    except (TypeError, AttributeError):  # it answers whatever it is asked for, its name included
        wrapper.__wrapped__ = function
    if "__wrapped__" in own:
        wrapper.__dict__ = own
    return wrapper


def _track_cached(function: functools.cached_property[Any], tracked: Any) -> Any:
    wrapped: functools.cached_property[Any] = type(function)(tracked)
    wrapped.__doc__ = function.__doc__
    if getattr(function, "attrname", None) is not None:
        wrapped.__set_name__(object, str(function.attrname))
    return wrapped


def _track_descriptor(kind: _native.ActionKind, given: Any) -> Any:
    """Track what a descriptor does when it is asked through an instance; all else of it stays as it is."""
    from hiveloop._stand_in import descriptor_stand_in

    if isinstance(given, functools.singledispatchmethod):
        # What it gives is called, and that is the action.
        return descriptor_stand_in(given, lambda instance, owner: _wrapper_of(kind, given.__get__(instance, owner)))
    return descriptor_stand_in(given, _track_function(kind, lambda instance, owner: given.__get__(instance, owner)))


def _is_yet_to_be_made(given: type) -> bool:
    """Tell whether a decorator above this one is to give a class its `__init__`, which it does not if there is one."""
    own = vars(given)
    makes = ("__dataclass_fields__", "__attrs_attrs__")
    return "__annotations__" in own and any(hasattr(given, name) and name not in own for name in makes)


def _track_class(kind: _native.ActionKind, given: type) -> type:
    """Track the making of a class's instances; the class stays what it is."""
    initialise: Any = given.__init__  # type: ignore[misc]
    if initialise is object.__init__ or ("__init__" not in vars(given) and _is_yet_to_be_made(given)):
        # Nothing is done when it is made; or what is done is not there yet.
        from hiveloop._log import tell

        tell(f"@agent.track leaves the class {class_name(given)} as it is: it has no __init__; track its methods")
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

    try:
        given.__init__ = tracked  # type: ignore[misc]
    except (TypeError, AttributeError):
        from hiveloop._log import warn

        warn(f"@agent.track leaves the class {class_name(given)} as it is: it cannot be changed")
    return given


def flags_of(function: Any) -> int:
    """Tell what kind of code runs when a callable is called."""
    while isinstance(function, functools.partial):
        function = function.func
    # Methods have their function's code; other objects are called by their type's `__call__`. Some answer whatever
    # they are asked for, so only what is code counts.
    places = (function, getattr(function, "__func__", None), getattr(type(function), "__call__", None))  # noqa: B004
    codes = (getattr(place, "__code__", None) for place in places)
    flags = next((code.co_flags for code in codes if isinstance(code, types.CodeType)), 0)
    marker = sys.modules.get("inspect")
    if not flags & COROUTINE and marker is not None and marker.iscoroutinefunction(function):
        flags |= COROUTINE  # marked so by `inspect.markcoroutinefunction`
    return int(flags)


def _track_function(kind: _native.ActionKind, function: Callable[..., Any]) -> Any:
    enter = kind.enter
    name = getattr(function, "__name__", None)
    ends = _ANSWERS.get(name, ()) if type(name) is str else ()
    # An object is made when it is there, whatever can be done with it.
    goes_on = _goes_on if name != "__new__" else _never
    # It runs among the program's globals: see `alike`.
    kind_of, is_a, any_exception, without_waiting, follow = type, isinstance, BaseException, _NO_WAITING, _follow

    def tracked(*args: Any, **kwargs: Any) -> Any:
        action = enter()
        try:
            result = function(*args, **kwargs)
        except any_exception as error:
            if action is not None:
                action.leave(None if is_a(error, ends) else error)
            raise
        if action is not None:
            # What gives its own object back has begun nothing with it.
            if kind_of(result) not in without_waiting and goes_on(result) and not (args and result is args[0]):
                action.suspend()
                return follow(action, result)
            action.leave()
        return result

    return alike(tracked, function)


def _goes_on(result: Any) -> bool:
    """Tell whether a function's work goes on in what it has returned."""
    kind = type(result)
    if hasattr(kind, "__await__") or kind in (*_STREAMS, *BLOCKS, types.CoroutineType):
        return True
    return hasattr(kind, "add_done_callback") and any(
        base.__module__ == "concurrent.futures._base" for base in kind.__mro__
    )


def _never(_: Any) -> bool:
    return False


class _Awaited:
    """An action that goes on in what a function has returned. It ends with that, also if nobody ever looks at it."""

    __slots__ = ("_action",)

    def __init__(self, action: _native.Action) -> None:
        self._action: _native.Action | None = action

    def take(self) -> _native.Action | None:
        """Give the action to whoever ends it; None if somebody has it already."""
        action, self._action = self._action, None
        return action

    def __del__(self) -> None:
        action = self.take()
        if action is not None:
            action.leave()


def _follow(action: _native.Action, result: Any) -> Any:
    """Let an action last until what a function has returned comes to its end."""
    awaited = _Awaited(action)
    if isinstance(result, types.CoroutineType):
        return _drive_coroutine(awaited, result)
    if isinstance(result, types.GeneratorType):
        if result.gi_code.co_flags & ITERABLE_COROUTINE:
            return _drive_coroutine(awaited, result)
        return generator_driver(lambda: awaited.take() or Frame(None), lambda: result)()
    if isinstance(result, types.AsyncGeneratorType):
        return async_generator_driver(lambda: awaited.take() or Frame(None), lambda: result)()
    if isinstance(result, BLOCKS):
        return drive_block(lambda: awaited.take() or Frame(None), result)
    if callable(getattr(result, "add_done_callback", None)):
        # A future runs by itself, and may be asked for and cancelled: it stays the object that it is.
        result.add_done_callback(functools.partial(_end_with, action))
        awaited.take()
        return result
    from hiveloop._stand_in import awaitable_stand_in

    return awaitable_stand_in(result, lambda: _drive_coroutine(awaited, result), lambda: _Block(awaited, result))


def _end_with(action: _native.Action, future: Any) -> None:
    if future.cancelled():
        from asyncio import CancelledError

        action.leave(CancelledError())
    else:
        action.leave(future.exception())


class _Block:
    """The `async with` block of what a function has returned, at whose end its action ends."""

    def __init__(self, awaited: _Awaited, target: Any) -> None:
        self._action, self._target = awaited.take(), target

    async def enter(self) -> Any:
        """Enter the block; the action is current while that takes."""
        action, target = self._action, self._target
        if action is None:
            return await target.__aenter__()
        action.resume()
        try:
            entered = await target.__aenter__()
        except BaseException as error:
            action.leave(error)
            raise
        action.suspend()
        return entered

    async def leave(self, error: BaseException | None, *exception: Any) -> Any:
        """Leave the block, as an exception or none means it."""
        action = self._action
        try:
            is_swallowed = await self._target.__aexit__(*exception)
            if is_swallowed:
                error = None
            return is_swallowed
        except BaseException as another:
            error = another
            raise
        finally:
            if action is not None:
                action.leave(error)


async def _drive_coroutine(awaited: _Awaited, awaitable: Any) -> Any:
    action = awaited.take()
    if action is None:
        return await awaitable
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
    name = getattr(function, "__name__", None)
    ends = _ANSWERS.get(name, ()) if type(name) is str else ()
    # It runs among the program's globals: see `alike`.
    kind_of, is_a, any_exception, streams, follow = type, isinstance, BaseException, _STREAMS, _follow

    async def tracked(*args: Any, **kwargs: Any) -> Any:
        action = enter()
        try:
            result = await function(*args, **kwargs)
        except any_exception as error:
            if action is not None:
                action.leave(None if is_a(error, ends) else error)
            raise
        if action is not None:
            if kind_of(result) in streams:
                action.suspend()
                return follow(action, result)
            action.leave()
        return result

    return alike(tracked, function)


def _replacing(action: _Driven, caller: Any) -> Callable[[Any], Any]:
    """Give what is done around each step of a generator: nothing for one that is run as a block."""
    if caller is None or caller.f_globals.get("__name__") not in _RUN_AS_BLOCKS:
        return _native.replace_frame
    action.resume()
    return _never


def _frame_of(action: _Driven) -> Any:
    return action._frame if isinstance(action, Frame) else action


def generator_driver(begin: Callable[[], _Driven], function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a generator function that runs another's generators inside of an action.

    The action, and whatever the generator enters inside of it, is current only while the generator's own code runs:
    between two items, the caller's code does. What runs as a block is inside of it, too.
    """
    # It runs among the program's globals: see `alike`.
    replacing, frame_of, here = _replacing, _frame_of, sys._getframe
    any_exception, closed, ended = BaseException, GeneratorExit, StopIteration

    def driven(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        generator = function(*args, **kwargs)
        action = begin()
        replace = replacing(action, here().f_back)
        inside: Any = frame_of(action)
        outside: Any = None
        # Where an item is handed over, so that none is kept while the reader has it, nor what the reader gave.
        items: list[Any] = []
        step, given = generator.send, None
        try:
            while True:
                outside = replace(inside)
                try:
                    items.append(step(given))
                finally:
                    inside = replace(outside)
                given = None
                try:
                    given = yield items.pop()
                    step = generator.send
                except closed:
                    outside = replace(inside)
                    try:
                        generator.close()
                    finally:
                        replace(outside)
                    action.leave()
                    raise
                except any_exception as error:
                    step, given = generator.throw, error
        except ended as end:
            action.leave()
            return end.value
        except closed:
            raise
        except any_exception as error:
            action.leave(error)
            raise

    return driven


def async_generator_driver(begin: Callable[[], _Driven], function: Callable[..., Any]) -> Callable[..., Any]:
    """The same for asynchronous generators."""
    replacing, frame_of, here = _replacing, _frame_of, sys._getframe
    any_exception, closed, ended = BaseException, GeneratorExit, StopAsyncIteration

    async def driven(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        generator = function(*args, **kwargs)
        action = begin()
        replace = replacing(action, here().f_back)
        inside: Any = frame_of(action)
        outside: Any = None
        items: list[Any] = []
        step, given = generator.asend, None
        try:
            while True:
                outside = replace(inside)
                try:
                    items.append(await step(given))
                finally:
                    inside = replace(outside)
                given = None
                try:
                    given = yield items.pop()
                    step = generator.asend
                except closed:
                    outside = replace(inside)
                    try:
                        await generator.aclose()
                    finally:
                        replace(outside)
                    action.leave()
                    raise
                except any_exception as error:
                    step, given = generator.athrow, error
        except ended:
            action.leave()
        except closed:
            raise
        except any_exception as error:
            action.leave(error)
            raise

    return driven


def drive_block(begin: Callable[[], _Driven], block: Any) -> Any:
    """Run a block's own generator inside of what is begun where it is entered; the block stays the object it is."""
    generator = block.gen
    drive: Any = generator_driver if isinstance(generator, types.GeneratorType) else async_generator_driver
    block.gen = drive(begin, lambda: generator)()
    return block


def decorating_block(begin: Callable[[], _Driven], block: Any) -> Any:
    """The same for a block that may decorate a function: each call of that enters a block made anew."""
    make = block.func
    drive: Any = generator_driver if isinstance(block.gen, types.GeneratorType) else async_generator_driver
    block.func = alike(drive(begin, make), make)
    return drive_block(begin, block)


def _track_block(kind: _native.ActionKind, function: Callable[..., Any]) -> Any:
    """Track what makes blocks of `contextlib`: an action lasts from where one is entered to where it is left."""
    begin, decorating = _beginner(kind), decorating_block

    def tracked(*args: Any, **kwargs: Any) -> Any:
        return decorating(begin, function(*args, **kwargs))

    return alike(tracked, function)


class Frame:
    """A task or an action of elsewhere, made current while carried code runs; what an action is to its generator."""

    __slots__ = ("_before", "_frame")

    def __init__(self, frame: Any) -> None:
        self._frame = frame
        # Itself while it is not current.
        self._before: Any = self

    def resume(self) -> None:
        self._before = _native.replace_frame(self._frame)

    def suspend(self) -> None:
        _native.replace_frame(self._before)
        self._before = self

    def leave(self, error: BaseException | None = None) -> None:
        """End nothing: what is carried belongs to others. If it is current, what was before is current again."""
        if self._before is not self:
            self.suspend()
