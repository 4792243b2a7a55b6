"""Risk: nervous and fast, hundreds of small checks a day on the cheapest model."""

from __future__ import annotations

from typing import Any

from ..inbox import Job
from ..models import HAIKU
from ..worker import Worker, tracked


class FraudWatch(Worker):
    agent_id = "fraud-watch"
    agent_type = "risk"
    version = "4.4.0"
    project = "payments"
    task_type = "payment_check"
    heartbeat_seconds = 5
    arrival_gap_seconds = 3.0
    rest_seconds = (0.2, 1.2)
    opening_moods = ("smooth", "smooth", "smooth", "alarm", "smooth", "all_clear")
    moods = {"smooth": 16, "alarm": 1, "all_clear": 1}

    def invent(self, number: int, mood: str, dice: Any) -> Job:
        return Job(
            task_id=f"payment-{number}",
            summary=f"Check payment {number}",
            mood=mood,
            source="payment-gateway",
            detail={"amount": dice.randint(5, 2500)},
        )

    def perform(self, job: Job, task: Any) -> None:
        with self.agent.track_context("check_rules") as action:
            self.work(0.2)
            action.set_payload({"rules_checked": 31})
        self.judge(job, task)
        if job.mood == "alarm":
            task.escalate(f"{job.task_id} looks like a stolen card", assigned_to="risk-officer")

    @tracked("judge")
    def judge(self, job: Job, task: Any) -> None:
        risk = 0.97 if job.mood == "alarm" else round(self.dice.uniform(0.01, 0.2), 2)
        self.think(
            task,
            "judge_payment",
            HAIKU,
            f"Payment of ${job.detail['amount']}, card from another country, third try. Risk from 0 to 1?",
            f'{{"risk": {risk}}}',
            tokens_out=14,
        )

    def between_jobs(self, job: Job) -> None:
        if job.mood == "alarm":
            self.agent.report_issue(
                summary="Cluster of stolen cards from one range",
                severity="critical",
                issue_id="stolen-cards",
                category="fraud",
                context={"first_payment": job.task_id},
            )
        elif job.mood == "all_clear":
            self.agent.resolve_issue("Card range blocked by the bank", issue_id="stolen-cards")
