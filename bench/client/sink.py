"""Takes whatever any client posts, and says yes as fast as it can. Prints its port."""

from __future__ import annotations

import asyncio

ANSWER = b'{"accepted":1,"rejected":0,"warnings":[],"errors":[]}'


class Sink(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.received = bytearray()
        self.missing = 0

    def data_received(self, data: bytes) -> None:
        if self.missing:
            self.missing -= len(data)
            if self.missing > 0:
                return
            data = b""
            self.missing = 0
            self.answer()
        self.received += data
        while (end := self.received.find(b"\r\n\r\n")) >= 0:
            head = bytes(self.received[:end]).lower()
            length = 0
            if b"content-length:" in head:
                length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
            elif b"chunked" in head:
                stop = self.received.find(b"0\r\n\r\n", end + 4)
                if stop < 0:
                    return
                length = stop + 5 - end - 4
            body = len(self.received) - end - 4
            if body < length:
                self.missing = length - body
                self.received.clear()
                return
            del self.received[: end + 4 + length]
            self.answer()

    def answer(self) -> None:
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        self.transport.write(head % len(ANSWER) + ANSWER)  # type: ignore[attr-defined]


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
