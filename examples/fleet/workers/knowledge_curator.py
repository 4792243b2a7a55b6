"""Knowledge: tidy and unhurried; lives from a list of things to do and slowly reports less about itself."""

from __future__ import annotations

from typing import Any

from ..inbox import Job
from ..models import HAIKU
from ..worker import Worker, tracked

ARTICLES = ("Refund policy", "Two-factor sign-in", "Export formats", "Rate limits", "Single sign-on", "Invoices")


class KnowledgeCurator(Worker):
    agent_id = "knowledge-curator"
    agent_type = "support"
    version = "1.3.2"
    project = "customer-support"
    task_type = "article_review"
    arrival_gap_seconds = 20.0
    entrance_seconds = 1.5
    opening_moods = ("smooth", "outdated")
    moods = {"smooth": 3, "outdated": 2}

    def invent(self, number: int, mood: str, dice: Any) -> Job:
        article = dice.choice(ARTICLES)
        return Job(
            task_id=f"review-{number}",
            summary=f"Review “{article}”",
            mood=mood,
            source="calendar",
            detail={"article": article},
        )

    def settle_in(self) -> None:
        for index, article in enumerate(ARTICLES[:4]):
            self.agent.todo(
                f"todo-review-{index}",
                "created",
                f"Review “{article}”",
                priority=("low", "normal", "high", "normal")[index],
                source="calendar",
                due_by=self.later(minutes=90 * index - 30),
            )
        self.agent.todo("todo-review-0", "completed", f"Reviewed “{ARTICLES[0]}”")
        self.agent.todo("todo-review-1", "deferred", f"“{ARTICLES[1]}” waits for the new screens")
        self.agent.todo("todo-review-2", "dismissed", f"“{ARTICLES[2]}” is going away")

    def perform(self, job: Job, task: Any) -> None:
        self.compare_with_tickets(job, task)
        if job.mood == "outdated":
            self.agent.todo(
                f"todo-{job.task_id}",
                "created",
                f"Rewrite “{job.detail['article']}”",
                priority="normal",
                source="agent_decision",
            )
            self.rewrite(job, task)
            self.agent.todo(f"todo-{job.task_id}", "completed", f"Rewrote “{job.detail['article']}”")

    @tracked("compare_with_tickets")
    def compare_with_tickets(self, job: Job, task: Any) -> None:
        self.think(
            task,
            "compare",
            HAIKU,
            f"Do last week's tickets contradict “{job.detail['article']}”?",
            "Yes, twice." if job.mood == "outdated" else "No.",
        )

    @tracked("rewrite")
    def rewrite(self, job: Job, task: Any) -> None:
        self.think(
            task,
            "rewrite",
            HAIKU,
            f"Rewrite “{job.detail['article']}” so that these two tickets would not have been needed.",
            "Open Settings, then Billing. …",
            tokens_out=400,
        )

    def heartbeat(self) -> dict[str, Any]:
        payload = super().heartbeat()
        # The payload shrinks as the day goes on: a drift the board can point at.
        if self.finished_count < 3:
            payload["data"] |= {"articles_known": 212, "index_age_seconds": 40, "tickets_read": 31}
        return payload

    def between_jobs(self, job: Job) -> None:
        self.agent.queue_snapshot(**self.inbox.snapshot(self.stage.now_seconds(), self.stage.speed))
