"""gunicorn's settings for `flask_app`."""

from typing import Any

workers = 2


def post_worker_init(_worker: Any) -> None:
    """Starts heartbeats in a worker.

    Of use with `--preload`: the agent was registered before the fork, and heartbeats stay with the parent unless a
    child asks for the agent, too. Without `--preload` it changes nothing.
    """
    import flask_app

    flask_app.hb.agent(flask_app.agent.agent_id)
