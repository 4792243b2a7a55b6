"""Rounds of: start, check what the last round left, send, kill -9 at a random moment. A day passes with each.

So all that happens by the day happens beside the kills: a new file is begun, ids leave memory, days that are over are compacted, retention takes
days away. In some rounds the rebuild of the derived state is killed, too, or a clean stop is cut short.
"""

from __future__ import annotations

import collections
import contextlib
import random
import sqlite3
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.board import Board
from harness.clock import faked
from harness.server import Server, hiveboard_binary

from .writers import ACTIONS, CALL_COST, CALLS, Writer

WRITERS = 3
DAY_SECONDS = 86_400
# Days: ids are known, live and test data are kept.
DEDUP, LIVE, TEST = 2, 4, 2


@dataclass
class Figures:
    """What happened; zero lost and doubled is the promise."""

    rounds: int = 0
    acknowledged: int = 0
    sent_again: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong_runs: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    days_retired: int = 0
    days_compacted: set[str] = field(default_factory=set)
    compactions_killed: int = 0
    most_day_files: int = 0
    rebuilds_killed: int = 0
    stops_killed: int = 0
    ready_seconds: list[float] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def faults(self) -> list[str]:
        """Everything that must not be."""
        return self.lost + self.doubled + self.wrong_runs + self.refused

    def table(self) -> str:
        """For people."""
        ready = sorted(self.ready_seconds) or [0.0]
        rows = [
            ("rounds", f"{self.rounds}"),
            ("seconds a round", f"{(time.monotonic() - self.began) / max(self.rounds, 1):.2f}"),
            ("events acknowledged", f"{self.acknowledged}"),
            ("events sent again after a lost answer", f"{self.sent_again}"),
            ("lost", f"{len(self.lost)}"),
            ("doubled", f"{len(self.doubled)}"),
            ("runs with wrong figures", f"{len(self.wrong_runs)}"),
            ("refused but for 503", f"{len(self.refused)}"),
            ("rebuilds killed", f"{self.rebuilds_killed}"),
            ("clean stops killed", f"{self.stops_killed}"),
            ("day files taken away by retention", f"{self.days_retired}"),
            ("days compacted", f"{len(self.days_compacted)}"),
            ("killed while compacting", f"{self.compactions_killed}"),
            ("most day files at once", f"{self.most_day_files}"),
            ("ready again, median", f"{statistics.median(ready) * 1000:.0f} ms"),
            ("ready again, 99 of 100", f"{ready[min(len(ready) - 1, len(ready) * 99 // 100)] * 1000:.0f} ms"),
            ("ready again, worst", f"{ready[-1] * 1000:.0f} ms"),
        ]
        return "\n".join(f"{name:<40}{value:>14}" for name, value in rows)


