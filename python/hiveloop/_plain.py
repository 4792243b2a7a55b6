"""Values that JSON has no form for.

The native half writes str, int, float, bool, None, dict, list and tuple itself, and asks here about everything else.
No type is imported for it: a value of a type has that type's module loaded already.

What is looked into, and what is not:

- Python's own types, dataclasses, attrs, pydantic and msgspec classes by their fields, numbers and small arrays of the
  array libraries, paths, ids, dates. Of a class with fields, those that it hides from its ``repr`` or dump are left
  out, and those that it shows masked; a class with ``repr=False`` is named alone. A subclass of a string, a number, a
  dict or a list that has a ``repr`` of its own shows no more than that does, nor does any other mapping. Of headers,
  cookies and the environment, what lets one in is masked. Addresses in exceptions and in what a ``repr`` shows lose
  their passwords.
- A proxy that has something at hand to stand for (of werkzeug, wrapt, Celery, Django) shows that; one that would have
  to fetch it first does not.
- What would only be worked out by being looked at (a query, an iterator, a future) is named by its class, never asked;
  a row of a database, which may be fetched anew, by its class and its key.
- A mapping, a ``repr``, a field that is worked out and the text of an exception of the program's own are asked on a
  thread apart, for at most a tenth of every second: longer, and the value is named by its class, at once
  for the next minute.
"""

from __future__ import annotations

import contextlib
import datetime
import enum
import functools
import types
from collections import UserString
from itertools import islice

from hiveloop import _native
from hiveloop._hidden import HIDDEN, is_shown, shown_entries, shows_itself, without_credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_LONGEST_REPR = 200
_MOST_ARRAY_ITEMS = 1000
# More than any payload has room for.
_MOST_ITEMS = 10_000
_MOST_BYTES = 33_000
_MOST_SORTED = 1000
_DEEPEST = 8
# What keeps cookies, by which somebody is let in.
_JARS = ("CookieJar", "Cookies")
_PROXY_TARGETS = ("_get_current_object", "__wrapped__", "_wrapped")
_SCALARS = (str, int, float, bool, type(None))
_FIGURES = ("decimal", "_decimal", "fractions")
_SAID_BY_THEIR_TEXT = (*_FIGURES, "uuid", "pathlib", "ipaddress", "yarl", "datetime", "_datetime", "zoneinfo")
_VIEWS: tuple[Any, ...] = (type({}.keys()), type({}.values()), type({}.items()))
_SIZED = (str, bytes, bytearray, list, tuple, set, frozenset, dict)
_OWN_REPR_MATTERS = (*_SIZED, int, float)
# Kinds of Python's own whose `repr` asks nobody else.
_TELL_OF_THEMSELVES = (
    *(types.FunctionType, types.BuiltinFunctionType, types.ModuleType, types.CodeType, types.GeneratorType),
    *(types.CoroutineType, types.AsyncGeneratorType, range, complex, type(...), type(NotImplemented)),
)


def plain(value: Any) -> Any:
    """Give something simpler that stands for a value.

    Args:
        value: An object of any type that is not exactly one of JSON's.

    Returns:
        An object of exactly one of the types str, int, float, bool, dict, list, or None. What it holds may need
        simplifying itself.

    >>> import decimal, uuid
    >>> plain(uuid.UUID(int=1)), plain(decimal.Decimal("0.003")), plain({3, 1, 2})
    ('00000000-0000-0000-0000-000000000001', 0.003, [1, 2, 3])
    """
    # Not `isinstance`: a proxy claims to be of the class of what it stands for.
    kind: Any = type(value)
    if issubclass(kind, enum.Enum):
        return _exact(value._value_)
    if issubclass(kind, _OWN_REPR_MATTERS) and shows_itself(kind):
        return _as_shown(value, kind)
    return _of_pythons_own(value, kind)


def key_of(key: Any) -> str:
    """Give the text by which a dict's key is written.

    Args:
        key: Any key that is not exactly a str, int, float, bool or None.

    Returns:
        The key as its value would be written; of a tuple, its items in brackets; of an enumeration, the member's name.
    """
    kind = type(key)
    if issubclass(kind, enum.Enum) and not issubclass(kind, str):
        return f"{kind.__name__}.{key._name_}"
    simple = _exact(key)
    if isinstance(simple, (list, tuple)):
        items = [repr(item) if type(item) in _SCALARS else key_of(item) for item in simple[:_MOST_SORTED]]
        return f"({', '.join(items)}{',' if len(items) == 1 else ''})"
    return str(simple) if simple is None or type(simple) in _SCALARS else _shown_by_class(kind)


