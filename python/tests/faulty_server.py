"""A small HTTP server, in a process of its own, that stores events and can be told to behave badly.

``POST /_script`` takes a list of behaviours for the next requests; ``GET /_received`` gives what came.
"""

from __future__ import annotations

import gzip
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Store:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.script: list[dict] = []
        self.events: dict[str, dict] = {}
        self.requests: list[dict] = []


store = Store()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        pass

    def answer(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
        content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"content-type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        with store.lock:
            self.answer(200, {"events": list(store.events.values()), "requests": store.requests})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/_script":
            with store.lock:
                store.script = json.loads(body)
            return self.answer(200, {})
        with store.lock:
            behaviour = store.script.pop(0) if store.script else {}
        time.sleep(behaviour.get("seconds", 0))
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        batch = json.loads(body)
        stores = behaviour.get("stores", "status" not in behaviour)
        with store.lock:
            store.requests.append(
                {
                    "path": self.path,
                    "headers": {name.lower(): value for name, value in self.headers.items()},
                    "envelope": batch["envelope"],
                    "count": len(batch["events"]),
                    "bytes": len(body),
                    "at": time.monotonic(),
                    "ids": [event["event_id"] for event in batch["events"]],
                }
            )
            if stores:
                for event in batch["events"]:
                    store.events.setdefault(event["event_id"], {**event, "_envelope": batch["envelope"]})
        if behaviour.get("cut"):
            self.close_connection = True
            self.connection.close()
            return None
        accepted = {"accepted": len(batch["events"]), "rejected": 0, "warnings": [], "errors": []}
        return self.answer(behaviour.get("status", 200), behaviour.get("body", accepted), behaviour.get("headers"))


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, *_: object) -> None:
        # Connections that are cut on purpose end in errors here.
        pass


if __name__ == "__main__":
    server = Server(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()
