"""A server that believes another time: libfaketime, as Debian ships it."""

from __future__ import annotations

import datetime
from pathlib import Path

PLACES = ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib", "/usr/local/lib")


def library() -> Path:
    """The preload library; `apt install libfaketime` brings it."""
    found = [Path(place, "faketime", "libfaketimeMT.so.1") for place in PLACES]
    for path in found:
        if path.exists():
            return path
    raise FileNotFoundError("libfaketime is missing: apt install libfaketime")


def faked(seconds: float) -> dict[str, str]:
    """Variables that shift the wall clock of a process by so much; its monotonic clock stays true."""
    return {
        "LD_PRELOAD": str(library()),
        "FAKETIME": f"{seconds:+.3f}",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }


def adjustable(file: Path) -> dict[str, str]:
    """Variables that let a process follow the shift written in a file, while it runs."""
    variables = faked(0) | {"FAKETIME_TIMESTAMP_FILE": str(file), "FAKETIME_NO_CACHE": "1"}
    del variables["FAKETIME"]
    return variables


def shift(file: Path, seconds: float) -> None:
    """Sets the clock of those who follow the file, who never find it empty."""
    new = file.with_suffix(".new")
    new.write_text(f"{seconds:+.3f}\n")
    new.replace(file)


def moment(days: float, seconds_ago: float = 0.0) -> str:
    """A timestamp of so many days ahead."""
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days, seconds=-seconds_ago)
    return at.isoformat(timespec="microseconds")
