"""Payloads of tools."""

from __future__ import annotations

from itertools import islice

from hiveloop import _native
from hiveloop._log import say_ignored
from hiveloop._outcomes import TOLD_BY_PYTHON

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_DEEPEST = 8


def tool_payload(
    args: Any = None,
    result: Any = None,
    success: bool = True,
    error: Any = None,
    duration_ms: float | None = None,
    tool_category: str | None = None,
    http_status: int | None = None,
    result_size_bytes: int | None = None,
    args_max_len: int = 500,
    result_max_len: int = 1000,
    *beyond: Any,
    **more: Any,
) -> dict[str, Any]:
    """Make the payload of an action that ran a tool.

    Args:
        args: What the tool was given.
        result: What it gave back.
        success: Whether it did what it was asked.
        error: What went wrong.
        duration_ms: How long it took, in milliseconds.
        tool_category: Its kind, as in ``search``.
        http_status: The status of the HTTP answer behind it.
        result_size_bytes: How large the whole result was, in bytes.
        args_max_len: Characters that each argument may have as text; a longer one becomes text, and is cut.
        result_max_len: The same for the result.
        *beyond: Logged and ignored.
        **more: Anything else.

    Returns:
        The fields that were given, for `set_payload`.

    >>> hiveloop.tool_payload(args={"to": "ada@example.org"}, result="queued", duration_ms=12)
    {'success': True, 'args': {'to': 'ada@example.org'}, 'result': 'queued', 'duration_ms': 12}
    """
    say_ignored("tool_payload", beyond, ())
    if type(args) is dict:
        args = {name: _cut(value, args_max_len) for name, value in args.items()}
    else:
        args = _cut(args, args_max_len)
    given = {
        "args": args,
        "result": _cut(result, result_max_len),
        "error": error,
        "duration_ms": duration_ms,
        "tool_category": tool_category,
        "http_status": http_status,
        "result_size_bytes": result_size_bytes,
        **more,
    }
    return {"success": success, **{name: value for name, value in given.items() if value is not None}}


def _cut(value: Any, longest: int) -> Any:
    """Give a value as it is, or the beginning of its text if that is longer than this."""
    try:
        return _cut_to(value, max(0, int(longest)))
    except Exception:  # it cannot be looked at, or the bound is none
        return value


def _cut_to(value: Any, longest: int) -> Any:
    kind = type(value)
    if issubclass(kind, str):
        return value if len(value) <= longest else value[:longest]
    if issubclass(kind, (bytes, bytearray)):
        return value if len(value) <= longest else bytes(value[:longest]).decode("utf-8", "replace")
    if issubclass(kind, (dict, list, tuple, set, frozenset)):
        # Each entry is at least a character of the text, so that no more of them than this are in its beginning.
        if issubclass(kind, dict):
            beginning: Any = dict(islice(value.items(), longest))
        else:
            beginning = kind(islice(value, longest)) if kind in (list, tuple, set, frozenset) else value
        text = _shown(beginning if len(value) > longest else value)
        return value if len(value) <= longest and len(text) <= longest else text[:longest]
    if value is None or kind in (bool, float):
        return value
    text = _native.json_of(value)
    return value if len(text) <= longest else text[:longest]


def _shown(value: Any) -> str:
    """Give the text of a container; where Python does not make all of it itself, as it would be sent."""
    return str(value) if _is_pythons_own(value) else _native.json_of(value)


def _is_pythons_own(value: Any, depth: int = 0) -> bool:
    kind = type(value)
    if kind in TOLD_BY_PYTHON:
        return True
    if depth >= _DEEPEST:
        return False
    if kind is dict:
        return all(_is_pythons_own(part, depth + 1) for entry in value.items() for part in entry)
    return kind in (list, tuple, set, frozenset) and all(_is_pythons_own(part, depth + 1) for part in value)
