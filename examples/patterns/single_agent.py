"""One long-running agent: one process, one agent, tasks one after the other.

HIVELOOP_API_KEY=hb_live_… HIVELOOP_ENDPOINT=http://localhost:8000 python single_agent.py 10
"""

import sys

import hiveloop

hb = hiveloop.init()
agent = hb.agent("lead-qualifier", type="sales")


@agent.track("score_lead")
def score(lead: str) -> int:
    """Stands for a call of a model."""
    task = hiveloop.current_task()
    if task:
        task.llm_call("scoring", "claude-sonnet-4-20250514", tokens_in=1500, tokens_out=200, cost=0.003)
    return len(lead)


@agent.track("process_lead")
def process(lead: str) -> int:
    """Scores a lead: the action `score_lead` nests in `process_lead`."""
    return score(lead)


for number in range(int(sys.argv[1])):
    with agent.task(f"lead-{number}", project="sales", type="lead_processing") as task:
        task.set_payload({"score": process(f"lead-{number}")})

# A process that ends normally sends what is queued by itself, for at most 5 s; this waits longer if need be.
hiveloop.shutdown(timeout=10)
