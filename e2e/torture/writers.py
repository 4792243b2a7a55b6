"""Those who send while the server is killed, and remember what was acknowledged."""

from __future__ import annotations

import http.client
import json
import threading
import time
import uuid
from typing import Any

from harness.clock import moment
from harness.server import Server

ACTIONS = 2
CALLS = 2
CALL_COST = 0.25


def run_of(round_number: int, days: float, task_id: str) -> list[dict[str, Any]]:
    """One whole run: started, two actions, two model calls, completed."""
    made: list[dict[str, Any]] = []

    def tell(event_type: str, payload: dict[str, Any] | None = None, **more: Any) -> None:
        made.append(
            {
                "event_id": str(uuid.uuid4()),
                "timestamp": moment(days, 1 - len(made) / 1000),
                "event_type": event_type,
                "task_id": task_id,
                "task_run_id": task_id,
                "task_type": f"round-{round_number}",
                "correlation_id": f"round-{round_number}",
                "payload": payload or {"summary": event_type},
            }
            | more
        )

    tell("task_started")
    for number in range(ACTIONS):
        action = {"action_id": f"{task_id}-{number}"}
        tell("action_started", {"action_name": "look"}, **action)
        tell("action_completed", {"action_name": "look"}, duration_ms=1.5, **action)
    for _ in range(CALLS):
        data = {"name": "think", "model": "a-model", "tokens_in": 10, "tokens_out": 5, "cost": CALL_COST}
        tell("custom", {"kind": "llm_call", "summary": "asked", "data": data})
    tell("task_completed", {"summary": "done"}, duration_ms=1000)
    return made


class Writer(threading.Thread):
    """Sends one run after another, a batch each, until told to end or cut off; a stubborn one goes on after errors."""

    def __init__(
        self, server: Server, key: str, round_number: int, days: float, number: int, *, stubborn: bool = False
    ) -> None:
        super().__init__(daemon=True)
        self.stubborn = stubborn
        self.server, self.key, self.number = server, key, number
        self.round_number, self.days = round_number, days
        self.acknowledged: list[list[dict[str, Any]]] = []
        self.unanswered: list[list[dict[str, Any]]] = []
        self.refused: list[str] = []
        self.ending = threading.Event()

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=5)
        count = 0
        while not self.ending.is_set():
            batch = run_of(self.round_number, self.days, f"{self.round_number}-{self.number}-{count}")
            count += 1
            if not self.post(connection, batch) and not self.stubborn:
                break
        connection.close()

    def post(self, connection: http.client.HTTPConnection, batch: list[dict[str, Any]]) -> bool:
        """Sends a batch; answers whether it is worth going on."""
        body = json.dumps({"envelope": {"agent_id": f"writer-{self.number}"}, "events": batch})
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        try:
            connection.request("POST", "/v1/ingest", body, headers)
            answer = connection.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException):
            self.unanswered.append(batch)
            return False
        if answer.status == 200:
            self.acknowledged.append(batch)
            return True
        self.unanswered.append(batch)
        if answer.status != 503:
            self.refused.append(f"{answer.status}: {said[:300]!r}")
        time.sleep(0.02)
        return answer.status == 503

    def send_again(self) -> None:
        """What a client does after a lost answer: the same events with the same ids."""
        pending, self.unanswered = self.unanswered, []
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=10)
        for batch in pending:
            self.post(connection, batch)
        connection.close()
