"""A model provider on loopback that speaks OpenAI's and Anthropic's formats, whole and streamed, by a script."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Reply:
    """One answer.

    Args:
        text: What the model says.
        tools: The tools that it calls: names and arguments.
        status: An HTTP status; from 400 on an error.
        seconds: How long the answer takes.
        usage: Whether tokens are told.
    """

    text: str = ""
    tools: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    status: int = 200
    seconds: float = 0.0
    usage: bool = True


# What each call costs: the tests count with these. Anthropic's input leaves the cache out.
OPENAI_USAGE = {
    "prompt_tokens": 100,
    "completion_tokens": 20,
    "total_tokens": 120,
    "prompt_tokens_details": {"cached_tokens": 40},
    "completion_tokens_details": {"reasoning_tokens": 5},
}
RESPONSES_USAGE = {
    "input_tokens": 100,
    "output_tokens": 20,
    "total_tokens": 120,
    "input_tokens_details": {"cached_tokens": 40, "cache_write_tokens": 0},
    "output_tokens_details": {"reasoning_tokens": 5},
}
# Gemini's output leaves the thoughts out.
GEMINI_USAGE = {
    "promptTokenCount": 100,
    "candidatesTokenCount": 15,
    "thoughtsTokenCount": 5,
    "cachedContentTokenCount": 40,
    "totalTokenCount": 120,
}
ANTHROPIC_USAGE = {
    "input_tokens": 50,
    "output_tokens": 20,
    "cache_read_input_tokens": 40,
    "cache_creation_input_tokens": 10,
}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are what some tests are about."""


class Provider:
    """The server, its script, and what it was asked.

    Args:
        version: What stands behind the model's name in answers: providers answer by more exact names than asked.
    """

    def __init__(self, version: str = "-2026") -> None:
        self.version = version
        self.replies: list[Reply] = []
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self._lock = threading.Lock()
        self._count = 0
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: Any) -> None:
                pass

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
                try:
                    provider.answer(self, self.path, body)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

        self.server = _Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def script(self, *replies: Reply | str) -> None:
        """Say what comes next; when all is said, every answer is `ok`."""
        self.replies = [reply if isinstance(reply, Reply) else Reply(reply) for reply in replies]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, handler: BaseHTTPRequestHandler, path: str, body: dict[str, Any]) -> None:
        with self._lock:
            self.requests.append((path, dict(body)))
            self._count += 1
            number = self._count
            body["model"] = f"{body.get('model')}{self.version}"
            reply = self.replies.pop(0) if self.replies else Reply("ok")
        time.sleep(reply.seconds)
        path = path.split("?")[0]
        if reply.status >= 400:
            error = {"type": "server_error", "message": f"refused with {reply.status}"}
            _send(handler, reply.status, {"type": "error", "error": error})
        elif path.endswith("/chat/completions"):
            _give(handler, body, chat(reply, body, number), chat_chunks(reply, body, number), named=False)
        elif path.endswith("/responses"):
            _give(handler, body, response(reply, body, number), response_events(reply, body, number), named=True)
        elif path.endswith(":generateContent"):
            _send(handler, 200, gemini(reply, path + self.version, number))
        elif path.endswith(":streamGenerateContent"):
            _give(
                handler, {"stream": True}, {}, gemini_pieces(reply, path + self.version, number), named=False, end=b""
            )
        elif path.endswith("/messages"):
            _give(handler, body, message(reply, body, number), message_events(reply, body, number), named=True)
        else:
            _send(handler, 404, {"error": {"message": f"no {path} here"}})


def _send(handler: BaseHTTPRequestHandler, status: int, answer: dict[str, Any]) -> None:
    data = json.dumps(answer).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(data)))
    handler.send_header("retry-after-ms", "1")
    handler.end_headers()
    handler.wfile.write(data)


def _give(
    handler: BaseHTTPRequestHandler,
    body: dict[str, Any],
    whole: dict[str, Any],
    events: Iterator[dict[str, Any]],
    *,
    named: bool,
    end: bytes = b"data: [DONE]\n\n",
) -> None:
    if not body.get("stream"):
        _send(handler, 200, whole)
        return
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.close_connection = True
    for event in events:
        name = f"event: {event['type']}\n" if named else ""
        handler.wfile.write(f"{name}data: {json.dumps(event)}\n\n".encode())
        handler.wfile.flush()
    if not named:
        handler.wfile.write(end)


def gemini(reply: Reply, path: str, number: int, text: str | None = None) -> dict[str, Any]:
    said = reply.text if text is None else text
    parts: list[dict[str, Any]] = [{"text": said}] if said else []
    parts += [{"functionCall": {"name": name, "args": args, "id": f"call_{number}"}} for name, args in reply.tools]
    model, _, way = path.rpartition("/")[2].partition(":")
    version = way.removeprefix("generateContent").removeprefix("streamGenerateContent")
    return {
        "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": GEMINI_USAGE,
        "modelVersion": f"{model}{version}",
        "responseId": f"gem_{number}",
    }


def gemini_pieces(reply: Reply, path: str, number: int) -> Iterator[dict[str, Any]]:
    for word in _words(reply.text) or [""]:
        yield gemini(reply, path, number, word)


