"""Runs a page's Python blocks one after the other among the same names, as somebody would type them.

Reads one JSON object a line (`code`, `where`) and answers each with a line: `null`, or what went wrong.
"""

from __future__ import annotations

import ast
import asyncio
import doctest
import json
import os
import sys
import traceback
from typing import Any

NAMES: dict[str, Any] = {"__name__": "__main__", "__builtins__": __builtins__}


def run(code: str, where: str) -> str | None:
    """Runs a block, or the examples of one that shows a prompt; returns what went wrong."""
    if code.lstrip().startswith(">>> "):
        said: list[str] = []
        flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        examples = doctest.DocTestParser().get_doctest(code, dict(NAMES), where, where, 0)
        result = doctest.DocTestRunner(optionflags=flags).run(examples, out=said.append)
        # Examples stand each on its own.
        NAMES["hiveloop"].reset()
        return "".join(said) if result.failed else None
    try:
        # As a notebook does, `await` is taken outside of functions.
        made = eval(
            compile(code, where, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True),
            NAMES,
        )
        if asyncio.iscoroutine(made):
            asyncio.run(made)
    except BaseException:  # noqa: BLE001 (whatever a block raises is its fault, an exit too)
        return traceback.format_exc()
    return None


def main() -> None:
    """Answers until there is no more."""
    answers = os.fdopen(os.dup(1), "w")
    # What a block prints is no answer.
    os.dup2(2, 1)
    sys.path.insert(0, os.getcwd())
    for line in sys.stdin:
        block = json.loads(line)
        answers.write(json.dumps(run(block["code"], block["where"])) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
