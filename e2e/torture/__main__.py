"""`make torture ROUNDS=1000`: prints progress and a table; fails when anything was lost, doubled or wrong."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from .rounds import Torture


def main() -> int:
    """Runs the rounds; the exit code says whether the promise held."""
    parser = argparse.ArgumentParser(prog="torture")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="hiveboard-torture-"))
    figures = Torture(folder, options.seed, lambda line: print(line, flush=True)).run(options.rounds)
    print(figures.table(), flush=True)
    faults = figures.faults()
    for fault in faults[:50]:
        print(fault)
    print("1 passed, 0 failed" if not faults else f"0 passed, 1 failed; the data is in {folder}")
    if not faults:
        shutil.rmtree(folder)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
