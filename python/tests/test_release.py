"""What a release consists of says the same everywhere."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import hiveloop

ROOT = Path(__file__).resolve().parents[2]


def test_the_version_stands_in_one_place() -> None:
    workspace = (ROOT / "Cargo.toml").read_text().partition("[workspace.package]")[2]
    found = re.search(r'^version = "(.+)"$', workspace, re.MULTILINE)
    assert found is not None
    assert hiveloop.__version__ == importlib.metadata.version("hiveloop") == found[1]
    for manifest in ("python/Cargo.toml", "crates/hiveloop/Cargo.toml"):
        assert "\nversion.workspace = true\n" in (ROOT / manifest).read_text(), manifest
    assert not re.search(r"^version =", (ROOT / "python" / "pyproject.toml").read_text(), re.MULTILINE)


def test_the_reference_page_is_current() -> None:
    script = ROOT / "scripts" / "reference.py"
    result = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True, timeout=30)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_reference_page_has_everything_public() -> None:
    headings = re.findall(r"^### `([\w.]+)", (ROOT / "docs" / "client-reference.md").read_text(), re.MULTILINE)
    for name in hiveloop.__all__:
        value = getattr(hiveloop, name)
        if isinstance(value, type) and not issubclass(value, Exception):
            public = {member for member in dir(value) if not member.startswith("_")}
            internal = {"leave", "mark_fetched", "register", "replace_callbacks", "resume", "suspend"}
            assert public - internal <= {heading.rpartition(".")[2] for heading in headings}, name
        elif callable(value) and not isinstance(value, type):
            assert f"hiveloop.{name}" in headings
