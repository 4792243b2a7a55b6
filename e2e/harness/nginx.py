"""A real nginx, as Debian ships it, before a server."""

from __future__ import annotations

import shutil
from pathlib import Path

from .proxy import DEPLOY, Proxy

UPGRADE = "proxy_set_header Upgrade"


class Nginx(Proxy):
    """nginx with the documented configuration, its ports changed.

    Args:
        folder: Where its files go.
        upstream: Address and port of the server.
        takes_path_off: nginx takes `/hive` off the path instead of the server.
        drops_upgrade: It passes no WebSocket on, as many proxies do.
    """

    def __init__(
        self, folder: Path, upstream: str, *, takes_path_off: bool = False, drops_upgrade: bool = False
    ) -> None:
        super().__init__(folder)
        program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        assert program, "nginx is missing: apt install nginx-light"
        location = (DEPLOY / "nginx.conf").read_text()
        passed = "proxy_pass http://127.0.0.1:8000;"
        assert location.count(passed) == 1
        location = location.replace(passed, f"proxy_pass http://{upstream}{'/' if takes_path_off else ''};")
        if drops_upgrade:
            location = "\n".join(line for line in location.splitlines() if UPGRADE not in line)
        config = folder / "nginx.conf"
        config.write_text(
            f"""
            daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid; error_log {self.log} warn;
            events {{ worker_connections 256; }}
            http {{
                access_log off;
                client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
                uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
                {(DEPLOY / "nginx-http.conf").read_text()}
                server {{
                    listen 127.0.0.1:{self.port};
                    {location}
                }}
            }}
            """
        )
        self.command = [program, "-e", str(self.log), "-c", str(config)]
