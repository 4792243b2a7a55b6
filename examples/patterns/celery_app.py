"""An agent that performs Celery tasks, in worker processes that are forked.

    HIVELOOP_API_KEY=hb_live_… HIVELOOP_ENDPOINT=http://localhost:8000 celery --app celery_app worker --concurrency 2
    python send_leads.py 40

The broker here is a folder, so that there is nothing to install; any other works the same.
"""

import os
from pathlib import Path

import hiveloop
from celery import Celery, Task
from celery.signals import worker_process_init

folder = Path(os.environ.get("BROKER_FOLDER", "celery-broker"))
for name in ("queue", "control"):
    (folder / name).mkdir(parents=True, exist_ok=True)

app = Celery("patterns", broker="filesystem://")
app.conf.broker_transport_options = {
    "data_folder_in": str(folder / "queue"),
    "data_folder_out": str(folder / "queue"),
    "control_folder": str(folder / "control"),
}

hb = hiveloop.init()
agent = hb.agent("celery-worker", type="worker", heartbeat_interval=1)


@worker_process_init.connect
def start_heartbeats(**_: object) -> None:
    """Registers the agent in each worker process, too: heartbeats stay with the parent unless a child asks."""
    hb.agent(agent.agent_id)


@agent.track("enrich")
def enrich(lead: str) -> str:
    """Stands for a call of a model."""
    task = hiveloop.current_task()
    if task:
        task.llm_call("enrich", "claude-haiku-4-5-20251001", tokens_in=300, tokens_out=40, cost=0.0001)
    return lead.upper()


@app.task(bind=True)
def process_lead(self: Task, lead: str) -> str:
    """One Celery task is one task of the agent; its chain's id ties it to what other agents do for the same request."""
    with agent.task(f"lead-{lead}", project="sales", type="lead_processing", correlation_id=self.request.root_id):
        return enrich(lead)
