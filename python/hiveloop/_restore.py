"""Copies: what a pickle of this package's objects becomes where it is read.

A copy within the process is the object itself. Elsewhere (a process that was spawned, a worker of joblib, Ray or Dask)
it is the agent of the same id if the program has called `hiveloop.init` there, and else one that does nothing.
"""

from __future__ import annotations

from hiveloop import _client

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hiveloop import _native
    from hiveloop._agent import Agent

_INERT_KEY = "hb_test_inert"


_inert: _client.HiveBoard | None = None


def client() -> _client.HiveBoard:
    """Give this process's connection, or one that does nothing."""
    found = _client._instance
    return inert() if found is None or found._native.closed else found


def inert() -> _client.HiveBoard:
    """Give a connection that does nothing."""
    global _inert
    if _inert is None:
        _inert = _client.HiveBoard(_INERT_KEY, "http://localhost", _disabled=True)
    return _inert


def agent(agent_id: str, settings: dict[str, Any]) -> Agent:
    """Give the agent of an id.

    Args:
        agent_id: The agent's name.
        settings: What it was registered as, for a process that does not have it yet.
    """
    connection = client()
    return connection.get_agent(agent_id) or connection.agent(agent_id, **settings)


def task(owner: Agent, task_id: str, fields: tuple[str | None, ...]) -> _native.Task:
    """Give a handle to a run that was begun elsewhere.

    Args:
        owner: The agent that performs it.
        task_id: The task's id.
        fields: Project, type, run and correlation ids.
    """
    return owner._task_begun_elsewhere(task_id, *fields)


def action_context(owner: Agent, name: str) -> _native.ActionContext:
    """Give a context manager that tracks an action."""
    return owner.track_context(name)


def action(owner: Agent) -> _native.Action:
    """Give an action to talk to; the one that was pickled ends where it runs."""
    return inert().agent(owner.agent_id, heartbeat_interval=0)._silent_action()
