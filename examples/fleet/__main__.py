"""`python -m fleet`: runs the demo fleet against a HiveBoard server."""

from __future__ import annotations

import argparse
import os
import random
import signal

from .fleet import Fleet, Options
from .roster import AGENT_IDS


def main() -> None:
    """Reads the command line, runs the fleet, ends it cleanly."""
    parser = argparse.ArgumentParser(prog="fleet", description="Fourteen made-up agents, watched for real.")
    parser.add_argument("--endpoint", default=os.environ.get("HIVELOOP_ENDPOINT", "http://localhost:8000"))
    parser.add_argument(
        "--api-key", default=os.environ.get("HIVELOOP_API_KEY"), help="a live or test key (default: HIVELOOP_API_KEY)"
    )
    parser.add_argument("--speed", type=positive, default=1.0, help="story seconds per second (default: 1)")
    parser.add_argument(
        "--seed", type=int, default=None, help="the same seed tells the same story (default: a new one)"
    )
    parser.add_argument("--duration", type=positive, default=None, help="real seconds to run (default: until stopped)")
    parser.add_argument("--agents", default=",".join(AGENT_IDS), help="comma-separated agent ids (default: all)")
    arguments = parser.parse_args()
    if not arguments.api_key:
        parser.error("give --api-key or set HIVELOOP_API_KEY")
    agents = tuple(arguments.agents.split(","))
    unknown = [agent for agent in agents if agent not in AGENT_IDS]
    if unknown:
        parser.error(f"no such agent: {', '.join(unknown)}; there are {', '.join(AGENT_IDS)}")
    seed = random.randrange(10**6) if arguments.seed is None else arguments.seed

    fleet = Fleet(Options(arguments.endpoint, arguments.api_key, arguments.speed, seed, agents), say)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: fleet.close())
    say(
        f"{len(agents)} agents report to {arguments.endpoint} (seed {seed}, speed {arguments.speed:g}); Ctrl-C ends them"
    )
    fleet.start()
    fleet.wait(arguments.duration)
    fleet.close()
    say("finishing what is in hand")
    fleet.join()
    say("all events are sent; goodbye")


def positive(text: str) -> float:
    """A number above zero."""
    number = float(text)
    if number <= 0:
        raise argparse.ArgumentTypeError("must be above 0")
    return number


def say(line: str) -> None:
    """Prints one line of news at once."""
    print(f"fleet: {line}", flush=True)


if __name__ == "__main__":
    main()