class Torture:
    """One data directory, killed again and again."""

    def __init__(self, folder: Path, seed: int | None = None, say: Callable[[str], None] = print) -> None:
        self.dice = random.Random(seed)
        self.say = say
        self.figures = Figures()
        self.server = Server(folder, DEDUP_DAYS=DEDUP, RETENTION_DAYS=LIVE, LOG="warn")
        self.keys = {"live": self.server.create_key("live"), "test": self.server.create_key("test")}
        self.server.command("retention", "--mode", "test", "--days", str(TEST))
        self.crew: list[Writer] = []
        self.began_day_files: set[str] = set()

    def run(self, rounds: int, progress_every: int = 100) -> Figures:
        """So many kills, and a last look."""
        for number in range(rounds):
            self.start(number)
            self.settle()
            self.send_and_kill(number)
            self.figures.rounds += 1
            if (number + 1) % progress_every == 0:
                seen = self.figures
                self.say(
                    f"{number + 1} rounds, {seen.acknowledged} acknowledged, {len(seen.lost)} lost, "
                    f"{len(seen.doubled)} doubled, ready {statistics.median(seen.ready_seconds) * 1000:.0f} ms"
                )
        self.start(rounds)
        self.settle()
        self.server.stop()
        return self.figures

    def start(self, number: int) -> None:
        """A day later than the last one."""
        self.look_for_compacted()
        self.figures.compactions_killed += bool(list(self.server.data.glob("ev-*.compacting")))
        self.server.environment.update(faked(number * DAY_SECONDS))
        self.figures.ready_seconds.append(self.server.start())
        files = {path.name for path in self.server.data.glob("ev-*.db")}
        self.figures.days_retired += len(self.began_day_files - files)
        self.began_day_files = files
        self.figures.most_day_files = max(self.figures.most_day_files, len(files))

    def look_for_compacted(self) -> None:
        """While nobody has them open."""
        for path in self.server.data.glob("ev-*.db"):
            with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as day:
                tables = {name for (name,) in day.execute("SELECT name FROM sqlite_master")}
                if "about" in tables and day.execute("SELECT 1 FROM about WHERE name = 'compacted'").fetchone():
                    self.figures.days_compacted.add(path.name)

    def settle(self) -> None:
        """What the last round had acknowledged is there, once; what it had not, is once it was sent again; the figures are those of the events."""
        for mode, key in self.keys.items():
            writers = [writer for writer in self.crew if writer.key == key]
            if not writers:
                continue
            board = Board(self.server.url, key)
            name = f"round-{writers[0].round_number}"
            try:
                self.compare(board, name, writers, f"{mode}, {name}: ")
                for writer in writers:
                    self.figures.sent_again += sum(len(batch) for batch in writer.unanswered)
                    writer.send_again()
                    self.figures.refused += writer.refused
                self.compare(board, name, writers, f"{mode}, {name}, sent again: ")
                self.compare_runs(board, name, writers, f"{mode}, {name}: ")
            finally:
                board.close()
        self.crew = []

    def compare(self, board: Board, name: str, writers: list[Writer], where: str) -> None:
        """Counts lost and doubled events."""
        stored = collections.Counter(event["event_id"] for event in board.events(correlation_id=name))
        expected = {event["event_id"] for writer in writers for batch in writer.acknowledged for event in batch}
        self.figures.lost += [where + event_id for event_id in sorted(expected - set(stored))]
        self.figures.doubled += [where + event_id for event_id, count in stored.items() if count > 1]

    def compare_runs(self, board: Board, name: str, writers: list[Writer], where: str) -> None:
        """Each run's figures are those of its events, once."""
        runs = board.all("/v1/tasks", task_type=name)
        shown = {run["task_run_id"]: figures_of(run) for run in runs}
        expected = {
            batch[0]["task_run_id"]: (ACTIONS, CALLS, CALLS * CALL_COST, "completed")
            for writer in writers
            for batch in writer.acknowledged
        }
        if shown != expected:
            names = sorted(set(shown) | set(expected))
            wrong = [run for run in names if shown.get(run) != expected.get(run)]
            self.figures.wrong_runs += [f"{where}{run}: {shown.get(run)} for {expected.get(run)}" for run in wrong]

    def send_and_kill(self, number: int) -> None:
        """Load, then the end, some way or other."""
        self.crew = [
            Writer(self.server, self.keys["test" if place == 0 else "live"], number, number, place)
            for place in range(WRITERS)
        ]
        for writer in self.crew:
            writer.start()
        # Now and then long enough for what goes on beside the writer.
        time.sleep(self.dice.uniform(0.02, 0.25) if self.dice.random() < 0.75 else self.dice.uniform(0.4, 1.6))
        way = self.dice.random()
        if way < 0.1:
            self.stop_cut_short()
        else:
            self.server.kill()
        for writer in self.crew:
            writer.ending.set()
        for writer in self.crew:
            writer.join(10)
            assert not writer.is_alive()
            self.figures.acknowledged += sum(len(batch) for batch in writer.acknowledged)
        if way > 0.9:
            self.rebuild_cut_short()

    def stop_cut_short(self) -> None:
        """SIGTERM, and the end before it is done."""
        assert self.server.process is not None
        self.server.process.terminate()
        time.sleep(self.dice.uniform(0, 0.05))
        self.figures.stops_killed += self.server.process.poll() is None
        self.server.kill()

    def rebuild_cut_short(self) -> None:
        """`hiveboard rebuild`, killed on its way."""
        command = [str(hiveboard_binary()), "rebuild", "--data-dir", str(self.server.data)]
        process = subprocess.Popen(
            command, env=self.server.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(self.dice.uniform(0, 0.08))
        self.figures.rebuilds_killed += process.poll() is None
        process.kill()
        process.wait()


def figures_of(run: dict[str, Any]) -> tuple[int, int, float, str]:
    """What `run_of` makes predictable."""
    return (run["action_count"], run["llm_call_count"], run["total_cost"], run["derived_status"])
