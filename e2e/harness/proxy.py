"""A real proxy before a server: what all of them have in common."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import httpx

from .server import ROOT, free_port

DEPLOY = ROOT / "docs" / "deploy"


class Proxy:
    """A proxy's process on a free port.

    Args:
        folder: Where its files go.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.log = folder / "error.log"
        self.port = free_port()
        self.command: list[str] = []
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def site(self) -> str:
        """The site's address, without a path."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts it and waits until it answers."""
        own = {name: str(self.folder) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, env=os.environ | own)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()
            try:
                httpx.get(self.site, timeout=2)
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError(self.log.read_text())

    def end(self) -> None:
        """Ends it."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
