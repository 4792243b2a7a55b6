"""Sync: does its duty every few seconds and swallows the refusal it gets each time; only the board notices."""

from __future__ import annotations

from typing import Any

from ..inbox import Job
from ..worker import Worker, tracked


class CrmSync(Worker):
    agent_id = "crm-sync"
    agent_type = "sync"
    version = "1.0.9"
    project = "sales-pipeline"
    task_type = "sync"
    arrival_gap_seconds = 14.0
    first_jobs_waiting = 1
    entrance_seconds = 2.5
    opening_moods = ("smooth", "refused", "refused", "refused")
    moods = {"refused": 3, "smooth": 1}

    def invent(self, number: int, mood: str, dice: Any) -> Job:
        return Job(
            task_id=f"crm-sync-{number}",
            summary="Push contacts to the CRM",
            mood=mood,
            source="scheduler",
            detail={"contacts": dice.randint(5, 80)},
        )

    def settle_in(self) -> None:
        self.agent.scheduled(
            items=[
                {
                    "id": "sched-sync",
                    "name": "CRM pipeline sync",
                    "next_run": self.later(minutes=60),
                    "interval": "1h",
                    "enabled": True,
                    "last_status": "success",
                },
                {
                    "id": "sched-cleanup",
                    "name": "Stale data cleanup",
                    "next_run": self.later(minutes=900),
                    "interval": "daily",
                    "enabled": True,
                    "last_status": None,
                },
            ]
        )

    def perform(self, job: Job, task: Any) -> None:
        self.collect_contacts()
        try:
            self.push_contacts(job)
        except PermissionError:
            # Swallowed on purpose: the task "succeeds" though nothing was pushed.
            task.set_payload({"contacts_pushed": 0})
        else:
            task.set_payload({"contacts_pushed": job.detail["contacts"]})

    @tracked("collect_contacts")
    def collect_contacts(self) -> None:
        self.work(0.8)

    @tracked("push_contacts")
    def push_contacts(self, job: Job) -> None:
        self.work(1.1)
        if job.mood == "refused":
            raise PermissionError("401 Unauthorized: the CRM token has expired")

    def between_jobs(self, job: Job) -> None:
        if job.mood == "refused":
            self.agent.report_issue(
                summary="CRM refuses our token (401)",
                severity="medium",
                category="credentials",
                context={"status": 401, "api": "crm"},
            )
