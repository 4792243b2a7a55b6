"""Every code block of every page, with what its fence says about how it is to be run.

A fence names a language and, after it, options: `not-run="why"`, `file=NAME` (what is written into a file of that name), `stays="text"` (a
command that goes on until the page's end, and has started when it printed the text), `given="what"` (what has happened before, see
`given.py`), `stopped` (the page's server does not run meanwhile), `ends="1"` (the exit code of a command that does not end with 0),
`terminal="text"` (a command that fills a terminal, has started when it shows the text, and ends by `q`), `signature` (a function's head, not a
statement), `frameworks` (run where the light frameworks are installed).
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
BUILT = {"site", "theme", "tests"}
# Told to readers in the repository rather than on the site.
OTHER_PAGES = ("README.md", "CONTRIBUTING.md", "python/README.md", "crates/hiveboard/README.md")
OPTIONS = {"not-run", "file", "stays", "given", "stopped", "ends", "terminal", "signature", "frameworks"}


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Args:
        page: The page's path from the repository's root.
        line: Where the block's fence stands, from 1.
        language: What the fence says it is.
        options: What the fence says besides.
        text: The block without its fence.
    """

    page: str
    line: int
    language: str
    options: dict[str, str]
    text: str

    @property
    def where(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[Path]:
    """Every page of the documentation."""
    found = [path for path in DOCS.rglob("*.md") if path.relative_to(DOCS).parts[0] not in BUILT]
    return sorted([*found, *(ROOT / name for name in OTHER_PAGES)])


def blocks_of(path: Path) -> list[Block]:
    """The blocks of a page, in its order; what Sphinx itself takes (`{toctree}`) is none."""
    page = str(path.relative_to(ROOT))
    found = []
    for token in MarkdownIt("commonmark").parse(path.read_text()):
        if token.type == "code_block":
            assert token.map is not None
            found.append(Block(page, token.map[0] + 1, "", {}, token.content))
        if token.type != "fence" or token.info.startswith("{"):
            continue
        assert token.map is not None
        where = f"{page}:{token.map[0] + 1}"
        language, *said = shlex.split(token.info) or [""]
        options = dict(part.partition("=")[::2] for part in said)
        assert set(options) <= OPTIONS, f"{where}: unknown option in {token.info!r}"
        found.append(Block(page, token.map[0] + 1, language, options, token.content))
    return found


def all_blocks() -> list[Block]:
    """All blocks of all pages."""
    return [block for path in pages() for block in blocks_of(path)]
