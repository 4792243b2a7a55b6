"""A real Caddy, as Debian ships it, before a server."""

from __future__ import annotations

import shutil
from pathlib import Path

from .proxy import DEPLOY, Proxy


class Caddy(Proxy):
    """Caddy with the documented configuration, its name and ports changed.

    Args:
        folder: Where its files go.
        upstream: Address and port of the server.
    """

    def __init__(self, folder: Path, upstream: str) -> None:
        super().__init__(folder)
        program = shutil.which("caddy")
        assert program, "caddy is missing: apt install caddy"
        told = (DEPLOY / "Caddyfile").read_text()
        name, passed = "\nexample.org {", "reverse_proxy 127.0.0.1:8000"
        # The second one is that of a host of its own, commented out.
        assert (told.count(name), told.count(passed)) == (1, 2)
        told = told.replace(name, f"\nhttp://127.0.0.1:{self.port} {{").replace(passed, f"reverse_proxy {upstream}")
        # Nobody administers it, and it fetches no certificates.
        config = folder / "Caddyfile"
        config.write_text("{\n\tadmin off\n\tauto_https off\n}\n" + told)
        self.command = [program, "run", "--config", str(config), "--adapter", "caddyfile"]
