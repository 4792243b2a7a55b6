"""What all workers share: registering, taking jobs, and the small habits of work."""

from __future__ import annotations

import datetime
import functools
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from .inbox import Inbox, Job
from .models import CHARACTERS_PER_TOKEN, Model
from .stage import Stage

PREVIEW_CHARACTERS = 500
Result = TypeVar("Result")
Method = TypeVar("Method", bound=Callable[..., Any])


def tracked(action_name: str) -> Callable[[Method], Method]:
    """`@agent.track` for methods whose agent exists only once the worker does."""

    def decorate(method: Method) -> Method:
        @functools.wraps(method)
        def call(self: Worker, *args: Any, **kwargs: Any) -> Any:
            return self.agent.track(action_name)(method)(self, *args, **kwargs)

        return cast("Method", call)

    return decorate


class Worker:
    """One agent. A subclass says who it is, what work it gets and how it does it."""

    agent_id = "worker"
    agent_type = "general"
    version = "1.0.0"
    # The board knows the demo by it, and offers a tour.
    framework = "hiveboard-demo"
    project = "demo"
    task_type = "work"
    heartbeat_seconds = 10
    stuck_threshold_seconds = 300
    entrance_seconds = 0.0
    arrival_gap_seconds = 12.0
    rest_seconds = (1.0, 4.0)
    most_waiting = 12
    first_jobs_waiting = 2
    # How the first jobs go, so that a show is interesting early; then by weight.
    opening_moods: tuple[str, ...] = ()
    moods: dict[str, int] = {"smooth": 1}

    def __init__(self, stage: Stage, client: Any) -> None:
        self.stage = stage
        self.dice = stage.dice(self.agent_id)
        self.inbox = Inbox(self._arrivals(stage.dice(self.agent_id + ":jobs")), self.most_waiting)
        self.colleagues: dict[str, Worker] = {}
        self.finished_count = 0
        self.failed_count = 0
        self.turn_count = 0
        self.token_count = 0
        self.run_count = 0
        self.doing = "starting up"
        self.agent = client.agent(
            self.agent_id,
            type=self.agent_type,
            version=self.version,
            framework=self.framework,
            heartbeat_interval=max(1, round(stage.real_seconds(self.heartbeat_seconds))),
            stuck_threshold=max(3, round(stage.real_seconds(self.stuck_threshold_seconds))),
            heartbeat_payload=self.heartbeat,
            queue_provider=lambda: self.inbox.snapshot(stage.now_seconds(), stage.speed),
        )

    # -- who the subclass is ---------------------------------------------------------

    def invent(self, number: int, mood: str, dice: Any) -> Job:
        """The job with this number in the worker's life."""
        raise NotImplementedError

    def perform(self, job: Job, task: Any) -> None:
        """Does the job; what it raises fails the task."""
        raise NotImplementedError

    def settle_in(self) -> None:
        """What the worker tells the board once, before its first job."""

    def between_jobs(self, job: Job) -> None:
        """What the worker tells the board after a job, outside any task."""

    def heartbeat(self) -> dict[str, Any]:
        """The payload of each heartbeat."""
        return {
            "kind": "heartbeat_status",
            "summary": self.doing,
            "data": {"finished": self.finished_count, "failed": self.failed_count, "tokens_used": self.token_count},
        }

    # -- the working day -------------------------------------------------------------

    def run(self) -> None:
        """Works until the stage closes."""
        self.stage.wait(self.entrance_seconds)
        self.settle_in()
        while not self.stage.closing.is_set():
            job = self.inbox.take(self.stage.now_seconds())
            if job is None:
                self.doing = "waiting for work"
                self.stage.wait(1.0)
                continue
            self.attend(job)
            self.between_jobs(job)
            self.stage.wait(self.dice.uniform(*self.rest_seconds))

    def attend(self, job: Job) -> None:
        """Runs one job as one task; a failure is recorded and life goes on."""
        self.run_count += 1
        self.doing = job.summary
        try:
            with self.agent.task(
                job.task_id,
                project=self.project,
                type=self.task_type,
                task_run_id=f"{self.stage.show_id}-{self.agent_id}-{self.run_count}",
                correlation_id=job.correlation_id,
            ) as task:
                self.perform(job, task)
            self.finished_count += 1
        except Exception:  # noqa: BLE001 - the task has recorded it; a worker survives its failures
            self.failed_count += 1
        finally:
            job.done.set()

    @staticmethod
    def later(minutes: float) -> str:
        """A moment this many minutes from now (or ago), as the board reads it."""
        moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
        return moment.isoformat(timespec="seconds").replace("+00:00", "Z")

    # -- habits ----------------------------------------------------------------------

    def work(self, story_seconds: float) -> None:
        """Spends about this much story time."""
        self.stage.wait(story_seconds * self.dice.uniform(0.7, 1.4))

    def think(
        self,
        task: Any,
        call_name: str,
        model: Model,
        prompt: str,
        response: str,
        *,
        tokens_in: int | None = None,
        tokens_out: int | None = None,
        cost_known: bool = True,
    ) -> str:
        """Calls a language model inside `task` and returns its response.

        `cost_known=False` leaves the cost out, as many LLM clients do; the board estimates it.
        """
        tokens_in = tokens_in or len(prompt) // CHARACTERS_PER_TOKEN + self.dice.randint(300, 1200)
        tokens_out = tokens_out or len(response) // CHARACTERS_PER_TOKEN + self.dice.randint(20, 180)
        waited_seconds = self.stage.wait(model.latency_seconds(tokens_out, self.dice))
        task.llm_call(
            call_name,
            model.name,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            cost=model.cost(tokens_in, tokens_out) if cost_known else None,
            duration_ms=round(waited_seconds * 1000),
            prompt_preview=prompt[:PREVIEW_CHARACTERS],
            response_preview=response[:PREVIEW_CHARACTERS],
        )
        self.turn_count += 1
        self.token_count += tokens_in + tokens_out
        return response

    @contextmanager
    def step(self, task: Any, index: int, doing: str, done: str) -> Iterator[None]:
        """One step of the task's plan: started, then completed or failed."""
        task.plan_step(index, "started", doing)
        turns_before, tokens_before = self.turn_count, self.token_count
        try:
            yield
        except Exception as error:
            task.plan_step(index, "failed", f"{doing}: {error}")
            raise
        turns, tokens = self.turn_count - turns_before, self.token_count - tokens_before
        task.plan_step(index, "completed", done, turns=turns, tokens=tokens)

    def persist(self, task: Any, reason: str, attempts: int, try_once: Callable[[int], Result]) -> Result:
        """Tries up to `attempts` times, with a back-off that doubles, and says so each time."""
        for attempt in range(1, attempts):
            try:
                return try_once(attempt)
            except Exception as error:  # noqa: BLE001 - any failure is worth another attempt here
                backoff_seconds = float(2**attempt)
                task.retry(
                    f"{reason}: {error}",
                    attempt=attempt + 1,
                    backoff_seconds=round(self.stage.real_seconds(backoff_seconds), 3),
                )
                self.stage.wait(backoff_seconds)
        return try_once(attempts)

    def ask(self, task: Any, request: str, approver: str, patience_seconds: float, verdict: str = "approved") -> bool:
        """Asks a human and waits for the answer."""
        self.doing = f"waiting for {approver}"
        task.request_approval(request, approver=approver)
        self.work(patience_seconds)
        task.approval_received(f"{approver} {verdict}: {request}", approved_by=approver, decision=verdict)
        return verdict == "approved"

    # -- arrivals --------------------------------------------------------------------

    def _arrivals(self, dice: Any) -> Iterator[Job]:
        at_seconds = 0.0
        first_number = dice.randint(1000, 8000)
        names, weights = list(self.moods), list(self.moods.values())
        for count in itertools.count():
            if count < len(self.opening_moods):
                mood = self.opening_moods[count]
            else:
                mood = dice.choices(names, weights)[0]
            if count >= self.first_jobs_waiting:
                at_seconds += dice.expovariate(1 / self.arrival_gap_seconds)
            job = self.invent(first_number + count, mood, dice)
            job.arrives_at_seconds = at_seconds
            yield job
