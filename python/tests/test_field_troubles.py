"""`docs/field-troubles.md` names a test for each trouble; every named test exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "field-troubles.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith("| trouble")
]
NAMED = [row[2].strip("`") for row in ROWS if row[2] != "–"]


def test_every_row_names_a_test_or_is_counted_as_without() -> None:
    assert all(len(row) == 3 for row in ROWS), [row for row in ROWS if len(row) != 3]
    without = sum(row[2] == "–" for row in ROWS)
    assert f"Rows without a test: {without}." in PAGE


@pytest.mark.parametrize("named", NAMED)
def test_each_named_test_exists(named: str) -> None:
    path, _, name = named.partition("::")
    text = (ROOT / path).read_text()
    quoted = re.escape(name)
    forms = rf"(fn|def) {quoted}\(|(test|it)\(\s*[\"'`]{quoted}[\"'`]"
    assert re.search(forms, text), f"{path} has no test {name}"
