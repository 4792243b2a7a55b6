"""Research: slow and thorough, asks again and again with an ever longer prompt; now and then a dear model, which the cost shows."""

from __future__ import annotations

from typing import Any

from ..inbox import Job
from ..models import OPUS, SONNET, Model
from ..worker import Worker, tracked
from .names import COMPANIES, slug

QUESTIONS = (
    "What do they sell, and to whom?",
    "Who competes with them?",
    "What changed in the last year?",
    "What would make them switch to us?",
)


class ResearchAnalyst(Worker):
    agent_id = "research-analyst"
    agent_type = "research"
    framework = "langchain"
    version = "1.7.0"
    project = "market-research"
    task_type = "research_report"
    arrival_gap_seconds = 40.0
    first_jobs_waiting = 2
    opening_moods = ("dead_end", "splurge")
    moods = {"smooth": 3, "dead_end": 2, "splurge": 1}

    def invent(self, number: int, mood: str, dice: Any) -> Job:
        company = dice.choice(COMPANIES)
        return Job(
            task_id=f"report-{slug(company)}-{number}",
            summary=f"Research {company}",
            mood=mood,
            source="analyst-desk",
            detail={"company": company},
        )

    def perform(self, job: Job, task: Any) -> None:
        company = job.detail["company"]
        model = OPUS if job.mood == "splurge" else SONNET
        task.plan(f"Report on {company}", ["Gather sources", "Read and take notes", "Cross-check", "Write the report"])
        with self.step(task, 0, "Searching", "Sources gathered"):
            self.gather_sources(job, task)
        with self.step(task, 1, "Reading", "Notes taken"):
            notes_tokens = self.read_sources(company, task, model)
        if job.mood == "dead_end":
            task.plan(
                f"Report on {company}, without the annual report",
                ["Gather sources", "Read and take notes", "Interview the account manager", "Write the report"],
                revision=1,
            )
            for index in (0, 1):
                task.plan_step(index, "completed", "Kept from the first plan")
            with self.step(task, 2, "Asking the account manager", "Answers noted"):
                self.ask(task, f"Ten minutes of your time about {company}?", "account-manager", 12.0)
        else:
            with self.step(task, 2, "Cross-checking the notes", "Notes hold"):
                self.cross_check(company, task, notes_tokens)
        with self.step(task, 3, "Writing", "Report written"):
            self.write_report(company, task, model, notes_tokens)

    @tracked("gather_sources")
    def gather_sources(self, job: Job, task: Any) -> None:
        for engine in ("news", "filings"):
            with self.agent.track_context(f"search_{engine}") as action:
                self.work(1.2)
                action.set_payload({"engine": engine, "hits": self.dice.randint(2, 40)})
        if job.mood == "dead_end":
            self.persist(task, "Annual report", 2, lambda attempt: self.fetch_annual_report(attempt))

    @tracked("fetch_annual_report")
    def fetch_annual_report(self, attempt: int) -> None:
        self.work(0.9)
        if attempt == 1:
            raise ConnectionResetError("the registry closed the connection")

    @tracked("read_sources")
    def read_sources(self, company: str, task: Any, model: Model) -> int:
        tokens_in = 4_800 if model is OPUS else 2_400
        for question in QUESTIONS:
            prompt = f"Company: {company}. Notes so far and all sources follow. Question: {question}"
            answer = f"Three sources agree on this about {company}; one is two years old and was left out."
            self.think(
                task,
                "read_and_note",
                model,
                prompt,
                answer,
                tokens_in=tokens_in,
                tokens_out=self.dice.randint(120, 260),
            )
            tokens_in = round(tokens_in * 1.9)
        return tokens_in

    @tracked("cross_check")
    def cross_check(self, company: str, task: Any, notes_tokens: int) -> None:
        self.think(
            task,
            "cross_check",
            SONNET,
            f"Find contradictions in the notes about {company}.",
            "None that matter.",
            tokens_in=notes_tokens // 2,
        )

    @tracked("write_report")
    def write_report(self, company: str, task: Any, model: Model, notes_tokens: int) -> None:
        prompt = f"Write a two-page report about {company} from these notes, for a sales team that has ten minutes."
        self.think(
            task,
            "write_report",
            model,
            prompt,
            f"# {company}\n\nIn short: growing, under-served, decides in spring. …",
            tokens_in=notes_tokens,
            tokens_out=900,
        )

    def between_jobs(self, job: Job) -> None:
        self.agent.llm_call(
            "summarize_context", SONNET.name, tokens_in=3000, tokens_out=240, cost=SONNET.cost(3000, 240)
        )
