"""Anthropic's client: each call of a model with its tokens, those of the cache told apart.

>>> from hiveloop.integrations import anthropic  # doctest: +SKIP
>>> anthropic.install()  # doctest: +SKIP
"""

from __future__ import annotations

from hiveloop.integrations import _usage
from hiveloop.integrations._names import field, last_message
from hiveloop.integrations._requests import Answer, Clients

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hiveloop.integrations._calls import Call
    from hiveloop.integrations._usage import Usage
    from hiveloop.integrations._watch import Watch

_KINDS = (
    "input_tokens",
    "output_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "output_tokens_details",
)


class _Answer(Answer):
    """A message."""

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[str, Any] = {}

    def item(self, item: Any) -> None:
        """Note an event of a stream."""
        kind = field(item, "type")
        if kind == "content_block_delta":
            self.add(field(field(item, "delta"), "text"))
        elif kind == "message_start":
            message = field(item, "message")
            self.id, self.model = field(message, "id"), field(message, "model")
            self._count(field(message, "usage"))
        elif kind == "message_delta":
            self._count(field(item, "usage"))
        elif kind == "content_block_start" and field(field(item, "content_block"), "type") == "tool_use":
            self.calls_tool(field(field(item, "content_block"), "name"))

    def whole(self, answer: Any) -> None:
        """Note a message."""
        self.id, self.model = field(answer, "id"), field(answer, "model")
        self._count(field(answer, "usage"))
        for block in field(answer, "content") or ():
            self.add(field(block, "text"))
            if field(block, "name"):
                self.calls_tool(field(block, "name"))

    def counted(self, streamed: bool) -> Usage | None:
        """Give the tokens that were told."""
        return _usage.of_anthropic(self._counts) if self._counts else None

    def _count(self, usage: Any) -> None:
        """Take over counts: each is a total so far, so a later one stands for an earlier one."""
        for kind in _KINDS:
            count = field(usage, kind)
            if count is not None:
                self._counts[kind] = count


def _begin(watch: Watch, url: str, body: Any) -> tuple[Call, Answer] | None:
    if not url.split("?")[0].rstrip("/").endswith("/messages"):
        return None
    return watch.call("messages", body.get("model"), last_message(body.get("messages"))), _Answer()


_clients = Clients("anthropic", "0.40", ("Anthropic", "AsyncAnthropic"), _begin)
install = _clients.install
uninstall = _clients.uninstall
