"""TLS, and interpreters of other kinds."""

from __future__ import annotations

import http.server
import json
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from conftest import KEY

import hiveloop


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[tuple[str, Path, list[dict[str, Any]]]]:
    """A server with a certificate that only its own authority vouches for: its address, the authority, its batches."""
    batches: list[dict[str, Any]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            batches.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"https://localhost:{server.server_address[1]}", tmp_path / "ca.pem", batches
    hiveloop.reset()
    server.shutdown()
    server.server_close()


def test_a_private_authority_is_trusted_when_it_is_named(secure: tuple[str, Path, list[dict[str, Any]]]) -> None:
    url, authority, batches = secure
    hiveloop.init(api_key=KEY, endpoint=url, ca_file=authority).agent("a")
    assert hiveloop.flush()
    assert batches[0]["envelope"]["agent_id"] == "a"


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_an_authority_that_other_clients_are_told_of_is_trusted(
    secure: tuple[str, Path, list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    url, authority, batches = secure
    monkeypatch.setenv(name, str(authority))
    hiveloop.init(api_key=KEY, endpoint=url).agent("a")
    assert hiveloop.flush()
    assert batches[0]["envelope"]["agent_id"] == "a"


def test_an_unknown_authority_is_not_trusted(secure: tuple[str, Path, list[dict[str, Any]]], log: Any) -> None:
    url, _, batches = secure
    hiveloop.init(api_key=KEY, endpoint=url).agent("a")
    assert hiveloop.flush(1) is False
    assert batches == []
    assert log.having("certificate")
    assert log.having("by ca_file")
    hiveloop._client._instance._shutdown(0)  # type: ignore[union-attr]


def test_a_second_interpreter_is_refused_with_a_reason() -> None:
    program = """
import hiveloop
import _xxsubinterpreters as interpreters
interpreter = interpreters.create()
interpreters.run_string(interpreter, '''
try:
    import hiveloop
except ImportError as error:
    print("refused:", error)
''')
"""
    if sys.version_info >= (3, 13):
        program = program.replace("_xxsubinterpreters", "_interpreters")
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert "refused:" in result.stdout, result.stderr
    assert "interpreter" in result.stdout
