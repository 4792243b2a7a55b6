"""Receivers of alerts: HTTP servers that keep what they get, and an SMTP server with STARTTLS and AUTH."""

from __future__ import annotations

import json
import ssl
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from .server import free_port


@dataclass
class Got:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


class Receiver:
    """An HTTP server on loopback.

    Args:
        answers: The status of each request by its number, from 0; what it answers besides is to be seen nowhere.
    """

    SECRET_ANSWER = "what only the inside knows"

    def __init__(self, answers: Callable[[int], int] = lambda number: 200, delay_seconds: float = 0) -> None:
        self.got: list[Got] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                number = len(receiver.got)
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.got.append(Got(self.path, headers, body, time.time()))
                time.sleep(delay_seconds)
                status = answers(number)
                try:
                    self.send_response(status)
                    if status in (301, 302, 307):
                        self.send_header("location", "http://127.0.0.1:9/elsewhere")
                    self.end_headers()
                    self.wfile.write(receiver.SECRET_ANSWER.encode())
                except OSError:
                    pass

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/hook"

    def wait_for(self, count: int, seconds: float = 15) -> list[Got]:
        """The requests, once there are so many."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if len(self.got) >= count:
                return self.got
            time.sleep(0.02)
        raise AssertionError(f"{len(self.got)} of {count} requests came")

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@dataclass
class MailServer:
    """An SMTP server that takes mail after STARTTLS and AUTH alone."""

    folder: Path
    user: str = "hive"
    password: str = "board"
    mails: list[Message] = field(default_factory=list)
    signed_in: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.certificate = self.folder / "smtp.pem"
        key = self.folder / "smtp.key"
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
        command += ["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"]
        subprocess.run(
            [*command, "-keyout", str(key), "-out", str(self.certificate)], check=True, capture_output=True, timeout=60
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        self.port = free_port()

        def sign_in(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
            right = isinstance(data, LoginPassword) and data == LoginPassword(
                self.user.encode(), self.password.encode()
            )
            # Otherwise it is taken to have answered already.
            return AuthResult(success=right, handled=False)

        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            tls_context=context,
            require_starttls=True,
            auth_required=True,
            authenticator=sign_in,
        )
        self._controller.start()

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd calls it so  # noqa: N802 - its name there
        """Keeps a mail."""
        self.mails.append(message_from_bytes(envelope.content))
        self.signed_in.append(bool(session.authenticated) and session.ssl is not None)
        return "250 taken"

    def wait_for(self, count: int, seconds: float = 15) -> list[Message]:
        """The mails, once there are so many."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and len(self.mails) < count:
            time.sleep(0.05)
        assert len(self.mails) >= count, f"{len(self.mails)} of {count} mails came"
        return self.mails

    def close(self) -> None:
        self._controller.stop()
