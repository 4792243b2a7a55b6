"""Agents that come and go while the program runs, as on a platform with many tenants.

Reads what to do from standard input, a line each: `start acme`, `work acme ticket-1`, `stop acme`.

    HIVELOOP_API_KEY=hb_live_… HIVELOOP_ENDPOINT=http://localhost:8000 python dynamic_agents.py
"""

import sys

import hiveloop

hb = hiveloop.init(flush_interval=0.2)
agents: dict[str, hiveloop.Agent] = {}


def create_agent(agent_id: str) -> None:
    """Registers an agent, which then shows on the board and sends heartbeats."""
    agents[agent_id] = hb.agent(agent_id, type="tenant", heartbeat_interval=0.2, stuck_threshold=5)


def remove_agent(agent_id: str) -> None:
    """Lets go of an agent that has done its work: its heartbeats stop, and the board notices after `stuck_threshold` seconds.

    `hb.remove_agent(agent_id)` would say goodbye: the board then shows it as gone, and not as stuck.
    """
    agents.pop(agent_id, None)


def work(agent_id: str, task_id: str) -> None:
    """Performs a task of an agent that exists."""
    agent = agents.get(agent_id)
    if agent is None:
        print(f"there is no agent {agent_id}", flush=True)
        return
    with agent.task(task_id, project="platform") as task:
        task.event("custom", {"kind": "answered", "summary": f"Answered {task_id}"})


for line in sys.stdin:
    match line.split():
        case ["start", agent_id]:
            create_agent(agent_id)
        case ["work", agent_id, task_id]:
            work(agent_id, task_id)
        case ["stop", agent_id]:
            remove_agent(agent_id)
    print(f"done: {line.strip()}", flush=True)
