"""The tables that must be whole: every setting, every code."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from blocks import DOCS, ROOT
from harness.server import hiveboard_binary

CODES = (ROOT / "crates" / "wire" / "src" / "codes.rs").read_text()


def rows(page: str, heading: str) -> dict[str, list[str]]:
    """The table below a heading, by the name in its first column."""
    text = (DOCS / page).read_text()
    part = re.split(rf"^#+ {re.escape(heading)}$", text, flags=re.MULTILINE)[1]
    part = re.split(r"^#+ ", part, flags=re.MULTILINE)[0]
    found = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in part.splitlines() if line[:2] == "| "]
    return {cells[0].strip("` "): cells[1:] for cells in found if cells[0].startswith("`")}


def printed(*arguments: str) -> str:
    """What a command of the server prints."""
    return subprocess.run([hiveboard_binary(), *arguments], check=True, capture_output=True, text=True).stdout


def test_every_setting_is_told_and_every_told_one_is_there() -> None:
    flags = set(re.findall(r"^\s+--([a-z-]+)", printed("serve", "--help"), re.MULTILINE))
    # Those of one start are no settings; secrets are given by variable or file alone.
    settings = {flag.replace("-", "_") for flag in flags} - {"help", "config", "color", "open"}
    settings |= {"smtp_password", "clickhouse_password", "nats_password", "nats_token"}
    told = rows("settings.md", "Every setting")
    assert set(told) == settings


def test_the_defaults_that_are_told_are_the_defaults() -> None:
    shown = dict(re.findall(r"^# ([a-z_]+) = (.+)$", printed("config"), re.MULTILINE))
    told = rows("settings.md", "Every setting")
    assert len(shown) > 10
    for name, value in shown.items():
        wanted = {"public_url": "the address listened on", "trusted_proxies": "none"}.get(
            name, f"`{value.strip(chr(34))}`"
        )
        assert told[name][0] == wanted, name


def test_every_code_has_its_meaning_and_its_cure() -> None:
    macros = re.split(r"^(?:request|event)_codes! \{$", CODES, flags=re.MULTILINE)[1:]
    assert len(macros) == 3, "the file of codes has another shape: this test must read it anew"
    requests, events, warnings = (
        re.findall(r'=> \(?"([a-z_]+)"(?:, (\d+))?', part.split("\n}\n")[0]) for part in macros
    )
    told = rows("errors.md", "Of a request")
    assert {code: cells[0] for code, cells in told.items()} == dict(requests)
    assert set(rows("errors.md", "Of one event")) == {code for code, _ in events}
    assert set(rows("errors.md", "Warnings")) == {code for code, _ in warnings}
    for heading in ("Of a request", "Of one event", "Warnings"):
        for code, cells in rows("errors.md", heading).items():
            assert all(len(cell) > 2 for cell in cells), code
            assert len(cells) == (3 if heading == "Of a request" else 2), code


def test_every_page_of_the_board_is_told_and_every_told_one_is_there() -> None:
    web = ROOT / "web" / "src"
    routes = set(re.findall(r'page\("(/[a-z]*)"', (web / "app" / "routes.tsx").read_text())) | {"/wall"}
    views = (web / "components" / "frame" / "views.ts").read_text()
    keys = dict(re.findall(r'to: "(/[a-z]*)", label: "[^"]+", key: "([a-z])"', views))
    part = (DOCS / "board.md").read_text().split("## The pages")[1].split("## ")[0]
    told = dict(re.findall(r"^\| [^|]+ \| `(/[a-z]*)`, ([^|]+) \|", part, re.MULTILINE))
    assert set(told) == routes
    assert {place: f"`g {key}`" for place, key in keys.items()} == {place: told[place] for place in keys}


def test_the_image_and_the_build_carry_the_documentation() -> None:
    assert "docs/site" in (ROOT / "Dockerfile").read_text()
    assert "build_docs.py" in Path(ROOT / "scripts" / "build.sh").read_text()
