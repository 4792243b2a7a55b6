"""Made-up but complete streams of events, the same for the same seed."""

from __future__ import annotations

import datetime
import random
from typing import Any

from .events import custom, event

MODELS = ("claude-sonnet-4-20250514", "gpt-4o-mini", "a-model-without-a-price")


class Story:
    """Events of one agent, one after the other, a few milliseconds apart.

    Args:
        seed: Decides everything but the event ids' looks.
        minutes_ago: When the story begins.
    """

    def __init__(self, seed: int, minutes_ago: float = 30.0) -> None:
        self.seed = seed
        self.dice = random.Random(seed)
        self.now = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=minutes_ago)
        self.events: list[dict[str, Any]] = []

    def tell(self, event_made: dict[str, Any]) -> None:
        """Puts the event at the next moment and under an id that the seed decides."""
        self.now += datetime.timedelta(microseconds=self.dice.randint(1, 40_000))
        event_made["timestamp"] = self.now.isoformat(timespec="microseconds")
        event_made["event_id"] = f"{self.seed}-{len(self.events)}-{self.dice.getrandbits(64):x}"
        self.events.append(event_made)

    def run(self, number: int) -> None:
        """One run of one task with a little of everything."""
        dice = self.dice
        fields = {
            "task_id": f"task-{number % 7}",
            "task_run_id": f"run-{number}",
            "task_type": dice.choice(("triage", "report")),
            "project_id": dice.choice(("alpha", "beta")),
            "correlation_id": f"flow-{number % 3}",
        }
        self.tell(event("task_started", payload={"summary": "started"}, **fields))
        if dice.random() < 0.6:
            steps = [{"index": index, "description": f"step {index}"} for index in range(3)]
            self.tell(custom("plan_created", {"goal": f"goal {number}", "steps": steps, "revision": 0}, **fields))
            for index in range(dice.randint(0, 3)):
                for action in ("started", dice.choice(("completed", "failed", "skipped"))):
                    self.tell(
                        custom(
                            "plan_step",
                            {
                                "step_index": index,
                                "total_steps": 3,
                                "action": action,
                                "turns": 1,
                                "tokens": 50,
                                "plan_revision": 0,
                            },
                            **fields,
                        )
                    )
        for index in range(dice.randint(1, 3)):
            self._action(f"{number}-{index}", fields)
        if dice.random() < 0.3:
            self.tell(event("approval_requested", payload={"summary": "may I", "data": {"approver": "lead"}}, **fields))
            self.tell(
                event(
                    "approval_received",
                    payload={"summary": "yes", "data": {"approved_by": "lead", "decision": "approved"}},
                    **fields,
                )
            )
        if dice.random() < 0.3:
            self.tell(event("escalated", payload={"summary": "look", "data": {"assigned_to": "senior"}}, **fields))
        failed = dice.random() < 0.25
        payload = {"summary": "end"} | ({"exception_type": "ValueError", "exception_message": "no"} if failed else {})
        self.tell(
            event(
                "task_failed" if failed else "task_completed",
                duration_ms=dice.randint(5, 9000),
                payload=payload,
                **fields,
            )
        )

    def beside(self, number: int) -> None:
        """What an agent reports outside of tasks."""
        dice = self.dice
        self.tell(
            custom(
                "queue_snapshot", {"depth": dice.randint(0, 9), "oldest_age_seconds": dice.randint(0, 99), "items": []}
            )
        )
        self.tell(
            custom(
                "todo",
                {
                    "todo_id": f"todo-{number % 4}",
                    "action": dice.choice(("created", "completed", "deferred", "dismissed", "failed")),
                    "priority": "high",
                },
                f"todo {number}",
            )
        )
        self.tell(
            custom(
                "issue",
                {
                    "issue_id": f"issue-{number % 3}",
                    "severity": dice.choice(("low", "critical")),
                    "action": dice.choice(("reported", "reported", "resolved")),
                },
                f"issue {number}",
            )
        )
        self.tell(
            custom(
                "issue",
                {"severity": "medium", "action": "reported", "occurrence_count": dice.randint(1, 5)},
                f"Timeout after {number} s",
            )
        )
        self.tell(
            custom(
                "scheduled",
                {
                    "items": [
                        {
                            "id": "s",
                            "name": f"sync {number}",
                            "next_run": None,
                            "interval": "1h",
                            "enabled": True,
                            "last_status": None,
                        }
                    ]
                },
            )
        )

    def _action(self, action_id: str, fields: dict[str, Any]) -> None:
        dice = self.dice
        inside = fields | {"parent_action_id": action_id}
        self.tell(event("action_started", action_id=action_id, payload={"action_name": "outer"}, **fields))
        self.tell(event("action_started", action_id=f"{action_id}-inner", payload={"action_name": "inner"}, **inside))
        self.tell(
            event(
                "retry_started", payload={"summary": "again", "data": {"attempt": 2, "backoff_seconds": 1.5}}, **fields
            )
        )
        data: dict[str, Any] = {
            "name": "ask",
            "model": dice.choice(MODELS),
            "tokens_in": dice.randint(10, 9000),
            "tokens_out": dice.randint(1, 900),
            "duration_ms": dice.randint(1, 3000),
        }
        if dice.random() < 0.5:
            data["cost"] = round(dice.random() / 7, 9)
        self.tell(custom("llm_call", data, action_id=f"{action_id}-inner", **fields))
        self.tell(
            event(
                "action_completed",
                action_id=f"{action_id}-inner",
                duration_ms=dice.randint(1, 800),
                payload={"action_name": "inner"},
                **inside,
            )
        )
        self.tell(
            event(
                dice.choice(("action_completed", "action_failed")),
                action_id=action_id,
                duration_ms=dice.randint(1, 900),
                payload={"action_name": "outer"},
                **fields,
            )
        )


def full_story(seed: int, runs: int = 25) -> list[dict[str, Any]]:
    """A tidy stream: many runs and all that an agent reports beside them."""
    story = Story(seed)
    story.tell(
        event(
            "agent_registered",
            payload={
                "summary": "registered",
                "data": {"type": "general", "version": "1.0", "framework": "custom", "stuck_threshold": 300},
            },
        )
    )
    for number in range(runs):
        story.run(number)
        story.beside(number)
    return story.events
