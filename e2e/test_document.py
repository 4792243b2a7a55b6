"""The API keeps what its own document says, asked by schemathesis, which reads the document and tries what it allows and what it doesn't."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from harness.events import event
from harness.server import Server

# What an answer must be: no fault of the server, a status, a type and a body that the document names.
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
]
EXAMPLES_AN_OPERATION = 20


@pytest.mark.timeout(400)
def test_no_answer_is_a_fault_or_missing_in_the_document(server: Server, tmp_path: Path) -> None:
    board = server.board()
    board.send("worker", [event("task_started", task_id="t"), event("task_completed", task_id="t")])
    command = [
        str(Path(sys.executable).with_name("st")),
        "--no-color",
        "run",
        f"{server.url}/v1/openapi.json",
        "--header",
        f"Authorization: Bearer {board.key}",
        "--checks",
        ",".join(CHECKS),
        "--phases",
        "examples,coverage,fuzzing",
        "--max-examples",
        str(EXAMPLES_AN_OPERATION),
        "--generation-deterministic",
        # A WebSocket, which test_stream.py asks.
        "--exclude-path",
        "/v1/stream",
        # A key that revokes itself would end the test for all others.
        "--exclude-path",
        "/v1/api-keys/{key_id}",
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stdout[-8_000:] + done.stderr[-2_000:]