def _as_shown(value: Any, kind: type) -> Any:
    """Give a value of a class with a `repr` of its own, without what that hides."""
    base: Any = next((base for base in _SIZED if issubclass(kind, base)), None)
    if base is not None and base.__len__(value) > _MOST_ITEMS:
        return f"<{kind.__name__} of length {base.__len__(value)}>"  # showing it would cost too much
    known, shown = _ask_for_repr(kind, value)
    if not known:
        return _shown_by_class(kind)
    if issubclass(kind, dict):
        return shown_entries(dict.items(value), shown)
    if is_shown(value, shown) and not (issubclass(kind, tuple) and hasattr(kind, "_fields")):
        return _of_pythons_own(value, kind)
    return _marked(shown, kind)


def _ask_for_repr(kind: type, value: Any) -> tuple[bool, Any]:
    from hiveloop._aside import ask

    return ask(kind, lambda: repr(value))


def _of_pythons_own(value: Any, kind: type) -> Any:
    if issubclass(kind, str):
        if hasattr(kind.__str__, "__code__"):  # it says another text than it is, which may mask that
            told = ask_for(kind, lambda: str.__str__(str(value)))
            return told if str.__len__(told) <= _MOST_BYTES else told[:_MOST_BYTES]
        # Of a large one no more is copied than a payload has room for; the writer sees that, and says it is cut.
        return str.__str__(value) if str.__len__(value) <= _MOST_BYTES else str.__getitem__(value, slice(_MOST_BYTES))
    for number in (int, float):
        if issubclass(kind, number):
            return number.__pos__(value)
    if issubclass(kind, (datetime.datetime, datetime.date, datetime.time)):
        if hasattr(kind.isoformat, "__code__"):
            return ask_for(kind, lambda: str(value.isoformat()))
        return str(value.isoformat())
    if issubclass(kind, dict):
        return dict(islice(dict.items(value), _MOST_ITEMS))
    if issubclass(kind, tuple) and hasattr(kind, "geturl"):  # an address in its parts
        return ask_for(kind, lambda: _native.scrubbed(str(value.geturl())))
    if issubclass(kind, (list, tuple)):
        return list(islice((list if issubclass(kind, list) else tuple).__iter__(value), _MOST_ITEMS))
    if issubclass(kind, (set, frozenset)):
        return _in_order(value, set if issubclass(kind, set) else frozenset)
    if issubclass(kind, (bytes, bytearray, memoryview)):
        return _text_of(value)
    if issubclass(kind, BaseException):
        from hiveloop._outcomes import message_of

        return f"{kind.__name__}: {_native.scrubbed(_short(message_of(value)))}"
    if issubclass(kind, type):
        return f"<class {value.__module__}.{value.__qualname__}>"
    if kind in _VIEWS:
        return list(islice(value, _MOST_ITEMS))
    return _by_shape(value, kind)


def _by_shape(value: Any, kind: type) -> Any:
    """Look at what a value can do, where its type is not one of Python's own."""
    module = kind.__module__.partition(".")[0]
    # What belongs to a class of those modules is said by that class, also of one that the program makes of it.
    base: Any = next((base for base in kind.__mro__ if base.__module__.partition(".")[0] in _SAID_BY_THEIR_TEXT), None)
    own: Any = kind
    if base is not None and own.__repr__ is not base.__repr__ and shows_itself(own):
        known, shown = _ask_for_repr(kind, value)
        if not known or not is_shown(str(base.__str__(value)), shown):
            return _marked(shown, kind) if known else _shown_by_class(kind)
    if base is not None and base.__module__.partition(".")[0] in _FIGURES and hasattr(base, "__float__"):
        # Money stays a figure. What is no figure (NaN) is written by its name.
        with contextlib.suppress(ValueError, OverflowError):
            number = base.__float__(value)
            if number == number and abs(number) != float("inf"):
                return number
        return str(base.__str__(value))
    if kind.__name__.endswith(("Url", "Dsn")) and module in ("pydantic", "pydantic_core"):
        return _native.scrubbed(str(value))
    if base is not None and base.__str__ is not object.__str__:
        return _native.scrubbed(str(base.__str__(value)))
    if module in ("numpy", "pandas", "polars"):
        return _from_array(value)
    if module in ("torch", "jax", "jaxlib", "tensorflow"):  # what lies on a device is waited for
        return ask_for(kind, lambda: _from_array(value))
    if hasattr(kind, "get_secret_value"):
        return "**********"
    if _is_row(kind):
        return _row_of(value, kind)
    fields = _fields_of(value, kind)
    if fields is not None:
        return fields
    if _is_proxy(value, kind):
        return _from_proxy(value, kind)
    if module == "os" and hasattr(kind, "keys"):
        return without_credentials(dict(islice(((key, value[key]) for key in value), _MOST_ITEMS)))
    if issubclass(kind, UserString):
        if shows_itself(kind):
            known, shown = _ask_for_repr(kind, value)
            if not known or not is_shown(value.data, shown):
                return _marked(shown, kind) if known else _shown_by_class(kind)
        return _exact(value.data)
    if module in ("collections", "array") and not hasattr(kind, "keys") and hasattr(kind, "__len__"):
        return list(islice(value, _MOST_ITEMS))
    if hasattr(kind, "__fspath__"):
        return ask_for(kind, lambda: str(value.__fspath__()))
    if hasattr(kind, "keys") and hasattr(kind, "__getitem__"):
        try:
            found = ask_for(kind, lambda: dict(islice(((key, value[key]) for key in value.keys()), _MOST_ITEMS)))  # noqa: SIM118
        except Exception:  # what it has by its keys is something else, or cannot be had
            return _shown(value, kind)
        if type(found) is not dict:
            return found
        if any(base.__name__ in _JARS for base in kind.__mro__):
            return dict.fromkeys(found, HIDDEN)
        if found and shows_itself(own):
            known, shown = _ask_for_repr(kind, value)
            found = shown_entries(found.items(), shown) if known else {}
            if not found:  # it shows none of its entries
                return _marked(shown, kind) if known else _shown_by_class(kind)
        return without_credentials(found)
    return _shown(value, kind)


