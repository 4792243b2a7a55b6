"""Content: drafts quickly, publishes only when an editor agrees, and editors take their time."""

from __future__ import annotations

from typing import Any

from ..inbox import Job
from ..models import GPT_4O, GPT_4O_MINI
from ..worker import Worker, tracked

TOPICS = (
    "Five signs your queue is lying",
    "What our March release changes",
    "A field guide to quiet failures",
    "How Delta Freight halved its night shift",
)


class ContentWriter(Worker):
    agent_id = "content-writer"
    agent_type = "marketing"
    version = "1.1.4"
    project = "newsroom"
    task_type = "article"
    arrival_gap_seconds = 35.0
    first_jobs_waiting = 1
    entrance_seconds = 2.0
    opening_moods = ("smooth", "rejected")
    moods = {"smooth": 3, "rejected": 1}

    def invent(self, number: int, mood: str, dice: Any) -> Job:
        topic = dice.choice(TOPICS)
        return Job(
            task_id=f"article-{number}",
            summary=f"Write “{topic}”",
            mood=mood,
            source="editorial-calendar",
            detail={"topic": topic},
        )

    def perform(self, job: Job, task: Any) -> None:
        welcome = job.correlation_id is not None
        task.plan(job.summary, ["Outline", "Draft", "Publish"])
        with self.step(task, 0, "Outlining", "Outline ready"):
            self.outline(job, task)
        with self.step(task, 1, "Drafting", "Draft ready"):
            self.draft(job, task)
        if welcome:
            task.plan_step(2, "skipped", "A welcome plan goes to the customer, not to the site")
            return
        published = self.ask(
            task,
            f"Publish “{job.detail['topic']}”?",
            "editor",
            20.0,
            "rejected" if job.mood == "rejected" else "approved",
        )
        if published:
            with self.step(task, 2, "Publishing", "Published"):
                self.publish()
        else:
            task.plan_step(2, "skipped", "The editor wants another angle")

    @tracked("outline")
    def outline(self, job: Job, task: Any) -> None:
        self.think(
            task,
            "outline",
            GPT_4O_MINI,
            f"Outline an article: {job.detail['topic']}",
            "1. The symptom 2. The cause 3. What to do on Monday",
            cost_known=False,
        )

    @tracked("draft")
    def draft(self, job: Job, task: Any) -> None:
        self.think(
            task,
            "draft",
            GPT_4O,
            f"Write the article from this outline: {job.detail['topic']}",
            "It was a quiet night until the queue began to grow. …",
            tokens_out=850,
        )

    @tracked("publish")
    def publish(self) -> None:
        self.work(0.9)
