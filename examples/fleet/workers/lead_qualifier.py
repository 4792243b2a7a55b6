"""Sales: eager and quick, leans on an enrichment service that is often slow."""

from __future__ import annotations

from typing import Any

from ..inbox import Job
from ..models import SONNET
from ..worker import Worker, tracked
from .names import COMPANIES, PEOPLE

SCORE_THRESHOLD = 80


class LeadQualifier(Worker):
    agent_id = "lead-qualifier"
    agent_type = "sales"
    version = "2.4.1"
    project = "sales-pipeline"
    task_type = "lead_processing"
    arrival_gap_seconds = 11.0
    first_jobs_waiting = 4
    opening_moods = ("retry", "smooth", "fails", "big_fish")
    moods = {"smooth": 6, "retry": 3, "big_fish": 2, "fails": 1}

    def invent(self, number: int, mood: str, dice: Any) -> Job:
        company, person = dice.choice(COMPANIES), dice.choice(PEOPLE)
        return Job(
            task_id=f"lead-{number}",
            summary=f"Qualify {person} of {company}",
            mood=mood,
            priority="high" if mood == "big_fish" else "normal",
            source=dice.choice(("web-form", "webinar", "referral")),
            detail={"company": company, "person": person, "seats": 900 if mood == "big_fish" else dice.randint(3, 120)},
        )

    def perform(self, job: Job, task: Any) -> None:
        task.plan(f"Process {job.task_id}", ["Score lead", "Enrich data", "Route to rep"])
        score = self.process_lead(job, task)
        task.set_payload({"score": score, "company": job.detail["company"]})

    @tracked("process_lead")
    def process_lead(self, job: Job, task: Any) -> int:
        with self.step(task, 0, "Scoring lead", "Lead scored"):
            score = self.score_lead(job, task)
        task.plan_step(1, "started", "Enriching lead data")
        try:
            self.enrich_lead(job, attempt=1)
        except TimeoutError as error:
            task.plan_step(1, "failed", f"Enrichment failed: {error}")
            self.persist(task, "Enrichment", 2, lambda attempt: self.enrich_lead(job, attempt + 1))
        task.plan_step(1, "completed", "Company data attached")
        with self.step(task, 2, "Routing to a sales rep", "Routed"):
            self.route_lead(job, score, task)
        return score

    @tracked("score_lead")
    def score_lead(self, job: Job, task: Any) -> int:
        score: int = min(99, 42 + job.detail["seats"] // 12 + self.dice.randint(0, 20))
        prompt = (
            f"You are analyzing an inbound lead. Company: {job.detail['company']}. Contact: {job.detail['person']}. "
            f"Seats requested: {job.detail['seats']}. Score from 0 to 100 how likely this lead is to buy within a quarter; "
            "answer as JSON with score and reason."
        )
        response = (
            f'{{"score": {score}, "reason": "{job.detail["seats"]} seats, matches the profile of past customers"}}'
        )
        self.think(task, "lead_scoring", SONNET, prompt, response)
        return score

    @tracked("enrich_lead")
    def enrich_lead(self, job: Job, attempt: int) -> None:
        self.work(1.2)
        if job.mood == "fails" or (job.mood == "retry" and attempt < 3):
            raise TimeoutError("api.enrichment.example did not answer within 5 s")

    @tracked("route_lead")
    def route_lead(self, job: Job, score: int, task: Any) -> None:
        self.work(0.8)
        if job.mood == "big_fish":
            task.escalate(
                f"{job.detail['company']} wants {job.detail['seats']} seats: a person should call",
                assigned_to="head-of-sales",
            )
        elif score < SCORE_THRESHOLD:
            task.event(
                "nurture",
                {
                    "kind": "routing",
                    "summary": f"Score {score} is under {SCORE_THRESHOLD}: sent to the newsletter track",
                    "data": {"score": score, "threshold": SCORE_THRESHOLD, "track": "nurture"},
                },
            )

    def between_jobs(self, job: Job) -> None:
        if job.mood == "fails":
            self.agent.report_issue(
                summary="Enrichment API consistently timing out",
                severity="high",
                issue_id="enrichment-timeout",
                category="connectivity",
                context={"api": "enrichment", "timeout_ms": 5000, "task": job.task_id},
            )
        elif job.mood == "retry" and self.failed_count:
            self.agent.resolve_issue("Enrichment API answers again", issue_id="enrichment-timeout")