def _is_row(kind: type) -> bool:
    """Tell whether a class's objects are rows of a database, whose fields and `repr` may ask it anew."""
    if hasattr(kind, "_sa_class_manager") or hasattr(kind, "__mapper__"):  # SQLAlchemy, SQLModel
        return True
    meta = getattr(kind, "_meta", None)  # Django, peewee, Tortoise
    return meta is not None and any(hasattr(meta, name) for name in ("db_table", "table_name", "table"))


def _row_of(value: Any, kind: type) -> Any:
    """Name a row by its class, and its key where that is at hand; of one that declares fields, give what is loaded."""
    loaded = getattr(value, "__dict__", {})
    loaded = loaded.get("__data__", loaded)
    fields = getattr(kind, "model_fields", None) or getattr(kind, "__dataclass_fields__", None)
    if isinstance(fields, dict):
        shown = (name for name, field in fields.items() if field.repr and not getattr(field, "exclude", None))
        return {name: loaded[name] for name in shown if name in loaded}
    key = next((loaded[name] for name in ("pk", "id", "uuid") if name in loaded), None)
    name = f"{kind.__module__}.{kind.__qualname__}"
    return f"<{name} {key}>" if type(key) in (int, str) or type(key).__name__ == "UUID" else f"<{name}>"


def _fields_of(value: Any, kind: type) -> Any:
    """Give the fields of a class that declares them, without those it hides; None for other classes."""
    names = _fields_shown(kind)
    if names is None:
        if callable(getattr(kind, "model_dump", None)) and isinstance(getattr(kind, "model_fields", None), dict):
            from hiveloop._pydantic import fields_of

            return _ask_for_fields(value, kind, fields_of)
        older = getattr(kind, "__fields__", None)
        if not isinstance(older, dict) or not callable(getattr(kind, "dict", None)):
            return None
        infos = ((name, getattr(field, "field_info", None)) for name, field in older.items())
        hidden = {name for name, info in infos if getattr(info, "exclude", None) or not getattr(info, "repr", True)}
        names = [name for name in older if name not in hidden]
    return _ask_for_fields(value, kind, lambda value, kind: fields_by_name(value, kind, names))


def _fields_shown(kind: type) -> list[str] | None:
    """Give the names of the fields that a dataclass, an attrs class or a struct of msgspec does not hide."""
    declared = getattr(kind, "__dataclass_fields__", None)
    attributes = getattr(kind, "__attrs_attrs__", None)
    show: Any = kind.__repr__
    if (declared is not None or attributes is not None) and show is object.__repr__:
        return None  # it hides them all
    if isinstance(declared, dict):
        models: Any = getattr(kind, "__pydantic_fields__", {})
        return [
            name
            for name, field in declared.items()
            if getattr(field, "repr", True)
            and "ClassVar" not in str(getattr(field, "type", ""))
            and not getattr(models.get(name), "exclude", None)
        ]
    if isinstance(attributes, tuple):
        # One with a `repr` of its own is masked by it.
        return [attribute.name for attribute in attributes if attribute.repr is True]
    fields = getattr(kind, "__struct_fields__", None)
    return list(fields) if isinstance(fields, tuple) else None


