"""Payloads of tools."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def tool_payload(
    args: Any = None,
    result: Any = None,
    success: bool = True,
    error: Any = None,
    duration_ms: float | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Make the payload of an action that ran a tool.

    Args:
        args: What the tool was given.
        result: What it gave back.
        success: Whether it did what it was asked.
        error: What went wrong.
        duration_ms: How long it took, in milliseconds.
        **more: Anything else.

    Returns:
        The fields that were given, for `set_payload`.

    >>> hiveloop.tool_payload(args={"to": "ada@example.org"}, result="queued", duration_ms=12)
    {'success': True, 'args': {'to': 'ada@example.org'}, 'result': 'queued', 'duration_ms': 12}
    """
    given = {"args": args, "result": result, "error": error, "duration_ms": duration_ms, **more}
    return {"success": success, **{name: value for name, value in given.items() if value is not None}}
