"""What storing an event costs in ClickHouse and embedded, side by side: the store's part of `make bench-scale`."""

from __future__ import annotations

import argparse
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import engines  # noqa: E402


def main() -> int:
    """Builds, starts ClickHouse, measures; returns the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a tenth of the events")
    options = parser.parse_args()
    engines.install()
    example = ["--release", "-p", "hiveboard-store-clickhouse", "--example", "append_bench"]
    subprocess.run(["cargo", "build", "-q", *example], cwd=ROOT, check=True)
    return engines.run(1, 0, ["cargo", "run", "-q", *example, "--", "20000" if options.quick else "200000"])


if __name__ == "__main__":
    sys.exit(main())
