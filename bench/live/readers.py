"""Readers of the live stream: `python readers.py PORT KEY READERS MEASURED`.

Prints `ready` when all are subscribed, reads until its input ends, then prints one line of JSON: for each measured reader when it had
which event (`{event_id: seconds}`, the monotonic clock of this machine), how many bytes all of them read, and how many frames said `lagged`. The
others only read what comes, so that this process stays cheap beside the server.
"""

from __future__ import annotations

import base64
import json
import os
import selectors
import socket
import sys
import time

SUBSCRIBE = json.dumps({"action": "subscribe", "channels": ["events"]}).encode()
PIECE = 1 << 20


def masked(payload: bytes) -> bytes:
    """A text frame of a client, shorter than 126 bytes."""
    mask = os.urandom(4)
    return bytes((0x81, 0x80 | len(payload))) + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


class Reader:
    def __init__(self, port: int, key: str, measured: bool) -> None:
        self.measured = measured
        self.seen: dict[str, float] = {}
        self.lagged = 0
        self.bytes = 0
        self.rest = b""
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        nonce = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET /v1/stream HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {key}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {nonce}\r\n\r\n".encode()
        )
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.socket.recv(4096)
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            raise SystemExit(f"no stream: {head[:200]!r}")
        self.rest = head.split(b"\r\n\r\n", 1)[1]
        self.socket.sendall(masked(SUBSCRIBE))
        while b'"subscribed"' not in self.rest:
            self.rest += self.socket.recv(4096)
        self.take(b"", time.monotonic())
        self.socket.setblocking(False)

    def read(self) -> bool:
        """Whether the stream is still open."""
        try:
            piece = self.socket.recv(PIECE)
        except BlockingIOError:
            return True
        self.bytes += len(piece)
        if self.measured:
            self.take(piece, time.monotonic())
        return bool(piece)

    def take(self, piece: bytes, now: float) -> None:
        data = self.rest + piece
        at = 0
        while len(data) - at >= 2:
            size, head = data[at + 1] & 0x7F, 2
            if size == 126:
                size, head = int.from_bytes(data[at + 2 : at + 4], "big"), 4
            elif size == 127:
                size, head = int.from_bytes(data[at + 2 : at + 10], "big"), 10
            if len(data) - at < head + size:
                break
            if data[at] & 0x0F == 1:
                self.frame(data[at + head : at + head + size], now)
            at += head + size
        self.rest = data[at:]

    def frame(self, text: bytes, now: float) -> None:
        told = json.loads(text)
        if told["type"] == "event.new":
            self.seen[told["data"]["event_id"]] = now
        elif told["type"] == "lagged":
            self.lagged += 1


def main() -> None:
    port, key, count, measured = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    # Spread over all of them: a server that pushes in the order of its readers shows it.
    step = max(1, count // measured)
    readers = [Reader(port, key, at % step == 0) for at in range(count)]
    selector = selectors.DefaultSelector()
    for reader in readers:
        selector.register(reader.socket, selectors.EVENT_READ, reader)
    selector.register(sys.stdin, selectors.EVENT_READ, None)
    print("ready", flush=True)
    while True:
        for key_of, _ in selector.select():
            reader = key_of.data
            if reader is None:
                of = [reader for reader in readers if reader.measured]
                told = {
                    "seen": [reader.seen for reader in of],
                    "lagged": sum(reader.lagged for reader in of),
                    "bytes": sum(reader.bytes for reader in readers),
                }
                print(json.dumps(told), flush=True)
                return
            if not reader.read():
                raise SystemExit("the server closed a stream")


if __name__ == "__main__":
    main()
