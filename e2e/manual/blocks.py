"""Reads the printed blocks and runs them against a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
MARKER = "# %% "
PRINTED_KEYS = ("hb_live_your_key_here", "hb_live_xxx")
PRINTED_ENDPOINT = "http://localhost:8000"


def read_blocks() -> dict[str, str]:
    """All blocks by name, in the order of the manual."""
    blocks: dict[str, str] = {}
    for path in sorted(FOLDER.glob("s[0-9][0-9]_*.py")):
        for part in ("\n" + path.read_text()).split("\n" + MARKER)[1:]:
            name, _, code = part.partition("\n")
            assert name not in blocks, f"two blocks are called {name!r}"
            blocks[name] = code
    return blocks


class Manual:
    """A reader who types the manual's code, with a key and a server of their own.

    Args:
        key: Takes the place of the printed keys.
        endpoint: Takes the place of the printed endpoint.
    """

    def __init__(self, key: str, endpoint: str) -> None:
        self._blocks = read_blocks()
        self._key = key
        self._endpoint = endpoint
        self.names: dict[str, Any] = {}
        self.changes: dict[str, tuple[str, str]] = {}

    def run(self, block: str, **names: Any) -> dict[str, Any]:
        """Runs one block among the given names; returns all names known afterwards."""
        code = self._blocks[block]
        for printed in PRINTED_KEYS:
            code = code.replace(printed, self._key)
        code = code.replace(PRINTED_ENDPOINT, self._endpoint)
        if block in self.changes:
            printed, changed = self.changes[block]
            assert printed in code
            code = code.replace(printed, changed)
        self.names.update(names)
        exec(compile(code, f"manual: {block}", "exec", dont_inherit=True), self.names)
        return self.names
