"""`python -m frameworks`: an agent for each framework that is installed, until stopped."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import logging
import os
import random
import signal
import threading

import hiveloop

from frameworks.desk import Desk

# By what can be installed together: each room is a process with an environment of its own.
ROOMS = {
    "light": ("langgraph_clerk", "openai_agents_desk", "pydantic_ai_checker", "autogen_team", "clients_writer"),
    "heavy": ("crewai_office", "llama_index_reader", "litellm_translator"),
    "google": ("google_adk_guide",),
}


def main() -> None:
    """Reads the command line, runs the agents, ends them cleanly."""
    parser = argparse.ArgumentParser(prog="frameworks", description="One agent for each framework, watched for real.")
    parser.add_argument("--speed", type=float, default=1.0, help="story seconds per second (default: 1)")
    parser.add_argument("--seed", type=int, default=None, help="the same seed tells the same story")
    parser.add_argument("--duration", type=float, default=None, help="real seconds to run (default: until stopped)")
    parser.add_argument("--room", choices=ROOMS, default="light", help="which of them (default: light)")
    arguments = parser.parse_args()
    # Nothing goes home from a demo.
    for name, value in (("LANGSMITH_TRACING", "false"), ("CREWAI_DISABLE_TELEMETRY", "true")):
        os.environ.setdefault(name, value)
    hb = hiveloop.init()
    told = hiveloop.auto(hb, project="frameworks")
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    moods = random.Random(arguments.seed)
    threads = []
    for name in ROOMS[arguments.room]:
        module = importlib.import_module(f"frameworks.agents.{name}")
        missing = [package for package in module.NEEDS if not is_installed(package)]
        if missing:
            say(f"{name} stays at home: {', '.join(missing)} is not installed")
            continue
        desk = Desk(random.Random(moods.random()), stopped, arguments.speed)
        threads.append(threading.Thread(target=keep_working, args=(module, desk), name=name))
    for thread in threads:
        thread.start()
    say(f"{len(threads)} agents are at work; Ctrl-C ends them\n{told}")
    stopped.wait(arguments.duration)
    stopped.set()
    for thread in threads:
        thread.join(20)
    hiveloop.shutdown()
    say("all events are sent; goodbye")


def keep_working(module: object, desk: Desk) -> None:
    """Does one job after another; a job that goes wrong is the story, not the end."""
    made = module.make(desk)  # type: ignore[attr-defined]
    while not desk.stopped.is_set():
        try:
            module.work(desk, made)  # type: ignore[attr-defined]
        except Exception:
            logging.getLogger("frameworks").exception("a job went wrong")
        desk.pause(2, 6)
    desk.models.close()


def is_installed(package: str) -> bool:
    """Whether it could be imported; its parents are imported for that."""
    try:
        return importlib.util.find_spec(package) is not None
    except ModuleNotFoundError:
        return False


def say(line: str) -> None:
    """Prints one line of news at once."""
    print(f"frameworks: {line}", flush=True)


if __name__ == "__main__":
    main()
