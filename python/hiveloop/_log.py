"""The logger ``hiveloop``.

`logging` is imported when there is something to say, not with the package: it costs more than all the rest.
"""

from __future__ import annotations

import contextlib
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging
    from collections.abc import Iterable, Sized

_LEVELS = (10, 20, 30, 40)
_NOBODY_LISTENS = 255


def logger() -> logging.Logger:
    """Give the logger ``hiveloop``, which is silent unless the program listens to it."""
    import logging

    log = logging.getLogger("hiveloop")
    if not any(isinstance(handler, logging.NullHandler) for handler in log.handlers):
        log.addHandler(logging.NullHandler())
    return log


def heard_from() -> int:
    """Give the level from which on somebody sees what is logged; 255 for nobody."""
    import logging

    log = logger()
    levels = []
    place: logging.Logger | None = log
    while place is not None:
        levels += [handler.level for handler in place.handlers if not isinstance(handler, logging.NullHandler)]
        place = place.parent if place.propagate else None
    heard = (level for level in _LEVELS if log.isEnabledFor(level) and any(own <= level for own in levels))
    return next(heard, _NOBODY_LISTENS)


def pass_on(lines: Iterable[tuple[int, str, bool]]) -> int:
    """Log lines that the native half has written.

    Args:
        lines: Each with its level, as `logging` counts them, and whether it stands on standard error already.

    Returns:
        The level from which on somebody sees what is logged.
    """
    log, least = logger(), heard_from()
    for level, line, is_said in lines:
        if not is_said:
            _hand_over(log, level, line)
    return least


def _hand_over(log: logging.Logger, level: int, line: str) -> None:
    """Log a line; a handler of the program's that fails does not fail the call which happens to pass the line on."""
    with contextlib.suppress(Exception):
        log.log(level, "%s", line)


def tell(line: str) -> None:
    """Log a warning for those who listen.

    Args:
        line: What to say.
    """
    _hand_over(logger(), 30, line)


def say_ignored(call: str, more: Sized, unknown: Iterable[str]) -> None:
    """Log what a call was given that it does not know.

    Args:
        call: The call's name.
        more: What was given beyond its places.
        unknown: The names of what was given by name.
    """
    names = [*unknown, *([f"{len(more)} more arguments"] if more else [])]
    if names:
        tell(f"{call}() does not know {', '.join(names)}: ignored")


def warn(line: str) -> None:
    """Say something that the program's author should see, even where `logging` shows nothing.

    Args:
        line: What to say.
    """
    if heard_from() <= 30:
        tell(line)
    else:
        _show(line)


def _show(line: str) -> None:
    if sys.stderr is None:  # it would be printed where the program's own output goes
        return
    with contextlib.suppress(Exception):  # when it is gone, or the program's own stand-in fails, nobody is there
        print(f"hiveloop: {line}", file=sys.stderr, flush=True)
