"""`make test`: installs what the tests need, runs every runner, prints the sum as its last line."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import engines
import integrations
from runners import (
    Outcome,
    read_cargo,
    read_check,
    read_node,
    read_playwright,
    read_pytest,
    read_vitest,
    read_words,
    run,
)
from shared import CACHE, ROOT, install_client, install_requirements, make_environment, python_of, say, target_directory

ENVIRONMENT = CACHE / "test-venv"
PYTHON = str(python_of(ENVIRONMENT))
# Not `python -m pytest`: that would import ./python/hiveloop instead of what is installed.
PYTEST = str(python_of(ENVIRONMENT).with_name("pytest"))
WEB = ROOT / "web"
TYPESCRIPT = ROOT / "clients" / "typescript"

Runner = Callable[[], Outcome]


def checks() -> list[tuple[str, Runner]]:
    """Format, lints and types of every language."""
    python_sources = ["python", "e2e", "examples", "scripts", "docs", "bench"]
    return [
        ("rust format", lambda: run("rust format", ["cargo", "fmt", "--all", "--check"], read_check)),
        (
            "clippy",
            lambda: run(
                "clippy", ["cargo", "clippy", "-q", "--workspace", "--all-targets", "--", "-D", "warnings"], read_check
            ),
        ),
        ("ruff", lambda: run("ruff", [PYTHON, "-m", "ruff", "check", *python_sources], read_check)),
        (
            "ruff format",
            lambda: run("ruff format", [PYTHON, "-m", "ruff", "format", "--check", *python_sources], read_check),
        ),
        ("mypy", lambda: run("mypy", [PYTHON, "-m", "mypy", "--strict", "hiveloop"], read_check, ROOT / "python")),
        ("web types", lambda: run("web types", ["npm", "run", "--silent", "check"], read_check, WEB)),
        ("web lint", lambda: run("web lint", ["npm", "run", "--silent", "lint"], read_check, WEB)),
    ]


def tests() -> list[tuple[str, Runner]]:
    """Every test, the quick ones first."""
    client_tests = [PYTEST, "-c", "python/pyproject.toml", "--rootdir", "python", "python/tests"]
    server = str(target_directory() / "debug" / "hiveboard")
    one_more = (
        [("integration of the day", lambda: integrations.run_of_today(server))]
        if os.environ.get("CI") == "true"
        else []
    )
    return [
        ("rust tests", lambda: run("rust tests", ["cargo", "test", "-q", "--workspace", "--no-fail-fast"], read_cargo)),
        ("instructions", lambda: run("instructions", [PYTHON, "bench/instructions.py"], read_words)),
        ("web tests", lambda: run("web tests", ["npm", "test", "--silent"], read_vitest, WEB)),
        ("server build", lambda: run("server build", ["cargo", "build", "-q", "--workspace", "--bins"], read_check)),
        (
            "python tests",
            # From the root: inside ./python the tests' own `python -c` would find the source folder first.
            lambda: run("python tests", client_tests, read_pytest, HIVEBOARD_BINARY=server),
        ),
        ("integrations", lambda: integrations.run_light(server)),
        *one_more,
        (
            "end to end",
            lambda: run("end to end", [PYTEST], read_pytest, ROOT / "e2e", HIVEBOARD_BINARY=server),
        ),
        *([("scale", scale)] if engines.are_available() else []),
        (
            "docs",
            lambda: run(
                "docs",
                [PYTEST],
                read_pytest,
                ROOT / "docs" / "tests",
                HIVEBOARD_BINARY=server,
                FRAMEWORKS_PYTHON=str(python_of(integrations.LIGHT_ENVIRONMENT)),
            ),
        ),
        (
            "patterns",
            lambda: run("patterns", [PYTEST], read_pytest, ROOT / "examples" / "patterns", HIVEBOARD_BINARY=server),
        ),
        (
            "typescript",
            lambda: run("typescript", ["npm", "test", "--silent"], read_node, TYPESCRIPT, HIVEBOARD_BINARY=server),
        ),
        (
            "web end to end",
            lambda: run(
                "web end to end",
                ["npm", "run", "--silent", "e2e"],
                read_playwright,
                WEB,
                HIVEBOARD_BINARY=server,
                CI="1",
            ),
        ),
    ]


def scale() -> Outcome:
    """What a cluster is made of, on real engines: test targets of that name, and in them what asks for engines."""
    tests = ["cargo", "test", "-q", "--workspace", "--no-fail-fast", "--test", "engine", "--", "--ignored"]
    command = [sys.executable, str(ROOT / "scripts" / "engines.py"), "run", "--clickhouse", "1", "--nats", "1", "--"]
    return run("scale", [*command, *tests], read_cargo)


def cluster() -> list[tuple[str, Runner]]:
    """A cluster of three nodes in the long form of its tests, and the crates that it is made of."""
    server = str(target_directory() / "debug" / "hiveboard")
    nodes = [PYTEST, *(path.name for path in sorted((ROOT / "e2e").glob("test_scale_*.py")))]
    return [
        ("server build", lambda: run("server build", ["cargo", "build", "-q", "--workspace", "--bins"], read_check)),
        ("scale", scale),
        (
            "cluster",
            lambda: run("cluster", nodes, read_pytest, ROOT / "e2e", HIVEBOARD_BINARY=server, HIVEBOARD_SCALE="long"),
        ),
    ]


def torture(rounds: int) -> list[tuple[str, Runner]]:
    """The long form of the durability test: that many kills of the server as it is released."""
    server = str(target_directory() / "release" / "hiveboard")
    command = [PYTHON, "-m", "torture", "--rounds", str(rounds)]
    build = ["cargo", "build", "-q", "--release", "-p", "hiveboard"]
    return [
        ("server build", lambda: run("server build", build, read_check)),
        ("torture", lambda: run("torture", command, read_words, ROOT / "e2e", HIVEBOARD_BINARY=server)),
    ]


def prepare(names: list[str]) -> None:
    """Installs what the chosen runners need."""
    make_environment(ENVIRONMENT)
    install_requirements(ENVIRONMENT, ROOT / "python" / "requirements-test.txt", ROOT / "e2e" / "requirements.txt")
    # The server embeds web/dist, so it comes before everything in Rust.
    subprocess.run(["sh", "scripts/build-web.sh"], cwd=ROOT, check=True)
    # The documentation, too.
    subprocess.run([sys.executable, "scripts/build_docs.py"], cwd=ROOT, check=True)
    if {"python tests", "end to end", "docs", "patterns", "mypy", "torture", "cluster"} & set(names):
        install_client(ENVIRONMENT)
    if "typescript" in names:
        subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=TYPESCRIPT, check=True)
    if {"integrations", "docs"} & set(names):
        integrations.prepare_light()
    if "web end to end" in names:
        install_package("chromium", shutil.which("chromium") is not None)
    if {"end to end", "torture", "cluster"} & set(names):
        # The tests change the server's clock, and make its system calls fail.
        install_package("libfaketime", any(Path("/usr/lib").glob("**/faketime/libfaketimeMT.so.1")))
        install_package("fiu-utils", shutil.which("fiu-ctrl") is not None)
    if "docs" in names:
        # Pages pipe answers into it.
        install_package("jq", shutil.which("jq") is not None)
    if {"end to end", "web end to end"} & set(names):
        # Proxies are tried with real ones.
        install_package("nginx-light", Path("/usr/sbin/nginx").exists())
    if "end to end" in names:
        install_package("caddy", shutil.which("caddy") is not None)
    if {"scale", "end to end", "cluster"} & set(names) and engines.are_available():
        engines.install()
    if "instructions" in names:
        install_package("valgrind", shutil.which("valgrind") is not None)


def install_package(name: str, is_there: bool) -> None:
    """A package of Debian's, by apt where this user may."""
    if is_there:
        return
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not shutil.which("apt-get") or (prefix and not shutil.which("sudo")):
        raise OSError(f"{name} is missing: install it (on Debian: apt install {name}) and run the tests again")
    say(f"installing {name}")
    subprocess.run([*prefix, "apt-get", "update", "-qq"], check=True)
    subprocess.run([*prefix, "apt-get", "install", "-y", "-qq", "--no-install-recommends", name], check=True)


