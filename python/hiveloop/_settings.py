"""Reading settings as people give them: what can be used is used, and what cannot is said."""

from __future__ import annotations

import contextlib
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LONGEST_SECONDS = 1e9
_LONGEST_QUOTE = 200
_NAME: Any = vars(type)["__name__"]


def text(name: str, given: Any, variable: str, otherwise: str) -> str:
    """Give a setting that is text: as given, else as the environment says it, else as usual."""
    with contextlib.suppress(Exception):  # most are no secret of pydantic's, which shows stars
        given = type(given).get_secret_value(given)
    if given is None or shown(given) == "":
        return os.environ.get(variable) or otherwise
    return shown(given)


def number(name: str, given: Any, otherwise: float, notes: list[str]) -> float:
    """Give a setting that is a number of at least 0; anything else is the usual value, and a note."""
    try:
        value = float(given)
    except Exception:
        value = float("nan")
    if value != value:
        notes.append(f"{name} must be a number, not {quoted(given)}: {otherwise:g} instead")
        return otherwise
    return min(max(value, 0.0), _LONGEST_SECONDS)


def seconds(given: Any, otherwise: float) -> float:
    """Give a time to wait; what is no number is the usual time."""
    return number("timeout", otherwise if given is None else given, otherwise, [])


def period(name: str, given: Any, otherwise: float, notes: list[str]) -> float:
    """Give a time between what happens again and again: a number, its text or a `timedelta`; else the usual one."""
    if given is None:
        return otherwise
    with contextlib.suppress(Exception):  # most are no `timedelta`
        given = type(given).total_seconds(given)
    value = number(name, given, otherwise, notes)
    if value >= _LONGEST_SECONDS:
        notes.append(f"{name} must come to an end: {otherwise:g} instead")
        return otherwise
    return value


def flag(variable: str) -> bool:
    """Tell whether a variable of the environment says yes."""
    return os.environ.get(variable, "").strip().lower() in ("1", "true", "yes", "on")


def is_on(name: str, given: Any, otherwise: bool, notes: list[str]) -> bool:
    """Tell whether a switch is on; what is neither true nor false leaves it as usual."""
    try:
        return bool(given)
    except Exception:
        notes.append(f"{name} must be True or False, not {quoted(given)}: {otherwise} instead")
        return otherwise


def path(name: str, given: Any) -> str | None:
    """Give a setting that is a path."""
    from hiveloop._errors import HiveLoopConfigError

    try:
        return None if given is None else os.fsdecode(os.fsencode(given))
    except Exception:
        raise HiveLoopConfigError(f"{name} must be a path, not {quoted(given)}") from None


def gzip(compression: Any, notes: list[str]) -> bool:
    """Tell whether requests are to be compressed."""
    if compression is None or compression is False:
        return False
    if type(compression) is str and compression in ("", "none", "gzip"):
        return compression == "gzip"
    notes.append(f'compression must be "gzip" or None, not {quoted(compression)}: none instead')
    return False


def hook(before_send: Any, notes: list[str]) -> Any:
    """Give the function that sees every event."""
    if before_send is None or callable(before_send):
        return before_send
    from hiveloop._errors import HiveLoopConfigError

    # Sending unmasked what was to be masked would be worse than not to begin.
    raise HiveLoopConfigError("before_send must be a function that takes an event and gives it back, or None")


def shown(given: Any) -> str:
    """Give anything as text that can be sent: half a character, as in file names, becomes a replacement character."""
    try:
        text = given.decode("utf-8", "replace") if isinstance(given, (bytes, bytearray)) else str(given)
        text = str.__str__(text)
    except Exception:
        return f"<{class_name(type(given))}>"
    try:
        text.encode()
    except UnicodeEncodeError:
        text = "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in text)
    return text


def quoted(given: Any) -> str:
    """Give what was given as a line can show it."""
    try:
        text = repr(given)
        return text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "…"
    except Exception:
        return f"<{class_name(type(given))}>"


def class_name(kind: type) -> str:
    """Give the name of a class; its metaclass is not asked, which may answer anything."""
    return str(_NAME.__get__(kind))
