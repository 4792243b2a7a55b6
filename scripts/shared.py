"""What the scripts share: where things are, and Python environments."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import random
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"


def target_directory() -> Path:
    """Where cargo puts what it builds."""
    return ROOT / os.environ.get("CARGO_TARGET_DIR", "target")


def free_port() -> int:
    """A loopback port that nobody listens on right now.

    It lies below the ports that the kernel hands to outgoing connections: one of those could take it before its server does.
    """
    while True:
        port = random.randrange(10_000, 32_000)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def say(line: str) -> None:
    """Prints one line at once, so that it stands before the output of what follows."""
    print(line, flush=True)


def python_of(environment: Path) -> Path:
    """The interpreter of a virtual environment."""
    return environment / "bin" / "python"


def make_environment(environment: Path) -> None:
    """Creates the virtual environment unless it is there and works."""
    python = python_of(environment)
    if python.exists() and subprocess.run([python, "-c", "import pip"], capture_output=True).returncode == 0:
        return
    say(f"creating {environment.relative_to(ROOT)}")
    subprocess.run([sys.executable, "-m", "venv", "--clear", environment], check=True)


def install_requirements(environment: Path, *files: Path) -> None:
    """Installs pinned requirements files together, unless these very files were installed already."""
    stamp = environment / ".requirements"
    fingerprint = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
    if stamp.exists() and stamp.read_text() == fingerprint:
        return
    say("installing " + " and ".join(str(path.relative_to(ROOT)) for path in files))
    chosen = [part for path in files for part in ("-r", str(path))]
    subprocess.run([python_of(environment), "-m", "pip", "install", "--quiet", *chosen], check=True)
    stamp.write_text(fingerprint)


def install_client(environment: Path) -> None:
    """Builds and installs ./python, unless nothing it is made from has changed since."""
    stamp = environment / ".hiveloop-client"
    newest = max(path.stat().st_mtime for path in client_sources())
    if stamp.exists() and stamp.stat().st_mtime > newest:
        return
    say("building the Python client")
    # One at a time: whoever builds beside another takes its files away.
    with (CACHE / "client.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run(
            [python_of(environment), "-m", "pip", "install", "--quiet", "--force-reinstall", "--no-deps", "./python"],
            check=True,
            cwd=ROOT,
        )
    stamp.touch()


def client_sources() -> list[Path]:
    """Every file the client is made from."""
    folders = [ROOT / "python", ROOT / "crates" / "hiveloop", ROOT / "crates" / "wire"]
    sources = [ROOT / "Cargo.toml", ROOT / "Cargo.lock"]
    for folder in folders:
        for path in folder.rglob("*"):
            if path.suffix in {".py", ".pyi", ".rs", ".toml"} and "target" not in path.parts:
                sources.append(path)
    return sources
