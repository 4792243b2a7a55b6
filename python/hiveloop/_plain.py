"""Values that JSON has no form for.

The native half writes str, int, float, bool, None, dict, list and tuple itself, and asks here about everything else.
No type is imported for it: a value of a type has that type's module loaded already.
"""

from __future__ import annotations

import datetime
import enum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LONGEST_REPR = 200
_MOST_ARRAY_ITEMS = 1000


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
    kind = type(value)
    if isinstance(value, enum.Enum):
        return _exact(value.value)
    for base in (bool, str, int, float):
        if isinstance(value, base):
            return base.__str__(value) if base is str else base(value)
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return str(value.isoformat())
    if isinstance(value, dict):
        return dict(value.items())
    if isinstance(value, (list, tuple)):
        return list(value)
    if isinstance(value, (set, frozenset)):
        return _in_order(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, BaseException):
        return f"{kind.__name__}: {value}"
    if isinstance(value, type):
        return f"<class {value.__module__}.{value.__qualname__}>"
    return _by_shape(value, kind)


def _by_shape(value: Any, kind: type) -> Any:
    """Look at what a value can do, where its type is not one of Python's own."""
    module = kind.__module__.partition(".")[0]
    if module in ("decimal", "_decimal", "fractions"):
        number = float(value)
        # Money stays a figure. What is no figure (NaN) is written by its name.
        return number if number == number and abs(number) != float("inf") else str(value)
    if module in ("uuid", "pathlib", "ipaddress", "yarl", "datetime", "_datetime", "zoneinfo"):
        return str(value)
    if module in ("numpy", "torch", "jax", "jaxlib", "tensorflow", "pandas", "polars"):
        return _from_array(value)
    dump = getattr(kind, "model_dump", None)
    if callable(dump):
        return dict(dump(value))
    fields = getattr(kind, "__dataclass_fields__", None)
    if fields is not None:
        return {name: getattr(value, name, None) for name in fields}
    attributes = getattr(kind, "__attrs_attrs__", None)
    if attributes is not None:
        return {attribute.name: getattr(value, attribute.name, None) for attribute in attributes}
    if hasattr(kind, "keys") and hasattr(kind, "__getitem__"):
        return {key: value[key] for key in value.keys()}  # noqa: SIM118 - a mapping need not be iterable by key
    if module == "collections" and hasattr(kind, "__len__"):
        return list(value)
    if hasattr(kind, "__fspath__"):
        return str(value.__fspath__())
    return _shown(value, kind)


def _exact(value: Any) -> Any:
    """Give a value of exactly one of JSON's types, or what stands for it."""
    if value is None or type(value) in (str, int, float, bool, dict, list, tuple):
        return value
    return plain(value)


def _in_order(values: Any) -> list[Any]:
    """Give a set as a list, in order where there is one."""
    try:
        return sorted(values)
    except Exception:
        return list(values)


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


def _shown(value: Any, kind: type) -> str:
    """Give a short text that tells what a value is."""
    text = repr(value)
    if len(text) > _LONGEST_REPR:
        text = text[:_LONGEST_REPR] + "…"
    return text if text.startswith("<") else f"<{kind.__name__}: {text}>"
