"""Objects that stand for others: what they are called as is tracked, all else is the other's."""

from __future__ import annotations

import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# What a stand-in does itself, or what belongs to its class rather than to what it stands for.
_OWN_NAMES = (
    "class new init del dict weakref slots getattribute getattr setattr delattr init_subclass subclasshook "
    "class_getitem call get set delete set_name await hash eq ne reduce reduce_ex getstate setstate getnewargs "
    "getnewargs_ex copy deepcopy module doc annotations abstractmethods sizeof mro_entries prepare instancecheck "
    "subclasscheck firstlineno static_attributes match_args dataclass_fields dataclass_params pydantic_fields"
)
_OWN = frozenset(f"__{name}__" for name in _OWN_NAMES.split())


class _StandIn:
    """The part that all stand-ins share."""

    _hiveloop_target: Any

    def __init__(self, target: Any) -> None:
        object.__setattr__(self, "_hiveloop_target", target)
        object.__setattr__(self, "__wrapped__", target)
        module = getattr(target, "__module__", None)
        if type(module) is str:  # where it is looked for by its name
            object.__setattr__(self, "__module__", module)

    def __getattr__(self, name: str) -> Any:
        if name == "_hiveloop_target":  # not set yet, as while a copy is made
            raise AttributeError(name)
        return getattr(self._hiveloop_target, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._hiveloop_target, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._hiveloop_target, name)

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return type(self._hiveloop_target)

    @property
    def __doc__(self) -> Any:  # type: ignore[override]
        return getattr(self._hiveloop_target, "__doc__", None)

    def __repr__(self) -> str:
        return repr(self._hiveloop_target)

    def __hash__(self) -> int:
        return hash(self._hiveloop_target)

    def __eq__(self, other: object) -> bool:
        return bool(self._hiveloop_target == getattr(other, "_hiveloop_target", other))

    def __reduce__(self) -> Any:
        target = self._hiveloop_target
        give: Any = type(target).__reduce__
        if give is not object.__reduce__:
            reduced = give(target)
            if isinstance(reduced, str):  # it is found by its name, and there stands this
                return reduced
        # Where the decorator has not run, what it stands for is as good.
        return _same, (target,)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self.__reduce__()


def _same(target: Any) -> Any:
    return target


def _class_for(target: Any, more: dict[str, Any]) -> type:
    """Make a class of stand-ins that has the special methods of what they stand for."""
    kind = type(target)
    methods = dict(more)
    for base in kind.__mro__[:-1]:
        for name, method in vars(base).items():
            if name.startswith("__") and name.endswith("__") and name not in _OWN and callable(method):
                methods.setdefault(name, _passing_on(name))
    return type(kind.__name__, (_StandIn,), methods)


def _passing_on(name: str) -> Any:
    def passed_on(self: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(self._hiveloop_target, name)(*args, **kwargs)

    passed_on.__name__ = name
    return passed_on


def stand_in(target: Any, tracked: Callable[..., Any]) -> Any:
    """Give what stands for an object that can be called, and tracks its calls.

    Args:
        target: The object: one with attributes of its own, such as a cache or a task of a queue's.
        tracked: Calls it inside of an action.

    Returns:
        An object on which everything of the target's can be reached.
    """

    # As it is, so that it is still seen to be a coroutine function or a generator function.
    methods: dict[str, Any] = {"__call__": staticmethod(tracked)}
    if hasattr(type(target), "__get__"):

        def bind(self: Any, instance: Any, owner: Any = None) -> Any:
            return self if instance is None else types.MethodType(self, instance)

        methods["__get__"] = bind
    made = _class_for(target, methods)(target)
    for name in ("_is_coroutine", "_is_coroutine_mark"):
        marker = getattr(tracked, name, None)
        if marker is not None:
            object.__setattr__(made, name, marker)
    return made


def descriptor_stand_in(target: Any, read: Callable[[Any, Any], Any]) -> Any:
    """Give what stands for a descriptor, and knows when it is asked through an instance.

    Args:
        target: The descriptor.
        read: Gives what it has for an instance and its class.

    Returns:
        A descriptor of the same methods, on which everything of the target's can be reached.
    """

    def get(self: Any, instance: Any, owner: Any = None) -> Any:
        if instance is not None:
            return read(instance, owner)
        found = target.__get__(None, owner)
        return self if found is target else found

    methods: dict[str, Any] = {"__get__": get}
    for name in ("__set__", "__delete__", "__set_name__"):
        if hasattr(type(target), name):
            methods[name] = _passing_on(name)
    return _class_for(target, methods)(target)


def awaitable_stand_in(target: Any, drive: Callable[[], Any], block: Callable[[], Any]) -> Any:
    """Give what stands for an object that can be awaited, and knows when that ends.

    Args:
        target: The object.
        drive: Awaits it inside of an action.
        block: Gives what enters and leaves its `async with` block, if it has one.

    Returns:
        An object to await on which everything of the target's can be reached.
    """
    methods: dict[str, Any] = {"__await__": lambda self: drive().__await__()}
    if hasattr(type(target), "__aenter__"):
        entered: list[Any] = []

        async def enter(self: Any) -> Any:
            entered.append(block())
            return await entered[-1].enter()

        async def leave(self: Any, *exception: Any) -> Any:
            return await entered.pop().leave(exception[1] if len(exception) > 1 else None, *exception)

        methods.update(__aenter__=enter, __aexit__=leave)
    return _class_for(target, methods)(target)
