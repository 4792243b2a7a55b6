"""Support: patient, many small tickets; two regions do the same work at different prices."""

from __future__ import annotations

from typing import Any

from ..inbox import Job
from ..models import GPT_4O, HAIKU, Model
from ..worker import Worker, tracked
from .names import PEOPLE

TICKETS = {
    "smooth": (
        "Cannot find the invoice download",
        "Password reset mail does not arrive",
        "How do I add a second workspace?",
    ),
    "escalates": ("Charged twice and the export is empty", "Data of another customer shown in the report"),
    "credit": ("Outage on Tuesday, asking for a credit", "Promised discount missing on renewal"),
    "garbled": ("Fwd: Re: Fwd: (no subject)", "????? see attachment"),
}
ROUTES = {"account": "self-service", "billing": "billing-team", "bug": "engineering"}


class SupportTriage(Worker):
    agent_id = "support-triage"
    agent_type = "support"
    version = "3.1.0"
    project = "customer-support"
    task_type = "ticket_triage"
    model: Model = HAIKU
    arrival_gap_seconds = 9.0
    first_jobs_waiting = 3
    entrance_seconds = 1.0
    opening_moods: tuple[str, ...] = ("smooth", "credit", "escalates", "garbled")
    moods = {"smooth": 7, "escalates": 2, "credit": 2, "garbled": 1}

    def invent(self, number: int, mood: str, dice: Any) -> Job:
        subject = dice.choice(TICKETS[mood])
        return Job(
            task_id=f"ticket-{number}",
            summary=f"Triage: {subject}",
            mood=mood,
            priority="urgent" if mood == "escalates" else dice.choice(("low", "normal")),
            source=dice.choice(("email", "chat", "phone-note")),
            detail={"subject": subject, "customer": dice.choice(PEOPLE), "credit_usd": dice.choice((120, 250, 500))},
        )

    def perform(self, job: Job, task: Any) -> None:
        topic = self.classify_ticket(job, task)
        self.fetch_history(job)
        route = self.choose_route(job, topic)
        if job.mood == "escalates":
            task.escalate(f"Complex case, needs senior review: {job.detail['subject']}", assigned_to="senior-support")
        if job.mood == "credit":
            self.offer_credit(job, task)
        self.draft_reply(job, task, route)
        task.set_payload({"topic": topic, "route": route})

    @tracked("classify_ticket")
    def classify_ticket(self, job: Job, task: Any) -> str:
        topic = {"smooth": "account", "credit": "billing", "escalates": "bug"}.get(job.mood, "unreadable")
        prompt = f"Classify this support ticket as account, billing or bug. Subject: {job.detail['subject']}. From: {job.detail['customer']}."
        self.think(
            task,
            "classify",
            self.model,
            prompt,
            f'{{"topic": "{topic}", "confidence": 0.93}}',
            tokens_out=self.dice.randint(12, 30),
        )
        return topic

    @tracked("fetch_history")
    def fetch_history(self, job: Job) -> None:
        self.work(0.6)

    @tracked("choose_route")
    def choose_route(self, job: Job, topic: str) -> str:
        self.work(0.2)
        return ROUTES[topic]

    @tracked("offer_credit")
    def offer_credit(self, job: Job, task: Any) -> None:
        amount = job.detail["credit_usd"]
        verdict = "approved" if amount < 500 else "rejected"
        self.ask(task, f"Account credit of ${amount} for {job.detail['customer']}", "support-lead", 14.0, verdict)

    @tracked("draft_reply")
    def draft_reply(self, job: Job, task: Any, route: str) -> None:
        prompt = f"Write a short, warm reply to {job.detail['customer']} about '{job.detail['subject']}'. The case goes to {route}."
        response = f"Hi {job.detail['customer'].split()[0]}, thank you for telling us. I have passed this to {route}; you will hear from us today."
        self.think(task, "draft_reply", self.model, prompt, response, tokens_out=self.dice.randint(90, 220))

    def between_jobs(self, job: Job) -> None:
        if job.mood == "escalates":
            self.agent.todo(
                f"todo-{job.task_id}",
                "created",
                f"Check back on {job.task_id} tomorrow",
                priority="high",
                source="agent_decision",
            )


class SupportTriageEurope(SupportTriage):
    """The same work on a dearer model: the board shows what that costs."""

    agent_id = "support-triage-eu"
    model = GPT_4O
    version = "3.0.2"
    entrance_seconds = 3.0
    arrival_gap_seconds = 12.0
    opening_moods = ("smooth", "smooth", "credit")
