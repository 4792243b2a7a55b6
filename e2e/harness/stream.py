"""A reader of the live stream."""

from __future__ import annotations

import contextlib
import json
import time
from typing import Any

from websockets.sync.client import ClientConnection, connect

from .board import Board


class StreamReader:
    """One WebSocket, subscribed on construction and told so."""

    def __init__(
        self, board: Board, channels: list[str], filters: dict[str, Any] | None = None, since_seq: int | None = None
    ) -> None:
        self._opened = contextlib.ExitStack()
        self.socket: ClientConnection = self._opened.enter_context(
            connect(
                board.url.replace("http", "ws") + "/v1/stream",
                additional_headers={"Authorization": f"Bearer {board.key}"},
                open_timeout=10,
                # With a bounded queue an unread frame would hold up the closing handshake.
                max_queue=None,
            )
        )
        self.subscribe(channels, filters, since_seq)

    def subscribe(
        self, channels: list[str], filters: dict[str, Any] | None = None, since_seq: int | None = None
    ) -> None:
        """Subscribes, taking the place of any earlier subscription."""
        wish: dict[str, Any] = {"action": "subscribe", "channels": channels, "filters": filters or {}}
        if since_seq is not None:
            wish["since_seq"] = since_seq
        self.say(wish)
        self.until(lambda frame: frame["type"] == "subscribed", 5)

    def say(self, frame: dict[str, Any]) -> None:
        """Sends one frame."""
        self.socket.send(json.dumps(frame))

    def next(self, seconds: float) -> dict[str, Any] | None:
        """The next frame, or None when none comes in time."""
        try:
            frame: dict[str, Any] = json.loads(self.socket.recv(timeout=max(seconds, 0)))
        except TimeoutError:
            return None
        return frame

    def until(self, fits: Any, seconds: float) -> dict[str, Any]:
        """The first frame that fits; others before it are passed over."""
        deadline = time.monotonic() + seconds
        passed: list[dict[str, Any]] = []
        while True:
            frame = self.next(deadline - time.monotonic())
            assert frame is not None, f"nothing fitting within {seconds} s among {json.dumps(passed)[:2000]}"
            if fits(frame):
                return frame
            passed.append(frame)

    def events(self, count: int, seconds: float) -> list[dict[str, Any]]:
        """The next so many events."""
        deadline = time.monotonic() + seconds
        return [
            self.until(lambda frame: frame["type"] == "event.new", deadline - time.monotonic())["data"]
            for _ in range(count)
        ]

    def quiet(self, seconds: float) -> None:
        """Nothing of type event.new may come for so long."""
        deadline = time.monotonic() + seconds
        while (frame := self.next(deadline - time.monotonic())) is not None:
            assert frame["type"] != "event.new", frame

    def close(self) -> None:
        """Hangs up."""
        self._opened.close()
