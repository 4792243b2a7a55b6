"""`hiveloop.Agent`: the native agent, and what is better said in Python."""

from __future__ import annotations

from hiveloop import _native
from hiveloop._track import track

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ParamSpec, TypeVar, overload

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
    def track(self, action_name=None):  # type: ignore[no-untyped-def]  # noqa: F811
        """Track every call of a function as an action of the current task of this agent.

        Works on functions, methods, class methods, static methods, coroutines, generators and asynchronous
        generators; the action of a generator spans its iteration. Exceptions are recorded and go on.

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
        if callable(action_name):
            return track(self, None, action_name)
        return lambda function: track(self, action_name, function)
