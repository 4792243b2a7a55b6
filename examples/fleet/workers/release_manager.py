"""Release: ships only with a signature, waits for it as long as it takes, and rolls back when the canary coughs."""

from __future__ import annotations

from typing import Any

from ..inbox import Job
from ..models import SONNET
from ..worker import Worker, tracked

STEPS = ["Build", "Canary", "Signature", "Roll out"]


class CanaryUnhealthyError(RuntimeError):
    """The canary serves more errors than the release before it."""


class ReleaseManager(Worker):
    agent_id = "release-manager"
    agent_type = "engineering"
    version = "2.2.0"
    project = "web-shop"
    task_type = "release"
    arrival_gap_seconds = 60.0
    first_jobs_waiting = 1
    most_waiting = 3
    entrance_seconds = 4.0
    opening_moods = ("smooth", "canary")
    moods = {"smooth": 3, "canary": 1}

    def invent(self, number: int, mood: str, dice: Any) -> Job:
        release = f"{number // 100}.{number % 100}.0"
        return Job(
            task_id=f"release-{release}",
            summary=f"Release {release}",
            mood=mood,
            source="main-branch",
            detail={"release": release},
        )

    def settle_in(self) -> None:
        self.agent.scheduled(
            items=[
                {
                    "id": "sched-train",
                    "name": "Release train",
                    "next_run": self.later(minutes=55),
                    "interval": "1h",
                    "enabled": True,
                    "last_status": "success",
                },
            ]
        )

    def perform(self, job: Job, task: Any) -> None:
        task.plan(f"Ship {job.detail['release']}", STEPS)
        with self.step(task, 0, "Building", "Built"):
            self.build()
        with self.step(task, 1, "Watching the canary", "Canary healthy"):
            self.watch_canary(job)
        with self.step(task, 2, "Waiting for a signature", "Signed"):
            self.write_notes(job, task)
            self.ask(task, f"Roll out {job.detail['release']} to all customers?", "release-captain", 45.0)
        with self.step(task, 3, "Rolling out", "Live"):
            self.roll_out()

    @tracked("build")
    def build(self) -> None:
        for target in ("server", "web"):
            with self.agent.track_context(f"build_{target}") as action:
                self.work(1.6)
                action.set_payload({"target": target, "warnings": 0})

    @tracked("watch_canary")
    def watch_canary(self, job: Job) -> None:
        self.work(3.0)
        if job.mood == "canary":
            raise CanaryUnhealthyError("error rate 4.1% against 0.3% before")

    @tracked("write_notes")
    def write_notes(self, job: Job, task: Any) -> None:
        self.think(
            task,
            "release_notes",
            SONNET,
            "Write release notes from these 14 commits.",
            "Faster search, calmer retries, and the tax of Iceland.",
            tokens_in=6100,
        )

    @tracked("roll_out")
    def roll_out(self) -> None:
        self.work(2.0)
