"""The manual as a page says word for word what was printed."""

from __future__ import annotations

import re

from blocks import DOCS

CONTENTS = re.compile(r"^Table of Contents #\n(?:- .+\n)+", re.MULTILINE)
# What the page adds: who runs a block, a rule of a table, and what has come since.
ADDED = re.compile(r"^(```.*|\|[-|]+\|)$|^> .+$", re.MULTILINE)
# Spaces, and marks of headings, lists, tables and names, which the print has lost in places.
MARKS = re.compile(r"[\s`#|-]")


def words(text: str) -> str:
    return MARKS.sub("", ADDED.sub("", text))


def test_the_page_says_what_was_printed() -> None:
    printed = CONTENTS.sub("", (DOCS / "manual.txt").read_text()).partition("\n")[2]
    page = (DOCS / "manual.md").read_text()
    assert words(page[page.index("Version: 0.1.0") :]) == words(printed)