def _ask_for_fields(value: Any, kind: type, give: Callable[[Any, type], Any]) -> Any:
    """Give the fields of an object; of one that shows itself, those that it shows."""
    given = give(value, kind)
    if not isinstance(given, dict) or not shows_itself(kind):
        return given
    known, shown = _ask_for_repr(kind, value)
    return shown_entries(given.items(), shown) if known else _shown_by_class(kind)


def fields_by_name(value: Any, kind: type, names: list[str]) -> Any:
    """Give fields of an object as it holds them; those that it works out are asked for apart.

    Args:
        value: The object.
        kind: Its class.
        names: The fields' names.

    Returns:
        The fields by name; a text that names the class if they are not to be had in time.
    """
    if hasattr(kind.__getattribute__, "__code__"):
        return ask_for(kind, lambda: {name: getattr(value, name, None) for name in names})
    held = getattr(value, "__dict__", {})
    given, worked_out = {}, []
    for name in names:
        if name in held:
            given[name] = held[name]
        elif isinstance(getattr(kind, name, kind), (types.MemberDescriptorType, *_SCALARS)):
            given[name] = getattr(value, name, None)
        else:
            given[name] = None
            worked_out.append(name)
    if worked_out:
        found = ask_for(kind, lambda: {name: getattr(value, name, None) for name in worked_out})
        given.update(found if isinstance(found, dict) else dict.fromkeys(worked_out, found))
    return given


def _names_of(kind: type) -> set[str]:
    return {name for base in kind.__mro__[:-1] for name in vars(base)}


def _is_proxy(value: Any, kind: type) -> bool:
    """Tell whether an object stands for another, without asking it: one that is lazy would fetch the other."""
    names = _names_of(kind)
    if "__class__" not in names:
        return False
    if any(name in names or hasattr(kind, name) for name in _PROXY_TARGETS):
        return True
    return bool(ask_for(kind, lambda: value.__class__ is not kind))


def _from_proxy(value: Any, kind: type) -> Any:
    """Give what a proxy stands for, if it is at hand."""
    names = _names_of(kind)
    for name in ("__resolved__", "__wrapped_get_called__"):  # of those that fetch it when they are first used
        if name in names:
            if not object.__getattribute__(value, name):
                return _shown_by_class(kind)
            return _exact(object.__getattribute__(value, "__wrapped__"))
    if "_wrapped" in names or _holds(value, "_wrapped"):
        # Django's: until it is first used it holds a marker, and asking it anything would fetch its object.
        target = object.__getattribute__(value, "_wrapped")
        return _shown_by_class(kind) if type(target).__name__ == "object" or target is None else _exact(target)
    for name in _PROXY_TARGETS[:2]:
        if name in names or hasattr(kind, name):
            try:
                target = getattr(value, name)
                return _exact(target() if name == "_get_current_object" else target)
            except Exception:
                return _shown_by_class(kind)
    return _shown(value, kind)


def _holds(value: Any, name: str) -> bool:
    try:
        return name in object.__getattribute__(value, "__dict__")
    except AttributeError:
        return False


def _exact(value: Any) -> Any:
    """Give a value of exactly one of JSON's types, or what stands for it."""
    if value is None or type(value) in (str, int, float, bool, dict, list, tuple):
        return value
    return plain(value)


