"""Every code block that the manual prints is among the blocks that are run."""

import re
from pathlib import Path

from manual.blocks import read_blocks

MANUAL = Path(__file__).parent.parent / "docs" / "manual.txt"
FIRST_HEADING, FRAMEWORKS_HEADING = "2. Quick Start #", "7.6 Framework callbacks (LangChain, CrewAI, AutoGen) #"
PLUMBING_HEADING, LAST_HEADING = "8. Plumbing Patterns #", "9. Configuration Reference #"
# Lines that look like code and are not: sentences, drawings, list items.
PROSE = re.compile(
    r"^[|├└↓`-]|\|$|[.:]$| #$|\(required\) — |^process_lead \(3.2s\)$|^HiveBoard Instance |^hiveloop.init\(\) is |^hb.agent\(\) is "
)
CODE = re.compile(
    r"^(@|import |from |def |async def |class |with |for |while |try:|except |return |raise |[\"{)\]}#]|[A-Za-z_][\w.\[\]: ]*(=|\())"
)


def without_spaces(text: str) -> str:
    return re.sub(r"\s+", "", text)


def printed_sections() -> str:
    """Sections 2 to 7.5 and 8; 7.6 describes what the manual itself calls planned."""
    text = MANUAL.read_text()
    beginning = text.index(FIRST_HEADING)
    frameworks = text.index(FRAMEWORKS_HEADING)
    plumbing = text.index(PLUMBING_HEADING, frameworks)
    return text[beginning:frameworks] + text[plumbing : text.index(LAST_HEADING, plumbing)]


def test_each_block_is_printed_like_that() -> None:
    manual = without_spaces(printed_sections())
    for name, code in read_blocks().items():
        assert without_spaces(code) in manual, f"the manual does not print the block {name!r} like that"


def test_no_printed_code_is_missing() -> None:
    remaining = printed_sections()
    # The longest first: a short block may also be a part of a longer one.
    for code in sorted(read_blocks().values(), key=len, reverse=True):
        lines = [re.escape(line.strip()) for line in code.strip().splitlines()]
        remaining, count = re.subn(r"\s*\n\s*".join(rf"[ \t]*{line}" for line in lines), "", remaining)
        assert count >= 1, code
    leftover = [line for line in map(str.strip, remaining.splitlines()) if CODE.match(line) and not PROSE.search(line)]
    assert leftover == [], leftover
