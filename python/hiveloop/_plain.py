"""Values that JSON has no form for.

The native half writes str, int, float, bool, None, dict, list and tuple itself, and asks here about everything else.
No type is imported for it: a value of a type has that type's module loaded already.

What is looked into, and what is not:

- Python's own types, dataclasses, attrs and pydantic classes by their fields, numbers and small arrays of the array
  libraries, paths, ids, dates. Of a class with fields, those that it hides from its ``repr`` or dump are left out, and
  those that it shows masked; a class with ``repr=False`` is named alone. Of headers, what lets one in is masked.
  Addresses in exceptions and in what a ``repr`` shows lose their passwords.
- A proxy that has something at hand to stand for (of werkzeug, wrapt, Celery, Django) shows that; one that would have
  to fetch it first does not.
- What would only be worked out by being looked at (a query, an iterator, a future) is named by its class, never asked;
  a row of a database, which may be fetched anew, by its class and its key.
- A mapping or a ``repr`` of the program's own is asked on a thread apart, for at most a tenth of every second:
  longer, and the value is named by its class, at once the next time.
"""

from __future__ import annotations

import contextlib
import datetime
import enum
from itertools import islice

from hiveloop import _native

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
_PROXY_TARGETS = ("_get_current_object", "__wrapped__", "_wrapped")


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
    kind = type(value)
    if issubclass(kind, enum.Enum):
        return _exact(value._value_)
    if issubclass(kind, str):
        # Of a large one no more is copied than a payload has room for; the writer sees that, and says it is cut.
        return str.__str__(value) if str.__len__(value) <= _MOST_BYTES else str.__getitem__(value, slice(_MOST_BYTES))
    for number in (int, float):
        if issubclass(kind, number):
            return number.__pos__(value)
    if issubclass(kind, (datetime.datetime, datetime.date, datetime.time)):
        return str(value.isoformat())
    if issubclass(kind, dict):
        return dict(islice(dict.items(value), _MOST_ITEMS))
    if issubclass(kind, tuple) and hasattr(kind, "_fields") and _has_own_repr(kind):
        # What it masks there stays in the process.
        return _ask(kind, lambda: _marked(repr(value), kind))
    if issubclass(kind, (list, tuple)):
        return list(islice((list if issubclass(kind, list) else tuple).__iter__(value), _MOST_ITEMS))
    if issubclass(kind, (set, frozenset)):
        return _in_order(value, set if issubclass(kind, set) else frozenset)
    if issubclass(kind, (bytes, bytearray, memoryview)):
        return _text_of(value)
    if issubclass(kind, BaseException):
        return f"{kind.__name__}: {_native.scrubbed(_short(BaseException.__str__(value)))}"
    if issubclass(kind, type):
        return f"<class {value.__module__}.{value.__qualname__}>"
    return _by_shape(value, kind)


def _by_shape(value: Any, kind: type) -> Any:
    """Look at what a value can do, where its type is not one of Python's own."""
    module = kind.__module__.partition(".")[0]
    if module in ("decimal", "_decimal", "fractions"):
        number = float(value)
        # Money stays a figure. What is no figure (NaN) is written by its name.
        return number if number == number and abs(number) != float("inf") else str(value)
    if kind.__name__.endswith(("Url", "Dsn")) and module in ("pydantic", "pydantic_core"):
        return _native.scrubbed(str(value))
    if module in ("uuid", "pathlib", "ipaddress", "yarl", "datetime", "_datetime", "zoneinfo"):
        return str(value)
    if module in ("numpy", "torch", "jax", "jaxlib", "tensorflow", "pandas", "polars"):
        return _from_array(value)
    if hasattr(kind, "get_secret_value"):
        return "**********"
    if _is_row(kind):
        return _row_of(value, kind)
    fields = _fields_of(value, kind)
    if fields is not None:
        return fields
    if "__class__" in _names_of(kind) and value.__class__ is not kind:
        return _from_proxy(value, kind)
    if module in ("collections", "types", "os") and hasattr(kind, "keys"):
        return dict(islice(((key, value[key]) for key in value), _MOST_ITEMS))
    if module == "collections" and hasattr(kind, "__len__"):
        return list(islice(value, _MOST_ITEMS))
    if hasattr(kind, "__fspath__"):
        return _ask(kind, lambda: str(value.__fspath__()))
    if hasattr(kind, "keys") and hasattr(kind, "__getitem__"):
        found = _ask(kind, lambda: dict(islice(((key, value[key]) for key in value.keys()), _MOST_ITEMS)))  # noqa: SIM118
        return _without_credentials(found) if "header" in kind.__name__.lower() and isinstance(found, dict) else found
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


