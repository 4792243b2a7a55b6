"""OpenAI's client, and every client that is made of it: each call of a model with its tokens.

>>> from hiveloop.integrations import openai  # doctest: +SKIP
>>> openai.install()  # doctest: +SKIP
"""

from __future__ import annotations

from hiveloop.integrations import _usage
from hiveloop.integrations._names import field, last_message, preview
from hiveloop.integrations._requests import Answer, Clients

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hiveloop.integrations._calls import Call
    from hiveloop.integrations._usage import Usage
    from hiveloop.integrations._watch import Watch

_PATHS = {
    "/chat/completions": "chat",
    "/responses": "responses",
    "/completions": "completion",
    "/embeddings": "embeddings",
}
_ENDED = ("response.completed", "response.incomplete", "response.failed")


class _Answer(Answer):
    """A completion, a response, embeddings."""

    usage: Any = None

    def item(self, item: Any) -> None:
        """Note a chunk of a chat, or an event of a response."""
        kind = getattr(item, "type", None)
        if kind is None:
            self._note(item)
            for choice in field(item, "choices") or ():
                self.add(field(field(choice, "delta"), "content") or field(choice, "text"))
        elif kind == "response.output_text.delta":
            self.add(field(item, "delta"))
        elif kind in _ENDED or kind == "response.created":
            self._note(item.response)

    def whole(self, answer: Any) -> None:
        """Note a completion, a response, or embeddings."""
        self._note(answer)
        choices = field(answer, "choices")
        for choice in choices or ():
            message = field(choice, "message")
            self.add(field(message, "content") or field(choice, "text"))
            for call in field(message, "tool_calls") or ():
                self.calls_tool(field(field(call, "function"), "name"))
        for output in () if choices is not None else field(answer, "output") or ():
            self.add(preview(field(output, "content")))
            if field(output, "type") == "function_call":
                self.calls_tool(field(output, "name"))

    def counted(self, streamed: bool) -> Usage | None:
        """Give the tokens that were told: a stream that was not asked for them says 0."""
        usage = _usage.of_openai(self.usage)
        return usage.known_of_stream() if usage is not None and streamed else usage

    def _note(self, answer: Any) -> None:
        self.id = field(answer, "id") or self.id
        self.model = field(answer, "model") or self.model
        self.usage = field(answer, "usage") or self.usage
        error = field(answer, "error")
        self.error = str(field(error, "message", error))[:500] if error is not None else self.error


def _begin(watch: Watch, url: str, body: Any) -> tuple[Call, Answer] | None:
    path = url.split("?")[0].rstrip("/")
    # The longest that fits: chats are completions, too.
    name = next((name for end, name in _PATHS.items() if path.endswith(end)), None)
    if name is None:
        return None
    asked = body.get("messages") or body.get("input") or body.get("prompt")
    return watch.call(name, body.get("model"), last_message(asked)), _Answer()


_clients = Clients("openai", "1.40", ("OpenAI", "AsyncOpenAI"), _begin)
install = _clients.install
uninstall = _clients.uninstall
