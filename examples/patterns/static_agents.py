"""A fixed number of agents, each in its own thread (manual §7.2)."""

import threading

import hiveloop

hb = hiveloop.init()
agents = [
    hb.agent("lead-qualifier", type="sales"),
    hb.agent("support-triage", type="support"),
    hb.agent("data-pipeline", type="etl"),
]


def work(agent: hiveloop.Agent) -> None:
    """Each thread is inside of its own tasks only."""
    for number in range(5):
        with agent.task(f"{agent.agent_id}-{number}", project="patterns"), agent.track_context("step"):
            pass


threads = [threading.Thread(target=work, args=(agent,)) for agent in agents]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
hiveloop.shutdown(timeout=10)
