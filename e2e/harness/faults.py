"""System calls of a server that fail on command: libfiu, as Debian ships it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from .server import Server

LIBRARIES = Path("/usr/lib/fiu")
NO_ROOM, BROKEN = 28, 5


class Faults:
    """Prepares a server that is not started yet, so that calls of it can be made to fail while it runs."""

    def __init__(self, server: Server, folder: Path) -> None:
        libraries = [LIBRARIES / "fiu_run_preload.so", LIBRARIES / "fiu_posix_preload.so"]
        for library in libraries:
            assert library.exists(), f"{library} is missing: apt install fiu-utils"
        self.server = server
        self.pipes = folder / "fiu"
        server.environment |= {
            "LD_PRELOAD": " ".join(str(library) for library in libraries),
            "FIU_CTRL_FIFO": str(self.pipes),
            "FIU_ENABLE": "",
        }

    def command(self, text: str) -> None:
        """One command of libfiu's remote control."""
        assert self.server.process is not None
        control = ["fiu-ctrl", "-f", str(self.pipes), "-c", text, str(self.server.process.pid)]
        done = subprocess.run(control, capture_output=True, text=True, timeout=20)
        assert done.returncode == 0, done.stdout + done.stderr

    def begin(self, call: str, error: int, share: float = 1.0) -> None:
        """From now on that call fails, always or by chance."""
        how = "enable" if share >= 1 else "enable_random"
        chance = "" if share >= 1 else f",probability={share}"
        self.command(f"{how} name={call},failinfo={error}{chance}")

    def end(self, call: str) -> None:
        """It works again."""
        self.command(f"disable name={call}")

    def remove(self) -> None:
        """The next start is one without faults."""
        for name in ("LD_PRELOAD", "FIU_CTRL_FIFO", "FIU_ENABLE"):
            self.server.environment.pop(name, None)
