"""LiteLLM: each call of a model with its tokens and cost, whichever provider it goes to.

>>> from hiveloop.integrations import litellm  # doctest: +SKIP
>>> litellm.install(hb)  # doctest: +SKIP
"""

from __future__ import annotations

from hiveloop._errors import HiveLoopIntegrationError
from hiveloop.integrations import _usage
from hiveloop.integrations._faults import quiet
from hiveloop.integrations._names import field, last_message, preview
from hiveloop.integrations._watch import Watch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hiveloop._agent import Agent
    from hiveloop._client import HiveBoard
    from hiveloop.integrations._calls import Call

_HOOKS = ("log_pre_api_call", "log_success_event", "async_log_success_event", "log_failure_event")
_MOST_CALLS = 1_000

_logger: Any = None


class _Calls:
    """The calls that run, by LiteLLM's own id: ends are told on other threads, out of the caller's context."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self._open: dict[Any, Call] = {}

    @quiet("litellm.begin")
    def begin(self, model: Any, messages: Any, kwargs: Any) -> None:
        """Note where a call is made."""
        key = kwargs.get("litellm_call_id")
        if key is None or key in self._open:
            return
        self._open[key] = self.watch.call("completion", model, last_message(messages))
        if len(self._open) > _MOST_CALLS:
            del self._open[next(iter(self._open))]

    @quiet("litellm.end")
    def end(self, kwargs: Any, answer: Any) -> None:
        """Tell of a call that was answered."""
        is_streamed = bool(kwargs.get("stream"))
        whole = kwargs.get("complete_streaming_response") or kwargs.get("async_complete_streaming_response")
        if is_streamed and whole is None:
            return
        call = self._open.pop(kwargs.get("litellm_call_id"), None)
        if call is None:
            return
        answer = whole or answer
        usage = _usage.of_openai(field(answer, "usage"))
        if is_streamed:
            call.metadata["stream"] = True
            usage = usage.known_of_stream() if usage is not None else None
        # A price of 0 is what it says of models that it has no price for.
        cost = kwargs.get("response_cost") or None
        provider = kwargs.get("custom_llm_provider")
        if provider:
            call.metadata["provider"] = provider
        call.end(
            usage,
            model=field(answer, "model"),
            response=_said(answer),
            response_id=field(answer, "id"),
            cost=cost if usage is not None else None,
        )

    @quiet("litellm.fail")
    def fail(self, kwargs: Any) -> None:
        """Tell of a call that failed."""
        call = self._open.pop(kwargs.get("litellm_call_id"), None)
        if call is not None:
            call.end(error=kwargs.get("exception") or Exception("the call failed"))


def _said(answer: Any) -> str | None:
    for choice in field(answer, "choices") or ():
        message = field(choice, "message")
        names = [str(field(field(call, "function"), "name")) for call in field(message, "tool_calls") or ()]
        return preview(field(message, "content")) or (f"→ {', '.join(names)}" if names else None)
    return None


def install(hb: HiveBoard | None = None, project: str | None = None, agent: Agent | str | None = None) -> Any:
    """Tell of every call that LiteLLM makes in this process.

    Args:
        hb: The connection; by default the one that `hiveloop.init` has made.
        project: Not used by calls, which belong to the task's; here for sameness.
        agent: The agent of calls outside of tasks, or its name; by default the program's.

    Returns:
        The logger that LiteLLM calls.
    """
    global _logger
    try:
        import litellm
        from litellm.integrations.custom_logger import CustomLogger
    except ImportError as error:
        raise HiveLoopIntegrationError("LiteLLM is not installed: pip install 'litellm>=1.40'") from error
    missing = [name for name in _HOOKS if not hasattr(CustomLogger, name)]
    if missing or not isinstance(litellm.callbacks, list):
        raise HiveLoopIntegrationError("this version of LiteLLM has other callbacks: update hiveloop")
    uninstall()
    calls = _Calls(Watch("litellm", hb, project, agent))

    class HiveLogger(CustomLogger):  # type: ignore[misc]
        """Passes on what LiteLLM tells."""

        def log_pre_api_call(self, model: Any, messages: Any, kwargs: Any) -> None:
            """Begin."""
            calls.begin(model, messages, kwargs)

        def log_success_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
            """End well."""
            calls.end(kwargs, response_obj)

        async def async_log_success_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
            """End well."""
            calls.end(kwargs, response_obj)

        def log_failure_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
            """End badly."""
            calls.fail(kwargs)

        async def async_log_failure_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
            """End badly."""
            calls.fail(kwargs)

    _logger = HiveLogger()
    litellm.callbacks.append(_logger)
    return _logger


def uninstall() -> None:
    """Tell of no further calls."""
    global _logger
    logger, _logger = _logger, None
    if logger is None:
        return
    import litellm

    # It copies its callbacks into lists of its own when it is called.
    for name in ("callbacks", "input_callback", "success_callback", "failure_callback"):
        for prefix in ("", "_async_"):
            callbacks = getattr(litellm, f"{prefix}{name}", None)
            if isinstance(callbacks, list):
                callbacks[:] = [one for one in callbacks if one is not logger]
