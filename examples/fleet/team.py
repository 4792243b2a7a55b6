"""One team's process: `python -m fleet.team`. Started by the fleet, seldom by hand.

It ends when told to (SIGINT, SIGTERM), and also when its standard input closes,
so that it never outlives the fleet that started it.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading

import hiveloop

from .roster import team_named
from .stage import Stage

FINISH_SECONDS = 5.0
FLUSH_SECONDS = 5
# Time-sensitive views feel alive only when events leave soon after they happen.
FLUSH_INTERVAL_SECONDS = 1.0


def main() -> None:
    """Runs the team until it is told to stop, then flushes."""
    parser = argparse.ArgumentParser(prog="fleet.team")
    parser.add_argument("name")
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--speed", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--agents", required=True, help="comma-separated")
    parser.add_argument("--life", type=int, default=0, help="how many times this team has died before")
    options = parser.parse_args()

    stage = Stage(options.speed, options.seed + options.life)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stage.closing.set())
    threading.Thread(target=close_with_standard_input, args=(stage,), daemon=True).start()

    team = team_named(options.name)
    client = hiveloop.init(
        api_key=os.environ["FLEET_API_KEY"],
        endpoint=options.endpoint,
        environment=team.environment,
        group=team.name,
        flush_interval=FLUSH_INTERVAL_SECONDS,
    )
    members = [member for member in team.members if member.agent_id in options.agents.split(",")]
    if options.life:
        for member in members:
            # A crash is fixed by a new version; the board can compare the two.
            member.version = f"1.0.{options.life}"
    workers = [member(stage, client) for member in members]
    for worker in workers:
        worker.colleagues = {other.agent_id: other for other in workers if other is not worker}
    # Daemons: a worker that does not finish in time is left behind.
    threads = [threading.Thread(target=worker.run, name=worker.agent_id, daemon=True) for worker in workers]
    for thread in threads:
        thread.start()
    print("at work", flush=True)
    stage.closing.wait()
    for thread in threads:
        thread.join(FINISH_SECONDS)
    hiveloop.shutdown(timeout=FLUSH_SECONDS)


def close_with_standard_input(stage: Stage) -> None:
    """Closes the stage once the fleet's end of the pipe is gone."""
    sys.stdin.read()
    stage.closing.set()


if __name__ == "__main__":
    main()
