"""What a board would show, asked through the API."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, TypeVar

import httpx

Seen = TypeVar("Seen")


class Board:
    """The API with one key."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url
        self.key = key
        self.client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30)

    def close(self) -> None:
        """Lets go of the connections."""
        self.client.close()

    # -- writing ---------------------------------------------------------------------

    def send(self, agent_id: str, events: list[dict[str, Any]], **envelope: Any) -> dict[str, Any]:
        """Posts a batch that must be accepted whole; returns the receipt."""
        answer = self.post_batch(agent_id, events, **envelope)
        assert answer.status_code == 200, answer.text
        receipt: dict[str, Any] = answer.json()
        assert receipt["accepted"] == len(events), receipt
        return receipt

    def post_batch(self, agent_id: str, events: list[dict[str, Any]], **envelope: Any) -> httpx.Response:
        """Posts a batch and returns whatever is answered."""
        return self.post_body(json.dumps({"envelope": {"agent_id": agent_id, **envelope}, "events": events}).encode())

    def post_body(self, body: bytes, **headers: str) -> httpx.Response:
        """Posts raw bytes to the ingest."""
        return self.client.post("/v1/ingest", content=body, headers={"Content-Type": "application/json"} | headers)

    # -- reading ---------------------------------------------------------------------

    def get(self, path: str, **parameters: Any) -> Any:
        """The JSON of an answer that must be 200."""
        answer = self.client.get(path, params=parameters)
        assert answer.status_code == 200, f"GET {answer.url} gave {answer.status_code}: {answer.text[:2000]}"
        return answer.json()

    def all(self, path: str, **parameters: Any) -> list[dict[str, Any]]:
        """Every item of a list, page by page."""
        items: list[dict[str, Any]] = []
        parameters.setdefault("limit", 200)
        while True:
            page = self.get(path, **parameters)
            items += page["data"]
            if not page["pagination"]["has_more"]:
                return items
            parameters["cursor"] = page["pagination"]["cursor"]

    def agents(self) -> dict[str, dict[str, Any]]:
        """All agents by id."""
        return {agent["agent_id"]: agent for agent in self.all("/v1/agents")}

    def agent(self, agent_id: str) -> dict[str, Any]:
        """One agent."""
        seen: dict[str, Any] = self.get(f"/v1/agents/{agent_id}")
        return seen

    def task(self, task_id: str) -> dict[str, Any]:
        """The latest run of a task, from the list of tasks."""
        runs = [run for run in self.all("/v1/tasks") if run["task_id"] == task_id]
        assert runs, f"no task {task_id}"
        return runs[0]

    def timeline(self, task_id: str, **parameters: Any) -> dict[str, Any]:
        """The timeline of a task's latest run."""
        seen: dict[str, Any] = self.get(f"/v1/tasks/{task_id}/timeline", **parameters)
        return seen

    def pipeline(self, agent_id: str) -> dict[str, Any]:
        """Queue, TODOs, schedule and issues of an agent."""
        seen: dict[str, Any] = self.get(f"/v1/agents/{agent_id}/pipeline")
        return seen

    def events(self, **parameters: Any) -> list[dict[str, Any]]:
        """Every event that fits, newest first."""
        return self.all("/v1/events", **parameters)

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        """Every event whose payload is of that kind, also of kinds that only its sender knows; newest first."""
        return [one for one in self.events() if (one["payload"] or {}).get("kind") == kind]

    def eventually(self, look: Callable[[], Seen], fits: Callable[[Seen], bool], seconds: float) -> Seen:
        """Looks again and again until it fits; the last thing seen is in the failure."""
        deadline = time.monotonic() + seconds
        while True:
            seen = look()
            if fits(seen):
                return seen
            assert time.monotonic() < deadline, f"after {seconds} s still: {json.dumps(seen, default=str)[:3000]}"
            time.sleep(0.05)
