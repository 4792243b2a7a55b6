"""What the clients of OpenAI and Anthropic share: both are made by one generator, and send all through `request`.

One hook there sees `create`, `parse`, `stream`, raw responses and the beta forms alike, synchronous or not, on clients
that were made before it was set as well.
"""

from __future__ import annotations

import functools
import importlib
import inspect

from hiveloop._errors import HiveLoopIntegrationError
from hiveloop.integrations._calls import is_inside_call
from hiveloop.integrations._faults import note, quiet
from hiveloop.integrations._names import preview
from hiveloop.integrations._streams import Passing, observe
from hiveloop.integrations._watch import Watch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hiveloop._agent import Agent
    from hiveloop._client import HiveBoard
    from hiveloop.integrations._calls import Call
    from hiveloop.integrations._usage import Usage

    Begin = Callable[[Watch, str, Any], tuple[Call, "Answer"] | None]

_PREVIEWED = 600


class Answer:
    """What is known of an answer so far. A provider's own reads its words."""

    def __init__(self) -> None:
        self.model: Any = None
        self.id: Any = None
        self.error: str | None = None
        self._texts: list[str] = []
        self._length = 0

    def item(self, item: Any) -> None:
        """Note a piece of a stream."""
        raise NotImplementedError

    def whole(self, answer: Any) -> None:
        """Note an answer that came at once."""
        raise NotImplementedError

    def counted(self, streamed: bool) -> Usage | None:
        """Give the tokens that were told; of a stream, only what somebody has counted."""
        raise NotImplementedError

    def add(self, text: Any) -> None:
        """Note a part of the answer's text; of a long one the beginning is enough."""
        if isinstance(text, str) and text and self._length < _PREVIEWED:
            self._texts.append(text)
            self._length += len(text)

    def calls_tool(self, name: Any) -> None:
        """Note that the answer asks for a tool."""
        self.add(f"→ {name} ")

    def end(self, call: Call, error: BaseException | None) -> None:
        """Tell of the call by what was noted."""
        if self.error and error is None:
            call.metadata["error"] = self.error
        usage = self.counted(bool(call.metadata.get("stream")))
        text = preview("".join(self._texts).strip())
        call.end(usage, model=self.model, response=text, response_id=self.id, error=error)


class Clients:
    """The clients of one package, whose calls are told of while it is installed.

    Args:
        package: Its name.
        least: The oldest version that sends its requests by one method.
        names: The classes of its clients.
        begin: Makes a call and what reads its answer, of a request's path and body; None for what calls no model.
    """

    def __init__(self, package: str, least: str, names: tuple[str, ...], begin: Begin) -> None:
        self._package = package
        self._least = least
        self._names = names
        self._begin = begin
        self._hook: Hook | None = None

    def install(
        self, hb: HiveBoard | None = None, project: str | None = None, agent: Agent | str | None = None
    ) -> Hook:
        """Tell of every call that any of the package's clients makes in this process.

        A call belongs to the task that the running code is inside of; outside of tasks to the agent.

        Args:
            hb: The connection; by default the one that `hiveloop.init` has made.
            project: Not used by calls, which belong to the task's; here for sameness.
            agent: The agent of calls outside of tasks, or its name; by default the program's.

        Returns:
            The hook.
        """
        try:
            module = importlib.import_module(self._package)
            clients = [getattr(module, name) for name in self._names]
        except (ImportError, AttributeError) as error:
            missing = f"{self._package} is not installed: pip install '{self._package}>={self._least}'"
            raise HiveLoopIntegrationError(missing) from error
        watch = Watch(self._package, hb, project, agent)
        self.uninstall()
        self._hook = Hook(self._package, watch, self._begin)
        self._hook.put(*clients)
        return self._hook

    def uninstall(self) -> None:
        """Put the clients back as they were."""
        if self._hook is not None:
            self._hook.take_away()
            self._hook = None


