"""Engineering: writes code that really is compiled and run, and is wrong at first now and then."""

from __future__ import annotations

from typing import Any

from ..inbox import Job
from ..models import OPUS, SONNET
from ..worker import Worker, tracked

GOOD_CODE = "def total(prices):\n    return sum(prices)\n\nassert total([1, 2]) == 3\n"
CODE = {
    "smooth": (GOOD_CODE,),
    "wrong_twice": (
        "def total(prices)\n    return sum(prices)\n",
        "def total(prices):\n    return max(prices)\n\nassert total([1, 2]) == 3, 'total([1, 2]) is not 3'\n",
        GOOD_CODE,
    ),
    "gives_up": ("import a_module_that_is_not_there\n",) * 3,
}
FEATURES = (
    "rounding of totals",
    "pagination of the export",
    "the retry of webhooks",
    "dark mode of mails",
    "the tax of Iceland",
)


class CodingAssistant(Worker):
    agent_id = "coding-assistant"
    agent_type = "engineering"
    version = "0.9.0"
    project = "web-shop"
    task_type = "pull_request"
    arrival_gap_seconds = 30.0
    first_jobs_waiting = 2
    entrance_seconds = 0.5
    opening_moods = ("wrong_twice", "gives_up")
    moods = {"smooth": 4, "wrong_twice": 3, "gives_up": 1}

    def invent(self, number: int, mood: str, dice: Any) -> Job:
        feature = dice.choice(FEATURES)
        return Job(
            task_id=f"pr-{number}",
            summary=f"Fix {feature}",
            mood=mood,
            source="issue-tracker",
            detail={"feature": feature},
        )

    def perform(self, job: Job, task: Any) -> None:
        task.plan(
            f"Fix {job.detail['feature']}",
            ["Read the code", "Write the change", "Run the tests", "Open the pull request"],
        )
        with self.step(task, 0, "Reading the code", "Understood where to change it"):
            self.read_code(job, task)
        with self.step(task, 1, "Writing and testing", "The change passes its test"):
            attempts = self.persist(task, "Tests failed", 3, lambda attempt: self.write_and_test(job, task, attempt))
        with self.step(task, 2, "Running all tests", "412 passed"):
            self.run_suite()
        with self.step(task, 3, "Opening the pull request", "Opened"):
            self.open_pull_request(job, task)
        task.set_payload({"attempts": attempts, "files_changed": self.dice.randint(1, 5)})

    @tracked("read_code")
    def read_code(self, job: Job, task: Any) -> None:
        for file_name in ("cart.py", "prices.py"):
            with self.agent.track_context("read_file") as action:
                self.work(0.3)
                action.set_payload({"file": file_name})
        self.think(
            task,
            "locate_change",
            SONNET,
            f"Where is {job.detail['feature']} decided in this code?",
            "In prices.py, in total().",
            tokens_in=5200,
        )

    @tracked("write_and_test")
    def write_and_test(self, job: Job, task: Any, attempt: int) -> int:
        versions = CODE[job.mood]
        code = versions[min(attempt, len(versions)) - 1]
        self.think(
            task,
            "write_code",
            OPUS,
            f"Attempt {attempt}. Change the code so that {job.detail['feature']} is right.",
            code,
            tokens_in=4000 + 1500 * attempt,
        )
        self.run_tests(code)
        return attempt

    @tracked("run_tests")
    def run_tests(self, code: str) -> None:
        self.work(1.5)
        exec(compile(code, "prices.py", "exec"), {})

    @tracked("run_suite")
    def run_suite(self) -> None:
        self.work(3.0)

    @tracked("open_pull_request")
    def open_pull_request(self, job: Job, task: Any) -> None:
        self.think(
            task,
            "describe_change",
            SONNET,
            "Describe this change for the reviewer.",
            f"Fixes {job.detail['feature']}. One function changed, one test added.",
        )

    def between_jobs(self, job: Job) -> None:
        if job.mood == "gives_up":
            self.agent.todo(
                f"todo-{job.task_id}",
                "created",
                f"{job.task_id} needs a human: a module is missing",
                priority="high",
                source="failed_task",
            )
