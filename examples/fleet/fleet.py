"""The fleet's process: starts the teams, kills the mortal one now and then, ends them all."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass

from .roster import TEAMS, Team

# Story seconds. The absence must outlast the crawler's stuck threshold, or nobody would notice.
LIFE_SECONDS = (22.0, 40.0)
ABSENCE_SECONDS = (28.0, 45.0)
END_SECONDS = 12.0


@dataclass(frozen=True)
class Options:
    """What the command line said."""

    endpoint: str
    api_key: str
    speed: float
    seed: int
    agents: tuple[str, ...]


class Fleet:
    """The running teams.

    Args:
        options: What to run, against which server.
        say: Called with one line of news at a time.
    """

    def __init__(self, options: Options, say: Callable[[str], None] = print) -> None:
        self._options = options
        self._say = say
        self._closing = threading.Event()
        self._teams = [team for team in TEAMS if any(member.agent_id in options.agents for member in team.members)]
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Starts every team in a process of its own."""
        for team in self._teams:
            keeper = self._keep_mortal if team.mortal else self._keep
            thread = threading.Thread(target=keeper, args=(team,), name=f"keeper-{team.name}")
            thread.start()
            self._threads.append(thread)

    def wait(self, seconds: float | None) -> None:
        """Waits until the fleet is told to close, or for so many real seconds."""
        self._closing.wait(seconds)

    def close(self) -> None:
        """Tells the teams to finish; safe in a signal handler and more than once."""
        self._closing.set()

    def join(self) -> None:
        """Waits until every team has finished and flushed."""
        for thread in self._threads:
            thread.join()

    def _keep(self, team: Team) -> None:
        process = self._spawn(team, life=0)
        while not self._closing.wait(0.2):
            if process.poll() is not None:
                self._say(f"team {team.name} ended by itself with exit code {process.returncode}")
                return
        self._end(process)

    def _keep_mortal(self, team: Team) -> None:
        dice = random.Random(f"{self._options.seed}:fate of {team.name}")
        life = 0
        while not self._closing.is_set():
            process = self._spawn(team, life)
            if self._closing.wait(dice.uniform(*LIFE_SECONDS) / self._options.speed):
                self._end(process)
                return
            process.kill()
            process.communicate()
            self._say(f"team {team.name} died (killed on purpose); the board should call it stuck soon")
            # The threshold has a floor of 3 real seconds, however fast the show.
            self._closing.wait(max(dice.uniform(*ABSENCE_SECONDS) / self._options.speed, 5.0))
            life += 1

    def _spawn(self, team: Team, life: int) -> subprocess.Popen[str]:
        options = self._options
        command = [
            sys.executable,
            "-m",
            "fleet.team",
            team.name,
            "--endpoint",
            options.endpoint,
            "--speed",
            str(options.speed),
            "--seed",
            str(options.seed),
            "--agents",
            ",".join(options.agents),
            "--life",
            str(life),
        ]
        # The key travels by the environment: a command line can be read by everyone on the machine.
        environment = os.environ | {"FLEET_API_KEY": options.api_key}
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        assert process.stdout is not None, "stdout was asked to be a pipe"
        if process.stdout.readline():
            self._say(f"team {team.name} is at work" + (f" again (life {life + 1})" if life else ""))
        return process

    def _end(self, process: subprocess.Popen[str]) -> None:
        process.terminate()
        try:
            process.communicate(timeout=END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