def _text_of(value: bytes | bytearray | memoryview) -> str:
    """Give bytes as text, no more of them than a payload has room for."""
    try:
        view = memoryview(value)
        if view.format != "B" or view.ndim != 1:
            # What does not lie in one piece is copied by parts as long as its first dimension allows.
            view = (
                view.cast("B")
                if view.c_contiguous
                else memoryview(view[: max(1, _MOST_BYTES // view.itemsize)].tobytes())
            )
        whole = bytes(view[:_MOST_BYTES])
    except (TypeError, ValueError, BufferError, NotImplementedError):
        return f"<{type(value).__name__}>"
    return whole.decode("utf-8", "replace")


def _short(text: str) -> str:
    return text if len(text) <= _MOST_BYTES else text[:_MOST_BYTES] + "…"


def _in_order(values: Any, base: type[set[Any]] | type[frozenset[Any]]) -> list[Any]:
    """Give a set as a list, in order where there is one."""
    items = list(islice(base.__iter__(values), _MOST_ITEMS))
    if len(items) <= _MOST_SORTED and all(type(item) in (str, int, float) for item in items):
        with contextlib.suppress(TypeError):
            items.sort()
    return items


def _from_array(value: Any) -> Any:
    """Give a scalar of an array library as a number, an array as a list unless it is large."""
    shape: Any = getattr(value, "shape", None)
    size = getattr(value, "size", None)
    if callable(size):  # torch
        size = value.numel() if hasattr(value, "numel") else None
    if size is None and isinstance(shape, tuple):  # polars
        size = 1
        for length in shape:
            size *= length
    if getattr(getattr(value, "columns", None), "is_unique", True) is False:
        size = _MOST_ARRAY_ITEMS + 1  # pandas warns of columns that a dict has no room for, and leaves them out
    if size is None or (isinstance(size, int) and size <= _MOST_ARRAY_ITEMS):
        if type(value).__module__ == "numpy" and value.dtype.kind in ("M", "m"):
            return _times(value)
        for way in ("tolist", "to_list", "to_dict", "item", "isoformat", "__float__"):
            give = getattr(value, way, None)
            if callable(give):
                with contextlib.suppress(Exception):  # a way that its shape does not allow
                    given = give()
                    if type(given) is not type(value):
                        return _exact(given)
    return (
        _shown(value, type(value))
        if shape is None or shape == ()
        else f"<{type(value).__name__} of shape {tuple(shape)}>"
    )


def _times(value: Any) -> Any:
    """Give moments and durations of numpy's as texts: by itself it gives those of nanoseconds as bare numbers."""
    if value.shape:
        return [_times(item) for item in value]
    return str(value) if value == value else None


def _shown(value: Any, kind: type) -> Any:
    """Give a short text that tells what a value is."""
    show: Any = kind.__repr__
    if show is object.__repr__:
        return _shown_by_class(kind)
    if kind in _TELL_OF_THEMSELVES or kind.__module__ == "re":
        return _marked(repr(value), kind)
    if kind is types.MethodType:
        return f"<bound method {value.__func__.__qualname__}>"
    if any(would_be_fetched(part) for part in _parts_shown(value, kind)):
        return _shown_by_class(kind)
    if any(hasattr(kind, name) for name in ("__iter__", "__next__", "__await__", "__aiter__")):
        # To show what it holds, it would have to be worked out.
        return _shown_by_class(kind)
    return ask_for(kind, lambda: _marked(repr(value), kind))


def _parts_shown(value: Any, kind: type) -> tuple[Any, ...]:
    """Give what the `repr` of one of Python's own kinds asks for its `repr`."""
    if issubclass(kind, types.SimpleNamespace) or (kind.__module__ == "argparse" and hasattr(value, "__dict__")):
        return tuple(vars(value).values())
    if issubclass(kind, functools.partial):
        return (*value.args, *value.keywords.values())
    return ()


def would_be_fetched(value: Any, depth: int = 0) -> bool:
    """Tell whether showing a value would work something out: a query, or a row of a database somewhere in it.

    Args:
        value: Anything.
        depth: How far inside of other containers it stands.
    """
    kind = type(value)
    if kind in _SCALARS or depth >= _DEEPEST:
        return depth >= _DEEPEST
    if kind is dict:
        return any(would_be_fetched(item, depth + 1) for item in islice(value.values(), _MOST_SORTED))
    if kind in (list, tuple, set, frozenset):
        return any(would_be_fetched(item, depth + 1) for item in islice(value, _MOST_SORTED))
    if issubclass(kind, (*_SIZED, type, BaseException, memoryview)) or kind in _TELL_OF_THEMSELVES:
        return False
    module = kind.__module__.partition(".")[0]
    if module in ("numpy", "collections", "array", *_SAID_BY_THEIR_TEXT):
        return False
    if _is_row(kind):
        return True
    if hasattr(kind, "keys") or hasattr(kind, "model_fields"):  # mappings and models have at hand what they show
        return False
    return any(hasattr(kind, name) for name in ("__iter__", "__aiter__"))


def _marked(text: str, kind: type) -> str:
    text = str(_native.scrubbed(text[: 2 * _LONGEST_REPR]))
    if len(text) > _LONGEST_REPR:
        text = text[:_LONGEST_REPR] + "…"
    return text if text.startswith("<") else f"<{kind.__name__}: {text}>"


def _shown_by_class(kind: type) -> str:
    return f"<{kind.__module__}.{kind.__qualname__}>"


def ask_for(kind: type, question: Callable[[], Any]) -> Any:
    """Run code of the program's that tells what a value is, within bounds.

    Args:
        kind: The value's class.
        question: The code.

    Returns:
        What it gives; a text that names the class if that is not to be had in time.
    """
    from hiveloop._aside import ask

    known, answer = ask(kind, question)
    return answer if known else _shown_by_class(kind)
