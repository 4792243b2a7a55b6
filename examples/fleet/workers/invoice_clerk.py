"""Finance: careful; sums above a limit wait for a person, and on some days the people are slow."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ..inbox import Job
from ..models import GPT_4O_MINI, SONNET
from ..worker import Worker, tracked
from .names import COMPANIES

APPROVAL_LIMIT_USD = 5_000


class InvoiceClerk(Worker):
    agent_id = "invoice-clerk"
    agent_type = "finance"
    version = "2.0.0"
    project = "accounts-payable"
    task_type = "invoice"
    arrival_gap_seconds = 8.0
    first_jobs_waiting = 5
    most_waiting = 18
    entrance_seconds = 1.0
    opening_moods = ("smooth", "large", "unreadable", "large")
    moods = {"smooth": 4, "large": 2, "unreadable": 1}

    def invent(self, number: int, mood: str, dice: Any) -> Job:
        company = dice.choice(COMPANIES)
        amount = dice.randint(8_000, 60_000) if mood == "large" else dice.randint(40, 4_500)
        return Job(
            task_id=f"invoice-{number}",
            summary=f"Invoice of {company} over ${amount:,}",
            mood=mood,
            source="mailbox",
            priority="high" if mood == "large" else "normal",
            detail={"company": company, "amount_text": "1.299,00 EUR" if mood == "unreadable" else str(amount)},
        )

    def perform(self, job: Job, task: Any) -> None:
        amount = self.read_invoice(job, task)
        self.match_order(job, task)
        if amount > APPROVAL_LIMIT_USD:
            self.ask(task, f"Pay ${amount:,} to {job.detail['company']}?", "finance-lead", 35.0)
        self.book_payment()
        task.set_payload({"amount_usd": float(amount)})

    @tracked("read_invoice")
    def read_invoice(self, job: Job, task: Any) -> Decimal:
        amount_text = job.detail["amount_text"]
        self.think(
            task,
            "read_invoice",
            GPT_4O_MINI,
            "Read the total of the attached scan.",
            f'{{"total": "{amount_text}"}}',
            cost_known=False,
        )
        return Decimal(amount_text)

    @tracked("match_order")
    def match_order(self, job: Job, task: Any) -> None:
        self.think(
            task,
            "match_order",
            SONNET,
            f"Which open order of {job.detail['company']} does this invoice belong to?",
            '{"order": "PO-2214", "confidence": 0.88}',
        )

    @tracked("book_payment")
    def book_payment(self) -> None:
        self.work(0.7)

    def between_jobs(self, job: Job) -> None:
        if job.mood == "unreadable":
            self.agent.todo(
                f"todo-{job.task_id}",
                "created",
                f"Ask {job.detail['company']} for a readable invoice",
                priority="normal",
                source="failed_task",
                context=job.task_id,
            )
