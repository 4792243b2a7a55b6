"""TLS of the server's own: curl, Python and the stream over it, renewal, the doctor."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

from harness.certificates import make_pair
from harness.events import event
from harness.server import Server, free_port


@pytest.fixture
def encrypted(tmp_path: Path) -> Iterator[Server]:
    make_pair(tmp_path)
    server = Server(tmp_path, TLS_CERT=tmp_path / "tls.crt", TLS_KEY=tmp_path / "tls.key")
    server.scheme, server.verify = "https", ssl.create_default_context(cafile=str(tmp_path / "tls.crt"))
    server.start()
    yield server
    server.end()


def test_everything_travels_over_it(encrypted: Server, tmp_path: Path) -> None:
    key = encrypted.create_key()
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=encrypted.url, verify=encrypted.verify, headers=headers) as client:
        with connect(
            encrypted.url.replace("https", "wss") + "/v1/stream", ssl=encrypted.verify, additional_headers=headers
        ) as stream:
            stream.send('{"action": "subscribe", "channels": ["events"], "filters": {}}')
            batch = {"envelope": {"agent_id": "a"}, "events": [event("task_started", task_id="over tls")]}
            assert client.post("/v1/ingest", json=batch).json()["accepted"] == 1
            deadline = time.monotonic() + 5
            while "over tls" not in (frame := str(stream.recv(timeout=5))):
                assert time.monotonic() < deadline, frame
        assert client.get("/v1/session").json()["ingest_url"] == encrypted.url
        link = encrypted.command("login-link", "--addr", encrypted.address).strip().splitlines()[-1]
        assert link.startswith(encrypted.url + "/enter?token=")
        assert "Secure" in client.get(link).headers["set-cookie"]
    told = subprocess.run(
        ["curl", "-sS", "--cacert", str(tmp_path / "tls.crt"), f"https://localhost:{encrypted.port}/health"],
        capture_output=True,
        text=True,
    )
    assert '"status":"ok"' in told.stdout, told.stderr


def test_the_doctor_looks_at_the_files_and_asks_over_it(encrypted: Server, tmp_path: Path) -> None:
    assert encrypted.command("doctor", "--health", "--addr", encrypted.address).strip() == "ready"
    doctor = encrypted.command("doctor", "--addr", encrypted.address)
    lines = {line.split()[1]: line for line in doctor.splitlines()}
    assert lines["port"].startswith("ok"), doctor
    assert lines["tls"].startswith("ok"), doctor
    (tmp_path / "tls.key").write_text("gone")
    failed = encrypted.try_command("doctor", "--addr", encrypted.address)
    assert failed.returncode != 0
    assert "fail  tls" in failed.stdout
    encrypted.stop()
    refused = encrypted.try_command("serve", "--addr", encrypted.address)
    assert refused.returncode != 0
    assert "tls_key" in refused.stderr, "a wrong pair is said at start"
    nobody = encrypted.try_command("doctor", "--health", "--addr", encrypted.address)
    assert nobody.returncode == 1
    assert "nothing answers" in nobody.stderr


EXPORTER = """
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
provider = TracerProvider(resource=Resource.create({"service.name": "analyst"}))
provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(timeout=5)))
attributes = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "weekly report"}
with provider.get_tracer("my.agents").start_as_current_span("invoke_agent weekly report", attributes=attributes):
    pass
provider.shutdown()
"""


def test_grpc_is_encrypted_with_the_same_certificate(tmp_path: Path) -> None:
    make_pair(tmp_path)
    port = free_port()
    settings = {"TLS_CERT": tmp_path / "tls.crt", "TLS_KEY": tmp_path / "tls.key"}
    server = Server(tmp_path, OTLP_GRPC_ADDR=f"127.0.0.1:{port}", **settings)
    server.scheme, server.verify = "https", ssl.create_default_context(cafile=str(tmp_path / "tls.crt"))
    server.start()
    try:
        key = server.create_key()
        environment = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"https://localhost:{port}",
            "OTEL_EXPORTER_OTLP_CERTIFICATE": str(tmp_path / "tls.crt"),
            "OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer%20{key}",
            "PATH": "/usr/bin:/bin",
        }
        command = [sys.executable, "-c", EXPORTER]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, "Failed to export" in done.stderr) == (0, False), done.stderr
        headers = {"Authorization": f"Bearer {key}"}
        with httpx.Client(base_url=server.url, verify=server.verify, headers=headers) as client:
            assert [agent["agent_id"] for agent in client.get("/v1/agents").json()["data"]] == ["analyst"]
        with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
            plain.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            assert b"This server speaks TLS" in plain.recv(1024)
    finally:
        server.end()
