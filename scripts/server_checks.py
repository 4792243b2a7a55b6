"""Looks at the server's wheel and Debian package, and tries them as strangers would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from shared import ROOT, python_of, say
from wheel_checks import CARGO_HOME, contents_of_wheel, running, workspace_version

# The oldest glibc that the binary may ask for.
GLIBC = "2.28"

# Prints the newest glibc that a binary asks for.
NEEDED_GLIBC = """
import sys
from elftools.elf.elffile import ELFFile

with open(sys.argv[1], "rb") as file:
    needed = ELFFile(file).get_section_by_name(".gnu.version_r")
    names = [version.name for _, versions in needed.iter_versions() for version in versions]
print(max((name.split("_")[1] for name in names if name.startswith("GLIBC_2")), key=lambda text: [*map(int, text.split("."))]))
"""


def inspect_server(python: Path, wheel: Path) -> None:
    """Looks at the name, the contents and the glibc that is needed; `python` has pyelftools."""
    version = workspace_version()
    assert wheel.name.startswith(f"hiveboard-{version}-py3-none-"), wheel.name
    contents = contents_of_wheel(wheel)
    programs = [name for name in contents if "/scripts/" in name]
    assert programs == [f"hiveboard-{version}.data/scripts/hiveboard"], programs
    for name, content in contents.items():
        for machine_path in (ROOT, CARGO_HOME, Path.home()):
            assert f"{machine_path}/".encode() not in content, f"{name} names {machine_path}"
    if sys.platform == "linux":
        assert f"manylinux_{GLIBC.replace('.', '_')}_" in wheel.name, f"{wheel.name} is not for glibc {GLIBC}"
        with tempfile.NamedTemporaryFile() as file:
            file.write(contents[programs[0]])
            file.flush()
            asked = [python, "-c", NEEDED_GLIBC, file.name]
            needed = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()
        parts = [list(map(int, text.split("."))) for text in (needed, GLIBC)]
        assert parts[0] <= parts[1], f"the server asks for glibc {needed}, and the wheel promises {GLIBC}"
        say(f"the server asks for glibc {needed}, the wheel promises {GLIBC}")


def try_server(wheel: Path, uv: Path) -> None:
    """Installs the wheel by pip and by uv, each where nothing else is, and uses what it brings."""
    with tempfile.TemporaryDirectory() as folder:
        say("trying the server's wheel by pip, in a clean environment")
        environment = Path(folder) / "venv"
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        alone = {"PATH": str(environment / "bin"), "HOME": folder}
        install = [str(python_of(environment)), "-m", "pip", "install", "--quiet", "--no-index"]
        subprocess.run([*install, "--disable-pip-version-check", str(wheel)], check=True, env=alone, cwd=folder)
        use(environment / "bin" / "hiveboard", Path(folder) / "data")
        say("trying the server's wheel by uvx")
        run = [str(uv), "tool", "run", "--offline", "--no-index", "--python", sys.executable, "--from", str(wheel)]
        asked = [*run, "hiveboard", "--version"]
        told = subprocess.run(asked, check=True, capture_output=True, text=True, env=alone, cwd=folder).stdout
        assert workspace_version() in told, told


def use(binary: Path, data: Path) -> None:
    """Starts a server and looks at the board, the documentation and the API."""
    told = subprocess.run([binary, "--version"], check=True, capture_output=True, text=True).stdout
    assert re.fullmatch(rf"hiveboard {re.escape(workspace_version())} \([0-9a-f]{{10,}}( [\d-]+)?\)\n", told), (
        f"no commit: {told}"
    )
    with running(binary, data) as (url, key):
        for path, part in {"/": '<div id="root">', "/docs/start.html": "Start in a minute"}.items():
            with urllib.request.urlopen(url + path, timeout=10) as answer:
                assert part in answer.read().decode(), f"{path} lacks {part!r}"
        asked = urllib.request.Request(f"{url}/v1/agents", headers={"Authorization": f"Bearer {key}"})
        with urllib.request.urlopen(asked, timeout=10) as answer:
            assert answer.status == 200


def try_debian(package: Path) -> None:
    """Reads the package as dpkg does, and uses the binary that it would install."""
    say("trying the Debian package")
    fields = subprocess.run(["dpkg-deb", "--field", package], check=True, capture_output=True, text=True).stdout
    assert re.search(r"^Package: hiveboard$", fields, re.MULTILINE), fields
    assert re.search(rf"^Version: {re.escape(workspace_version())}", fields, re.MULTILINE), fields
    # What the wheel promises of the same binary, whatever the machine that builds it has.
    assert re.search(rf"^Depends: libc6 \(>= {re.escape(GLIBC)}\)$", fields, re.MULTILINE), fields
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        subprocess.run(["dpkg-deb", "--extract", package, root], check=True)
        unit = root / "lib" / "systemd" / "system" / "hiveboard.service"
        assert "ExecStart=hiveboard serve" in unit.read_text()
        binary = root / "usr" / "bin" / "hiveboard"
        assert os.access(binary, os.X_OK)
        shared = root / "usr" / "share"
        for path in (
            "man/man1/hiveboard.1.gz",
            "man/man1/hiveboard-check-fleet.1.gz",
            "bash-completion/completions/hiveboard",
        ):
            assert (shared / path).stat().st_size > 0, path
        assert "check-fleet" in (shared / "zsh" / "vendor-completions" / "_hiveboard").read_text()
        assert "check-fleet" in (shared / "fish" / "vendor_completions.d" / "hiveboard.fish").read_text()
        use(binary, Path(folder) / "data")
