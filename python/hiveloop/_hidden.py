"""What classes keep to themselves: a ``repr`` of their own that leaves something out does so for a reason.

A value that such a ``repr`` does not show stays in the process, whatever the class is made with: a subclass of a
string, a dict or a list, a dataclass, an attrs class, a model, a struct.
"""

from __future__ import annotations

import functools
from itertools import islice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

# Where the `repr`s are written that show all there is to show.
_SHOW_ALL = ("collections/__init__.py", "dataclasses.py")
HIDDEN = "***"
# Parts of the names of headers and variables whose values let one in.
_CREDENTIALS = (
    *("authorization", "cookie", "token", "secret", "password", "passwd", "passphrase", "credential"),
    *("apikey", "accesskey", "authkey", "privatekey", "signingkey", "encryptionkey", "sessionkey", "subscriptionkey"),
    *("x-amz-signature", "databaseurl", "connectionstring"),
)
_MOST_LOOKED_AT = 1000
_DEEPEST = 8


@functools.lru_cache(maxsize=1024)
def shows_itself(kind: Any) -> bool:
    """Tell whether a class has a ``repr`` of the program's, not one that a library writes for every class.

    Args:
        kind: The class.
    """
    show: Any = kind.__repr__
    code = getattr(show, "__code__", None)
    if code is None:
        return False
    if code.co_filename.endswith("reprlib.py"):  # a dataclass's, or the program's own that may meet itself again
        inner = getattr(getattr(show, "__wrapped__", None), "__code__", code)
        return bool(inner.co_filename != "<string>")
    file = code.co_filename.replace("\\", "/")
    if "/pydantic/" in file:
        ways = (getattr(getattr(kind, way, None), "__code__", None) for way in ("__repr_args__", "__repr_str__"))
        return any(way is not None and "pydantic" not in way.co_filename for way in ways)
    return not file.startswith("<attrs generated") and not file.endswith(_SHOW_ALL)


def shown_entries(entries: Iterable[tuple[Any, Any]], shown: str) -> dict[Any, Any]:
    """Give the entries of a mapping or the fields of an object whose ``repr`` is known, without what that hides.

    Args:
        entries: Names and values.
        shown: The ``repr``.

    Returns:
        The entries whose names are shown; those whose values are not, masked.
    """
    kept = {}
    for name, value in entries:
        if is_shown(value, shown):
            kept[name] = value
        elif str(name) in shown:
            kept[name] = HIDDEN
    return kept


def is_shown(value: Any, shown: str, depth: int = 0) -> bool:
    """Tell whether a ``repr`` shows a value; objects that show themselves are left to their own classes.

    Args:
        value: Anything.
        shown: The ``repr``.
        depth: How far inside of other containers it stands.
    """
    if value is None or value is True or value is False:
        return True
    kind = type(value)
    if issubclass(kind, str):
        return str.__str__(value) in shown or str.__repr__(value)[1:-1] in shown
    if issubclass(kind, (bytes, bytearray)):
        return repr(bytes(value))[2:-1] in shown
    if kind in (int, float):
        return repr(value) in shown
    if issubclass(kind, int):
        return int.__repr__(value) in shown
    if depth >= _DEEPEST:
        return False
    if issubclass(kind, dict):
        return all(is_shown(item, shown, depth + 1) for item in islice(dict.values(value), _MOST_LOOKED_AT))
    for base in (list, tuple, set, frozenset):
        if issubclass(kind, base):
            return all(is_shown(item, shown, depth + 1) for item in islice(base.__iter__(value), _MOST_LOOKED_AT))
    return True


def without_credentials(entries: dict[Any, Any]) -> dict[Any, Any]:
    """Give headers, or variables of an environment, with the values masked that let one in.

    Args:
        entries: Names and values.
    """
    # Figures let nobody in: a count of tokens stays.
    return {
        name: HIDDEN if type(value) in (str, bytes) and _is_credential(name) else value
        for name, value in entries.items()
    }


def _is_credential(name: Any) -> bool:
    if type(name) not in (str, bytes):
        return False
    text = name if type(name) is str else name.decode("latin-1")
    text = text.lower().replace("-", "").replace("_", "")
    return any(part.replace("-", "") in text for part in _CREDENTIALS)


def without_inputs(text: str) -> str:
    """Give the text of an error of pydantic's with the inputs masked that were meant for a password or the like.

    Args:
        text: A line with a field's name each, and below it what is wrong with its input.
    """
    import re

    lines, is_secret = [], False
    for line in text.splitlines():
        if not line.startswith(" "):
            is_secret = _is_credential(line)
        lines.append(
            re.sub(r"input_value=.*, input_type=", f"input_value={HIDDEN}, input_type=", line) if is_secret else line
        )
    return "\n".join(lines)