def _words(text: str) -> list[str]:
    parts = text.split(" ")
    return [part if index == 0 else f" {part}" for index, part in enumerate(parts)] if text else []


def _calls(reply: Reply, number: int) -> list[dict[str, Any]]:
    return [
        {
            "id": f"call_{number}_{index}",
            "type": "function",
            "function": {"name": name, "arguments": json.dumps(args)},
        }
        for index, (name, args) in enumerate(reply.tools)
    ]


def chat(reply: Reply, body: dict[str, Any], number: int) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": reply.text or None}
    if reply.tools:
        message["tool_calls"] = _calls(reply, number)
    finish = "tool_calls" if reply.tools else "stop"
    choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
    return {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": 1,
        "model": body["model"],
        "choices": [choice],
        "usage": OPENAI_USAGE if reply.usage else None,
    }


def chat_chunks(reply: Reply, body: dict[str, Any], number: int) -> Iterator[dict[str, Any]]:
    def chunk(delta: dict[str, Any] | None, finish: str | None = None, usage: Any = None) -> dict[str, Any]:
        choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
        return {
            "id": f"chatcmpl-{number}",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": body["model"],
            "choices": choices,
            "usage": usage,
        }

    yield chunk({"role": "assistant", "content": ""})
    for word in _words(reply.text):
        yield chunk({"content": word})
    for index, call in enumerate(_calls(reply, number)):
        yield chunk({"tool_calls": [{"index": index, **call}]})
    yield chunk({}, "tool_calls" if reply.tools else "stop")
    if reply.usage and (body.get("stream_options") or {}).get("include_usage"):
        yield chunk(None, usage=OPENAI_USAGE)


def response(reply: Reply, body: dict[str, Any], number: int, status: str = "completed") -> dict[str, Any]:
    output: list[dict[str, Any]] = [
        {
            "type": "function_call",
            "id": f"fc_{number}_{index}",
            "call_id": call["id"],
            "name": call["function"]["name"],
            "arguments": call["function"]["arguments"],
            "status": "completed",
        }
        for index, call in enumerate(_calls(reply, number))
    ]
    if reply.text:
        content = {"type": "output_text", "text": reply.text, "annotations": []}
        item = {"type": "message", "id": f"msg_{number}", "role": "assistant", "status": "completed"}
        output.append({**item, "content": [content]})
    return {
        "id": f"resp_{number}",
        "object": "response",
        "created_at": 1,
        "model": body["model"],
        "status": status,
        "output": output if status == "completed" else [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": RESPONSES_USAGE if status == "completed" else None,
    }


def response_events(reply: Reply, body: dict[str, Any], number: int) -> Iterator[dict[str, Any]]:
    yield {"type": "response.created", "sequence_number": 0, "response": response(reply, body, number, "in_progress")}
    final = response(reply, body, number)
    sequence = 1
    for index, item in enumerate(final["output"]):
        started = {**item, "content": []} if item["type"] == "message" else item
        at = {"output_index": index, "sequence_number": sequence}
        yield {"type": "response.output_item.added", "item": started, **at}
        if item["type"] == "message":
            place = {"item_id": item["id"], "content_index": 0, **at}
            part = {"type": "output_text", "text": "", "annotations": []}
            yield {"type": "response.content_part.added", "part": part, **place}
            for word in _words(reply.text):
                yield {"type": "response.output_text.delta", "delta": word, "logprobs": [], **place}
        sequence += 1
        yield {"type": "response.output_item.done", "item": item, **at}
    yield {"type": "response.completed", "sequence_number": sequence, "response": final}


def message(reply: Reply, body: dict[str, Any], number: int) -> dict[str, Any]:
    content: list[dict[str, Any]] = [{"type": "text", "text": reply.text}] if reply.text else []
    for index, (name, args) in enumerate(reply.tools):
        content.append({"type": "tool_use", "id": f"toolu_{number}_{index}", "name": name, "input": args})
    return {
        "id": f"msg_{number}",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": content,
        "stop_reason": "tool_use" if reply.tools else "end_turn",
        "stop_sequence": None,
        "usage": ANTHROPIC_USAGE,
    }


def message_events(reply: Reply, body: dict[str, Any], number: int) -> Iterator[dict[str, Any]]:
    whole = message(reply, body, number)
    start = {**whole, "content": [], "stop_reason": None, "usage": {**ANTHROPIC_USAGE, "output_tokens": 1}}
    yield {"type": "message_start", "message": start}
    for index, block in enumerate(whole["content"]):
        if block["type"] == "text":
            yield {"type": "content_block_start", "index": index, "content_block": {"type": "text", "text": ""}}
            for word in _words(block["text"]):
                delta = {"type": "text_delta", "text": word}
                yield {"type": "content_block_delta", "index": index, "delta": delta}
        else:
            yield {"type": "content_block_start", "index": index, "content_block": {**block, "input": {}}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    yield {
        "type": "message_delta",
        "delta": {"stop_reason": whole["stop_reason"], "stop_sequence": None},
        "usage": {"output_tokens": 20},
    }
    yield {"type": "message_stop"}
