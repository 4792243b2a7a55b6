"""Work in child processes of `multiprocessing`, whatever their start method.

HIVELOOP_API_KEY=hb_live_… HIVELOOP_ENDPOINT=http://localhost:8000 python multiprocess.py fork 20
"""

import multiprocessing
import sys

import hiveloop


def process(number: int) -> int:
    """Runs in a child.

    A forked child has its parent's client; a spawned one starts from nothing. `init` gives the one or makes the other.
    What is queued is sent when the child ends, although such children run no `atexit` handlers.
    """
    agent = hiveloop.init().agent("batch-worker", type="etl", heartbeat_interval=1)
    with agent.task(f"batch-{number}", project="batches") as task, agent.track_context("square"):
        task.llm_call("reasoning", "claude-haiku-4-5-20251001", tokens_in=10, tokens_out=1, cost=0.001)
        return number * number


if __name__ == "__main__":
    method, count = sys.argv[1], int(sys.argv[2])
    coordinator = hiveloop.init().agent("coordinator", type="etl")
    context = multiprocessing.get_context(method)
    with coordinator.task("all-batches", project="batches"), context.Pool(2) as pool:
        print(sum(pool.map(process, range(count), chunksize=1)))
        # Leaving the pool kills its children; these two lines let them end, and send what they have.
        pool.close()
        pool.join()
