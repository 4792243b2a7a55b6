"""What an installed command brings along: completions that a shell takes, manual pages that a reader shows, its version, a board that opens by itself."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from harness.server import free_port, hiveboard_binary
from harness.shell import Shell

OPENED_SECONDS = 30.0
STOP_SECONDS = 12.0


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def commands(shell: Shell) -> set[str]:
    """The commands that the help lists."""
    listed = shell.done("--help").split("Commands:\n")[1].split("\n\nOptions:")[0]
    return set(re.findall(r"^  ([a-z-]+)", listed, re.MULTILINE)) - {"help"}


# -- completions ----------------------------------------------------------------------


def completed_by_bash(shell: Shell, *words: str) -> set[str]:
    """What bash offers for the last of these words."""
    line = " ".join(words)
    script = f"""
        source <({hiveboard_binary()} completions bash)
        COMP_WORDS=({" ".join(f"'{word}'" for word in words)}); COMP_CWORD={len(words) - 1}
        COMP_LINE='{line}'; COMP_POINT={len(line)}
        complete -p hiveboard > registered
        _hiveboard hiveboard '{words[-1]}' '{words[-2]}'
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=shell.home, capture_output=True, text=True, check=True
    )
    assert "-F _hiveboard" in (shell.home / "registered").read_text()
    return set(ran.stdout.split())


def test_bash_completes_commands_flags_and_values(shell: Shell) -> None:
    assert completed_by_bash(shell, "hiveboard", "che") == {"check", "check-fleet"}
    assert commands(shell) <= completed_by_bash(shell, "hiveboard", "")
    assert "--fail-on" in completed_by_bash(shell, "hiveboard", "check-fleet", "--f")
    ranges = completed_by_bash(shell, "hiveboard", "cost", "--range", "")
    assert ranges == {"1h", "6h", "24h", "7d", "30d", "90d"}


@pytest.mark.skipif(shutil.which("fish") is None, reason="needs fish")
def test_fish_completes_commands_and_values(shell: Shell) -> None:
    (shell.home / "hiveboard.fish").write_text(shell.done("completions", "fish"))

    def completed(line: str) -> set[str]:
        script = f"source hiveboard.fish; complete -C '{line}'"
        ran = subprocess.run(
            ["fish", "-c", script], cwd=shell.home, env=shell.environment, capture_output=True, text=True, check=True
        )
        return {one.split("\t")[0] for one in ran.stdout.splitlines()}

    assert completed("hiveboard che") == {"check", "check-fleet"}
    assert completed("hiveboard cost --range ") == {"1h", "6h", "24h", "7d", "30d", "90d"}


@pytest.mark.parametrize("name", ["zsh", "fish", "elvish", "powershell"])
def test_other_shells_get_theirs(shell: Shell, name: str) -> None:
    printed = shell.done("completions", name)
    for command in commands(shell):
        assert command in printed, command
    read_only = {"zsh": "-n", "fish": "--no-execute"}.get(name)
    if read_only and shutil.which(name):
        subprocess.run([name, read_only, "/dev/stdin"], input=printed, text=True, check=True)


# -- manual pages ---------------------------------------------------------------------


def test_every_command_has_a_page_that_can_be_read(shell: Shell) -> None:
    folder = Path(shell.done("man", "--dir", "pages").strip())
    pages = {path.name for path in (shell.home / folder).iterdir()}
    assert {"hiveboard.1", *(f"hiveboard-{name}.1" for name in commands(shell))} <= pages
    assert "hiveboard-alerts-list.1" in pages, "what stands below a command, too"
    assert not any("-help" in page for page in pages), "help about help"
    assert (shell.home / folder / "hiveboard.1").read_text() == shell.done("man")
    fleet = (shell.home / folder / "hiveboard-check-fleet.1").read_text()
    assert "Exit codes" in fleet
    for name in sorted(pages):
        text = (shell.home / folder / name).read_text()
        assert re.search(r"^\.SH NAME\n\S", text, re.MULTILINE), name
        if shutil.which("groff"):
            made = subprocess.run(
                ["groff", "-Kutf8", "-man", "-Tutf8", "-ww"], input=text, capture_output=True, text=True, check=True
            )
            assert not made.stderr, f"{name}: {made.stderr}"


