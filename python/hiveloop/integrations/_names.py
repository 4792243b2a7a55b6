"""What things are called on the board, and how much of their text travels."""

from __future__ import annotations

import functools
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PREVIEW_CHARACTERS = 500
_LONGEST_NAME = 120
# Files whose names say nothing about what they do; their folder's name does.
_SAYING_NOTHING = ("__main__", "__init__", "main", "app", "run", "server", "worker", "manage", "index", "wsgi")


def default_agent_name(otherwise: str) -> str:
    """Name the worker that a program is, if nobody has named one.

    Args:
        otherwise: The name where the program has none, as in a notebook.

    Returns:
        ``HIVELOOP_AGENT``, else the program's own name, as in ``nightly-report`` for ``nightly_report.py``.
    """
    given = os.environ.get("HIVELOOP_AGENT")
    if given:
        return given
    main = sys.modules.get("__main__")
    path = getattr(main, "__file__", None)
    if not isinstance(path, str):
        return otherwise
    folder, file = os.path.split(os.path.abspath(path))
    stem = os.path.splitext(file)[0]
    if stem in _SAYING_NOTHING:
        stem = os.path.basename(folder)
    return stem.replace("_", "-").strip("-") or otherwise


def short(text: Any, longest: int = _LONGEST_NAME) -> str:
    """Give a name as text, cut."""
    return text[:longest] if isinstance(text, str) else str(text)[:longest]


def preview(value: Any) -> str | None:
    """Give the beginning of a text, or of what a message holds: parts of text one after another.

    Args:
        value: Text, or parts as the providers' messages have them.

    Returns:
        The beginning, or None where there is no text.
    """
    if value is None:
        return None
    if isinstance(value, str):
        return value[:PREVIEW_CHARACTERS] or None
    if isinstance(value, (list, tuple)):
        parts: list[str] = []
        left = PREVIEW_CHARACTERS
        for part in value[:20]:
            text = part if isinstance(part, str) else field(part, "text")
            if isinstance(text, str) and text:
                parts.append(text[:left])
                left -= len(parts[-1])
                if left <= 0:
                    break
        return " ".join(parts) or None
    return None


def last_message(messages: Any) -> str | None:
    """Preview what a model was asked last.

    Args:
        messages: Messages as providers take them, or a text.

    Returns:
        The beginning of the last one that has text.
    """
    if isinstance(messages, str):
        return preview(messages)
    if not isinstance(messages, (list, tuple)):
        return None
    for message in reversed(messages[-5:]):
        found = message if isinstance(message, str) else preview(field(message, "content"))
        if found:
            return preview(found)
    return None


def fields_of(value: Any) -> dict[str, Any]:
    """Give the fields of an object or a dict, for reading many.

    Args:
        value: An object, a dict, or None.

    Returns:
        The fields; not to be changed.
    """
    if value is None or isinstance(value, dict):
        return value or {}
    own: dict[str, Any] = getattr(value, "__dict__", {})
    more = getattr(value, "__pydantic_extra__", None) if hasattr(type(value), "__pydantic_fields__") else None
    return {**own, **more} if more else own


@functools.lru_cache(1000)
def _is_of_class(kind: Any, name: str) -> bool:
    return any(name in base.__dict__ for base in kind.__mro__)


def field(value: Any, name: str, otherwise: Any = None) -> Any:
    """Read a field of an object or of a dict.

    Args:
        value: An object, a dict, or None.
        name: The field.
        otherwise: What stands in for one that is missing or None.

    Returns:
        The field.
    """
    if isinstance(value, dict):
        found = value.get(name)
    elif hasattr(type(value), "__pydantic_fields__"):
        # Asked for what it hasn't, pydantic makes up a long excuse, at more cost than all the rest here.
        found = value.__dict__.get(name)
        if found is None:
            found = (value.__pydantic_extra__ or {}).get(name)
            if found is None and _is_of_class(type(value), name):  # type: ignore[arg-type]
                found = getattr(value, name, None)
    else:
        found = getattr(value, name, None)
    return otherwise if found is None else found
