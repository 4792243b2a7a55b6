"""Links between files of the repository lead to files that are there; the site's own are tested where it is served."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from blocks import ROOT

LEFT_OUT = {"node_modules", "target", ".cache", ".venv", "dist", "site", "hiveboard-data"}
PAGES = sorted(
    path
    for folder in (
        ROOT,
        *(one for one in ROOT.iterdir() if one.is_dir() and one.name not in LEFT_OUT and one.name[0] != "."),
    )
    for path in (folder.glob("*.md") if folder == ROOT else folder.rglob("*.md"))
    if not LEFT_OUT & set(path.relative_to(ROOT).parts)
)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_to_a_file(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", text)):
        if target.startswith(("http://", "https://", "mailto:", "#")):
            continue
        path = (page.parent / target.partition("#")[0]).resolve()
        assert path.exists(), f"{page.relative_to(ROOT)} leads to {target}"
        assert path.is_relative_to(ROOT), target
