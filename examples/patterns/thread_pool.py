"""One task whose steps run in the threads of an executor.

HIVELOOP_API_KEY=hb_live_… HIVELOOP_ENDPOINT=http://localhost:8000 python thread_pool.py 10
"""

import sys
from concurrent.futures import ThreadPoolExecutor

import hiveloop

hb = hiveloop.init()
agent = hb.agent("researcher", type="research")


@agent.track("search")
def search(query: str) -> str:
    """Stands for a search followed by a summary."""
    task = hiveloop.current_task()
    if task:
        task.llm_call("summary of " + query, "claude-haiku-4-5-20251001", tokens_in=900, tokens_out=90, cost=0.001)
    return query.title()


with ThreadPoolExecutor(8) as executor:
    for number in range(int(sys.argv[1])):
        with agent.task(f"report-{number}", project="research") as task, agent.track_context("gather"):
            queries = [f"report {number} source {source}" for source in range(5)]
            # Threads start without a task; `propagate` brings along the one, and the action, that are current here.
            found = list(executor.map(hiveloop.propagate(search), queries))
            task.event("custom", {"kind": "found", "summary": f"Found {len(found)} sources"})
