"""The same under gunicorn, connected before the workers are forked: `gunicorn --preload -w 2 flask_app:app`."""

import hiveloop
from flask import Flask

hb = hiveloop.init()
agent = hb.agent("flask-agent", type="api")
app = Flask(__name__)


@agent.track("handle")
def handle(text: str) -> str:
    return text[::-1]


@app.post("/process/<request_id>")
def process_request(request_id: str) -> dict[str, str]:
    # Asked for again in the worker, the agent sends heartbeats from there too.
    worker = hb.agent("flask-agent")
    with worker.task(request_id, project="api-service", type="request"):
        return {"result": handle(request_id)}
