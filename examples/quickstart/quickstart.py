"""The quick start: three lines to the first heartbeat, five more to a task with its cost.

Run it with a key of your board:

    HIVELOOP_API_KEY=hb_live_… python examples/quickstart/quickstart.py
"""

import os

import hiveloop


def do_work() -> str:
    """Stands for whatever your agent does."""
    return "done"


hb = hiveloop.init(
    api_key=os.environ["HIVELOOP_API_KEY"],
    endpoint=os.environ.get("HIVELOOP_ENDPOINT", "http://localhost:8000"),
)
agent = hb.agent("my-agent", type="general")

with agent.task("task-123", project="my-project", type="processing") as task:
    result = do_work()
    task.llm_call("reasoning", model="claude-sonnet-4-20250514", tokens_in=1500, tokens_out=200, cost=0.003)

hiveloop.shutdown(timeout=10)
print("sent: look for my-agent on the board")
