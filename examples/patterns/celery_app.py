"""Tasks of Celery's prefork pool: `celery -A celery_app worker --pool prefork`."""

import os

import hiveloop
from celery import Celery

folder = os.environ.get("CELERY_FOLDER", "/tmp/hiveloop-celery")
app = Celery("patterns", broker="filesystem://")
app.conf.broker_transport_options = {
    "data_folder_in": f"{folder}/queue",
    "data_folder_out": f"{folder}/queue",
    "control_folder": f"{folder}/control",
}
hb = hiveloop.init()  # in the parent; the pool's processes are forked from it


@app.task(name="patterns.work", bind=True)
def work(self, number: int) -> int:
    agent = hb.agent("celery-worker", type="worker")
    with agent.task(f"celery-{number}", project="patterns", type="celery", correlation_id=self.request.id):
        return number * number
