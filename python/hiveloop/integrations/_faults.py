"""What goes wrong inside of an integration: counted and silent, for the host must not notice."""

from __future__ import annotations

import functools

from hiveloop._log import logger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    F = TypeVar("F", bound=Callable[..., Any])

_counts: dict[str, int] = {}
_MOST_LINES = 20
_lines = 0


def faults() -> dict[str, int]:
    """Count what went wrong inside of integrations, by place.

    Nothing of it has reached the program; the logger ``hiveloop`` has the first lines of it at level DEBUG.

    Returns:
        How often each place went wrong in this process; empty when all is well.

    >>> hiveloop.integrations.faults()
    {}
    """
    return dict(_counts)


def note(place: str, error: BaseException) -> None:
    """Count a fault, and log the first ones with their way through the code.

    Args:
        place: Where, as in ``langchain.on_tool_end``.
        error: What was raised.
    """
    global _lines
    _counts[place] = _counts.get(place, 0) + 1
    if _lines < _MOST_LINES:
        _lines += 1
        logger().debug("an integration went wrong in %s: %r", place, error, exc_info=error)


def quiet(place: str) -> Callable[[F], F]:
    """Make a function that never raises: what goes wrong in it is counted, and it gives None.

    Args:
        place: What to call it.

    Returns:
        A decorator.
    """

    def decorate(function: F) -> F:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                return function(*args, **kwargs)
            except Exception as error:
                note(place, error)
                return None

        return call  # type: ignore[return-value]

    return decorate
