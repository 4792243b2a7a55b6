"""`make test-integrations`: the client with real frameworks, each in an environment of its own, the newest that installs.

`make test` runs the light ones with pinned versions, and CI one of the heavy besides, by the date.
"""

from __future__ import annotations

import argparse
import datetime
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from runners import Outcome, read_pytest, run
from shared import CACHE, ROOT, install_client, install_requirements, make_environment, python_of, say, target_directory

TESTS = ROOT / "python" / "integration_tests"
LIGHT_ENVIRONMENT = CACHE / "integrations-venv"
LIGHT = ("openai", "anthropic", "langchain", "pydantic_ai", "openai_agents", "together", "frameworks_fleet")


@dataclass(frozen=True)
class Framework:
    """What is tried together.

    Args:
        packages: What pip installs.
        tests: Files of tests, without `test_` and suffix.
        shown: Packages whose versions are printed.
    """

    packages: tuple[str, ...]
    tests: tuple[str, ...]
    shown: tuple[str, ...]


FRAMEWORKS = {
    "langchain": Framework(
        ("langchain", "langchain-openai", "langgraph"), ("langchain",), ("langchain-core", "langgraph", "openai")
    ),
    "langchain-0.3": Framework(("langchain<1",), ("langchain_printed",), ("langchain", "langchain-core")),
    "openai": Framework(("openai",), ("openai",), ("openai",)),
    "openai-2": Framework(("openai<3",), ("openai",), ("openai",)),
    "anthropic": Framework(("anthropic",), ("anthropic",), ("anthropic",)),
    "pydantic-ai": Framework(("pydantic-ai-slim[openai]",), ("pydantic_ai",), ("pydantic-ai-slim", "openai")),
    "openai-agents": Framework(("openai-agents",), ("openai_agents",), ("openai-agents", "openai")),
    "crewai": Framework(("crewai",), ("crewai",), ("crewai", "openai")),
    "autogen": Framework(
        ("autogen-agentchat", "autogen-ext[openai]"), ("autogen",), ("autogen-agentchat", "autogen-core", "openai")
    ),
    "claude-agent-sdk": Framework(("claude-agent-sdk",), ("claude_agent_sdk",), ("claude-agent-sdk",)),
    "google": Framework(
        ("google-adk",), ("google_genai", "google_adk", "frameworks_fleet_google"), ("google-adk", "google-genai")
    ),
    "google-genai": Framework(("google-genai",), ("google_genai",), ("google-genai",)),
    "llama-index": Framework(
        ("llama-index-core", "llama-index-llms-openai"), ("llama_index",), ("llama-index-core", "openai")
    ),
    "litellm": Framework(("litellm",), ("litellm",), ("litellm", "openai")),
    "fleet-heavy": Framework(
        ("crewai", "litellm", "llama-index-core", "llama-index-llms-openai"),
        ("frameworks_fleet_heavy",),
        ("crewai", "litellm", "llama-index-core", "openai"),
    ),
}
# Not run by CI's rotation: `make test` has them.
IN_MAKE_TEST = ("langchain", "openai", "anthropic", "pydantic-ai", "openai-agents")


def pytest_of(environment: Path, tests: tuple[str, ...]) -> list[str]:
    """The command that runs files of tests."""
    files = [str(TESTS / f"test_{name}.py") for name in tests if (TESTS / f"test_{name}.py").exists()]
    # Not `python -m pytest`: that would import ./python/hiveloop instead of what is installed.
    return [str(python_of(environment).with_name("pytest")), "-c", str(TESTS / "pytest.ini"), "-v", *files]


def prepare_light() -> None:
    """Installs the frameworks that `make test` runs."""
    make_environment(LIGHT_ENVIRONMENT)
    install_requirements(LIGHT_ENVIRONMENT, TESTS / "requirements.txt")
    install_client(LIGHT_ENVIRONMENT)


def run_light(server: str) -> Outcome:
    """Runs the tests of the light frameworks."""
    return run("integrations", pytest_of(LIGHT_ENVIRONMENT, LIGHT), read_pytest, HIVEBOARD_BINARY=server)


def run_of_today(server: str) -> Outcome:
    """Runs one of the heavy ones, in the versions that are written down: what is new shall not stop what is not."""
    outcome, versions, _ = try_framework(heavy_of_today(), server, "-c", str(TESTS / "constraints.txt"))
    say(versions)
    return outcome


def heavy_of_today() -> str:
    """The framework whose turn it is."""
    names = [name for name in FRAMEWORKS if name not in IN_MAKE_TEST]
    return names[datetime.datetime.now(datetime.timezone.utc).date().toordinal() % len(names)]


def try_framework(name: str, server: str, *options: str) -> tuple[Outcome, str, str]:
    """Installs a framework and runs its tests; returns how that went, the versions, and what was printed."""
    framework = FRAMEWORKS[name]
    environment = CACHE / "integrations" / name
    make_environment(environment)
    wanted = [*framework.packages, *(TESTS / "requirements-test.txt").read_text().split()]
    say(f"installing {' '.join(framework.packages)}")
    # Wheels only: what would have to be built here is no framework of the people who read this.
    pip = [python_of(environment), "-m", "pip", "install", "--quiet", "--upgrade"]
    subprocess.run([*pip, "--only-binary", ":all:", *options, *wanted], check=True)
    install_client(environment)
    printed: list[str] = []
    command = pytest_of(environment, framework.tests)
    outcome = run(
        name, command, lambda output: (printed.append(output), read_pytest(output))[1], HIVEBOARD_BINARY=server
    )
    return outcome, versions_in(environment, framework.shown), "".join(printed)


def versions_in(environment: Path, packages: tuple[str, ...]) -> str:
    """The versions that were installed."""
    asked = [python_of(environment), "-m", "pip", "list", "--format=freeze", "--disable-pip-version-check"]
    listed = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.split()
    found = dict(line.split("==", 1) for line in listed if "==" in line)
    return ", ".join(f"{package} {found.get(package, 'missing')}" for package in packages)


def table(name: str, versions: str, printed: str) -> str:
    """A line for each case of a framework."""
    cases = re.findall(r"^\S*?::(\S+) (PASSED|FAILED|ERROR|SKIPPED)", printed, re.MULTILINE)
    lines = [f"  {case.removeprefix('test_').replace('_', ' '):<90} {how.lower()}" for case, how in cases]
    return "\n".join([f"\n{name} ({versions})", *lines])


def main() -> int:
    """Tries what was asked for; returns the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", help="comma-separated names of frameworks")
    options = parser.parse_args()
    names = options.only.split(",") if options.only else list(FRAMEWORKS)
    unknown = [name for name in names if name not in FRAMEWORKS]
    if unknown:
        say(f"no framework {', '.join(unknown)}: choose from {', '.join(FRAMEWORKS)}")
        return 1
    subprocess.run(["cargo", "build", "-q", "--workspace", "--bins"], cwd=ROOT, check=True)
    server = str(target_directory() / "debug" / "hiveboard")
    tables: list[str] = []
    outcomes: list[Outcome] = []
    broken: list[str] = []
    for name in names:
        try:
            outcome, versions, printed = try_framework(name, server)
        except (subprocess.CalledProcessError, OSError) as error:
            broken.append(f"{name}: {error}")
            continue
        outcomes.append(outcome)
        tables.append(table(name, versions, printed))
    say("\n".join([*tables, *broken]))
    passed = sum(outcome.counts.passed for outcome in outcomes)
    failed = sum(outcome.counts.failed for outcome in outcomes) + len(broken)
    say(f"\n{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    os.environ.pop("MAKEFLAGS", None)
    sys.exit(main())
