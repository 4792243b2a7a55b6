"""Runs one test runner and reads its own closing lines for what passed and what failed."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from shared import ROOT, say

COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True)
class Counts:
    """What a runner says it did."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0


@dataclass(frozen=True)
class Outcome:
    """One runner's line in the summary."""

    name: str
    counts: Counts
    exit_code: int
    seconds: float


def read_cargo(output: str) -> Counts:
    """Sums the result lines of all test binaries."""
    results = re.findall(r"^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored", output, re.MULTILINE)
    return Counts(*(sum(int(result[place]) for result in results) for place in range(3)))


def read_pytest(output: str) -> Counts:
    """Reads pytest's closing line; errors are failures."""
    closing = [
        line
        for line in output.splitlines()
        if re.search(r"\d+ (passed|failed|error|errors|skipped).* in [\d.]+s", line)
    ]
    return read_words(closing[-1] if closing else "")


def read_vitest(output: str) -> Counts:
    """Reads vitest's line of tests (not the one of files)."""
    closing = re.findall(r"^\s*Tests\s+(.*)$", output, re.MULTILINE)
    return read_words(closing[-1] if closing else "")


def read_playwright(output: str) -> Counts:
    """Reads playwright's closing block, one line a word."""
    closing = re.findall(
        r"^\s+(\d+ (?:passed|failed|flaky|skipped|interrupted|did not run)\b.*)$", output, re.MULTILINE
    )
    return read_words(" ".join(closing))


def read_node(output: str) -> Counts:
    """Reads the closing lines of node's own test runner."""
    found = {
        word: int(number)
        for word, number in re.findall(r"^# (pass|fail|cancelled|skipped) (\d+)$", output, re.MULTILINE)
    }
    return Counts(found.get("pass", 0), found.get("fail", 0) + found.get("cancelled", 0), found.get("skipped", 0))


def read_check(_: str) -> Counts:
    """A check has no tests to count: it only can fail, which its exit code says."""
    return Counts()


def read_words(text: str) -> Counts:
    """Adds up `12 passed`, `1 failed` and their like."""
    found: dict[str, int] = {}
    for number, word in re.findall(r"(\d+) (\w+)", text):
        found[word] = found.get(word, 0) + int(number)
    # A flaky test failed once; nothing here may hide a race.
    failed = sum(found.get(word, 0) for word in ("failed", "error", "errors", "flaky", "interrupted", "did"))
    return Counts(found.get("passed", 0), failed, found.get("skipped", 0))


def run(name: str, command: list[str], read: Callable[[str], Counts], folder: Path = ROOT, **variables: str) -> Outcome:
    """Runs a runner, shows its output as it comes, and judges it.

    One that ends badly without naming a failed test, or a test runner that ran nothing, counts as one failure.
    """
    say(f"\n=== {name}: {' '.join(command)}")
    started = time.monotonic()
    lines: list[str] = []
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        assert process.stdout is not None, "stdout was asked to be a pipe"
        for line in process.stdout:
            lines.append(line)
            print(line, end="", flush=True)
        exit_code = process.wait()
    except OSError as error:
        say(f"{name} could not be started: {error}")
        exit_code = 127
    counts = read(COLOURS.sub("", "".join(lines)))
    ran_nothing = read is not read_check and counts.passed + counts.failed == 0
    if counts.failed == 0 and (exit_code != 0 or ran_nothing):
        counts = Counts(counts.passed, 1, counts.skipped)
    return Outcome(name, counts, exit_code, time.monotonic() - started)
