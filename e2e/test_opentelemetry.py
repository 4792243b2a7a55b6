"""OpenTelemetry's own SDK and exporters against the real server: what any instrumented program does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.board import Board
from harness.server import Server, free_port

PROGRAM = """
import os, signal, sys
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
if sys.argv[1] == "grpc":
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
else:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
provider = TracerProvider(resource=Resource.create({"service.name": "analyst", "service.version": "7"}))
provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter()))
tracer = provider.get_tracer("my.agents")
agent = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "weekly report"}
with tracer.start_as_current_span("invoke_agent weekly report", attributes=agent) as root:
    print(f"{root.get_span_context().trace_id:032x}", flush=True)
    call = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m-1",
            "gen_ai.usage.input_tokens": 1200, "gen_ai.usage.output_tokens": 80}
    with tracer.start_as_current_span("chat m-1", attributes=call):
        pass
    try:
        with tracer.start_as_current_span("execute_tool query", attributes={"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "query"}):
            raise TimeoutError("the warehouse does not answer")
    except TimeoutError:
        pass
    if sys.argv[2] == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
provider.shutdown()
"""


#: A graph of LangGraph, as OpenInference tells of it: its pause is an exception of a node, and all spans say that they went well.
PAUSING = """
import sys
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Status, StatusCode
provider = TracerProvider(resource=Resource.create({"service.name": "refunds"}))
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
tracer = provider.get_tracer("openinference.instrumentation.langchain")
chain = {"openinference.span.kind": "CHAIN", "session.id": "ticket-7"}
with tracer.start_as_current_span("refund", attributes=chain) as root:
    print(f"{root.get_span_context().trace_id:032x}", flush=True)
    with tracer.start_as_current_span("ask", attributes=chain) as ask:
        if sys.argv[1] == "asks":
            what = "(Interrupt(value={'question': 'Refund 120 EUR?'}, id='972e'),)"
            ask.add_event("exception", {"exception.type": "langgraph.errors.GraphInterrupt", "exception.message": what})
        ask.set_status(Status(StatusCode.OK))
provider.shutdown()
"""


def run(server: Server, key: str, protocol: str, end: str, grpc_port: int) -> str:
    """Runs the program as users do, all set by the environment; answers the id of its trace."""
    endpoint = f"http://127.0.0.1:{grpc_port}" if protocol == "grpc" else server.url
    return run_program(PROGRAM, endpoint, key, protocol, end, code=0 if end == "ends" else -9)


def run_program(program: str, endpoint: str, key: str, *arguments: str, code: int = 0) -> str:
    """Runs a program that reports to that address; answers what it printed."""
    environment = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
        "OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer%20{key}",
        "OTEL_EXPORTER_OTLP_INSECURE": "true",
        "PATH": "/usr/bin:/bin",
    }
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == code, done.stderr
    assert "Failed to export" not in done.stderr, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("protocol", ["http", "grpc"])
def test_an_instrumented_program_is_an_agent_at_work(
    new_server: Callable[..., Server], protocol: str, tmp_path: Path
) -> None:
    port = free_port()
    server = new_server(OTLP_GRPC_ADDR=f"127.0.0.1:{port}")
    key = server.create_key()
    board: Board = server.board(key)
    task_id = run(server, key, protocol, "ends", port)
    agent = board.get("/v1/agents/analyst")
    assert (agent["agent_version"], agent["liveness"], agent["derived_status"]) == ("7", "none", "idle")
    task = board.get("/v1/tasks")["data"][0]
    assert (task["task_id"], task["task_type"], task["derived_status"]) == (task_id, "weekly report", "completed")
    assert (task["llm_call_count"], task["total_tokens_in"], task["total_tokens_out"]) == (1, 1200, 80)
    assert (task["action_count"], task["error_count"]) == (1, 1)
    story = board.get(f"/v1/tasks/{task_id}/timeline")
    (failed,) = [span for span in story["spans"] if span["kind"] == "action"]
    assert failed["exception"]["exception_type"] == "TimeoutError"
    assert failed["exception"]["exception_message"] == "the warehouse does not answer"


def test_a_killed_program_is_never_called_completed(new_server: Callable[..., Server]) -> None:
    server = new_server()
    key = server.create_key()
    board = server.board(key)
    task_id = run(server, key, "http", "dies", 0)
    task = board.get("/v1/tasks")["data"][0]
    assert (task["task_id"], task["derived_status"]) == (task_id, "processing")
    assert (task["llm_call_count"], task["action_count"]) == (1, 1), "what ended before is there"
    server.kill()
    server.start()
    again = board.get("/v1/tasks")["data"][0]
    assert {name: again[name] for name in ("task_id", "llm_call_count", "error_count", "total_tokens_in")} == {
        name: task[name] for name in ("task_id", "llm_call_count", "error_count", "total_tokens_in")
    }


@pytest.mark.parametrize("restarted", [False, True])
def test_a_graph_that_paused_waits_until_its_conversation_goes_on(
    new_server: Callable[..., Server], restarted: bool
) -> None:
    server = new_server()
    key = server.create_key()
    board = server.board(key)
    paused = run_program(PAUSING, server.url, key, "asks")
    agent = board.get("/v1/agents/refunds")
    assert agent["derived_status"] == "waiting_approval"
    (task,) = board.get("/v1/tasks")["data"]
    assert (task["task_id"], task["derived_status"]) == (paused, "waiting")
    assert task["waiting"]["summary"] == "Refund 120 EUR?"
    if restarted:
        server.kill()
        server.start()
    went_on = run_program(PAUSING, server.url, key, "goes on")
    tasks = {task["task_id"]: task for task in board.get("/v1/tasks")["data"]}
    assert {task_id: task["derived_status"] for task_id, task in tasks.items()} == {
        paused: "completed",
        went_on: "completed",
    }
    assert board.get("/v1/agents/refunds")["derived_status"] == "idle"
    story = board.get(f"/v1/tasks/{paused}/timeline")
    (approval,) = [span for span in story["spans"] if span["kind"] == "approval"]
    assert approval["outcome"] == "done"