# -- version --------------------------------------------------------------------------


def test_the_version_says_which_build_it_is(shell: Shell) -> None:
    told = shell.done("--version")
    assert re.fullmatch(
        r"hiveboard \d+\.\d+\.\d+ \((development build|unknown commit|[0-9a-f]{10,} \d{4}-\d{2}-\d{2}|[0-9a-f]{40})\)\n",
        told,
    ), told


# -- the first start ------------------------------------------------------------------


class Opened:
    """A `serve` whose browser is a program that writes down what it is to show."""

    def __init__(self, shell: Shell, *arguments: str) -> None:
        self.address = f"127.0.0.1:{free_port()}"
        programs = shell.home / "programs"
        programs.mkdir(exist_ok=True)
        self._shown = shell.home / "shown"
        self._shown.unlink(missing_ok=True)
        browser = programs / "xdg-open"
        browser.write_text(f'#!/bin/sh\nprintf "%s" "$1" > {self._shown}.part && mv {self._shown}.part {self._shown}\n')
        browser.chmod(0o755)
        environment = shell.environment | {
            "PATH": f"{programs}:{shell.environment['PATH']}",
            "HIVEBOARD_OTLP_GRPC_ADDR": "",
        }
        self.process = subprocess.Popen(
            [str(hiveboard_binary()), "serve", "--addr", self.address, *arguments],
            env=environment,
            cwd=shell.home,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def shown(self) -> str:
        """The address that the browser was given."""
        deadline = time.monotonic() + OPENED_SECONDS
        while not self._shown.exists():
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < deadline, "no browser was opened"
            time.sleep(0.05)
        return self._shown.read_text()

    def stop(self) -> str:
        """What it printed."""
        self.process.terminate()
        printed, _ = self.process.communicate(timeout=STOP_SECONDS)
        assert self.process.returncode == 0, printed
        return printed


@pytest.fixture
def start(shell: Shell) -> Iterator[type]:
    made: list[Opened] = []

    class Start(Opened):
        def __init__(self, *arguments: str) -> None:
            super().__init__(shell, *arguments)
            made.append(self)

    yield Start
    for one in made:
        if one.process.poll() is None:
            one.process.kill()
            one.process.communicate()


def test_a_first_start_without_a_word_opens_the_board(shell: Shell, start: type) -> None:
    first: Opened = start("--open")
    link = first.shown()
    assert link.startswith(f"http://{first.address}/enter?token=")
    # Where the platform keeps data of programs; commands find the server there without being told.
    assert (shell.home / ".local" / "share" / "hiveboard" / "settings.db").exists()
    assert shell.done("agents").startswith("No agents here.")
    with httpx.Client() as browser:
        entered = browser.get(link, follow_redirects=True)
        assert entered.status_code == 200
        assert browser.get(f"http://{first.address}/v1/session").status_code == 200
    assert link in first.stop()
    again: Opened = start("--open")
    assert again.shown() == f"http://{again.address}", "who is in already needs no link"
    assert "token=" not in again.stop()


def test_data_stays_where_it_was_begun(shell: Shell, start: type) -> None:
    (shell.home / "hiveboard-data").mkdir()
    here: Opened = start("--open")
    here.shown()
    assert (shell.home / "hiveboard-data" / "settings.db").exists()
    assert not (shell.home / ".local" / "share" / "hiveboard").exists()
    here.stop()


def test_without_a_browser_the_link_is_printed(shell: Shell, tmp_path: Path) -> None:
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    address = f"127.0.0.1:{free_port()}"
    process = subprocess.Popen(
        [str(hiveboard_binary()), "serve", "--addr", address, "--open"],
        env=shell.environment | {"PATH": str(nothing), "HIVEBOARD_OTLP_GRPC_ADDR": ""},
        cwd=shell.home,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        lines = iter(process.stdout)
        printed = next(line for line in lines if "token=" in line)
        told = next(line for line in lines if "browser" in line)
        assert "no browser could be opened" in told
        assert httpx.get(printed.strip(), follow_redirects=True).status_code == 200
    finally:
        process.terminate()
        process.communicate(timeout=STOP_SECONDS)
