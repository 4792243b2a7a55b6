"""Builds the documentation's site into docs/site, which the server carries, unless it is newer than all that it is made from.

A link that leads nowhere, or a page that cannot be read, is an error.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from shared import CACHE, ROOT, install_requirements, make_environment, python_of, say

DOCS = ROOT / "docs"
SITE = DOCS / "site"
ENVIRONMENT = CACHE / "docs-venv"
# Files outside of docs/ that the site is made from.
OTHER_SOURCES = ("Cargo.toml", "scripts/build_docs.py", "web/public/favicon.svg")


def main() -> int:
    """Builds; returns the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lenient", action="store_true", help="a site that cannot be built is said, and is no failure")
    options = parser.parse_args()
    if is_current():
        say("the documentation is up to date")
        return 0
    try:
        build()
    except (subprocess.CalledProcessError, OSError) as error:
        say(f"the documentation could not be built: {error}")
        if options.lenient:
            say("the server says so at /docs; everything else is there")
        return 0 if options.lenient else 1
    return 0


def is_current() -> bool:
    """Whether the site is newer than every page, and than what builds it."""
    built = SITE / "index.html"
    return built.exists() and max(path.stat().st_mtime for path in sources()) < built.stat().st_mtime


def sources() -> list[Path]:
    """Everything that the site is made from."""
    # Folders as well: a page that was removed changes nothing else.
    found = [ROOT / name for name in OTHER_SOURCES]
    for path in DOCS.rglob("*"):
        parts = path.relative_to(DOCS).parts
        if parts[0] not in {"site", "tests"} and "__pycache__" not in parts:
            found.append(path)
    return found


def build() -> None:
    """Builds all pages anew: they are few, and what is left of older ones would be served."""
    make_environment(ENVIRONMENT)
    install_requirements(ENVIRONMENT, DOCS / "requirements.txt")
    say("building the documentation")
    shutil.rmtree(SITE, ignore_errors=True)
    try:
        subprocess.run(command(DOCS, SITE, CACHE / "doctrees"), check=True, cwd=ROOT)
    except subprocess.CalledProcessError:
        # Half a site would count as built the next time.
        shutil.rmtree(SITE, ignore_errors=True)
        raise


def command(pages: Path, site: Path, memory: Path) -> list[str]:
    """Makes a site of pages, with our settings; what Sphinx remembers of them (`memory`) stays out of what is served."""
    sphinx = [str(python_of(ENVIRONMENT)), "-m", "sphinx", "-b", "html", "--nitpicky", "--fail-on-warning"]
    return [*sphinx, "--keep-going", "--quiet", "-c", str(DOCS), "--doctree-dir", str(memory), str(pages), str(site)]


if __name__ == "__main__":
    sys.exit(main())
