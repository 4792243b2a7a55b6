"""Events as they travel, with only what a test cares about spelled out."""

from __future__ import annotations

import datetime
import uuid
from typing import Any


def moment(seconds_ago: float = 0.0) -> str:
    """A timestamp as clients send it, with microseconds."""
    at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=seconds_ago)
    return at.isoformat(timespec="microseconds")


def event(event_type: str, **fields: Any) -> dict[str, Any]:
    """One event with an id and, unless given, the time of now."""
    return {"event_id": str(uuid.uuid4()), "timestamp": moment(), "event_type": event_type} | fields


def custom(kind: str, data: dict[str, Any], summary: str = "", **fields: Any) -> dict[str, Any]:
    """A `custom` event with a well-known payload."""
    return event("custom", payload={"kind": kind, "summary": summary or kind, "data": data}, **fields)


def registered(stuck_threshold_seconds: int = 300, **fields: Any) -> dict[str, Any]:
    """The registration of an agent."""
    data = {"type": "general", "version": None, "framework": "custom", "stuck_threshold": stuck_threshold_seconds}
    return event("agent_registered", payload={"summary": "registered", "data": data}, **fields)
