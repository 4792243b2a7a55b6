"""OpenAI's client, and every client that is made of it: each call of a model with its tokens.

>>> from hiveloop.integrations import openai  # doctest: +SKIP
>>> openai.install()  # doctest: +SKIP
"""

from __future__ import annotations

from hiveloop._errors import HiveLoopIntegrationError
from hiveloop.integrations import _usage
from hiveloop.integrations._names import field, last_message, preview
from hiveloop.integrations._requests import Hook
from hiveloop.integrations._watch import Watch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hiveloop._agent import Agent
    from hiveloop._client import HiveBoard
    from hiveloop.integrations._calls import Call
    from hiveloop.integrations._requests import Reader

_PATHS = {
    "/chat/completions": "chat",
    "/responses": "responses",
    "/completions": "completion",
    "/embeddings": "embeddings",
}
_ENDED = ("response.completed", "response.incomplete", "response.failed")

_hook: Hook | None = None


class _Answer:
    """What is known of an answer so far."""

    def __init__(self) -> None:
        self.usage: Any = None
        self.model: Any = None
        self.id: Any = None
        self.texts: list[str] = []
        self.length = 0
        self.error: str | None = None

    def _add(self, text: Any) -> None:
        if isinstance(text, str) and text and self.length < 600:
            self.texts.append(text)
            self.length += len(text)

    def item(self, item: Any) -> None:
        """Note a chunk of a chat, or an event of a response."""
        kind = getattr(item, "type", None)
        if kind is None:
            self._note(item)
            for choice in field(item, "choices") or ():
                self._add(field(field(choice, "delta"), "content") or field(choice, "text"))
        elif kind == "response.output_text.delta":
            self._add(field(item, "delta"))
        elif kind in _ENDED or kind == "response.created":
            self._note(item.response)

    def _note(self, answer: Any) -> None:
        self.id = field(answer, "id") or self.id
        self.model = field(answer, "model") or self.model
        self.usage = field(answer, "usage") or self.usage
        error = field(answer, "error")
        self.error = str(field(error, "message", error))[:500] if error is not None else self.error

    def whole(self, answer: Any) -> None:
        """Note a completion, a response, or embeddings."""
        self._note(answer)
        choices = field(answer, "choices")
        for choice in choices or ():
            message = field(choice, "message")
            self._add(field(message, "content") or field(choice, "text"))
            self._tools(field(field(call, "function"), "name") for call in field(message, "tool_calls") or ())
        for output in () if choices is not None else field(answer, "output") or ():
            self._add(preview(field(output, "content")))
            self._tools([field(output, "name")] if field(output, "type") == "function_call" else ())

    def _tools(self, names: Any) -> None:
        for name in names:
            self._add(f"→ {name} ")

    def end(self, call: Call, error: BaseException | None) -> None:
        """Tell of the call."""
        usage = _usage.of_openai(self.usage)
        if usage is not None and call.metadata.get("stream"):
            usage = usage.known_of_stream()
        if self.error and error is None:
            call.metadata["error"] = self.error
        text = preview("".join(self.texts).strip())
        call.end(usage, model=self.model, response=text, response_id=self.id, error=error)


def _begin(watch: Watch, url: str, body: Any) -> tuple[Call, Reader] | None:
    path = url.split("?")[0].rstrip("/")
    # The longest that fits: chats are completions, too.
    name = next((name for end, name in _PATHS.items() if path.endswith(end)), None)
    if name is None:
        return None
    asked = body.get("messages") or body.get("input") or body.get("prompt")
    return watch.call(name, body.get("model"), last_message(asked)), _Answer()


def install(hb: HiveBoard | None = None, project: str | None = None, agent: Agent | str | None = None) -> Hook:
    """Tell of every call that any client of OpenAI's makes in this process.

    A call belongs to the task that the running code is inside of; outside of tasks to the agent.

    Args:
        hb: The connection; by default the one that `hiveloop.init` has made.
        project: Not used by calls, which belong to the task's; here for sameness.
        agent: The agent of calls outside of tasks, or its name; by default the program's.

    Returns:
        The hook.
    """
    global _hook
    try:
        from openai import AsyncOpenAI, OpenAI
    except ImportError as error:
        raise HiveLoopIntegrationError("openai is not installed: pip install 'openai>=1.40'") from error
    watch = Watch("openai", hb, project, agent)
    uninstall()
    _hook = Hook("openai", watch, _begin)
    _hook.put(OpenAI, AsyncOpenAI)
    return _hook


def uninstall() -> None:
    """Put the clients back as they were."""
    global _hook
    if _hook is not None:
        _hook.take_away()
        _hook = None
