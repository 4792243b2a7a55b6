"""What the pages print works as printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from blocks import ROOT, Block, all_blocks, blocks_of, pages
from reader import Readers, check_syntax

BLOCKS = all_blocks()
# Those without a language fail below, each with its place.
RUN = [block for block in BLOCKS if "not-run" not in block.options and block.language not in {"text", ""}]
NOT_RUN = [block for block in BLOCKS if "not-run" in block.options]


@pytest.mark.parametrize("block", RUN, ids=[block.where for block in RUN])
def test_a_block_does_what_it_says(readers: Readers, block: Block) -> None:
    readers.of(block.page).run(block)


@pytest.mark.parametrize("block", NOT_RUN, ids=[block.where for block in NOT_RUN])
def test_what_cannot_run_here_says_why_and_is_written_right(block: Block) -> None:
    assert len(block.options["not-run"]) > 10, f"{block.where}: why is it not run?"
    check_syntax(block, block.text)
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"^make ((?:[a-z-]+ ?)+)", block.text, re.MULTILINE))
    for name in " ".join(named).split():
        assert name in targets, f"{block.where}: there is no make {name}"


@pytest.mark.parametrize("path", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_block_says_what_it_is(path: Path) -> None:
    for block in blocks_of(path):
        assert block.language, f"{block.where}: a block stands in a fence, which names its language"
