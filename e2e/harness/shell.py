"""The command line as a person or a script uses it, in a home of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import unicodedata
from pathlib import Path
from typing import Any

from .server import Server, hiveboard_binary

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


class Shell:
    """Runs `hiveboard` with nothing of this machine's settings.

    Args:
        home: Where profiles are kept; also the working directory.
        variables: What else stands in the environment.
    """

    def __init__(self, home: Path, **variables: str) -> None:
        self.home = home
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HIVEBOARD_", "XDG_"))}
        for name in ("NO_COLOR", "CLICOLOR_FORCE", "COLUMNS"):
            kept.pop(name, None)
        self.environment = kept | {"HOME": str(home), "TZ": "UTC", "TERM": "xterm-256color"} | variables

    @classmethod
    def at(cls, server: Server, home: Path, key: str | None = None) -> Shell:
        """With address and key in the environment, as in CI."""
        return cls(home, HIVEBOARD_URL=server.url, HIVEBOARD_API_KEY=key or server.create_key("read"))

    def run(self, *arguments: str, text: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        """Whatever its exit code."""
        return subprocess.run(
            [str(hiveboard_binary()), *arguments],
            env=self.environment | variables,
            cwd=self.home,
            capture_output=True,
            text=True,
            input=text,
            timeout=120,
        )

    def done(self, *arguments: str, text: str = "", **variables: str) -> str:
        """What a command prints that must end well."""
        ran = self.run(*arguments, text=text, **variables)
        assert ran.returncode == 0, f"hiveboard {' '.join(arguments)}: {ran.returncode}\n{ran.stdout}\n{ran.stderr}"
        return ran.stdout

    def json(self, *arguments: str, **variables: str) -> Any:
        """The same with `--json`, read."""
        return json.loads(self.done(*arguments, "--json", **variables))

    def fails(self, code: int, *arguments: str, text: str = "", **variables: str) -> str:
        """What a command says that must end with that exit code."""
        ran = self.run(*arguments, text=text, **variables)
        told = f"hiveboard {' '.join(arguments)}: {ran.returncode}\n{ran.stdout}\n{ran.stderr}"
        assert ran.returncode == code, told
        return ran.stderr


def plain(text: str) -> str:
    """Without colours."""
    return ESCAPES.sub("", text)


def columns(line: str) -> int:
    """Columns that a line takes on a terminal."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        for sign in plain(line)
    )
