"""`hiveloop.Agent`: the native agent, and what is better said in Python."""

from __future__ import annotations

import functools

from hiveloop import _native
from hiveloop._log import say_ignored
from hiveloop._settings import shown
from hiveloop._track import is_descriptor, track

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, ParamSpec, TypeVar, overload

    P = ParamSpec("P")
    R = TypeVar("R")
else:

    def overload(function: object) -> object:
        """Stand in for `typing.overload`, whose module costs more to import than this package."""
        return function


class Agent(_native.Agent):
    """A named worker, made by `HiveBoard.agent`."""

    @overload
    def track(self, action_name: Callable[P, R], /) -> Callable[P, R]: ...
    @overload  # the linter knows the decorator by its module only
    def track(  # noqa: F811
        self, action_name: str | None = None
    ) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
    def track(self, action_name=None, *more, **unknown):  # type: ignore[no-untyped-def]  # noqa: F811
        """Track every call of a function as an action of the current task of this agent.

        Works on functions, methods of every kind, properties, coroutines, generators, asynchronous generators, classes
        (the making of their instances) and objects that can be called, whose attributes stay within reach. The action
        of a generator spans its iteration; that of a function which returns something to wait for lasts until that
        has ended. Exceptions are recorded and go on.

        Args:
            action_name: The action's name; by default the function's.

        Returns:
            A decorator that keeps the function's signature and documentation.

        >>> agent = hiveloop.init(api_key="hb_test_0123456789abcdef0123456789abcdef").agent("lead-qualifier")
        >>> @agent.track("score_lead")
        ... def score(lead: dict) -> int:
        ...     return len(lead)
        >>> score({"name": "Ada"})
        1
        """
        if action_name is None or issubclass(type(action_name), str):
            return functools.partial(track, self, action_name)
        if callable(action_name) or is_descriptor(action_name):
            return track(self, None, action_name)
        return functools.partial(track, self, shown(action_name))

    def close(self, *more: Any, **unknown: Any) -> None:
        """End the agent: say goodbye, so that the board does not call it stuck, and stop its heartbeats.

        No goodbye is said while one of its tasks is open. What is reported later still arrives.

        Args:
            *more: Logged and ignored.
            **unknown: Logged and ignored.

        >>> agent = hiveloop.init(api_key="hb_test_0123456789abcdef0123456789abcdef").agent("worker-7")
        >>> agent.close()
        """
        say_ignored("close", more, unknown)
        super().close()

    def __copy__(self) -> Agent:
        return self

    def __deepcopy__(self, memo: object) -> Agent:
        return self

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        from hiveloop import _restore

        settings = {
            "type": self.agent_type,
            "version": self.version,
            "framework": self.framework,
            "heartbeat_interval": self.heartbeat_interval,
            "stuck_threshold": self.stuck_threshold,
        }
        return _restore.agent, (self.agent_id, settings)

    def __reduce_ex__(self, protocol: object) -> tuple[object, tuple[object, ...]]:
        return self.__reduce__()
