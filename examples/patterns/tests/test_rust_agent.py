"""The example of the Rust crate, against the same server."""

from __future__ import annotations

import os
import subprocess
from collections import Counter

import pytest
from conftest import PATTERNS

from harness.board import Board


# Where the crate was never built, cargo does that first.
@pytest.mark.timeout(600)
def test_rust_agent(board: Board) -> None:
    result = subprocess.run(
        ["cargo", "run", "--quiet", "--package", "hiveloop", "--example", "agent"],
        cwd=PATTERNS.parents[1],
        env=os.environ | {"HIVELOOP_API_KEY": board.key, "HIVELOOP_ENDPOINT": board.url},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.endswith("everything delivered: true\n")
    runs = Counter((run["task_id"], run["derived_status"]) for run in board.all("/v1/tasks"))
    assert runs == {(f"lead-{lead}", "failed" if lead % 3 == 2 else "completed"): 1 for lead in range(9)}
    timeline = board.timeline("lead-5")
    end = timeline["events"][-1]["payload"]
    assert (end["exception_type"], end["exception_message"]) == ("ScoreError", "lead 5 has no company")
    (action,) = timeline["action_tree"]
    assert (action["name"], action["status"]) == ("score_lead", "failed")
    steps = [(step["description"], step["action"]) for step in board.timeline("lead-1")["plan"]["steps"]]
    assert steps == [("Score it", "completed"), ("Route it", "completed")]
    (issue,) = board.pipeline("rust-qualifier")["issues"]["items"]
    assert (issue["issue_id"], issue["severity"], issue["occurrences"]) == ("no-company", "low", 3)
