"""Agents that are made and removed at runtime (manual §7.3)."""

import hiveloop

hb = hiveloop.init()
_agents: dict[str, hiveloop.Agent] = {}


def create_agent(agent_id: str, agent_type: str) -> hiveloop.Agent:
    """Called whenever the system makes an agent."""
    _agents[agent_id] = hb.agent(agent_id, type=agent_type)
    return _agents[agent_id]


def remove_agent(agent_id: str) -> None:
    """Called when an agent is removed: its heartbeat stops, and the board shows it as stuck after its threshold."""
    _agents.pop(agent_id, None)


for tenant in ("acme", "globex", "initech"):
    agent = create_agent(f"assistant-{tenant}", "assistant")
    with agent.task(f"welcome-{tenant}", project="patterns"):
        agent.todo(f"todo-{tenant}", "created", "Read the tenant's documents", priority="normal")
remove_agent("assistant-globex")
hiveloop.shutdown(timeout=10)
