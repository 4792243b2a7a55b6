"""The logger ``hiveloop``.

`logging` is imported when there is something to say, not with the package: it costs more than all the rest.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging
    from collections.abc import Iterable


def logger() -> logging.Logger:
    """Give the logger ``hiveloop``, which is silent unless the program listens to it."""
    import logging

    log = logging.getLogger("hiveloop")
    if not any(isinstance(handler, logging.NullHandler) for handler in log.handlers):
        log.addHandler(logging.NullHandler())
    return log


def pass_on(lines: Iterable[tuple[int, str]]) -> None:
    """Log lines that the native half has written.

    Args:
        lines: Each with its level, as `logging` counts them.
    """
    log = logger()
    for level, line in lines:
        log.log(level, "%s", line)