class Hook:
    """The hook on one package's clients.

    Args:
        package: Its name.
        watch: Where the calls go.
        begin: Makes a call and a reader of its answer of a request's path and body; None for what calls no model.
    """

    def __init__(self, package: str, watch: Watch, begin: Begin) -> None:
        self.watch = watch
        self._package = package
        self._begin = quiet(f"{package}.begin")(begin)
        self._undo: list[tuple[Any, Any]] = []

    def put(self, *clients: Any) -> None:
        """Set the hook.

        Args:
            *clients: The classes of the clients.
        """
        for client in clients:
            owner: Any = next((base for base in client.__mro__ if "request" in vars(base)), None)
            original = vars(owner).get("request") if owner is not None else None
            if original is None or "options" not in inspect.signature(original).parameters:
                self.take_away()
                raise HiveLoopIntegrationError(
                    f"this version of {self._package} sends its requests another way: update hiveloop, or use "
                    "OpenTelemetry"
                )
            wrap = self._asynchronous if inspect.iscoroutinefunction(original) else self._synchronous
            owner.request = wrap(original)
            self._undo.append((owner, original))

    def take_away(self) -> None:
        """Put back what was there before."""
        for owner, original in self._undo:
            if getattr(owner.request, "__wrapped__", None) is original:
                owner.request = original
        self._undo.clear()
        # Somebody else has wrapped the hook since: it stays, and does nothing.
        self._begin = lambda *_: None

    def _start(self, args: Any, kwargs: Any) -> tuple[Call, Answer] | None:
        options = args[1] if len(args) > 1 else kwargs.get("options")
        url = getattr(options, "url", None)
        if not isinstance(url, str) or is_inside_call():
            return None
        begun = self._begin(self.watch, url, getattr(options, "json_data", None) or {})
        if begun is not None:
            begun[0].hide_inner()
        return begun

    def _synchronous(self, original: Any) -> Any:
        @functools.wraps(original)
        def request(client: Any, *args: Any, **kwargs: Any) -> Any:
            begun = self._start(args, kwargs)
            if begun is None:
                return original(client, *args, **kwargs)
            call, reader = begun
            try:
                answer = original(client, *args, **kwargs)
            except BaseException as error:
                _end(call, reader, error)
                raise
            _answered(call, reader, answer)
            return answer

        return request

    def _asynchronous(self, original: Any) -> Any:
        @functools.wraps(original)
        async def request(client: Any, *args: Any, **kwargs: Any) -> Any:
            begun = self._start(args, kwargs)
            if begun is None:
                return await original(client, *args, **kwargs)
            call, reader = begun
            try:
                answer = await original(client, *args, **kwargs)
            except BaseException as error:
                _end(call, reader, error)
                raise
            _answered(call, reader, answer)
            return answer

        return request


@quiet("request.end")
def _end(call: Call, reader: Answer, error: BaseException | None) -> None:
    call.unhide()
    reader.end(call, error)


@quiet("request.answered")
def _answered(call: Call, reader: Answer, answer: Any) -> None:
    call.unhide()
    form = _form_of(type(answer))  # type: ignore[arg-type]
    if form == "raw":
        _raw(call, reader, answer)
    elif form == "stream":
        call.metadata["stream"] = True
        observe(answer, Passing(reader.item, lambda error: _ended(call, reader, error)))
    else:
        reader.whole(answer)
        reader.end(call, None)


@functools.lru_cache(1000)
def _form_of(kind: Any) -> str:
    """Tell an answer that came at once from a stream, and from a response that is still to be parsed."""
    if hasattr(kind, "__pydantic_fields__"):
        return "whole"
    if hasattr(kind, "parse"):
        return "raw"
    return "stream" if hasattr(kind, "__next__") or hasattr(kind, "__anext__") else "whole"


def _ended(call: Call, reader: Answer, error: BaseException | None) -> None:
    if isinstance(error, GeneratorExit):
        call.metadata["stream"] = "abandoned"
        error = None
    reader.end(call, error)


def _raw(call: Call, reader: Answer, answer: Any) -> None:
    """Wait until a raw response is parsed: only then is there something to read."""
    parse = answer.parse

    def told(parsed: Any) -> Any:
        if not call.done:
            try:
                _answered(call, reader, parsed)
            except Exception as error:
                note("request.raw", error)
        return parsed

    if inspect.iscoroutinefunction(parse):

        @functools.wraps(parse)
        async def parse_told(*args: Any, **kwargs: Any) -> Any:
            return told(await parse(*args, **kwargs))

        answer.parse = parse_told
    else:
        answer.parse = functools.wraps(parse)(lambda *args, **kwargs: told(parse(*args, **kwargs)))
