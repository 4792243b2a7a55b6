"""Anthropic's client: each call of a model with its tokens, those of the cache told apart.

>>> from hiveloop.integrations import anthropic  # doctest: +SKIP
>>> anthropic.install()  # doctest: +SKIP
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

_KINDS = (
    "input_tokens",
    "output_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "output_tokens_details",
)

_hook: Hook | None = None


class _Answer:
    """What is known of an answer so far."""

    def __init__(self) -> None:
        self.usage: dict[str, Any] = {}
        self.model: Any = None
        self.id: Any = None
        self.texts: list[str] = []
        self.length = 0

    def _count(self, usage: Any) -> None:
        """Take over counts: each is a total so far, so a later one stands for an earlier one."""
        for kind in _KINDS:
            count = field(usage, kind)
            if count is not None:
                self.usage[kind] = count

    def _add(self, text: Any) -> None:
        if isinstance(text, str) and text and self.length < 600:
            self.texts.append(text)
            self.length += len(text)

    def item(self, item: Any) -> None:
        """Note an event of a stream."""
        kind = field(item, "type")
        if kind == "content_block_delta":
            self._add(field(field(item, "delta"), "text"))
        elif kind == "message_start":
            message = field(item, "message")
            self.id, self.model = field(message, "id"), field(message, "model")
            self._count(field(message, "usage"))
        elif kind == "message_delta":
            self._count(field(item, "usage"))
        elif kind == "content_block_start" and field(field(item, "content_block"), "type") == "tool_use":
            self._add(f"→ {field(field(item, 'content_block'), 'name')} ")

    def whole(self, answer: Any) -> None:
        """Note a message."""
        self.id, self.model = field(answer, "id"), field(answer, "model")
        self._count(field(answer, "usage"))
        for block in field(answer, "content") or ():
            self._add(field(block, "text") or (f"→ {field(block, 'name')} " if field(block, "name") else None))

    def end(self, call: Call, error: BaseException | None) -> None:
        """Tell of the call."""
        usage = _usage.of_anthropic(self.usage) if self.usage else None
        text = preview("".join(self.texts).strip())
        call.end(usage, model=self.model, response=text, response_id=self.id, error=error)


def _begin(watch: Watch, url: str, body: Any) -> tuple[Call, Reader] | None:
    if not url.split("?")[0].rstrip("/").endswith("/messages"):
        return None
    return watch.call("messages", body.get("model"), last_message(body.get("messages"))), _Answer()


def install(hb: HiveBoard | None = None, project: str | None = None, agent: Agent | str | None = None) -> Hook:
    """Tell of every call that any client of Anthropic's makes in this process.

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
        from anthropic import Anthropic, AsyncAnthropic
    except ImportError as error:
        raise HiveLoopIntegrationError("anthropic is not installed: pip install 'anthropic>=0.40'") from error
    watch = Watch("anthropic", hb, project, agent)
    uninstall()
    _hook = Hook("anthropic", watch, _begin)
    _hook.put(Anthropic, AsyncAnthropic)
    return _hook


def uninstall() -> None:
    """Put the clients back as they were."""
    global _hook
    if _hook is not None:
        _hook.take_away()
        _hook = None
