"""ETL: methodical, keeps a real (in-memory) database, revises its plan when the data surprise it."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from ..inbox import Job
from ..models import GPT_4O_MINI
from ..worker import Worker, tracked

STEPS = ["Extract from source", "Validate rows", "Transform", "Load into warehouse"]
REVISED_STEPS = ["Extract from source", "Validate rows", "Quarantine bad rows", "Transform", "Load into warehouse"]


class DataPipeline(Worker):
    agent_id = "data-pipeline"
    agent_type = "etl"
    version = "5.0.3"
    project = "warehouse"
    task_type = "batch_load"
    arrival_gap_seconds = 22.0
    first_jobs_waiting = 3
    entrance_seconds = 0.5
    opening_moods = ("bad_rows", "duplicate_key", "smooth")
    moods = {"smooth": 5, "bad_rows": 3, "duplicate_key": 1, "slow_source": 2}

    def invent(self, number: int, mood: str, dice: Any) -> Job:
        table = dice.choice(("orders", "shipments", "page_views", "invoices"))
        return Job(
            task_id=f"batch-{table}-{number}",
            summary=f"Load {table} batch {number}",
            mood=mood,
            source="scheduler",
            detail={"table": table, "rows": dice.randint(2_000, 90_000)},
        )

    def settle_in(self) -> None:
        self.agent.scheduled(
            items=[
                {
                    "id": "sched-orders",
                    "name": "Orders batch",
                    "next_run": self.later(minutes=15),
                    "interval": "15m",
                    "enabled": True,
                    "last_status": "success",
                },
                {
                    "id": "sched-compact",
                    "name": "Warehouse compaction",
                    "next_run": self.later(minutes=-4),
                    "interval": "1h",
                    "enabled": True,
                    "last_status": "failed",
                },
                {
                    "id": "sched-archive",
                    "name": "Archive last quarter",
                    "next_run": self.later(minutes=600),
                    "interval": "daily",
                    "enabled": False,
                    "last_status": None,
                },
            ]
        )

    def perform(self, job: Job, task: Any) -> None:
        task.plan(f"Load {job.detail['table']} ({job.detail['rows']} rows)", STEPS)
        with self.step(task, 0, "Reading source", f"{job.detail['rows']} rows read"):
            self.extract(job, task)
        with self.step(task, 1, "Checking rows", "Rows checked"):
            bad_rows = self.validate_rows(job, task)
        next_step = 2
        if bad_rows:
            task.plan(f"Load {job.detail['table']} without {bad_rows} bad rows", REVISED_STEPS, revision=1)
            for index in (0, 1):
                task.plan_step(index, "completed", "Done before the plan changed")
            with self.step(task, 2, "Moving bad rows aside", f"{bad_rows} rows quarantined"):
                self.quarantine(bad_rows)
            next_step = 3
        with self.step(task, next_step, "Transforming", "Transformed"):
            self.transform(job)
        with self.step(task, next_step + 1, "Loading", "Loaded"):
            self.load(job)
        task.set_payload({"rows_loaded": job.detail["rows"] - bad_rows, "rows_quarantined": bad_rows})

    @tracked("extract")
    def extract(self, job: Job, task: Any) -> None:
        for part in range(3):
            with self.agent.track_context(f"read_part_{part}") as action:
                self.work(6.0 if job.mood == "slow_source" and part == 1 else 0.8)
                action.set_payload({"rows": job.detail["rows"] // 3})
        if job.mood == "slow_source":
            task.event(
                "slow_source",
                {
                    "kind": "observation",
                    "summary": "Source answered 5x slower than usual",
                    "data": {"part": 1},
                    "tags": ["performance"],
                },
            )

    @tracked("validate_rows")
    def validate_rows(self, job: Job, task: Any) -> int:
        self.work(1.0)
        if job.mood != "bad_rows":
            return 0
        try:
            self.parse_row('{"id": 17, "total": 19.90, "currency": }')
        except json.JSONDecodeError as error:
            prompt = f"A row of {job.detail['table']} cannot be parsed: {error}. Repair, quarantine or stop?"
            self.think(
                task,
                "repair_or_quarantine",
                GPT_4O_MINI,
                prompt,
                "Quarantine: the currency cannot be guessed.",
                cost_known=False,
            )
        return self.dice.randint(3, 40)

    @tracked("parse_row")
    def parse_row(self, line: str) -> Any:
        return json.loads(line)

    @tracked("quarantine")
    def quarantine(self, bad_rows: int) -> None:
        self.work(0.7)

    @tracked("transform")
    def transform(self, job: Job) -> None:
        self.work(job.detail["rows"] / 30_000 + 0.8)

    @tracked("load")
    def load(self, job: Job) -> None:
        self.work(1.0)
        with sqlite3.connect(":memory:") as warehouse:
            warehouse.execute("CREATE TABLE batch (id INTEGER PRIMARY KEY)")
            keys = [1, 2, 2] if job.mood == "duplicate_key" else [1, 2, 3]
            warehouse.executemany("INSERT INTO batch VALUES (?)", [(key,) for key in keys])

    def between_jobs(self, job: Job) -> None:
        if job.mood == "duplicate_key":
            self.agent.report_issue(
                summary=f"Duplicate keys in {job.detail['table']}",
                severity="medium",
                issue_id=f"duplicate-keys-{job.detail['table']}",
                category="data_quality",
                context={"table": job.detail["table"], "batch": job.task_id},
            )
