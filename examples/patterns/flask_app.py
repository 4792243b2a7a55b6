"""An agent behind an HTTP API, in worker processes that are forked.

    HIVELOOP_API_KEY=hb_live_… HIVELOOP_ENDPOINT=http://localhost:8000 gunicorn --config gunicorn_conf.py flask_app:app

With `--preload` this module is imported once, before the forks. The agent can be used in the workers as it is.
"""

import flask
import hiveloop

hb = hiveloop.init()
agent = hb.agent("api-agent", type="api", heartbeat_interval=1)
app = flask.Flask(__name__)


@agent.track("answer")
def answer(text: str) -> str:
    """Stands for a call of a model."""
    task = hiveloop.current_task()
    if task:
        task.llm_call("answer", "claude-sonnet-4-20250514", tokens_in=len(text), tokens_out=5, cost=0.002)
    return text.upper()


@app.post("/process")
def process() -> dict[str, str]:
    """Answers a question as a task of the agent."""
    question = flask.request.get_json()
    with agent.task(question["id"], project="api-service", type="request"):
        return {"answer": answer(question["text"])}
