"""Questions to NATS that no command of ours asks: one request, one answer, by its own protocol."""

from __future__ import annotations

import json
import socket
from typing import Any

INBOX = "_INBOX.tests"


def ask(port: int, subject: str, question: dict[str, Any] | None = None) -> dict[str, Any]:
    """What JetStream's API answers, as `ask(port, "$JS.API.STREAM.INFO.name")`."""
    payload = json.dumps(question).encode() if question else b""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(
            b'CONNECT {"verbose":false,"pedantic":false}\r\n'
            + f"SUB {INBOX} 1\r\nPUB {subject} {INBOX} {len(payload)}\r\n".encode()
            + payload
            + b"\r\n"
        )
        with connection.makefile("rb") as said:
            for line in said:
                words = line.split()
                if words[0] == b"PING":
                    connection.sendall(b"PONG\r\n")
                elif words[0] == b"MSG":
                    answer: dict[str, Any] = json.loads(said.read(int(words[-1])))
                    assert "error" not in answer, answer
                    return answer
    raise AssertionError(f"NATS hung up before it answered {subject}")
