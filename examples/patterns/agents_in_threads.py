"""A fixed set of agents, each in a thread of its own.

HIVELOOP_API_KEY=hb_live_… HIVELOOP_ENDPOINT=http://localhost:8000 python agents_in_threads.py 10
"""

import sys
import threading

import hiveloop

hb = hiveloop.init()
AGENTS = {
    "lead-qualifier": "sales",
    "support-triage": "support",
    "data-pipeline": "etl",
}


def run(agent: hiveloop.Agent, count: int) -> None:
    """Performs some tasks, one after the other."""

    @agent.track("work")
    def work(task: hiveloop.Task, number: int) -> None:
        task.llm_call(f"job {number}", "claude-haiku-4-5-20251001", tokens_in=100, tokens_out=10, cost=0.001)

    for number in range(count):
        # Tasks of different agents may have the same id.
        with agent.task(f"job-{number}", project="fleet") as task:
            work(task, number)


threads = [
    threading.Thread(target=run, args=(hb.agent(agent_id, type=agent_type), int(sys.argv[1])))
    for agent_id, agent_type in AGENTS.items()
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
