"""Looks at the built wheel and sdist, and tries them as strangers would."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared import ROOT, python_of, say

CARGO_HOME = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo"))
# Agents run where they run.
OLDEST_GLIBC = (2, 28)
PUBLIC_REGISTRY = "registry+https://github.com/rust-lang/crates.io-index"
PACKAGE_FILES = ("hiveloop/__init__.py", "hiveloop/_native.abi3.so", "hiveloop/_native.pyi", "hiveloop/py.typed")


def workspace_version() -> str:
    """The version of everything in this repository."""
    found = re.search(r'^version = "(.+)"$', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)
    assert found, "Cargo.toml has no version"
    return found[1]


def inspect(python: Path, wheel: Path, sdist: Path) -> None:
    """Looks at names, contents and the system libraries that are needed; `python` has auditwheel."""
    version = workspace_version()
    assert wheel.name.startswith(f"hiveloop-{version}-cp310-abi3-"), wheel.name
    assert sdist.name == f"hiveloop-{version}.tar.gz", sdist.name
    contents = {wheel: contents_of_wheel(wheel), sdist: contents_of_sdist(sdist)}
    for path, files in contents.items():
        for name, content in files.items():
            for machine_path in (ROOT, CARGO_HOME, Path.home()):
                assert f"{machine_path}/".encode() not in content, f"{path.name}: {name} names {machine_path}"
    lock = contents[sdist][f"hiveloop-{version}/Cargo.lock"].decode()
    sources = set(re.findall(r'^source = "(.+)"$', lock, re.MULTILINE))
    assert sources == {PUBLIC_REGISTRY}, f"the sdist's lock file names other registries: {sources}"
    missing = set(PACKAGE_FILES) - set(contents[wheel])
    assert not missing, f"missing from the wheel: {missing}"
    if sys.platform == "linux":
        auditwheel = [str(python), "-m", "auditwheel", "show", str(wheel)]
        shown = subprocess.run(auditwheel, check=True, capture_output=True, text=True).stdout
        tag = re.search(r'platform tag:\s+"(manylinux_\w+)"', shown)
        assert tag, shown
        needed, promised = (
            tuple(map(int, version)) for version in re.findall(r"manylinux_(\d+)_(\d+)_", f"{tag[1]}_ {wheel.name}")[:2]
        )
        assert needed <= promised <= OLDEST_GLIBC, f"{wheel.name} asks for {tag[1]}"
        say(f"auditwheel agrees: {tag[1]}")


def contents_of_wheel(wheel: Path) -> dict[str, bytes]:
    """The wheel's files by name."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def contents_of_sdist(sdist: Path) -> dict[str, bytes]:
    """The sdist's files by name."""
    found = {}
    with tarfile.open(sdist) as archive:
        for member in archive:
            file = archive.extractfile(member)
            if file is not None:
                found[member.name] = file.read()
    return found


def try_wheel(wheel: Path, server: Path) -> None:
    """Installs the wheel where there is no Rust, runs the quick start, and asks the server what arrived."""
    say("trying the wheel in a clean environment, without cargo")
    with tempfile.TemporaryDirectory() as folder:
        environment = Path(folder) / "venv"
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        python = str(python_of(environment))
        alone = {"PATH": str(environment / "bin"), "HOME": folder}
        install = [python, "-m", "pip", "install", "--quiet", "--no-index", "--disable-pip-version-check", str(wheel)]
        subprocess.run(install, check=True, env=alone, cwd=folder)
        ask = [python, "-W", "error", "-c", "import hiveloop; print(hiveloop.__version__)"]
        version = subprocess.run(ask, check=True, env=alone, cwd=folder, capture_output=True, text=True).stdout
        assert version.strip() == workspace_version(), f"the wheel says it is {version}"
        with running(server, Path(folder) / "data") as (url, key):
            script = [python, "-W", "error", str(ROOT / "examples" / "quickstart" / "quickstart.py")]
            reached = alone | {"HIVELOOP_API_KEY": key, "HIVELOOP_ENDPOINT": url}
            subprocess.run(script, check=True, env=reached, cwd=folder, capture_output=True, text=True, timeout=60)
            request = urllib.request.Request(f"{url}/v1/tasks", headers={"Authorization": f"Bearer {key}"})
            with urllib.request.urlopen(request, timeout=10) as answer:
                runs = json.load(answer)["data"]
        seen = [(run["agent_id"], run["task_id"], run["derived_status"]) for run in runs]
        assert seen == [("my-agent", "task-123", "completed")], f"the server has seen {seen}"


@contextmanager
def running(binary: Path, data: Path) -> Iterator[tuple[str, str]]:
    """A server, its address, and a key for it."""
    command = [str(binary), "serve", "--data-dir", str(data), "--addr", "127.0.0.1:0"]
    # The port of OpenTelemetry may be another server's, and nothing is sent there.
    environment = os.environ | {"HIVEBOARD_OTLP_GRPC_ADDR": ""}
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    try:
        assert server.stdout is not None, "stdout was asked to be a pipe"
        said = (re.search(r"http://[\d.:]+", line) for line in server.stdout)
        listening = next((found for found in said if found), None)
        assert listening, "the server does not say where it listens"
        create = [str(binary), "keys", "create", "--kind", "live", "--data-dir", str(data)]
        key = subprocess.run(create, check=True, capture_output=True, text=True).stdout.strip().splitlines()[-1]
        yield listening[0], key
    finally:
        server.terminate()
        server.communicate(timeout=15)


def try_sdist(sdist: Path, environment: dict[str, str]) -> None:
    """Builds a wheel from the sdist alone, as pip does where there is no wheel for a machine."""
    say("building from the sdist")
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--disable-pip-version-check"]
        subprocess.run([*command, "--wheel-dir", folder, str(sdist)], check=True, env=environment, cwd=folder)
        (built,) = Path(folder).glob("*.whl")
        missing = set(PACKAGE_FILES) - set(contents_of_wheel(built))
        assert not missing, f"missing from what the sdist builds: {missing}"