def main() -> int:
    """Runs what was asked for; returns the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--checks-only", action="store_true", help="format, lints and types, no tests")
    parser.add_argument("--scale", action="store_true", help="only a cluster, in the long form of its tests")
    parser.add_argument("--only", help="comma-separated names of runners")
    parser.add_argument("--torture", type=int, metavar="ROUNDS", help="only kill the server, so often")
    parser.add_argument("--prepare-only", action="store_true", help="install what they need, and run nothing")
    options = parser.parse_args()
    chosen = checks() if options.checks_only else checks() + tests()
    if options.torture:
        chosen = torture(options.torture)
    if options.scale:
        chosen = cluster()
    if options.only:
        wanted = options.only.split(",")
        chosen = [(name, runner) for name, runner in chosen if name in wanted]
    try:
        prepare([name for name, _ in chosen])
    except (subprocess.CalledProcessError, OSError) as error:
        say(f"preparing the tests failed: {error}\n0 passed, 1 failed")
        return 1
    if options.prepare_only:
        return 0
    outcomes = [runner() for _, runner in chosen]
    return summarise(outcomes)


def summarise(outcomes: list[Outcome]) -> int:
    """Prints a line for each runner and the sum; returns the exit code."""
    say(f"\n{'runner':<16}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}")
    for outcome in outcomes:
        counts = outcome.counts
        say(f"{outcome.name:<16}{counts.passed:>8}{counts.failed:>8}{counts.skipped:>9}{outcome.seconds:>9.0f}")
    passed = sum(outcome.counts.passed for outcome in outcomes)
    failed = sum(outcome.counts.failed for outcome in outcomes)
    say(f"\n{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    # Make's own variables would reach cargo and npm and confuse them.
    os.environ.pop("MAKEFLAGS", None)
    sys.exit(main())
