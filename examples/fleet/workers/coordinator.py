"""Coordinator: does little itself, hands work to others under one correlation id, and waits for them."""

from __future__ import annotations

from typing import Any

from ..inbox import Job
from ..models import HAIKU
from ..worker import Worker, tracked
from .names import COMPANIES, slug

# step of the plan, colleague, and how that colleague's job is named
HAND_OFFS = (
    ("Research the account", "research-analyst", "research"),
    ("Qualify the buyer", "lead-qualifier", "qualify"),
    ("Write the welcome plan", "content-writer", "welcome"),
)
PATIENCE_SECONDS = 120.0


class Coordinator(Worker):
    agent_id = "coordinator"
    agent_type = "orchestrator"
    framework = "crewai"
    version = "1.2.0"
    project = "onboarding"
    task_type = "workflow"
    arrival_gap_seconds = 45.0
    first_jobs_waiting = 1
    most_waiting = 4
    entrance_seconds = 1.5
    moods = {"smooth": 1}

    def invent(self, number: int, mood: str, dice: Any) -> Job:
        company = dice.choice(COMPANIES)
        return Job(
            task_id=f"onboard-{slug(company)}-{number}",
            summary=f"Onboard {company}",
            mood=mood,
            priority="high",
            source="sales-win",
            detail={"company": company},
            correlation_id=f"onboarding-{slug(company)}-{number}-{self.stage.show_id}",
        )

    def perform(self, job: Job, task: Any) -> None:
        task.plan(job.summary, [step for step, _, _ in HAND_OFFS] + ["Close the onboarding"])
        self.decide_order(job, task)
        for index, (step, colleague_id, _) in enumerate(HAND_OFFS):
            if colleague_id not in self.colleagues:
                task.plan_step(index, "skipped", f"{colleague_id} is not on duty")
                continue
            with self.step(task, index, f"{step}: handed to {colleague_id}", f"{step}: done"):
                self.hand_over(job, task, index)
        with self.step(task, len(HAND_OFFS), "Closing", "Customer welcomed"):
            self.work(0.8)

    @tracked("decide_order")
    def decide_order(self, job: Job, task: Any) -> None:
        self.think(
            task,
            "order_of_work",
            HAIKU,
            f"{job.detail['company']} signed. In which order do we onboard them?",
            "Research, then qualify, then welcome.",
        )

    @tracked("hand_over")
    def hand_over(self, job: Job, task: Any, index: int) -> None:
        step, colleague_id, verb = HAND_OFFS[index]
        colleague = self.colleagues[colleague_id]
        handed = colleague.invent(self.dice.randint(100, 999), "smooth", self.dice)
        handed.task_id = f"{verb}-{job.task_id}"
        handed.summary = f"{step}: {job.detail['company']}"
        handed.source = self.agent_id
        handed.correlation_id = job.correlation_id
        handed.detail["company"] = job.detail["company"]
        handed.arrives_at_seconds = self.stage.now_seconds()
        task.event(
            "handoff",
            {
                "kind": "handoff",
                "summary": f"{step}: handed to {colleague_id}",
                "data": {"to_agent": colleague_id, "task_id": handed.task_id, "correlation_id": job.correlation_id},
                "tags": ["workflow"],
            },
        )
        colleague.inbox.hand_in(handed)
        self.doing = f"waiting for {colleague_id}"
        waited_seconds = 0.0
        while not handed.done.is_set() and not self.stage.closing.is_set():
            if waited_seconds > PATIENCE_SECONDS:
                raise TimeoutError(f"{colleague_id} did not finish {handed.task_id}")
            waited_seconds += 0.5
            self.stage.wait(0.5)