def _has_own_repr(kind: type) -> bool:
    """Tell whether a named tuple shows itself otherwise than such tuples do."""
    code = getattr(kind.__repr__, "__code__", None)
    return code is not None and not code.co_filename.endswith(("collections/__init__.py", "collections\\__init__.py"))


_CREDENTIALS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key"})


def _without_credentials(headers: dict[Any, Any]) -> dict[Any, Any]:
    return {name: "***" if str(name).lower() in _CREDENTIALS else value for name, value in headers.items()}


def _fields_of(value: Any, kind: type) -> dict[str, Any] | None:
    """Give the fields of a class that declares them, without those it hides; None for other classes."""
    declared = getattr(kind, "__dataclass_fields__", None)
    attributes = getattr(kind, "__attrs_attrs__", None)
    show: Any = kind.__repr__
    if (declared is not None or attributes is not None) and show is object.__repr__:
        return None  # it hides them all
    if declared is not None:
        return {
            name: getattr(value, name, None)
            for name, field in declared.items()
            if getattr(field, "repr", True) and "ClassVar" not in str(getattr(field, "type", ""))
        }
    if attributes is not None:
        # One with a `repr` of its own is masked by it.
        shown = (attribute for attribute in attributes if attribute.repr is True)
        return {attribute.name: getattr(value, attribute.name, None) for attribute in shown}
    if callable(getattr(kind, "model_dump", None)) and isinstance(getattr(kind, "model_fields", None), dict):
        from hiveloop._pydantic import fields_of

        return fields_of(value, kind)
    older = getattr(kind, "__fields__", None)
    if isinstance(older, dict) and callable(getattr(kind, "dict", None)):
        infos = ((name, getattr(field, "field_info", None)) for name, field in older.items())
        hidden = {name for name, info in infos if getattr(info, "exclude", None) or not getattr(info, "repr", True)}
        return {name: getattr(value, name, None) for name in older if name not in hidden}
    return None


def _names_of(kind: type) -> set[str]:
    return {name for base in kind.__mro__[:-1] for name in vars(base)}


def _from_proxy(value: Any, kind: type) -> Any:
    """Give what a proxy stands for, if it is at hand."""
    if "_wrapped" in _names_of(kind) or "_wrapped" in getattr(value, "__dict__", ()):
        # Django's: until it is first used it holds a marker, and asking it anything would fetch its object.
        target = object.__getattribute__(value, "_wrapped")
        return _shown_by_class(kind) if type(target).__name__ == "object" or target is None else _exact(target)
    for name in _PROXY_TARGETS[:2]:
        if name in _names_of(kind) or hasattr(kind, name):
            try:
                target = getattr(value, name)
                return _exact(target() if name == "_get_current_object" else target)
            except Exception:
                return f"<{kind.__name__}: unbound>"
    return _shown(value, kind)


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
    size = getattr(value, "size", 1)
    if callable(size):  # torch
        size = value.numel()
    shape = getattr(value, "shape", None)
    if isinstance(size, int) and size <= _MOST_ARRAY_ITEMS:
        for way in ("tolist", "item", "to_dict", "isoformat"):
            give = getattr(value, way, None)
            if callable(give):
                return _exact(give())
    return _shown(value, type(value)) if shape is None else f"<{type(value).__name__} of shape {tuple(shape)}>"


def _shown(value: Any, kind: type) -> Any:
    """Give a short text that tells what a value is."""
    show: Any = kind.__repr__
    if show is object.__repr__:
        return _shown_by_class(kind)
    if type(show).__name__ != "wrapper_descriptor" or kind.__module__ not in ("builtins", "re", "functools", "range"):
        if any(hasattr(kind, name) for name in ("__iter__", "__next__", "__await__", "__aiter__")):
            # To show what it holds, it would have to be worked out.
            return _shown_by_class(kind)
        return _ask(kind, lambda: _marked(repr(value), kind))
    return _marked(repr(value), kind)


def _marked(text: str, kind: type) -> str:
    text = str(_native.scrubbed(text[: 2 * _LONGEST_REPR]))
    if len(text) > _LONGEST_REPR:
        text = text[:_LONGEST_REPR] + "…"
    return text if text.startswith("<") else f"<{kind.__name__}: {text}>"


def _shown_by_class(kind: type) -> str:
    return f"<{kind.__module__}.{kind.__qualname__}>"


def _ask(kind: type, question: Callable[[], Any]) -> Any:
    """Run code of the program's that tells what a value is, within bounds."""
    from hiveloop._aside import ask

    known, answer = ask(kind, question)
    return answer if known else _shown_by_class(kind)
